//! Everything a worker needs, in this process and a folder, quick to retry.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use pyservice::broker::{Broker, DeadLetter, Depths, Event, MemoryBroker, Outgoing, Timing};
use pyservice::config::SourceAfter;
use pyservice::drive::Drive;
use pyservice::drive::folder::Folder;
use pyservice::job::{JobId, RemotePath};
use pyservice::ledger::{Begin, Ledger, Memory};
use pyservice::reference::{File, Reference};
use pyservice::worker::{Rules, Worker};
use tempfile::TempDir;
use tokio::sync::broadcast;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::harness::customers::Customers;
use crate::harness::results::Results;

/// Long enough for a slow machine, short enough to fail a test that hangs.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// How long a job stays ours without a sign of life.
pub const LEASE: Duration = Duration::from_millis(400);

/// When every job of these tests first began. Not long ago: old jobs are forgotten.
pub fn date() -> DateTime<Utc> {
    static DATE: LazyLock<DateTime<Utc>> = LazyLock::new(|| Utc::now() - TimeDelta::days(1));
    *DATE
}

pub struct Embedded {
    folder: TempDir,
    pub queue: MemoryBroker,
    pub drive: Arc<dyn Drive>,
    pub ledger: Arc<dyn Ledger>,
    pub reference: Arc<dyn Reference>,
    pub rules: Rules,
}

impl Embedded {
    /// With `customers` in `work/clientes.csv` and in the reference base.
    pub fn new(customers: &Customers) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().join("base.jsonl");
        std::fs::write(&base, customers.known_jsonl()).unwrap();
        let timing = Timing {
            retry: [30, 60, 90].map(Duration::from_millis),
            ..Timing::default()
        };
        let path = |text: &str| RemotePath::parse(text).unwrap();
        let embedded = Embedded {
            queue: MemoryBroker::new(1, timing),
            drive: Arc::new(Folder::open(&folder.path().join("drive")).unwrap()),
            ledger: Arc::new(Memory::new()),
            reference: Arc::new(File::open(base).unwrap()),
            rules: Rules {
                work: path("work"),
                finished: path("finalizado"),
                scratch: folder.path().join("scratch"),
                program: None,
                parallel_jobs: 1,
                deadline: DEADLINE,
                grace: DEADLINE,
                max_file_bytes: 100_000_000,
                source_after: SourceAfter::Keep,
                lease: LEASE,
                crash_at: None,
            },
            folder,
        };
        embedded.put("clientes.csv", &customers.csv_1252(b';'));
        embedded
    }

    /// A file in the work folder.
    pub fn put(&self, name: &str, bytes: &[u8]) {
        let work = self.folder.path().join("drive/work");
        std::fs::create_dir_all(&work).unwrap();
        std::fs::write(work.join(name), bytes).unwrap();
    }

    /// A job named like its file, which began at the one date of these tests.
    pub async fn publish(&self, name: &str) {
        let job = JobId::given(name);
        let begun = self.ledger.begin(&job, date(), Duration::ZERO).await;
        if let Begin::Start { lease, .. } = begun.unwrap() {
            self.ledger.abandon(&lease).await.unwrap();
        }
        self.publish_again(name).await;
    }

    /// One more message for the same job.
    pub async fn publish_again(&self, name: &str) {
        let message = Outgoing {
            body: name.into(),
            message_id: Some(name.to_owned()),
            ..Outgoing::default()
        };
        self.queue.publish(message).await.unwrap();
    }

    pub fn worker(&self) -> Worker {
        Worker {
            broker: Arc::new(self.queue.reconnect(self.rules.parallel_jobs)),
            drive: self.drive.clone(),
            reference: Some(self.reference.clone()),
            ledger: self.ledger.clone(),
            metrics: Arc::default(),
            recipes: Arc::default(),
            rules: self.rules.clone(),
        }
    }

    /// Runs `worker` until an event of this name, which is returned.
    pub async fn until(&self, worker: Worker, event: &str) -> Event {
        let mut events = self.queue.events();
        let running = Running::start(worker);
        let found = next_event(&mut events, event).await;
        running.stop().await;
        found
    }

    pub fn results(&self, stem: &str) -> Results {
        Results::in_folder(&self.finished(), stem)
    }

    pub fn finished(&self) -> PathBuf {
        self.folder.path().join("drive/finalizado")
    }

    /// That every message was answered, none of them by giving up, and nothing lies about.
    pub async fn is_clean(&self) {
        assert_eq!(self.queue.depths().await.unwrap(), Depths::default());
        self.left_nothing_behind();
    }

    /// That no scratch folder is left.
    pub fn left_nothing_behind(&self) {
        let left = std::fs::read_dir(&self.rules.scratch).map_or(0, Iterator::count);
        assert_eq!(left, 0);
    }

    /// The one dead letter.
    pub async fn dead_letter(&self) -> DeadLetter {
        let mut dead = self.queue.dead_letters(9).await.unwrap();
        assert_eq!(dead.len(), 1, "{dead:?}");
        dead.remove(0)
    }
}

/// A worker at work.
pub struct Running {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    pub fn start(worker: Worker) -> Self {
        let stop = CancellationToken::new();
        Running {
            task: tokio::spawn(Arc::new(worker).run(stop.clone())),
            stop,
        }
    }

    pub async fn stop(self) {
        self.stop.cancel();
        timeout(DEADLINE, self.task).await.unwrap().unwrap();
    }
}

/// The next event of this name.
pub async fn next_event(events: &mut broadcast::Receiver<Event>, name: &str) -> Event {
    let mut seen = Vec::new();
    let waiting = async {
        loop {
            let event = events.recv().await.unwrap();
            if event.name == name {
                return event;
            }
            seen.push(format!(
                "{} {} {}",
                event.name, event.body["file"], event.body["reason"]
            ));
        }
    };
    match timeout(DEADLINE, waiting).await {
        Ok(event) => event,
        Err(_) => panic!("`{name}` never came, but {seen:?}"),
    }
}

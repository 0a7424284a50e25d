//! Running jobs: the loop, one job from its message to its answer, and the treatment of a file.

mod causes;
mod crash;
mod delivered;
mod delivery;
mod drafts;
mod finishing;
mod job;
mod lookups;
mod measure;
mod news;
mod outputs;
mod progress;
mod survey;
mod tables;
mod telling;
mod track;
mod treatment;
mod trial;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::broker::Broker;
use crate::config::SourceAfter;
use crate::drive::Drive;
use crate::job::{RemotePath, Stage};
use crate::ledger::Ledger;
use crate::recipe::Recipes;
use crate::reference::Reference;
use crate::telemetry::Metrics;

pub use drafts::{Draft, Set, Treated};
pub use progress::{Progress, Step};
pub use tables::Untreated;
pub use treatment::{Treatment, clear, treat};
pub use trial::{Trial, TriedChange, TriedColumn, rehearse};

/// How long a job that is done is known to be.
const REMEMBERED: chrono::TimeDelta = chrono::TimeDelta::days(90);

/// How jobs are run.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Where work files lie on the drive.
    pub work: RemotePath,
    /// Where results go.
    pub finished: RemotePath,
    /// A local folder for the scratch folders of jobs.
    pub scratch: PathBuf,
    /// The program that converts files in a process of its own: ours.
    pub program: Option<PathBuf>,
    pub parallel_jobs: u16,
    pub deadline: Duration,
    pub grace: Duration,
    pub max_file_bytes: u64,
    pub source_after: SourceAfter,
    /// How long a job is ours without a sign of life.
    pub lease: Duration,
    /// Dies after this stage: only tests want that.
    pub crash_at: Option<Stage>,
}

/// Takes jobs from a broker and runs them.
pub struct Worker {
    pub broker: Arc<dyn Broker>,
    pub drive: Arc<dyn Drive>,
    pub reference: Option<Arc<dyn Reference>>,
    pub ledger: Arc<dyn Ledger>,
    pub metrics: Arc<Metrics>,
    pub recipes: Arc<Recipes>,
    pub rules: Rules,
}

impl Worker {
    /// Runs jobs until `stop` is cancelled and the running ones have ended, or their time to end
    /// is over; what is unfinished then goes back to the queue.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        self.sweep();
        if let Err(error) = self.ledger.forget_before(Utc::now() - REMEMBERED).await {
            tracing::warn!(%error, "cannot forget old jobs");
        }
        let permits = Arc::new(Semaphore::new(usize::from(self.rules.parallel_jobs)));
        let jobs = TaskTracker::new();
        let hurry = CancellationToken::new();
        loop {
            // A permit first: a message in hand without one would wait unseen by others.
            let permit = tokio::select! {
                () = stop.cancelled() => break,
                permit = permits.clone().acquire_owned() => permit,
            };
            let delivery = tokio::select! {
                () = stop.cancelled() => break,
                delivery = self.broker.next() => delivery,
            };
            let (Ok(permit), Some(delivery)) = (permit, delivery) else {
                break;
            };
            let (worker, hurry) = (self.clone(), hurry.clone());
            jobs.spawn(async move {
                delivery::answer(worker, delivery, hurry).await;
                drop(permit);
            });
        }
        self.broker.stop_consuming().await;
        jobs.close();
        if !jobs.is_empty() {
            tracing::info!(jobs = jobs.len(), "waiting for running jobs");
        }
        if timeout(self.rules.grace, jobs.wait()).await.is_err() {
            tracing::warn!(jobs = jobs.len(), "giving unfinished jobs back");
            hurry.cancel();
            jobs.wait().await;
        }
        self.broker.close().await;
    }

    /// Removes scratch folders of a process that died: our own do not exist yet, and those of
    /// other live processes are young.
    fn sweep(&self) {
        let Ok(entries) = std::fs::read_dir(&self.rules.scratch) else {
            return;
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let ours = uuid::Uuid::parse_str(&name.to_string_lossy()).is_ok();
            let age = entry
                .metadata()
                .and_then(|meta| meta.modified())
                .ok()
                .and_then(|modified| modified.elapsed().ok())
                .unwrap_or_default();
            if ours && age > self.rules.deadline {
                tracing::info!(folder = %entry.path().display(), "removing a left-over scratch folder");
                clear(&entry.path());
            }
        }
    }
}

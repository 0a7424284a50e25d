//! One job, from its request to its artifacts on the drive.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::track::Track;
use super::{Draft, Progress, Rules, Treated, Treatment, Worker, causes, clear, crash, treat};
use crate::config::SourceAfter;
use crate::drive::Entry;
use crate::job::{Artifact, Failure, JobId, Patience, Reason, RemotePath, Request, Stage};
use crate::ledger::{Begin, Lease, Ledger};
use crate::table::convert::Tables;

/// How a job that did not fail ended.
#[derive(Debug, Clone)]
pub(super) enum Ended {
    Delivered(Box<Treated>),
    /// It was delivered before; nothing was done.
    AlreadyDone(Vec<Artifact>),
    /// We were told to stop before it was done: as if it had never begun.
    Interrupted,
}

/// A job that did not end: why, and which attempt this was.
#[derive(Debug)]
pub(super) struct Unfinished {
    pub(super) failure: Failure,
    pub(super) attempt: u32,
    /// Known once the job was begun.
    pub(super) job: Option<JobId>,
}

/// A request that came by message.
pub(super) struct Order {
    pub(super) request: Request,
    pub(super) message_id: Option<String>,
    /// The attempt by the message's own header.
    pub(super) attempt: u32,
    /// The broker handed it out before: an attempt may have died without a word.
    pub(super) redelivered: bool,
    /// Follows the attempt.
    pub(super) track: Arc<Track>,
}

/// Attempts that may die without a word before the file is held to be the cause.
const SILENT_DEATHS: u32 = 3;

/// Runs one job. Everything it does may be done twice.
pub(super) async fn run(
    worker: &Worker,
    order: &Order,
    hurry: &CancellationToken,
) -> Result<Ended, Unfinished> {
    let early = |failure| Unfinished {
        failure,
        attempt: order.attempt,
        job: None,
    };
    let path = order.request.file.in_folder(&worker.rules.work);
    let entry = find(worker, &path).await.map_err(early)?;
    let job = identity(order, &entry, &worker.recipes.fingerprint());
    let begun = if order.redelivered {
        begin_after_a_death(worker, &job, &order.request, hurry).await
    } else {
        begin(worker, &job, &order.request).await
    };
    let (ledger_attempt, date, lease) = match begun.map_err(early)? {
        Claim::Done(artifacts) => return Ok(Ended::AlreadyDone(artifacts)),
        Claim::Ours {
            attempt,
            first_begun,
            lease,
        } => (attempt, first_begun, lease),
    };
    let attempt = ledger_attempt.max(order.attempt);
    crash::point(worker.rules.crash_at, Stage::Begin);
    let done = if order.redelivered && ledger_attempt > SILENT_DEATHS {
        let message = format!("the process died {SILENT_DEATHS} times over `{path}`");
        Err(Failure::permanent(Stage::Begin, Reason::Panic, message))
    } else {
        order.track.begun(attempt, entry.bytes);
        let renewal = Renewal::start(worker.ledger.clone(), lease.clone(), worker.rules.lease);
        let done = tokio::select! {
            done = attempted(worker, order, &path, job, date) => done,
            () = hurry.cancelled() => {
                drop(renewal);
                return Ok(interrupted(worker, &lease).await);
            }
        };
        drop(renewal);
        done
    };
    match done {
        Ok(treated) => {
            let finished = finish(worker, &lease, &path, &order.request, &treated).await;
            finished.map_err(|failure| Unfinished {
                failure,
                attempt,
                job: Some(lease.job),
            })?;
            Ok(Ended::Delivered(Box::new(treated)))
        }
        Err(failure) => {
            if let Err(error) = worker.ledger.release(&lease).await {
                tracing::warn!(%error, "cannot end the lease of a failed attempt");
            }
            Err(Unfinished {
                failure,
                attempt,
                job: Some(lease.job),
            })
        }
    }
}

async fn interrupted(worker: &Worker, lease: &Lease) -> Ended {
    if let Err(error) = worker.ledger.abandon(lease).await {
        tracing::warn!(%error, "cannot take back an attempt");
    }
    Ended::Interrupted
}

async fn find(worker: &Worker, path: &RemotePath) -> Result<Entry, Failure> {
    let entry = worker
        .drive
        .stat(path)
        .await
        .map_err(causes::drive(Stage::Fetch))?;
    entry.ok_or_else(|| {
        let message = format!("`{path}` is not on the drive");
        Failure::transient(Stage::Fetch, Reason::NotFound, message)
    })
}

fn identity(order: &Order, entry: &Entry, fingerprint: &str) -> JobId {
    let given = order.request.job_id.as_ref().or(order.message_id.as_ref());
    match given {
        Some(id) => JobId::given(id),
        None => JobId::derived(
            &order.request.file,
            &entry.etag,
            order.request.recipe.as_deref(),
            fingerprint,
            order.request.all_sheets,
        ),
    }
}

enum Claim {
    Done(Vec<Artifact>),
    Ours {
        attempt: u32,
        first_begun: DateTime<Utc>,
        lease: Lease,
    },
}

async fn begin(worker: &Worker, job: &JobId, request: &Request) -> Result<Claim, Failure> {
    let unwritten = causes::ledger(Stage::Begin);
    let ledger = &worker.ledger;
    let lease = worker.rules.lease;
    let mut begun = ledger
        .begin(job, Utc::now(), lease)
        .await
        .map_err(&unwritten)?;
    if let Begin::AlreadyDone(finished) = &begun
        && !are_delivered(worker, request, &finished.artifacts).await?
    {
        tracing::warn!(%job, "was done before, but its results are gone: doing it again");
        ledger.forget(job).await.map_err(&unwritten)?;
        begun = ledger
            .begin(job, Utc::now(), lease)
            .await
            .map_err(&unwritten)?;
    }
    match begun {
        Begin::AlreadyDone(finished) => Ok(Claim::Done(finished.artifacts)),
        Begin::Start {
            attempt,
            first_begun,
            lease,
        } => Ok(Claim::Ours {
            attempt,
            first_begun,
            lease,
        }),
        Begin::Busy { until } => {
            let wait = (until - Utc::now()).to_std().unwrap_or_default();
            let message = format!("another worker runs job `{job}`");
            Err(
                Failure::new(Stage::Begin, Reason::Busy, Patience::Uncounted, message)
                    .after(Some(wait.min(Duration::from_secs(10)))),
            )
        }
    }
}

/// Begins a job whose message comes again. Most likely its worker died, and its lease lives a
/// little longer: that is waited for here, because a copy that waits in a queue would no longer
/// say that it was delivered before.
async fn begin_after_a_death(
    worker: &Worker,
    job: &JobId,
    request: &Request,
    hurry: &CancellationToken,
) -> Result<Claim, Failure> {
    let busy = match begin(worker, job, request).await {
        Err(failure) if failure.reason == Reason::Busy => failure,
        begun => return begun,
    };
    tokio::select! {
        () = tokio::time::sleep(worker.rules.lease) => begin(worker, job, request).await,
        () = hurry.cancelled() => Err(busy),
    }
}

/// Whether the drive still holds all of these, in their size.
async fn are_delivered(
    worker: &Worker,
    request: &Request,
    artifacts: &[Artifact],
) -> Result<bool, Failure> {
    let finished = &worker.rules.finished;
    let folder = request.file.in_folder(finished).parent();
    let folder = folder.as_ref().unwrap_or(finished);
    for artifact in artifacts {
        let Ok(name) = RemotePath::parse(&artifact.name) else {
            return Ok(false);
        };
        let entry = worker.drive.stat(&name.in_folder(folder)).await;
        let entry = entry.map_err(causes::drive(Stage::Begin))?;
        if entry.is_none_or(|entry| entry.bytes != artifact.bytes) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The attempt itself, in a scratch folder of its own that is gone afterwards.
async fn attempted(
    worker: &Worker,
    order: &Order,
    path: &RemotePath,
    job: JobId,
    date: DateTime<Utc>,
) -> Result<Treated, Failure> {
    let (request, track) = (&order.request, &order.track);
    let scratch = Scratch::create(&worker.rules)?;
    let source = scratch.0.join("source");
    let clock = Instant::now();
    let fetched = worker
        .drive
        .fetch(path, &source, worker.rules.max_file_bytes)
        .await
        .map_err(causes::drive(Stage::Fetch))?;
    tracing::info!(bytes = fetched.bytes, "fetched");
    track.fetched(fetched.bytes);
    crash::point(worker.rules.crash_at, Stage::Fetch);
    let treatment = Treatment {
        source,
        file: request.file.clone(),
        job,
        date,
        kinds: request.outputs.clone(),
        recipes: worker.recipes.clone(),
        recipe: request.recipe.clone(),
        reference: worker
            .reference
            .clone()
            .filter(|_| request.reference != Some(false)),
        scratch: scratch.0.clone(),
        tables: match request.all_sheets {
            true => Tables::All,
            false => Tables::Fullest,
        },
        program: worker.rules.program.clone(),
        fetch_ms: u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX),
    };
    let progress = {
        let track = track.clone();
        Progress::new(move |step| track.step(step))
    };
    let treated = treat(treatment, progress).await?;
    crash::point(worker.rules.crash_at, Stage::Report);
    track.enter(Stage::Upload);
    for draft in treated.drafts() {
        upload(worker, draft).await?;
    }
    track.enter(Stage::Finish);
    crash::point(worker.rules.crash_at, Stage::Upload);
    Ok(treated)
}

async fn upload(worker: &Worker, draft: &Draft) -> Result<(), Failure> {
    let to = draft.to.in_folder(&worker.rules.finished);
    let stored = worker
        .drive
        .store(&draft.path, &to)
        .await
        .map_err(causes::drive(Stage::Upload))?;
    tracing::debug!(artifact = %to, ?stored, "uploaded");
    Ok(())
}

async fn finish(
    worker: &Worker,
    lease: &Lease,
    path: &RemotePath,
    request: &Request,
    treated: &Treated,
) -> Result<(), Failure> {
    let artifacts: Vec<_> = treated
        .drafts()
        .map(|draft| draft.artifact.clone())
        .collect();
    worker
        .ledger
        .finish(lease, Utc::now(), &artifacts)
        .await
        .map_err(causes::ledger(Stage::Finish))?;
    crash::point(worker.rules.crash_at, Stage::Finish);
    // The results are delivered: a work file that cannot be put away is no failure of the job.
    let put_away = match worker.rules.source_after {
        SourceAfter::Keep => Ok(()),
        SourceAfter::Delete => worker.drive.remove(path).await,
        SourceAfter::Move => {
            let originals = RemotePath::literal("originais").in_folder(&worker.rules.finished);
            let to = request.file.in_folder(&originals);
            worker.drive.relocate(path, &to).await
        }
    };
    if let Err(error) = put_away {
        tracing::warn!(%error, "cannot put the work file away");
    }
    Ok(())
}

/// A folder for one attempt.
struct Scratch(PathBuf);

impl Scratch {
    fn create(rules: &Rules) -> Result<Self, Failure> {
        let folder = rules.scratch.join(Uuid::new_v4().to_string());
        std::fs::create_dir_all(&folder).map_err(|error| {
            let message = format!("cannot create a scratch folder: {error}");
            Failure::transient(Stage::Fetch, Reason::LocalDisk, message)
        })?;
        Ok(Scratch(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        clear(&self.0);
    }
}

/// Keeps a lease alive until dropped.
struct Renewal(JoinHandle<()>);

impl Renewal {
    fn start(ledger: Arc<dyn Ledger>, lease: Lease, duration: Duration) -> Self {
        Renewal(tokio::spawn(async move {
            loop {
                tokio::time::sleep(duration / 4).await;
                if let Err(error) = ledger.renew(&lease, Utc::now(), duration).await {
                    tracing::warn!(%error, "cannot renew the lease");
                }
            }
        }))
    }
}

impl Drop for Renewal {
    fn drop(&mut self) {
        self.0.abort();
    }
}

//! From a work file on this disk to its artifacts: survey, treat, report. Knows neither queue
//! nor drive; `process` and `serve` run the same.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};

use super::drafts::{Done, Treated, draw};
use super::lookups::Lookups;
use super::outputs::{Outputs, Written};
use super::survey::{BATCH_ROWS, Survey, survey};
use super::{Progress, causes};
use crate::cleaning::{CleanBatch, Cleaner, KeyTally, Tally};
use crate::enrichment::{Found, Merger};
use crate::job::{ArtifactKind, Failure, JobId, Reason, RemotePath, Stage};
use crate::reference::{Description, Reference, ReferenceError};
use crate::report::Timings;
use crate::table::Reader;

/// Batches that may wait between two steps: bounds the memory.
const WAITING: usize = 2;

/// One file to treat.
pub struct Treatment {
    /// The file on this disk.
    pub source: PathBuf,
    /// Its name on the drive, below the work folder.
    pub file: RemotePath,
    pub job: JobId,
    /// The job's date: equal in every attempt, so that results are.
    pub date: DateTime<Utc>,
    pub kinds: Vec<ArtifactKind>,
    pub reference: Option<Arc<dyn Reference>>,
    /// An existing folder for scratch files and drafts of the artifacts.
    pub scratch: PathBuf,
    /// How long fetching took, in milliseconds, for the manifest.
    pub fetch_ms: u64,
}

/// Treats one file. Dropping the future stops the work at the next batch.
///
/// # Errors
/// With the stage that failed, and whether trying again may help.
pub async fn treat(treatment: Treatment, progress: Progress) -> Result<Treated, Failure> {
    let clock = Instant::now();
    let surveying = {
        let (source, progress) = (treatment.source.clone(), progress.clone());
        blocking(Stage::Survey, move || {
            survey(&source, &progress).map_err(causes::table)
        })
    };
    // The base is described while the file is read.
    let describing = describe(treatment.reference.as_deref());
    let (surveyed, description) = tokio::join!(surveying, describing);
    let surveyed = surveyed?;
    let survey_ms = milliseconds(clock);
    let clock = Instant::now();
    let lookups = treatment
        .reference
        .clone()
        .zip(description.map_err(causes::reference)?)
        .and_then(|(base, described)| Lookups::plan(base, described, &surveyed.profile));
    let done = run(&treatment, &surveyed, lookups, progress.clone()).await?;
    progress.reporting();
    let treat_ms = milliseconds(clock);
    let timings = Timings {
        fetch: treatment.fetch_ms,
        survey: survey_ms,
        treat: treat_ms,
        ..Timings::default()
    };
    blocking(Stage::Report, move || {
        draw(&treatment, &surveyed, done, timings)
            .map_err(|cause| Failure::transient(Stage::Report, Reason::LocalDisk, cause))
    })
    .await
}

/// The second pass. Reading and cleaning, asking the base, and writing run beside one another;
/// the queues between them are short, so that memory does not grow with the file.
async fn run(
    treatment: &Treatment,
    surveyed: &Survey,
    mut lookups: Option<Lookups>,
    progress: Progress,
) -> Result<Done, Failure> {
    let (cleaned, mut to_look_up) = mpsc::channel(WAITING);
    let (answered, to_write) = mpsc::channel(WAITING);
    let reader = Reader::open(&treatment.source, &surveyed.layout).map_err(causes::table)?;
    let cleaner = Cleaner::new(surveyed.profile.clone());
    let cleaning = spawn_blocking(move || clean_all(reader, cleaner, &cleaned));
    let outputs = Outputs::start(
        &treatment.scratch,
        &treatment.kinds,
        &surveyed.profile,
        treatment.date.date_naive(),
    )
    .map_err(causes::artifact)?;
    let merger = lookups
        .as_ref()
        .map(|lookups| Merger::new(lookups.plan.clone()));
    let of_rows = surveyed.tally.rows;
    progress.treated(0, of_rows);
    let writing = spawn_blocking(move || write_all(to_write, outputs, merger, of_rows, &progress));
    while let Some(batch) = to_look_up.recv().await {
        let found = match &mut lookups {
            Some(lookups) => ask(lookups, &batch).await?,
            None => Found::new(),
        };
        if answered.send((batch, found)).await.is_err() {
            // The writer is gone; its own error says why.
            break;
        }
    }
    drop((answered, to_look_up));
    let (written, merger) = joined(Stage::Treat, writing).await?;
    let (tally, keys) = joined(Stage::Treat, cleaning).await?;
    Ok(Done {
        written,
        tally,
        keys,
        merger,
        lookups,
    })
}

async fn ask(lookups: &mut Lookups, batch: &CleanBatch) -> Result<Found, Failure> {
    let place = lookups.plan.key.place;
    let keys = batch.frame.columns()[place].str().map_err(causes::polars)?;
    lookups.find(keys).await.map_err(causes::reference)
}

fn clean_all(
    mut reader: Reader,
    mut cleaner: Cleaner,
    cleaned: &mpsc::Sender<CleanBatch>,
) -> Result<(Tally, Vec<KeyTally>), Failure> {
    while let Some(batch) = reader.next_batch(BATCH_ROWS).map_err(causes::table)? {
        let batch = cleaner.clean(batch).map_err(causes::polars)?;
        if cleaned.blocking_send(batch).is_err() {
            // Whoever stopped listening says why.
            break;
        }
    }
    Ok((cleaner.tally().clone(), cleaner.key_tallies()))
}

fn write_all(
    mut batches: mpsc::Receiver<(CleanBatch, Found)>,
    mut outputs: Outputs,
    mut merger: Option<Merger>,
    of_rows: u64,
    progress: &Progress,
) -> Result<(Written, Option<Merger>), Failure> {
    let mut rows = 0;
    while let Some((mut batch, found)) = batches.blocking_recv() {
        if let Some(merger) = &mut merger {
            merger
                .merge(&mut batch.frame, &mut batch.marks, &found)
                .map_err(causes::polars)?;
        }
        outputs.append(&batch).map_err(causes::artifact)?;
        rows += (batch.lines.len() + batch.duplicates.len() + batch.rejected_rows.len()) as u64;
        progress.treated(rows, of_rows);
    }
    Ok((outputs.finish().map_err(causes::artifact)?, merger))
}

async fn describe(
    reference: Option<&dyn Reference>,
) -> Result<Option<Description>, ReferenceError> {
    match reference {
        Some(reference) => reference.describe().await.map(Some),
        None => Ok(None),
    }
}

pub(super) fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Runs CPU work off the async threads, whose heartbeats must not wait.
async fn blocking<T: Send + 'static>(
    stage: Stage,
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    joined(stage, spawn_blocking(work)).await
}

async fn joined<T>(stage: Stage, task: JoinHandle<Result<T, Failure>>) -> Result<T, Failure> {
    task.await.unwrap_or_else(|_| {
        Err(Failure::transient(
            stage,
            Reason::Panic,
            "the work panicked",
        ))
    })
}

/// Removes what a treatment left in its scratch folder.
pub fn clear(scratch: &Path) {
    if let Err(error) = fs::remove_dir_all(scratch)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!(folder = %scratch.display(), %error, "cannot remove the scratch folder");
    }
}

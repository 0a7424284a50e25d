//! From a work file on this disk to its artifacts: survey, treat, report. Knows neither queue
//! nor drive; `process` and `serve` run the same.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};

use super::drafts::{Done, Plan, Set, Treated, draw, made, wanted};
use super::finishing::Finishing;
use super::lookups::Lookups;
use super::measure::look;
use super::outputs::{Outputs, Written};
use super::survey::Survey;
use super::tables::{find, named};
use super::{Progress, causes};
use crate::cleaning::{Brief, CleanBatch, Cleaner};
use crate::enrichment::{Found, Merger};
use crate::job::{ArtifactKind, Failure, JobId, Reason, RemotePath, Stage};
use crate::recipe::Recipes;
use crate::reference::{Description, Reference, ReferenceError};
use crate::report::Timings;
use crate::table::Reader;
use crate::table::convert::Tables;

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
    /// The kinds of file wanted, besides the manifest. `None`: what the recipe says, else all.
    pub kinds: Option<Vec<ArtifactKind>>,
    pub recipes: Arc<Recipes>,
    /// The recipe that is asked for by name, instead of the one that suits the table.
    pub recipe: Option<String>,
    pub reference: Option<Arc<dyn Reference>>,
    /// An existing folder for scratch files and drafts of the artifacts.
    pub scratch: PathBuf,
    /// Which tables, where the file has several.
    pub tables: Tables,
    /// The program that converts files in a process of its own.
    pub program: Option<PathBuf>,
    /// How long fetching took, in milliseconds, for the manifest.
    pub fetch_ms: u64,
}

/// Treats the tables of one file. Dropping the future stops the work at the next batch.
///
/// # Errors
/// With the stage that failed, and whether trying again may help. Of several tables, those that
/// can never be read are told in [`Treated::untreated`].
pub async fn treat(treatment: Treatment, progress: Progress) -> Result<Treated, Failure> {
    let clock = Instant::now();
    check_recipe(&treatment)?;
    let treatment = Arc::new(treatment);
    let finding = {
        let (treatment, progress) = (treatment.clone(), progress.clone());
        blocking(Stage::Survey, move || find(&treatment, &progress))
    };
    // The base is described while the file is read.
    let describing = describe(treatment.reference.as_deref());
    let (found, description) = tokio::join!(finding, describing);
    let found = found?;
    let base = treatment
        .reference
        .clone()
        .zip(description.map_err(causes::reference)?);
    let timings = Timings {
        fetch: treatment.fetch_ms,
        survey: milliseconds(clock),
        ..Timings::default()
    };
    let names = named(&treatment.file, &found.tables);
    let alerts: Vec<_> = found.untreated.iter().map(|table| table.alert()).collect();
    let mut sets = Vec::new();
    for (surveyed, file) in found.tables.into_iter().zip(names) {
        let plan = Plan {
            file,
            folder: treatment.scratch.join(format!("set-{}", sets.len() + 1)),
            alerts: alerts.clone(),
            timings,
        };
        sets.push(one(&treatment, plan, surveyed, base.clone(), progress.clone()).await?);
    }
    Ok(Treated {
        sets,
        untreated: found.untreated,
    })
}

/// Treats one table.
async fn one(
    treatment: &Arc<Treatment>,
    mut plan: Plan,
    surveyed: Survey,
    base: Option<(Arc<dyn Reference>, Description)>,
    progress: Progress,
) -> Result<Set, Failure> {
    let clock = Instant::now();
    fs::create_dir_all(&plan.folder)
        .map_err(|error| Failure::transient(Stage::Treat, Reason::LocalDisk, error))?;
    let lookups =
        base.and_then(|(base, described)| Lookups::plan(base, described, &surveyed.profile));
    let done = run(
        treatment,
        &plan.folder,
        &surveyed,
        lookups,
        progress.clone(),
    )
    .await?;
    progress.reporting();
    plan.timings.treat = milliseconds(clock);
    let treatment = treatment.clone();
    blocking(Stage::Report, move || {
        draw(&treatment, plan, &surveyed, done)
            .map_err(|cause| Failure::transient(Stage::Report, Reason::LocalDisk, cause))
    })
    .await
}

/// The second pass. Reading and cleaning, asking the base, and writing run beside one another;
/// the queues between them are short, so that memory does not grow with the file.
async fn run(
    treatment: &Treatment,
    folder: &Path,
    surveyed: &Survey,
    mut lookups: Option<Lookups>,
    progress: Progress,
) -> Result<Done, Failure> {
    let brief = Brief {
        profile: surveyed.profile.clone(),
        rules: surveyed.rules.clone(),
        today: treatment.date.date_naive(),
    };
    let looked = look(surveyed, &brief).await?;
    let (cleaned, mut to_look_up) = mpsc::channel(WAITING);
    let (answered, to_write) = mpsc::channel(WAITING);
    let reader = Reader::open(&surveyed.source, &surveyed.layout).map_err(causes::table)?;
    let cleaner = Cleaner::new(brief.clone(), looked.findings.clone());
    let cleaning = spawn_blocking(move || clean_all(reader, cleaner, &cleaned));
    let merger = lookups
        .as_ref()
        .map(|lookups| Merger::new(lookups.plan.clone(), brief.today));
    let finishing = Finishing::new(&brief, merger, &looked);
    let outputs = Outputs::start(
        folder,
        &made(&wanted(treatment, surveyed)),
        &brief.profile,
        finishing.transformer.columns(),
        brief.today,
    )
    .map_err(causes::artifact)?;
    let of_rows = surveyed.layout.tally.rows;
    progress.treated(0, of_rows);
    let writing =
        spawn_blocking(move || write_all(to_write, outputs, finishing, of_rows, &progress));
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
    let (written, finishing) = joined(Stage::Treat, writing).await?;
    let cleaner = joined(Stage::Treat, cleaning).await?;
    let mut whole = cleaner.whole();
    whole.missing = finishing.completer.tallies();
    Ok(Done {
        written,
        tally: cleaner.tally().clone(),
        whole,
        turns: [cleaner.turns(), finishing.completer.turns().clone()],
        merger: finishing.merger,
        derived: finishing.transformer.columns().to_vec(),
        groups: finishing.grouper.finish().map_err(causes::polars)?,
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
) -> Result<Cleaner, Failure> {
    while let Some(batch) = reader.next_batch().map_err(causes::table)? {
        let batch = cleaner.clean(batch).map_err(causes::polars)?;
        if cleaned.blocking_send(batch).is_err() {
            // Whoever stopped listening says why.
            break;
        }
    }
    Ok(cleaner)
}

fn write_all(
    mut batches: mpsc::Receiver<(CleanBatch, Found)>,
    mut outputs: Outputs,
    mut finishing: Finishing,
    of_rows: u64,
    progress: &Progress,
) -> Result<(Written, Finishing), Failure> {
    let mut rows = 0;
    while let Some((mut batch, found)) = batches.blocking_recv() {
        finishing
            .finish(&mut batch, &found)
            .map_err(causes::polars)?;
        outputs.append(&batch).map_err(causes::artifact)?;
        rows += (batch.lines.len() + batch.rejected_rows.len()) as u64 + batch.removed();
        progress.treated(rows, of_rows);
    }
    Ok((outputs.finish().map_err(causes::artifact)?, finishing))
}

/// A recipe that is asked for by name must be there.
pub(super) fn check_recipe(treatment: &Treatment) -> Result<(), Failure> {
    let recipes = &treatment.recipes;
    let Some(name) = &treatment.recipe else {
        return Ok(());
    };
    if recipes.named(name).is_some() {
        return Ok(());
    }
    let known: Vec<_> = recipes.iter().map(|recipe| recipe.name.as_str()).collect();
    let known = match known.is_empty() {
        true => "there is none".to_owned(),
        false => format!("there are {}", known.join(", ")),
    };
    let message = format!("there is no recipe `{name}`: {known}");
    Err(Failure::permanent(
        Stage::Survey,
        Reason::UnknownRecipe,
        message,
    ))
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
pub(super) async fn blocking<T: Send + 'static>(
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

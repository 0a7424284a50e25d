//! Treating local files without a queue.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use uuid::Uuid;

use super::{Hinted, doors, recipes};
use crate::config::Settings;
use crate::job::{Artifact, ArtifactKind, JobId, Patience, Reason, RemotePath};
use crate::recipe::Recipes;
use crate::reference::Reference;
use crate::report::{Summary, manifest};
use crate::table::convert::Tables;
use crate::worker::{Progress, Treated, Treatment, Untreated, clear, treat};

/// What to treat and how.
#[derive(Debug, Clone)]
pub struct ProcessOptions {
    pub files: Vec<PathBuf>,
    /// A JSONL or CSV file, instead of the base of the settings.
    pub reference: Option<PathBuf>,
    /// Where results go; `finalizado` in the storage folder if not said.
    pub out: Option<PathBuf>,
    /// The job's date, instead of today.
    pub today: Option<NaiveDate>,
    /// Every sheet of a workbook is a table of its own, not only the fullest.
    pub all_sheets: bool,
    /// A recipe's name, or its file, instead of the one that suits each table.
    pub recipe: Option<String>,
}

/// Results of one file, where they are delivered.
#[derive(Debug, Clone)]
pub struct Delivered {
    pub folder: PathBuf,
    /// One for each table of the file.
    pub sets: Vec<DeliveredSet>,
    /// The tables of the file that cannot be treated.
    pub untreated: Vec<Untreated>,
}

/// Results of one table.
#[derive(Debug, Clone)]
pub struct DeliveredSet {
    /// The table's name, where the file names it.
    pub table: Option<String>,
    pub artifacts: Vec<Artifact>,
    pub summary: Summary,
}

impl DeliveredSet {
    /// The manifest, as it was delivered.
    pub fn manifest(&self) -> String {
        String::from_utf8_lossy(&manifest::to_json(&self.summary)).into_owned()
    }
}

/// How it went with one file.
#[derive(Debug)]
pub struct FileOutcome {
    pub file: PathBuf,
    pub result: Result<Delivered, Hinted>,
}

/// Treats the files one after the other; one that fails does not stop the next. `watch` is asked
/// for somebody to tell of each file's progress, `tell` hears how it ended.
///
/// # Errors
/// If nothing can be treated at all, such as without a folder to write to.
pub async fn process(
    settings: &Settings,
    options: ProcessOptions,
    watch: impl Fn(&Path) -> Progress,
    mut tell: impl FnMut(&FileOutcome),
) -> Result<bool, Hinted> {
    doors::install_tls();
    let reference = match &options.reference {
        Some(path) => Some(doors::reference_file(path)?),
        None => doors::reference(&settings.reference)?,
    };
    let finished = settings.drive.finished.as_str();
    let out = options
        .out
        .unwrap_or_else(|| settings.work.storage.join(finished));
    let hint = "name a folder that can be written with --out";
    fs::create_dir_all(&out).map_err(|error| {
        let error = anyhow::Error::new(error).context(format!("cannot create `{}`", out.display()));
        Hinted::new(error, hint)
    })?;
    let date = options.today.map_or_else(Utc::now, midnight);
    let (recipes, recipe) = recipes::asked(settings, options.recipe.as_deref())?;
    let mut run = Run {
        out,
        recipes: Arc::new(recipes),
        recipe,
        date,
        reference,
        tables: match options.all_sheets {
            true => Tables::All,
            false => Tables::Fullest,
        },
        taken: HashSet::new(),
    };
    let mut all_done = true;
    for file in options.files {
        let result = run.one(&file, watch(&file)).await;
        all_done &= result.is_ok();
        tell(&FileOutcome { file, result });
    }
    Ok(all_done)
}

/// The start of that day in Brasília.
fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc() + chrono::Duration::hours(3)
}

/// The name of a file as a drive would have it.
fn work_file(source: &Path) -> Result<RemotePath, Hinted> {
    if !source.is_file() {
        let error = anyhow::anyhow!("`{}` is not a file that can be read", source.display());
        return Err(Hinted::new(error, "check the path"));
    }
    let name = source.file_name().unwrap_or_default().to_string_lossy();
    RemotePath::parse(&name).map_err(|error| Hinted::new(error, "rename the file"))
}

/// What is the same for all files of a run.
struct Run {
    out: PathBuf,
    recipes: Arc<Recipes>,
    recipe: Option<String>,
    date: DateTime<Utc>,
    reference: Option<Arc<dyn Reference>>,
    tables: Tables,
    /// The manifests that were delivered, whose names no other file of this run may have.
    taken: HashSet<RemotePath>,
}

impl Run {
    async fn one(&mut self, source: &Path, progress: Progress) -> Result<Delivered, Hinted> {
        let file = work_file(source)?;
        // Known before the work is done, if the file turns out to hold one table.
        self.is_free(&file.artifact(ArtifactKind::Json))?;
        // In the folder of the results, so that they are moved into place and never copied.
        let scratch = self.out.join(format!(".{}", Uuid::new_v4()));
        let result = self.treat_into(source, file, &scratch, progress).await;
        clear(&scratch);
        result
    }

    fn is_free(&self, manifest: &RemotePath) -> Result<(), Hinted> {
        if self.taken.contains(manifest) {
            let error =
                anyhow::anyhow!("another file of this run is delivered as `{manifest}` too");
            let hint = "treat it on its own, into another --out";
            return Err(Hinted::new(error, hint));
        }
        Ok(())
    }

    async fn treat_into(
        &mut self,
        source: &Path,
        file: RemotePath,
        scratch: &Path,
        progress: Progress,
    ) -> Result<Delivered, Hinted> {
        fs::create_dir_all(scratch).map_err(unwritable)?;
        let treatment = Treatment {
            source: source.to_owned(),
            job: JobId::derived(
                &file,
                "",
                self.recipe.as_deref(),
                &self.recipes.fingerprint(),
                self.tables == Tables::All,
            ),
            file,
            date: self.date,
            kinds: None,
            recipes: self.recipes.clone(),
            recipe: self.recipe.clone(),
            reference: self.reference.clone(),
            scratch: scratch.to_owned(),
            tables: self.tables,
            program: std::env::current_exe().ok(),
            fetch_ms: 0,
        };
        let treated = treat(treatment, progress).await.map_err(|failure| {
            let hint = match (failure.reason, failure.patience) {
                (Reason::RecipeMismatch, _) => {
                    "complete the list, or choose another recipe with --recipe"
                }
                (_, Patience::None) => "send the list as CSV or XLSX with a header row",
                _ => "try again; if it goes on, `pyservice check` tells more",
            };
            Hinted::new(failure, hint)
        })?;
        self.deliver(treated)
    }

    /// Moves the drafts to where results go.
    fn deliver(&mut self, treated: Treated) -> Result<Delivered, Hinted> {
        let is_manifest = |kind| kind == ArtifactKind::Json;
        for draft in treated.drafts().filter(|draft| is_manifest(draft.kind)) {
            self.is_free(&draft.to)?;
        }
        let mut sets = Vec::new();
        for set in treated.sets {
            let mut artifacts = Vec::new();
            for draft in set.drafts {
                fs::rename(&draft.path, self.out.join(&draft.artifact.name)).map_err(unwritable)?;
                artifacts.push(draft.artifact);
                if is_manifest(draft.kind) {
                    self.taken.insert(draft.to);
                }
            }
            sets.push(DeliveredSet {
                table: set.table,
                artifacts,
                summary: set.summary,
            });
        }
        Ok(Delivered {
            folder: self.out.clone(),
            sets,
            untreated: treated.untreated,
        })
    }
}

fn unwritable(error: std::io::Error) -> Hinted {
    let hint = "check the folder named with --out";
    Hinted::new(anyhow::Error::new(error), hint)
}

//! Treating local files without a queue.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use uuid::Uuid;

use super::{Hinted, doors};
use crate::config::Settings;
use crate::job::{Artifact, ArtifactKind, JobId, RemotePath};
use crate::reference::Reference;
use crate::report::{Summary, manifest};
use crate::worker::{Progress, Treatment, clear, treat};

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
}

/// Results of one file, where they are delivered.
#[derive(Debug, Clone)]
pub struct Delivered {
    pub folder: PathBuf,
    pub artifacts: Vec<Artifact>,
    pub summary: Summary,
}

impl Delivered {
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
    let mut all_done = true;
    let mut taken = HashSet::new();
    for file in options.files {
        let result = match work_file(&file, &mut taken) {
            Ok(name) => one(&file, &name, &out, date, reference.clone(), watch(&file)).await,
            Err(hinted) => Err(hinted),
        };
        all_done &= result.is_ok();
        tell(&FileOutcome { file, result });
    }
    Ok(all_done)
}

/// The start of that day in Brasília.
fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc() + chrono::Duration::hours(3)
}

/// The name of a file as a drive would have it. `taken` are those of the artifacts of this run.
fn work_file(source: &Path, taken: &mut HashSet<RemotePath>) -> Result<RemotePath, Hinted> {
    if !source.is_file() {
        let error = anyhow::anyhow!("`{}` is not a file that can be read", source.display());
        return Err(Hinted::new(error, "check the path"));
    }
    let name = source.file_name().unwrap_or_default().to_string_lossy();
    let file = RemotePath::parse(&name).map_err(|error| Hinted::new(error, "rename the file"))?;
    let manifest = file.artifact(ArtifactKind::Json);
    if !taken.insert(manifest.clone()) {
        let error = anyhow::anyhow!("another file of this run is delivered as `{manifest}` too");
        return Err(Hinted::new(
            error,
            "treat it on its own, into another --out",
        ));
    }
    Ok(file)
}

async fn one(
    source: &Path,
    file: &RemotePath,
    out: &Path,
    date: DateTime<Utc>,
    reference: Option<Arc<dyn Reference>>,
    progress: Progress,
) -> Result<Delivered, Hinted> {
    // In the folder of the results, so that they are moved into place and never copied.
    let scratch = out.join(format!(".{}", Uuid::new_v4()));
    let result = treat_into(source, file, out, &scratch, date, reference, progress).await;
    clear(&scratch);
    result
}

async fn treat_into(
    source: &Path,
    file: &RemotePath,
    out: &Path,
    scratch: &Path,
    date: DateTime<Utc>,
    reference: Option<Arc<dyn Reference>>,
    progress: Progress,
) -> Result<Delivered, Hinted> {
    let unwritable = |error| {
        Hinted::new(
            anyhow::Error::new(error),
            "check the folder named with --out",
        )
    };
    fs::create_dir_all(scratch).map_err(unwritable)?;
    let treatment = Treatment {
        source: source.to_owned(),
        file: file.clone(),
        job: JobId::derived(file, "", None),
        date,
        kinds: ArtifactKind::ALL.to_vec(),
        reference,
        scratch: scratch.to_owned(),
        fetch_ms: 0,
    };
    let treated = treat(treatment, progress).await.map_err(|failure| {
        let hint = match failure.patience {
            crate::job::Patience::None => "send the list as CSV or XLSX with a header row",
            _ => "try again; if it goes on, `pyservice check` tells more",
        };
        Hinted::new(failure, hint)
    })?;
    let mut artifacts = Vec::new();
    for draft in &treated.drafts {
        fs::rename(&draft.path, out.join(&draft.artifact.name)).map_err(unwritable)?;
        artifacts.push(draft.artifact.clone());
    }
    Ok(Delivered {
        folder: out.to_owned(),
        artifacts,
        summary: treated.summary,
    })
}

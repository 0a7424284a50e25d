//! The artifacts of one table, drawn and named, but not delivered yet.

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use chrono::Utc;

use super::lookups::Lookups;
use super::outputs::{Written, draft};
use super::survey::{Survey, sha256};
use super::tables::Untreated;
use super::treatment::{Treatment, milliseconds};
use crate::cleaning::{Tally, WholeTally};
use crate::enrichment::Merger;
use crate::job::{Artifact, ArtifactKind, RemotePath};
use crate::recipe::Turns;
use crate::report::{
    ArchiveError, EnrichmentFacts, Files, Ingredients, InputFacts, JobFacts, NoteFacts, RowCounts,
    Summary, Timings, in_brasilia, manifest, pdf, words,
};
use crate::transform::{Derived, GroupSheet};

/// A finished artifact, not delivered yet.
#[derive(Debug, Clone)]
pub struct Draft {
    pub kind: ArtifactKind,
    pub path: PathBuf,
    /// Where it goes, below the folder of results.
    pub to: RemotePath,
    pub artifact: Artifact,
}

/// What was made of one table.
#[derive(Debug, Clone)]
pub struct Set {
    /// The table's name, where the file names it.
    pub table: Option<String>,
    /// In the order of delivery: the manifest last.
    pub drafts: Vec<Draft>,
    pub summary: Summary,
}

/// What a treatment made.
#[derive(Debug, Clone)]
pub struct Treated {
    /// At least one.
    pub sets: Vec<Set>,
    /// The tables of the file that can never be treated.
    pub untreated: Vec<Untreated>,
}

impl Treated {
    /// All drafts, in the order of delivery.
    pub fn drafts(&self) -> impl Iterator<Item = &Draft> {
        self.sets.iter().flat_map(|set| &set.drafts)
    }

    /// The rows of all tables.
    pub fn rows(&self) -> RowCounts {
        let mut sum = RowCounts::default();
        for set in &self.sets {
            let rows = &set.summary.rows;
            sum.read += rows.read;
            sum.delivered += rows.delivered;
            sum.rejected += rows.rejected;
            sum.duplicates_removed += rows.duplicates_removed;
            sum.enriched += rows.enriched;
            sum.corrected += rows.corrected;
        }
        sum
    }
}

/// How a table's set is made.
pub(super) struct Plan {
    /// What its artifacts are named after.
    pub(super) file: RemotePath,
    /// An existing folder of its own.
    pub(super) folder: PathBuf,
    /// What else its readers should know.
    pub(super) alerts: Vec<String>,
    pub(super) timings: Timings,
}

/// What the second pass leaves for the report.
pub(super) struct Done {
    pub(super) written: Written,
    pub(super) tally: Tally,
    /// What whole-column rules did.
    pub(super) whole: WholeTally,
    /// What became of cells after they were counted, besides enrichment.
    pub(super) turns: [Turns; 2],
    pub(super) merger: Option<Merger>,
    /// Columns made of others.
    pub(super) derived: Vec<Derived>,
    /// Sheets of their own.
    pub(super) groups: Vec<GroupSheet>,
    pub(super) lookups: Option<Lookups>,
}

/// Draws the reports from what was counted. The manifest comes last and names the others.
pub(super) fn draw(
    treatment: &Treatment,
    plan: Plan,
    surveyed: &Survey,
    mut done: Done,
) -> anyhow::Result<Set> {
    let clock = Instant::now();
    let (xlsx, bundle) = (done.written.xlsx.take(), done.written.bundle.take());
    let kinds = wanted(treatment, surveyed);
    let made = made(&kinds);
    let made = |kind| made.contains(&kind);
    // Compressed while the others are drawn.
    if let Some(bundle) = bundle.as_ref().filter(|_| made(ArtifactKind::Csv)) {
        add(bundle, &plan, ArtifactKind::Csv)?;
    }
    let mut summary = summarise(treatment, surveyed, &done);
    summary.alerts.extend(plan.alerts.iter().cloned());
    if let Some(xlsx) = xlsx {
        xlsx.finish(&summary, &done.groups)?;
    }
    if made(ArtifactKind::Pdf) {
        fs::write(draft(&plan.folder, ArtifactKind::Pdf), pdf::draw(&summary)?)?;
    }
    let mut drafts = Vec::new();
    let wanted = |kind: &ArtifactKind| kinds.contains(kind);
    let alone = |kind: &ArtifactKind| !matches!(kind, ArtifactKind::Zip | ArtifactKind::Json);
    for kind in ArtifactKind::ALL.into_iter().filter(wanted).filter(alone) {
        drafts.push(finished(&plan, kind)?);
    }
    if let Some(bundle) = bundle {
        for kind in [ArtifactKind::Xlsx, ArtifactKind::Pdf] {
            add(&bundle, &plan, kind)?;
        }
        // Without times, so that equal jobs give equal bundles.
        summary.artifacts = drafts.iter().map(|draft| draft.artifact.clone()).collect();
        let manifest = plan.file.artifact(ArtifactKind::Json);
        bundle.finish(manifest.file_name(), manifest::to_json(&summary))?;
        drafts.push(finished(&plan, ArtifactKind::Zip)?);
    }
    summary.artifacts = drafts.iter().map(|draft| draft.artifact.clone()).collect();
    summary.timings_ms = Timings {
        report: milliseconds(clock),
        ..plan.timings
    };
    summary.job.finished_at = in_brasilia(Utc::now());
    fs::write(
        draft(&plan.folder, ArtifactKind::Json),
        manifest::to_json(&summary),
    )?;
    drafts.push(finished(&plan, ArtifactKind::Json)?);
    Ok(Set {
        table: surveyed.source.name.clone(),
        drafts,
        summary,
    })
}

/// The kinds of file to deliver for this table: the manifest is always one of them.
pub(super) fn wanted(treatment: &Treatment, surveyed: &Survey) -> Vec<ArtifactKind> {
    let said = treatment.kinds.as_ref().or(surveyed.outputs.as_ref());
    let wanted = ArtifactKind::ALL.into_iter().filter(|kind| {
        *kind == ArtifactKind::Json || said.is_none_or(|kinds| kinds.contains(kind))
    });
    wanted.collect()
}

/// What has to be drawn for the artifacts that are wanted: a bundle holds all of them.
pub(super) fn made(wanted: &[ArtifactKind]) -> Vec<ArtifactKind> {
    if wanted.contains(&ArtifactKind::Zip) {
        return ArtifactKind::ALL.to_vec();
    }
    wanted.to_vec()
}

fn add(bundle: &Files, plan: &Plan, kind: ArtifactKind) -> Result<(), ArchiveError> {
    let path = draft(&plan.folder, kind);
    let is_compact = kind != ArtifactKind::Csv;
    bundle.add(plan.file.artifact(kind).file_name(), &path, is_compact)
}

fn finished(plan: &Plan, kind: ArtifactKind) -> std::io::Result<Draft> {
    let path = draft(&plan.folder, kind);
    let to = plan.file.artifact(kind);
    Ok(Draft {
        kind,
        artifact: Artifact {
            name: to.file_name().to_owned(),
            bytes: path.metadata()?.len(),
            sha256: sha256(&path)?,
        },
        to,
        path,
    })
}

fn summarise(treatment: &Treatment, surveyed: &Survey, done: &Done) -> Summary {
    let (merger, lookups) = (done.merger.as_ref(), done.lookups.as_ref());
    let date = in_brasilia(treatment.date);
    let enrichment = lookups
        .zip(merger)
        .map(|(lookups, merger)| EnrichmentFacts {
            source: lookups.description.name.clone(),
            plan: &lookups.plan,
            tally: merger.tally(),
            hits: lookups.hits,
        });
    Summary::compose(Ingredients {
        job: JobFacts {
            id: treatment.job.to_string(),
            file: treatment.file.to_string(),
            recipe: surveyed.recipe.clone(),
            started_at: date.clone(),
            finished_at: date,
        },
        input: InputFacts::new(
            surveyed.sha256.clone(),
            surveyed.bytes,
            surveyed.source.name.clone(),
            &surveyed.layout,
        ),
        profile: &surveyed.profile,
        tally: &done.tally,
        turns: done.turns.iter().collect(),
        values: &done.written.values,
        rejected_rows: done.written.rejected_rows,
        duplicates: done.written.duplicates,
        whole: &done.whole,
        spreads: &done.written.spreads,
        derived: &done.derived,
        groups: &done.groups,
        enrichment,
        examples: done.written.examples.clone(),
        alerts: alerts(surveyed, lookups),
    })
}

/// What people should know before they use the result.
fn alerts(surveyed: &Survey, lookups: Option<&Lookups>) -> Vec<String> {
    let mut alerts = surveyed.alerts.clone();
    alerts.extend(lookups.map(Lookups::alerts).unwrap_or_default());
    let notes = surveyed.layout.notes.iter();
    let worth = notes.filter(|note| note.code.is_alert());
    alerts.extend(worth.map(|note| words::note(&NoteFacts::from(note))));
    alerts
}

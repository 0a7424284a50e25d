//! The artifacts of one job, drawn and named, but not delivered yet.

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use chrono::Utc;

use super::lookups::Lookups;
use super::outputs::{Written, draft};
use super::survey::{Survey, sha256};
use super::treatment::{Treatment, milliseconds};
use crate::cleaning::{KeyTally, Tally};
use crate::enrichment::Merger;
use crate::job::{Artifact, ArtifactKind};
use crate::report::{
    Dropped, EnrichmentFacts, Ingredients, InputFacts, JobFacts, Summary, Timings, in_brasilia,
    manifest, numbers, pdf,
};
use crate::table::Format;

/// A finished artifact, not delivered yet.
#[derive(Debug, Clone)]
pub struct Draft {
    pub kind: ArtifactKind,
    pub path: PathBuf,
    pub artifact: Artifact,
}

/// What a treatment made.
#[derive(Debug, Clone)]
pub struct Treated {
    /// In the order of delivery: the manifest last.
    pub drafts: Vec<Draft>,
    pub summary: Summary,
}

/// What the second pass leaves for the report.
pub(super) struct Done {
    pub(super) written: Written,
    pub(super) tally: Tally,
    pub(super) keys: Vec<KeyTally>,
    pub(super) merger: Option<Merger>,
    pub(super) lookups: Option<Lookups>,
}

/// Draws the reports from what was counted. The manifest comes last and names the others.
pub(super) fn draw(
    treatment: &Treatment,
    surveyed: &Survey,
    done: Done,
    mut timings: Timings,
) -> anyhow::Result<Treated> {
    let clock = Instant::now();
    let mut written = done.written;
    let xlsx = written.xlsx.take();
    let mut summary = summarise(
        treatment,
        surveyed,
        &written,
        &done.tally,
        &done.keys,
        done.merger.as_ref(),
        done.lookups.as_ref(),
    );
    if let Some(xlsx) = xlsx {
        xlsx.finish(&summary)?;
    }
    if treatment.kinds.contains(&ArtifactKind::Pdf) {
        fs::write(
            draft(&treatment.scratch, ArtifactKind::Pdf),
            pdf::draw(&summary)?,
        )?;
    }
    let mut drafts = Vec::new();
    for kind in ArtifactKind::ALL {
        if kind != ArtifactKind::Json && treatment.kinds.contains(&kind) {
            drafts.push(finished(treatment, kind)?);
        }
    }
    summary.artifacts = drafts.iter().map(|draft| draft.artifact.clone()).collect();
    timings.report = milliseconds(clock);
    summary.timings_ms = timings;
    summary.job.finished_at = in_brasilia(Utc::now());
    fs::write(
        draft(&treatment.scratch, ArtifactKind::Json),
        manifest::to_json(&summary),
    )?;
    drafts.push(finished(treatment, ArtifactKind::Json)?);
    Ok(Treated { drafts, summary })
}

fn finished(treatment: &Treatment, kind: ArtifactKind) -> std::io::Result<Draft> {
    let path = draft(&treatment.scratch, kind);
    Ok(Draft {
        kind,
        artifact: Artifact {
            name: treatment.file.artifact(kind).file_name().to_owned(),
            bytes: path.metadata()?.len(),
            sha256: sha256(&path)?,
        },
        path,
    })
}

fn summarise(
    treatment: &Treatment,
    surveyed: &Survey,
    written: &Written,
    tally: &Tally,
    keys: &[KeyTally],
    merger: Option<&Merger>,
    lookups: Option<&Lookups>,
) -> Summary {
    let date = in_brasilia(treatment.date);
    let (encoding, delimiter) = match &surveyed.layout.format {
        Format::Delimited {
            encoding,
            delimiter,
        } => (
            encoding.name().to_owned(),
            char::from(*delimiter).to_string(),
        ),
        Format::Workbook { .. } => (String::new(), String::new()),
    };
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
            recipe: None,
            started_at: date.clone(),
            finished_at: date,
        },
        input: InputFacts {
            sha256: surveyed.sha256.clone(),
            bytes: surveyed.bytes,
            format: surveyed.layout.format.name().to_owned(),
            encoding,
            delimiter,
            header_line: surveyed.layout.header_line,
            rows: surveyed.tally.rows,
            columns: surveyed.layout.columns.len() as u64,
            dropped: Dropped {
                blank: surveyed.tally.blank,
                ..Dropped::default()
            },
        },
        profile: &surveyed.profile,
        tally,
        values: &written.values,
        rejected_rows: written.rejected_rows,
        duplicates: written.duplicates,
        keys: keys.to_vec(),
        enrichment,
        examples: written.examples.clone(),
        alerts: alerts(surveyed, lookups),
    })
}

fn alerts(surveyed: &Survey, lookups: Option<&Lookups>) -> Vec<String> {
    let mut alerts = lookups.map(Lookups::alerts).unwrap_or_default();
    if surveyed.tally.short > 0 {
        alerts.push(format!(
            "{} linhas têm menos colunas que o cabeçalho e foram completadas com vazios.",
            numbers::count(surveyed.tally.short)
        ));
    }
    if surveyed.layout.header_line == 0 {
        alerts.push("O arquivo não tem cabeçalho: as colunas receberam nomes nossos.".to_owned());
    }
    alerts
}

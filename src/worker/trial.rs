//! What a treatment would make of the first rows of a file. Nothing is written or delivered.

use std::collections::BTreeMap;

use serde::Serialize;

use super::finishing::Finishing;
use super::measure::{Looked, look};
use super::outputs::masked;
use super::survey::Survey;
use super::tables::find;
use super::treatment::{blocking, check_recipe};
use super::{Progress, Treatment, Untreated, causes};
use crate::cleaning::{Brief, CleanBatch, Cleaner};
use crate::enrichment::Found;
use crate::job::{Failure, Stage};
use crate::recipe::{ColumnKind, Decided};
use crate::table::{Batch, Reader};

/// What would become of the first rows of a table, without the reference base.
#[derive(Debug, Clone, Serialize)]
pub struct Trial {
    /// The table's name, where the file names it.
    pub table: Option<String>,
    pub recipe: Option<String>,
    /// Rows looked at, and rows there are.
    pub rows: u64,
    pub of_rows: u64,
    pub delivered: u64,
    pub duplicates_removed: u64,
    pub duplicates_marked: u64,
    /// Rows rejected whole, by reason.
    pub rejected_rows: BTreeMap<&'static str, u64>,
    pub columns: Vec<TriedColumn>,
    /// Columns that are made of others.
    pub derived: Vec<String>,
    /// What could not be done, in Portuguese.
    pub alerts: Vec<String>,
}

/// What would become of a column.
#[derive(Debug, Clone, Serialize)]
pub struct TriedColumn {
    pub name: String,
    /// `None`: it is dropped.
    pub delivered_as: Option<String>,
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// `detected` or `recipe`.
    pub decided: &'static str,
    /// Cells by status, and by reason where there is one: `corrigido zero_esquerda`.
    pub cells: BTreeMap<String, u64>,
    /// The first of each kind of change.
    pub changes: Vec<TriedChange>,
}

/// A cell that would be changed. Values of personal columns are masked.
#[derive(Debug, Clone, Serialize)]
pub struct TriedChange {
    pub line: u64,
    pub before: String,
    pub after: String,
    pub status: &'static str,
    pub reason: Option<&'static str>,
    /// In percent.
    pub confidence: u8,
}

/// Changes shown of a column.
const MOST_CHANGES: usize = 6;

/// Tries the treatment on the first `rows` of each table. Types, limits of outliers and the like
/// come from the whole of it, as they do in earnest.
///
/// # Errors
/// As [`super::treat`].
pub async fn rehearse(
    treatment: Treatment,
    rows: u64,
    progress: Progress,
) -> Result<(Vec<Trial>, Vec<Untreated>), Failure> {
    check_recipe(&treatment)?;
    let today = treatment.date.date_naive();
    let finding = {
        let progress = progress.clone();
        blocking(Stage::Survey, move || find(&treatment, &progress))
    };
    let found = finding.await?;
    let mut trials = Vec::new();
    for surveyed in found.tables {
        let brief = Brief {
            profile: surveyed.profile.clone(),
            rules: surveyed.rules.clone(),
            today,
        };
        let looked = look(&surveyed, &brief).await?;
        let trial = blocking(Stage::Treat, move || one(&surveyed, &brief, &looked, rows));
        trials.push(trial.await?);
    }
    Ok((trials, found.untreated))
}

fn one(surveyed: &Survey, brief: &Brief, looked: &Looked, rows: u64) -> Result<Trial, Failure> {
    let mut reader = Reader::open(&surveyed.source, &surveyed.layout).map_err(causes::table)?;
    let mut cleaner = Cleaner::new(brief.clone(), looked.findings.clone());
    let mut finishing = Finishing::new(brief, None, looked);
    let mut trial = Trial::of(surveyed);
    let derived = finishing.transformer.columns().iter();
    trial.derived = derived.map(|derived| derived.name.clone()).collect();
    while trial.rows < rows
        && let Some(batch) = reader.next_batch().map_err(causes::table)?
    {
        let batch = first(batch, rows - trial.rows);
        trial.rows += (batch.lines.len() + batch.rejected.len()) as u64;
        let mut batch = cleaner.clean(batch).map_err(causes::polars)?;
        finishing
            .finish(&mut batch, &Found::new())
            .map_err(causes::polars)?;
        trial.add(&batch, brief).map_err(causes::polars)?;
    }
    Ok(trial)
}

/// The first rows of a batch, rejected ones included.
fn first(mut batch: Batch, rows: u64) -> Batch {
    let rejected = batch.rejected.iter().map(|row| row.line);
    let mut lines: Vec<_> = batch.lines.iter().copied().chain(rejected).collect();
    lines.sort_unstable();
    let Some(beyond) = usize::try_from(rows).ok().and_then(|rows| lines.get(rows)) else {
        return batch;
    };
    let kept = batch.lines.partition_point(|line| line < beyond);
    batch.frame = batch.frame.head(Some(kept));
    batch.lines.truncate(kept);
    batch.rejected.retain(|row| row.line < *beyond);
    batch
}

impl Trial {
    fn of(surveyed: &Survey) -> Self {
        let columns = surveyed.profile.columns.iter().map(|column| TriedColumn {
            name: column.name.clone(),
            delivered_as: (!column.dropped)
                .then(|| column.rename.as_ref().unwrap_or(&column.name).clone()),
            kind: column.kind.code(),
            decided: match column.decided {
                Decided::Detected => "detected",
                Decided::Recipe => "recipe",
            },
            cells: BTreeMap::new(),
            changes: Vec::new(),
        });
        Trial {
            table: surveyed.source.name.clone(),
            recipe: surveyed.recipe.clone(),
            rows: 0,
            of_rows: surveyed.layout.tally.rows,
            delivered: 0,
            duplicates_removed: 0,
            duplicates_marked: 0,
            rejected_rows: BTreeMap::new(),
            columns: columns.collect(),
            derived: Vec::new(),
            alerts: surveyed.alerts.clone(),
        }
    }

    fn add(&mut self, batch: &CleanBatch, brief: &Brief) -> polars::prelude::PolarsResult<()> {
        self.delivered += batch.lines.len() as u64;
        self.duplicates_removed += batch.removed();
        self.duplicates_marked += batch.duplicates.len() as u64 - batch.removed();
        for row in &batch.rejected_rows {
            *self.rejected_rows.entry(row.reason.code()).or_default() += 1;
        }
        for (column, marks) in self.columns.iter_mut().zip(&batch.marks) {
            for mark in marks {
                let status = mark.status.code();
                let key = match mark.reason {
                    Some(reason) => format!("{status} {}", reason.code()),
                    None => status.to_owned(),
                };
                *column.cells.entry(key).or_default() += 1;
            }
        }
        batch.each_change(|change| {
            let column = &mut self.columns[change.column];
            let kind = brief.profile.columns[change.column].kind;
            let shown = |value: Option<&str>| shown(kind, value.unwrap_or_default());
            let tried = TriedChange {
                line: change.line,
                before: shown(change.before),
                after: shown(change.after),
                status: change.status.code(),
                reason: change.reason.map(|reason| reason.code()),
                confidence: change.confidence,
            };
            let known = column
                .changes
                .iter()
                .any(|other| (other.status, other.reason) == (tried.status, tried.reason));
            if !known && column.changes.len() < MOST_CHANGES {
                column.changes.push(tried);
            }
            Ok(())
        })
    }
}

fn shown(kind: ColumnKind, value: &str) -> String {
    match kind.is_personal() && !value.is_empty() {
        true => masked(kind, value),
        false => value.to_owned(),
    }
}

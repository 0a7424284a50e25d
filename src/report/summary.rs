//! Every number the reports show, once. The manifest is this structure as JSON; the workbook's
//! `Resumo` and the PDF are drawn from it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::facts::{
    CheckFacts, ColumnFacts, DerivedFacts, Duplicates, FilledFacts, GroupFacts, OutlierFacts,
};
use super::reading::InputFacts;
use crate::job::Artifact;

/// The summary of one job.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Of this structure.
    pub version: u32,
    pub job: JobFacts,
    pub input: InputFacts,
    pub rows: RowCounts,
    pub columns: Vec<ColumnSummary>,
    pub score: Score,
    pub duplicates: Duplicates,
    /// By column, in the order of the rules.
    pub outliers: Vec<OutlierFacts>,
    /// By column, in the order of the rules.
    pub missing: Vec<FilledFacts>,
    pub checks: Vec<CheckFacts>,
    /// Columns made of others, in the order of delivery.
    pub derived: Vec<DerivedFacts>,
    pub groups: Vec<GroupFacts>,
    pub enrichment: Option<Enrichment>,
    /// Rejected cells by reason code, most frequent first.
    pub rejections: Vec<ReasonCount>,
    /// A few rejected cells, masked, in the order of their lines.
    pub examples: Vec<Example>,
    /// Sentences for people, in Portuguese.
    pub alerts: Vec<String>,
    /// Empty while the other artifacts are being drawn.
    pub artifacts: Vec<Artifact>,
    pub timings_ms: Timings,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JobFacts {
    pub id: String,
    /// Relative to the work folder.
    pub file: String,
    pub recipe: Option<String>,
    /// RFC 3339, in Brasília time. The job's date: the same in every attempt.
    pub started_at: String,
    pub finished_at: String,
}

/// `read = delivered + rejected + duplicates_removed`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct RowCounts {
    pub read: u64,
    pub delivered: u64,
    pub rejected: u64,
    pub duplicates_removed: u64,
    /// Rows with at least one cell filled from the reference base.
    pub enriched: u64,
    /// Rows with at least one corrected cell.
    pub corrected: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnSummary {
    /// The header's own text.
    pub name: String,
    /// `cpf`, `phone`, `text` …
    #[serde(rename = "type")]
    pub kind: String,
    /// Filled cells of the result.
    pub filled: u64,
    /// Distinct values of the result; an estimate above 65,536.
    pub distinct: u64,
    /// Cells by status code; sums to the rows read.
    pub status: BTreeMap<&'static str, u64>,
    /// Cells by reason code.
    pub reasons: BTreeMap<&'static str, u64>,
    /// The most frequent values, for columns with few.
    pub top: Vec<(String, u64)>,
    pub score: BeforeAfter,
    #[serde(flatten)]
    pub facts: ColumnFacts,
}

/// Points from 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct BeforeAfter {
    pub before: f64,
    pub after: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Score {
    pub before: f64,
    pub after: f64,
    /// `A` to `E`, of `after`.
    pub band: char,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Enrichment {
    /// The base's name, without credentials.
    pub source: String,
    pub by_key: BTreeMap<&'static str, KeyHits>,
    /// Cells filled, by column.
    pub fields: BTreeMap<String, u64>,
    /// Cells where the base says something else.
    pub conflicts: u64,
    /// Keys that belong to somebody else in the base.
    pub identity_conflicts: u64,
    /// Share of filled cells by column that the base can fill, from 0 to 1.
    pub coverage: BTreeMap<String, BeforeAfter>,
}

/// Distinct keys asked for and found.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct KeyHits {
    pub looked_up: u64,
    pub found: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReasonCount {
    pub reason: &'static str,
    /// The reason in words.
    pub words: &'static str,
    pub cells: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Example {
    pub line: u64,
    pub column: String,
    /// Never the whole value.
    pub masked: String,
    pub reason: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Timings {
    pub fetch: u64,
    pub survey: u64,
    pub treat: u64,
    pub report: u64,
    pub upload: u64,
}

/// The letter people read a score by.
pub fn band(score: f64) -> char {
    match score {
        score if score >= 95.0 => 'A',
        score if score >= 85.0 => 'B',
        score if score >= 70.0 => 'C',
        score if score >= 50.0 => 'D',
        _ => 'E',
    }
}

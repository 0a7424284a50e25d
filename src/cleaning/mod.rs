//! Rules over batches: clean every cell, find duplicate rows, count what happened.

mod changes;
mod columns;
mod complete;
mod distinct;
mod duplicates;
mod facts;
mod findings;
mod sides;
mod tally;

use std::sync::Arc;

use chrono::NaiveDate;
use polars::prelude::{BooleanChunked, DataFrame, NewChunkedArray, PolarsResult};

use crate::recipe::{Mark, Profile, Rules};
use crate::table::{Batch, RejectedRow};
use crate::values::Reason;

pub use changes::Change;
use columns::CleanColumns;
pub use complete::Completer;
pub use duplicates::{DuplicateRow, KeyTally};
pub use findings::{Findings, Measurer};
pub use tally::{ColumnTally, StatusCounts, Tally, ValueTally};

/// What cleaning goes by, besides the cells.
#[derive(Debug, Clone)]
pub struct Brief {
    pub profile: Arc<Profile>,
    /// Columns by their places in the profile.
    pub rules: Arc<Rules<usize>>,
    /// The job's day.
    pub today: NaiveDate,
}

/// A cell whose value cannot be trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedCell {
    pub line: u64,
    /// Place of its column.
    pub column: usize,
    /// As it came.
    pub original: String,
    pub reason: Reason,
}

/// Clean rows, in their order.
#[derive(Debug, Clone)]
pub struct CleanBatch {
    /// The columns of the file as they came.
    pub original: DataFrame,
    /// The columns of the file in their delivered form, then the side columns
    /// ([`Profile::sides`]). Columns that are not delivered are there too.
    pub frame: DataFrame,
    /// For each row, the line it came from.
    pub lines: Vec<u64>,
    /// For each column of the file, a mark per row.
    pub marks: Vec<Vec<Mark>>,
    /// In the order of lines; of rows removed as duplicates too.
    pub rejected_cells: Vec<RejectedCell>,
    pub rejected_rows: Vec<RejectedRow>,
    pub duplicates: Vec<DuplicateRow>,
}

/// Cleans batches of one file, in order.
pub struct Cleaner {
    brief: Brief,
    findings: Arc<Findings>,
    looks_only: bool,
    exact: duplicates::ExactRows,
    keyed: duplicates::KeyedRows,
    tally: Tally,
}

impl Cleaner {
    /// `findings` is what a first look at the whole table found; nothing, if none was taken.
    pub fn new(brief: Brief, findings: Arc<Findings>) -> Self {
        let profile = &brief.profile;
        Cleaner {
            exact: duplicates::ExactRows::with_capacity(profile.rows),
            keyed: duplicates::KeyedRows::new(profile),
            tally: Tally::new(profile.columns.len()),
            findings,
            looks_only: false,
            brief,
        }
    }

    /// For the first look: finds no duplicates, so that no row is removed.
    pub fn for_a_look(brief: Brief) -> Self {
        Cleaner {
            looks_only: true,
            ..Cleaner::new(brief, Arc::default())
        }
    }

    /// Cleans the next rows.
    ///
    /// # Errors
    /// If a column is not text.
    pub fn clean(&mut self, batch: Batch) -> PolarsResult<CleanBatch> {
        let CleanColumns {
            frame,
            mut marks,
            rejected,
        } = columns::clean(&self.brief, &batch)?;
        let mut duplicates = Vec::new();
        if !self.looks_only {
            self.keyed.mark(&frame, &batch.lines, &mut marks)?;
            self.tally.add(&marks, &batch.rejected);
            duplicates = self.exact.find(&frame, &batch.lines)?;
        }
        let mut clean = CleanBatch {
            original: batch.frame,
            frame,
            lines: batch.lines,
            marks,
            rejected_cells: rejected,
            rejected_rows: batch.rejected,
            duplicates,
        };
        clean.remove_duplicates()?;
        Ok(clean)
    }

    /// What was counted so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Rows whose key stood in an earlier row, by the key's column.
    pub fn key_tallies(&self) -> Vec<KeyTally> {
        self.keyed.tallies()
    }
}

/// The cells of a batch that cannot be trusted, in the order of their lines.
///
/// # Errors
/// If a column is not text.
pub fn check(brief: &Brief, batch: &Batch) -> PolarsResult<Vec<RejectedCell>> {
    Ok(columns::clean(brief, batch)?.rejected)
}

impl CleanBatch {
    /// Takes the duplicate rows out.
    fn remove_duplicates(&mut self) -> PolarsResult<()> {
        if self.duplicates.is_empty() {
            return Ok(());
        }
        let mut removed = self.duplicates.iter().map(|row| row.line).peekable();
        let keep: Vec<bool> = self
            .lines
            .iter()
            .map(|line| removed.next_if_eq(line).is_none())
            .collect();
        self.keep(&keep)
    }

    /// Takes out the rows that are not flagged.
    fn keep(&mut self, keep: &[bool]) -> PolarsResult<()> {
        let mask = BooleanChunked::from_slice("keep".into(), keep);
        self.original = self.original.filter(&mask)?;
        self.frame = self.frame.filter(&mask)?;
        retain(&mut self.lines, keep);
        for column in &mut self.marks {
            retain(column, keep);
        }
        Ok(())
    }
}

fn retain<T>(all: &mut Vec<T>, keep: &[bool]) {
    let mut keep = keep.iter();
    all.retain(|_| keep.next().is_some_and(|keep| *keep));
}

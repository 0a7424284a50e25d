//! Rules over batches: clean every cell, find duplicate rows, count what happened.

mod columns;
mod distinct;
mod duplicates;
mod tally;

use polars::prelude::{BooleanChunked, DataFrame, NewChunkedArray, PolarsResult};

use crate::recipe::{Mark, Profile};
use crate::table::{Batch, RejectedRow};
use crate::values::Reason;

use columns::CleanColumns;
pub use duplicates::{DuplicateRow, KeyTally};
pub use tally::{ColumnTally, StatusCounts, Tally, ValueTally};

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
    /// The columns of the file in their delivered form, then a type column per phone column.
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
    profile: Profile,
    exact: duplicates::ExactRows,
    keyed: duplicates::KeyedRows,
    tally: Tally,
}

impl Cleaner {
    pub fn new(profile: Profile) -> Self {
        Cleaner {
            exact: duplicates::ExactRows::with_capacity(profile.rows),
            keyed: duplicates::KeyedRows::new(&profile),
            tally: Tally::new(profile.columns.len()),
            profile,
        }
    }

    /// Names of the delivered columns, in order.
    pub fn delivered_names(profile: &Profile) -> Vec<String> {
        let own = profile.columns.iter().map(|column| column.name.clone());
        let types = columns::phones(profile).map(|(_, name)| name);
        own.chain(types).collect()
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
        } = columns::clean(&self.profile, &batch)?;
        self.keyed.mark(&frame, &batch.lines, &mut marks)?;
        self.tally.add(&marks, &batch.rejected);
        let duplicates = self.exact.find(&frame, &batch.lines)?;
        let (frame, lines, marks) = without(&duplicates, frame, batch.lines, marks)?;
        Ok(CleanBatch {
            frame,
            lines,
            marks,
            rejected_cells: rejected,
            rejected_rows: batch.rejected,
            duplicates,
        })
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
pub fn check(profile: &Profile, batch: &Batch) -> PolarsResult<Vec<RejectedCell>> {
    Ok(columns::clean(profile, batch)?.rejected)
}

/// Takes the duplicate rows out.
#[allow(clippy::type_complexity)]
fn without(
    duplicates: &[DuplicateRow],
    frame: DataFrame,
    lines: Vec<u64>,
    marks: Vec<Vec<Mark>>,
) -> PolarsResult<(DataFrame, Vec<u64>, Vec<Vec<Mark>>)> {
    if duplicates.is_empty() {
        return Ok((frame, lines, marks));
    }
    let mut removed = duplicates.iter().map(|row| row.line).peekable();
    let keep: Vec<bool> = lines
        .iter()
        .map(|line| removed.next_if_eq(line).is_none())
        .collect();
    let frame = frame.filter(&BooleanChunked::from_slice("keep".into(), &keep))?;
    let marks = marks
        .into_iter()
        .map(|column| kept(column, &keep))
        .collect();
    Ok((frame, kept(lines, &keep), marks))
}

fn kept<T>(all: Vec<T>, keep: &[bool]) -> Vec<T> {
    let flagged = all.into_iter().zip(keep);
    flagged
        .filter(|(_, keep)| **keep)
        .map(|(one, _)| one)
        .collect()
}

//! Batches of rows, and how records become one.

use csv::StringRecord;
use polars::prelude::{DataFrame, IntoColumn, StringChunkedBuilder};

use super::{Layout, TableError};
use crate::values::Reason;

/// Some rows of a table. Every column is a polars `String` column, blank cells are null.
#[derive(Debug, Clone)]
pub struct Batch {
    pub frame: DataFrame,
    /// For each row of `frame`, the line (or sheet row) it came from, from 1.
    pub lines: Vec<u64>,
    /// Rows of this stretch that are not in `frame` because their structure cannot be trusted.
    pub rejected: Vec<RejectedRow>,
}

/// A row that is not delivered: it is in no column's place, or it lacks what a recipe requires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedRow {
    pub line: u64,
    /// All of its cells, joined by the file's delimiter (by `;` where a recipe rejects it), or the
    /// line as it stands there.
    pub raw: String,
    /// More cells than the header has names for, a line that cannot be read, a blank.
    pub reason: Reason,
    /// What the reason alone does not tell, in Portuguese.
    pub detail: Option<String>,
}

/// Rows per batch, at most.
const MOST_ROWS: usize = 8192;
/// Bytes of text per batch, about: rows may be long.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// Collects rows into a batch.
pub(super) struct BatchBuilder<'a> {
    layout: &'a Layout,
    columns: Vec<StringChunkedBuilder>,
    lines: Vec<u64>,
    rejected: Vec<RejectedRow>,
    bytes: usize,
}

impl<'a> BatchBuilder<'a> {
    pub(super) fn new(layout: &'a Layout) -> Self {
        let names = layout.columns.iter().map(|column| column.name.as_str());
        BatchBuilder {
            layout,
            columns: names
                .map(|name| StringChunkedBuilder::new(name.into(), MOST_ROWS))
                .collect(),
            lines: Vec::with_capacity(MOST_ROWS),
            rejected: Vec::new(),
            bytes: 0,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.lines.len() + self.rejected.len() >= MOST_ROWS || self.bytes >= MOST_BYTES
    }

    /// Adds the record that stands on `line`: as a row, or as a rejected one if it has more cells
    /// than there are columns. What is no row is left out.
    pub(super) fn record(&mut self, line: u64, record: &StringRecord, delimiter: u8) {
        if !self.layout.has_row(line) || record.iter().all(|cell| cell.trim().is_empty()) {
            return;
        }
        let mut extra = record.iter().skip(self.layout.width);
        if extra.any(|cell| !cell.trim().is_empty()) {
            // We cannot know which column they belong to.
            let cells: Vec<_> = record.iter().collect();
            self.reject(RejectedRow {
                line,
                raw: cells.join(&char::from(delimiter).to_string()),
                reason: Reason::LinhaLonga,
                detail: None,
            });
        } else {
            self.row(line, |place| record.get(place));
        }
    }

    /// Adds the row that stands on `line`; `cell` gives its cells by their place.
    pub(super) fn row<'c>(&mut self, line: u64, cell: impl Fn(usize) -> Option<&'c str>) {
        for (column, builder) in self.layout.columns.iter().zip(&mut self.columns) {
            match cell(column.index) {
                Some(cell) if !cell.is_empty() => {
                    self.bytes += cell.len();
                    builder.append_value(cell);
                }
                _ => builder.append_null(),
            }
        }
        self.lines.push(line);
    }

    pub(super) fn reject(&mut self, row: RejectedRow) {
        self.bytes += row.raw.len();
        self.rejected.push(row);
    }

    /// The batch, if it has any rows.
    pub(super) fn finish(self) -> Result<Option<Batch>, TableError> {
        if self.lines.is_empty() && self.rejected.is_empty() {
            return Ok(None);
        }
        let columns = self.columns.into_iter();
        let columns = columns.map(|builder| builder.finish().into_column());
        Ok(Some(Batch {
            frame: DataFrame::new(self.lines.len(), columns.collect())?,
            lines: self.lines,
            rejected: self.rejected,
        }))
    }
}

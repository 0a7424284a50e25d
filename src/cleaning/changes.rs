//! The ledger of changes: every cell that is not delivered as it came.

use polars::prelude::PolarsResult;

use super::CleanBatch;
use crate::values::{Reason, Status};

/// A cell that was changed, rejected or filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change<'a> {
    pub line: u64,
    /// Place of its column.
    pub column: usize,
    /// As it came.
    pub before: Option<&'a str>,
    /// As it is delivered.
    pub after: Option<&'a str>,
    pub status: Status,
    pub reason: Option<Reason>,
    /// In percent.
    pub confidence: u8,
}

impl CleanBatch {
    /// Tells every change of this batch, row by row and in each from left to right.
    ///
    /// # Errors
    /// If a column is not text, or `tell` fails.
    pub fn each_change<E: From<polars::prelude::PolarsError>>(
        &self,
        mut tell: impl FnMut(Change<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut columns = Vec::with_capacity(self.marks.len());
        for place in 0..self.marks.len() {
            let after = self.frame.columns()[place].str()?;
            columns.push((self.came(place)?, after.iter()));
        }
        for (row, line) in self.lines.iter().enumerate() {
            for (column, (before, after)) in columns.iter_mut().enumerate() {
                let after = after.next().flatten();
                let mark = self.marks[column][row];
                // What is `ok` was not touched: most cells need no comparing.
                if mark.status == Status::Ok {
                    continue;
                }
                let before = before(row);
                if before == after {
                    continue;
                }
                tell(Change {
                    line: *line,
                    column,
                    before,
                    after,
                    status: mark.status,
                    reason: mark.reason,
                    confidence: mark.confidence,
                })?;
            }
        }
        Ok(())
    }

    /// How many cells are not delivered as they came.
    ///
    /// # Errors
    /// If a column is not text.
    pub fn changes(&self) -> PolarsResult<u64> {
        let mut changes = 0;
        self.each_change(|_| {
            changes += 1;
            Ok::<_, polars::prelude::PolarsError>(())
        })?;
        Ok(changes)
    }
}

//! Counting what became of cells after they were cleaned.

use std::collections::HashMap;

use super::Mark;
use crate::values::{Reason, Status};

/// Cells that turned from one status to another after the tally of cleaning was made: filled from
/// a base, from a duplicate row, by statistics.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Turns {
    /// How many cells of a column turned from one status to another.
    pub statuses: HashMap<(usize, Status, Status), u64>,
    /// New reasons by column.
    pub reasons: HashMap<(usize, Reason), u64>,
}

impl Turns {
    /// Lets the mark of a cell in the column at `place` become `to`.
    pub fn turn(&mut self, place: usize, mark: &mut Mark, to: Mark) {
        *self
            .statuses
            .entry((place, mark.status, to.status))
            .or_default() += 1;
        if let Some(reason) = to.reason {
            *self.reasons.entry((place, reason)).or_default() += 1;
        }
        *mark = to;
    }

    /// Cells of a column that turned to `status`.
    pub fn to(&self, place: usize, status: Status) -> u64 {
        let turned = self.statuses.iter();
        let turned = turned.filter(|((column, _, to), _)| *column == place && *to == status);
        turned.map(|(_, cells)| cells).sum()
    }
}

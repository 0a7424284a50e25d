//! Counting what happened to the cells.

use std::collections::HashMap;

use polars::prelude::StringChunked;
use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use super::distinct::Distinct;
use crate::recipe::Mark;
use crate::table::RejectedRow;
use crate::values::{Reason, Status};

/// Cells by status, in the order of [`Status::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StatusCounts([u64; Status::ALL.len()]);

impl StatusCounts {
    pub fn of(&self, status: Status) -> u64 {
        self.0[status as usize]
    }

    pub fn add(&mut self, status: Status, cells: u64) {
        self.0[status as usize] += cells;
    }

    /// Cells that turned from one status to another.
    pub fn turn(&mut self, from: Status, to: Status, cells: u64) {
        // Wrapping, so that it does not matter in which order turns are told.
        self.0[from as usize] = self.0[from as usize].wrapping_sub(cells);
        self.0[to as usize] = self.0[to as usize].wrapping_add(cells);
    }

    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Cells that hold a value which can be used.
    pub fn usable(&self) -> u64 {
        self.total() - self.of(Status::Vazio) - self.of(Status::Rejeitado)
    }
}

/// What cleaning did to one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnTally {
    pub status: StatusCounts,
    reasons: Vec<u64>,
    /// Cells that another column of their row could contradict.
    pub checked: u64,
    /// Cells that another column of their row does contradict.
    pub contradicted: u64,
}

impl ColumnTally {
    /// Share of the checked cells that nothing contradicts, from 0 to 1.
    pub fn consistency(&self) -> f64 {
        match self.checked {
            0 => 1.0,
            checked => 1.0 - self.contradicted as f64 / checked as f64,
        }
    }

    /// Counts the cells of a batch, and those of rows rejected whole; the rejected cells by reason.
    fn add(&mut self, marks: &[Mark], rejected_rows: &[RejectedRow]) -> Vec<u64> {
        let mut rejections = vec![0; Reason::ALL.len()];
        for mark in marks {
            self.status.add(mark.status, 1);
            let Some(reason) = mark.reason else { continue };
            self.reasons[reason as usize] += 1;
            if mark.status == Status::Rejeitado {
                rejections[reason as usize] += 1;
            }
        }
        self.status
            .add(Status::Rejeitado, rejected_rows.len() as u64);
        for row in rejected_rows {
            self.reasons[row.reason as usize] += 1;
        }
        rejections
    }

    /// The reasons met, in the order of [`Reason::ALL`].
    pub fn reasons(&self) -> impl Iterator<Item = (Reason, u64)> {
        let all = Reason::ALL
            .iter()
            .copied()
            .zip(self.reasons.iter().copied());
        all.filter(|(_, cells)| *cells > 0)
    }
}

/// What cleaning did to a table. Counts every row read: those removed as duplicates by their cells,
/// and those rejected whole as a rejected cell in every column, so that the statuses of each
/// column add up to the rows of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    pub columns: Vec<ColumnTally>,
    pub corrected_rows: u64,
    /// Rejected cells by reason; a row rejected whole counts once.
    rejections: Vec<u64>,
}

/// Rows that one thread counts in one go.
const PIECE: usize = 1024;

impl Tally {
    pub(super) fn new(columns: usize) -> Self {
        let column = ColumnTally {
            status: StatusCounts::default(),
            reasons: vec![0; Reason::ALL.len()],
            checked: 0,
            contradicted: 0,
        };
        Tally {
            columns: vec![column; columns],
            corrected_rows: 0,
            rejections: vec![0; Reason::ALL.len()],
        }
    }

    pub(super) fn add(&mut self, marks: &[Vec<Mark>], rejected_rows: &[RejectedRow]) {
        let columns = self.columns.par_iter_mut().zip(marks);
        let rejections = columns.map(|(column, marks)| column.add(marks, rejected_rows));
        let none = || vec![0; Reason::ALL.len()];
        let rejections = rejections.reduce(none, |mut all, of_one| {
            all.iter_mut()
                .zip(of_one)
                .for_each(|(all, one)| *all += one);
            all
        });
        let all = self.rejections.iter_mut().zip(rejections);
        all.for_each(|(all, now)| *all += now);
        for row in rejected_rows {
            self.rejections[row.reason as usize] += 1;
        }
        let rows = marks.first().map_or(0, Vec::len);
        let pieces = (0..rows.div_ceil(PIECE)).into_par_iter();
        let corrected = pieces.map(|piece| {
            let rows = piece * PIECE..rows.min((piece + 1) * PIECE);
            let mut corrected = [false; PIECE];
            for marks in marks {
                let each = marks[rows.clone()].iter().zip(&mut corrected);
                each.for_each(|(mark, row)| *row |= mark.status == Status::Corrigido);
            }
            corrected.iter().filter(|row| **row).count() as u64
        });
        self.corrected_rows += corrected.sum::<u64>();
    }

    /// Rejected cells by reason, the most frequent first.
    pub fn rejections(&self) -> Vec<(Reason, u64)> {
        let all = Reason::ALL
            .iter()
            .copied()
            .zip(self.rejections.iter().copied());
        let mut met: Vec<_> = all.filter(|(_, cells)| *cells > 0).collect();
        met.sort_by_key(|(reason, cells)| (std::cmp::Reverse(*cells), *reason));
        met
    }
}

/// A column with more distinct values than this has no list of the most frequent.
const MOST_LISTED: usize = 200;

/// The values of one delivered column.
#[derive(Debug, Clone, Default)]
pub struct ValueTally {
    filled: u64,
    distinct: Distinct,
    /// Counts by value, until there are too many.
    frequent: Option<HashMap<String, u64>>,
}

impl ValueTally {
    /// `listed`: whether the most frequent values may be shown to people.
    pub fn new(listed: bool) -> Self {
        ValueTally {
            frequent: listed.then(HashMap::new),
            ..Self::default()
        }
    }

    pub fn add(&mut self, cells: &StringChunked) {
        for text in cells.iter().flatten() {
            self.filled += 1;
            self.distinct.insert(xxh3_64(text.as_bytes()));
            let Some(frequent) = &mut self.frequent else {
                continue;
            };
            if let Some(count) = frequent.get_mut(text) {
                *count += 1;
            } else if frequent.len() < MOST_LISTED {
                frequent.insert(text.to_owned(), 1);
            } else {
                self.frequent = None;
            }
        }
    }

    pub fn filled(&self) -> u64 {
        self.filled
    }

    pub fn distinct(&self) -> u64 {
        self.distinct.count()
    }

    /// The most frequent values, at most `count`, and how often each is there.
    pub fn top(&self, count: usize) -> Vec<(String, u64)> {
        let mut all: Vec<_> = self.frequent.iter().flatten().collect();
        all.sort_by_key(|(text, cells)| (std::cmp::Reverse(**cells), *text));
        let top = all.into_iter().take(count);
        top.map(|(text, cells)| (text.clone(), *cells)).collect()
    }
}

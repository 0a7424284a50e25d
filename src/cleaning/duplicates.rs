//! Rows that are there twice: equal in every column.
//!
//! What is remembered is a hash and a line per row: 17 bytes for each distinct row and for each
//! distinct key ([`super::keyed`]), times the spare room of a hash table (at most 2.3).

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};

use std::sync::Arc;

use polars::prelude::{DataFrame, PolarsResult};
use xxhash_rust::xxh3::xxh3_128;

/// A row that repeats another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateRow {
    pub line: u64,
    /// Line of the row that stays for it; of the first such row, where all stay.
    pub first: u64,
    /// The same for all rows that belong together: the line of the first of them.
    pub cluster: u64,
    pub why: DuplicateReason,
    /// Not delivered.
    pub removed: bool,
}

/// What makes a row the duplicate of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DuplicateReason {
    /// Equal in every column.
    Exact,
    /// The same key: the places of its columns.
    Key(Arc<[usize]>),
    /// Much alike: the score in percent, and whether it is only possible that they are the same.
    Fuzzy { percent: u8, possible: bool },
}

/// 96 bits of a row's hash: among a million rows, two different ones meet with a probability
/// below 1e-17.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct RowHash([u32; 3]);

/// The keys are hashes already.
#[derive(Default)]
pub(super) struct Taken(u64);

impl Hasher for Taken {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u32(&mut self, word: u32) {
        self.0 = self.0.rotate_left(32) ^ u64::from(word);
    }

    fn write_u64(&mut self, word: u64) {
        self.0 ^= word;
    }
}

pub(super) type Lines<K> = HashMap<K, u32, BuildHasherDefault<Taken>>;

/// Rows equal in every column after cleaning.
pub(super) struct ExactRows {
    seen: Lines<RowHash>,
    row: Vec<u8>,
}

impl ExactRows {
    pub(super) fn with_capacity(rows: u64) -> Self {
        ExactRows {
            seen: Lines::with_capacity_and_hasher(rows as usize, BuildHasherDefault::default()),
            row: Vec::new(),
        }
    }

    /// The rows of `frame` that stood before, in the order of their lines.
    pub(super) fn find(
        &mut self,
        frame: &DataFrame,
        lines: &[u64],
    ) -> PolarsResult<Vec<DuplicateRow>> {
        let mut cells = Vec::with_capacity(frame.width());
        for column in frame.columns() {
            cells.push(column.str()?.iter());
        }
        let mut found = Vec::new();
        for line in lines {
            self.row.clear();
            for cells in &mut cells {
                // Lengths keep `a|bc` apart from `ab|c`; a blank is not an empty text.
                let cell = cells.next().flatten();
                let length = cell.map_or(u32::MAX, |text| text.len() as u32);
                self.row.extend(length.to_le_bytes());
                self.row.extend(cell.unwrap_or_default().as_bytes());
            }
            let hash = xxh3_128(&self.row);
            let hash = RowHash([hash as u32, (hash >> 32) as u32, (hash >> 64) as u32]);
            if let Some(first) = remember(&mut self.seen, hash, *line) {
                found.push(DuplicateRow {
                    line: *line,
                    first,
                    cluster: first,
                    why: DuplicateReason::Exact,
                    removed: true,
                });
            }
        }
        Ok(found)
    }
}

/// The line this key was first seen on, if it was.
pub(super) fn remember<K: Eq + std::hash::Hash>(
    seen: &mut Lines<K>,
    key: K,
    line: u64,
) -> Option<u64> {
    // Lines beyond four thousand million are all the last one: only what is said of them suffers.
    match seen.entry(key) {
        Entry::Occupied(first) => Some(u64::from(*first.get())),
        Entry::Vacant(slot) => {
            slot.insert(u32::try_from(line).unwrap_or(u32::MAX));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::*;

    use super::*;

    #[test]
    fn only_rows_equal_in_every_column_are_duplicates() {
        let frame = df!(
            "a" => [Some("x"), Some("x"), Some("xy"), None, Some("x")],
            "b" => [Some("yz"), Some("yz"), Some("z"), Some("x"), None],
        )
        .unwrap();
        let mut rows = ExactRows::with_capacity(5);
        let found = rows.find(&frame, &[2, 3, 4, 5, 6]).unwrap();
        let lines = |row: &DuplicateRow| (row.line, row.first);
        assert_eq!(found.iter().map(lines).collect::<Vec<_>>(), [(3, 2)]);
        // Across batches too.
        let again = rows.find(&frame.slice(3, 2), &[7, 8]).unwrap();
        assert_eq!(
            again.iter().map(|row| row.first).collect::<Vec<_>>(),
            [5, 6]
        );
    }
}

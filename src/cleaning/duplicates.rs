//! Rows that are there twice: equal in every column.
//!
//! What is remembered is a hash and a line per row: 17 bytes for each distinct row and for each
//! distinct key ([`super::keyed`]), times the spare room of a hash table (at most 2.3).

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use polars::prelude::{DataFrame, PolarsResult};
use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_128;

use super::identity::{Cells, Identity};

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

/// Tables that rows are remembered in, filled at the same time: a row's hash says in which.
const SHARDS: usize = 4;

/// Rows equal in every column after cleaning.
pub(super) struct ExactRows {
    seen: [Lines<RowHash>; SHARDS],
}

impl ExactRows {
    pub(super) fn with_capacity(rows: u64) -> Self {
        let each = rows as usize / SHARDS;
        ExactRows {
            seen: std::array::from_fn(|_| {
                Lines::with_capacity_and_hasher(each, Default::default())
            }),
        }
    }

    /// The rows of `frame` that stood before, in the order of their lines.
    pub(super) fn find(
        &mut self,
        frame: &DataFrame,
        lines: &[u64],
    ) -> PolarsResult<Vec<DuplicateRow>> {
        let hashes = row_hashes(frame)?;
        let shards = self.seen.par_iter_mut().enumerate();
        let found = shards.map(|(shard, seen)| {
            let rows = lines.iter().zip(&hashes);
            let here = rows.filter(|(_, hash)| hash.0[0] as usize % SHARDS == shard);
            let again = here.filter_map(|(line, hash)| {
                let first = remember(seen, *hash, *line)?;
                Some(DuplicateRow {
                    line: *line,
                    first,
                    cluster: first,
                    why: DuplicateReason::Exact,
                    removed: true,
                })
            });
            again.collect::<Vec<_>>()
        });
        let mut found: Vec<_> = found.flatten_iter().collect();
        found.sort_unstable_by_key(|row| row.line);
        Ok(found)
    }
}

/// Rows that are hashed at a time, so that their cells stay in the processor's nearest cache.
const TILE: usize = 32;
/// Rows that one thread hashes in one go.
const PIECE: usize = 32 * TILE;
/// What a cell is in a tile: itself if it is short, else its length and its hash.
const WORD: usize = 16;

/// The hash of each row.
fn row_hashes(frame: &DataFrame) -> PolarsResult<Vec<RowHash>> {
    let mut texts = Vec::with_capacity(frame.width());
    for column in frame.columns() {
        texts.push(column.str()?.rechunk());
    }
    let columns: Vec<_> = texts
        .iter()
        .filter_map(|text| text.downcast_get(0))
        .collect();
    let stride = columns.len() * WORD;
    let mut hashes = vec![RowHash([0; 3]); frame.height()];
    let pieces = hashes.par_chunks_mut(PIECE).enumerate();
    pieces.for_each(|(piece, hashes)| {
        let mut tile = vec![0; TILE * stride];
        for (at, hashes) in hashes.chunks_mut(TILE).enumerate() {
            let first = piece * PIECE + at * TILE;
            for (place, cells) in columns.iter().enumerate() {
                for row in 0..hashes.len() {
                    let at = row * stride + place * WORD;
                    tile[at..at + WORD].copy_from_slice(&word(cells, first + row));
                }
            }
            for (hash, row) in hashes.iter_mut().zip(tile.chunks_exact(stride.max(1))) {
                let whole = xxh3_128(row);
                *hash = RowHash([whole as u32, (whole >> 32) as u32, (whole >> 64) as u32]);
            }
        }
    });
    Ok(hashes)
}

/// Different for different cells; a blank is not an empty text.
fn word(cells: &Cells, row: usize) -> [u8; WORD] {
    let Some(text) = cells.get(row) else {
        return [u8::MAX; WORD];
    };
    Identity::of(cells, row, text).bytes()
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

//! Rows that are there twice: equal in every column.
//!
//! What is remembered is a hash and a line ([`super::seen`]): 16 bytes for each distinct row and
//! for each distinct key ([`super::keyed`]), times the spare room of a hash table: 1.4, or up to 2.7
//! where it could not be foreseen how many there would be.

use std::sync::Arc;

use polars::prelude::{DataFrame, PolarsResult};
use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_128;

use super::identity::{Cells, Identity};
use super::seen::{Fingerprint, Seen};

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

/// Rows equal in every column after cleaning.
pub(super) struct ExactRows {
    seen: Seen,
}

impl ExactRows {
    pub(super) fn of_rows(rows: u64) -> Self {
        ExactRows {
            seen: Seen::of_rows(rows),
        }
    }

    /// The rows of `frame` that stood before, in order, and the line of the first of each.
    pub(super) fn find(
        &mut self,
        frame: &DataFrame,
        lines: &[u64],
    ) -> PolarsResult<Vec<(usize, u64)>> {
        let hashes = row_hashes(frame)?;
        let mut found = Vec::new();
        let fingerprint = |row: usize| hashes.get(row).copied().map(Fingerprint::of);
        self.seen
            .each_repeated(lines, fingerprint, |row, first| found.push((row, first)));
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
fn row_hashes(frame: &DataFrame) -> PolarsResult<Vec<u128>> {
    let mut texts = Vec::with_capacity(frame.width());
    for column in frame.columns() {
        texts.push(column.str()?.rechunk());
    }
    let columns: Vec<_> = texts
        .iter()
        .filter_map(|text| text.downcast_get(0))
        .collect();
    let stride = columns.len() * WORD;
    let mut hashes = vec![0; frame.height()];
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
                *hash = xxh3_128(row);
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
        let mut rows = ExactRows::of_rows(5);
        let found = rows.find(&frame, &[2, 3, 4, 5, 6]).unwrap();
        assert_eq!(found, [(1, 2)]);
        // Across batches too.
        let again = rows.find(&frame.slice(3, 2), &[7, 8]).unwrap();
        assert_eq!(again, [(0, 5), (1, 6)]);
    }
}

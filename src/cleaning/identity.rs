//! What tells a cell from others, in sixteen bytes.

use polars::prelude::{PolarsDataType, StringType};
use xxhash_rust::xxh3::xxh3_64;

/// The cells of a column, in one piece.
pub(super) type Cells = <StringType as PolarsDataType>::Array;

/// Texts of so many bytes lie in the view that a column keeps of each.
const MOST_INLINE: u32 = 12;

/// Tells a cell from others: a short one is its own identity, a long one has its length and its
/// hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity(u128);

impl Identity {
    /// Of a cell that is not blank.
    pub(super) fn of(cells: &Cells, row: usize, text: &str) -> Identity {
        let view = &cells.views()[row];
        Identity(match view.is_inline() {
            true => view.as_u128(),
            false => u128::from(xxh3_64(text.as_bytes())) << 64 | u128::from(view.length),
        })
    }

    /// Whether it tells all of the text.
    pub(super) fn is_text(self) -> bool {
        self.0 as u32 <= MOST_INLINE
    }

    pub(super) fn bytes(self) -> [u8; 16] {
        self.0.to_le_bytes()
    }

    /// A number below `slots`, the same for the same cells.
    pub(super) fn slot(self, slots: usize) -> usize {
        const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
        let folded = self.0 as u64 ^ ((self.0 >> 64) as u64).rotate_left(32);
        (folded.wrapping_mul(ODD) >> 32) as usize % slots
    }
}

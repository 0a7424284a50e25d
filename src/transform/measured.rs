//! What a transform has to know of the whole column before the first row.

use polars::prelude::{DataFrame, PolarsResult};

use crate::recipe::{Profile, Rules};

/// What was measured: ranges, means, values, quantiles.
#[derive(Debug, Default)]
pub struct Measured {}

/// Measures over all clean rows.
pub struct TransformMeasurer {}

impl TransformMeasurer {
    /// `None` if no transform has to know anything beforehand.
    pub fn new(_profile: &Profile, _rules: &Rules<usize>) -> Option<Self> {
        None
    }

    /// # Errors
    /// If a column is not text.
    pub fn observe(&mut self, _frame: &DataFrame) -> PolarsResult<()> {
        Ok(())
    }

    /// # Errors
    /// If the columns cannot be reckoned with.
    pub fn finish(self) -> PolarsResult<Measured> {
        Ok(Measured::default())
    }
}

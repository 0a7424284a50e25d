//! Filling what is still blank once the reference base was asked.

use std::sync::Arc;

use polars::prelude::PolarsResult;

use super::{Brief, CleanBatch, Findings};

/// Fills the blanks that rules for missing values speak of.
pub struct Completer {}

impl Completer {
    pub fn new(_brief: &Brief, _findings: Arc<Findings>) -> Self {
        Completer {}
    }

    /// Fills the blanks of the next rows.
    ///
    /// # Errors
    /// If a column is not text.
    pub fn complete(&mut self, _batch: &mut CleanBatch) -> PolarsResult<()> {
        Ok(())
    }
}

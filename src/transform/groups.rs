//! Sheets of groups.

use polars::prelude::{DataFrame, PolarsResult};

use super::Derived;
use crate::recipe::{Profile, Rules};

/// A finished sheet.
#[derive(Debug, Clone)]
pub struct GroupSheet {
    pub name: String,
    pub columns: Vec<Derived>,
    /// Delivered text, one row for each group.
    pub frame: DataFrame,
}

/// Collects the groups of all rows.
pub struct Grouper {}

impl Grouper {
    pub fn new(_profile: &Profile, _rules: &Rules<usize>) -> Self {
        Grouper {}
    }

    /// # Errors
    /// If a column is not text.
    pub fn add(&mut self, _frame: &DataFrame) -> PolarsResult<()> {
        Ok(())
    }

    /// # Errors
    /// If the groups cannot be reckoned.
    pub fn finish(self) -> PolarsResult<Vec<GroupSheet>> {
        Ok(Vec::new())
    }
}

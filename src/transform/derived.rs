//! New columns.

use chrono::NaiveDate;
use polars::prelude::{DataFrame, PolarsResult};

use super::Measured;
use crate::recipe::{ColumnKind, Profile, Rules};

/// A column that is made, in the order of delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived {
    pub name: String,
    /// How it is delivered.
    pub kind: ColumnKind,
}

/// Makes the columns that recipes derive.
pub struct Transformer {}

impl Transformer {
    pub fn new(
        _profile: &Profile,
        _rules: &Rules<usize>,
        _measured: &Measured,
        _today: NaiveDate,
    ) -> Self {
        Transformer {}
    }

    /// What [`Transformer::apply`] appends.
    pub fn columns(&self) -> &[Derived] {
        &[]
    }

    /// Appends the new columns, as delivered text, to a frame of clean rows.
    ///
    /// # Errors
    /// If a column is not text.
    pub fn apply(&self, _frame: &mut DataFrame) -> PolarsResult<()> {
        Ok(())
    }
}

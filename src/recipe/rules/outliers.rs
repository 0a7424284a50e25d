//! Numbers far from the rest of their column.

use schemars::JsonSchema;
use serde::Deserialize;

/// How numbers far from the rest of their column are found, and what becomes of them.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, bound(deserialize = "C: Deserialize<'de>"))]
pub struct OutlierRule<C> {
    /// Columns of numbers.
    pub columns: Vec<C>,
    #[serde(default)]
    pub method: OutlierMethod,
    /// How far is too far: 1.5 quartile ranges, 3.5 scaled median deviations, 3 standard
    /// deviations, if it is not said.
    #[serde(default)]
    pub factor: Option<f64>,
    #[serde(default)]
    pub action: OutlierAction,
}

/// What distance is measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutlierMethod {
    /// Quartiles, by the linear rule (type 7).
    #[default]
    Iqr,
    /// Median absolute deviation.
    Mad,
    /// Mean and sample standard deviation.
    Zscore,
}

impl OutlierMethod {
    /// The factor taken where none is said.
    pub fn usual_factor(self) -> f64 {
        match self {
            OutlierMethod::Iqr => 1.5,
            OutlierMethod::Mad => 3.5,
            OutlierMethod::Zscore => 3.0,
        }
    }
}

/// What becomes of an outlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutlierAction {
    /// Kept, with an alert.
    #[default]
    Flag,
    /// Brought to the nearer fence.
    Cap,
    /// The cell is rejected.
    Drop,
}

//! Blanks filled by statistics.

use schemars::JsonSchema;
use serde::Deserialize;

/// How the blanks of columns of numbers are filled. Never without being asked.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, bound(deserialize = "C: Deserialize<'de>"))]
pub struct MissingRule<C> {
    /// Columns of numbers.
    pub columns: Vec<C>,
    pub fill: Fill<C>,
}

/// What a blank is filled with.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(
    rename_all = "snake_case",
    deny_unknown_fields,
    bound(deserialize = "C: Deserialize<'de>")
)]
pub enum Fill<C> {
    /// Nothing: the blank is marked with an alert.
    Flag,
    /// This number, as a decimal: `0` or `1.5`.
    Constant(String),
    Mean,
    Median,
    /// The most frequent value; of several, the smallest.
    Mode,
    /// The mean of the rows that are nearest in the other columns.
    #[serde(rename_all = "snake_case")]
    Knn {
        /// How many rows; 5 if it is not said.
        #[serde(default = "five")]
        neighbours: usize,
        #[serde(default)]
        weights: Weights,
        /// Columns of numbers that nearness is measured by, beside the columns to fill.
        #[serde(default)]
        near_by: Vec<C>,
        /// Measure in standard deviations, so that no column outweighs another.
        #[serde(default)]
        standardise: bool,
    },
}

fn five() -> usize {
    5
}

/// How much each of the nearest rows counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Weights {
    #[default]
    Uniform,
    /// One over its distance.
    Distance,
}

//! Columns and sheets made of others.

use schemars::JsonSchema;
use serde::Deserialize;

/// A column, or several, made of others: a formula, and the new header if you want one of your
/// own.
#[derive(Debug, Clone, PartialEq, JsonSchema)]
pub struct Derivation<C> {
    /// The header of the new column. If it is not said, it is made of the source's and what was
    /// done: `Renda_minmax`, `UF_SP`.
    #[schemars(default)]
    pub name: Option<String>,
    #[schemars(flatten)]
    pub formula: Formula<C>,
}

/// How a column is made.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(
    rename_all = "snake_case",
    deny_unknown_fields,
    bound(deserialize = "C: Deserialize<'de>")
)]
pub enum Formula<C> {
    /// From 0 at the column's least value to 1 at its greatest.
    MinMax {
        column: C,
    },
    /// Sample standard deviations from the column's mean.
    Zscore {
        column: C,
    },
    /// A column of 0 and 1 for each value.
    OneHot {
        column: C,
        /// Without the first value's column, which follows from the others.
        #[serde(default)]
        drop_first: bool,
        /// At most this many values, the most frequent; 50 if it is not said.
        #[serde(default)]
        most: Option<usize>,
    },
    /// One column divided by another; blank where that is zero.
    Ratio {
        of: C,
        by: C,
    },
    /// One column less another. Of dates: the days from the second to the first.
    Difference {
        of: C,
        minus: C,
    },
    /// Whole days from the date to the job's day.
    DaysSince {
        column: C,
    },
    DatePart {
        column: C,
        part: DatePart,
    },
    /// The interval a number lies in.
    Bins {
        column: C,
        cuts: Bins,
    },
}

/// A part of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DatePart {
    Year,
    /// 1 to 12.
    Month,
    /// 1 to 31.
    Day,
    /// `segunda-feira` … `domingo`.
    Weekday,
    /// 1 to 4.
    Quarter,
    /// `2024-03`.
    YearMonth,
}

/// Where the intervals of a column begin and end.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Bins {
    /// At these numbers, in ascending order: below the first, between them, from the last on.
    At(Vec<f64>),
    /// So many of the same width, from the least to the greatest value.
    Equal(usize),
    /// So many with as many rows each.
    Quantiles(usize),
}

/// A sheet of its own: one row for each group of rows.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, bound(deserialize = "C: Deserialize<'de>"))]
pub struct GroupRule<C> {
    /// The sheet's name, at most 31 characters.
    pub sheet: String,
    /// One or more columns.
    pub by: Vec<C>,
    pub aggregates: Vec<Aggregate<C>>,
}

/// A number for each group.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, bound(deserialize = "C: Deserialize<'de>"))]
pub struct Aggregate<C> {
    pub function: Function,
    /// The column of numbers; `count` needs none.
    #[serde(default)]
    pub column: Option<C>,
    /// Its header; `Soma de Renda` if it is not said.
    #[serde(default)]
    pub name: Option<String>,
}

/// How the values of a group become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Function {
    /// Rows; with a column, those where it is filled.
    Count,
    Sum,
    Mean,
    Min,
    Max,
    /// Distinct values.
    Distinct,
}

//! What was decided of the columns and done by rules of the whole table, for the manifest.

use serde::Serialize;

use crate::cleaning::{CheckTally, DuplicateTally, MissingTally, OutlierTally};
use crate::recipe::{ColumnProfile, Decided, Reading};
use crate::transform::{Derived, GroupSheet, Spread};
use crate::values::Locale;
use crate::values::date::{Order, System};

/// What was decided of a column, and how its numbers lie.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct ColumnFacts {
    /// The header it is delivered under; `None` if it is not delivered.
    pub delivered_as: Option<String>,
    /// `detected` or `recipe`.
    pub decided: &'static str,
    /// Of the type, from 0 to 1; 0 for text nobody claimed.
    pub type_score: f64,
    /// The types that came into question, the likeliest first.
    pub candidates: Vec<(&'static str, f64)>,
    pub reading: HowRead,
    /// Of the delivered values; only for numbers, and if there are any.
    pub stats: Option<Stats>,
}

/// How the cells of a column were read, where a single cell does not tell.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct HowRead {
    /// `pt` or `en`, if the numbers tell.
    pub locale: Option<&'static str>,
    /// `dmy` or `mdy`; `None` is row by row.
    pub date_order: Option<&'static str>,
    /// Whole numbers are the days of a spreadsheet, counted from this year.
    pub serials: Option<u32>,
    /// Dates are delivered with their time of day.
    pub times: bool,
    /// Percentages and fractions stand in the same column.
    pub mixed_unit: bool,
    /// House number and complement went to columns of their own.
    pub parted: bool,
    /// Marks and blanks stand for yes and no.
    pub checklist: bool,
}

/// How the numbers of a column lie. Quantiles are of type 7, exact up to 1,048,576 values; beyond
/// that, of every second value, every fourth and so on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stats {
    pub min: f64,
    pub max: f64,
    pub mean: f64,
    pub median: f64,
    /// Of the sample; `None` for a single value.
    pub stddev: Option<f64>,
    pub q1: f64,
    pub q3: f64,
    /// Values beyond 1.5 quartile ranges from the quartiles; `None` for fewer than 20 values.
    pub outliers: Option<u64>,
}

/// A column that a recipe makes of others.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DerivedFacts {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// `min_max`, `ratio` …
    pub formula: &'static str,
    /// The headers, as delivered, of the columns it is made of.
    pub of: Vec<String>,
}

/// A sheet of groups.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupFacts {
    pub sheet: String,
    pub columns: Vec<String>,
    pub groups: u64,
    /// Rows whose groups did not fit on the sheet.
    pub rows_left_out: u64,
}

/// Outliers of a column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutlierFacts {
    pub column: String,
    /// A value below or above is an outlier.
    pub fences: (f64, f64),
    pub cells: u64,
}

/// Blanks of a column that were filled or flagged.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FilledFacts {
    pub column: String,
    /// A reason code: `media`, `vizinhos` …
    pub how: &'static str,
    pub cells: u64,
    /// How far off the method is where the value is known but was hidden.
    pub error: Option<ErrorFacts>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ErrorFacts {
    /// Cells it was measured on.
    pub cells: u64,
    pub rmse: f64,
    pub mae: f64,
}

/// How often the cells of a row contradicted one another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckFacts {
    pub reason: &'static str,
    /// Rows in which both sides were filled.
    pub checked: u64,
    pub contradicted: u64,
}

/// Rows that are there twice.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Duplicates {
    /// Rows equal in every column to an earlier one; removed.
    pub exact: u64,
    /// Rows removed because another stays for them.
    pub merged: u64,
    /// Rows that stay though they repeat an earlier one.
    pub marked: u64,
    /// Rows that are possibly the same as another.
    pub possible: u64,
    /// Blank cells filled from rows that were removed.
    pub filled: u64,
    /// Groups of rows that belong together.
    pub clusters: u64,
    /// Rows whose key stood in an earlier row. By the types of the key's columns: `cpf`,
    /// `phone+name`.
    pub by_key: std::collections::BTreeMap<String, u64>,
}

impl ColumnFacts {
    pub(super) fn new(column: &ColumnProfile, spread: Option<&Spread>) -> Self {
        let scores = column.scores.iter();
        let name = column.rename.as_ref().unwrap_or(&column.name);
        ColumnFacts {
            delivered_as: (!column.dropped).then(|| name.clone()),
            decided: match column.decided {
                Decided::Detected => "detected",
                Decided::Recipe => "recipe",
            },
            type_score: thousandths(column.score),
            candidates: scores
                .map(|(kind, score)| (kind.code(), thousandths(*score)))
                .collect(),
            reading: HowRead::new(&column.reading),
            stats: spread.map(Stats::new),
        }
    }
}

impl HowRead {
    fn new(reading: &Reading) -> Self {
        HowRead {
            locale: reading.locale.map(|locale| match locale {
                Locale::PtBr => "pt",
                Locale::En => "en",
            }),
            date_order: reading.order.map(|order| match order {
                Order::DayMonth => "dmy",
                Order::MonthDay => "mdy",
            }),
            serials: reading.serials.map(|system| match system {
                System::From1900 => 1900,
                System::From1904 => 1904,
            }),
            times: reading.times,
            mixed_unit: reading.mixed_unit,
            parted: reading.parted,
            checklist: reading.checklist,
        }
    }
}

impl Stats {
    fn new(spread: &Spread) -> Self {
        Stats {
            min: spread.min,
            max: spread.max,
            mean: spread.mean,
            median: spread.median,
            stddev: spread.stddev,
            q1: spread.q1,
            q3: spread.q3,
            outliers: spread.outliers,
        }
    }
}

impl From<&Derived> for DerivedFacts {
    fn from(derived: &Derived) -> Self {
        DerivedFacts {
            name: derived.name.clone(),
            kind: derived.kind.code(),
            formula: derived.formula,
            of: derived.of.clone(),
        }
    }
}

impl From<&GroupSheet> for GroupFacts {
    fn from(sheet: &GroupSheet) -> Self {
        let columns = sheet.columns.iter();
        GroupFacts {
            sheet: sheet.name.clone(),
            columns: columns.map(|column| column.name.clone()).collect(),
            groups: sheet.frame.height() as u64,
            rows_left_out: sheet.left_out,
        }
    }
}

impl OutlierFacts {
    pub(super) fn new(column: &str, tally: &OutlierTally) -> Self {
        OutlierFacts {
            column: column.to_owned(),
            fences: (tally.lower, tally.upper),
            cells: tally.cells,
        }
    }
}

impl FilledFacts {
    pub(super) fn new(column: &str, tally: &MissingTally) -> Self {
        FilledFacts {
            column: column.to_owned(),
            how: tally.how.code(),
            cells: tally.filled,
            error: tally.error.map(|error| ErrorFacts {
                cells: error.cells,
                rmse: error.rmse,
                mae: error.mae,
            }),
        }
    }
}

impl From<&CheckTally> for CheckFacts {
    fn from(tally: &CheckTally) -> Self {
        CheckFacts {
            reason: tally.reason.code(),
            checked: tally.checked,
            contradicted: tally.contradicted,
        }
    }
}

impl From<&DuplicateTally> for Duplicates {
    fn from(tally: &DuplicateTally) -> Self {
        let keys = tally.keys.iter();
        Duplicates {
            exact: tally.exact,
            merged: tally.merged,
            marked: tally.marked,
            possible: tally.possible,
            filled: tally.filled,
            clusters: tally.clusters(),
            by_key: keys.map(|key| (key.name.clone(), key.repeated)).collect(),
        }
    }
}

/// Scores as reports show them.
fn thousandths(score: f64) -> f64 {
    (score * 1000.0).round() / 1000.0
}

//! New columns.

use chrono::{Datelike, NaiveDate};
use polars::prelude::{
    Column, DataFrame, IntoColumn, PolarsResult, StringChunked, StringChunkedBuilder,
};

use super::Measured;
use super::bins::Cuts;
use super::cells::{day, exact, number, reckoned};
use super::exact::difference;
use super::measured::texts;
use super::naming::{Headers, delivered};
use crate::recipe::rules::{Bins, DatePart, Derivation, Formula};
use crate::recipe::{ColumnKind, Profile, Rules};

/// A column that is made, in the order of delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived {
    pub name: String,
    /// How it is delivered.
    pub kind: ColumnKind,
    /// How it is made: `min_max`, `ratio`, for a group `sum` …
    pub formula: &'static str,
    /// The headers, as delivered, of the columns it is made of.
    pub of: Vec<String>,
}

/// How the cells of one new column are made.
enum Maker {
    /// (number − `less`) / `by`; a column whose values are all the same gives 0.
    Scaled {
        column: usize,
        less: f64,
        by: f64,
    },
    Is {
        column: usize,
        value: String,
    },
    Ratio {
        of: usize,
        by: usize,
    },
    Difference {
        of: usize,
        minus: usize,
        kind: ColumnKind,
    },
    Days {
        of: usize,
        minus: usize,
    },
    DaysSince {
        column: usize,
        today: NaiveDate,
    },
    Part {
        column: usize,
        part: DatePart,
    },
    Bin {
        column: usize,
        cuts: Cuts,
    },
}

/// Makes the columns that recipes derive.
pub struct Transformer {
    columns: Vec<Derived>,
    makers: Vec<Maker>,
}

/// A column to be made: its usual header, its type, and how.
type Planned = (String, ColumnKind, Maker);

impl Transformer {
    /// `measured` is what a [`super::TransformMeasurer`] found of the same rules.
    pub fn new(
        profile: &Profile,
        rules: &Rules<usize>,
        measured: &Measured,
        today: NaiveDate,
    ) -> Self {
        let mut headers = Headers::of(profile);
        let mut columns = Vec::new();
        let mut makers = Vec::new();
        for (at, derivation) in rules.derive.iter().enumerate() {
            let formula = &derivation.formula;
            let of = sources(formula);
            let of = of
                .into_iter()
                .map(|place| delivered(profile, place).to_owned());
            let of: Vec<_> = of.collect();
            for (name, kind, maker) in plan(profile, derivation, at, measured, today) {
                columns.push(Derived {
                    name: headers.take(&name),
                    kind,
                    formula: code(formula),
                    of: of.clone(),
                });
                makers.push(maker);
            }
        }
        Transformer { columns, makers }
    }

    /// What [`Transformer::apply`] appends.
    pub fn columns(&self) -> &[Derived] {
        &self.columns
    }

    /// Appends the new columns, as delivered text, to a frame of clean rows. Where a source is
    /// blank, so is what is made of it.
    ///
    /// # Errors
    /// If a column is not text.
    pub fn apply(&self, frame: &mut DataFrame) -> PolarsResult<()> {
        if self.columns.is_empty() {
            return Ok(());
        }
        let mut all = frame.columns().to_vec();
        for (derived, maker) in self.columns.iter().zip(&self.makers) {
            all.push(maker.make(&derived.name, frame)?);
        }
        *frame = DataFrame::new(frame.height(), all)?;
        Ok(())
    }
}

fn plan(
    profile: &Profile,
    derivation: &Derivation<usize>,
    at: usize,
    measured: &Measured,
    today: NaiveDate,
) -> Vec<Planned> {
    let name = |place: usize| delivered(profile, place);
    let kind = |place: usize| profile.columns.get(place).map(|column| column.kind);
    let (usual, kind, maker) = match &derivation.formula {
        Formula::MinMax { column } => {
            let numbers = measured.numbers(*column);
            let (less, most) = numbers.and_then(|all| all.range()).unwrap_or_default();
            let by = most - less;
            let maker = Maker::Scaled {
                column: *column,
                less,
                by,
            };
            (
                format!("{}_minmax", name(*column)),
                ColumnKind::Decimal,
                maker,
            )
        }
        Formula::Zscore { column } => {
            let numbers = measured.numbers(*column);
            let less = numbers.map(|all| all.mean()).unwrap_or_default();
            let by = numbers.and_then(|all| all.stddev()).unwrap_or_default();
            let maker = Maker::Scaled {
                column: *column,
                less,
                by,
            };
            (
                format!("{}_zscore", name(*column)),
                ColumnKind::Decimal,
                maker,
            )
        }
        Formula::OneHot {
            column, drop_first, ..
        } => {
            let prefix = derivation.name.as_deref().unwrap_or(name(*column));
            let values = measured.values(at).iter().skip(usize::from(*drop_first));
            let planned = values.map(|value| {
                let maker = Maker::Is {
                    column: *column,
                    value: value.clone(),
                };
                (format!("{prefix}_{value}"), ColumnKind::Integer, maker)
            });
            return planned.collect();
        }
        Formula::Ratio { of, by } => {
            let usual = format!("{}_por_{}", name(*of), name(*by));
            (
                usual,
                ColumnKind::Decimal,
                Maker::Ratio { of: *of, by: *by },
            )
        }
        Formula::Difference { of, minus } => {
            let usual = format!("{}_menos_{}", name(*of), name(*minus));
            let (of, minus) = (*of, *minus);
            match (kind(of), kind(minus)) {
                (Some(a), Some(b)) if a.is_date() && b.is_date() => {
                    (usual, ColumnKind::Integer, Maker::Days { of, minus })
                }
                (Some(a), Some(b)) => {
                    let kind = if a == b && a.is_numeric() {
                        a
                    } else {
                        ColumnKind::Decimal
                    };
                    (usual, kind, Maker::Difference { of, minus, kind })
                }
                _ => return Vec::new(),
            }
        }
        Formula::DaysSince { column } => {
            let usual = format!("{}_dias", name(*column));
            let maker = Maker::DaysSince {
                column: *column,
                today,
            };
            (usual, ColumnKind::Integer, maker)
        }
        Formula::DatePart { column, part } => {
            let usual = format!("{}_{}", name(*column), part_name(*part));
            let kind = match part {
                DatePart::Weekday | DatePart::YearMonth => ColumnKind::Category,
                _ => ColumnKind::Integer,
            };
            (
                usual,
                kind,
                Maker::Part {
                    column: *column,
                    part: *part,
                },
            )
        }
        Formula::Bins { column, cuts } => {
            let cuts = match cuts {
                Bins::At(cuts) => Cuts::at(cuts.clone()),
                _ => measured.cuts(at),
            };
            let maker = Maker::Bin {
                column: *column,
                cuts,
            };
            (
                format!("{}_faixa", name(*column)),
                ColumnKind::Category,
                maker,
            )
        }
    };
    vec![(derivation.name.clone().unwrap_or(usual), kind, maker)]
}

impl Maker {
    fn make(&self, name: &str, frame: &DataFrame) -> PolarsResult<Column> {
        let cells = |place: usize| texts(frame, place);
        Ok(match self {
            Maker::Scaled { column, less, by } => each(name, cells(*column)?, |text| {
                let number = number(text)?.to_f64();
                // All the same: nothing is far from anything.
                let scaled = if *by > 0.0 { (number - less) / by } else { 0.0 };
                Some(reckoned(scaled))
            }),
            Maker::Is { column, value } => each(name, cells(*column)?, |text| {
                Some(if text == value { "1" } else { "0" }.to_owned())
            }),
            Maker::Ratio { of, by } => pairs(name, cells(*of)?, cells(*by)?, |of, by| {
                let by = number(by)?.to_f64();
                let of = number(of)?.to_f64();
                (by != 0.0).then(|| reckoned(of / by))
            }),
            Maker::Difference { of, minus, kind } => {
                pairs(name, cells(*of)?, cells(*minus)?, |of, minus| {
                    let difference = difference(number(of)?, number(minus)?)?;
                    Some(exact(difference, *kind))
                })
            }
            Maker::Days { of, minus } => pairs(name, cells(*of)?, cells(*minus)?, |of, minus| {
                Some((day(of)? - day(minus)?).num_days().to_string())
            }),
            Maker::DaysSince { column, today } => each(name, cells(*column)?, |text| {
                Some((*today - day(text)?).num_days().to_string())
            }),
            Maker::Part { column, part } => each(name, cells(*column)?, |text| {
                Some(part_of(day(text)?, *part))
            }),
            Maker::Bin { column, cuts } => each(name, cells(*column)?, |text| {
                Some(cuts.label(number(text)?.to_f64())?.to_owned())
            }),
        })
    }
}

fn each(name: &str, cells: &StringChunked, make: impl Fn(&str) -> Option<String>) -> Column {
    let mut made = StringChunkedBuilder::new(name.into(), cells.len());
    for cell in cells.iter() {
        made.append_option(cell.and_then(&make));
    }
    made.finish().into_column()
}

fn pairs(
    name: &str,
    left: &StringChunked,
    right: &StringChunked,
    make: impl Fn(&str, &str) -> Option<String>,
) -> Column {
    let mut made = StringChunkedBuilder::new(name.into(), left.len());
    for (left, right) in left.iter().zip(right.iter()) {
        let both = left.zip(right);
        made.append_option(both.and_then(|(left, right)| make(left, right)));
    }
    made.finish().into_column()
}

fn part_of(day: NaiveDate, part: DatePart) -> String {
    match part {
        DatePart::Year => day.year().to_string(),
        DatePart::Month => day.month().to_string(),
        DatePart::Day => day.day().to_string(),
        DatePart::Weekday => WEEKDAYS[day.weekday().num_days_from_monday() as usize].to_owned(),
        DatePart::Quarter => (day.month0() / 3 + 1).to_string(),
        DatePart::YearMonth => format!("{:04}-{:02}", day.year(), day.month()),
    }
}

const WEEKDAYS: [&str; 7] = [
    "segunda-feira",
    "terça-feira",
    "quarta-feira",
    "quinta-feira",
    "sexta-feira",
    "sábado",
    "domingo",
];

fn part_name(part: DatePart) -> &'static str {
    match part {
        DatePart::Year => "ano",
        DatePart::Month => "mes",
        DatePart::Day => "dia",
        DatePart::Weekday => "dia_semana",
        DatePart::Quarter => "trimestre",
        DatePart::YearMonth => "ano_mes",
    }
}

/// The name a recipe has for it.
fn code(formula: &Formula<usize>) -> &'static str {
    match formula {
        Formula::MinMax { .. } => "min_max",
        Formula::Zscore { .. } => "zscore",
        Formula::OneHot { .. } => "one_hot",
        Formula::Ratio { .. } => "ratio",
        Formula::Difference { .. } => "difference",
        Formula::DaysSince { .. } => "days_since",
        Formula::DatePart { .. } => "date_part",
        Formula::Bins { .. } => "bins",
    }
}

/// The places of the columns a formula reads.
fn sources(formula: &Formula<usize>) -> Vec<usize> {
    match formula {
        Formula::MinMax { column }
        | Formula::Zscore { column }
        | Formula::OneHot { column, .. }
        | Formula::DaysSince { column }
        | Formula::DatePart { column, .. }
        | Formula::Bins { column, .. } => vec![*column],
        Formula::Ratio { of, by } => vec![*of, *by],
        Formula::Difference { of, minus } => vec![*of, *minus],
    }
}

#[cfg(test)]
pub(super) mod tests;

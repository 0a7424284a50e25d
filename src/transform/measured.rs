//! What a transform has to know of the whole column before the first row.

use std::collections::{BTreeMap, HashMap};

use polars::prelude::{DataFrame, PolarsResult, StringChunked, polars_err};

use super::bins::{Cuts, cuts};
use super::cells::number;
use super::numbers::Numbers;
use crate::recipe::rules::{Bins, Formula};
use crate::recipe::{Profile, Rules};

/// Values with columns of their own, if a rule does not say.
const USUAL_VALUES: usize = 50;
/// Distinct values that are counted: the first that are met.
const MOST_COUNTED: usize = 65_536;

/// What was measured: ranges, means, values, quantiles.
#[derive(Debug, Default)]
pub struct Measured {
    by_place: BTreeMap<usize, Numbers>,
    /// By the place of the derivation in its list: the values that get columns, sorted.
    values: BTreeMap<usize, Vec<String>>,
    cuts: BTreeMap<usize, Cuts>,
}

impl Measured {
    pub(super) fn numbers(&self, place: usize) -> Option<&Numbers> {
        self.by_place.get(&place)
    }

    pub(super) fn values(&self, derivation: usize) -> &[String] {
        self.values.get(&derivation).map_or(&[], Vec::as_slice)
    }

    pub(super) fn cuts(&self, derivation: usize) -> Cuts {
        self.cuts.get(&derivation).cloned().unwrap_or_default()
    }
}

/// Measures over all clean rows.
pub struct TransformMeasurer {
    formulas: Vec<Formula<usize>>,
    numbers: BTreeMap<usize, Numbers>,
    values: BTreeMap<usize, HashMap<String, u64>>,
}

impl TransformMeasurer {
    /// `None` if no transform has to know anything beforehand.
    pub fn new(_profile: &Profile, rules: &Rules<usize>) -> Option<Self> {
        let mut numbers = BTreeMap::new();
        let mut values = BTreeMap::new();
        let formulas: Vec<_> = rules.derive.iter().map(|one| one.formula.clone()).collect();
        for formula in &formulas {
            match formula {
                Formula::MinMax { column } | Formula::Zscore { column } => {
                    numbers.insert(*column, Numbers::default());
                }
                Formula::Bins { column, cuts } if !matches!(cuts, Bins::At(_)) => {
                    numbers.insert(*column, Numbers::default());
                }
                Formula::OneHot { column, .. } => {
                    values.insert(*column, HashMap::new());
                }
                _ => {}
            }
        }
        (!numbers.is_empty() || !values.is_empty()).then_some(TransformMeasurer {
            formulas,
            numbers,
            values,
        })
    }

    /// # Errors
    /// If a column is not text.
    pub fn observe(&mut self, frame: &DataFrame) -> PolarsResult<()> {
        for (place, numbers) in &mut self.numbers {
            for text in texts(frame, *place)?.iter().flatten() {
                if let Some(number) = number(text) {
                    numbers.add(number.to_f64());
                }
            }
        }
        for (place, values) in &mut self.values {
            for text in texts(frame, *place)?.iter().flatten() {
                if let Some(count) = values.get_mut(text) {
                    *count += 1;
                } else if values.len() < MOST_COUNTED {
                    values.insert(text.to_owned(), 1);
                }
            }
        }
        Ok(())
    }

    /// # Errors
    /// If the columns cannot be reckoned with.
    pub fn finish(self) -> PolarsResult<Measured> {
        let mut measured = Measured {
            by_place: self.numbers,
            ..Measured::default()
        };
        for (derivation, formula) in self.formulas.iter().enumerate() {
            match formula {
                Formula::OneHot { column, most, .. } => {
                    let counted = self.values.get(column);
                    let most = most.unwrap_or(USUAL_VALUES);
                    let frequent = counted.map(|counted| most_frequent(counted, most));
                    measured
                        .values
                        .insert(derivation, frequent.unwrap_or_default());
                }
                Formula::Bins { column, cuts: rule } => {
                    if let Some(numbers) = measured.by_place.get(column) {
                        measured.cuts.insert(derivation, cuts(rule, numbers)?);
                    }
                }
                _ => {}
            }
        }
        Ok(measured)
    }
}

/// The most frequent values, in the order of values.
fn most_frequent(counted: &HashMap<String, u64>, most: usize) -> Vec<String> {
    let mut all: Vec<_> = counted.iter().collect();
    all.sort_by_key(|(value, count)| (std::cmp::Reverse(**count), *value));
    let mut values: Vec<_> = all.into_iter().take(most).map(|(value, _)| value).collect();
    values.sort();
    values.into_iter().cloned().collect()
}

/// The cells of the column at `place`.
pub(super) fn texts(frame: &DataFrame, place: usize) -> PolarsResult<&StringChunked> {
    let column = frame.columns().get(place);
    let column = column.ok_or_else(|| polars_err!(ColumnNotFound: "no column at {place}"))?;
    column.str()
}

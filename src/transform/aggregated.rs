//! One number of one group, and the order of groups.

use std::cmp::Ordering;
use std::collections::HashSet;

use xxhash_rust::xxh3::xxh3_64;

use super::cells::{day, exact, number, reckoned, with_unit};
use super::exact::{compare, sum};
use crate::recipe::ColumnKind;
use crate::recipe::rules::Function;
use crate::values::Decimal;
use crate::values::fold::fold;

/// One number of one group.
#[derive(Default)]
pub(super) struct Aggregated {
    cells: u64,
    total: Total,
    least: Option<Extreme>,
    greatest: Option<Extreme>,
    distinct: HashSet<u64>,
    /// There are more distinct values than there was room for.
    distinct_is_cut: bool,
}

/// A sum without rounding, as far as its digits go.
#[derive(Clone, Copy)]
enum Total {
    Exact(Decimal),
    TooLong,
}

impl Default for Total {
    fn default() -> Self {
        Total::Exact(Decimal::new(0, 0))
    }
}

/// A cell that is the least or the greatest.
struct Extreme {
    value: Value,
    text: String,
}

/// A cell in the order people would sort it.
#[derive(Debug, Clone, PartialEq)]
enum Value {
    Number(Decimal),
    Day(chrono::NaiveDate),
}

impl Aggregated {
    /// Counts a row, whatever its cells hold.
    pub(super) fn count(&mut self) {
        self.cells += 1;
    }

    /// Adds a filled cell. `room` is how many more distinct values may be remembered.
    pub(super) fn add(&mut self, function: Function, text: &str, room: &mut usize) {
        match function {
            Function::Count => self.cells += 1,
            Function::Sum | Function::Mean => {
                let Some(number) = number(text) else { return };
                self.cells += 1;
                if let Total::Exact(total) = self.total {
                    self.total = sum(total, number).map_or(Total::TooLong, Total::Exact);
                }
            }
            Function::Min => take(&mut self.least, text, Ordering::Less),
            Function::Max => take(&mut self.greatest, text, Ordering::Greater),
            Function::Distinct => {
                let hash = xxh3_64(text.as_bytes());
                if *room > 0 {
                    *room -= usize::from(self.distinct.insert(hash));
                } else if !self.distinct.contains(&hash) {
                    self.distinct_is_cut = true;
                }
            }
        }
    }

    /// The number as a column of this type delivers it.
    pub(super) fn text(&self, function: Function, kind: ColumnKind) -> Option<String> {
        match function {
            Function::Count => Some(self.cells.to_string()),
            Function::Sum => match self.total {
                Total::Exact(total) if self.cells > 0 => Some(exact(total, kind)),
                _ => None,
            },
            Function::Mean => match self.total {
                Total::Exact(total) if self.cells > 0 => Some(with_unit(
                    reckoned(total.to_f64() / self.cells as f64),
                    kind,
                )),
                _ => None,
            },
            Function::Min => self.least.as_ref().map(|least| least.text.clone()),
            Function::Max => self.greatest.as_ref().map(|most| most.text.clone()),
            Function::Distinct if self.distinct_is_cut => None,
            Function::Distinct => Some(self.distinct.len().to_string()),
        }
    }
}

/// Keeps the cell if it is the first or further out than the one that is there.
fn take(there: &mut Option<Extreme>, text: &str, further: Ordering) {
    let value = number(text).map(Value::Number);
    let Some(value) = value.or_else(|| day(text).map(Value::Day)) else {
        return;
    };
    let is_further = there
        .as_ref()
        .is_none_or(|there| value.order(&there.value) == further);
    if is_further {
        *there = Some(Extreme {
            value,
            text: text.to_owned(),
        });
    }
}

impl Value {
    fn order(&self, other: &Value) -> Ordering {
        match (self, other) {
            (Value::Number(a), Value::Number(b)) => compare(*a, *b),
            (Value::Day(a), Value::Day(b)) => a.cmp(b),
            (Value::Number(_), Value::Day(_)) => Ordering::Less,
            (Value::Day(_), Value::Number(_)) => Ordering::Greater,
        }
    }
}

/// A group's cell as sheets are sorted: numbers, days, words without regard to case and accents,
/// blanks.
#[derive(Debug, PartialEq)]
pub(super) struct Sorted {
    value: Option<Value>,
    folded: Option<String>,
    text: Option<String>,
}

impl Sorted {
    pub(super) fn new(text: Option<&str>) -> Self {
        let value = text.and_then(|text| {
            let number = number(text).map(Value::Number);
            number.or_else(|| day(text).map(Value::Day))
        });
        Sorted {
            value,
            folded: text.map(fold),
            text: text.map(str::to_owned),
        }
    }
}

impl Eq for Sorted {}

impl PartialOrd for Sorted {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Sorted {
    fn cmp(&self, other: &Self) -> Ordering {
        let blank_last = self.text.is_none().cmp(&other.text.is_none());
        let values = match (&self.value, &other.value) {
            (Some(a), Some(b)) => a.order(b),
            (a, b) => b.is_some().cmp(&a.is_some()),
        };
        let words = || (&self.folded, &self.text).cmp(&(&other.folded, &other.text));
        blank_last.then(values).then_with(words)
    }
}

//! What the blanks of columns of numbers are filled with.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::Arc;

use polars::prelude::{ChunkAgg, ChunkQuantile, Float64Chunked, NewChunkedArray, StringChunked};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::knn::{Donors, Nearest};
use super::numbers::{Form, constant, number};
use super::outliers::Fence;
use super::whole::FillError;
use crate::recipe::Profile;
use crate::recipe::rules::{Fill, MissingRule};
use crate::values::Reason;

/// Rows that numbers are taken from: more would take longer and tell no more.
const MOST_DONORS: usize = 5000;

/// One known cell in so many is hidden to measure the error.
const HIDDEN: u64 = 20;

/// How the blanks of one column are filled.
#[derive(Debug, Clone)]
pub(super) struct FillPlan {
    pub(super) place: usize,
    pub(super) how: Reason,
    pub(super) with: With,
    pub(super) error: Option<FillError>,
}

/// What goes into a blank.
#[derive(Debug, Clone)]
pub(super) enum With {
    /// Nothing: it is flagged.
    Nothing,
    Text(String),
    /// The number of this column of the model.
    Nearest(Arc<Model>, usize),
}

/// Where numbers are taken from the nearest rows.
#[derive(Debug)]
pub(super) struct Model {
    /// In the clean frame, the columns to fill first.
    pub(super) places: Vec<usize>,
    /// How many of them are to be filled.
    pub(super) targets: usize,
    pub(super) donors: Donors,
    pub(super) how: Nearest,
    pub(super) forms: Vec<Form>,
}

/// Whether a rule must have seen the whole table.
pub(super) fn needs_a_look(fill: &Fill<usize>) -> bool {
    !matches!(fill, Fill::Flag | Fill::Constant(_))
}

/// What rules fill with that need not have seen the table.
fn plain(profile: &Profile, rules: &[MissingRule<usize>]) -> Vec<FillPlan> {
    let mut plans = Vec::new();
    for rule in rules.iter().filter(|rule| !needs_a_look(&rule.fill)) {
        plans.extend(rule.columns.iter().map(|place| {
            let text = match &rule.fill {
                Fill::Constant(text) => constant(profile.columns[*place].kind, text),
                _ => None,
            };
            FillPlan {
                place: *place,
                how: text
                    .as_ref()
                    .map_or(Reason::Faltante, |_| Reason::Constante),
                // What the column cannot hold is not put there: its blanks are flagged.
                with: text.map_or(With::Nothing, With::Text),
                error: None,
            }
        }));
    }
    plans
}

/// The numbers of one column, in the order of rows.
#[derive(Debug)]
pub(super) struct Numbers {
    pub(super) place: usize,
    pub(super) values: Vec<f64>,
    pub(super) form: Form,
}

impl Numbers {
    pub(super) fn new(profile: &Profile, place: usize) -> Self {
        Numbers {
            place,
            values: Vec::new(),
            form: Form::new(profile.columns[place].kind),
        }
    }

    pub(super) fn observe(&mut self, cells: &StringChunked, gone: &[bool]) {
        for (text, gone) in cells.iter().zip(gone) {
            let Some(text) = text.filter(|_| !gone) else {
                continue;
            };
            if let Some(number) = number(text) {
                self.form.see(text, number);
                self.values.push(number.to_f64());
            }
        }
    }

    /// What one of the simple ways fills with. `None` where the column holds no number.
    pub(super) fn plan(&self, fill: &Fill<usize>, fence: Option<&Fence>) -> Option<FillPlan> {
        let how = match fill {
            Fill::Mean => Reason::Media,
            Fill::Median => Reason::Mediana,
            Fill::Mode => Reason::Moda,
            Fill::Flag | Fill::Constant(_) | Fill::Knn { .. } => return None,
        };
        let treated = |value: &f64| match fence {
            Some(fence) => fence.treated(*value),
            None => Some(*value),
        };
        let values: Vec<f64> = self.values.iter().filter_map(treated).collect();
        let typical = typical(how, &values)?;
        Some(FillPlan {
            place: self.place,
            how,
            with: With::Text(self.form.write(typical)),
            error: held_out(how, &values),
        })
    }
}

/// The mean, the median or the most frequent of `values`.
fn typical(how: Reason, values: &[f64]) -> Option<f64> {
    let numbers = || Float64Chunked::from_slice("".into(), values);
    match how {
        Reason::Media => numbers().mean(),
        Reason::Mediana => numbers().median(),
        _ => most_frequent(values),
    }
}

/// Of several, the smallest.
fn most_frequent(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let mut best: Option<(usize, f64)> = None;
    for run in sorted.chunk_by(|a, b| a == b) {
        if best.is_none_or(|(most, _)| run.len() > most) {
            best = Some((run.len(), run[0]));
        }
    }
    best.map(|(_, value)| value)
}

/// Whether a known cell is hidden: the same ones each time, spread over the table.
fn is_hidden(row: usize, place: usize) -> bool {
    xxh3_64_with_seed(&(row as u64).to_le_bytes(), place as u64).is_multiple_of(HIDDEN)
}

fn held_out(how: Reason, values: &[f64]) -> Option<FillError> {
    let mut shown = Vec::with_capacity(values.len());
    let mut hidden = Vec::new();
    for (row, value) in values.iter().enumerate() {
        match is_hidden(row, 0) {
            true => hidden.push(*value),
            false => shown.push(*value),
        }
    }
    let guess = typical(how, &shown)?;
    error_of(hidden.iter().map(|value| value - guess))
}

fn error_of(errors: impl Iterator<Item = f64>) -> Option<FillError> {
    let (mut cells, mut squares, mut sum) = (0u64, 0.0, 0.0);
    for error in errors {
        cells += 1;
        squares += error * error;
        sum += error.abs();
    }
    (cells > 0).then(|| FillError {
        cells,
        rmse: (squares / cells as f64).sqrt(),
        mae: sum / cells as f64,
    })
}

/// Rows of a rule that takes numbers from the nearest, a sample that depends on their number only.
#[derive(Debug)]
pub(super) struct Sample {
    targets: usize,
    places: Vec<usize>,
    forms: Vec<Form>,
    how: Nearest,
    standardise: bool,
    kept: BinaryHeap<Kept>,
    rows: u64,
}

/// A row of the sample: those with the smallest hashes are kept.
#[derive(Debug)]
struct Kept {
    hash: u64,
    row: u64,
    cells: Vec<f64>,
}

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Kept {}

impl PartialOrd for Kept {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Kept {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.hash, self.row).cmp(&(other.hash, other.row))
    }
}

impl Sample {
    /// `None` if the rule takes nothing from the nearest rows.
    pub(super) fn new(profile: &Profile, rule: &MissingRule<usize>) -> Option<Self> {
        let Fill::Knn {
            neighbours,
            weights,
            near_by,
            standardise,
        } = &rule.fill
        else {
            return None;
        };
        let mut places: Vec<usize> = Vec::new();
        for place in &rule.columns {
            if !places.contains(place) {
                places.push(*place);
            }
        }
        let targets = places.len();
        for place in near_by {
            if !places.contains(place) {
                places.push(*place);
            }
        }
        let form = |place: &usize| Form::new(profile.columns[*place].kind);
        Some(Sample {
            targets,
            forms: places.iter().map(form).collect(),
            places,
            how: Nearest {
                neighbours: (*neighbours).max(1),
                weights: *weights,
            },
            standardise: *standardise,
            kept: BinaryHeap::new(),
            rows: 0,
        })
    }

    pub(super) fn observe(&mut self, columns: &[&StringChunked], gone: &[bool]) {
        let mut cells: Vec<_> = self
            .places
            .iter()
            .map(|place| columns[*place].iter())
            .collect();
        let mut numbers = Vec::with_capacity(cells.len());
        for gone in gone {
            numbers.clear();
            for (cells, form) in cells.iter_mut().zip(&mut self.forms) {
                let text = cells.next().flatten().filter(|_| !gone);
                let value = text.and_then(|text| Some((text, number(text)?)));
                if let Some((text, number)) = value {
                    form.see(text, number);
                }
                numbers.push(value.map_or(f64::NAN, |(_, number)| number.to_f64()));
            }
            if *gone {
                continue;
            }
            let row = self.rows;
            self.rows += 1;
            let hash = xxh3_64_with_seed(&row.to_le_bytes(), 0);
            let is_full = self.kept.len() >= MOST_DONORS;
            let most = self.kept.peek().map(|kept| (kept.hash, kept.row));
            if numbers.iter().all(|n| n.is_nan()) || (is_full && most < Some((hash, row))) {
                continue;
            }
            let mut kept = Kept {
                hash,
                row,
                cells: Vec::new(),
            };
            // Its place in memory is taken over from the one that leaves.
            if is_full && let Some(left) = self.kept.pop() {
                kept.cells = left.cells;
            }
            kept.cells.clear();
            kept.cells.extend_from_slice(&numbers);
            self.kept.push(kept);
        }
    }

    /// `fence` tells where the outliers of a column begin, if they are treated.
    pub(super) fn plans<'f>(self, fence: impl Fn(usize) -> Option<&'f Fence>) -> Vec<FillPlan> {
        let mut kept = self.kept.into_vec();
        kept.sort_by_key(|kept| kept.row);
        let fences: Vec<_> = self.places.iter().map(|place| fence(*place)).collect();
        let mut columns = vec![Vec::with_capacity(kept.len()); self.places.len()];
        for row in &kept {
            for ((column, value), fence) in columns.iter_mut().zip(&row.cells).zip(&fences) {
                let treated = fence.map_or(Some(*value), |fence| fence.treated(*value));
                column.push(treated.unwrap_or(f64::NAN));
            }
        }
        let errors = errors(&columns, self.targets, self.how, self.standardise);
        let model = Arc::new(Model {
            donors: Donors::new(columns, self.standardise),
            places: self.places,
            targets: self.targets,
            how: self.how,
            forms: self.forms,
        });
        let targets = errors.into_iter().enumerate();
        targets
            .map(|(target, error)| FillPlan {
                place: model.places[target],
                how: Reason::Vizinhos,
                with: With::Nearest(model.clone(), target),
                error,
            })
            .collect()
    }
}

/// How far off each of the first `targets` columns is where its value is hidden.
fn errors(
    columns: &[Vec<f64>],
    targets: usize,
    how: Nearest,
    standardise: bool,
) -> Vec<Option<FillError>> {
    let mut hiding = columns.to_vec();
    let mut hidden = Vec::new();
    for (place, column) in hiding.iter_mut().enumerate().take(targets) {
        for (row, cell) in column.iter_mut().enumerate() {
            if !cell.is_nan() && is_hidden(row, place) {
                hidden.push((row, place, std::mem::replace(cell, f64::NAN)));
            }
        }
    }
    let row_of = |row: usize| hiding.iter().map(|column| column[row]).collect();
    let mut filled: Vec<Vec<f64>> = hidden.iter().map(|(row, _, _)| row_of(*row)).collect();
    Donors::new(hiding.clone(), standardise).fill(&mut filled, targets, how);
    let off = |target: usize| {
        let cells = hidden.iter().zip(&filled);
        let cells = cells.filter(move |((_, place, _), _)| *place == target);
        cells.map(|((_, place, value), filled)| filled[*place] - value)
    };
    let known = |target| off(target).filter(|error| !error.is_nan());
    (0..targets).map(|target| error_of(known(target))).collect()
}

/// The plans of all rules, in their order, each column once. `looked` are those of the rules that
/// had to see the whole table.
pub(super) fn all(
    profile: &Profile,
    rules: &[MissingRule<usize>],
    looked: &[FillPlan],
) -> Vec<FillPlan> {
    let mut plans: Vec<FillPlan> = Vec::new();
    let plain = plain(profile, rules);
    for rule in rules {
        let from = match needs_a_look(&rule.fill) {
            true => looked,
            false => &plain,
        };
        for place in &rule.columns {
            let is_new = plans.iter().all(|plan| plan.place != *place);
            let plan = from.iter().find(|plan| plan.place == *place);
            plans.extend(plan.filter(|_| is_new).cloned());
        }
    }
    plans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_value_is_the_smallest_of_several() {
        assert_eq!(most_frequent(&[3.0, 1.0, 3.0, 1.0, 2.0]), Some(1.0));
        assert_eq!(most_frequent(&[]), None);
    }

    #[test]
    fn the_error_is_that_of_hidden_cells() {
        // Whatever is hidden, the guess is one off for half of the cells: 0 or 2, never 1.
        let values: Vec<f64> = (0..400).map(|row| f64::from(row % 2) * 2.0).collect();
        let error = held_out(Reason::Media, &values).unwrap();
        assert!((10..=35).contains(&error.cells), "{error:?}");
        assert!((error.rmse - 1.0).abs() < 0.05, "{error:?}");
        assert!((error.mae - 1.0).abs() < 0.05, "{error:?}");
    }

    #[test]
    fn neighbours_that_know_have_no_error() {
        let column: Vec<f64> = (0..400).map(|row| f64::from(row / 4)).collect();
        let columns = [column.clone(), column.clone()];
        let how = Nearest {
            neighbours: 1,
            weights: crate::recipe::rules::Weights::Uniform,
        };
        let errors = errors(&columns, 1, how, false);
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].unwrap().rmse, 0.0);
        assert!(errors[0].unwrap().cells > 5);
    }
}

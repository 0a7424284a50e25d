//! Intervals of numbers.

use polars::prelude::PolarsResult;

use super::cells::{number, reckoned};
use super::numbers::Numbers;
use crate::recipe::rules::Bins;

/// More intervals than this are no grouping any more.
const MOST: usize = 1000;

/// Where one interval ends and the next begins, and how each is called.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Cuts {
    cuts: Vec<f64>,
    labels: Vec<String>,
}

/// The cuts a rule asks for, of these numbers; none without numbers.
///
/// # Errors
/// If polars cannot reckon the quantiles.
pub(super) fn cuts(rule: &Bins, numbers: &Numbers) -> PolarsResult<Cuts> {
    let inner = |count: usize| 1..count.min(MOST);
    Ok(Cuts::at(match rule {
        Bins::At(cuts) => cuts.clone(),
        Bins::Equal(count) => match numbers.range() {
            Some((min, max)) => inner(*count)
                .map(|n| min + (max - min) * n as f64 / *count as f64)
                .collect(),
            None => Vec::new(),
        },
        Bins::Quantiles(count) => {
            let shares: Vec<_> = inner(*count).map(|n| n as f64 / *count as f64).collect();
            numbers.quantiles(&shares)?
        }
    }))
}

impl Cuts {
    /// What is said of a cut is what is done at it: it is rounded as it is delivered.
    pub(super) fn at(cuts: Vec<f64>) -> Self {
        let mut cuts: Vec<(f64, String)> = cuts
            .into_iter()
            .map(reckoned)
            .filter_map(|text| Some((number(&text)?.to_f64(), text)))
            .collect();
        cuts.sort_by(|a, b| a.0.total_cmp(&b.0));
        cuts.dedup_by(|a, b| a.0 == b.0);
        let (Some((_, first)), Some((_, last))) = (cuts.first(), cuts.last()) else {
            return Cuts::default();
        };
        let mut labels = vec![format!("< {first}")];
        let between = cuts.windows(2);
        labels.extend(between.map(|pair| format!("[{}; {})", pair[0].1, pair[1].1)));
        labels.push(format!(">= {last}"));
        Cuts {
            cuts: cuts.into_iter().map(|(cut, _)| cut).collect(),
            labels,
        }
    }

    /// The interval `number` lies in; `None` if there are no cuts.
    pub(super) fn label(&self, number: f64) -> Option<&str> {
        let below = self.cuts.partition_point(|cut| *cut <= number);
        self.labels.get(below).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labelled(cuts: &Cuts, numbers: &[f64]) -> Vec<String> {
        let label = |number: &f64| cuts.label(*number).unwrap_or("").to_owned();
        numbers.iter().map(label).collect()
    }

    #[test]
    fn a_cut_belongs_to_the_interval_it_begins() {
        let cuts = cuts(&Bins::At(vec![10.0, 20.5, 90.0]), &Numbers::default()).unwrap();
        assert_eq!(
            labelled(&cuts, &[9.99, 10.0, 20.5, 89.9, 90.0]),
            ["< 10", "[10; 20,5)", "[20,5; 90)", "[20,5; 90)", ">= 90"]
        );
    }

    #[test]
    fn widths_or_rows_are_shared_evenly() {
        let mut numbers = Numbers::default();
        [0.0, 1.0, 2.0, 3.0, 9.0]
            .into_iter()
            .for_each(|number| numbers.add(number));
        let equal = cuts(&Bins::Equal(3), &numbers).unwrap();
        assert_eq!(
            labelled(&equal, &[0.0, 3.0, 9.0]),
            ["< 3", "[3; 6)", ">= 6"]
        );
        // numpy.quantile([0,1,2,3,9], 0.5) == 2
        let halves = cuts(&Bins::Quantiles(2), &numbers).unwrap();
        assert_eq!(labelled(&halves, &[1.9, 2.0]), ["< 2", ">= 2"]);
    }

    #[test]
    fn equal_numbers_have_one_cut_and_no_numbers_none() {
        let mut numbers = Numbers::default();
        (0..4).for_each(|_| numbers.add(5.0));
        let quarters = cuts(&Bins::Quantiles(4), &numbers).unwrap();
        assert_eq!(labelled(&quarters, &[5.0]), [">= 5"]);
        let none = cuts(&Bins::Equal(4), &Numbers::default()).unwrap();
        assert_eq!(none.label(1.0), None);
    }
}

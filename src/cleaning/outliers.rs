//! Numbers far from the rest of their column.

use polars::prelude::{
    ChunkAgg, ChunkQuantile, ChunkVar, DataFrame, Float64Chunked, NewChunkedArray, PolarsResult,
    QuantileMethod,
};

use super::keyed::alert;
use super::numbers::{Form, number};
use super::whole::OutlierTally;
use super::{CleanBatch, RejectedCell};
use crate::recipe::Mark;
use crate::recipe::rules::{OutlierAction, OutlierMethod};
use crate::table::with_cells;
use crate::values::{Reason, Status};

/// Fewer values than this say nothing of what is usual.
pub const FEWEST: usize = 20;

/// Makes a median deviation a standard deviation, for normally distributed numbers.
const MAD_SCALE: f64 = 1.4826;

/// How sure it is that a capped value is right, in percent: it is only a bound.
const CAPPED: u8 = 50;

/// Beyond these, a value of a column is an outlier.
#[derive(Debug, Clone)]
pub(super) struct Fence {
    pub(super) place: usize,
    pub(super) lower: f64,
    pub(super) upper: f64,
    pub(super) action: OutlierAction,
    pub(super) form: Form,
}

impl Fence {
    pub(super) fn excludes(&self, number: f64) -> bool {
        number < self.lower || number > self.upper
    }

    /// `number` brought to the nearer end, as the column writes it.
    fn capped(&self, number: f64) -> String {
        match number < self.lower {
            true => self.form.write_up(self.lower),
            false => self.form.write_down(self.upper),
        }
    }

    /// What becomes of a delivered text that is put into the column later; `None` where nothing is
    /// left of it.
    pub(super) fn admitted(&self, text: String) -> Option<String> {
        let number = number(&text).map(|number| number.to_f64());
        match (number.filter(|number| self.excludes(*number)), self.action) {
            (None, _) | (_, OutlierAction::Flag) => Some(text),
            (Some(number), OutlierAction::Cap) => Some(self.capped(number)),
            (Some(_), OutlierAction::Drop) => None,
        }
    }

    /// What statistics are to take for `number`; `None` where nothing is left of it.
    pub(super) fn treated(&self, number: f64) -> Option<f64> {
        match self.action {
            OutlierAction::Flag => Some(number),
            OutlierAction::Cap => Some(number.clamp(self.lower, self.upper)),
            OutlierAction::Drop => (!self.excludes(number)).then_some(number),
        }
    }
}

/// Where the values of a column end and its outliers begin: lower and upper bound. `None` if
/// there are fewer than 20 values, or if the middle of them is all the same, so that there is no
/// distance to measure by.
///
/// # Errors
/// If polars cannot reckon the quantiles.
pub fn fences(
    values: &[f64],
    method: OutlierMethod,
    factor: f64,
) -> PolarsResult<Option<(f64, f64)>> {
    if values.len() < FEWEST {
        return Ok(None);
    }
    let numbers = Float64Chunked::from_slice("".into(), values);
    let (low, high, spread) = match method {
        OutlierMethod::Iqr => {
            // Linear interpolation is type 7.
            let q1 = numbers.quantile(0.25, QuantileMethod::Linear)?;
            let q3 = numbers.quantile(0.75, QuantileMethod::Linear)?;
            let (Some(q1), Some(q3)) = (q1, q3) else {
                return Ok(None);
            };
            (q1, q3, q3 - q1)
        }
        OutlierMethod::Mad => {
            let Some(median) = numbers.median() else {
                return Ok(None);
            };
            let deviations: Vec<_> = values.iter().map(|value| (value - median).abs()).collect();
            let deviations = Float64Chunked::from_slice("".into(), &deviations);
            let spread = deviations.median().unwrap_or_default() * MAD_SCALE;
            (median, median, spread)
        }
        OutlierMethod::Zscore => {
            let Some(mean) = numbers.mean() else {
                return Ok(None);
            };
            (mean, mean, numbers.std(1).unwrap_or_default())
        }
    };
    let distance = factor * spread;
    // Of equal numbers, sums may leave a rest.
    let negligible = low.abs().max(high.abs()) * 1e-12;
    Ok((spread > negligible).then_some((low - distance, high + distance)))
}

/// Treats the outliers of batches.
pub(super) struct Outliers {
    fences: Vec<Fence>,
    cells: Vec<u64>,
}

impl Outliers {
    pub(super) fn new(fences: &[Fence]) -> Self {
        Outliers {
            fences: fences.to_vec(),
            cells: vec![0; fences.len()],
        }
    }

    /// Flags, caps or drops the outliers of rows that are not `gone`; dropped cells are rejected.
    pub(super) fn treat(&mut self, batch: &mut CleanBatch, gone: &[bool]) -> PolarsResult<()> {
        if self.fences.is_empty() {
            return Ok(());
        }
        let mut columns = batch.frame.columns().to_vec();
        for (fence, count) in self.fences.iter().zip(&mut self.cells) {
            let mut changed = Vec::new();
            for (row, cell) in columns[fence.place].str()?.iter().enumerate() {
                let value = cell.and_then(number).map(|number| number.to_f64());
                let Some(value) = value.filter(|value| fence.excludes(*value) && !gone[row]) else {
                    continue;
                };
                *count += 1;
                match fence.action {
                    OutlierAction::Flag => {
                        alert(&mut batch.marks[fence.place][row], Reason::Discrepante)
                    }
                    OutlierAction::Cap => {
                        changed.push((row, Some(fence.capped(value))));
                        batch.marks[fence.place][row] = Mark {
                            status: Status::Corrigido,
                            reason: Some(Reason::Limitado),
                            confidence: CAPPED,
                        };
                    }
                    OutlierAction::Drop => {
                        changed.push((row, None));
                        batch.marks[fence.place][row] = Mark {
                            status: Status::Rejeitado,
                            reason: Some(Reason::Discrepante),
                            confidence: 100,
                        };
                        let original = batch.came(fence.place)?(row).unwrap_or_default().to_owned();
                        batch.rejected_cells.push(RejectedCell {
                            line: batch.lines[row],
                            column: fence.place,
                            original,
                            reason: Reason::Discrepante,
                        });
                    }
                }
            }
            if !changed.is_empty() {
                columns[fence.place] = with_cells(&columns[fence.place], &changed)?;
            }
        }
        batch.frame = DataFrame::new(batch.frame.height(), columns)?;
        batch
            .rejected_cells
            .sort_by_key(|cell| (cell.line, cell.column));
        Ok(())
    }

    pub(super) fn tallies(&self) -> Vec<OutlierTally> {
        let counted = self.fences.iter().zip(&self.cells);
        counted
            .map(|(fence, cells)| OutlierTally {
                place: fence.place,
                lower: fence.lower,
                upper: fence.upper,
                cells: *cells,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The figures of the rule, repeated as often as there must be values.
    const WORKED: [f64; 9] = [10.0, 12.0, 11.0, 13.0, 12.0, 95.0, 11.0, 10.0, -40.0];

    #[test]
    fn quartiles_are_those_of_type_seven() {
        let numbers = Float64Chunked::from_slice("".into(), &WORKED);
        let quartile = |q| numbers.quantile(q, QuantileMethod::Linear).unwrap();
        assert_eq!((quartile(0.25), quartile(0.75)), (Some(10.0), Some(12.0)));
        // Between two values: numpy.quantile([1, 2, 3, 4], .25) is 1.75.
        let numbers = Float64Chunked::from_slice("".into(), &[4.0, 1.0, 3.0, 2.0]);
        let quartile = |q| numbers.quantile(q, QuantileMethod::Linear).unwrap();
        assert_eq!((quartile(0.25), quartile(0.75)), (Some(1.75), Some(3.25)));
    }

    #[test]
    fn fences_lie_where_the_rule_says() {
        let values = WORKED.repeat(9);
        let fences = |method, factor| fences(&values, method, factor).unwrap().unwrap();
        assert_eq!(fences(OutlierMethod::Iqr, 1.5), (7.0, 15.0));
        // Median 11, median deviation 1.
        let (lower, upper) = fences(OutlierMethod::Mad, 3.5);
        assert!((lower - (11.0 - 3.5 * 1.4826)).abs() < 1e-12);
        assert!((upper - (11.0 + 3.5 * 1.4826)).abs() < 1e-12);
    }

    #[test]
    fn a_standard_score_is_measured_by_the_sample_deviation() {
        let values: Vec<_> = (1..=20).map(f64::from).collect();
        let (lower, upper) = fences(&values, OutlierMethod::Zscore, 3.0)
            .unwrap()
            .unwrap();
        // The variance of 1 to 20 is 35 with n - 1.
        assert!((lower - (10.5 - 3.0 * 35f64.sqrt())).abs() < 1e-9);
        assert!((upper - (10.5 + 3.0 * 35f64.sqrt())).abs() < 1e-9);
    }

    #[test]
    fn few_values_and_equal_ones_have_no_fences() {
        let few: Vec<_> = (1..20).map(f64::from).collect();
        let equal = [0.1; 30];
        for method in [
            OutlierMethod::Iqr,
            OutlierMethod::Mad,
            OutlierMethod::Zscore,
        ] {
            assert_eq!(fences(&few, method, 1.0).unwrap(), None);
            assert_eq!(fences(&equal, method, 1.0).unwrap(), None, "{method:?}");
        }
    }
}

//! Filling a number from the nearest rows, as scikit-learn's `KNNImputer` does.
//!
//! Every row to fill is compared with every donor: with 5,000 donors and five columns that is
//! 25,000 multiplications a row, in loops over whole columns that the compiler vectorises and that
//! allocate nothing. Rows are filled in parallel.

use rayon::prelude::*;

use crate::recipe::rules::Weights;

/// The rows that numbers are taken from, column by column; NaN is missing.
#[derive(Debug, Clone)]
pub(super) struct Donors {
    rows: usize,
    columns: Vec<Vec<f64>>,
    means: Vec<Option<f64>>,
    /// What a column is multiplied by before distances are measured.
    scales: Vec<f64>,
}

/// How numbers are taken from donors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Nearest {
    pub(super) neighbours: usize,
    pub(super) weights: Weights,
}

/// Room to work in, used again for each row.
#[derive(Debug, Default)]
struct Room {
    /// For each donor, the sum of squares and how many columns it is of; then the distance, NaN if
    /// there is none.
    squares: Vec<f64>,
    shared: Vec<f64>,
    /// Distance and donor, the nearest first.
    nearest: Vec<(f64, usize)>,
}

impl Donors {
    pub(super) fn new(columns: Vec<Vec<f64>>, standardise: bool) -> Self {
        let rows = columns.first().map_or(0, Vec::len);
        let means: Vec<_> = columns.iter().map(|column| mean(column)).collect();
        let scale = |(column, mean): (&Vec<f64>, &Option<f64>)| match mean {
            Some(mean) if standardise => one_over_deviation(column, *mean),
            _ => 1.0,
        };
        Donors {
            rows,
            scales: columns.iter().zip(&means).map(scale).collect(),
            means,
            columns,
        }
    }

    /// Fills what is missing in the first `targets` columns of `rows`, where any donor has it: row
    /// by row, cells in the order of columns. What is there stays.
    pub(super) fn fill(&self, rows: &mut [Vec<f64>], targets: usize, how: Nearest) {
        rows.par_iter_mut()
            .for_each_init(Room::default, |room, row| {
                if row.iter().take(targets).any(|cell| cell.is_nan()) {
                    self.fill_row(row, targets, how, room);
                }
            });
    }

    fn fill_row(&self, row: &mut [f64], targets: usize, how: Nearest, room: &mut Room) {
        self.measure(row, room);
        for (place, cell) in row.iter_mut().enumerate().take(targets) {
            if cell.is_nan() {
                *cell = self.taken(place, how, room).unwrap_or(f64::NAN);
            }
        }
    }

    /// Distances to every donor: the root of the sum of squares over the columns both have,
    /// scaled up for those they do not share.
    fn measure(&self, row: &[f64], room: &mut Room) {
        room.squares.clear();
        room.squares.resize(self.rows, 0.0);
        room.shared.clear();
        room.shared.resize(self.rows, 0.0);
        for ((column, scale), cell) in self.columns.iter().zip(&self.scales).zip(row) {
            if cell.is_nan() {
                continue;
            }
            let sums = room.squares.iter_mut().zip(&mut room.shared);
            for (donor, (square, shared)) in column.iter().zip(sums) {
                let gap = (cell - donor) * scale;
                let is_there = !gap.is_nan();
                *square += if is_there { gap * gap } else { 0.0 };
                *shared += if is_there { 1.0 } else { 0.0 };
            }
        }
        let width = self.columns.len() as f64;
        for (square, shared) in room.squares.iter_mut().zip(&room.shared) {
            // 0 / 0 is NaN: no column is shared.
            *square = (*square * (width / shared)).sqrt();
        }
    }

    /// The mean of the nearest donors that have this column; the column's mean if there are none.
    fn taken(&self, place: usize, how: Nearest, room: &mut Room) -> Option<f64> {
        let column = &self.columns[place];
        let nearest = &mut room.nearest;
        nearest.clear();
        for (donor, (distance, value)) in room.squares.iter().zip(column).enumerate() {
            if distance.is_nan() || value.is_nan() {
                continue;
            }
            let full = nearest.len() >= how.neighbours;
            if full && nearest.last().is_none_or(|(most, _)| distance >= most) {
                continue;
            }
            if full {
                nearest.pop();
            }
            // After those as near: of equal distances the earlier row comes first.
            let at = nearest.partition_point(|(other, _)| other <= distance);
            nearest.insert(at, (*distance, donor));
        }
        if nearest.is_empty() {
            return self.means[place];
        }
        let any_at_zero = nearest.iter().any(|(distance, _)| *distance == 0.0);
        let (mut sum, mut weights) = (0.0, 0.0);
        for (distance, donor) in nearest.iter() {
            let weight = match how.weights {
                Weights::Uniform => 1.0,
                Weights::Distance if any_at_zero => f64::from(u8::from(*distance == 0.0)),
                Weights::Distance => 1.0 / distance,
            };
            sum += weight * column[*donor];
            weights += weight;
        }
        Some(sum / weights)
    }
}

/// Of the numbers that are there.
fn mean(column: &[f64]) -> Option<f64> {
    let there = column.iter().filter(|cell| !cell.is_nan());
    let (sum, count) = there.fold((0.0, 0.0), |(sum, count), cell| (sum + cell, count + 1.0));
    (count > 0.0).then(|| sum / count)
}

fn one_over_deviation(column: &[f64], mean: f64) -> f64 {
    let squares: Vec<_> = column.iter().map(|cell| (cell - mean).powi(2)).collect();
    match self::mean(&squares).map(f64::sqrt) {
        Some(deviation) if deviation > 0.0 => 1.0 / deviation,
        _ => 1.0,
    }
}

/// Fills the blanks of a table of numbers, given row by row, from its own rows: what
/// `KNNImputer(n_neighbors=neighbours, weights=weights).fit_transform(rows)` of scikit-learn
/// yields. Distances are nan-euclidean; of equal distances the earlier row comes first. A column
/// where nothing is there stays blank.
pub fn fill_from_nearest(
    rows: &[Vec<Option<f64>>],
    neighbours: usize,
    weights: Weights,
) -> Vec<Vec<Option<f64>>> {
    let width = rows.iter().map(Vec::len).max().unwrap_or_default();
    let cell = |row: &[Option<f64>], place: usize| row.get(place).copied().flatten();
    let column = |place| {
        let cells = rows.iter().map(|row| cell(row, place));
        cells.map(|cell| cell.unwrap_or(f64::NAN)).collect()
    };
    let columns: Vec<Vec<f64>> = (0..width).map(column).collect();
    let mut filled: Vec<Vec<f64>> = (0..rows.len())
        .map(|row| columns.iter().map(|column| column[row]).collect())
        .collect();
    let how = Nearest {
        neighbours: neighbours.max(1),
        weights,
    };
    Donors::new(columns, false).fill(&mut filled, width, how);
    let filled = filled.into_iter();
    filled
        .map(|row| {
            let cells = row.into_iter();
            cells
                .map(|cell| Some(cell).filter(|cell| !cell.is_nan()))
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_with_no_shared_column_gets_the_mean() {
        let rows = [
            vec![Some(1.0), None],
            vec![Some(3.0), None],
            vec![None, Some(9.0)],
        ];
        let filled = fill_from_nearest(&rows, 1, Weights::Uniform);
        assert_eq!(filled[2], [Some(2.0), Some(9.0)]);
        assert_eq!(filled[0], [Some(1.0), Some(9.0)]);
    }

    #[test]
    fn of_equal_distances_the_earlier_row_comes_first() {
        let rows = [
            vec![Some(0.0), Some(5.0)],
            vec![Some(2.0), Some(7.0)],
            vec![Some(1.0), None],
        ];
        for weights in [Weights::Uniform, Weights::Distance] {
            assert_eq!(fill_from_nearest(&rows, 1, weights)[2][1], Some(5.0));
        }
    }

    #[test]
    fn a_row_at_no_distance_takes_all_the_weight() {
        let rows = [
            vec![Some(1.0), Some(5.0)],
            vec![Some(1.5), Some(7.0)],
            vec![Some(1.0), None],
        ];
        let filled = |weights| fill_from_nearest(&rows, 2, weights)[2][1];
        assert_eq!(filled(Weights::Distance), Some(5.0));
        assert_eq!(filled(Weights::Uniform), Some(6.0));
    }

    #[test]
    fn standardised_columns_weigh_the_same() {
        // Far in the first column's units, near in its deviations.
        let columns = vec![
            vec![0.0, 1000.0, 2000.0],
            vec![0.0, 1.0, 0.1],
            vec![5.0, 6.0, 7.0],
        ];
        let row = [900.0, 0.0, f64::NAN];
        let how = Nearest {
            neighbours: 1,
            weights: Weights::Uniform,
        };
        let filled = |standardise| {
            let mut rows = [row.to_vec()];
            Donors::new(columns.clone(), standardise).fill(&mut rows, 3, how);
            rows[0][2]
        };
        assert_eq!(filled(false), 6.0);
        assert_eq!(filled(true), 5.0);
    }
}

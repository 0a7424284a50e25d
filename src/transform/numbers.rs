//! The statistics of a column of numbers, in bounded memory.

use polars::prelude::{
    ChunkQuantile, Float64Chunked, NewChunkedArray, PolarsResult, QuantileMethod,
};

/// Up to so many values, quantiles are exact.
const MOST: usize = 1 << 20;
/// Fewer values than this say nothing of what is usual.
const FEWEST: usize = 20;

/// Numbers as they come. Count, range, mean and deviation are of all of them; quantiles too, up
/// to 1,048,576 values. Beyond that every second one is kept, then every fourth and so on, by the
/// order they came in.
#[derive(Debug, Clone)]
pub struct Numbers {
    count: u64,
    min: f64,
    max: f64,
    mean: f64,
    /// Sum of the squared distances from the mean (Welford).
    squares: f64,
    kept: Vec<f64>,
    /// One of so many is kept.
    every: u64,
    most: usize,
}

impl Default for Numbers {
    fn default() -> Self {
        Numbers {
            count: 0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            mean: 0.0,
            squares: 0.0,
            kept: Vec::new(),
            every: 1,
            most: MOST,
        }
    }
}

/// How the numbers of a column lie.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    pub count: u64,
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

impl Numbers {
    pub fn add(&mut self, number: f64) {
        if !number.is_finite() {
            return;
        }
        if self.count.is_multiple_of(self.every) {
            if self.kept.len() == self.most {
                let mut place = 0u64;
                self.kept.retain(|_| {
                    place += 1;
                    place % 2 == 1
                });
                self.every *= 2;
            }
            if self.count.is_multiple_of(self.every) {
                self.kept.push(number);
            }
        }
        self.count += 1;
        self.min = self.min.min(number);
        self.max = self.max.max(number);
        let distance = number - self.mean;
        self.mean += distance / self.count as f64;
        self.squares += distance * (number - self.mean);
    }

    /// Least and greatest; `None` without numbers.
    pub fn range(&self) -> Option<(f64, f64)> {
        (self.count > 0).then_some((self.min, self.max))
    }

    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Sample standard deviation; `None` for fewer than two numbers.
    pub fn stddev(&self) -> Option<f64> {
        (self.count > 1).then(|| (self.squares / (self.count - 1) as f64).sqrt())
    }

    /// Quantiles by the linear rule (type 7); none without numbers.
    ///
    /// # Errors
    /// If polars cannot reckon them.
    pub fn quantiles(&self, shares: &[f64]) -> PolarsResult<Vec<f64>> {
        let kept = Float64Chunked::from_slice("".into(), &self.kept);
        let found = kept.quantiles(shares, QuantileMethod::Linear)?;
        Ok(found.into_iter().flatten().collect())
    }

    /// `None` without numbers.
    ///
    /// # Errors
    /// If polars cannot reckon the quantiles.
    pub fn spread(&self) -> PolarsResult<Option<Spread>> {
        let [q1, median, q3] = self.quantiles(&[0.25, 0.5, 0.75])?[..] else {
            return Ok(None);
        };
        let reach = 1.5 * (q3 - q1);
        let beyond = |number: &&f64| **number < q1 - reach || **number > q3 + reach;
        let outliers = (self.kept.len() >= FEWEST)
            .then(|| self.kept.iter().filter(beyond).count() as u64 * self.every);
        Ok(Some(Spread {
            count: self.count,
            min: self.min,
            max: self.max,
            mean: self.mean,
            median,
            stddev: self.stddev(),
            q1,
            q3,
            outliers,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(numbers: impl IntoIterator<Item = f64>, most: usize) -> Numbers {
        let mut all = Numbers {
            most,
            ..Numbers::default()
        };
        numbers.into_iter().for_each(|number| all.add(number));
        all
    }

    #[test]
    fn quartiles_are_those_of_pandas() {
        // pandas 2.2: Series([10,12,11,13,12,95,11,10,-40]).describe()
        let list = [10.0, 12.0, 11.0, 13.0, 12.0, 95.0, 11.0, 10.0, -40.0];
        let spread = of(list, MOST).spread().unwrap().unwrap();
        assert_eq!((spread.q1, spread.median, spread.q3), (10.0, 11.0, 12.0));
        assert_eq!((spread.min, spread.max, spread.count), (-40.0, 95.0, 9));
        assert!((spread.mean - 14.888_888_888_888_89).abs() < 1e-12);
        assert!((spread.stddev.unwrap() - 34.512_477_614_786_09).abs() < 1e-9);
        // Too few to speak of outliers.
        assert_eq!(spread.outliers, None);
        assert_eq!(of([], MOST).spread().unwrap(), None);
        assert_eq!(of([5.0], MOST).spread().unwrap().unwrap().stddev, None);
    }

    #[test]
    fn outliers_are_counted_from_twenty_values_on() {
        let most = (0..30).map(f64::from);
        let spread = of(most.chain([1000.0]), MOST).spread().unwrap().unwrap();
        assert_eq!(spread.outliers, Some(1));
    }

    #[test]
    fn beyond_the_bound_quantiles_are_near_and_memory_is_not_more() {
        let numbers = of((0..10_000).map(f64::from), 512);
        assert!(numbers.kept.len() <= 512 && numbers.every == 32);
        let spread = numbers.spread().unwrap().unwrap();
        assert_eq!((spread.min, spread.max, spread.mean), (0.0, 9999.0, 4999.5));
        assert!((spread.median - 4999.5).abs() < 32.0);
        assert!((spread.q3 - 7499.25).abs() < 32.0);
    }
}

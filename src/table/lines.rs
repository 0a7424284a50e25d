//! Numbers of lines, many of them in little room.

use serde::{Deserialize, Serialize};

/// A set of line numbers, kept as ranges: neighbours cost nothing more.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lines(Vec<(u64, u64)>);

impl Lines {
    /// The lines from `first` to `last`, both included.
    pub fn range(first: u64, last: u64) -> Self {
        Lines(vec![(first, last)])
    }

    /// Adds a line. Lines come in ascending order; one that was added before changes nothing.
    pub fn add(&mut self, line: u64) {
        match self.0.last_mut() {
            Some((_, last)) if line <= *last => {}
            Some((_, last)) if line == *last + 1 => *last = line,
            _ => self.0.push((line, line)),
        }
    }

    pub fn contains(&self, line: u64) -> bool {
        let after = self.0.partition_point(|(first, _)| *first <= line);
        after > 0 && self.0[after - 1].1 >= line
    }

    /// How many lines.
    pub fn count(&self) -> u64 {
        self.0.iter().map(|(first, last)| last - first + 1).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each line, in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = u64> {
        self.0.iter().flat_map(|(first, last)| *first..=*last)
    }

    /// Ranges of lines, both ends included, in ascending order.
    pub fn ranges(&self) -> &[(u64, u64)] {
        &self.0
    }
}

impl FromIterator<u64> for Lines {
    fn from_iter<I: IntoIterator<Item = u64>>(lines: I) -> Self {
        let mut all: Vec<_> = lines.into_iter().collect();
        all.sort_unstable();
        let mut set = Lines::default();
        all.into_iter().for_each(|line| set.add(line));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_become_one_range() {
        let lines: Lines = [7, 1, 2, 3, 3, 9, 8].into_iter().collect();
        assert_eq!(lines.ranges(), [(1, 3), (7, 9)]);
        assert_eq!(lines.count(), 6);
        let inside = (0..=10).filter(|line| lines.contains(*line));
        assert_eq!(inside.collect::<Vec<_>>(), [1, 2, 3, 7, 8, 9]);
    }
}

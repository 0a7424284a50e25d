//! Merged cells: the value of the first, given to the rows below it.

use std::collections::HashSet;

/// A merged range; all four are included, rows from 1, columns from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Merge {
    pub(super) top: u64,
    pub(super) bottom: u64,
    pub(super) left: u32,
    pub(super) right: u32,
}

/// Ranges a little wider than a column are labels of rows too, if they stand at the left.
const LABEL_COLUMNS: u32 = 3;

/// Merges whose value falls to the rows below, as the rows go by.
#[derive(Debug, Default)]
pub(super) struct Falling {
    /// By their tops, the next one last.
    ahead: Vec<Merge>,
    open: Vec<(Merge, String)>,
}

impl Falling {
    /// Of the merges of a sheet whose first row with a value is `first`: those that label rows.
    /// Ranges in a header are not for the rows below it: there, others are merged across columns.
    pub(super) fn new(merges: &[Merge], first: u64) -> Self {
        let across: HashSet<u64> = merges
            .iter()
            .filter(|merge| merge.right > merge.left && merge.top == merge.bottom)
            .map(|merge| merge.top)
            .collect();
        let labels = |merge: &Merge| merge.left == merge.right || merge.right < LABEL_COLUMNS;
        let mut ahead: Vec<_> = merges
            .iter()
            .filter(|merge| merge.bottom > merge.top && labels(merge))
            .filter(|merge| merge.top > first && !across.contains(&merge.top))
            .copied()
            .collect();
        ahead.sort_by_key(|merge| std::cmp::Reverse(merge.top));
        Falling {
            ahead,
            open: Vec::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ahead.is_empty() && self.open.is_empty()
    }

    /// The values that fall to `row`, by column. `value` tells what the row itself has there.
    /// Rows come in ascending order.
    pub(super) fn at(
        &mut self,
        row: u64,
        value: impl Fn(u32) -> Option<String>,
    ) -> Vec<(u32, String)> {
        self.open.retain(|(merge, _)| merge.bottom >= row);
        let falling = self
            .open
            .iter()
            .filter(|(merge, _)| value(merge.left).is_none())
            .map(|(merge, text)| (merge.left, text.clone()))
            .collect();
        while let Some(merge) = self.ahead.pop_if(|merge| merge.top <= row) {
            // Without a row there is no value.
            if merge.top == row
                && let Some(text) = value(merge.left)
            {
                self.open.push((merge, text));
            }
        }
        falling
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merge(top: u64, bottom: u64, left: u32, right: u32) -> Merge {
        Merge {
            top,
            bottom,
            left,
            right,
        }
    }

    #[test]
    fn values_fall_to_the_last_row_of_their_range() {
        let mut falling = Falling::new(&[merge(5, 6, 1, 1), merge(3, 5, 0, 0)], 1);
        let none = |_| None;
        assert_eq!(falling.at(2, none), []);
        assert_eq!(
            falling.at(3, |column| (column == 0).then(|| "a".into())),
            []
        );
        assert_eq!(falling.at(4, none), [(0, "a".to_owned())]);
        // A value of the row's own stays.
        assert_eq!(falling.at(5, |column| Some(format!("{column}"))), []);
        assert_eq!(falling.at(6, none), [(1, "1".to_owned())]);
        assert_eq!(falling.at(7, none), []);
        assert!(falling.is_empty());
    }

    #[test]
    fn ranges_of_a_header_or_across_columns_do_not_fall() {
        // The first row, and one with groups beside it.
        assert!(Falling::new(&[merge(1, 2, 0, 0)], 1).is_empty());
        assert!(Falling::new(&[merge(3, 4, 0, 0), merge(3, 3, 1, 2)], 1).is_empty());
        assert!(Falling::new(&[merge(3, 3, 0, 2)], 1).is_empty());
        assert!(Falling::new(&[merge(3, 9, 4, 6)], 1).is_empty());
        assert!(!Falling::new(&[merge(3, 9, 0, 1)], 1).is_empty());
    }
}

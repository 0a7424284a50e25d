//! What was read, measured against what was meant.

use std::collections::HashMap;
use std::hash::Hash;

use pyservice::table::TableError;

use super::files::Clean;
use crate::harness::reading::Table;

pub const MEASURES: [&str; 10] = [
    "success",
    "header precision",
    "header recall",
    "header f1",
    "record precision",
    "record recall",
    "record f1",
    "cell precision",
    "cell recall",
    "cell f1",
];

/// One value from 0 to 1 for each of [`MEASURES`].
pub type Scores = [f64; 10];

/// How much of `clean` was read. Where there are no records, saying so is as good as reading none.
pub fn scores(clean: &Clean, read: Result<&Table, &TableError>) -> Scores {
    let nothing = Table::default();
    let table = match read {
        Ok(table) => table,
        Err(_) if clean.records.is_empty() => &nothing,
        Err(_) => return [0.0; 10],
    };
    let mut scores = [1.0; 10];
    scores[1..4].copy_from_slice(&agreement(&clean.header, &table.header));
    scores[4..7].copy_from_slice(&agreement(&clean.records, &table.records));
    let cells = agreement(&clean.records.concat(), &table.records.concat());
    scores[7..].copy_from_slice(&cells);
    scores
}

/// What both have, in any order: as a share of what was expected, which the benchmark calls
/// precision, of what was got, which it calls recall, and the harmonic mean of both.
fn agreement<T: Eq + Hash>(expected: &[T], got: &[T]) -> [f64; 3] {
    if expected.is_empty() {
        return [1.0; 3];
    }
    let mut left: HashMap<&T, usize> = HashMap::new();
    for one in expected {
        *left.entry(one).or_default() += 1;
    }
    let mut both = 0.0;
    for one in got {
        if let Some(left) = left.get_mut(one).filter(|left| **left > 0) {
            *left -= 1;
            both += 1.0;
        }
    }
    if both == 0.0 {
        return [0.0; 3];
    }
    let (precision, recall) = (both / expected.len() as f64, both / got.len() as f64);
    [
        precision,
        recall,
        2.0 * precision * recall / (precision + recall),
    ]
}

#[test]
fn measures_are_shares_of_what_is_expected_and_of_what_is_got() {
    assert_eq!(agreement(&["a", "b"], &["b", "a"]), [1.0; 3]);
    assert_eq!(
        agreement(&["a", "a", "b", "c"], &["a", "b"]),
        [0.5, 1.0, 2.0 / 3.0]
    );
    assert_eq!(agreement(&["a"], &["a", "a"]), [1.0, 0.5, 2.0 / 3.0]);
    assert_eq!(agreement(&["a"], &["b"]), [0.0; 3]);
    assert_eq!(agreement(&[], &["b"]), [1.0; 3]);
}

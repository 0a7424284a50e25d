//! How much of a table survives what is done to delimited files: one clean table, polluted in
//! 2,290 ways, and ten measures of what is read from each, after the benchmark *Pollock*
//! (Vitagliano et al., VLDB 2023). The table is our own.
//!
//! Where ours and the benchmark's idea of a file may differ: a header that stands there twice or
//! three times is one header, not one of several rows; of two tables every row is expected, each as
//! wide as it stands there; cells are compared as text.

mod files;
mod score;

use std::fs;

use crate::harness::reading::read;
use files::polluted;
use score::{MEASURES, Scores, scores};

/// What the reader has to reach, of ten. Rows that are all as wide as the header cannot score more
/// than 9.950: a row with a separator too many or too few is expected as wide as it became.
const FLOOR: f64 = 9.96;
const WORST: usize = 20;

#[test]
fn most_of_every_polluted_table_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("polluted.csv");
    let mut all: Vec<(String, Scores)> = Vec::new();
    for file in polluted() {
        fs::write(&path, &file.text).unwrap();
        all.push((file.name, scores(&file.clean, read(&path).as_ref())));
    }
    assert_eq!(all.len(), 2290);
    let count = all.len() as f64;
    for (at, measure) in MEASURES.iter().enumerate() {
        let sum: f64 = all.iter().map(|(_, scores)| scores[at]).sum();
        println!("{measure:18} {:.4}", sum / count);
    }
    let of_file = |scores: &Scores| scores.iter().sum::<f64>();
    let total = all.iter().map(|(_, scores)| of_file(scores)).sum::<f64>() / count;
    println!("{:18} {total:.4}", "total");
    all.sort_by(|(_, a), (_, b)| of_file(a).total_cmp(&of_file(b)));
    let worst = all.iter().take(WORST);
    let worst: Vec<_> = worst
        .map(|(name, scores)| format!("{:.3} {name} {scores:.2?}", of_file(scores)))
        .collect();
    assert!(
        total >= FLOOR,
        "{total:.4} of 10 is less than {FLOOR}; worst:\n{}",
        worst.join("\n")
    );
}

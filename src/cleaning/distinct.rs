//! Counting distinct values in bounded memory.

use std::collections::HashSet;

/// Up to this many values are counted exactly.
const EXACT: usize = 65_536;
/// log2 of the registers of the estimate: a standard error of 0.8 %.
const PRECISION: u32 = 14;

/// A counter of distinct hashes: exact up to 65,536, then a HyperLogLog estimate (Flajolet et
/// al., 2007, with linear counting for small ranges).
#[derive(Debug, Clone)]
pub(super) enum Distinct {
    Exact(HashSet<u64>),
    Estimate(Box<[u8]>),
}

impl Default for Distinct {
    fn default() -> Self {
        Distinct::Exact(HashSet::new())
    }
}

impl Distinct {
    pub(super) fn insert(&mut self, hash: u64) {
        match self {
            Distinct::Exact(seen) => {
                seen.insert(hash);
                if seen.len() > EXACT {
                    let mut registers = vec![0; 1 << PRECISION].into_boxed_slice();
                    for hash in seen.iter() {
                        note(&mut registers, *hash);
                    }
                    *self = Distinct::Estimate(registers);
                }
            }
            Distinct::Estimate(registers) => note(registers, hash),
        }
    }

    pub(super) fn count(&self) -> u64 {
        match self {
            Distinct::Exact(seen) => seen.len() as u64,
            Distinct::Estimate(registers) => estimate(registers),
        }
    }
}

fn note(registers: &mut [u8], hash: u64) {
    let register = (hash >> (64 - PRECISION)) as usize;
    // The guard bit ends the run of zeros where the hash ends.
    let rest = hash << PRECISION | 1 << (PRECISION - 1);
    let rank = rest.leading_zeros() as u8 + 1;
    registers[register] = registers[register].max(rank);
}

fn estimate(registers: &[u8]) -> u64 {
    let m = registers.len() as f64;
    let alpha = 0.7213 / (1.0 + 1.079 / m);
    let sum: f64 = registers
        .iter()
        .map(|rank| 2f64.powi(-i32::from(*rank)))
        .sum();
    let raw = alpha * m * m / sum;
    let empty = registers.iter().filter(|rank| **rank == 0).count();
    if raw <= 2.5 * m && empty > 0 {
        (m * (m / empty as f64).ln()).round() as u64
    } else {
        raw.round() as u64
    }
}

#[cfg(test)]
mod tests {
    use xxhash_rust::xxh3::xxh3_64;

    use super::*;

    fn counted(values: u64) -> u64 {
        let mut distinct = Distinct::default();
        for value in 0..values {
            distinct.insert(xxh3_64(&value.to_le_bytes()));
            distinct.insert(xxh3_64(&(value / 2).to_le_bytes()));
        }
        distinct.count()
    }

    #[test]
    fn small_counts_are_exact() {
        assert_eq!(counted(50_000), 50_000);
    }

    #[test]
    fn large_counts_are_within_three_percent() {
        for values in [70_000, 400_000] {
            let error = counted(values) as f64 / values as f64 - 1.0;
            assert!(error.abs() < 0.03, "{values}: {error}");
        }
    }
}

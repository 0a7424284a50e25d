//! The rows that keys were first seen in.

use std::hint::black_box;

/// 96 bits of a hash: among a million, two of different things meet with a probability below
/// 1e-17. The low 32 bits of the number are free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingerprint(u128);

impl Fingerprint {
    pub(super) fn of(hash: u128) -> Self {
        Fingerprint(hash & !u128::from(u32::MAX))
    }
}

/// Fingerprints and the lines they were first seen on: a hash table of 16 bytes a slot, three
/// quarters of them taken at most, nothing else.
///
/// It is far larger than the processor's caches, and all that looking something up costs is the
/// wait for memory. A slot is one place in memory, where the tables of the standard library have
/// two; and a block of rows first asks for all of its slots, so that their waits overlap.
pub(super) struct Seen {
    /// A fingerprint and its line in the low 32 bits; 0 where there is none (lines count from 1).
    slots: Vec<u128>,
    taken: usize,
    /// Rows that were asked for, and rows that there will be.
    rows: u64,
    rows_in_all: u64,
}

/// Rows that wait for memory together.
const BLOCK: usize = 32;
const FEWEST_SLOTS: usize = 1024;
/// Rows that tell how many distinct ones there will be.
const TELLING: u64 = 1 << 16;

impl Seen {
    /// For about so many rows.
    pub(super) fn of_rows(rows_in_all: u64) -> Self {
        Seen {
            slots: vec![0; FEWEST_SLOTS],
            taken: 0,
            rows: 0,
            rows_in_all,
        }
    }

    /// Remembers the fingerprints of some rows, and tells each row whose fingerprint an earlier
    /// one had, with the line of the first. Rows without one have no part in it.
    pub(super) fn each_repeated(
        &mut self,
        lines: &[u64],
        fingerprint: impl Fn(usize) -> Option<Fingerprint>,
        mut tell: impl FnMut(usize, u64),
    ) {
        for (block, lines) in lines.chunks(BLOCK).enumerate() {
            self.reserve(lines.len());
            self.rows += lines.len() as u64;
            let rows = block * BLOCK..block * BLOCK + lines.len();
            let wanted = rows.clone().filter_map(&fingerprint);
            let touched = wanted.map(|one| self.slots[self.home(one.0)]);
            black_box(touched.fold(0, |all, slot| all ^ slot));
            for (row, line) in rows.zip(lines) {
                let first = fingerprint(row).and_then(|one| self.remember(one, *line));
                if let Some(first) = first {
                    tell(row, first);
                }
            }
        }
    }

    /// The line it was first seen on, if it was.
    fn remember(&mut self, fingerprint: Fingerprint, line: u64) -> Option<u64> {
        // Lines beyond four thousand million are all the last one: only what is said of them
        // suffers.
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        let mut at = self.home(fingerprint.0);
        loop {
            let slot = &mut self.slots[at];
            if *slot == 0 {
                *slot = fingerprint.0 | u128::from(line);
                self.taken += 1;
                return None;
            }
            if Fingerprint::of(*slot) == fingerprint {
                return Some(u64::from(*slot as u32));
            }
            at += 1;
            if at == self.slots.len() {
                at = 0;
            }
        }
    }

    /// Where a fingerprint is looked for first: as far into the slots as its number is into all
    /// numbers, so that those that lie side by side stay so when the table grows.
    fn home(&self, fingerprint: u128) -> usize {
        (((fingerprint >> 64) * self.slots.len() as u128) >> 64) as usize
    }

    /// Makes room; once it can be told, for all that will come.
    fn reserve(&mut self, more: usize) {
        let fewest = slots_for(self.taken + more);
        if fewest <= self.slots.len() {
            return;
        }
        let slots = match self.foreseen() {
            Some(all) if slots_for(all) >= fewest => slots_for(all),
            _ => fewest.max(2 * self.slots.len()),
        };
        let before = std::mem::replace(&mut self.slots, vec![0; slots]);
        self.taken = 0;
        for slot in before.into_iter().filter(|slot| *slot != 0) {
            self.remember(Fingerprint::of(slot), u64::from(slot as u32));
        }
    }

    /// How many fingerprints there will be in the end, a few more than it looks like.
    fn foreseen(&self) -> Option<usize> {
        const SPARE: f64 = 1.05;
        let tells = (TELLING..self.rows_in_all).contains(&self.rows);
        let share = self.taken as f64 / self.rows as f64;
        tells.then_some((share * self.rows_in_all as f64 * SPARE) as usize)
    }
}

fn slots_for(fingerprints: usize) -> usize {
    (fingerprints.saturating_mul(4) / 3 + 1).max(FEWEST_SLOTS)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn room_is_made_once_for_what_will_come() {
        let rows = 3 * TELLING;
        let mut seen = Seen::of_rows(rows);
        // Every other row is one of its own; the others are all the same.
        let key = |row: u64| u128::from(if row.is_multiple_of(2) { row } else { 1 });
        let mut room = Vec::new();
        for first in (0..rows).step_by(4096) {
            let lines: Vec<_> = (first..first + 4096).map(|row| row + 2).collect();
            let fingerprint = |row: usize| {
                // Spread by an odd number, as hashes are.
                let spread = (key(first + row as u64) << 64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                Some(Fingerprint::of(spread))
            };
            seen.each_repeated(&lines, fingerprint, |row, line| {
                assert_eq!((lines[row] % 2, line), (1, 3));
            });
            room.push(seen.slots.len());
        }
        assert_eq!(seen.taken as u64, rows / 2 + 1);
        room.dedup();
        let last = room.pop().unwrap();
        // Not twice as many as before: just what is needed.
        assert_eq!(room, [4096, 8192, 16384, 32768, 65536]);
        assert!((slots_for(seen.taken)..slots_for(seen.taken) * 11 / 10).contains(&last));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_first_line_of_each_is_told(
            // Few of them, and many with the same home.
            keys in prop::collection::vec(
                prop::option::weighted(0.9, (0..4u128, 0..700u128).prop_map(|(high, low)| high << 126 | low << 32)),
                0..3000,
            ),
            rows_in_all in 0..2000u64,
        ) {
            let mut seen = Seen::of_rows(rows_in_all);
            let (mut told, mut expected) = (Vec::new(), Vec::new());
            let mut first = HashMap::new();
            for (batch, keys) in keys.chunks(500).enumerate() {
                let lines: Vec<_> = (0..keys.len()).map(|row| (batch * 500 + row + 2) as u64).collect();
                let fingerprint = |row: usize| keys[row].map(|key: u128| Fingerprint::of(key));
                seen.each_repeated(&lines, fingerprint, |row, first| told.push((batch, row, first)));
                for (row, key) in keys.iter().enumerate() {
                    let Some(key) = key else { continue };
                    match first.get(key) {
                        Some(first) => expected.push((batch, row, *first)),
                        None => {
                            first.insert(*key, lines[row]);
                        }
                    }
                }
            }
            prop_assert_eq!(told, expected);
        }
    }
}

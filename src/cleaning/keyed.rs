//! Rows with the same key: a document, an e-mail address, a telephone and a name.

use std::collections::BTreeMap;
use std::sync::Arc;

use polars::prelude::{DataFrame, PolarsResult};
use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use super::duplicates::{DuplicateReason, DuplicateRow};
use super::seen::{Fingerprint, Seen};
use crate::recipe::rules::{KeyAction, KeyRule};
use crate::recipe::{ColumnKind, Mark, Profile};
use crate::values::{Reason, Status, email, fold, name};

/// How often a key was met again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyTally {
    /// The types of its columns: `cpf`, `phone+name`.
    pub name: String,
    /// The places of its columns.
    pub by: Arc<[usize]>,
    /// Rows whose key stood in an earlier row. Copies of a whole row do not count.
    pub repeated: u64,
}

/// Rows whose keys one thread makes in one go.
const PIECE: usize = 1024;

/// Of each row of a batch: 64 bits, so that among a million two of different things meet with a
/// probability below 1e-7.
pub(super) type Keys = Vec<Option<u64>>;

/// A key, and where each was first seen.
pub(super) struct Key {
    pub(super) by: Arc<[usize]>,
    kinds: Vec<ColumnKind>,
    seen: Seen,
    repeated: u64,
}

impl Key {
    pub(super) fn new(profile: &Profile, by: &[usize]) -> Self {
        let kinds = by.iter().map(|place| profile.columns[*place].kind);
        Key {
            kinds: kinds.collect(),
            by: by.into(),
            seen: Seen::of_rows(profile.rows),
            repeated: 0,
        }
    }

    /// The key of each row, as a hash; a row where part of it is missing has none.
    pub(super) fn keys(&self, frame: &DataFrame, marks: &[Vec<Mark>]) -> PolarsResult<Keys> {
        let mut columns = Vec::with_capacity(self.by.len());
        for (place, kind) in self.by.iter().zip(&self.kinds) {
            columns.push((frame.columns()[*place].str()?, &marks[*place], *kind));
        }
        let mut keys = vec![Some(0); frame.height()];
        let pieces = keys.par_chunks_mut(PIECE).enumerate();
        pieces.for_each(|(piece, keys)| {
            let first = piece * PIECE;
            for (cells, marks, kind) in &columns {
                let cells = cells.slice(first as i64, keys.len());
                let cells = cells.iter().zip(&marks[first..]);
                for (key, (text, mark)) in keys.iter_mut().zip(cells) {
                    *key = match (*key, text) {
                        (Some(key), Some(text)) if identifies(*mark) => {
                            Some(with_part(key, part(*kind, text)))
                        }
                        _ => None,
                    };
                }
            }
        });
        Ok(keys)
    }

    /// Tells each row whose key stood in an earlier row, and the line of the first; rows that are
    /// `gone` have no part in it.
    pub(super) fn each_repeated(
        &mut self,
        keys: &[Option<u64>],
        lines: &[u64],
        gone: &[bool],
        mut tell: impl FnMut(usize, u64),
    ) {
        let Key { seen, repeated, .. } = self;
        let fingerprint = |row: usize| {
            let key = keys[row].filter(|_| !gone[row])?;
            Some(Fingerprint::of(u128::from(key) << 64))
        };
        seen.each_repeated(lines, fingerprint, |row, first| {
            *repeated += 1;
            tell(row, first);
        });
    }

    pub(super) fn tally(&self) -> KeyTally {
        let codes: Vec<_> = self.kinds.iter().map(|kind| kind.code()).collect();
        KeyTally {
            name: codes.join("+"),
            by: self.by.clone(),
            repeated: self.repeated,
        }
    }
}

/// What is put in place of something, or hides it, is the same in rows that are not.
pub(super) fn identifies(mark: Mark) -> bool {
    !matches!(
        mark.reason,
        Some(
            Reason::Placeholder
                | Reason::NomePlaceholder
                | Reason::DocumentoDeTeste
                | Reason::Mascarado
        )
    )
}

/// The hash of a key that has one part more, which is a hash itself.
fn with_part(key: u64, part: u64) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    // So that the same parts in another order are another key.
    key.wrapping_mul(ODD).rotate_left(32) ^ part
}

/// A hash, equal where cells of a column of this type mean the same.
fn part(kind: ColumnKind, text: &str) -> u64 {
    match kind {
        ColumnKind::Email => email::key_hash(text),
        ColumnKind::Name => name::key_hash(text),
        ColumnKind::Company
        | ColumnKind::Municipality
        | ColumnKind::Street
        | ColumnKind::Category
        | ColumnKind::Text => xxh3_64(fold::fold(text).as_bytes()),
        _ => xxh3_64(text.as_bytes()),
    }
}

/// The keys that only mark: those of the rules, or the usual ones.
pub(super) fn marking(profile: &Profile, rules: Option<&[KeyRule<usize>]>) -> Vec<Key> {
    match rules {
        Some(rules) => rules
            .iter()
            .filter(|rule| rule.action == KeyAction::Mark && !rule.by.is_empty())
            .map(|rule| Key::new(profile, &rule.by))
            .collect(),
        None => {
            let kinds = ColumnKind::ALL.into_iter().filter(|kind| kind.is_key());
            let mut keys: Vec<_> = kinds
                .filter_map(|kind| Some(Key::new(profile, &[profile.first(kind)?])))
                .collect();
            let person = profile
                .first(ColumnKind::Phone)
                .zip(profile.first(ColumnKind::Name));
            keys.extend(person.map(|(phone, name)| Key::new(profile, &[phone, name])));
            keys
        }
    }
}

/// Finds rows whose key stood in an earlier row.
pub(super) struct KeyedRows {
    keys: Vec<Key>,
}

/// Rows whose key stood in an earlier row, in order, and the line of the first; for each key.
pub(super) type Repeated = Vec<Vec<(usize, u64)>>;

impl KeyedRows {
    pub(super) fn new(profile: &Profile, rules: Option<&[KeyRule<usize>]>) -> Self {
        KeyedRows {
            keys: marking(profile, rules),
        }
    }

    /// Each key of each row.
    pub(super) fn keys(&self, frame: &DataFrame, marks: &[Vec<Mark>]) -> PolarsResult<Vec<Keys>> {
        let keys = self.keys.par_iter().map(|key| key.keys(frame, marks));
        keys.collect()
    }

    pub(super) fn find(&mut self, keys: &[Keys], lines: &[u64], gone: &[bool]) -> Repeated {
        let each = self.keys.par_iter_mut().zip(keys).with_max_len(1);
        let found = each.map(|(key, keys)| {
            let mut repeated = Vec::new();
            key.each_repeated(keys, lines, gone, |row, first| repeated.push((row, first)));
            repeated
        });
        found.collect()
    }

    /// Marks the first cell of every repeated key, and lists each such row once, by the first of
    /// its keys that is. Nothing is removed.
    pub(super) fn mark(
        &self,
        found: Repeated,
        lines: &[u64],
        marks: &mut [Vec<Mark>],
        listed: &mut BTreeMap<usize, DuplicateRow>,
    ) {
        for (key, repeated) in self.keys.iter().zip(found) {
            let why = DuplicateReason::Key(key.by.clone());
            let place = key.by.first().copied();
            for (row, first) in repeated {
                if let Some(place) = place {
                    alert(&mut marks[place][row], Reason::DuplicadoChave);
                }
                listed.entry(row).or_insert_with(|| DuplicateRow {
                    line: lines[row],
                    first,
                    cluster: first,
                    why: why.clone(),
                    removed: false,
                });
            }
        }
    }

    pub(super) fn tallies(&self) -> Vec<KeyTally> {
        self.keys.iter().map(Key::tally).collect()
    }
}

/// An alert on a cell that has nothing graver to tell.
pub(super) fn alert(mark: &mut Mark, reason: Reason) {
    if matches!(mark.status, Status::Ok | Status::Padronizado) {
        mark.status = Status::Alerta;
        mark.reason = Some(reason);
    }
}

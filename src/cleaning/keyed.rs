//! Rows with the same key: a document, an e-mail address, a telephone and a name.

use std::sync::Arc;

use polars::prelude::{DataFrame, PolarsResult};
use rayon::prelude::*;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

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
            seen: Seen::with_capacity(0),
            repeated: 0,
        }
    }

    /// Tells each row whose key stood in an earlier row, and the line of the first; rows that are
    /// `gone` have no part in it. A row where part of the key is missing has no key.
    pub(super) fn each_repeated(
        &mut self,
        frame: &DataFrame,
        lines: &[u64],
        marks: &[Vec<Mark>],
        gone: &[bool],
        mut tell: impl FnMut(usize, u64),
    ) -> PolarsResult<()> {
        let keys = self.keys(frame, marks, gone)?;
        let Key { seen, repeated, .. } = self;
        let fingerprint = |row: usize| Some(Fingerprint::of(u128::from(keys[row]?) << 64));
        seen.each_repeated(lines, fingerprint, |row, first| {
            *repeated += 1;
            tell(row, first);
        });
        Ok(())
    }

    /// The key of each row that has one and is not `gone`.
    fn keys(
        &self,
        frame: &DataFrame,
        marks: &[Vec<Mark>],
        gone: &[bool],
    ) -> PolarsResult<Vec<Option<u64>>> {
        let mut columns = Vec::with_capacity(self.by.len());
        for (place, kind) in self.by.iter().zip(&self.kinds) {
            columns.push((frame.columns()[*place].str()?, &marks[*place], *kind));
        }
        let mut keys: Vec<_> = gone.iter().map(|gone| (!gone).then_some(0)).collect();
        let pieces = keys.par_chunks_mut(PIECE).enumerate();
        pieces.for_each(|(piece, keys)| {
            let first = piece * PIECE;
            for (cells, marks, kind) in &columns {
                let cells = cells.slice(first as i64, keys.len());
                let cells = cells.iter().zip(&marks[first..]);
                for (key, (text, mark)) in keys.iter_mut().zip(cells) {
                    *key = match (*key, text) {
                        (Some(key), Some(text)) if identifies(*mark) => {
                            let part = part(*kind, text);
                            Some(xxh3_64_with_seed(&part.to_le_bytes(), key))
                        }
                        _ => None,
                    };
                }
            }
        });
        Ok(keys)
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

/// Marks rows whose key stood in an earlier row. Nothing is removed.
pub(super) struct KeyedRows {
    keys: Vec<Key>,
}

impl KeyedRows {
    pub(super) fn new(profile: &Profile, rules: Option<&[KeyRule<usize>]>) -> Self {
        KeyedRows {
            keys: marking(profile, rules),
        }
    }

    /// Marks the first cell of every repeated key, and tells each such row once, by the first of
    /// its keys that is.
    pub(super) fn mark(
        &mut self,
        frame: &DataFrame,
        lines: &[u64],
        marks: &mut [Vec<Mark>],
        gone: &[bool],
    ) -> PolarsResult<Vec<DuplicateRow>> {
        let mut listed: Vec<Option<DuplicateRow>> = vec![None; lines.len()];
        let before: &[Vec<Mark>] = marks;
        let found = self.keys.par_iter_mut().map(|key| {
            let mut repeated = Vec::new();
            key.each_repeated(frame, lines, before, gone, |row, first| {
                repeated.push((row, first));
            })?;
            Ok(repeated)
        });
        let found: Vec<_> = found.collect::<PolarsResult<_>>()?;
        for (key, repeated) in self.keys.iter().zip(found) {
            let why = DuplicateReason::Key(key.by.clone());
            let place = key.by.first().copied();
            for (row, first) in repeated {
                if let Some(place) = place {
                    alert(&mut marks[place][row], Reason::DuplicadoChave);
                }
                listed[row].get_or_insert_with(|| DuplicateRow {
                    line: lines[row],
                    first,
                    cluster: first,
                    why: why.clone(),
                    removed: false,
                });
            }
        }
        Ok(listed.into_iter().flatten().collect())
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

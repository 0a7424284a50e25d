//! Rows that are there twice, as batches pass: removed, marked, completed from one another.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use polars::prelude::{DataFrame, PolarsResult};

use super::duplicates::{DuplicateReason, DuplicateRow, ExactRows};
use super::keyed::{KeyedRows, Keys, Repeated, alert};
use super::whole::{DuplicateTally, Sizes};
use super::{Brief, CleanBatch, Findings};
use crate::recipe::rules::ExactAction;
use crate::recipe::{ColumnKind, Mark, Turns};
use crate::table::with_cells;
use crate::values::{Reason, Status};

/// What was found of rows that are there twice.
pub(super) struct Copies {
    /// Rows that are not delivered.
    pub(super) gone: Vec<bool>,
    listed: BTreeMap<usize, DuplicateRow>,
    keys: Vec<Keys>,
}

impl Copies {
    fn remove(&mut self, row: usize, listed: DuplicateRow) {
        self.gone[row] = true;
        self.listed.insert(row, listed);
    }
}

/// Finds rows that are there twice.
pub(super) struct Repeats {
    findings: Arc<Findings>,
    exact: Option<ExactRows>,
    keyed: KeyedRows,
    /// The column that is marked where rows are much alike.
    name: Option<usize>,
    own_columns: usize,
    tally: DuplicateTally,
    sizes: Sizes,
    turns: Turns,
}

impl Repeats {
    pub(super) fn new(brief: &Brief, findings: Arc<Findings>) -> Self {
        let (profile, rules) = (&brief.profile, &brief.rules.duplicates);
        let name = profile.first(ColumnKind::Name);
        Repeats {
            exact: match rules.exact {
                ExactAction::Remove => Some(ExactRows::of_rows(profile.rows)),
                ExactAction::Keep => None,
            },
            keyed: KeyedRows::new(profile, rules.keys.as_deref()),
            name: name.or(profile.first(ColumnKind::Company)),
            own_columns: profile.columns.len(),
            tally: DuplicateTally {
                fuzzy: findings.fates.fuzzy,
                ..DuplicateTally::default()
            },
            sizes: Sizes::default(),
            turns: Turns::default(),
            findings,
        }
    }

    /// Finds the rows of a batch that are not delivered, and how the others are to be known again.
    pub(super) fn find(&mut self, batch: &CleanBatch) -> PolarsResult<Copies> {
        let fates = &self.findings.fates;
        let (exact, keyed) = (&mut self.exact, &self.keyed);
        let (exact, keys) = rayon::join(
            || match exact {
                Some(exact) => exact.find(&batch.frame, &batch.lines),
                None => Ok(Vec::new()),
            },
            || keyed.keys(&batch.frame, &batch.marks),
        );
        let mut copies = Copies {
            gone: vec![false; batch.lines.len()],
            listed: BTreeMap::new(),
            keys: keys?,
        };
        for (row, first) in exact? {
            // The first of them may itself have gone into another.
            let merged = fates.removed.get(&first);
            let (first, cluster) = merged.map_or((first, first), |fate| (fate.first, fate.cluster));
            copies.remove(
                row,
                DuplicateRow {
                    line: batch.lines[row],
                    first,
                    cluster,
                    why: DuplicateReason::Exact,
                    removed: true,
                },
            );
        }
        if !fates.removed.is_empty() {
            for (row, line) in batch.lines.iter().enumerate() {
                if let Some(fate) = fates.removed.get(line).filter(|_| !copies.gone[row]) {
                    copies.remove(row, fate.clone());
                }
            }
        }
        Ok(copies)
    }

    /// Finds the rows whose key stood in an earlier row.
    pub(super) fn find_keyed(&mut self, copies: &Copies, lines: &[u64]) -> Repeated {
        self.keyed.find(&copies.keys, lines, &copies.gone)
    }

    /// Lists and marks what was found; which rows are not to be delivered.
    pub(super) fn tell(
        &mut self,
        copies: Copies,
        keyed: Repeated,
        batch: &mut CleanBatch,
    ) -> Vec<bool> {
        let fates = &self.findings.fates;
        let Copies {
            gone, mut listed, ..
        } = copies;
        self.keyed
            .mark(keyed, &batch.lines, &mut batch.marks, &mut listed);
        if !fates.listed.is_empty() {
            for (row, line) in batch.lines.iter().enumerate() {
                let Some(alike) = fates.listed.get(line).filter(|_| !gone[row]) else {
                    continue;
                };
                let sure = |why: &DuplicateReason| {
                    matches!(
                        why,
                        DuplicateReason::Fuzzy {
                            possible: false,
                            ..
                        }
                    )
                };
                if let Some(name) = self.name.filter(|_| sure(&alike.why)) {
                    alert(&mut batch.marks[name][row], Reason::DuplicadoProvavel);
                }
                listed.entry(row).or_insert_with(|| alike.clone());
            }
        }
        batch.duplicates = listed.into_values().collect();
        self.count(&batch.duplicates);
        gone
    }

    fn count(&mut self, rows: &[DuplicateRow]) {
        for row in rows {
            let tally = &mut self.tally;
            match &row.why {
                DuplicateReason::Fuzzy { possible: true, .. } => {
                    tally.possible += 1;
                    continue;
                }
                DuplicateReason::Exact => tally.exact += 1,
                _ if row.removed => tally.merged += 1,
                _ => tally.marked += 1,
            }
            self.sizes.add(row.cluster);
        }
    }

    /// Gives the rows that stay what was in the removed ones and is blank in them; how many rows
    /// became corrected ones by it. What is there is never touched.
    pub(super) fn fill(&mut self, batch: &mut CleanBatch) -> PolarsResult<u64> {
        let fates = &self.findings.fates;
        if fates.fills.is_empty() {
            return Ok(0);
        }
        let mut fills: HashMap<usize, Vec<(usize, Option<&str>)>> = HashMap::new();
        let mut corrected = 0;
        for (row, line) in batch.lines.iter().enumerate() {
            let Some(filling) = fates.fills.get(line) else {
                continue;
            };
            let was_corrected = |marks: &Vec<Mark>| marks[row].status == Status::Corrigido;
            corrected += u64::from(!batch.marks.iter().any(was_corrected));
            for filling in filling {
                let texts = fills.entry(filling.place).or_default();
                texts.push((row, Some(filling.text.as_str())));
                if filling.place < self.own_columns {
                    let to = Mark {
                        status: Status::Corrigido,
                        reason: Some(Reason::Complementado),
                        confidence: filling.confidence,
                    };
                    let mark = &mut batch.marks[filling.place][row];
                    self.turns.turn(filling.place, mark, to);
                    self.tally.filled += 1;
                }
            }
        }
        let mut columns = batch.frame.columns().to_vec();
        for (place, texts) in fills {
            columns[place] = with_cells(&columns[place], &texts)?;
        }
        batch.frame = DataFrame::new(batch.frame.height(), columns)?;
        Ok(corrected)
    }

    pub(super) fn turns(&self) -> &Turns {
        &self.turns
    }

    pub(super) fn tally(&self) -> DuplicateTally {
        let merged = self.findings.fates.keys.iter().cloned();
        DuplicateTally {
            sizes: self.sizes.by_size(),
            keys: merged.chain(self.keyed.tallies()).collect(),
            ..self.tally.clone()
        }
    }
}

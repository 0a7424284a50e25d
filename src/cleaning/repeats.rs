//! Rows that are there twice, as batches pass: removed, marked, completed from one another.

use std::collections::HashMap;
use std::sync::Arc;

use polars::prelude::{DataFrame, PolarsResult};

use super::duplicates::{DuplicateReason, DuplicateRow, ExactRows};
use super::keyed::{KeyedRows, alert};
use super::whole::{DuplicateTally, Sizes};
use super::{Brief, CleanBatch, Findings};
use crate::recipe::rules::ExactAction;
use crate::recipe::{ColumnKind, Mark, Turns};
use crate::table::with_cells;
use crate::values::{Reason, Status};

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
                ExactAction::Remove => Some(ExactRows::with_capacity(profile.rows)),
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

    /// Lists and marks the rows of a batch that are there twice; which of them are to be removed.
    pub(super) fn find(&mut self, batch: &mut CleanBatch) -> PolarsResult<Vec<bool>> {
        let fates = &self.findings.fates;
        let mut listed: Vec<Option<DuplicateRow>> = vec![None; batch.lines.len()];
        let mut gone = vec![false; batch.lines.len()];
        if let Some(exact) = &mut self.exact {
            let copies = exact.find(&batch.frame, &batch.lines)?.into_iter();
            let mut copies = copies.peekable();
            for (row, line) in batch.lines.iter().enumerate() {
                let Some(mut copy) = copies.next_if(|copy| copy.line == *line) else {
                    continue;
                };
                // The first of them may itself have gone into another.
                if let Some(merged) = fates.removed.get(&copy.first) {
                    (copy.first, copy.cluster) = (merged.first, merged.cluster);
                }
                gone[row] = true;
                listed[row] = Some(copy);
            }
        }
        if !fates.removed.is_empty() {
            for (row, line) in batch.lines.iter().enumerate() {
                if let Some(fate) = fates.removed.get(line).filter(|_| !gone[row]) {
                    gone[row] = true;
                    listed[row] = Some(fate.clone());
                }
            }
        }
        let marked = self
            .keyed
            .mark(&batch.frame, &batch.lines, &mut batch.marks, &gone)?;
        let mut marked = marked.into_iter().peekable();
        for (row, line) in batch.lines.iter().enumerate() {
            let by_key = marked.next_if(|marked| marked.line == *line);
            let alike = fates.listed.get(line).filter(|_| !gone[row]);
            if let Some(alike) = alike
                && matches!(
                    alike.why,
                    DuplicateReason::Fuzzy {
                        possible: false,
                        ..
                    }
                )
                && let Some(name) = self.name
            {
                alert(&mut batch.marks[name][row], Reason::DuplicadoProvavel);
            }
            if listed[row].is_none() {
                listed[row] = by_key.or_else(|| alike.cloned());
            }
        }
        batch.duplicates = listed.into_iter().flatten().collect();
        self.count(&batch.duplicates);
        Ok(gone)
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

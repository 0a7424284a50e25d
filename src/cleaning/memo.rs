//! What cells became, for those that come again: many columns hold a few words over and over.

use super::identity::{Cells, Identity};
use crate::recipe::{ColumnKind, Mark};
use crate::values::{State, Status};

/// Cells that are remembered at a time.
const SLOTS: usize = 512;
/// Longer cells are hardly ever the same.
const LONGEST: usize = 48;
/// Cells after which it is known whether remembering pays.
const TRIAL: u32 = 512;

/// The last outcome of each of some cells of one column, in one batch.
pub(super) struct Memo {
    kind: ColumnKind,
    slots: Vec<Option<Known>>,
    asked: u32,
    met: u32,
}

/// What became of a cell.
pub(super) struct Known {
    identity: Identity,
    /// The text itself, where the identity is only a hash.
    original: Option<Box<str>>,
    state: Option<State>,
    mark: Mark,
    clean: Clean<Box<str>>,
}

/// What is delivered in place of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clean<T> {
    AsItCame,
    Blank,
    Other(T),
}

impl<'a> Clean<&'a str> {
    /// `clean` is what the rule wrote: nothing, where nothing is to be delivered.
    pub(super) fn of(cell: Option<&str>, mark: Mark, clean: &'a str) -> Self {
        match clean {
            // Nothing else is.
            _ if mark.status == Status::Ok => Clean::AsItCame,
            "" => Clean::Blank,
            same if cell == Some(same) => Clean::AsItCame,
            other => Clean::Other(other),
        }
    }
}

impl Memo {
    pub(super) fn new(kind: ColumnKind) -> Self {
        Memo {
            kind,
            slots: Vec::new(),
            asked: 0,
            met: 0,
        }
    }

    /// By what a cell is to be looked for and remembered; `None` if that does not pay.
    pub(super) fn identify(&self, cells: &Cells, row: usize, text: &str) -> Option<Identity> {
        let pays = self.asked < TRIAL || self.met * 2 >= TRIAL;
        (pays && text.len() <= LONGEST).then(|| Identity::of(cells, row, text))
    }

    /// What became of such a cell before. `state` is that of the row.
    pub(super) fn recall(
        &mut self,
        identity: Identity,
        text: &str,
        state: Option<State>,
    ) -> Option<(Mark, Clean<&str>)> {
        self.asked = (self.asked + 1).min(TRIAL);
        let state = state.filter(|_| reads_state(self.kind));
        let known = self.slots.get(identity.slot(SLOTS))?.as_ref()?;
        let same = known.identity == identity
            && known.state == state
            && known.original.as_deref().is_none_or(|one| one == text);
        if !same {
            return None;
        }
        self.met = (self.met + 1).min(TRIAL);
        let clean = match &known.clean {
            Clean::AsItCame => Clean::AsItCame,
            Clean::Blank => Clean::Blank,
            Clean::Other(text) => Clean::Other(&**text),
        };
        Some((known.mark, clean))
    }

    /// Remembers what became of a cell.
    pub(super) fn learn(
        &mut self,
        identity: Identity,
        text: &str,
        state: Option<State>,
        mark: Mark,
        clean: Clean<&str>,
    ) {
        let state = state.filter(|_| reads_state(self.kind));
        if !is_of_cell_alone(self.kind, state, mark) {
            return;
        }
        if self.slots.is_empty() {
            self.slots.resize_with(SLOTS, || None);
        }
        self.slots[identity.slot(SLOTS)] = Some(Known {
            identity,
            original: (!identity.is_text()).then(|| text.into()),
            state,
            mark,
            clean: match clean {
                Clean::AsItCame => Clean::AsItCame,
                Clean::Blank => Clean::Blank,
                Clean::Other(text) => Clean::Other(text.into()),
            },
        });
    }
}

fn reads_state(kind: ColumnKind) -> bool {
    matches!(kind, ColumnKind::Cep | ColumnKind::Municipality)
}

/// Whether nothing of the row but its state had a part in it. It is asked only where a cell does
/// not tell enough by itself.
fn is_of_cell_alone(kind: ColumnKind, state: Option<State>, mark: Mark) -> bool {
    let certain = matches!(mark.status, Status::Ok | Status::Padronizado);
    match kind {
        // Its area code may stand in a column of its own.
        ColumnKind::Phone => false,
        ColumnKind::Ddd => certain,
        // A name that several states have is told apart by the rest of the row.
        ColumnKind::Municipality => certain && state.is_some(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::NaiveDate;
    use polars::prelude::{Column, DataFrame};
    use proptest::prelude::*;

    use super::super::facts::Facts;
    use super::super::{Brief, columns};
    use crate::recipe::{Detector, Rules, clean};
    use crate::table::Batch;

    /// Few values of each column, so that most are met again; many depend on their row.
    fn row() -> impl Strategy<Value = [&'static str; 8]> {
        use prop::sample::select;
        (
            select(
                &[
                    "Bonito",
                    "BONITO",
                    "Campinas",
                    "S?o Paulo",
                    "Bom Jesus",
                    "x",
                ][..],
            ),
            select(&["MS", "PE", "sp", "", "Paraná"][..]),
            select(&["55680-000", "1310100", "79290000", "", "0"][..]),
            select(&["3255-1234", "(11) 98765-4321", "87654321", "-"][..]),
            select(&["67", "0", "", "011", "1"][..]),
            select(&["1.234", "R$ 5,00", "n/a", "1,5", "-"][..]),
            select(&["MARIA DA SILVA", "teste", "Ana", " ana  lima"][..]),
            select(&["01/02/2020", "2020-02-30", "0", "45000"][..]),
        )
            .prop_map(|(a, b, c, d, e, f, g, h)| [a, b, c, d, e, f, g, h])
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_cell_that_is_remembered_is_what_it_would_be_if_cleaned_again(
            rows in prop::collection::vec(row(), 1..200)
        ) {
            let headers = ["Município", "UF", "CEP", "Telefone", "DDD", "Valor", "Nome", "Data"];
            let cells = headers.iter().enumerate().map(|(place, header)| {
                let cells = rows.iter().map(|row| Some(row[place]).filter(|cell| !cell.is_empty()));
                Column::new((*header).into(), cells.collect::<Vec<_>>())
            });
            let frame = DataFrame::new(rows.len(), cells.collect()).unwrap();
            let mut detector = Detector::new(headers);
            detector.observe(&frame).unwrap();
            let brief = Brief {
                profile: Arc::new(detector.finish(rows.len() as u64)),
                rules: Arc::new(Rules::default()),
                today: NaiveDate::from_ymd_opt(2026, 11, 21).unwrap(),
            };
            let lines = (2..2 + rows.len() as u64).collect();
            let batch = Batch { frame, lines, rejected: Vec::new() };
            let cleaned = columns::clean(&brief, &batch).unwrap();
            let facts = Facts::of(&brief.profile, &batch).unwrap();
            let mut out = String::new();
            for (place, plan) in brief.profile.columns.iter().enumerate() {
                let before = batch.frame.columns()[place].str().unwrap();
                let after = cleaned.frame.columns()[place].str().unwrap();
                for (row, cell) in before.iter().enumerate() {
                    let Some(cell) = cell.or(plan.reading.checklist.then_some("")) else {
                        continue;
                    };
                    let ddd = facts.code(plan.reading.ddd, row);
                    let context = facts.context(row, plan.kind, ddd, &plan.reading, brief.today);
                    let mark = clean(plan.kind, cell, context, &mut out);
                    prop_assert_eq!(cleaned.marks[place][row], mark, "{} {}", plan.name, cell);
                    prop_assert_eq!(after.get(row).unwrap_or_default(), out.as_str());
                }
            }
        }
    }
}

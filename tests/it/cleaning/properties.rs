//! What holds for every table and every recipe.

use std::collections::HashMap;

use proptest::prelude::*;
use pyservice::recipe::rules::{ExactAction, Fill, KeyAction, OutlierAction};
use pyservice::recipe::{ColumnKind, Profile, Rules};
use pyservice::values::{Reason, Status};

use super::dirt::{Case, case};
use super::{Sheet, Treated, treated};

/// What is known of the case's table, and what is asked of it.
fn laid(case: &Case) -> (Profile, Rules<usize>) {
    let mut profile = case.sheet.profile(&case.forced);
    case.wishes.limit(&mut profile);
    let rules = case.wishes.rules(&profile);
    (profile, rules)
}

fn done(case: &Case, rows: usize) -> Treated {
    let (profile, rules) = laid(case);
    treated(&case.sheet, profile, rules, rows)
}

const ALL: usize = 1000;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_row_is_delivered_or_rejected_or_removed(case in case()) {
        let done = done(&case, ALL);
        let removed = done.duplicates.iter().filter(|row| row.removed).map(|row| row.line);
        let rejected = done.rejected.iter().map(|row| row.line);
        let mut lines: Vec<u64> = done.lines.iter().copied().chain(removed).chain(rejected).collect();
        lines.sort_unstable();
        let all: Vec<u64> = (2..case.sheet.rows() as u64 + 2).collect();
        prop_assert_eq!(lines, all);
        prop_assert!(done.lines.is_sorted(), "the order is kept");
        // What stays for a removed row is delivered.
        for row in done.duplicates.iter().filter(|row| row.removed) {
            prop_assert!(done.lines.contains(&row.first), "{:?}", row);
        }
    }

    #[test]
    fn no_original_is_lost(case in case()) {
        let done = done(&case, ALL);
        let mut entries = HashMap::new();
        for entry in &done.changes {
            prop_assert!(entries.insert((entry.line, entry.column), entry).is_none());
        }
        for (row, line) in done.lines.iter().enumerate() {
            for (column, cells) in done.sheet.columns.iter().enumerate() {
                let before = &case.sheet.columns[column][*line as usize - 2];
                let (after, mark) = (&cells[row], done.marks[column][row]);
                let Some(entry) = entries.remove(&(*line, column)) else {
                    prop_assert_eq!(before, after, "no entry in line {} column {}", line, column);
                    continue;
                };
                prop_assert_eq!((&entry.before, &entry.after), (before, after));
                prop_assert_eq!(entry.mark, mark);
                prop_assert!(before != after && mark.status != Status::Ok, "{:?}", entry);
                prop_assert!(mark.confidence <= 100);
                let rebuilt = [Status::Corrigido, Status::Rejeitado, Status::Imputado];
                prop_assert!(mark.reason.is_some() || !rebuilt.contains(&mark.status), "{:?}", entry);
            }
        }
        prop_assert!(entries.is_empty(), "{:?}", entries);
        // What is blank because it cannot be trusted is listed.
        let listed: HashMap<_, _> =
            done.cells.iter().map(|cell| ((cell.line, cell.column), cell)).collect();
        prop_assert_eq!(listed.len(), done.cells.len());
        for ((line, column), cell) in &listed {
            let original = &case.sheet.columns[*column][*line as usize - 2];
            prop_assert_eq!(Some(&cell.original), original.as_ref());
        }
        for (column, marks) in done.marks.iter().enumerate() {
            for (row, mark) in marks.iter().enumerate() {
                if mark.status == Status::Rejeitado {
                    let cell = listed.get(&(done.lines[row], column));
                    prop_assert_eq!(cell.map(|cell| Some(cell.reason)), Some(mark.reason));
                    prop_assert_eq!(&done.sheet.columns[column][row], &None);
                }
            }
        }
        for row in &done.rejected {
            let cells = case.sheet.columns.iter().map(|cells| &cells[row.line as usize - 2]);
            let cells: Vec<_> = cells.map(|cell| cell.as_deref().unwrap_or("")).collect();
            prop_assert_eq!(&row.raw, &cells.join(";"));
        }
    }

    #[test]
    fn what_is_ok_stays_what_it_was(case in case()) {
        let done = done(&case, ALL);
        for (column, marks) in done.marks.iter().enumerate() {
            for (row, mark) in marks.iter().enumerate() {
                if mark.status == Status::Ok {
                    let before = &case.sheet.columns[column][done.lines[row] as usize - 2];
                    prop_assert_eq!(before, &done.sheet.columns[column][row]);
                    prop_assert!(before.is_some());
                }
            }
        }
    }

    #[test]
    fn the_batches_a_table_comes_in_make_no_difference(case in case()) {
        let whole = done(&case, ALL);
        for rows in [1, 7, ALL] {
            let done = done(&case, rows);
            prop_assert_eq!(&done.sheet, &whole.sheet, "{} rows", rows);
            prop_assert_eq!(&done.sides, &whole.sides);
            prop_assert_eq!(&done.lines, &whole.lines);
            prop_assert_eq!(&done.marks, &whole.marks);
            prop_assert_eq!(&done.cells, &whole.cells);
            prop_assert_eq!(&done.rejected, &whole.rejected);
            prop_assert_eq!(&done.duplicates, &whole.duplicates);
            prop_assert_eq!(&done.changes, &whole.changes);
            prop_assert_eq!(&done.tally, &whole.tally);
            prop_assert_eq!(&done.turns, &whole.turns);
            // An error of a float's last digit is not one, but there is none.
            prop_assert_eq!(&done.whole, &whole.whole);
        }
    }

    #[test]
    fn the_statuses_of_a_column_add_up_to_the_rows(case in case()) {
        let done = done(&case, ALL);
        for (column, tally) in done.tally.columns.iter().enumerate() {
            prop_assert_eq!(tally.status.total(), case.sheet.rows() as u64);
            let mut status = tally.status;
            for turns in &done.turns {
                for ((place, from, to), cells) in &turns.statuses {
                    if *place == column {
                        status.turn(*from, *to, *cells);
                    }
                }
            }
            prop_assert_eq!(status.total(), case.sheet.rows() as u64);
            for one in Status::ALL {
                let marks = done.marks[column].iter().filter(|mark| mark.status == one);
                let rows = if one == Status::Rejeitado { done.rejected.len() } else { 0 };
                let delivered = (marks.count() + rows) as u64;
                // Of rows that were removed only the tally tells.
                prop_assert!(status.of(one) >= delivered, "{:?}", one);
                if done.removed() == 0 {
                    prop_assert_eq!(status.of(one), delivered, "{:?}", one);
                }
            }
        }
    }

    #[test]
    fn cleaning_what_was_delivered_changes_nothing(case in case()) {
        let once = done(&case, ALL);
        let (_, asked) = laid(&case);
        let own = once.profile.columns.len();
        let kinds = once.profile.columns.iter().map(|column| column.kind).enumerate();
        let mut rules = Rules::default();
        if rewrites(&asked) {
            // A row that is capped, filled or completed may become another's copy.
            rules.duplicates.exact = ExactAction::Keep;
        }
        if asked.duplicates.exact == ExactAction::Keep {
            rules.duplicates.exact = ExactAction::Keep;
        }
        // The columns made of others are columns of their own now.
        let mut sheet = once.sheet.clone();
        sheet.names.extend(once.sides.names.iter().cloned());
        sheet.columns.extend(once.sides.columns.iter().cloned());
        let sheet: &Sheet = &sheet;
        let kinds = kinds.chain((own..sheet.names.len()).map(|place| (place, ColumnKind::Text)));
        let kinds: Vec<_> = kinds.collect();
        let mut profile = sheet.profile(&kinds);
        for (column, known) in profile.columns.iter_mut().zip(&once.profile.columns) {
            // Rows that were not delivered had a part in these.
            column.reading.times = known.reading.times;
            column.reading.frequent_domains.clone_from(&known.reading.frequent_domains);
        }
        if !fills(&asked) {
            // What is filled or capped is so whatever the limits are.
            for (column, known) in profile.columns.iter_mut().zip(&once.profile.columns) {
                column.limits = known.limits.clone();
            }
        }
        let twice = treated(sheet, profile, rules, ALL);
        prop_assert_eq!(twice.lines.len(), sheet.rows());
        let changes = twice.changes.iter();
        let changes: Vec<_> =
            changes.filter(|entry| !reread(&once, entry.line as usize - 2, entry.column)).collect();
        prop_assert!(changes.is_empty(), "{:?}", changes);
        for (column, marks) in twice.marks.iter().enumerate() {
            for (row, mark) in marks.iter().enumerate() {
                let calm = [Status::Ok, Status::Alerta, Status::Vazio].contains(&mark.status);
                prop_assert!(calm || reread(&once, row, column), "{} {} {:?}", row, column, mark);
            }
        }
    }
}

/// Whether cells are given other values once rows were compared.
fn rewrites(rules: &Rules<usize>) -> bool {
    let merging = |action: KeyAction| action == KeyAction::Merge;
    let keys = rules.duplicates.keys.iter().flatten();
    fills(rules)
        || keys.map(|key| key.action).any(merging)
        || rules
            .duplicates
            .fuzzy
            .iter()
            .any(|rule| merging(rule.action))
}

/// Whether outliers or blanks are given other values.
fn fills(rules: &Rules<usize>) -> bool {
    rules
        .outliers
        .iter()
        .any(|rule| rule.action != OutlierAction::Flag)
        || rules
            .missing
            .iter()
            .any(|rule| !matches!(rule.fill, Fill::Flag))
}

/// Whether a cell may be read in another way than before, because the cells of its row that it is
/// read by are others now: a limit took them away, or another row gave them.
fn reread(once: &Treated, row: usize, column: usize) -> bool {
    use ColumnKind::{Cep, Ddd, Municipality, Phone};
    use Reason::{Complementado, ForaDaLista, ForaDeFaixa, ForaDoPadrao};
    let Some(known) = once.profile.columns.get(column) else {
        return false;
    };
    let by_others = matches!(known.kind, Cep | Ddd | Municipality | Phone);
    let mut reasons = once.marks.iter().map(|marks| marks[row].reason);
    let is_other = |reason| {
        matches!(
            reason,
            Complementado | ForaDaLista | ForaDeFaixa | ForaDoPadrao
        )
    };
    by_others && reasons.any(|reason| reason.is_some_and(is_other))
}

//! What a recipe demands of clean values: that they are of a list, match a pattern, lie in a
//! range, and that no row lacks them.
//!
//! A value outside its limits is rejected like one that cannot be read: the cell is blank, and
//! what stood there is listed. What contains no value is within all limits. A row without a value
//! in a column that is required is rejected whole, before rows are compared with one another: no
//! other row is the duplicate of one that is not delivered. Whether a blank could have been filled
//! later, from the base or by statistics, makes no difference to it.

use std::collections::{HashMap, HashSet};

use polars::prelude::{PolarsResult, StringChunked};

use super::columns::CleanColumn;
use super::numbers::number;
use super::{Brief, CleanBatch, RejectedCell};
use crate::recipe::{Bound, ColumnKind, ColumnProfile, Context, Limits, Mark, Profile, clean};
use crate::table::{Batch, RejectedRow, with_cells};
use crate::values::date::Order;
use crate::values::fold::fold;
use crate::values::{Date, DateKind, Decimal, Reason, Status};

/// Rejects the clean cells of a column that are outside its limits; a column without any costs
/// nothing.
///
/// # Errors
/// If a column is not text.
pub(super) fn enforce(
    brief: &Brief,
    batch: &Batch,
    place: usize,
    column: &mut CleanColumn,
) -> PolarsResult<()> {
    let plan = &brief.profile.columns[place];
    if plan.limits.is_free() {
        return Ok(());
    }
    let misfits = misfits(plan, brief, column.cells.str()?);
    if misfits.is_empty() {
        return Ok(());
    }
    let originals = batch.frame.columns()[place].str()?;
    let mut texts = Vec::with_capacity(misfits.len());
    for (row, verdict) in misfits {
        let mark = &mut column.marks[row];
        match verdict {
            Verdict::Respelt(text) => {
                // What was guessed or looks wrong stays so.
                if mark.status == Status::Ok {
                    mark.status = Status::Padronizado;
                }
                texts.push((row, Some(text)));
            }
            Verdict::Outside(reason) => {
                *mark = Mark {
                    status: Status::Rejeitado,
                    reason: Some(reason),
                    confidence: 100,
                };
                texts.push((row, None));
                column.rejected.push(RejectedCell {
                    line: batch.lines[row],
                    column: place,
                    original: originals.get(row).unwrap_or_default().to_owned(),
                    reason,
                });
            }
        }
    }
    column.cells = with_cells(&column.cells, &texts)?;
    Ok(())
}

/// What becomes of a cell that is not delivered as it is.
#[derive(Debug, Clone, PartialEq)]
enum Verdict {
    /// It is of the list, which writes it like this.
    Respelt(String),
    Outside(Reason),
}

/// The cells that cannot stay as they are, in the order of rows.
fn misfits(plan: &ColumnProfile, brief: &Brief, cells: &StringChunked) -> Vec<(usize, Verdict)> {
    let list = List::new(plan, brief);
    let filled = cells.iter().enumerate();
    let filled = filled.filter_map(|(row, cell)| Some((row, cell?)));
    filled
        .filter_map(|(row, text)| Some((row, verdict(plan, list.as_ref(), brief, text)?)))
        .collect()
}

fn verdict(
    plan: &ColumnProfile,
    list: Option<&List>,
    brief: &Brief,
    text: &str,
) -> Option<Verdict> {
    let limits = &plan.limits;
    let mut spelt = text;
    if let Some(list) = list {
        match list.spelling(text) {
            Some(listed) => spelt = listed,
            None => return Some(Verdict::Outside(Reason::ForaDaLista)),
        }
    }
    let mut patterns = limits.pattern.iter();
    if patterns.any(|pattern| !pattern.is_match(spelt)) {
        return Some(Verdict::Outside(Reason::ForaDoPadrao));
    }
    if !in_range(limits, plan.kind, brief, spelt) {
        return Some(Verdict::Outside(Reason::ForaDeFaixa));
    }
    (spelt != text).then(|| Verdict::Respelt(spelt.to_owned()))
}

/// The values a column may have.
enum List {
    /// Numbers are compared by what they are worth: a sign or a comma makes another number.
    Numbers(Vec<(Decimal, String)>),
    /// By their folded forms.
    Texts {
        exact: HashSet<String>,
        folded: HashMap<String, String>,
    },
}

impl List {
    /// `None` if the recipe has none.
    fn new(plan: &ColumnProfile, brief: &Brief) -> Option<List> {
        let values = &plan.limits.allowed;
        if values.is_empty() {
            return None;
        }
        // A list is written before it is known what the column is found to hold.
        let values = values
            .iter()
            .map(|value| delivered(plan.kind, value, brief));
        if plan.kind.is_numeric() {
            let numbers = values.filter_map(|value| Some((number(&value)?, value)));
            return Some(List::Numbers(numbers.collect()));
        }
        let (mut exact, mut folded) = (HashSet::new(), HashMap::new());
        for value in values {
            let key = fold(&value);
            // Signs alone fold to nothing.
            if !key.is_empty() {
                folded.entry(key).or_insert_with(|| value.clone());
            }
            exact.insert(value);
        }
        Some(List::Texts { exact, folded })
    }

    /// How the list writes this value, if it is there.
    fn spelling<'a>(&'a self, text: &'a str) -> Option<&'a str> {
        match self {
            List::Numbers(numbers) => {
                let value = number(text)?;
                let mut alike = numbers.iter();
                let found = alike.find(|(listed, _)| listed.compare(value).is_eq());
                found.map(|(_, spelt)| spelt.as_str())
            }
            List::Texts { exact, .. } if exact.contains(text) => Some(text),
            List::Texts { folded, .. } => folded.get(&fold(text)).map(String::as_str),
        }
    }
}

/// A value as the column delivers it; as it is written, if that is none of its kind.
fn delivered(kind: ColumnKind, value: &str, brief: &Brief) -> String {
    let mut out = String::new();
    let reading = Default::default();
    clean(kind, value, Context::new(&reading, brief.today), &mut out);
    match out.is_empty() {
        true => value.to_owned(),
        false => out,
    }
}

/// Whether a value lies within the range; both ends do. What cannot be compared does.
fn in_range(limits: &Limits, kind: ColumnKind, brief: &Brief, text: &str) -> bool {
    if limits.least.is_none() && limits.most.is_none() {
        return true;
    }
    let value = match kind.is_date() {
        true => Date::parse(text, DateKind::General, Order::DayMonth, brief.today)
            .value
            .map(|date| Bound::Day(date.day)),
        false => number(text).map(Bound::Number),
    };
    let Some(value) = value else { return true };
    let too_low = limits.least.is_some_and(|least| is_below(value, least));
    let too_high = limits.most.is_some_and(|most| is_below(most, value));
    !too_low && !too_high
}

fn is_below(one: Bound, other: Bound) -> bool {
    match (one, other) {
        (Bound::Number(one), Bound::Number(other)) => one.compare(other).is_lt(),
        (Bound::Day(one), Bound::Day(other)) => one < other,
        (Bound::Number(_), Bound::Day(_)) | (Bound::Day(_), Bound::Number(_)) => false,
    }
}

/// Rejects the rows that lack a value in a column where it is required. Their cells are not listed
/// one by one: the row says which of them is to blame.
///
/// # Errors
/// If a column is not text.
pub(super) fn require(profile: &Profile, batch: &mut CleanBatch) -> PolarsResult<()> {
    let columns = profile.columns.iter().enumerate();
    let required = columns.filter(|(_, column)| column.limits.required);
    let mut lacking: Vec<Option<usize>> = Vec::new();
    for (place, _) in required {
        let cells = batch.frame.columns()[place].str()?;
        if cells.null_count() == 0 {
            continue;
        }
        lacking.resize(cells.len(), None);
        for (cell, lacking) in cells.iter().zip(&mut lacking) {
            if cell.is_none() {
                lacking.get_or_insert(place);
            }
        }
    }
    if lacking.iter().all(Option::is_none) {
        return Ok(());
    }
    let mut gone = HashSet::new();
    for (row, place) in lacking.iter().enumerate() {
        let Some(place) = *place else { continue };
        let mut cells = Vec::with_capacity(profile.columns.len());
        for place in 0..profile.columns.len() {
            cells.push(batch.came(place)?(row).unwrap_or_default());
        }
        let raw = cells.join(";");
        gone.insert(batch.lines[row]);
        batch.rejected_rows.push(RejectedRow {
            line: batch.lines[row],
            raw,
            reason: Reason::Obrigatorio,
            detail: Some(blame(&profile.columns[place].name, batch.marks[place][row])),
        });
    }
    batch.rejected_rows.sort_by_key(|row| row.line);
    batch
        .rejected_cells
        .retain(|cell| !gone.contains(&cell.line));
    let keep: Vec<_> = lacking.iter().map(Option::is_none).collect();
    batch.keep(&keep)
}

/// What is wrong with the cell that is required, in Portuguese.
fn blame(column: &str, mark: Mark) -> String {
    match (mark.status, mark.reason) {
        (Status::Rejeitado, Some(reason)) => format!("\"{column}\": {}", reason.words()),
        _ => format!("\"{column}\" está em branco"),
    }
}

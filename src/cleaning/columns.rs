//! Cleaning the cells of a batch, column by column.

use chrono::NaiveDate;
use polars::prelude::{
    Column, DataFrame, IntoColumn, PolarsResult, StringChunked, StringChunkedBuilder,
};

use super::{Brief, RejectedCell};
use crate::recipe::{ColumnKind, Context, Mark, Profile, Reading, Side, clean as clean_cell};
use crate::table::Batch;
use crate::values::{Phone, State, Status};

/// The cells of a batch after cleaning.
pub(super) struct CleanColumns {
    pub(super) frame: DataFrame,
    pub(super) marks: Vec<Vec<Mark>>,
    pub(super) rejected: Vec<RejectedCell>,
}

pub(super) fn clean(brief: &Brief, batch: &Batch) -> PolarsResult<CleanColumns> {
    let profile = &brief.profile;
    let states = states(profile, batch)?;
    let mut columns = Vec::with_capacity(batch.frame.width());
    let mut marks = Vec::with_capacity(batch.frame.width());
    let mut rejected = Vec::new();
    for (place, (column, plan)) in batch
        .frame
        .columns()
        .iter()
        .zip(&profile.columns)
        .enumerate()
    {
        let codes = match plan.reading.ddd {
            Some(codes) => Some(batch.frame.columns()[codes].str()?),
            None => None,
        };
        let mut rule = CellRule {
            kind: plan.kind,
            states: states.as_deref(),
            codes: codes.map(|codes| codes.iter()),
            reading: &plan.reading,
            today: brief.today,
            out: String::new(),
        };
        let (texts, column_marks) = rule.run(column.str()?, |row, original, mark| {
            if let (Status::Rejeitado, Some(reason)) = (mark.status, mark.reason) {
                rejected.push(RejectedCell {
                    line: batch.lines[row],
                    column: place,
                    original: original.to_owned(),
                    reason,
                });
            }
        });
        columns.push(texts.into_column());
        marks.push(column_marks);
    }
    for (place, side) in profile.sides() {
        let of = columns[place].str()?;
        columns.push(match side.what {
            Side::PhoneType => phone_types(of, &side.name),
            _ => blank(&side.name, batch.lines.len()),
        });
    }
    // Found column by column, told row by row.
    rejected.sort_by_key(|cell| (cell.line, cell.column));
    Ok(CleanColumns {
        frame: DataFrame::new(batch.lines.len(), columns)?,
        marks,
        rejected,
    })
}

fn blank(name: &str, rows: usize) -> Column {
    let mut cells = StringChunkedBuilder::new(name.into(), rows);
    (0..rows).for_each(|_| cells.append_null());
    cells.finish().into_column()
}

/// The rule of one column, with what it needs of the others.
struct CellRule<'a, Codes> {
    kind: ColumnKind,
    states: Option<&'a [Option<State>]>,
    codes: Option<Codes>,
    reading: &'a Reading,
    today: NaiveDate,
    out: String,
}

impl<'a, Codes: Iterator<Item = Option<&'a str>>> CellRule<'a, Codes> {
    fn run(
        &mut self,
        cells: &StringChunked,
        mut seen: impl FnMut(usize, &str, Mark),
    ) -> (StringChunked, Vec<Mark>) {
        let mut texts = StringChunkedBuilder::new(cells.name().clone(), cells.len());
        let mut marks = Vec::with_capacity(cells.len());
        for (row, cell) in cells.iter().enumerate() {
            let ddd = self.codes.as_mut().and_then(Iterator::next).flatten();
            let Some(original) = cell else {
                texts.append_null();
                marks.push(Mark::BLANK);
                continue;
            };
            let context = Context {
                ddd,
                state: self.states.and_then(|states| states[row]),
                reading: self.reading,
                today: self.today,
            };
            let mark = clean_cell(self.kind, original, context, &mut self.out);
            if self.out.is_empty() {
                texts.append_null();
            } else {
                texts.append_value(&self.out);
            }
            seen(row, original, mark);
            marks.push(mark);
        }
        (texts.finish(), marks)
    }
}

/// The state of each row, where the list has such a column.
fn states(profile: &Profile, batch: &Batch) -> PolarsResult<Option<Vec<Option<State>>>> {
    let Some(place) = profile.first(ColumnKind::State) else {
        return Ok(None);
    };
    let cells = batch.frame.columns()[place].str()?;
    let state = |cell: Option<&str>| cell.and_then(|text| State::parse(text).value);
    Ok(Some(cells.iter().map(state).collect()))
}

/// What kind of number each delivered phone is: `movel`, `fixo`, `servico`.
fn phone_types(phones: &StringChunked, name: &str) -> Column {
    let mut types = StringChunkedBuilder::new(name.into(), phones.len());
    for phone in phones.iter() {
        let kind = phone.and_then(|text| Phone::parse(text, None).value);
        types.append_option(kind.map(|phone| phone.kind().family()));
    }
    types.finish().into_column()
}

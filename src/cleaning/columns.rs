//! Cleaning the cells of a batch, column by column.

use polars::prelude::{
    Column, DataFrame, IntoColumn, PolarsResult, StringChunked, StringChunkedBuilder,
};

use super::RejectedCell;
use crate::recipe::{ColumnKind, Context, Mark, Profile, clean as clean_cell};
use crate::table::Batch;
use crate::values::{Locale, Phone, State, Status};

/// The cells of a batch after cleaning.
pub(super) struct CleanColumns {
    pub(super) frame: DataFrame,
    pub(super) marks: Vec<Vec<Mark>>,
    pub(super) rejected: Vec<RejectedCell>,
}

/// The phone columns and the name of the type column each brings.
pub(super) fn phones(profile: &Profile) -> impl Iterator<Item = (usize, String)> {
    let columns = profile.columns.iter().enumerate();
    columns
        .filter(|(_, column)| column.kind == ColumnKind::Phone)
        .map(|(place, column)| (place, format!("{}_tipo", column.name)))
}

pub(super) fn clean(profile: &Profile, batch: &Batch) -> PolarsResult<CleanColumns> {
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
        let codes = match plan.ddd {
            Some(codes) => Some(batch.frame.columns()[codes].str()?),
            None => None,
        };
        let mut rule = CellRule {
            kind: plan.kind,
            states: states.as_deref(),
            codes: codes.map(|codes| codes.iter()),
            frequent_domains: &plan.frequent_domains,
            locale: plan.locale,
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
    let types: Vec<_> = phones(profile)
        .map(|(place, name)| Ok(phone_types(columns[place].str()?, &name)))
        .collect::<PolarsResult<_>>()?;
    columns.extend(types);
    // Found column by column, told row by row.
    rejected.sort_by_key(|cell| (cell.line, cell.column));
    Ok(CleanColumns {
        frame: DataFrame::new(batch.lines.len(), columns)?,
        marks,
        rejected,
    })
}

/// The rule of one column, with what it needs of the others.
struct CellRule<'a, Codes> {
    kind: ColumnKind,
    states: Option<&'a [Option<State>]>,
    codes: Option<Codes>,
    frequent_domains: &'a [String],
    locale: Option<Locale>,
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
                frequent_domains: self.frequent_domains,
                locale: self.locale,
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

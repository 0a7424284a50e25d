//! Cleaning the cells of a batch, column by column.

use chrono::NaiveDate;
use polars::prelude::{DataFrame, IntoColumn, PolarsResult, StringChunked, StringChunkedBuilder};

use super::facts::Facts;
use super::{Brief, RejectedCell, sides};
use crate::recipe::{ColumnKind, Mark, Reading, clean as clean_cell};
use crate::table::Batch;
use crate::values::Status;

/// The cells of a batch after cleaning.
pub(super) struct CleanColumns {
    pub(super) frame: DataFrame,
    pub(super) marks: Vec<Vec<Mark>>,
    pub(super) rejected: Vec<RejectedCell>,
}

pub(super) fn clean(brief: &Brief, batch: &Batch) -> PolarsResult<CleanColumns> {
    let profile = &brief.profile;
    let facts = Facts::of(profile, batch)?;
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
            facts: &facts,
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
    columns.extend(sides::make(brief, batch, &facts, &columns, &marks)?);
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
    facts: &'a Facts<'a>,
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
            let Some(original) = cell.or(self.reading.checklist.then_some("")) else {
                texts.append_null();
                marks.push(Mark::BLANK);
                continue;
            };
            let context = self
                .facts
                .context(row, self.kind, ddd, self.reading, self.today);
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

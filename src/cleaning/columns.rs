//! Cleaning the cells of a batch, every column on its own, several at a time.

use polars::prelude::{
    Column, DataFrame, IntoColumn, PolarsResult, StringChunked, StringChunkedBuilder,
};
use rayon::prelude::*;

use super::facts::Facts;
use super::memo::{Clean, Memo};
use super::{Brief, RejectedCell, limits, sides};
use crate::recipe::{Mark, clean as clean_cell};
use crate::table::Batch;
use crate::values::Status;

/// The cells of a batch after cleaning.
pub(super) struct CleanColumns {
    pub(super) frame: DataFrame,
    pub(super) marks: Vec<Vec<Mark>>,
    /// In the order of lines.
    pub(super) rejected: Vec<RejectedCell>,
}

pub(super) fn clean(brief: &Brief, batch: &Batch) -> PolarsResult<CleanColumns> {
    let width = brief.profile.columns.len();
    let facts = Facts::of(&brief.profile, batch)?;
    let cleaned: Vec<_> = (0..width)
        .into_par_iter()
        // Some columns take far longer than others.
        .with_max_len(1)
        .map(|place| {
            let mut column = column(brief, batch, &facts, place)?;
            limits::enforce(brief, batch, place, &mut column)?;
            let sides = sides::make(brief, batch, &facts, place, &column)?;
            Ok((column, sides))
        })
        .collect::<PolarsResult<_>>()?;
    let mut columns = Vec::with_capacity(width);
    let mut sides = Vec::new();
    let mut marks = Vec::with_capacity(width);
    let mut rejected = Vec::new();
    for (one, of_it) in cleaned {
        columns.push(one.cells);
        sides.extend(of_it);
        marks.push(one.marks);
        rejected.extend(one.rejected);
    }
    columns.append(&mut sides);
    // Found column by column, told row by row.
    rejected.sort_by_key(|cell| (cell.line, cell.column));
    Ok(CleanColumns {
        frame: DataFrame::new(batch.lines.len(), columns)?,
        marks,
        rejected,
    })
}

/// One column after cleaning.
pub(super) struct CleanColumn {
    pub(super) cells: Column,
    pub(super) marks: Vec<Mark>,
    pub(super) rejected: Vec<RejectedCell>,
}

fn column(
    brief: &Brief,
    batch: &Batch,
    facts: &Facts<'_>,
    place: usize,
) -> PolarsResult<CleanColumn> {
    let plan = &brief.profile.columns[place];
    let cells = batch.frame.columns()[place].str()?;
    let mut codes = match plan.reading.ddd {
        Some(codes) => Some(batch.frame.columns()[codes].str()?.iter()),
        None => None,
    };
    let cells = cells.rechunk();
    let mut texts = Texts::of(&cells);
    let mut marks = Vec::with_capacity(cells.len());
    let mut rejected = Vec::new();
    let mut out = String::new();
    let mut memo = Memo::new(plan.kind);
    let pieces = cells.downcast_iter();
    let places = pieces.flat_map(|piece| (0..piece.len()).map(move |at| (piece, at)));
    for (row, (piece, at)) in places.enumerate() {
        let cell = piece.get(at);
        let ddd = codes.as_mut().and_then(Iterator::next).flatten();
        let Some(original) = cell.or(plan.reading.checklist.then_some("")) else {
            texts.push(None, Clean::AsItCame);
            marks.push(Mark::BLANK);
            continue;
        };
        let state = facts.state(row);
        let identity = cell.and_then(|text| memo.identify(piece, at, text));
        let known = identity.and_then(|identity| memo.recall(identity, original, state));
        let mark = match known {
            Some((mark, clean)) => {
                texts.push(cell, clean);
                mark
            }
            None => {
                let context = facts.context(row, plan.kind, ddd, &plan.reading, brief.today);
                let mark = clean_cell(plan.kind, original, context, &mut out);
                let clean = Clean::of(cell, mark, &out);
                texts.push(cell, clean);
                if let Some(identity) = identity {
                    memo.learn(identity, original, state, mark, clean);
                }
                mark
            }
        };
        if let (Status::Rejeitado, Some(reason)) = (mark.status, mark.reason) {
            rejected.push(RejectedCell {
                line: batch.lines[row],
                column: place,
                original: original.to_owned(),
                reason,
            });
        }
        marks.push(mark);
    }
    Ok(CleanColumn {
        cells: texts.finish().into_column(),
        marks,
        rejected,
    })
}

/// The cells of a column as they are delivered. Nothing is copied while they are as they came, so
/// that a clean column is shared with the batch.
struct Texts<'a> {
    cells: &'a StringChunked,
    /// How many cells came before the first that changed.
    same: usize,
    changed: Option<StringChunkedBuilder>,
}

impl<'a> Texts<'a> {
    fn of(cells: &'a StringChunked) -> Self {
        Texts {
            cells,
            same: 0,
            changed: None,
        }
    }

    fn push(&mut self, cell: Option<&str>, clean: Clean<&str>) {
        let clean = match clean {
            Clean::AsItCame => {
                match &mut self.changed {
                    Some(changed) => changed.append_option(cell),
                    None => self.same += 1,
                }
                return;
            }
            Clean::Blank => None,
            Clean::Other(text) => Some(text),
        };
        let changed = self.changed.get_or_insert_with(|| {
            let name = self.cells.name().clone();
            let mut changed = StringChunkedBuilder::new(name, self.cells.len());
            let same = self.cells.iter().take(self.same);
            same.for_each(|cell| changed.append_option(cell));
            changed
        });
        changed.append_option(clean);
    }

    fn finish(self) -> StringChunked {
        self.changed
            .map_or_else(|| self.cells.clone(), StringChunkedBuilder::finish)
    }
}

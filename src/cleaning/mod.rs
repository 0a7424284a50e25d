//! Rules over batches: clean every cell, then what concerns whole columns: duplicate rows,
//! contradictions, outliers, blanks; and count what happened.
//!
//! Some rules must have seen the whole table: a [`Measurer`] looks at it first, and what it finds
//! goes to the [`Cleaner`], which removes, marks and treats rows as they come, and to the
//! [`Completer`], which fills what is blank after the reference base was asked.
//!
//! # What always holds
//!
//! - Rows read are rows delivered, rows rejected and rows removed as duplicates; their order stays.
//! - A cell that is `ok` is delivered as it came; every other text is a [`Change`], and every
//!   value that is not trusted is a [`RejectedCell`] or in a [`RejectedRow`].
//! - The statuses of a column add up to the rows read, and neither they nor anything delivered
//!   depends on how the table is cut in batches.
//! - What was delivered, cleaned again, is `ok`, `alerta` or `vazio` and stays as it is. Three
//!   things a second cleaning sees differently: a telephone, area code, CEP or municipality whose
//!   row was since given or refused the cell it is read by; rows that became equal by capping,
//!   filling or merging, which are copies then; and what a column shares (a frequent domain, a
//!   time of day) with rows that are no longer there.

mod changes;
mod checks;
mod clusters;
mod columns;
mod complete;
mod contradiction;
mod distinct;
mod duplicates;
mod facts;
mod filled;
mod findings;
mod fuzzy;
mod identity;
mod keyed;
mod knn;
mod limits;
mod memo;
mod missing;
mod numbers;
mod outliers;
mod places;
mod repeats;
mod seen;
mod shared;
mod sides;
mod tally;
mod whole;

use std::sync::Arc;

use chrono::NaiveDate;
use polars::prelude::{BooleanChunked, DataFrame, NewChunkedArray, PolarsResult};
use rayon::prelude::*;

use crate::recipe::{Mark, Profile, Rules, Turns};
use crate::table::{Batch, RejectedRow};
use crate::values::Reason;

pub use changes::Change;
use columns::CleanColumns;
pub use complete::Completer;
pub use duplicates::{DuplicateReason, DuplicateRow};
pub use findings::{Findings, Measurer};
pub use keyed::KeyTally;
pub use knn::fill_from_nearest;
pub use outliers::fences;
pub use tally::{ColumnTally, StatusCounts, Tally, ValueTally};
pub use whole::{
    CheckReason, CheckTally, DuplicateTally, FillError, FuzzyTally, MissingTally, OutlierTally,
    WholeTally,
};

/// What cleaning goes by, besides the cells.
#[derive(Debug, Clone)]
pub struct Brief {
    pub profile: Arc<Profile>,
    /// Columns by their places in the profile.
    pub rules: Arc<Rules<usize>>,
    /// The job's day.
    pub today: NaiveDate,
}

/// A cell whose value cannot be trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedCell {
    pub line: u64,
    /// Place of its column.
    pub column: usize,
    /// As it came.
    pub original: String,
    pub reason: Reason,
}

/// Clean rows, in their order.
#[derive(Debug, Clone)]
pub struct CleanBatch {
    /// The columns of the file as they came, with rows that are not in `frame` any more.
    original: DataFrame,
    /// For each row of `frame`, its place in `original`.
    came_from: Vec<u32>,
    /// The columns of the file in their delivered form, then the side columns
    /// ([`Profile::sides`]). Columns that are not delivered are there too.
    pub frame: DataFrame,
    /// For each row, the line it came from.
    pub lines: Vec<u64>,
    /// For each column of the file, a mark per row.
    pub marks: Vec<Vec<Mark>>,
    /// In the order of lines; of rows removed as duplicates too, not of rejected ones.
    pub rejected_cells: Vec<RejectedCell>,
    /// In the order of lines: those that are in no column's place, and those that lack a value
    /// where a recipe requires one.
    pub rejected_rows: Vec<RejectedRow>,
    /// In the order of lines: rows that were removed, and rows that are marked but stay.
    pub duplicates: Vec<DuplicateRow>,
}

/// Cleans batches of one file, in order.
pub struct Cleaner {
    brief: Brief,
    /// What is done once the cells are clean; nothing, in a first look.
    steps: Option<Steps>,
    tally: Tally,
}

/// Whole-column work, in the order it is done.
struct Steps {
    repeats: repeats::Repeats,
    checks: checks::Checks,
    outliers: outliers::Outliers,
}

impl Cleaner {
    /// `findings` is what a first look at the whole table found; nothing, if none was taken.
    pub fn new(brief: Brief, findings: Arc<Findings>) -> Self {
        let steps = Steps {
            checks: checks::Checks::new(&brief, findings.clone(), places::find),
            outliers: outliers::Outliers::new(&findings.fences),
            repeats: repeats::Repeats::new(&brief, findings),
        };
        Cleaner {
            steps: Some(steps),
            ..Cleaner::for_a_look(brief)
        }
    }

    /// For the first look: cleans cells and nothing else, so that no row is removed but those that
    /// lack what is required.
    pub fn for_a_look(brief: Brief) -> Self {
        Cleaner {
            tally: Tally::new(brief.profile.columns.len()),
            steps: None,
            brief,
        }
    }

    /// Cleans the next rows.
    ///
    /// # Errors
    /// If a column is not text.
    pub fn clean(&mut self, batch: Batch) -> PolarsResult<CleanBatch> {
        // All of it where the work is shared out: whoever calls would wait for each step to be
        // taken up, and be woken after it.
        rayon::scope(|_| self.clean_here(batch))
    }

    fn clean_here(&mut self, batch: Batch) -> PolarsResult<CleanBatch> {
        let CleanColumns {
            frame,
            marks,
            rejected,
        } = columns::clean(&self.brief, &batch)?;
        let mut clean = CleanBatch {
            came_from: (0..).take(batch.lines.len()).collect(),
            original: batch.frame,
            frame,
            lines: batch.lines,
            marks,
            rejected_cells: rejected,
            rejected_rows: batch.rejected,
            duplicates: Vec::new(),
        };
        limits::require(&self.brief.profile, &mut clean)?;
        if let Some(steps) = &mut self.steps {
            let copies = steps.repeats.find(&clean)?;
            let (repeats, checks) = (&mut steps.repeats, &mut steps.checks);
            let (keyed, looks) = rayon::join(
                || repeats.find_keyed(&copies, &clean.lines),
                || checks.look(&clean.frame, &copies.gone),
            );
            let gone = steps.repeats.tell(copies, keyed, &mut clean);
            steps.checks.mark(looks?, &mut clean.marks, &mut self.tally);
            steps.outliers.treat(&mut clean, &gone)?;
            self.tally.add(&clean.marks, &clean.rejected_rows);
            // After the count: what is filled from another row was blank when it came.
            self.tally.corrected_rows += steps.repeats.fill(&mut clean)?;
            clean.remove(&gone)?;
        }
        Ok(clean)
    }

    /// What was counted so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// What became of cells after they were counted: those filled from removed rows.
    pub fn turns(&self) -> Turns {
        let steps = self.steps.as_ref();
        steps.map_or_else(Turns::default, |steps| steps.repeats.turns().clone())
    }

    /// What whole-column rules did so far; how blanks were filled is for [`Completer::tallies`].
    pub fn whole(&self) -> WholeTally {
        self.steps
            .as_ref()
            .map_or_else(WholeTally::default, |steps| WholeTally {
                duplicates: steps.repeats.tally(),
                outliers: steps.outliers.tallies(),
                missing: Vec::new(),
                checks: steps.checks.tallies(),
            })
    }
}

/// The cells of a batch that cannot be trusted, in the order of their lines.
///
/// # Errors
/// If a column is not text.
pub fn check(brief: &Brief, batch: &Batch) -> PolarsResult<Vec<RejectedCell>> {
    Ok(columns::clean(brief, batch)?.rejected)
}

impl CleanBatch {
    /// How many rows were taken out because another stays for them.
    pub fn removed(&self) -> u64 {
        self.duplicates.iter().filter(|row| row.removed).count() as u64
    }

    /// A column as it came: the cell of each row.
    fn came<'a>(&'a self, place: usize) -> PolarsResult<impl Fn(usize) -> Option<&'a str>> {
        let cells = self.original.columns()[place].str()?;
        Ok(|row: usize| cells.get(self.came_from[row] as usize))
    }

    /// Takes out the rows that are `gone`.
    fn remove(&mut self, gone: &[bool]) -> PolarsResult<()> {
        if !gone.contains(&true) {
            return Ok(());
        }
        let keep: Vec<_> = gone.iter().map(|gone| !gone).collect();
        self.keep(&keep)
    }

    /// Takes out the rows that are not flagged.
    fn keep(&mut self, keep: &[bool]) -> PolarsResult<()> {
        let mask = BooleanChunked::from_slice("keep".into(), keep);
        let (frame, marks) = (&self.frame, &mut self.marks);
        let (columns, ()) = rayon::join(
            || {
                let columns = frame.columns().par_iter();
                let columns = columns.map(|column| column.filter(&mask));
                columns.collect::<PolarsResult<Vec<_>>>()
            },
            || marks.par_iter_mut().for_each(|column| retain(column, keep)),
        );
        retain(&mut self.lines, keep);
        retain(&mut self.came_from, keep);
        self.frame = DataFrame::new(self.lines.len(), columns?)?;
        Ok(())
    }
}

fn retain<T>(all: &mut Vec<T>, keep: &[bool]) {
    let mut keep = keep.iter();
    all.retain(|_| keep.next().is_some_and(|keep| *keep));
}

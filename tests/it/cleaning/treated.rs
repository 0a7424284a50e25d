//! A table that is cleaned from end to end, as a job does it: looked at, cleaned in batches,
//! completed.

use std::sync::Arc;

use chrono::NaiveDate;
use polars::prelude::{DataFrame, IntoColumn, NamedFrom, Series};
use pyservice::cleaning::{
    Brief, CleanBatch, Cleaner, Completer, DuplicateRow, Findings, Measurer, RejectedCell, Tally,
    WholeTally,
};
use pyservice::recipe::{ColumnKind, Detector, Mark, Profile, Rules, Turns};
use pyservice::table::{Batch, RejectedRow};

pub type Cells = Vec<Option<String>>;

/// A table of text, column by column; blank cells are `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    pub names: Vec<String>,
    pub columns: Vec<Cells>,
}

impl Sheet {
    pub fn new<const N: usize>(columns: &[(&str, [&str; N])]) -> Self {
        let cell = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let cells = columns.iter();
        Sheet {
            names: columns.iter().map(|(name, _)| (*name).into()).collect(),
            columns: cells.map(|(_, cells)| cells.map(cell).to_vec()).collect(),
        }
    }

    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, Vec::len)
    }

    pub fn frame(&self) -> DataFrame {
        let columns = self.names.iter().zip(&self.columns);
        let columns =
            columns.map(|(name, cells)| Series::new(name.as_str().into(), cells).into_column());
        DataFrame::new(self.rows(), columns.collect()).unwrap()
    }

    /// What is known of its columns; `kinds` are those that a recipe would say.
    pub fn profile(&self, kinds: &[(usize, ColumnKind)]) -> Profile {
        let mut detector = Detector::new(self.names.iter().map(String::as_str));
        for (place, kind) in kinds {
            detector.force(*place, *kind);
        }
        detector.observe(&self.frame()).unwrap();
        detector.finish(self.rows() as u64)
    }

    /// In batches of so many rows; the first row stands on line 2.
    pub fn batches(&self, rows: usize) -> Vec<Batch> {
        let frame = self.frame();
        let starts = (0..self.rows()).step_by(rows.max(1));
        starts
            .map(|from| {
                let frame = frame.slice(from as i64, rows);
                let first = from as u64 + 2;
                Batch {
                    lines: (first..first + frame.height() as u64).collect(),
                    frame,
                    rejected: Vec::new(),
                }
            })
            .collect()
    }
}

/// What became of a table.
#[derive(Debug)]
pub struct Treated {
    pub profile: Arc<Profile>,
    /// The file's own columns as they are delivered.
    pub sheet: Sheet,
    /// The columns made of them.
    pub sides: Sheet,
    pub lines: Vec<u64>,
    pub marks: Vec<Vec<Mark>>,
    pub cells: Vec<RejectedCell>,
    pub rejected: Vec<RejectedRow>,
    pub duplicates: Vec<DuplicateRow>,
    pub changes: Vec<Entry>,
    pub tally: Tally,
    pub turns: [Turns; 2],
    pub whole: WholeTally,
}

/// A change, with texts of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub line: u64,
    pub column: usize,
    pub before: Option<String>,
    pub after: Option<String>,
    pub mark: Mark,
}

pub fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 21).unwrap()
}

/// Cleans and completes `sheet` in batches of `rows`.
pub fn treated(sheet: &Sheet, profile: Profile, rules: Rules<usize>, rows: usize) -> Treated {
    let brief = Brief {
        profile: Arc::new(profile.with_imputed_flags(&rules)),
        rules: Arc::new(rules),
        today: today(),
    };
    let findings = Arc::new(looked(sheet, &brief, rows));
    let mut cleaner = Cleaner::new(brief.clone(), findings.clone());
    let mut completer = Completer::new(&brief, findings);
    let mut treated = Treated {
        profile: brief.profile.clone(),
        sheet: Sheet {
            names: sheet.names.clone(),
            columns: vec![Cells::new(); sheet.names.len()],
        },
        sides: Sheet {
            names: Vec::new(),
            columns: Vec::new(),
        },
        lines: Vec::new(),
        marks: vec![Vec::new(); sheet.names.len()],
        cells: Vec::new(),
        rejected: Vec::new(),
        duplicates: Vec::new(),
        changes: Vec::new(),
        tally: cleaner.tally().clone(),
        turns: Default::default(),
        whole: WholeTally::default(),
    };
    for (_, side) in brief.profile.sides() {
        treated.sides.names.push(side.name.clone());
        treated.sides.columns.push(Cells::new());
    }
    for batch in sheet.batches(rows) {
        let mut batch = cleaner.clean(batch).unwrap();
        completer.complete(&mut batch).unwrap();
        treated.take(batch);
    }
    treated.tally = cleaner.tally().clone();
    treated.turns = [cleaner.turns(), completer.turns().clone()];
    treated.whole = cleaner.whole();
    treated.whole.missing = completer.tallies();
    treated
}

fn looked(sheet: &Sheet, brief: &Brief, rows: usize) -> Findings {
    let Some(mut measurer) = Measurer::new(brief) else {
        return Findings::default();
    };
    let look = |measurer: &mut Measurer| {
        let mut cleaner = Cleaner::for_a_look(brief.clone());
        for batch in sheet.batches(rows) {
            measurer.observe(&cleaner.clean(batch).unwrap()).unwrap();
        }
    };
    look(&mut measurer);
    while measurer.again() {
        look(&mut measurer);
    }
    measurer.finish().unwrap()
}

impl Treated {
    fn take(&mut self, batch: CleanBatch) {
        batch
            .each_change(|change| {
                self.changes.push(Entry {
                    line: change.line,
                    column: change.column,
                    before: change.before.map(str::to_owned),
                    after: change.after.map(str::to_owned),
                    mark: Mark {
                        status: change.status,
                        reason: change.reason,
                        confidence: change.confidence,
                    },
                });
                Ok::<_, polars::prelude::PolarsError>(())
            })
            .unwrap();
        let cells = self.sheet.columns.iter_mut().chain(&mut self.sides.columns);
        for (cells, column) in cells.zip(batch.frame.columns()) {
            let texts = column.str().unwrap().iter();
            cells.extend(texts.map(|text| text.map(str::to_owned)));
        }
        for (all, marks) in self.marks.iter_mut().zip(batch.marks) {
            all.extend(marks);
        }
        self.lines.extend(batch.lines);
        self.cells.extend(batch.rejected_cells);
        self.rejected.extend(batch.rejected_rows);
        self.duplicates.extend(batch.duplicates);
    }

    /// The delivered cells of a column, blanks as empty texts.
    pub fn texts(&self, place: usize) -> Vec<&str> {
        let cells = self.sheet.columns[place].iter();
        cells.map(|cell| cell.as_deref().unwrap_or("")).collect()
    }

    /// Status and reason of the delivered cells of a column: `alerta cep_uf`.
    pub fn outcomes(&self, place: usize) -> Vec<String> {
        let marks = self.marks[place].iter();
        marks
            .map(|mark| match mark.reason {
                Some(reason) => format!("{} {}", mark.status.code(), reason.code()),
                None => mark.status.code().to_owned(),
            })
            .collect()
    }

    /// Rows that were taken out because others stay for them.
    pub fn removed(&self) -> usize {
        self.duplicates.iter().filter(|row| row.removed).count()
    }
}

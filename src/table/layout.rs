//! How a table is written: its format, and where its header, columns and rows are.

use polars::prelude::{DataFrame, IntoColumn, StringChunkedBuilder};

use super::convert::Foreign;
use super::structure::{Found, Of, scan, survey};
use super::text::dialect::{self, Candidate, Dialect};
use super::text::encoding::Encoding;
use super::{Form, Lines, Note, NoteCode, Source, TableError};

/// The format of a table and what is needed to read it.
#[derive(Debug, Clone, PartialEq)]
pub enum Format {
    Delimited {
        encoding: Encoding,
        dialect: Dialect,
        /// The delimiters it was chosen from, best first; empty if the file itself said it.
        candidates: Vec<Candidate>,
    },
    Foreign(Foreign),
}

impl Format {
    /// The name the manifest uses.
    pub fn name(&self) -> &'static str {
        match self {
            Format::Delimited { .. } => "csv",
            Format::Foreign(foreign) => foreign.name(),
        }
    }
}

/// One column of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceColumn {
    /// Its place in each record, from 0.
    pub index: usize,
    /// Unique in the table.
    pub name: String,
    /// The header had text for it.
    pub named: bool,
}

/// How many rows there are, and what was odd about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Rows, rejected ones included.
    pub rows: u64,
    /// Rows with fewer cells than the header, filled up with blanks.
    pub short: u64,
    /// Rows with more cells than the header, rejected.
    pub long: u64,
    /// Lines that are no rows at all, rejected.
    pub invalid: u64,
}

/// How a table is written and which columns it has.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    pub format: Format,
    /// The lines that the header is made of; empty if there is none and the names are ours.
    pub header: Vec<u64>,
    /// Cells a record may have.
    pub width: usize,
    pub columns: Vec<SourceColumn>,
    pub tally: Tally,
    pub notes: Vec<Note>,
    /// The lines of the first and the last row, and where the first begins in a text file.
    pub(super) first: u64,
    pub(super) last: u64,
    pub(super) offset: u64,
    /// Cells that records of a text file usually have.
    pub(super) usual: usize,
    /// Lines between these that are no rows.
    pub(super) skipped: Lines,
}

impl Layout {
    pub fn names(&self) -> Vec<&str> {
        let columns = self.columns.iter();
        columns.map(|column| column.name.as_str()).collect()
    }

    /// The first line of the header, from 1; 0 if there is none.
    pub fn header_line(&self) -> u64 {
        self.header.first().copied().unwrap_or_default()
    }

    /// Whether a record on this line is a row.
    pub(super) fn has_row(&self, line: u64) -> bool {
        (self.first..=self.last).contains(&line) && !self.skipped.contains(line)
    }

    /// How many lines a note is about; 0 if there is no such note.
    pub fn noted(&self, code: NoteCode) -> u64 {
        let notes = self.notes.iter().filter(|note| note.code == code);
        notes.map(|note| note.lines.count()).sum()
    }
}

/// What a look at the whole of a table tells.
#[derive(Debug, Clone)]
pub struct Inspection {
    pub layout: Layout,
    /// Some of its rows, evenly spread: at most about 100,000.
    pub sample: DataFrame,
}

/// No row of a list is shorter, roughly: guesses the number of rows from the size.
const SHORT_ROW_BYTES: u64 = 64;
/// Rows wanted in the sample.
const SAMPLE: u64 = 50_000;

/// Where the names of a table's columns are. Formats that name them themselves are not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Heading {
    /// In the file, if a header is found there.
    #[default]
    Found,
    /// There is none: the first record is a row, and the names are ours.
    Absent,
}

/// Finds out how a table is written. `progress` hears how many rows and bytes were read so far.
///
/// # Errors
/// If it is no table, or has no rows.
pub fn inspect(
    source: &Source,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Inspection, TableError> {
    inspect_as(source, Heading::Found, progress)
}

/// [`inspect`], where it is known whether there is a header.
///
/// # Errors
/// If it is no table, or has no rows.
pub fn inspect_as(
    source: &Source,
    heading: Heading,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Inspection, TableError> {
    let bytes = source.path.metadata()?.len();
    let stride = (bytes / SHORT_ROW_BYTES / SAMPLE).max(1);
    let (format, usual, tables) = match &source.form {
        Form::Text { encoding, skip } => {
            let choice = dialect::detect(&source.path, *skip)?;
            let of = Of::Text {
                path: &source.path,
                skip: *skip,
                dialect: choice.dialect,
                width: choice.width,
                hinted: choice.hinted,
            };
            let format = Format::Delimited {
                encoding: *encoding,
                dialect: choice.dialect,
                candidates: choice.candidates,
            };
            (format, choice.width, scan(&of, heading, stride, progress)?)
        }
        Form::Spool {
            from,
            columns: Some(columns),
        } => {
            let found = survey(&source.path, columns, stride, progress)?;
            (Format::Foreign(*from), columns.len(), vec![found])
        }
        Form::Spool {
            from,
            columns: None,
        } => {
            let of = Of::Sheet { path: &source.path };
            (
                Format::Foreign(*from),
                0,
                scan(&of, heading, stride, progress)?,
            )
        }
    };
    // The largest is used; the first of equals.
    let most = tables.iter().map(|table| table.rows).max().unwrap_or(0);
    let used = tables.iter().position(|table| table.rows == most);
    let others: Vec<_> = tables
        .iter()
        .enumerate()
        .filter(|(place, _)| Some(*place) != used)
        .map(|(_, table)| other_table(table))
        .collect();
    let table = used.and_then(|used| tables.into_iter().nth(used));
    let mut inspection = used_table(table.ok_or(TableError::Empty)?, format, usual)?;
    let notes = &mut inspection.layout.notes;
    notes.splice(0..0, source.notes.iter().cloned());
    notes.extend(others);
    Ok(inspection)
}

/// All lines of a table that is not used: titles, header, rows, totals.
fn other_table(table: &Found) -> Note {
    let noted = table.notes.values().flat_map(Lines::ranges);
    let ends = noted.map(|(first, last)| (*first, *last));
    let header = table.header.first().copied().unwrap_or(table.first);
    let (first, last) = ends.fold((header, table.last.max(header)), |all, lines| {
        (all.0.min(lines.0), all.1.max(lines.1))
    });
    Note {
        code: NoteCode::OutraTabela,
        lines: Lines::range(first, last),
        detail: Some(format!(
            "{} colunas, {} linhas",
            table.names.len(),
            table.rows
        )),
    }
}

fn used_table(mut table: Found, format: Format, usual: usize) -> Result<Inspection, TableError> {
    let width = table.names.len();
    // Below a header that leaves it blank, a column that no row fills is a trailing delimiter.
    let is_trailing =
        |place: usize| place < table.headed && !table.named[place] && !table.filled[place];
    let real = (0..width).filter(|place| !is_trailing(*place));
    let columns: Vec<_> = real
        .map(|index| SourceColumn {
            index,
            name: table.names[index].clone(),
            named: table.named[index],
        })
        .collect();
    let tally = Tally {
        rows: table.rows,
        short: table.lines(NoteCode::LinhaCurta).count(),
        long: table.lines(NoteCode::LinhaLonga).count(),
        invalid: table.lines(NoteCode::LinhaInvalida).count(),
    };
    let sample = frame(&columns, &table)?;
    let mut notes = table.take_notes();
    let blank: Vec<_> = columns
        .iter()
        .filter(|column| !table.filled[column.index])
        .map(|column| column.name.as_str())
        .collect();
    if !blank.is_empty() && tally.rows > 0 {
        notes.push(Note::of_file(NoteCode::ColunaEmBranco, blank.join(", ")));
    }
    Ok(Inspection {
        layout: Layout {
            format,
            header: table.header,
            width,
            columns,
            tally,
            notes,
            first: table.first,
            last: table.last,
            offset: table.offset,
            usual,
            skipped: table.skipped,
        },
        sample,
    })
}

/// The sample as columns of text.
fn frame(columns: &[SourceColumn], table: &Found) -> Result<DataFrame, TableError> {
    let rows = table.sample.len();
    let columns = columns.iter().map(|column| {
        let mut builder = StringChunkedBuilder::new(column.name.as_str().into(), rows);
        for record in &table.sample {
            builder.append_option(record.get(column.index).filter(|cell| !cell.is_empty()));
        }
        builder.finish().into_column()
    });
    Ok(DataFrame::new(rows, columns.collect())?)
}

//! A sheet on its way to the spool: its rows, and what there is to say about them.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::merges::Falling;
use crate::table::{Lines, Note, NoteCode, SpoolWriter, TableError};

/// As many columns as a sheet has.
pub(super) const MOST_COLUMNS: u32 = 16_384;
/// Cells of the smallest rectangle around all values, for each of them. Lists are far denser.
const MOST_CELLS_A_VALUE: u64 = 1_000_000;

/// A sheet that was written to a spool.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) is_hidden: bool,
    pub(super) spool: PathBuf,
    /// Cells with a value.
    pub(super) filled: u64,
    /// Rows with a value.
    pub(super) rows: u64,
    /// The first of them.
    pub(super) first_row: u64,
    last_row: u64,
    columns: u64,
    /// About its rows.
    pub(super) notes: Vec<Note>,
}

impl Sheet {
    /// # Errors
    /// If the values lie so far apart that whoever lays out rows and columns is exhausted.
    pub(super) fn is_dense(&self) -> Result<(), TableError> {
        let area = (self.last_row - self.first_row + 1).saturating_mul(self.columns);
        if area / self.filled.max(1) <= MOST_CELLS_A_VALUE {
            return Ok(());
        }
        let what = format!(
            "its {} values are scattered over {} rows and {} columns",
            self.filled,
            self.last_row - self.first_row + 1,
            self.columns
        );
        Err(TableError::Hostile(what.into()))
    }
}

/// Writes the rows of a sheet, one after the other: [`begin`](Self::begin), its cells, then
/// [`end`](Self::end).
pub(super) struct SheetWriter {
    path: PathBuf,
    spool: SpoolWriter,
    falling: Falling,
    row: u64,
    row_is_hidden: bool,
    row_is_imprecise: bool,
    /// The texts of all cells of the row.
    text: String,
    /// Where in it the cell being written begins.
    begun: usize,
    cells: Vec<(u32, Range<usize>)>,
    filled: u64,
    rows: u64,
    first_row: u64,
    last_row: u64,
    columns: u64,
    hidden: Lines,
    imprecise: Lines,
    merged: Lines,
}

impl SheetWriter {
    pub(super) fn create(path: &Path, falling: Falling) -> io::Result<Self> {
        Ok(SheetWriter {
            path: path.to_owned(),
            spool: SpoolWriter::create(path)?,
            falling,
            row: 0,
            row_is_hidden: false,
            row_is_imprecise: false,
            text: String::new(),
            begun: 0,
            cells: Vec::new(),
            filled: 0,
            rows: 0,
            first_row: 0,
            last_row: 0,
            columns: 0,
            hidden: Lines::default(),
            imprecise: Lines::default(),
            merged: Lines::default(),
        })
    }

    /// The next row: `number` from 1, or one more than the last where the file does not say, or
    /// goes back.
    pub(super) fn begin(&mut self, number: Option<u64>, is_hidden: bool) {
        let next = self.row + 1;
        self.row = number.map_or(next, |number| number.max(next));
        self.row_is_hidden = is_hidden;
        self.row_is_imprecise = false;
        self.text.clear();
        self.begun = 0;
        self.cells.clear();
    }

    /// Where the text of the next cell is appended.
    pub(super) fn text(&mut self) -> &mut String {
        &mut self.text
    }

    /// What was appended is the cell in this column, from 0.
    pub(super) fn place(&mut self, column: u32, is_imprecise: bool) {
        let text = &self.text[self.begun..];
        if text.trim().is_empty() {
            self.text.truncate(self.begun);
            return;
        }
        self.cells.push((column, self.begun..self.text.len()));
        self.begun = self.text.len();
        self.row_is_imprecise |= is_imprecise;
    }

    /// Writes the row, if it has any value.
    pub(super) fn end(&mut self) -> io::Result<()> {
        if self.cells.is_empty() {
            return Ok(());
        }
        if self.rows == 0 {
            self.first_row = self.row;
        }
        self.last_row = self.row;
        self.rows += 1;
        self.filled += self.cells.len() as u64;
        if !self.falling.is_empty() {
            self.fall();
        }
        if !self.cells.is_sorted_by_key(|(column, _)| *column) {
            self.cells.sort_by_key(|(column, _)| *column);
        }
        let width = self.cells.last().map_or(0, |(column, _)| column + 1);
        self.columns = self.columns.max(u64::from(width));
        let mut cells = self.cells.iter().peekable();
        let text = &self.text;
        let record = (0..width).map(|column| {
            // Of two cells in one place the first counts.
            while cells.next_if(|(place, _)| *place < column).is_some() {}
            match cells.next_if(|(place, _)| *place == column) {
                Some((_, range)) => &text[range.clone()],
                None => "",
            }
        });
        self.spool.record(self.row, record)?;
        if self.row_is_hidden {
            self.hidden.add(self.row);
        }
        if self.row_is_imprecise {
            self.imprecise.add(self.row);
        }
        Ok(())
    }

    fn fall(&mut self) {
        let (cells, text) = (&self.cells, &self.text);
        let value = |column| {
            let cell = cells.iter().find(|(place, _)| *place == column);
            cell.map(|(_, range)| text[range.clone()].to_owned())
        };
        let falling = self.falling.at(self.row, value);
        if falling.is_empty() {
            return;
        }
        self.merged.add(self.row);
        for (column, value) in falling {
            self.text.push_str(&value);
            self.place(column, false);
        }
    }

    pub(super) fn finish(self, name: &str, is_hidden: bool) -> io::Result<Sheet> {
        self.spool.finish()?;
        let about = [
            (NoteCode::LinhaOculta, self.hidden),
            (NoteCode::PrecisaoPerdida, self.imprecise),
            (NoteCode::Mesclada, self.merged),
        ];
        let said = about.into_iter().filter(|(_, lines)| !lines.is_empty());
        Ok(Sheet {
            name: name.to_owned(),
            is_hidden,
            spool: self.path,
            filled: self.filled,
            rows: self.rows,
            first_row: self.first_row,
            last_row: self.last_row,
            columns: self.columns,
            notes: said
                .map(|(code, lines)| Note::of_lines(code, lines))
                .collect(),
        })
    }
}

//! The workbook. rust_xlsxwriter makes everything but the long sheets; their rows are streamed.
//!
//! The library writes a sheet's XML first and compresses the whole of it when the workbook is
//! closed, one after the other. A list of 100,000 rows is over 100 MB of XML, and that wait is
//! most of a job's time. So the long sheets are encoded row by row ([`rows`]) and compressed on a
//! thread of their own while the job still runs ([`package`]), and the finished parts are joined
//! with the workbook the library made around them ([`template`]).

mod dictionary;
mod groups;
mod lists;
mod overview;
mod package;
mod rows;
mod template;

use std::fs::File;
use std::io;

use chrono::NaiveDate;
use polars::prelude::DataFrame;

use super::Summary;
use super::archive::{ArchiveError, CHUNK};
use super::csv::texts;
use crate::cleaning::{Change, DuplicateReason, DuplicateRow};
use crate::recipe::ColumnKind;
use crate::transform::GroupSheet;
use crate::values::Status;
use lists::{List, LongSheet};
use package::Package;
use rows::RowEncoder;
pub use template::{CellKind, Tone};
use template::{Filling, Template};

/// Excel's limit, header included.
const MAX_ROWS: u32 = 1_048_576;
/// The longest XML of a sheet. Beyond 4 GiB an archive needs a form that not all programs read.
const MAX_SHEET_BYTES: u64 = 4_000_000_000;

/// A column of the `Base` sheet.
#[derive(Debug, Clone, PartialEq)]
pub struct SheetColumn {
    pub name: String,
    pub kind: CellKind,
    /// In characters.
    pub width: u16,
}

/// A cell for `Rejeitados`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection<'a> {
    pub line: u64,
    pub column: &'a str,
    pub value: &'a str,
    /// The reason in words.
    pub reason: &'a str,
    /// What to do about it.
    pub advice: &'a str,
}

impl CellKind {
    /// How a column of this type is held; `times`: its dates have a time of day.
    pub fn of(kind: ColumnKind, times: bool) -> Self {
        match kind {
            ColumnKind::Money => CellKind::Money,
            ColumnKind::Percent => CellKind::Percent,
            kind if kind.is_numeric() => CellKind::Number,
            kind if kind.is_date() && times => CellKind::Moment,
            kind if kind.is_date() => CellKind::Date,
            _ => CellKind::Text,
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum XlsxError {
    #[error("cannot write the workbook: {0}")]
    Io(#[from] io::Error),
    #[error("cannot draw the workbook: {0}")]
    Library(#[from] rust_xlsxwriter::XlsxError),
    #[error("cannot pack the workbook: {0}")]
    Zip(#[from] zip::result::ZipError),
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error("cannot assemble the workbook: {0}")]
    Assembly(&'static str),
}

/// Writes one workbook while its rows arrive.
pub struct XlsxReport {
    package: Package,
    columns: Vec<SheetColumn>,
    template: Template,
    encoder: RowEncoder,
    buffer: Vec<u8>,
    /// Bytes of the open `Base` sheet so far.
    sheet_bytes: u64,
    /// Data rows on each `Base` sheet so far.
    base_rows: Vec<u32>,
    lists: [List; LongSheet::ALL.len()],
    plain: u32,
    share: u32,
}

impl XlsxReport {
    /// Starts the workbook in `out`. `scratch` makes empty files for what has to wait. `date` is
    /// written as the document's date.
    ///
    /// # Errors
    /// If nothing can be written.
    pub fn start(
        out: File,
        scratch: impl Fn(&str) -> io::Result<File>,
        columns: Vec<SheetColumn>,
        date: NaiveDate,
    ) -> Result<Self, XlsxError> {
        let template = Template::new(&columns, date)?;
        let mut report = XlsxReport {
            package: Package::start(out),
            encoder: RowEncoder::new(columns.len()),
            columns,
            plain: template.styles.of(CellKind::Text, Tone::Plain),
            share: template.styles.of(CellKind::Percent, Tone::Plain),
            template,
            buffer: Vec::with_capacity(CHUNK + 16 * 1024),
            sheet_bytes: 0,
            base_rows: Vec::new(),
            lists: [
                List::new(LongSheet::Rejected, scratch("rejected.rows")?),
                List::new(LongSheet::Duplicates, scratch("duplicates.rows")?),
                List::new(LongSheet::Changes, scratch("changes.rows")?),
            ],
        };
        report.open_base()?;
        Ok(report)
    }

    /// Appends rows to `Base`. `tones` has one tone per cell, column by column.
    ///
    /// # Errors
    /// If nothing can be written, or a column is not text.
    pub fn append(&mut self, frame: &DataFrame, tones: &[Vec<Tone>]) -> Result<(), XlsxError> {
        let mut cells = Vec::with_capacity(frame.width());
        for (column, tones) in frame.columns().iter().zip(tones) {
            cells.push(texts(column)?.zip(tones));
        }
        for _ in 0..frame.height() {
            if self.encoder.rows() >= MAX_ROWS || self.sheet_bytes >= MAX_SHEET_BYTES {
                self.close_base()?;
                self.open_base()?;
            }
            let (encoder, buffer) = (&mut self.encoder, &mut self.buffer);
            encoder.open(buffer);
            for (index, cells) in cells.iter_mut().enumerate() {
                let Some((text, tone)) = cells.next() else {
                    continue;
                };
                let kind = self.columns[index].kind;
                let style = self.template.styles.of(kind, *tone);
                let Some(text) = text else {
                    if *tone != Tone::Plain {
                        encoder.blank(buffer, index, style);
                    }
                    continue;
                };
                match kind {
                    CellKind::Text => encoder.text(buffer, index, text, style),
                    CellKind::Number | CellKind::Money => {
                        encoder.decimal(buffer, index, text, style);
                    }
                    CellKind::Percent => encoder.percent(buffer, index, text, style),
                    CellKind::Date | CellKind::Moment => encoder.date(buffer, index, text, style),
                }
            }
            encoder.close(buffer);
            if buffer.len() >= CHUNK {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Adds a line to `Rejeitados`.
    ///
    /// # Errors
    /// If the scratch file cannot be written.
    pub fn reject(&mut self, cell: &Rejection<'_>) -> Result<(), XlsxError> {
        let texts = [cell.column, cell.value, cell.reason, cell.advice];
        let style = self.plain;
        Ok(self
            .list(LongSheet::Rejected)
            .row(cell.line, &texts, style, None)?)
    }

    /// Adds a line to `Duplicados`. `names` are the headers of the file's columns.
    ///
    /// # Errors
    /// If the scratch file cannot be written.
    pub fn duplicate(&mut self, row: &DuplicateRow, names: &[String]) -> Result<(), XlsxError> {
        let key = match &row.why {
            DuplicateReason::Exact => "linha inteira".to_owned(),
            DuplicateReason::Key(places) => {
                let names = places.iter().filter_map(|place| names.get(*place));
                names.map(String::as_str).collect::<Vec<_>>().join(" + ")
            }
            DuplicateReason::Fuzzy { percent, .. } => format!("semelhança de {percent}%"),
        };
        let what = match &row.why {
            _ if row.removed => "removida",
            DuplicateReason::Fuzzy { possible: true, .. } => "possível",
            _ => "marcada",
        };
        let texts = [
            &row.first.to_string(),
            &row.cluster.to_string(),
            &*key,
            what,
        ];
        let style = self.plain;
        Ok(self
            .list(LongSheet::Duplicates)
            .row(row.line, &texts, style, None)?)
    }

    /// Adds a line to `Alterações`, if the cell was rebuilt or filled: what is merely written
    /// another way is not told here, what is rejected stands in `Rejeitados`.
    ///
    /// # Errors
    /// If the scratch file cannot be written.
    pub fn change(&mut self, change: &Change<'_>, column: &str) -> Result<(), XlsxError> {
        match change.status {
            Status::Corrigido | Status::Alerta | Status::Imputado | Status::Enriquecido => {}
            Status::Ok | Status::Padronizado | Status::Vazio | Status::Rejeitado => return Ok(()),
        }
        let status = change.status.code();
        let texts = [
            column,
            change.before.unwrap_or_default(),
            change.after.unwrap_or_default(),
            change.reason.map_or(status, |reason| reason.words()),
            status,
        ];
        let share = Some((change.confidence, self.share));
        let style = self.plain;
        Ok(self
            .list(LongSheet::Changes)
            .row(change.line, &texts, style, share)?)
    }

    fn list(&mut self, sheet: LongSheet) -> &mut List {
        &mut self.lists[sheet as usize]
    }

    /// Writes the other sheets and closes the file.
    ///
    /// # Errors
    /// If nothing can be written.
    pub fn finish(mut self, summary: &Summary, groups: &[GroupSheet]) -> Result<File, XlsxError> {
        self.close_base()?;
        let lengths = self.lists.each_ref().map(List::rows);
        let filling = Filling { summary, groups };
        let closing = self
            .template
            .close(&self.columns, filling, &self.base_rows, lengths)?;
        let first = 1 + self.base_rows.len();
        for (index, list) in (first..).zip(self.lists) {
            list.pack(&self.package, &closing, index, &self.template.styles)?;
        }
        // The `Base` sheets are already in the archive, but for their ends.
        self.package
            .finish(closing.archive, first + LongSheet::ALL.len())
    }

    fn open_base(&mut self) -> Result<(), XlsxError> {
        self.base_rows.push(0);
        self.sheet_bytes = 0;
        self.package.entry(1 + self.base_rows.len())?;
        self.package.send(self.template.base_prefix.clone())?;
        self.encoder = RowEncoder::new(self.columns.len());
        let names: Vec<_> = self
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        let header = self.template.styles.header;
        self.encoder.header(&mut self.buffer, &names, header);
        Ok(())
    }

    fn close_base(&mut self) -> Result<(), XlsxError> {
        self.flush()?;
        let rows = self.encoder.rows().saturating_sub(1);
        if let Some(last) = self.base_rows.last_mut() {
            *last = rows;
        }
        let suffix = Template::base_suffix(&self.columns, rows)?;
        self.package.send(suffix)
    }

    fn flush(&mut self) -> Result<(), XlsxError> {
        let full = std::mem::replace(&mut self.buffer, Vec::with_capacity(CHUNK + 16 * 1024));
        self.sheet_bytes += full.len() as u64;
        self.package.send(full)
    }
}

#[cfg(test)]
mod tests;

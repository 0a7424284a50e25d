//! The workbook. rust_xlsxwriter makes everything but the long sheets; their rows are streamed.
//!
//! The library writes a sheet's XML first and compresses the whole of it when the workbook is
//! closed, one after the other. A list of 100,000 rows is over 100 MB of XML, and that wait is
//! most of a job's time. So the long sheets are encoded row by row ([`rows`]) and compressed on a
//! thread of their own while the job still runs ([`package`]), and the finished parts are joined
//! with the workbook the library made around them ([`template`]).

mod overview;
mod package;
mod rows;
mod template;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use chrono::NaiveDate;
use polars::prelude::DataFrame;

use super::Summary;
use super::archive::ArchiveError;
use super::csv::texts;
use package::Package;
use rows::RowEncoder;
pub use template::{CellKind, Tone};
use template::{LONG_COLUMNS, LongSheet, Template};

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

/// A long sheet whose rows wait in a file until the workbook's own order reaches them.
struct Spool {
    file: File,
    encoder: RowEncoder,
    buffer: Vec<u8>,
    /// Rows that did not fit on the sheet.
    left_out: u64,
}

impl Spool {
    fn new(file: File) -> Self {
        Spool {
            file,
            // The header is written when the sheet is.
            encoder: RowEncoder::below_header(LONG_COLUMNS),
            buffer: Vec::with_capacity(CHUNK + 4096),
            left_out: 0,
        }
    }

    fn row(&mut self, line: u64, texts: [&str; 3], style: u32) -> io::Result<()> {
        // The last row says how many are missing.
        if self.encoder.rows() + 1 >= MAX_ROWS {
            self.left_out += 1;
            return Ok(());
        }
        self.encoder.open(&mut self.buffer);
        self.encoder
            .number(&mut self.buffer, 0, &line.to_string(), 0);
        for (column, text) in (1..).zip(texts) {
            self.encoder.text(&mut self.buffer, column, text, style);
        }
        self.encoder.close(&mut self.buffer);
        if self.buffer.len() >= CHUNK {
            self.file.write_all(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }
}

/// Bytes handed to the compressing thread at a time.
const CHUNK: usize = 256 * 1024;

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
    rejected: Spool,
    duplicates: Spool,
}

impl XlsxReport {
    /// Starts the workbook in `out`. `rejected` and `duplicates` are empty scratch files.
    /// `date` is written as the document's date.
    ///
    /// # Errors
    /// If nothing can be written.
    pub fn start(
        out: File,
        rejected: File,
        duplicates: File,
        columns: Vec<SheetColumn>,
        date: NaiveDate,
    ) -> Result<Self, XlsxError> {
        let template = Template::new(&columns, date)?;
        let mut report = XlsxReport {
            package: Package::start(out),
            encoder: RowEncoder::new(columns.len()),
            columns,
            template,
            buffer: Vec::with_capacity(CHUNK + 64 * 1024),
            sheet_bytes: 0,
            base_rows: Vec::new(),
            rejected: Spool::new(rejected),
            duplicates: Spool::new(duplicates),
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
                match text {
                    Some(text) if kind == CellKind::Text => {
                        encoder.text(buffer, index, text, style);
                    }
                    Some(text) => encoder.decimal(buffer, index, text, style),
                    None if *tone == Tone::Plain => {}
                    None => encoder.blank(buffer, index, style),
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
        let style = self.template.styles.of(CellKind::Text, Tone::Plain);
        let texts = [cell.column, cell.value, cell.reason];
        Ok(self.rejected.row(cell.line, texts, style)?)
    }

    /// Adds a line to `Duplicados`: the row that was removed and the one that stays.
    ///
    /// # Errors
    /// If the scratch file cannot be written.
    pub fn duplicate(&mut self, line: u64, survivor: u64) -> Result<(), XlsxError> {
        let style = self.template.styles.of(CellKind::Text, Tone::Plain);
        let texts = [&survivor.to_string(), "linha inteira", "removida"];
        Ok(self.duplicates.row(line, texts, style)?)
    }

    /// Writes the other sheets from `summary` and closes the file.
    ///
    /// # Errors
    /// If nothing can be written.
    pub fn finish(mut self, summary: &Summary) -> Result<File, XlsxError> {
        self.close_base()?;
        let lists = [&self.rejected, &self.duplicates];
        let lengths = lists.map(|spool| spool.encoder.rows() - 1 + u32::from(spool.left_out > 0));
        let closing = self
            .template
            .close(&self.columns, summary, &self.base_rows, lengths)?;
        let first = 1 + self.base_rows.len();
        let sheets = [LongSheet::Rejected, LongSheet::Duplicates];
        let spools = [&mut self.rejected, &mut self.duplicates];
        for (offset, (sheet, spool)) in sheets.into_iter().zip(spools).enumerate() {
            if spool.left_out > 0 {
                let said = format!("mais {} linhas não couberam nesta planilha", spool.left_out);
                spool.encoder.open(&mut spool.buffer);
                spool.encoder.text(&mut spool.buffer, 1, &said, 0);
                spool.encoder.close(&mut spool.buffer);
            }
            spool.file.write_all(&spool.buffer)?;
            spool.file.seek(SeekFrom::Start(0))?;
            self.package.entry(first + offset + 1)?;
            self.package.send(closing.prefix(first + offset)?)?;
            let mut header = RowEncoder::new(LONG_COLUMNS);
            let mut bytes = Vec::new();
            header.header(&mut bytes, &sheet.headings(), self.template.styles.header);
            self.package.send(bytes)?;
            loop {
                let mut chunk = Vec::with_capacity(CHUNK);
                let read = (&mut spool.file)
                    .take(CHUNK as u64)
                    .read_to_end(&mut chunk)?;
                if read == 0 {
                    break;
                }
                self.package.send(chunk)?;
            }
            self.package.send(closing.suffix(first + offset)?)?;
        }
        // The `Base` sheets are already in the archive, but for their ends.
        self.package
            .finish(closing.archive, first + sheets_after_base())
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
        let full = std::mem::replace(&mut self.buffer, Vec::with_capacity(CHUNK + 64 * 1024));
        self.sheet_bytes += full.len() as u64;
        self.package.send(full)
    }
}

/// `Rejeitados` and `Duplicados`.
fn sheets_after_base() -> usize {
    2
}

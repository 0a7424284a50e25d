//! How a file is written: its format, and where its columns are.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::encoding::{self, Encoding};
use super::{TableError, delimited, header, workbook};

/// The format of a file and what is needed to read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    Delimited { encoding: Encoding, delimiter: u8 },
    Workbook { sheet: String },
}

impl Format {
    /// The name the manifest uses.
    pub fn name(&self) -> &'static str {
        match self {
            Format::Delimited { .. } => "csv",
            Format::Workbook { .. } => "xlsx",
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

/// How a file is written and which columns it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    pub format: Format,
    /// Line of the header, from 1; 0 if there is none and the names are ours.
    pub header_line: u64,
    /// Cells a record has by the header.
    pub width: usize,
    pub columns: Vec<SourceColumn>,
}

impl Layout {
    /// Leaves out the columns that have neither a name nor a value anywhere, such as the one
    /// after a trailing delimiter. `filled` says for each column whether it has any value.
    pub fn without_phantoms(mut self, filled: &[bool]) -> Self {
        let mut filled = filled.iter();
        self.columns
            .retain(|column| filled.next().is_none_or(|any| *any) || column.named);
        self
    }

    pub fn names(&self) -> Vec<&str> {
        self.columns
            .iter()
            .map(|column| column.name.as_str())
            .collect()
    }
}

/// Finds out how the file at `path` is written. The content decides, not the extension.
///
/// # Errors
/// If the file is not a table we can read.
pub fn inspect(path: &Path) -> Result<Layout, TableError> {
    let mut magic = [0; 8];
    let read = File::open(path)?.read(&mut magic)?;
    let (format, first) = match &magic[..read] {
        [b'P', b'K', 3, 4, ..] => {
            let sheet = workbook::fullest_sheet(path)?;
            let first = workbook::first_row(path, &sheet)?;
            (Format::Workbook { sheet }, first)
        }
        [0xD0, 0xCF, 0x11, 0xE0, ..] => {
            return Err(TableError::NotATable("an old Excel workbook (.xls)"));
        }
        [b'%', b'P', b'D', b'F', ..] => return Err(TableError::NotATable("a PDF")),
        [0x1F, 0x8B, ..] => return Err(TableError::NotATable("a gzip archive")),
        _ => {
            let encoding = encoding::detect(path)?;
            let delimiter = delimited::detect_delimiter(path, encoding)?;
            let first = delimited::first_record(path, encoding, delimiter)?;
            (
                Format::Delimited {
                    encoding,
                    delimiter,
                },
                first,
            )
        }
    };
    let Some((line, record)) = first else {
        return Err(TableError::Empty);
    };
    let width = record.len();
    let headed = !header::is_data(&record);
    let names = header::names(headed.then_some(&record), width);
    let columns = names
        .into_iter()
        .enumerate()
        .map(|(index, name)| SourceColumn {
            index,
            name,
            named: headed
                && record
                    .get(index)
                    .is_some_and(|cell| !cell.trim().is_empty()),
        })
        .collect();
    Ok(Layout {
        format,
        header_line: if headed { line } else { 0 },
        width,
        columns,
    })
}

//! Parquet: its rows, written as a person in Brazil writes them.

mod cell;

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};

use super::{Conversion, Converted};
use crate::table::{SpoolWriter, TableError};
use cell::Style;

/// As many as a workbook holds.
const MOST_COLUMNS: usize = 16_384;

/// Rows times columns: repeated values cost the sender nothing.
const MOST_CELLS: usize = 2_000_000_000;
/// What the text of all cells may take.
const MOST_BYTES: usize = 10 * 1024 * 1024 * 1024;

/// Converts Parquet to one spool. Rows are counted from 1; nested columns become JSON. The file is
/// read a page of each column at a time.
///
/// # Errors
/// If the file is damaged, or holds types we do not know.
pub(super) fn parquet(conversion: &Conversion) -> Result<Vec<Converted>, TableError> {
    let spool = conversion.folder.join("table.spool");
    // The library panics over some damaged files and some types.
    let done = catch_unwind(AssertUnwindSafe(|| read(&conversion.source, &spool)));
    let columns = done.unwrap_or_else(|_| {
        let what = "its Parquet structure is damaged, or of a kind we do not know";
        Err(TableError::Unreadable(what.into()))
    })?;
    Ok(vec![Converted {
        spool,
        name: None,
        columns: Some(columns),
        notes: Vec::new(),
    }])
}

fn read(source: &Path, spool: &Path) -> Result<Vec<String>, TableError> {
    let reader = SerializedFileReader::new(File::open(source)?).map_err(unreadable)?;
    let schema = reader.metadata().file_metadata().schema_descr();
    let fields = schema.root_schema().get_fields();
    if fields.len() > MOST_COLUMNS {
        let what = format!("it has more than {MOST_COLUMNS} columns");
        return Err(TableError::Hostile(what.into()));
    }
    if fields.is_empty() {
        return Err(TableError::Empty);
    }
    let styles: Vec<_> = fields.iter().map(|field| Style::of(field)).collect();
    let names = fields.iter().map(|field| field.name().to_owned());
    let names = names.collect();
    if reader.metadata().file_metadata().num_rows() == 0 {
        return Err(TableError::NoRows);
    }
    let mut out = SpoolWriter::create(spool)?;
    let (mut line, mut all_cells, mut bytes) = (0, 0, 0);
    let mut cells = vec![String::new(); fields.len()];
    for row in reader.get_row_iter(None).map_err(unreadable)? {
        line += 1;
        let columns = row.map_err(unreadable)?.into_columns();
        for ((cell, style), (_, value)) in cells.iter_mut().zip(&styles).zip(&columns) {
            cell.clear();
            style.write(value, cell);
            bytes += cell.len();
        }
        all_cells += cells.len();
        if all_cells > MOST_CELLS || bytes > MOST_BYTES {
            return Err(TableError::Hostile(
                "it holds more cells than any list".into(),
            ));
        }
        out.record(line, &cells)?;
    }
    out.finish()?;
    Ok(names)
}

const UNKNOWN: &str =
    "it is compressed in a way we do not know: save the Parquet with Snappy, Zstandard or Gzip";

/// The library's errors may quote values.
fn unreadable(error: ParquetError) -> TableError {
    let what = match error {
        ParquetError::NYI(_) => UNKNOWN,
        ParquetError::General(text) if text.starts_with("Disabled feature") => UNKNOWN,
        ParquetError::EOF(_) => "its Parquet structure ends too early",
        _ => "its Parquet structure is damaged",
    };
    TableError::Unreadable(what.into())
}

#[cfg(test)]
mod tests;

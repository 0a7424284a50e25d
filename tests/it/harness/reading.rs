//! A file as the library reads it: the one place in the tests that knows how it is asked.

use std::path::Path;

use pyservice::table::convert::Tables;
use pyservice::table::{Opener, Reader, Source, TableError, inspect};

/// The table in a file, before any cleaning.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Table {
    pub header: Vec<String>,
    /// Without rejected rows. Blank cells are empty.
    pub records: Vec<Vec<String>>,
}

/// Reads every table of a file to its end. What is unpacked on the way stays in `scratch`.
///
/// # Errors
/// If it is no table.
pub fn read_all(path: &Path, scratch: &Path) -> Result<Vec<Table>, TableError> {
    let opener = Opener {
        scratch: scratch.to_owned(),
        // Everything happens in this process: there is no other program here.
        program: None,
        tables: Tables::All,
    };
    opener.open(path)?.sources.iter().map(read_source).collect()
}

/// Reads the first table of a file to its end.
///
/// # Errors
/// If it is no table.
pub fn read(path: &Path) -> Result<Table, TableError> {
    let scratch = tempfile::tempdir()?;
    let tables = read_all(path, scratch.path())?;
    tables.into_iter().next().ok_or(TableError::Empty)
}

fn read_source(source: &Source) -> Result<Table, TableError> {
    let layout = inspect(source, &mut |_, _| {})?.layout;
    let header = layout.names().into_iter().map(str::to_owned).collect();
    let mut reader = Reader::open(source, &layout)?;
    let mut records = Vec::new();
    while let Some(batch) = reader.next_batch()? {
        let columns: Vec<_> = batch
            .frame
            .columns()
            .iter()
            .map(|column| column.str())
            .collect::<Result<_, _>>()?;
        for row in 0..batch.frame.height() {
            let cells = columns.iter().map(|column| column.get(row));
            records.push(cells.map(|cell| cell.unwrap_or_default().into()).collect());
        }
    }
    Ok(Table { header, records })
}

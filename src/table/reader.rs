//! Reading a file of known layout in batches.

use std::path::Path;

use csv::StringRecord;
use polars::prelude::{DataFrame, IntoColumn, StringChunkedBuilder};

use super::{Batch, Format, Layout, RejectedRow, TableError, delimited, workbook};

/// What a reader saw so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Rows, rejected ones included.
    pub rows: u64,
    pub blank: u64,
    /// Rows with fewer cells than the header, filled up with blanks.
    pub short: u64,
    /// Rows with more cells than the header, rejected.
    pub long: u64,
}

enum Records {
    Delimited(Box<delimited::Records>),
    Workbook(workbook::Records),
}

/// Yields the rows below the header.
pub struct Reader {
    records: Records,
    record: StringRecord,
    layout: Layout,
    separator: char,
    tally: Tally,
}

impl Reader {
    /// # Errors
    /// If the file cannot be opened.
    pub fn open(path: &Path, layout: &Layout) -> Result<Self, TableError> {
        let (records, separator) = match &layout.format {
            Format::Delimited {
                encoding,
                delimiter,
            } => {
                let records = delimited::Records::open(path, *encoding, *delimiter)?;
                (
                    Records::Delimited(Box::new(records)),
                    char::from(*delimiter),
                )
            }
            Format::Workbook { sheet } => {
                (Records::Workbook(workbook::Records::open(path, sheet)), ';')
            }
        };
        let mut reader = Reader {
            records,
            record: StringRecord::new(),
            layout: layout.clone(),
            separator,
            tally: Tally::default(),
        };
        reader.skip_header()?;
        Ok(reader)
    }

    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// The next rows, at most `rows` of them; `None` when there are no more.
    ///
    /// # Errors
    /// If the file cannot be read on.
    pub fn next_batch(&mut self, rows: usize) -> Result<Option<Batch>, TableError> {
        let mut builders: Vec<_> = self
            .layout
            .columns
            .iter()
            .map(|column| StringChunkedBuilder::new(column.name.as_str().into(), rows))
            .collect();
        let mut lines = Vec::with_capacity(rows);
        let mut rejected = Vec::new();
        while lines.len() + rejected.len() < rows {
            let Some(line) = self.read()? else { break };
            if is_blank(&self.record) {
                self.tally.blank += 1;
                continue;
            }
            self.tally.rows += 1;
            if self.overflows() {
                self.tally.long += 1;
                let cells: Vec<_> = self.record.iter().collect();
                let raw = cells.join(&self.separator.to_string());
                rejected.push(RejectedRow { line, raw });
                continue;
            }
            self.tally.short += u64::from(self.record.len() < self.layout.width);
            for (column, builder) in self.layout.columns.iter().zip(&mut builders) {
                match self.record.get(column.index) {
                    Some(cell) if !cell.is_empty() => builder.append_value(cell),
                    _ => builder.append_null(),
                }
            }
            lines.push(line);
        }
        if lines.is_empty() && rejected.is_empty() {
            return Ok(None);
        }
        let columns = builders
            .into_iter()
            .map(|builder| builder.finish().into_column())
            .collect();
        Ok(Some(Batch {
            frame: DataFrame::new(lines.len(), columns)?,
            lines,
            rejected,
        }))
    }

    fn read(&mut self) -> Result<Option<u64>, TableError> {
        match &mut self.records {
            Records::Delimited(records) => records.read(&mut self.record),
            Records::Workbook(records) => records.read(&mut self.record),
        }
    }

    fn skip_header(&mut self) -> Result<(), TableError> {
        if self.layout.header_line == 0 {
            return Ok(());
        }
        while let Some(line) = self.read()? {
            if line >= self.layout.header_line {
                break;
            }
        }
        Ok(())
    }

    /// Extra cells that hold something: we cannot know which column they belong to.
    fn overflows(&self) -> bool {
        let extra = self.record.iter().skip(self.layout.width);
        extra.into_iter().any(|cell| !cell.trim().is_empty())
    }
}

fn is_blank(record: &StringRecord) -> bool {
    record.iter().all(|cell| cell.trim().is_empty())
}

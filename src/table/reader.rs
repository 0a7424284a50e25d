//! Reading a table of known layout in batches.

use std::collections::VecDeque;
use std::sync::Arc;

use csv::StringRecord;

use super::batch::BatchBuilder;
use super::spool::{SpoolReader, Spooled};
use super::text::blocks::Blocks;
use super::{Batch, Form, Format, Layout, RejectedRow, Source, TableError};
use crate::values::Reason;

enum Rows {
    Text(Box<Blocks>),
    Spool(SpoolReader),
}

/// Yields the rows of a table, in the order of the file.
pub struct Reader {
    rows: Rows,
    layout: Arc<Layout>,
    ready: VecDeque<Batch>,
}

impl Reader {
    /// # Errors
    /// If the file cannot be opened.
    pub fn open(source: &Source, layout: &Layout) -> Result<Self, TableError> {
        let layout = Arc::new(layout.clone());
        let rows = match (&source.form, &layout.format) {
            (Form::Text { .. }, Format::Delimited { dialect, .. }) => Rows::Text(Box::new(
                Blocks::open(&source.path, *dialect, layout.clone())?,
            )),
            _ => Rows::Spool(SpoolReader::open(&source.path)?),
        };
        Ok(Reader {
            rows,
            layout,
            ready: VecDeque::new(),
        })
    }

    /// Bytes of the file behind us.
    pub fn bytes_read(&self) -> u64 {
        match &self.rows {
            Rows::Text(blocks) => blocks.bytes_read(),
            Rows::Spool(spool) => spool.bytes_read(),
        }
    }

    /// The next rows, a few thousand at most; `None` when there are no more.
    ///
    /// # Errors
    /// If the file cannot be read on.
    pub fn next_batch(&mut self) -> Result<Option<Batch>, TableError> {
        if let Some(batch) = self.ready.pop_front() {
            return Ok(Some(batch));
        }
        match &mut self.rows {
            Rows::Spool(spool) => spooled(spool, &self.layout),
            Rows::Text(blocks) => {
                while self.ready.is_empty() && blocks.read(&mut self.ready)? {}
                Ok(self.ready.pop_front())
            }
        }
    }
}

fn spooled(spool: &mut SpoolReader, layout: &Layout) -> Result<Option<Batch>, TableError> {
    let mut batch = BatchBuilder::new(layout);
    let mut record = StringRecord::new();
    while !batch.is_full() {
        match spool.read(&mut record)? {
            None => break,
            Some(Spooled::Record { line }) => batch.record(line, &record, b';'),
            Some(Spooled::Invalid { line, raw, why }) => batch.reject(RejectedRow {
                line,
                raw,
                reason: Reason::LinhaInvalida,
                detail: Some(why),
            }),
        }
    }
    batch.finish()
}

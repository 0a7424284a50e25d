//! Records as they come from a source, text or spool, each with its place.

use std::path::Path;

use csv::StringRecord;

use super::glance::is_blank;
use crate::table::spool::{SpoolReader, Spooled};
use crate::table::text::records::{Mended, TextRecords};
use crate::table::{Lines, TableError};

/// Where records come from.
pub(super) enum Records {
    Text(TextRecords),
    Spool { reader: SpoolReader, last: u64 },
}

/// A record and where it stands.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    pub(super) cells: StringRecord,
    /// Its first line, from 1.
    pub(super) line: u64,
    /// Where it begins in a text file, in bytes.
    pub(super) offset: u64,
    /// Something blank stands before it.
    pub(super) gap: bool,
    /// The blank lines before it.
    pub(super) blanks: Lines,
    pub(super) blank: bool,
    /// It had to be mended.
    pub(super) mended: Option<Mended>,
    /// It cannot be read; there are no cells then.
    pub(super) invalid: bool,
}

impl Records {
    pub(super) fn spool(path: &Path) -> Result<Self, TableError> {
        Ok(Records::Spool {
            reader: SpoolReader::open(path)?,
            last: 0,
        })
    }

    pub(super) fn bytes_read(&self) -> u64 {
        match self {
            Records::Text(records) => records.bytes_read(),
            Records::Spool { reader, .. } => reader.bytes_read(),
        }
    }

    /// The next record into `seen`; whether there was one. `gap` is not set here for text.
    pub(super) fn read(&mut self, seen: &mut Seen) -> Result<bool, TableError> {
        match self {
            Records::Text(records) => {
                seen.offset = records.bytes_read();
                let Some(met) = records.read(&mut seen.cells)? else {
                    return Ok(false);
                };
                (seen.line, seen.mended) = (met.line, met.mended);
                (seen.invalid, seen.gap) = (false, false);
                seen.blank = is_blank(&seen.cells);
            }
            Records::Spool { reader, last } => {
                let line = match reader.read(&mut seen.cells)? {
                    None => return Ok(false),
                    Some(Spooled::Record { line }) => {
                        seen.invalid = false;
                        seen.blank = is_blank(&seen.cells);
                        line
                    }
                    Some(Spooled::Invalid { line, .. }) => {
                        seen.cells.clear();
                        (seen.invalid, seen.blank) = (true, false);
                        line
                    }
                };
                // Rows of a sheet that hold nothing are not in the spool.
                seen.gap = *last > 0 && line > *last + 1;
                (seen.line, seen.mended, *last) = (line, None, line);
            }
        }
        Ok(true)
    }
}

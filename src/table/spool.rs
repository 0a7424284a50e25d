//! Records of a file in another format, written to disk so that they can be read as often and as
//! cheaply as lines of text.
//!
//! A record ends with U+001E, its fields are separated by U+001F; neither is text, so nothing is
//! ever quoted. The first field is the number of the line, preceded by `!` if the line cannot be
//! read: then the line itself and the reason follow.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use csv::StringRecord;

use super::TableError;

const FIELD_END: u8 = 0x1F;
const RECORD_END: u8 = 0x1E;

/// Writes records, in the order of their lines.
pub struct SpoolWriter {
    out: BufWriter<File>,
}

impl SpoolWriter {
    /// # Errors
    /// If the file cannot be created.
    pub fn create(path: &Path) -> io::Result<Self> {
        Ok(SpoolWriter {
            out: BufWriter::with_capacity(256 * 1024, File::create(path)?),
        })
    }

    /// The record that stands on `line` (a line, a sheet's row, an element), from 1.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn record(
        &mut self,
        line: u64,
        cells: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> io::Result<()> {
        write!(self.out, "{line}")?;
        for cell in cells {
            self.field(cell.as_ref())?;
        }
        self.out.write_all(&[RECORD_END])
    }

    /// A line that cannot be read: `raw` as it stands there, `why` in Portuguese.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn invalid(&mut self, line: u64, raw: &str, why: &str) -> io::Result<()> {
        write!(self.out, "!{line}")?;
        self.field(raw)?;
        self.field(why)?;
        self.out.write_all(&[RECORD_END])
    }

    /// # Errors
    /// If the last of it cannot be written.
    pub fn finish(mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn field(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(&[FIELD_END])?;
        self.out.write_all(without_marks(text).as_bytes())
    }
}

fn without_marks(text: &str) -> Cow<'_, str> {
    let marks = [char::from(FIELD_END), char::from(RECORD_END)];
    if text.contains(marks) {
        Cow::Owned(text.replace(marks, ""))
    } else {
        Cow::Borrowed(text)
    }
}

/// What stands on a line of the spool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Spooled {
    Record { line: u64 },
    Invalid { line: u64, raw: String, why: String },
}

/// Reads records back.
pub(super) struct SpoolReader {
    input: BufReader<File>,
    bytes: Vec<u8>,
    bytes_read: u64,
}

impl SpoolReader {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(SpoolReader {
            input: BufReader::with_capacity(256 * 1024, File::open(path)?),
            bytes: Vec::new(),
            bytes_read: 0,
        })
    }

    pub(super) fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// The next record, its cells in `record`; `None` at the end.
    pub(super) fn read(
        &mut self,
        record: &mut StringRecord,
    ) -> Result<Option<Spooled>, TableError> {
        self.bytes.clear();
        if self.input.read_until(RECORD_END, &mut self.bytes)? == 0 {
            return Ok(None);
        }
        self.bytes_read += self.bytes.len() as u64;
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "a converted file is damaged");
        let whole = self.bytes.strip_suffix(&[RECORD_END]);
        let text = whole.and_then(|whole| std::str::from_utf8(whole).ok());
        let mut fields = text.ok_or_else(damaged)?.split(char::from(FIELD_END));
        let first = fields.next().unwrap_or_default();
        let (line, valid) = match first.strip_prefix('!') {
            Some(line) => (line, false),
            None => (first, true),
        };
        let line = line.parse().map_err(|_| damaged())?;
        record.clear();
        if valid {
            fields.for_each(|field| record.push_field(field));
            return Ok(Some(Spooled::Record { line }));
        }
        let raw = fields.next().unwrap_or_default().to_owned();
        let why = fields.next().unwrap_or_default().to_owned();
        Ok(Some(Spooled::Invalid { line, raw, why }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut spool = SpoolWriter::create(file.path()).unwrap();
        spool.record(3, ["a", "", "b\nc\u{1f}\u{1e}"]).unwrap();
        spool.invalid(4, "{\"a\":", "termina antes do fim").unwrap();
        spool.record(9, [""; 0]).unwrap();
        spool.finish().unwrap();
        let mut reader = SpoolReader::open(file.path()).unwrap();
        let mut record = StringRecord::new();
        let first = reader.read(&mut record).unwrap();
        assert_eq!(first, Some(Spooled::Record { line: 3 }));
        assert_eq!(record, StringRecord::from(vec!["a", "", "b\nc"]));
        let second = reader.read(&mut record).unwrap();
        let invalid = Spooled::Invalid {
            line: 4,
            raw: "{\"a\":".into(),
            why: "termina antes do fim".into(),
        };
        assert_eq!(second, Some(invalid));
        let third = reader.read(&mut record).unwrap();
        assert_eq!(third, Some(Spooled::Record { line: 9 }));
        assert_eq!(record.len(), 0);
        assert_eq!(reader.read(&mut record).unwrap(), None);
    }
}

//! The records of a text file, read with care: what its quotes say is believed only as long as it
//! makes sense.

use std::io;
use std::path::Path;

use csv::StringRecord;

use super::dialect::Dialect;
use super::repair;
use super::split::{Quotes, Split, plain, quoted};
use super::window::{Span, Window};
use crate::table::TableError;

/// A record that spans more lines is no record, but a quote without partner.
pub(super) const MOST_LINES: usize = 1000;
/// The same, in bytes.
pub(super) const MOST_BYTES: usize = 1024 * 1024;
/// The same, for a record whose quotes are in doubt already.
const MOST_DOUBTFUL_LINES: usize = 100;

/// Where a record was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Met {
    /// Its first line, from 1.
    pub(crate) line: u64,
    pub(crate) mended: Option<Mended>,
}

/// What was odd about a record, and had to be mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mended {
    /// Quotes without partner were taken for text.
    Quotes,
    /// It is written with another delimiter than the rest.
    Delimiter,
}

/// Delimiters tried where a record has none of its own.
const OTHERS: [u8; 4] = [b';', b',', b'\t', b'|'];

pub(crate) struct TextRecords {
    window: Window,
    dialect: Dialect,
    /// Cells that most records have, if that is known.
    width: Option<usize>,
    /// Of the next record.
    line: u64,
    /// Consumed so far, the byte-order mark included.
    bytes_read: u64,
}

impl TextRecords {
    /// Begins behind the byte-order mark, of `skip` bytes, of a UTF-8 file.
    pub(crate) fn open(
        path: &Path,
        skip: u64,
        dialect: Dialect,
        width: Option<usize>,
    ) -> Result<Self, TableError> {
        Self::resume(path, skip, 1, dialect, width)
    }

    /// Begins at the `line` that starts `offset` bytes into the file.
    pub(crate) fn resume(
        path: &Path,
        offset: u64,
        line: u64,
        dialect: Dialect,
        width: Option<usize>,
    ) -> Result<Self, TableError> {
        Ok(TextRecords {
            window: Window::open(path, offset)?,
            dialect,
            width,
            line,
            bytes_read: offset,
        })
    }

    pub(crate) fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// The line that the next record begins on.
    pub(crate) fn next_line(&self) -> u64 {
        self.line
    }

    /// The next record; `None` at the end. A blank line is a record of one blank cell.
    pub(crate) fn read(&mut self, record: &mut StringRecord) -> Result<Option<Met>, TableError> {
        let Some(span) = self.window.line(0)? else {
            return Ok(None);
        };
        let line = self.line;
        let text = text(&self.window.bytes()[..span.end])?;
        if memchr::memchr(self.dialect.quote, text.as_bytes()).is_none() {
            let other = self.resplit(text, record);
            if !other {
                plain(text, self.dialect, record);
            }
            self.consume(span.next, 1);
            let mended = other.then_some(Mended::Delimiter);
            return Ok(Some(Met { line, mended }));
        }
        if self.resplit(text, record) {
            self.consume(span.next, 1);
            let mended = Some(Mended::Delimiter);
            return Ok(Some(Met { line, mended }));
        }
        let mended = self.read_quoted(span, record)?.then_some(Mended::Quotes);
        Ok(Some(Met { line, mended }))
    }

    /// Splits a line without any delimiter by another one, if that gives the usual width.
    fn resplit(&self, text: &str, record: &mut StringRecord) -> bool {
        let own = self.dialect.delimiter;
        let foreign = memchr::memchr(own, text.as_bytes()).is_none();
        let Some(width) = self.width.filter(|width| *width > 2 && foreign) else {
            return false;
        };
        // The words of a sentence are no cells; in a first line with quotes they are names.
        let quotes = memchr::memchr(self.dialect.quote, text.as_bytes());
        let first = (self.line == 1 && quotes.is_some()).then_some(b' ');
        OTHERS.into_iter().chain(first).any(|delimiter| {
            let dialect = Dialect {
                delimiter,
                ..self.dialect
            };
            record.clear();
            let split = quoted(text, 0, 0, dialect, Quotes::Strict, record);
            // Prose has spaces behind its commas.
            let prose = record.iter().skip(1).any(|cell| cell.starts_with(' '));
            split == Split::Done && record.len() == width && !prose
        })
    }

    /// Reads a record with quotes, the first line of which ends at `first`. Whether any of them
    /// had to be taken for text.
    fn read_quoted(&mut self, first: Span, record: &mut StringRecord) -> Result<bool, TableError> {
        if let Some((span, lines)) = self.try_quotes(first, Quotes::Strict, MOST_LINES, record)? {
            let text = text(&self.window.bytes()[..span.end])?;
            let joined = |width| fits_without_quotes(text, self.dialect, width);
            let credible = lines == 1 || !self.width.is_some_and(joined);
            if credible {
                self.consume(span.next, lines as u64);
                return Ok(false);
            }
        }
        let line = text(&self.window.bytes()[..first.end])?;
        let fitting = self
            .width
            .and_then(|width| repair::cells(line, self.dialect, Some(width)));
        let cells = match fitting {
            Some(cells) => cells,
            None => {
                let most = MOST_DOUBTFUL_LINES;
                if let Some((span, lines)) =
                    self.try_quotes(first, Quotes::Lenient, most, record)?
                    && (lines == 1 || self.width == Some(record.len()))
                {
                    self.consume(span.next, lines as u64);
                    return Ok(true);
                }
                let line = text(&self.window.bytes()[..first.end])?;
                repair::cells(line, self.dialect, None).unwrap_or_else(|| {
                    let fields = line.split(char::from(self.dialect.delimiter));
                    fields.map(str::to_owned).collect()
                })
            }
        };
        *record = StringRecord::from(cells);
        self.consume(first.next, 1);
        Ok(true)
    }

    /// Splits the record, over several lines if its quotes say so. Where its last line ends, and
    /// how many there are; `None` if its quotes make no sense.
    fn try_quotes(
        &mut self,
        first: Span,
        quotes: Quotes,
        most_lines: usize,
        record: &mut StringRecord,
    ) -> Result<Option<(Span, usize)>, TableError> {
        record.clear();
        let (mut span, mut lines, mut field, mut searched) = (first, 1, 0, 0);
        loop {
            let text = text(&self.window.bytes()[..span.end])?;
            match quoted(text, field, searched, self.dialect, quotes, record) {
                Split::Done => return Ok(Some((span, lines))),
                Split::Suspect => return Ok(None),
                Split::Open { field: open } => (field, searched) = (open, span.next),
            }
            if lines == most_lines || span.next > MOST_BYTES {
                return Ok(None);
            }
            match self.window.line(span.next)? {
                Some(next) => (span, lines) = (next, lines + 1),
                None => return Ok(None),
            }
        }
    }

    fn consume(&mut self, bytes: usize, lines: u64) {
        self.window.consume(bytes);
        self.bytes_read += bytes as u64;
        self.line += lines;
    }
}

/// Whether each of several lines has the usual width when its quotes are taken for text: then two
/// quotes without partner found each other.
pub(super) fn fits_without_quotes(text: &str, dialect: Dialect, width: usize) -> bool {
    let lines = text.split(['\n', '\r']).filter(|line| !line.is_empty());
    let mut widths =
        lines.map(|line| memchr::memchr_iter(dialect.delimiter, line.as_bytes()).count());
    width > 1 && widths.all(|delimiters| delimiters + 1 == width)
}

fn text(bytes: &[u8]) -> Result<&str, TableError> {
    simdutf8::basic::from_utf8(bytes).map_err(|_| {
        let changed = "the file changed while it was read";
        TableError::Io(io::Error::new(io::ErrorKind::InvalidData, changed))
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn read(text: &str, width: Option<usize>) -> Vec<(u64, Vec<String>, bool)> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let mut records = TextRecords::open(file.path(), 0, Dialect::USUAL, width).unwrap();
        let mut record = StringRecord::new();
        let mut all = Vec::new();
        while let Some(met) = records.read(&mut record).unwrap() {
            let cells = record.iter().map(str::to_owned).collect();
            all.push((met.line, cells, met.mended.is_some()));
        }
        assert_eq!(records.bytes_read(), text.len() as u64);
        all
    }

    #[test]
    fn records_know_their_line_whatever_ends_it() {
        let text = "a;b\n1;\"x\ny\"\n\n2;z\n3;\"\"";
        for text in [
            text.to_owned(),
            text.replace('\n', "\r\n"),
            text.replace('\n', "\r"),
            format!("{text}\n"),
        ] {
            let lines: Vec<_> = read(&text, Some(2))
                .into_iter()
                .map(|(line, cells, _)| (line, cells[0].clone()))
                .collect();
            let expected = [(1, "a"), (2, "1"), (4, ""), (5, "2"), (6, "3")];
            assert_eq!(
                lines,
                expected.map(|(line, cell)| (line, cell.to_owned())),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_quote_without_partner_does_not_swallow_the_rest() {
        let text = "a;b;c\n1;\"2;3\n4;5;6\n7;8;9\n";
        for width in [None, Some(3)] {
            let rows = read(text, width);
            assert_eq!(rows.len(), 4, "{width:?}: {rows:?}");
            assert_eq!(rows[1].1, ["1", "\"2", "3"]);
            assert!(rows[1].2);
            assert_eq!(rows[3].0, 4);
        }
    }

    #[test]
    fn two_quotes_without_partner_do_not_find_each_other() {
        let text = "a;b;c\n1;\"2;3\n4;5;6\n7;8\";9\n";
        let rows = read(text, Some(3));
        let firsts: Vec<_> = rows.iter().map(|(_, cells, _)| cells[0].as_str()).collect();
        assert_eq!(firsts, ["a", "1", "4", "7"]);
    }

    #[test]
    fn newlines_in_quotes_stay_in_their_cell() {
        let rows = read("a;b;c\n1;\"Rua X\n\nfundos; casa \"\"2\"\"\";3\n", Some(3));
        assert_eq!(rows[1].1, ["1", "Rua X\n\nfundos; casa \"2\"", "3"]);
        assert!(!rows[1].2);
        let rows = read("a;b;c\n1;\"Rua \"X\",\nfundos\";3\n4;5;6\n", Some(3));
        assert_eq!(rows[1].1, ["1", "Rua \"X\",\nfundos", "3"]);
        assert!(rows[1].2);
        assert_eq!(rows[2].0, 4);
    }

    #[test]
    fn a_line_with_another_delimiter_is_split_by_it_but_prose_is_not() {
        let text = "Emitido em 01/02/2024, 10:00, por Ana\na;b;c\n1,2,3\n4|5|6\n";
        let rows = read(text, Some(3));
        let widths: Vec<_> = rows.iter().map(|(_, cells, _)| cells.len()).collect();
        assert_eq!(widths, [1, 3, 3, 3]);
        let mended: Vec<_> = rows.iter().map(|(_, _, mended)| *mended).collect();
        assert_eq!(mended, [false, false, true, true]);
    }

    #[test]
    fn quotes_inside_of_values_are_text() {
        let rows = read("a;b\nÂncora \"E\";x\"\n 'y' ; \"z\" \n", Some(2));
        assert_eq!(rows[1].1, ["Âncora \"E\"", "x\""]);
        assert_eq!(rows[2].1, [" 'y' ", "z"]);
        assert!(!rows[1].2 && !rows[2].2);
    }
}

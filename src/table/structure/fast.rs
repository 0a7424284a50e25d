//! Plain rows, passed over without splitting them: what a clean file consists of.
//!
//! A line is plain if reading it with care could say nothing but "a row of the usual width".

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use csv::StringRecord;

use super::found::Table;
use crate::table::TableError;
use crate::table::text::dialect::Dialect;
use crate::table::text::split::{self, Quotes, Split};

const CHUNK: usize = 1024 * 1024;
/// Rows at the end of the stretch that are left to be read with care: totals may be among them.
const LEFT: usize = 10;

/// Where in a text file to begin.
pub(super) struct Stretch<'a> {
    pub(super) path: &'a Path,
    pub(super) dialect: Dialect,
    pub(super) offset: u64,
    pub(super) line: u64,
}

/// How far it went.
pub(super) struct Passed {
    pub(super) rows: u64,
    /// Where to read on with care.
    pub(super) offset: u64,
    pub(super) line: u64,
}

impl Stretch<'_> {
    /// Passes over plain rows from here on and counts them for the table.
    /// `progress` hears how many rows and bytes of the file are behind it.
    pub(super) fn pass(
        &self,
        table: &mut Table,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Passed, TableError> {
        let mut file = File::open(self.path)?;
        file.seek(SeekFrom::Start(self.offset))?;
        let mut buffer = Vec::with_capacity(2 * CHUNK);
        let mut run = Run {
            dialect: self.dialect,
            width: table.width,
            name: first_name(table),
            next_row: table.next_row(),
            starts: Vec::new(),
            rows: 0,
            sample: Vec::new(),
            record: StringRecord::new(),
        };
        let mut base = self.offset;
        loop {
            let read = (&mut file).take(CHUNK as u64).read_to_end(&mut buffer)?;
            let ended = read == 0;
            let (used, stopped) = run.lines(&buffer, base, ended, table);
            buffer.drain(..used);
            base += used as u64;
            let sure = run.rows.saturating_sub(LEFT as u64);
            progress(run.next_row.saturating_sub(LEFT as u64) + sure, base);
            if stopped || ended {
                break;
            }
        }
        run.end(self, table)
    }
}

/// The first column's name, as far as it tells a line that begins with it.
fn first_name(table: &Table) -> Vec<u8> {
    let name = table.fields.get(0).unwrap_or_default().trim();
    name.as_bytes().to_ascii_lowercase()
}

struct Run {
    dialect: Dialect,
    width: usize,
    name: Vec<u8>,
    /// Number of the table's next row when the run began.
    next_row: u64,
    /// Where the last rows start.
    starts: Vec<u64>,
    rows: u64,
    sample: Vec<(u64, StringRecord)>,
    record: StringRecord,
}

impl Run {
    /// Takes the lines of a stretch of the file that starts at `base`; without its last line,
    /// unless the file ends here. How many bytes were taken, and whether a line was not plain.
    fn lines(&mut self, bytes: &[u8], base: u64, ended: bool, table: &mut Table) -> (usize, bool) {
        let mut at = 0;
        loop {
            let rest = &bytes[at..];
            let (line, next) = match memchr::memchr2(b'\n', b'\r', rest) {
                Some(end) if rest[end] == b'\r' => match rest.get(end + 1) {
                    Some(b'\n') => (&rest[..end], end + 2),
                    Some(_) => (&rest[..end], end + 1),
                    None if ended => (&rest[..end], end + 1),
                    None => return (at, false),
                },
                Some(end) => (&rest[..end], end + 1),
                None if ended && !rest.is_empty() => (rest, rest.len()),
                None => return (at, false),
            };
            if !self.is_plain(line, table) {
                return (at, true);
            }
            self.starts.push(base + at as u64);
            if self.starts.len() == CHUNK / 8 {
                self.starts.drain(..self.starts.len() - LEFT);
            }
            self.rows += 1;
            at += next;
        }
    }

    /// Whether the line is a row beyond doubt.
    fn is_plain(&mut self, line: &[u8], table: &mut Table) -> bool {
        let delimiter = self.dialect.delimiter;
        let filled = |byte: &u8| *byte != delimiter && !byte.is_ascii_whitespace();
        let Some(first) = line.iter().position(filled) else {
            return false;
        };
        let has_quotes = memchr::memchr(self.dialect.quote, line).is_some();
        if has_quotes {
            if !self.split(line, true) || self.record.len() != self.width {
                return false;
            }
        } else if self.count(line, table) != self.width {
            return false;
        }
        // A blank made of other white space than ASCII's is rare; a header without any digit is
        // what headers mostly are.
        let wordy = !line
            .iter()
            .any(|byte| byte.is_ascii_digit() || *byte == b'@');
        if !line[first].is_ascii() || wordy || self.begins_like_header(&line[first..]) {
            if !(has_quotes || self.split(line, false)) {
                return false;
            }
            let blank = self.record.iter().all(|cell| cell.trim().is_empty());
            if blank || table.repeats_header(&self.record) {
                return false;
            }
        }
        if has_quotes {
            table.fill(&self.record);
        }
        let row = self.next_row + self.rows;
        if table.samples(row) {
            if !has_quotes && !self.split(line, false) {
                return false;
            }
            self.sample.push((self.rows, self.record.clone()));
        }
        true
    }

    /// The cells of a line without quotes. Notes which columns it fills.
    fn count(&self, line: &[u8], table: &mut Table) -> usize {
        let delimiters = memchr::memchr_iter(self.dialect.delimiter, line);
        if table.unfilled().is_empty() {
            return delimiters.count() + 1;
        }
        let (mut cells, mut start, mut unfilled) = (0, 0, 0);
        for end in delimiters.chain([line.len()]) {
            if table.unfilled().get(unfilled) == Some(&cells) {
                if line[start..end].iter().all(u8::is_ascii_whitespace) {
                    unfilled += 1;
                } else {
                    table.fill_place(unfilled);
                }
            }
            (cells, start) = (cells + 1, end + 1);
        }
        cells
    }

    fn begins_like_header(&self, line: &[u8]) -> bool {
        let line = line.strip_prefix(&[self.dialect.quote]).unwrap_or(line);
        !self.name.is_empty()
            && line.len() >= self.name.len()
            && line[..self.name.len()].eq_ignore_ascii_case(&self.name)
    }

    /// Splits the line into `record`; whether it is as its dialect wants it.
    fn split(&mut self, line: &[u8], quotes: bool) -> bool {
        let Ok(text) = std::str::from_utf8(line) else {
            return false;
        };
        if !quotes {
            split::plain(text, self.dialect, &mut self.record);
            return true;
        }
        self.record.clear();
        let strict = Quotes::Strict;
        split::quoted(text, 0, 0, self.dialect, strict, &mut self.record) == Split::Done
    }

    /// Counts all but the last rows, and says where those begin.
    fn end(mut self, stretch: &Stretch<'_>, table: &mut Table) -> Result<Passed, TableError> {
        let left = LEFT.min(self.starts.len());
        let rows = self.rows - left as u64;
        if rows == 0 {
            return Ok(Passed {
                rows: 0,
                offset: stretch.offset,
                line: stretch.line,
            });
        }
        let offset = self.starts[self.starts.len() - left];
        let line = stretch.line + rows;
        self.sample.retain(|(row, _)| *row < rows);
        let sample = self.sample.into_iter().map(|(_, record)| record);
        table.pass_over(rows, (stretch.line, line - 1), sample.collect());
        Ok(Passed { rows, offset, line })
    }
}

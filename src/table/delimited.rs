//! Delimited text: finding the delimiter, and reading records.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use csv::StringRecord;

use super::TableError;
use super::encoding::{self, Encoding};

/// Candidates in the order that breaks ties.
const DELIMITERS: [u8; 4] = [b';', b',', b'\t', b'|'];
/// Records looked at to choose.
const SAMPLE: usize = 200;
/// No header is longer.
const MAX_HEADER_BYTES: u64 = 1024 * 1024;

/// Records of a delimited file, header included.
pub(super) struct Records {
    reader: csv::Reader<Box<dyn Read + Send>>,
    /// Lines end in CR LF.
    crlf: bool,
}

impl Records {
    pub(super) fn open(path: &Path, encoding: Encoding, delimiter: u8) -> Result<Self, TableError> {
        let reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(256 * 1024)
            .from_reader(encoding::open(path, encoding)?);
        let crlf = ends_lines_with_crlf(path)?;
        Ok(Records { reader, crlf })
    }

    /// The next record and the line it starts on; `None` at the end.
    pub(super) fn read(&mut self, record: &mut StringRecord) -> Result<Option<u64>, TableError> {
        let before = self.reader.position().line();
        let more = self.reader.read_record(record).map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            match error.into_kind() {
                csv::ErrorKind::Io(error) => TableError::Io(error),
                _ => TableError::Line {
                    line,
                    cause: "the record cannot be read".into(),
                },
            }
        })?;
        let inside = record.as_slice().matches('\n').count() as u64;
        let line = self.reader.position().line().saturating_sub(inside);
        // The reader stops behind CR; the LF belongs to its next record. Only the last line may
        // have no end at all.
        let ended = !self.crlf && line > before;
        Ok(more.then_some(line.saturating_sub(u64::from(ended))))
    }
}

/// How the first line ends.
fn ends_lines_with_crlf(path: &Path) -> Result<bool, TableError> {
    let mut first = Vec::new();
    BufReader::new(File::open(path)?)
        .take(MAX_HEADER_BYTES)
        .read_until(b'\n', &mut first)?;
    Ok(first.ends_with(b"\r\n"))
}

/// The delimiter whose records agree most on their width, and are widest.
pub(super) fn detect_delimiter(path: &Path, encoding: Encoding) -> Result<u8, TableError> {
    let mut best = (DELIMITERS[0], 0.0);
    for delimiter in DELIMITERS {
        let score = agreement(path, encoding, delimiter)?;
        if score > best.1 {
            best = (delimiter, score);
        }
    }
    Ok(best.0)
}

/// How well the records agree on a width, from 0 to 1; 0 if that width is 1.
fn agreement(path: &Path, encoding: Encoding, delimiter: u8) -> Result<f64, TableError> {
    let mut records = Records::open(path, encoding, delimiter)?;
    let mut record = StringRecord::new();
    let mut widths = Vec::new();
    let mut decimals = 0;
    let mut commas = 0;
    while widths.len() < SAMPLE && records.read(&mut record)?.is_some() {
        widths.push(record.len());
        if delimiter == b',' {
            commas += record.len() - 1;
            decimals += decimal_commas(&record);
        }
    }
    let modal = widths
        .iter()
        .map(|width| {
            (
                widths.iter().filter(|other| *other == width).count(),
                *width,
            )
        })
        .max()
        .filter(|(_, width)| *width > 1);
    let Some((count, width)) = modal else {
        return Ok(0.0);
    };
    let share = count as f64 / widths.len() as f64;
    // Every address has a comma, but no more columns than that, and none in the header.
    let worth = 1.0 - 1.0 / width as f64;
    let headless = if widths[0] < width { 0.5 } else { 1.0 };
    // `12,50` in every row is a number, not two columns.
    let penalty = if commas > 0 && decimals * 5 >= commas * 4 {
        0.1
    } else {
        1.0
    };
    Ok(share * worth * headless * penalty)
}

/// How many of the record's commas stand between two digits.
fn decimal_commas(record: &StringRecord) -> usize {
    let ends = |cell: &str| cell.bytes().next_back().is_some_and(|b| b.is_ascii_digit());
    let starts = |cell: &str| cell.bytes().next().is_some_and(|b| b.is_ascii_digit());
    record
        .iter()
        .zip(record.iter().skip(1))
        .filter(|(left, right)| ends(left) && starts(right))
        .count()
}

/// The first record that is not blank, and its line.
pub(super) fn first_record(
    path: &Path,
    encoding: Encoding,
    delimiter: u8,
) -> Result<Option<(u64, StringRecord)>, TableError> {
    let mut records = Records::open(path, encoding, delimiter)?;
    let mut record = StringRecord::new();
    while let Some(line) = records.read(&mut record)? {
        if record.iter().any(|cell| !cell.trim().is_empty()) {
            return Ok(Some((line, record)));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    #[test]
    fn records_know_their_line_whatever_ends_it() {
        let text = "a;b\n1;\"x\ny\"\n\n2;z\n3;\"\"";
        for text in [
            text.to_owned(),
            text.replace('\n', "\r\n"),
            format!("{text}\n"),
        ] {
            let file = file(&text);
            let mut records = Records::open(file.path(), Encoding::Utf8, b';').unwrap();
            let mut record = StringRecord::new();
            let mut lines = Vec::new();
            while let Some(line) = records.read(&mut record).unwrap() {
                lines.push((line, record[0].to_owned()));
            }
            let expected = [(1, "a"), (2, "1"), (5, "2"), (6, "3")];
            assert_eq!(
                lines,
                expected.map(|(line, cell)| (line, cell.to_owned())),
                "{text:?}"
            );
        }
    }

    #[test]
    fn commas_in_every_address_are_no_columns() {
        let rows = "Ana;Rua das Flores, casa 10;SP\r\n".repeat(50);
        let text =
            format!("Nome;Endereço;UF\r\n{rows}Bia;Rua B, 20;SP;a mais\r\nCaio;Rua C, 30\r\n");
        let file = file(&text);
        assert_eq!(detect_delimiter(file.path(), Encoding::Utf8).unwrap(), b';');
    }
}

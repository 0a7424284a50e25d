//! The two layouts of a reference file: a JSON object a line, or CSV with a header.

use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::FileExt;

use csv::{ByteRecord, ReaderBuilder, StringRecord};
use memchr::memchr_iter;
use unicode_normalization::UnicodeNormalization;

use super::index::Span;
use super::json;
use crate::reference::ReferenceError;
use crate::reference::document::MAX_NAME_CHARS;
use crate::reference::node::Node;

/// What one read of a pass takes.
const PASS_BUFFER: usize = 1 << 18;

/// A longer line or row is no document, and would be held in memory whole.
const MAX_LINE_BYTES: u32 = 16 << 20;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// An open reference file and how it is read.
pub(super) struct Records {
    file: fs::File,
    /// The path, for messages.
    name: String,
    /// Where the text begins, after the byte order mark.
    start: u64,
    layout: Layout,
}

enum Layout {
    Jsonl,
    Csv {
        delimiter: u8,
        /// Names of the columns, as [`column_name`] makes them.
        columns: Vec<String>,
    },
}

impl Records {
    /// Tells the layout by the first character: `{` begins a JSON object.
    pub(super) fn open(file: fs::File, name: String) -> Result<Self, ReferenceError> {
        let mut head = [0; 3];
        let mut records = Records {
            start: 0,
            layout: Layout::Jsonl,
            file,
            name,
        };
        let read = records.tail(0).read(&mut head);
        if read.map_err(|cause| records.unreadable(cause))? == 3 && head == BYTE_ORDER_MARK {
            records.start = 3;
        }
        let first = records.first_line();
        let first = first.map_err(|cause| records.unreadable(cause))?;
        if !matches!(first.trim_ascii_start().first(), None | Some(b'{' | b'[')) {
            records.layout = records.csv_layout(&first)?;
        }
        Ok(records)
    }

    fn csv_layout(&self, first: &[u8]) -> Result<Layout, ReferenceError> {
        let delimiter = delimiter_of(first);
        let mut header = ByteRecord::new();
        csv_reader(self.tail(self.start), delimiter, PASS_BUFFER)
            .read_byte_record(&mut header)
            .map_err(|error| self.csv_error(error))?;
        let columns = header
            .iter()
            .map(|name| std::str::from_utf8(name).map(column_name))
            .collect::<Result<_, _>>()
            .map_err(|_| self.malformed(1, "not UTF-8".to_owned()))?;
        Ok(Layout::Csv { delimiter, columns })
    }

    /// The first line that is not blank.
    fn first_line(&self) -> io::Result<Vec<u8>> {
        let mut reader = BufReader::new(self.tail(self.start).take(MAX_LINE_BYTES.into()));
        let mut line = Vec::new();
        while line.trim_ascii().is_empty() {
            line.clear();
            if reader.read_until(b'\n', &mut line)? == 0 {
                break;
            }
        }
        Ok(line)
    }

    /// One pass over the file: the texts at `path` of every document, with where it lies. Returns
    /// how many documents there are.
    pub(super) fn scan(
        &self,
        path: &str,
        mut each: impl FnMut(Span, &str),
    ) -> Result<u64, ReferenceError> {
        let mut documents = 0;
        match &self.layout {
            Layout::Jsonl => {
                let mut lines = self.lines();
                while let Some(span) = lines.next()? {
                    json::keys(&lines.line, path, |key| each(span, key))
                        .map_err(|cause| self.malformed(lines.number, cause))?;
                    documents += 1;
                }
            }
            Layout::Csv { delimiter, columns } => {
                let column = columns.iter().position(|name| name == path);
                let mut rows = self.rows(*delimiter)?;
                while let Some(span) = rows.next()? {
                    if let Some(key) = column.and_then(|column| rows.row.get(column)) {
                        each(span, key);
                    }
                    documents += 1;
                }
            }
        }
        Ok(documents)
    }

    /// The first documents.
    pub(super) fn first(&self, wanted: usize) -> Result<Vec<Node>, ReferenceError> {
        let mut documents = Vec::with_capacity(wanted);
        match &self.layout {
            Layout::Jsonl => {
                let mut lines = self.lines();
                while documents.len() < wanted && lines.next()?.is_some() {
                    let document = json::document(&lines.line, |_| true)
                        .map_err(|cause| self.malformed(lines.number, cause))?;
                    documents.push(document);
                }
            }
            Layout::Csv { delimiter, columns } => {
                let mut rows = self.rows(*delimiter)?;
                while documents.len() < wanted && rows.next()?.is_some() {
                    documents.push(row_document(columns, &rows.row, |_| true));
                }
            }
        }
        Ok(documents)
    }

    /// The document that lies there, as [`Records::scan`] said, only with those of its own fields
    /// whose name is `wanted`. `buffer` is for its text.
    pub(super) fn read(
        &self,
        span: Span,
        wanted: impl Fn(&str) -> bool,
        buffer: &mut Vec<u8>,
    ) -> Result<Node, ReferenceError> {
        let changed =
            || self.unreadable(io::Error::other("the file changed while it was being read"));
        buffer.resize(span.length as usize, 0);
        let read = self.file.read_exact_at(buffer, span.offset);
        read.map_err(|cause| match cause.kind() {
            io::ErrorKind::UnexpectedEof => changed(),
            _ => self.unreadable(cause),
        })?;
        match &self.layout {
            Layout::Jsonl => json::document(buffer, wanted).map_err(|_| changed()),
            Layout::Csv { delimiter, columns } => {
                let mut row = StringRecord::new();
                csv_reader(buffer.as_slice(), *delimiter, buffer.len())
                    .read_record(&mut row)
                    .map_err(|_| changed())?;
                Ok(row_document(columns, &row, wanted))
            }
        }
    }

    fn lines(&self) -> Lines<'_> {
        Lines {
            records: self,
            reader: BufReader::with_capacity(PASS_BUFFER, self.tail(self.start)),
            line: Vec::new(),
            next_offset: self.start,
            number: 0,
        }
    }

    fn rows(&self, delimiter: u8) -> Result<Rows<'_>, ReferenceError> {
        let mut rows = Rows {
            records: self,
            reader: csv_reader(self.tail(self.start), delimiter, PASS_BUFFER),
            row: StringRecord::new(),
        };
        // The header is no document.
        rows.next()?;
        Ok(rows)
    }

    fn tail(&self, offset: u64) -> Tail<'_> {
        Tail {
            file: &self.file,
            offset,
        }
    }

    fn unreadable(&self, cause: io::Error) -> ReferenceError {
        ReferenceError::File {
            file: self.name.clone(),
            cause,
        }
    }

    fn span(&self, offset: u64, length: u64, line: u64) -> Result<Span, ReferenceError> {
        match u32::try_from(length) {
            Ok(length) if length <= MAX_LINE_BYTES => Ok(Span { offset, length }),
            _ => Err(self.malformed(line, format!("longer than {MAX_LINE_BYTES} bytes"))),
        }
    }

    fn malformed(&self, line: u64, cause: String) -> ReferenceError {
        ReferenceError::Malformed {
            file: self.name.clone(),
            line,
            cause,
        }
    }

    fn csv_error(&self, error: csv::Error) -> ReferenceError {
        let line = error.position().map_or(0, csv::Position::line);
        match error.into_kind() {
            csv::ErrorKind::Io(cause) => self.unreadable(cause),
            csv::ErrorKind::Utf8 { .. } => self.malformed(line, "not UTF-8".to_owned()),
            _ => self.malformed(line, "not a CSV row".to_owned()),
        }
    }
}

/// The lines of a JSONL file that are not blank.
struct Lines<'r> {
    records: &'r Records,
    reader: BufReader<Tail<'r>>,
    line: Vec<u8>,
    next_offset: u64,
    number: u64,
}

impl Lines<'_> {
    /// Where the next line lies; its text is then in `line`, its number in `number`.
    fn next(&mut self) -> Result<Option<Span>, ReferenceError> {
        loop {
            self.line.clear();
            let read = (&mut self.reader)
                .take(u64::from(MAX_LINE_BYTES) + 1)
                .read_until(b'\n', &mut self.line)
                .map_err(|cause| self.records.unreadable(cause))? as u64;
            if read == 0 {
                return Ok(None);
            }
            self.number += 1;
            let span = self.records.span(self.next_offset, read, self.number)?;
            self.next_offset += read;
            if !self.line.trim_ascii_start().is_empty() {
                return Ok(Some(span));
            }
        }
    }
}

/// The rows of a CSV file.
struct Rows<'r> {
    records: &'r Records,
    reader: csv::Reader<Tail<'r>>,
    row: StringRecord,
}

impl Rows<'_> {
    /// Where the next row lies; its cells are then in `row`.
    fn next(&mut self) -> Result<Option<Span>, ReferenceError> {
        let begin = self.reader.position().clone();
        let read = self.reader.read_record(&mut self.row);
        if !read.map_err(|error| self.records.csv_error(error))? {
            return Ok(None);
        }
        let length = self.reader.position().byte() - begin.byte();
        let offset = self.records.start + begin.byte();
        self.records.span(offset, length, begin.line()).map(Some)
    }
}

/// Reads a file from an offset on, without a cursor that other readers would move.
struct Tail<'f> {
    file: &'f fs::File,
    offset: u64,
}

impl Read for Tail<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.offset)?;
        self.offset += read as u64;
        Ok(read)
    }
}

fn csv_reader<R: Read>(text: R, delimiter: u8, buffer: usize) -> csv::Reader<R> {
    ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        // Rows may be short; what is missing in them is blank.
        .flexible(true)
        .buffer_capacity(buffer)
        .from_reader(text)
}

fn row_document(columns: &[String], row: &StringRecord, wanted: impl Fn(&str) -> bool) -> Node {
    let cells = columns.iter().zip(row).filter(|(name, _)| wanted(name));
    let fields = cells.map(|(name, cell)| (name.clone(), Node::Text(cell.to_owned())));
    Node::Fields(fields.collect())
}

/// The likelier of `,` and `;`, by the header.
fn delimiter_of(header: &[u8]) -> u8 {
    let count = |delimiter| memchr_iter(delimiter, header).count();
    if count(b';') >= count(b',') {
        b';'
    } else {
        b','
    }
}

/// A header as a name that may be asked for: `Razão Social` is `Razao_Social`. Names that may be
/// asked for stay as they are.
fn column_name(header: &str) -> String {
    let mut name: String = header
        .trim()
        .nfd()
        .filter(|c| !unicode_normalization::char::is_combining_mark(*c))
        .map(|c| match c {
            'A'..='Z' | 'a'..='z' | '0'..='9' | '_' | '.' => c,
            _ => '_',
        })
        .take(MAX_NAME_CHARS)
        .collect();
    if name.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        name.insert(0, '_');
        name.truncate(MAX_NAME_CHARS);
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_become_names_that_may_be_asked_for() {
        for (header, name) in [
            ("CPF", "CPF"),
            (" contato.email ", "contato.email"),
            ("Razão Social", "Razao_Social"),
            ("CPF/CNPJ", "CPF_CNPJ"),
            ("1º telefone", "_1__telefone"),
        ] {
            assert_eq!(column_name(header), name);
            assert!(crate::reference::document::is_field_name(name));
        }
    }

    #[test]
    fn the_delimiter_is_the_one_the_header_has_more_of() {
        assert_eq!(delimiter_of(b"a;b,c;d"), b';');
        assert_eq!(delimiter_of(b"a,b"), b',');
        assert_eq!(delimiter_of(b"a"), b';');
    }
}

//! Rows of a text file in blocks, several of them split at the same time.
//!
//! A block ends where a line ends outside of quotes, as far as counting quotes tells. If splitting
//! one meets anything odd, it is read again with care ([`TextRecords`]), which says where the next
//! block begins. The rows are the same either way.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use csv::StringRecord;
use rayon::prelude::*;

use super::dialect::Dialect;
use super::records::{MOST_BYTES, MOST_LINES, TextRecords, fits_without_quotes};
use super::split::{Quotes, Split, quoted};
use crate::table::batch::BatchBuilder;
use crate::table::{Batch, Layout, TableError};

/// Bytes of a block.
const BLOCK: usize = 1024 * 1024;
/// Blocks split at the same time.
const AT_ONCE: usize = 4;
/// Records read with care before blocks are tried again.
const CARE: usize = 1024;

/// Some lines of the file.
struct Block {
    text: String,
    /// Its first line, from 1.
    line: u64,
    lines: u64,
}

pub(crate) struct Blocks {
    path: PathBuf,
    file: File,
    dialect: Dialect,
    layout: Arc<Layout>,
    /// Where the next block begins.
    offset: u64,
    line: u64,
    /// Read from the file beyond `offset`.
    carried: Vec<u8>,
    ended: bool,
    /// Bytes of a block; a block whose quotes never close grows to eight times that.
    size: usize,
}

impl Blocks {
    pub(crate) fn open(
        path: &Path,
        dialect: Dialect,
        layout: Arc<Layout>,
    ) -> Result<Self, TableError> {
        let mut file = File::open(path)?;
        let (offset, line) = (layout.offset, layout.first);
        file.seek(SeekFrom::Start(offset))?;
        Ok(Blocks {
            path: path.to_owned(),
            file,
            dialect,
            offset,
            line,
            carried: Vec::new(),
            ended: layout.tally.rows == 0,
            size: BLOCK,
            layout,
        })
    }

    pub(crate) fn bytes_read(&self) -> u64 {
        self.offset
    }

    /// Reads on; whether there may be more.
    pub(crate) fn read(&mut self, ready: &mut VecDeque<Batch>) -> Result<bool, TableError> {
        if self.ended || self.line > self.layout.last {
            return Ok(false);
        }
        let mut blocks = Vec::with_capacity(AT_ONCE);
        let mut line = self.line;
        while blocks.len() < AT_ONCE
            && let Some(block) = self.next_block(line)?
        {
            line += block.lines;
            blocks.push(block);
        }
        let (dialect, layout) = (self.dialect, &self.layout);
        let split: Vec<_> = blocks
            .par_iter()
            .map(|block| split(block, dialect, layout))
            .collect();
        let all = split.len();
        let mut done = 0;
        for (block, batches) in blocks.iter().zip(split) {
            let Some(batches) = batches? else { break };
            ready.extend(batches);
            self.offset += block.text.len() as u64;
            self.line += block.lines;
            done += 1;
        }
        if done < all || (all == 0 && !self.ended) {
            self.read_with_care(ready)?;
        }
        Ok(true)
    }

    /// Takes whole lines off the file; `None` at its end, or if it cannot be done.
    fn next_block(&mut self, line: u64) -> Result<Option<Block>, TableError> {
        let mut size = self.size;
        let end = loop {
            while self.carried.len() < size {
                let wanted = (size - self.carried.len()) as u64;
                if (&mut self.file)
                    .take(wanted)
                    .read_to_end(&mut self.carried)?
                    == 0
                {
                    break;
                }
            }
            let bytes = &self.carried;
            if bytes.len() < size {
                // The last of the file, with or without a line end.
                break bytes.len();
            }
            match block_end(&bytes[..size], self.dialect.quote) {
                Some(end) => break end,
                None if size >= 8 * self.size => return Ok(None),
                None => size *= 2,
            }
        };
        if end == 0 {
            self.ended = self.carried.is_empty();
            return Ok(None);
        }
        let rest = self.carried.split_off(end);
        let block = std::mem::replace(&mut self.carried, rest);
        let Ok(text) = String::from_utf8(block) else {
            let changed = std::io::Error::other("the file changed while it was read");
            return Err(TableError::Io(changed));
        };
        let lines = memchr::memchr_iter(b'\n', text.as_bytes()).count() as u64;
        Ok(Some(Block {
            lines: lines + u64::from(!text.ends_with('\n')),
            text,
            line,
        }))
    }

    fn read_with_care(&mut self, ready: &mut VecDeque<Batch>) -> Result<(), TableError> {
        let width = self.layout.usual;
        let mut records = TextRecords::resume(
            &self.path,
            self.offset,
            self.line,
            self.dialect,
            Some(width),
        )?;
        let mut record = StringRecord::new();
        let mut batch = BatchBuilder::new(&self.layout);
        let mut seen = 0;
        while seen < CARE && !batch.is_full() {
            let Some(met) = records.read(&mut record)? else {
                self.ended = true;
                break;
            };
            seen += 1;
            if met.line > self.layout.last {
                self.ended = true;
                break;
            }
            batch.record(met.line, &record, self.dialect.delimiter);
        }
        ready.extend(batch.finish()?);
        (self.offset, self.line) = (records.bytes_read(), records.next_line());
        self.file.seek(SeekFrom::Start(self.offset))?;
        self.carried.clear();
        Ok(())
    }
}

/// The last place behind a line end before which quotes are even.
fn block_end(bytes: &[u8], quote: u8) -> Option<usize> {
    let quotes = memchr::memchr_iter(quote, bytes).count();
    let mut end = memchr::memrchr(b'\n', bytes)? + 1;
    if quotes == 0 {
        return Some(end);
    }
    let mut before = memchr::memchr_iter(quote, &bytes[..end]).count();
    while before % 2 == 1 {
        let earlier = memchr::memrchr(b'\n', &bytes[..end - 1])? + 1;
        before -= memchr::memchr_iter(quote, &bytes[earlier..end]).count();
        end = earlier;
    }
    Some(end)
}

/// The rows of a block; `None` if anything in it wants care.
fn split(
    block: &Block,
    dialect: Dialect,
    layout: &Layout,
) -> Result<Option<Vec<Batch>>, TableError> {
    let text = block.text.as_str();
    let bytes = text.as_bytes();
    let returns = memchr::memchr_iter(b'\r', bytes).count();
    if returns > 0 && memchr::memmem::find_iter(bytes, b"\r\n").count() != returns {
        return Ok(None);
    }
    let mut batches = Vec::new();
    let mut batch = BatchBuilder::new(layout);
    let mut record = StringRecord::new();
    // Where the cells of a line end, delimiter excluded.
    let mut ends: Vec<usize> = Vec::with_capacity(layout.width + 1);
    let (mut at, mut line) = (0, block.line);
    while at < bytes.len() {
        let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |found| at + found);
        let next = (end + 1).min(bytes.len());
        let content = trimmed(&text[at..end]);
        if memchr::memchr(dialect.quote, content.as_bytes()).is_some() {
            let Some((next, lines)) = quoted_record(text, at, dialect, layout, &mut record) else {
                return Ok(None);
            };
            if line <= layout.last {
                batch.record(line, &record, dialect.delimiter);
            }
            (at, line) = (next, line + lines);
        } else {
            ends.clear();
            ends.extend(memchr::memchr_iter(dialect.delimiter, content.as_bytes()));
            ends.push(content.len());
            if ends.len() == 1 && layout.usual > 2 && !content.trim().is_empty() {
                return Ok(None);
            }
            if line <= layout.last {
                add_plain(&mut batch, layout, dialect, line, content, &ends);
            }
            (at, line) = (next, line + 1);
        }
        if batch.is_full() {
            let full = std::mem::replace(&mut batch, BatchBuilder::new(layout));
            batches.extend(full.finish()?);
        }
    }
    batches.extend(batch.finish()?);
    Ok(Some(batches))
}

fn trimmed(line: &str) -> &str {
    line.strip_suffix('\r').unwrap_or(line)
}

/// Adds a line without quotes, the cells of which end at `ends`.
fn add_plain(
    batch: &mut BatchBuilder<'_>,
    layout: &Layout,
    dialect: Dialect,
    line: u64,
    content: &str,
    ends: &[usize],
) {
    let filled = |byte: &u8| *byte != dialect.delimiter && !byte.is_ascii_whitespace();
    let first = content.as_bytes().iter().find(|byte| filled(byte));
    let doubtful = first.is_none_or(|byte| !byte.is_ascii());
    if doubtful || dialect.spaced || ends.len() > layout.width {
        let mut record = StringRecord::new();
        super::split::plain(content, dialect, &mut record);
        return batch.record(line, &record, dialect.delimiter);
    }
    if layout.has_row(line) {
        batch.row(line, |place| {
            let end = *ends.get(place)?;
            let start = place.checked_sub(1).map_or(0, |before| ends[before] + 1);
            Some(&content[start..end])
        });
    }
}

/// Splits a record with quotes, which may span lines; where the next begins and how many lines it
/// has. `None` if it wants care.
fn quoted_record(
    text: &str,
    at: usize,
    dialect: Dialect,
    layout: &Layout,
    record: &mut StringRecord,
) -> Option<(usize, u64)> {
    let bytes = text.as_bytes();
    record.clear();
    let (mut end, mut lines, mut field, mut searched) = (at, 0, 0, 0);
    loop {
        if end >= bytes.len() && lines > 0 {
            return None;
        }
        let stop = memchr::memchr(b'\n', &bytes[end..]).map_or(bytes.len(), |found| end + found);
        let content = trimmed(&text[at..stop]);
        end = (stop + 1).min(bytes.len());
        lines += 1;
        if lines > MOST_LINES as u64 || end - at > MOST_BYTES {
            return None;
        }
        match quoted(content, field, searched, dialect, Quotes::Strict, record) {
            Split::Done => {
                let own = memchr::memchr(dialect.delimiter, content.as_bytes());
                let odd = own.is_none() && layout.usual > 2;
                let joined = lines > 1 && fits_without_quotes(content, dialect, layout.usual);
                return (!odd && !joined).then_some((end, lines));
            }
            Split::Suspect => return None,
            Split::Open { field: open } => (field, searched) = (open, end - at),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;
    use crate::table::{Encoding, Form, Format, Source, inspect};

    /// The rows of a text, in blocks of that size, as text; blocks of no size are read with care.
    fn rows(text: &str, size: usize) -> Vec<String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let source = Source {
            name: None,
            path: file.path().to_owned(),
            form: Form::Text {
                encoding: Encoding::Utf8,
                skip: 0,
            },
            notes: Vec::new(),
        };
        let Ok(inspection) = inspect(&source, &mut |_, _| {}) else {
            return Vec::new();
        };
        let Format::Delimited { dialect, .. } = inspection.layout.format else {
            unreachable!("it is text")
        };
        let layout = Arc::new(inspection.layout);
        let mut blocks = Blocks::open(file.path(), dialect, layout.clone()).unwrap();
        blocks.size = size;
        let mut batches = VecDeque::new();
        if size > 0 {
            while blocks.read(&mut batches).unwrap() {}
        } else {
            while !blocks.ended {
                blocks.read_with_care(&mut batches).unwrap();
            }
        }
        let mut rows = Vec::new();
        for batch in batches {
            for (row, line) in batch.lines.iter().enumerate() {
                let cells = batch.frame.columns().iter();
                let cells: Vec<_> = cells.map(|cells| cells.str().unwrap().get(row)).collect();
                rows.push(format!("{line} {cells:?}"));
            }
            let rejected = batch.rejected.iter();
            rows.extend(rejected.map(|row| format!("{} {}", row.line, row.raw)));
        }
        rows.sort();
        rows
    }

    fn list() -> impl Strategy<Value = String> {
        let row = "[A-Z][a-z]{0,3};[0-9]{1,3};(|x|\"y;\n\"|\"z\"|\"\"\"w\"\"\")";
        let other = "(|;;|Nome;Valor;Obs|\";1;2|a;\"b;c|a;b\";c|1;2;3;4|1,2,3|1;2|[a;\"\r ]{1,6})";
        let line = prop_oneof![9 => row, 1 => other];
        let end = prop_oneof![9 => Just("\n"), 1 => Just("\r\n"), 1 => Just("\r")];
        proptest::collection::vec((line, end), 2..40).prop_map(|lines| {
            let lines = lines.into_iter().map(|(line, end)| line + end);
            format!("Nome;Valor;Obs\n{}", lines.collect::<String>())
        })
    }

    proptest! {
        #[test]
        fn blocks_hold_what_care_reads(text in list(), size in 1..200usize) {
            prop_assert_eq!(rows(&text, size), rows(&text, 0));
        }
    }
}

//! One pass over all records of a source: which tables are in it, and which records are no rows.

use std::collections::VecDeque;
use std::path::Path;

use csv::StringRecord;

use super::fast::Stretch;
use super::found::{Found, Recent, Table};
use super::glance::extent;
use super::header::{Header, find, is_comment};
use super::seen::{Records, Seen};
use super::stacked::{self, AHEAD, Opening};
use super::totals::{self, Sum};
use crate::table::text::dialect::Dialect;
use crate::table::text::records::TextRecords;
use crate::table::{Heading, Lines, NoteCode, TableError};

/// How many records are looked at for what.
#[derive(Debug, Clone, Copy)]
struct Pace {
    /// To find the header of the first table.
    head: usize,
    /// Read with care before the fast way is tried again; doubled where that does not pay.
    care: usize,
}

const USUAL: Pace = Pace {
    head: 200,
    care: 64,
};
const MOST_CARE: usize = 8192;

/// What is scanned.
pub(in crate::table) enum Of<'a> {
    /// A UTF-8 file with a byte-order mark of `skip` bytes.
    Text {
        path: &'a Path,
        skip: u64,
        dialect: Dialect,
        /// The width that most of its records have.
        width: usize,
        /// Its first line is Excel's hint.
        hinted: bool,
    },
    /// Rows of a sheet.
    Sheet { path: &'a Path },
}

/// Reads all of the source. One table at least, in the order of the file; one without a header is
/// the only one. Every `stride`-th row is kept as a sample; `progress` hears how many rows and
/// bytes were read so far.
pub(in crate::table) fn scan(
    of: &Of<'_>,
    heading: Heading,
    stride: u64,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Vec<Found>, TableError> {
    scan_at(USUAL, of, heading, stride, progress)
}

fn scan_at(
    pace: Pace,
    of: &Of<'_>,
    heading: Heading,
    stride: u64,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Vec<Found>, TableError> {
    let mut scan = Scan::open(of, stride, pace.head)?;
    scan.heading = heading;
    let mut tables = vec![scan.begin(None)?];
    let mut care = pace.care;
    let mut careful = 0;
    let mut before = 0;
    loop {
        if careful >= care && scan.queue.is_empty() {
            let table = scan.current(&mut tables)?;
            let gained = scan.hurry(table, &mut |rows, bytes| progress(before + rows, bytes))?;
            care = if gained < care as u64 {
                (care * 2).min(MOST_CARE.max(pace.care))
            } else {
                pace.care
            };
            careful = 0;
        }
        let Some(seen) = scan.next()? else { break };
        careful += 1;
        let table = scan.current(&mut tables)?;
        if careful % 1024 == 0 || careful == 1 {
            progress(before + table.rows(), scan.records.bytes_read());
        }
        if seen.gap {
            table.before_blank();
        }
        if (seen.gap || seen.cells.len() != table.width)
            && let Some(opening) = scan.opening(&seen, table)?
        {
            before += table.rows();
            scan.queue.push_front(seen);
            let table = scan.begin(Some(opening))?;
            tables.push(table);
            continue;
        }
        let spare = table.see(seen);
        scan.spare.extend(spare);
    }
    let trailing = std::mem::take(&mut scan.blanks);
    scan.current(&mut tables)?.blank(&trailing);
    for table in &mut tables {
        table.before_end();
        drop_sums(of, table)?;
    }
    Ok(tables.into_iter().map(Table::finish).collect())
}

struct Scan<'a> {
    of: &'a Of<'a>,
    records: Records,
    /// Read ahead.
    queue: VecDeque<Seen>,
    /// Used records, to be filled again.
    spare: Vec<Seen>,
    /// Blank lines behind the last record read.
    blanks: Lines,
    stride: u64,
    head: usize,
    heading: Heading,
}

impl<'a> Scan<'a> {
    fn open(of: &'a Of<'a>, stride: u64, head: usize) -> Result<Self, TableError> {
        let records = match of {
            Of::Text {
                path,
                skip,
                dialect,
                width,
                ..
            } => Records::Text(TextRecords::open(path, *skip, *dialect, Some(*width))?),
            Of::Sheet { path } => Records::spool(path)?,
        };
        Ok(Scan {
            of,
            records,
            queue: VecDeque::new(),
            spare: Vec::new(),
            blanks: Lines::default(),
            stride,
            head,
            heading: Heading::Found,
        })
    }

    fn current<'t>(&self, tables: &'t mut [Table]) -> Result<&'t mut Table, TableError> {
        tables.last_mut().ok_or(TableError::Empty)
    }

    fn exact(&self) -> bool {
        matches!(self.of, Of::Text { .. })
    }

    /// The next record that is not blank.
    fn next(&mut self) -> Result<Option<Seen>, TableError> {
        match self.queue.pop_front() {
            Some(seen) => Ok(Some(seen)),
            None => self.read(),
        }
    }

    fn read(&mut self) -> Result<Option<Seen>, TableError> {
        let mut seen = self.spare.pop().unwrap_or_default();
        let mut before = 0;
        while self.records.read(&mut seen)? {
            if seen.blank {
                self.blanks.add(seen.line);
                before = seen.line;
                continue;
            }
            seen.gap |= before > 0 || !self.blanks.is_empty();
            seen.blanks = std::mem::take(&mut self.blanks);
            return Ok(Some(seen));
        }
        self.spare.push(seen);
        Ok(None)
    }

    /// Reads ahead so that `count` records are known, as far as there are so many.
    fn look_ahead(&mut self, count: usize) -> Result<(), TableError> {
        while self.queue.len() < count {
            match self.read()? {
                Some(seen) => self.queue.push_back(seen),
                None => break,
            }
        }
        Ok(())
    }

    fn opening(&mut self, seen: &Seen, table: &Table) -> Result<Option<Opening>, TableError> {
        // Rows of a sheet are as wide as they are filled.
        if !(seen.gap || self.exact()) || self.heading == Heading::Absent {
            return Ok(None);
        }
        self.look_ahead(AHEAD)?;
        let next = self.queue.make_contiguous();
        let next = &next[..next.len().min(AHEAD)];
        Ok(stacked::opening(seen, next, &table.fields, table.width))
    }

    /// Takes title and header of a table from what is ahead.
    fn begin(&mut self, opening: Option<Opening>) -> Result<Table, TableError> {
        let exact = self.exact();
        self.look_ahead(if opening.is_some() { AHEAD } else { self.head })?;
        let mut hint = None;
        if let (None, Of::Text { hinted: true, .. }) = (opening, self.of) {
            hint = self.queue.pop_front();
        }
        if self.queue.is_empty() {
            return Err(TableError::Empty);
        }
        let heading = self.heading;
        let head = self.queue.make_contiguous();
        let found = |head: &[Seen], width| match heading {
            Heading::Found => find(head, width, exact),
            Heading::Absent => Header { first: 0, rows: 0 },
        };
        let (width, header) = match (opening, self.of) {
            (None, Of::Text { width, .. }) => {
                let width = stacked::first_width(head, *width);
                (width, found(head, width))
            }
            (None, Of::Sheet { .. }) => {
                let width = usual_extent(head);
                (width, found(head, width))
            }
            (Some(opening), _) => {
                let first = usize::from(opening == Opening::Title);
                let width = extent(&head[first].cells);
                (width, Header { first, rows: 1 })
            }
        };
        let behind = (header.first + header.rows).min(head.len());
        let mut table = Table::new(&head[header.first..behind], width, exact, self.stride);
        if let Some(hint) = hint {
            table.note(NoteCode::DicaSep, hint.line);
        }
        for seen in self.queue.drain(..behind) {
            table.blank(&seen.blanks);
            if seen.line < table.header_line() {
                let comment = is_comment(&seen.cells, width);
                let code = if comment {
                    NoteCode::Comentario
                } else {
                    NoteCode::Preambulo
                };
                table.note(code, seen.line);
            }
            self.spare.push(seen);
        }
        if let Some(first) = self.queue.front() {
            table.starts_at(first.line, first.offset);
        }
        Ok(table)
    }

    /// Passes over plain rows as fast as can be. How many; those at the end are left to be read
    /// with care, because something may follow that says they are no rows.
    fn hurry(
        &mut self,
        table: &mut Table,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<u64, TableError> {
        let (
            Of::Text {
                path,
                dialect,
                width,
                ..
            },
            Records::Text(records),
        ) = (self.of, &mut self.records)
        else {
            return Ok(0);
        };
        if table.width != *width || !self.blanks.is_empty() {
            return Ok(0);
        }
        let stretch = Stretch {
            path,
            dialect: *dialect,
            offset: records.bytes_read(),
            line: records.next_line(),
        };
        let passed = stretch.pass(table, progress)?;
        if passed.rows > 0 {
            *records =
                TextRecords::resume(path, passed.offset, passed.line, *dialect, Some(*width))?;
        }
        Ok(passed.rows)
    }
}

/// The number of cells that rows of a sheet reach to: blanks at the end of a row are not written.
fn usual_extent(head: &[Seen]) -> usize {
    let mut extents: Vec<_> = head.iter().map(|seen| extent(&seen.cells)).collect();
    extents.sort_unstable();
    // A stray note far to the right is no column.
    extents
        .get(extents.len() * 9 / 10)
        .copied()
        .unwrap_or(1)
        .max(1)
}

/// Drops the last rows that add up those above them.
fn drop_sums(of: &Of<'_>, table: &mut Table) -> Result<(), TableError> {
    let candidates: Vec<(u64, StringRecord, Vec<usize>)> = table
        .recent()
        .map(|recent: &Recent| (recent.seen.line, &recent.seen.cells))
        .map(|(line, cells)| (line, cells.clone(), totals::summed_columns(cells)))
        .filter(|(_, _, columns)| !columns.is_empty())
        .collect();
    let Some(until) = candidates.last().map(|(line, ..)| *line) else {
        return Ok(());
    };
    let mut sums = vec![Sum::default(); table.width];
    let mut said = Vec::new();
    let mut scan = Scan::open(of, 1, 0)?;
    while let Some(seen) = scan.read()? {
        if seen.line > until {
            break;
        }
        if let Some((line, cells, columns)) =
            candidates.iter().find(|(line, ..)| *line == seen.line)
        {
            let all = columns.iter().all(|place| {
                sums.get(*place)
                    .is_some_and(|sum| sum.is_said_by(&cells[*place]))
            });
            if all {
                said.push(*line);
                continue;
            }
        }
        if table.is_row(seen.line) {
            for (sum, cell) in sums.iter_mut().zip(seen.cells.iter()) {
                sum.add(cell);
            }
        }
        scan.spare.push(seen);
    }
    table.drop_totals(&said);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;
    use crate::table::text::dialect;

    /// What a scan of the text finds, as text.
    fn found(text: &str, care: usize) -> String {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let path = file.path().to_owned();
        let choice = dialect::detect(&path, 0).unwrap();
        let of = Of::Text {
            path: &path,
            skip: 0,
            dialect: choice.dialect,
            width: choice.width,
            hinted: choice.hinted,
        };
        let pace = Pace { head: 8, care };
        match scan_at(pace, &of, Heading::Found, 3, &mut |_, _| {}) {
            Ok(found) => format!("{found:#?}"),
            Err(error) => error.to_string(),
        }
    }

    /// Lines of a list: most of them rows, some of them anything.
    fn list() -> impl Strategy<Value = String> {
        let row = "[A-Z][a-zé]{0,3};[0-9]{1,3};(|x|\"y;\n\"|\"z\")";
        let other = "(|;;| ;;|Nome;Valor;Obs|Total;12;|#nota|\";1;2|a;b|1;2;3;4|1;2;3;|;9;|Fonte: x|[a;\"\r ]{1,6})";
        let line = prop_oneof![12 => row, 2 => other];
        let end = prop_oneof![9 => Just("\n"), 2 => Just("\r\n"), 1 => Just("\r")];
        let lines = proptest::collection::vec((line, end), 0..60);
        (lines, 0..3usize).prop_map(|(lines, header)| {
            let header = ["Nome;Valor;Obs\n", "Lista\n\nNome;Valor;Obs\n", ""][header];
            let lines = lines.into_iter().map(|(line, end)| line + end);
            // Enough plain rows that there is something to hurry over.
            let plain = "Ana;1;x\n".repeat(30);
            format!("{header}{plain}{}{plain}", lines.collect::<String>())
        })
    }

    proptest! {
        #[test]
        fn hurrying_finds_what_care_finds(text in list()) {
            prop_assert_eq!(found(&text, 1), found(&text, usize::MAX));
        }
    }

    #[test]
    fn every_line_of_a_file_is_told_somewhere() {
        let text = "Lista\n\nNome;CPF;UF\nAna;1;SP\nBia;2;RJ\nCaio;3;SP\n\nVendas\n\nProduto;Valor\nLápis;10\nCaneta;20\n\nFonte: nós\n";
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let source = crate::table::Source {
            name: None,
            path: file.path().to_owned(),
            form: crate::table::Form::Text {
                encoding: crate::table::Encoding::Utf8,
                skip: 0,
            },
            notes: Vec::new(),
        };
        let inspection = crate::table::inspect(&source, &mut |_, _| {}).unwrap();
        let notes = inspection.layout.notes.iter();
        let told: Vec<_> = notes
            .map(|note| (note.code.code(), note.lines.ranges().to_vec()))
            .collect();
        let expected = [
            ("preambulo", vec![(1, 1)]),
            ("linha_em_branco", vec![(2, 2)]),
            ("outra_tabela", vec![(7, 14)]),
        ];
        assert_eq!(told, expected);
        assert_eq!(
            (
                inspection.layout.header_line(),
                inspection.layout.tally.rows
            ),
            (3, 3)
        );
    }

    #[test]
    fn of_several_tables_each_is_found() {
        let text =
            "Nome;CPF;UF\nAna;1;SP\nBia;2;RJ\n\nVendas\nProduto;Valor\nLápis;10\nCaneta;20\n";
        let found = found(text, 1);
        assert!(found.contains("\"Produto\""), "{found}");
        assert!(found.contains("\"CPF\""), "{found}");
    }
}

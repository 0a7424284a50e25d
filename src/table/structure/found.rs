//! A table of a source: what is known of it while it is scanned, and in the end.

use std::collections::{BTreeMap, VecDeque};

use csv::StringRecord;

use super::glance::{extent, repeats};
use super::header::{is_comment, names, unique};
use super::seen::Seen;
use super::totals;
use crate::table::text::records::Mended;
use crate::table::{Lines, Note, NoteCode};

/// Totals and footers are looked for among so many rows at the end.
const LAST_ROWS: usize = 10;

/// A table that was found.
#[derive(Debug, Clone)]
pub(in crate::table) struct Found {
    /// The lines its header is made of; empty if there is none.
    pub(in crate::table) header: Vec<u64>,
    /// Unique names of its columns, and whether the header had them.
    pub(in crate::table) names: Vec<String>,
    pub(in crate::table) named: Vec<bool>,
    /// Cells of the header's own records; 0 if there is none.
    pub(in crate::table) headed: usize,
    /// Whether any row has something in the column.
    pub(in crate::table) filled: Vec<bool>,
    /// The line of its first row, and where that begins in a text file.
    pub(in crate::table) first: u64,
    pub(in crate::table) offset: u64,
    pub(in crate::table) last: u64,
    /// Lines between these that are no rows.
    pub(in crate::table) skipped: Lines,
    pub(in crate::table) rows: u64,
    /// Ascending by code.
    pub(in crate::table) notes: BTreeMap<NoteCode, Lines>,
    /// Some of its rows, evenly spread.
    pub(in crate::table) sample: Vec<StringRecord>,
}

/// One of the last rows: it may still turn out to be a total.
#[derive(Debug)]
pub(super) struct Recent {
    pub(super) seen: Seen,
    /// It turned out to be one.
    total: bool,
}

/// A table while it is scanned.
#[derive(Debug)]
pub(super) struct Table {
    header: Vec<StringRecord>,
    /// The last row of the header; empty if there is none.
    pub(super) fields: StringRecord,
    /// Cells that rows usually have.
    pub(super) width: usize,
    /// Columns it has at least: names, or the usual width.
    columns: usize,
    exact: bool,
    stride: u64,
    recent: VecDeque<Recent>,
    /// Columns that no row has filled yet.
    unfilled: Vec<usize>,
    found: Found,
}

impl Table {
    pub(super) fn new(header: &[Seen], width: usize, exact: bool, stride: u64) -> Self {
        let (names, mended) = names(header, width);
        let columns = names.len().max(width);
        let lines: Vec<_> = header.iter().map(|seen| seen.line).collect();
        let headed = header
            .iter()
            .map(|seen| seen.cells.len())
            .max()
            .unwrap_or(0);
        let mut notes = BTreeMap::new();
        if header.is_empty() {
            notes.insert(NoteCode::SemCabecalho, Lines::default());
        }
        if header.len() > 1 {
            notes.insert(NoteCode::CabecalhoMultiplo, lines.iter().copied().collect());
        }
        if exact && (1..width).contains(&headed) {
            notes.insert(NoteCode::CabecalhoCurto, lines.iter().copied().collect());
        }
        if mended {
            notes.insert(
                NoteCode::CabecalhoCorrigido,
                lines.iter().copied().collect(),
            );
        }
        let records: Vec<_> = header.iter().map(|seen| seen.cells.clone()).collect();
        Table {
            fields: records.last().cloned().unwrap_or_default(),
            header: records,
            width,
            columns,
            exact,
            stride,
            recent: VecDeque::with_capacity(LAST_ROWS + 1),
            unfilled: (0..columns).collect(),
            found: Found {
                first: lines.last().map_or(1, |line| line + 1),
                last: lines.last().copied().unwrap_or_default(),
                header: lines,
                named: names.iter().map(|name| !name.is_empty()).collect(),
                names,
                headed,
                filled: Vec::new(),
                offset: 0,
                skipped: Lines::default(),
                rows: 0,
                notes,
                sample: Vec::new(),
            },
        }
    }

    /// The first line of the header, or of the rows if there is none.
    pub(super) fn header_line(&self) -> u64 {
        self.found.header.first().copied().unwrap_or(u64::MAX)
    }

    pub(super) fn starts_at(&mut self, line: u64, offset: u64) {
        (self.found.first, self.found.offset) = (line, offset);
    }

    pub(super) fn rows(&self) -> u64 {
        self.found.rows
    }

    pub(super) fn note(&mut self, code: NoteCode, line: u64) {
        self.found.notes.entry(code).or_default().add(line);
    }

    /// Blank lines.
    pub(super) fn blank(&mut self, lines: &Lines) {
        for (first, last) in lines.ranges() {
            (*first..=*last).for_each(|line| self.note(NoteCode::LinhaEmBranco, line));
        }
    }

    fn skip(&mut self, code: NoteCode, line: u64) {
        self.note(code, line);
        self.found.skipped.add(line);
    }

    /// Takes in a record that is not blank. What is given back can be filled again.
    pub(super) fn see(&mut self, seen: Seen) -> Option<Seen> {
        let blanks = seen.blanks.clone();
        self.blank(&blanks);
        if !seen.invalid {
            if self.exact && is_comment(&seen.cells, self.width) {
                self.skip(NoteCode::Comentario, seen.line);
                return Some(seen);
            }
            if self.repeats_header(&seen.cells) {
                self.skip(NoteCode::CabecalhoRepetido, seen.line);
                return Some(seen);
            }
        }
        self.recent.push_back(Recent { seen, total: false });
        if self.recent.len() > LAST_ROWS {
            return self.settle_oldest();
        }
        None
    }

    pub(super) fn repeats_header(&self, record: &StringRecord) -> bool {
        self.header.iter().any(|header| repeats(record, header))
    }

    /// The next record stands behind something blank: a total may stand before that.
    pub(super) fn before_blank(&mut self) {
        if let Some(last) = self.recent.back_mut() {
            last.total |= totals::by_words(&last.seen.cells, self.width);
        }
    }

    /// The table has ended.
    pub(super) fn before_end(&mut self) {
        // A line of text below everything, apart from it, belongs to no column.
        for recent in self.recent.iter_mut().rev() {
            let apart = recent.seen.gap && recent.seen.cells.len() == 1 && self.width > 2;
            if !(self.exact && apart) {
                break;
            }
            recent.total = true;
        }
        for recent in &mut self.recent {
            recent.total |= totals::by_words(&recent.seen.cells, self.width);
        }
    }

    /// The last rows, as far as they are not totals yet.
    pub(super) fn recent(&self) -> impl Iterator<Item = &Recent> {
        self.recent.iter().filter(|recent| !recent.total)
    }

    /// These of the last rows are totals.
    pub(super) fn drop_totals(&mut self, lines: &[u64]) {
        for recent in &mut self.recent {
            recent.total |= lines.contains(&recent.seen.line);
        }
    }

    /// Whether the record on this line is a row, as far as is known.
    pub(super) fn is_row(&self, line: u64) -> bool {
        let total = |recent: &Recent| recent.total && recent.seen.line == line;
        line >= self.found.first
            && !self.found.skipped.contains(line)
            && !self.recent.iter().any(total)
    }

    fn settle_oldest(&mut self) -> Option<Seen> {
        let Recent { seen, total } = self.recent.pop_front()?;
        if total {
            self.skip(NoteCode::LinhaTotal, seen.line);
            return Some(seen);
        }
        self.found.last = seen.line;
        match seen.mended {
            Some(Mended::Quotes) => self.note(NoteCode::AspasDesbalanceadas, seen.line),
            Some(Mended::Delimiter) => self.note(NoteCode::DelimitadorDivergente, seen.line),
            None => {}
        }
        if seen.invalid {
            self.note(NoteCode::LinhaInvalida, seen.line);
            self.found.rows += 1;
            return Some(seen);
        }
        if self.exact && seen.cells.len() < self.columns {
            self.note(NoteCode::LinhaCurta, seen.line);
        }
        if extent(&seen.cells) > self.columns {
            self.note(NoteCode::LinhaLonga, seen.line);
            self.found.rows += 1;
            return Some(seen);
        }
        self.fill(&seen.cells);
        if self.samples(self.found.rows) {
            self.found.sample.push(seen.cells.clone());
        }
        self.found.rows += 1;
        Some(seen)
    }

    /// Whether the row of this number, from 0, is one of the sample.
    pub(super) fn samples(&self, row: u64) -> bool {
        row.is_multiple_of(self.stride)
    }

    /// Notes which columns the row fills.
    pub(super) fn fill(&mut self, cells: &StringRecord) {
        let blank = |place: &usize| cells.get(*place).is_none_or(|cell| cell.trim().is_empty());
        self.unfilled.retain(blank);
    }

    /// Places of the columns that no row has filled yet.
    pub(super) fn unfilled(&self) -> &[usize] {
        &self.unfilled
    }

    /// A row fills the column at `index` among the unfilled ones.
    pub(super) fn fill_place(&mut self, index: usize) {
        self.unfilled.remove(index);
    }

    /// Rows that were counted elsewhere, among which are these of the sample; the last stands on
    /// `last`. They have the usual width.
    pub(super) fn pass_over(&mut self, rows: u64, lines: (u64, u64), sample: Vec<StringRecord>) {
        while self.settle_oldest().is_some() {}
        if self.width < self.columns {
            let short = self.found.notes.entry(NoteCode::LinhaCurta).or_default();
            (lines.0..=lines.1).for_each(|line| short.add(line));
        }
        self.found.rows += rows;
        self.found.last = lines.1;
        self.found.sample.extend(sample);
    }

    /// The number that the next row will have, from 0.
    pub(super) fn next_row(&self) -> u64 {
        self.found.rows + self.recent().count() as u64
    }

    pub(super) fn finish(mut self) -> Found {
        while self.settle_oldest().is_some() {}
        let columns = self.columns;
        let mut found = self.found;
        found.names.resize(columns, String::new());
        found.named.resize(columns, false);
        found.names = unique(&found.names);
        found.filled = (0..columns)
            .map(|place| !self.unfilled.contains(&place))
            .collect();
        let skipped = [
            NoteCode::Comentario,
            NoteCode::CabecalhoRepetido,
            NoteCode::LinhaTotal,
        ];
        let codes = skipped.iter().filter_map(|code| found.notes.get(code));
        found.skipped = codes.flat_map(Lines::iter).collect();
        found
    }
}

impl Found {
    /// The lines of a note.
    pub(in crate::table) fn lines(&self, code: NoteCode) -> Lines {
        self.notes.get(&code).cloned().unwrap_or_default()
    }

    /// Its notes, in the order of their codes.
    pub(in crate::table) fn take_notes(&mut self) -> Vec<Note> {
        let notes = std::mem::take(&mut self.notes).into_iter();
        notes
            .map(|(code, lines)| Note::of_lines(code, lines))
            .collect()
    }
}

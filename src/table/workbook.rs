//! Workbooks: choosing the sheet, and reading its rows as text.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use calamine::{Cell, DataRef, Reader as _, SheetType, Xlsx, XlsxError, open_workbook};
use csv::StringRecord;

use super::TableError;

type Row = (u64, StringRecord);
type Chunk = Result<Vec<Row>, TableError>;

/// Rows handed over at a time.
const CHUNK_ROWS: usize = 1024;

/// The sheet with the most filled cells; the first of equals.
pub(super) fn fullest_sheet(path: &Path) -> Result<String, TableError> {
    let mut workbook: Xlsx<_> = open_workbook(path).map_err(broken)?;
    let sheets: Vec<_> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .collect();
    if let [only] = sheets.as_slice() {
        return Ok(only.clone());
    }
    let mut best: Option<(u64, String)> = None;
    for name in sheets {
        let mut cells = workbook.worksheet_cells_reader(&name).map_err(broken)?;
        let mut filled = 0;
        while let Some(cell) = cells.next_cell().map_err(broken)? {
            filled += u64::from(*cell.get_value() != DataRef::Empty);
        }
        if best.as_ref().is_none_or(|(most, _)| filled > *most) {
            best = Some((filled, name));
        }
    }
    best.map(|(_, name)| name).ok_or(TableError::Empty)
}

/// The first row with any value.
pub(super) fn first_row(path: &Path, sheet: &str) -> Result<Option<Row>, TableError> {
    let mut rows = Records::open(path, sheet);
    let mut record = StringRecord::new();
    Ok(rows.read(&mut record)?.map(|line| (line, record)))
}

/// Rows of one sheet. A thread of its own parses the sheet: its cells borrow the workbook.
pub(super) struct Records {
    chunks: Receiver<Chunk>,
    pending: std::vec::IntoIter<Row>,
}

impl Records {
    pub(super) fn open(path: &Path, sheet: &str) -> Self {
        let (sender, chunks) = sync_channel(4);
        let (path, sheet) = (path.to_owned(), sheet.to_owned());
        thread::spawn(move || {
            if let Err(error) = send_rows(&path, &sheet, &sender) {
                // The reader may have gone already; then nobody needs to know.
                let _ = sender.send(Err(error));
            }
        });
        Records {
            chunks,
            pending: Vec::new().into_iter(),
        }
    }

    /// The next row with any value and its number from 1; `None` at the end.
    pub(super) fn read(&mut self, record: &mut StringRecord) -> Result<Option<u64>, TableError> {
        loop {
            if let Some((line, row)) = self.pending.next() {
                *record = row;
                return Ok(Some(line));
            }
            match self.chunks.recv() {
                Ok(chunk) => self.pending = chunk?.into_iter(),
                Err(_) => return Ok(None),
            }
        }
    }
}

fn send_rows(path: &PathBuf, sheet: &str, sender: &SyncSender<Chunk>) -> Result<(), TableError> {
    let mut workbook: Xlsx<_> = open_workbook(path).map_err(broken)?;
    let mut cells = workbook.worksheet_cells_reader(sheet).map_err(broken)?;
    let mut chunk = Vec::with_capacity(CHUNK_ROWS);
    let mut current: Option<Row> = None;
    while let Some(cell) = cells.next_cell().map_err(broken)? {
        let text = text_of(&cell);
        if text.is_empty() {
            continue;
        }
        let (row, column) = cell.get_position();
        let line = u64::from(row) + 1;
        if current.as_ref().is_none_or(|(open, _)| *open != line) {
            chunk.extend(current.take());
            if chunk.len() >= CHUNK_ROWS {
                let full = std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK_ROWS));
                if sender.send(Ok(full)).is_err() {
                    return Ok(());
                }
            }
        }
        let (_, record) = current.get_or_insert_with(|| (line, StringRecord::new()));
        while record.len() < column as usize {
            record.push_field("");
        }
        record.push_field(&text);
    }
    chunk.extend(current);
    let _ = sender.send(Ok(chunk));
    Ok(())
}

/// The cell as a person sees it: whole numbers without point or exponent, Brazilian dates.
fn text_of(cell: &Cell<DataRef<'_>>) -> String {
    match cell.get_value() {
        DataRef::Empty => String::new(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => float_text(*number),
        DataRef::Bool(true) => "VERDADEIRO".to_owned(),
        DataRef::Bool(false) => "FALSO".to_owned(),
        DataRef::DateTime(moment) if moment.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
            let date = format!("{day:02}/{month:02}/{year:04}");
            match (hour, minute, second) {
                (0, 0, 0) => date,
                _ => format!("{date} {hour:02}:{minute:02}:{second:02}"),
            }
        }
        DataRef::DateTime(duration) => float_text(duration.as_f64()),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => error.to_string(),
    }
}

/// Rust writes floats in the shortest exact form and never with an exponent.
fn float_text(number: f64) -> String {
    number.to_string().replace('.', ",")
}

fn broken(error: XlsxError) -> TableError {
    // The library's own texts may quote cells; the kind of damage is enough.
    TableError::Workbook(match error {
        XlsxError::Io(error) => error.to_string(),
        XlsxError::Zip(_) => "the archive is damaged".to_owned(),
        XlsxError::Password => "it is protected by a password".to_owned(),
        XlsxError::FileNotFound(part) => format!("`{part}` is missing in it"),
        XlsxError::WorksheetNotFound(_) => "a sheet it names is missing".to_owned(),
        _ => "its contents are damaged".to_owned(),
    })
}

//! XLS, XLSB and ODS, as calamine reads them.
//!
//! Number formats, except that a number is a date, and hidden rows are not told; merged ranges
//! are for XLS only.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use calamine::{
    DataType, Ods, OdsError, Range, Reader, SheetType, SheetVisible, Xls, XlsError, Xlsb, XlsbError,
};

use super::archive::{self, Archive, protected};
use super::merges::Merge;
use super::number::{push_date, push_float, push_iso, push_time};
use super::sheet::{MOST_COLUMNS, Sheet, SheetWriter};
use super::xml::damaged;
use super::{spool, written};
use crate::table::TableError;
use crate::values::date::System;

/// Sheets in the workbook's order, and whether it counts days from 1904.
type Sheets = (Vec<Sheet>, bool);

pub(super) fn xls(source: &Path, folder: &Path) -> Result<Sheets, TableError> {
    // A newer workbook with a password comes in the same container as an old one without.
    if let Ok(container) = cfb::open(source)
        && container.exists("EncryptionInfo")
    {
        return Err(protected());
    }
    let mut workbook: Xls<_> = Xls::new(open(source)?).map_err(broken_xls)?;
    let is_1904 = workbook.has_1904_epoch();
    let listed = listed(workbook.sheets_metadata());
    let sheets = listed.into_iter().map(|(place, name, is_hidden)| {
        let range = workbook.worksheet_range(&name).map_err(broken_xls)?;
        let merges = workbook.merge_cells_by_sheet_name(&name);
        let merges = merges.unwrap_or_default().into_iter().map(|merged| Merge {
            top: u64::from(merged.start.0) + 1,
            bottom: u64::from(merged.end.0) + 1,
            left: merged.start.1,
            right: merged.end.1,
        });
        let merges: Vec<_> = merges.collect();
        written(&spool(folder, place), &name, is_hidden, |writer| {
            write_range(&range, system(is_1904), writer)?;
            Ok(merges.clone())
        })
    });
    Ok((sheets.collect::<Result<_, _>>()?, is_1904))
}

pub(super) fn xlsb(source: &Path, folder: &Path) -> Result<Sheets, TableError> {
    Archive::open(source)?;
    let mut workbook: Xlsb<_> = Xlsb::new(open(source)?).map_err(broken_xlsb)?;
    let is_1904 = workbook.has_1904_epoch();
    let listed = listed(workbook.sheets_metadata());
    let sheets = listed.into_iter().map(|(place, name, is_hidden)| {
        written(&spool(folder, place), &name, is_hidden, |writer| {
            let mut cells = workbook
                .worksheet_cells_reader(&name)
                .map_err(broken_xlsb)?;
            let mut row = None;
            while let Some(cell) = cells.next_cell().map_err(broken_xlsb)? {
                let (number, column) = cell.get_position();
                if row != Some(number) {
                    writer.end()?;
                    writer.begin(Some(u64::from(number) + 1), false);
                    row = Some(number);
                }
                write_cell(cell.get_value(), column, system(is_1904), writer)?;
            }
            writer.end()?;
            Ok(Vec::new())
        })
    });
    Ok((sheets.collect::<Result<_, _>>()?, is_1904))
}

pub(super) fn ods(source: &Path, folder: &Path) -> Result<Sheets, TableError> {
    Archive::open(source)?;
    let mut workbook: Ods<_> = Ods::new(open(source)?).map_err(broken_ods)?;
    let listed = listed(workbook.sheets_metadata());
    let sheets = listed.into_iter().map(|(place, name, is_hidden)| {
        let range = workbook.worksheet_range(&name).map_err(broken_ods)?;
        written(&spool(folder, place), &name, is_hidden, |writer| {
            write_range(&range, System::From1900, writer)?;
            Ok(Vec::new())
        })
    });
    Ok((sheets.collect::<Result<_, _>>()?, false))
}

fn open(source: &Path) -> Result<BufReader<File>, TableError> {
    Ok(BufReader::new(File::open(source)?))
}

fn system(is_1904: bool) -> System {
    if is_1904 {
        System::From1904
    } else {
        System::From1900
    }
}

/// Place, name, and whether it is hidden, of each sheet with cells.
fn listed(sheets: &[calamine::Sheet]) -> Vec<(usize, String, bool)> {
    let with_cells = sheets
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let listed = with_cells.enumerate().map(|(place, sheet)| {
        let is_hidden = sheet.visible != SheetVisible::Visible;
        (place, sheet.name.clone(), is_hidden)
    });
    listed.collect()
}

fn write_range<T: DataType + calamine::CellType>(
    range: &Range<T>,
    system: System,
    writer: &mut SheetWriter,
) -> Result<(), TableError> {
    let Some((first_row, first_column)) = range.start() else {
        return Ok(());
    };
    for (number, row) in (u64::from(first_row) + 1..).zip(range.rows()) {
        writer.begin(Some(number), false);
        for (column, value) in (first_column..).zip(row) {
            write_cell(value, column, system, writer)?;
        }
        writer.end()?;
    }
    Ok(())
}

fn write_cell(
    value: &impl DataType,
    column: u32,
    system: System,
    writer: &mut SheetWriter,
) -> Result<(), TableError> {
    if value.is_empty() {
        return Ok(());
    }
    if column >= MOST_COLUMNS {
        let what = format!("a cell of it lies beyond column {MOST_COLUMNS}");
        return Err(TableError::Hostile(what.into()));
    }
    let out = writer.text();
    let mut is_imprecise = false;
    if let Some(text) = value.get_string() {
        out.push_str(text);
    } else if let Some(number) = value.get_int() {
        out.push_str(&number.to_string());
    } else if let Some(number) = value.get_float() {
        is_imprecise = push_float(out, number);
    } else if let Some(truth) = value.get_bool() {
        out.push_str(if truth { "VERDADEIRO" } else { "FALSO" });
    } else if let Some(moment) = value.get_datetime() {
        let number = moment.as_f64();
        let shown = if moment.is_duration() || (0.0..1.0).contains(&number) {
            push_time(out, number)
        } else {
            push_date(out, number, system)
        };
        if !shown {
            push_float(out, number);
        }
    } else if let Some(text) = value.get_datetime_iso().or(value.get_duration_iso()) {
        push_iso(out, text);
    } else if let Some(error) = value.get_error() {
        out.push_str(&error.to_string());
    }
    writer.place(column, is_imprecise);
    Ok(())
}

// The library's own texts may quote cells; the kind of damage is enough.

fn broken_xls(error: XlsError) -> TableError {
    match error {
        XlsError::Io(error) => archive::unread(&error),
        XlsError::Password => protected(),
        _ => damaged(),
    }
}

fn broken_xlsb(error: XlsbError) -> TableError {
    match error {
        XlsbError::Io(error) => archive::unread(&error),
        XlsbError::Zip(error) => archive::broken(error),
        XlsbError::Password => protected(),
        _ => damaged(),
    }
}

fn broken_ods(error: OdsError) -> TableError {
    match error {
        OdsError::Io(error) => archive::unread(&error),
        OdsError::Zip(error) => archive::broken(error),
        OdsError::Password => protected(),
        OdsError::CellLimitExceeded { .. } => {
            TableError::Hostile("it repeats its cells beyond any list".into())
        }
        _ => damaged(),
    }
}

//! Workbooks: their sheets become spools, their cells the texts a person sees in them.
//!
//! XLSX and XLSM are read as a stream, so that their size does not matter; XLS, XLSB and ODS by
//! calamine, which holds a sheet in memory and tells neither hidden rows nor number formats.

mod archive;
mod binary;
mod escapes;
mod format;
mod merges;
mod number;
mod sheet;
#[cfg(test)]
mod tests;
mod xlsx;
mod xml;

use std::fs;
use std::path::{Path, PathBuf};

use self::merges::Falling;
use self::sheet::{Sheet, SheetWriter};
use super::{Conversion, Converted, Foreign, Tables};
use crate::table::{Note, NoteCode, TableError};

/// The sheets of a workbook that are wanted.
///
/// # Errors
/// If the workbook is damaged, protected by a password, hostile, or has no value.
pub(super) fn workbook(conversion: &Conversion) -> Result<Vec<Converted>, TableError> {
    let Conversion { source, folder, .. } = conversion;
    let (sheets, from_1904) = match conversion.format {
        Foreign::Xls => binary::xls(source, folder)?,
        Foreign::Xlsb => binary::xlsb(source, folder)?,
        Foreign::Ods => binary::ods(source, folder)?,
        _ => xlsx::sheets(source, folder)?,
    };
    let mut filled = Vec::new();
    for sheet in sheets {
        if sheet.filled > 0 {
            filled.push(sheet);
        } else {
            fs::remove_file(&sheet.spool)?;
        }
    }
    let mut others = Vec::new();
    if conversion.tables == Tables::Fullest {
        let fullest = filled.iter().map(|sheet| sheet.filled).max();
        let at = filled
            .iter()
            .position(|sheet| Some(sheet.filled) == fullest);
        let chosen = at.map(|at| filled.remove(at));
        for sheet in &filled {
            fs::remove_file(&sheet.spool)?;
            others.push(Note::of_file(NoteCode::OutraPlanilha, description(sheet)));
        }
        filled = chosen.into_iter().collect();
    }
    if filled.is_empty() {
        return Err(TableError::Empty);
    }
    let converted = filled.into_iter().map(|sheet| {
        sheet.is_dense()?;
        let mut notes = others.clone();
        if sheet.is_hidden {
            notes.push(Note::of_file(NoteCode::PlanilhaOculta, sheet.name.clone()));
        }
        if from_1904 {
            notes.push(Note::of_file(NoteCode::Sistema1904, None));
        }
        notes.extend(sheet.notes);
        Ok(Converted {
            spool: sheet.spool,
            name: Some(sheet.name),
            columns: None,
            notes,
        })
    });
    converted.collect()
}

/// A sheet that is left out, in Portuguese.
fn description(sheet: &Sheet) -> String {
    let rows = match sheet.rows {
        1 => "1 linha".to_owned(),
        rows => format!("{rows} linhas"),
    };
    let hidden = if sheet.is_hidden { ", oculta" } else { "" };
    format!("{} ({rows}{hidden})", sheet.name)
}

/// Where the sheet at that place in the workbook goes.
fn spool(folder: &Path, place: usize) -> PathBuf {
    folder.join(format!("sheet-{}.records", place + 1))
}

/// Writes a sheet with `write`, and once more if it has merged cells whose value falls: files
/// tell of them after the rows.
fn written(
    spool: &Path,
    name: &str,
    is_hidden: bool,
    mut write: impl FnMut(&mut SheetWriter) -> Result<Vec<merges::Merge>, TableError>,
) -> Result<Sheet, TableError> {
    let mut writer = SheetWriter::create(spool, Falling::default())?;
    let merges = write(&mut writer)?;
    let sheet = writer.finish(name, is_hidden)?;
    let falling = Falling::new(&merges, sheet.first_row);
    if falling.is_empty() {
        return Ok(sheet);
    }
    let mut writer = SheetWriter::create(spool, falling)?;
    write(&mut writer)?;
    Ok(writer.finish(name, is_hidden)?)
}

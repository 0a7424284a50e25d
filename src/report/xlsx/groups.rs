//! The sheets of groups.

use std::collections::HashSet;

use rust_xlsxwriter::{Format, Worksheet};

use super::rows::{is_short, serial};
use super::template::plain;
use super::{CellKind, XlsxError};
use crate::report::csv::texts;
use crate::transform::{GroupSheet, cells};

/// Excel's limit for a sheet's name, in UTF-16 units.
const MAX_NAME: usize = 31;

/// Names of sheets that Excel takes, none twice.
pub(super) struct Names(HashSet<String>);

impl Names {
    /// `taken` are the names of the workbook's own sheets.
    pub(super) fn new(taken: Vec<String>) -> Self {
        Names(taken.iter().map(|name| name.to_lowercase()).collect())
    }

    /// `wanted` without what no sheet may be called, or with a number behind it.
    pub(super) fn take(&mut self, wanted: &str) -> String {
        let allowed = |c: char| match c {
            '[' | ']' | ':' | '*' | '?' | '/' | '\\' => ' ',
            c if c.is_control() => ' ',
            c => c,
        };
        let wanted: String = wanted.chars().map(allowed).collect();
        let wanted = match wanted.trim_matches(|c: char| c == '\'' || c.is_whitespace()) {
            "" => "Grupos",
            wanted => wanted,
        };
        let mut name = cut(wanted, MAX_NAME).to_owned();
        let mut number = 2;
        while !self.0.insert(name.to_lowercase()) {
            let end = format!(" {number}");
            name = cut(wanted, MAX_NAME - end.len()).to_owned() + &end;
            number += 1;
        }
        name
    }
}

/// The beginning of `text`, of at most so many UTF-16 units.
fn cut(text: &str, most: usize) -> &str {
    let mut units = 0;
    let end = text.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > most
    });
    text[..end.map_or(text.len(), |(at, _)| at)].trim_end()
}

/// Writes the header and the rows of a group sheet; `formats` are those of all cells.
pub(super) fn draw(
    sheet: &mut Worksheet,
    group: &GroupSheet,
    header: &Format,
    formats: &[Format],
) -> Result<(), XlsxError> {
    for (place, (derived, column)) in (0..).zip(group.columns.iter().zip(group.frame.columns())) {
        let width = derived.name.chars().count().clamp(9, 45) + 3;
        sheet.set_column_width(place, width as f64)?;
        sheet.write_with_format(0, place, &derived.name, header)?;
        let kind = CellKind::of(derived.kind, false);
        let Some(format) = plain(formats, kind) else {
            continue;
        };
        for (row, text) in (1..).zip(texts(column)?) {
            let Some(text) = text else { continue };
            match value(kind, text) {
                Some(number) => sheet.write_number_with_format(row, place, number, format)?,
                None => sheet.write_string_with_format(row, place, text, format)?,
            };
        }
    }
    if group.left_out > 0 {
        let said = format!(
            "mais {} linhas são de grupos que não couberam nesta planilha",
            group.left_out
        );
        sheet.write_string(group.frame.height() as u32 + 1, 0, said)?;
    }
    Ok(())
}

/// The number of a delivered cell, where Excel has one for it.
fn value(kind: CellKind, text: &str) -> Option<f64> {
    match kind {
        CellKind::Text => None,
        CellKind::Date | CellKind::Moment => serial(text).map(f64::from),
        CellKind::Percent => {
            let number = text.strip_suffix('%').filter(|digits| is_short(digits))?;
            Some(cells::number(number)?.to_f64() / 100.0)
        }
        CellKind::Number | CellKind::Money => is_short(text)
            .then(|| cells::number(text))?
            .map(|number| number.to_f64()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sheet_has_a_name_that_excel_takes() {
        let mut names = Names::new(vec!["Base".into(), "Alterações".into()]);
        assert_eq!(names.take("Por UF"), "Por UF");
        assert_eq!(names.take("por uf"), "por uf 2");
        assert_eq!(names.take("BASE"), "BASE 2");
        assert_eq!(names.take("'a/b: [c]?'"), "a b   c");
        assert_eq!(names.take(" "), "Grupos");
        let long = "ç".repeat(40);
        assert_eq!(names.take(&long).chars().count(), 31);
        let again = names.take(&long);
        assert!(
            again.ends_with("ç 2") && again.chars().count() == 31,
            "{again}"
        );
    }
}

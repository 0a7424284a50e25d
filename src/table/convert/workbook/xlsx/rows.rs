//! The rows of a sheet.

use std::io::BufRead;

use quick_xml::events::{BytesStart, Event};

use super::super::escapes::push_decoded;
use super::super::format::Format;
use super::super::merges::Merge;
use super::super::number::{push_iso, push_number};
use super::super::sheet::{MOST_COLUMNS, SheetWriter};
use super::super::xml::{Xml, attribute, damaged, is_true, push_text};
use super::strings::Strings;
use crate::table::TableError;
use crate::values::date::System;

/// What cells refer to.
pub(super) struct Book {
    pub(super) strings: Strings,
    /// By the number of the style.
    pub(super) formats: Vec<Format>,
    pub(super) system: System,
}

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    /// The number of a shared text.
    Shared,
    Text,
    Boolean,
    Error,
    Date,
}

/// The cell being read.
struct Cell {
    kind: Kind,
    style: usize,
    column: u32,
}

/// Writes the rows of a sheet. Returns its merged ranges, which it tells last.
pub(super) fn read(
    xml: &mut Xml<impl BufRead>,
    book: &mut Book,
    sheet: &mut SheetWriter,
) -> Result<Vec<Merge>, TableError> {
    let mut merges = Vec::new();
    let (mut in_rows, mut is_complete) = (false, false);
    // The column the next cell has, if it does not say.
    let mut next = 0;
    let mut cell: Option<Cell> = None;
    let (mut in_value, mut in_reading) = (false, false);
    let mut raw = String::new();
    loop {
        match xml.next()? {
            Event::Start(start) => match start.local_name().into_inner() {
                "c" if in_rows => {
                    let opened = open(&start, next)?;
                    next = opened.column + 1;
                    cell = Some(opened);
                    raw.clear();
                }
                "v" | "t" if cell.is_some() => in_value = !in_reading,
                "rPh" => in_reading = true,
                "row" if in_rows => {
                    next = 0;
                    begin(&start, sheet)?;
                }
                "sheetData" => in_rows = true,
                "mergeCell" => merges.extend(merge(&start)?),
                _ => {}
            },
            Event::End(end) => match end.local_name().into_inner() {
                "v" | "t" => in_value = false,
                "rPh" => in_reading = false,
                "c" => {
                    if let Some(cell) = cell.take() {
                        close(&cell, &raw, book, sheet)?;
                    }
                }
                "row" if in_rows => sheet.end()?,
                "sheetData" => in_rows = false,
                "worksheet" | "chartsheet" | "dialogsheet" => is_complete = true,
                _ => {}
            },
            Event::Empty(start) => match start.local_name().into_inner() {
                "c" if in_rows => next = open(&start, next)?.column + 1,
                "row" if in_rows => begin(&start, sheet)?,
                "mergeCell" => merges.extend(merge(&start)?),
                "worksheet" => is_complete = true,
                _ => {}
            },
            Event::Eof if is_complete => return Ok(merges),
            Event::Eof => return Err(damaged()),
            event if in_value => push_text(&mut raw, &event)?,
            _ => {}
        }
    }
}

fn begin(start: &BytesStart<'_>, sheet: &mut SheetWriter) -> Result<(), TableError> {
    let number = attribute(start, "r")?.and_then(|number| number.parse().ok());
    let hidden = attribute(start, "hidden")?.is_some_and(|value| is_true(&value));
    sheet.begin(number, hidden);
    Ok(())
}

/// The cell that begins here, in the column `next` if it does not say where it is.
fn open(start: &BytesStart<'_>, next: u32) -> Result<Cell, TableError> {
    let mut cell = Cell {
        kind: Kind::Number,
        style: 0,
        column: next,
    };
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(|_| damaged())?;
        match attribute.key.0 {
            "r" => {
                if let Some((column, _)) = place(&attribute.value) {
                    cell.column = column;
                }
            }
            "s" => cell.style = attribute.value.parse().unwrap_or_default(),
            "t" => {
                cell.kind = match &*attribute.value {
                    "s" => Kind::Shared,
                    "str" | "inlineStr" => Kind::Text,
                    "b" => Kind::Boolean,
                    "e" => Kind::Error,
                    "d" => Kind::Date,
                    _ => Kind::Number,
                }
            }
            _ => {}
        }
    }
    if cell.column >= MOST_COLUMNS {
        let what = format!("a cell of it lies beyond column {MOST_COLUMNS}");
        return Err(TableError::Hostile(what.into()));
    }
    Ok(cell)
}

fn close(
    cell: &Cell,
    raw: &str,
    book: &mut Book,
    sheet: &mut SheetWriter,
) -> Result<(), TableError> {
    if raw.is_empty() {
        return Ok(());
    }
    let out = sheet.text();
    let mut is_imprecise = false;
    match cell.kind {
        Kind::Shared => {
            let index = raw.trim().parse().map_err(|_| damaged())?;
            book.strings.push(index, out)?;
        }
        Kind::Text => push_decoded(out, raw),
        Kind::Boolean => out.push_str(if is_true(raw.trim()) {
            "VERDADEIRO"
        } else {
            "FALSO"
        }),
        Kind::Error => out.push_str(raw),
        Kind::Date => push_iso(out, raw),
        Kind::Number => {
            let plain = Format::default();
            let format = book.formats.get(cell.style).unwrap_or(&plain);
            is_imprecise = push_number(out, raw, format, book.system);
        }
    }
    sheet.place(cell.column, is_imprecise);
    Ok(())
}

fn merge(start: &BytesStart<'_>) -> Result<Option<Merge>, TableError> {
    let Some(range) = attribute(start, "ref")? else {
        return Ok(None);
    };
    let corners = range.split_once(':').and_then(|(first, last)| {
        let ((left, top), (right, bottom)) = (place(first)?, place(last)?);
        Some(Merge {
            top,
            bottom,
            left,
            right,
        })
    });
    Ok(corners)
}

/// The column, from 0, and the row, from 1, of a cell such as `AB12`.
fn place(text: &str) -> Option<(u32, u64)> {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (letters, row) = text.split_at(letters);
    // More letters are beyond all columns, and beyond the number they make.
    if letters.is_empty() || letters.len() > 6 {
        return None;
    }
    let column = letters.bytes().fold(0, |column, letter| {
        column * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1
    });
    Some((column - 1, row.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_found_by_their_letters_and_digits() {
        for (text, expected) in [
            ("A1", Some((0, 1))),
            ("Z9", Some((25, 9))),
            ("AA10", Some((26, 10))),
            ("xfd1048576", Some((16_383, 1_048_576))),
            ("ZZZZZZ1", Some((321_272_405, 1))),
            ("AAAAAAAAAA1", None),
            ("12", None),
            ("A", None),
            ("", None),
            ("É1", None),
        ] {
            assert_eq!(place(text), expected, "{text}");
        }
    }
}

//! JSON: one object per line, or a list of objects.
//!
//! The file is read twice: once for the names of its columns, once for its rows. Neither the file
//! nor its rows are ever held.

mod flatten;
mod lines;
mod list;
mod place;

use std::io;
use std::path::Path;

use indexmap::IndexSet;

use super::{Conversion, Converted, Foreign};
use crate::table::{Lines, Note, NoteCode, SpoolWriter, TableError};
use flatten::{Fault, flatten};

/// The longest line, or element of a list, in bytes.
const LONGEST: usize = 16 * 1024 * 1024;
/// What is kept of a line that cannot be read, in characters.
const LONGEST_RAW: usize = 32_000;
/// As many as a workbook holds.
const MOST_COLUMNS: usize = 16_384;
/// All names of columns together, in bytes.
const MOST_NAMES: usize = 4 * 1024 * 1024;
/// Rows times columns: blank cells cost the sender nothing, but us a byte each.
const MOST_CELLS: u64 = 2_000_000_000;

/// What stands at one place of the file.
struct Piece<'a> {
    /// The physical line where it begins, from 1.
    line: u64,
    /// The object, or what stands there instead of one.
    text: Result<&'a str, (Fault, &'a str)>,
}

/// Goes through a file once; tells `each` of what stands in it.
type Pass =
    fn(&Path, &mut dyn FnMut(Piece<'_>) -> Result<(), TableError>) -> Result<Lines, TableError>;

/// Converts JSON to one spool. Nested objects become columns named `outer.inner`.
///
/// # Errors
/// If nothing in the file is an object, if its syntax breaks outside of a line, or if it has more
/// columns than any honest list.
pub(super) fn json(conversion: &Conversion) -> Result<Vec<Converted>, TableError> {
    let source = &conversion.source;
    let pass: Pass = match conversion.format {
        // One line alone may be a whole document.
        Foreign::Jsonl if lines::are_several(source)? => lines::each,
        _ => list::each,
    };
    let names = names(source, pass)?;
    let spool = conversion.folder.join("table.spool");
    let foreign = write(source, pass, &names, &spool)?;
    let mut notes = Vec::new();
    if !foreign.is_empty() {
        notes.push(Note::of_lines(NoteCode::EncodingMisto, foreign));
    }
    Ok(vec![Converted {
        spool,
        name: None,
        columns: Some(names.into_iter().collect()),
        notes,
    }])
}

/// The first pass: the names of all columns, in the order in which they are first seen.
fn names(source: &Path, pass: Pass) -> Result<IndexSet<String>, TableError> {
    let mut names = IndexSet::new();
    let mut bytes = 0;
    let (mut rows, mut first_fault) = (0, None);
    pass(source, &mut |piece| {
        let cells = match piece.text {
            Ok(text) => flatten(text),
            Err((fault, _)) => Err(fault),
        };
        let cells = match cells {
            Ok(cells) => cells,
            Err(fault) => {
                first_fault.get_or_insert((piece.line, fault));
                return Ok(());
            }
        };
        rows += 1;
        for (name, _) in cells {
            if !names.contains(&name) {
                bytes += name.len();
                names.insert(name);
            }
        }
        if names.len() > MOST_COLUMNS || bytes > MOST_NAMES {
            let what = format!("it has more than {MOST_COLUMNS} columns, or endless names of them");
            return Err(TableError::Hostile(what.into()));
        }
        if rows * names.len() as u64 > MOST_CELLS {
            let what = "its rows have almost nothing in common";
            return Err(TableError::Hostile(what.into()));
        }
        Ok(())
    })?;
    match first_fault {
        _ if !names.is_empty() => Ok(names),
        Some((line, fault)) => {
            let what = format!(
                "nothing in it is a JSON object: line {line} {}",
                fault.cause()
            );
            Err(TableError::Unreadable(what.into()))
        }
        None => Err(TableError::Empty),
    }
}

/// The second pass: the rows. Returns the lines that were not in UTF-8.
fn write(
    source: &Path,
    pass: Pass,
    names: &IndexSet<String>,
    spool: &Path,
) -> Result<Lines, TableError> {
    let mut out = SpoolWriter::create(spool)?;
    let mut row = vec![String::new(); names.len()];
    let foreign = pass(source, &mut |piece| {
        let cells = match piece.text {
            Ok(text) => flatten(text).map_err(|fault| (fault, text)),
            Err(faulty) => Err(faulty),
        };
        let cells = match cells {
            Ok(cells) => cells,
            Err((fault, raw)) => {
                out.invalid(piece.line, beginning(raw), &fault.words())?;
                return Ok(());
            }
        };
        row.iter_mut().for_each(String::clear);
        for (name, value) in cells {
            let place = names.get_index_of(&name).ok_or_else(changed)?;
            row[place] = value;
        }
        Ok(out.record(piece.line, &row)?)
    })?;
    out.finish()?;
    Ok(foreign)
}

fn changed() -> io::Error {
    io::Error::other("the file changed while it was read")
}

/// As much of a broken line as is shown.
fn beginning(raw: &str) -> &str {
    match raw.char_indices().nth(LONGEST_RAW) {
        Some((end, _)) => &raw[..end],
        None => raw,
    }
}

#[cfg(test)]
mod tests;

//! Tables whose format names the columns: every record is a row.

use std::collections::BTreeMap;
use std::path::Path;

use super::found::Found;
use super::seen::{Records, Seen};
use crate::table::{Lines, NoteCode, TableError};

/// Reads all records of a spool with these `columns`. Every `stride`-th row is kept as a sample;
/// `progress` hears how many rows and bytes were read so far.
pub(in crate::table) fn survey(
    path: &Path,
    columns: &[String],
    stride: u64,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Found, TableError> {
    let mut records = Records::spool(path)?;
    let mut seen = Seen::default();
    let mut unfilled: Vec<usize> = (0..columns.len()).collect();
    let mut notes: BTreeMap<NoteCode, Lines> = BTreeMap::new();
    let mut found = Found {
        header: Vec::new(),
        names: super::header::unique(columns),
        named: vec![true; columns.len()],
        headed: columns.len(),
        filled: Vec::new(),
        first: 1,
        offset: 0,
        last: 0,
        skipped: Lines::default(),
        rows: 0,
        notes: BTreeMap::new(),
        sample: Vec::new(),
    };
    while records.read(&mut seen)? {
        if seen.blank {
            let blank = notes.entry(NoteCode::LinhaEmBranco).or_default();
            blank.add(seen.line);
            continue;
        }
        found.last = seen.line;
        if seen.invalid {
            let invalid = notes.entry(NoteCode::LinhaInvalida).or_default();
            invalid.add(seen.line);
        } else {
            let cells = &seen.cells;
            unfilled.retain(|place| cells.get(*place).is_none_or(|cell| cell.trim().is_empty()));
            if found.rows.is_multiple_of(stride) {
                found.sample.push(cells.clone());
            }
        }
        found.rows += 1;
        if found.rows % 4096 == 1 {
            progress(found.rows, records.bytes_read());
        }
    }
    let places = 0..columns.len();
    found.filled = places.map(|place| !unfilled.contains(&place)).collect();
    found.notes = notes;
    Ok(found)
}

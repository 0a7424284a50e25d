//! One object per line.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use encoding_rs::WINDOWS_1252;

use super::flatten::Fault;
use super::{LONGEST, Piece};
use crate::table::{Lines, TableError};

/// Tells `each` of every line that is not blank. Returns the lines that were not in UTF-8.
pub(super) fn each(
    path: &Path,
    each: &mut dyn FnMut(Piece<'_>) -> Result<(), TableError>,
) -> Result<Lines, TableError> {
    let mut input = open(path)?;
    let mut foreign = Lines::default();
    let mut bytes = Vec::new();
    let mut line = 0;
    while let Some(whole) = read_line(&mut input, &mut bytes)? {
        line += 1;
        if line == 1 && bytes.starts_with(b"\xEF\xBB\xBF") {
            bytes.drain(..3);
        }
        let text = match std::str::from_utf8(bytes.trim_ascii()) {
            Ok(text) => Cow::Borrowed(text),
            // What is kept of a long line may end in the middle of a character.
            Err(_) if !whole => String::from_utf8_lossy(&bytes),
            Err(_) => {
                foreign.add(line);
                WINDOWS_1252
                    .decode_without_bom_handling(bytes.trim_ascii())
                    .0
            }
        };
        let text = match text.as_ref() {
            "" if whole => continue,
            text if whole => Ok(text),
            text => Err((Fault::TooLong, text)),
        };
        each(Piece { line, text })?;
    }
    Ok(foreign)
}

/// Whether more than one line is not blank.
pub(super) fn are_several(path: &Path) -> io::Result<bool> {
    let mut input = open(path)?;
    let (mut filled, mut ended) = (false, false);
    loop {
        let bytes = input.fill_buf()?;
        if bytes.is_empty() {
            return Ok(false);
        }
        for &byte in bytes {
            match byte {
                b'\n' => ended = filled,
                byte if byte.is_ascii_whitespace() => {}
                _ if ended => return Ok(true),
                _ => filled = true,
            }
        }
        let read = bytes.len();
        input.consume(read);
    }
}

fn open(path: &Path) -> io::Result<BufReader<File>> {
    Ok(BufReader::with_capacity(256 * 1024, File::open(path)?))
}

/// Reads a line without its end into `line`; `None` at the end of the file, `false` if the line
/// is too long and only its beginning was kept.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Option<bool>> {
    line.clear();
    let mut whole = true;
    let mut seen = false;
    loop {
        let bytes = input.fill_buf()?;
        if bytes.is_empty() {
            return Ok(seen.then_some(whole));
        }
        seen = true;
        let end = memchr::memchr(b'\n', bytes);
        let part = &bytes[..end.unwrap_or(bytes.len())];
        let room = LONGEST - line.len();
        whole &= part.len() <= room;
        line.extend_from_slice(&part[..part.len().min(room)]);
        let read = part.len() + usize::from(end.is_some());
        input.consume(read);
        if end.is_some() {
            return Ok(Some(whole));
        }
    }
}

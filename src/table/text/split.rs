//! Splitting a record into its cells, by the letter of its dialect.

use std::borrow::Cow;

use csv::StringRecord;

use super::dialect::{Dialect, Escape};

/// How far splitting came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Split {
    /// The whole text is split.
    Done,
    /// A quoted field, which began at this offset, goes on beyond the end of the text.
    Open { field: usize },
    /// A quote closes where no field can end.
    Suspect,
}

/// How strictly quotes are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quotes {
    /// A quote in a quoted field closes it.
    Strict,
    /// It does so only where the field can end; otherwise it is text.
    Lenient,
}

/// Splits a line without any quote.
pub(crate) fn plain(line: &str, dialect: Dialect, record: &mut StringRecord) {
    record.clear();
    let mut start = 0;
    for end in memchr::memchr_iter(dialect.delimiter, line.as_bytes()) {
        record.push_field(unspaced(&line[start..end], dialect));
        start = end + 1;
    }
    record.push_field(unspaced(&line[start..], dialect));
}

/// A value without the space that belongs to the delimiter before it.
fn unspaced(field: &str, dialect: Dialect) -> &str {
    if dialect.spaced {
        field.strip_prefix(' ').unwrap_or(field)
    } else {
        field
    }
}

/// Splits `text` from the field that begins at `field` on; cells before it are in `record`. If
/// that field is open, `searched` bytes of the text are known not to close it.
pub(crate) fn quoted(
    text: &str,
    field: usize,
    searched: usize,
    dialect: Dialect,
    quotes: Quotes,
    record: &mut StringRecord,
) -> Split {
    let bytes = text.as_bytes();
    let (mut field, mut searched) = (field, searched);
    loop {
        let end = match opening(bytes, field, dialect) {
            None => {
                let end = memchr::memchr(dialect.delimiter, &bytes[field..]);
                let end = end.map_or(bytes.len(), |found| field + found);
                record.push_field(unspaced(&text[field..end], dialect));
                end
            }
            Some(open) => {
                let from = searched.max(open + 1);
                match closing(bytes, from, dialect, quotes) {
                    Closing::Nowhere => return Split::Open { field },
                    Closing::Astray => return Split::Suspect,
                    Closing::At { quote, end } => {
                        record.push_field(&unescaped(&text[open + 1..quote], dialect));
                        end
                    }
                }
            }
        };
        if end == bytes.len() {
            return Split::Done;
        }
        (field, searched) = (end + 1, 0);
    }
}

/// Where the quote is that opens the field beginning at `at`, if one does.
pub(super) fn opening(bytes: &[u8], at: usize, dialect: Dialect) -> Option<usize> {
    let skipped = match bytes.get(at) {
        Some(b' ') if dialect.delimiter != b' ' => {
            let blank = bytes[at..].iter().take_while(|byte| **byte == b' ');
            blank.count()
        }
        _ => 0,
    };
    (bytes.get(at + skipped) == Some(&dialect.quote)).then_some(at + skipped)
}

/// Where the field may end that a quote at `quote` would close: behind it, or behind spaces.
pub(super) fn end_behind(bytes: &[u8], quote: usize, dialect: Dialect) -> Option<usize> {
    let mut at = quote + 1;
    if dialect.delimiter != b' ' {
        at += bytes[at..].iter().take_while(|byte| **byte == b' ').count();
    }
    match bytes.get(at) {
        None => Some(at),
        Some(byte) if *byte == dialect.delimiter => Some(at),
        Some(_) => None,
    }
}

enum Closing {
    At {
        quote: usize,
        end: usize,
    },
    /// The field is not closed in this text.
    Nowhere,
    /// It is closed in the middle of a value.
    Astray,
}

fn closing(bytes: &[u8], from: usize, dialect: Dialect, quotes: Quotes) -> Closing {
    let mut at = from;
    while let Some(found) = memchr::memchr(dialect.quote, &bytes[at.min(bytes.len())..]) {
        let quote = at + found;
        let escaped = match dialect.escape {
            Escape::Doubled => bytes.get(quote + 1) == Some(&dialect.quote),
            Escape::Backslash => {
                let slashes = bytes[from..quote].iter().rev();
                slashes.take_while(|byte| **byte == b'\\').count() % 2 == 1
            }
        };
        if escaped {
            at = quote + 1 + usize::from(dialect.escape == Escape::Doubled);
            continue;
        }
        // The text of a field that is not the last line of it ends before its line end.
        match end_behind(bytes, quote, dialect) {
            Some(end) => return Closing::At { quote, end },
            None if quotes == Quotes::Strict => return Closing::Astray,
            None => at = quote + 1,
        }
    }
    Closing::Nowhere
}

/// The value of what stands between quotes.
pub(super) fn unescaped(inner: &str, dialect: Dialect) -> Cow<'_, str> {
    let quote = char::from(dialect.quote);
    match dialect.escape {
        Escape::Doubled => {
            let pair = [dialect.quote; 2];
            if memchr::memmem::find(inner.as_bytes(), &pair).is_none() {
                return Cow::Borrowed(inner);
            }
            Cow::Owned(inner.replace(&format!("{quote}{quote}"), &quote.to_string()))
        }
        Escape::Backslash => {
            if !inner.contains('\\') {
                return Cow::Borrowed(inner);
            }
            let mut value = String::with_capacity(inner.len());
            let mut characters = inner.chars().peekable();
            while let Some(character) = characters.next() {
                let escaped = characters
                    .next_if(|next| character == '\\' && (*next == quote || *next == '\\'));
                value.push(escaped.unwrap_or(character));
            }
            Cow::Owned(value)
        }
    }
}

//! Lines whose quotes have no partner: the reading that gives as many cells as other lines have,
//! and takes the fewest quotes for text.

use super::dialect::Dialect;
use super::split::{end_behind, opening, unescaped};

/// A line with more places where a field may end is not worth the search.
const MOST_PLACES: usize = 512;
/// Closing quotes tried for one field.
const MOST_CLOSINGS: usize = 64;

/// What it costs to take a quote inside of a quoted field for text.
const LONE_QUOTE: u32 = 1;
/// What it costs to take the quote that begins a field for text.
const OPENING_QUOTE: u32 = 2;

/// A field as one of the readings has it.
#[derive(Debug, Clone, Copy)]
struct Field {
    start: usize,
    end: usize,
    quoted: bool,
}

/// The best way to the place where a field begins.
#[derive(Debug, Clone, Copy)]
struct Way {
    cost: u32,
    field: Field,
    /// Where that field began.
    from: usize,
}

/// The cells of `line` in the cheapest reading that has exactly `width` of them; without a width,
/// in the cheapest reading. `None` if there is none, or the search would be too long.
pub(super) fn cells(line: &str, dialect: Dialect, width: Option<usize>) -> Option<Vec<String>> {
    let bytes = line.as_bytes();
    let places = memchr::memchr_iter(dialect.delimiter, bytes).count() + 1;
    if places > MOST_PLACES || width.is_some_and(|width| width > places) {
        return None;
    }
    // Readings that differ in how many cells they have are kept apart, if anybody asks for that.
    let levels = width.unwrap_or(0) + 1;
    let level_of = |cells: usize| if width.is_some() { cells } else { 0 };
    // A field begins at the start and behind each delimiter; one place more is the end.
    let mut starts: Vec<usize> = vec![0];
    starts.extend(memchr::memchr_iter(dialect.delimiter, bytes).map(|at| at + 1));
    let end = bytes.len() + 1;
    starts.push(end);
    let place_of = |at: usize| starts.binary_search(&at).ok();
    let mut ways: Vec<Vec<Option<Way>>> = vec![vec![None; levels]; starts.len()];
    for place in 0..starts.len() - 1 {
        let start = starts[place];
        for cells in 0..levels {
            let cost = match (place, cells) {
                (0, 0) => 0,
                _ => match ways[place][cells] {
                    Some(way) => way.cost,
                    None => continue,
                },
            };
            let next_level = level_of(cells + 1);
            if next_level >= levels {
                continue;
            }
            each_field(bytes, start, dialect, |field, extra, next| {
                let Some(next) = place_of(next) else { return };
                let way = Way {
                    cost: cost + extra,
                    field,
                    from: place,
                };
                let best = &mut ways[next][next_level];
                if best.is_none_or(|best| way.cost < best.cost) {
                    *best = Some(way);
                }
            });
        }
    }
    trace(
        line,
        dialect,
        &ways,
        level_of(width.unwrap_or(0)),
        width.is_some(),
    )
}

/// Follows the best way back from the end.
fn trace(
    line: &str,
    dialect: Dialect,
    ways: &[Vec<Option<Way>>],
    level: usize,
    counted: bool,
) -> Option<Vec<String>> {
    let (mut place, mut level) = (ways.len() - 1, level);
    let mut cells = Vec::new();
    while place > 0 {
        let way = ways[place][level]?;
        let text = &line[way.field.start..way.field.end];
        cells.push(if way.field.quoted {
            unescaped(text, dialect).into_owned()
        } else {
            text.to_owned()
        });
        place = way.from;
        level -= usize::from(counted);
    }
    cells.reverse();
    Some(cells)
}

/// Every way to read the field that begins at `start`: what it costs, and where the next begins.
fn each_field(
    bytes: &[u8],
    start: usize,
    dialect: Dialect,
    mut found: impl FnMut(Field, u32, usize),
) {
    let open = opening(bytes, start, dialect);
    let end = memchr::memchr(dialect.delimiter, &bytes[start.min(bytes.len())..]);
    let end = end.map_or(bytes.len(), |found| start + found);
    let blank = usize::from(dialect.spaced && bytes.get(start) == Some(&b' '));
    let literal = Field {
        start: (start + blank).min(end),
        end,
        quoted: false,
    };
    let cost = if open.is_some() { OPENING_QUOTE } else { 0 };
    found(literal, cost, end + 1);
    let Some(open) = open else { return };
    let (mut lone, mut tried, mut at) = (0, 0, open + 1);
    while let Some(next) = memchr::memchr(dialect.quote, &bytes[at.min(bytes.len())..]) {
        let quote = at + next;
        if let Some(end) = end_behind(bytes, quote, dialect) {
            let field = Field {
                start: open + 1,
                end: quote,
                quoted: true,
            };
            found(field, lone * LONE_QUOTE, end + 1);
            tried += 1;
            if tried == MOST_CLOSINGS {
                return;
            }
        }
        let doubled = bytes.get(quote + 1) == Some(&dialect.quote);
        if doubled {
            // The second of the two may still be the one that closes.
            if let Some(end) = end_behind(bytes, quote + 1, dialect) {
                let field = Field {
                    start: open + 1,
                    end: quote + 1,
                    quoted: true,
                };
                found(field, (lone + 1) * LONE_QUOTE, end + 1);
            }
            at = quote + 2;
        } else {
            lone += 1;
            at = quote + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str, width: usize) -> Option<Vec<String>> {
        let dialect = Dialect {
            delimiter: b',',
            ..Dialect::USUAL
        };
        cells(line, dialect, Some(width))
    }

    #[test]
    fn a_quote_without_partner_is_text() {
        assert_eq!(
            read("1,\"00:00,\"a, b\",\"c\"", 4).unwrap(),
            ["1", "\"00:00", "a, b", "c"]
        );
        assert_eq!(read("1,2,\"", 3).unwrap(), ["1", "2", "\""]);
        assert_eq!(
            read("1,\"\"a, \"\"b\"\"\",c", 3).unwrap(),
            ["1", "\"a, \"b\"", "c"]
        );
    }

    #[test]
    fn quotes_that_nobody_escaped_are_text() {
        assert_eq!(
            read("1,\"Mesa redonda, 48\"\",\"feita, aqui\",x", 4).unwrap(),
            ["1", "Mesa redonda, 48\"", "feita, aqui", "x"]
        );
        assert_eq!(
            read("\"Rua \"X\", 10\",SP", 2).unwrap(),
            ["Rua \"X\", 10", "SP"]
        );
    }

    #[test]
    fn no_reading_is_forced() {
        assert_eq!(read("1,\"2", 9), None);
        assert_eq!(read(&"\"a,".repeat(2000), 3), None);
        let free = cells("1;\"2;3", Dialect::USUAL, None).unwrap();
        assert_eq!(free, ["1", "\"2", "3"]);
    }
}

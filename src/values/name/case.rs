//! Capitals where a name has them.

use super::words;
use crate::values::fold::{CASE, LEAD, capital_of};

/// `text` as a name is written, if it is all in capitals or all in small letters and that differs.
/// Mixed case is taken to be meant (`McDonald`).
pub fn recase(text: &str) -> Option<String> {
    match letters(text) {
        Letters::Mixed => None,
        Letters::Plain => recase_plain(text),
        Letters::Others => recase_any(text),
    }
}

/// What a glance at the bytes of a text tells.
enum Letters {
    /// Capitals and small letters, or no letters.
    Mixed,
    /// ASCII letters, the letters of Latin-1 that have both cases there, and spaces: all of one
    /// case.
    Plain,
    /// To be looked at letter by letter.
    Others,
}

fn letters(text: &str) -> Letters {
    let (mut upper, mut lower) = (false, false);
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b' ' => {}
            b'A'..=b'Z' => upper = true,
            b'a'..=b'z' => lower = true,
            LEAD => match rest.next() {
                Some(0x80..=0x96 | 0x98..=0x9e) => upper = true,
                Some(0xa0..=0xb6 | 0xb8..=0xbe) => lower = true,
                _ => return Letters::Others,
            },
            _ => return Letters::Others,
        }
    }
    match upper == lower {
        true => Letters::Mixed,
        false => Letters::Plain,
    }
}

/// [`recase`] of a text whose letters are all plain and of one case: byte by byte.
pub(super) fn recase_plain(text: &str) -> Option<String> {
    let mut recased = text.as_bytes().to_vec();
    for byte in &mut recased {
        // A byte of the second kind is none but the other half of an accented capital.
        let capital = byte.is_ascii_uppercase() || (0x80..=0x9e).contains(byte);
        *byte |= if capital { CASE } else { 0 };
    }
    let mut parts = recased.split_mut(|byte| *byte == b' ').peekable();
    let mut place = Place::First;
    while let Some(word) = parts.next() {
        if place != Place::First && parts.peek().is_none() {
            place = Place::Last;
        }
        if place != Place::First && is_roman(word, place) {
            word.make_ascii_uppercase();
        } else if place != Place::Middle || !words::is_particle(word) {
            match word {
                [LEAD, second, ..] => *second &= !CASE,
                [first, ..] => *first = first.to_ascii_uppercase(),
                [] => {}
            }
        }
        place = Place::Middle;
    }
    if recased == text.as_bytes() {
        return None;
    }
    String::from_utf8(recased).ok()
}

fn recase_any(text: &str) -> Option<String> {
    let upper = text.chars().any(char::is_uppercase);
    let lower = text.chars().any(char::is_lowercase);
    if upper == lower {
        return None;
    }
    let last = text.split(' ').count() - 1;
    let mut recased = String::with_capacity(text.len());
    for (at, word) in text.split(' ').enumerate() {
        if at > 0 {
            recased.push(' ');
        }
        let place = match at {
            0 => Place::First,
            at if at == last => Place::Last,
            _ => Place::Middle,
        };
        write_word(word, place, &mut recased);
    }
    (recased != text).then_some(recased)
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    First,
    Middle,
    Last,
}

fn write_word(word: &str, place: Place, into: &mut String) {
    let lower = word.to_lowercase();
    if place == Place::Middle && words::is_particle(lower.as_bytes()) {
        into.push_str(&lower);
    } else if place != Place::First && is_roman(lower.as_bytes(), place) {
        into.push_str(&lower.to_ascii_uppercase());
    } else {
        write_capitalised(&lower, place, into);
    }
}

/// A capital at the start and after a hyphen, a stop or an elision: `d'Oeste`, `O'Neill`, `J.R.`
fn write_capitalised(lower: &str, place: Place, into: &mut String) {
    let mut capital = true;
    for (at, c) in lower.char_indices() {
        let rest = &lower[at + c.len_utf8()..];
        let elided = place != Place::First
            && at == 0
            && c == 'd'
            && rest.strip_prefix(['\'', '’']).is_some_and(starts_word);
        if capital && c.is_alphabetic() && !elided {
            into.push(capital_of(c));
        } else {
            into.push(c);
        }
        capital = match c {
            '\'' | '’' => starts_word(rest),
            '-' | '.' | '(' | '/' | '"' | '“' => true,
            _ => capital && !c.is_alphanumeric(),
        };
    }
}

/// Two letters or more: what follows the apostrophe of `Joe's` is no word.
fn starts_word(text: &str) -> bool {
    let mut letters = text
        .trim_start_matches(|c: char| !c.is_alphabetic())
        .chars();
    letters.next().is_some_and(char::is_alphabetic)
        && letters.next().is_some_and(char::is_alphabetic)
}

/// A numeral of I to XXXIX. `vi` and `i` are words as well, and numerals only at the end.
fn is_roman(lower: &[u8], place: Place) -> bool {
    if !matches!(lower, [b'i' | b'v' | b'x', ..]) {
        return false;
    }
    if matches!(lower, b"i" | b"vi") {
        return place == Place::Last;
    }
    let tens = lower.iter().take_while(|byte| **byte == b'x').count();
    // `ix` ends a numeral: its x is not one of the tens
    let ones = &lower[tens..];
    tens <= 3
        && matches!(
            ones,
            b"" | b"i" | b"ii" | b"iii" | b"iv" | b"v" | b"vi" | b"vii" | b"viii" | b"ix"
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_glance_recases_as_letter_by_letter(text in "[A-ZÀ-Þ ]{0,16}|[a-zß-ÿ ]{0,16}|([DE]{1,3}|[XIV]{1,4}|[A-ZÁ]{1,5}| ){0,8}|([de]{1,3}|[xiv]{1,4}|[a-zá]{1,5}| ){0,8}|\\PC{0,12}") {
            prop_assert_eq!(recase(&text), recase_any(&text));
        }
    }
}

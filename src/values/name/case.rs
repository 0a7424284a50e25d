//! Capitals where a name has them.

use super::words;
use crate::values::fold::capital_of;

/// `text` as a name is written, if it is all in capitals or all in small letters and that differs.
/// Mixed case is taken to be meant (`McDonald`).
pub fn recase(text: &str) -> Option<String> {
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
    if place == Place::Middle && words::is_particle(&lower) {
        into.push_str(&lower);
    } else if place != Place::First && is_roman(&lower, place) {
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
fn is_roman(lower: &str, place: Place) -> bool {
    if matches!(lower, "i" | "vi") {
        return place == Place::Last;
    }
    let tens = lower.bytes().take_while(|byte| *byte == b'x').count();
    // `ix` ends a numeral: its x is not one of the tens
    let ones = &lower[tens..];
    tens <= 3
        && !lower.is_empty()
        && matches!(
            ones,
            "" | "i" | "ii" | "iii" | "iv" | "v" | "vi" | "vii" | "viii" | "ix"
        )
}

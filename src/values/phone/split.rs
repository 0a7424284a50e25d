//! Several telephones in one cell.

use super::typed::Typed;
use super::{Area, Phone, is_assigned, national};
use crate::values::digits::{Gathered, SheetNumber, sheet_number};
use crate::values::{Outcome, Reason};

/// Every telephone of a cell, in order, each judged on its own. A DDD given once counts for those
/// that follow (`11/3344-5566`, `(11) 3344-5566 / 3344-7788`), and two or so digits after a bar
/// replace the last of the number before (`3344-5566/67`).
pub fn split<'a>(text: &'a str, area: Area<'a>) -> Split<'a> {
    let sheet = match text.ends_with(".0") || text.contains(['e', 'E']) {
        true => sheet_number::<24>(text.trim()),
        false => SheetNumber::Not,
    };
    let (rest, pending) = match sheet {
        SheetNumber::Not => (Some(text), None),
        SheetNumber::Lost => (None, Some(Outcome::rejected(Reason::NotacaoCientifica))),
        SheetNumber::Exact(digits) => (
            None,
            Some(national::judge(text, &Typed::of_digits(digits), area)),
        ),
    };
    Split {
        rest,
        pending,
        area,
        ddd: None,
        before: None,
    }
}

/// See [`split`].
#[derive(Debug)]
pub struct Split<'a> {
    rest: Option<&'a str>,
    pending: Option<Outcome<Phone>>,
    area: Area<'a>,
    /// Written in the cell itself, by an earlier part.
    ddd: Option<u8>,
    before: Option<Phone>,
}

impl Iterator for Split<'_> {
    type Item = Outcome<Phone>;

    fn next(&mut self) -> Option<Outcome<Phone>> {
        if let Some(pending) = self.pending.take() {
            return Some(pending);
        }
        while let Some(text) = self.rest {
            let (part, rest) = first_part(text);
            self.rest = rest;
            match Typed::read(part) {
                Ok(None) => {}
                Ok(Some(typed)) => {
                    if let Some(outcome) = self.read(part, &typed) {
                        return Some(outcome);
                    }
                }
                Err(reason) => return Some(Outcome::rejected(reason)),
            }
        }
        None
    }
}

impl Split<'_> {
    /// One part; `None` when it is only the DDD of the next.
    fn read(&mut self, part: &str, typed: &Typed) -> Option<Outcome<Phone>> {
        let digits = typed.digits.as_slice();
        if let (1..=4, Some(before)) = (digits.len(), self.before) {
            return Some(self.remember(before.with_tail(digits)));
        }
        if self.rest.is_some() && matches!(digits.len(), 2 | 3) {
            let ddd = digits
                .iter()
                .fold(0u32, |n, digit| n * 10 + u32::from(digit - b'0'));
            if let Some(ddd) = u8::try_from(ddd).ok().filter(|ddd| is_assigned(*ddd)) {
                self.ddd = Some(ddd);
                return None;
            }
        }
        if let Some((first, second)) = self.halves(typed) {
            self.pending = Some(second);
            return Some(self.remember(first));
        }
        let outcome = self.judge(part, typed);
        Some(self.remember(outcome))
    }

    fn judge(&self, part: &str, typed: &Typed) -> Outcome<Phone> {
        let Some(ddd) = self.ddd else {
            return national::judge(part, typed, self.area);
        };
        let code = [b'0' + ddd / 10, b'0' + ddd % 10];
        let column = std::str::from_utf8(&code).ok();
        national::judge(
            part,
            typed,
            Area {
                column,
                ..self.area
            },
        )
    }

    fn remember(&mut self, outcome: Outcome<Phone>) -> Outcome<Phone> {
        if let Some(phone) = outcome.value {
            self.before = phone.ddd().and(Some(phone));
            self.ddd = phone.ddd().or(self.ddd);
        }
        outcome
    }

    /// Two telephones of equal length run together, if both are valid.
    fn halves(&self, typed: &Typed) -> Option<(Outcome<Phone>, Outcome<Phone>)> {
        let digits = typed.digits.as_slice();
        if typed.international || !matches!(typed.digits.len(), 16 | 20 | 22) {
            return None;
        }
        let half = |digits: &[u8]| {
            let mut gathered = Gathered::new();
            digits.iter().for_each(|digit| gathered.push(*digit));
            let outcome = self.judge("", &Typed::of_digits(gathered));
            outcome.value.is_some().then_some(outcome)
        };
        let (first, second) = digits.split_at(digits.len() / 2);
        Some((half(first)?, half(second)?))
    }
}

impl Phone {
    /// The same number with its last digits replaced.
    fn with_tail(self, tail: &[u8]) -> Outcome<Phone> {
        let (value, scale) = tail.iter().fold((0u64, 1u64), |(value, scale), digit| {
            (value * 10 + u64::from(digit - b'0'), scale * 10)
        });
        let number = self.number / scale * scale + value;
        Outcome::corrected(Phone { number, ..self }, Reason::TelefonesConcatenados, 80)
    }
}

/// Up to the first separator, and what follows it.
fn first_part(text: &str) -> (&str, Option<&str>) {
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        let width = match byte {
            b'/' | b';' | b'|' | b',' | b'\n' => 1,
            b' ' => [" ou ", " e "]
                .into_iter()
                .find(|word| {
                    bytes[at..]
                        .get(..word.len())
                        .is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes()))
                })
                .map_or(0, str::len),
            _ => 0,
        };
        if width > 0 {
            return (&text[..at], Some(&text[at + width..]));
        }
    }
    (text, None)
}

//! From typed digits to a telephone of the national numbering plan.

use super::ddd::{Column, is_assigned, read_column};
use super::typed::Typed;
use super::{Area, Phone, PhoneKind};
use crate::values::digits::all_equal;
use crate::values::shown::is_shown_as;
use crate::values::{Outcome, Reason, Status};

/// The usual cells, judged at once: ten or eleven digits, bare or in the delivered form, and eight
/// or nine digits whose area code stands in a column of its own.
pub(super) fn usual(text: &str, area: Area<'_>) -> Option<Outcome<Phone>> {
    let text = text.as_bytes();
    let mut room = [0; 11];
    let digits = match text {
        [b'(', d, e, b')', b' ', number @ ..] => {
            let tail = number.len().checked_sub(5)?;
            if !matches!(tail, 4 | 5) || number[tail] != b'-' {
                return None;
            }
            room[..2].copy_from_slice(&[*d, *e]);
            room[2..2 + tail].copy_from_slice(&number[..tail]);
            room[2 + tail..6 + tail].copy_from_slice(&number[tail + 1..]);
            &room[..6 + tail]
        }
        _ if matches!(text.len(), 8..=11) => text,
        _ => return None,
    };
    let usual =
        digits[0] != b'0' && digits.iter().all(u8::is_ascii_digit) && service(digits).is_none();
    if !usual {
        return None;
    }
    if digits.len() > 9 {
        return Some(complete(digits));
    }
    let Column::Code(ddd) = read_column(area.column) else {
        return None;
    };
    if all_equal(digits) {
        return Some(Outcome::rejected(Reason::Placeholder));
    }
    let outcome = with_ddd(ddd, digits);
    // It is delivered with its area code.
    Some(match outcome.value {
        Some(phone) if outcome.status == Status::Ok => Outcome::standardised(phone),
        _ => outcome,
    })
}

/// Judges what one part of a cell says. `part` is that part as typed, to know its form.
pub(super) fn judge(part: &str, typed: &Typed, area: Area<'_>) -> Outcome<Phone> {
    let outcome = by_length(typed, area);
    match outcome.value {
        Some(phone) if outcome.status == Status::Ok && !is_shown_as(&phone, part.trim()) => {
            let untouched = phone
                .national_service()
                .is_some_and(|digits| digits == part.trim());
            match (untouched, typed.extension) {
                (true, _) => outcome,
                (false, true) => Outcome::standardised_because(phone, Reason::Ramal),
                (false, false) => Outcome::standardised(phone),
            }
        }
        _ => outcome,
    }
}

fn by_length(typed: &Typed, area: Area<'_>) -> Outcome<Phone> {
    let digits = typed.digits.as_slice();
    if all_equal(digits) {
        return Outcome::rejected(Reason::Placeholder);
    }
    if typed.digits.len() > digits.len() {
        return Outcome::rejected(Reason::Tamanho);
    }
    if typed.international && !digits.starts_with(b"55") {
        return match digits.len() {
            8..=15 => Outcome::kept(Reason::Estrangeiro),
            _ => Outcome::rejected(Reason::Tamanho),
        };
    }
    let digits = without_country(digits, typed.international);
    if let Some(outcome) = service(digits) {
        return outcome;
    }
    let digits = without_trunk(digits);
    match digits.len() {
        10 | 11 => complete(digits),
        length => match read_column(area.column) {
            Column::Code(ddd) if matches!(length, 8 | 9) => with_ddd(ddd, digits),
            Column::Code(_) => Outcome::rejected(Reason::Tamanho),
            column => without_ddd(digits, area.inferred, column),
        },
    }
}

/// Drops `0055`, `+55`, and a bare 55 where the length tells it is not DDD 55.
fn without_country(digits: &[u8], international: bool) -> &[u8] {
    let bare =
        matches!(digits.len(), 12 | 13) || (digits.len() == 14 && digits.starts_with(b"550"));
    if let Some(rest) = digits.strip_prefix(b"0055") {
        rest
    } else if international || bare {
        digits.strip_prefix(b"55").unwrap_or(digits)
    } else {
        digits
    }
}

/// Numbers that have no DDD. A 0 lost before 0800 is put back.
fn service(digits: &[u8]) -> Option<Outcome<Phone>> {
    let of = |kind| Phone {
        kind,
        ddd: 0,
        number: value(digits),
    };
    let (rest, zero) = match digits.strip_prefix(b"0") {
        Some(rest) => (rest, true),
        None => (digits, false),
    };
    let charged = [b"800", b"300", b"303", b"500", b"900"]
        .iter()
        .any(|prefix| rest.starts_with(*prefix));
    if charged && rest.len() == 10 {
        let phone = of(PhoneKind::Servico);
        return Some(if zero {
            Outcome::ok(phone)
        } else {
            Outcome::corrected(phone, Reason::ZeroEsquerda, 95)
        });
    }
    if rest.starts_with(b"800") && rest.len() == 9 {
        return Some(Outcome::alert(
            of(PhoneKind::ServicoLegado),
            Reason::ServicoLegado,
        ));
    }
    match digits {
        [b'3' | b'4', b'0', b'0', ..] if digits.len() == 8 => {
            Some(Outcome::ok(of(PhoneKind::Servico4004)))
        }
        [b'1', _, _] => Some(Outcome::ok(of(PhoneKind::UtilidadePublica))),
        _ => None,
    }
}

/// Drops what is dialled before a DDD: 0 and a carrier's two digits, 0 alone, or the 90 of a
/// collect call.
fn without_trunk(digits: &[u8]) -> &[u8] {
    match (digits, digits.len()) {
        ([b'0', a, b, rest @ ..], 13 | 14) if is_carrier(*a, *b) => rest,
        ([b'0', rest @ ..], 11 | 12) => rest,
        ([b'9', b'0', rest @ ..], 12 | 13) => rest,
        _ => digits,
    }
}

/// The carrier codes (CSP).
fn is_carrier(a: u8, b: u8) -> bool {
    match a {
        b'1' => matches!(b, b'2' | b'4' | b'5'),
        b'2' => matches!(b, b'1'..=b'3' | b'5'),
        b'3' => b == b'1',
        b'4' => matches!(b, b'1' | b'3'),
        b'5' | b'6' => b == b'5',
        b'9' => b == b'9',
        _ => false,
    }
}

fn without_ddd(digits: &[u8], inferred: Option<u8>, column: Column) -> Outcome<Phone> {
    match (digits.len(), inferred, column) {
        (8 | 9, Some(ddd), _) => {
            let outcome = with_ddd(ddd, digits);
            match outcome.value {
                Some(phone) => {
                    Outcome::corrected(phone, Reason::DddInferido, outcome.confidence.min(60))
                }
                None => outcome,
            }
        }
        (8 | 9, None, Column::Truncated) => Outcome::rejected(Reason::DddInvalido),
        (8 | 9, None, _) => Outcome::rejected(Reason::SemDdd),
        (6 | 7, ..) => Outcome::rejected(Reason::TelefoneLegado),
        _ => Outcome::rejected(Reason::Tamanho),
    }
}

/// Ten or eleven digits, the first two a DDD.
fn complete(digits: &[u8]) -> Outcome<Phone> {
    let (ddd, subscriber) = digits.split_at(2);
    with_ddd(value(ddd) as u8, subscriber)
}

/// A DDD and the eight or nine digits of a subscriber.
fn with_ddd(ddd: u8, subscriber: &[u8]) -> Outcome<Phone> {
    if !is_assigned(ddd) {
        return Outcome::rejected(Reason::DddInvalido);
    }
    if all_equal(subscriber) || b"123456789".starts_with(subscriber) {
        return Outcome::rejected(Reason::Placeholder);
    }
    let number = value(subscriber);
    let of = |kind| Phone { kind, ddd, number };
    let nine_added = Phone {
        kind: PhoneKind::Movel,
        ddd,
        number: 900_000_000 + number,
    };
    match (subscriber.len(), subscriber[0]) {
        (9, b'9') => Outcome::ok(of(PhoneKind::Movel)),
        (9, _) if subscriber.starts_with(b"700") => Outcome::ok(of(PhoneKind::Satelite)),
        (9, b'7' | b'8') => Outcome::ok(of(PhoneKind::MovelNovoPlano)),
        (9, _) => Outcome::rejected(Reason::NonoDigitoInvalido),
        (_, b'2'..=b'5') => Outcome::ok(of(PhoneKind::Fixo)),
        // legacy mobiles began with 6, but so may new landlines
        (_, b'6') => Outcome::corrected(nine_added, Reason::NonoDigito, 60),
        (_, b'8' | b'9') => Outcome::corrected(nine_added, Reason::NonoDigito, 90),
        // radios of eight digits began with 7: kept with a warning
        (_, b'7') => Outcome {
            confidence: 50,
            ..Outcome::alert(nine_added, Reason::NonoDigito)
        },
        _ => Outcome::rejected(Reason::PrefixoInvalido),
    }
}

fn value(digits: &[u8]) -> u64 {
    digits.iter().fold(0u64, |n, digit| {
        n.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'))
    })
}

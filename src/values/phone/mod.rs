//! Brazilian telephones.

mod ddd;
mod national;
mod split;
mod typed;

use std::fmt;

pub use ddd::{AreaCode, area_code, area_code_in, is_assigned, states_of};
pub use split::{Split, split};
pub use typed::extension;

use super::digits::put_digits;
use super::{Outcome, Reason};

/// A valid telephone of the national plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Phone {
    kind: PhoneKind,
    /// 0 for services, which have none.
    ddd: u8,
    /// Subscriber digits; for a 0800 and its like, all digits but the leading zero.
    number: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PhoneKind {
    Movel,
    /// Nine digits beginning with 7 or 8, mobile since Resolution 749/2022 of Anatel.
    MovelNovoPlano,
    Fixo,
    Satelite,
    /// 0800, 0300, 0303, 0500, 0900.
    Servico,
    /// 0800 of six digits.
    ServicoLegado,
    /// 4004-1234 and 3003-1234.
    Servico4004,
    /// 190 and its like.
    UtilidadePublica,
}

impl PhoneKind {
    pub fn code(self) -> &'static str {
        match self {
            PhoneKind::Movel => "movel",
            PhoneKind::MovelNovoPlano => "movel_novo_plano",
            PhoneKind::Fixo => "fixo",
            PhoneKind::Satelite => "satelite",
            PhoneKind::Servico => "servico",
            PhoneKind::ServicoLegado => "servico_legado",
            PhoneKind::Servico4004 => "servico_4004",
            PhoneKind::UtilidadePublica => "utilidade_publica",
        }
    }

    /// The coarser word of the column `tipo`.
    pub fn family(self) -> &'static str {
        match self {
            PhoneKind::Movel | PhoneKind::MovelNovoPlano => "movel",
            PhoneKind::Fixo => "fixo",
            PhoneKind::Satelite => "satelite",
            _ => "servico",
        }
    }

    /// Whether a text message may be sent there (`apto_sms`).
    pub fn takes_messages(self) -> bool {
        matches!(self, PhoneKind::Movel | PhoneKind::MovelNovoPlano)
    }
}

/// What is known of the DDD apart from the telephone's own digits.
#[derive(Debug, Clone, Copy, Default)]
pub struct Area<'a> {
    /// The cell of a separate DDD column, as typed.
    pub column: Option<&'a str>,
    /// The one DDD of the row's município or state: used last, and said so.
    pub inferred: Option<u8>,
}

impl Phone {
    /// Reads a telephone, completed by the cell of a separate DDD column where there is one.
    /// Of several in one cell the first valid is taken; [`split`] gives all.
    pub fn parse(text: &str, ddd: Option<&str>) -> Outcome<Phone> {
        Self::parse_in(
            text,
            Area {
                column: ddd,
                inferred: None,
            },
        )
    }

    /// [`Phone::parse`] with a DDD to fall back on.
    pub fn parse_in(text: &str, area: Area<'_>) -> Outcome<Phone> {
        let text = text.trim();
        if text.is_empty() {
            return Outcome::blank();
        }
        national::usual(text, area).unwrap_or_else(|| Self::parse_parts(text, area))
    }

    /// [`Phone::parse_in`], whatever was typed.
    fn parse_parts(text: &str, area: Area<'_>) -> Outcome<Phone> {
        let mut phones = split(text, area);
        let Some(first) = phones.next() else {
            return match text.chars().any(char::is_alphabetic) {
                true => Outcome::rejected(Reason::CaracteresInvalidos),
                // an input mask nobody filled in: `(__) ____-____`
                false => Outcome::blank(),
            };
        };
        let Some(second) = phones.next() else {
            return first;
        };
        let valid = [first, second]
            .into_iter()
            .chain(phones)
            .find_map(|phone| phone.value);
        valid.map_or(first, |phone| {
            Outcome::corrected(phone, Reason::TelefonesConcatenados, 90)
        })
    }

    pub fn kind(self) -> PhoneKind {
        self.kind
    }

    /// `None` for services.
    pub fn ddd(self) -> Option<u8> {
        (self.ddd != 0).then_some(self.ddd)
    }

    /// The digits after the DDD; for services all but a leading zero.
    pub fn subscriber(self) -> u64 {
        self.number
    }

    /// `+5511987654321`; services cannot be called from abroad and have none.
    pub fn e164(self) -> Option<String> {
        self.ddd().map(|ddd| format!("+55{ddd}{}", self.number))
    }

    /// The digits of a service as dialled: `08001234567`, `40041234`.
    pub fn national_service(self) -> Option<String> {
        match self.kind {
            PhoneKind::Servico | PhoneKind::ServicoLegado => Some(format!("0{}", self.number)),
            PhoneKind::Servico4004 | PhoneKind::UtilidadePublica => Some(self.number.to_string()),
            _ => None,
        }
    }
}

/// The [`PhoneKind::family`] of a telephone in its delivered form; `None` if it is not of the
/// national plan.
pub fn family(delivered: &str) -> Option<&'static str> {
    match *delivered.as_bytes() {
        [b'(', _, _, b')', b' ', b'9', _, _, _, _, b'-', _, _, _, _] => {
            Some(PhoneKind::Movel.family())
        }
        [
            b'(',
            _,
            _,
            b')',
            b' ',
            b'2'..=b'5',
            _,
            _,
            _,
            b'-',
            _,
            _,
            _,
            _,
        ] => Some(PhoneKind::Fixo.family()),
        _ => Some(Phone::parse(delivered, None).value?.kind().family()),
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (ddd, number) = (self.ddd, self.number);
        let (head, tail) = (number / 10_000, number % 10_000);
        match self.kind {
            PhoneKind::Servico => {
                write!(f, "0{} {:03} {tail:04}", number / 10_000_000, head % 1_000)
            }
            PhoneKind::ServicoLegado => {
                write!(f, "0{} {:06}", number / 1_000_000, number % 1_000_000)
            }
            PhoneKind::Servico4004 => write!(f, "{head:04}-{tail:04}"),
            PhoneKind::UtilidadePublica => write!(f, "{number}"),
            _ => {
                let mut shown = *b"(00) 00000-0000";
                put_digits(u32::from(ddd), &mut shown[1..3]);
                put_digits(tail as u32, &mut shown[11..]);
                put_digits(head as u32, &mut shown[5..10]);
                let shown = std::str::from_utf8(&shown).unwrap_or_default();
                if head >= 10_000 {
                    return f.write_str(shown);
                }
                // Four digits before the dash: the area code moves up.
                f.write_str(&shown[..5])?;
                f.write_str(&shown[6..])
            }
        }
    }
}

#[cfg(test)]
mod tests;

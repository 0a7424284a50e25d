//! CNPJ: the taxpayer number of an organisation, numeric or (since July 2026) alphanumeric.

use std::fmt;

use super::cpf::{Cpf, CpfColumn};
use super::digits::{Gathered, SheetNumber, all_equal, check_digit, is_separator, sheet_number};
use super::{Outcome, Reason};

/// What the column of a CNPJ holds: only there may lost zeros be put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CnpjColumn {
    /// Nothing but CNPJs.
    OnlyCnpjs,
    /// CNPJs among other documents.
    Mixed,
}

/// A valid CNPJ: twelve digits or capital letters and two check digits that match.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cnpj([u8; 14]);

type Typed = Gathered<14>;

impl Cnpj {
    pub fn parse(text: &str, column: CnpjColumn) -> Outcome<Cnpj> {
        let text = text.trim();
        if text.is_empty() {
            return Outcome::blank();
        }
        let mut typed = Typed::new();
        let mut strange = false;
        for c in text.chars() {
            match c {
                '0'..='9' | 'A'..='Z' | 'a'..='z' => typed.push(c.to_ascii_uppercase() as u8),
                c if is_separator(c) => {}
                _ => strange = true,
            }
        }
        // letters are legal here, so only `,` or `+`, or a length no CNPJ has, suggest a number
        // in scientific notation
        if strange || typed.len() != 14 || text.ends_with(".0") {
            match sheet_number(text) {
                SheetNumber::Exact(exact) => return by_length(exact, column, false),
                SheetNumber::Lost => return Outcome::rejected(Reason::NotacaoCientifica),
                SheetNumber::Not if strange => {
                    return Outcome::rejected(Reason::CaracteresInvalidos);
                }
                SheetNumber::Not => {}
            }
        }
        by_length(typed, column, is_delivered(text.as_bytes()))
    }

    /// The fourteen characters.
    pub fn characters(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The first eight, which name the company; the next four name the establishment.
    pub fn root(&self) -> &str {
        &self.characters()[..8]
    }

    pub fn is_alphanumeric(&self) -> bool {
        self.0.iter().any(u8::is_ascii_uppercase)
    }

    /// Whether fourteen characters (digits, capital letters) are a CNPJ.
    pub(super) fn is_valid(characters: [u8; 14]) -> bool {
        check(&characters).is_ok()
    }
}

fn by_length(typed: Typed, column: CnpjColumn, canonical: bool) -> Outcome<Cnpj> {
    if let Some(characters) = typed.exactly() {
        return match check(&characters) {
            Ok(()) => Outcome::of_form(Cnpj(characters), canonical),
            Err(reason) => Outcome::rejected(reason),
        };
    }
    let numeric = typed.as_slice().iter().all(u8::is_ascii_digit);
    let as_cpf = typed
        .exactly::<11>()
        .filter(|_| numeric)
        .is_some_and(is_cpf);
    if numeric
        && column == CnpjColumn::OnlyCnpjs
        && (9..=13).contains(&typed.len())
        && let Some(characters) = typed.zero_padded().filter(|padded| check(padded).is_ok())
    {
        return match as_cpf {
            true => Outcome::alert(Cnpj(characters), Reason::Ambiguo),
            false => Outcome::corrected(Cnpj(characters), Reason::ZeroEsquerda, 99),
        };
    }
    Outcome::rejected(if as_cpf {
        Reason::EhCpf
    } else {
        Reason::Tamanho
    })
}

fn is_cpf(digits: [u8; 11]) -> bool {
    std::str::from_utf8(&digits)
        .is_ok_and(|text| Cpf::parse(text, CpfColumn::Mixed).value.is_some())
}

fn check(characters: &[u8; 14]) -> Result<(), Reason> {
    if !characters[12..].iter().all(u8::is_ascii_digit) {
        return Err(Reason::DvNaoNumerico);
    }
    if all_equal(characters) {
        return Err(Reason::Repetido);
    }
    let sum = |count: usize| -> u32 {
        // from the right 2, 3, … 9, and again from 2
        let weights = (0..count as u32).rev().map(|place| 2 + place % 8);
        let values = characters[..count].iter().map(|c| u32::from(c - b'0'));
        values
            .zip(weights)
            .map(|(value, weight)| value * weight)
            .sum()
    };
    if characters[12] == check_digit(sum(12)) && characters[13] == check_digit(sum(13)) {
        Ok(())
    } else {
        Err(Reason::DvInvalido)
    }
}

/// Bare or masked, in capitals.
fn is_delivered(text: &[u8]) -> bool {
    let character = |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
    match text.len() {
        14 => text.iter().all(character),
        18 => text.iter().enumerate().all(|(at, byte)| match at {
            2 | 6 => *byte == b'.',
            10 => *byte == b'/',
            15 => *byte == b'-',
            _ => character(byte),
        }),
        _ => false,
    }
}

impl fmt::Display for Cnpj {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.characters();
        let (a, b, c) = (&all[..2], &all[2..5], &all[5..8]);
        write!(f, "{a}.{b}.{c}/{}-{}", &all[8..12], &all[12..])
    }
}

impl fmt::Debug for Cnpj {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cnpj({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::Status;
    use proptest::prelude::*;

    fn parse(text: &str) -> Outcome<Cnpj> {
        Cnpj::parse(text, CnpjColumn::OnlyCnpjs)
    }

    #[test]
    fn letters_are_legal_before_the_check_digits() {
        assert_eq!(parse("12.ABC.345/01DE-35").status, Status::Ok);
        let lower = parse("12abc34501de35");
        assert_eq!(lower.status, Status::Padronizado);
        assert_eq!(lower.value.unwrap().to_string(), "12.ABC.345/01DE-35");
        for valid in [
            "ABCDEFGHIJKL80",
            "AA345678/000A-29",
            "12.345.678/000A-08",
            "AA345678/0003-86",
            "00.000.000/0001-91",
        ] {
            assert!(parse(valid).value.is_some(), "{valid}");
        }
    }

    #[test]
    fn each_fault_has_its_name() {
        for (text, reason) in [
            ("AA345678/0003-29", Reason::DvInvalido),
            ("ABCDEFGHIJKL81", Reason::DvInvalido),
            ("191", Reason::Tamanho),
            ("12ABC34501DEA5", Reason::DvNaoNumerico),
            ("00000000000000", Reason::Repetido),
            ("11111111111111", Reason::Repetido),
            ("12ÁBC34501DE35", Reason::CaracteresInvalidos),
            ("1,83872E+12", Reason::NotacaoCientifica),
            ("529.982.247-25", Reason::EhCpf),
            ("ABC34501DE35", Reason::Tamanho),
        ] {
            let outcome = parse(text);
            assert_eq!(
                (outcome.status, outcome.reason),
                (Status::Rejeitado, Some(reason)),
                "{text}"
            );
        }
        assert_eq!(parse(" ").status, Status::Vazio);
    }

    #[test]
    fn zeros_come_back_only_to_numbers_that_prove_them() {
        for short in ["1838723000127", "1.838723000127E12", "1838723000127.0"] {
            let outcome = parse(short);
            assert_eq!(outcome.status, Status::Corrigido, "{short}");
            assert_eq!(
                outcome.value.unwrap().characters(),
                "01838723000127",
                "{short}"
            );
            assert_eq!(outcome.reason, Some(Reason::ZeroEsquerda));
        }
        let mixed = Cnpj::parse("1838723000127", CnpjColumn::Mixed);
        assert_eq!(mixed.reason, Some(Reason::Tamanho));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*|[0-9A-Za-z./ ,+-]{0,20}") {
            parse(&text);
        }

        #[test]
        fn the_delivered_form_reads_back(body in "[0-9A-Z]{12}", first in 0u8..10, second in 0u8..10) {
            if let Some(cnpj) = parse(&format!("{body}{first}{second}")).value {
                let again = parse(&cnpj.to_string());
                prop_assert_eq!((again.value, again.status), (Some(cnpj), Status::Ok));
            }
        }
    }
}

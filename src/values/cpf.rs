//! CPF: the taxpayer number of a person.

use std::fmt;

use super::cnpj::Cnpj;
use super::digits::{Gathered, SheetNumber, all_equal, check_digit, is_separator, sheet_number};
use super::{Outcome, Reason};

/// What the column of a CPF holds: only there may lost zeros be put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CpfColumn {
    /// Nothing but CPFs.
    OnlyCpfs,
    /// CPFs among other documents.
    Mixed,
}

/// A valid CPF: eleven ASCII digits whose check digits match.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cpf([u8; 11]);

/// Valid, but so famous that nobody typed their own.
const TEST_NUMBERS: [&[u8; 11]; 3] = [b"12345678909", b"01234567890", b"98765432100"];

/// Room for a CNPJ, to tell one that strayed into the column.
type Typed = Gathered<14>;

impl Cpf {
    pub fn parse(text: &str, column: CpfColumn) -> Outcome<Cpf> {
        if let Some(typed) = bare(text.as_bytes()).or_else(|| masked(text.as_bytes())) {
            return judge(typed, true);
        }
        let text = text.trim();
        if text.is_empty() {
            return Outcome::blank();
        }
        let mut typed = Typed::new();
        let mut letters = false;
        for c in text.chars() {
            match c {
                '0'..='9' => typed.push(c as u8),
                c if is_separator(c) => {}
                _ => {
                    letters = true;
                    break;
                }
            }
        }
        if letters || text.ends_with(".0") {
            match sheet_number(text) {
                SheetNumber::Exact(exact) => return by_length(exact, column, false),
                SheetNumber::Lost => return Outcome::rejected(Reason::NotacaoCientifica),
                SheetNumber::Not if letters => return with_letters(text),
                SheetNumber::Not => {}
            }
        }
        by_length(typed, column, is_masked(text.as_bytes()))
    }

    /// The eleven digits.
    pub fn digits(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    pub fn as_u64(&self) -> u64 {
        self.0
            .iter()
            .fold(0, |n, digit| n * 10 + u64::from(digit - b'0'))
    }
}

/// Eleven digits and nothing else: the usual cell.
fn bare(text: &[u8]) -> Option<[u8; 11]> {
    let digits: [u8; 11] = text.try_into().ok()?;
    digits.iter().all(u8::is_ascii_digit).then_some(digits)
}

/// The digits of the delivered form: the other usual cell.
fn masked(text: &[u8]) -> Option<[u8; 11]> {
    let [a, b, c, b'.', d, e, g, b'.', h, i, j, b'-', x, y] = *text else {
        return None;
    };
    bare(&[a, b, c, d, e, g, h, i, j, x, y])
}

/// Whether the text is the delivered form.
fn is_masked(text: &[u8]) -> bool {
    text.len() == 14
        && text.iter().enumerate().all(|(at, byte)| match at {
            3 | 7 => *byte == b'.',
            11 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

fn by_length(typed: Typed, column: CpfColumn, canonical: bool) -> Outcome<Cpf> {
    if let Some(digits) = typed.exactly() {
        return judge(digits, canonical);
    }
    match typed.len() {
        8..=10 if column == CpfColumn::OnlyCpfs => match typed.zero_padded() {
            Some(digits) if is_valid(&digits) && !all_equal(&digits) => {
                Outcome::corrected(Cpf(digits), Reason::ZeroEsquerda, 99)
            }
            _ => Outcome::rejected(Reason::Tamanho),
        },
        14 if typed.exactly().is_some_and(Cnpj::is_valid) => Outcome::rejected(Reason::EhCnpj),
        _ => Outcome::rejected(Reason::Tamanho),
    }
}

fn judge(digits: [u8; 11], canonical: bool) -> Outcome<Cpf> {
    if all_equal(&digits) {
        Outcome::rejected(Reason::Repetido)
    } else if !is_valid(&digits) {
        Outcome::rejected(Reason::DvInvalido)
    } else if TEST_NUMBERS.contains(&&digits) {
        Outcome::alert(Cpf(digits), Reason::DocumentoDeTeste)
    } else {
        Outcome::of_form(Cpf(digits), canonical)
    }
}

fn is_valid(digits: &[u8; 11]) -> bool {
    let sum = |count: usize| -> u32 {
        let weights = (2..=count as u32 + 1).rev();
        digits[..count]
            .iter()
            .zip(weights)
            .map(|(digit, weight)| u32::from(digit - b'0') * weight)
            .sum()
    };
    digits[9] == check_digit(sum(9)) && digits[10] == check_digit(sum(10))
}

/// Masked at the source (`***456789**`), or letters a scanner read in the place of digits.
fn with_letters(text: &str) -> Outcome<Cpf> {
    if is_censored(text) {
        return Outcome::kept(Reason::Mascarado);
    }
    let mut typed = Typed::new();
    for c in text.chars() {
        match c {
            '0'..='9' => typed.push(c as u8),
            'O' | 'o' => typed.push(b'0'),
            'l' | 'I' => typed.push(b'1'),
            c if is_separator(c) => {}
            _ => return Outcome::rejected(Reason::CaracteresInvalidos),
        }
    }
    match typed.exactly() {
        Some(digits) if is_valid(&digits) && !all_equal(&digits) => {
            Outcome::corrected(Cpf(digits), Reason::Ocr, 90)
        }
        _ => Outcome::rejected(Reason::CaracteresInvalidos),
    }
}

/// Eleven places of which some are digits and the others all asterisks or all Xs.
fn is_censored(text: &str) -> bool {
    let places = || text.chars().filter(|c| !is_separator(*c));
    let Some(mark) = places().find(|c| !c.is_ascii_digit()) else {
        return false;
    };
    matches!(mark, '*' | 'X' | 'x')
        && places().count() == 11
        && places().all(|c| c == mark || c.is_ascii_digit())
        && places().any(|c| c.is_ascii_digit())
}

impl fmt::Display for Cpf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g, h, i, j, x, y] = self.0;
        let shown = [a, b, c, b'.', d, e, g, b'.', h, i, j, b'-', x, y];
        f.write_str(std::str::from_utf8(&shown).unwrap_or_default())
    }
}

/// Censored: a document never reaches a log by way of `{:?}`.
impl fmt::Debug for Cpf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cpf(***.{}-**)", &self.to_string()[4..11])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::Status;
    use proptest::prelude::*;

    fn parse(text: &str) -> Outcome<Cpf> {
        Cpf::parse(text, CpfColumn::OnlyCpfs)
    }

    fn rejection(text: &str) -> Option<Reason> {
        let outcome = parse(text);
        assert_eq!(outcome.status, Status::Rejeitado, "{text}");
        outcome.reason
    }

    /// A valid CPF made of nine digits.
    fn cpf_of(body: u32) -> Option<Cpf> {
        let mut digits = [b'0'; 11];
        digits[..9].copy_from_slice(format!("{body:09}").as_bytes());
        for count in [9, 10] {
            digits[count] = (b'0'..=b'9').find(|d| {
                let mut with = digits;
                with[count] = *d;
                let sum: u32 = with[..count]
                    .iter()
                    .zip((2..=count as u32 + 1).rev())
                    .map(|(d, w)| u32::from(d - b'0') * w)
                    .sum();
                *d == check_digit(sum)
            })?;
        }
        (!all_equal(&digits)).then_some(Cpf(digits))
    }

    #[test]
    fn both_usual_forms_are_ok_and_others_are_rewritten() {
        assert_eq!(parse("529.982.247-25").status, Status::Ok);
        assert_eq!(parse("52998224725").status, Status::Ok);
        assert_eq!(parse("00000000191").status, Status::Ok);
        for other in [
            "529982247-25",
            " 529 982 247 25 ",
            "529.982.247/25",
            "529.982.247\u{a0}25",
        ] {
            assert_eq!(parse(other).status, Status::Padronizado, "{other}");
        }
        assert_eq!(
            parse("52998224725").value.unwrap().to_string(),
            "529.982.247-25"
        );
    }

    #[test]
    fn zeros_come_back_only_where_the_check_digits_prove_them() {
        let outcome = parse("4515266861");
        assert_eq!(
            (outcome.status, outcome.reason),
            (Status::Corrigido, Some(Reason::ZeroEsquerda))
        );
        assert_eq!(outcome.value.unwrap().digits(), "04515266861");
        assert_eq!(rejection("4515266862"), Some(Reason::Tamanho));
        assert_eq!(rejection("191"), Some(Reason::Tamanho));
        let mixed = Cpf::parse("4515266861", CpfColumn::Mixed);
        assert_eq!(mixed.reason, Some(Reason::Tamanho));
    }

    #[test]
    fn each_fault_has_its_name() {
        assert_eq!(rejection("11144477732"), Some(Reason::DvInvalido));
        assert_eq!(rejection("111.111.111-11"), Some(Reason::Repetido));
        assert_eq!(rejection("11.222.333/0001-81"), Some(Reason::EhCnpj));
        assert_eq!(
            rejection("529.982.247-2a"),
            Some(Reason::CaracteresInvalidos)
        );
        assert_eq!(
            rejection("5298224725O99"),
            Some(Reason::CaracteresInvalidos)
        );
        assert_eq!(parse("12345678909").reason, Some(Reason::DocumentoDeTeste));
    }

    #[test]
    fn a_scanners_letters_are_read_as_digits_when_that_proves_right() {
        let outcome = parse("O45l5266861");
        assert_eq!(
            (outcome.status, outcome.reason),
            (Status::Corrigido, Some(Reason::Ocr))
        );
        assert_eq!(rejection("O45l5266862"), Some(Reason::CaracteresInvalidos));
    }

    #[test]
    fn scientific_notation_is_exact_or_refused() {
        assert_eq!(
            parse("5.2998224725E+10").value.unwrap().digits(),
            "52998224725"
        );
        assert_eq!(
            parse("4,515266861e9").value.unwrap().digits(),
            "04515266861"
        );
        assert_eq!(
            parse("52998224725.0").value.unwrap().digits(),
            "52998224725"
        );
        assert_eq!(parse("4515266861.0").value.unwrap().digits(), "04515266861");
        for lost in [
            "5,29982E+10",
            "1E10",
            "5.29982247251E10",
            "1E999999999999999999999",
        ] {
            assert_eq!(rejection(lost), Some(Reason::NotacaoCientifica), "{lost}");
        }
        assert_eq!(rejection("5E"), Some(Reason::CaracteresInvalidos));
    }

    #[test]
    fn what_was_masked_at_the_source_is_kept() {
        for masked in ["***456789**", "***.456.789-**", "XXX.456.789-XX"] {
            let outcome = parse(masked);
            assert_eq!(outcome.reason, Some(Reason::Mascarado), "{masked}");
            assert!(outcome.keeps_text());
        }
        assert_eq!(rejection("***********"), Some(Reason::CaracteresInvalidos));
    }

    #[test]
    fn debug_does_not_tell_the_number() {
        let shown = format!("{:?}", parse("52998224725").value.unwrap());
        assert_eq!(shown, "Cpf(***.982.247-**)");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*") {
            parse(&text);
        }

        #[test]
        fn number_like_text_never_panics(text in "[0-9OoIl.,/eE+ *-]{0,20}") {
            parse(&text);
        }

        #[test]
        fn every_cpf_survives_its_lost_zeros_and_its_own_form(body in 1000u32..1_000_000_000) {
            if let Some(cpf) = cpf_of(body) {
                let stripped = cpf.digits().trim_start_matches('0');
                if stripped.len() >= 8 {
                    prop_assert_eq!(parse(stripped).value, Some(cpf));
                }
                let again = parse(&cpf.to_string());
                prop_assert_eq!(again.value, Some(cpf));
                prop_assert!(matches!(again.status, Status::Ok | Status::Alerta));
            }
        }
    }
}

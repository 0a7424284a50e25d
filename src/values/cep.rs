//! CEP: the postal code.

use std::fmt;

use super::digits::{Gathered, all_equal, put_digits};
use super::state::State;
use super::{Outcome, Reason};

/// Eight digits inside a range that Correios assigned (or once did).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cep(u32);

impl Cep {
    /// `state` is what the row says elsewhere, if it does: it confirms a restored zero and is
    /// compared with the state of the range.
    pub fn parse(text: &str, state: Option<State>) -> Outcome<Cep> {
        if let Some(cep) = delivered(text.as_bytes()) {
            return cep.placed(state, Outcome::ok(cep));
        }
        let text = text.trim();
        if text.is_empty() {
            return Outcome::blank();
        }
        let mut typed = Gathered::<8>::new();
        let mut scanned = false;
        for c in text.strip_suffix(".0").unwrap_or(text).chars() {
            match c {
                '0'..='9' => typed.push(c as u8),
                'O' | 'o' => {
                    scanned = true;
                    typed.push(b'0');
                }
                '.' | '-' => {}
                c if c.is_whitespace() => {}
                _ => return Outcome::rejected(Reason::CaracteresInvalidos),
            }
        }
        if scanned && typed.len() != 8 {
            return Outcome::rejected(Reason::CaracteresInvalidos);
        }
        let digits = typed.as_slice();
        if typed.len() > 3 && all_equal(digits) {
            return Outcome::rejected(Reason::Placeholder);
        }
        let cep = Cep(digits
            .iter()
            .fold(0, |n, digit| n * 10 + u32::from(digit - b'0')));
        match typed.len() {
            8 if scanned => cep.placed(state, Outcome::corrected(cep, Reason::Ocr, 90)),
            8 => cep.placed(state, Outcome::of_form(cep, is_delivered(text.as_bytes()))),
            7 => {
                // only São Paulo begins with zero: the row's own state proves it
                let confidence = if state == Some(State::SP) { 99 } else { 90 };
                cep.placed(
                    state,
                    Outcome::corrected(cep, Reason::ZeroEsquerda, confidence),
                )
            }
            5 => Outcome::rejected(Reason::CepAntigo),
            _ => Outcome::rejected(Reason::Tamanho),
        }
    }

    /// `outcome`, unless the range says otherwise.
    fn placed(self, state: Option<State>, outcome: Outcome<Cep>) -> Outcome<Cep> {
        match (self.state(), state) {
            (None, _) if self.is_retired() => Outcome::alert(self, Reason::FaixaExtinta),
            (None, _) => Outcome::rejected(Reason::FaixaInexistente),
            (Some(own), Some(said)) if own != said => Outcome::alert(self, Reason::CepUf),
            _ => outcome,
        }
    }

    /// The state whose range holds it; `None` for the retired block of Porto Velho.
    pub fn state(self) -> Option<State> {
        STATES.get(self.0 as usize / BLOCK).copied().flatten()
    }

    fn is_retired(self) -> bool {
        (78_900_000..=78_999_999).contains(&self.0)
    }

    pub fn as_u32(self) -> u32 {
        self.0
    }
}

/// First thousand of each range and its state, in order; `None` where nothing is assigned.
const RANGES: [(u32, Option<State>); 32] = [
    (0, None),
    (1_000, Some(State::SP)),
    (20_000, Some(State::RJ)),
    (29_000, Some(State::ES)),
    (30_000, Some(State::MG)),
    (40_000, Some(State::BA)),
    (49_000, Some(State::SE)),
    (50_000, Some(State::PE)),
    (57_000, Some(State::AL)),
    (58_000, Some(State::PB)),
    (59_000, Some(State::RN)),
    (60_000, Some(State::CE)),
    (64_000, Some(State::PI)),
    (65_000, Some(State::MA)),
    (66_000, Some(State::PA)),
    (68_900, Some(State::AP)),
    (69_000, Some(State::AM)),
    (69_300, Some(State::RR)),
    (69_400, Some(State::AM)),
    (69_900, Some(State::AC)),
    (70_000, Some(State::DF)),
    (72_800, Some(State::GO)),
    (73_000, Some(State::DF)),
    (73_700, Some(State::GO)),
    (76_800, Some(State::RO)),
    (77_000, Some(State::TO)),
    (78_000, Some(State::MT)),
    (78_900, None),
    (79_000, Some(State::MS)),
    (80_000, Some(State::PR)),
    (88_000, Some(State::SC)),
    (90_000, Some(State::RS)),
];

/// Codes that are all of one state, if any: every range of [`RANGES`] is made of such blocks.
const BLOCK: usize = 100_000;

/// The state of each block.
const STATES: [Option<State>; 1000] = {
    let mut states = [None; 1000];
    let mut range = 0;
    while range < RANGES.len() {
        let (first, state) = RANGES[range];
        let mut block = first as usize * 1000 / BLOCK;
        while block < states.len() {
            states[block] = state;
            block += 1;
        }
        range += 1;
    }
    states
};

/// The usual cell: eight digits, bare or with their hyphen, that are not all the same.
fn delivered(text: &[u8]) -> Option<Cep> {
    let digits = match *text {
        [a, b, c, d, e, f, g, h] | [a, b, c, d, e, b'-', f, g, h] => [a, b, c, d, e, f, g, h],
        _ => return None,
    };
    let usual = digits.iter().all(u8::is_ascii_digit) && digits != [digits[0]; 8];
    let number = |number, digit: &u8| number * 10 + u32::from(digit - b'0');
    usual.then(|| Cep(digits.iter().fold(0, number)))
}

/// Bare or with its hyphen.
fn is_delivered(text: &[u8]) -> bool {
    match text.len() {
        8 => text.iter().all(u8::is_ascii_digit),
        9 => text.iter().enumerate().all(|(at, byte)| {
            if at == 5 {
                *byte == b'-'
            } else {
                byte.is_ascii_digit()
            }
        }),
        _ => false,
    }
}

impl fmt::Display for Cep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = [b'-'; 9];
        put_digits(self.0 / 1000, &mut shown[..5]);
        put_digits(self.0 % 1000, &mut shown[6..]);
        f.write_str(std::str::from_utf8(&shown).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::Status;
    use proptest::prelude::*;

    fn parse(text: &str) -> Outcome<Cep> {
        Cep::parse(text, None)
    }

    #[test]
    fn each_form_has_its_status() {
        assert_eq!(parse("01310-100").status, Status::Ok);
        assert_eq!(parse("01310100").status, Status::Ok);
        assert_eq!(parse("01.310-100").status, Status::Padronizado);
        assert_eq!(parse("30130010.0").status, Status::Padronizado);
        assert_eq!(parse("01310100").value.unwrap().to_string(), "01310-100");
        assert_eq!(parse("O131O-100").reason, Some(Reason::Ocr));
    }

    #[test]
    fn a_lost_zero_is_restored_and_checked_against_the_state() {
        let restored = Cep::parse("1310100", Some(State::SP));
        assert_eq!(
            (restored.status, restored.confidence),
            (Status::Corrigido, 99)
        );
        assert_eq!(parse("1310100").reason, Some(Reason::ZeroEsquerda));
        let doubtful = Cep::parse("1310100", Some(State::BA));
        assert_eq!(
            (doubtful.status, doubtful.reason),
            (Status::Alerta, Some(Reason::CepUf))
        );
    }

    #[test]
    fn each_fault_has_its_name() {
        for (text, reason) in [
            ("00000000", Reason::Placeholder),
            ("00123456", Reason::FaixaInexistente),
            ("01310", Reason::CepAntigo),
            ("013101", Reason::Tamanho),
            ("013101001", Reason::Tamanho),
            ("0131O", Reason::CaracteresInvalidos),
            ("01310/100", Reason::CaracteresInvalidos),
        ] {
            assert_eq!(parse(text), Outcome::rejected(reason), "{text}");
        }
        assert_eq!(parse("78900-000").reason, Some(Reason::FaixaExtinta));
        assert_eq!(
            Cep::parse("01310-100", Some(State::RJ)).reason,
            Some(Reason::CepUf)
        );
        assert_eq!(parse(" ").status, Status::Vazio);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*|[0-9O. -]{0,12}") {
            parse(&text);
        }

        #[test]
        fn the_delivered_form_reads_back(number in 0u32..100_000_000) {
            if let Some(cep) = parse(&format!("{number:08}")).value {
                let again = parse(&cep.to_string());
                prop_assert_eq!(again.value, Some(cep));
                prop_assert!(matches!(again.status, Status::Ok | Status::Alerta));
            }
        }
    }
}

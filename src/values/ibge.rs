//! The code of a municipality.

use std::fmt;

use super::municipality::{self, Municipality};
use super::{Outcome, Reason};

/// The code of a municipality that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ibge(u32);

/// Codes IBGE gave out whose check digit breaks the rule.
pub const IRREGULAR: [u32; 9] = [
    2201919, 2201988, 2202251, 2611533, 3117836, 3152131, 4305871, 5203939, 5203962,
];

impl Ibge {
    /// Seven digits, or the first six, which the table completes.
    pub fn parse(text: &str) -> Outcome<Ibge> {
        let text = text.trim();
        if text.is_empty() {
            return Outcome::blank();
        }
        let digits = text.strip_suffix(".0").unwrap_or(text);
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        let code: Option<u32> = plain.then(|| digits.parse().ok()).flatten();
        let Some(code) = code else {
            return Outcome::rejected(Reason::CaracteresInvalidos);
        };
        match digits.len() {
            7 => match municipality::by_code(code) {
                Some(_) => Outcome::of_form(Ibge(code), digits == text),
                None => Outcome::rejected(Reason::IbgeInvalido),
            },
            6 => match municipality::by_six_digits(code) {
                Some(found) => Outcome::corrected(Ibge(found.code), Reason::CodigoCompletado, 99),
                None => Outcome::rejected(Reason::IbgeInvalido),
            },
            _ => Outcome::rejected(Reason::Tamanho),
        }
    }

    pub fn municipality(self) -> Option<&'static Municipality> {
        municipality::by_code(self.0)
    }

    pub fn code(self) -> u32 {
        self.0
    }
}

/// Whether the last digit of a code is what the rule makes of the others: the digits of each times
/// 1, 2, 1, 2, 1, 2 add up with it to a multiple of ten.
pub fn has_check_digit(code: u32) -> bool {
    let mut rest = code / 10;
    let mut sum = 0;
    for weight in [2, 1, 2, 1, 2, 1] {
        let product = rest % 10 * weight;
        sum += product / 10 + product % 10;
        rest /= 10;
    }
    (10 - sum % 10) % 10 == code % 10
}

impl fmt::Display for Ibge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:07}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::Status;
    use proptest::prelude::*;

    #[test]
    fn codes_are_those_of_the_table() {
        assert_eq!(Ibge::parse("3550308"), Outcome::ok(Ibge(3_550_308)));
        assert_eq!(Ibge::parse("3550308.0").status, Status::Padronizado);
        let completed = Ibge::parse("355030");
        assert_eq!(completed.value, Some(Ibge(3_550_308)));
        assert_eq!(completed.reason, Some(Reason::CodigoCompletado));
        for (text, reason) in [
            ("3550309", Reason::IbgeInvalido),
            ("9999999", Reason::IbgeInvalido),
            ("123", Reason::Tamanho),
            ("abc", Reason::CaracteresInvalidos),
        ] {
            assert_eq!(Ibge::parse(text), Outcome::rejected(reason), "{text}");
        }
        for code in IRREGULAR {
            assert_eq!(Ibge::parse(&code.to_string()).status, Status::Ok, "{code}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*|[0-9.]{0,12}") {
            if let Some(code) = Ibge::parse(&text).value {
                prop_assert_eq!(Ibge::parse(&code.to_string()), Outcome::ok(code));
            }
        }
    }
}

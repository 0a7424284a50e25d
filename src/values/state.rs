//! UF: the 26 states, the Federal District, and "exterior".

use std::fmt;

use super::fold::fold;
use super::{Outcome, Reason};

macro_rules! states {
    ($($sigla:ident $code:literal $name:literal $folded:literal;)*) => {
        /// A UF; `EX` is what the Receita writes for abroad.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum State { $($sigla,)* }

        impl State {
            pub const ALL: [State; 28] = [$(State::$sigla,)*];

            /// The two capital letters, which are also the delivered form.
            pub const fn sigla(self) -> &'static str {
                match self { $(State::$sigla => stringify!($sigla),)* }
            }

            pub fn name(self) -> &'static str {
                match self { $(State::$sigla => $name,)* }
            }

            /// The two-digit code of IBGE; 0 for abroad.
            pub fn ibge(self) -> u8 {
                match self { $(State::$sigla => $code,)* }
            }

            pub(super) fn folded_name(self) -> &'static str {
                match self { $(State::$sigla => $folded,)* }
            }
        }
    };
}

states! {
    AC 12 "Acre" "ACRE";
    AL 27 "Alagoas" "ALAGOAS";
    AM 13 "Amazonas" "AMAZONAS";
    AP 16 "Amapá" "AMAPA";
    BA 29 "Bahia" "BAHIA";
    CE 23 "Ceará" "CEARA";
    DF 53 "Distrito Federal" "DISTRITO FEDERAL";
    ES 32 "Espírito Santo" "ESPIRITO SANTO";
    GO 52 "Goiás" "GOIAS";
    MA 21 "Maranhão" "MARANHAO";
    MG 31 "Minas Gerais" "MINAS GERAIS";
    MS 50 "Mato Grosso do Sul" "MATO GROSSO DO SUL";
    MT 51 "Mato Grosso" "MATO GROSSO";
    PA 15 "Pará" "PARA";
    PB 25 "Paraíba" "PARAIBA";
    PE 26 "Pernambuco" "PERNAMBUCO";
    PI 22 "Piauí" "PIAUI";
    PR 41 "Paraná" "PARANA";
    RJ 33 "Rio de Janeiro" "RIO DE JANEIRO";
    RN 24 "Rio Grande do Norte" "RIO GRANDE DO NORTE";
    RO 11 "Rondônia" "RONDONIA";
    RR 14 "Roraima" "RORAIMA";
    RS 43 "Rio Grande do Sul" "RIO GRANDE DO SUL";
    SC 42 "Santa Catarina" "SANTA CATARINA";
    SE 28 "Sergipe" "SERGIPE";
    SP 35 "São Paulo" "SAO PAULO";
    TO 17 "Tocantins" "TOCANTINS";
    EX 0 "Exterior" "EXTERIOR";
}

/// By the two letters of the sigla, counted from `A`.
const BY_SIGLA: [Option<State>; 26 * 26] = {
    let mut states = [None; 26 * 26];
    let mut at = 0;
    while at < State::ALL.len() {
        let sigla = State::ALL[at].sigla().as_bytes();
        let place = (sigla[0] - b'A') as usize * 26 + (sigla[1] - b'A') as usize;
        states[place] = Some(State::ALL[at]);
        at += 1;
    }
    states
};

impl State {
    /// Reads a sigla, a full name, `S.P.`, `SP - São Paulo` (either way round) or the code of
    /// IBGE. GB and FN, which exist no more, become the state that took them in, with an alert.
    pub fn parse(text: &str) -> Outcome<State> {
        let text = text.trim();
        if text.is_empty() {
            return Outcome::blank();
        }
        if let Some(state) = State::from_sigla(text) {
            return Outcome::ok(state);
        }
        if let Some(state) = State::from_letters(text).or_else(|| State::from_ibge(text)) {
            return Outcome::standardised(state);
        }
        let folded = fold(text);
        let words = folded.strip_prefix("ESTADO ").map_or(&*folded, |rest| {
            rest.strip_prefix("DE ")
                .or(rest.strip_prefix("DO "))
                .or(rest.strip_prefix("DA "))
                .unwrap_or(rest)
        });
        match State::from_words(words) {
            Some(state) => Outcome::standardised(state),
            None => State::abolished(words),
        }
    }

    /// The state of these two letters.
    fn from_letters(text: &str) -> Option<State> {
        let [first, second] = *text.as_bytes() else {
            return None;
        };
        let letters = [first.to_ascii_uppercase(), second.to_ascii_uppercase()];
        State::from_sigla(std::str::from_utf8(&letters).ok()?)
    }

    /// The state of exactly these two capital letters.
    pub fn from_sigla(sigla: &str) -> Option<State> {
        let [first, second] = *sigla.as_bytes() else {
            return None;
        };
        let place = |letter: u8| Some(usize::from(letter.checked_sub(b'A')?)).filter(|at| *at < 26);
        BY_SIGLA[place(first)? * 26 + place(second)?]
    }

    fn from_ibge(text: &str) -> Option<State> {
        let code = text.strip_suffix(".0").unwrap_or(text);
        let digits = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_digit());
        let code = digits.then(|| code.parse::<u8>().ok()).flatten()?;
        State::by_ibge(code)
    }

    /// The state of a two-digit code of IBGE.
    pub fn by_ibge(code: u8) -> Option<State> {
        let mut states = State::ALL.into_iter();
        states.find(|state| state.ibge() == code && code != 0)
    }

    fn from_words(folded: &str) -> Option<State> {
        let one = |words: &str| {
            let compact = match words.as_bytes() {
                [first, b' ', second] => [*first, *second],
                [first, second] => [*first, *second],
                _ => [0, 0],
            };
            State::ALL
                .into_iter()
                .find(|state| state.folded_name() == words || state.sigla().as_bytes() == compact)
        };
        one(folded).or_else(|| {
            // both, in either order, and only when they agree
            let by_first = folded
                .split_once(' ')
                .and_then(|(a, b)| Some((one(a)?, one(b)?)));
            let by_last = folded
                .rsplit_once(' ')
                .and_then(|(a, b)| Some((one(a)?, one(b)?)));
            by_first
                .or(by_last)
                .filter(|(a, b)| a == b)
                .map(|(state, _)| state)
        })
    }

    fn abolished(folded: &str) -> Outcome<State> {
        match folded {
            "GB" | "G B" | "GUANABARA" => Outcome::alert(State::RJ, Reason::UfExtinta),
            "FN" | "F N" | "FERNANDO DE NORONHA" => Outcome::alert(State::PE, Reason::UfExtinta),
            _ => Outcome::rejected(Reason::UfDesconhecida),
        }
    }

    /// The DDD of the states that have but one: it may be supplied where a telephone lacks it.
    pub fn only_ddd(self) -> Option<u8> {
        Some(match self {
            State::AC => 68,
            State::AL => 82,
            State::AP => 96,
            State::DF => 61,
            State::MS => 67,
            State::PB => 83,
            State::RN => 84,
            State::RO => 69,
            State::RR => 95,
            State::SE => 79,
            State::TO => 63,
            _ => return None,
        })
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sigla())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::Status;
    use proptest::prelude::*;

    #[test]
    fn every_way_of_writing_a_state_is_read() {
        for text in [
            "sp",
            "S.P.",
            "São Paulo",
            "SAO  PAULO",
            "SP - São Paulo",
            "São Paulo/SP",
            "35",
            "35.0",
            "Estado de São Paulo",
            "Sp.",
        ] {
            let outcome = State::parse(text);
            assert_eq!(
                (outcome.value, outcome.status),
                (Some(State::SP), Status::Padronizado),
                "{text}"
            );
        }
        assert_eq!(
            State::parse("MS - Mato Grosso do Sul").value,
            Some(State::MS)
        );
        assert_eq!(State::parse("Pará").value, Some(State::PA));
        assert_eq!(State::parse("EX"), Outcome::ok(State::EX));
    }

    #[test]
    fn every_state_reads_back_by_sigla_name_and_code() {
        for state in State::ALL {
            assert_eq!(State::parse(state.sigla()), Outcome::ok(state));
            assert_eq!(State::parse(state.name()).value, Some(state));
            assert_eq!(fold(state.name()), state.folded_name());
            if state != State::EX {
                assert_eq!(State::parse(&state.ibge().to_string()).value, Some(state));
            }
        }
    }

    #[test]
    fn every_two_letters_are_looked_up_alike() {
        for pair in 0..128 * 128u32 {
            let letters = [(pair / 128) as u8, (pair % 128) as u8];
            let text = std::str::from_utf8(&letters).unwrap();
            let sought = State::ALL.into_iter().find(|state| state.sigla() == text);
            assert_eq!(State::from_sigla(text), sought, "{text:?}");
        }
        assert_eq!(State::from_sigla("S"), None);
        assert_eq!(State::from_sigla("SPP"), None);
    }

    #[test]
    fn what_is_no_state_is_refused() {
        for text in ["XX", "00", "99", "SP - Paraná", "Campinas", "S", "."] {
            assert_eq!(
                State::parse(text).reason,
                Some(Reason::UfDesconhecida),
                "{text}"
            );
        }
        assert_eq!(
            State::parse("GB"),
            Outcome::alert(State::RJ, Reason::UfExtinta)
        );
        assert_eq!(State::parse("").status, Status::Vazio);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*") {
            State::parse(&text);
        }
    }
}

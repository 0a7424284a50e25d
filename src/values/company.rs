//! Names of companies.

use std::borrow::Cow;
use std::fmt;

use super::fold::{capitals, with_folded};
use super::name::{self, is_placeholder};
use super::state::State;
use super::{Outcome, Reason};

/// A company's name.
#[derive(Clone, PartialEq, Eq)]
pub struct Company<'a>(Cow<'a, str>);

impl<'a> Company<'a> {
    /// The Receita registers names in capitals: they stay. Small letters throughout become
    /// capitals, mixed case is meant.
    pub fn parse(text: &'a str) -> Outcome<Company<'a>> {
        let text = text.trim();
        if text.is_empty() {
            return Outcome::blank();
        }
        if !text.chars().any(char::is_alphabetic) {
            let digits = text.contains(|c: char| c.is_ascii_digit());
            return match digits {
                true => Outcome::alert(Company(Cow::Borrowed(text)), Reason::ContemDigitos),
                false => Outcome::rejected(Reason::CaracteresInvalidos),
            };
        }
        if text.len() <= LONGEST_STAND_IN && with_folded(text, is_placeholder) {
            return Outcome::alert(Company(Cow::Borrowed(text)), Reason::NomePlaceholder);
        }
        let line = match text.contains('\n') {
            true => Cow::Owned(text.replace('\n', " ")),
            false => Cow::Borrowed(text),
        };
        if line.chars().any(char::is_lowercase) && !line.chars().any(char::is_uppercase) {
            let upper = capitals(&line);
            if upper != text {
                let company = Company(Cow::Owned(upper));
                return Outcome::standardised_because(company, Reason::CaixaAjustada);
            }
        }
        let canonical = line == text;
        Outcome::of_form(Company(line), canonical)
    }
}

const LONGEST_STAND_IN: usize = 24;

/// As a sign over a door has it: `PADARIA E CIA LTDA` is `Padaria e Cia LTDA`. Only for a name all
/// in capitals or in small letters; `None` if nothing changes.
pub fn titled(text: &str) -> Option<String> {
    let named = name::recase(text)?;
    let last = text.split(' ').count() - 1;
    let mut after_dash = false;
    let mut words = String::with_capacity(text.len());
    for (at, (typed, word)) in text.split(' ').zip(named.split(' ')).enumerate() {
        if at > 0 {
            words.push(' ');
        }
        let upper = typed.to_uppercase();
        match is_upper(&upper, at == last, after_dash) {
            true => words.push_str(&upper),
            false => push_with_state(word, &mut words),
        }
        after_dash = typed == "-";
    }
    (words != text).then_some(words)
}

/// `Filial/sp` ends with a state.
fn push_with_state(word: &str, words: &mut String) {
    match word.rsplit_once('/') {
        Some((before, state)) if State::from_sigla(&state.to_uppercase()).is_some() => {
            words.push_str(before);
            words.push('/');
            words.push_str(&state.to_uppercase());
        }
        _ => words.push_str(word),
    }
}

fn is_upper(word: &str, last: bool, after_dash: bool) -> bool {
    let bare = word.trim_end_matches(['.', ',']);
    matches!(
        bare,
        "LTDA" | "S/A" | "S.A" | "EPP" | "EIRELI" | "MEI" | "CNPJ" | "CPF" | "CEP" | "SA"
    ) || (last && bare == "ME")
        || (after_dash && State::from_sigla(bare).is_some())
}

impl Company<'_> {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Company<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Censored: a one-man company is called like its owner.
impl fmt::Debug for Company<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Company(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::Status;
    use proptest::prelude::*;

    #[test]
    fn capitals_stay_and_small_letters_become_them() {
        for text in [
            "PADARIA BOM DIA LTDA",
            "Padaria Bom Dia Ltda.",
            "3M DO BRASIL S/A",
        ] {
            assert_eq!(Company::parse(text).status, Status::Ok, "{text}");
        }
        let small = Company::parse("padaria bom dia ltda");
        assert_eq!(small.reason, Some(Reason::CaixaAjustada));
        assert_eq!(small.value.unwrap().to_string(), "PADARIA BOM DIA LTDA");
        for (text, reason) in [
            ("teste", Reason::NomePlaceholder),
            ("Consumidor Final", Reason::NomePlaceholder),
            ("51", Reason::ContemDigitos),
        ] {
            assert_eq!(Company::parse(text).reason, Some(reason), "{text}");
        }
        assert_eq!(Company::parse("***").status, Status::Rejeitado);
    }

    #[test]
    fn a_title_keeps_what_companies_write_in_capitals() {
        for (text, titled_text) in [
            ("PADARIA E CIA LTDA", "Padaria e Cia LTDA"),
            ("BANCO DO BRASIL S/A", "Banco do Brasil S/A"),
            ("J SILVA ME", "J Silva ME"),
            ("ME AJUDE COMERCIO", "Me Ajude Comercio"),
            ("LOJA CENTRO - SP", "Loja Centro - SP"),
            ("LOJA CENTRO/SP", "Loja Centro/SP"),
        ] {
            assert_eq!(titled(text).as_deref(), Some(titled_text), "{text}");
        }
        assert_eq!(titled("McDonald"), None);
    }

    proptest! {
        #[test]
        fn cleaning_twice_is_cleaning_once(text in "\\PC{0,24}|[A-Za-z/. 0-9-]{0,24}") {
            let text = crate::values::text::normalise(&text).text.into_owned();
            titled(&text);
            if let Some(company) = Company::parse(&text).value {
                let once = company.to_string();
                let again = Company::parse(&once);
                prop_assert_eq!(again.value.map(|one| one.to_string()), Some(once.clone()));
                prop_assert!(matches!(again.status, Status::Ok | Status::Alerta));
            }
        }
    }
}

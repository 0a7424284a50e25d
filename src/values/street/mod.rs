//! Addresses of streets.

mod kinds;

use std::borrow::Cow;
use std::fmt;

use super::fold::{capital_of, fold_key};
use super::{Outcome, Reason, name};

/// A street with its kind written out.
#[derive(Clone, PartialEq, Eq)]
pub struct Street<'a>(Cow<'a, str>);

/// An address taken apart. What does not belong to the street or the number is complement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts<'a> {
    pub street: &'a str,
    pub number: &'a str,
    pub complement: &'a str,
}

impl<'a> Street<'a> {
    /// `R. das Flores` is `Rua das Flores`. Case is touched only where all that follows the kind
    /// of street is in capitals or in small letters.
    pub fn parse(text: &'a str) -> Outcome<Street<'a>> {
        let text = text.trim();
        if text.is_empty() {
            return Outcome::blank();
        }
        let (word, rest) = kind_and_rest(text);
        let head = &text[..text.len() - rest.len()];
        let recased = recased(rest, word.is_some());
        let same_head = word.is_none_or(|word| head.strip_suffix(' ') == Some(word));
        if same_head && recased.is_none() {
            return Outcome::ok(Street(Cow::Borrowed(text)));
        }
        let rest = recased.as_deref().unwrap_or(rest);
        let whole = match word {
            Some(word) => format!("{word} {rest}"),
            None => format!("{head}{rest}"),
        };
        let spelt_out = word.is_some_and(|word| {
            !head
                .trim_end()
                .to_lowercase()
                .starts_with(&word.to_lowercase())
        });
        Outcome::standardised_because(
            Street(Cow::Owned(whole)),
            match spelt_out {
                true => Reason::Abreviatura,
                false => Reason::CaixaAjustada,
            },
        )
    }
}

/// The word for the kind of street that `text` begins with, and what follows it. Without one, all
/// of the text follows.
fn kind_and_rest(text: &str) -> (Option<&'static str>, &str) {
    let end = text.find([' ', '.', ':']).unwrap_or(text.len());
    let rest = text[end..].trim_start_matches([' ', '.', ':']);
    let word = fold_key(&text[..end], &mut [0; 16]).and_then(kinds::word_of);
    match word {
        // `R, 5` has no street behind it.
        Some(word) if rest.starts_with(char::is_alphanumeric) => (Some(word), rest),
        _ => (None, text),
    }
}

/// As the words of a street are written, codes such as `SQN` and `BR-101` in capitals; `None` if
/// nothing changes. `follows`: whether the kind of street stands before them.
fn recased(text: &str, follows: bool) -> Option<String> {
    let upper = text.chars().any(char::is_uppercase);
    if upper == text.chars().any(char::is_lowercase) {
        return None;
    }
    // The first word of a name has a capital: here that is the kind of street.
    let first = match (follows, upper) {
        (false, _) => "",
        (true, true) => "R ",
        (true, false) => "r ",
    };
    let whole = format!("{first}{text}");
    let named = name::recase(&whole).unwrap_or(whole);
    let named = named.get(first.len()..).unwrap_or(text);
    let mut words = String::with_capacity(text.len());
    for (typed, word) in text.split(' ').zip(named.split(' ')) {
        if !words.is_empty() {
            words.push(' ');
        }
        match is_code(typed) {
            true => words.extend(typed.chars().map(capital_of)),
            false => words.push_str(word),
        }
    }
    (words != text).then_some(words)
}

/// No vowel among a few letters, or letters and digits together.
fn is_code(word: &str) -> bool {
    let mut letters = 0;
    let mut vowels = 0;
    let mut digits = 0;
    for c in word.chars() {
        letters += usize::from(c.is_alphabetic());
        vowels += usize::from(!c.is_ascii() || "AEIOUYaeiouy".contains(c));
        digits += usize::from(c.is_ascii_digit());
    }
    letters > 1 && ((vowels == 0 && letters <= 4 && !word.contains('.')) || digits > 0)
}

/// Takes an address apart at its number: `Av Ayrton Senna, 3000 - sala 4098`. `None` if no number
/// is to be seen.
pub fn parts(text: &str) -> Option<Parts<'_>> {
    let commas = text.match_indices(',').map(|(at, _)| (at, at + 1));
    let signs = text.char_indices().filter_map(|(at, c)| {
        if !matches!(c, 'n' | 'N') || !text[..at].ends_with([' ', ',']) {
            return None;
        }
        let after = text[at + 1..].strip_prefix(['º', '°', 'o'])?;
        after.starts_with([' ', '.']).then_some((at, at))
    });
    let cut = commas.chain(signs).find_map(|(end, start)| {
        let (number, rest) = number_at(&text[start..])?;
        Some((&text[..end], number, rest))
    });
    let (street, number, rest) = cut.or_else(|| last_number(text))?;
    let separators = |c: char| matches!(c, ',' | '-' | ';' | '–' | '/') || c.is_whitespace();
    let street = street.trim_end_matches(separators);
    let complement = rest.trim_start_matches(separators);
    (!street.is_empty()).then_some(Parts {
        street,
        number,
        complement,
    })
}

/// The number that `text` begins with, and the rest.
fn number_at(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    for none in ["s/nº", "s/n°", "s/n", "sn"] {
        let head = text.get(..none.len()).map(str::to_lowercase);
        let rest = text.get(none.len()..).unwrap_or_default();
        if head.as_deref() == Some(none) && !rest.starts_with(char::is_alphanumeric) {
            return Some((&text[..none.len()], rest));
        }
    }
    let signs = ["nº", "n°", "no.", "no ", "n.", "km "];
    let sign = signs.iter().find(|sign| {
        let head = text.get(..sign.len()).map(str::to_lowercase);
        head.as_deref() == Some(**sign)
    });
    let start = sign.map_or(0, |sign| sign.len());
    let after = text[start..].trim_start_matches([' ', '.', ':']);
    let skipped = text.len() - after.len();
    let digits = after.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 || digits > 6 {
        return None;
    }
    let mut end = skipped + digits;
    let rest = &text[end..];
    // `1-71`, `12A`, `12-A`
    let tail = rest.strip_prefix('-').unwrap_or(rest);
    let dash = rest.len() - tail.len();
    let more = tail.bytes().take_while(u8::is_ascii_digit).count();
    let letter = tail
        .chars()
        .next()
        .filter(char::is_ascii_alphabetic)
        .filter(|_| !tail[1..].starts_with(char::is_alphanumeric));
    if dash == 1 && more > 0 {
        end += dash + more;
    } else if letter.is_some() {
        end += dash + 1;
    }
    let ends = !text[end..].starts_with(char::is_alphanumeric);
    ends.then(|| (&text[..end], &text[end..]))
}

/// `Rua das Flores 123`: a number that ends the address, or stands before a complement, behind the
/// name of a street.
fn last_number(text: &str) -> Option<(&str, &str, &str)> {
    let (word, rest) = kind_and_rest(text);
    let is_street = matches!(
        word,
        Some("Rua" | "Avenida" | "Alameda" | "Travessa" | "Praça")
    );
    if !is_street {
        return None;
    }
    let mut at = text.len() - rest.len();
    let mut before = "";
    for (nth, word) in rest.split(' ').enumerate() {
        let end = at + word.len();
        let number = nth > 0
            && (1..=5).contains(&word.len())
            && word.bytes().all(|byte| byte.is_ascii_digit());
        // What has a number by right: `Quadra 5`, `Bloco 3`.
        let named = before.chars().count() > 2
            && before.chars().all(char::is_alphabetic)
            && fold_key(before, &mut [0; 32])
                .is_some_and(|key| kinds::word_of(key).is_none() && !kinds::opens_complement(key));
        let after = text[end..].trim_start_matches([' ', '-', ',']);
        let next = after.split([' ', '.', ':']).next().unwrap_or_default();
        let followed = after.is_empty()
            || text[end..].starts_with(" -")
            || fold_key(next, &mut [0; 32]).is_some_and(kinds::opens_complement);
        if number && named && followed {
            return Some((&text[..at], word, &text[end..]));
        }
        before = word;
        at = end + 1;
    }
    None
}

impl fmt::Display for Street<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Censored: an address never reaches a log by way of `{:?}`.
impl fmt::Debug for Street<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Street(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::Status;
    use proptest::prelude::*;

    #[test]
    fn the_kind_of_street_is_written_out() {
        for (text, street, reason) in [
            ("R. das Flores", "Rua das Flores", Reason::Abreviatura),
            ("AV PAULISTA", "Avenida Paulista", Reason::Abreviatura),
            ("Al. Santos", "Alameda Santos", Reason::Abreviatura),
            ("TV DO CARMO", "Travessa do Carmo", Reason::Abreviatura),
            ("PÇA DA SÉ", "Praça da Sé", Reason::Abreviatura),
            ("ROD BR-101", "Rodovia BR-101", Reason::Abreviatura),
            ("EST. VELHA", "Estrada Velha", Reason::Abreviatura),
            (
                "RUA XV DE NOVEMBRO",
                "Rua XV de Novembro",
                Reason::CaixaAjustada,
            ),
            ("rua do sol", "Rua do Sol", Reason::CaixaAjustada),
            ("SQN 305 BLOCO B", "SQN 305 Bloco B", Reason::CaixaAjustada),
        ] {
            let outcome = Street::parse(text);
            assert_eq!(outcome.reason, Some(reason), "{text}");
            assert_eq!(outcome.value.unwrap().to_string(), street, "{text}");
        }
        for text in [
            "Rua das Flores",
            "Avenida Paulista, 1000",
            "R",
            "McDonald 5",
        ] {
            assert_eq!(Street::parse(text).status, Status::Ok, "{text}");
        }
    }

    #[test]
    fn an_address_is_taken_apart_at_its_number() {
        for (text, street, number, complement) in [
            (
                "Av Ayrton Senna, 3000 - sala 4098",
                "Av Ayrton Senna",
                "3000",
                "sala 4098",
            ),
            ("Rua A, S/N", "Rua A", "S/N", ""),
            (
                "Rua das Flores, nº 12, apto 3",
                "Rua das Flores",
                "nº 12",
                "apto 3",
            ),
            ("Rua das Flores nº 12", "Rua das Flores", "nº 12", ""),
            ("Rua das Flores 123", "Rua das Flores", "123", ""),
            (
                "Rua das Flores 123 apto 4",
                "Rua das Flores",
                "123",
                "apto 4",
            ),
            ("Rod BR-101, KM 12", "Rod BR-101", "KM 12", ""),
            ("Rua Bauru, 1-71", "Rua Bauru", "1-71", ""),
            ("Rua B, 12A - Centro", "Rua B", "12A", "Centro"),
        ] {
            let expected = Parts {
                street,
                number,
                complement,
            };
            assert_eq!(parts(text), Some(expected), "{text}");
        }
        for text in [
            "Rua 25 de Março",
            "Rua 5",
            "Avenida Nove de Julho",
            "Quadra 5 Lote 3",
            "Rua das Flores Quadra 5",
            "SQN 305 Bloco B",
            ", 12",
        ] {
            assert_eq!(parts(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn cleaning_twice_is_cleaning_once(text in "\\PC{0,24}|(R|AV|av|Pça|QD|Rua|EST)[. ]{1,2}[A-Za-zãç ,0-9/º-]{0,24}") {
            let text = crate::values::text::normalise(&text).text.into_owned();
            if let Some(street) = Street::parse(&text).value {
                let once = street.to_string();
                let again = Street::parse(&once);
                prop_assert_eq!(again.value.map(|street| street.to_string()), Some(once.clone()));
                prop_assert_eq!(again.status, Status::Ok, "{}", once);
            }
            if let Some(parts) = parts(&text) {
                prop_assert!(!parts.street.is_empty());
            }
        }
    }
}

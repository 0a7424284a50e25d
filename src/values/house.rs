//! The number of a house.

use std::borrow::Cow;
use std::fmt;

use super::fold::{capitals, fold_key};
use super::{Outcome, Reason};

/// A number as it stands on a house: `12`, `12 A`, `1-71`, `KM 12`, `S/N`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HouseNumber<'a>(Cow<'a, str>);

/// What is delivered for a house without a number.
const NONE: &str = "S/N";

impl<'a> HouseNumber<'a> {
    /// `601.0` and `7.406`, which a spreadsheet made of `601` and `7406`, are made whole again.
    pub fn parse(text: &'a str) -> Outcome<HouseNumber<'a>> {
        let text = text.trim();
        if text.is_empty() {
            return Outcome::blank();
        }
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if digits(text) {
            return Outcome::ok(HouseNumber(Cow::Borrowed(text)));
        }
        if is_none(text) {
            return Outcome::of_form(HouseNumber(Cow::Borrowed(NONE)), text == NONE);
        }
        let bare = without_sign(text);
        match bare.split_once('.') {
            Some((whole, "0")) if digits(whole) => {
                return Outcome::standardised(HouseNumber(Cow::Borrowed(whole)));
            }
            Some((thousands, rest))
                if digits(thousands) && thousands.len() <= 3 && rest.len() == 3 && digits(rest) =>
            {
                let whole = HouseNumber(Cow::Owned(format!("{thousands}{rest}")));
                return Outcome::alert(whole, Reason::MilharIndevido);
            }
            _ => {}
        }
        let number = match bare.contains(|c: char| c.is_ascii_digit()) {
            true => upper(bare),
            false => Cow::Borrowed(bare),
        };
        let canonical = number == text;
        Outcome::of_form(HouseNumber(number), canonical)
    }
}

/// `S/N`, `SN`, `s/nº`, `sem número`.
fn is_none(text: &str) -> bool {
    let key = fold_key(text, &mut [0; 16]).map(|key| {
        matches!(
            key,
            "S N" | "SN" | "S NO" | "SNO" | "S NR" | "S NUM" | "SEM NUMERO" | "SEM N" | "SEM NO"
        )
    });
    key.unwrap_or(false)
}

/// Without the `nº` before it.
fn without_sign(text: &str) -> &str {
    let signs = [
        "nº", "n°", "no.", "nr.", "nro.", "n.", "nº.", "núm.", "num.", "#",
    ];
    let rest = signs.iter().find_map(|sign| {
        let head = text.get(..sign.len())?;
        (head.to_lowercase() == *sign).then(|| text[sign.len()..].trim_start())
    });
    match rest {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => rest,
        _ => text,
    }
}

/// In capitals, where it is not already.
fn upper(text: &str) -> Cow<'_, str> {
    match text.chars().any(char::is_lowercase) {
        true => Cow::Owned(capitals(text)),
        false => Cow::Borrowed(text),
    }
}

impl fmt::Display for HouseNumber<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::Status;

    #[test]
    fn numbers_are_made_whole_and_no_number_is_one() {
        for (text, number, status) in [
            ("601", "601", Status::Ok),
            ("601.0", "601", Status::Padronizado),
            ("7.406", "7406", Status::Alerta),
            ("S/N", "S/N", Status::Ok),
            ("SN", "S/N", Status::Padronizado),
            ("s/nº", "S/N", Status::Padronizado),
            ("Sem número", "S/N", Status::Padronizado),
            ("km 12", "KM 12", Status::Padronizado),
            ("1-71", "1-71", Status::Ok),
            ("nº 12", "12", Status::Padronizado),
            ("12 a", "12 A", Status::Padronizado),
            ("fundos", "fundos", Status::Ok),
            ("7.4", "7.4", Status::Ok),
        ] {
            let outcome = HouseNumber::parse(text);
            assert_eq!(outcome.status, status, "{text}");
            assert_eq!(outcome.value.unwrap().to_string(), number, "{text}");
        }
    }
}

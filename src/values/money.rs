//! Amounts: money, plain numbers and percentages.

use std::fmt;

use super::number::{self, Decimal, Layout, Locale};
use super::shown::is_shown_as;
use super::{Outcome, Reason};

/// A number with what stood around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    pub amount: Decimal,
    pub currency: Option<Currency>,
    /// Written with `%`; the amount is as written: 12,5% is 12.5.
    pub percent: bool,
    pub notes: Notes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Currency {
    Brl,
    Usd,
    Eur,
    Gbp,
}

impl Currency {
    /// The code of ISO 4217.
    pub fn code(self) -> &'static str {
        match self {
            Currency::Brl => "BRL",
            Currency::Usd => "USD",
            Currency::Eur => "EUR",
            Currency::Gbp => "GBP",
        }
    }
}

/// What was peculiar in the writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Notes {
    /// Commas part the thousands: `formato_en`.
    pub english: bool,
    /// `1.234` with nothing to tell its meaning: `ambiguo`.
    pub ambiguous: bool,
    /// `1.5`: `ponto_decimal`.
    pub point: bool,
    /// Thousands parted by spaces or apostrophes: `milhar_espaco`.
    pub spaced: bool,
    /// `1,5 mil`: `escala_por_extenso`.
    pub scaled: bool,
}

impl Notes {
    /// The codes of the notes that apply.
    pub fn codes(self) -> impl Iterator<Item = &'static str> {
        [
            (self.english && !self.spaced, "formato_en"),
            (self.ambiguous, "ambiguo"),
            (self.spaced, "milhar_espaco"),
            (self.point || (self.english && self.spaced), "ponto_decimal"),
            (self.scaled, "escala_por_extenso"),
        ]
        .into_iter()
        .filter_map(|(applies, code)| applies.then_some(code))
    }
}

impl Money {
    /// Reads an amount; `locale` is how the column writes its numbers, if that is known.
    pub fn parse(text: &str, locale: Option<Locale>) -> Outcome<Money> {
        usual(text.as_bytes()).unwrap_or_else(|| Money::parse_any(text, locale))
    }

    fn parse_any(text: &str, locale: Option<Locale>) -> Outcome<Money> {
        let text = text.trim();
        if text.is_empty() {
            return Outcome::blank();
        }
        let dressed = Dressed::read(text);
        // an accountant's zero: `R$ -`
        if dressed.body.is_empty() && text.contains(['-', '–', '—', '\u{2212}']) {
            return Outcome::blank();
        }
        let Some((amount, layout)) = body(dressed.body, locale) else {
            return Outcome::rejected(Reason::NaoNumerico);
        };
        let scaled = match dressed.power {
            Some(power) => amount.times_ten_to(power),
            None => Some(amount),
        };
        let Some(amount) = scaled else {
            return Outcome::rejected(Reason::NaoNumerico);
        };
        let Layout {
            ambiguous,
            english,
            point,
            spaced,
        } = layout;
        let money = Money {
            amount: if dressed.negative {
                amount.negated()
            } else {
                amount
            },
            currency: dressed.currency,
            percent: dressed.percent,
            notes: Notes {
                english,
                ambiguous,
                point,
                spaced,
                scaled: dressed.power.is_some(),
            },
        };
        if ambiguous {
            Outcome::alert(money, Reason::Ambiguo)
        } else if dressed.power.is_some() {
            Outcome::corrected(money, Reason::Escala, 95)
        } else {
            // The delivered form has no currency.
            let canonical = dressed.currency.is_none() && is_shown_as(&money, text);
            Outcome::of_form(money, canonical)
        }
    }
}

/// The usual cells: up to fifteen digits, and one or two behind a comma; where there are those, a
/// point may part the thousands and `R$` stand before it all. No column reads them in another way.
fn usual(text: &[u8]) -> Option<Outcome<Money>> {
    let (currency, bare) = match text.strip_prefix(b"R$ ") {
        Some(bare) => (Some(Currency::Brl), bare),
        None => (None, text),
    };
    let (whole, fraction) = match bare {
        [whole @ .., b',', _, _] => (whole, &bare[bare.len() - 2..]),
        [whole @ .., b',', _] => (whole, &bare[bare.len() - 1..]),
        whole => (whole, &bare[bare.len()..]),
    };
    if !matches!(whole, [b'0'] | [b'1'..=b'9', ..]) || whole.len() > 15 {
        return None;
    }
    let grouped = !fraction.is_empty() && whole.contains(&b'.');
    let mut mantissa = 0u64;
    for (at, byte) in whole.iter().chain(fraction).enumerate() {
        let before_comma = whole.len().saturating_sub(at);
        match byte {
            b'.' if grouped && before_comma % 4 == 0 && before_comma > 0 => {}
            b'0'..=b'9' if !grouped || before_comma % 4 != 0 || before_comma == 0 => {
                mantissa = mantissa * 10 + u64::from(byte - b'0');
            }
            _ => return None,
        }
    }
    let money = Money {
        amount: Decimal::new(i128::from(mantissa), fraction.len() as u8),
        currency,
        percent: false,
        notes: Notes::default(),
    };
    Some(Outcome::of_form(money, currency.is_none() && !grouped))
}

/// Digits and separators, perhaps with an exponent.
fn body(text: &str, locale: Option<Locale>) -> Option<(Decimal, Layout)> {
    match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            if digits.is_empty()
                || digits.len() > 2
                || !digits.bytes().all(|byte| byte.is_ascii_digit())
            {
                return None;
            }
            // a spreadsheet never groups a mantissa: `1.234E5` has a decimal point
            let locale = if mantissa.contains('.') {
                Locale::En
            } else {
                Locale::PtBr
            };
            let (amount, layout) = number::read(mantissa, Some(locale))?;
            Some((amount.shifted(exponent.parse().ok()?)?, layout))
        }
        None => number::read(text, locale),
    }
}

/// A number undressed of its sign, currency and scale.
struct Dressed<'a> {
    body: &'a str,
    negative: bool,
    currency: Option<Currency>,
    percent: bool,
    /// Of ten, from `mil` and the like.
    power: Option<u32>,
}

impl<'a> Dressed<'a> {
    fn read(text: &'a str) -> Dressed<'a> {
        let mut dressed = Dressed {
            body: text,
            negative: false,
            currency: None,
            percent: false,
            power: None,
        };
        if let Some(inside) = text
            .strip_prefix('(')
            .and_then(|rest| rest.strip_suffix(')'))
        {
            dressed.body = inside.trim();
            dressed.negative = true;
        }
        // Most amounts begin and end with a digit: nothing to take off.
        let bare = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
        while !bare(dressed.body.as_bytes().first()) && dressed.take_front() {}
        while !bare(dressed.body.as_bytes().last()) && dressed.take_back() {}
        dressed
    }

    /// Takes one thing off the front; whether there was one.
    fn take_front(&mut self) -> bool {
        if let Some((currency, rest)) = currency_in_front(self.body) {
            self.currency = currency;
            // `R$Â 10`: what is left of a no-break space
            self.body = rest.strip_prefix('Â').unwrap_or(rest).trim_start();
            return true;
        }
        match self.body.strip_prefix(['-', '+', '\u{2212}', '–']) {
            Some(rest) if !self.negative || self.body.starts_with('+') => {
                self.negative |= !self.body.starts_with('+');
                self.body = rest.trim_start();
                true
            }
            _ => false,
        }
    }

    /// Takes one thing off the back; whether there was one.
    fn take_back(&mut self) -> bool {
        const WORDS: [(&str, u32); 11] = [
            ("milhões", 6),
            ("milhoes", 6),
            ("milhão", 6),
            ("milhao", 6),
            ("bilhões", 9),
            ("bilhão", 9),
            ("mil", 3),
            ("mi", 6),
            ("bi", 9),
            ("k", 3),
            ("mm", 6),
        ];
        if let Some(rest) = self.body.strip_suffix('%').filter(|_| !self.percent) {
            self.percent = true;
            self.body = rest.trim_end();
            return true;
        }
        if let Some(rest) = self
            .body
            .strip_suffix(['-', '\u{2212}'])
            .filter(|_| !self.negative)
        {
            self.negative = true;
            self.body = rest.trim_end();
            return true;
        }
        let word = WORDS
            .iter()
            .find_map(|(word, power)| Some((strip_suffix(self.body, word)?, *power)));
        if let Some((rest, power)) = word.filter(|_| self.power.is_none()) {
            self.power = Some(power);
            self.body = rest;
            return true;
        }
        if let Some((currency, rest)) =
            currency_behind(self.body).filter(|_| self.currency.is_none())
        {
            self.currency = Some(currency);
            self.body = rest;
            return true;
        }
        // debit and credit, as statements have them
        for (letter, negative) in [("d", true), ("c", false)] {
            if let Some(rest) = strip_suffix(self.body, letter).filter(|_| !self.negative) {
                self.negative = negative;
                self.body = rest;
                return true;
            }
        }
        false
    }
}

/// Without a word at its end that follows a digit; in any case.
fn strip_suffix<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let start = text.len().checked_sub(word.len())?;
    let tail = text.get(start..)?;
    let rest = text[..start].trim_end();
    (tail.to_lowercase() == word && rest.ends_with(|c: char| c.is_ascii_digit())).then_some(rest)
}

/// The longer first: `US$` before `$`, which may be any dollar or peso.
const IN_FRONT: [(&str, Option<Currency>); 9] = [
    ("R$", Some(Currency::Brl)),
    ("BRL", Some(Currency::Brl)),
    ("US$", Some(Currency::Usd)),
    ("USD", Some(Currency::Usd)),
    ("U$", Some(Currency::Usd)),
    ("EUR", Some(Currency::Eur)),
    ("€", Some(Currency::Eur)),
    ("£", Some(Currency::Gbp)),
    ("$", None),
];

fn currency_in_front(text: &str) -> Option<(Option<Currency>, &str)> {
    IN_FRONT.into_iter().find_map(|(sign, currency)| {
        let found = text.get(..sign.len())?.eq_ignore_ascii_case(sign);
        found.then(|| (currency, text[sign.len()..].trim_start()))
    })
}

fn currency_behind(text: &str) -> Option<(Currency, &str)> {
    IN_FRONT
        .into_iter()
        .find_map(|(sign, currency)| Some((currency?, strip_suffix(text, &sign.to_lowercase())?)))
}

/// As Brazil writes it, without thousands: `1234,56`; the currency is the column's affair.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.amount.write(f, ',')?;
        if self.percent {
            f.write_str("%")
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::Status;
    use proptest::prelude::*;

    fn amount(text: &str) -> String {
        Money::parse(text, None)
            .value
            .map_or_else(|| "-".into(), |money| money.amount.to_string())
    }

    #[test]
    fn every_way_of_writing_an_amount_is_read() {
        for text in [
            "R$ 1.234,56",
            "R$\u{a0}1.234,56",
            "1.234,56",
            "1234,56",
            "1,234.56",
            "1234.56",
            "R$Â 1.234,56",
            "1.234,56 BRL",
            "1 234,56",
            "1.23456E3",
            "+1234,56",
            "1.234,56C",
        ] {
            assert_eq!(amount(text), "1234.56", "{text}");
        }
        for text in [
            "(1.234,56)",
            "1.234,56-",
            "-R$ 1.234,56",
            "R$ -1.234,56",
            "\u{2212}1234,56",
            "(R$ 1.234,56)",
            "1.234,56 D",
        ] {
            assert_eq!(amount(text), "-1234.56", "{text}");
        }
        for (text, value) in [
            ("1.234.567,8", "1234567.8"),
            (",50", "0.50"),
            (".50", "0.50"),
            ("0,5", "0.5"),
            ("0.123", "0.123"),
            ("1234.567", "1234.567"),
            ("10k", "10000"),
            ("12,5%", "12.5"),
            ("1E-3", "0.001"),
        ] {
            assert_eq!(amount(text), value, "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in [
            "abc",
            "1.23,45",
            "12.34.56",
            "1,2,3",
            "10,",
            ".",
            "R$",
            "1..2",
            "--5",
            "1 2 3",
            "1.234 567",
            "12a",
            "1,5 mil mil",
            "1,234.5,6",
        ] {
            assert_eq!(
                Money::parse(text, None).reason,
                Some(Reason::NaoNumerico),
                "{text}"
            );
        }
        assert_eq!(Money::parse("R$ -", None).status, Status::Vazio);
    }

    #[test]
    fn the_column_decides_what_is_ambiguous() {
        let of = |text, locale| Money::parse(text, locale);
        assert_eq!(of("1.234", None).reason, Some(Reason::Ambiguo));
        assert_eq!(
            of("1.234", Some(Locale::PtBr))
                .value
                .unwrap()
                .amount
                .to_string(),
            "1234"
        );
        assert_eq!(
            of("1.234", Some(Locale::En))
                .value
                .unwrap()
                .amount
                .to_string(),
            "1.234"
        );
        assert_eq!(
            of("1,234", Some(Locale::En))
                .value
                .unwrap()
                .amount
                .to_string(),
            "1234"
        );
        assert_eq!(of("1,234", Some(Locale::PtBr)).status, Status::Ok);
    }

    proptest! {
        #[test]
        fn a_usual_amount_is_read_as_any_other(text in "[0-9]{1,16}(,[0-9]{1,3})?|[0-9,.]{0,6}|(R\\$ ?)?([0-9]{1,3}(\\.[0-9]{3}){0,3}|[0-9.]{1,6})(,[0-9]{1,3})?") {
            for locale in [None, Some(Locale::PtBr), Some(Locale::En)] {
                prop_assert_eq!(Money::parse(&text, locale), Money::parse_any(&text, locale));
            }
        }

        #[test]
        fn no_text_panics(text in "\\PC*|[0-9R$.,() eEkmil%DC-]{0,24}") {
            Money::parse(&text, None);
        }

        #[test]
        fn the_delivered_form_reads_back(text in "-?[0-9]{1,6}([.,][0-9]{1,4})?%?( mil)?") {
            if let Some(money) = Money::parse(&text, None).value {
                let again = Money::parse(&money.to_string(), Some(Locale::PtBr));
                prop_assert_eq!(again.value.map(|again| again.amount), Some(money.amount));
                prop_assert_eq!(again.status, Status::Ok);
            }
        }
    }
}

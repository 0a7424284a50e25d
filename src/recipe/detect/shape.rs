//! What a value is made of, and which types it may be of.

use std::cell::OnceCell;

use crate::recipe::ColumnKind;
use crate::recipe::rule::is_serial;
use crate::values::date::{Order, System};
use crate::values::municipality::{Whereabouts, by_code};
use crate::values::phone::area_code;
use crate::values::{
    Cep, Cnpj, CnpjColumn, Cpf, CpfColumn, Date, DateKind, Email, Money, Phone, State, Town,
    boolean,
};

/// With its currency and scale.
const LONGEST_NUMBER: usize = 48;

/// Rules out most types before any parsing.
pub(super) struct Shape<'a> {
    text: &'a str,
    /// The number it is, if it is one; several types ask.
    number: OnceCell<Option<Money>>,
    pub digits: usize,
    pub letters: usize,
    pub at: bool,
    pub tokens: usize,
    length: usize,
}

impl<'a> Shape<'a> {
    pub fn of(text: &'a str) -> Self {
        Shape {
            text,
            number: OnceCell::new(),
            digits: text.bytes().filter(u8::is_ascii_digit).count(),
            letters: text.chars().filter(|c| c.is_alphabetic()).count(),
            at: text.contains('@'),
            tokens: text.split(' ').count(),
            length: text.len(),
        }
    }

    fn number(&self) -> Option<Money> {
        *self
            .number
            .get_or_init(|| Money::parse(self.text, None).value)
    }

    /// `claimed`: whether the header speaks for the type, which lets odd writing pass.
    pub fn allows(&self, kind: ColumnKind, claimed: bool) -> bool {
        let (digits, letters) = (self.digits, self.letters);
        match kind {
            ColumnKind::Cpf => letters == 0 && (8..=11).contains(&digits),
            ColumnKind::Cnpj => (9..=14).contains(&(digits + letters)) && digits > 1,
            ColumnKind::Document => (8..=14).contains(&(digits + letters)) && digits > 1,
            ColumnKind::Phone if claimed => letters <= 12 && (8..=48).contains(&digits),
            ColumnKind::Phone => letters == 0 && (10..=15).contains(&digits),
            ColumnKind::Ddd => letters == 0 && (2..=4).contains(&digits),
            ColumnKind::Email => self.at,
            ColumnKind::Cep => letters == 0 && (7..=8).contains(&digits),
            ColumnKind::State => self.length <= 32 && (letters > 0 || digits == 2),
            ColumnKind::Municipality => (digits == 0 && letters > 1) || (claimed && letters == 0),
            ColumnKind::Ibge => letters == 0 && (6..=8).contains(&digits),
            ColumnKind::Name => digits == 0 && letters > 2 && self.tokens > 1,
            ColumnKind::Company => letters > 1,
            ColumnKind::Street => letters > 2,
            ColumnKind::Number => self.length <= 12 && (digits > 0 || letters <= 4),
            ColumnKind::Date | ColumnKind::BirthDate => (1..=20).contains(&digits),
            ColumnKind::Money | ColumnKind::Decimal | ColumnKind::Integer => {
                digits > 0 && self.length <= LONGEST_NUMBER
            }
            ColumnKind::Percent => digits > 0 && letters == 0 && self.length <= LONGEST_NUMBER,
            ColumnKind::Boolean => self.length <= 12,
            ColumnKind::Category | ColumnKind::Text => false,
        }
    }
}

/// Whether `text` is a value of the type. Where nobody claimed it, only what can hardly be
/// anything else passes.
pub(super) fn passes(text: &str, kind: ColumnKind, claimed: bool, shape: &Shape<'_>) -> bool {
    match kind {
        ColumnKind::Cpf => is_cpf(text),
        ColumnKind::Cnpj => is_cnpj(text),
        ColumnKind::Document => is_cpf(text) || is_cnpj(text),
        // A local number may have its area code in another column: any will do for the vote.
        ColumnKind::Phone => {
            let elsewhere = (shape.digits <= 9).then_some("11");
            Phone::parse(text, elsewhere).value.is_some()
        }
        ColumnKind::Ddd => area_code(text).value.is_some(),
        ColumnKind::Email => Email::parse(text, &|_| false).value.is_some(),
        ColumnKind::Cep => Cep::parse(text, None).value.is_some(),
        ColumnKind::State => (claimed || shape.letters > 0) && State::parse(text).value.is_some(),
        ColumnKind::Municipality => Town::parse(text, Whereabouts::default()).value.is_some(),
        ColumnKind::Ibge => {
            let digits = text.strip_suffix(".0").unwrap_or(text);
            let code = digits.parse().ok();
            let known = code.and_then(by_code).is_some();
            known || (claimed && digits.len() == 6)
        }
        ColumnKind::Date | ColumnKind::BirthDate => is_date(text, claimed),
        ColumnKind::Money => shape
            .number()
            .is_some_and(|number| !number.percent && (claimed || number.currency.is_some())),
        ColumnKind::Decimal => {
            let plain = !text.starts_with('0') || text.starts_with("0,") || text.starts_with("0.");
            shape.number().is_some_and(|number| {
                let fraction = number.amount.scale() > 0 && plain;
                !number.percent && (claimed || (fraction && number.currency.is_none()))
            })
        }
        ColumnKind::Integer => shape
            .number()
            .is_some_and(|number| number.amount.is_integer() || number.notes.ambiguous),
        ColumnKind::Percent => shape
            .number()
            .is_some_and(|number| number.percent || claimed),
        ColumnKind::Boolean => boolean::parse(text).is_some(),
        ColumnKind::Name | ColumnKind::Company | ColumnKind::Street | ColumnKind::Number => true,
        ColumnKind::Category | ColumnKind::Text => false,
    }
}

fn is_cpf(text: &str) -> bool {
    let outcome = Cpf::parse(text, CpfColumn::OnlyCpfs);
    outcome.value.is_some() || outcome.keeps_text()
}

fn is_cnpj(text: &str) -> bool {
    Cnpj::parse(text, CnpjColumn::OnlyCnpjs).value.is_some()
}

/// The last day dates are tested against: a vote knows no clock.
fn far_day() -> chrono::NaiveDate {
    chrono::NaiveDate::from_ymd_opt(2100, 1, 1).unwrap_or_default()
}

fn is_date(text: &str, claimed: bool) -> bool {
    let separated = text.contains(['/', '-', '.', ':', ' ']);
    let parse = || Date::parse(text, DateKind::General, Order::DayMonth, far_day());
    // `20240310`, where nobody says what it is.
    let compact = text.len() == 8 && (text.starts_with("19") || text.starts_with("20"));
    if separated && !is_serial(text) {
        parse().value.is_some()
    } else if claimed && is_serial(text) {
        is_counted_day(text)
    } else {
        (claimed || compact) && parse().value.is_some()
    }
}

/// A number of days as spreadsheets count them, of the years up to 2064.
pub(super) fn is_counted_day(text: &str) -> bool {
    const LAST: u32 = 60_000;
    let whole = text.split('.').next().unwrap_or_default();
    let in_range = whole
        .parse()
        .is_ok_and(|day: u32| (1..=LAST).contains(&day));
    is_serial(text)
        && in_range
        && crate::values::date::from_serial(text, System::From1900)
            .value
            .is_some()
}

//! The rule for one cell of each type.

use std::fmt::Write;

use chrono::{NaiveDate, NaiveTime};

use super::{ColumnKind, Reading};
use crate::values::date::Order;
use crate::values::document::Majority;
use crate::values::municipality::Whereabouts;
use crate::values::phone::{Area, area_code, area_code_in};
use crate::values::text::{Changes, Normalised, looks_plain, normalise};
use crate::values::{
    Cep, Cnpj, CnpjColumn, Company, Cpf, CpfColumn, Date, DateKind, Document, Email, HouseNumber,
    Ibge, Locale, Money, Name, Outcome, Phone, Reason, State, Status, Street, Town, boolean,
    mojibake, null_token, street,
};

/// What a rule may use besides the cell. The cells of the row are as they came.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// How the column is to be read.
    pub reading: &'a Reading,
    /// The job's day.
    pub today: NaiveDate,
    /// The area code, where it stands in a column of its own.
    pub ddd: Option<&'a str>,
    pub state: Option<State>,
    pub municipality: Option<&'a str>,
    /// The code of the municipality.
    pub ibge: Option<&'a str>,
    pub cep: Option<&'a str>,
}

impl<'a> Context<'a> {
    /// Where the rest of the row says nothing.
    pub fn new(reading: &'a Reading, today: NaiveDate) -> Self {
        Context {
            reading,
            today,
            ddd: None,
            state: None,
            municipality: None,
            ibge: None,
            cep: None,
        }
    }

    fn is_frequent(&self, domain: &str) -> bool {
        let known = &self.reading.frequent_domains;
        known
            .binary_search_by(|one| one.as_str().cmp(domain))
            .is_ok()
    }

    /// What the row says of where its municipality lies.
    fn whereabouts(&self) -> Whereabouts {
        let of_cep = || Cep::parse(self.cep?, None).value?.state();
        let ddd = self.ddd.and_then(|cell| area_code(cell).value);
        Whereabouts {
            state: self.state.or_else(of_cep),
            ddd: ddd.map(|ddd| ddd.number()),
            code: self.ibge_code(),
        }
    }

    fn ibge_code(&self) -> Option<u32> {
        Ibge::parse(self.ibge?.trim()).value.map(Ibge::code)
    }

    /// The area code of the row's municipality, or of its state if that has but one.
    pub fn inferred_ddd(&self) -> Option<u8> {
        let town = self.municipality.and_then(|cell| {
            let normalised = normalise(cell);
            let mut place = self.whereabouts();
            place.ddd = None;
            Town::parse(&normalised.text, place).value?.municipality()
        });
        let town = town.or_else(|| Ibge::parse(self.ibge?.trim()).value?.municipality());
        match town {
            Some(town) => Some(town.ddd),
            None => self.state.and_then(State::only_ddd),
        }
    }

    /// The area of a telephone that does not tell its own.
    pub fn area(&self) -> Area<'a> {
        Area {
            column: self.ddd,
            inferred: self.inferred_ddd(),
        }
    }
}

/// What became of a cell, without its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    pub status: Status,
    pub reason: Option<Reason>,
    /// In percent.
    pub confidence: u8,
}

impl Mark {
    pub const BLANK: Mark = Mark {
        status: Status::Vazio,
        reason: None,
        confidence: 100,
    };
}

/// Cleans one cell: the delivered form goes to `out` (cleared first), empty where nothing is to
/// be delivered.
pub fn clean(kind: ColumnKind, original: &str, context: Context<'_>, out: &mut String) -> Mark {
    out.clear();
    let figures = is_figures(original);
    let normalised = match figures {
        true => Normalised::of_plain(original),
        false => normalise(original),
    };
    let text = normalised.text.as_ref();
    let wordy = matches!(
        kind,
        ColumnKind::Name | ColumnKind::Company | ColumnKind::State
    );
    let null = match figures {
        true => None,
        false => null_token::is_null_token(text, wordy),
    };
    if let Some(null) = null {
        if kind == ColumnKind::Boolean && context.reading.checklist {
            return unmarked(out);
        }
        return Mark {
            reason: reason_of(null),
            ..Mark::BLANK
        };
    }
    let outcome = match kind {
        ColumnKind::Cpf => write(Cpf::parse(text, CpfColumn::OnlyCpfs), out),
        ColumnKind::Cnpj => write(Cnpj::parse(text, CnpjColumn::OnlyCnpjs), out),
        ColumnKind::Document => write(document(text, context.reading), out),
        ColumnKind::Phone => write(phone(text, &context), out),
        ColumnKind::Ddd => write(area_code_in(text, || context.inferred_ddd()), out),
        ColumnKind::Email => push(
            Email::parse(text, &|domain| context.is_frequent(domain)),
            out,
            Email::as_str,
        ),
        ColumnKind::Cep => write(Cep::parse(text, context.state), out),
        ColumnKind::State => push(State::parse(text).map(State::sigla), out, |sigla| sigla),
        ColumnKind::Municipality => push(town(text, &context).map(Town::name), out, |name| name),
        ColumnKind::Ibge => write(Ibge::parse(text), out),
        ColumnKind::Name => push(name(text), out, Name::as_str),
        ColumnKind::Company => push(Company::parse(text), out, Company::as_str),
        ColumnKind::Street if context.reading.parted => parted(text, out),
        ColumnKind::Street => write(Street::parse(text), out),
        ColumnKind::Number => write(HouseNumber::parse(text), out),
        ColumnKind::Date => date(text, DateKind::General, &context, out),
        ColumnKind::BirthDate => date(text, DateKind::Birth, &context, out),
        ColumnKind::Money | ColumnKind::Decimal => {
            write(Money::parse(text, context.reading.locale), out)
        }
        ColumnKind::Percent => write(percent(text, context.reading), out),
        ColumnKind::Integer => integer(text, context.reading.locale, out),
        ColumnKind::Boolean => push(yes_or_no(text), out, |word| word),
        ColumnKind::Category | ColumnKind::Text => {
            out.push_str(text);
            Outcome::ok(())
        }
    };
    let outcome = match recased_to_mojibake(kind, text, out) {
        true => {
            out.clear();
            Outcome::kept(Reason::MojibakeIrrecuperavel)
        }
        false => outcome,
    };
    // Kept as typed: foreign telephones, CPFs masked at their source.
    if outcome.keeps_text() {
        out.push_str(text);
    }
    if is_lost(kind, normalised.changes, &outcome) {
        return Mark {
            status: Status::Alerta,
            reason: Some(Reason::MojibakeIrrecuperavel),
            confidence: outcome.confidence,
        };
    }
    let untouched = out == original || outcome.status != Status::Ok;
    Mark {
        // The rule found nothing wrong, but the cell did not look like this.
        status: if untouched {
            outcome.status
        } else {
            Status::Padronizado
        },
        reason: outcome.reason.or(normalised.changes.reason()),
        confidence: outcome.confidence,
    }
}

/// Digits, and signs between them: in normal form, and no word for nothing.
fn is_figures(text: &str) -> bool {
    let inside = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b'-' | b'/');
    match text.as_bytes() {
        [b'0'..=b'9', rest @ ..] => rest.iter().all(inside),
        _ => false,
    }
}

/// Whether letters of the words that are delivered were lost before they came here.
fn is_lost(kind: ColumnKind, changes: Changes, outcome: &Outcome<()>) -> bool {
    use ColumnKind::{Category, Company, Name, Street, Text};
    changes.contains(Changes::LOST_ACCENTS)
        && matches!(kind, Name | Company | Street | Category | Text)
        && matches!(outcome.status, Status::Ok | Status::Padronizado)
}

/// Whether new capitals make the text look wrongly decoded (`â¡` would be `Â¡`): the next cleaning
/// would take it for broken.
fn recased_to_mojibake(kind: ColumnKind, text: &str, out: &str) -> bool {
    use ColumnKind::{Company, Name, Number, Street};
    matches!(kind, Name | Company | Street | Number)
        && !out.is_ascii()
        && out != text
        && !looks_plain(out)
        && mojibake::repair(out).is_some()
}

/// A mark that is not there, in a column of marks.
fn unmarked(out: &mut String) -> Mark {
    out.push_str(boolean::word(false));
    Mark {
        status: Status::Corrigido,
        reason: Some(Reason::Constante),
        confidence: 90,
    }
}

fn document(text: &str, reading: &Reading) -> Outcome<Document> {
    let majority = match reading.mostly_companies {
        true => Majority::Cnpj,
        false => Majority::Cpf,
    };
    Document::parse(text, majority)
}

/// The rest of the row is looked at only where the cell does not tell its area.
fn phone(text: &str, context: &Context<'_>) -> Outcome<Phone> {
    let area = Area {
        column: context.ddd,
        inferred: None,
    };
    let outcome = Phone::parse_in(text, area);
    match outcome.reason {
        Some(Reason::SemDdd | Reason::DddInvalido) if outcome.value.is_none() => {
            Phone::parse_in(text, context.area())
        }
        _ => outcome,
    }
}

/// The rest of the row is looked at only where name and state do not tell.
fn town(text: &str, context: &Context<'_>) -> Outcome<Town> {
    let within = Whereabouts {
        state: context.state,
        ..Whereabouts::default()
    };
    let outcome = Town::parse(text, within);
    match outcome.status {
        Status::Alerta => Town::parse(text, context.whereabouts()),
        _ => outcome,
    }
}

/// A name of one word is right, but worth knowing of.
fn name(text: &str) -> Outcome<Name<'_>> {
    let outcome = Name::parse(text);
    let single = outcome.value.as_ref().is_some_and(Name::is_single);
    match outcome.reason {
        None if single => Outcome {
            reason: Some(Reason::NomeUnico),
            ..outcome
        },
        _ => outcome,
    }
}

/// The street of an address whose other parts go elsewhere.
fn parted(text: &str, out: &mut String) -> Outcome<()> {
    let Some(parts) = street::parts(text) else {
        return write(Street::parse(text), out);
    };
    let street = write(Street::parse(parts.street), out);
    Outcome {
        status: Status::Padronizado,
        reason: Some(Reason::EnderecoDividido),
        ..street
    }
}

fn date(text: &str, kind: DateKind, context: &Context<'_>, out: &mut String) -> Outcome<()> {
    let reading = context.reading;
    let serial = reading.serials.filter(|_| is_serial(text));
    let outcome = match serial {
        Some(system) => Date::of_serial(text, system, kind, context.today),
        None => {
            let order = reading.order.unwrap_or(Order::DayMonth);
            Date::parse(text, kind, order, context.today)
        }
    };
    outcome.map(|mut date| {
        date.time = match reading.times {
            true => Some(date.time.unwrap_or(NaiveTime::MIN)),
            // A day that a program gave a time.
            false => date.time.filter(|time| *time != NaiveTime::MIN),
        };
        date.push_to(out);
    })
}

/// A number a spreadsheet may keep a date as: up to seven digits, perhaps with a fraction.
pub(super) fn is_serial(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    (1..=7).contains(&whole.len()) && digits(whole) && digits(fraction)
}

fn percent(text: &str, reading: &Reading) -> Outcome<Money> {
    let outcome = Money::parse(text, reading.locale);
    match outcome.value {
        Some(number) if reading.mixed_unit && !number.percent => {
            Outcome::alert(number, Reason::UnidadeMista)
        }
        _ => outcome,
    }
}

fn yes_or_no(text: &str) -> Outcome<&'static str> {
    match boolean::parse(text) {
        Some(value) => Outcome::ok(boolean::word(value)),
        None => Outcome::rejected(Reason::ForaDaLista),
    }
}

/// A whole number, however it is written.
fn integer(text: &str, locale: Option<Locale>, out: &mut String) -> Outcome<()> {
    // Most are plain digits: delivered as they are. Zeros before them are not.
    if text.len() <= 15 && !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit()) {
        out.push_str(text);
        return Outcome::ok(());
    }
    let mut outcome = Money::parse(text, locale);
    if outcome.value.is_some_and(|number| number.notes.ambiguous) {
        // Among whole numbers `7.406` can only be thousands.
        let grouped = match text.contains(',') {
            true => Locale::En,
            false => Locale::PtBr,
        };
        outcome = Outcome {
            status: Status::Alerta,
            reason: Some(Reason::MilharIndevido),
            ..Money::parse(text, Some(grouped))
        };
    }
    match outcome.value.map(|number| number.amount.whole()) {
        Some(None) => Outcome::rejected(Reason::Formato),
        _ => write(
            outcome.map(|number| number.amount.whole().unwrap_or_default()),
            out,
        ),
    }
}

fn write<T: std::fmt::Display>(outcome: Outcome<T>, out: &mut String) -> Outcome<()> {
    outcome.map(|value| {
        // Writing to a String cannot fail.
        let _ = write!(out, "{value}");
    })
}

/// [`write`] of what is text already.
fn push<T>(outcome: Outcome<T>, out: &mut String, text: impl Fn(&T) -> &str) -> Outcome<()> {
    outcome.map(|value| out.push_str(text(&value)))
}

fn reason_of(null: null_token::NullKind) -> Option<Reason> {
    match null {
        null_token::NullKind::Blank => None,
        null_token::NullKind::Word => Some(Reason::TokenNulo),
        null_token::NullKind::ExcelError => Some(Reason::ErroExcel),
    }
}

#[cfg(test)]
mod tests;

//! The rule for one cell of each type.

use std::fmt::Write;

use chrono::NaiveDate;

use super::{ColumnKind, Reading};
use crate::values::phone::{Area, area_code};
use crate::values::text::normalise;
use crate::values::{
    Cep, Cnpj, CnpjColumn, Cpf, CpfColumn, Email, Locale, Money, Name, Outcome, Phone, Reason,
    State, Status, null_token,
};

/// What a rule may use besides the cell.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// How the column is to be read.
    pub reading: &'a Reading,
    /// The job's day.
    pub today: NaiveDate,
    /// The area code, where it stands in a column of its own.
    pub ddd: Option<&'a str>,
    pub state: Option<State>,
}

impl<'a> Context<'a> {
    /// Where the rest of the row says nothing.
    pub fn new(reading: &'a Reading, today: NaiveDate) -> Self {
        Context {
            reading,
            today,
            ddd: None,
            state: None,
        }
    }

    fn is_frequent(&self, domain: &str) -> bool {
        let known = &self.reading.frequent_domains;
        known
            .binary_search_by(|one| one.as_str().cmp(domain))
            .is_ok()
    }

    fn area(&self) -> Area<'a> {
        Area {
            column: self.ddd,
            inferred: self.state.and_then(State::only_ddd),
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
    let normalised = normalise(original);
    let text = normalised.text.as_ref();
    let wordy = matches!(kind, ColumnKind::Name | ColumnKind::State);
    if let Some(null) = null_token::is_null_token(text, wordy) {
        return Mark {
            reason: reason_of(null),
            ..Mark::BLANK
        };
    }
    let outcome = match kind {
        ColumnKind::Cpf => write(Cpf::parse(text, CpfColumn::OnlyCpfs), out),
        ColumnKind::Cnpj => write(Cnpj::parse(text, CnpjColumn::OnlyCnpjs), out),
        ColumnKind::Phone => write(Phone::parse_in(text, context.area()), out),
        ColumnKind::Ddd => write(area_code(text), out),
        ColumnKind::Email => write(
            Email::parse(text, &|domain| context.is_frequent(domain)),
            out,
        ),
        ColumnKind::Cep => write(Cep::parse(text, context.state), out),
        ColumnKind::State => write(State::parse(text).map(State::sigla), out),
        ColumnKind::Name => write(Name::parse(text), out),
        ColumnKind::Money | ColumnKind::Decimal => {
            write(Money::parse(text, context.reading.locale), out)
        }
        ColumnKind::Integer => write(integer(text, context.reading.locale), out),
        _ => {
            out.push_str(text);
            Outcome::ok(())
        }
    };
    // Kept as typed: foreign telephones, CPFs masked at their source.
    if outcome.keeps_text() {
        out.push_str(text);
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

/// A whole number, however it is written.
fn integer(text: &str, locale: Option<Locale>) -> Outcome<Whole<'_>> {
    // Most are plain digits: delivered as they are. Zeros before them are not.
    if text.len() <= 15 && !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit()) {
        return Outcome::ok(Whole::Plain(text));
    }
    let outcome = Money::parse(text, locale);
    match outcome.value {
        Some(number) if !number.amount.is_integer() => Outcome::rejected(Reason::Formato),
        _ => outcome.map(Whole::Parsed),
    }
}

enum Whole<'a> {
    Plain(&'a str),
    Parsed(Money),
}

impl std::fmt::Display for Whole<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Whole::Plain(text) => f.write_str(text),
            Whole::Parsed(number) => number.fmt(f),
        }
    }
}

fn write<T: std::fmt::Display>(outcome: Outcome<T>, out: &mut String) -> Outcome<()> {
    outcome.map(|value| {
        // Writing to a String cannot fail.
        let _ = write!(out, "{value}");
    })
}

fn reason_of(null: null_token::NullKind) -> Option<Reason> {
    match null {
        null_token::NullKind::Blank => None,
        null_token::NullKind::Word => Some(Reason::TokenNulo),
        null_token::NullKind::ExcelError => Some(Reason::ErroExcel),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cleaned(kind: ColumnKind, text: &str) -> (String, Status) {
        let mut out = String::new();
        let reading = Reading::default();
        let context = Context::new(&reading, NaiveDate::MIN);
        let mark = clean(kind, text, context, &mut out);
        (out, mark.status)
    }

    #[test]
    fn a_cell_is_ok_only_if_it_is_delivered_as_it_came() {
        use ColumnKind::*;
        use Status::*;
        for (kind, text, delivered, status) in [
            (Cpf, "529.982.247-25", "529.982.247-25", Ok),
            (Cpf, "52998224725", "529.982.247-25", Padronizado),
            (Cpf, "4515266861", "045.152.668-61", Corrigido),
            (Cpf, "52998224726", "", Rejeitado),
            (Cpf, "n/a", "", Vazio),
            (Cep, "01310100", "01310-100", Padronizado),
            (Text, "  a  b ", "a b", Padronizado),
            (Text, "a b", "a b", Ok),
        ] {
            assert_eq!(cleaned(kind, text), (delivered.into(), status), "{text}");
        }
    }

    proptest! {
        #[test]
        fn cleaning_twice_is_cleaning_once(text in "\\PC{0,24}|[0-9 .()+-]{0,20}") {
            for kind in ColumnKind::ALL {
                let (once, _) = cleaned(kind, &text);
                let (twice, status) = cleaned(kind, &once);
                prop_assert_eq!(&once, &twice, "{:?}", kind);
                prop_assert!(
                    matches!(status, Status::Ok | Status::Alerta | Status::Vazio),
                    "{:?} {:?}", kind, status
                );
            }
        }
    }
}

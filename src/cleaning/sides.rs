//! Columns made of what a column of the file holds besides its value.

use polars::prelude::{Column, IntoColumn, PolarsResult, StringChunked, StringChunkedBuilder};

use super::Brief;
use super::facts::Facts;
use crate::recipe::{ColumnProfile, Mark, Side, SideColumn};
use crate::table::Batch;
use crate::values::text::normalise;
use crate::values::{
    Email, HouseNumber, Outcome, Phone, Reason, email, municipality, phone, street,
};

/// A column of the file, before and after cleaning.
struct Source<'a> {
    plan: &'a ColumnProfile,
    original: &'a StringChunked,
    clean: &'a StringChunked,
    marks: &'a [Mark],
}

/// The side columns of a batch, in the order of [`crate::recipe::Profile::sides`]. `columns` are
/// the clean columns of the file.
///
/// # Errors
/// If a column is not text.
pub(super) fn make(
    brief: &Brief,
    batch: &Batch,
    facts: &Facts<'_>,
    columns: &[Column],
    marks: &[Vec<Mark>],
) -> PolarsResult<Vec<Column>> {
    let mut sides = Vec::new();
    for (place, side) in brief.profile.sides() {
        let source = Source {
            plan: &brief.profile.columns[place],
            original: batch.frame.columns()[place].str()?,
            clean: columns[place].str()?,
            marks: &marks[place],
        };
        sides.push(column(&source, side, brief, facts));
    }
    Ok(sides)
}

fn column(source: &Source<'_>, side: &SideColumn, brief: &Brief, facts: &Facts<'_>) -> Column {
    match side.what {
        Side::PhoneType => of_clean(source, side, |text| {
            let phone = Phone::parse(text, None).value?;
            Some(phone.kind().family().to_owned())
        }),
        Side::PersonKind => of_clean(source, side, |text| {
            let kind = if text.contains('/') { "PJ" } else { "PF" };
            Some(kind.to_owned())
        }),
        Side::Phone(nth) => of_original(source, side, |row, text| {
            if source.marks[row].reason != Some(Reason::TelefonesConcatenados) {
                return None;
            }
            let reading = &source.plan.reading;
            let ddd = facts.code(reading.ddd, row);
            let context = facts.context(row, source.plan.kind, ddd, reading, brief.today);
            let phones = phone::split(text, context.area());
            nth_valid(phones, nth)
        }),
        Side::Extension => of_original(source, side, |_, text| {
            phone::extension(text).map(str::to_owned)
        }),
        Side::Email(nth) => of_original(source, side, |row, text| {
            if source.marks[row].reason != Some(Reason::VariosEmails) {
                return None;
            }
            let frequent = &source.plan.reading.frequent_domains;
            let is_frequent = |domain: &str| {
                frequent
                    .binary_search_by(|one| one.as_str().cmp(domain))
                    .is_ok()
            };
            let addresses = email::split(text).map(|part| Email::parse(part, &is_frequent));
            nth_valid(addresses, nth)
        }),
        Side::HouseNumber => of_original(source, side, |_, text| {
            let number = street::parts(text)?.number;
            Some(HouseNumber::parse(number).value?.to_string())
        }),
        Side::Complement => of_original(source, side, |_, text| {
            let complement = street::parts(text)?.complement;
            (!complement.is_empty()).then(|| complement.to_owned())
        }),
        Side::State => of_original(source, side, |_, text| {
            let state = municipality::state_behind(text)?;
            Some(state.sigla().to_owned())
        }),
    }
}

/// The `nth` value that can be trusted, counted from 1.
fn nth_valid<T: ToString>(outcomes: impl Iterator<Item = Outcome<T>>, nth: u8) -> Option<String> {
    let mut valid = outcomes.filter_map(|outcome| outcome.value);
    valid
        .nth(usize::from(nth).saturating_sub(1))
        .map(|value| value.to_string())
}

/// Made of the delivered cells.
fn of_clean(
    source: &Source<'_>,
    side: &SideColumn,
    make: impl Fn(&str) -> Option<String>,
) -> Column {
    let mut cells = StringChunkedBuilder::new(side.name.as_str().into(), source.clean.len());
    for text in source.clean.iter() {
        cells.append_option(text.and_then(&make));
    }
    cells.finish().into_column()
}

/// Made of the cells as they came, in their normal form.
fn of_original(
    source: &Source<'_>,
    side: &SideColumn,
    make: impl Fn(usize, &str) -> Option<String>,
) -> Column {
    let mut cells = StringChunkedBuilder::new(side.name.as_str().into(), source.original.len());
    for (row, text) in source.original.iter().enumerate() {
        let made = text.and_then(|text| make(row, &normalise(text).text));
        cells.append_option(made);
    }
    cells.finish().into_column()
}

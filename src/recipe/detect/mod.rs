//! Detecting what columns hold: their header and their values vote.

mod elect;
mod shape;
mod sides;
mod votes;

use polars::prelude::{DataFrame, PolarsResult};

use super::profile::Profile;
use super::{ColumnKind, ColumnProfile};
use votes::Votes;

/// The types whose values can be told by looking at them, with the share of values from which on
/// the contents bear a type out fully.
const TESTED: [(ColumnKind, f64); 21] = [
    (ColumnKind::Cpf, 0.5),
    (ColumnKind::Cnpj, 0.5),
    (ColumnKind::Document, 0.5),
    (ColumnKind::Phone, 0.6),
    (ColumnKind::Ddd, 0.9),
    (ColumnKind::Email, 0.7),
    (ColumnKind::Cep, 0.8),
    (ColumnKind::State, 0.9),
    (ColumnKind::Municipality, 0.7),
    (ColumnKind::Ibge, 0.9),
    (ColumnKind::Name, 0.7),
    (ColumnKind::Company, 0.7),
    (ColumnKind::Street, 0.5),
    (ColumnKind::Number, 0.7),
    (ColumnKind::Date, 0.8),
    (ColumnKind::BirthDate, 0.8),
    (ColumnKind::Money, 0.8),
    (ColumnKind::Decimal, 0.8),
    (ColumnKind::Integer, 0.9),
    (ColumnKind::Percent, 0.8),
    (ColumnKind::Boolean, 0.95),
];

/// Collects votes over a survey.
#[derive(Debug)]
pub struct Detector {
    columns: Vec<Votes>,
}

impl Detector {
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Detector {
            columns: names.into_iter().map(Votes::new).collect(),
        }
    }

    /// Lets the rows of a sample vote.
    ///
    /// # Errors
    /// If a column is not text.
    pub fn observe(&mut self, frame: &DataFrame) -> PolarsResult<()> {
        for (votes, column) in self.columns.iter_mut().zip(frame.columns()) {
            for cell in column.str()?.iter() {
                match cell {
                    Some(cell) => votes.cast(cell),
                    None => votes.abstain(),
                }
            }
        }
        Ok(())
    }

    /// Settles the type of a column beforehand: the votes then say only how it is to be read. To
    /// be called before the first row is seen. Nothing happens if there is no such column.
    pub fn force(&mut self, place: usize, kind: ColumnKind) {
        if let Some(votes) = self.columns.get_mut(place) {
            votes.force(kind);
        }
    }

    /// Counts the votes. `rows` is how many rows the table has, those that did not vote included.
    pub fn finish(self, rows: u64) -> Profile {
        let mut columns: Vec<ColumnProfile> = self.columns.iter().map(Votes::elect).collect();
        pair_area_codes(&mut columns);
        sides::attach(&mut columns, &self.columns);
        Profile { columns, rows }
    }
}

/// Each phone column takes the nearest column of area codes before it, or else the only one.
fn pair_area_codes(columns: &mut [ColumnProfile]) {
    let codes: Vec<_> = (0..columns.len())
        .filter(|place| columns[*place].kind == ColumnKind::Ddd)
        .collect();
    for (place, column) in columns.iter_mut().enumerate() {
        if column.kind == ColumnKind::Phone {
            let before = codes.iter().rfind(|code| **code < place);
            let only = codes.first().filter(|_| codes.len() == 1);
            column.reading.ddd = before.or(only).copied();
        }
    }
}

#[cfg(test)]
mod tests;

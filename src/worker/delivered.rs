//! The columns of a table as they are delivered: the file's own, their side columns, the derived.

use polars::prelude::{DataFrame, PolarsResult};

use crate::recipe::{ColumnKind, Profile};
use crate::report::{CellKind, SheetColumn};
use crate::transform::Derived;

/// What is written of the frames that were cleaned, completed and derived from.
pub(super) struct Delivered {
    columns: Vec<Column>,
}

struct Column {
    /// In the frames.
    place: usize,
    name: String,
    kind: ColumnKind,
    /// Its dates have a time of day.
    times: bool,
    /// The longest value met, in characters, as far as it was measured.
    longest: usize,
}

impl Delivered {
    /// `derived` are the columns behind those of the profile.
    pub(super) fn new(profile: &Profile, derived: &[Derived]) -> Self {
        let known = profile.delivered().map(|column| {
            let own = profile.columns.get(column.place);
            Column {
                place: column.place,
                name: column.name.to_owned(),
                kind: column.kind,
                times: own.is_some_and(|own| own.reading.times),
                longest: own.map_or(11, |own| own.longest),
            }
        });
        let behind = profile.columns.len() + profile.sides().count();
        let derived = (behind..).zip(derived).map(|(place, derived)| Column {
            place,
            name: derived.name.clone(),
            kind: derived.kind,
            times: false,
            longest: 11,
        });
        Delivered {
            columns: known.chain(derived).collect(),
        }
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.columns
            .iter()
            .map(|column| column.name.clone())
            .collect()
    }

    /// For each column, whether it holds numbers.
    pub(super) fn numeric(&self) -> Vec<bool> {
        let kinds = self.columns.iter().map(|column| column.kind);
        kinds.map(ColumnKind::is_numeric).collect()
    }

    /// The places in the frames.
    pub(super) fn places(&self) -> impl Iterator<Item = usize> {
        self.columns.iter().map(|column| column.place)
    }

    /// The delivered columns of a frame.
    pub(super) fn of(&self, frame: &DataFrame) -> PolarsResult<DataFrame> {
        let all = frame.columns();
        let columns = self.places().filter_map(|place| all.get(place));
        DataFrame::new(frame.height(), columns.cloned().collect())
    }

    pub(super) fn sheet(&self) -> Vec<SheetColumn> {
        let columns = self.columns.iter();
        columns
            .map(|column| SheetColumn {
                name: column.name.clone(),
                kind: CellKind::of(column.kind, column.times),
                // Room for the filter's arrow, and no column wider than a screen's third.
                width: column
                    .longest
                    .max(delivered_width(column.kind, column.times))
                    .max(column.name.chars().count() + 3)
                    .clamp(8, 48) as u16,
            })
            .collect()
    }
}

/// Characters of the delivered form, which may be longer than what came.
fn delivered_width(kind: ColumnKind, times: bool) -> usize {
    match kind {
        ColumnKind::Cpf => 15,
        ColumnKind::Cnpj => 19,
        ColumnKind::Phone => 16,
        ColumnKind::Cep => 10,
        ColumnKind::Email => 28,
        kind if kind.is_date() && times => 17,
        kind if kind.is_date() => 11,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::df;

    use super::*;
    use crate::recipe::{ColumnProfile, Decided, Limits, Reading, Side, SideColumn, meaning_of};

    fn column(name: &str, kind: ColumnKind) -> ColumnProfile {
        ColumnProfile {
            name: name.to_owned(),
            meaning: meaning_of(name).0,
            kind,
            decided: Decided::Recipe,
            score: 1.0,
            scores: Vec::new(),
            filled: true,
            longest: 20,
            reading: Reading::default(),
            limits: Limits::default(),
            sides: Vec::new(),
            rename: None,
            dropped: false,
        }
    }

    #[test]
    fn columns_are_renamed_left_out_and_followed_by_sides_and_derived_ones() {
        let mut profile = Profile {
            columns: vec![
                column("a", ColumnKind::Cpf),
                column("b", ColumnKind::Phone),
                column("c", ColumnKind::Date),
            ],
            rows: 1,
        };
        profile.columns[0].dropped = true;
        profile.columns[1].rename = Some("Telefone".into());
        profile.columns[1].sides = vec![SideColumn {
            name: "Telefone_tipo".into(),
            what: Side::PhoneType,
        }];
        profile.columns[2].reading.times = true;
        let derived = [Derived {
            name: "razao".into(),
            kind: ColumnKind::Percent,
            formula: "ratio",
            of: Vec::new(),
        }];
        let delivered = Delivered::new(&profile, &derived);
        let names = ["Telefone", "c", "Telefone_tipo", "razao"];
        assert_eq!(delivered.names(), names);
        assert_eq!(delivered.numeric(), [false, false, false, true]);
        let frame = df!("a" => ["1"], "b" => ["2"], "c" => ["3"], "d" => ["4"], "e" => ["5"]);
        let written = delivered.of(&frame.unwrap()).unwrap();
        let first =
            |column: &polars::prelude::Column| column.str().unwrap().get(0).unwrap().to_owned();
        let cells: Vec<_> = written.columns().iter().map(first).collect();
        assert_eq!(cells, ["2", "3", "4", "5"]);
        let kinds: Vec<_> = delivered.sheet().iter().map(|column| column.kind).collect();
        let text = CellKind::Text;
        assert_eq!(kinds, [text, CellKind::Moment, text, CellKind::Percent]);
    }
}

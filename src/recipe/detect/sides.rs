//! The columns that are delivered after the file's own.

use super::votes::Votes;
use crate::recipe::profile::{Side, SideColumn};
use crate::recipe::{ColumnKind, ColumnProfile};
use crate::values::fold::fold;

/// More values of one cell are not given columns of their own.
const MOST_OF_A_CELL: usize = 5;

/// Gives each column the side columns that its cells call for.
pub(super) fn attach(columns: &mut [ColumnProfile], votes: &[Votes]) {
    let has = |columns: &[ColumnProfile], kind| columns.iter().any(|column| column.kind == kind);
    let has_numbers = has(columns, ColumnKind::Number);
    let has_states = has(columns, ColumnKind::State);
    let mut taken: Vec<String> = columns.iter().map(|column| fold(&column.name)).collect();
    let has_complements = taken.iter().any(|name| name.starts_with("COMPL"));
    for (column, votes) in columns.iter_mut().zip(votes) {
        let extras = &votes.extras;
        let mut wanted = Vec::new();
        match column.kind {
            ColumnKind::Phone => {
                wanted.push(("tipo".to_owned(), Side::PhoneType));
                wanted.extend(further(extras.phones, Side::Phone));
                if extras.extensions {
                    wanted.push(("ramal".to_owned(), Side::Extension));
                }
            }
            ColumnKind::Email => wanted.extend(further(extras.emails, Side::Email)),
            ColumnKind::Document => wanted.push(("tipo_pessoa".to_owned(), Side::PersonKind)),
            ColumnKind::Name if extras.titles => {
                wanted.push(("tratamento".to_owned(), Side::Title));
            }
            ColumnKind::Street if !has_numbers && extras.house_numbers => {
                column.reading.parted = !has_complements || !extras.complements;
                if column.reading.parted {
                    wanted.push(("numero".to_owned(), Side::HouseNumber));
                }
                if column.reading.parted && extras.complements {
                    wanted.push(("complemento".to_owned(), Side::Complement));
                }
            }
            ColumnKind::Municipality if !has_states && extras.states => {
                wanted.push(("uf".to_owned(), Side::State));
            }
            _ => {}
        }
        for (suffix, what) in wanted {
            let mut name = format!("{}_{suffix}", column.name);
            while taken.contains(&fold(&name)) {
                name.push('_');
                name.push_str(&suffix);
            }
            taken.push(fold(&name));
            column.sides.push(SideColumn { name, what });
        }
    }
}

/// From the second value of a cell on.
fn further(most: usize, side: fn(u8) -> Side) -> impl Iterator<Item = (String, Side)> {
    let places = 2..=most.min(MOST_OF_A_CELL) as u8;
    places.map(move |nth| (nth.to_string(), side(nth)))
}

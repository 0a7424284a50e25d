//! Which fields of the base complete which columns of the list.

use crate::recipe::{ColumnKind, Meaning, Profile, meaning_of};
use crate::values::fold::fold;

/// The column whose values are looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyColumn {
    pub place: usize,
    pub kind: ColumnKind,
}

/// A column that a field of the base may fill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub place: usize,
    pub kind: ColumnKind,
    pub field: String,
}

/// How this list is completed from this base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub key: KeyColumn,
    /// The field of the base that holds the key.
    pub key_field: String,
    pub targets: Vec<Target>,
    /// Where the name stands, in the list and in the base: guards against another person's data.
    pub name: Option<(usize, String)>,
}

impl Plan {
    /// Matches columns and fields by what their names say. `None` if the two share no CPF, or
    /// nothing that could be filled.
    ///
    /// Fields the list has no column for are not brought: nobody asked for that data.
    pub fn new(profile: &Profile, fields: &[String]) -> Option<Self> {
        let kind = ColumnKind::Cpf;
        let key = KeyColumn {
            place: profile.first(kind)?,
            kind,
        };
        let key_field = fields
            .iter()
            .find(|field| matches!(meaning_of(field).0, Meaning::Kind(ColumnKind::Cpf)))?;
        let mut targets: Vec<Target> = Vec::new();
        for field in fields.iter().filter(|field| *field != key_field) {
            let Some(place) = column_for(profile, field) else {
                continue;
            };
            if place != key.place && targets.iter().all(|target| target.place != place) {
                targets.push(Target {
                    place,
                    kind: profile.columns[place].kind,
                    field: field.clone(),
                });
            }
        }
        let name = targets
            .iter()
            .find(|target| target.kind == ColumnKind::Name)
            .map(|target| (target.place, target.field.clone()));
        (!targets.is_empty()).then(|| Plan {
            key,
            key_field: key_field.clone(),
            targets,
            name,
        })
    }

    /// The fields to bring, without the key.
    pub fn fields(&self) -> Vec<String> {
        self.targets
            .iter()
            .map(|target| target.field.clone())
            .collect()
    }
}

/// Types that say little of what a value is of.
fn goes_by_name(kind: ColumnKind) -> bool {
    kind.is_numeric()
        || matches!(
            kind,
            ColumnKind::Date | ColumnKind::Boolean | ColumnKind::Category
        )
}

/// The first column that means the same as `field`. Nested fields go by their last name.
fn column_for(profile: &Profile, field: &str) -> Option<usize> {
    let name = field.rsplit('.').next().unwrap_or(field);
    let (meaning, _) = meaning_of(name);
    let named = fold(name);
    profile.columns.iter().position(|column| match &meaning {
        // An age is no score, though both are whole numbers: these go by their very names.
        Meaning::Kind(kind) if goes_by_name(*kind) => fold(&column.name) == named,
        Meaning::Kind(kind) => column.kind == *kind,
        _ => column.meaning == meaning,
    })
}

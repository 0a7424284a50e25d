//! Headers of new columns.

use std::collections::HashSet;

use crate::recipe::Profile;

/// The header a column of the file is delivered under.
pub(super) fn delivered(profile: &Profile, place: usize) -> &str {
    profile.columns.get(place).map_or("", |column| {
        column.rename.as_deref().unwrap_or(&column.name)
    })
}

/// Gives every new column a header that no other column has.
#[derive(Default)]
pub(super) struct Headers {
    taken: HashSet<String>,
}

impl Headers {
    /// Those of the file, as they came and as they are delivered, are taken.
    pub(super) fn of(profile: &Profile) -> Self {
        let own = profile.columns.iter().map(|column| column.name.as_str());
        let all = own.chain(profile.delivered().map(|column| column.name));
        Headers {
            taken: all.map(str::to_lowercase).collect(),
        }
    }

    /// `wanted`, or with `_2`, `_3` … behind it.
    pub(super) fn take(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let mut number = 2;
        while !self.taken.insert(name.to_lowercase()) {
            name = format!("{wanted}_{number}");
            number += 1;
        }
        name
    }
}

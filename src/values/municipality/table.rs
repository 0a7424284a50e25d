//! The table of municipalities, and the ways into it.

use std::collections::HashMap;
use std::sync::LazyLock;

use foldhash::fast::FixedState;

use super::words::ALIASES;
use crate::values::fold::fold;
use crate::values::state::State;

/// A municipality as IBGE has it.
#[derive(Debug, PartialEq, Eq)]
pub struct Municipality {
    /// Seven digits; the first two are the state's.
    pub code: u32,
    pub name: &'static str,
    pub state: State,
    pub ddd: u8,
    /// The code of the Receita Federal, which SIAFI shares.
    pub tom: u16,
}

/// Where a name leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    place: u16,
    /// Another name than its own.
    pub alias: bool,
}

impl Entry {
    pub fn municipality(self) -> &'static Municipality {
        &TABLE.all[usize::from(self.place)]
    }
}

/// A municipality with what the search for slips goes by.
pub(super) struct Sought {
    pub municipality: &'static Municipality,
    pub key: Box<str>,
    pub letters: Letters,
}

/// How often each letter is in a folded name.
pub(super) type Letters = [u8; 32];

pub(super) fn letters_of(key: &str) -> Letters {
    let mut letters: Letters = [0; 32];
    for byte in key.bytes() {
        let slot = &mut letters[usize::from(byte & 31)];
        *slot = slot.saturating_add(1);
    }
    letters
}

struct Table {
    all: Vec<Municipality>,
    by_tom: HashMap<u16, u16>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let lines = include_str!("table.tsv").lines();
    // In the order of their codes.
    let all: Vec<_> = lines.filter_map(read).collect();
    let places = all.iter().zip(0..);
    let by_tom = places.map(|(one, place)| (one.tom, place)).collect();
    Table { all, by_tom }
});

static NAMES: LazyLock<HashMap<Box<str>, Vec<Entry>, FixedState>> = LazyLock::new(|| {
    let mut names: HashMap<Box<str>, Vec<Entry>, _> =
        HashMap::with_capacity_and_hasher(all().len(), FixedState::default());
    for (one, place) in all().iter().zip(0..) {
        let entry = Entry {
            place,
            alias: false,
        };
        let key = fold(one.name).into_boxed_str();
        names.entry(key).or_default().push(entry);
    }
    for (alias, code) in ALIASES {
        let Some(place) = place_of(code).and_then(|place| u16::try_from(place).ok()) else {
            continue;
        };
        let entry = Entry { place, alias: true };
        names.entry((*alias).into()).or_default().push(entry);
    }
    names
});

static BY_STATE: LazyLock<Vec<Vec<Sought>>> = LazyLock::new(|| {
    let mut states: Vec<Vec<Sought>> = Vec::new();
    states.resize_with(State::ALL.len(), Vec::new);
    for municipality in all() {
        let key = fold(municipality.name).into_boxed_str();
        states[municipality.state as usize].push(Sought {
            municipality,
            letters: letters_of(&key),
            key,
        });
    }
    states
});

fn read(line: &'static str) -> Option<Municipality> {
    let mut fields = line.split('\t');
    let code: u32 = fields.next()?.parse().ok()?;
    let ddd = fields.next()?.parse().ok()?;
    let tom = fields.next()?.parse().ok()?;
    Some(Municipality {
        code,
        ddd,
        tom,
        name: fields.next()?,
        state: State::by_ibge((code / 100_000) as u8)?,
    })
}

/// All of them, in the order of their codes.
pub fn all() -> &'static [Municipality] {
    &TABLE.all
}

fn place_of(code: &u32) -> Option<usize> {
    all().binary_search_by_key(code, |one| one.code).ok()
}

/// By its seven digits.
pub fn by_code(code: u32) -> Option<&'static Municipality> {
    place_of(&code).map(|place| &all()[place])
}

/// By the first six, as DATASUS writes them.
pub fn by_six_digits(code: u32) -> Option<&'static Municipality> {
    let place = all()
        .binary_search_by_key(&code, |one| one.code / 10)
        .ok()?;
    Some(&all()[place])
}

/// By the code of the Receita Federal.
pub fn by_tom(code: u16) -> Option<&'static Municipality> {
    let place = TABLE.by_tom.get(&code)?;
    all().get(usize::from(*place))
}

/// By its state and its folded name; another name than its own will do if none is called so.
pub fn by_name(state: State, folded: &str) -> Option<&'static Municipality> {
    let here = |entry: &&Entry| entry.municipality().state == state;
    let mut entries: Vec<_> = entries(folded)?.iter().filter(here).collect();
    entries.sort_by_key(|entry| entry.alias);
    entries.first().map(|entry| entry.municipality())
}

/// What a folded name may be.
pub(super) fn entries(key: &str) -> Option<&'static [Entry]> {
    NAMES.get(key).map(Vec::as_slice)
}

/// The municipalities of a state, for the search.
pub(super) fn sought(state: State) -> &'static [Sought] {
    BY_STATE.get(state as usize).map_or(&[], Vec::as_slice)
}

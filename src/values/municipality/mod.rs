//! Municipalities: which of the 5,571 a text names.

mod near;
mod table;
mod words;

use std::fmt;

pub use table::{Municipality, all, by_code, by_name, by_six_digits, by_tom};

use super::fold::fold_key;
use super::state::State;
use super::{Outcome, Reason};
use table::Entry;

/// What the rest of a row tells of where a municipality lies.
#[derive(Debug, Clone, Copy, Default)]
pub struct Whereabouts {
    pub state: Option<State>,
    pub ddd: Option<u8>,
    /// The code of IBGE.
    pub code: Option<u32>,
}

/// The name of a municipality, and which it is unless several share the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Town {
    name: &'static str,
    known: Option<&'static Municipality>,
}

/// No name in the table is nearly as long, with a state behind it.
const LONGEST: usize = 80;

impl Town {
    /// Reads a name, alone or with its state (`Campinas/SP`, `Campinas - SP`), or the code of IBGE
    /// or of the Receita. A name that several states have is told apart by the rest of the row
    /// only. Within its state a misspelt name is mended where only one is near; what is unknown
    /// is kept as it is, with an alert.
    pub fn parse(text: &str, whereabouts: Whereabouts) -> Outcome<Town> {
        let text = text.trim();
        if text.is_empty() {
            return Outcome::blank();
        }
        if !text.contains(|c: char| c.is_alphabetic() || is_lost(c)) {
            return of_code(text, whereabouts);
        }
        let mut buffer = [0; LONGEST];
        let Some(key) = fold_key(text, &mut buffer) else {
            return Outcome::kept(Reason::MunicipioDesconhecido);
        };
        named(key, text, whereabouts).unwrap_or_else(|| search(key, text, whereabouts))
    }

    /// As the table spells it.
    pub fn name(self) -> &'static str {
        self.name
    }

    pub fn municipality(self) -> Option<&'static Municipality> {
        self.known
    }

    fn of(municipality: &'static Municipality) -> Town {
        Town {
            name: municipality.name,
            known: Some(municipality),
        }
    }
}

impl fmt::Display for Town {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The state written behind a name: `Campinas/SP`.
pub fn state_behind(text: &str) -> Option<State> {
    let mut buffer = [0; LONGEST];
    let key = fold_key(text, &mut buffer)?;
    if table::entries(key).is_some() {
        return None;
    }
    let (name, state) = without_state(key)?;
    table::entries(name).map(|_| state)
}

fn is_lost(c: char) -> bool {
    matches!(c, '?' | '\u{fffd}')
}

fn of_code(text: &str, whereabouts: Whereabouts) -> Outcome<Town> {
    let digits = text.strip_suffix(".0").unwrap_or(text);
    let code = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| digits.parse().ok())
        .flatten();
    let found = code.and_then(|code: u32| match digits.len() {
        7 => by_code(code),
        6 => by_six_digits(code),
        1..=4 => by_tom(code as u16),
        _ => None,
    });
    match found {
        None => Outcome::rejected(Reason::MunicipioDesconhecido),
        Some(found) if whereabouts.state.is_some_and(|said| said != found.state) => {
            Outcome::alert(Town::of(found), Reason::MunicipioUf)
        }
        Some(found) => Outcome::standardised(Town::of(found)),
    }
}

/// What the folded name says as it stands; `None` if nothing is called so.
fn named(key: &str, text: &str, whereabouts: Whereabouts) -> Option<Outcome<Town>> {
    let entries = table::entries(key)?;
    let Some(entry) = chosen(entries, whereabouts) else {
        return Some(undecided(entries, text, whereabouts));
    };
    let town = Town::of(entry.municipality());
    Some(if entry.alias {
        Outcome::corrected(town, Reason::MunicipioAproximado, 95)
    } else {
        Outcome::of_form(town, town.name == text)
    })
}

/// The one of several that the rest of the row means.
fn chosen(entries: &'static [Entry], whereabouts: Whereabouts) -> Option<&'static Entry> {
    let only = |fits: &dyn Fn(&Municipality) -> bool| {
        let mut fitting = entries.iter().filter(|entry| fits(entry.municipality()));
        fitting.next().filter(|_| fitting.next().is_none())
    };
    let by_code = whereabouts
        .code
        .and_then(|code| only(&|one| one.code == code));
    match (by_code, whereabouts.state) {
        (Some(entry), _) => Some(entry),
        (None, Some(state)) => only(&|one| one.state == state),
        (None, None) => only(&|_| true).or_else(|| {
            let ddd = whereabouts.ddd?;
            only(&|one| one.ddd == ddd)
        }),
    }
}

/// A name in the table that the row does not tell to be of one municipality.
fn undecided(entries: &'static [Entry], text: &str, whereabouts: Whereabouts) -> Outcome<Town> {
    let reason = match whereabouts.state {
        Some(_) => Reason::MunicipioUf,
        None => Reason::Ambiguo,
    };
    // A quarter of the Federal District is spelt as the municipality of the same name.
    let quarter = |entry: &Entry| entry.alias && entry.municipality().state == State::DF;
    let others = || entries.iter().filter(|entry| !quarter(entry));
    let names = || others().map(|entry| entry.municipality().name);
    let first = names().next().unwrap_or_default();
    let spelt_alike = names().all(|name| name == first)
        && others().all(|entry| !entry.alias)
        && !first.is_empty();
    let spelt = match spelt_alike {
        true => Some(first),
        // `Arapuá` is in one state, `Arapuã` in another.
        false => names().find(|name| *name == text),
    };
    match spelt {
        Some(name) => Outcome::alert(Town { name, known: None }, reason),
        None => Outcome::kept(reason),
    }
}

/// The slow ways, for names that are not in the table as they stand.
#[inline(never)]
fn search(key: &str, text: &str, whereabouts: Whereabouts) -> Outcome<Town> {
    if let Some((name, state)) = without_state(key) {
        let within = Whereabouts {
            state: Some(state),
            ..whereabouts
        };
        let found = named(name, text, within).unwrap_or_else(|| guess(name, within));
        let elsewhere = whereabouts.state.is_some_and(|said| said != state);
        return match found.value {
            Some(town) if elsewhere => Outcome::alert(town, Reason::MunicipioUf),
            _ => found,
        };
    }
    let bare = ["MUNICIPIO DE ", "MUNICIPIO DO ", "CIDADE DE ", "CIDADE DO "]
        .into_iter()
        .find_map(|word| key.strip_prefix(word));
    match bare.and_then(|bare| named(bare, text, whereabouts)) {
        Some(found) => found,
        None => guess(key, whereabouts),
    }
}

/// Abbreviations written out, lost accents, slips.
fn guess(key: &str, whereabouts: Whereabouts) -> Outcome<Town> {
    let unknown = Outcome::kept(Reason::MunicipioDesconhecido);
    if let Some(whole) = words::written_out(key) {
        let found = table::entries(&whole).and_then(|entries| chosen(entries, whereabouts));
        if let Some(entry) = found {
            let town = Town::of(entry.municipality());
            return Outcome::corrected(town, Reason::MunicipioAproximado, 95);
        }
    }
    let Some(state) = whereabouts.state else {
        return unknown;
    };
    let (found, confidence) = match key.contains('?') {
        true => (near::with_lost_letters(key, state), 95),
        false => match near::nearest(key, state) {
            Some((found, score)) => (Some(found), (score * 100.0) as u8),
            None => (None, 0),
        },
    };
    found.map_or(unknown, |found| {
        Outcome::corrected(Town::of(found), Reason::MunicipioAproximado, confidence)
    })
}

/// A folded name and the state behind it, by its letters or its name.
fn without_state(key: &str) -> Option<(&str, State)> {
    let (name, last) = key.rsplit_once(' ')?;
    let by_letters = State::from_sigla(last).map(|state| (name, state));
    by_letters.or_else(|| {
        State::ALL.into_iter().find_map(|state| {
            let name = key.strip_suffix(state.folded_name())?.strip_suffix(' ')?;
            Some((name, state))
        })
    })
}

#[cfg(test)]
mod tests;

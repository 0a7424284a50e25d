//! What is known of municipalities, as far as rows are checked by it.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use xxhash_rust::xxh3::xxh3_64;

use crate::values::fold::fold;
use crate::values::{State, municipality};

/// A municipality.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Seven digits, of IBGE.
    pub(super) code: u32,
    pub(super) state: State,
    pub(super) ddd: Option<u8>,
}

/// Finds a municipality by its state and its folded name.
pub(super) type FindPlace = fn(State, &str) -> Option<Place>;

/// The table of municipalities.
pub(super) fn find(state: State, folded: &str) -> Option<Place> {
    let found = municipality::by_name(state, folded)?;
    Some(Place {
        code: found.code,
        state: found.state,
        ddd: Some(found.ddd),
    })
}

/// Names that are remembered.
const MOST_NAMES: usize = 20_000;

/// Takes hashes as they are.
#[derive(Default)]
struct Taken(u64);

impl Hasher for Taken {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 ^= word;
    }
}

/// Municipalities by name, as cells write them; each name is folded and looked up once.
pub(super) struct Towns {
    find: FindPlace,
    /// By the hash of the name.
    numbers: HashMap<u64, usize, BuildHasherDefault<Taken>>,
    places: Vec<Vec<Place>>,
}

impl Towns {
    pub(super) fn new(find: FindPlace) -> Self {
        Towns {
            find,
            numbers: HashMap::default(),
            places: Vec::new(),
        }
    }

    /// For each of the names, a number to ask [`Towns::called`] with, until this is called again.
    pub(super) fn number<'a>(
        &mut self,
        names: impl Iterator<Item = Option<&'a str>>,
    ) -> Vec<Option<usize>> {
        if self.places.len() >= MOST_NAMES {
            self.numbers.clear();
            self.places.clear();
        }
        names.map(|name| Some(self.number_of(name?))).collect()
    }

    fn number_of(&mut self, name: &str) -> usize {
        let next = self.places.len();
        let number = *self.numbers.entry(xxh3_64(name.as_bytes())).or_insert(next);
        if number == next {
            let folded = fold(name);
            let states = State::ALL.into_iter();
            let places = states.filter_map(|state| (self.find)(state, &folded));
            self.places.push(places.collect());
        }
        number
    }

    /// All municipalities of the name with this number, whatever their state.
    pub(super) fn called(&self, number: usize) -> &[Place] {
        self.places.get(number).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn municipalities_come_from_the_table() {
        let campinas = find(State::SP, "CAMPINAS").unwrap();
        assert_eq!((campinas.code, campinas.ddd), (3509502, Some(19)));
        assert_eq!(find(State::RJ, "CAMPINAS"), None);
        // In the table by its own name, and by another that people use.
        assert_eq!(find(State::SP, "EMBU"), find(State::SP, "EMBU DAS ARTES"));
        assert!(find(State::SP, "EMBU").is_some());
    }

    #[test]
    fn a_name_that_states_share_is_all_of_them() {
        let mut towns = Towns::new(find);
        let names = [
            Some("Bom Jesus"),
            None,
            Some("Terra do Nunca"),
            Some("Bom Jesus"),
        ];
        let numbers = towns.number(names.into_iter());
        assert_eq!(numbers, [Some(0), None, Some(1), Some(0)]);
        let states: Vec<_> = towns.called(0).iter().map(|p| p.state).collect();
        assert_eq!(
            states.len(),
            5,
            "Bom Jesus is in PB, PI, RN, RS and SC: {states:?}"
        );
        assert_eq!(towns.called(1), []);
    }

    #[test]
    fn an_area_code_may_cross_the_border_of_a_state() {
        for (town, state, ddd) in [
            ("PORTO UNIAO", State::SC, 42),
            ("RIO NEGRO", State::PR, 47),
            ("BARRACAO", State::PR, 49),
            ("VALPARAISO DE GOIAS", State::GO, 61),
        ] {
            let place = find(state, town).unwrap();
            assert_eq!(place.ddd, Some(ddd), "{town}");
        }
    }
}

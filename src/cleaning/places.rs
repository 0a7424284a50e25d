//! What is known of municipalities, as far as rows are checked by it.

use std::collections::HashMap;

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

/// Municipalities by name, as cells write them; each name is folded and looked up once.
pub(super) struct Towns {
    find: FindPlace,
    known: HashMap<String, Vec<Place>>,
}

impl Towns {
    pub(super) fn new(find: FindPlace) -> Self {
        Towns {
            find,
            known: HashMap::new(),
        }
    }

    /// All municipalities of this name, whatever their state.
    pub(super) fn named(&mut self, name: &str) -> &[Place] {
        if !self.known.contains_key(name) {
            if self.known.len() >= MOST_NAMES {
                self.known.clear();
            }
            let folded = fold(name);
            let places = State::ALL
                .into_iter()
                .filter_map(|state| (self.find)(state, &folded));
            self.known.insert(name.to_owned(), places.collect());
        }
        self.known.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether the municipality of this name and state has this area code.
    pub(super) fn is_called_by(&mut self, name: &str, state: State, ddd: u8) -> bool {
        let mut here = self.named(name).iter();
        here.any(|place| place.state == state && place.ddd == Some(ddd))
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
        let states: Vec<_> = towns.named("Bom Jesus").iter().map(|p| p.state).collect();
        assert_eq!(
            states.len(),
            5,
            "Bom Jesus is in PB, PI, RN, RS and SC: {states:?}"
        );
        assert_eq!(towns.named("Terra do Nunca"), []);
    }

    #[test]
    fn an_area_code_may_cross_the_border_of_a_state() {
        let mut towns = Towns::new(find);
        for (town, state, ddd) in [
            ("Porto União", State::SC, 42),
            ("Rio Negro", State::PR, 47),
            ("Barracão", State::PR, 49),
            ("Valparaíso de Goiás", State::GO, 61),
        ] {
            assert!(towns.is_called_by(town, state, ddd), "{town}");
            assert!(!towns.is_called_by(town, State::SP, ddd), "{town}");
        }
    }
}

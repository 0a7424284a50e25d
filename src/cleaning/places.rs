//! What is known of municipalities, as far as rows are checked by it.

use std::collections::HashMap;

use crate::values::State;
use crate::values::fold::fold;

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
pub(super) fn find(_state: State, _folded: &str) -> Option<Place> {
    None
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
}

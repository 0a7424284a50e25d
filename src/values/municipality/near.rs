//! Misspelt names.

use super::table::{Letters, Municipality, letters_of, sought};
use crate::values::state::State;

/// A slip is mended from this likeness on …
const ENOUGH: f64 = 0.93;
/// … if no other name comes this close.
const MARGIN: f64 = 0.03;

/// The municipality of the state whose name is most like `key`, by Jaro-Winkler, and how like.
pub(super) fn nearest(key: &str, state: State) -> Option<(&'static Municipality, f64)> {
    let letters = letters_of(key);
    let (mut best, mut second) = (0.0, 0.0);
    let mut found = None;
    for one in sought(state) {
        if at_most(key, &letters, &one.key, &one.letters) < ENOUGH - MARGIN {
            continue;
        }
        let score = strsim::jaro_winkler(key, &one.key);
        if score > best {
            second = best;
            best = score;
            found = Some(one.municipality);
        } else if score > second {
            second = score;
        }
    }
    let clear = best >= ENOUGH && best - second >= MARGIN;
    found.filter(|_| clear).map(|found| (found, best))
}

/// No likeness of the two can be greater: as if their common letters stood in the same order.
fn at_most(a: &str, of_a: &Letters, b: &str, of_b: &Letters) -> f64 {
    let common: u32 = of_a
        .iter()
        .zip(of_b)
        .map(|(a, b)| u32::from(*a.min(b)))
        .sum();
    if common == 0 {
        return 0.0;
    }
    let common = f64::from(common);
    let jaro = (common / a.len() as f64 + common / b.len() as f64 + 1.0) / 3.0;
    let same = a.bytes().zip(b.bytes()).take(4);
    let prefix = same.take_while(|(a, b)| a == b).count();
    jaro + 0.1 * prefix as f64 * (1.0 - jaro)
}

/// The one municipality of the state whose name has any letter where `key` has `?`.
pub(super) fn with_lost_letters(key: &str, state: State) -> Option<&'static Municipality> {
    let fits = |name: &str| {
        name.len() == key.len()
            && name
                .bytes()
                .zip(key.bytes())
                .all(|(letter, typed)| letter == typed || typed == b'?')
    };
    let mut fitting = sought(state).iter().filter(|one| fits(&one.key));
    let first = fitting.next()?;
    fitting.next().is_none().then_some(first.municipality)
}

#[cfg(test)]
mod tests {
    use super::super::all;
    use super::*;
    use crate::values::fold::fold;

    #[test]
    fn the_bound_never_hides_a_likeness() {
        let keys: Vec<_> = all().iter().step_by(40).map(|one| fold(one.name)).collect();
        for a in &keys {
            for b in &keys {
                let bound = at_most(a, &letters_of(a), b, &letters_of(b));
                let score = strsim::jaro_winkler(a, b);
                assert!(bound >= score - 1e-9, "{a} {b}: {bound} {score}");
            }
        }
    }
}

//! Whether two names are the same person's.

use crate::values::name::key;

/// Below this similarity a key belongs to somebody else.
const SAME: f64 = 0.6;

/// Whether the two names may be one person's: Jaro-Winkler similarity of their folded, sorted
/// tokens without particles.
pub(super) fn may_be_same(a: &str, b: &str) -> bool {
    let (a, b) = (key(a), key(b));
    a == b || strsim::jaro_winkler(&a, &b) >= SAME
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_particles_and_order_do_not_matter() {
        assert!(may_be_same("José da Silva", "SILVA JOSE"));
        assert!(may_be_same("Ana Beatriz Lima", "ANA B LIMA"));
    }

    #[test]
    fn another_person_is_told_apart() {
        assert!(!may_be_same("Vanessa Rocha Dias", "Bruno Pereira"));
    }
}

//! Names of plain letters, as nearly all are, looked at once.

use crate::values::fold;

/// What one look at the bytes of a name tells, if there are nothing but plain letters (of ASCII,
/// and those of Latin-1 that have both cases there), single spaces between them, and no letter
/// four times over.
pub(super) struct Glance {
    folded: [u8; Glance::ROOM],
    length: usize,
    cases: u8,
}

impl Glance {
    const ROOM: usize = 64;
    const LONGEST_RUN: u8 = 3;

    pub(super) fn at(text: &str) -> Option<Glance> {
        if text.len() > Self::ROOM {
            return None;
        }
        let mut glance = Glance {
            folded: [0; Self::ROOM],
            length: 0,
            cases: 0,
        };
        let mut before = b' ';
        let mut run = 0;
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            let (folded, small) = match byte {
                b'A'..=b'Z' | b'a'..=b'z' => (byte & !fold::CASE, byte & fold::CASE),
                fold::LEAD => {
                    let byte = rest.next()?;
                    (fold::plain_pair(byte)?, byte & fold::CASE)
                }
                b' ' if before != b' ' => {
                    glance.push(b' ');
                    before = b' ';
                    continue;
                }
                _ => return None,
            };
            run = if folded == before { run + 1 } else { 1 };
            if run > Self::LONGEST_RUN {
                return None;
            }
            glance.push(folded);
            glance.cases |= 1 << (small / fold::CASE);
            before = folded;
        }
        (before != b' ').then_some(glance)
    }

    /// Folding makes no text longer.
    fn push(&mut self, folded: u8) {
        self.folded[self.length] = folded;
        self.length += 1;
    }

    /// The name [folded](fold::fold).
    pub(super) fn folded(&self) -> &[u8] {
        &self.folded[..self.length]
    }

    /// Whether it has capitals and small letters.
    pub(super) fn is_mixed(&self) -> bool {
        self.cases == 0b11
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_glance_folds_and_tells_the_case(text in "[A-Za-zÀ-ÿ]{1,6}( [A-Za-zÀ-ÿ]{1,8}){0,3}|\\PC{0,12}") {
            if let Some(glance) = Glance::at(&text) {
                let folded = fold::fold(&text);
                prop_assert_eq!(glance.folded(), folded.as_bytes());
                let upper = text.chars().any(char::is_uppercase);
                prop_assert_eq!(glance.is_mixed(), upper && text.chars().any(char::is_lowercase));
                prop_assert!(text.split(' ').all(|word| !word.is_empty()));
            }
        }
    }
}

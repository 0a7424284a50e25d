//! Names of plain letters, as nearly all are, looked at once.

use crate::values::fold;

/// What one look at the bytes of a name tells, if there are nothing but plain letters (of ASCII,
/// and those of Latin-1 that have both cases there), single spaces between them, and no letter
/// four times over.
pub(super) struct Glance {
    folded: [u8; Glance::ROOM + Glance::LONGEST_RUN],
    length: usize,
    /// A bit for each place of `folded` that is a space.
    spaces: u64,
    seen: u16,
}

impl Glance {
    const ROOM: usize = 64;
    const LONGEST_RUN: usize = 3;

    pub(super) fn at(text: &str) -> Option<Glance> {
        if text.len() > Self::ROOM {
            return None;
        }
        let mut glance = Glance {
            folded: [0; Self::ROOM + Self::LONGEST_RUN],
            length: 0,
            spaces: 0,
            seen: 0,
        };
        // Without a branch: where the accents of a name are cannot be foretold.
        let mut second = false;
        for &byte in text.as_bytes() {
            let class = CLASSES[usize::from(second)][usize::from(byte)];
            glance.folded[glance.length] = class as u8;
            glance.spaces |= u64::from(byte == b' ') << glance.length;
            glance.length += usize::from(class & KEPT != 0);
            glance.seen |= class;
            second = byte == fold::LEAD;
        }
        let at_ends = [glance.folded().first()?, glance.folded().last()?].contains(&&b' ');
        let plain = glance.seen & ODD == 0 && !at_ends && !glance.has_run();
        plain.then_some(glance)
    }

    /// Two spaces, or four letters alike.
    fn has_run(&self) -> bool {
        let mut any = false;
        for at in 0..Self::ROOM {
            let [a, b, c, d] = [0, 1, 2, 3].map(|after| self.folded[at + after]);
            any |= (a == b) & ((a == b' ') | (b == c) & (c == d) & (a != 0));
        }
        any
    }

    /// The name [folded](fold::fold).
    pub(super) fn folded(&self) -> &[u8] {
        &self.folded[..self.length]
    }

    /// The words of the folded name.
    pub(super) fn words(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = self.folded();
        let mut spaces = self.spaces;
        std::iter::from_fn(move || {
            let length = (spaces.trailing_zeros() as usize).min(rest.len());
            let (word, after) = rest.split_at_checked(length).filter(|_| length > 0)?;
            rest = after.get(1..).unwrap_or_default();
            spaces = spaces.checked_shr(length as u32 + 1).unwrap_or_default();
            Some(word)
        })
    }

    /// Whether it has capitals and small letters.
    pub(super) fn is_mixed(&self) -> bool {
        self.seen & (UPPER | LOWER) == UPPER | LOWER
    }
}

/// The folded letter in the low byte, and these.
const UPPER: u16 = 1 << 8;
const LOWER: u16 = 1 << 9;
const KEPT: u16 = 1 << 10;
const ODD: u16 = 1 << 11;

/// What a byte is: first those of ASCII, then those after [`fold::LEAD`].
const CLASSES: [[u16; 256]; 2] = {
    let mut classes = [[ODD; 256]; 2];
    classes[0][b' ' as usize] = b' ' as u16 | KEPT;
    classes[0][fold::LEAD as usize] = 0;
    let mut byte = 0;
    while byte < 256 {
        let letter = byte as u8;
        let folded = match letter {
            b'A'..=b'Z' | b'a'..=b'z' => Some(letter & !fold::CASE),
            _ => None,
        };
        let pair = match letter {
            0x80..0xc0 => fold::plain_pair(letter),
            _ => None,
        };
        let case = if letter & fold::CASE == 0 {
            UPPER
        } else {
            LOWER
        };
        if let Some(folded) = folded {
            classes[0][byte] = folded as u16 | case | KEPT;
        }
        if let Some(folded) = pair {
            classes[1][byte] = folded as u16 | case | KEPT;
        }
        byte += 1;
    }
    classes
};

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
                prop_assert!(glance.words().eq(folded.split(' ').map(str::as_bytes)));
                prop_assert!(!super::super::words::has_long_run(folded.as_bytes()));
            }
        }
    }
}

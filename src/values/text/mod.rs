//! The normal form of a text cell: NFC, one space between words, nothing invisible.

mod entities;
mod spaces;

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::fold::LEAD;
use super::{Reason, mojibake};

/// What [`normalise`] did to a cell, or saw in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Changes(u8);

impl Changes {
    pub const NONE: Changes = Changes(0);
    /// Control, zero-width and direction characters removed.
    pub const INVISIBLE: Changes = Changes(1);
    /// Trimmed, runs collapsed, or another kind of space made plain.
    pub const SPACES: Changes = Changes(1 << 1);
    pub const MOJIBAKE: Changes = Changes(1 << 2);
    pub const ENTITIES: Changes = Changes(1 << 3);
    /// Composed to NFC.
    pub const COMPOSED: Changes = Changes(1 << 4);
    /// Not a change: accents are gone for good (`JO?O`).
    pub const LOST_ACCENTS: Changes = Changes(1 << 5);

    pub fn contains(self, other: Changes) -> bool {
        self.0 & other.0 == other.0
    }

    pub fn is_empty(self) -> bool {
        self == Self::NONE
    }

    /// The one reason worth telling, the weightiest first.
    pub fn reason(self) -> Option<Reason> {
        [
            (Self::LOST_ACCENTS, Reason::MojibakeIrrecuperavel),
            (Self::MOJIBAKE, Reason::Mojibake),
            (Self::ENTITIES, Reason::EntidadeHtml),
            (Self::INVISIBLE, Reason::Invisiveis),
            (Self::SPACES, Reason::Espacos),
        ]
        .into_iter()
        .find(|(change, _)| self.contains(*change))
        .map(|(_, reason)| reason)
    }
}

impl std::ops::BitOr for Changes {
    type Output = Changes;

    fn bitor(self, other: Changes) -> Changes {
        Changes(self.0 | other.0)
    }
}

impl std::ops::BitOrAssign for Changes {
    fn bitor_assign(&mut self, other: Changes) {
        *self = *self | other;
    }
}

/// A cell in normal form; borrowed when it already was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Normalised<'a> {
    pub text: Cow<'a, str>,
    pub changes: Changes,
}

impl<'a> Normalised<'a> {
    /// Of a cell that is known to be in normal form.
    pub fn of_plain(text: &'a str) -> Self {
        Normalised {
            text: Cow::Borrowed(text),
            changes: Changes::NONE,
        }
    }

    /// Whether the text differs from the cell's.
    pub fn is_changed(&self) -> bool {
        matches!(self.text, Cow::Owned(_))
    }
}

/// Brings one cell to its normal form. Newlines inside a cell are kept, as single `\n`.
///
/// Mojibake is mended before invisible characters go, because they may be half of an accent
/// (`Ã` + U+0081 is `Á`, `Ã` + soft hyphen is `í`, `Ã` + NBSP is `à`).
pub fn normalise(text: &str) -> Normalised<'_> {
    match plainness(text.as_bytes()) {
        Plainness::Plain => Normalised::of_plain(text),
        Plainness::Tilde => Normalised {
            text: Cow::Borrowed(text),
            changes: match mojibake::has_lost_accents(text) {
                true => Changes::LOST_ACCENTS,
                false => Changes::NONE,
            },
        },
        Plainness::Loose => loose(text),
        Plainness::Unknown => normalise_slowly(text),
    }
}

/// What is plain but for its spaces.
fn loose(text: &str) -> Normalised<'_> {
    let trimmed = text.trim_matches(' ');
    let text = match plainness(trimmed.as_bytes()) {
        Plainness::Loose => {
            let mut single = String::with_capacity(trimmed.len());
            let words = trimmed.split(' ').filter(|word| !word.is_empty());
            words.for_each(|word| {
                if !single.is_empty() {
                    single.push(' ');
                }
                single.push_str(word);
            });
            Cow::Owned(single)
        }
        _ => Cow::Borrowed(trimmed),
    };
    let changes = match mojibake::has_lost_accents(&text) {
        true => Changes::SPACES | Changes::LOST_ACCENTS,
        false => Changes::SPACES,
    };
    Normalised { text, changes }
}

/// Whether a glance tells that nothing in the text is wrongly decoded, and no space too many.
pub fn looks_plain(text: &str) -> bool {
    matches!(
        plainness(text.as_bytes()),
        Plainness::Plain | Plainness::Tilde
    )
}

/// What a glance at the bytes of a cell tells.
enum Plainness {
    /// Nothing to do.
    Plain,
    /// Nothing to do, but an `Ã` may stand where no word has it.
    Tilde,
    /// Plain, but for spaces at its ends or side by side.
    Loose,
    /// To be looked at step by step.
    Unknown,
}

/// Plain is printable ASCII and the letters of U+00C0 to U+00FF with single inner spaces. Mojibake
/// always has a sign beyond those letters: whatever it was decoded by, a continuation byte is none.
fn plainness(bytes: &[u8]) -> Plainness {
    let mut second = false;
    let mut before = SPACE;
    let (mut seen, mut twice) = (0, 0);
    // Without a branch: where the accents of a name are cannot be foretold.
    for &byte in bytes {
        let class = CLASSES[usize::from(second)][usize::from(byte)];
        seen |= class;
        twice |= class & before;
        before = class;
        second = byte == LEAD;
    }
    if seen & ODD != 0 {
        Plainness::Unknown
    } else if (twice | before) & SPACE != 0 && !bytes.is_empty() {
        Plainness::Loose
    } else if seen & TILDE != 0 {
        Plainness::Tilde
    } else {
        Plainness::Plain
    }
}

/// What a byte is, where it is not simply plain.
const SPACE: u8 = 1;
const TILDE: u8 = 1 << 1;
const ODD: u8 = 1 << 2;

/// What a byte is: those of ASCII, then those after [`LEAD`]. `&` may open an entity, `_` an
/// `_x000D_`, `?` may be a lost accent: those take the slow path.
const CLASSES: [[u8; 256]; 2] = {
    let mut classes = [[ODD; 256], [0; 256]];
    let mut byte = 0x20;
    while byte < 0x7f {
        if !matches!(byte as u8, b'&' | b'_' | b'?') {
            classes[0][byte] = 0;
        }
        byte += 1;
    }
    classes[0][b' ' as usize] = SPACE;
    classes[0][LEAD as usize] = 0;
    classes[1][0x83] = TILDE;
    classes
};

/// One round may uncover work for the next (`&amp;nbsp;`, doubly broken accents), so rounds
/// repeat until nothing changes. Only text built to be hostile needs as many as the limit.
const MOST_ROUNDS: usize = 8;

#[inline(never)]
fn normalise_slowly(text: &str) -> Normalised<'_> {
    let mut current = Cow::Borrowed(text);
    let mut changes = Changes::NONE;
    for _ in 0..MOST_ROUNDS {
        match round(&current, &mut changes) {
            Some(next) => current = Cow::Owned(next),
            None => break,
        }
    }
    if mojibake::has_lost_accents(&current) {
        changes |= Changes::LOST_ACCENTS;
    }
    Normalised {
        text: current,
        changes,
    }
}

/// Every step once; `None` when none of them had anything to do.
fn round(text: &str, changes: &mut Changes) -> Option<String> {
    let mut next = None;
    let mut apply = |step: fn(&str) -> Option<(String, Changes)>| {
        if let Some((text, done)) = step(next.as_deref().unwrap_or(text)) {
            next = Some(text);
            *changes |= done;
        }
    };
    apply(|text| mojibake::repair(text).map(|text| (text, Changes::MOJIBAKE)));
    apply(|text| entities::decode(text).map(|text| (text, Changes::ENTITIES)));
    apply(|text| compose(text).map(|text| (text, Changes::COMPOSED)));
    apply(spaces::tidy);
    next
}

fn compose(text: &str) -> Option<String> {
    // below U+0300 every character is its own composed form
    if text.bytes().all(|byte| byte < 0xcc) || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return None;
    }
    let composed: String = text.nfc().collect();
    (composed != text).then_some(composed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(cell: &str) -> String {
        normalise(cell).text.into_owned()
    }

    #[test]
    fn a_clean_cell_is_borrowed() {
        for cell in [
            "",
            "MARIA DA SILVA",
            "João",
            "a@b.com.br",
            "a_b@c.com",
            "AT&T",
            "São José",
            "€ 1",
            "tudo bem?",
            "a\nb",
        ] {
            let normal = normalise(cell);
            assert!(!normal.is_changed(), "{cell:?}");
            assert!(normal.changes.is_empty(), "{cell:?}");
        }
    }

    #[test]
    fn spaces_are_single_and_plain() {
        assert_eq!(text("  a \t b\u{a0}\u{202f}c "), "a b c");
        assert_eq!(text("a_x000D_b"), "a b");
        assert_eq!(text("a_x000d_\r\n  b"), "a\nb");
        assert_eq!(text(" \u{a0} "), "");
        assert_eq!(normalise(" a").changes.reason(), Some(Reason::Espacos));
    }

    #[test]
    fn what_cannot_be_seen_is_removed() {
        assert_eq!(text("\u{feff}a\u{200b}b\u{ad}\0\u{1f}\u{9d}"), "ab");
        assert_eq!(text("\u{202a}+55 11\u{202c}"), "+55 11");
    }

    #[test]
    fn entities_are_decoded_unless_the_cell_is_markup() {
        assert_eq!(text("Pereira &amp; Filhos"), "Pereira & Filhos");
        assert_eq!(text("D&#39;&Aacute;vila&nbsp;e"), "D'Ávila e");
        assert_eq!(text("&amp;amp;lt;b"), "<b");
        assert_eq!(text("<b>&amp;</b>"), "<b>&amp;</b>");
        assert_eq!(text("a &foo; &#x110000; & b"), "a &foo; &#x110000; & b");
    }

    #[test]
    fn accents_are_composed() {
        assert_eq!(text("Joa\u{303}o"), "João");
    }

    #[test]
    fn accents_half_of_which_is_invisible_are_mended() {
        assert_eq!(text("Ã\u{81}gua"), "Água");
        assert_eq!(text("Aca\u{c3}\u{ad}"), "Acaí");
        assert_eq!(text("R$Â\u{a0}10,00"), "R$ 10,00");
    }

    proptest! {
        #[test]
        fn a_glance_tells_what_every_step_would(text in "[ ÀÁÂÃÇÉÓÕàáâãçéóõ÷ÿA-Ca-c?&_.-]{0,12}|\\PC{0,12}") {
            prop_assert_eq!(normalise(&text), normalise_slowly(&text));
            prop_assert!(!looks_plain(&text) || mojibake::repair(&text).is_none());
        }

        #[test]
        fn normalising_twice_is_normalising_once(cell in "(\\PC|[ \t\r\n\u{a0}\u{200b}ÃÂ©£\u{81}_x0D;&#amp\u{303}?]|&amp;|_x000D_|&nbsp;|&#8203;){0,24}") {
            let once = text(&cell);
            prop_assert_eq!(&text(&once), &once);
        }
    }
}

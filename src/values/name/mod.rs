//! Names of people.

mod case;
mod glance;
mod words;

use std::borrow::Cow;
use std::fmt;

pub use case::recase;
pub(super) use words::is_placeholder;

use glance::Glance;

use super::fold::{fold, with_folded};
use super::{Outcome, Reason};

/// A person's name, without title or the dirt around it.
#[derive(Clone, PartialEq, Eq)]
pub struct Name<'a> {
    text: Cow<'a, str>,
    title: Option<&'static str>,
}

impl<'a> Name<'a> {
    /// Case is touched only where the whole name is in capitals or in small letters; accents are
    /// never invented. What looks like a company, a stand-in or keyboard play is kept as it is,
    /// with an alert.
    pub fn parse(text: &'a str) -> Outcome<Name<'a>> {
        let glance = Glance::at(text);
        match glance.filter(|glance| !words::may_have_title(glance.folded())) {
            Some(glance) => Name::plain(text, &glance),
            None => Name::parse_any(text),
        }
    }

    /// A name of plain letters, without title.
    fn plain(text: &'a str, glance: &Glance) -> Outcome<Name<'a>> {
        let suspicion = words::suspicion(glance.folded(), glance.words(), text, false);
        let recased = match glance.is_mixed() || suspicion.is_some() {
            true => None,
            false => case::recase_plain(text),
        };
        let new_case = recased.is_some();
        let name = Name {
            text: recased.map_or(Cow::Borrowed(text), Cow::Owned),
            title: None,
        };
        match suspicion {
            Some(reason) => Outcome::alert(name, reason),
            None if new_case => Outcome::standardised_because(name, Reason::CaixaAjustada),
            None => Outcome::ok(name),
        }
    }

    /// A name, whatever is around it.
    fn parse_any(text: &'a str) -> Outcome<Name<'a>> {
        let text = text.trim();
        if text.is_empty() {
            return Outcome::blank();
        }
        if !text.chars().any(char::is_alphabetic) {
            let digits = text.contains(|c: char| c.is_ascii_digit());
            return Outcome::rejected(if digits {
                Reason::ContemDigitos
            } else {
                Reason::CaracteresInvalidos
            });
        }
        if let Some(reason) = with_folded(text, |folded| {
            let folded = folded.as_bytes();
            let words = folded.split(|byte| *byte == b' ');
            words::suspicion(folded, words, text, words::has_long_run(folded))
        }) {
            return Outcome::alert(
                Name {
                    text: Cow::Borrowed(text),
                    title: None,
                },
                reason,
            );
        }
        let (title, bare) = words::title(words::without_dirt(text));
        let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
        let lost_digits = digits(text) > digits(bare);
        let spaced = one_line(bare);
        let recased = recase(&spaced);
        let new_case = recased.is_some();
        let name = Name {
            text: recased.map_or(spaced, Cow::Owned),
            title,
        };
        if digits(bare) > 0 {
            Outcome::alert(name, Reason::ContemDigitos)
        } else if lost_digits {
            Outcome::corrected(name, Reason::ContemDigitos, 90)
        } else if new_case {
            Outcome::standardised_because(name, Reason::CaixaAjustada)
        } else {
            let canonical = name.text == text;
            Outcome::of_form(name, canonical)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The title that stood before it: `Dra.`
    pub fn title(&self) -> Option<&'static str> {
        self.title
    }

    /// Whether it is one word only (`nome_unico`).
    pub fn is_single(&self) -> bool {
        !self.text.bytes().any(|byte| byte == b' ')
    }

    pub fn into_owned(self) -> Name<'static> {
        Name {
            text: Cow::Owned(self.text.into_owned()),
            title: self.title,
        }
    }

    /// What names are compared by: folded, without particles, words in order of the alphabet.
    pub fn key(&self) -> String {
        key(&self.text)
    }
}

/// See [`Name::key`].
pub fn key(name: &str) -> String {
    let folded = fold(name);
    let mut words: Vec<_> = folded
        .split(' ')
        .filter(|word| !words::is_particle(word.as_bytes()))
        .collect();
    words.sort_unstable();
    words.dedup();
    words.join(" ")
}

/// The title that a person's name begins with: `Dra.`
pub fn title(text: &str) -> Option<&'static str> {
    words::title(words::without_dirt(text)).0
}

/// A hash of what [`key`] compares, mostly without building it. Names with the same words in any
/// order, each as often, have the same hash.
pub fn key_hash(name: &str) -> u64 {
    match Glance::at(name) {
        Some(glance) => words_hash(glance.words()),
        None => words_hash(fold(name).as_bytes().split(|byte| *byte == b' ')),
    }
}

/// The same for the same words in any order.
fn words_hash<'a>(words: impl Iterator<Item = &'a [u8]>) -> u64 {
    words
        .filter(|word| !word.is_empty() && !words::is_particle(word))
        .map(word_hash)
        .fold(0, u64::wrapping_add)
}

fn word_hash(word: &[u8]) -> u64 {
    const BYTES: usize = size_of::<u64>();
    word.chunks(BYTES).fold(0, |hash, part| {
        let mut bytes = [0; BYTES];
        bytes[BYTES - part.len()..].copy_from_slice(part);
        mixed(hash ^ u64::from_be_bytes(bytes))
    })
}

/// Different for different words, and of no other order than chance's.
fn mixed(word: u64) -> u64 {
    // SplitMix64's: a permutation.
    let mut word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

fn one_line(text: &str) -> Cow<'_, str> {
    match text.contains('\n') {
        true => Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" ")),
        false => Cow::Borrowed(text),
    }
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Censored: a name never reaches a log by way of `{:?}`.
impl fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({})", super::mask::name(&self.text))
    }
}

#[cfg(test)]
mod tests;

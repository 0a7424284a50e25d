//! Folding: the form in which keys, headers and words are compared.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Upper case without accents, everything but letters and digits made one space:
/// `Sant'Ana do  Livramento` → `SANT ANA DO LIVRAMENTO`.
pub fn fold(text: &str) -> String {
    let mut folded = Vec::with_capacity(text.len());
    match fold_plain(text, |byte| folded.push(byte)) {
        true => String::from_utf8(folded).unwrap_or_default(),
        false => fold_any(text),
    }
}

/// [`fold`], for as long as it is looked at: short plain text is folded without allocating.
pub(super) fn with_folded<T>(text: &str, look: impl FnOnce(&str) -> T) -> T {
    let mut buffer = [0; 64];
    let mut length = 0;
    let plain = text.len() <= buffer.len()
        && fold_plain(text, |byte| {
            buffer[length] = byte;
            length += 1;
        });
    match std::str::from_utf8(&buffer[..length]) {
        Ok(folded) if plain => look(folded),
        _ => look(&fold(text)),
    }
}

/// Tells the bytes of the folded text, at most as many as `text` has, if all of it is ASCII and
/// accented letters of Latin-1. Whether it was; what was told counts only then.
fn fold_plain(text: &str, mut tell: impl FnMut(u8)) -> bool {
    let mut any = false;
    let mut space = false;
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let plain = match byte {
            LEAD => LATIN_FOLDED[usize::from(rest.next().unwrap_or_default() & 0x3f)],
            0x80.. => 0,
            _ => ASCII_FOLDED[usize::from(byte)],
        };
        match plain {
            0 => return false,
            b' ' => space = any,
            plain => {
                if space {
                    tell(b' ');
                }
                tell(plain);
                any = true;
                space = false;
            }
        }
    }
    true
}

/// By first byte, a bit for each length that these words have, up to 31 bytes: most others are
/// told from them at a glance.
pub(super) const fn lengths(words: &[&str]) -> [u32; 256] {
    let mut lengths = [0; 256];
    let mut at = 0;
    while at < words.len() {
        let word = words[at].as_bytes();
        lengths[word[0] as usize] |= 1 << word.len();
        at += 1;
    }
    lengths
}

/// Whether a word of [`lengths`] begins with this byte and is as long.
pub(super) fn may_be_one(lengths: &[u32; 256], first: u8, length: usize) -> bool {
    length < 32 && lengths[usize::from(first)] >> length & 1 == 1
}

/// Whether it is one of these words; `lengths` are theirs.
pub(super) fn is_one_of(words: &[&str], lengths: &[u32; 256], word: &[u8]) -> bool {
    word.first()
        .is_some_and(|first| may_be_one(lengths, *first, word.len()))
        && words.iter().any(|one| one.as_bytes() == word)
}

/// The first byte of U+00C0 to U+00FF.
pub(super) const LEAD: u8 = 0xc3;
/// Between a capital and its small letter, in ASCII as in the second byte after [`LEAD`].
pub(super) const CASE: u8 = 0x20;

/// The folded letter of [`LEAD`] and this byte, if it has both cases in Latin-1.
pub(super) const fn plain_pair(second: u8) -> Option<u8> {
    const Y_DIAERESIS: u8 = 0xbf;
    match LATIN_FOLDED[(second & 0x3f) as usize] {
        0 => None,
        _ if second == Y_DIAERESIS => None,
        folded => Some(folded),
    }
}

/// Letters are capitals, digits themselves, all else is a space.
const ASCII_FOLDED: [u8; 128] = {
    let mut folded = [b' '; 128];
    let mut byte = 0;
    while byte < 128 {
        if (byte as u8).is_ascii_alphanumeric() {
            folded[byte as usize] = (byte as u8).to_ascii_uppercase();
        }
        byte += 1;
    }
    folded
};

/// The same for U+00C0 to U+00FF, by their last six bits; 0 where it takes the long way (`Æ`, `ß`).
const LATIN_FOLDED: [u8; 64] = {
    let letters = *b"AAAAAA\0CEEEEIIII\0NOOOOO\0\0UUUUY\0\0";
    let mut folded = [0; 64];
    let mut at = 0;
    while at < 32 {
        folded[at] = letters[at];
        folded[at + 32] = letters[at];
        at += 1;
    }
    folded[63] = b'Y';
    folded
};

/// [`fold`], whatever the letters.
fn fold_any(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut space = false;
    let mut push = |c: char| {
        if c.is_alphanumeric() {
            if space && !folded.is_empty() {
                folded.push(' ');
            }
            space = false;
            folded.push(c);
        } else {
            space = true;
        }
    };
    for c in text.chars() {
        if c.is_ascii() {
            push(c.to_ascii_uppercase());
        } else if let Some(plain) = plain_latin(c) {
            push(plain.to_ascii_uppercase());
        } else {
            std::iter::once(c)
                .nfd()
                .filter(|c| !is_combining_mark(*c))
                .flat_map(char::to_uppercase)
                .for_each(&mut push);
        }
    }
    folded
}

/// The letter without its accent, case kept, for the letters Portuguese and its neighbours use;
/// the ordinal signs become their letter, so that `Nº` is `NO`.
pub fn plain_latin(c: char) -> Option<char> {
    Some(match c {
        'À'..='Å' => 'A',
        'Ç' => 'C',
        'È'..='Ë' => 'E',
        'Ì'..='Ï' => 'I',
        'Ñ' => 'N',
        'Ò'..='Ö' => 'O',
        'Ù'..='Ü' => 'U',
        'Ý' => 'Y',
        'à'..='å' | 'ª' => 'a',
        'ç' => 'c',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ñ' => 'n',
        'ò'..='ö' | 'º' => 'o',
        'ù'..='ü' => 'u',
        'ý' | 'ÿ' => 'y',
        _ => return None,
    })
}

/// `text` in capitals, as far as they are one letter each (`ß` stays).
pub(super) fn capitals(text: &str) -> String {
    text.chars().map(capital_of).collect()
}

/// The capital of a letter, or the letter where its capital is several (`ß`).
pub(super) fn capital_of(c: char) -> char {
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(capital), None) => capital,
        _ => c,
    }
}

/// `text` in lower-case ASCII without accents, written into `buffer`; `None` when it has other
/// characters or does not fit. Allocates nothing.
pub(super) fn fold_into<'b>(text: &str, buffer: &'b mut [u8]) -> Option<&'b str> {
    let mut length = 0;
    for c in text.chars() {
        let plain = if c.is_ascii() { c } else { plain_latin(c)? };
        *buffer.get_mut(length)? = plain.to_ascii_lowercase() as u8;
        length += 1;
    }
    std::str::from_utf8(&buffer[..length]).ok()
}

/// [`fold`] written into `buffer`, with a lost letter (`?`, U+FFFD) kept as `?`; `None` when there
/// are letters of other alphabets or it does not fit. Allocates nothing.
pub(super) fn fold_key<'b>(text: &str, buffer: &'b mut [u8]) -> Option<&'b str> {
    // Folding makes no text longer.
    if text.len() <= buffer.len() && !text.contains('?') {
        let mut length = 0;
        let plain = fold_plain(text, |byte| {
            buffer[length] = byte;
            length += 1;
        });
        if plain {
            return std::str::from_utf8(&buffer[..length]).ok();
        }
    }
    let mut length = 0;
    let mut space = false;
    for c in text.chars() {
        let plain = match c {
            '?' | '\u{fffd}' => b'?',
            _ if c.is_ascii_alphanumeric() => c.to_ascii_uppercase() as u8,
            _ if c.is_ascii() => b' ',
            _ => match plain_latin(c) {
                Some(plain) => plain.to_ascii_uppercase() as u8,
                None if c.is_alphanumeric() => return None,
                None => b' ',
            },
        };
        if plain == b' ' {
            space = length > 0;
            continue;
        }
        if space {
            *buffer.get_mut(length)? = b' ';
            length += 1;
            space = false;
        }
        *buffer.get_mut(length)? = plain;
        length += 1;
    }
    std::str::from_utf8(&buffer[..length]).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_glance_turns_away_no_word_of_its_list() {
        let list = ["DE", "DA", "DELLA", "É", "ASSOCIACAO"];
        let lengths = lengths(&list);
        let passes = |word: &str| may_be_one(&lengths, word.as_bytes()[0], word.len());
        assert!(list.into_iter().all(passes));
        assert!(
            !["D", "DEL", "EPP", "ASSOCIACAO DE PAIS E MESTRES DE ALFENAS"]
                .into_iter()
                .any(passes)
        );
    }

    #[test]
    fn case_accents_and_punctuation_do_not_count() {
        assert_eq!(
            fold("  Sant'Ana do -- Livramento. "),
            "SANT ANA DO LIVRAMENTO"
        );
        assert_eq!(fold("Açúcar São João"), "ACUCAR SAO JOAO");
        assert_eq!(fold("e-mail_1"), "E MAIL 1");
        assert_eq!(fold("Nº"), "NO");
        assert_eq!(fold("Ełk Straße Š\u{30c}"), "EŁK STRASSE S");
        assert_eq!(fold("..."), "");
    }

    proptest! {
        #[test]
        fn the_short_way_folds_as_the_long_one(text in "[A-Za-z0-9À-ÿ ºª.'-]{0,24}|\\PC{0,24}") {
            prop_assert_eq!(fold(&text), fold_any(&text));
            with_folded(&text, |folded| assert_eq!(folded, fold_any(&text)));
        }

        #[test]
        fn a_key_is_the_folded_text(text in "[A-Za-zÀ-ÿ ./'-]{0,24}") {
            if let Some(key) = fold_key(&text, &mut [0; 64]) {
                prop_assert_eq!(key, fold(&text));
            }
        }

        #[test]
        fn folding_twice_is_folding_once(text in "\\PC{0,24}") {
            let once = fold(&text);
            prop_assert_eq!(&fold(&once), &once);
        }
    }
}

//! Folding: the form in which keys, headers and words are compared.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Upper case without accents, everything but letters and digits made one space:
/// `Sant'Ana do  Livramento` → `SANT ANA DO LIVRAMENTO`.
pub fn fold(text: &str) -> String {
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

//! Which written forms of a key are the same key.

/// Characters in an alphanumeric CNPJ; the last two are digits.
const CNPJ_CHARS: usize = 14;

/// Numbers are equal whatever their punctuation and leading zeros (`045.152.668-61` and
/// `4515266861`), CNPJs with letters whatever their punctuation, other texts whatever their case.
pub(super) fn fold(text: &str) -> String {
    let text = text.trim();
    if text.len() <= 4 * CNPJ_CHARS
        && text
            .bytes()
            .all(|b| is_mark(b) || b.is_ascii_alphanumeric())
    {
        let mut bare = String::with_capacity(text.len());
        let kept = text.bytes().filter(u8::is_ascii_alphanumeric);
        bare.extend(kept.map(|b| char::from(b.to_ascii_lowercase())));
        if !bare.is_empty() && bare.bytes().all(|b| b.is_ascii_digit()) {
            let zeros = bare.bytes().take_while(|b| *b == b'0').count();
            // Of nothing but zeros one stays.
            bare.drain(..zeros.min(bare.len() - 1));
            return bare;
        }
        if bare.len() == CNPJ_CHARS && bare.as_bytes()[12..].iter().all(u8::is_ascii_digit) {
            return bare;
        }
    }
    text.to_lowercase()
}

fn is_mark(b: u8) -> bool {
    matches!(b, b'.' | b'-' | b'/' | b'(' | b')' | b' ' | b'+')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_equal_whatever_their_punctuation_and_leading_zeros() {
        for form in [
            "04515266861",
            "4515266861",
            "045.152.668-61",
            " 045152668/61 ",
        ] {
            assert_eq!(fold(form), "4515266861", "{form}");
        }
        assert_eq!(fold("+55 (11) 3000-0000"), "551130000000");
        assert_eq!(fold("000"), "0");
    }

    #[test]
    fn letters_of_a_cnpj_keep_its_leading_zeros() {
        assert_eq!(
            fold("0A.BC3.456/01DE-35"),
            "0abc34560 1de35".replace(' ', "")
        );
        assert_eq!(fold("0abc345601de35"), fold("0A.BC3.456/01DE-35"));
    }

    #[test]
    fn other_texts_differ_by_everything_but_case() {
        assert_eq!(fold("Ana.Silva@Exemplo.test"), "ana.silva@exemplo.test");
        assert_ne!(
            fold("ana.silva@exemplo.test"),
            fold("anasilva@exemplo.test")
        );
        assert_ne!(fold("Ana Silva"), fold("AnaSilva"));
        assert_eq!(fold("  "), "");
        assert_eq!(fold("-"), "-");
    }
}

//! Text decoded by the wrong table: `JoÃ£o`, and back.
//!
//! UTF-8 read as windows-1252 (or ISO-8859-1), Mac Roman or code page 850 leaves a lead character
//! (`Ã`, `√`, `├`) and one to three others that were its continuation bytes. Only such a sequence
//! is touched, and only when it spells a character that Brazilian files hold.

/// Mends what can be mended, up to three times over (`JoÃƒÂ£o`); `None` when there is nothing.
pub fn repair(text: &str) -> Option<String> {
    const MOST_LAYERS: usize = 3;
    let mut mended = repair_once(text)?;
    for _ in 1..MOST_LAYERS {
        match repair_once(&mended) {
            Some(next) => mended = next,
            None => break,
        }
    }
    Some(mended)
}

fn repair_once(text: &str) -> Option<String> {
    if !text.chars().any(|c| lead(c).is_some()) {
        return None;
    }
    let mut mended = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        match sequence(text, at) {
            Some((character, length)) => {
                mended.push_str(&text[copied..at]);
                mended.push(character);
                at += length;
                copied = at;
            }
            None => at += c.len_utf8(),
        }
    }
    (copied > 0).then(|| mended + &text[copied..])
}

/// The table a text was wrongly read by.
#[derive(Clone, Copy)]
enum Table {
    Windows1252,
    MacRoman,
    CodePage850,
}

impl Table {
    /// The continuation byte (80–BF) that `c` was.
    fn continuation(self, c: char) -> Option<u8> {
        let table = match self {
            Table::Windows1252 => match c {
                // the five codes 1252 leaves empty, and all of them where ISO-8859-1 was used
                '\u{80}'..='\u{bf}' => return u8::try_from(u32::from(c)).ok(),
                _ => WINDOWS_1252,
            },
            Table::MacRoman => MAC_ROMAN,
            Table::CodePage850 => CODE_PAGE_850,
        };
        let at = table.chars().position(|known| known == c)?;
        u8::try_from(at + 0x80).ok()
    }
}

/// The characters of bytes 80–9F; U+FFFD where there is none.
const WINDOWS_1252: &str = "€\u{fffd}‚ƒ„…†‡ˆ‰Š‹Œ\u{fffd}Ž\u{fffd}\u{fffd}‘’“”•–—˜™š›œ\u{fffd}žŸ";
/// The characters of bytes 80–BF.
const MAC_ROMAN: &str = "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø";
const CODE_PAGE_850: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐";

/// The lead byte that `c` was, by which table. Only the leads of characters that occur here:
/// Latin letters and signs (C2–C6), typographic marks (E2), U+FEFF and U+FFFD (EF), emoji (F0).
fn lead(c: char) -> Option<(u8, Table)> {
    Some(match c {
        'Â' | 'Ã' | 'Ä' | 'Å' | 'Æ' | 'â' | 'ï' | 'ð' => {
            (u32::from(c) as u8, Table::Windows1252)
        }
        '¬' => (0xc2, Table::MacRoman),
        '√' => (0xc3, Table::MacRoman),
        '┬' => (0xc2, Table::CodePage850),
        '├' => (0xc3, Table::CodePage850),
        _ => return None,
    })
}

/// The character spelt by the sequence at `at`, and the sequence's length in bytes.
fn sequence(text: &str, at: usize) -> Option<(char, usize)> {
    let mut rest = text[at..].chars();
    let first = rest.next()?;
    let (lead, table) = lead(first)?;
    let length = match lead {
        0xf0 => 4,
        0xe2 | 0xef => 3,
        _ => 2,
    };
    let mut bytes = [lead, 0, 0, 0];
    let mut last = first;
    for byte in &mut bytes[1..length] {
        last = rest.next()?;
        *byte = table.continuation(last)?;
    }
    if length == 2 && is_meant(&text[..at], first, last, rest.clone().next()) {
        return None;
    }
    let character = std::str::from_utf8(&bytes[..length]).ok()?.chars().next()?;
    Some((character, text.len() - at - rest.as_str().len()))
}

/// Whether a letter and the sign after it stand there on purpose: `“IRMÔ` is a quoted word and
/// `LÃ` may precede a no-break space, though both pairs would decode.
fn is_meant(before: &str, letter: char, sign: char, next: Option<char>) -> bool {
    let letter_before = before.chars().next_back().is_some_and(char::is_alphabetic);
    let letter_after = next.is_some_and(char::is_alphabetic);
    match sign {
        '\u{a0}' if letter == 'Ã' => letter_before,
        '\u{a0}' => letter != 'Â',
        '”' => !letter_after && (before.contains('“') || letter != 'Ã'),
        '“' => letter != 'Ã',
        '‘' | '’' | '–' | '—' | '…' | '•' | '»' | '«' | '›' | '‹' => {
            !letter_after
        }
        _ => false,
    }
}

/// Whether letters were lost beyond repair: `JO?O`, U+FFFD, or an `Ã` no word would have there.
pub fn has_lost_accents(text: &str) -> bool {
    const TILDE: &[u8] = "Ã".as_bytes();
    const LOST: &[u8] = "\u{fffd}".as_bytes();
    let bytes = text.as_bytes();
    let before = |at: usize| text[..at].chars().next_back().unwrap_or(' ');
    let after = |at: usize| text[at..].chars().next().unwrap_or(' ');
    let letter = |c: char| c.is_alphabetic();
    (0..bytes.len()).any(|at| match bytes[at] {
        b'?' => letter(before(at)) && letter(after(at + 1)) && !is_address(text),
        first if first == TILDE[0] && bytes[at..].starts_with(TILDE) => {
            is_broken_tilde(before(at), after(at + TILDE.len()))
        }
        first if first == LOST[0] => bytes[at..].starts_with(LOST),
        _ => false,
    })
}

/// A query in an address has `?` between letters by right.
fn is_address(text: &str) -> bool {
    text.contains(['/', '=', '@'])
}

/// Whether `Ã` here is half of another letter whose rest was dropped (`AÃO` was `AÇO`). Real ones
/// are followed by O, E, I, S, Z or nothing, and follow neither an A nor a small letter.
fn is_broken_tilde(before: char, after: char) -> bool {
    let followed_well = matches!(
        after,
        'O' | 'E' | 'I' | 'S' | 'Z' | 'o' | 'e' | 'i' | 's' | 'z' | 'U' | 'u'
    ) || !(after.is_alphabetic() || matches!(after, '+' | '¡'..='¿'));
    !followed_well || matches!(before, 'A' | 'a') || before.is_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_breaking_is_mended() {
        for (broken, whole) in [
            ("JoÃ£o", "João"),
            ("JoÃƒÂ£o", "João"),
            ("JoÃƒÆ’Ã‚Â£o", "João"),
            ("Jo√£o", "João"),
            ("Jo├úo", "João"),
            ("n┬║ 1", "nº 1"),
            ("JOÃ\u{83}O", "JOÃO"),
            ("Dâ€™Ã\u{81}vila", "D’Ávila"),
            ("VOVÃ”", "VOVÔ"),
            ("ANTÃ“NIO ANTÃ”NIO SIMÃ•ES", "ANTÓNIO ANTÔNIO SIMÕES"),
            ("ï»¿nome", "\u{feff}nome"),
            ("Ã\u{a0} vista", "à vista"),
        ] {
            assert_eq!(repair(broken).as_deref(), Some(whole), "{broken}");
        }
    }

    #[test]
    fn sound_words_are_left_alone() {
        for sound in [
            "MAÇÃ",
            "IRMÃ",
            "LÃ",
            "São José",
            "ÂNGELA",
            "Itaú",
            "GERAÇÂO",
            "CONCEIÇÃO",
            "“IRMÔ",
            "IRMÃ\u{a0}DULCE",
            "MAÇÃ – VERDE",
            "IRMÃ…",
            "JOSɔ",
            "‘LÒ",
            "R$Â 10,00",
            "CÂMARA",
            "Å",
        ] {
            assert_eq!(repair(sound), None, "{sound}");
        }
    }

    #[test]
    fn what_is_lost_is_seen() {
        for lost in [
            "JO?O",
            "Jo\u{fffd}o",
            "ATLÃNTICA EMP.",
            "AÃO VERDE DO BRASIL",
            "SECURITIZAÃ+O",
        ] {
            assert!(has_lost_accents(lost), "{lost}");
        }
        for sound in [
            "JOÃO",
            "IRMÃ",
            "MÃE",
            "CÃIBRA",
            "IRMÃS",
            "tudo bem?",
            "x.com/a?b=c",
            "LÃ, ALGODÃO",
            "MAÇÃ-VERDE",
            "GUARDIÃO",
            "CORAÇÃOZINHO",
        ] {
            assert!(!has_lost_accents(sound), "{sound}");
        }
    }
}

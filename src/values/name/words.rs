//! The words that are not somebody's name.

use unicode_normalization::char::is_combining_mark;

use crate::values::Reason;
use crate::values::fold;

/// Small words between names, folded or in small letters.
pub(super) fn is_particle(word: &[u8]) -> bool {
    const PARTICLES: [&str; 17] = [
        "de", "da", "do", "das", "dos", "e", "di", "du", "del", "della", "von", "van", "den",
        "der", "la", "le", "y",
    ];
    const LENGTHS: [u32; 256] = fold::lengths(&PARTICLES);
    let first = word.first().map(u8::to_ascii_lowercase);
    first.is_some_and(|first| fold::may_be_one(&LENGTHS, first, word.len()))
        && PARTICLES
            .iter()
            .any(|particle| particle.as_bytes().eq_ignore_ascii_case(word))
}

/// Whether a folded name may begin with a [`title`].
pub(super) fn may_have_title(folded: &[u8]) -> bool {
    const LONGEST: usize = 5;
    let ends = |byte: &u8| *byte == b' ';
    matches!(folded, [b'S' | b'D' | b'P', ..]) && folded.iter().take(LONGEST + 1).any(ends)
}

/// The first title a name begins with, and the rest without any; a title alone is a name.
pub(super) fn title(text: &str) -> (Option<&'static str>, &str) {
    let mut first = None;
    let mut name = text;
    while let Some((title, rest)) = one_title(name) {
        first = first.or(Some(title));
        name = rest;
    }
    (first, name)
}

fn one_title(text: &str) -> Option<(&'static str, &str)> {
    const TITLES: [(&str, &str); 6] = [
        ("sr", "Sr."),
        ("sra", "Sra."),
        ("dr", "Dr."),
        ("dra", "Dra."),
        ("prof", "Prof."),
        ("profa", "Profa."),
    ];
    let end = text.find([' ', '.', '\n'])?;
    let (_, title) = TITLES
        .iter()
        .find(|(word, _)| word.eq_ignore_ascii_case(&text[..end]))?;
    let rest = without_dirt(&text[end..]);
    rest.chars()
        .any(char::is_alphabetic)
        .then_some((title, rest))
}

/// Without digits and signs at its ends; the stop of `Jr.` and a closed bracket stay.
pub(super) fn without_dirt(text: &str) -> &str {
    let inside = |c: char| c.is_alphabetic() || is_combining_mark(c);
    let start = text.trim_start_matches(|c: char| !inside(c) && c != '(');
    let end = start.trim_end_matches(|c: char| !inside(c) && !matches!(c, '.' | ')'));
    let letters = end.trim_end_matches(|c: char| !inside(c));
    match end.len() - letters.len() {
        0 => end,
        _ if end.ends_with(')') && end.contains('(') => end,
        // one stop after a short word
        _ if end[letters.len()..].starts_with('.')
            && letters
                .rsplit([' ', '.'])
                .next()
                .is_some_and(|word| word.chars().count() <= 3) =>
        {
            &end[..=letters.len()]
        }
        _ => letters,
    }
}

/// Why a name may not be a person's; `folded` is `text` folded, `words` are its words, and `stuck`
/// is whether a key was.
pub(super) fn suspicion<'a>(
    folded: &[u8],
    words: impl Iterator<Item = &'a [u8]>,
    text: &str,
    stuck: bool,
) -> Option<Reason> {
    if stuck || is_stand_in(folded) {
        Some(Reason::NomePlaceholder)
    } else if is_company(folded, words) && !is_called_sa(folded, text) {
        Some(Reason::PareceEmpresa)
    } else {
        None
    }
}

/// Whether a folded name stands in for one that nobody knew.
pub(in crate::values) fn is_placeholder(folded: &str) -> bool {
    has_long_run(folded.as_bytes()) || is_stand_in(folded.as_bytes())
}

fn is_stand_in(folded: &[u8]) -> bool {
    const STAND_INS: [&str; 22] = [
        "TESTE",
        "TEST",
        "ASDF",
        "QWERTY",
        "XXX",
        "AAA",
        "CLIENTE",
        "CONSUMIDOR",
        "CONSUMIDOR FINAL",
        "NOME",
        "SEM NOME",
        "FULANO",
        "FULANO DE TAL",
        "BELTRANO",
        "CICRANO",
        "SICRANO",
        "NAO IDENTIFICADO",
        "NAO IDENTIFICADA",
        "A CONFIRMAR",
        "CLIENTE TESTE",
        "TESTE TESTE",
        "NOME COMPLETO",
    ];
    const LENGTHS: [u32; 256] = fold::lengths(&STAND_INS);
    fold::is_one_of(&STAND_INS, &LENGTHS, folded) || is_keyboard_row(folded)
}

/// The same letter four times over.
pub(super) fn has_long_run(folded: &[u8]) -> bool {
    let mut run = 0;
    let mut before = 0;
    folded.iter().any(|&byte| {
        run = if byte == before { run + 1 } else { 1 };
        before = byte;
        run >= 4 && byte.is_ascii_alphabetic()
    })
}

/// Five keys or more side by side.
fn is_keyboard_row(folded: &[u8]) -> bool {
    const LONGEST: usize = 10;
    let holds = |row: &[u8]| row.windows(folded.len()).any(|keys| keys == folded);
    (5..=LONGEST).contains(&folded.len())
        && [&b"QWERTYUIOP"[..], b"ASDFGHJKL", b"ZXCVBNM"]
            .into_iter()
            .any(holds)
}

/// The surname `Sá`, with its accent or behind a particle: no company's S/A.
fn is_called_sa(folded: &[u8], text: &str) -> bool {
    let accented = text.ends_with(['á', 'Á']) && folded.ends_with(b" SA");
    let particle = [&b" DE SA"[..], b" E SA", b" DA SA"];
    accented || particle.iter().any(|ending| folded.ends_with(ending))
}

fn is_company<'a>(folded: &[u8], mut words: impl Iterator<Item = &'a [u8]>) -> bool {
    const ANYWHERE: [&str; 17] = [
        "LTDA",
        "EIRELI",
        "EPP",
        "COMERCIO",
        "INDUSTRIA",
        "SERVICOS",
        "ASSOCIACAO",
        "COOPERATIVA",
        "PREFEITURA",
        "CONDOMINIO",
        "TRANSPORTES",
        "DISTRIBUIDORA",
        "CONSTRUTORA",
        "SUPERMERCADO",
        "FARMACIA",
        "RESTAURANTE",
        "PADARIA",
    ];
    let ending = folded.ends_with(b" ME")
        || folded.ends_with(b" MEI")
        || folded.ends_with(b" S A")
        || folded.ends_with(b" SA");
    const LENGTHS: [u32; 256] = fold::lengths(&ANYWHERE);
    ending || words.any(|word| fold::is_one_of(&ANYWHERE, &LENGTHS, word))
}

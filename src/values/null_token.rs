//! Words and signs that stand for "nothing".

use super::fold::{self, fold_into};

/// Why a cell counts as empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NullKind {
    /// Nothing, or only spaces.
    Blank,
    /// A word or sign that means nothing was known.
    Word,
    /// The error of a formula: counted apart, for there was meant to be a value.
    ExcelError,
}

/// Whether the whole cell stands for nothing. `na` and `ni` are names and siglas as well, so they
/// count only outside columns of names and states.
pub fn is_null_token(text: &str, in_name_or_state_column: bool) -> Option<NullKind> {
    let text = text.trim();
    let Some(&first) = text.as_bytes().first() else {
        return Some(NullKind::Blank);
    };
    if text.len() > LONGEST[first as usize] as usize {
        return None;
    }
    // Most of what begins like a token has another length.
    let lower = first.to_ascii_lowercase();
    let might = |lengths| fold::may_be_one(lengths, lower, text.len());
    if text.is_ascii() && !might(&WORD_LENGTHS) && !might(&ERROR_LENGTHS) {
        return None;
    }
    let mut buffer = [0; LONGEST_FOLDED];
    let folded = match text {
        "—" | "–" => "-",
        _ => fold_into(text, &mut buffer)?,
    };
    if in_name_or_state_column && matches!(folded, "na" | "ni") {
        return None;
    }
    if WORDS.contains(&folded) {
        Some(NullKind::Word)
    } else if EXCEL_ERRORS.contains(&folded) {
        Some(NullKind::ExcelError)
    } else {
        None
    }
}

const WORDS: [&str; 46] = [
    "-",
    "--",
    "---",
    ".",
    "..",
    "_",
    "/",
    "?",
    "\\n",
    "n/a",
    "na",
    "n.a.",
    "nd",
    "n/d",
    "n.d.",
    "n/i",
    "ni",
    "s/i",
    "nan",
    "nil",
    "null",
    "(null)",
    "nulo",
    "none",
    "vazio",
    "em branco",
    "(em branco)",
    "(blank)",
    "sem informacao",
    "sem info",
    "nao informado",
    "nao informada",
    "nao consta",
    "nao possui",
    "nao tem",
    "nao se aplica",
    "ignorado",
    "ignorada",
    "desconhecido",
    "desconhecida",
    "a definir",
    "undefined",
    "#nulo#",
    "#ne#",
    "#nulo",
    "#ne",
];

const EXCEL_ERRORS: [&str; 15] = [
    "#n/d",
    "#n/a",
    "#valor!",
    "#value!",
    "#ref!",
    "#div/0!",
    "#nome?",
    "#name?",
    "#num!",
    "#nulo!",
    "#null!",
    "#despejar!",
    "#spill!",
    "#calc!",
    "#campo!",
];

const WORD_LENGTHS: [u32; 256] = fold::lengths(&WORDS);
const ERROR_LENGTHS: [u32; 256] = fold::lengths(&EXCEL_ERRORS);

const LONGEST_FOLDED: usize = 16;

/// By first byte, the longest token in bytes, accents counted (`não informação`); 0 where no
/// token begins so. Nearly every cell is turned away by this table alone.
const LONGEST: [u8; 256] = {
    let mut longest = [0; 256];
    let tokens: [(&[u8], u8); 10] = [
        (b"-", 3),
        (b"._", 2),
        (b"/?\\", 2),
        (b"nN", 15),
        (b"(", 11),
        (b"vVeE", 9),
        (b"sS", 17),
        (b"iIaAuU", 9),
        (b"dD", 12),
        (b"#", 11),
    ];
    let mut group = 0;
    while group < tokens.len() {
        let (firsts, length) = tokens[group];
        let mut at = 0;
        while at < firsts.len() {
            longest[firsts[at] as usize] = length;
            at += 1;
        }
        group += 1;
    }
    // the first byte of a long dash
    longest[0xe2] = 3;
    longest
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_token_begins_with_a_digit() {
        let tokens = WORDS.iter().chain(&EXCEL_ERRORS);
        let firsts = tokens.filter_map(|token| token.bytes().next());
        assert!(!firsts.into_iter().any(|first| first.is_ascii_digit()));
    }

    #[test]
    fn every_token_of_the_list_is_nothing() {
        for token in [
            "",
            " ",
            "-",
            "--",
            "---",
            "—",
            ".",
            "..",
            "_",
            "/",
            "n/a",
            "N/A",
            "na",
            "n.a.",
            "nd",
            "N/D",
            "n.d.",
            "null",
            "(null)",
            "nulo",
            "none",
            "nil",
            "NaN",
            "\\N",
            "vazio",
            "em branco",
            "(em branco)",
            "(blank)",
            "sem informação",
            "SEM INFORMAÇÃO",
            "sem info",
            "s/i",
            "não informado",
            "NÃO INFORMADA",
            "nao consta",
            "não possui",
            "não tem",
            "não se aplica",
            "n/i",
            "ni",
            "ignorado",
            "desconhecido",
            "a definir",
            "undefined",
            "?",
            "#NULO#",
            "#NE#",
            "#NULO",
            "#NE",
        ] {
            let kind = is_null_token(token, false);
            assert!(
                matches!(kind, Some(NullKind::Blank | NullKind::Word)),
                "{token:?}: {kind:?}"
            );
        }
    }

    #[test]
    fn formula_errors_are_told_apart() {
        for token in [
            "#N/D",
            "#N/A",
            "#VALOR!",
            "#VALUE!",
            "#REF!",
            "#DIV/0!",
            "#NOME?",
            "#NAME?",
            "#NÚM!",
            "#NUM!",
            "#NULO!",
            "#NULL!",
            "#DESPEJAR!",
            "#SPILL!",
            "#CÁLC!",
            "#CALC!",
            "#CAMPO!",
        ] {
            assert_eq!(
                is_null_token(token, true),
                Some(NullKind::ExcelError),
                "{token}"
            );
        }
    }

    #[test]
    fn the_table_of_lengths_lets_every_token_through() {
        for token in WORDS.iter().chain(&EXCEL_ERRORS) {
            assert!(is_null_token(token, false).is_some(), "{token}");
        }
    }

    #[test]
    fn what_resembles_a_token_is_a_value() {
        for value in [
            "S/N",
            "EX",
            "Nilo",
            "Ana",
            "Nair",
            "0",
            "Nina da Silva",
            "sem informação de",
            "€",
            "SE",
        ] {
            assert_eq!(is_null_token(value, false), None, "{value}");
        }
        assert_eq!(is_null_token("Na", true), None);
        assert_eq!(is_null_token("NI", true), None);
    }
}

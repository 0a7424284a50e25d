//! Yes and no. Whether a column is of them at all is for the column to say.

use super::fold::fold_into;

/// What one cell says, in any case, with or without accents.
pub fn parse(text: &str) -> Option<bool> {
    const LONGEST: usize = 16;
    match fold_into(text.trim(), &mut [0; LONGEST])? {
        "sim" | "s" | "yes" | "y" | "true" | "t" | "verdadeiro" | "v" | "1" | "x" | "ok"
        | "ativo" | "on" => Some(true),
        "nao" | "n" | "no" | "false" | "f" | "falso" | "0" | "inativo" | "off" => Some(false),
        _ => None,
    }
}

/// The delivered form.
pub fn word(value: bool) -> &'static str {
    if value { "Sim" } else { "Não" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_yes_and_no_are_read() {
        for value in [true, false] {
            assert_eq!(parse(word(value)), Some(value));
        }
        assert_eq!(parse(" NÃO "), Some(false));
        assert_eq!(parse("VERDADEIRO"), Some(true));
        assert_eq!(parse("talvez"), None);
        assert_eq!(parse(""), None);
    }
}

//! What people call their columns. The same words match the fields of a reference base.

mod words;

use super::ColumnKind;
use crate::values::fold::fold;
use words::{DOCUMENTS, FIRST_TOKENS, KINDS, OTHERS, TOKENS};

/// What a header says its column holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// A type, told with certainty only by the contents.
    Kind(ColumnKind),
    /// A CPF or a CNPJ: the contents decide.
    Document,
    /// Something we know and must not take for anything else, by its own name.
    Other(&'static str),
    /// The folded header itself.
    Unknown(String),
}

impl Meaning {
    /// The type this meaning speaks for.
    pub fn kind(&self) -> Option<ColumnKind> {
        match self {
            Meaning::Kind(kind) => Some(*kind),
            _ => None,
        }
    }
}

/// What `header` says, and how clearly: 1 for a known header, less for a known word in it.
pub fn meaning_of(header: &str) -> (Meaning, f64) {
    let whole = meaning_of_words(header);
    // `Cliente / CPF`: the name of a group, and that of the column in it.
    match header.rsplit_once(" / ") {
        Some((_, field)) if whole.1 < 1.0 => match meaning_of_words(field) {
            (Meaning::Unknown(_), _) => whole,
            known => known,
        },
        _ => whole,
    }
}

fn meaning_of_words(text: &str) -> (Meaning, f64) {
    let folded = fold(text);
    let header = folded.as_str();
    let is_among = |names: &str| names.split(", ").any(|name| name == header);
    if let Some((kind, _)) = KINDS.iter().find(|(_, names)| is_among(names)) {
        return (Meaning::Kind(*kind), 1.0);
    }
    if is_among(DOCUMENTS) {
        return (Meaning::Document, 1.0);
    }
    if let Some(other) = OTHERS.iter().find(|other| **other == header) {
        return (Meaning::Other(other), 1.0);
    }
    let first = header.split(' ').next().unwrap_or_default();
    if let Some(other) = OTHERS.iter().find(|other| **other == first) {
        return (Meaning::Other(other), 0.8);
    }
    let of = |table: &'static [(&str, ColumnKind)], word: &str| {
        let found = table.iter().find(|(name, _)| *name == word);
        found.map(|(_, kind)| *kind)
    };
    // `Data de nascimento do cônjuge` is of a birth, whatever it begins with; `dt_nasc` as well.
    let birth = || {
        let mut words = header.split(' ');
        words.find_map(|word| of(TOKENS, word).filter(|kind| *kind == ColumnKind::BirthDate))
    };
    let known = birth()
        .or_else(|| of(FIRST_TOKENS, first))
        .or_else(|| header.split(' ').find_map(|word| of(TOKENS, word)));
    match known {
        // `Desconto %`: what folding leaves out.
        _ if text.contains('%') => (Meaning::Kind(ColumnKind::Percent), 0.8),
        Some(kind) => (Meaning::Kind(kind), 0.8),
        None => (Meaning::Unknown(folded), 0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_understood_whatever_their_accents_and_signs() {
        for (header, kind) in [
            ("E-mail", ColumnKind::Email),
            ("Município", ColumnKind::Municipality),
            ("nr_cpf", ColumnKind::Cpf),
            ("DDD/Telefone", ColumnKind::Phone),
            ("CPF do cônjuge", ColumnKind::Cpf),
            ("Vl. Pago", ColumnKind::Money),
            ("Cliente / CPF", ColumnKind::Cpf),
            ("Telefone / E-mail", ColumnKind::Email),
            ("dt_nasc", ColumnKind::BirthDate),
            ("Data de nascimento do cônjuge", ColumnKind::BirthDate),
            ("dt_emissao", ColumnKind::Date),
            ("Data da última compra", ColumnKind::Date),
            ("Aniversário", ColumnKind::BirthDate),
            ("Razão Social", ColumnKind::Company),
            ("denom_social", ColumnKind::Company),
            ("Nome Fantasia", ColumnKind::Company),
            ("Nº", ColumnKind::Number),
            ("Código IBGE", ColumnKind::Ibge),
            ("opt-in", ColumnKind::Boolean),
            ("Aceita SMS", ColumnKind::Boolean),
            ("Sexo", ColumnKind::Category),
            ("Quantidade", ColumnKind::Integer),
            ("Percentual", ColumnKind::Percent),
            ("Desconto (%)", ColumnKind::Percent),
        ] {
            assert_eq!(meaning_of(header).0, Meaning::Kind(kind), "{header}");
        }
        assert_eq!(meaning_of("CPF/CNPJ").0, Meaning::Document);
        assert_eq!(meaning_of("RG").0, Meaning::Other("RG"));
        assert_eq!(meaning_of("Bairro").0, Meaning::Unknown("BAIRRO".into()));
    }
}

//! What people call their columns. The same words match the fields of a reference base.

use super::ColumnKind;
use crate::values::fold::fold;

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

/// Whole folded headers, by the type they speak for.
const KINDS: [(ColumnKind, &[&str]); 13] = [
    (
        ColumnKind::Cpf,
        &[
            "CPF",
            "NR CPF",
            "NUM CPF",
            "NUMERO CPF",
            "CPF CLIENTE",
            "CIC",
            "CPF TITULAR",
        ],
    ),
    (
        ColumnKind::Cnpj,
        &[
            "CNPJ",
            "CNPJ CIA",
            "CGC",
            "NR CNPJ",
            "CNPJ CLIENTE",
            "CNPJ EMPRESA",
        ],
    ),
    (
        ColumnKind::Phone,
        &[
            "TELEFONE",
            "TELEFONES",
            "TEL",
            "FONE",
            "FIXO",
            "TELEFONE1",
            "TELEFONE 1",
            "TELEFONE FIXO",
            "DDD TELEFONE",
            "DDD TELEFONE 1",
            "CELULAR",
            "CEL",
            "CELULAR1",
            "CELULAR 1",
            "WHATSAPP",
            "WHATS",
            "ZAP",
            "MOBILE",
            "PHONE",
            "TELEFONE CELULAR",
            "TELEFONE CONTATO",
            "TELEFONE2",
            "TELEFONE 2",
            "CELULAR2",
            "CELULAR 2",
        ],
    ),
    (
        ColumnKind::Ddd,
        &[
            "DDD",
            "DDD TEL",
            "DDD1",
            "DDD 1",
            "DDD CELULAR",
            "DDD CEL",
            "CODIGO DE AREA",
        ],
    ),
    (
        ColumnKind::Email,
        &[
            "EMAIL",
            "E MAIL",
            "MAIL",
            "CORREIO ELETRONICO",
            "ENDERECO ELETRONICO",
            "EMAIL 1",
            "E MAIL 1",
            "EMAIL1",
            "EMAIL PESSOAL",
        ],
    ),
    (
        ColumnKind::Cep,
        &["CEP", "CODIGO POSTAL", "CEP RESIDENCIAL", "CEP COMERCIAL"],
    ),
    (
        ColumnKind::State,
        &[
            "UF",
            "ESTADO",
            "SG UF",
            "SIGLA UF",
            "UF RESIDENCIA",
            "ESTADO UF",
        ],
    ),
    (
        ColumnKind::Municipality,
        &["MUNICIPIO", "CIDADE", "LOCALIDADE", "MUN", "NOME MUNICIPIO"],
    ),
    (
        ColumnKind::Name,
        &[
            "NOME",
            "NOME COMPLETO",
            "CLIENTE",
            "CONTATO",
            "TITULAR",
            "RESPONSAVEL",
            "NOME CLIENTE",
            "NOME DO CLIENTE",
            "NOME CONTATO",
        ],
    ),
    (
        ColumnKind::Street,
        &["LOGRADOURO", "ENDERECO", "RUA", "ENDERECO COMPLETO"],
    ),
    (
        ColumnKind::Money,
        &[
            "VALOR",
            "PRECO",
            "TOTAL",
            "FATURAMENTO",
            "SALARIO",
            "RENDA",
            "VALOR TOTAL",
            "RENDA MENSAL",
            "RENDA PRESUMIDA",
            "LIMITE",
        ],
    ),
    (
        ColumnKind::Integer,
        &["IDADE", "QUANTIDADE", "QTD", "QTDE", "ANO", "SCORE"],
    ),
    (ColumnKind::Decimal, &["PERCENTUAL", "TAXA", "NOTA"]),
];

const DOCUMENTS: [&str; 8] = [
    "DOCUMENTO",
    "DOC",
    "CPF CNPJ",
    "CNPJ CPF",
    "CPFCNPJ",
    "NR DOCUMENTO",
    "NUM DOCUMENTO",
    "DOCUMENTO CLIENTE",
];

/// Numbers that look like documents or phones and are not.
const OTHERS: [&str; 18] = [
    "RG",
    "IDENTIDADE",
    "INSCRICAO ESTADUAL",
    "IE",
    "CODIGO",
    "COD",
    "ID",
    "MATRICULA",
    "PROTOCOLO",
    "PEDIDO",
    "CONTRATO",
    "NOTA FISCAL",
    "NF",
    "CNH",
    "TITULO ELEITOR",
    "PIS",
    "CONTA",
    "AGENCIA",
];

/// Tokens that speak for a type wherever they stand in a longer header: `CPF do cônjuge`.
const TOKENS: [(&str, ColumnKind); 13] = [
    ("CPF", ColumnKind::Cpf),
    ("CNPJ", ColumnKind::Cnpj),
    ("TELEFONE", ColumnKind::Phone),
    ("FONE", ColumnKind::Phone),
    ("CELULAR", ColumnKind::Phone),
    ("WHATSAPP", ColumnKind::Phone),
    ("EMAIL", ColumnKind::Email),
    ("MAIL", ColumnKind::Email),
    ("CEP", ColumnKind::Cep),
    ("UF", ColumnKind::State),
    ("MUNICIPIO", ColumnKind::Municipality),
    ("CIDADE", ColumnKind::Municipality),
    ("SALARIO", ColumnKind::Money),
];

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

fn meaning_of_words(header: &str) -> (Meaning, f64) {
    let folded = fold(header);
    let header = folded.as_str();
    if let Some((kind, _)) = KINDS.iter().find(|(_, names)| names.contains(&header)) {
        return (Meaning::Kind(*kind), 1.0);
    }
    if DOCUMENTS.contains(&header) {
        return (Meaning::Document, 1.0);
    }
    if let Some(other) = OTHERS.iter().find(|other| **other == header) {
        return (Meaning::Other(other), 1.0);
    }
    let mut tokens = header.split(' ');
    let first = tokens.clone().next().unwrap_or_default();
    if matches!(first, "VL" | "VLR" | "VALOR") {
        return (Meaning::Kind(ColumnKind::Money), 0.8);
    }
    if let Some(other) = OTHERS.iter().find(|other| **other == first) {
        return (Meaning::Other(other), 0.8);
    }
    let known = tokens.find_map(|token| TOKENS.iter().find(|(name, _)| *name == token));
    match known {
        Some((_, kind)) => (Meaning::Kind(*kind), 0.8),
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
        ] {
            assert_eq!(meaning_of(header).0, Meaning::Kind(kind), "{header}");
        }
        assert_eq!(meaning_of("CPF/CNPJ").0, Meaning::Document);
        assert_eq!(meaning_of("RG").0, Meaning::Other("RG"));
        assert_eq!(meaning_of("Bairro").0, Meaning::Unknown("BAIRRO".into()));
    }
}

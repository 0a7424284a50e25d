//! Codes of the summary in the words people read.

use super::{NoteFacts, numbers};
use crate::values::Status;

/// A column type, `cpf`, as `CPF`; an unknown one stays as it is.
pub fn kind(code: &str) -> &str {
    match code {
        "cpf" => "CPF",
        "cnpj" => "CNPJ",
        "document" => "CPF ou CNPJ",
        "phone" => "telefone",
        "ddd" => "DDD",
        "email" => "e-mail",
        "cep" => "CEP",
        "state" => "UF",
        "municipality" => "município",
        "ibge" => "código IBGE",
        "name" => "nome",
        "company" => "razão social",
        "street" => "logradouro",
        "number" => "número",
        "date" => "data",
        "birth_date" => "nascimento",
        "money" => "valor em R$",
        "decimal" => "decimal",
        "integer" => "inteiro",
        "percent" => "percentual",
        "boolean" => "sim ou não",
        "category" => "categoria",
        "text" => "texto",
        other => other,
    }
}

/// How a column or a number of a group is made; an unknown way stays as it is.
pub fn formula(code: &str) -> &str {
    match code {
        "min_max" => "escala de 0 a 1",
        "zscore" => "desvios padrão da média",
        "one_hot" => "0 ou 1 por valor",
        "ratio" => "razão",
        "difference" => "diferença",
        "days_since" => "dias desde",
        "date_part" => "parte",
        "bins" => "faixa",
        other => other,
    }
}

/// What a status says of a cell.
pub fn status(status: Status) -> &'static str {
    match status {
        Status::Ok => "já estava na forma certa",
        Status::Padronizado => "mesma informação, escrita de outra forma",
        Status::Corrigido => "reconstruído por uma regra",
        Status::Alerta => "mantido, mas suspeito",
        Status::Vazio => "sem valor",
        Status::Rejeitado => "não é confiável: em branco na base, original em Rejeitados",
        Status::Imputado => "preenchido por estatística",
        Status::Enriquecido => "preenchido pela base de referência ou por linha duplicada",
    }
}

/// A column's name; a header without text is said to be so.
pub fn column(name: &str) -> &str {
    if name.trim().is_empty() {
        "(sem nome)"
    } else {
        name
    }
}

/// A reason code in words; an unknown one stays as it is.
pub fn reason(code: &str) -> &str {
    crate::values::Reason::ALL
        .iter()
        .find(|reason| reason.code() == code)
        .map_or(code, |reason| reason.words())
}

/// The field separator as people name it.
pub fn delimiter(delimiter: &str) -> &str {
    match delimiter {
        ";" => "ponto e vírgula (;)",
        "," => "vírgula (,)",
        "\t" => "tabulação",
        "|" => "barra vertical (|)",
        " " => "espaço",
        "" => "não se aplica",
        other => other,
    }
}

/// The character encoding as people know it.
pub fn encoding(encoding: &str) -> &str {
    match encoding {
        "utf-8" => "UTF-8",
        "utf-16le" | "utf-16be" => "UTF-16",
        "utf-32le" => "UTF-32",
        "windows-1252" => "Windows-1252 (ANSI)",
        "cp850" => "CP850 (MS-DOS)",
        "misto" => "UTF-8 e Windows-1252, conforme a linha",
        "" => "não se aplica",
        other => other,
    }
}

/// A note as a sentence: what, how many lines, and the first of them.
pub fn note(note: &NoteFacts) -> String {
    let mut sentence: String = note
        .words
        .chars()
        .take(1)
        .flat_map(char::to_uppercase)
        .collect();
    sentence.extend(note.words.chars().skip(1));
    if let Some(detail) = &note.detail {
        sentence += &format!(" ({detail})");
    }
    match note.lines.as_slice() {
        [] => sentence + ".",
        [(first, last)] if first == last => {
            format!("{sentence}: linha {}.", numbers::count(*first))
        }
        [(first, last)] => format!(
            "{sentence}: linhas {} a {}.",
            numbers::count(*first),
            numbers::count(*last)
        ),
        [(first, _), ..] => format!(
            "{sentence}: {} linhas, a primeira é a {}.",
            numbers::count(note.count),
            numbers::count(*first)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_words_and_unknown_ones_stay() {
        assert_eq!(kind("birth_date"), "nascimento");
        assert_eq!(kind("hologram"), "hologram");
        assert_eq!(reason("dv_invalido"), "dígito verificador não confere");
        assert_eq!(reason("novo"), "novo");
    }

    #[test]
    fn notes_are_sentences_that_say_where() {
        let told = |lines: &[(u64, u64)], detail: Option<&str>| {
            note(&NoteFacts {
                code: "linha_total",
                words: "linha de total",
                count: lines.iter().map(|(first, last)| last - first + 1).sum(),
                lines: lines.to_vec(),
                detail: detail.map(str::to_owned),
            })
        };
        assert_eq!(told(&[], Some("Plan2")), "Linha de total (Plan2).");
        assert_eq!(told(&[(1203, 1203)], None), "Linha de total: linha 1.203.");
        assert_eq!(told(&[(3, 5)], None), "Linha de total: linhas 3 a 5.");
        assert_eq!(
            told(&[(3, 5), (9, 9)], None),
            "Linha de total: 4 linhas, a primeira é a 3."
        );
    }
}

//! Codes of the summary in the words people read.

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
        "" => "não se aplica",
        other => other,
    }
}

/// The character encoding as people know it.
pub fn encoding(encoding: &str) -> &str {
    match encoding {
        "utf-8" => "UTF-8",
        "windows-1252" => "Windows-1252 (ANSI)",
        "" => "não se aplica",
        other => other,
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
}

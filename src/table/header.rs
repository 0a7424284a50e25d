//! Names of columns: the header's own text, made unique.

use std::collections::HashSet;

/// Whether the first record is data: more than 30 % of its filled cells look like values.
pub(super) fn is_data(record: &csv::StringRecord) -> bool {
    let filled: Vec<_> = record
        .iter()
        .filter(|cell| !cell.trim().is_empty())
        .collect();
    let values = filled.iter().filter(|cell| looks_like_value(cell)).count();
    values * 10 > filled.len() * 3
}

/// Mostly digits, or an e-mail address: what people do not name columns.
fn looks_like_value(cell: &str) -> bool {
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    let letters = cell.chars().filter(|c| c.is_alphabetic()).count();
    digits > letters || cell.contains('@')
}

/// Unique names for `width` columns: `coluna_3` where there is none, `Nome_2` for the second.
pub(super) fn names(record: Option<&csv::StringRecord>, width: usize) -> Vec<String> {
    let mut taken = HashSet::new();
    (0..width)
        .map(|index| {
            let given = record
                .and_then(|record| record.get(index))
                .unwrap_or_default();
            let base = match given.trim() {
                "" => format!("coluna_{}", index + 1),
                name => name.split_whitespace().collect::<Vec<_>>().join(" "),
            };
            let mut name = base.clone();
            let mut copy = 2;
            while !taken.insert(name.clone()) {
                name = format!("{base}_{copy}");
                copy += 1;
            }
            name
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(cells: &[&str]) -> csv::StringRecord {
        csv::StringRecord::from(cells.to_vec())
    }

    #[test]
    fn duplicates_and_blanks_get_names_of_their_own() {
        let header = record(&["Nome", "", "Nome", "Nome_2", " E-mail  pessoal "]);
        let unique = names(Some(&header), 6);
        assert_eq!(
            unique,
            [
                "Nome",
                "coluna_2",
                "Nome_2",
                "Nome_2_2",
                "E-mail pessoal",
                "coluna_6"
            ]
        );
    }

    #[test]
    fn a_row_of_values_is_not_a_header() {
        assert!(is_data(&record(&[
            "Ana",
            "529.982.247-25",
            "ana@exemplo.com",
            "11"
        ])));
        assert!(!is_data(&record(&[
            "Nome",
            "CPF",
            "Telefone1",
            "2024",
            "E-mail"
        ])));
    }
}

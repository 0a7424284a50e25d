//! What a record looks like, cell by cell, before anybody knows what its columns mean.

use std::collections::HashSet;

use csv::StringRecord;

use crate::values::fold::fold;

/// Whether a cell is what people do not name columns: mostly digits, or an e-mail address.
pub(in crate::table) fn is_value(cell: &str) -> bool {
    if cell.contains('@') {
        return true;
    }
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    digits > 0 && digits > cell.chars().filter(|c| c.is_alphabetic()).count()
}

pub(super) fn is_blank(record: &StringRecord) -> bool {
    record.iter().all(|cell| cell.trim().is_empty())
}

pub(super) fn filled(record: &StringRecord) -> usize {
    record.iter().filter(|cell| !cell.trim().is_empty()).count()
}

/// Cells up to the last that holds something.
pub(super) fn extent(record: &StringRecord) -> usize {
    let cells = record.iter().collect::<Vec<_>>();
    let last = cells.iter().rposition(|cell| !cell.trim().is_empty());
    last.map_or(0, |last| last + 1)
}

/// Whether more than 30 % of the filled cells are values.
pub(super) fn is_data(record: &StringRecord) -> bool {
    let values = record.iter().filter(|cell| is_value(cell)).count();
    values * 10 > filled(record) * 3
}

/// Whether every filled cell is a word or a name.
pub(super) fn is_wordy(record: &StringRecord) -> bool {
    !record.iter().any(is_value)
}

pub(super) fn has_duplicates(record: &StringRecord) -> bool {
    let mut seen = HashSet::new();
    let filled = record.iter().map(str::trim).filter(|cell| !cell.is_empty());
    filled.into_iter().any(|cell| !seen.insert(fold(cell)))
}

/// Whether at least 80 % of the filled cells say what the header says in their place.
pub(super) fn repeats(record: &StringRecord, header: &StringRecord) -> bool {
    let cells = record.iter().enumerate();
    let (mut filled, mut equal) = (0, 0);
    for (place, cell) in cells {
        if cell.trim().is_empty() {
            continue;
        }
        filled += 1;
        equal += usize::from(
            header
                .get(place)
                .is_some_and(|name| says_the_same(cell, name)),
        );
    }
    filled > 0 && equal * 10 >= filled * 8
}

fn says_the_same(cell: &str, name: &str) -> bool {
    let (cell, name) = (cell.trim(), name.trim());
    if cell == name {
        return true;
    }
    // Folding is dear, and nearly every cell is turned away by its first letter.
    let plain = |text: &str| text.bytes().next().filter(u8::is_ascii_alphanumeric);
    match (plain(cell), plain(name)) {
        (Some(one), Some(other)) if !one.eq_ignore_ascii_case(&other) => false,
        _ => {
            let folded = fold(cell);
            !folded.is_empty() && folded == fold(name)
        }
    }
}

/// For each column, whether at least 80 % of what `rows` have there are values.
pub(super) fn value_columns<'a>(
    rows: impl IntoIterator<Item = &'a StringRecord>,
    width: usize,
) -> Vec<bool> {
    let mut filled = vec![0; width];
    let mut values = vec![0; width];
    for row in rows {
        for (place, cell) in row.iter().enumerate().take(width) {
            filled[place] += usize::from(!cell.trim().is_empty());
            values[place] += usize::from(is_value(cell));
        }
    }
    let counts = filled.into_iter().zip(values);
    counts
        .map(|(filled, values)| values > 0 && values * 10 >= filled * 8)
        .collect()
}

/// Whether the record has a word wherever the rows below it have values, and there is such a
/// place: it names those columns.
pub(super) fn names_columns_of(record: &StringRecord, value_columns: &[bool]) -> bool {
    let mut places = value_columns
        .iter()
        .enumerate()
        .filter(|(_, values)| **values);
    let named = |place: usize| {
        let cell = record.get(place).unwrap_or_default();
        !cell.trim().is_empty() && !is_value(cell)
    };
    let first = places.next();
    first.is_some_and(|(place, _)| named(place)) && places.all(|(place, _)| named(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(cells: &[&str]) -> StringRecord {
        StringRecord::from(cells.to_vec())
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

    #[test]
    fn a_header_that_comes_again_is_known_by_its_words() {
        let header = record(&["Nome", "Endereço", "UF", "CPF", "CEP"]);
        assert!(repeats(
            &record(&["NOME", "endereco", " uf", "", ""]),
            &header
        ));
        assert!(repeats(
            &record(&["Nome", "Endereço", "UF", "CPF", "x"]),
            &header
        ));
        assert!(!repeats(
            &record(&["Nome", "Rua A", "UF", "1", "2"]),
            &header
        ));
        assert!(!repeats(&record(&["", ""]), &header));
    }

    #[test]
    fn a_header_names_the_columns_of_values() {
        let rows = [record(&["Ana", "1", "x"]), record(&["Bia", "2", ""])];
        let columns = value_columns(&rows, 3);
        assert_eq!(columns, [false, true, false]);
        assert!(names_columns_of(&record(&["Nome", "CPF", ""]), &columns));
        assert!(!names_columns_of(&record(&["Caio", "", "y"]), &columns));
        assert!(!names_columns_of(&record(&["a", "b"]), &[false, false]));
    }
}

//! The header of a table: which records it is made of, and the names it gives the columns.

use std::collections::HashSet;

use csv::StringRecord;

use super::glance::{
    filled, has_duplicates, is_data, is_wordy, names_columns_of, repeats, value_columns,
};
use super::seen::Seen;
use crate::values::text::normalise;

/// Records looked at for a header; more than any preamble has.
const DEPTH: usize = 60;
/// Rows whose values tell a second row of the header from a row.
const ROWS: usize = 20;
/// Among so many records behind a header there is one of the usual width.
const NEXT: usize = 3;
/// Group names may stand in so many rows above the field names.
const MOST_GROUPS: usize = 2;

/// Where a table's header is among the first records of a stretch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    /// The first record of the header; where the rows begin if there is none.
    pub(super) first: usize,
    /// How many records it is made of: 0 if there is none.
    pub(super) rows: usize,
}

/// Looks for the header among the first records of a table, none of them blank, most of which
/// have `width` cells. `exact`: rows are written with all of their cells, as in text.
pub(super) fn find(head: &[Seen], width: usize, exact: bool) -> Header {
    let fits = |record: &StringRecord| {
        if exact {
            record.len() == width
        } else {
            record.len() <= width
        }
    };
    for (place, seen) in head.iter().enumerate().take(DEPTH) {
        let record = &seen.cells;
        if seen.invalid || is_comment(record, width) {
            continue;
        }
        if is_data(record) {
            if fits(record) {
                return above_data(head, place, width);
            }
            continue;
        }
        let enough = filled(record) * 10 >= width * 6;
        // The very next row may be the ragged one.
        let mut next = head[place + 1..]
            .iter()
            .filter(|next| !is_comment(&next.cells, width))
            .take(NEXT)
            .peekable();
        if enough && (next.peek().is_none() || next.any(|next| fits(&next.cells))) {
            return with_neighbours(head, place, width);
        }
    }
    let first = head.iter().position(|seen| fits(&seen.cells));
    Header {
        first: first.unwrap_or(0),
        rows: 0,
    }
}

/// Text behind a `#` that is not a whole record.
pub(super) fn is_comment(record: &StringRecord, width: usize) -> bool {
    record.len() != width
        && record
            .get(0)
            .is_some_and(|cell| cell.trim_start().starts_with('#'))
}

/// The rows begin at `place`: the record before them is a sparse header, or there is none.
fn above_data(head: &[Seen], place: usize, width: usize) -> Header {
    if let Some(above) = place.checked_sub(1)
        && width > 1
        && head[above].cells.len() == width
        && filled(&head[above].cells) >= 2
        && is_wordy(&head[above].cells)
        && !is_labelled(&head[above].cells)
    {
        return with_neighbours(head, above, width);
    }
    Header {
        first: place,
        rows: 0,
    }
}

/// Adds the rows of group names above a row of names, or of names below it.
fn with_neighbours(head: &[Seen], place: usize, width: usize) -> Header {
    let mut header = Header {
        first: place,
        rows: 1,
    };
    if let Some(below) = head.get(place + 1)
        && names_too(head, place, width)
        && !below.gap
    {
        header.rows = 2;
        return header;
    }
    while header.rows <= MOST_GROUPS
        && let Some(above) = header.first.checked_sub(1)
        && !head[header.first].gap
        && is_group_row(&head[above].cells, width)
    {
        header.first = above;
        header.rows += 1;
    }
    header
}

/// Whether the record below `place` names columns as well, in place of being the first row.
fn names_too(head: &[Seen], place: usize, width: usize) -> bool {
    let below = &head[place + 1].cells;
    let rows = head[place + 2..].iter().take(ROWS);
    let columns = value_columns(rows.map(|seen| &seen.cells), width);
    below.len() == width
        && filled(below) * 10 >= width * 6
        && is_wordy(below)
        && !has_duplicates(below)
        && !repeats(below, &head[place].cells)
        && names_columns_of(below, &columns)
}

/// Names of groups of columns: more than the title of a report, and no labelled facts.
fn is_group_row(record: &StringRecord, width: usize) -> bool {
    let starts_blank = record.get(0).is_some_and(|cell| cell.trim().is_empty());
    let count = filled(record);
    record.len() > 1
        && record.len() <= width
        && is_wordy(record)
        && !is_labelled(record)
        && (count >= 2 || (count == 1 && starts_blank))
}

/// `Empresa:` is a label before a fact, not the name of a column.
fn is_labelled(record: &StringRecord) -> bool {
    record.iter().any(|cell| cell.trim_end().ends_with(':'))
}

/// Names for `width` columns as the header's records give them, group names first; blank where
/// there is none. Whether accents had to be mended.
pub(super) fn names(header: &[Seen], width: usize) -> (Vec<String>, bool) {
    let mut mended = false;
    let Some((fields, groups)) = header.split_last() else {
        return (vec![String::new(); width], false);
    };
    let mut names = cells(&fields.cells, width, &mut mended);
    for group in groups.iter().rev() {
        let mut over = String::new();
        let groups = cells(&group.cells, width, &mut mended);
        for (name, group) in names.iter_mut().zip(groups) {
            if !group.is_empty() {
                over = group;
            }
            if name.is_empty() {
                name.clone_from(&over);
            } else if !over.is_empty() && over != *name {
                *name = format!("{over} / {name}");
            }
        }
    }
    (names, mended)
}

/// The cells of a header's record in normal form, blanks that are one too many left out.
fn cells(record: &StringRecord, width: usize, mended: &mut bool) -> Vec<String> {
    let mut cells: Vec<String> = record
        .iter()
        .map(|cell| {
            let normal = normalise(cell);
            *mended |= normal
                .changes
                .contains(crate::values::text::Changes::MOJIBAKE);
            normal.text.split_whitespace().collect::<Vec<_>>().join(" ")
        })
        .collect();
    while cells.len() > width
        && let Some(blank) = cells.iter().rposition(String::is_empty)
    {
        cells.remove(blank);
    }
    cells.resize(width.max(cells.len()), String::new());
    cells
}

/// Unique names: `coluna_3` where there is none, `Nome_2` for the second.
pub(in crate::table) fn unique(names: &[String]) -> Vec<String> {
    let mut taken = HashSet::new();
    let numbered = names.iter().enumerate();
    numbered
        .map(|(index, given)| {
            let base = match given.as_str() {
                "" => format!("coluna_{}", index + 1),
                name => name.to_owned(),
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

    fn head(rows: &[&str]) -> Vec<Seen> {
        let numbered = rows.iter().zip(1..);
        numbered
            .map(|(row, line)| Seen {
                cells: StringRecord::from(row.split(';').collect::<Vec<_>>()),
                line,
                ..Seen::default()
            })
            .collect()
    }

    fn found(rows: &[&str], width: usize) -> (usize, usize, Vec<String>) {
        let head = head(rows);
        let header = find(&head, width, true);
        let of = &head[header.first..header.first + header.rows];
        (header.first, header.rows, names(of, width).0)
    }

    #[test]
    fn the_first_row_of_names_is_the_header() {
        let (first, rows, names) = found(&["Nome;CPF;UF", "Ana;52998224725;SP"], 3);
        assert_eq!((first, rows), (0, 1));
        assert_eq!(names, ["Nome", "CPF", "UF"]);
        let titled = ["Clientes", "Período: 01/2024", "Nome;CPF;UF", "Ana;1;SP"];
        assert_eq!(found(&titled, 3).0, 2);
        let delimited = ["Clientes;;", "Nome;CPF;UF", "Ana;1;SP"];
        let (first, rows, _) = found(&delimited, 3);
        assert_eq!((first, rows), (1, 1));
    }

    #[test]
    fn rows_of_values_have_no_header() {
        let (first, rows, names) = found(&["Ana;52998224725;11", "Bia;11144477735;21"], 3);
        assert_eq!((first, rows), (0, 0));
        assert_eq!(names, ["", "", ""]);
    }

    #[test]
    fn group_names_are_joined_to_field_names() {
        let rows = [
            "Cliente;;Endereço;;",
            "Nome;CPF;Rua;UF;CEP",
            "Ana;52998224725;Rua A;SP;01310100",
        ];
        let (first, count, names) = found(&rows, 5);
        assert_eq!((first, count), (0, 2));
        let joined = [
            "Cliente / Nome",
            "Cliente / CPF",
            "Endereço / Rua",
            "Endereço / UF",
            "Endereço / CEP",
        ];
        assert_eq!(names, joined);
        let full = [
            "Dados;Dados;Local;Local;Local",
            "Nome;CPF;Rua;UF;CEP",
            "Ana;52998224725;Rua A;SP;01310100",
        ];
        assert_eq!(found(&full, 5).2[1], "Dados / CPF");
    }

    #[test]
    fn rows_of_words_are_no_second_header() {
        let words = ["Nome;Cidade;UF", "Ana;Recife;PE", "Bia;Olinda;PE"];
        assert_eq!(found(&words, 3).1, 1);
        let sparse = ["Nome;CPF;UF", "Ana;;PE", "Bia;11144477735;PE"];
        assert_eq!(found(&sparse, 3).1, 1);
    }

    #[test]
    fn a_blank_too_many_is_left_out() {
        let (_, _, names) = found(&["Nome;;CPF;UF", "Ana;1;SP", "Bia;2;RJ"], 3);
        assert_eq!(names, ["Nome", "CPF", "UF"]);
    }

    #[test]
    fn duplicates_and_blanks_get_names_of_their_own() {
        let given = ["Nome", "", "Nome", "Nome_2", "E-mail pessoal", ""];
        let given = given.map(str::to_owned);
        assert_eq!(
            unique(&given),
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
}

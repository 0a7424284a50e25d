//! Several tables in one file, one below the other: where the next begins.

use super::glance::{
    extent, filled, has_duplicates, is_wordy, names_columns_of, repeats, value_columns,
};
use super::seen::Seen;
use csv::StringRecord;

/// Rows of the same width that have to follow a header without a blank line before it.
const FOLLOWING: usize = 2;

/// Records looked at behind a header.
pub(super) const AHEAD: usize = 6;

/// Records of the next table before its first row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    /// The record is a header.
    Header,
    /// It is a title, and the next record is a header.
    Title,
}

/// Whether a table begins at `seen`, with `next` behind it, below a table with this `header` and
/// `width`.
pub(super) fn opening(
    seen: &Seen,
    next: &[Seen],
    header: &StringRecord,
    width: usize,
) -> Option<Opening> {
    if is_header(seen, next, header, width, seen.gap) {
        return Some(Opening::Header);
    }
    let (below, rest) = next.split_first()?;
    let titled = seen.gap && width > 1 && filled(&seen.cells) == 1 && is_wordy(&seen.cells);
    (titled && is_header(below, rest, header, width, true)).then_some(Opening::Title)
}

/// The width of the first table in a file most records of which have `usual` cells: another one if
/// a header and rows of another width come before any of that.
pub(super) fn first_width(head: &[Seen], usual: usize) -> usize {
    let none = StringRecord::new();
    for (place, seen) in head.iter().enumerate() {
        let width = seen.cells.len();
        if width == usual {
            break;
        }
        let next = &head[place + 1..head.len().min(place + 1 + AHEAD)];
        if width > 1 && is_header(seen, next, &none, usual, false) {
            return width;
        }
    }
    usual
}

fn is_header(seen: &Seen, next: &[Seen], header: &StringRecord, width: usize, apart: bool) -> bool {
    let record = &seen.cells;
    let own = extent(record);
    if filled(record) < 2
        || !is_wordy(record)
        || has_duplicates(record)
        || filled(record) * 10 < own * 6
        || repeats(record, header)
    {
        return false;
    }
    // The rows of this table end at the next gap.
    let gap = next.iter().skip(1).position(|seen| seen.gap);
    let rows = &next[..gap.map_or(next.len(), |gap| gap + 1)];
    let alike = |row: &&Seen| row.cells.len() == record.len() && extent(&row.cells) <= own;
    let same = rows.iter().take_while(alike).count();
    let columns = value_columns(rows.iter().take(same).map(|row| &row.cells), own);
    let names = names_columns_of(record, &columns);
    if apart {
        same >= 1 && !rows[0].gap && names
    } else {
        own != width && record.len() != width && same >= FOLLOWING && names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(row: &str, gap: bool) -> Seen {
        Seen {
            cells: StringRecord::from(row.split(';').collect::<Vec<_>>()),
            gap,
            ..Seen::default()
        }
    }

    fn opens(rows: &[&str], gap: bool) -> Option<Opening> {
        let header = StringRecord::from(vec!["Nome", "CPF", "UF"]);
        let next: Vec<_> = rows[1..].iter().map(|row| seen(row, false)).collect();
        opening(&seen(rows[0], gap), &next, &header, 3)
    }

    #[test]
    fn a_header_below_a_blank_line_opens_a_table() {
        let rows = ["Produto;Valor", "Caneta;10", "Lápis;20"];
        assert_eq!(opens(&rows, true), Some(Opening::Header));
        assert_eq!(opens(&rows, false), Some(Opening::Header));
        let same_width = ["Produto;Valor;Cor", "Caneta;10;azul"];
        assert_eq!(opens(&same_width, true), Some(Opening::Header));
        assert_eq!(opens(&same_width, false), None);
        let titled = ["Vendas", "Produto;Valor", "Caneta;10"];
        assert_eq!(opens(&titled, true), Some(Opening::Title));
        assert_eq!(opens(&titled, false), None);
    }

    #[test]
    fn rows_with_blanks_open_nothing() {
        assert_eq!(opens(&["Ana;;SP", "Bia;11144477735;RJ"], true), None);
        assert_eq!(opens(&["Ana;SP", "Bia;11144477735;RJ"], false), None);
        assert_eq!(opens(&["NOME;CPF;UF", "Bia;11144477735;RJ"], true), None);
        assert_eq!(opens(&["Observação", "Bia;11144477735;RJ"], true), None);
    }
}

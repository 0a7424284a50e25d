//! What people write below their rows: totals, sources, dates of printing.

use csv::StringRecord;

use super::glance::filled;
use crate::values::fold::plain_latin;
use crate::values::{Locale, Money};

/// Words a row of totals begins with.
const TOTALS: [&str; 9] = [
    "total",
    "subtotal",
    "sub-total",
    "totais",
    "soma",
    "media",
    "qtd",
    "qtde",
    "quantidade",
];
/// What lines below a table begin with.
const FOOTERS: [&str; 3] = ["fonte:", "gerado em", "pagina "];

/// Whether the record is a total or a footer by its words: a label, then nothing but amounts, and
/// blanks where other rows say whom they are about.
pub(super) fn by_words(record: &StringRecord, width: usize) -> bool {
    let mut cells = record.iter().filter(|cell| !cell.trim().is_empty());
    let Some(label) = cells.next().map(lower) else {
        return false;
    };
    let others = cells.clone().count();
    if others == 0 && FOOTERS.iter().any(|footer| label.starts_with(footer)) {
        return !label.starts_with("pagina ")
            || label["pagina ".len()..].starts_with(|c: char| c.is_ascii_digit());
    }
    let is_label = TOTALS.iter().any(|word| {
        label.strip_prefix(word).is_some_and(|rest| {
            // Where there are no blanks to tell, `Total Ltda` is a name.
            let alone = matches!(rest.trim_end_matches(':').trim(), "" | "geral");
            alone || (width > 2 && !rest.starts_with(|c: char| c.is_alphanumeric()))
        })
    });
    let sparse = others + 1 < width || width <= 2;
    is_label && sparse && (others > 0 || width > 1 || label.contains(':')) && cells.all(is_amount)
}

/// The columns of a record without a key that hold amounts; empty if it cannot be a sum.
pub(super) fn summed_columns(record: &StringRecord) -> Vec<usize> {
    let keyless = record.get(0).is_some_and(|cell| cell.trim().is_empty());
    let cells = record.iter().enumerate().skip(1);
    let amounts = cells.filter(|(_, cell)| !cell.trim().is_empty());
    if keyless && amounts.clone().all(|(_, cell)| is_amount(cell)) && filled(record) > 0 {
        amounts.map(|(place, _)| place).collect()
    } else {
        Vec::new()
    }
}

/// A number that may be a sum: no document, telephone or key is one.
fn is_amount(cell: &str) -> bool {
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    let most = if cell.contains([',', '.']) { 15 } else { 9 };
    digits <= most && Money::parse(cell.trim(), None).value.is_some()
}

/// Lower case without accents.
fn lower(cell: &str) -> String {
    let plain = cell.trim().chars().map(|c| plain_latin(c).unwrap_or(c));
    plain.flat_map(char::to_lowercase).collect()
}

/// Digits behind the point that sums are compared with.
const SCALE: u32 = 4;
/// 0.01
const TOLERANCE: i128 = 100;

/// The sum of a column, in both ways it may be written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum([i128; 2]);

impl Sum {
    pub(super) fn add(&mut self, cell: &str) {
        for (sum, amount) in self.0.iter_mut().zip(amounts(cell)) {
            *sum = sum.saturating_add(amount.unwrap_or_default());
        }
    }

    /// Whether `cell` says this sum, to a hundredth.
    pub(super) fn is_said_by(self, cell: &str) -> bool {
        let pairs = self.0.into_iter().zip(amounts(cell));
        pairs
            .into_iter()
            .any(|(sum, said)| said.is_some_and(|said| sum != 0 && (said - sum).abs() <= TOLERANCE))
    }
}

/// The amount of a cell in Portuguese and in English, times 10^`SCALE`.
fn amounts(cell: &str) -> [Option<i128>; 2] {
    [Locale::PtBr, Locale::En].map(|locale| {
        let amount = Money::parse(cell.trim(), Some(locale)).value?.amount;
        let scale = u32::from(amount.scale());
        if scale > SCALE {
            return Some(amount.mantissa() / 10i128.checked_pow(scale - SCALE)?);
        }
        amount
            .mantissa()
            .checked_mul(10i128.checked_pow(SCALE - scale)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(row: &str) -> bool {
        let record = StringRecord::from(row.split(';').collect::<Vec<_>>());
        by_words(&record, 4)
    }

    #[test]
    fn totals_and_footers_are_known_by_their_words() {
        for row in [
            "Total;;;1.234,56",
            "TOTAL GERAL:;;10;R$ 1.234,56",
            ";Subtotal;;5",
            "Média;;;12,5",
            "Fonte: IBGE;;;",
            "Gerado em 01/02/2024 10:00",
            "Página 3 de 9;;;",
            "Quantidade de registros: 12",
        ] {
            assert!(total(row), "{row}");
        }
    }

    #[test]
    fn people_and_companies_are_no_totals() {
        for row in [
            "Total Distribuidora;12.345.678/0001-95;;",
            "Soma Silva;52998224725;;",
            "Somaia Reis;;;10",
            "Total;São Paulo;;10",
            "Total;1;2;3",
            "Página inicial;;;",
            "Ana;;;10",
        ] {
            assert!(!total(row), "{row}");
        }
        assert!(!by_words(&StringRecord::from(vec!["Total Ltda", "10"]), 2));
        assert!(by_words(&StringRecord::from(vec!["Total geral:", "10"]), 2));
    }

    #[test]
    fn a_sum_is_known_by_what_it_adds_up_to() {
        let record = StringRecord::from(vec!["", "", "1.250,50", "3"]);
        assert_eq!(summed_columns(&record), [2, 3]);
        let keyed = StringRecord::from(vec!["Ana", "", "10", "3"]);
        assert_eq!(summed_columns(&keyed), [0; 0]);
        let mut sum = Sum::default();
        for cell in ["1.000,25", "250,25", "", "x"] {
            sum.add(cell);
        }
        assert!(sum.is_said_by("1.250,50"));
        assert!(sum.is_said_by("R$ 1.250,51"));
        assert!(!sum.is_said_by("1.250,52"));
    }
}

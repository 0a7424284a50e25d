//! The numbers of delivered cells, for statistics, and numbers as cells deliver them.

use crate::recipe::ColumnKind;
use crate::values::{Decimal, Locale, Money};

/// The number of a delivered cell.
pub(super) fn number(text: &str) -> Option<Decimal> {
    let parsed = Money::parse(text, Some(Locale::PtBr));
    parsed.value.map(|money| money.amount)
}

/// A number that a recipe says, as a column of this kind delivers it. `None` if it is none of its
/// kind.
pub(super) fn constant(kind: ColumnKind, text: &str) -> Option<String> {
    let number = Money::parse(text, Some(Locale::En)).value?.amount;
    match kind {
        ColumnKind::Integer => number.whole().map(|whole| whole.to_string()),
        _ => Some(number.to_string().replace('.', ",")),
    }
}

/// How a column writes its numbers.
#[derive(Debug, Clone, Default)]
pub(super) struct Form {
    whole: bool,
    /// Cells by their number of decimals.
    decimals: [u64; 32],
    /// Cells with a `%`.
    percent: u64,
}

impl Form {
    pub(super) fn new(kind: ColumnKind) -> Self {
        Form {
            whole: kind == ColumnKind::Integer,
            ..Form::default()
        }
    }

    pub(super) fn see(&mut self, text: &str, number: Decimal) {
        if let Some(cells) = self.decimals.get_mut(usize::from(number.scale())) {
            *cells += 1;
        }
        self.percent += u64::from(text.ends_with('%'));
    }

    /// How many decimals most cells have; of several, the more.
    fn usual(&self) -> usize {
        let all = self.decimals.iter().enumerate();
        match all.max_by_key(|(decimals, cells)| (**cells, *decimals)) {
            Some((decimals, cells)) if *cells > 0 && !self.whole => decimals,
            _ => 0,
        }
    }

    /// `number` to the nearest with the column's decimals.
    pub(super) fn write(&self, number: f64) -> String {
        let text = format!("{number:.*}", self.usual());
        let zero = text.bytes().all(|b| matches!(b, b'-' | b'0' | b'.'));
        let text = text.strip_prefix('-').filter(|_| zero).unwrap_or(&text);
        let percent = self.percent * 2 > self.decimals.iter().sum();
        text.replace('.', ",") + if percent { "%" } else { "" }
    }

    /// `number` to the next with the column's decimals that is no less.
    pub(super) fn write_up(&self, number: f64) -> String {
        let unit = 10f64.powi(self.usual() as i32);
        self.write(round_to_unit(number, unit, f64::ceil))
    }

    /// `number` to the next with the column's decimals that is no more.
    pub(super) fn write_down(&self, number: f64) -> String {
        let unit = 10f64.powi(self.usual() as i32);
        self.write(round_to_unit(number, unit, f64::floor))
    }
}

/// A fence computed as 15.500000000000002 is 15.5.
fn round_to_unit(number: f64, unit: f64, round: fn(f64) -> f64) -> f64 {
    let scaled = number * unit;
    let nearest = scaled.round();
    let close = (scaled - nearest).abs() <= scaled.abs().max(1.0) * 1e-12;
    (if close { nearest } else { round(scaled) }) / unit
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(kind: ColumnKind, cells: &[&str]) -> Form {
        let mut form = Form::new(kind);
        for text in cells {
            form.see(text, number(text).unwrap());
        }
        form
    }

    #[test]
    fn numbers_are_written_as_their_column_writes_them() {
        let money = form(ColumnKind::Money, &["1,50", "20,00", "3"]);
        assert_eq!(money.write(12.345678), "12,35");
        assert_eq!(money.write(-0.001), "0,00");
        assert_eq!(money.write_down(12.349), "12,34");
        assert_eq!(money.write_up(-12.349), "-12,34");
        assert_eq!(money.write_up(15.500000000000002), "15,50");
        assert_eq!(form(ColumnKind::Integer, &["1", "2"]).write(2.5001), "3");
        assert_eq!(form(ColumnKind::Percent, &["12,5%"]).write(1.0), "1,0%");
        assert_eq!(form(ColumnKind::Decimal, &[]).write(1.4), "1");
    }

    #[test]
    fn a_constant_is_written_as_its_column_can_hold_it() {
        let cases = [
            (ColumnKind::Money, "1.50", Some("1,50")),
            (ColumnKind::Decimal, "-0.5", Some("-0,5")),
            (ColumnKind::Integer, "3", Some("3")),
            (ColumnKind::Integer, "3.0", Some("3")),
            (ColumnKind::Integer, "1.5", None),
        ];
        for (kind, text, expected) in cases {
            assert_eq!(constant(kind, text).as_deref(), expected, "{kind:?} {text}");
        }
    }

    #[test]
    fn a_delivered_number_is_read_exactly() {
        assert_eq!(number("1234,56").unwrap().to_f64(), 1234.56);
        assert_eq!(number("-1,234").unwrap().to_f64(), -1.234);
        assert_eq!(number("12"), Some(Decimal::new(12, 0)));
    }
}

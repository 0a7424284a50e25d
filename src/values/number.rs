//! Exact decimals, and the ways a number is written in Brazil and in English.

use std::cmp::Ordering;
use std::fmt;

/// How the numbers of a column are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Locale {
    /// `1.234,56`
    PtBr,
    /// `1,234.56`
    En,
}

/// What a cell says of its column's locale, if it can be written in one only.
pub fn evidence(text: &str) -> Option<Locale> {
    let text = text.trim().trim_end_matches(|c: char| !c.is_ascii_digit());
    let after = |mark: char| {
        text.rsplit_once(mark)
            .map(|(before, digits)| (before, digits.len()))
    };
    let digit_before = |text: &str| text.ends_with(|c: char| c.is_ascii_digit());
    if text.ends_with(|c: char| c.is_ascii_digit()) {
        if let (Some((before, _)), true) = (after(','), grouped(text, '.', ',')) {
            return digit_before(before).then_some(Locale::PtBr);
        }
        if grouped(text, ',', '.') {
            return Some(Locale::En);
        }
        if matches!(after(','), Some((before, 1 | 2)) if digit_before(before)) {
            return Some(Locale::PtBr);
        }
        if matches!(after('.'), Some((_, 1 | 2))) {
            return Some(Locale::En);
        }
    }
    None
}

/// Whether `text` has `group`, three digits, `decimal`.
fn grouped(text: &str, group: char, decimal: char) -> bool {
    text.as_bytes().windows(5).any(|part| {
        part[0] == group as u8
            && part[4] == decimal as u8
            && part[1..4].iter().all(u8::is_ascii_digit)
    })
}

/// `mantissa` / 10^`scale`: a number as it was written, never through a float. Two decimals are
/// equal when they are written alike: 1.5 is not 1.50.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decimal {
    mantissa: i128,
    scale: u8,
}

impl Decimal {
    pub fn new(mantissa: i128, scale: u8) -> Decimal {
        Decimal { mantissa, scale }
    }

    pub fn mantissa(self) -> i128 {
        self.mantissa
    }

    /// Digits after the point.
    pub fn scale(self) -> u8 {
        self.scale
    }

    pub fn is_integer(self) -> bool {
        10i128
            .checked_pow(u32::from(self.scale))
            .is_some_and(|unit| self.mantissa % unit == 0)
    }

    /// The number as a whole one, if it is.
    pub fn whole(self) -> Option<i128> {
        let unit = 10i128.checked_pow(u32::from(self.scale))?;
        (self.mantissa % unit == 0).then_some(self.mantissa / unit)
    }

    /// Which of two numbers is greater, whatever zeros they are written with.
    pub fn compare(self, other: Decimal) -> Ordering {
        let parts = |number: Decimal| {
            let unit = 10i128.checked_pow(u32::from(number.scale))?;
            let (whole, rest) = (
                number.mantissa.div_euclid(unit),
                number.mantissa.rem_euclid(unit),
            );
            // The rest in units of the last digit an i128 holds.
            let digits = MOST_DIGITS.checked_sub(usize::from(number.scale))? as u32;
            Some((whole, rest.checked_mul(10i128.checked_pow(digits)?)?))
        };
        match (parts(self), parts(other)) {
            (Some(one), Some(other)) => one.cmp(&other),
            _ => self.to_f64().total_cmp(&other.to_f64()),
        }
    }

    pub fn negated(self) -> Decimal {
        Decimal {
            mantissa: -self.mantissa,
            ..self
        }
    }

    /// The nearest float, for statistics.
    pub fn to_f64(self) -> f64 {
        const EXACT_POWERS: u8 = 22;
        if self.mantissa.unsigned_abs() < 1 << 53 && self.scale <= EXACT_POWERS {
            // both are exact, so the one division rounds correctly
            self.mantissa as f64 / 10f64.powi(i32::from(self.scale))
        } else {
            self.to_string().parse().unwrap_or(f64::NAN)
        }
    }

    /// Times 10^`power`, as text would have it: `1.5` times a thousand is `1500.0`.
    pub(super) fn times_ten_to(self, power: u32) -> Option<Decimal> {
        let mantissa = self.mantissa.checked_mul(10i128.checked_pow(power)?)?;
        Some(Decimal { mantissa, ..self })
    }

    /// Moves the point: `exponent` as in `1.5E-3`. Keeps the digits there are.
    pub(super) fn shifted(self, exponent: i32) -> Option<Decimal> {
        let scale = i32::from(self.scale) - exponent;
        if scale < 0 {
            let mantissa = self
                .mantissa
                .checked_mul(10i128.checked_pow(scale.unsigned_abs())?)?;
            return Some(Decimal { mantissa, scale: 0 });
        }
        u8::try_from(scale)
            .ok()
            .filter(|scale| *scale <= MOST_DIGITS as u8)
            .map(|scale| Decimal { scale, ..self })
    }

    /// Writes it with `point` between the whole and the rest.
    pub(super) fn write(self, f: &mut impl fmt::Write, point: char) -> fmt::Result {
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let digits = self.mantissa.unsigned_abs();
        if let (Ok(digits), 0..=18) = (u64::try_from(digits), self.scale) {
            f.write_str(sign)?;
            return write_short(f, digits, self.scale, point);
        }
        match 10u128.checked_pow(u32::from(self.scale)) {
            Some(unit) if self.scale > 0 => {
                write!(
                    f,
                    "{sign}{}{point}{:0width$}",
                    digits / unit,
                    digits % unit,
                    width = usize::from(self.scale)
                )
            }
            _ => write!(f, "{sign}{digits}"),
        }
    }
}

/// Writes a number of at most eighteen decimals without the machinery of formats.
fn write_short(f: &mut impl fmt::Write, mut digits: u64, scale: u8, point: char) -> fmt::Result {
    let mut shown = [b'0'; 20];
    let mut start = shown.len();
    // At least one digit before the point.
    let least = shown.len() - usize::from(scale) - 1;
    while digits > 0 || start > least {
        start -= 1;
        shown[start] = b'0' + (digits % 10) as u8;
        digits /= 10;
    }
    let (whole, fraction) = shown.split_at(shown.len() - usize::from(scale));
    let text = |digits| std::str::from_utf8(digits).unwrap_or_default();
    f.write_str(text(&whole[start..]))?;
    if fraction.is_empty() {
        return Ok(());
    }
    f.write_char(point)?;
    f.write_str(text(fraction))
}

/// With a point: the form of JSON and of programs.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, '.')
    }
}

/// The most digits an `i128` surely holds.
const MOST_DIGITS: usize = 38;

/// How the digits of a number were set out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Layout {
    /// `1.234`: one separator and three digits, and nothing to tell which it is.
    pub ambiguous: bool,
    /// Commas part the thousands.
    pub english: bool,
    /// A point parts the decimals, and nothing else says it is English.
    pub point: bool,
    /// Spaces or apostrophes part the thousands.
    pub spaced: bool,
}

/// Reads digits and separators, nothing else. `locale` decides what is ambiguous; without it
/// the Brazilian reading is taken.
pub(super) fn read(text: &str, locale: Option<Locale>) -> Option<(Decimal, Layout)> {
    let is_space = |c: char| matches!(c, '\'' | '’') || c.is_whitespace();
    let count = |mark: char| text.matches(mark).count();
    let mut layout = Layout {
        spaced: text.contains(is_space),
        ..Layout::default()
    };
    let decimal = match (count('.'), count(',')) {
        (0, 0) => None,
        (1, 0) | (0, 1) => {
            let mark = if text.contains('.') { '.' } else { ',' };
            let grouping_locale = if mark == '.' {
                Locale::PtBr
            } else {
                Locale::En
            };
            let grouping = !layout.spaced && may_be_grouping(text, mark);
            layout.ambiguous = grouping && locale.is_none();
            let taken = locale.unwrap_or(Locale::PtBr);
            let is_decimal = !grouping || taken != grouping_locale;
            layout.point = mark == '.' && is_decimal && !grouping;
            layout.english = mark == ',' && !is_decimal;
            is_decimal.then_some(mark)
        }
        (_, 0) => None,
        (0, _) => {
            layout.english = true;
            None
        }
        (points, commas) => {
            let mark = if text.rfind('.') > text.rfind(',') {
                '.'
            } else {
                ','
            };
            layout.english = mark == '.';
            let once = if mark == '.' { points } else { commas };
            (once == 1).then_some(mark).or(Some('?'))
        }
    };
    let (whole, fraction) = match decimal {
        Some(mark) => text.split_once(mark)?,
        None => (text, ""),
    };
    if decimal.is_some() && fraction.is_empty() {
        return None;
    }
    let groups = |c: char| matches!(c, '.' | ',') || is_space(c);
    if whole.contains(groups) && !is_grouped(whole, groups) {
        return None;
    }
    let digits = || {
        whole
            .chars()
            .filter(|c| !groups(*c))
            .chain(fraction.chars())
    };
    let significant = digits().skip_while(|c| *c == '0').count();
    if digits().next().is_none() || significant > MOST_DIGITS || fraction.len() > MOST_DIGITS {
        return None;
    }
    let mantissa = digits().try_fold(0i128, |n, c| {
        n.checked_mul(10)?.checked_add(i128::from(c.to_digit(10)?))
    })?;
    Some((
        Decimal {
            mantissa,
            scale: fraction.len() as u8,
        },
        layout,
    ))
}

/// `1.234`, but not `0.123` or `1234.567`.
fn may_be_grouping(text: &str, mark: char) -> bool {
    text.split_once(mark).is_some_and(|(whole, rest)| {
        rest.len() == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0')
    })
}

/// One to three digits, then threes, all parted by the same mark.
fn is_grouped(whole: &str, mark: impl Fn(char) -> bool + Copy) -> bool {
    let mut marks = whole.chars().filter(|c| mark(*c));
    let first = marks.next();
    let same = marks.all(|c| Some(c) == first);
    let mut groups = whole.split(mark);
    let head = groups
        .next()
        .is_some_and(|group| (1..=3).contains(&group.len()));
    same && head && groups.all(|group| group.len() == 3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_compared_by_their_worth() {
        let read = |text: &str| {
            crate::values::Money::parse(text, Some(Locale::PtBr))
                .value
                .unwrap()
                .amount
        };
        for (one, other, expected) in [
            ("1,5", "1,50", Ordering::Equal),
            ("-1,5", "1,5", Ordering::Less),
            ("-1,5", "-1,25", Ordering::Less),
            ("-2", "-1,999", Ordering::Less),
            ("0,1", "0,09999999999999999999", Ordering::Greater),
            // A float tells neither of these apart.
            ("9007199254740993", "9007199254740992", Ordering::Greater),
            (
                "99999999999999999999999999999999999999",
                "0,00000000000000000000000000000000000001",
                Ordering::Greater,
            ),
        ] {
            assert_eq!(read(one).compare(read(other)), expected, "{one} {other}");
            assert_eq!(
                read(other).compare(read(one)),
                expected.reverse(),
                "{other} {one}"
            );
        }
    }

    #[test]
    fn evidence_is_only_what_can_be_read_in_one_way() {
        for text in [
            "1.234,5",
            "1.234,56",
            "10,5",
            "R$ 10,00",
            "10,00 BRL",
            "1.234,567",
        ] {
            assert_eq!(evidence(text), Some(Locale::PtBr), "{text}");
        }
        for text in ["1,234.56", "10.5", ".50", "1,234.567"] {
            assert_eq!(evidence(text), Some(Locale::En), "{text}");
        }
        for text in ["1234", "1.234", "1,234", "1.234.567", "abc", "", "-", ","] {
            assert_eq!(evidence(text), None, "{text}");
        }
    }

    #[test]
    fn decimals_keep_every_digit() {
        assert_eq!(Decimal::new(-5, 2).to_string(), "-0.05");
        assert_eq!(Decimal::new(12345, 0).to_string(), "12345");
        assert_eq!(Decimal::new(1_050, 2).to_f64(), 10.5);
        assert!(Decimal::new(1_000, 2).is_integer());
        let long = read("12345678901234567890123456789012345678", None);
        assert_eq!(
            long.map(|(d, _)| d.to_string()).as_deref(),
            Some("12345678901234567890123456789012345678")
        );
        assert_eq!(read(&"9".repeat(40), None), None);
    }

    proptest! {
        #[test]
        fn short_numbers_are_written_as_formats_write_them(digits in any::<u64>(), cut in 0u32..64, scale in 0u8..=18) {
            let digits = digits >> cut;
            let unit = 10u64.pow(u32::from(scale));
            let expected = match scale {
                0 => digits.to_string(),
                _ => format!("{},{:0width$}", digits / unit, digits % unit, width = usize::from(scale)),
            };
            let mut shown = String::new();
            write_short(&mut shown, digits, scale, ',').unwrap();
            prop_assert_eq!(shown, expected);
        }

        #[test]
        fn floats_are_the_nearest(mantissa in any::<i64>(), scale in 0u8..30) {
            let decimal = Decimal::new(i128::from(mantissa), scale);
            prop_assert_eq!(decimal.to_f64(), decimal.to_string().parse::<f64>().unwrap());
        }

        #[test]
        fn no_text_panics(text in "\\PC*|[0-9., ']{0,50}") {
            read(&text, None);
            read(&text, Some(Locale::En));
            evidence(&text);
        }
    }
}

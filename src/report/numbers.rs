//! Numbers and dates as people in Brazil write them: `1.234`, `12,5%`, `R$ 1.234,56`,
//! `21/11/2026 19:03`. Every report uses these and nothing else.

use chrono::{DateTime, FixedOffset};

/// What stands where there is no number.
pub const NONE: &str = "–";

/// `1.234.567`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

/// A count for narrow places: whole below ten million, then `12,3 mi` or `1,2 bi`.
pub fn count_short(n: u64) -> String {
    match n {
        0..10_000_000 => count(n),
        10_000_000..1_000_000_000 => format!("{} mi", decimal(n as f64 / 1e6, 1)),
        _ => format!("{} bi", decimal(n as f64 / 1e9, 1)),
    }
}

/// A count and its noun: `1 linha`, `2 linhas`.
pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// `1.234,50` with the given places after the comma; not a number gives [`NONE`].
pub fn decimal(value: f64, places: usize) -> String {
    if !value.is_finite() {
        return NONE.to_owned();
    }
    let text = format!("{:.places$}", value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let negative = value < 0.0 && text.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
    let mut number = String::from(if negative { "-" } else { "" });
    number.push_str(&group(whole));
    if !fraction.is_empty() {
        number.push(',');
        number.push_str(fraction);
    }
    number
}

/// Beyond `u64` the digits are grouped as they are.
fn group(whole: &str) -> String {
    match whole.parse() {
        Ok(n) => count(n),
        Err(_) => whole.to_owned(),
    }
}

/// A share from 0 to 1 as `12,5%`. Only the whole is `100%` and only nothing is `0%`: what
/// rounding would turn into them stays `>99,9%` and `<0,1%`.
pub fn percent(share: f64) -> String {
    if !share.is_finite() {
        return NONE.to_owned();
    }
    if share == 0.0 {
        "0%".to_owned()
    } else if share == 1.0 {
        "100%".to_owned()
    } else if share > 0.0 && share < 0.0005 {
        "<0,1%".to_owned()
    } else if (0.9995..1.0).contains(&share) {
        ">99,9%".to_owned()
    } else {
        format!("{}%", decimal(share * 100.0, 1))
    }
}

/// `part` of `whole` as a percentage; of nothing it is [`NONE`].
pub fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        NONE.to_owned()
    } else {
        percent(part as f64 / whole as f64)
    }
}

/// A score from 0 to 100, cut (not rounded) to one place: 94,96 never reads as the 95,0 that
/// would be in another band.
pub fn points(score: f64) -> String {
    decimal((score * 10.0 + 1e-9).floor() / 10.0, 1)
}

/// `R$ 1.234,56`.
pub fn money(value: f64) -> String {
    match decimal(value, 2) {
        text if text == NONE => text,
        text => match text.strip_prefix('-') {
            Some(text) => format!("-R$ {text}"),
            None => format!("R$ {text}"),
        },
    }
}

/// `812 bytes`, `1,2 KB`, `3,4 MB`, `5,6 GB`, in powers of 1024 as file browsers show them.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 3] = ["KB", "MB", "GB"];
    if n < 1024 {
        return counted(n, "byte", "bytes");
    }
    let mut size = n as f64 / 1024.0;
    let mut unit = 0;
    while size >= 1024.0 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    format!("{} {}", decimal(size, 1), UNITS[unit])
}

/// RFC 3339 as `21/11/2026 19:03`, in the offset it carries; other text stays as it is.
pub fn date_time(rfc3339: &str) -> String {
    format_moment(rfc3339, "%d/%m/%Y %H:%M")
}

/// RFC 3339 as `21/11/2026`; other text stays as it is.
pub fn date(rfc3339: &str) -> String {
    format_moment(rfc3339, "%d/%m/%Y")
}

fn format_moment(rfc3339: &str, format: &str) -> String {
    match moment(rfc3339) {
        Some(moment) => moment.format(format).to_string(),
        None => rfc3339.to_owned(),
    }
}

pub(super) fn moment(rfc3339: &str) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc3339(rfc3339).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_by_dots() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_000), "1.000");
        assert_eq!(count(1_234_567), "1.234.567");
        assert_eq!(count(u64::MAX), "18.446.744.073.709.551.615");
    }

    #[test]
    fn long_counts_have_a_short_form() {
        assert_eq!(count_short(9_999_999), "9.999.999");
        assert_eq!(count_short(12_345_678), "12,3 mi");
        assert_eq!(count_short(1_234_567_890), "1,2 bi");
    }

    #[test]
    fn nouns_follow_their_number() {
        assert_eq!(counted(0, "linha", "linhas"), "0 linhas");
        assert_eq!(counted(1, "linha", "linhas"), "1 linha");
        assert_eq!(counted(1_200, "linha", "linhas"), "1.200 linhas");
    }

    #[test]
    fn decimals_take_a_comma_and_no_minus_zero() {
        assert_eq!(decimal(1234.5, 2), "1.234,50");
        assert_eq!(decimal(-0.04, 1), "0,0");
        assert_eq!(decimal(-0.06, 1), "-0,1");
        assert_eq!(decimal(2.0, 0), "2");
        assert_eq!(decimal(f64::NAN, 1), NONE);
        assert!(decimal(1e300, 1).ends_with(",0"));
    }

    #[test]
    fn only_the_whole_is_a_hundred_percent() {
        assert_eq!(percent(0.125), "12,5%");
        assert_eq!(percent(1.0), "100%");
        assert_eq!(percent(0.99999), ">99,9%");
        assert_eq!(percent(0.00001), "<0,1%");
        assert_eq!(percent(0.0), "0%");
        assert_eq!(percent(1.5), "150,0%");
        assert_eq!(share(1, 8), "12,5%");
        assert_eq!(share(0, 0), NONE);
    }

    #[test]
    fn a_score_never_rounds_into_the_next_band() {
        assert_eq!(points(94.96), "94,9");
        assert_eq!(points(95.0), "95,0");
        assert_eq!(points(0.3 * 100.0), "30,0");
        assert_eq!(points(100.0), "100,0");
    }

    #[test]
    fn money_is_in_reais() {
        assert_eq!(money(1234.56), "R$ 1.234,56");
        assert_eq!(money(-0.5), "-R$ 0,50");
        assert_eq!(money(f64::INFINITY), NONE);
    }

    #[test]
    fn sizes_grow_by_1024() {
        assert_eq!(bytes(1), "1 byte");
        assert_eq!(bytes(1023), "1.023 bytes");
        assert_eq!(bytes(1536), "1,5 KB");
        assert_eq!(bytes(3 * 1024 * 1024), "3,0 MB");
        assert_eq!(bytes(5000 * 1024 * 1024 * 1024), "5.000,0 GB");
    }

    #[test]
    fn moments_keep_their_own_offset() {
        assert_eq!(date_time("2026-11-21T19:03:07-03:00"), "21/11/2026 19:03");
        assert_eq!(date("2026-11-21T23:59:59-03:00"), "21/11/2026");
        assert_eq!(date_time("yesterday"), "yesterday");
    }
}

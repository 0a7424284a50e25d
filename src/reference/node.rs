//! Values of a base as a person would write them.

use chrono::{DateTime, NaiveTime, SecondsFormat, Utc};

/// A value of a base, in the shape it has there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// A null: the field exists, nobody filled it.
    Null,
    /// A scalar of any type, written out.
    Text(String),
    List(Vec<Node>),
    Fields(Vec<(String, Node)>),
    /// Of a type nobody would write down (object ids, binary): as if it were not there.
    Other,
}

impl Node {
    pub(super) fn bool(value: bool) -> Node {
        Node::Text(value.to_string())
    }

    /// `1234.5`, and `3` for `3.0`: bases hold integers as doubles. Never an exponent.
    pub(super) fn double(value: f64) -> Node {
        if value == 0.0 {
            // Also for `-0.0`.
            Node::Text("0".to_owned())
        } else if value.is_finite() {
            Node::Text(value.to_string())
        } else {
            Node::Other
        }
    }

    /// An exact decimal as its own library writes it, perhaps as `1.2E+3`, without the exponent.
    pub(super) fn decimal(written: &str) -> Node {
        plain_decimal(written).map_or(Node::Other, Node::Text)
    }

    /// Only the date of what is midnight UTC, which is how bases store birthdays.
    pub(super) fn date(milliseconds: i64) -> Node {
        DateTime::<Utc>::from_timestamp_millis(milliseconds).map_or(Node::Other, |moment| {
            Node::Text(if moment.time() == NaiveTime::MIN {
                moment.format("%Y-%m-%d").to_string()
            } else {
                moment.to_rfc3339_opts(SecondsFormat::AutoSi, true)
            })
        })
    }
}

/// More zeros than this are no number anybody wrote.
const MAX_SHIFT: i32 = 64;

fn plain_decimal(written: &str) -> Option<String> {
    let (number, exponent) = match written.split_once(['E', 'e']) {
        Some((number, exponent)) => (number, exponent.parse::<i32>().ok()?),
        None => (written, 0),
    };
    let (sign, number) = match number.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", number),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    if exponent.abs() > MAX_SHIFT {
        return None;
    }
    if exponent == 0 {
        return Some(written.to_owned());
    }
    // Where the point goes, counted from the left of the digits.
    let point = i32::try_from(whole.len()).ok()? + exponent;
    let length = i32::try_from(digits.len()).ok()?;
    let plain = if point <= 0 {
        let zeros = "0".repeat(point.unsigned_abs() as usize);
        format!("0.{zeros}{digits}")
    } else if point >= length {
        let zeros = "0".repeat((point - length).unsigned_abs() as usize);
        let all = format!("{digits}{zeros}");
        let trimmed = all.trim_start_matches('0');
        if trimmed.is_empty() { "0" } else { trimmed }.to_owned()
    } else {
        let (left, right) = digits.split_at(point.unsigned_abs() as usize);
        format!("{left}.{right}")
    };
    Some(format!("{sign}{plain}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Node {
        Node::Text(text.to_owned())
    }

    #[test]
    fn doubles_are_written_without_exponent_or_needless_point() {
        for (value, written) in [
            (1234.5, "1234.5"),
            (3.0, "3"),
            (-0.0, "0"),
            (4_515_266_861.0, "4515266861"),
            (0.1, "0.1"),
            (1e21, "1000000000000000000000"),
            (1e-7, "0.0000001"),
        ] {
            assert_eq!(Node::double(value), text(written));
        }
        assert_eq!(Node::double(f64::NAN), Node::Other);
        assert_eq!(Node::double(f64::INFINITY), Node::Other);
    }

    #[test]
    fn decimals_stay_exact_and_lose_their_exponent() {
        for (value, written) in [
            ("12.50", "12.50"),
            ("-12.50", "-12.50"),
            ("1.2E+3", "1200"),
            ("1.2345E+2", "123.45"),
            ("-1E-8", "-0.00000001"),
            ("0E+3", "0"),
            (
                "12345678901234567890.123456789",
                "12345678901234567890.123456789",
            ),
        ] {
            assert_eq!(Node::decimal(value), text(written), "{value}");
        }
        for none in ["NaN", "Infinity", "-Infinity", "1E+6000", "", "E3"] {
            assert_eq!(Node::decimal(none), Node::Other, "{none}");
        }
    }

    #[test]
    fn dates_at_midnight_have_no_time() {
        assert_eq!(Node::date(0), text("1970-01-01"));
        assert_eq!(Node::date(-86_400_000), text("1969-12-31"));
        assert_eq!(Node::date(10_800_000), text("1970-01-01T03:00:00Z"));
        assert_eq!(Node::date(1), text("1970-01-01T00:00:00.001Z"));
        assert_eq!(Node::date(i64::MAX), Node::Other);
    }
}

//! Delivered cells as values, and values as delivered cells.

use chrono::{NaiveDate, NaiveTime};

use crate::recipe::ColumnKind;
use crate::values::Decimal;

/// The number of a delivered cell: `-1234,56`, `12,5%`. A percentage is as written: 12.5.
pub fn number(text: &str) -> Option<Decimal> {
    let text = text.strip_suffix('%').unwrap_or(text);
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let mut mantissa: i128 = 0;
    let mut scale = 0u8;
    let mut comma = false;
    let mut any = false;
    for byte in digits.bytes() {
        match byte {
            b'0'..=b'9' => {
                mantissa = mantissa
                    .checked_mul(10)?
                    .checked_add(i128::from(byte - b'0'))?;
                scale = scale.checked_add(u8::from(comma))?;
                any = true;
            }
            b',' if !comma && any => comma = true,
            _ => return None,
        }
    }
    if !any || (comma && scale == 0) {
        return None;
    }
    Some(Decimal::new(
        if negative { -mantissa } else { mantissa },
        scale,
    ))
}

/// The day of a delivered date: `31/12/2024`, with or without a time after it.
pub fn day(text: &str) -> Option<NaiveDate> {
    let bytes = text.as_bytes();
    let digits = |from: usize, to: usize| {
        bytes.get(from..to)?.iter().try_fold(0u32, |n, byte| {
            byte.is_ascii_digit()
                .then(|| n * 10 + u32::from(byte - b'0'))
        })
    };
    if bytes.get(2) != Some(&b'/') || bytes.get(5) != Some(&b'/') {
        return None;
    }
    if !matches!(bytes.get(10), None | Some(b' ')) {
        return None;
    }
    NaiveDate::from_ymd_opt(digits(6, 10)? as i32, digits(3, 5)?, digits(0, 2)?)
}

/// The time of a delivered date, if it has one: `31/12/2024 14:35:00`.
pub fn time(text: &str) -> Option<NaiveTime> {
    let time = text.get(11..)?;
    NaiveTime::parse_from_str(time, "%H:%M:%S")
        .or_else(|_| NaiveTime::parse_from_str(time, "%H:%M"))
        .ok()
}

/// A number that was reckoned, as it is delivered: at most six decimals, but at least six digits
/// that count, without zeros at the end. Empty for what is no number.
pub fn reckoned(number: f64) -> String {
    if !number.is_finite() {
        return String::new();
    }
    let before_point = number.abs().log10().floor();
    let places = if number == 0.0 || before_point >= -1.0 {
        6
    } else {
        // 0,000123456 has three zeros to get over.
        (5.0 - before_point).min(30.0) as usize
    };
    let text = format!("{number:.places$}");
    let text = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => &text,
    };
    match text {
        "-0" => "0".to_owned(),
        text => text.replace('.', ","),
    }
}

/// An exact number as a column of this type delivers it.
pub fn exact(number: Decimal, kind: ColumnKind) -> String {
    with_unit(number.to_string().replace('.', ","), kind)
}

/// A percentage has its sign.
pub fn with_unit(number: String, kind: ColumnKind) -> String {
    match kind {
        ColumnKind::Percent if !number.is_empty() => number + "%",
        _ => number,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn delivered_cells_are_read() {
        assert_eq!(number("-1234,56"), Some(Decimal::new(-123_456, 2)));
        assert_eq!(number("12,5%"), Some(Decimal::new(125, 1)));
        assert_eq!(number("7"), Some(Decimal::new(7, 0)));
        for text in ["", "-", "%", "1,", ",5", "1.5", "1,2,3", "abc", "1 "] {
            assert_eq!(number(text), None, "{text}");
        }
        assert_eq!(number(&"9".repeat(60)), None);
        let day_of = |text| day(text).map(|day| day.to_string());
        assert_eq!(day_of("31/12/2024").as_deref(), Some("2024-12-31"));
        assert_eq!(day_of("29/02/2024 14:35:00").as_deref(), Some("2024-02-29"));
        for text in ["30/02/2024", "31/12/24", "2024-12-31", "31/12/20245", "a"] {
            assert_eq!(day_of(text), None, "{text}");
        }
        assert_eq!(time("31/12/2024"), None);
        let noon = time("31/12/2024 12:30:15").map(|time| time.to_string());
        assert_eq!(noon.as_deref(), Some("12:30:15"));
    }

    #[test]
    fn reckoned_numbers_have_six_digits_that_count() {
        for (number, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (-0.000_000_000_1, "-0,0000000001"),
            (1.0 / 3.0, "0,333333"),
            (2.5, "2,5"),
            (100.0, "100"),
            (-1_234.567_890_1, "-1234,56789"),
            (1.0 / 3_000_000.0, "0,000000333333"),
            (f64::NAN, ""),
            (f64::INFINITY, ""),
        ] {
            assert_eq!(reckoned(number), text);
        }
        assert_eq!(exact(Decimal::new(-5, 2), ColumnKind::Percent), "-0,05%");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_and_nothing_panics(
            mantissa in any::<i64>(), scale in 0u8..18, text in "\\PC{0,24}", float in any::<f64>(),
        ) {
            let decimal = Decimal::new(i128::from(mantissa), scale);
            prop_assert_eq!(number(&exact(decimal, ColumnKind::Money)), Some(decimal));
            number(&text);
            day(&text);
            time(&text);
            let text = reckoned(float);
            // More digits than that are not held exactly.
            let is_held = float.abs() < 1e38;
            prop_assert!(text.is_empty() || !is_held || number(&text).is_some(), "{}", text);
        }
    }
}

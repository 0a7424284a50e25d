//! Numbers as a person sees them in Excel in Brazil.

use std::fmt::Write;

use chrono::{Datelike, Days, NaiveDate};

use super::format::{Format, Shape};
use crate::values::date::System;

/// From here on a number has more digits than Excel keeps.
const FIRST_INEXACT: f64 = 1e15;
/// Digits of the numbers below it.
const EXACT_DIGITS: usize = 15;
const SECONDS_A_DAY: f64 = 86_400.0;

/// Appends the number in a cell, `raw` being how the file writes it. Returns whether its last
/// digits are lost. What is no number is appended as it is.
pub(super) fn push_number(out: &mut String, raw: &str, format: &Format, system: System) -> bool {
    if format.is_plain() && is_short_whole(raw) {
        out.push_str(raw);
        return false;
    }
    let raw = raw.trim();
    let number: f64 = match raw.parse() {
        Ok(number) if f64::is_finite(number) => number,
        _ => {
            out.push_str(raw);
            return false;
        }
    };
    let shown = match format.shape_of(number) {
        Shape::Plain => false,
        Shape::Percent => {
            push_percent(out, number);
            true
        }
        Shape::Date => push_date(out, number, system),
        Shape::Time => push_time(out, number.fract()),
        Shape::Elapsed => push_time(out, number),
        Shape::Digits(pieces) => push_digits(out, number, pieces),
    };
    if !shown {
        push_plain(out, raw, number);
    }
    number.fract() == 0.0 && number.abs() >= FIRST_INEXACT
}

/// Appends a number without regard to its format. Returns whether its last digits are lost.
pub(super) fn push_float(out: &mut String, number: f64) -> bool {
    push_number(
        out,
        &number.to_string(),
        &Format::default(),
        System::From1900,
    )
}

fn is_short_whole(raw: &str) -> bool {
    let digits = raw.as_bytes();
    (1..=EXACT_DIGITS).contains(&digits.len())
        && digits.iter().all(u8::is_ascii_digit)
        && (digits[0] != b'0' || digits.len() == 1)
}

fn push_plain(out: &mut String, raw: &str, number: f64) {
    let digits = raw.strip_prefix('-').unwrap_or(raw);
    if digits.bytes().all(|byte| byte.is_ascii_digit()) && number != 0.0 {
        // What another program wrote in full stays as it is.
        out.push_str(raw);
        return;
    }
    // Rust writes floats in the shortest exact form and never with an exponent.
    let text = if number == 0.0 {
        "0".to_owned()
    } else {
        number.to_string()
    };
    push_with_comma(out, &text);
}

fn push_with_comma(out: &mut String, text: &str) {
    match text.split_once('.') {
        Some((whole, fraction)) => out.extend([whole, ",", fraction]),
        None => out.push_str(text),
    }
}

/// A hundred times the number, by its digits: 0.07 is 7 %, not 7.000000000000001 %.
fn push_percent(out: &mut String, number: f64) {
    let text = number.to_string();
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => ("-", text),
        None => ("", text.as_str()),
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let (moved, rest) = fraction.split_at(fraction.len().min(2));
    let digits = format!("{whole}{moved:0<2}");
    let digits = digits.trim_start_matches('0');
    out.push_str(sign);
    out.push_str(if digits.is_empty() { "0" } else { digits });
    if !rest.is_empty() {
        out.extend([",", rest]);
    }
    out.push('%');
}

/// Digits in the places the format has for them. Returns whether the number is one for it.
fn push_digits(out: &mut String, number: f64, pieces: &[Option<char>]) -> bool {
    if number < 0.0 || number.fract() != 0.0 || number >= FIRST_INEXACT {
        return false;
    }
    let places = pieces.iter().filter(|piece| piece.is_none()).count();
    let text = format!("{number:0>places$}");
    // Digits that have no place of their own stand before the first.
    let (surplus, digits) = text.split_at(text.len() - places);
    let mut digits = digits.chars();
    let mut surplus = Some(surplus);
    for piece in pieces {
        match piece {
            Some(c) => out.push(*c),
            None => {
                out.push_str(surplus.take().unwrap_or_default());
                out.extend(digits.next());
            }
        }
    }
    true
}

/// `dd/mm/yyyy`, and the time if it is not midnight. Returns whether there is such a day.
pub(super) fn push_date(out: &mut String, serial: f64, system: System) -> bool {
    if serial < 0.0 {
        return false;
    }
    let seconds = (serial.fract() * SECONDS_A_DAY).round();
    let midnight_after = seconds >= SECONDS_A_DAY;
    let day = serial.trunc() as u64 + u64::from(midnight_after);
    let seconds = if midnight_after { 0 } else { seconds as u64 };
    match (system, day) {
        // No day at all: a time, or nothing.
        (System::From1900, 0) if seconds == 0 => out.push('0'),
        (System::From1900, 0) => push_clock(out, seconds),
        // Excel believes that 1900 was a leap year.
        (System::From1900, 60) => out.push_str("29/02/1900"),
        _ => {
            let Some(date) = date(day, system) else {
                return false;
            };
            push_day(out, date);
        }
    }
    if day > 0 && seconds > 0 {
        out.push(' ');
        push_clock(out, seconds);
    }
    true
}

fn push_day(out: &mut String, date: NaiveDate) {
    let (day, month, year) = (date.day(), date.month(), date.year());
    // Writing to a text cannot fail.
    let _ = write!(out, "{day:02}/{month:02}/{year:04}");
}

fn date(day: u64, system: System) -> Option<NaiveDate> {
    let (year, month, first) = match (system, day) {
        (System::From1904, _) => (1904, 1, 1),
        (System::From1900, ..=59) => (1899, 12, 31),
        (System::From1900, _) => (1899, 12, 30),
    };
    let last = NaiveDate::from_ymd_opt(9999, 12, 31)?;
    NaiveDate::from_ymd_opt(year, month, first)?
        .checked_add_days(Days::new(day))
        .filter(|date| *date <= last)
}

/// `HH:MM:SS`. Returns whether it is a time.
pub(super) fn push_time(out: &mut String, days: f64) -> bool {
    let is_time = (0.0..1e6).contains(&days);
    if is_time {
        push_clock(out, (days * SECONDS_A_DAY).round() as u64);
    }
    is_time
}

fn push_clock(out: &mut String, seconds: u64) {
    let (minutes, second) = (seconds / 60, seconds % 60);
    let (hour, minute) = (minutes / 60, minutes % 60);
    let _ = write!(out, "{hour:02}:{minute:02}:{second:02}");
}

/// A date as ISO 8601 writes it, `2024-03-01T10:30:00`, or a duration, `PT10H30M00S`. What is
/// neither is appended as it is.
pub(super) fn push_iso(out: &mut String, text: &str) {
    let text = text.trim();
    let shown = iso_duration(text).map_or_else(|| iso_date(text), Some);
    out.push_str(shown.as_deref().unwrap_or(text));
}

fn iso_date(text: &str) -> Option<String> {
    let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, ""));
    let date = NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()?;
    let time = time.trim_end_matches('Z');
    // Fractions of a second are left out.
    let time = time.split_once('.').map_or(time, |(whole, _)| whole);
    let date = date.format("%d/%m/%Y").to_string();
    match time {
        "" | "00:00:00" | "00:00" => Some(date),
        time if time.len() == "00:00".len() => Some(format!("{date} {time}:00")),
        time => Some(format!("{date} {time}")),
    }
}

fn iso_duration(text: &str) -> Option<String> {
    let (hours, rest) = text.strip_prefix("PT")?.split_once('H')?;
    let (minutes, seconds) = rest.split_once('M')?;
    let seconds = seconds.strip_suffix('S')?;
    let seconds = seconds.split_once(['.', ',']).map_or(seconds, |(s, _)| s);
    let [hours, minutes, seconds] = [hours, minutes, seconds].map(|part| part.parse::<u32>());
    let (hours, minutes, seconds) = (hours.ok()?, minutes.ok()?, seconds.ok()?);
    Some(format!("{hours:02}:{minutes:02}:{seconds:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(raw: &str, code: &str) -> (String, bool) {
        let mut out = String::new();
        let lost = push_number(&mut out, raw, &Format::parse(code), System::From1900);
        (out, lost)
    }

    fn text(raw: &str, code: &str) -> String {
        shown(raw, code).0
    }

    #[test]
    fn whole_numbers_have_neither_exponent_nor_point() {
        for (raw, expected) in [
            ("4515266861", "4515266861"),
            ("4.515266861E9", "4515266861"),
            ("12.0", "12"),
            ("-12", "-12"),
            ("-0", "0"),
            ("0", "0"),
            ("007", "007"),
            (" 12 ", "12"),
            ("1e3", "1000"),
            ("inf", "inf"),
            ("1,5", "1,5"),
        ] {
            assert_eq!(text(raw, "General"), expected, "{raw}");
        }
    }

    #[test]
    fn other_numbers_have_a_decimal_comma_and_no_more_digits_than_needed() {
        for (raw, expected) in [
            ("0.1", "0,1"),
            ("1234.50", "1234,5"),
            ("-3.25E-2", "-0,0325"),
            ("1.7976931348623157", "1,7976931348623157"),
        ] {
            assert_eq!(text(raw, "#,##0.00"), expected, "{raw}");
        }
    }

    #[test]
    fn more_than_fifteen_digits_are_told() {
        assert!(!shown("999999999999999", "0").1);
        for (raw, expected) in [
            ("1000000000000000", "1000000000000000"),
            ("1.2345678901234568E+16", "12345678901234568"),
            (
                "35240312345678000195550010000012341000012345",
                "35240312345678000195550010000012341000012345",
            ),
            ("-1234567890123456", "-1234567890123456"),
        ] {
            assert_eq!(shown(raw, "0"), (expected.to_owned(), true), "{raw}");
        }
        // Its last digits are lost, and so would be those of the format.
        assert!(shown("1234567890123456", "00000000000000000000").1);
    }

    #[test]
    fn formats_of_zeros_give_back_what_the_number_lost() {
        for (raw, code, expected) in [
            ("4515266861", "00000000000", "04515266861"),
            ("4515266861", "000\".\"000\".\"000\"-\"00", "045.152.668-61"),
            ("4515266861", "000\\.000\\.000\\-00", "045.152.668-61"),
            ("1310100", "00000-000", "01310-100"),
            ("1310100", "00000\\-000;;", "01310-100"),
            ("1310100", "00000000", "01310100"),
            (
                "191000100",
                "00\".\"000\".\"000\"/\"0000\"-\"00",
                "00.000.191/0001-00",
            ),
            ("11987654321", "(00) 00000-0000", "(11) 98765-4321"),
            ("123456", "000-0", "12345-6"),
            ("1.5", "000", "1,5"),
            ("-1", "000", "-1"),
            ("0", "000", "000"),
            ("5", "0", "5"),
        ] {
            assert_eq!(text(raw, code), expected, "{raw} as {code}");
        }
    }

    #[test]
    fn percentages_are_a_hundred_times_the_number() {
        for (raw, expected) in [
            ("0.125", "12,5%"),
            ("0.07", "7%"),
            ("1", "100%"),
            ("0", "0%"),
            ("-0.005", "-0,5%"),
            ("12.3", "1230%"),
            ("0.12345", "12,345%"),
        ] {
            assert_eq!(text(raw, "0.00%"), expected, "{raw}");
        }
    }

    #[test]
    fn dates_are_written_as_in_brazil() {
        for (raw, expected) in [
            ("45292", "01/01/2024"),
            ("45292.5", "01/01/2024 12:00:00"),
            ("45292.999999", "02/01/2024"),
            ("1", "01/01/1900"),
            ("59", "28/02/1900"),
            ("60", "29/02/1900"),
            ("61", "01/03/1900"),
            ("2958465", "31/12/9999"),
            ("0", "0"),
            ("0.25", "06:00:00"),
            // There are no such days.
            ("2958466", "2958466"),
            ("-1", "-1"),
            ("1E+300", &format!("1{}", "0".repeat(300))),
        ] {
            assert_eq!(text(raw, "dd/mm/yyyy"), expected, "{raw}");
        }
    }

    #[test]
    fn other_workbooks_count_days_from_1904() {
        let format = Format::parse("dd/mm/yyyy");
        for (raw, expected) in [("0", "01/01/1904"), ("43830", "01/01/2024")] {
            let mut out = String::new();
            push_number(&mut out, raw, &format, System::From1904);
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn times_have_hours_minutes_and_seconds() {
        assert_eq!(text("0.5", "hh:mm"), "12:00:00");
        assert_eq!(text("45292.75", "hh:mm"), "18:00:00");
        assert_eq!(text("1.5", "[h]:mm"), "36:00:00");
        assert_eq!(text("-0.5", "hh:mm"), "-0,5");
    }

    #[test]
    fn iso_dates_are_dates_too() {
        for (iso, expected) in [
            ("2024-03-01", "01/03/2024"),
            ("2024-03-01T00:00:00", "01/03/2024"),
            ("2024-03-01T10:30:00.000", "01/03/2024 10:30:00"),
            ("2024-03-01T10:30:00Z", "01/03/2024 10:30:00"),
            ("PT10H30M05S", "10:30:05"),
            ("2024-13-01", "2024-13-01"),
        ] {
            let mut out = String::new();
            push_iso(&mut out, iso);
            assert_eq!(out, expected);
        }
    }
}

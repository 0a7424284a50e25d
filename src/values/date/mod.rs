//! Dates as Brazilians and their spreadsheets write them.

mod serial;
mod written;

use std::fmt;

use chrono::{Datelike, Months, NaiveDate, NaiveTime, Timelike};

use super::shown::is_shown_as;
use super::{Outcome, Reason};

pub use serial::{System, from_serial};

/// A day, and the time of day if one was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date {
    pub day: NaiveDate,
    /// The local time as written: an offset never moves the day.
    pub time: Option<NaiveTime>,
}

/// What a column's dates are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateKind {
    Birth,
    General,
}

/// Whether day or month comes first in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    DayMonth,
    MonthDay,
}

impl Date {
    /// Reads one date. `today` is an argument, as equal input must give equal output.
    pub fn parse(text: &str, kind: DateKind, order: Order, today: NaiveDate) -> Outcome<Date> {
        let text = text.trim();
        if text.is_empty() || is_nothing(text) {
            return Outcome::blank();
        }
        let Some(written) = written::read(text, order) else {
            return Outcome::rejected(Reason::Formato);
        };
        let Some(year) = full_year(&written, kind, today) else {
            return Outcome::rejected(Reason::DataInexistente);
        };
        let Some(day) = NaiveDate::from_ymd_opt(year, written.month, written.day) else {
            return Outcome::rejected(Reason::DataInexistente);
        };
        let date = Date {
            day,
            time: written.time,
        };
        if written.swapped {
            date.judged(kind, today, Outcome::alert(date, Reason::OrdemInvertida))
        } else {
            let canonical = date.is_shown_as(text)
                || text.as_bytes().get(4) == Some(&b'-') && date.iso() == text;
            date.judged(kind, today, Outcome::of_form(date, canonical))
        }
    }

    /// Reads the number a spreadsheet keeps a date as; see [`from_serial`].
    pub fn of_serial(
        text: &str,
        system: System,
        kind: DateKind,
        today: NaiveDate,
    ) -> Outcome<Date> {
        let outcome = from_serial(text, system);
        match outcome.value {
            Some(date) => date.judged(kind, today, outcome),
            None => outcome,
        }
    }

    /// `outcome`, unless the day itself is suspicious.
    fn judged(self, kind: DateKind, today: NaiveDate, outcome: Outcome<Date>) -> Outcome<Date> {
        match (kind, unlikely_birth(self.day, today)) {
            (DateKind::Birth, Some(reason)) => Outcome::rejected(reason),
            _ if is_placeholder(self.day) => Outcome::alert(self, Reason::Placeholder),
            _ => outcome,
        }
    }

    /// Whether `text` is the delivered form.
    fn is_shown_as(self, text: &str) -> bool {
        let bytes = text.as_bytes();
        if self.time.is_none() && bytes.len() == 10 && bytes[2] == b'/' && bytes[5] == b'/' {
            // The usual cell: its digits are what was read, unless they are in another order.
            let ten = |at: usize| 10 * u32::from(bytes[at]) + u32::from(bytes[at + 1]);
            let zeros = 11 * u32::from(b'0');
            return ten(0) - zeros == self.day.day() && ten(3) - zeros == self.day.month();
        }
        is_shown_as(&self, text)
    }

    /// Appends the delivered form; faster than by way of `Display`.
    pub fn push_to(self, out: &mut String) {
        // Writing to a String cannot fail.
        let _ = self.write_to(out);
    }

    fn write_to(self, out: &mut impl fmt::Write) -> fmt::Result {
        let year = self.day.year().unsigned_abs();
        write_digits(self.day.day(), 2, out)?;
        out.write_char('/')?;
        write_digits(self.day.month(), 2, out)?;
        out.write_char('/')?;
        write_digits(year, 4, out)?;
        if let Some(time) = self.time {
            for (mark, value) in [
                (' ', time.hour()),
                (':', time.minute()),
                (':', time.second()),
            ] {
                out.write_char(mark)?;
                write_digits(value, 2, out)?;
            }
        }
        Ok(())
    }

    /// `2024-03-10`, with `T14:35:00` if a time was written.
    pub fn iso(self) -> String {
        match self.time {
            Some(time) => format!("{}T{time}", self.day),
            None => self.day.to_string(),
        }
    }
}

/// Which order a cell proves, if any: a first field above 12 is a day, a second one too.
pub fn evidence(text: &str) -> Option<Order> {
    let mut fields = text.trim().split(['/', '-', '.', ' ']);
    let mut field = || {
        fields
            .next()
            .filter(|field| matches!(field.len(), 1 | 2))?
            .parse::<u8>()
            .ok()
    };
    match (field()?, field()?) {
        (13..=31, 1..=12) => Some(Order::DayMonth),
        (1..=12, 13..=31) => Some(Order::MonthDay),
        _ => None,
    }
}

/// Zeros, or an input mask nobody filled in.
fn is_nothing(text: &str) -> bool {
    text.chars()
        .all(|c| matches!(c, '0' | '_' | '/' | '-' | '.' | ' '))
}

/// The year in full. Two digits: a birth is never in the future, anything else may lie up to
/// twenty years ahead.
fn full_year(written: &written::Written, kind: DateKind, today: NaiveDate) -> Option<i32> {
    if !written.short_year {
        return Some(written.year);
    }
    let year = 2000 + written.year;
    let latest = match kind {
        DateKind::Birth => today,
        DateKind::General => today.checked_add_months(Months::new(12 * 20))?,
    };
    // 29/02 may be missing from one of the centuries
    let later = NaiveDate::from_ymd_opt(year, written.month, written.day)
        .map_or(year > latest.year(), |day| day > latest);
    Some(if later { year - 100 } else { year })
}

fn unlikely_birth(day: NaiveDate, today: NaiveDate) -> Option<Reason> {
    const OLDEST: i32 = 125;
    match today.years_since(day) {
        None => Some(Reason::Futura),
        Some(age) if age > OLDEST as u32 => Some(Reason::ForaDeFaixa),
        Some(_) => None,
    }
}

/// Days that programs write when they know none.
fn is_placeholder(day: NaiveDate) -> bool {
    matches!(
        (day.year(), day.month(), day.day()),
        (1900 | 1901 | 1970, 1, 1) | (1899, 12, 30) | (9999, 12, 31)
    )
}

/// The last `width` digits of `value`.
fn write_digits(value: u32, width: u32, out: &mut impl fmt::Write) -> fmt::Result {
    (0..width).rev().try_for_each(|place| {
        let digit = value / 10u32.pow(place) % 10;
        out.write_char(char::from(b'0' + digit as u8))
    })
}

/// `10/03/2024`, with the time if one was written.
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_to(f)
    }
}

#[cfg(test)]
mod tests;

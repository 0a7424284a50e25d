//! Days as Excel counts them.

use chrono::{Days, NaiveDate, NaiveTime};

use super::Date;
use crate::values::number;
use crate::values::{Outcome, Reason};

/// Which day a workbook counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum System {
    /// Day 1 is 1900-01-01, and 60 a leap day there never was.
    From1900,
    /// Day 0 is 1904-01-01.
    From1904,
}

/// Reads a serial number such as `45292.5`; its fraction is the time of day. Whether a number is
/// a serial at all is for the column to say.
pub fn from_serial(text: &str, system: System) -> Outcome<Date> {
    let text = text.trim();
    if text.is_empty() {
        return Outcome::blank();
    }
    let Some((serial, _)) = number::read(text, Some(number::Locale::En)) else {
        return Outcome::rejected(Reason::Formato);
    };
    let serial = serial.to_f64();
    let seconds = (serial.fract() * 86_400.0).round();
    let midnight = seconds >= 86_400.0;
    let date = day(serial.trunc() as u64 + u64::from(midnight), system).map(|day| Date {
        day,
        time: (seconds > 0.0 && !midnight)
            .then(|| NaiveTime::from_num_seconds_from_midnight_opt(seconds as u32, 0))
            .flatten(),
    });
    match date {
        Some(date) => Outcome::corrected(date, Reason::SerialExcel, 95),
        None => Outcome::rejected(Reason::DataInexistente),
    }
}

fn day(serial: u64, system: System) -> Option<NaiveDate> {
    let (year, month, first) = match (system, serial) {
        (System::From1904, _) => (1904, 1, 1),
        (System::From1900, 0 | 60) => return None,
        (System::From1900, 1..=59) => (1899, 12, 31),
        (System::From1900, _) => (1899, 12, 30),
    };
    let last = NaiveDate::from_ymd_opt(9999, 12, 31)?;
    NaiveDate::from_ymd_opt(year, month, first)?
        .checked_add_days(Days::new(serial))
        .filter(|day| *day <= last)
}

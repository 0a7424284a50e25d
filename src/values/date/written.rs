//! The ways a date is written.

use chrono::NaiveTime;

use super::Order;
use crate::values::fold::fold;

/// The fields of a date, not yet known to exist.
pub(super) struct Written {
    pub day: u32,
    pub month: u32,
    pub year: i32,
    /// Two digits of year only.
    pub short_year: bool,
    pub time: Option<NaiveTime>,
    /// The fields prove another order than the column's.
    pub swapped: bool,
}

/// Reads `text`; fields of numbers only come in `order` unless they prove the other.
pub(super) fn read(text: &str, order: Order) -> Option<Written> {
    let (date, time) = split_time(text)?;
    let written = compact(date, order)
        .or_else(|| separated(date, order))
        .or_else(|| in_words(date))?;
    Some(Written { time, ..written })
}

/// Separates a time at the end (`14:35`, `T14:35:00-03:00`, `14h35`); `None` when it is no time.
fn split_time(text: &str) -> Option<(&str, Option<NaiveTime>)> {
    let Some(at) = text
        .find([':', 'h', 'H'])
        .filter(|at| text[..*at].ends_with(|c: char| c.is_ascii_digit()))
    else {
        return Some((text, None));
    };
    let start = text[..at]
        .trim_end_matches(|c: char| c.is_ascii_digit())
        .len();
    let date = text[..start]
        .trim_end_matches(['T', 't', ' ', ','])
        .trim_end();
    Some((date, Some(time(&text[start..])?)))
}

fn time(text: &str) -> Option<NaiveTime> {
    let local = without_offset(text);
    let mut fields = local.split([':', 'h', 'H']);
    let mut field = |default| match fields.next().map(str::trim) {
        None | Some("") => default,
        Some(field) => field.split(['.', ',']).next()?.parse::<u32>().ok(),
    };
    let time = NaiveTime::from_hms_opt(field(None)?, field(Some(0))?, field(Some(0))?);
    fields.next().is_none().then_some(time).flatten()
}

/// Without `Z` or `-03:00`: the time stays as written.
fn without_offset(time: &str) -> &str {
    let time = time.trim();
    match time.rfind(['+', '-']) {
        Some(at) => time[..at].trim_end(),
        None => time.strip_suffix(['Z', 'z']).unwrap_or(time),
    }
}

/// `20240310` or `10032024`: the one whose fields can be a date, the former first.
fn compact(text: &str, order: Order) -> Option<Written> {
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| text[from..to].parse::<u32>().ok();
    let is_year = |year: u32| (1800..=2200).contains(&year) || year == 9999;
    let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    if is_year(year) && (1..=12).contains(&month) && (1..=31).contains(&day) {
        return Some(fields(day, month, year as i32, false));
    }
    in_order(part(0, 2)?, part(2, 4)?, part(4, 8)? as i32, false, order)
}

/// Three numbers: year first when it has four digits.
fn separated(text: &str, order: Order) -> Option<Written> {
    let mut parts = text
        .split(['/', '-', '.', ' '])
        .map(|part| part.trim_end_matches(['º', '°', 'ª']));
    let (a, b, c) = (parts.next()?, parts.next()?, parts.next()?);
    let number = |text: &str| {
        let digits = matches!(text.len(), 1..=4) && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u32>().ok()).flatten()
    };
    if parts.next().is_some() {
        return None;
    }
    if a.len() == 4 && b.len() <= 2 && c.len() <= 2 {
        return Some(fields(number(c)?, number(b)?, number(a)? as i32, false));
    }
    if a.len() > 2 || !matches!(c.len(), 2 | 4) {
        return None;
    }
    let (year, short) = (number(c)? as i32, c.len() == 2);
    match number(b).filter(|_| b.len() <= 2) {
        Some(second) => in_order(number(a)?, second, year, short, order),
        None => Some(fields(number(a)?, month_named(&fold(b))?, year, short)),
    }
}

/// `10 de março de 2024`.
fn in_words(text: &str) -> Option<Written> {
    let folded = fold(text);
    let mut words = folded.split(' ').filter(|word| *word != "DE");
    let day = words.next()?.trim_end_matches('O').parse().ok()?;
    let month = month_named(words.next()?)?;
    let year = words.next().filter(|year| matches!(year.len(), 2 | 4))?;
    words.next().is_none().then_some(())?;
    Some(fields(day, month, year.parse().ok()?, year.len() == 2))
}

/// A month's number by its folded name or first three letters.
fn month_named(folded: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "JANEIRO",
        "FEVEREIRO",
        "MARCO",
        "ABRIL",
        "MAIO",
        "JUNHO",
        "JULHO",
        "AGOSTO",
        "SETEMBRO",
        "OUTUBRO",
        "NOVEMBRO",
        "DEZEMBRO",
    ];
    let at = MONTHS
        .iter()
        .position(|month| *month == folded || (folded.len() == 3 && month.starts_with(folded)))?;
    Some(at as u32 + 1)
}

/// Two fields and a year, in the column's order unless only the other can be.
fn in_order(first: u32, second: u32, year: i32, short: bool, order: Order) -> Option<Written> {
    let usual = match order {
        Order::DayMonth => (first, second),
        Order::MonthDay => (second, first),
    };
    let swapped = usual.1 > 12 && (1..=12).contains(&usual.0);
    let (day, month) = if swapped { (usual.1, usual.0) } else { usual };
    Some(Written {
        swapped,
        ..fields(day, month, year, short)
    })
}

fn fields(day: u32, month: u32, year: i32, short_year: bool) -> Written {
    Written {
        day,
        month,
        year,
        short_year,
        time: None,
        swapped: false,
    }
}

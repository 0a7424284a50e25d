//! The 67 area codes.

use std::fmt;

use crate::values::state::State::{self, *};
use crate::values::{Outcome, Reason};

/// The states an area code serves, the main one first; empty when it is not assigned. A few
/// towns beyond a border are served by 42, 47 and 49 as well: they are not told here.
pub fn states_of(ddd: u8) -> &'static [State] {
    match ddd {
        11..=19 => &[SP],
        21 | 22 | 24 => &[RJ],
        27 | 28 => &[ES],
        31..=35 | 37 | 38 => &[MG],
        41..=46 => &[PR],
        47..=49 => &[SC],
        51 | 53..=55 => &[RS],
        61 => &[DF, GO],
        62 | 64 => &[GO],
        63 => &[TO],
        65 | 66 => &[MT],
        67 => &[MS],
        68 => &[AC],
        69 => &[RO],
        71 | 73..=75 | 77 => &[BA],
        79 => &[SE],
        81 | 87 => &[PE],
        82 => &[AL],
        83 => &[PB],
        84 => &[RN],
        85 | 88 => &[CE],
        86 | 89 => &[PI],
        91 | 93 | 94 => &[PA],
        92 | 97 => &[AM],
        95 => &[RR],
        96 => &[AP],
        98 | 99 => &[MA],
        _ => &[],
    }
}

pub fn is_assigned(ddd: u8) -> bool {
    !states_of(ddd).is_empty()
}

/// The area code in the cell of a DDD column, if it is one.
pub fn area_code(cell: &str) -> Outcome<AreaCode> {
    area_code_in(cell, || None)
}

/// [`area_code`] with one to fall back on where only a digit is left of the cell's.
pub fn area_code_in(cell: &str, inferred: impl FnOnce() -> Option<u8>) -> Outcome<AreaCode> {
    match read_column(Some(cell)) {
        Column::Blank => Outcome::blank(),
        Column::Code(ddd) if is_assigned(ddd) => Outcome::ok(AreaCode(ddd)),
        Column::Code(_) => Outcome::rejected(Reason::DddInvalido),
        Column::Truncated => match inferred() {
            Some(ddd) => Outcome::corrected(AreaCode(ddd), Reason::DddInferido, 60),
            None => Outcome::rejected(Reason::DddInvalido),
        },
    }
}

/// An assigned area code; displays as its two digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AreaCode(u8);

impl AreaCode {
    pub fn number(self) -> u8 {
        self.0
    }
}

impl fmt::Display for AreaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.0)
    }
}

/// What the cell of a DDD column says.
pub(super) enum Column {
    Blank,
    /// Two digits, assigned or not.
    Code(u8),
    /// One digit left: the rest was cut off.
    Truncated,
}

/// Leading zeros go and the first two digits stay: `011` is 11, and `0512`, an area code of the
/// nineties, is 51.
pub(super) fn read_column(cell: Option<&str>) -> Column {
    let mut digits = cell
        .unwrap_or("")
        .bytes()
        .filter(u8::is_ascii_digit)
        .map(|digit| digit - b'0')
        .skip_while(|digit| *digit == 0);
    match (digits.next(), digits.next()) {
        (None, _) if cell.is_some_and(|cell| cell.contains('0')) => Column::Truncated,
        (None, _) => Column::Blank,
        (Some(_), None) => Column::Truncated,
        (Some(tens), Some(ones)) => Column::Code(tens * 10 + ones),
    }
}

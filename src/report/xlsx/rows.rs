//! The XML of rows, as ECMA-376 part 1, 18.3.1 has it. Text is inline (`t="inlineStr"`): a table
//! of shared strings would have to be held until the end.

use std::io::Write;

use chrono::{NaiveDate, Timelike};

use crate::transform::cells;

/// Excel's limit for the text of a cell, in UTF-16 units.
const MAX_TEXT: usize = 32_767;
/// What a text cut at the limit ends with.
const CUT_MARK: &str = "… [cortado]";

/// Encodes the rows of one sheet, in order, from row 1.
pub(super) struct RowEncoder {
    /// `A`, `B` … `XFD`.
    letters: Vec<String>,
    rows: u32,
    /// The number of the open row.
    number: Vec<u8>,
}

impl RowEncoder {
    pub(super) fn new(columns: usize) -> Self {
        RowEncoder {
            letters: (0..columns).map(letters).collect(),
            rows: 0,
            number: Vec::new(),
        }
    }

    /// An encoder for the rows of a sheet whose header is written elsewhere.
    pub(super) fn below_header(columns: usize) -> Self {
        RowEncoder {
            rows: 1,
            ..Self::new(columns)
        }
    }

    /// Rows encoded so far, header included.
    pub(super) fn rows(&self) -> u32 {
        self.rows
    }

    pub(super) fn header(&mut self, out: &mut Vec<u8>, names: &[&str], style: u32) {
        self.open(out);
        for (column, name) in names.iter().enumerate() {
            self.text(out, column, name, style);
        }
        self.close(out);
    }

    pub(super) fn open(&mut self, out: &mut Vec<u8>) {
        self.rows += 1;
        self.number.clear();
        push_number(&mut self.number, self.rows);
        out.extend_from_slice(b"<row r=\"");
        out.extend_from_slice(&self.number);
        out.extend_from_slice(b"\">");
    }

    pub(super) fn close(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"</row>");
    }

    pub(super) fn text(&self, out: &mut Vec<u8>, column: usize, text: &str, style: u32) {
        self.start(out, column, style);
        if text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace) {
            out.extend_from_slice(b" t=\"inlineStr\"><is><t xml:space=\"preserve\">");
        } else {
            out.extend_from_slice(b" t=\"inlineStr\"><is><t>");
        }
        escape(out, text);
        out.extend_from_slice(b"</t></is></c>");
    }

    /// A number written as XML wants it: `1234.5`.
    pub(super) fn number(&self, out: &mut Vec<u8>, column: usize, number: &str, style: u32) {
        self.start(out, column, style);
        out.extend_from_slice(b"><v>");
        out.extend_from_slice(number.as_bytes());
        out.extend_from_slice(b"</v></c>");
    }

    /// A number in its delivered form, `1234,5`; what is not one stays text.
    pub(super) fn decimal(&self, out: &mut Vec<u8>, column: usize, text: &str, style: u32) {
        if is_short(text) {
            self.number(out, column, &text.replace(',', "."), style);
        } else {
            self.text(out, column, text, style);
        }
    }

    /// A percentage in its delivered form, `12,5%`; what is not one stays text.
    pub(super) fn percent(&self, out: &mut Vec<u8>, column: usize, text: &str, style: u32) {
        let number = text.strip_suffix('%').filter(|digits| is_short(digits));
        match number {
            // The point is moved by the exponent, so that nothing is rounded.
            Some(number) => {
                let number = number.replace(',', ".") + "E-2";
                self.number(out, column, &number, style);
            }
            None => self.text(out, column, text, style),
        }
    }

    /// A date in its delivered form, with or without a time; what is not one, or stands before
    /// the days that Excel counts right, stays text.
    pub(super) fn date(&self, out: &mut Vec<u8>, column: usize, text: &str, style: u32) {
        let Some(days) = serial(text) else {
            return self.text(out, column, text, style);
        };
        self.start(out, column, style);
        out.extend_from_slice(b"><v>");
        push_number(out, days);
        if let Some(time) = cells::time(text) {
            let share = f64::from(time.num_seconds_from_midnight()) / 86_400.0;
            let fraction = format!("{share:.10}");
            // Never a whole day: 23:59:59 is 0.99998.
            out.extend_from_slice(fraction.trim_start_matches('0').as_bytes());
        }
        out.extend_from_slice(b"</v></c>");
    }

    pub(super) fn blank(&self, out: &mut Vec<u8>, column: usize, style: u32) {
        self.start(out, column, style);
        out.extend_from_slice(b"/>");
    }

    fn start(&self, out: &mut Vec<u8>, column: usize, style: u32) {
        out.extend_from_slice(b"<c r=\"");
        out.extend_from_slice(self.letters[column].as_bytes());
        out.extend_from_slice(&self.number);
        out.push(b'"');
        if style != 0 {
            out.extend_from_slice(b" s=\"");
            push_number(out, style);
            out.push(b'"');
        }
    }
}

/// Whether it is a number that Excel keeps: of at most 15 digits. A longer one would change.
pub(super) fn is_short(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once(',').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    plain(whole) && plain(fraction) && digits.len() <= 16
}

/// The number Excel has for a delivered date's day.
pub(super) fn serial(text: &str) -> Option<u32> {
    const BEFORE_THE_FIRST: Option<NaiveDate> = NaiveDate::from_ymd_opt(1899, 12, 30);
    /// 1900-03-01: Excel believes that the day before it was February 29th.
    const FIRST_RIGHT: i64 = 61;
    let days = (cells::day(text)? - BEFORE_THE_FIRST?).num_days();
    u32::try_from(days).ok().filter(|_| days >= FIRST_RIGHT)
}

/// Without the formatting machinery, which would be most of a cell's cost.
fn push_number(out: &mut Vec<u8>, number: u32) {
    if number >= 10 {
        push_number(out, number / 10);
    }
    out.push(b'0' + (number % 10) as u8);
}

/// The name of a column, from 0.
pub(super) fn letters(mut column: usize) -> String {
    let mut name = Vec::new();
    loop {
        name.push(char::from(b'A' + (column % 26) as u8));
        column /= 26;
        if column == 0 {
            break;
        }
        column -= 1;
    }
    name.iter().rev().collect()
}

fn escape(out: &mut Vec<u8>, text: &str) {
    // A UTF-8 text has at least as many bytes as UTF-16 units: short ones need no count.
    if text.len() > MAX_TEXT && text.encode_utf16().count() > MAX_TEXT {
        let room = MAX_TEXT - CUT_MARK.encode_utf16().count();
        let mut units = 0;
        let end = text
            .char_indices()
            .find(|(_, c)| {
                units += c.len_utf16();
                units > room
            })
            .map_or(text.len(), |(at, _)| at);
        escape_whole(out, &text[..end]);
        out.extend_from_slice(CUT_MARK.as_bytes());
    } else {
        escape_whole(out, text);
    }
}

fn escape_whole(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let special = |b: &u8| matches!(b, b'&' | b'<' | b'>' | b'_' | 0xEF) || *b < 0x20;
    if !bytes.iter().any(special) {
        out.extend_from_slice(bytes);
        return;
    }
    for (at, c) in text.char_indices() {
        match c {
            '&' => out.extend_from_slice(b"&amp;"),
            '<' => out.extend_from_slice(b"&lt;"),
            '>' => out.extend_from_slice(b"&gt;"),
            '\t' | '\n' => out.push(c as u8),
            // Not allowed in XML, or read back as something else: Excel's own escape.
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(out, "_x{:04X}_", c as u32);
            }
            '_' if is_escape(&bytes[at..]) => out.extend_from_slice(b"_x005F_"),
            _ => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

/// Text that Excel would take for an escaped character: `_x000D_`.
fn is_escape(bytes: &[u8]) -> bool {
    matches!(bytes, [b'_', b'x', a, b, c, d, b'_', ..]
        if [a, b, c, d].iter().all(|digit| digit.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str) -> String {
        let mut out = Vec::new();
        escape(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_are_lettered_as_in_excel() {
        let names = [0, 25, 26, 701, 702, 16_383].map(letters);
        assert_eq!(names, ["A", "Z", "AA", "ZZ", "AAA", "XFD"]);
    }

    #[test]
    fn text_is_escaped_for_xml_and_for_excel() {
        assert_eq!(cell("a<b>&c"), "a&lt;b&gt;&amp;c");
        assert_eq!(cell("a\u{1}b\r"), "a_x0001_b_x000D_");
        assert_eq!(cell("_x000D_ _x_"), "_x005F_x000D_ _x_");
        assert_eq!(cell("São 100% _ok_"), "São 100% _ok_");
    }

    #[test]
    fn a_text_over_the_limit_is_cut_with_a_mark() {
        let cut = cell(&"ã".repeat(40_000));
        assert_eq!(cut.encode_utf16().count(), MAX_TEXT);
        assert!(cut.ends_with(CUT_MARK));
        let whole = "a".repeat(MAX_TEXT);
        assert_eq!(cell(&whole), whole);
    }

    #[test]
    fn dates_and_percentages_are_numbers_where_excel_has_them() {
        let encoder = RowEncoder::new(1);
        let written = |encode: fn(&RowEncoder, &mut Vec<u8>, &str), text: &str| {
            let mut out = Vec::new();
            encode(&encoder, &mut out, text);
            String::from_utf8(out).unwrap()
        };
        let date = |text| written(|encoder, out, text| encoder.date(out, 0, text, 0), text);
        assert_eq!(date("01/01/2024"), "<c r=\"A\"><v>45292</v></c>");
        assert_eq!(date("01/03/1900"), "<c r=\"A\"><v>61</v></c>");
        assert_eq!(date("31/12/9999"), "<c r=\"A\"><v>2958465</v></c>");
        let noon = date("01/01/2024 12:00:00");
        assert_eq!(noon, "<c r=\"A\"><v>45292.5000000000</v></c>");
        for text in ["28/02/1900", "mar/24", "31/12/1899", "1/1/2024"] {
            assert!(date(text).contains("inlineStr"), "{text}");
        }
        let percent = |text| written(|encoder, out, text| encoder.percent(out, 0, text, 0), text);
        assert_eq!(percent("-12,5%"), "<c r=\"A\"><v>-12.5E-2</v></c>");
        for text in ["12,5", "%", "-", "1234567890123456,5%"] {
            assert!(percent(text).contains("inlineStr"), "{text}");
        }
    }

    #[test]
    fn numbers_that_excel_would_change_stay_text() {
        let encoder = RowEncoder::new(1);
        let written = |text: &str| {
            let mut out = Vec::new();
            encoder.decimal(&mut out, 0, text, 0);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(written("-1234,50"), "<c r=\"A\"><v>-1234.50</v></c>");
        assert!(written("12345678901234567,5").contains("inlineStr"));
        assert!(written("-").contains("inlineStr"));
    }
}

//! Cells as lines of JSON, written straight as bytes: there may be as many as there are cells.

use crate::cleaning::{Change, RejectedCell};
use crate::table::RejectedRow;
use crate::values::{Reason, Status};

/// Writes lines about the cells of one table. Every line has the fields `line`, `column`,
/// `before`, `after`, `status`, `reason` and `confidence` (from 0 to 1), in this order.
pub struct CellLines {
    /// For each column of the file, the text between the line's number and the value.
    columns: Vec<Vec<u8>>,
}

impl CellLines {
    /// `names` are the headers of the file's columns.
    pub fn new<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let opened = names.map(|name| {
            let mut opened = b",\"column\":".to_vec();
            string(&mut opened, name);
            opened.extend_from_slice(b",\"before\":");
            opened
        });
        CellLines {
            columns: opened.collect(),
        }
    }

    /// A cell that is not delivered as it came.
    pub fn change(&self, out: &mut Vec<u8>, change: &Change<'_>) {
        self.open(out, change.line, change.column);
        optional(out, change.before);
        out.extend_from_slice(b",\"after\":");
        optional(out, change.after);
        close(out, change.status, change.reason, change.confidence);
    }

    /// A cell whose value is not delivered.
    pub fn rejected(&self, out: &mut Vec<u8>, cell: &RejectedCell) {
        self.open(out, cell.line, cell.column);
        string(out, &cell.original);
        out.extend_from_slice(b",\"after\":null");
        close(out, Status::Rejeitado, Some(cell.reason), 100);
    }

    /// A row that is not delivered: it has no column.
    pub fn rejected_row(&self, out: &mut Vec<u8>, row: &RejectedRow) {
        out.extend_from_slice(b"{\"line\":");
        number(out, row.line);
        out.extend_from_slice(b",\"column\":null,\"before\":");
        string(out, &row.raw);
        out.extend_from_slice(b",\"after\":null");
        close(out, Status::Rejeitado, Some(row.reason), 100);
    }

    fn open(&self, out: &mut Vec<u8>, line: u64, column: usize) {
        out.extend_from_slice(b"{\"line\":");
        number(out, line);
        out.extend_from_slice(&self.columns[column]);
    }
}

fn close(out: &mut Vec<u8>, status: Status, reason: Option<Reason>, confidence: u8) {
    out.extend_from_slice(b",\"status\":\"");
    out.extend_from_slice(status.code().as_bytes());
    match reason {
        Some(reason) => {
            out.extend_from_slice(b"\",\"reason\":\"");
            out.extend_from_slice(reason.code().as_bytes());
            out.extend_from_slice(b"\",\"confidence\":");
        }
        None => out.extend_from_slice(b"\",\"reason\":null,\"confidence\":"),
    }
    match confidence {
        100.. => out.push(b'1'),
        percent => out.extend_from_slice(&[b'0', b'.', b'0' + percent / 10, b'0' + percent % 10]),
    }
    out.extend_from_slice(b"}\n");
}

fn optional(out: &mut Vec<u8>, text: Option<&str>) {
    match text {
        Some(text) => string(out, text),
        None => out.extend_from_slice(b"null"),
    }
}

fn number(out: &mut Vec<u8>, number: u64) {
    if number >= 10 {
        self::number(out, number / 10);
    }
    out.push(b'0' + (number % 10) as u8);
}

fn string(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let special = |byte: &u8| *byte < 0x20 || matches!(byte, b'"' | b'\\');
    out.push(b'"');
    if bytes.iter().any(special) {
        for byte in bytes {
            match byte {
                b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
                b'\n' => out.extend_from_slice(b"\\n"),
                b'\r' => out.extend_from_slice(b"\\r"),
                b'\t' => out.extend_from_slice(b"\\t"),
                0..0x20 => {
                    let digit = |n: u8| b"0123456789abcdef"[usize::from(n)];
                    out.extend_from_slice(b"\\u00");
                    out.extend_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
                }
                byte => out.push(*byte),
            }
        }
    } else {
        out.extend_from_slice(bytes);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn lines() -> CellLines {
        CellLines::new(["CPF", "Nome \"completo\""].into_iter())
    }

    fn change<'a>(before: Option<&'a str>, after: Option<&'a str>) -> Change<'a> {
        Change {
            line: 1203,
            column: 1,
            before,
            after,
            status: Status::Corrigido,
            reason: Some(Reason::ZeroEsquerda),
            confidence: 95,
        }
    }

    fn written(write: impl FnOnce(&CellLines, &mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&lines(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_line_has_the_same_fields_in_the_same_order() {
        let line = written(|lines, out| lines.change(out, &change(Some("a"), None)));
        assert_eq!(
            line,
            "{\"line\":1203,\"column\":\"Nome \\\"completo\\\"\",\"before\":\"a\",\"after\":null,\
             \"status\":\"corrigido\",\"reason\":\"zero_esquerda\",\"confidence\":0.95}\n"
        );
        let plain = Change {
            status: Status::Padronizado,
            reason: None,
            confidence: 100,
            ..change(None, Some("b"))
        };
        let line = written(|lines, out| lines.change(out, &plain));
        let end = "\"before\":null,\"after\":\"b\",\"status\":\"padronizado\",\"reason\":null,\
                   \"confidence\":1}\n";
        assert!(line.ends_with(end), "{line}");
        let cell = RejectedCell {
            line: 3,
            column: 0,
            original: "1\t2".into(),
            reason: Reason::Tamanho,
        };
        let line = written(|lines, out| lines.rejected(out, &cell));
        let read: Value = serde_json::from_str(&line).unwrap();
        let told = json!({ "line": 3, "column": "CPF", "before": "1\t2", "after": null,
            "status": "rejeitado", "reason": "tamanho", "confidence": 1 });
        assert_eq!(read, told);
        let row = RejectedRow {
            line: 4,
            raw: "a;b".into(),
            reason: Reason::LinhaLonga,
            detail: None,
        };
        let line = written(|lines, out| lines.rejected_row(out, &row));
        let read: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(
            (&read["column"], &read["before"]),
            (&Value::Null, &json!("a;b"))
        );
    }

    #[test]
    fn what_breaks_lines_or_texts_is_escaped() {
        let text = "a\"b\\c\nd\re\tf\u{1}g\u{1f}";
        let line = written(|lines, out| lines.change(out, &change(Some(text), None)));
        assert_eq!(line.matches('\n').count(), 1);
        assert!(
            line.contains(r#""before":"a\"b\\c\nd\re\tf\u0001g\u001f","#),
            "{line}"
        );
        let read: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["before"], text);
    }

    proptest! {
        #[test]
        fn any_text_comes_back(before in any::<String>(), after in any::<String>(), percent in 0u8..=100) {
            let change = Change { confidence: percent, ..change(Some(&before), Some(&after)) };
            let line = written(|lines, out| lines.change(out, &change));
            prop_assert_eq!(line.matches('\n').count(), 1);
            let read: Value = serde_json::from_str(&line).unwrap();
            prop_assert_eq!(read["before"].as_str(), Some(before.as_str()));
            prop_assert_eq!(read["after"].as_str(), Some(after.as_str()));
            prop_assert_eq!(read["confidence"].as_f64(), Some(f64::from(percent) / 100.0));
        }
    }
}

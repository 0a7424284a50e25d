use std::fs;

use csv::StringRecord;
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::table::convert::{Tables, convert};
use crate::table::spool::{SpoolReader, Spooled};

/// What became of a file: names of columns, rows by line, and lines that are none by line.
#[derive(Debug, Default, PartialEq)]
struct Table {
    columns: Vec<String>,
    rows: Vec<(u64, Vec<String>)>,
    invalid: Vec<(u64, String, String)>,
    notes: Vec<Note>,
}

impl Table {
    /// Rows without their lines.
    fn cells(&self) -> Vec<&[String]> {
        self.rows
            .iter()
            .map(|(_, cells)| cells.as_slice())
            .collect()
    }

    fn lines(&self) -> Vec<u64> {
        self.rows.iter().map(|(line, _)| *line).collect()
    }
}

fn converted(format: Foreign, bytes: &[u8]) -> Result<Table, TableError> {
    let folder = TempDir::new().unwrap();
    let source = folder.path().join("source");
    fs::write(&source, bytes).unwrap();
    let conversion = Conversion {
        source,
        format,
        tables: Tables::Fullest,
        folder: folder.path().to_owned(),
    };
    let converted = convert(&conversion)?.remove(0);
    let mut table = Table {
        columns: converted.columns.unwrap(),
        notes: converted.notes,
        ..Table::default()
    };
    let mut reader = SpoolReader::open(&converted.spool).unwrap();
    let mut record = StringRecord::new();
    while let Some(spooled) = reader.read(&mut record).unwrap() {
        match spooled {
            Spooled::Record { line } => {
                let cells = record.iter().map(str::to_owned).collect();
                table.rows.push((line, cells));
            }
            Spooled::Invalid { line, raw, why } => table.invalid.push((line, raw, why)),
        }
    }
    Ok(table)
}

fn lines(text: &str) -> Table {
    converted(Foreign::Jsonl, text.as_bytes()).unwrap()
}

fn list(text: &str) -> Table {
    converted(Foreign::Json, text.as_bytes()).unwrap()
}

fn refused(format: Foreign, text: &str) -> String {
    converted(format, text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn columns_are_those_of_all_lines_in_the_order_they_are_first_seen() {
    let table = lines("{\"b\":1,\"a\":{\"x\":\"y\"}}\n{\"c\":[1,2],\"b\":2}\n");
    assert_eq!(table.columns, ["b", "a.x", "c"]);
    assert_eq!(table.cells(), [["1", "y", ""], ["2", "", "1; 2"]]);
}

#[test]
fn lines_keep_their_numbers_across_blank_ones_and_any_end_of_line() {
    let table = lines("\u{feff}{\"a\":1}\r\n\r\n   \n{\"a\":2}\r\n{\"a\":3}");
    assert_eq!(table.columns, ["a"]);
    assert_eq!(table.lines(), [1, 4, 5]);
}

#[test]
fn a_line_that_is_no_object_is_told_and_the_rest_goes_on() {
    let table = lines("{\"a\":1}\n{\"a\":\n[2]\n{\"a\" 3}\n{\"a\":4}\n");
    assert_eq!(table.lines(), [1, 5]);
    let own = |line, raw: &str, why: &str| (line, raw.to_owned(), why.to_owned());
    assert_eq!(
        table.invalid,
        [
            own(2, "{\"a\":", "JSON incompleto: termina antes do fim"),
            own(3, "[2]", "não é um objeto JSON"),
            own(4, "{\"a\" 3}", "JSON inválido na coluna 6"),
        ]
    );
}

#[test]
fn names_in_lines_that_are_rejected_make_no_columns() {
    let table = lines("{\"a\":1}\n{\"b\":1,\"c\":\"\\ud800\"}\n");
    assert_eq!(table.columns, ["a"]);
    assert_eq!(table.invalid.len(), 1);
}

#[test]
fn a_line_in_windows_1252_is_read_and_noted() {
    let table = converted(
        Foreign::Jsonl,
        b"{\"a\":\"jo\xE3o\"}\n{\"a\":\"jo\xC3\xA3o\"}\n",
    );
    let table = table.unwrap();
    assert_eq!(table.cells(), [["joão"], ["joão"]]);
    let note = Note::of_lines(NoteCode::EncodingMisto, Lines::range(1, 1));
    assert_eq!(table.notes, [note]);
}

#[test]
fn a_line_longer_than_any_is_skipped_without_being_held() {
    let long = format!("{{\"a\":\"{}\"}}", "é".repeat(LONGEST));
    let table = lines(&format!("{{\"a\":1}}\n{long}\n{{\"a\":2}}\n"));
    assert_eq!(table.lines(), [1, 3]);
    let (line, raw, why) = &table.invalid[0];
    assert_eq!((*line, raw.chars().count()), (2, LONGEST_RAW));
    assert_eq!(why, "linha com mais de 16 MB");
}

#[test]
fn a_file_without_any_object_is_refused_with_its_first_line() {
    let said = refused(Foreign::Jsonl, "\n{\"a\":\n{]\n");
    assert_eq!(
        said,
        "the file cannot be read: nothing in it is a JSON object: line 2 ends too early"
    );
}

#[test]
fn endless_columns_are_refused() {
    let text: String = (0..=MOST_COLUMNS)
        .map(|n| format!("{{\"c{n}\":1}}\n"))
        .collect();
    assert!(refused(Foreign::Jsonl, &text).contains("more than 16384 columns"));
    let long = "x".repeat(MOST_NAMES / 2);
    let text = format!("{{\"{long}a\":1}}\n{{\"{long}b\":1}}\n");
    assert!(refused(Foreign::Jsonl, &text).contains("the file is refused"));
}

#[test]
fn a_list_is_read_by_the_lines_where_its_elements_begin() {
    let table = list("[\n  {\"a\": 1,\n   \"b\": 1.10},\n  {\"a\": 2},{\"b\": 3}\n]\n");
    assert_eq!(table.columns, ["a", "b"]);
    assert_eq!(table.cells(), [["1", "1.10"], ["2", ""], ["", "3"]]);
    assert_eq!(table.lines(), [2, 4, 4]);
}

#[test]
fn an_element_that_is_no_object_is_told_and_the_rest_goes_on() {
    let table = list("\u{feff}[{\"a\":1},\n7,\n{\"a\":2}]");
    assert_eq!(table.lines(), [1, 3]);
    let (line, raw, why) = &table.invalid[0];
    assert_eq!(
        (*line, raw.as_str(), why.as_str()),
        (2, "7", "não é um objeto JSON")
    );
}

#[test]
fn the_list_may_be_a_member_of_an_object() {
    let text = "{\"total\":2,\"ok\":true,\"tags\":[\"x\",1],\"meta\":{\"p\":[1]},\n\"dados\":[{\"a\":1},\n{\"a\":2}]}";
    for format in [Foreign::Json, Foreign::Jsonl] {
        let one_line = text.replace('\n', " ");
        let table = converted(format, one_line.as_bytes()).unwrap();
        assert_eq!(table.cells(), [["1"], ["2"]]);
    }
    assert_eq!(list(text).lines(), [2, 3]);
    let said = refused(Foreign::Json, "{\"a\":[{\"b\":1}],\"c\":[{\"d\":1}]}");
    assert!(said.contains("more than one list"), "{said}");
}

#[test]
fn one_object_is_one_row() {
    let table = list("{\n  \"nome\": \"Ana\",\n  \"tags\": [\"a\", \"b\"]\n}\n");
    assert_eq!(table.columns, ["nome", "tags"]);
    assert_eq!(table.cells(), [["Ana", "a; b"]]);
}

#[test]
fn broken_syntax_says_line_and_column() {
    let said = refused(Foreign::Json, "[{\"a\":1},\n {\"a\" 2}]");
    assert_eq!(
        said,
        "the file cannot be read: its JSON breaks at line 2, column 7"
    );
    let said = refused(Foreign::Json, "[{\"a\":1},\n");
    assert!(said.contains("ends too early at line 2"), "{said}");
    let said = refused(Foreign::Json, "[{\"a\":1}] x");
    assert!(said.contains("line 1, column 11"), "{said}");
    assert!(refused(Foreign::Json, "[]").contains("empty"));
}

/// What JSON is made of, and what it is not.
const PIECES: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"a\"",
    b":",
    b",",
    b"\n",
    b"1",
    b"\\",
    b"\"",
    b"null",
    b"\xE3",
    b"\xEF\xBB\xBF",
    b"{\"a\":1}",
    b"\"\\ud800\"",
    b"1e999",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_list_of_flat_objects_comes_back_equal(
        rows in proptest::collection::vec(
            // What separates records in the spool is no text.
            proptest::collection::vec("[^\u{1e}\u{1f}]{0,12}", 3),
            2..12,
        )
    ) {
        let object = |row: &Vec<String>| {
            serde_json::json!({ "a": row[0], "b b": row[1], "ç.d": row[2] }).to_string()
        };
        let objects: Vec<_> = rows.iter().map(object).collect();
        for (format, text) in [
            (Foreign::Jsonl, objects.join("\n")),
            (Foreign::Json, format!("[{}]", objects.join(",\n"))),
        ] {
            let table = converted(format, text.as_bytes()).unwrap();
            prop_assert_eq!(&table.columns, &["a", "b b", "ç.d"]);
            prop_assert_eq!(table.cells(), rows.iter().map(Vec::as_slice).collect::<Vec<_>>());
            prop_assert_eq!(table.lines(), (1..=rows.len() as u64).collect::<Vec<_>>());
        }
    }

    #[test]
    fn no_bytes_panic(
        pieces in proptest::collection::vec(
            prop_oneof![
                proptest::sample::select(PIECES).prop_map(<[u8]>::to_vec),
                proptest::collection::vec(any::<u8>(), 0..6),
            ],
            0..40,
        )
    ) {
        let bytes = pieces.concat();
        for format in [Foreign::Jsonl, Foreign::Json] {
            let _ = converted(format, &bytes);
        }
    }
}

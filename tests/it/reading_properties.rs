//! What holds for every table, however it is written, and for every file, whatever is in it.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use proptest::collection::{hash_set, vec};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree;

use crate::harness::reading::{Table, read, read_all};

/// How a table is written.
#[derive(Debug, Clone, Copy)]
struct Dialect {
    delimiter: u8,
    quote: u8,
    style: csv::QuoteStyle,
    /// Doubled marks within quotes, or a backslash before them.
    doubled: bool,
    end: csv::Terminator,
    charset: Charset,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Charset {
    Utf8,
    Utf8Marked,
    Windows1252,
    Utf16LeMarked,
    Utf16BeMarked,
}

impl Charset {
    fn encoded(self, text: &str) -> Vec<u8> {
        let wide = |encode: fn(u16) -> [u8; 2]| -> Vec<u8> {
            let marked = format!("\u{feff}{text}");
            marked.encode_utf16().flat_map(encode).collect()
        };
        match self {
            Charset::Utf8 => text.as_bytes().to_vec(),
            Charset::Utf8Marked => format!("\u{feff}{text}").into_bytes(),
            Charset::Windows1252 => encoding_rs::WINDOWS_1252.encode(text).0.into_owned(),
            Charset::Utf16LeMarked => wide(u16::to_le_bytes),
            Charset::Utf16BeMarked => wide(u16::to_be_bytes),
        }
    }
}

/// Dialects that today's reader knows: `"`, doubled within, and no UTF-16.
fn plain_dialect() -> impl Strategy<Value = Dialect> {
    dialect(
        vec![b'"'],
        vec![true],
        vec![Charset::Utf8, Charset::Utf8Marked, Charset::Windows1252],
    )
}

fn any_dialect() -> impl Strategy<Value = Dialect> {
    let charsets = vec![
        Charset::Utf8,
        Charset::Utf8Marked,
        Charset::Windows1252,
        Charset::Utf16LeMarked,
        Charset::Utf16BeMarked,
    ];
    dialect(vec![b'"', b'\''], vec![true, false], charsets)
}

fn dialect(
    quotes: Vec<u8>,
    doubled: Vec<bool>,
    charsets: Vec<Charset>,
) -> impl Strategy<Value = Dialect> {
    let styles = vec![csv::QuoteStyle::Always, csv::QuoteStyle::Necessary];
    let ends = vec![csv::Terminator::CRLF, csv::Terminator::Any(b'\n')];
    let all = (
        select(b";,\t|".to_vec()),
        select(quotes),
        select(styles),
        select(doubled),
        select(ends),
        select(charsets),
    );
    all.prop_map(|(delimiter, quote, style, doubled, end, charset)| Dialect {
        delimiter,
        quote,
        style,
        doubled,
        end,
        charset,
    })
}

/// Names a header has, each once.
fn header(width: usize) -> impl Strategy<Value = Vec<String>> {
    hash_set("[A-Z][a-zç]{3,9}", width).prop_map(|names| {
        let mut names: Vec<_> = names.into_iter().collect();
        names.sort();
        names
    })
}

/// What people and programs put in cells.
fn cell() -> impl Strategy<Value = String> {
    let inner = "[a-zA-Z0-9áãçéõÁÇ .'\"]{0,12}";
    let written = prop_oneof![
        6 => "[0-9]{1,6}".boxed(),
        6 => "[A-Z][a-zãçé]{2,9} [A-Z][a-zõ]{2,9}".boxed(),
        2 => (r"[a-z0-9]{1,4}", inner, r#"[;,|"'\n]"#, inner, "[a-z0-9]{1,4}")
            .prop_map(|(a, b, c, d, e)| format!("{a}{b}{c}{d}{e}"))
            .boxed(),
        1 => Just(String::new()).boxed(),
    ];
    // Spaces at either end belong to how a table is written, not to what it says.
    written.prop_map(|text| text.trim().to_owned())
}

/// Tables whose text tells them apart from any other.
fn table() -> impl Strategy<Value = Table> {
    let rows = (1..=8usize, 2..=30usize)
        .prop_flat_map(|(width, rows)| (header(width), vec(vec(cell(), width), rows)));
    rows.prop_map(|(header, mut records)| {
        let folded: Vec<_> = header.iter().map(|name| name.to_lowercase()).collect();
        for (at, record) in records.iter_mut().enumerate() {
            // A row without anything in its first cell may be blank, or a total of what is above it;
            // one column with blank cells has no lines for them at all. A number of its own there
            // also keeps a row from repeating the header, opening another table or being a footer.
            record[0] = (1001 + at * 7).to_string();
            for (cell, name) in record.iter_mut().zip(&folded) {
                if cell.to_lowercase() == *name {
                    cell.clear();
                }
            }
        }
        Table { header, records }
    })
}

/// Whether the bytes of the file leave open what was meant.
fn is_ambiguous(table: &Table, dialect: Dialect) -> bool {
    let cells = || table.header.iter().chain(table.records.iter().flatten());
    let has = |any: &[char]| cells().any(|cell| cell.contains(any));
    let width = table.header.len();
    // One column has no delimiter: any other that stands in its cells is as good.
    let single = width == 1 && has(&[';', ',', '|', '\t']);
    // Only quotes that are there show which mark is used, and how it is escaped.
    let unseen = matches!(dialect.style, csv::QuoteStyle::Necessary)
        && (dialect.quote == b'\'' || !dialect.doubled);
    // With apostrophes around some cells, marks of the other kind may be around others.
    let both = dialect.quote == b'\'' && has(&['"']);
    single || unseen || both
}

fn written(table: &Table, dialect: Dialect) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(dialect.delimiter)
        .quote(dialect.quote)
        .quote_style(dialect.style)
        .double_quote(dialect.doubled)
        .terminator(dialect.end)
        .from_writer(Vec::new());
    writer.write_record(&table.header).unwrap();
    for record in &table.records {
        writer.write_record(record).unwrap();
    }
    let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
    dialect.charset.encoded(&text)
}

fn comes_back(table: &Table, dialect: Dialect) -> Result<(), TestCaseError> {
    prop_assume!(!is_ambiguous(table, dialect));
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("table.csv");
    fs::write(&path, written(table, dialect))?;
    let got = read(&path).map_err(|error| TestCaseError::fail(error.to_string()))?;
    prop_assert_eq!(&got, table);
    Ok(())
}

/// Reads a file in every way there is. Whatever is in it, this ends with a table or an error.
fn read_any(bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("any");
    fs::write(&path, bytes).unwrap();
    let _ = read_all(&path, folder.path());
}

/// What is done to a file on its way.
#[derive(Debug, Clone)]
enum Damage {
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    CutFrom(Index),
    Remove(Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let telling = select(b"\"';,\t|\\\r\n\0\x1e\x1f\xff\xfe\xef\xbb\xbf #=PK".to_vec());
    let byte = prop_oneof![telling, any::<u8>()];
    prop_oneof![
        4 => (any::<Index>(), byte.clone()).prop_map(|(at, byte)| Damage::Set(at, byte)),
        4 => (any::<Index>(), vec(byte, 1..6)).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        1 => any::<Index>().prop_map(Damage::CutFrom),
        2 => any::<Index>().prop_map(Damage::Remove),
    ]
}

fn damaged(mut bytes: Vec<u8>, damages: Vec<Damage>) -> Vec<u8> {
    for damage in damages {
        if bytes.is_empty() {
            break;
        }
        match damage {
            Damage::Set(at, byte) => {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            Damage::Insert(at, more) => {
                let at = at.index(bytes.len());
                bytes.splice(at..at, more);
            }
            Damage::CutFrom(at) => bytes.truncate(at.index(bytes.len())),
            Damage::Remove(at) => {
                bytes.remove(at.index(bytes.len()));
            }
        }
    }
    bytes
}

/// The smaller inputs of `tests/cases/reading`.
fn inputs() -> Vec<Vec<u8>> {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/reading");
    let folders = fs::read_dir(cases)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files = folders.filter(|path| path.is_dir()).flat_map(|case| {
        let files = fs::read_dir(case).unwrap();
        files.map(|entry| entry.unwrap().path())
    });
    let mut inputs: Vec<_> = files
        .filter(|path| path.file_stem().is_some_and(|stem| stem == "input"))
        .collect();
    inputs.sort();
    let bytes = inputs.into_iter().map(|path| fs::read(path).unwrap());
    bytes.filter(|bytes| bytes.len() < 20_000).collect()
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn a_table_in_a_plain_dialect_comes_back(table in table(), dialect in plain_dialect()) {
        comes_back(&table, dialect)?;
    }

    #[test]
    fn a_table_in_any_dialect_comes_back(table in table(), dialect in any_dialect()) {
        comes_back(&table, dialect)?;
    }

    #[test]
    fn no_bytes_are_more_than_an_error(bytes in vec(any::<u8>(), 0..600)) {
        read_any(&bytes);
    }

    #[test]
    fn no_damage_is_more_than_an_error(
        bytes in select(inputs()),
        damages in vec(damage(), 1..8),
    ) {
        read_any(&damaged(bytes, damages));
    }
}

#[test]
fn the_tables_are_not_all_ambiguous() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut kept = HashSet::new();
    for _ in 0..1000 {
        let (table, dialect) = (table(), any_dialect())
            .new_tree(&mut runner)
            .unwrap()
            .current();
        if !is_ambiguous(&table, dialect) {
            kept.insert((dialect.delimiter, dialect.quote, dialect.doubled));
        }
    }
    // Four delimiters, both marks, both escapes.
    assert_eq!(kept.len(), 16, "{kept:?}");
}

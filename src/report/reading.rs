//! How a file was read, as reports and commands tell it.

use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::table::{Escape, Format, Layout, Note, NoteCode};

/// The file that came, and what was found in it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InputFacts {
    /// Lower-case hex.
    pub sha256: String,
    pub bytes: u64,
    #[serde(flatten)]
    pub reading: ReadingFacts,
    pub columns: u64,
    pub dropped: Dropped,
}

/// How a table was understood.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReadingFacts {
    /// The sheet or the member of the archive, where the file has several.
    pub table: Option<String>,
    /// `csv`, `xlsx`, `jsonl` …
    pub format: String,
    /// `utf-8`, `windows-1252` …; empty for formats that are no text.
    pub encoding: String,
    /// `;`, `,`, a tab …; empty for formats that are no text, as are the next two.
    pub delimiter: String,
    /// `"` or `'`.
    pub quote: String,
    /// `duplicada` or `barra`.
    pub escape: String,
    /// How well each delimiter would do, from 0 to 1, best first.
    pub delimiters: Vec<DelimiterFacts>,
    /// Line of the header, from 1; 0 if there is none.
    pub header_line: u64,
    /// All lines of the header.
    pub header_lines: Vec<u64>,
    pub rows: u64,
    /// Every decision, and every line that was mended or left out.
    pub notes: Vec<NoteFacts>,
}

/// A delimiter that was tried.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DelimiterFacts {
    pub delimiter: String,
    pub score: f64,
    /// Columns that most records would have.
    pub columns: u64,
}

/// Lines that were not taken as rows.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Dropped {
    pub blank: u64,
    pub repeated_header: u64,
    pub total_rows: u64,
    pub preamble: u64,
    pub comments: u64,
    /// Lines of other tables in the same file.
    pub other_tables: u64,
}

/// A note, in a form that people and programs can read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NoteFacts {
    pub code: &'static str,
    pub words: &'static str,
    /// How many lines it is about; 0 if it is about the whole file.
    pub count: u64,
    /// Ranges of lines, both ends included, from 1.
    #[serde(serialize_with = "on_one_line")]
    pub lines: Vec<(u64, u64)>,
    pub detail: Option<String>,
}

/// There may be many thousands of them, and a manifest is printed prettily.
fn on_one_line<S: Serializer>(lines: &[(u64, u64)], to: S) -> Result<S::Ok, S::Error> {
    let json = serde_json::to_string(lines).map_err(S::Error::custom)?;
    let raw = RawValue::from_string(json).map_err(S::Error::custom)?;
    raw.serialize(to)
}

impl From<&Note> for NoteFacts {
    fn from(note: &Note) -> Self {
        NoteFacts {
            code: note.code.code(),
            words: note.code.words(),
            count: note.lines.count(),
            lines: note.lines.ranges().to_vec(),
            detail: note.detail.clone(),
        }
    }
}

impl InputFacts {
    /// Size and checksum are those of the file as it came.
    pub fn new(sha256: String, bytes: u64, table: Option<String>, layout: &Layout) -> Self {
        InputFacts {
            sha256,
            bytes,
            reading: ReadingFacts::new(table, layout),
            columns: layout.columns.len() as u64,
            dropped: Dropped {
                blank: layout.noted(NoteCode::LinhaEmBranco),
                repeated_header: layout.noted(NoteCode::CabecalhoRepetido),
                total_rows: layout.noted(NoteCode::LinhaTotal),
                preamble: layout.noted(NoteCode::Preambulo),
                comments: layout.noted(NoteCode::Comentario),
                other_tables: layout.noted(NoteCode::OutraTabela),
            },
        }
    }
}

impl ReadingFacts {
    /// What the layout of a table tells.
    pub fn new(table: Option<String>, layout: &Layout) -> Self {
        let mut facts = ReadingFacts {
            table,
            format: layout.format.name().to_owned(),
            encoding: String::new(),
            delimiter: String::new(),
            quote: String::new(),
            escape: String::new(),
            delimiters: Vec::new(),
            header_line: layout.header_line(),
            header_lines: layout.header.clone(),
            rows: layout.tally.rows,
            notes: layout.notes.iter().map(NoteFacts::from).collect(),
        };
        if let Format::Delimited {
            encoding,
            dialect,
            candidates,
        } = &layout.format
        {
            facts.encoding = encoding.name().to_owned();
            facts.delimiter = char::from(dialect.delimiter).into();
            facts.quote = char::from(dialect.quote).into();
            facts.escape = match dialect.escape {
                Escape::Doubled => "duplicada".to_owned(),
                Escape::Backslash => "barra".to_owned(),
            };
            facts.delimiters = candidates
                .iter()
                .map(|candidate| DelimiterFacts {
                    delimiter: char::from(candidate.delimiter).into(),
                    score: (candidate.score * 1000.0).round() / 1000.0,
                    columns: candidate.width as u64,
                })
                .collect();
        }
        facts
    }
}

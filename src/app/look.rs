//! Looking at files without treating them: what they are, and which of their lines are wrong.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::Utc;
use serde::Serialize;
use uuid::Uuid;

use super::Hinted;
use crate::cleaning::{Brief, check};
use crate::recipe::{Detector, Profile};
use crate::report::ReadingFacts;
use crate::table::convert::Tables;
use crate::table::{Inspection, Opener, Reader, Source, TableError, Unread, inspect};

/// What a table is, and why we think so.
#[derive(Debug, Clone, Serialize)]
pub struct Sniffed {
    pub file: String,
    #[serde(flatten)]
    pub reading: ReadingFacts,
    pub columns: Vec<ColumnLook>,
}

/// A column and what it seems to hold.
#[derive(Debug, Clone, Serialize)]
pub struct ColumnLook {
    pub name: String,
    /// `cpf`, `phone`, `text` …
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// How sure that is, from 0 to 1; 0 for text that nothing claims.
    pub score: f64,
}

/// What is wrong with the lines of a table.
#[derive(Debug, Clone, Serialize)]
pub struct Validated {
    #[serde(flatten)]
    pub sniffed: Sniffed,
    /// Lines with anything wrong.
    pub invalid_lines: u64,
    /// How often each reason was met, by its code.
    pub reasons: BTreeMap<&'static str, u64>,
    /// The first of them, in the order of the file.
    pub mistakes: Vec<Mistake>,
}

/// Something wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mistake {
    pub line: u64,
    /// `None` where the line as a whole is wrong.
    pub column: Option<String>,
    pub reason: &'static str,
    pub words: &'static str,
    pub detail: Option<String>,
}

/// Which tables of a file to look at, and whom to tell how far that is: rows and bytes so far.
pub struct Look<'a> {
    pub tables: Tables,
    pub progress: &'a mut dyn FnMut(u64, u64),
}

/// What was found in a file.
pub struct Looked<T> {
    /// At least one.
    pub tables: Vec<T>,
    /// What else is in the file, and why it cannot be read.
    pub unread: Vec<Hinted>,
}

/// Finds out what a file is.
///
/// # Errors
/// If there is no table in it that can be read.
pub fn sniff(file: &Path, look: Look<'_>) -> Result<Looked<Sniffed>, Hinted> {
    each_table(file, look, |source, inspection, profile| {
        Ok(sniffed(file, source, inspection, profile))
    })
}

/// Reads a file and tells which of its lines are wrong: at most `most` mistakes are listed.
///
/// # Errors
/// If there is no table in it that can be read.
pub fn validate(file: &Path, look: Look<'_>, most: usize) -> Result<Looked<Validated>, Hinted> {
    each_table(file, look, |source, inspection, profile| {
        let mut reader = Reader::open(source, &inspection.layout)?;
        let brief = Brief {
            profile: Arc::new(profile.clone()),
            rules: Arc::default(),
            today: Utc::now().date_naive(),
        };
        let mut validated = Validated {
            sniffed: sniffed(file, source, inspection, profile),
            invalid_lines: 0,
            reasons: BTreeMap::new(),
            mistakes: Vec::new(),
        };
        while let Some(batch) = reader.next_batch()? {
            let cells = check(&brief, &batch)?;
            let cells = cells.into_iter().map(|cell| Mistake {
                line: cell.line,
                column: Some(profile.columns[cell.column].name.clone()),
                reason: cell.reason.code(),
                words: cell.reason.words(),
                detail: None,
            });
            let rows = batch.rejected.into_iter().map(|row| Mistake {
                line: row.line,
                column: None,
                reason: row.reason.code(),
                words: row.reason.words(),
                detail: row.detail,
            });
            let mut mistakes: Vec<_> = cells.chain(rows).collect();
            mistakes.sort_by_key(|mistake| mistake.line);
            validated.add(mistakes, most);
        }
        Ok(validated)
    })
}

impl Validated {
    fn add(&mut self, mistakes: Vec<Mistake>, most: usize) {
        let mut last = 0;
        for mistake in mistakes {
            self.invalid_lines += u64::from(mistake.line != last);
            last = mistake.line;
            *self.reasons.entry(mistake.reason).or_default() += 1;
            if self.mistakes.len() < most {
                self.mistakes.push(mistake);
            }
        }
    }
}

/// Writes the tables of a file as they were read, before any cleaning: comma-separated, UTF-8,
/// header first. Rejected rows are left out.
///
/// # Errors
/// If there is no table in it that can be read. That nobody reads on is no error.
pub fn print_tables(
    file: &Path,
    look: Look<'_>,
    out: &mut dyn Write,
) -> Result<Looked<()>, Hinted> {
    each_table(file, look, |source, inspection, _| {
        let gone = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
        match print_table(source, inspection, out) {
            Err(TableError::Io(error)) if gone(&error) => Ok(()),
            printed => printed,
        }
    })
}

fn print_table(
    source: &Source,
    inspection: &Inspection,
    out: &mut dyn Write,
) -> Result<(), TableError> {
    let mut csv = csv::Writer::from_writer(out);
    let written = |error: csv::Error| match error.into_kind() {
        csv::ErrorKind::Io(error) => TableError::Io(error),
        _ => TableError::Io(io::Error::other("a row cannot be written")),
    };
    csv.write_record(inspection.layout.names())
        .map_err(written)?;
    let mut reader = Reader::open(source, &inspection.layout)?;
    while let Some(batch) = reader.next_batch()? {
        let columns = batch.frame.columns().iter();
        let columns = columns
            .map(|column| column.str())
            .collect::<Result<Vec<_>, _>>()?;
        for row in 0..batch.lines.len() {
            let cells = columns
                .iter()
                .map(|cells| cells.get(row).unwrap_or_default());
            csv.write_record(cells).map_err(written)?;
        }
    }
    Ok(csv.flush()?)
}

/// Looks at each table of a file.
pub(super) fn each_table<T>(
    file: &Path,
    look: Look<'_>,
    mut at: impl FnMut(&Source, &Inspection, &Profile) -> Result<T, TableError>,
) -> Result<Looked<T>, Hinted> {
    let hint = "send the list as CSV or XLSX with a header row";
    let refused = |error: TableError| {
        let error = anyhow::Error::new(error).context(format!("`{}`", file.display()));
        Hinted::new(error, hint)
    };
    let member = |unread: Unread| {
        let place = format!("`{}` in `{}`", unread.name, file.display());
        Hinted::new(anyhow::Error::new(unread.cause).context(place), hint)
    };
    let scratch = Scratch::create().map_err(|error| {
        let error = anyhow::Error::new(error).context("cannot create a scratch folder");
        Hinted::new(error, "set TMPDIR to a folder that can be written")
    })?;
    let opener = Opener {
        scratch: scratch.0.clone(),
        program: std::env::current_exe().ok(),
        tables: look.tables,
    };
    let opened = opener.open(file).map_err(refused)?;
    let mut tables = Vec::with_capacity(opened.sources.len());
    for source in &opened.sources {
        let inspection = inspect(source, look.progress).map_err(refused)?;
        let mut detector = Detector::new(inspection.layout.names());
        let observed = detector.observe(&inspection.sample);
        observed.map_err(|error| refused(error.into()))?;
        let profile = detector.finish(inspection.layout.tally.rows);
        tables.push(at(source, &inspection, &profile).map_err(refused)?);
    }
    Ok(Looked {
        tables,
        unread: opened.unread.into_iter().map(member).collect(),
    })
}

fn sniffed(file: &Path, source: &Source, inspection: &Inspection, profile: &Profile) -> Sniffed {
    Sniffed {
        file: file.display().to_string(),
        reading: ReadingFacts::new(source.name.clone(), &inspection.layout),
        columns: profile
            .columns
            .iter()
            .map(|column| ColumnLook {
                name: column.name.clone(),
                kind: column.kind.code(),
                score: (column.score * 1000.0).round() / 1000.0,
            })
            .collect(),
    }
}

/// A folder that goes with whoever holds it.
pub(super) struct Scratch(pub(super) PathBuf);

impl Scratch {
    pub(super) fn create() -> io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("pyservice-{}", Uuid::new_v4()));
        std::fs::create_dir_all(&folder)?;
        Ok(Scratch(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        crate::worker::clear(&self.0);
    }
}

//! The archive most workbooks are, looked over before anything in it is read. The zip library
//! holds each part to the size it declares here.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use crate::table::TableError;

const MOST_ENTRIES: usize = 10_000;
/// How many times its compressed size an entry may have. Text of real sheets stays below 30.
const MOST_TIMES: u64 = 100;
/// Entries up to this size may be as repetitive as they like.
const SMALL_ENTRY: u64 = 1024 * 1024;
/// What all entries may have together, in bytes and as a multiple of the file; the larger counts.
const MOST_BYTES: u64 = 200 * 1024 * 1024;
const MOST_TIMES_FILE: u64 = 20;

/// An archive whose declarations are those of an honest workbook.
pub(super) struct Archive {
    zip: ZipArchive<BufReader<File>>,
    /// Indices by name: with `/`, without a leading one, in lower case.
    parts: HashMap<String, usize>,
}

impl Archive {
    /// # Errors
    /// If the archive is damaged, protected by a password, or made to exhaust who reads it.
    pub(super) fn open(path: &Path) -> Result<Self, TableError> {
        let file = File::open(path)?;
        let bytes = file.metadata()?.len();
        let zip = ZipArchive::new(BufReader::new(file)).map_err(broken)?;
        if zip.len() > MOST_ENTRIES {
            let what = format!("its archive has {} entries", zip.len());
            return Err(TableError::Hostile(what.into()));
        }
        let mut parts = HashMap::new();
        let mut total: u64 = 0;
        for index in 0..zip.len() {
            let entry = zip.by_index_data(index).map_err(broken)?;
            if entry.encrypted() {
                return Err(protected());
            }
            // Two entries may claim the same bytes, but none more than there are.
            if entry.compressed_size() > bytes {
                return Err(damaged());
            }
            let (size, limit) = (entry.size(), entry.compressed_size() * MOST_TIMES);
            if size > limit.max(SMALL_ENTRY) {
                let what =
                    format!("a part of it inflates to more than {MOST_TIMES} times its size");
                return Err(TableError::Hostile(what.into()));
            }
            total = total.saturating_add(size);
            let name = String::from_utf8_lossy(entry.name_raw());
            parts.entry(key(&name)).or_insert(index);
        }
        if total > MOST_BYTES.max(bytes.saturating_mul(MOST_TIMES_FILE)) {
            let what = format!("it inflates to {total} bytes");
            return Err(TableError::Hostile(what.into()));
        }
        Ok(Archive { zip, parts })
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.parts.contains_key(&key(name))
    }

    /// The part of that name, inflated as it is read.
    ///
    /// # Errors
    /// If there is none, or it is damaged.
    pub(super) fn part(&mut self, name: &str) -> Result<impl BufRead, TableError> {
        let Some(index) = self.parts.get(&key(name)).copied() else {
            let what = format!("`{name}` is missing in it");
            return Err(TableError::Unreadable(what.into()));
        };
        let entry = self.zip.by_index(index).map_err(broken)?;
        Ok(BufReader::with_capacity(64 * 1024, entry))
    }
}

/// Windows programs have written `\`, and names differ in case only by mistake.
fn key(name: &str) -> String {
    name.replace('\\', "/")
        .trim_start_matches('/')
        .to_lowercase()
}

/// What it means that a part cannot be read.
pub(super) fn unread(error: &io::Error) -> TableError {
    match error.raw_os_error() {
        Some(code) => TableError::Io(io::Error::from_raw_os_error(code)),
        None => damaged(),
    }
}

pub(super) fn broken(error: ZipError) -> TableError {
    match error {
        ZipError::Io(error) => unread(&error),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => {
            protected()
        }
        _ => damaged(),
    }
}

pub(super) fn protected() -> TableError {
    TableError::Unreadable("it is protected by a password".into())
}

fn damaged() -> TableError {
    TableError::Unreadable("the archive is damaged".into())
}

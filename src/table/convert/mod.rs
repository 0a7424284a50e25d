//! Files that are no text: brought into records on disk ([`SpoolWriter`](super::SpoolWriter)),
//! from where they are read like lines.
//!
//! [`convert`] does the work. Whoever cannot trust the file has it done by [`convert_apart`].

mod apart;
mod json;
mod parquet;
mod workbook;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use self::workbook::workbook;
use super::{Note, TableError};

pub use self::apart::{answer, convert_apart};

/// The formats that are converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Foreign {
    /// XLSX and XLSM.
    Xlsx,
    Xls,
    Xlsb,
    Ods,
    /// One object per line.
    Jsonl,
    /// An array of objects.
    Json,
    Parquet,
}

impl Foreign {
    /// The name the manifest uses.
    pub fn name(self) -> &'static str {
        match self {
            Foreign::Xlsx => "xlsx",
            Foreign::Xls => "xls",
            Foreign::Xlsb => "xlsb",
            Foreign::Ods => "ods",
            Foreign::Jsonl => "jsonl",
            Foreign::Json => "json",
            Foreign::Parquet => "parquet",
        }
    }
}

/// Which tables of a file are wanted, where it has several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tables {
    /// The one with the most filled cells; the others are noted.
    #[default]
    Fullest,
    /// Each that holds anything.
    All,
}

/// What to convert, and where to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversion {
    pub source: PathBuf,
    pub format: Foreign,
    pub tables: Tables,
    /// An existing folder for the spools.
    pub folder: PathBuf,
}

/// A table that was converted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Converted {
    /// Its records.
    pub spool: PathBuf,
    /// The sheet's name; `None` where the format has one table without a name.
    pub name: Option<String>,
    /// The names of the columns, where the format itself has them. Otherwise they are looked for
    /// among the records, as in a text file.
    pub columns: Option<Vec<String>>,
    pub notes: Vec<Note>,
}

/// Converts a file.
///
/// # Errors
/// If the file is damaged, hostile, or nothing like what its format says.
pub fn convert(conversion: &Conversion) -> Result<Vec<Converted>, TableError> {
    match conversion.format {
        Foreign::Xlsx | Foreign::Xls | Foreign::Xlsb | Foreign::Ods => workbook(conversion),
        Foreign::Jsonl | Foreign::Json => json::json(conversion),
        Foreign::Parquet => parquet::parquet(conversion),
    }
}

//! Tables: what a file holds, read in batches of text.
//!
//! [`inspect`] finds out how a file is written ([`Layout`]); [`Reader`] then yields it as
//! [`Batch`]es, as often as wanted. Every cell is text: types are given later, by rules.

mod delimited;
mod encoding;
mod header;
mod layout;
mod reader;
mod workbook;

use polars::prelude::DataFrame;

pub use encoding::Encoding;
pub use layout::{Format, Layout, SourceColumn, inspect};
pub use reader::{Reader, Tally};

/// Some rows of a table. Every column is a polars `String` column, blank cells are null.
#[derive(Debug, Clone)]
pub struct Batch {
    pub frame: DataFrame,
    /// For each row of `frame`, the line (or sheet row) it came from, from 1.
    pub lines: Vec<u64>,
    /// Rows of this stretch that are not in `frame` because their structure cannot be trusted.
    pub rejected: Vec<RejectedRow>,
}

/// A row with more cells than the header has names for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedRow {
    pub line: u64,
    /// All of its cells, joined by the file's delimiter.
    pub raw: String,
}

/// Why a file cannot be read as a table. Says where, never what the cells hold.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    #[error("cannot read the file: {0}")]
    Io(#[from] std::io::Error),
    #[error("the file is empty")]
    Empty,
    #[error("the file has a header but no rows")]
    NoRows,
    #[error("the file is written in {0}, which is not supported yet: save it as CSV in UTF-8")]
    Encoding(&'static str),
    #[error("the file is {0}, not a table: send CSV or XLSX")]
    NotATable(&'static str),
    #[error("line {line}: {cause}")]
    Line { line: u64, cause: String },
    #[error("the workbook cannot be read: {0}")]
    Workbook(String),
    #[error("the table cannot be held: {0}")]
    Frame(#[from] polars::error::PolarsError),
}

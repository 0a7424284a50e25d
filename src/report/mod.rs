//! The summary and the reports drawn from it.

mod advice;
mod archive;
mod bundle;
pub mod charts;
mod compose;
mod csv;
mod facts;
mod fonts;
mod jsonl;
pub mod manifest;
pub mod numbers;
pub mod palette;
pub mod pdf;
mod reading;
mod summary;
pub mod words;
mod xlsx;

pub use advice::advice;
pub use archive::ArchiveError;
pub use bundle::{Bundle, Files};
pub use compose::{EnrichmentFacts, Ingredients, in_brasilia};
pub use csv::CsvReport;
pub use facts::*;
pub use jsonl::CellLines;
pub use reading::{DelimiterFacts, Dropped, InputFacts, NoteFacts, ReadingFacts};
pub use summary::*;
pub use xlsx::{CellKind, Rejection, SheetColumn, Tone, XlsxError, XlsxReport};

//! Tables: what a file holds, read in batches of text.
//!
//! [`Opener`] turns a file, whatever its format, into [`Source`]s: text in UTF-8, or records that
//! were converted to a spool on disk. [`inspect`] reads a source once and finds out how its table
//! is written ([`Layout`]): header, columns, and the lines that are no rows, each with a [`Note`].
//! [`Reader`] then yields the rows as [`Batch`]es, as often as wanted. Every cell is text: types
//! are given later, by rules.

mod batch;
pub mod convert;
mod error;
mod fill;
mod layout;
mod lines;
mod note;
mod reader;
mod source;
mod spool;
mod structure;
mod text;
mod unpack;

pub use batch::{Batch, RejectedRow};
pub use error::TableError;
pub use fill::with_cells;
pub use layout::{Format, Heading, Inspection, Layout, SourceColumn, Tally, inspect, inspect_as};
pub use lines::Lines;
pub use note::{Note, NoteCode};
pub use reader::Reader;
pub use source::{Form, Opened, Opener, Source, Unread};
pub use spool::SpoolWriter;
pub use text::dialect::{Candidate, Dialect, Escape};
pub use text::encoding::Encoding;

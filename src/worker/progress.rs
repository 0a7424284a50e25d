//! How far a job is, for whoever watches.

use std::sync::Arc;

/// A step forward. Numbers are of the pass so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The file is unpacked, or brought into records, before it can be surveyed.
    Converting,
    /// First pass.
    Surveyed {
        rows: u64,
        /// How much of the table was read.
        bytes: u64,
        of_bytes: u64,
    },
    /// Second pass: rows that are written.
    Treated { rows: u64, of_rows: u64 },
    /// The reports are drawn.
    Reporting,
}

/// Tells somebody of every step. Called from the threads that do the work, so it must be quick.
#[derive(Clone)]
pub struct Progress(Arc<dyn Fn(Step) + Send + Sync>);

impl Progress {
    pub fn new(tell: impl Fn(Step) + Send + Sync + 'static) -> Self {
        Progress(Arc::new(tell))
    }

    /// Nobody watches.
    pub fn silent() -> Self {
        Progress::new(|_| {})
    }

    /// For whoever opens a file that is no text.
    pub fn converting(&self) {
        (self.0)(Step::Converting);
    }

    pub(super) fn surveyed(&self, rows: u64, bytes: u64, of_bytes: u64) {
        (self.0)(Step::Surveyed {
            rows,
            bytes,
            of_bytes,
        });
    }

    pub(super) fn treated(&self, rows: u64, of_rows: u64) {
        (self.0)(Step::Treated { rows, of_rows });
    }

    pub(super) fn reporting(&self) {
        (self.0)(Step::Reporting);
    }
}

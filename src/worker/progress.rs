//! How far a job is, for whoever watches.

use std::sync::Arc;

/// A step forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Rows seen in the first pass so far.
    Surveyed(u64),
    /// Rows written in the second pass so far.
    Treated(u64),
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

    pub(super) fn surveyed(&self, rows: u64) {
        (self.0)(Step::Surveyed(rows));
    }

    pub(super) fn treated(&self, rows: u64) {
        (self.0)(Step::Treated(rows));
    }
}

//! How jobs are run on this machine.

use std::path::PathBuf;
use std::time::Duration;

use crate::job::Stage;

/// What becomes of the work file when its results are delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceAfter {
    Keep,
    /// To `originais/` in the folder of results.
    Move,
    Delete,
}

/// How jobs are run on this machine.
#[derive(Debug, Clone)]
pub struct WorkSettings {
    /// Scratch files, the ledger and the embedded drive.
    pub storage: PathBuf,
    /// The folder with the recipes; `None`: `recipes`, if there is one.
    pub recipes: Option<PathBuf>,
    /// Jobs at a time.
    pub parallel_jobs: u16,
    /// Longest time a job may take; below the broker's own limit.
    pub deadline: Duration,
    /// Largest work file.
    pub max_file_bytes: u64,
    /// What running jobs are given when we are told to stop.
    pub grace: Duration,
    pub source_after: SourceAfter,
    /// Dies after this stage: only tests want that.
    pub crash_at: Option<Stage>,
}

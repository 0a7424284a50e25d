//! What we remember of jobs, so that one delivered twice is done once.

mod entry;
mod memory;
mod sqlite;

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::job::{Artifact, JobId};

pub use memory::Memory;
pub use sqlite::Sqlite;

/// What to do with a job that arrives.
#[derive(Debug, Clone, PartialEq)]
pub enum Begin {
    /// Ours to run. The attempt is on disk before this is returned.
    Start {
        /// From 1; counts tries that died without a word.
        attempt: u32,
        /// When its first attempt began: the job's date, the same in every attempt.
        first_begun: DateTime<Utc>,
        lease: Lease,
    },
    /// All artifacts are delivered.
    AlreadyDone(Finished),
    /// Another worker holds the lease until then.
    Busy { until: DateTime<Utc> },
}

/// The right to run one job, to be renewed while it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    pub job: JobId,
    /// Told apart from the lease of an earlier attempt.
    pub token: String,
}

impl Lease {
    fn new(job: &JobId) -> Self {
        Lease {
            job: job.clone(),
            token: uuid::Uuid::new_v4().simple().to_string(),
        }
    }
}

/// A job that is done.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    pub at: DateTime<Utc>,
    pub artifacts: Vec<Artifact>,
}

#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error("cannot write the ledger: {0}")]
    Storage(String),
    #[error("the lease on job `{0}` was lost to another worker")]
    LeaseLost(JobId),
}

impl LedgerError {
    /// Whether the same call may work later.
    pub fn is_transient(&self) -> bool {
        match self {
            LedgerError::Storage(_) => true,
            LedgerError::LeaseLost(_) => false,
        }
    }
}

/// The memory of jobs. Time is an argument, so that tests own it.
///
/// Whatever takes a lease fails with [`LedgerError::LeaseLost`] and changes nothing once another
/// attempt began, or once the lease was ended by `finish`, `release` or `abandon`.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// Claims a job for `lease`. Synced to disk before it returns.
    async fn begin(
        &self,
        job: &JobId,
        now: DateTime<Utc>,
        lease: Duration,
    ) -> Result<Begin, LedgerError>;

    /// Extends a lease we still hold: that is, even after its time, one that nobody took over.
    async fn renew(
        &self,
        lease: &Lease,
        now: DateTime<Utc>,
        duration: Duration,
    ) -> Result<(), LedgerError>;

    /// Records that every artifact is delivered and ends the lease.
    async fn finish(
        &self,
        lease: &Lease,
        now: DateTime<Utc>,
        artifacts: &[Artifact],
    ) -> Result<(), LedgerError>;

    /// Ends the lease of an attempt that failed, so that the next may start at once. The count
    /// of attempts stays.
    async fn release(&self, lease: &Lease) -> Result<(), LedgerError>;

    /// Takes back the attempt of a job given up unfinished at shut-down.
    async fn abandon(&self, lease: &Lease) -> Result<(), LedgerError>;

    /// Forgets one job, done or given up: told of it again, we would do it from the start.
    async fn forget(&self, job: &JobId) -> Result<(), LedgerError>;

    /// Forgets jobs that were finished before then, and those given up whose last attempt began
    /// before then. Returns how many. Told of such a job again, we would do it again.
    async fn forget_before(&self, before: DateTime<Utc>) -> Result<u64, LedgerError>;

    /// Writes to the ledger, to learn whether that works.
    async fn check(&self) -> Result<(), LedgerError>;
}

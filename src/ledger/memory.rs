//! A ledger for one process, forgotten with it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::entry::{Claim, Entry, Held, lease_end};
use super::{Begin, Finished, Lease, Ledger, LedgerError};
use crate::job::{Artifact, JobId};

#[derive(Default)]
pub struct Memory {
    entries: Mutex<HashMap<JobId, Entry>>,
}

impl Memory {
    pub fn new() -> Self {
        Self::default()
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<JobId, Entry>> {
        // Entries change in one step, so a panic elsewhere leaves them sound.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the entry of a lease we still hold.
    fn change(&self, lease: &Lease, change: impl FnOnce(&mut Entry)) -> Result<(), LedgerError> {
        self.entries()
            .get_mut(&lease.job)
            .filter(|entry| entry.is_held_by(&lease.token))
            .map(change)
            .ok_or_else(|| LedgerError::LeaseLost(lease.job.clone()))
    }
}

#[async_trait]
impl Ledger for Memory {
    async fn begin(
        &self,
        job: &JobId,
        now: DateTime<Utc>,
        lease: Duration,
    ) -> Result<Begin, LedgerError> {
        let lease_given = Lease::new(job);
        let held = Held {
            token: lease_given.token.clone(),
            until: lease_end(now, lease),
        };
        let mut entries = self.entries();
        match Entry::claim(entries.get(job).cloned(), now, held) {
            Claim::Refused(begin) => Ok(begin),
            Claim::Started(entry) => {
                let begin = Begin::Start {
                    attempt: entry.attempts,
                    first_begun: entry.first_begun,
                    lease: lease_given,
                };
                entries.insert(job.clone(), entry);
                Ok(begin)
            }
        }
    }

    async fn renew(
        &self,
        lease: &Lease,
        now: DateTime<Utc>,
        duration: Duration,
    ) -> Result<(), LedgerError> {
        self.change(lease, |entry| entry.renew(lease_end(now, duration)))
    }

    async fn finish(
        &self,
        lease: &Lease,
        now: DateTime<Utc>,
        artifacts: &[Artifact],
    ) -> Result<(), LedgerError> {
        let finished = Finished {
            at: now,
            artifacts: artifacts.to_vec(),
        };
        self.change(lease, |entry| entry.finish(finished))
    }

    async fn release(&self, lease: &Lease) -> Result<(), LedgerError> {
        self.change(lease, Entry::release)
    }

    async fn abandon(&self, lease: &Lease) -> Result<(), LedgerError> {
        self.change(lease, Entry::abandon)
    }

    async fn forget(&self, job: &JobId) -> Result<(), LedgerError> {
        self.entries().remove(job);
        Ok(())
    }

    async fn forget_before(&self, before: DateTime<Utc>) -> Result<u64, LedgerError> {
        let mut entries = self.entries();
        let known = entries.len();
        entries.retain(|_, entry| !entry.is_older_than(before));
        Ok((known - entries.len()) as u64)
    }

    async fn check(&self) -> Result<(), LedgerError> {
        Ok(())
    }
}

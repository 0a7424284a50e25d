//! What is remembered of one job, and the rules by which it changes. No I/O: every ledger keeps
//! these entries in its own way and leaves the decisions to them.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Begin, Finished};

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    /// Attempts begun and not taken back.
    pub attempts: u32,
    pub first_begun: DateTime<Utc>,
    /// The last attempt's beginning.
    pub last_begun: DateTime<Utc>,
    pub held: Option<Held>,
    pub finished: Option<Finished>,
}

/// A lease as the ledger keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Held {
    pub token: String,
    pub until: DateTime<Utc>,
}

/// What `begin` finds. `Started` must be written before it is told.
pub(super) enum Claim {
    Started(Entry),
    Refused(Begin),
}

impl Entry {
    /// Claims a job of which `known` is remembered.
    pub fn claim(known: Option<Entry>, now: DateTime<Utc>, held: Held) -> Claim {
        let Some(mut entry) = known else {
            return Claim::Started(Entry {
                attempts: 1,
                first_begun: now,
                last_begun: now,
                held: Some(held),
                finished: None,
            });
        };
        if let Some(finished) = entry.finished {
            return Claim::Refused(Begin::AlreadyDone(finished));
        }
        if let Some(other) = entry.live_lease(now) {
            return Claim::Refused(Begin::Busy { until: other.until });
        }
        entry.attempts = entry.attempts.saturating_add(1);
        entry.last_begun = now;
        entry.held = Some(held);
        Claim::Started(entry)
    }

    fn live_lease(&self, now: DateTime<Utc>) -> Option<&Held> {
        self.held.as_ref().filter(|held| now < held.until)
    }

    /// Whether the lease with this token is the last one given. It is ours even after its time,
    /// as long as nobody took the job over.
    pub fn is_held_by(&self, token: &str) -> bool {
        self.held.as_ref().is_some_and(|held| held.token == token)
    }

    pub fn renew(&mut self, until: DateTime<Utc>) {
        if let Some(held) = &mut self.held {
            held.until = until;
        }
    }

    pub fn finish(&mut self, finished: Finished) {
        self.held = None;
        self.finished = Some(finished);
    }

    pub fn release(&mut self) {
        self.held = None;
    }

    pub fn abandon(&mut self) {
        self.held = None;
        self.attempts = self.attempts.saturating_sub(1);
    }

    /// Whether nothing happened to the job since `before` and nobody works on it.
    pub fn is_older_than(&self, before: DateTime<Utc>) -> bool {
        match &self.finished {
            Some(finished) => finished.at < before,
            None => self.last_begun < before && self.live_lease(before).is_none(),
        }
    }
}

/// The end of a lease. Longer ones than this are a mistake, and would overflow.
const LONGEST_LEASE: TimeDelta = TimeDelta::days(365);

pub(super) fn lease_end(now: DateTime<Utc>, lease: Duration) -> DateTime<Utc> {
    let lease = TimeDelta::from_std(lease).map_or(LONGEST_LEASE, |lease| lease.min(LONGEST_LEASE));
    now.checked_add_signed(lease)
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_has_an_end_whatever_was_asked() {
        let now = DateTime::UNIX_EPOCH;
        assert_eq!(
            lease_end(now, Duration::from_secs(60)),
            now + TimeDelta::seconds(60)
        );
        assert_eq!(lease_end(now, Duration::MAX), now + LONGEST_LEASE);
        assert_eq!(
            lease_end(DateTime::<Utc>::MAX_UTC, Duration::MAX),
            DateTime::<Utc>::MAX_UTC
        );
    }
}

//! Which queues there are and what they are called. No I/O.

use std::time::Duration;

use crate::job::RetryDelay;

use super::Timing;

/// The topic exchange everybody may listen to.
pub(super) const EVENTS: &str = "pyservice.events";

/// What a missing queue is declared as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Somebody else's as much as ours: if it exists it is taken as it is.
    Work { quorum: bool },
    /// Ours, durable, nothing else.
    Own,
    /// Ours: every message moves on to the queue `then` after `delay`.
    Wait { delay: Duration, then: String },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Declaration {
    pub name: String,
    pub kind: Kind,
}

/// A work queue and the queues of ours that belong to it.
#[derive(Debug, Clone)]
pub(super) struct WorkQueue {
    pub work: String,
    /// Where messages come back to after a wait. Not the work queue itself, whose arguments (a
    /// length limit, a short life) are not ours to know.
    pub ready: String,
    pub dead: String,
    quorum: bool,
}

impl WorkQueue {
    pub(super) fn new(name: &str, quorum: bool) -> Self {
        WorkQueue {
            work: name.to_owned(),
            ready: format!("{name}.ready"),
            dead: format!("{name}.dead"),
            quorum,
        }
    }

    /// The queue messages wait in for `delay`.
    pub(super) fn wait(&self, delay: RetryDelay) -> String {
        format!("{}.retry.{}", self.work, delay.suffix())
    }

    /// The queues deliveries come from.
    pub(super) fn consumed(&self) -> [&str; 2] {
        [&self.work, &self.ready]
    }

    pub(super) fn work_declaration(&self) -> Declaration {
        Declaration {
            name: self.work.clone(),
            kind: Kind::Work {
                quorum: self.quorum,
            },
        }
    }

    /// The queues that are ours alone, a queue always before those that pass messages on to it.
    pub(super) fn own_declarations(&self, timing: &Timing) -> Vec<Declaration> {
        let own = |name: &str| Declaration {
            name: name.to_owned(),
            kind: Kind::Own,
        };
        let waits = RetryDelay::ALL.map(|delay| Declaration {
            name: self.wait(delay),
            kind: Kind::Wait {
                delay: timing.retry(delay),
                then: self.ready.clone(),
            },
        });
        [own(&self.ready), own(&self.dead)]
            .into_iter()
            .chain(waits)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wait_queues_pass_messages_on_to_the_ready_queue() {
        let own = WorkQueue::new("files", false).own_declarations(&Timing::default());
        let wait = |name: &str, seconds| Declaration {
            name: name.into(),
            kind: Kind::Wait {
                delay: Duration::from_secs(seconds),
                then: "files.ready".into(),
            },
        };
        assert_eq!(own[0].name, "files.ready");
        assert_eq!(own[1].name, "files.dead");
        assert_eq!(
            own[2..],
            [
                wait("files.retry.10s", 10),
                wait("files.retry.1m", 60),
                wait("files.retry.10m", 600)
            ]
        );
    }

    #[test]
    fn both_the_work_queue_and_the_ready_queue_are_consumed() {
        let queue = WorkQueue::new("files", false);
        assert_eq!(queue.consumed(), ["files", "files.ready"]);
    }

    #[test]
    fn a_missing_work_queue_becomes_a_quorum_queue_only_when_asked() {
        for quorum in [false, true] {
            assert_eq!(
                WorkQueue::new("files", quorum).work_declaration().kind,
                Kind::Work { quorum }
            );
        }
    }
}

//! Why a job did not finish, and the one function that decides what becomes of it.

use std::fmt;
use std::time::Duration;

use super::Stage;

/// The closed list of causes, as they appear in dead letters and events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    InvalidBody,
    InvalidName,
    NotFound,
    TooLarge,
    UnsupportedFormat,
    Unreadable,
    Encoding,
    /// Reading it would take more than any honest list does.
    Hostile,
    EmptyFile,
    /// The job names a recipe that there is not.
    UnknownRecipe,
    /// The recipe asks for columns that the file does not have.
    RecipeMismatch,
    Unauthorized,
    Locked,
    NoSpace,
    DriveRefused,
    DriveUnavailable,
    TransferCorrupt,
    ReferenceUnavailable,
    LedgerUnavailable,
    BrokerUnavailable,
    LocalDisk,
    Busy,
    Deadline,
    Panic,
    Internal,
}

impl Reason {
    /// The stable code used in headers and events.
    pub fn code(self) -> &'static str {
        match self {
            Reason::InvalidBody => "invalid_body",
            Reason::InvalidName => "invalid_name",
            Reason::NotFound => "not_found",
            Reason::TooLarge => "too_large",
            Reason::UnsupportedFormat => "unsupported_format",
            Reason::Unreadable => "unreadable",
            Reason::Encoding => "encoding",
            Reason::Hostile => "hostile",
            Reason::EmptyFile => "empty_file",
            Reason::UnknownRecipe => "unknown_recipe",
            Reason::RecipeMismatch => "recipe_mismatch",
            Reason::Unauthorized => "unauthorized",
            Reason::Locked => "locked",
            Reason::NoSpace => "no_space",
            Reason::DriveRefused => "drive_refused",
            Reason::DriveUnavailable => "drive_unavailable",
            Reason::TransferCorrupt => "transfer_corrupt",
            Reason::ReferenceUnavailable => "reference_unavailable",
            Reason::LedgerUnavailable => "ledger_unavailable",
            Reason::BrokerUnavailable => "broker_unavailable",
            Reason::LocalDisk => "local_disk",
            Reason::Busy => "busy",
            Reason::Deadline => "deadline",
            Reason::Panic => "panic",
            Reason::Internal => "internal",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// How long a cause may last before the job is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Trying again cannot help: the same input gives the same failure.
    None,
    /// A passing fault: 10 s, 1 min, 10 min, then the dead-letter queue.
    Usual,
    /// A state people have to end (a lock, a full quota, a revoked password): more than an hour.
    Long,
    /// Somebody else is at work on it: wait, and do not count the attempt.
    Uncounted,
}

/// A job that did not finish: where it stopped, why, and how patient to be about it.
///
/// `message` names files and columns, never cell values or credentials.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{stage}: {message}")]
pub struct Failure {
    pub stage: Stage,
    pub reason: Reason,
    pub patience: Patience,
    /// What the other side asked for (`Retry-After`); a lower bound on the delay.
    pub retry_after: Option<Duration>,
    pub message: String,
}

impl Failure {
    pub fn permanent(stage: Stage, reason: Reason, message: impl fmt::Display) -> Self {
        Self::new(stage, reason, Patience::None, message)
    }

    pub fn transient(stage: Stage, reason: Reason, message: impl fmt::Display) -> Self {
        Self::new(stage, reason, Patience::Usual, message)
    }

    pub fn new(
        stage: Stage,
        reason: Reason,
        patience: Patience,
        message: impl fmt::Display,
    ) -> Self {
        Failure {
            stage,
            reason,
            patience,
            retry_after: None,
            message: message.to_string(),
        }
    }

    pub fn after(mut self, delay: Option<Duration>) -> Self {
        self.retry_after = delay;
        self
    }
}

/// The fixed delays the retry queues offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RetryDelay {
    Short,
    Medium,
    Long,
}

impl RetryDelay {
    pub const ALL: [RetryDelay; 3] = [RetryDelay::Short, RetryDelay::Medium, RetryDelay::Long];

    /// The suffix of the wait queue: `<queue>.retry.10s`.
    pub fn suffix(self) -> &'static str {
        match self {
            RetryDelay::Short => "10s",
            RetryDelay::Medium => "1m",
            RetryDelay::Long => "10m",
        }
    }

    pub fn duration(self) -> Duration {
        match self {
            RetryDelay::Short => Duration::from_secs(10),
            RetryDelay::Medium => Duration::from_secs(60),
            RetryDelay::Long => Duration::from_secs(600),
        }
    }

    /// The shortest delay that is at least `wanted`, or the longest there is.
    fn at_least(wanted: Duration) -> Self {
        Self::ALL
            .into_iter()
            .find(|delay| delay.duration() >= wanted)
            .unwrap_or(RetryDelay::Long)
    }
}

/// What becomes of a message whose job failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    Retry {
        delay: RetryDelay,
        /// Whether the next try counts as a further attempt.
        counted: bool,
    },
    DeadLetter,
}

/// Attempts at a passing fault: the first and one after each delay.
const USUAL_ATTEMPTS: u32 = 4;
/// Attempts at a state people have to end: 10 s, 1 min, then eight times 10 min.
const LONG_ATTEMPTS: u32 = 11;

/// Turns a failure and the number of this attempt (from 1) into retry or dead letter.
///
/// The only place that decides it.
pub fn disposition(failure: &Failure, attempt: u32) -> Disposition {
    let (attempts, counted) = match failure.patience {
        Patience::None => (0, true),
        Patience::Usual => (USUAL_ATTEMPTS, true),
        Patience::Long => (LONG_ATTEMPTS, true),
        Patience::Uncounted => (u32::MAX, false),
    };
    if attempt >= attempts {
        return Disposition::DeadLetter;
    }
    let step = match attempt {
        // Who waits for another worker looks again soon, however old the job is.
        _ if !counted => RetryDelay::Short,
        0 | 1 => RetryDelay::Short,
        2 => RetryDelay::Medium,
        _ => RetryDelay::Long,
    };
    let asked = RetryDelay::at_least(failure.retry_after.unwrap_or_default());
    Disposition::Retry {
        delay: step.max(asked),
        counted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn retry(delay: RetryDelay) -> Disposition {
        Disposition::Retry {
            delay,
            counted: true,
        }
    }

    #[test]
    fn a_passing_fault_is_tried_four_times() {
        let fault = Failure::transient(Stage::Fetch, Reason::DriveUnavailable, "503");
        assert_eq!(disposition(&fault, 1), retry(RetryDelay::Short));
        assert_eq!(disposition(&fault, 2), retry(RetryDelay::Medium));
        assert_eq!(disposition(&fault, 3), retry(RetryDelay::Long));
        assert_eq!(disposition(&fault, 4), Disposition::DeadLetter);
    }

    #[test]
    fn what_cannot_work_is_never_tried_again() {
        let fault = Failure::permanent(Stage::Receive, Reason::InvalidBody, "not JSON");
        assert_eq!(disposition(&fault, 1), Disposition::DeadLetter);
    }

    #[test]
    fn a_lock_is_waited_for_longer_than_an_hour() {
        let fault = Failure::new(Stage::Upload, Reason::Locked, Patience::Long, "423");
        let mut waited = Duration::ZERO;
        let mut attempt = 1;
        while let Disposition::Retry { delay, .. } = disposition(&fault, attempt) {
            waited += delay.duration();
            attempt += 1;
        }
        assert!(waited > Duration::from_secs(3600), "waited {waited:?}");
    }

    #[test]
    fn retry_after_is_a_lower_bound() {
        let fault = Failure::transient(Stage::Fetch, Reason::DriveUnavailable, "503");
        let asked = fault.after(Some(Duration::from_secs(120)));
        assert_eq!(disposition(&asked, 1), retry(RetryDelay::Long));
    }

    #[test]
    fn waiting_for_a_running_copy_is_not_an_attempt() {
        let busy = Failure::new(Stage::Begin, Reason::Busy, Patience::Uncounted, "busy");
        assert_eq!(
            disposition(&busy, 900),
            Disposition::Retry {
                delay: RetryDelay::Short,
                counted: false
            }
        );
    }
}

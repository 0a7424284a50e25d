//! From the errors of the doors to failures of a job.

use polars::error::PolarsError;

use super::outputs::OutputError;
use crate::drive::DriveError;
use crate::job::{Failure, Patience, Reason, Stage};
use crate::ledger::LedgerError;
use crate::reference::ReferenceError;
use crate::table::TableError;

/// What a drive's error means for the job, at this stage.
pub(super) fn drive(stage: Stage) -> impl Fn(DriveError) -> Failure {
    move |error| {
        let (reason, patience) = match &error {
            DriveError::NotFound(_) => (Reason::NotFound, Patience::Usual),
            DriveError::TooLarge { .. } => (Reason::TooLarge, Patience::None),
            DriveError::Unauthorized { .. } => (Reason::Unauthorized, Patience::Long),
            DriveError::Locked(_) => (Reason::Locked, Patience::Long),
            DriveError::NoSpace(_) => (Reason::NoSpace, Patience::Long),
            DriveError::Refused { .. }
            | DriveError::Redirected
            | DriveError::NotAFile(_)
            | DriveError::Outside(_) => (Reason::DriveRefused, Patience::None),
            DriveError::Unavailable { .. } => (Reason::DriveUnavailable, Patience::Usual),
            DriveError::Corrupt { .. } | DriveError::Changed(_) => {
                (Reason::TransferCorrupt, Patience::Usual)
            }
            DriveError::Local(_) => (Reason::LocalDisk, Patience::Usual),
        };
        let retry_after = match &error {
            DriveError::Unavailable { retry_after, .. } => *retry_after,
            _ => None,
        };
        Failure::new(stage, reason, patience, error).after(retry_after)
    }
}

/// What a ledger's error means for the job, at this stage.
pub(super) fn ledger(stage: Stage) -> impl Fn(LedgerError) -> Failure {
    move |error| {
        let (reason, patience) = match &error {
            LedgerError::Storage(_) => (Reason::LedgerUnavailable, Patience::Usual),
            // Somebody else does it: come back to see whether they did.
            LedgerError::LeaseLost(_) => (Reason::Busy, Patience::Uncounted),
        };
        Failure::new(stage, reason, patience, error)
    }
}

/// What a table's error means for the job: most files that cannot be read never can.
pub(super) fn table(error: TableError) -> Failure {
    let reason = match &error {
        TableError::Io(_) => {
            return Failure::transient(Stage::Survey, Reason::LocalDisk, error);
        }
        // The system may have been short of memory for a moment.
        TableError::Crashed(_) => {
            return Failure::transient(Stage::Survey, Reason::Unreadable, error);
        }
        TableError::Empty | TableError::NoRows => Reason::EmptyFile,
        TableError::Encoding(_) => Reason::Encoding,
        TableError::NotATable(_) => Reason::UnsupportedFormat,
        TableError::Line { .. } | TableError::Unreadable(_) => Reason::Unreadable,
        TableError::Hostile(_) => Reason::Hostile,
        TableError::Frame(_) => Reason::Internal,
    };
    Failure::permanent(Stage::Survey, reason, error)
}

/// What a refusal of polars means: a mistake of ours, whatever the file.
pub(super) fn polars(error: PolarsError) -> Failure {
    // polars quotes cells in its errors; the kind is enough.
    let kind = error.to_string();
    let kind = kind.split(':').next().unwrap_or_default();
    Failure::permanent(
        Stage::Treat,
        Reason::Internal,
        format!("polars refused a column: {kind}"),
    )
}

/// What it means that a draft cannot be written.
pub(super) fn artifact(error: OutputError) -> Failure {
    Failure::transient(Stage::Treat, Reason::LocalDisk, error)
}

/// What a reference base's error means for the job.
pub(super) fn reference(error: ReferenceError) -> Failure {
    let transient = error.is_transient();
    let failure = Failure::transient(Stage::Treat, Reason::ReferenceUnavailable, &error);
    match (transient, error) {
        (true, _) => failure,
        // Somebody has to mend the settings or the file: worth waiting for, not for ever.
        (false, _) => Failure {
            patience: Patience::Long,
            ..failure
        },
    }
}

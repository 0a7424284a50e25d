//! `pyservice convert`, which only the program itself runs.

use std::process::ExitCode;

use crate::app;

/// Without settings, logging and threads: what is read may be made to break this process.
pub(super) fn run() -> ExitCode {
    match app::convert() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

//! The `pyservice` command.

use std::process::ExitCode;

/// Millions of short texts are made and dropped on several threads: the system's allocator costs
/// a seventh of a job's time more.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    pyservice::cli::run()
}

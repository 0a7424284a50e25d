//! What the integration tests share: the servers `tests/run.sh` started, the program, and lists
//! to treat whose results are known.

pub mod archives;
pub mod customers;
pub mod program;
pub mod reading;
pub mod results;

/// The value of a variable that `tests/run.sh` sets. Tests that need one are `#[ignore]`d, so a
/// plain `cargo test` shows them as skipped; asked for without the server, they fail.
pub fn server(variable: &str) -> String {
    std::env::var(variable)
        .unwrap_or_else(|_| panic!("{variable} is not set: run these tests by tests/run.sh"))
}

//! pyservice treats spreadsheets: it takes the name of a file from a queue, downloads the file,
//! cleans it, completes it from a read-only reference base, and delivers the results.

pub mod broker;
pub mod cleaning;
pub mod config;
pub mod drive;
pub mod enrichment;
pub mod job;
pub mod ledger;
pub mod recipe;
pub mod reference;
pub mod report;
pub mod schedule;
pub mod table;
pub mod values;
pub mod worker;

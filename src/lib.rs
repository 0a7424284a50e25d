//! pyservice treats spreadsheets: it takes the name of a file from a queue, downloads the file,
//! cleans it, completes it from a read-only reference base, delivers the results, and only then
//! acknowledges the message.
//!
//! # Layout
//!
//! | level | modules | what they are |
//! |---|---|---|
//! | words | [`job`] [`values`] [`table`] [`recipe`] [`config`] | what jobs, cells, tables and settings are |
//! | ground | [`telemetry`] [`shutdown`] | logging, every metric, signals |
//! | rules | [`cleaning`] [`enrichment`] [`transform`] [`report`] | what is done to a list; no I/O, no clock |
//! | doors | [`broker`] [`drive`] [`reference`](mod@reference) [`ledger`] | a trait each, its real and its embedded twin |
//! | work | [`worker`] [`schedule`] [`http`] | jobs, through the traits; what is answered of them |
//! | top | [`app`] [`cli`] | choosing the adapters; the command line |
//!
//! A module imports from the levels above it in this table, never from those below; doors do not
//! import one another. `tests/it/architecture.rs` holds the exact table and enforces it. Each of
//! `lapin`, `mongodb`, `reqwest` and `rusqlite` is named in one file.
//!
//! # How a job flows
//!
//! 1. [`worker::Worker::run`] takes a permit, then a delivery from the [`broker`].
//! 2. [`job::Request::parse`] reads its body; what can never work goes to the dead letters.
//! 3. The [`ledger`] says whether the job is to start, was done before, or runs elsewhere. The
//!    attempt is on disk before the file is touched.
//! 4. The [`drive`] fetches the work file into a scratch folder.
//! 5. [`worker::treat`] reads it twice: the survey finds how it is written and what its columns
//!    hold; the second pass cleans it in batches, asks the [`reference`](mod@reference) base for
//!    each, and writes CSV and workbook as they come, so that memory does not grow with the file.
//! 6. Tallies become a [`report::Summary`], from which the `Resumo` sheet, the PDF and the manifest
//!    are drawn.
//! 7. Every artifact is uploaded and verified, the manifest last; the ledger notes the end; the
//!    message is acknowledged last of all.
//! 8. A failure carries its stage and cause; [`job::disposition`] turns it into a retry or a dead
//!    letter.
//!
//! Everything from 3 on may happen twice without harm. Meanwhile the broker hears how far the job
//! is, and [`telemetry::Metrics`] counts; neither holds it up.

pub mod app;
pub mod broker;
pub mod cleaning;
pub mod cli;
pub mod config;
pub mod drive;
pub mod enrichment;
pub mod http;
pub mod job;
pub mod ledger;
pub mod recipe;
pub mod reference;
pub mod report;
pub mod schedule;
pub mod shutdown;
pub mod table;
pub mod telemetry;
pub mod transform;
pub mod values;
pub mod worker;

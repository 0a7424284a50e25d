//! The one integration binary.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod architecture;
mod broker;
mod bundle;
mod cases;
mod cleaning;
mod cli;
mod drive;
mod embedded;
mod events;
mod guarantees;
mod harness;
mod jobs;
mod ledger;
mod manifest;
mod pdf;
mod pollution;
mod reading;
mod reading_properties;
mod recipes;
mod reference;
mod sample;
mod settings;
mod tables;
mod vectors;
mod workbooks;

//! The one integration binary.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod manifest;
mod pdf;
mod sample;
mod vectors;

//! Any bytes as a file that was sent.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| pyservice_fuzz::read(bytes));

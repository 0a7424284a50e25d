//! Converting one file, as the process of its own that [`convert_apart`] starts.
//!
//! [`convert_apart`]: crate::table::convert::convert_apart

use std::io;

use crate::table::convert;

/// Answers the conversion that standard input asks for on standard output, under limits on
/// memory and time that the whole process keeps from then on.
///
/// # Errors
/// If it cannot be limited, is not understood, or cannot answer.
pub fn convert() -> io::Result<()> {
    convert::answer(io::stdin().lock(), io::stdout().lock())
}

//! Columns and sheets made of others. Transforms see clean, completed rows.

mod derived;
mod groups;
mod measured;

pub use derived::{Derived, Transformer};
pub use groups::{GroupSheet, Grouper};
pub use measured::{Measured, TransformMeasurer};

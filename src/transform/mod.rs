//! Columns and sheets made of others. Transforms see clean, completed rows.

pub mod cells;

mod aggregated;
mod bins;
mod derived;
mod exact;
mod groups;
mod measured;
mod naming;
mod numbers;

pub use derived::{Derived, Transformer};
pub use groups::{GroupSheet, Grouper};
pub use measured::{Measured, TransformMeasurer};
pub use numbers::{Numbers, Spread};

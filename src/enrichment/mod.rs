//! Completing a list from the reference base: which keys to ask for, and what to do with the
//! answers. Never touches the network.

mod identity;
mod keys;
mod merge;
mod plan;

pub use keys::keys;
pub use merge::{Found, MergeTally, Merger};
pub use plan::{KeyColumn, Plan, Target};

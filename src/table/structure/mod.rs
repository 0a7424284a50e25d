//! What the records of a file are: which of them are rows of a table, which are its header, and
//! which are what people write around tables.

mod fast;
mod found;
mod glance;
mod header;
mod named;
mod scan;
mod seen;
mod stacked;
mod totals;

pub(super) use found::Found;
pub(super) use glance::is_value;
pub(super) use named::survey;
pub(super) use scan::{Of, scan};

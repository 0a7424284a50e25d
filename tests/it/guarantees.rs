//! What is promised whatever breaks: done at least once, the same results every time, nothing
//! dropped in silence; and acknowledged only when every artifact is delivered.

mod crashes;
mod embedded;
mod faults;
pub mod trouble;

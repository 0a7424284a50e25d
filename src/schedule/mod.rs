//! Where jobs come from when nobody publishes them.

mod watch;

pub use watch::watch;

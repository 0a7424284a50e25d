//! Text files: from their bytes to records.

pub(super) mod blocks;
pub(super) mod dialect;
pub(super) mod encoding;
pub(super) mod records;
mod repair;
pub(super) mod split;
pub(super) mod transcode;
mod window;

//! Where work files lie and results go.
//!
//! [`webdav::Webdav`] speaks to ownCloud and other WebDAV servers, [`folder::Folder`] is the same
//! tree on a local disk. Both honour the one contract of [`Drive`].

pub mod folder;
mod local;
pub mod webdav;

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;

use crate::job::RemotePath;

/// A file as the drive describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub bytes: u64,
    /// Opaque; names one version of the file. Without quotes or `W/`; empty where the drive has none.
    pub etag: String,
    /// Lower-case hex, where the drive knows it.
    pub sha1: Option<String>,
}

/// What came down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    pub bytes: u64,
    pub etag: String,
    /// Lower-case hex of what was written to disk.
    pub sha256: String,
}

/// What a put did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    Written,
    /// The same bytes were there already.
    Unchanged,
}

#[derive(Debug, thiserror::Error)]
pub enum DriveError {
    #[error("`{0}` is not on the drive")]
    NotFound(RemotePath),
    #[error("`{path}` is larger than {limit} bytes")]
    TooLarge { path: RemotePath, limit: u64 },
    #[error("the drive refused the credentials (HTTP {status})")]
    Unauthorized { status: u16 },
    #[error("`{0}` is locked by somebody")]
    Locked(RemotePath),
    #[error("the drive has no space left for `{0}`")]
    NoSpace(RemotePath),
    #[error("the drive refused `{path}` (HTTP {status})")]
    Refused { path: RemotePath, status: u16 },
    #[error("the drive is unavailable ({cause})")]
    Unavailable {
        cause: String,
        retry_after: Option<Duration>,
    },
    #[error("`{path}` did not arrive whole: {cause}")]
    Corrupt { path: RemotePath, cause: String },
    #[error("`{0}` changed while it was read")]
    Changed(RemotePath),
    #[error("the drive redirects to another address, which is refused")]
    Redirected,
    #[error("`{0}` is a folder")]
    NotAFile(RemotePath),
    #[error("`{0}` leads out of the drive's root")]
    Outside(RemotePath),
    #[error("cannot use local file: {0}")]
    Local(#[from] std::io::Error),
}

impl DriveError {
    /// Whether the same call may work later.
    pub fn is_transient(&self) -> bool {
        match self {
            // A file may still be syncing when its job arrives.
            DriveError::NotFound(_)
            | DriveError::Unauthorized { .. }
            | DriveError::Locked(_)
            | DriveError::NoSpace(_)
            | DriveError::Unavailable { .. }
            | DriveError::Corrupt { .. }
            | DriveError::Changed(_)
            | DriveError::Local(_) => true,
            DriveError::TooLarge { .. }
            | DriveError::Refused { .. }
            | DriveError::Redirected
            | DriveError::NotAFile(_)
            | DriveError::Outside(_) => false,
        }
    }
}

/// A tree of files. Paths are relative to its root. Folders are never read, replaced or removed:
/// where a file is meant, they are [`DriveError::NotAFile`].
#[async_trait]
pub trait Drive: Send + Sync {
    /// Describes a file; `None` if it is not there.
    async fn stat(&self, path: &RemotePath) -> Result<Option<Entry>, DriveError>;

    /// Downloads into the local file `into` (created or replaced), verifying length and, where
    /// the drive tells it, checksum. More than `limit` bytes is an error, found before or while
    /// they arrive; then, as after any error, `into` holds nothing to be used.
    async fn fetch(
        &self,
        path: &RemotePath,
        into: &Path,
        limit: u64,
    ) -> Result<Fetched, DriveError>;

    /// Uploads the local file `from` to `path`, creating folders upwards, and verifies that the
    /// drive holds those bytes. Nobody ever sees half a file under that name. Does nothing when
    /// the same bytes are there.
    async fn store(&self, from: &Path, path: &RemotePath) -> Result<Stored, DriveError>;

    /// Moves a file, replacing what is there.
    async fn relocate(&self, from: &RemotePath, to: &RemotePath) -> Result<(), DriveError>;

    /// Removes a file; it is no error if it is gone.
    async fn remove(&self, path: &RemotePath) -> Result<(), DriveError>;

    /// The files directly in `folder`, in the order of their names.
    async fn list(&self, folder: &RemotePath) -> Result<Vec<(RemotePath, Entry)>, DriveError>;

    /// Whether `folder` is there and may be read.
    async fn check_folder(&self, folder: &RemotePath) -> Result<(), DriveError>;
}

//! ownCloud and other WebDAV servers.

mod address;
mod answer;
mod fetch;
mod multistatus;
mod store;
mod wire;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::timeout;

use self::answer::Etag;
use self::multistatus::Member;
use self::wire::{Listing, Wire};
use super::{Drive, DriveError, Entry, Fetched, Stored, local};
use crate::config::WebdavSettings;
use crate::job::RemotePath;

/// How long to wait for the drive.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// For a connection, its TLS handshake included.
    pub connect: Duration,
    /// While nothing moves: no answer, no next byte.
    pub idle: Duration,
    /// For a whole call of the trait.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Timeouts {
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(60),
            total: Duration::from_secs(20 * 60),
        }
    }
}

/// Why the client cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("cannot read the certificate file `{}`: {source}", .path.display())]
    CaFile { path: PathBuf, source: io::Error },
    #[error("`{}` holds no PEM certificate", .0.display())]
    NoCertificate(PathBuf),
    #[error("no TLS provider is installed")]
    NoTlsProvider,
    #[error("cannot set up the WebDAV client: {0}")]
    Client(String),
}

/// A user's files on a WebDAV server.
pub struct Webdav {
    wire: Wire,
    total: Duration,
}

/// A file, as PROPFIND describes it.
struct RemoteFile {
    bytes: u64,
    etag: Etag,
    /// Lower-case hex.
    sha1: Option<String>,
}

impl From<RemoteFile> for Entry {
    fn from(file: RemoteFile) -> Self {
        Entry {
            bytes: file.bytes,
            etag: file.etag.version().to_owned(),
            sha1: file.sha1,
        }
    }
}

impl Webdav {
    /// Sets the client up; nothing is sent yet. A rustls crypto provider must be installed.
    ///
    /// # Errors
    /// [`StartError`], for example if certificates cannot be checked because the machine knows no
    /// certificate authorities.
    pub fn new(settings: WebdavSettings, timeouts: Timeouts) -> Result<Self, StartError> {
        Ok(Webdav {
            total: timeouts.total,
            wire: Wire::new(settings, timeouts)?,
        })
    }

    /// The file at `path`; `None` if nothing is there.
    async fn lookup(&self, path: &RemotePath) -> Result<Option<RemoteFile>, DriveError> {
        let Some(listing) = self.wire.describe(path).await? else {
            return Ok(None);
        };
        match itself(listing) {
            None => Ok(None),
            Some(member) if member.is_folder => Err(DriveError::NotAFile(path.clone())),
            Some(member) => match as_file(member) {
                Some(file) => Ok(Some(file)),
                None => Err(DriveError::Unavailable {
                    cause: format!("it does not tell the size of `{path}`"),
                    retry_after: None,
                }),
            },
        }
    }

    async fn existing(&self, path: &RemotePath) -> Result<RemoteFile, DriveError> {
        let file = self.lookup(path).await?;
        file.ok_or_else(|| DriveError::NotFound(path.clone()))
    }

    async fn within<T>(
        &self,
        work: impl Future<Output = Result<T, DriveError>> + Send,
    ) -> Result<T, DriveError> {
        timeout(self.total, work).await.unwrap_or_else(|_| {
            Err(DriveError::Unavailable {
                cause: format!("not done after {} s", self.total.as_secs_f32()),
                retry_after: None,
            })
        })
    }
}

#[async_trait]
impl Drive for Webdav {
    async fn stat(&self, path: &RemotePath) -> Result<Option<Entry>, DriveError> {
        let file = self.within(self.lookup(path)).await?;
        Ok(file.map(Entry::from))
    }

    async fn fetch(
        &self,
        path: &RemotePath,
        into: &Path,
        limit: u64,
    ) -> Result<Fetched, DriveError> {
        let twice = async {
            match self.download(path, into, limit).await {
                Err(DriveError::Changed(_)) => self.download(path, into, limit).await,
                outcome => outcome,
            }
        };
        let outcome = self.within(twice).await;
        if outcome.is_err() {
            local::discard(into).await;
        }
        outcome
    }

    async fn store(&self, from: &Path, path: &RemotePath) -> Result<Stored, DriveError> {
        self.within(self.upload(from, path)).await
    }

    async fn relocate(&self, from: &RemotePath, to: &RemotePath) -> Result<(), DriveError> {
        self.within(self.rename(from, to)).await
    }

    async fn remove(&self, path: &RemotePath) -> Result<(), DriveError> {
        self.within(async {
            // DELETE would take a folder with all that is in it.
            if self.lookup(path).await?.is_none() {
                return Ok(());
            }
            match self.wire.delete(path).await {
                Err(DriveError::NotFound(_)) => Ok(()),
                outcome => outcome,
            }
        })
        .await
    }

    async fn list(&self, folder: &RemotePath) -> Result<Vec<(RemotePath, Entry)>, DriveError> {
        let listing = self.within(self.wire.list(folder)).await?;
        let listing = listing.ok_or_else(|| DriveError::NotFound(folder.clone()))?;
        files_in(listing, folder)
    }

    async fn check_folder(&self, folder: &RemotePath) -> Result<(), DriveError> {
        let listing = self.within(self.wire.describe_folder(folder)).await?;
        match listing.and_then(itself) {
            Some(member) if member.is_folder => Ok(()),
            _ => Err(DriveError::NotFound(folder.clone())),
        }
    }
}

/// The member that was asked for. Alone it needs no comparison, as behind a proxy that rewrites paths.
fn itself(mut listing: Listing) -> Option<Member> {
    if listing.members.len() > 1 {
        let asked = address::segments(&listing.asked)?;
        listing
            .members
            .retain(|member| address::named(&listing.asked, &member.href).as_ref() == Some(&asked));
    }
    listing.members.pop()
}

fn files_in(listing: Listing, folder: &RemotePath) -> Result<Vec<(RemotePath, Entry)>, DriveError> {
    let asked = address::segments(&listing.asked).unwrap_or_default();
    let mut names_itself = false;
    let mut files = Vec::new();
    for member in listing.members {
        let named = address::named(&listing.asked, &member.href);
        let is_folder = member.is_folder;
        match named
            .as_deref()
            .and_then(|named| named.strip_prefix(asked.as_slice()))
        {
            Some([]) if is_folder => names_itself = true,
            _ if is_folder => {}
            Some([name]) => match (RemotePath::parse(name), as_file(member)) {
                (Ok(name), Some(file)) if !name.as_str().contains('/') => {
                    files.push((name.in_folder(folder), file.into()));
                }
                (Err(reason), _) => tracing::warn!(%folder, %reason, "a file was skipped"),
                _ => tracing::warn!(%folder, "a file without a size or a plain name was skipped"),
            },
            _ => tracing::warn!(%folder, "a file whose name cannot be read was skipped"),
        }
    }
    if !names_itself {
        // Hrefs we cannot compare would otherwise look like an empty folder.
        return Err(DriveError::Unavailable {
            cause: format!("its listing of `{folder}` does not name the folder"),
            retry_after: None,
        });
    }
    files.sort_by(|(one, _): &(RemotePath, Entry), (two, _)| one.cmp(two));
    files.dedup_by(|(one, _), (two, _)| one == two);
    Ok(files)
}

fn as_file(member: Member) -> Option<RemoteFile> {
    Some(RemoteFile {
        bytes: member.bytes?,
        etag: member.etag,
        sha1: member.sha1,
    })
}

fn corrupt(path: &RemotePath, cause: impl Into<String>) -> DriveError {
    DriveError::Corrupt {
        path: path.clone(),
        cause: cause.into(),
    }
}

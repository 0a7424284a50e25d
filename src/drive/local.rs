//! The local end of a transfer: files whose digests are computed while they are written or read.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha1::{Digest, Sha1};
use sha2::Sha256;
use tokio::io::{AsyncSeekExt, AsyncWriteExt};

/// A file being downloaded.
pub struct Landing {
    file: tokio::fs::File,
    bytes: u64,
    sha1: Sha1,
    sha256: Sha256,
}

/// What has landed. The digests are lower-case hex.
#[derive(Debug, PartialEq, Eq)]
pub struct Landed {
    pub bytes: u64,
    pub sha1: String,
    pub sha256: String,
}

impl Landing {
    /// Creates or empties the file.
    pub async fn create(at: &Path) -> io::Result<Self> {
        Ok(Landing {
            file: tokio::fs::File::create(at).await?,
            bytes: 0,
            sha1: Sha1::new(),
            sha256: Sha256::new(),
        })
    }

    /// How many bytes have arrived.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    pub async fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.file.write_all(chunk).await?;
        self.sha1.update(chunk);
        self.sha256.update(chunk);
        self.bytes += chunk.len() as u64;
        Ok(())
    }

    /// Forgets everything: the file comes from its beginning once more.
    pub async fn restart(&mut self) -> io::Result<()> {
        self.file.set_len(0).await?;
        self.file.rewind().await?;
        self.bytes = 0;
        self.sha1 = Sha1::new();
        self.sha256 = Sha256::new();
        Ok(())
    }

    pub async fn finish(mut self) -> io::Result<Landed> {
        // Writes that are still on their way report their errors only here.
        self.file.flush().await?;
        Ok(Landed {
            bytes: self.bytes,
            sha1: hex::encode(self.sha1.finalize()),
            sha256: hex::encode(self.sha256.finalize()),
        })
    }
}

/// Removes what a failed download left.
pub async fn discard(at: &Path) {
    if let Err(error) = tokio::fs::remove_file(at).await
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "cannot remove an incomplete download");
    }
}

/// What a local file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    pub bytes: u64,
    /// Lower-case hex.
    pub sha1: String,
}

/// Reads a file to its end.
pub async fn fingerprint(of: &Path) -> io::Result<Fingerprint> {
    let path = of.to_owned();
    blocking(move || read_fingerprint(&path)).await
}

/// The same for those who may block.
pub fn read_fingerprint(of: &Path) -> io::Result<Fingerprint> {
    let mut file = File::open(of)?;
    let mut sha1 = Sha1::new();
    let mut bytes = 0;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        sha1.update(&buffer[..read]);
        bytes += read as u64;
    }
    Ok(Fingerprint {
        bytes,
        sha1: hex::encode(sha1.finalize()),
    })
}

/// Runs file work where it may block.
pub async fn blocking<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<io::Error> + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        // A panic in there, or a runtime that is shutting down.
        Err(error) => Err(io::Error::other(error).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_restarted_landing_holds_only_what_came_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().join("x");
        let mut landing = Landing::create(&at).await.unwrap();
        landing.write(b"something else, and longer").await.unwrap();
        landing.restart().await.unwrap();
        landing.write(b"ab").await.unwrap();
        landing.write(b"c").await.unwrap();
        assert_eq!(landing.bytes(), 3);
        let landed = landing.finish().await.unwrap();
        assert_eq!(std::fs::read(&at).unwrap(), b"abc");
        assert_eq!(landed.bytes, 3);
        assert_eq!(landed.sha1, "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(
            landed.sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        let fingerprint = fingerprint(&at).await.unwrap();
        assert_eq!((fingerprint.bytes, fingerprint.sha1), (3, landed.sha1));
    }

    #[tokio::test]
    async fn discarding_nothing_is_no_error() {
        let folder = tempfile::tempdir().unwrap();
        discard(&folder.path().join("x")).await;
    }
}

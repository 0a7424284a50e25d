//! Uploads: to the final name, where the server replaces the file in one step, and never removed
//! again: what is there after a failure is the old file or the new one.

use std::path::Path;

use sha1::{Digest, Sha1};

use super::{RemoteFile, Webdav, corrupt};
use crate::drive::local::{self, Fingerprint};
use crate::drive::{DriveError, Stored};
use crate::job::RemotePath;

impl Webdav {
    pub(super) async fn upload(
        &self,
        from: &Path,
        path: &RemotePath,
    ) -> Result<Stored, DriveError> {
        let local = local::fingerprint(from).await?;
        if let Some(there) = self.lookup(path).await?
            && self.holds(path, there, &local).await?
        {
            return Ok(Stored::Unchanged);
        }
        match self.wire.put(from, path, &local).await {
            Err(error) if is_folder_missing(&error) => {
                self.make_folders_for(path).await?;
                self.wire.put(from, path, &local).await?;
            }
            outcome => outcome?,
        }
        self.verify(path, &local).await?;
        Ok(Stored::Written)
    }

    /// Moves a file, making the folder it goes to.
    pub(super) async fn rename(
        &self,
        from: &RemotePath,
        to: &RemotePath,
    ) -> Result<(), DriveError> {
        self.existing(from).await?;
        if from == to {
            return Ok(());
        }
        // To overwrite a folder would be to remove all that is in it.
        let is_new = self.lookup(to).await?.is_none();
        // Asked first: into a missing folder, mod_dav answers MOVE with a mere 500.
        if is_new
            && let Some(folder) = to.parent()
            && self.wire.describe_folder(&folder).await?.is_none()
        {
            self.make_folders_for(to).await?;
        }
        self.wire.relocate(from, to).await
    }

    /// Whether the drive has these bytes already. Where it tells no checksum, the file is read:
    /// only when the sizes are equal, and then it is rarely for nothing.
    async fn holds(
        &self,
        path: &RemotePath,
        there: RemoteFile,
        local: &Fingerprint,
    ) -> Result<bool, DriveError> {
        if there.bytes != local.bytes {
            return Ok(false);
        }
        let sha1 = match there.sha1 {
            Some(sha1) => sha1,
            None => match self.read_sha1(path).await {
                Ok(sha1) => sha1,
                // What cannot be read can still be replaced.
                Err(error) if error.is_transient() => return Ok(false),
                Err(error) => return Err(error),
            },
        };
        Ok(sha1 == local.sha1)
    }

    async fn read_sha1(&self, path: &RemotePath) -> Result<String, DriveError> {
        let mut incoming = self.wire.get(path, None).await?;
        let mut sha1 = Sha1::new();
        while let Some(chunk) = incoming.chunk().await? {
            sha1.update(chunk.as_ref());
        }
        Ok(hex::encode(sha1.finalize()))
    }

    async fn verify(&self, path: &RemotePath, local: &Fingerprint) -> Result<(), DriveError> {
        let Some(there) = self.lookup(path).await? else {
            return Err(corrupt(path, "it is not there after its upload"));
        };
        if there.bytes != local.bytes {
            let cause = format!("the drive has {} of {} bytes", there.bytes, local.bytes);
            return Err(corrupt(path, cause));
        }
        if there.sha1.is_some_and(|sha1| sha1 != local.sha1) {
            return Err(corrupt(path, "the drive computes another checksum"));
        }
        Ok(())
    }

    /// Makes the folder `path` lies in: upwards until one can be made, then down again.
    async fn make_folders_for(&self, path: &RemotePath) -> Result<(), DriveError> {
        let folders: Vec<RemotePath> =
            std::iter::successors(path.parent(), RemotePath::parent).collect();
        let mut missing = 0;
        for folder in &folders {
            match self.wire.mkcol(folder).await {
                Err(error) if is_folder_missing(&error) => missing += 1,
                outcome => {
                    outcome?;
                    break;
                }
            }
        }
        for folder in folders.iter().take(missing).rev() {
            self.wire.mkcol(folder).await?;
        }
        Ok(())
    }
}

/// 409, on old servers 404.
fn is_folder_missing(error: &DriveError) -> bool {
    matches!(
        error,
        DriveError::Refused { status: 409, .. } | DriveError::NotFound(_)
    )
}

//! Downloads that survive cut connections and never mix two versions of a file.

use std::path::Path;

use super::wire::Incoming;
use super::{RemoteFile, Webdav, corrupt};
use crate::drive::local::{Landed, Landing};
use crate::drive::{DriveError, Fetched};
use crate::job::RemotePath;

/// How often one download continues after its connection broke.
const RESUMES: usize = 5;

impl Webdav {
    /// One version of the file, from its first byte to its last.
    pub(super) async fn download(
        &self,
        path: &RemotePath,
        into: &Path,
        limit: u64,
    ) -> Result<Fetched, DriveError> {
        let file = self.existing(path).await?;
        if file.bytes > limit {
            return Err(DriveError::TooLarge {
                path: path.clone(),
                limit,
            });
        }
        let mut download = Download {
            path,
            told: file.sha1.clone(),
            file,
            landing: Landing::create(into).await?,
        };
        let mut resumes = 0;
        loop {
            let before = download.landing.bytes();
            let incoming = self.wire.get(path, download.resume()).await?;
            match download.receive(incoming).await {
                Ok(()) => return download.finish().await,
                // Only as long as every attempt brings something.
                Err(error)
                    if is_cut(&error) && resumes < RESUMES && download.landing.bytes() > before =>
                {
                    resumes += 1;
                    tracing::debug!(%path, resumes, %error, "download continues");
                }
                Err(error) => return Err(error),
            }
        }
    }
}

fn is_cut(error: &DriveError) -> bool {
    matches!(
        error,
        DriveError::Corrupt { .. } | DriveError::Unavailable { .. }
    )
}

struct Download<'a> {
    path: &'a RemotePath,
    /// The version wanted.
    file: RemoteFile,
    /// The SHA-1 the server tells, if it does.
    told: Option<String>,
    landing: Landing,
}

impl Download<'_> {
    /// Where to continue. Without a strong ETag the file comes from its beginning once more.
    fn resume(&self) -> Option<(u64, &str)> {
        let first = self.landing.bytes();
        self.file
            .etag
            .strong()
            .filter(|_| first > 0)
            .map(|etag| (first, etag))
    }

    async fn receive(&mut self, mut incoming: Incoming) -> Result<(), DriveError> {
        self.begin(&incoming).await?;
        while let Some(chunk) = incoming.chunk().await? {
            let chunk = chunk.as_ref();
            // The size was checked against the limit, so this is the limit too.
            if self.missing() < chunk.len() as u64 {
                return Err(DriveError::Changed(self.path.clone()));
            }
            self.landing.write(chunk).await?;
        }
        match self.missing() {
            0 => Ok(()),
            missing => Err(corrupt(self.path, format!("{missing} bytes are missing"))),
        }
    }

    /// Checks that what comes is the version wanted and continues what is there.
    async fn begin(&mut self, incoming: &Incoming) -> Result<(), DriveError> {
        if incoming.is_compressed() {
            return Err(corrupt(self.path, "it came compressed"));
        }
        let etag = incoming.etag();
        if self.file.etag.differs(&etag) {
            return Err(DriveError::Changed(self.path.clone()));
        }
        // The same version, and by now perhaps with an ETag to resume by.
        if etag.strong().is_some() {
            self.file.etag = etag;
        }
        match incoming.part()? {
            Some(part) => {
                if part.total.is_some_and(|total| total != self.file.bytes) {
                    return Err(DriveError::Changed(self.path.clone()));
                }
                if part.first != self.landing.bytes() {
                    return Err(corrupt(self.path, "another part came than was asked for"));
                }
            }
            None if self.landing.bytes() > 0 => self.landing.restart().await?,
            None => {}
        }
        // Two writes within a second may share an ETag.
        if incoming
            .length()
            .is_some_and(|length| length != self.missing())
        {
            return Err(DriveError::Changed(self.path.clone()));
        }
        self.told = incoming.sha1().or(self.told.take());
        Ok(())
    }

    fn missing(&self) -> u64 {
        self.file.bytes.saturating_sub(self.landing.bytes())
    }

    async fn finish(self) -> Result<Fetched, DriveError> {
        let Landed {
            bytes,
            sha1,
            sha256,
        } = self.landing.finish().await?;
        if self.told.is_some_and(|told| told != sha1) {
            return Err(corrupt(self.path, "its checksum is another one"));
        }
        Ok(Fetched {
            bytes,
            etag: self.file.etag.version().to_owned(),
            sha256,
        })
    }
}

//! The same tree on a local disk: `<root>/work`, `<root>/finalizado`.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use tokio::io::AsyncReadExt;
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

use super::local::{self, Fingerprint, Landing, blocking};
use super::{Drive, DriveError, Entry, Fetched, Stored};
use crate::job::RemotePath;

/// Uploads on their way are `.pyservice-<uuid>.part`, beside the file they will become.
const PART_PREFIX: &str = ".pyservice-";
const PART_SUFFIX: &str = ".part";

/// A local folder. Symbolic links may point about inside it, never out of it.
#[derive(Debug, Clone)]
pub struct Folder {
    /// Absolute and without symbolic links.
    root: PathBuf,
}

impl Folder {
    /// Opens `root`, creating it if needed, and removes the parts that dead processes left there.
    ///
    /// # Errors
    /// What the file system says if there can be no such folder.
    pub fn open(root: &Path) -> io::Result<Self> {
        fs::create_dir_all(root)?;
        let root = root.canonicalize()?;
        sweep(&root);
        Ok(Folder { root })
    }

    /// Runs `work` where it may block. Errors about a file are told as `path`'s.
    async fn run<T: Send + 'static>(
        &self,
        path: &RemotePath,
        work: impl FnOnce(&Folder, &RemotePath) -> Result<T, DriveError> + Send + 'static,
    ) -> Result<T, DriveError> {
        let (folder, path) = (self.clone(), path.clone());
        blocking(move || work(&folder, &path)).await
    }

    fn plain(&self, path: &RemotePath) -> PathBuf {
        self.root.join(path.as_str())
    }

    /// Where `path` really is, links followed; `None` if nothing is there.
    fn resolve(&self, path: &RemotePath) -> Result<Option<PathBuf>, DriveError> {
        match self.plain(path).canonicalize() {
            Ok(real) if real.starts_with(&self.root) => Ok(Some(real)),
            Ok(_) => Err(DriveError::Outside(path.clone())),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn lookup(&self, path: &RemotePath) -> Result<Option<(PathBuf, Metadata)>, DriveError> {
        let Some(real) = self.resolve(path)? else {
            return Ok(None);
        };
        let metadata = match fs::metadata(&real) {
            Ok(metadata) => metadata,
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        // A pipe or a device would be read for ever.
        if !metadata.is_file() {
            return Err(DriveError::NotAFile(path.clone()));
        }
        Ok(Some((real, metadata)))
    }

    fn existing(&self, path: &RemotePath) -> Result<(PathBuf, Metadata), DriveError> {
        self.lookup(path)?
            .ok_or_else(|| DriveError::NotFound(path.clone()))
    }

    /// The real folder `path` goes into, created if needed, link by link, so that none leads out.
    fn make_folder_for(&self, path: &RemotePath) -> Result<PathBuf, DriveError> {
        let Some(folder) = path.parent() else {
            return Ok(self.root.clone());
        };
        let mut real = self.root.clone();
        for segment in folder.segments() {
            let next = real.join(segment);
            match fs::create_dir(&next) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(full_or_local(error, path)),
            }
            real = next.canonicalize()?;
            if !real.starts_with(&self.root) {
                return Err(DriveError::Outside(path.clone()));
            }
        }
        Ok(real)
    }

    /// Copies `from` beside `path` and renames it there: nobody sees half of it.
    fn replace(
        &self,
        from: &Path,
        path: &RemotePath,
        local: &Fingerprint,
    ) -> Result<(), DriveError> {
        let folder = self.make_folder_for(path)?;
        let part = folder.join(format!("{PART_PREFIX}{}{PART_SUFFIX}", Uuid::new_v4()));
        let written = write_part(from, &part, local, path).and_then(|()| {
            fs::rename(&part, folder.join(path.file_name()))?;
            // The name must survive a power cut as well as the bytes.
            File::open(&folder)?.sync_all()?;
            Ok(())
        });
        if written.is_err() {
            let _ = fs::remove_file(&part);
        }
        written
    }

    fn rename(&self, from: &RemotePath, to: &RemotePath) -> Result<(), DriveError> {
        // The name moves, even if it is a link's.
        let source = self.plain(from);
        let target = self.make_folder_for(to)?.join(to.file_name());
        match fs::rename(&source, target) {
            // `work` and `finalizado` may be volumes of their own.
            Err(error) if error.kind() == ErrorKind::CrossesDevices => {
                let local = local::read_fingerprint(&source)?;
                self.replace(&source, to, &local)?;
                Ok(fs::remove_file(&source)?)
            }
            outcome => outcome.map_err(|error| full_or_local(error, to)),
        }
    }

    /// Copies one version of a file.
    async fn copy(
        &self,
        path: &RemotePath,
        into: &Path,
        limit: u64,
    ) -> Result<Fetched, DriveError> {
        let (real, before) = self.run(path, Folder::existing).await?;
        if before.len() > limit {
            return Err(DriveError::TooLarge {
                path: path.clone(),
                limit,
            });
        }
        let mut landing = Landing::create(into).await?;
        let file = tokio::fs::File::open(&real).await?;
        // One more byte than expected shows that the file grew.
        let mut file = file.take(before.len() + 1);
        let mut buffer = vec![0; 256 * 1024];
        loop {
            let read = file.read(&mut buffer).await?;
            if read == 0 {
                break;
            }
            landing.write(&buffer[..read]).await?;
        }
        let (_, after) = self.run(path, Folder::existing).await?;
        let landed = landing.finish().await?;
        if landed.bytes != before.len() || etag(&before) != etag(&after) {
            return Err(DriveError::Changed(path.clone()));
        }
        Ok(Fetched {
            bytes: landed.bytes,
            etag: etag(&before),
            sha256: landed.sha256,
        })
    }
}

#[async_trait]
impl Drive for Folder {
    async fn stat(&self, path: &RemotePath) -> Result<Option<Entry>, DriveError> {
        let found = self.run(path, Folder::lookup).await?;
        Ok(found.map(|(_, metadata)| entry(&metadata)))
    }

    async fn fetch(
        &self,
        path: &RemotePath,
        into: &Path,
        limit: u64,
    ) -> Result<Fetched, DriveError> {
        let outcome = match self.copy(path, into, limit).await {
            Err(DriveError::Changed(_)) => self.copy(path, into, limit).await,
            outcome => outcome,
        };
        if outcome.is_err() {
            local::discard(into).await;
        }
        outcome
    }

    async fn store(&self, from: &Path, path: &RemotePath) -> Result<Stored, DriveError> {
        let local = local::fingerprint(from).await?;
        let there = self.run(path, Folder::lookup).await?;
        if let Some((real, metadata)) = there
            && metadata.len() == local.bytes
            && local::fingerprint(&real).await? == local
        {
            return Ok(Stored::Unchanged);
        }
        let from = from.to_owned();
        self.run(path, move |folder, path| {
            folder.replace(&from, path, &local)
        })
        .await?;
        Ok(Stored::Written)
    }

    async fn relocate(&self, from: &RemotePath, to: &RemotePath) -> Result<(), DriveError> {
        let to = to.clone();
        self.run(from, move |folder, from| {
            folder.existing(from)?;
            folder.lookup(&to)?;
            folder.rename(from, &to)
        })
        .await
    }

    async fn remove(&self, path: &RemotePath) -> Result<(), DriveError> {
        self.run(path, |folder, path| {
            if folder.lookup(path)?.is_none() {
                return Ok(());
            }
            match fs::remove_file(folder.plain(path)) {
                Err(error) if !is_absent(&error) => Err(error.into()),
                _ => Ok(()),
            }
        })
        .await
    }

    async fn list(&self, folder: &RemotePath) -> Result<Vec<(RemotePath, Entry)>, DriveError> {
        self.run(folder, |root, folder| {
            let real = root.resolve_folder(folder)?;
            let mut files = Vec::new();
            for found in fs::read_dir(real)? {
                let found = found?.file_name();
                let name = found.to_string_lossy();
                if is_part(&name) {
                    continue;
                }
                // A name that is not UTF-8, or not in NFC, is not found again under the one we would give.
                if found.to_str().is_none() || name.nfc().ne(name.chars()) {
                    tracing::warn!(%folder, "a file whose name is not in NFC was skipped");
                    continue;
                }
                let path = match RemotePath::parse(&name) {
                    Ok(name) => name.in_folder(folder),
                    Err(reason) => {
                        tracing::warn!(%folder, %reason, "a file was skipped");
                        continue;
                    }
                };
                match root.lookup(&path) {
                    Ok(Some((_, metadata))) => files.push((path, entry(&metadata))),
                    // Gone since, a sub-folder, or a link that leads out.
                    Ok(None) | Err(DriveError::NotAFile(_) | DriveError::Outside(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            files.sort_by(|(one, _), (two, _)| one.cmp(two));
            Ok(files)
        })
        .await
    }

    async fn check_folder(&self, folder: &RemotePath) -> Result<(), DriveError> {
        self.run(folder, |root, folder| {
            fs::read_dir(root.resolve_folder(folder)?)?;
            Ok(())
        })
        .await
    }
}

impl Folder {
    fn resolve_folder(&self, folder: &RemotePath) -> Result<PathBuf, DriveError> {
        self.resolve(folder)?
            .filter(|real| real.is_dir())
            .ok_or_else(|| DriveError::NotFound(folder.clone()))
    }
}

fn write_part(
    from: &Path,
    part: &Path,
    local: &Fingerprint,
    path: &RemotePath,
) -> Result<(), DriveError> {
    let mut target = File::create_new(part)?;
    // Held while we live: a part that is not locked is a dead process's. Where a file system
    // knows no locks, parts are never swept.
    let _ = target.try_lock();
    let mut source = File::open(from)?;
    let copied = io::copy(&mut source, &mut target)
        .and_then(|copied| target.sync_all().map(|()| copied))
        .map_err(|error| full_or_local(error, path))?;
    if copied != local.bytes {
        return Err(DriveError::Corrupt {
            path: path.clone(),
            cause: format!("{copied} of {} bytes were copied", local.bytes),
        });
    }
    Ok(())
}

fn entry(metadata: &Metadata) -> Entry {
    Entry {
        bytes: metadata.len(),
        etag: etag(metadata),
        sha1: None,
    }
}

/// The inode tells two files apart that were written within one tick of the clock.
fn etag(metadata: &Metadata) -> String {
    format!(
        "{:x}-{:x}.{:x}-{:x}",
        metadata.len(),
        metadata.mtime(),
        metadata.mtime_nsec(),
        metadata.ino()
    )
}

fn is_part(name: &str) -> bool {
    name.starts_with(PART_PREFIX) && name.ends_with(PART_SUFFIX)
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        // A name too long for the disk is no file's name.
        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidFilename
    )
}

fn full_or_local(error: io::Error, path: &RemotePath) -> DriveError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => DriveError::NoSpace(path.clone()),
        _ => error.into(),
    }
}

/// Removes the parts below `folder` that nobody is writing. What cannot be read is left alone.
fn sweep(folder: &Path) {
    for found in fs::read_dir(folder).into_iter().flatten().flatten() {
        let at = found.path();
        match found.file_type() {
            Ok(kind) if kind.is_dir() => sweep(&at),
            Ok(kind) if kind.is_file() && is_part(&found.file_name().to_string_lossy()) => {
                let is_dead = File::open(&at).is_ok_and(|part| part.try_lock().is_ok());
                if is_dead && let Err(error) = fs::remove_file(&at) {
                    tracing::warn!(%error, "cannot remove what an interrupted upload left");
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    struct Tree {
        _outer: tempfile::TempDir,
        outside: PathBuf,
        root: PathBuf,
        drive: Folder,
    }

    fn tree() -> Tree {
        let outer = tempfile::tempdir().unwrap();
        let (outside, root) = (outer.path().join("outside"), outer.path().join("root"));
        fs::create_dir_all(&outside).unwrap();
        fs::write(outside.join("secret.csv"), "secret").unwrap();
        fs::create_dir_all(root.join("work")).unwrap();
        let drive = Folder::open(&root).unwrap();
        Tree {
            _outer: outer,
            outside,
            root,
            drive,
        }
    }

    fn path(text: &str) -> RemotePath {
        RemotePath::parse(text).unwrap()
    }

    #[tokio::test]
    async fn a_link_cannot_lead_out_of_the_root() {
        let tree = tree();
        symlink(
            tree.outside.join("secret.csv"),
            tree.root.join("work/a.csv"),
        )
        .unwrap();
        symlink(&tree.outside, tree.root.join("work/b")).unwrap();
        let local = tree.outside.join("mine.csv");
        fs::write(&local, "mine").unwrap();
        let into = tree.outside.join("into");

        for name in ["work/a.csv", "work/b/secret.csv"] {
            let path = path(name);
            let drive = &tree.drive;
            let refused = |error| matches!(error, DriveError::Outside(_));
            assert!(refused(drive.stat(&path).await.unwrap_err()));
            assert!(refused(drive.fetch(&path, &into, 100).await.unwrap_err()));
            assert!(refused(drive.store(&local, &path).await.unwrap_err()));
            assert!(refused(drive.remove(&path).await.unwrap_err()));
        }
        for name in ["work/b/new.csv", "work/b/c/new.csv"] {
            let error = tree.drive.store(&local, &path(name)).await.unwrap_err();
            assert!(matches!(error, DriveError::Outside(_)), "{error}");
        }
        assert!(tree.drive.list(&path("work")).await.unwrap().is_empty());
        assert!(tree.drive.check_folder(&path("work/b")).await.is_err());
        assert_eq!(
            fs::read(tree.outside.join("secret.csv")).unwrap(),
            b"secret"
        );
        assert_eq!(fs::read_dir(&tree.outside).unwrap().count(), 2);
    }

    #[tokio::test]
    async fn a_link_inside_the_root_is_followed() {
        let tree = tree();
        fs::write(tree.root.join("real.csv"), "real").unwrap();
        symlink(tree.root.join("real.csv"), tree.root.join("work/a.csv")).unwrap();
        let entry = tree.drive.stat(&path("work/a.csv")).await.unwrap().unwrap();
        assert_eq!(entry.bytes, 4);
    }

    #[tokio::test]
    async fn parts_are_hidden_and_dead_ones_swept() {
        let tree = tree();
        let part = |name: &str| {
            tree.root
                .join(format!("work/{PART_PREFIX}{name}{PART_SUFFIX}"))
        };
        let alive = File::create(part("alive")).unwrap();
        alive.lock().unwrap();
        fs::write(part("dead"), "half").unwrap();
        assert!(tree.drive.list(&path("work")).await.unwrap().is_empty());

        Folder::open(&tree.root).unwrap();
        assert!(part("alive").exists());
        assert!(!part("dead").exists());
    }

    #[tokio::test]
    async fn an_upload_leaves_no_part_behind() {
        let tree = tree();
        let local = tree.outside.join("secret.csv");
        let stored = tree.drive.store(&local, &path("work/x.csv")).await.unwrap();
        assert_eq!(stored, Stored::Written);
        let missing = tree.outside.join("missing");
        assert!(
            tree.drive
                .store(&missing, &path("work/y.csv"))
                .await
                .is_err()
        );
        assert_eq!(fs::read_dir(tree.root.join("work")).unwrap().count(), 1);
    }

    #[tokio::test]
    async fn a_pipe_is_not_read() {
        let tree = tree();
        let status = std::process::Command::new("mkfifo")
            .arg(tree.root.join("work/pipe.csv"))
            .status();
        assert!(status.unwrap().success());
        let into = tree.outside.join("into");
        let outcome = tree.drive.fetch(&path("work/pipe.csv"), &into, 10).await;
        assert!(matches!(outcome, Err(DriveError::NotAFile(_))));
    }

    #[tokio::test]
    async fn a_name_too_long_for_the_disk_is_not_there() {
        let tree = tree();
        let long = path(&format!("work/{}", "ã".repeat(190)));
        assert_eq!(tree.drive.stat(&long).await.unwrap(), None);
    }
}

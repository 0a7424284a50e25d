//! The first pass: how the file is written and what its columns hold.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use sha2::{Digest, Sha256};

use crate::recipe::{Detector, Profile, Rules};
use crate::table::{Layout, Source, TableError, inspect};

use super::Progress;

/// What is known of a table before it is treated.
pub(super) struct Survey {
    pub(super) source: Source,
    pub(super) layout: Layout,
    pub(super) profile: Arc<Profile>,
    /// What the recipe asks for beyond single cells.
    pub(super) rules: Arc<Rules<usize>>,
    /// Of the file as it was sent.
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

/// Reads the whole table once. `file` is what was sent, and `source` the table in it.
pub(super) fn survey(
    file: &Path,
    source: &Source,
    progress: &Progress,
) -> Result<Survey, TableError> {
    let bytes = file.metadata()?.len();
    // What is read may be larger than what was sent.
    let of_bytes = source.path.metadata()?.len();
    // Looking and hashing beside one another: nothing else has work for a core yet.
    let (inspected, sha256) = thread::scope(|scope| {
        let hashing = scope.spawn(|| sha256(file));
        // A few rows may be looked at twice, but never counted so.
        let mut most = 0;
        let inspected = inspect(source, &mut |rows, bytes| {
            most = rows.max(most);
            progress.surveyed(most, bytes, of_bytes);
        });
        match hashing.join() {
            Ok(sha256) => Ok::<_, TableError>((inspected?, sha256?)),
            // The job's own border counts it as an attempt.
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })?;
    let layout = inspected.layout;
    progress.surveyed(layout.tally.rows, of_bytes, of_bytes);
    if layout.tally.rows == 0 {
        return Err(TableError::NoRows);
    }
    let mut detector = Detector::new(layout.names());
    detector.observe(&inspected.sample)?;
    let rules = Rules::default();
    let profile = detector.finish(layout.tally.rows);
    Ok(Survey {
        source: source.clone(),
        profile: Arc::new(profile.with_imputed_flags(&rules)),
        rules: Arc::new(rules),
        layout,
        bytes,
        sha256,
    })
}

/// Lower-case hex of the file's SHA-256.
pub(super) fn sha256(path: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut file = File::open(path)?;
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match io::Read::read(&mut file, &mut buffer)? {
            0 => return Ok(hex::encode(hash.finalize())),
            read => hash.update(&buffer[..read]),
        }
    }
}

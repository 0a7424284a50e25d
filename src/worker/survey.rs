//! The first pass: how the file is written and what its columns hold.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, ScopedJoinHandle};

use polars::prelude::DataFrame;
use sha2::{Digest, Sha256};

use crate::recipe::{Detector, Profile};
use crate::table::{Layout, Reader, TableError, Tally, inspect};

use super::Progress;

/// Rows read at a time.
pub(super) const BATCH_ROWS: usize = 8192;
/// Batches that may wait to be looked at.
const WAITING: usize = 2;
/// No row of a list is shorter, roughly: guesses the number of rows from the size.
const SHORT_ROW_BYTES: u64 = 64;

/// What is known of a file before it is treated.
pub(super) struct Survey {
    pub(super) layout: Layout,
    pub(super) profile: Profile,
    pub(super) tally: Tally,
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

/// Reads the whole file once.
pub(super) fn survey(path: &Path, progress: &Progress) -> Result<Survey, TableError> {
    let bytes = path.metadata()?.len();
    let layout = inspect(path)?;
    let reader = Reader::open(path, &layout)?;
    let mut detector = Detector::new(layout.names(), bytes / SHORT_ROW_BYTES);
    let (batches, read) = sync_channel(WAITING);
    // Reading on, voting and hashing beside one another: nothing else has work for a core yet.
    let (tally, sha256) = thread::scope(|scope| {
        let reading = scope.spawn(move || read_all(reader, &batches, bytes, progress));
        let hashing = scope.spawn(|| sha256(path));
        for frame in read {
            detector.observe(&frame)?;
        }
        Ok::<_, TableError>((ended(reading)?, ended(hashing)?))
    })?;
    if tally.rows == 0 {
        return Err(TableError::NoRows);
    }
    let layout = layout.without_phantoms(&detector.filled());
    let profile = detector.finish(layout.columns.iter().map(|column| column.index));
    Ok(Survey {
        layout,
        profile,
        tally,
        bytes,
        sha256,
    })
}

fn read_all(
    mut reader: Reader,
    batches: &SyncSender<DataFrame>,
    of_bytes: u64,
    progress: &Progress,
) -> Result<Tally, TableError> {
    // The reader does not tell where it is.
    let bytes_read = None;
    while let Some(batch) = reader.next_batch(BATCH_ROWS)? {
        progress.surveyed(reader.tally().rows, bytes_read, of_bytes);
        if batches.send(batch.frame).is_err() {
            break;
        }
    }
    Ok(reader.tally())
}

fn ended<T, E: Into<TableError>>(
    thread: ScopedJoinHandle<'_, Result<T, E>>,
) -> Result<T, TableError> {
    match thread.join() {
        Ok(result) => result.map_err(Into::into),
        // The job's own border counts it as an attempt.
        Err(panic) => std::panic::resume_unwind(panic),
    }
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

//! A ZIP archive, compressed on a thread of its own while its parts are still made.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use polars::prelude::PolarsError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// Chunks that may wait for the compressor: bounds the memory when it falls behind.
const WAITING: usize = 32;
/// Bytes worth handing over at a time. Larger pieces are taken from the system and given back
/// each time, and clearing their pages costs more than the queue.
pub(super) const CHUNK: usize = 64 * 1024;
/// From this length on a part needs the form for more than 4 GiB, with some room to spare.
const LONG: u64 = 4_000_000_000;

#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("cannot write the archive: {0}")]
    Io(#[from] io::Error),
    #[error("cannot pack the archive: {0}")]
    Zip(#[from] zip::result::ZipError),
    #[error("the compressor stopped: is the disk full?")]
    Stopped,
    #[error("cannot write a column that is not text")]
    NotText,
}

impl From<PolarsError> for ArchiveError {
    fn from(_: PolarsError) -> Self {
        // polars quotes cells in its errors.
        ArchiveError::NotText
    }
}

/// How a part is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Packing {
    /// From 1, the fastest, to 9; `None` for what is compressed already.
    pub(super) level: Option<i64>,
    /// May be over 4 GiB. Not every program reads that form: LibreOffice refuses workbooks in it.
    pub(super) long: bool,
}

impl Packing {
    fn options(self) -> SimpleFileOptions {
        let method = match self.level {
            Some(_) => CompressionMethod::Deflated,
            None => CompressionMethod::Stored,
        };
        SimpleFileOptions::default()
            .compression_method(method)
            .compression_level(self.level)
            .large_file(self.long)
            // The archive's own clock would make two equal archives differ.
            .last_modified_time(DateTime::default())
    }
}

enum Step {
    Entry(String, Packing),
    Bytes(Vec<u8>),
    Whole(String, PathBuf, Option<i64>),
}

pub(super) type Zip = ZipWriter<BufWriter<File>>;

/// An archive being written.
pub(super) struct Archive {
    steps: SyncSender<Step>,
    compressor: JoinHandle<Result<Zip, ArchiveError>>,
}

impl Archive {
    pub(super) fn start(out: File) -> Self {
        let (steps, received) = sync_channel::<Step>(WAITING);
        let compressor = thread::spawn(move || {
            let mut zip = ZipWriter::new(BufWriter::with_capacity(256 * 1024, out));
            for step in received {
                match step {
                    Step::Entry(name, packing) => zip.start_file(name, packing.options())?,
                    Step::Bytes(bytes) => zip.write_all(&bytes)?,
                    Step::Whole(name, path, level) => {
                        let mut file = File::open(path)?;
                        let long = file.metadata()?.len() >= LONG;
                        zip.start_file(name, Packing { level, long }.options())?;
                        io::copy(&mut file, &mut zip)?;
                    }
                }
            }
            Ok(zip)
        });
        Archive { steps, compressor }
    }

    /// Begins a part.
    pub(super) fn entry(&self, name: String, packing: Packing) -> Result<(), ArchiveError> {
        self.step(Step::Entry(name, packing))
    }

    /// Adds to the part that was begun.
    pub(super) fn send(&self, bytes: Vec<u8>) -> Result<(), ArchiveError> {
        self.step(Step::Bytes(bytes))
    }

    /// Adds a finished file as a part.
    pub(super) fn whole(
        &self,
        name: String,
        path: PathBuf,
        level: Option<i64>,
    ) -> Result<(), ArchiveError> {
        self.step(Step::Whole(name, path, level))
    }

    /// Waits for the compressor; the archive is still open.
    pub(super) fn join(self) -> Result<Zip, ArchiveError> {
        drop(self.steps);
        self.compressor.join().unwrap_or(Err(ArchiveError::Stopped))
    }

    fn step(&self, step: Step) -> Result<(), ArchiveError> {
        // The compressor only goes away early on an error, which `join` tells better.
        self.steps.send(step).map_err(|_| ArchiveError::Stopped)
    }
}

/// Closes an archive: everything is in its file.
pub(super) fn close(zip: Zip) -> Result<File, ArchiveError> {
    let file = zip.finish()?.into_inner();
    Ok(file.map_err(|error| error.into_error())?)
}

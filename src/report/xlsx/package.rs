//! The archive of the workbook, compressed on a thread of its own while rows are still made.

use std::fs::File;
use std::io::{BufWriter, Cursor, Write};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::XlsxError;

/// Level 2 halves the time of the default for a tenth more bytes.
const LEVEL: i64 = 2;
/// Chunks that may wait for the compressor: bounds the memory when it falls behind.
const WAITING: usize = 8;

enum Step {
    Entry(String),
    Bytes(Vec<u8>),
}

type Archive = ZipWriter<BufWriter<File>>;

/// A workbook's archive being written.
pub(super) struct Package {
    steps: SyncSender<Step>,
    compressor: JoinHandle<Result<Archive, XlsxError>>,
}

impl Package {
    pub(super) fn start(out: File) -> Self {
        let (steps, received) = sync_channel::<Step>(WAITING);
        let compressor = thread::spawn(move || {
            let mut archive = ZipWriter::new(BufWriter::with_capacity(256 * 1024, out));
            for step in received {
                match step {
                    Step::Entry(name) => archive.start_file(name, options())?,
                    Step::Bytes(bytes) => archive.write_all(&bytes)?,
                }
            }
            Ok(archive)
        });
        Package { steps, compressor }
    }

    /// Begins the XML of a sheet, numbered from 1 in the workbook's order.
    pub(super) fn entry(&self, sheet: usize) -> Result<(), XlsxError> {
        self.step(Step::Entry(sheet_path(sheet)))
    }

    pub(super) fn send(&self, bytes: Vec<u8>) -> Result<(), XlsxError> {
        self.step(Step::Bytes(bytes))
    }

    /// Adds everything of `template` but the sheets from 2 to `last_long`, which were streamed.
    pub(super) fn finish(self, template: Vec<u8>, last_long: usize) -> Result<File, XlsxError> {
        drop(self.steps);
        let mut archive = match self.compressor.join() {
            Ok(archive) => archive?,
            Err(_) => return Err(XlsxError::Assembly("the compressor stopped")),
        };
        let streamed: Vec<_> = (2..=last_long).map(sheet_path).collect();
        let mut template = ZipArchive::new(Cursor::new(template))?;
        for index in 0..template.len() {
            let part = template.by_index_raw(index)?;
            let name = part.name()?.into_owned();
            if !streamed.contains(&name) {
                archive.raw_copy_file(part)?;
            }
        }
        let file = archive.finish()?.into_inner();
        Ok(file.map_err(|error| error.into_error())?)
    }

    fn step(&self, step: Step) -> Result<(), XlsxError> {
        // The compressor only goes away early on an error, which `finish` tells better.
        self.steps
            .send(step)
            .map_err(|_| XlsxError::Assembly("the compressor stopped: is the disk full?"))
    }
}

/// Never in the form for parts over 4 GiB: LibreOffice refuses the workbook.
fn options() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(LEVEL))
        // The archive's own clock would make two equal workbooks differ.
        .last_modified_time(DateTime::default())
}

/// Where a sheet lies in the archive.
pub(super) fn sheet_path(sheet: usize) -> String {
    format!("xl/worksheets/sheet{sheet}.xml")
}

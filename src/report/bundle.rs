//! The one file people forward: all artifacts of a set, and every change and rejection as lines
//! of JSON.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::archive::{Archive, ArchiveError, CHUNK, Packing, close};
use super::jsonl::CellLines;
use crate::cleaning::{Change, CleanBatch};

/// There is a line for nearly every cell of a list, so it is the time that counts.
const LEVEL: i64 = 1;

/// A bundle being written while its rows arrive.
pub struct Bundle {
    archive: Archive,
    lines: CellLines,
    changes: Vec<u8>,
    /// Where rejections wait until the changes are complete.
    rejected: BufWriter<File>,
    rejected_path: PathBuf,
    line: Vec<u8>,
}

impl Bundle {
    /// Starts the archive in `out`. `rejected` is where a scratch file may be made; `names` are
    /// the headers of the file's columns.
    ///
    /// # Errors
    /// If nothing can be written.
    pub fn start<'a>(
        out: File,
        rejected: &Path,
        names: impl Iterator<Item = &'a str>,
    ) -> Result<Self, ArchiveError> {
        let archive = Archive::start(out);
        let packing = Packing {
            level: Some(LEVEL),
            long: true,
        };
        archive.entry("alteracoes.jsonl".to_owned(), packing)?;
        Ok(Bundle {
            archive,
            lines: CellLines::new(names),
            changes: Vec::with_capacity(CHUNK + 4096),
            rejected: BufWriter::new(File::create(rejected)?),
            rejected_path: rejected.to_owned(),
            line: Vec::new(),
        })
    }

    /// Adds a cell that is not delivered as it came.
    ///
    /// # Errors
    /// If nothing can be written.
    pub fn change(&mut self, change: &Change<'_>) -> Result<(), ArchiveError> {
        self.lines.change(&mut self.changes, change);
        if self.changes.len() >= CHUNK {
            let empty = Vec::with_capacity(CHUNK + 4096);
            let full = std::mem::replace(&mut self.changes, empty);
            self.archive.send(full)?;
        }
        Ok(())
    }

    /// Adds the cells and rows that a batch rejected.
    ///
    /// # Errors
    /// If nothing can be written.
    pub fn reject(&mut self, batch: &CleanBatch) -> Result<(), ArchiveError> {
        for cell in &batch.rejected_cells {
            self.lines.rejected(&mut self.line, cell);
        }
        for row in &batch.rejected_rows {
            self.lines.rejected_row(&mut self.line, row);
        }
        self.rejected.write_all(&self.line)?;
        self.line.clear();
        Ok(())
    }

    /// Ends the lines. From now on finished files are added.
    ///
    /// # Errors
    /// If nothing can be written.
    pub fn end_lines(mut self) -> Result<Files, ArchiveError> {
        self.archive.send(self.changes)?;
        self.rejected.flush()?;
        let name = "rejeitados.jsonl".to_owned();
        self.archive.whole(name, self.rejected_path, Some(LEVEL))?;
        Ok(Files(self.archive))
    }
}

/// A bundle whose lines are written.
pub struct Files(Archive);

impl Files {
    /// Adds a file that is complete. `is_compact`: compressing it again gains nothing.
    ///
    /// # Errors
    /// If the archive cannot be written.
    pub fn add(&self, name: &str, path: &Path, is_compact: bool) -> Result<(), ArchiveError> {
        let level = (!is_compact).then_some(LEVEL);
        self.0.whole(name.to_owned(), path.to_owned(), level)
    }

    /// Adds the last part and closes the archive.
    ///
    /// # Errors
    /// If the archive cannot be written.
    pub fn finish(self, name: &str, last: Vec<u8>) -> Result<(), ArchiveError> {
        let packing = Packing {
            level: Some(LEVEL),
            long: false,
        };
        self.0.entry(name.to_owned(), packing)?;
        self.0.send(last)?;
        close(self.0.join()?)?;
        Ok(())
    }
}

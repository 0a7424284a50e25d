//! The archive of the workbook, compressed on a thread of its own while rows are still made.

use std::fs::File;
use std::io::Cursor;

use zip::ZipArchive;

use super::XlsxError;
use crate::report::archive::{Archive, Packing, close};

/// Level 2 halves the time of the default for a tenth more bytes.
const LEVEL: i64 = 2;

/// A workbook's archive being written.
pub(super) struct Package(Archive);

impl Package {
    pub(super) fn start(out: File) -> Self {
        Package(Archive::start(out))
    }

    /// Begins the XML of a sheet, numbered from 1 in the workbook's order.
    pub(super) fn entry(&self, sheet: usize) -> Result<(), XlsxError> {
        // Never in the form for parts over 4 GiB: LibreOffice refuses the workbook.
        let packing = Packing {
            level: Some(LEVEL),
            long: false,
        };
        Ok(self.0.entry(sheet_path(sheet), packing)?)
    }

    pub(super) fn send(&self, bytes: Vec<u8>) -> Result<(), XlsxError> {
        Ok(self.0.send(bytes)?)
    }

    /// Adds everything of `template` but the sheets from 2 to `last_long`, which were streamed.
    pub(super) fn finish(self, template: Vec<u8>, last_long: usize) -> Result<File, XlsxError> {
        let mut archive = self.0.join()?;
        let streamed: Vec<_> = (2..=last_long).map(sheet_path).collect();
        let mut template = ZipArchive::new(Cursor::new(template))?;
        for index in 0..template.len() {
            let part = template.by_index_raw(index)?;
            let name = part.name()?.into_owned();
            if !streamed.contains(&name) {
                archive.raw_copy_file(part)?;
            }
        }
        Ok(close(archive)?)
    }
}

/// Where a sheet lies in the archive.
pub(super) fn sheet_path(sheet: usize) -> String {
    format!("xl/worksheets/sheet{sheet}.xml")
}

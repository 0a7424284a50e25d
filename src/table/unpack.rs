//! Archives: unpacking what is in them, within limits.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use flate2::read::MultiGzDecoder;
use zip::ZipArchive;
use zip::result::ZipError;

use super::TableError;
use super::convert::Foreign;
use super::source::Kind;

/// Files in one archive.
const MOST_MEMBERS: usize = 1_000;
/// Bytes that come out of one archive.
const MOST_BYTES: u64 = 10 * 1024 * 1024 * 1024;
/// How much larger than the archive its contents may be. Lists of customers come to about 4, lists
/// of repeated rows to 40; a bomb to 1,000.
const MOST_RATIO: u64 = 200;
/// So little is never a bomb.
const HARMLESS_BYTES: u64 = 1024 * 1024;
/// What an archive says about its files. Without a limit, a list of millions of files that are
/// not there fills the memory before any of them is looked at.
const MOST_DIRECTORY_BYTES: u64 = 8 * 1024 * 1024;

/// A file that was unpacked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// Its name in the archive, without folders.
    pub(super) name: String,
    pub(super) path: PathBuf,
}

/// What an archive is: a workbook of some format, or an archive of tables.
pub(super) fn kind_of_zip(path: &Path) -> Result<Kind, TableError> {
    let mut archive = open(path)?;
    let mut names = Vec::new();
    for name in archive.file_names() {
        let name = name.map_err(damaged)?;
        names.push(name.replace('\\', "/").to_ascii_lowercase());
    }
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    let has_folder = |folder: &str| names.iter().any(|name| name.starts_with(folder));
    let refused = |what: &'static str| Err(TableError::NotATable(what.into()));
    if has("xl/workbook.bin") {
        return Ok(Kind::Foreign(Foreign::Xlsb));
    }
    if has("xl/workbook.xml") {
        return Ok(Kind::Foreign(Foreign::Xlsx));
    }
    if has("[content_types].xml") {
        return match () {
            // The workbook may have another name.
            () if has_folder("xl/") => Ok(Kind::Foreign(Foreign::Xlsx)),
            () if has_folder("word/") => refused("a Word document"),
            () if has_folder("ppt/") => refused("a PowerPoint presentation"),
            () => refused("an Office document without a workbook"),
        };
    }
    if has_folder("index/") && has("index/document.iwa") {
        return refused("an Apple Numbers or Pages document");
    }
    if !has("mimetype") {
        return Ok(Kind::Zip);
    }
    let mut mimetype = Vec::new();
    let member = archive.by_name("mimetype").map_err(damaged)?;
    member
        .take(100)
        .read_to_end(&mut mimetype)
        .map_err(broken)?;
    if mimetype.starts_with(b"application/vnd.oasis.opendocument.spreadsheet") {
        Ok(Kind::Foreign(Foreign::Ods))
    } else if mimetype.starts_with(b"application/vnd.oasis.opendocument") {
        refused("an OpenDocument file without a spreadsheet")
    } else {
        Ok(Kind::Zip)
    }
}

/// Unpacks a gzip archive into a file; archives one behind the other are one.
pub(super) fn gzip(path: &Path, into: &Path) -> Result<(), TableError> {
    let file = File::open(path)?;
    let mut budget = Budget::of(file.metadata()?.len());
    let mut input = MultiGzDecoder::new(BufReader::with_capacity(64 * 1024, file));
    budget.unpack(&mut input, &mut File::create(into)?)?;
    Ok(())
}

/// Unpacks the files of an archive into a folder, in the order of their names. Folders, hidden
/// files, what a Mac adds and empty files are left out.
pub(super) fn zip(path: &Path, folder: &Path) -> Result<Vec<Member>, TableError> {
    let mut archive = open(path)?;
    if archive.len() > MOST_MEMBERS {
        let what = format!("the archive holds more than {MOST_MEMBERS} files");
        return Err(TableError::Hostile(what.into()));
    }
    let mut wanted = BTreeMap::new();
    for index in 0..archive.len() {
        let entry = archive.by_index_data(index).map_err(damaged)?;
        let full = entry.name().map_err(damaged)?.replace('\\', "/");
        if entry.is_file() && !is_clutter(&full) {
            if entry.encrypted() {
                return Err(protected());
            }
            wanted.insert((full, index), index);
        }
    }
    let mut budget = Budget::of(path.metadata()?.len());
    let mut members = Vec::new();
    for ((full, _), index) in wanted {
        // The name is only shown: where the file lies is ours to say.
        let path = folder.join(format!("member-{}", members.len() + 1));
        let mut member = archive.by_index(index).map_err(damaged)?;
        let bytes = budget.unpack(&mut member, &mut File::create(&path)?)?;
        if bytes == 0 {
            std::fs::remove_file(&path)?;
            continue;
        }
        members.push(Member {
            name: shown(&full),
            path,
        });
    }
    Ok(members)
}

/// Whether a file of this name is no table anybody meant to send.
fn is_clutter(full: &str) -> bool {
    let is_hidden = |segment: &str| segment.starts_with('.') && segment != "." && segment != "..";
    let name = full.rsplit('/').next().unwrap_or_default();
    let system = ["thumbs.db", "desktop.ini"];
    name.is_empty()
        || full
            .split('/')
            .any(|segment| is_hidden(segment) || segment == "__MACOSX")
        || system.contains(&name.to_ascii_lowercase().as_str())
}

/// The last segment of a name, without what does not belong into one.
fn shown(full: &str) -> String {
    let name = full.rsplit('/').next().unwrap_or_default();
    name.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// What may still come out of an archive, however it is split into files.
struct Budget {
    /// Of the archive itself.
    packed: u64,
    unpacked: u64,
}

impl Budget {
    fn of(packed: u64) -> Self {
        Budget {
            packed,
            unpacked: 0,
        }
    }

    /// Copies what comes out of `input`, counting; tells how much it was.
    fn unpack(&mut self, input: &mut impl Read, out: &mut File) -> Result<u64, TableError> {
        let before = self.unpacked;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = match input.read(&mut buffer) {
                Ok(0) => return Ok(self.unpacked - before),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(broken(error)),
            };
            self.unpacked += read as u64;
            self.check()?;
            out.write_all(&buffer[..read])?;
        }
    }

    fn check(&self) -> Result<(), TableError> {
        let what = if self.unpacked > MOST_BYTES {
            format!("it unpacks to more than {MOST_BYTES} bytes")
        } else if self.unpacked > HARMLESS_BYTES.max(self.packed.saturating_mul(MOST_RATIO)) {
            format!("it unpacks to more than {MOST_RATIO} times its size")
        } else {
            return Ok(());
        };
        Err(TableError::Hostile(what.into()))
    }
}

/// A file of which only so much may be read until the limit is lifted.
struct Rationed {
    file: BufReader<File>,
    left: Rc<Cell<u64>>,
}

impl Read for Rationed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        let left = self.left.get().checked_sub(read as u64);
        self.left.set(left.unwrap_or_default());
        left.ok_or_else(|| io::Error::other("the archive's directory is too long"))?;
        Ok(read)
    }
}

impl Seek for Rationed {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

fn open(path: &Path) -> Result<ZipArchive<Rationed>, TableError> {
    let left = Rc::new(Cell::new(MOST_DIRECTORY_BYTES));
    let input = Rationed {
        file: BufReader::new(File::open(path)?),
        left: left.clone(),
    };
    let archive = ZipArchive::new(input);
    if left.get() == 0 {
        let what = "the archive says more about its files than any honest one";
        return Err(TableError::Hostile(what.into()));
    }
    left.set(u64::MAX);
    archive.map_err(damaged)
}

fn damaged(error: ZipError) -> TableError {
    match error {
        ZipError::Io(error) => broken(error),
        ZipError::InvalidPassword | ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            protected()
        }
        ZipError::CompressionMethodNotSupported(_) | ZipError::UnsupportedArchive(_) => {
            TableError::Unreadable("the archive is compressed in a way we do not know".into())
        }
        _ => TableError::Unreadable("the archive is damaged".into()),
    }
}

/// What it means that bytes do not come out of an archive: its fault, or the disk's.
fn broken(error: io::Error) -> TableError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => TableError::Unreadable("the archive ends too early".into()),
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other => {
            TableError::Unreadable("the archive is damaged".into())
        }
        _ => TableError::Io(error),
    }
}

fn protected() -> TableError {
    TableError::Unreadable("it is protected by a password".into())
}

#[cfg(test)]
mod tests;

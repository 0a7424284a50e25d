//! XLSX and XLSM, read as a stream: parts of XML in an archive.

mod package;
mod rows;
mod strings;
mod styles;

use std::path::Path;

use self::package::Package;
use self::rows::Book;
use self::strings::Strings;
use super::archive::Archive;
use super::sheet::Sheet;
use super::xml::Xml;
use super::{spool, written};
use crate::table::TableError;
use crate::values::date::System;

/// The sheets with cells, in the workbook's order, and whether it counts days from 1904.
pub(super) fn sheets(source: &Path, folder: &Path) -> Result<(Vec<Sheet>, bool), TableError> {
    let mut archive = Archive::open(source)?;
    let package = Package::read(&mut archive)?;
    let strings = match &package.strings {
        Some(part) => strings::read(&mut Xml::new(archive.part(part)?), folder)?,
        None => Strings::default(),
    };
    let formats = match &package.styles {
        Some(part) => styles::read(&mut Xml::new(archive.part(part)?))?,
        None => Vec::new(),
    };
    let mut book = Book {
        strings,
        formats,
        system: if package.from_1904 {
            System::From1904
        } else {
            System::From1900
        },
    };
    let mut sheets = Vec::new();
    for (place, listed) in package.sheets.iter().enumerate() {
        let spool = spool(folder, place);
        let sheet = written(&spool, &listed.name, listed.is_hidden, |writer| {
            rows::read(
                &mut Xml::new(archive.part(&listed.part)?),
                &mut book,
                writer,
            )
        })?;
        sheets.push(sheet);
    }
    Ok((sheets, package.from_1904))
}

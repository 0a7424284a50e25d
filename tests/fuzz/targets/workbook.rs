//! Any bytes as a workbook, or as what lies in one: few mutations of an archive are an archive.
#![no_main]

use std::io::{Cursor, Write};
use std::process::abort;

use libfuzzer_sys::fuzz_target;
use pyservice_fuzz::read;
use zip::ZipWriter;
use zip::result::ZipResult;
use zip::write::SimpleFileOptions;

fuzz_target!(init: forgive_the_library(), |bytes: &[u8]| {
    let workbook = match bytes {
        [b'P', b'K', ..] | [0xD0, 0xCF, ..] => bytes.to_vec(),
        sheet => match around(sheet) {
            Ok(workbook) => workbook,
            Err(_) => return,
        },
    };
    let _ = std::panic::catch_unwind(|| read(&workbook));
});

/// The library that reads workbooks may panic: jobs read them in a process of their own, which is
/// lost then. What is ours may not.
fn forgive_the_library() {
    let say = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let theirs = panic
            .location()
            .is_some_and(|at| at.file().contains("/calamine-"));
        if !theirs {
            say(panic);
            abort();
        }
    }));
}

/// A workbook with one sheet, of which these bytes are the XML.
fn around(sheet: &[u8]) -> ZipResult<Vec<u8>> {
    let options = SimpleFileOptions::default();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, part) in PARTS {
        zip.start_file(name, options)?;
        zip.write_all(part.as_bytes())?;
    }
    zip.start_file("xl/worksheets/sheet1.xml", options)?;
    zip.write_all(sheet)?;
    Ok(zip.finish()?.into_inner())
}

const PARTS: [(&str, &str); 5] = [
    (
        "[Content_Types].xml",
        "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'>\
         <Default Extension='xml' ContentType='application/xml'/>\
         <Override PartName='/xl/workbook.xml' ContentType='application/\
         vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml'/></Types>",
    ),
    (
        "_rels/.rels",
        "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>\
         <Relationship Id='r1' Target='xl/workbook.xml' Type='http://schemas.openxmlformats.org/\
         officeDocument/2006/relationships/officeDocument'/></Relationships>",
    ),
    (
        "xl/workbook.xml",
        "<workbook xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main' \
         xmlns:r='http://schemas.openxmlformats.org/officeDocument/2006/relationships'>\
         <sheets><sheet name='A' sheetId='1' r:id='r1'/></sheets></workbook>",
    ),
    (
        "xl/_rels/workbook.xml.rels",
        "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>\
         <Relationship Id='r1' Target='worksheets/sheet1.xml' Type='http://\
         schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet'/>\
         </Relationships>",
    ),
    (
        "xl/sharedStrings.xml",
        "<sst xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main' count='2' \
         uniqueCount='2'><si><t>Nome</t></si><si><t>Ana</t></si></sst>",
    ),
];

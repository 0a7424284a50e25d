//! Workbooks that are made to break whoever reads them, read by a child of the real program.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use pyservice::table::TableError;
use pyservice::table::convert::{Conversion, Converted, Foreign, Tables, convert_apart};
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Far more than a refusal takes, far less than reading what is refused would.
const QUICK: Duration = Duration::from_secs(20);

fn program() -> PathBuf {
    // Cargo names it at run time as well, and may name another there.
    std::env::var_os("CARGO_BIN_EXE_pyservice")
        .unwrap_or_else(|| env!("CARGO_BIN_EXE_pyservice").into())
        .into()
}

/// Converts `source` in a child.
fn converted(source: &Path, format: Foreign) -> Result<Vec<Converted>, TableError> {
    let conversion = Conversion {
        source: source.to_owned(),
        format,
        tables: Tables::Fullest,
        folder: source.parent().unwrap().to_owned(),
    };
    convert_apart(&program(), &conversion)
}

/// How the child ends that converts what `write` writes, which has to be soon.
fn refusal(format: Foreign, write: impl FnOnce(&Path)) -> String {
    let folder = TempDir::new().unwrap();
    let source = folder.path().join("sent");
    write(&source);
    let started = Instant::now();
    let error = converted(&source, format).unwrap_err();
    assert!(
        started.elapsed() < QUICK,
        "{error}: {:?}",
        started.elapsed()
    );
    error.to_string()
}

/// A workbook of one sheet, with `more` parts.
fn workbook(path: &Path, sheet: &str, more: &[(&str, &str)]) {
    let mut zip = ZipWriter::new(File::create(path).unwrap());
    let mut part = |name: &str, text: &str| {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    };
    part(
        "xl/workbook.xml",
        "<workbook><sheets><sheet name=\"Plan1\"/></sheets></workbook>",
    );
    part(
        "xl/worksheets/sheet1.xml",
        &format!("<worksheet><sheetData>{sheet}</sheetData></worksheet>"),
    );
    for (name, text) in more {
        part(name, text);
    }
    zip.finish().unwrap();
}

#[test]
fn an_honest_workbook_is_converted() {
    let folder = TempDir::new().unwrap();
    let source = folder.path().join("sent");
    workbook(&source, "<row><c><v>1</v></c><c><v>2</v></c></row>", &[]);
    let tables = converted(&source, Foreign::Xlsx).unwrap();
    assert_eq!(tables[0].name.as_deref(), Some("Plan1"));
    assert_eq!(fs::read(&tables[0].spool).unwrap(), b"1\x1f1\x1f2\x1e");
}

#[test]
fn more_texts_than_there_can_be_are_refused() {
    let refused = refusal(Foreign::Xlsx, |path| {
        let texts = "<sst uniqueCount=\"100000000000\"><si><t>a</t></si></sst>";
        let sheet = "<row><c t=\"s\"><v>0</v></c></row>";
        workbook(path, sheet, &[("xl/sharedStrings.xml", texts)]);
    });
    let why = "the file is refused: it claims to have more texts than a sheet has cells";
    assert_eq!(refused, why);
}

#[test]
fn two_cells_at_the_ends_of_a_sheet_are_refused() {
    let refused = refusal(Foreign::Xlsx, |path| {
        let sheet = "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>\
             <row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>";
        workbook(path, sheet, &[]);
    });
    assert!(refused.contains("scattered"), "{refused}");
}

/// A workbook whose one sheet inflates to so many million bytes, a thousand times its size.
fn inflates_to(path: &Path, megabytes: usize) {
    let mut zip = ZipWriter::new(BufWriter::new(File::create(path).unwrap()));
    let options = SimpleFileOptions::default();
    zip.start_file("xl/workbook.xml", options).unwrap();
    zip.write_all(b"<workbook><sheets><sheet name=\"a\"/></sheets></workbook>")
        .unwrap();
    zip.start_file("xl/worksheets/sheet1.xml", options).unwrap();
    zip.write_all(b"<worksheet><sheetData>").unwrap();
    let blank = vec![b' '; 1_000_000];
    for _ in 0..megabytes {
        zip.write_all(&blank).unwrap();
    }
    zip.write_all(b"</sheetData></worksheet>").unwrap();
    zip.finish().unwrap();
    let written = fs::metadata(path).unwrap().len();
    assert!(written < megabytes as u64 * 1300 + 1000, "{written}");
}

const INFLATES: &str = "the file is refused: a part of it inflates to more than 100 times its size";

#[test]
fn what_inflates_a_thousand_times_is_refused_in_every_format() {
    for format in [Foreign::Xlsx, Foreign::Xlsb, Foreign::Ods] {
        let refused = refusal(format, |path| inflates_to(path, 5));
        assert_eq!(refused, INFLATES, "{format:?}");
    }
}

#[test]
#[ignore = "without optimization it takes minutes to write what it refuses at once"]
fn two_megabytes_that_inflate_to_two_gigabytes_are_refused() {
    let refused = refusal(Foreign::Xlsx, |path| inflates_to(path, 1900));
    assert_eq!(refused, INFLATES);
}

/// A record of an old workbook.
fn record(kind: u16, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap();
    [&kind.to_le_bytes(), &length.to_le_bytes(), body].concat()
}

/// Two cells, as far apart as the format can say: a hundred gigabytes for who holds all between.
#[test]
fn a_child_that_runs_out_of_memory_takes_nobody_with_it() {
    let begin = |what: u8| record(0x809, &[&[0, 6, what, 0][..], &[0; 12]].concat());
    let number = |place: u16| {
        let place = place.to_le_bytes();
        record(0x203, &[&place[..], &place, &[0; 2], &[0; 8]].concat())
    };
    let end = record(0x0A, &[]);
    let sheet_at = begin(5).len() + record(0x85, &[0; 13]).len() + end.len();
    let bound = [
        &u32::try_from(sheet_at).unwrap().to_le_bytes()[..],
        &[0, 0, 5, 0],
        b"Plan1",
    ];
    let globals = [begin(5), record(0x85, &bound.concat()), end.clone()].concat();
    let sheet = [begin(0x10), number(0), number(u16::MAX), end].concat();
    let refused = refusal(Foreign::Xls, |path| {
        let file = File::options()
            .read(true)
            .write(true)
            .create_new(true)
            .open(path)
            .unwrap();
        let version = cfb::Version::V3;
        let mut container = cfb::CompoundFile::create_with_version(version, file).unwrap();
        let mut stream = container.create_stream("Workbook").unwrap();
        stream.write_all(&[&globals[..], &sheet].concat()).unwrap();
        drop(stream);
        container.flush().unwrap();
    });
    assert!(refused.contains("ran out of memory"), "{refused}");
}

#[test]
fn a_workbook_cut_short_is_refused() {
    let refused = refusal(Foreign::Xlsx, |path| {
        let rows = "<row><c><v>1</v></c></row>".repeat(1000);
        workbook(path, &rows, &[]);
        let whole = fs::read(path).unwrap();
        fs::write(path, &whole[..whole.len() / 2]).unwrap();
    });
    assert_eq!(refused, "the file cannot be read: the archive is damaged");
}

#[test]
fn a_workbook_with_a_password_is_refused() {
    let refused = refusal(Foreign::Xls, |path| {
        let mut container = cfb::create(path).unwrap();
        for name in ["EncryptionInfo", "EncryptedPackage"] {
            let mut stream = container.create_stream(name).unwrap();
            stream.write_all(&[1; 5000]).unwrap();
        }
        container.flush().unwrap();
    });
    let why = "the file cannot be read: it is protected by a password";
    assert_eq!(refused, why);
}

/// The process that runs a program of that name.
#[cfg(target_os = "linux")]
fn process(program: &Path) -> Option<String> {
    let named = [program.as_os_str().as_encoded_bytes(), b"\0"].concat();
    let processes = fs::read_dir("/proc").unwrap();
    let mut ids = processes.filter_map(|process| process.ok()?.file_name().into_string().ok());
    ids.find(|id| {
        let command = fs::read(format!("/proc/{id}/cmdline"));
        command.is_ok_and(|command| command.starts_with(&named))
    })
}

/// The address space of a process that has begun to wait for its file.
#[cfg(target_os = "linux")]
fn megabytes_of(process: &str) -> u64 {
    let deadline = Instant::now() + QUICK;
    loop {
        let limits = fs::read_to_string(format!("/proc/{process}/limits")).unwrap();
        let limited = limits.lines().find(|line| line.starts_with("Max address"));
        if limited.unwrap().contains("1073741824") {
            break;
        }
        assert!(Instant::now() < deadline, "it never limited itself");
        std::thread::sleep(Duration::from_millis(10));
    }
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let size = status.lines().find(|line| line.starts_with("VmSize:"));
    let kilobytes = size.unwrap().split_whitespace().nth(1).unwrap();
    kilobytes.parse::<u64>().unwrap() / 1024
}

#[cfg(target_os = "linux")]
#[test]
fn a_child_that_is_killed_is_told_and_leaves_nothing_behind() {
    let folder = TempDir::new().unwrap();
    // Whoever opens it waits until somebody writes.
    let source = folder.path().join("sent");
    let made = Command::new("mkfifo").arg(&source).status().unwrap();
    assert!(made.success());
    // A name of its own, to find the process by.
    let named = folder.path().join("program");
    std::os::unix::fs::symlink(program(), &named).unwrap();
    let conversion = Conversion {
        source,
        format: Foreign::Xlsx,
        tables: Tables::Fullest,
        folder: folder.path().to_owned(),
    };
    let waiting = std::thread::spawn({
        let named = named.clone();
        move || convert_apart(&named, &conversion)
    });
    let deadline = Instant::now() + QUICK;
    let child = loop {
        if let Some(child) = process(&named) {
            break child;
        }
        assert!(Instant::now() < deadline, "it was never started");
        std::thread::sleep(Duration::from_millis(10));
    };
    // Most of its memory is still free: what it starts with counts, too.
    let free = 1024_u64.saturating_sub(megabytes_of(&child));
    assert!(free > 700, "{free}");
    let killed = Command::new("kill").args(["-KILL", &child]).status();
    assert!(killed.unwrap().success());
    let error = waiting.join().unwrap().unwrap_err();
    assert!(matches!(error, TableError::Crashed(_)), "{error:?}");
    assert!(!Path::new(&format!("/proc/{child}")).exists());
}

#[test]
fn the_command_of_the_child_is_not_shown_to_people() {
    let help = Command::new(program()).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    assert!(
        help.contains("serve") && !help.contains("convert"),
        "{help}"
    );
}

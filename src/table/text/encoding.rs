//! How a text file's bytes become characters: found out from the whole file, because the first
//! accent may come late.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use oem_cp::code_table::DECODING_TABLE_CP850;

use crate::table::TableError;

/// The encodings a text file may be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Pure ASCII counts as this.
    Utf8,
    Utf16Le,
    Utf16Be,
    Utf32Le,
    Windows1252,
    /// What DOS programs write.
    Cp850,
    /// Each line by itself UTF-8 or windows-1252: files that were put together from others.
    Mixed,
}

impl Encoding {
    /// The name the manifest uses.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Utf16Le => "utf-16le",
            Encoding::Utf16Be => "utf-16be",
            Encoding::Utf32Le => "utf-32le",
            Encoding::Windows1252 => "windows-1252",
            Encoding::Cp850 => "cp850",
            Encoding::Mixed => "misto",
        }
    }
}

/// What was found out about the bytes of a text file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bytes {
    pub(crate) encoding: Encoding,
    /// Length of the byte-order mark.
    pub(crate) mark: usize,
    /// There are characters that no text has: NUL, and the end-of-file sign of DOS.
    pub(crate) nuls: bool,
}

const CHUNK: usize = 1024 * 1024;
/// A longer line is looked at in pieces.
const LONGEST_LINE: u64 = 16 * 1024 * 1024;
/// Bytes looked at to tell UTF-16 without a mark, and binary files.
const HEAD: usize = 4096;
/// Share of NUL bytes at odd or even places that makes UTF-16.
const UTF16_SHARE: f64 = 0.3;
/// Share of control characters that no text has.
const BINARY_SHARE: f64 = 0.1;
/// Below this share of invalid lines, among those with any accent, a file is mixed.
const MIXED_SHARE: f64 = 0.01;

/// Finds out how the file is encoded.
///
/// # Errors
/// If it is no text at all.
pub(crate) fn detect(path: &Path) -> Result<Bytes, TableError> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD as u64).read_to_end(&mut head)?;
    if head.is_empty() {
        return Err(TableError::Empty);
    }
    let marked = |encoding, mark| Bytes {
        encoding,
        mark,
        nuls: false,
    };
    Ok(match head.as_slice() {
        [0xFF, 0xFE, 0, 0, ..] => marked(Encoding::Utf32Le, 4),
        [0xFF, 0xFE, ..] => marked(Encoding::Utf16Le, 2),
        [0xFE, 0xFF, ..] => marked(Encoding::Utf16Be, 2),
        head => match wide_without_mark(head)? {
            Some(encoding) => marked(encoding, 0),
            None => single(path, head)?,
        },
    })
}

/// UTF-16 without a mark has a NUL in every other byte, as far as it is Latin.
fn wide_without_mark(head: &[u8]) -> Result<Option<Encoding>, TableError> {
    let share = |parity: usize| {
        let of = head.iter().skip(parity).step_by(2);
        let zeros = of.clone().filter(|byte| **byte == 0).count();
        zeros as f64 / of.count().max(1) as f64
    };
    let control = |byte: &&u8| **byte < 0x20 && !matches!(**byte, 0 | b'\t' | b'\n' | b'\r' | 0x1A);
    let controls = head.iter().filter(control).count();
    let binary = || TableError::NotATable("a binary file".into());
    match (share(0) >= UTF16_SHARE, share(1) >= UTF16_SHARE) {
        (true, true) => Err(binary()),
        (false, true) => Ok(Some(Encoding::Utf16Le)),
        (true, false) => Ok(Some(Encoding::Utf16Be)),
        (false, false) if controls as f64 > BINARY_SHARE * head.len() as f64 => Err(binary()),
        (false, false) => Ok(None),
    }
}

/// One of the encodings that write ASCII as single bytes.
fn single(path: &Path, head: &[u8]) -> Result<Bytes, TableError> {
    let mark = if head.starts_with(b"\xEF\xBB\xBF") {
        3
    } else {
        0
    };
    let (utf8, nuls) = is_utf8(path)?;
    let encoding = if utf8 {
        Encoding::Utf8
    } else {
        Census::of(path, mark)?.verdict()
    };
    Ok(Bytes {
        encoding,
        mark,
        nuls,
    })
}

/// Whether all of the file is UTF-8, and whether it has characters that no text has.
fn is_utf8(path: &Path) -> Result<(bool, bool), TableError> {
    let mut file = File::open(path)?;
    let mut buffer = vec![0; CHUNK];
    let (mut carried, mut utf8, mut nuls) = (0, true, false);
    loop {
        let read = fill(&mut file, &mut buffer[carried..])?;
        let bytes = &buffer[..carried + read];
        nuls = nuls || memchr::memchr2(0, 0x1A, bytes).is_some();
        if read == 0 {
            // A sequence cut off by the end of the file is not UTF-8 either.
            return Ok((utf8 && carried == 0, nuls));
        }
        if !utf8 {
            continue;
        }
        match simdutf8::compat::from_utf8(bytes) {
            Ok(_) => carried = 0,
            Err(error) if error.error_len().is_none() => {
                let from = error.valid_up_to();
                carried = bytes.len() - from;
                buffer.copy_within(from..from + carried, 0);
            }
            Err(_) => (carried, utf8) = (0, false),
        }
    }
}

fn fill(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

/// Gives every line of the file, its end included, to `see`.
pub(super) fn each_line(
    path: &Path,
    skip: usize,
    mut see: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(skip as u64))?;
    let mut input = BufReader::with_capacity(CHUNK, file);
    let mut line = Vec::new();
    loop {
        line.clear();
        if (&mut input)
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut line)?
            == 0
        {
            return Ok(());
        }
        see(&line)?;
    }
}

/// The letters and signs that Portuguese text has besides ASCII.
const PORTUGUESE: &str = "áàâãäéêíóôõöúüçñÁÀÂÃÉÊÍÓÔÕÚÜÇªº°";

/// What a file that is not UTF-8 is made of.
struct Census {
    /// Lines with any byte beyond ASCII, and how many of them are not UTF-8.
    accented: u64,
    invalid: u64,
    /// How often each byte is there.
    bytes: [u64; 256],
}

impl Census {
    fn of(path: &Path, skip: usize) -> io::Result<Self> {
        let mut census = Census {
            accented: 0,
            invalid: 0,
            bytes: [0; 256],
        };
        each_line(path, skip, |line| {
            if !line.is_ascii() {
                census.accented += 1;
                census.invalid += u64::from(std::str::from_utf8(line).is_err());
                for byte in line {
                    census.bytes[usize::from(*byte)] += 1;
                }
            }
            Ok(())
        })?;
        Ok(census)
    }

    fn verdict(&self) -> Encoding {
        let mixed = (self.invalid as f64) < MIXED_SHARE * self.accented as f64;
        if mixed && self.invalid < self.accented {
            return Encoding::Mixed;
        }
        let windows = self.score(windows_1252);
        let dos = self.score(cp850);
        if dos > windows {
            Encoding::Cp850
        } else {
            Encoding::Windows1252
        }
    }

    /// How Portuguese the bytes beyond ASCII look when they are read this way.
    fn score(&self, decode: impl Fn(u8) -> char) -> i128 {
        (0x80..=0xFF)
            .map(|byte| {
                let count = i128::from(self.bytes[usize::from(byte)]);
                let good = PORTUGUESE.contains(decode(byte));
                if good { count } else { -count }
            })
            .sum()
    }
}

/// The character of a byte in windows-1252, with the five holes as control characters.
pub(super) fn windows_1252(byte: u8) -> char {
    let (text, _) =
        encoding_rs::WINDOWS_1252.decode_without_bom_handling(std::slice::from_ref(&byte));
    text.chars().next().unwrap_or('\u{fffd}')
}

/// The character of a byte in code page 850.
pub(super) fn cp850(byte: u8) -> char {
    match byte {
        0..=0x7F => char::from(byte),
        _ => DECODING_TABLE_CP850[usize::from(byte - 0x80)],
    }
}

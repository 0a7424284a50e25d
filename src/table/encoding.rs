//! How a text file's bytes become characters.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use encoding_rs_io::DecodeReaderBytesBuilder;

use super::TableError;

/// The encodings a text file may be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// With or without byte-order mark; pure ASCII counts as this.
    Utf8,
    Windows1252,
}

impl Encoding {
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Windows1252 => "windows-1252",
        }
    }
}

const CHUNK: usize = 256 * 1024;

/// Reads the whole file to decide: the first accent may come late.
pub(super) fn detect(path: &Path) -> Result<Encoding, TableError> {
    let mut file = File::open(path)?;
    let mut buffer = vec![0; CHUNK];
    let mut carried = 0;
    let mut first = true;
    let mut utf8 = true;
    loop {
        let read = fill(&mut file, &mut buffer[carried..])?;
        let bytes = &buffer[..carried + read];
        if first {
            if bytes.is_empty() {
                return Err(TableError::Empty);
            }
            refuse_foreign(bytes)?;
            first = false;
        }
        if read == 0 {
            // A sequence cut off by the end of the file is not UTF-8 either.
            utf8 &= carried == 0;
            break;
        }
        match std::str::from_utf8(bytes) {
            Ok(_) => carried = 0,
            Err(error) if error.error_len().is_none() => {
                let from = error.valid_up_to();
                carried = bytes.len() - from;
                buffer.copy_within(from..from + carried, 0);
            }
            Err(_) => {
                utf8 = false;
                break;
            }
        }
    }
    Ok(if utf8 {
        Encoding::Utf8
    } else {
        Encoding::Windows1252
    })
}

/// Refuses what is plainly not text in an encoding we read.
fn refuse_foreign(start: &[u8]) -> Result<(), TableError> {
    if start.starts_with(&[0xFF, 0xFE]) || start.starts_with(&[0xFE, 0xFF]) {
        return Err(TableError::Encoding("UTF-16 or UTF-32"));
    }
    let start = &start[..start.len().min(4096)];
    let share = |parity: usize| {
        let of = start.iter().skip(parity).step_by(2);
        let zeros = of.clone().filter(|byte| **byte == 0).count();
        zeros as f64 / of.count().max(1) as f64
    };
    if share(0) >= 0.3 || share(1) >= 0.3 {
        let both = share(0) >= 0.3 && share(1) >= 0.3;
        return Err(if both {
            TableError::NotATable("a binary file")
        } else {
            TableError::Encoding("UTF-16")
        });
    }
    Ok(())
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

/// Opens the file as a stream of UTF-8, without byte-order mark.
pub(super) fn open(path: &Path, encoding: Encoding) -> io::Result<Box<dyn Read + Send>> {
    let file = File::open(path)?;
    Ok(match encoding {
        Encoding::Utf8 => Box::new(
            DecodeReaderBytesBuilder::new()
                .utf8_passthru(true)
                .strip_bom(true)
                .build_with_buffer(file, vec![0; CHUNK])
                .map_err(io::Error::other)?,
        ),
        Encoding::Windows1252 => Box::new(
            DecodeReaderBytesBuilder::new()
                .encoding(Some(encoding_rs::WINDOWS_1252))
                .build_with_buffer(file, vec![0; CHUNK])
                .map_err(io::Error::other)?,
        ),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    fn decoded(bytes: &[u8]) -> (Encoding, String) {
        let file = file(bytes);
        let encoding = detect(file.path()).unwrap();
        let mut text = String::new();
        open(file.path(), encoding)
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        (encoding, text)
    }

    #[test]
    fn utf8_with_and_without_mark() {
        assert_eq!(decoded("João".as_bytes()), (Encoding::Utf8, "João".into()));
        let marked = [b"\xEF\xBB\xBF".as_slice(), "João".as_bytes()].concat();
        assert_eq!(decoded(&marked), (Encoding::Utf8, "João".into()));
    }

    #[test]
    fn a_late_accent_decides() {
        let mut bytes = vec![b'a'; 2 * CHUNK + 7];
        bytes.extend(b"Jo\xE3o");
        let (encoding, text) = decoded(&bytes);
        assert_eq!(encoding, Encoding::Windows1252);
        assert!(text.ends_with("João"));
    }

    #[test]
    fn a_character_across_two_chunks_is_whole() {
        let mut bytes = vec![b'a'; CHUNK - 1];
        bytes.extend("ã".as_bytes());
        let (encoding, text) = decoded(&bytes);
        assert_eq!(encoding, Encoding::Utf8);
        assert!(text.ends_with("aã"));
    }

    #[test]
    fn a_character_cut_by_the_end_is_windows_1252() {
        let (encoding, text) = decoded(b"abc\xC3");
        assert_eq!((encoding, text.as_str()), (Encoding::Windows1252, "abcÃ"));
    }

    #[test]
    fn what_is_not_text_is_refused() {
        let utf16: Vec<u8> = "a;b\r\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for bytes in [utf16.as_slice(), b"\xFF\xFEa\0", &[0; 64], b""] {
            assert!(detect(file(bytes).path()).is_err(), "{bytes:?}");
        }
    }
}

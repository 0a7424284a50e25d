//! A stretch of a file in memory, moved along line by line.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

const CHUNK: usize = 256 * 1024;
/// No line of a list is longer; reading on would only fill the memory.
const LONGEST_LINE: usize = 64 * 1024 * 1024;

/// Where a line ends, as offsets into [`Window::bytes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// Behind its last character.
    pub(super) end: usize,
    /// Where the next line starts.
    pub(super) next: usize,
}

pub(super) struct Window {
    file: File,
    buffer: Vec<u8>,
    /// The first byte that is not consumed.
    start: usize,
    ended: bool,
}

impl Window {
    /// Begins `skip` bytes into the file.
    pub(super) fn open(path: &Path, skip: u64) -> io::Result<Self> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(skip))?;
        Ok(Window {
            file,
            buffer: Vec::with_capacity(2 * CHUNK),
            start: 0,
            ended: false,
        })
    }

    /// What is in memory and not consumed.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// The line that starts at `at`; `None` if the file ends there. Lines end in CR, LF or both.
    pub(super) fn line(&mut self, at: usize) -> io::Result<Option<Span>> {
        let mut searched = at;
        loop {
            let bytes = self.bytes();
            if let Some(found) = memchr::memchr2(b'\n', b'\r', &bytes[searched.min(bytes.len())..])
            {
                let end = searched + found;
                let is_cr = bytes[end] == b'\r';
                match bytes.get(end + 1) {
                    Some(b'\n') if is_cr => return Ok(Some(Span { end, next: end + 2 })),
                    // The LF of this CR may not have been read yet.
                    None if is_cr && !self.ended => {}
                    _ => return Ok(Some(Span { end, next: end + 1 })),
                }
            } else {
                searched = bytes.len().max(at);
                if self.ended {
                    let end = bytes.len();
                    return Ok((at < end).then_some(Span { end, next: end }));
                }
            }
            if self.bytes().len() - at.min(self.bytes().len()) > LONGEST_LINE {
                let limit = LONGEST_LINE >> 20;
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("a line is longer than {limit} MiB"),
                ));
            }
            self.read_on()?;
        }
    }

    /// Lets go of the first `count` bytes.
    pub(super) fn consume(&mut self, count: usize) {
        self.start = (self.start + count).min(self.buffer.len());
    }

    /// Reads the next stretch; nothing more at the end of the file.
    pub(super) fn read_on(&mut self) -> io::Result<()> {
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        let read = (&mut self.file)
            .take(CHUNK.max(self.buffer.len()) as u64)
            .read_to_end(&mut self.buffer)?;
        self.ended = read == 0;
        Ok(())
    }
}

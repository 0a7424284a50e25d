//! Where in the file a parser is, and how much it may take in one go.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// Shared between a parser's input and whoever listens to the parser.
#[derive(Debug, Clone, Default)]
pub(super) struct Place(Rc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    /// Ends of lines that were read.
    lines: Cell<u64>,
    /// Bytes that may still be read.
    left: Cell<usize>,
}

impl Place {
    /// The physical line, from 1.
    pub(super) fn line(&self) -> u64 {
        self.0.lines.get() + 1
    }

    /// Lets the parser take this many bytes before it fails.
    pub(super) fn allow(&self, bytes: usize) {
        self.0.left.set(bytes);
    }

    /// Whether the parser failed because it took all it was allowed.
    pub(super) fn is_spent(&self) -> bool {
        self.0.left.get() == 0
    }
}

/// A parser's input.
pub(super) struct Watched<R> {
    pub(super) input: R,
    pub(super) place: Place,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let counts = &self.place.0;
        let left = counts.left.get();
        if left == 0 {
            return Err(io::Error::other("one element is too long"));
        }
        let most = buffer.len().min(left);
        let read = self.input.read(&mut buffer[..most])?;
        counts.left.set(left - read);
        // The parser takes a byte at a time.
        let ends = buffer[..read].iter().filter(|byte| **byte == b'\n').count();
        counts.lines.set(counts.lines.get() + ends as u64);
        Ok(read)
    }
}

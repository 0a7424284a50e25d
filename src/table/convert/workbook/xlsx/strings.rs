//! Texts that cells share: the first of them in memory, the rest in a file of our own.
//!
//! Both hold each text with its length before it. Where every eighth begins is remembered, the
//! others are found from there.

use std::fs::{self, File};
use std::io::{self, BufRead, BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use quick_xml::events::Event;

use super::super::escapes::push_decoded;
use super::super::xml::{Xml, attribute, damaged, push_text};
use crate::table::TableError;

/// Bytes of text in memory. Texts that come often come early, so most are found there.
const IN_MEMORY: usize = 128 * 1024 * 1024;
/// Bytes read from the file at a time: neighbours are asked for together, but more of them cost
/// more than they save where they are not.
const WINDOW: usize = 4 * 1024;
const GROUP: u64 = 8;
/// Bytes of a length.
const LENGTH: usize = size_of::<u32>();
/// Cells of a sheet. Who claims more texts than that wants memory, not a table.
const MOST_TEXTS: f64 = 17_179_869_184.0;

#[derive(Default)]
pub(super) struct Strings {
    memory: Vec<u8>,
    /// Where the first text of each group begins: in memory, or that much later in the file.
    starts: Vec<u64>,
    count: u64,
    file: Option<Spilled>,
}

struct Spilled {
    file: File,
    window: Vec<u8>,
    window_at: u64,
}

/// Reads the part that holds them. What does not fit in memory goes to `folder`.
pub(super) fn read(xml: &mut Xml<impl BufRead>, folder: &Path) -> Result<Strings, TableError> {
    read_with(xml, folder, IN_MEMORY)
}

fn read_with(
    xml: &mut Xml<impl BufRead>,
    folder: &Path,
    in_memory: usize,
) -> Result<Strings, TableError> {
    let mut strings = Strings::default();
    let mut out: Option<BufWriter<File>> = None;
    let mut spilled: u64 = 0;
    let (mut raw, mut text) = (String::new(), String::new());
    let (mut in_text, mut in_reading) = (false, false);
    let mut is_complete = false;
    loop {
        let mut ended = false;
        match xml.next()? {
            Event::Start(start) => match start.local_name().into_inner() {
                "t" => in_text = !in_reading,
                // How a name is pronounced, in Japanese workbooks.
                "rPh" => in_reading = true,
                "sst" => is_honest(attribute(&start, "uniqueCount")?.as_deref())?,
                _ => {}
            },
            Event::End(end) => match end.local_name().into_inner() {
                "t" => in_text = false,
                "rPh" => in_reading = false,
                "si" => ended = true,
                "sst" => is_complete = true,
                _ => {}
            },
            Event::Empty(start) => match start.local_name().into_inner() {
                "si" => ended = true,
                "sst" => is_complete = true,
                _ => {}
            },
            Event::Eof if is_complete => break,
            Event::Eof => return Err(damaged()),
            event if in_text => push_text(&mut raw, &event)?,
            _ => {}
        }
        if !ended {
            continue;
        }
        text.clear();
        push_decoded(&mut text, &raw);
        raw.clear();
        let first = strings.count.is_multiple_of(GROUP);
        if first {
            strings.starts.push(strings.memory.len() as u64 + spilled);
            if out.is_none() && strings.memory.len() >= in_memory {
                let (file, writer) = scratch(folder)?;
                strings.file = Some(file);
                out = Some(writer);
            }
        }
        let length = u32::try_from(text.len()).map_err(|_| damaged())?;
        match &mut out {
            None => {
                strings.memory.extend_from_slice(&length.to_le_bytes());
                strings.memory.extend_from_slice(text.as_bytes());
            }
            Some(out) => {
                out.write_all(&length.to_le_bytes())?;
                out.write_all(text.as_bytes())?;
                spilled += LENGTH as u64 + u64::from(length);
            }
        }
        strings.count += 1;
    }
    if let Some(mut out) = out {
        out.flush()?;
    }
    Ok(strings)
}

/// Other programs count wrongly, but not by so much.
fn is_honest(count: Option<&str>) -> Result<(), TableError> {
    let count = count.and_then(|count| count.trim().parse::<f64>().ok());
    if count.is_some_and(|count| count > MOST_TEXTS) {
        return Err(TableError::Hostile(
            "it claims to have more texts than a sheet has cells".into(),
        ));
    }
    Ok(())
}

/// A file nobody sees, to be written and read back.
fn scratch(folder: &Path) -> io::Result<(Spilled, BufWriter<File>)> {
    let path = folder.join("texts");
    let mut options = File::options();
    let file = options
        .read(true)
        .write(true)
        .create_new(true)
        .open(&path)?;
    fs::remove_file(&path)?;
    let writer = BufWriter::with_capacity(256 * 1024, file.try_clone()?);
    let spilled = Spilled {
        file,
        window: Vec::new(),
        window_at: 0,
    };
    Ok((spilled, writer))
}

impl Strings {
    /// Appends the text with that number.
    ///
    /// # Errors
    /// If there is none.
    pub(super) fn push(&mut self, index: u64, out: &mut String) -> Result<(), TableError> {
        if index >= self.count {
            let what = "a cell names a text that is missing";
            return Err(TableError::Unreadable(what.into()));
        }
        let mut at = self.starts[(index / GROUP) as usize];
        for _ in 0..index % GROUP {
            at += LENGTH as u64 + self.length(at)? as u64;
        }
        let length = self.length(at)?;
        let bytes = self.bytes(at + LENGTH as u64, length)?;
        out.push_str(std::str::from_utf8(bytes).map_err(|_| damaged())?);
        Ok(())
    }

    fn length(&mut self, at: u64) -> io::Result<usize> {
        let bytes = self.bytes(at, LENGTH)?;
        let length = bytes.try_into().map(u32::from_le_bytes);
        Ok(length.unwrap_or_default() as usize)
    }

    fn bytes(&mut self, at: u64, length: usize) -> io::Result<&[u8]> {
        let in_memory = self.memory.len() as u64;
        match &mut self.file {
            Some(file) if at >= in_memory => file.bytes(at - in_memory, length),
            _ => Ok(&self.memory[at as usize..at as usize + length]),
        }
    }
}

impl Spilled {
    fn bytes(&mut self, at: u64, length: usize) -> io::Result<&[u8]> {
        let has = |window: &[u8], window_at| {
            at >= window_at && at + length as u64 <= window_at + window.len() as u64
        };
        if !has(&self.window, self.window_at) {
            self.window.resize(length.max(WINDOW), 0);
            self.window_at = at;
            let mut read = 0;
            while read < self.window.len() {
                match self
                    .file
                    .read_at(&mut self.window[read..], at + read as u64)?
                {
                    0 => break,
                    more => read += more,
                }
            }
            self.window.truncate(read);
            if !has(&self.window, self.window_at) {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let from = (at - self.window_at) as usize;
        Ok(&self.window[from..from + length])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(text: &str, in_memory: usize) -> Result<Strings, TableError> {
        let folder = tempfile::tempdir().unwrap();
        read_with(&mut Xml::new(text.as_bytes()), folder.path(), in_memory)
    }

    fn all(strings: &mut Strings) -> Vec<String> {
        let all = 0..strings.count;
        all.map(|index| {
            let mut out = String::new();
            strings.push(index, &mut out).unwrap();
            out
        })
        .collect()
    }

    #[test]
    fn rich_text_is_joined_and_its_pronunciation_left_out() {
        let text = "<?xml version=\"1.0\"?><x:sst uniqueCount=\"9\" xmlns:x=\"y\">\
            <x:si><x:t xml:space=\"preserve\"> a &amp; b&#10;</x:t></x:si>\
            <x:si><x:r><x:rPr><x:b/></x:rPr><x:t>Jo</x:t></x:r><x:r><x:t>ão</x:t></x:r>\
            <x:rPh sb=\"0\"><x:t>JOAN</x:t></x:rPh></x:si><x:si/>\
            <x:si><x:t/></x:si><x:si><x:t><![CDATA[<c>]]>_x000D_</x:t></x:si></x:sst>";
        let mut strings = strings(text, 1000).unwrap();
        assert_eq!(all(&mut strings), [" a & b\n", "João", "", "", "<c>\n"]);
        let mut out = String::new();
        assert!(matches!(
            strings.push(5, &mut out),
            Err(TableError::Unreadable(_))
        ));
    }

    #[test]
    fn texts_beyond_the_memory_are_read_back_from_a_file() {
        let texts: Vec<_> = (0..20_000)
            .map(|n| format!("texto {n} {}", "é".repeat(n % 40)))
            .collect();
        let items: String = texts
            .iter()
            .map(|text| format!("<si><t>{text}</t></si>"))
            .collect();
        let mut strings = strings(&format!("<sst>{items}</sst>"), 10_000).unwrap();
        assert!(strings.memory.len() < 12_000);
        assert_eq!(all(&mut strings), texts);
        for index in [19_999, 3, 9_000, 8_999, 12_345] {
            let mut out = String::new();
            strings.push(index, &mut out).unwrap();
            assert_eq!(out, texts[index as usize]);
        }
    }

    #[test]
    fn what_they_claim_to_be_is_not_believed() {
        let hostile = strings("<sst uniqueCount=\"100000000000\"></sst>", 10);
        assert!(matches!(hostile, Err(TableError::Hostile(_))));
        for text in [
            "<sst><si><t>a</t></si>",
            "<sst><si></sst>",
            "<!DOCTYPE a><sst/>",
            "<sst>&x;",
        ] {
            let damaged = strings(text, 10);
            assert!(matches!(damaged, Err(TableError::Unreadable(_))), "{text}");
        }
    }
}

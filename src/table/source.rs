//! From a file as it was sent to the tables in it, each ready to be read line by line.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::de::IgnoredAny;

use super::convert::{Conversion, Foreign, Tables, convert, convert_apart};
use super::text::encoding::{self, Encoding};
use super::text::transcode::transcode;
use super::{Note, NoteCode, TableError, unpack};

/// A table of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The sheet, or the member of the archive; `None` where the file is the table.
    pub name: Option<String>,
    /// What is read: the file itself, or what it was unpacked or converted to.
    pub path: PathBuf,
    pub form: Form,
    /// What unpacking and converting had to say.
    pub notes: Vec<Note>,
}

/// How a source is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// Lines of delimited text, in UTF-8 behind a byte-order mark of `skip` bytes. `encoding` is
    /// what it was sent in.
    Text { encoding: Encoding, skip: u64 },
    /// Records that were converted from another format, which may have named the columns.
    Spool {
        from: Foreign,
        columns: Option<Vec<String>>,
    },
}

/// What a file turned out to hold.
#[derive(Debug)]
pub struct Opened {
    /// At least one.
    pub sources: Vec<Source>,
    /// The rest of an archive.
    pub unread: Vec<Unread>,
}

/// A file in an archive, or a sheet, that is no table or cannot be read.
#[derive(Debug)]
pub struct Unread {
    pub name: String,
    pub cause: TableError,
}

/// Brings files into a form that is read line by line.
#[derive(Debug, Clone)]
pub struct Opener {
    /// An existing folder for what is unpacked and converted. Whoever made it removes it.
    pub scratch: PathBuf,
    /// The program that converts in a process of its own, with limits: ours, asked to `convert`.
    /// Without one, conversion runs in this process, which a hostile file may then take with it.
    pub program: Option<PathBuf>,
    pub tables: Tables,
}

/// What a file is, by its first bytes. The content decides, not the extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Foreign(Foreign),
    Gzip,
    /// An archive that is no workbook.
    Zip,
}

impl Opener {
    /// The tables in a file: one, or with [`Tables::All`] and for archives as many as there are.
    ///
    /// # Errors
    /// If the file holds no table that can be read.
    pub fn open(&self, path: &Path) -> Result<Opened, TableError> {
        let sources = match kind_of(path)? {
            Kind::Text => vec![self.text(path)?],
            Kind::Foreign(format) => self.convert(path, format)?,
            Kind::Gzip => {
                let into = self.scratch.join("unpacked");
                unpack::gzip(path, &into)?;
                let mut sources = self.open_unpacked(&into)?;
                sources
                    .iter_mut()
                    .for_each(|source| came_packed(source, "gzip"));
                sources
            }
            Kind::Zip => return self.open_all(unpack::zip(path, &self.scratch)?),
        };
        Ok(Opened {
            sources,
            unread: Vec::new(),
        })
    }

    /// The tables among the files of an archive.
    fn open_all(&self, members: Vec<unpack::Member>) -> Result<Opened, TableError> {
        let (mut sources, mut unread) = (Vec::new(), Vec::new());
        for member in members {
            match self.open_unpacked(&member.path) {
                Ok(tables) => sources.extend(tables.into_iter().map(|mut source| {
                    source.name = Some(match source.name {
                        Some(sheet) => format!("{} {sheet}", member.name),
                        None => member.name.clone(),
                    });
                    came_packed(&mut source, "zip");
                    source
                })),
                Err(cause) if cause.may_pass() => return Err(cause),
                Err(cause) => unread.push(Unread {
                    name: member.name,
                    cause,
                }),
            }
        }
        if sources.is_empty() {
            let first = unread.into_iter().next();
            return Err(first.map_or(TableError::Empty, |unread| unread.cause));
        }
        Ok(Opened { sources, unread })
    }

    /// What came out of an archive: not another archive.
    fn open_unpacked(&self, path: &Path) -> Result<Vec<Source>, TableError> {
        match kind_of(path)? {
            Kind::Text => Ok(vec![self.text(path)?]),
            Kind::Foreign(format) => self.convert(path, format),
            Kind::Gzip | Kind::Zip => Err(TableError::NotATable("an archive in an archive".into())),
        }
    }

    /// A text file, rewritten as UTF-8 if it is anything else.
    fn text(&self, path: &Path) -> Result<Source, TableError> {
        let bytes = encoding::detect(path)?;
        let encoding = bytes.encoding;
        let mut source = Source {
            name: None,
            path: path.to_owned(),
            form: Form::Text {
                encoding,
                skip: bytes.mark as u64,
            },
            notes: Vec::new(),
        };
        if encoding == Encoding::Utf8 && !bytes.nuls {
            return Ok(source);
        }
        source.path = self.beside(path, "utf8");
        source.form = Form::Text { encoding, skip: 0 };
        let foreign = transcode(path, &source.path, bytes)?;
        if encoding == Encoding::Mixed {
            let note = Note::of_lines(NoteCode::EncodingMisto, foreign);
            source.notes.push(note);
        }
        if bytes.nuls {
            source
                .notes
                .push(Note::of_file(NoteCode::CaracteresNulos, None));
        }
        Ok(source)
    }

    /// A name in the scratch folder for what is made of `path`.
    fn beside(&self, path: &Path, extension: &str) -> PathBuf {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        self.scratch.join(format!("{name}.{extension}"))
    }

    fn convert(&self, path: &Path, format: Foreign) -> Result<Vec<Source>, TableError> {
        // Two members of an archive may both be workbooks.
        let folder = self.beside(path, "tables");
        fs::create_dir_all(&folder)?;
        let conversion = Conversion {
            source: path.to_owned(),
            format,
            tables: self.tables,
            folder,
        };
        let converted = match &self.program {
            Some(program) => convert_apart(program, &conversion)?,
            None => convert(&conversion)?,
        };
        let sources = converted.into_iter().map(|table| Source {
            name: table.name,
            path: table.spool,
            form: Form::Spool {
                from: format,
                columns: table.columns,
            },
            notes: table.notes,
        });
        Ok(sources.collect())
    }
}

fn came_packed(source: &mut Source, how: &str) {
    let note = Note::of_file(NoteCode::Compactado, how.to_owned());
    source.notes.insert(0, note);
}

/// What a file is.
fn kind_of(path: &Path) -> Result<Kind, TableError> {
    let mut start = Vec::new();
    File::open(path)?.take(4096).read_to_end(&mut start)?;
    let refused = |what: &'static str| Err(TableError::NotATable(what.into()));
    match start.as_slice() {
        [] => Err(TableError::Empty),
        [b'P', b'K', 3, 4, ..] => unpack::kind_of_zip(path),
        [b'P', b'K', 5, 6, ..] => Err(TableError::Empty),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => Ok(Kind::Foreign(Foreign::Xls)),
        [b'P', b'A', b'R', b'1', ..] => Ok(Kind::Foreign(Foreign::Parquet)),
        [0x1F, 0x8B, ..] => Ok(Kind::Gzip),
        [b'%', b'P', b'D', b'F', ..] => refused("a PDF"),
        [0x89, b'P', b'N', b'G', ..] | [0xFF, 0xD8, 0xFF, ..] | [b'G', b'I', b'F', b'8', ..] => {
            refused("a picture")
        }
        [b'R', b'a', b'r', b'!', ..] => refused("a RAR archive"),
        [b'7', b'z', 0xBC, 0xAF, ..] => refused("a 7z archive"),
        [0x28, 0xB5, 0x2F, 0xFD, ..] => refused("a Zstandard archive"),
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => refused("a bzip2 archive"),
        _ if start.get(257..262) == Some(b"ustar") => refused("a tar archive"),
        [0x7F, b'E', b'L', b'F', ..] | [b'M', b'Z', 0x90, ..] => refused("a program"),
        _ => kind_of_text(&start),
    }
}

/// Text may be a table, JSON, or a page that only calls itself a workbook.
fn kind_of_text(start: &[u8]) -> Result<Kind, TableError> {
    let start = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start);
    let start = start.trim_ascii_start();
    let lower = start[..start.len().min(64)].to_ascii_lowercase();
    let begins = |with: &[u8]| lower.starts_with(with);
    if begins(b"<html") || begins(b"<!doctype html") || begins(b"<table") {
        return Err(TableError::NotATable("a web page".into()));
    }
    if begins(b"<?xml") || begins(b"{\\rtf") {
        return Err(TableError::NotATable("an XML or RTF document".into()));
    }
    Ok(match start {
        [b'{', ..] => kind_of_object(start),
        // The elements are looked at later; this is enough to tell it from text in brackets.
        [b'[', rest @ ..] if rest.trim_ascii_start().first() == Some(&b'{') => {
            match parsed(start) {
                Parsed::No => Kind::Text,
                Parsed::Begun | Parsed::Whole => Kind::Foreign(Foreign::Json),
            }
        }
        _ => Kind::Text,
    })
}

/// Text that begins with `{`: objects on lines, one object over many lines, or mere text.
fn kind_of_object(start: &[u8]) -> Kind {
    let mut lines = start.split(|byte| *byte == b'\n').peekable();
    let mut first = true;
    while let Some(line) = lines.next() {
        let line = line.trim_ascii();
        // A broken line among good ones is rejected alone; we see only the beginning of the last.
        let is_last = lines.peek().is_none();
        match parsed(line) {
            _ if !line.starts_with(b"{") => {}
            Parsed::Whole => return Kind::Foreign(Foreign::Jsonl),
            Parsed::Begun if is_last => return Kind::Foreign(Foreign::Jsonl),
            Parsed::Begun if first && matches!(parsed(start), Parsed::Begun | Parsed::Whole) => {
                return Kind::Foreign(Foreign::Json);
            }
            Parsed::Begun | Parsed::No => {}
        }
        first &= line.is_empty();
    }
    Kind::Text
}

/// How much of one JSON value some bytes are.
enum Parsed {
    Whole,
    /// Its beginning.
    Begun,
    No,
}

fn parsed(bytes: &[u8]) -> Parsed {
    match serde_json::from_slice::<IgnoredAny>(bytes) {
        Ok(_) => Parsed::Whole,
        Err(error) if error.is_eof() => Parsed::Begun,
        Err(_) => Parsed::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_only_begins_like_json_is_text() {
        let long = format!("{{\"a\":\"{}\"", "x".repeat(5000));
        let pretty_long = format!("{{\n\"a\":\"{}\"", "x".repeat(5000));
        for (text, kind) in [
            ("{\"a\":1}\n{\"a\":2}\n", Kind::Foreign(Foreign::Jsonl)),
            ("\u{feff}\r\n {\"a\":1}", Kind::Foreign(Foreign::Jsonl)),
            ("{\"a\" 1}\n{\"a\":2}\n", Kind::Foreign(Foreign::Jsonl)),
            ("{}\n{\"a\":2}\n", Kind::Foreign(Foreign::Jsonl)),
            (&long[..4096], Kind::Foreign(Foreign::Jsonl)),
            ("{\n  \"a\": 1\n}\n", Kind::Foreign(Foreign::Json)),
            (&pretty_long[..4096], Kind::Foreign(Foreign::Json)),
            ("[\n{\"a\":1}, {\"a\":2}\n]", Kind::Foreign(Foreign::Json)),
            ("[{\"a\":1,", Kind::Foreign(Foreign::Json)),
            ("{nome};{cpf}\nAna;1\n", Kind::Text),
            ("{\"nome\";\"cpf\"}\n{\"Ana\";1}\n", Kind::Text),
            ("{\n\"nome\";\"cpf\"\nAna;1\n", Kind::Text),
            ("[{a}];b\n1;2\n", Kind::Text),
            ("[1];[2]\n", Kind::Text),
            ("nome;cpf\n{\"a\":1};2\n", Kind::Text),
        ] {
            let beginning: String = text.chars().take(30).collect();
            assert_eq!(kind_of_text(text.as_bytes()).unwrap(), kind, "{beginning}");
        }
    }
}

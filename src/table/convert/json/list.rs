//! A list of objects, streamed: bare, or within an object that says something about it.

use std::fmt;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::flatten::Fault;
use super::place::{Place, Watched};
use super::{LONGEST, Piece};
use crate::table::{Lines, TableError};

/// Tells `each` of every element, by the line where it begins. A document that is one object
/// without a list of objects is one element.
pub(super) fn each(
    path: &Path,
    each: &mut dyn FnMut(Piece<'_>) -> Result<(), TableError>,
) -> Result<Lines, TableError> {
    each_within(path, LONGEST, each)
}

/// The same, with elements of at most so many bytes.
fn each_within(
    path: &Path,
    longest: usize,
    each: &mut dyn FnMut(Piece<'_>) -> Result<(), TableError>,
) -> Result<Lines, TableError> {
    let mut input = BufReader::with_capacity(256 * 1024, File::open(path)?);
    if input.fill_buf()?.starts_with(b"\xEF\xBB\xBF") {
        input.consume(3);
    }
    let place = Place::default();
    place.allow(longest);
    let input = Watched {
        input,
        place: place.clone(),
    };
    let mut rows = Rows {
        each,
        place: place.clone(),
        longest,
        lists: 0,
        stopped: None,
    };
    let mut parser = serde_json::Deserializer::from_reader(input);
    let parsed = Document(&mut rows).deserialize(&mut parser);
    let parsed = parsed.and_then(|found| parser.end().map(|()| found));
    if let Some(stopped) = rows.stopped.take() {
        return Err(stopped);
    }
    let is_list = parsed.map_err(|error| broken(error, &place))?;
    match (is_list, rows.lists) {
        (true, _) | (false, 1) => {}
        (false, 0) if path.metadata()?.len() > longest as u64 => {
            let what = "it is one JSON object of more than 16 MB";
            return Err(TableError::Hostile(what.into()));
        }
        (false, 0) => {
            let text = fs::read_to_string(path)?;
            let text = text.trim_start_matches('\u{feff}').trim();
            let line = 1;
            each(Piece {
                line,
                text: Ok(text),
            })?;
        }
        (false, _) => {
            let what = "JSON with more than one list of objects";
            return Err(TableError::NotATable(what.into()));
        }
    }
    Ok(Lines::default())
}

fn broken(error: serde_json::Error, place: &Place) -> TableError {
    if place.is_spent() {
        let what = format!(
            "at line {} one JSON value is longer than 16 MB",
            place.line()
        );
        return TableError::Hostile(what.into());
    }
    let (line, column) = (error.line(), error.column());
    if error.is_io() {
        return TableError::Io(error.into());
    }
    let cause = if error.is_eof() {
        "ends too early"
    } else {
        "breaks"
    };
    TableError::Unreadable(format!("its JSON {cause} at line {line}, column {column}").into())
}

/// What is known while a document is gone through.
struct Rows<'e> {
    each: &'e mut dyn FnMut(Piece<'_>) -> Result<(), TableError>,
    place: Place,
    /// Bytes of an element.
    longest: usize,
    /// Lists of objects, of those in the outermost object.
    lists: usize,
    /// Why `each` wants no more.
    stopped: Option<TableError>,
}

impl Rows<'_> {
    /// Goes through a list. Whether it is one of objects, if it has to be.
    fn list<'de, A: SeqAccess<'de>>(
        &mut self,
        mut list: A,
        only_objects: bool,
    ) -> Result<bool, A::Error> {
        let mut first = true;
        loop {
            self.place.allow(self.longest);
            let Some(element) = list.next_element::<Box<RawValue>>()? else {
                return Ok(!first);
            };
            let text = element.get();
            let is_object = text.starts_with('{');
            if first && only_objects && !is_object {
                while list.next_element::<IgnoredAny>()?.is_some() {
                    self.place.allow(self.longest);
                }
                return Ok(false);
            }
            first = false;
            let lines = memchr::memchr_iter(b'\n', text.as_bytes()).count() as u64;
            let piece = Piece {
                line: self.place.line() - lines,
                text: if is_object {
                    Ok(text)
                } else {
                    Err((Fault::NoObject, text))
                },
            };
            if let Err(stopped) = (self.each)(piece) {
                self.stopped = Some(stopped);
                return Err(A::Error::custom("no more"));
            }
        }
    }
}

/// The whole of it: `true` for a list, `false` for an object.
struct Document<'r, 'e>(&'r mut Rows<'e>);

impl<'de> DeserializeSeed<'de> for Document<'_, '_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Document<'_, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a list or an object")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<bool, A::Error> {
        self.0.list(list, false)?;
        Ok(true)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<bool, A::Error> {
        while object.next_key::<IgnoredAny>()?.is_some() {
            if object.next_value_seed(Member(&mut *self.0))? {
                self.0.lists += 1;
            }
            self.0.place.allow(self.0.longest);
        }
        Ok(false)
    }
}

/// A value of the outermost object: `true` for a list of objects.
struct Member<'r, 'e>(&'r mut Rows<'e>);

impl<'de> DeserializeSeed<'de> for Member<'_, '_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Member<'_, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<bool, A::Error> {
        self.0.list(list, true)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<bool, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(false)
    }

    fn visit_bool<E>(self, _: bool) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_i64<E>(self, _: i64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_u64<E>(self, _: u64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_f64<E>(self, _: f64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_str<E>(self, _: &str) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn lengths(text: &str, longest: usize) -> Result<Vec<usize>, String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let mut lengths = Vec::new();
        let passed = each_within(file.path(), longest, &mut |piece| {
            lengths.push(piece.text.unwrap_or_default().len());
            Ok(())
        });
        passed.map_err(|error| error.to_string())?;
        Ok(lengths)
    }

    #[test]
    fn a_file_may_be_longer_than_any_of_its_elements() {
        let element = format!("{{\"a\":\"{}\"}}", "x".repeat(60));
        let list = [element.as_str(); 9].join(",");
        let (bare, wrapped) = (format!("[{list}]"), format!("{{\"n\":9,\"d\":[{list}]}}"));
        for text in [&bare, &wrapped] {
            assert_eq!(lengths(text, 100), Ok(vec![element.len(); 9]));
            let said = lengths(text, 50).unwrap_err();
            assert!(said.contains("the file is refused"), "{said}");
        }
        // A document without a list is one element.
        assert!(lengths("{\"a\":1,\"b\":2}", 10).is_err());
        assert_eq!(lengths("{\"a\":1,\"b\":2}", 20), Ok(vec![13]));
    }
}

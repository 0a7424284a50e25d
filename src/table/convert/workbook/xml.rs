//! Parts of a workbook that are XML, pulled event by event.

use std::borrow::Cow;
use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::archive;
use crate::table::TableError;

pub(super) struct Xml<R> {
    reader: Reader<R>,
    buffer: Vec<u8>,
}

impl<R: BufRead> Xml<R> {
    pub(super) fn new(input: R) -> Self {
        Xml {
            reader: Reader::from_reader(input),
            buffer: Vec::new(),
        }
    }

    /// The next event; [`Event::Eof`] at the end, and then again.
    ///
    /// # Errors
    /// If the part is damaged, or has a document type: no workbook does, and it is where XML
    /// keeps its traps.
    pub(super) fn next(&mut self) -> Result<Event<'_>, TableError> {
        self.buffer.clear();
        match self.reader.read_event_into(&mut self.buffer) {
            Ok(Event::DocType(_)) => Err(damaged()),
            Ok(event) => Ok(event),
            Err(error) => Err(broken(error)),
        }
    }
}

/// The value of an attribute, whatever the prefix of its name.
pub(super) fn attribute<'a>(
    start: &'a BytesStart<'_>,
    name: &str,
) -> Result<Option<Cow<'a, str>>, TableError> {
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(|_| damaged())?;
        if attribute.key.local_name().into_inner() == name {
            return unescaped(attribute.value).map(Some);
        }
    }
    Ok(None)
}

fn unescaped(value: Cow<'_, str>) -> Result<Cow<'_, str>, TableError> {
    if !value.contains('&') {
        return Ok(value);
    }
    let plain = quick_xml::escape::unescape(&value).map_err(|_| damaged())?;
    Ok(Cow::Owned(plain.into_owned()))
}

/// Whether an attribute says yes.
pub(super) fn is_true(value: &str) -> bool {
    matches!(value, "1" | "true" | "on")
}

/// Appends what an event has of text.
pub(super) fn push_text(out: &mut String, event: &Event<'_>) -> Result<(), TableError> {
    match event {
        Event::Text(text) => out.push_str(&text.xml10_content()),
        Event::CData(text) => out.push_str(&text.xml10_content()),
        Event::GeneralRef(reference) => match reference.resolve_char_ref() {
            Ok(Some(c)) => out.push(c),
            Ok(None) => {
                let text = quick_xml::escape::resolve_xml_entity(reference);
                out.push_str(text.ok_or_else(damaged)?);
            }
            Err(_) => return Err(damaged()),
        },
        _ => {}
    }
    Ok(())
}

fn broken(error: quick_xml::Error) -> TableError {
    // The library's own texts may quote cells.
    match error {
        quick_xml::Error::Io(error) => archive::unread(&error),
        _ => damaged(),
    }
}

pub(super) fn damaged() -> TableError {
    TableError::Unreadable("its contents are damaged".into())
}

//! Styles of cells, of which only the number formats matter.

use std::collections::HashMap;
use std::io::BufRead;

use quick_xml::events::Event;

use super::super::format::Format;
use super::super::xml::{Xml, attribute};
use crate::table::TableError;

/// The number format of each style, by its number.
pub(super) fn read(xml: &mut Xml<impl BufRead>) -> Result<Vec<Format>, TableError> {
    let mut codes = HashMap::new();
    let mut formats = Vec::new();
    let mut in_cells = false;
    loop {
        match xml.next()? {
            Event::Start(start) | Event::Empty(start) => match start.local_name().into_inner() {
                "cellXfs" => in_cells = true,
                "numFmt" => {
                    let id = attribute(&start, "numFmtId")?;
                    let id = id.and_then(|id| id.parse::<u32>().ok());
                    if let (Some(id), Some(code)) = (id, attribute(&start, "formatCode")?) {
                        codes.insert(id, Format::parse(&code));
                    }
                }
                "xf" if in_cells => {
                    let id = attribute(&start, "numFmtId")?;
                    let id = id.and_then(|id| id.parse().ok()).unwrap_or_default();
                    let own = codes.get(&id).cloned();
                    formats.push(own.unwrap_or_else(|| Format::built_in(id)));
                }
                _ => {}
            },
            Event::End(end) if end.local_name().into_inner() == "cellXfs" => in_cells = false,
            Event::Eof => return Ok(formats),
            _ => {}
        }
    }
}

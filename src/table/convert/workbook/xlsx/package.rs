//! The parts of a package: which sheets there are, and where everything is.

use std::borrow::Cow;

use quick_xml::events::Event;

use super::super::archive::Archive;
use super::super::xml::{Xml, attribute, is_true};
use crate::table::TableError;

/// What a workbook's main part says, with all names of parts as the archive has them.
#[derive(Debug)]
pub(super) struct Package {
    /// Sheets with cells, in the order of their tabs.
    pub(super) sheets: Vec<Listed>,
    pub(super) strings: Option<String>,
    pub(super) styles: Option<String>,
    pub(super) from_1904: bool,
}

#[derive(Debug)]
pub(super) struct Listed {
    pub(super) name: String,
    pub(super) is_hidden: bool,
    pub(super) part: String,
}

/// A part another part names.
struct Relationship {
    id: String,
    /// The last word of its type: `worksheet`, `styles`.
    kind: String,
    part: String,
}

impl Package {
    pub(super) fn read(archive: &mut Archive) -> Result<Self, TableError> {
        let roots = relationships(archive, "")?;
        let main = roots
            .into_iter()
            .find(|one| one.kind == "officeDocument")
            .map_or_else(|| "xl/workbook.xml".to_owned(), |one| one.part);
        let related = relationships(archive, &main)?;
        let part_of = |kind: &str, usual: &str| {
            let named = related.iter().find(|one| one.kind == kind);
            let part = named.map_or(usual, |one| &one.part);
            archive.has(part).then(|| part.to_owned())
        };
        let strings = part_of("sharedStrings", "xl/sharedStrings.xml");
        let styles = part_of("styles", "xl/styles.xml");
        let mut package = Package {
            sheets: Vec::new(),
            strings,
            styles,
            from_1904: false,
        };
        let mut listed = 0;
        let mut xml = Xml::new(archive.part(&main)?);
        loop {
            match xml.next()? {
                Event::Start(start) | Event::Empty(start) => {
                    match start.local_name().into_inner() {
                        "workbookPr" => {
                            let date_1904 = attribute(&start, "date1904")?;
                            package.from_1904 = date_1904.is_some_and(|value| is_true(&value));
                        }
                        "sheet" => {
                            listed += 1;
                            let id = attribute(&start, "id")?;
                            let (kind, part) = located(&related, id, listed);
                            if kind != "worksheet" {
                                continue;
                            }
                            let state = attribute(&start, "state")?.unwrap_or_default();
                            package.sheets.push(Listed {
                                name: attribute(&start, "name")?.unwrap_or_default().into_owned(),
                                is_hidden: matches!(&*state, "hidden" | "veryHidden"),
                                part,
                            });
                        }
                        _ => {}
                    }
                }
                Event::Eof => return Ok(package),
                _ => {}
            }
        }
    }
}

/// The kind and the part of a sheet. Some programs leave out how sheets and parts belong together.
fn located(related: &[Relationship], id: Option<Cow<'_, str>>, place: usize) -> (String, String) {
    let named = id.and_then(|id| related.iter().find(|one| one.id == *id));
    match named {
        Some(one) => (one.kind.clone(), one.part.clone()),
        None => (
            "worksheet".to_owned(),
            format!("xl/worksheets/sheet{place}.xml"),
        ),
    }
}

/// What a part, or the package itself (``), is related to. Nothing if it does not say.
fn relationships(archive: &mut Archive, of: &str) -> Result<Vec<Relationship>, TableError> {
    let (folder, name) = of.rsplit_once('/').unwrap_or(("", of));
    let part = resolved("", &format!("{folder}/_rels/{name}.rels"));
    let mut all = Vec::new();
    if !archive.has(&part) {
        return Ok(all);
    }
    let mut xml = Xml::new(archive.part(&part)?);
    loop {
        match xml.next()? {
            Event::Start(start) | Event::Empty(start)
                if start.local_name().into_inner() == "Relationship" =>
            {
                let said = |name| Ok::<_, TableError>(attribute(&start, name)?.unwrap_or_default());
                if said("TargetMode")? == "External" {
                    continue;
                }
                let kind = said("Type")?;
                all.push(Relationship {
                    id: said("Id")?.into_owned(),
                    kind: kind.rsplit('/').next().unwrap_or_default().to_owned(),
                    part: resolved(folder, &said("Target")?),
                });
            }
            Event::Eof => return Ok(all),
            _ => {}
        }
    }
}

/// The name of the part a target means, seen from a folder.
fn resolved(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let whole = if target.starts_with('/') {
        target
    } else {
        format!("{folder}/{target}")
    };
    let mut path = Vec::new();
    for step in whole.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                path.pop();
            }
            step => path.push(step),
        }
    }
    path.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_seen_from_the_folder_of_the_part_that_names_them() {
        for (target, part) in [
            ("worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            ("/xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            ("..\\folhas\\./a.xml", "folhas/a.xml"),
            ("../../../a.xml", "a.xml"),
        ] {
            assert_eq!(resolved("xl", target), part);
        }
    }
}

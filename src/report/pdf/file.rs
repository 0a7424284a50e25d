//! From drawn pages to the bytes of a PDF file, the same bytes every time.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Timelike};
use lopdf::{Document, Object, StringFormat, dictionary};
use printpdf::{
    DateTime, FontId, Mm, Op, PageAnnotId, PageAnnotation, PdfDocument, PdfFont, PdfFontHandle,
    PdfPage, PdfSaveOptions, TextItem, to_lopdf_doc,
};
use sha2::{Digest, Sha256};

use super::{
    PdfError,
    canvas::{Canvas, font_id},
    flow::Bookmark,
};
use crate::report::{
    Summary,
    fonts::{Face, Fonts},
    numbers,
};

/// Builds the file: only the used glyphs of the fonts, compressed pages, an outline.
pub fn write(
    fonts: &Fonts,
    summary: &Summary,
    pages: Vec<Canvas>,
    bookmarks: &[Bookmark],
) -> Result<Vec<u8>, PdfError> {
    let pages: Vec<PdfPage> = pages
        .into_iter()
        .map(|page| PdfPage::new(Mm(210.0), Mm(297.0), page.ops))
        .collect();

    let mut document = PdfDocument::new(&format!("Relatório de qualidade: {}", summary.job.file));
    describe(&mut document, summary);
    let mut used = used_letters(&pages);
    for face in Face::ALL {
        let id = font_id(face);
        let letters = used.remove(&id).unwrap_or_default();
        let font = PdfFont::new(fonts.subset(face, &letters));
        document.resources.fonts.map.insert(id, font);
    }
    for (number, bookmark) in bookmarks.iter().enumerate() {
        let annotation = PageAnnotation {
            name: bookmark.title.clone(),
            page: bookmark.page,
        };
        let id = PageAnnotId(format!("B{number:03}"));
        document.bookmarks.map.insert(id, annotation);
    }
    document.pages = pages;
    finish(&document)
}

/// Title and dates. The time is the job's own: printpdf would take the clock's.
fn describe(document: &mut PdfDocument, summary: &Summary) {
    let info = &mut document.metadata.info;
    let creator = concat!("pyservice ", env!("CARGO_PKG_VERSION"));
    info.creator = creator.to_owned();
    info.producer = creator.to_owned();
    info.subject = "Qualidade de dados".to_owned();
    info.identifier = summary.job.id.clone();
    let date = started(summary);
    info.creation_date = date;
    info.modification_date = date;
    info.metadata_date = date;
}

/// The job's start in UTC, the only offset printpdf writes; the epoch if it cannot be read.
fn started(summary: &Summary) -> DateTime {
    let mut date = DateTime::epoch();
    if let Some(moment) = numbers::moment(&summary.job.started_at) {
        let moment = moment.to_utc();
        date.date.year = moment.year();
        date.date.month = moment.month() as u8;
        date.date.day = moment.day() as u8;
        date.time.hour = moment.hour() as u8;
        date.time.minute = moment.minute() as u8;
        date.time.second = moment.second() as u8;
    }
    date
}

/// The letters each font sets on these pages.
fn used_letters(pages: &[PdfPage]) -> BTreeMap<FontId, BTreeSet<char>> {
    let mut used: BTreeMap<FontId, BTreeSet<char>> = BTreeMap::new();
    let mut font = None;
    for op in pages.iter().flat_map(|page| &page.ops) {
        match op {
            Op::SetFont {
                font: PdfFontHandle::External(id),
                ..
            } => font = Some(id),
            Op::ShowText { items } => {
                let letters = items.iter().filter_map(|item| match item {
                    TextItem::Text(text) => Some(text.chars()),
                    _ => None,
                });
                if let Some(id) = font {
                    used.entry(id.clone())
                        .or_default()
                        .extend(letters.flatten());
                }
            }
            _ => {}
        }
    }
    used
}

fn finish(document: &PdfDocument) -> Result<Vec<u8>, PdfError> {
    let mut file = to_lopdf_doc(document, &PdfSaveOptions::default(), &mut Vec::new());
    file.version = "1.7".to_owned();
    if let Ok(catalog) = file.catalog_mut() {
        catalog.set("Lang", Object::string_literal("pt-BR"));
        // printpdf writes a text where the standard asks for a name.
        catalog.set("PageMode", "UseOutlines");
        let preferences = dictionary! { "DisplayDocTitle" => true };
        catalog.set("ViewerPreferences", preferences);
    }
    remove_claims(&mut file);
    file.compress();

    // The identity of a file is made of its content, where printpdf draws a random one.
    set_identity(&mut file, &[0; 16]);
    let mut bytes = Vec::new();
    file.save_to(&mut bytes)?;
    let identity = Sha256::digest(&bytes);
    set_identity(&mut file, &identity[..16]);
    bytes.clear();
    file.save_to(&mut bytes)?;
    Ok(bytes)
}

/// printpdf says that every file follows PDF/X, which this one does not, and adds empty fields.
fn remove_claims(file: &mut Document) {
    let info = file.trailer.get(b"Info").and_then(Object::as_reference);
    if let Ok(info) = info.and_then(|id| file.get_dictionary_mut(id)) {
        for key in ["GTS_PDFXVersion", "Trapped", "Author", "Keywords"] {
            info.remove(key.as_bytes());
        }
    }
}

fn set_identity(file: &mut Document, identity: &[u8]) {
    let id = Object::String(identity.to_vec(), StringFormat::Hexadecimal);
    file.trailer.set("ID", vec![id.clone(), id]);
}

//! The report people read: an A4 PDF in Brazilian Portuguese, drawn from the summary alone.
//! Equal summaries give equal bytes.
//!
//! Each chapter is a function over a `Flow`; adding one is adding it to
//! `CHAPTERS`.

mod annex;
mod backend;
mod canvas;
mod cover;
mod enrichment;
mod file;
mod findings;
mod flow;
mod quality;
mod recipe;
mod rejections;
mod table;

use thiserror::Error;

use self::{
    canvas::{Align, Canvas, HEIGHT, Type},
    flow::{Flow, LEFT, MEASURE, RIGHT},
};
use super::{Summary, fonts::Fonts, numbers, palette};

/// Why no PDF came out. None of it depends on the rows of the file.
#[derive(Debug, Error)]
pub enum PdfError {
    #[error("the embedded font cannot be read")]
    Font,
    #[error("cannot draw the chart `{chart}`: {reason}")]
    Chart { chart: &'static str, reason: String },
    #[error("cannot write the document")]
    Write(#[from] std::io::Error),
}

type Chapter = fn(&mut Flow, &Summary) -> Result<(), PdfError>;

/// The report from the first page to the last.
const CHAPTERS: [Chapter; 6] = [
    cover::draw,
    quality::draw,
    rejections::draw,
    recipe::draw,
    enrichment::draw,
    annex::draw,
];

/// The PDF of a summary.
pub fn draw(summary: &Summary) -> Result<Vec<u8>, PdfError> {
    let fonts = Fonts::embedded().ok_or(PdfError::Font)?;
    let mut flow = Flow::new(fonts);
    for chapter in CHAPTERS {
        chapter(&mut flow, summary)?;
    }
    let (mut pages, bookmarks) = flow.finish();
    let count = pages.len();
    for (index, page) in pages.iter_mut().enumerate() {
        running_head(page, fonts, summary, index == 0);
        foot(page, index + 1, count);
    }
    file::write(fonts, summary, pages, &bookmarks)
}

/// The name of the file and the date on top of every page. The cover has the name as its title, so
/// it only says what the document is about.
fn running_head(page: &mut Canvas, fonts: &Fonts, summary: &Summary, cover: bool) {
    let ink = if cover { palette::RULE } else { palette::MUTED };
    let style = Type::regular(7.5, ink);
    let date = numbers::date_time(&summary.job.started_at);
    let face = fonts.face(style.face);
    let room = MEASURE - face.width(&date, style.size) - 24.0;
    let name = match cover {
        true => "Higienização de dados".to_owned(),
        false => face.shorten(&face.printable(&summary.job.file), style.size, room),
    };
    page.text(LEFT, 36.0, Align::Left, &name, style);
    page.text(RIGHT, 36.0, Align::Right, &date, style);
    if !cover {
        page.line(&[(LEFT, 43.0), (RIGHT, 43.0)], 0.5, palette::RULE);
    }
}

fn foot(page: &mut Canvas, number: usize, count: usize) {
    let style = Type::regular(7.5, palette::MUTED);
    let rule = HEIGHT - 42.0;
    let baseline = HEIGHT - 30.0;
    page.line(&[(LEFT, rule), (RIGHT, rule)], 0.5, palette::RULE);
    let version = concat!("pyservice ", env!("CARGO_PKG_VERSION"));
    page.text(LEFT, baseline, Align::Left, version, style);
    let number = format!("Página {number} de {count}");
    page.text(RIGHT, baseline, Align::Right, &number, style);
}

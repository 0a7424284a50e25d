//! Text, tables and charts one below the other, over as many pages as they need. Nothing is cut,
//! and a heading never stands alone at the foot of a page.

use std::convert::Infallible;

use plotters::{
    coord::Shift,
    drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea},
};

use super::{
    PdfError,
    backend::PageBackend,
    canvas::{Align, Area, Canvas, HEIGHT, Type, WIDTH},
};
use crate::report::{
    fonts::{Face, Fonts},
    palette,
};

/// The left and right edge of everything.
pub const LEFT: f32 = 48.0;
pub const RIGHT: f32 = WIDTH - LEFT;
/// The width between them.
pub const MEASURE: f32 = RIGHT - LEFT;
/// The first and last line of a page's own text.
const TOP: f32 = 66.0;
const BOTTOM: f32 = HEIGHT - 56.0;

const BODY: Type = Type::regular(9.0, palette::INK);
const NOTE: Type = Type::regular(7.5, palette::MUTED);

type ChartArea<'a> = DrawingArea<PageBackend<'a>, Shift>;
type Charted = Result<(), DrawingAreaErrorKind<Infallible>>;

/// A place a reader can jump to.
#[derive(Debug)]
pub struct Bookmark {
    pub title: String,
    /// From 1.
    pub page: usize,
}

/// The document while it is being written.
#[derive(Debug)]
pub struct Flow {
    fonts: &'static Fonts,
    pages: Vec<Canvas>,
    current: Canvas,
    /// Where the next thing goes.
    y: f32,
    bookmarks: Vec<Bookmark>,
}

impl Flow {
    pub fn new(fonts: &'static Fonts) -> Self {
        Flow {
            fonts,
            pages: Vec::new(),
            current: Canvas::new(fonts),
            y: TOP,
            bookmarks: Vec::new(),
        }
    }

    pub fn fonts(&self) -> &'static Fonts {
        self.fonts
    }

    /// The page being written.
    pub fn canvas(&mut self) -> &mut Canvas {
        &mut self.current
    }

    pub fn y(&self) -> f32 {
        self.y
    }

    pub fn skip(&mut self, height: f32) {
        self.y += height;
    }

    /// What is left of the page.
    pub fn room(&self) -> f32 {
        BOTTOM - self.y
    }

    pub fn new_page(&mut self) {
        let page = std::mem::replace(&mut self.current, Canvas::new(self.fonts));
        self.pages.push(page);
        self.y = TOP;
    }

    /// Turns the page unless `height` still fits on it.
    pub fn need(&mut self, height: f32) {
        if self.room() < height && self.y > TOP {
            self.new_page();
        }
    }

    /// Makes the current page a place to jump to.
    pub fn bookmark(&mut self, title: &str) {
        self.bookmarks.push(Bookmark {
            title: title.to_owned(),
            page: self.pages.len() + 1,
        });
    }

    /// A chapter: its title and a bookmark, on a new page unless much of this one is free.
    pub fn chapter(&mut self, title: &str) {
        self.need((BOTTOM - TOP) * 0.55);
        self.bookmark(title);
        let style = Type::bold(16.0, palette::BRAND);
        self.y += if self.y > TOP { 40.0 } else { 14.0 };
        self.current.text(LEFT, self.y, Align::Left, title, style);
        self.y += 8.0;
        let stroke = [(LEFT, self.y), (LEFT + 36.0, self.y)];
        self.current.line(&stroke, 2.0, palette::BRAND_LIGHT);
        self.y += 14.0;
    }

    /// A heading that stays with at least the next `keep` points.
    pub fn heading(&mut self, title: &str, keep: f32) {
        self.need(32.0 + keep);
        if self.y > TOP {
            self.y += 10.0;
        }
        self.y += 10.0;
        let style = Type::bold(11.0, palette::INK);
        self.current.text(LEFT, self.y, Align::Left, title, style);
        self.y += 10.0;
    }

    pub fn paragraph(&mut self, text: &str) {
        self.lines(text, BODY, 0.0);
        self.y += 5.0;
    }

    /// Small print.
    pub fn note(&mut self, text: &str) {
        self.lines(text, NOTE, 0.0);
        self.y += 4.0;
    }

    pub fn bullet(&mut self, text: &str) {
        // Two lines, so that a mark never stands without its text.
        self.need(2.0 * leading(BODY));
        let y = self.y + BODY.size * 0.62;
        self.current
            .circle(LEFT + 3.0, y, 1.6, palette::BRAND_LIGHT);
        self.lines(text, BODY, 12.0);
        self.y += 3.0;
    }

    fn lines(&mut self, text: &str, style: Type, indent: f32) {
        let face = self.fonts.face(style.face);
        let text = face.printable(text);
        for line in face.wrap(&text, style.size, MEASURE - indent) {
            self.need(leading(style));
            let baseline = self.y + style.size * 0.95;
            let x = LEFT + indent;
            self.current.text(x, baseline, Align::Left, &line, style);
            self.y += leading(style);
        }
    }

    /// Facts in two columns, name and value; values wrap.
    pub fn facts(&mut self, facts: &[(&str, String)]) {
        const NAME: f32 = 128.0;
        let face = self.fonts.face(Face::Regular);
        for (name, value) in facts {
            let value = face.printable(value);
            let lines = face.wrap(&value, BODY.size, MEASURE - NAME);
            self.need(leading(BODY) * lines.len().min(4) as f32 + 4.0);
            let style = Type::regular(BODY.size, palette::MUTED);
            let baseline = self.y + BODY.size * 0.95;
            self.current.text(LEFT, baseline, Align::Left, name, style);
            for line in &lines {
                self.need(leading(BODY));
                let baseline = self.y + BODY.size * 0.95;
                self.current
                    .text(LEFT + NAME, baseline, Align::Left, line, BODY);
                self.y += leading(BODY);
            }
            self.y += 3.0;
            let rule = [(LEFT, self.y), (RIGHT, self.y)];
            self.current.line(&rule, 0.4, palette::RULE);
            self.y += 3.0;
        }
    }

    /// A chart as wide as the text and `height` points high; `name` is for the error only.
    pub fn chart(
        &mut self,
        name: &'static str,
        height: f32,
        draw: impl FnOnce(&ChartArea<'_>) -> Charted,
    ) -> Result<(), PdfError> {
        self.need(height);
        let area = Area {
            x: LEFT,
            y: self.y,
            width: MEASURE,
            height,
        };
        let backend = PageBackend::new(&mut self.current, area);
        draw(&backend.into_drawing_area()).map_err(|error| PdfError::Chart {
            chart: name,
            reason: error.to_string(),
        })?;
        self.y += height + 6.0;
        Ok(())
    }

    /// All pages and the places to jump to.
    pub fn finish(mut self) -> (Vec<Canvas>, Vec<Bookmark>) {
        self.pages.push(self.current);
        (self.pages, self.bookmarks)
    }
}

/// From one baseline to the next.
fn leading(style: Type) -> f32 {
    style.size * 1.4
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow() -> Flow {
        Flow::new(Fonts::embedded().expect("fonts"))
    }

    fn shows(page: &Canvas, text: &str) -> bool {
        format!("{:?}", page.ops).contains(text)
    }

    #[test]
    fn a_heading_moves_to_the_page_of_what_it_heads() {
        let mut flow = flow();
        flow.skip(flow.room() - 60.0);
        flow.heading("Tabela", 40.0);
        let (pages, _) = flow.finish();
        assert!(!shows(&pages[0], "Tabela") && shows(&pages[1], "Tabela"));
    }

    #[test]
    fn a_long_paragraph_goes_on_without_losing_a_word() {
        let mut flow = flow();
        let words: Vec<String> = (0..3_000).map(|number| format!("w{number}x")).collect();
        flow.paragraph(&words.join(" "));
        let (pages, _) = flow.finish();
        assert!(pages.len() > 1);
        let ops = format!("{pages:?}");
        assert!(words.iter().all(|word| ops.contains(word.as_str())));
    }

    #[test]
    fn a_chapter_takes_a_new_page_only_when_this_one_is_well_used() {
        let mut flow = flow();
        flow.chapter("um");
        flow.chapter("dois");
        flow.skip(flow.room() * 0.7);
        flow.chapter("três");
        let (_, bookmarks) = flow.finish();
        let pages: Vec<usize> = bookmarks.iter().map(|bookmark| bookmark.page).collect();
        assert_eq!(pages, [1, 1, 2]);
    }
}

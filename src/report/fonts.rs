//! The embedded typeface of the PDF and its charts: Liberation Sans, regular and bold. Nothing
//! is ever taken from the system, so a report looks the same everywhere.

mod subset;

use std::{collections::BTreeSet, fmt, sync::OnceLock};

use plotters::style::{FontStyle, register_font};
use printpdf::ParsedFont;
use unicode_normalization::UnicodeNormalization;

static REGULAR: &[u8] = include_bytes!("fonts/LiberationSans-Regular.ttf");
static BOLD: &[u8] = include_bytes!("fonts/LiberationSans-Bold.ttf");

/// The family's name in plotters; its default, so that no element looks for another.
pub const FAMILY: &str = "sans-serif";

/// The cut of the family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Face {
    Regular,
    Bold,
}

impl Face {
    pub const ALL: [Face; 2] = [Face::Regular, Face::Bold];

    /// The name of the embedded font; six letters mark a subset, as the PDF standard asks.
    fn embedded_name(self) -> &'static str {
        match self {
            Face::Regular => "PYSREG+LiberationSans",
            Face::Bold => "PYSBLD+LiberationSans-Bold",
        }
    }
}

/// Both faces, parsed once.
#[derive(Debug)]
pub struct Fonts {
    regular: Typeface,
    bold: Typeface,
}

impl Fonts {
    /// The embedded fonts, known to plotters as well; `None` only if the files in the binary
    /// are damaged.
    pub fn embedded() -> Option<&'static Fonts> {
        static FONTS: OnceLock<Option<Fonts>> = OnceLock::new();
        FONTS
            .get_or_init(|| {
                register_font(FAMILY, FontStyle::Normal, REGULAR).ok()?;
                register_font(FAMILY, FontStyle::Bold, BOLD).ok()?;
                Some(Fonts {
                    regular: Typeface::parse(REGULAR)?,
                    bold: Typeface::parse(BOLD)?,
                })
            })
            .as_ref()
    }

    pub fn face(&self, face: Face) -> &Typeface {
        match face {
            Face::Regular => &self.regular,
            Face::Bold => &self.bold,
        }
    }

    /// The face with the outlines of `used` only, ready to embed.
    pub fn subset(&self, face: Face, used: &BTreeSet<char>) -> ParsedFont {
        let mut font = self.face(face).parsed.clone();
        let glyphs: BTreeSet<u16> = used
            .iter()
            .filter_map(|&letter| font.lookup_glyph_index(letter.into()))
            .collect();
        // A font that cannot be cut is embedded whole: larger, never wrong.
        if let Some(small) = subset::keep_glyphs(&font.original_bytes, &glyphs) {
            font.original_bytes = small;
            font.font_name = Some(face.embedded_name().to_owned());
        }
        font
    }
}

/// One face and its measures. Sizes and widths are in points.
pub struct Typeface {
    parsed: ParsedFont,
}

impl fmt::Debug for Typeface {
    /// Without the bytes of the font, which nobody wants to read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Typeface").finish_non_exhaustive()
    }
}

/// Height of a capital letter, in ems.
pub const CAP_HEIGHT: f32 = 0.688;
/// From the baseline to the top of the tallest letter and to the bottom of the lowest, in ems.
pub const ASCENT: f32 = 0.905;
pub const DESCENT: f32 = 0.212;

const ELLIPSIS: char = '…';

impl Typeface {
    fn parse(bytes: &'static [u8]) -> Option<Self> {
        let parsed = ParsedFont::from_bytes(bytes, 0, &mut Vec::new())?;
        Some(Typeface { parsed })
    }

    /// Width of `text` as a viewer will set it.
    pub fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().map(|letter| self.advance(letter, size)).sum()
    }

    fn advance(&self, letter: char, size: f32) -> f32 {
        let units = u32::from(self.parsed.units_per_em.max(1));
        let width = self
            .parsed
            .lookup_glyph_index(letter.into())
            .and_then(|glyph| self.parsed.get_glyph_width(glyph))
            .unwrap_or(0);
        // The file's width table holds whole thousandths, so measure in them too.
        (u32::from(width) * 1000 / units) as f32 * size / 1000.0
    }

    /// `text` in letters this face has: composed, on one line, with a box for what it lacks.
    pub fn printable(&self, text: &str) -> String {
        text.nfc()
            .filter_map(|letter| match letter {
                letter if letter.is_whitespace() => Some(' '),
                letter if letter.is_control() || is_invisible(letter) => None,
                letter if self.parsed.lookup_glyph_index(letter.into()).is_some() => Some(letter),
                _ => Some('□'),
            })
            .collect()
    }

    /// `text` cut to `width`, with an ellipsis where something was cut away.
    pub fn shorten(&self, text: &str, size: f32, width: f32) -> String {
        if self.width(text, size) <= width {
            return text.to_owned();
        }
        let room = width - self.advance(ELLIPSIS, size);
        let mut used = 0.0;
        let mut short: String = text
            .chars()
            .take_while(|&letter| {
                used += self.advance(letter, size);
                used <= room
            })
            .collect();
        short.truncate(short.trim_end().len());
        short.push(ELLIPSIS);
        short
    }

    /// `text` in lines of at most `width`. Words longer than a line are broken.
    pub fn wrap(&self, text: &str, size: f32, width: f32) -> Vec<String> {
        let mut lines = Vec::new();
        let mut line = String::new();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let longer = if line.is_empty() {
                word.to_owned()
            } else {
                format!("{line} {word}")
            };
            if self.width(&longer, size) <= width {
                line = longer;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            line = self.break_word(word, size, width, &mut lines);
        }
        if !line.is_empty() {
            lines.push(line);
        }
        lines
    }

    /// Pushes the full lines of a word and returns its rest.
    fn break_word(&self, word: &str, size: f32, width: f32, lines: &mut Vec<String>) -> String {
        let mut line = String::new();
        let mut used = 0.0;
        for letter in word.chars() {
            let advance = self.advance(letter, size);
            if used + advance > width && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                used = 0.0;
            }
            used += advance;
            line.push(letter);
        }
        line
    }
}

/// Joiners, direction marks and the soft hyphen: no ink of their own.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regular() -> &'static Typeface {
        Fonts::embedded().expect("fonts").face(Face::Regular)
    }

    #[test]
    fn the_face_has_every_letter_of_portuguese_and_our_signs() {
        let text = "ÁÀÂÃÉÊÍÓÔÕÚÜÇáàâãéêíóôõúüçºª–—→…•«»“”□ R$ 1.234,56%";
        assert_eq!(regular().printable(text), text);
    }

    #[test]
    fn what_the_face_lacks_becomes_a_box() {
        assert_eq!(regular().printable("a\tb\u{200b}c\u{0}d\n漢😀"), "a bcd □□");
        assert_eq!(regular().printable("a\u{303}"), "ã");
    }

    #[test]
    fn short_text_is_not_cut_and_long_text_fits() {
        let face = regular();
        assert_eq!(face.shorten("nome", 8.0, 100.0), "nome");
        let short = face.shorten(&"coluna ".repeat(40), 8.0, 100.0);
        assert!(short.ends_with('…') && face.width(&short, 8.0) <= 100.0);
        assert!(!short.contains(" …"));
    }

    #[test]
    fn lines_fit_and_lose_nothing() {
        let face = regular();
        let text = format!("uma frase comum e {}", "palavra".repeat(30));
        let lines = face.wrap(&text, 9.0, 120.0);
        assert!(lines.iter().all(|line| face.width(line, 9.0) <= 120.0));
        assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
    }

    #[test]
    fn a_subset_is_small_and_still_a_font() {
        let fonts = Fonts::embedded().expect("fonts");
        let used: BTreeSet<char> = "Relatório de qualidade ção".chars().collect();
        let font = fonts.subset(Face::Bold, &used);
        assert!(font.original_bytes.len() < BOLD.len() / 5);
        let again = ParsedFont::from_bytes(&font.original_bytes, 0, &mut Vec::new());
        assert!(again.is_some());
    }
}

//! The one palette of every report. Colours that touch in a chart differ in lightness, not only
//! in hue, so they stay apart on a grey printer and for colour-blind readers.

use crate::values::Status;

/// Red, green, blue.
pub type Colour = (u8, u8, u8);

pub const INK: Colour = (0x1F, 0x29, 0x33);
pub const MUTED: Colour = (0x5F, 0x6B, 0x7A);
pub const RULE: Colour = (0xD5, 0xDB, 0xE1);
pub const PAPER: Colour = (0xF4, 0xF6, 0xF8);
pub const WHITE: Colour = (0xFF, 0xFF, 0xFF);
/// The house colour: headings, table headers, the cover.
pub const BRAND: Colour = (0x11, 0x4B, 0x5F);
pub const BRAND_LIGHT: Colour = (0x3A, 0x8F, 0xA3);
pub const GOOD: Colour = (0x2E, 0x7D, 0x4F);
pub const WARNING: Colour = (0xF2, 0xB8, 0x4B);
pub const BAD: Colour = (0xB5, 0x38, 0x2E);
pub const ENRICHED: Colour = (0x5B, 0x5E, 0xA6);

/// The order bars are stacked in: what is good first, what is missing last.
pub const STACK: [Status; 8] = [
    Status::Ok,
    Status::Padronizado,
    Status::Corrigido,
    Status::Enriquecido,
    Status::Imputado,
    Status::Alerta,
    Status::Rejeitado,
    Status::Vazio,
];

pub fn status(status: Status) -> Colour {
    match status {
        Status::Ok => BRAND,
        Status::Padronizado => BRAND_LIGHT,
        Status::Corrigido => (0xA9, 0xD6, 0xE0),
        Status::Alerta => WARNING,
        Status::Vazio => (0xE3, 0xE7, 0xEB),
        Status::Rejeitado => BAD,
        Status::Imputado => (0x9A, 0x8F, 0xC7),
        Status::Enriquecido => ENRICHED,
    }
}

/// The colour of a score's letter.
pub fn band(letter: char) -> Colour {
    match letter {
        'A' => GOOD,
        'B' => (0x6B, 0xA2, 0x4A),
        'C' => (0xE0, 0xA8, 0x30),
        'D' => (0xD9, 0x7A, 0x32),
        _ => BAD,
    }
}

/// Ink or white, whichever reads better on `background`.
pub fn text_on(background: Colour) -> Colour {
    if lightness(background) > 140.0 {
        INK
    } else {
        WHITE
    }
}

/// Perceived grey from 0 to 255.
fn lightness((red, green, blue): Colour) -> f64 {
    0.299 * f64::from(red) + 0.587 * f64::from(green) + 0.114 * f64::from(blue)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_in_a_stack_differ_in_grey() {
        for pair in STACK.windows(2) {
            let difference = lightness(status(pair[0])) - lightness(status(pair[1]));
            assert!(difference.abs() > 25.0, "{pair:?}: {difference}");
        }
    }
}

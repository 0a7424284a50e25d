//! Cutting a TrueType font down to the glyphs a document shows. Glyph numbers stay the same, so
//! nothing else in the document has to know; the other outlines become empty.

use std::collections::BTreeSet;

/// The tables a PDF viewer needs of an embedded font, in the order of their tags.
const TABLES: [&[u8; 4]; 9] = [
    b"cvt ", b"fpgm", b"glyf", b"head", b"hhea", b"hmtx", b"loca", b"maxp", b"prep",
];

/// The font with the outlines of `glyphs` and of their parts only; `None` if `font` is not a
/// TrueType font.
pub fn keep_glyphs(font: &[u8], glyphs: &BTreeSet<u16>) -> Option<Vec<u8>> {
    let source = Source::open(font)?;
    let keep = with_parts(&source, glyphs)?;

    let mut outlines = Vec::new();
    let mut offsets = Vec::new();
    for glyph in 0..source.glyphs {
        offsets.extend(u32::try_from(outlines.len()).ok()?.to_be_bytes());
        if keep.contains(&glyph) {
            outlines.extend_from_slice(source.outline(glyph)?);
            outlines.resize(outlines.len().next_multiple_of(4), 0);
        }
    }
    offsets.extend(u32::try_from(outlines.len()).ok()?.to_be_bytes());

    let mut head = source.table(b"head")?.to_vec();
    // The checksum of the whole file is optional to viewers; offsets are now long.
    head.get_mut(8..12)?.fill(0);
    head.get_mut(50..52)?.copy_from_slice(&1u16.to_be_bytes());

    let tables = TABLES.into_iter().filter_map(|tag| {
        let bytes = match tag {
            b"glyf" => outlines.as_slice(),
            b"loca" => offsets.as_slice(),
            b"head" => head.as_slice(),
            _ => source.table(tag)?,
        };
        Some((*tag, bytes))
    });
    write(&tables.collect::<Vec<_>>())
}

/// A glyph such as `ã` is made of others; they have to stay as well. Glyph 0 always stays.
fn with_parts(source: &Source<'_>, glyphs: &BTreeSet<u16>) -> Option<BTreeSet<u16>> {
    let mut keep = BTreeSet::new();
    let mut open: Vec<u16> = glyphs.iter().copied().chain([0]).collect();
    while let Some(glyph) = open.pop() {
        if keep.insert(glyph) {
            open.extend(parts(source.outline(glyph)?)?);
        }
    }
    Some(keep)
}

/// The glyphs a composite outline refers to; none for a simple one.
fn parts(outline: &[u8]) -> Option<Vec<u16>> {
    const WORDS: u16 = 0x0001;
    const SCALE: u16 = 0x0008;
    const MORE: u16 = 0x0020;
    const TWO_SCALES: u16 = 0x0040;
    const MATRIX: u16 = 0x0080;

    let mut parts = Vec::new();
    if outline.is_empty() || (u16_at(outline, 0)? as i16) >= 0 {
        return Some(parts);
    }
    let mut at = 10;
    loop {
        let flags = u16_at(outline, at)?;
        parts.push(u16_at(outline, at + 2)?);
        at += 4 + if flags & WORDS != 0 { 4 } else { 2 };
        at += match flags {
            flags if flags & SCALE != 0 => 2,
            flags if flags & TWO_SCALES != 0 => 4,
            flags if flags & MATRIX != 0 => 8,
            _ => 0,
        };
        if flags & MORE == 0 {
            return Some(parts);
        }
    }
}

struct Source<'a> {
    font: &'a [u8],
    glyphs: u16,
    long_offsets: bool,
}

impl<'a> Source<'a> {
    fn open(font: &'a [u8]) -> Option<Self> {
        let mut source = Source {
            font,
            glyphs: 0,
            long_offsets: false,
        };
        source.glyphs = u16_at(source.table(b"maxp")?, 4)?;
        source.long_offsets = u16_at(source.table(b"head")?, 50)? == 1;
        Some(source)
    }

    fn table(&self, tag: &[u8; 4]) -> Option<&'a [u8]> {
        let tables = usize::from(u16_at(self.font, 4)?);
        let entry = (0..tables)
            .filter_map(|index| self.font.get(12 + index * 16..28 + index * 16))
            .find(|entry| entry.starts_with(tag))?;
        let start = u32_at(entry, 8)? as usize;
        self.font.get(start..start + u32_at(entry, 12)? as usize)
    }

    fn outline(&self, glyph: u16) -> Option<&'a [u8]> {
        let (start, end) = (
            self.offset(glyph.into())?,
            self.offset(usize::from(glyph) + 1)?,
        );
        self.table(b"glyf")?.get(start..end)
    }

    fn offset(&self, index: usize) -> Option<usize> {
        let offsets = self.table(b"loca")?;
        if self.long_offsets {
            u32_at(offsets, index * 4).map(|offset| offset as usize)
        } else {
            u16_at(offsets, index * 2).map(|offset| usize::from(offset) * 2)
        }
    }
}

/// A font file of `tables`, which come in the order of their tags.
fn write(tables: &[([u8; 4], &[u8])]) -> Option<Vec<u8>> {
    let count = u16::try_from(tables.len()).ok()?;
    let power = count.checked_ilog2()?;
    let range = 16 << power;
    let mut font = vec![0, 1, 0, 0];
    for field in [count, range, power as u16, count * 16 - range] {
        font.extend(field.to_be_bytes());
    }
    let mut start = 12 + 16 * tables.len();
    for (tag, bytes) in tables {
        font.extend(tag);
        for field in [checksum(bytes), start as u32, bytes.len() as u32] {
            font.extend(field.to_be_bytes());
        }
        start += bytes.len().next_multiple_of(4);
    }
    for (_, bytes) in tables {
        font.extend_from_slice(bytes);
        font.resize(font.len().next_multiple_of(4), 0);
    }
    Some(font)
}

fn checksum(bytes: &[u8]) -> u32 {
    bytes.chunks(4).fold(0, |sum: u32, chunk| {
        let mut word = [0; 4];
        word[..chunk.len()].copy_from_slice(chunk);
        sum.wrapping_add(u32::from_be_bytes(word))
    })
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    static FONT: &[u8] = include_bytes!("LiberationSans-Regular.ttf");

    #[test]
    fn a_composite_keeps_its_parts() {
        let font = printpdf::ParsedFont::from_bytes(FONT, 0, &mut Vec::new()).expect("font");
        let tilde = font.lookup_glyph_index('ã'.into()).expect("glyph");
        let small = keep_glyphs(FONT, &BTreeSet::from([tilde])).expect("subset");

        let (before, after) = (Source::open(FONT).unwrap(), Source::open(&small).unwrap());
        let parts = parts(before.outline(tilde).unwrap()).unwrap();
        assert!(parts.len() >= 2, "the letter is made of a base and a mark");
        for glyph in parts.into_iter().chain([0, tilde]) {
            let kept = after.outline(glyph).unwrap();
            assert!(kept.starts_with(before.outline(glyph).unwrap()));
        }
        let other = font.lookup_glyph_index('z'.into()).expect("glyph");
        assert!(after.outline(other).unwrap().is_empty());
    }

    #[test]
    fn what_is_no_font_is_refused() {
        for length in [0, 4, 11, 12, 100] {
            assert_eq!(keep_glyphs(&FONT[..length], &BTreeSet::from([5])), None);
        }
        assert_eq!(
            keep_glyphs(b"not a font at all, sorry", &BTreeSet::new()),
            None
        );
    }
}

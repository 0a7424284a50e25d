//! What a person typed around an address.

/// The addresses of a cell, in order, cleared of what surrounds them but not yet judged. Without
/// any `@` the whole cell is the only one.
pub fn split(text: &str) -> Split<'_> {
    let several = text.bytes().filter(|byte| *byte == b'@').count() > 1;
    Split {
        rest: Some(text),
        several,
    }
}

/// See [`split`].
#[derive(Debug, Clone)]
pub struct Split<'a> {
    rest: Option<&'a str>,
    several: bool,
}

impl<'a> Iterator for Split<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        if !self.several {
            return self.rest.take().map(strip);
        }
        while let Some(text) = self.rest {
            let separator = |c: char| matches!(c, ',' | ';' | '/' | '|') || c.is_whitespace();
            let (part, rest) = match text.split_once(separator) {
                Some((part, rest)) => (part, Some(rest)),
                None => (text, None),
            };
            self.rest = rest;
            let part = strip(part);
            if part.contains('@') {
                return Some(part);
            }
        }
        None
    }
}

/// Without `mailto:`, `Name <…>`, quotes and trailing stops.
fn strip(text: &str) -> &str {
    let text = text.trim();
    let inside = text
        .split_once('<')
        .map_or(text, |(_, after)| after.split('>').next().unwrap_or(after));
    let bare = inside.trim_matches(|c: char| {
        matches!(c, '<' | '>' | '"' | '\'' | '(' | ')' | '“' | '”') || c.is_whitespace()
    });
    let bare = match bare.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => &bare[7..],
        _ => bare,
    };
    bare.trim_end_matches(|c: char| {
        matches!(c, '.' | ',' | ';' | '"' | '\'' | '>') || c.is_whitespace()
    })
    .trim_start()
}

//! Spaces made single and plain, and characters nobody sees removed.

use super::Changes;

/// Trims, collapses runs of spaces, makes every kind of space plain (a run with a newline in it
/// becomes one `\n`) and drops the invisible; `None` when there is nothing of this to do.
pub(super) fn tidy(text: &str) -> Option<(String, Changes)> {
    if is_tidy(text) {
        return None;
    }
    let mut tidied = String::with_capacity(text.len());
    let mut changes = Changes::NONE;
    let mut run = Run::default();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (c, after) = excel_escape(rest).unwrap_or((c, &rest[c.len_utf8()..]));
        rest = after;
        if is_invisible(c) {
            changes |= Changes::INVISIBLE;
        } else if c.is_whitespace() {
            run.grow(c);
        } else {
            run.close(&mut tidied);
            tidied.push(c);
        }
    }
    // what was not dropped as invisible can only have been a space
    if changes.is_empty() || has_loose_spaces(text) {
        changes |= Changes::SPACES;
    }
    Some((tidied, changes))
}

/// A run of spaces being read.
#[derive(Default)]
struct Run {
    any: bool,
    newline: bool,
}

impl Run {
    fn grow(&mut self, c: char) {
        self.any = true;
        self.newline |= matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}');
    }

    fn close(&mut self, text: &mut String) {
        if self.any && !text.is_empty() {
            text.push(if self.newline { '\n' } else { ' ' });
        }
        *self = Run::default();
    }
}

fn is_tidy(text: &str) -> bool {
    let mut previous = ' ';
    for (at, c) in text.char_indices() {
        let space = c.is_whitespace();
        if (space && ((c != ' ' && c != '\n') || previous.is_whitespace()))
            || is_invisible(c)
            || (c == '_' && excel_escape(&text[at..]).is_some())
        {
            return false;
        }
        previous = c;
    }
    text.is_empty() || !previous.is_whitespace()
}

fn has_loose_spaces(text: &str) -> bool {
    let mut previous = ' ';
    for (at, c) in text.char_indices().filter(|(_, c)| !is_invisible(*c)) {
        let space = c.is_whitespace();
        if (space && ((c != ' ' && c != '\n') || previous.is_whitespace()))
            || (c == '_' && excel_escape(&text[at..]).is_some())
        {
            return true;
        }
        previous = c;
    }
    previous.is_whitespace() && !text.is_empty()
}

/// `_x000D_` and its like: how a workbook writes a control character inside a text.
fn excel_escape(text: &str) -> Option<(char, &str)> {
    const LENGTH: usize = "_x000D_".len();
    let code = text
        .get(..LENGTH)?
        .strip_prefix("_x000")?
        .strip_suffix('_')?;
    let control = match code {
        "D" | "d" => '\r',
        "A" | "a" => '\n',
        "9" => '\t',
        _ => return None,
    };
    // the rule asks for a space: the newline it stood for is normally there as well
    Some((if control == '\n' { '\n' } else { ' ' }, &text[LENGTH..]))
}

fn is_invisible(c: char) -> bool {
    match c {
        // these are spaces, and are treated as such
        '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' => false,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => true,
        '\u{ad}' | '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}' => true,
        // marks of writing direction: telephones pasted from a phone's contacts carry them
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        _ => false,
    }
}

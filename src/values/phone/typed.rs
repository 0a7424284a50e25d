//! What a person typed around a telephone's digits.

use crate::values::Reason;
use crate::values::digits::Gathered;

/// The digits of one part of a cell.
pub(super) struct Typed {
    /// Room for two telephones run together and a country code.
    pub digits: Gathered<24>,
    /// Whether a `+` stood before them.
    pub international: bool,
    /// Whether an extension followed, and was left out.
    pub extension: bool,
}

impl Typed {
    /// Reads past words around the number (`tel:`, `recado`); `Ok(None)` when it has no digit.
    pub fn read(part: &str) -> Result<Option<Typed>, Reason> {
        let (part, extension) = match find_extension(part) {
            Some((before, _)) => (before, true),
            None => (part, false),
        };
        let digit = |c: char| c.is_ascii_digit();
        let (Some(first), Some(last)) = (part.find(digit), part.rfind(digit)) else {
            return Ok(None);
        };
        let mut typed = Typed {
            digits: Gathered::new(),
            international: part[..first].trim_end_matches([' ', '(']).ends_with('+'),
            extension,
        };
        for c in part[first..=last].chars() {
            match c {
                '0'..='9' => typed.digits.push(c as u8),
                // `0xx11`, where the Xs stand for any carrier
                'x' | 'X' if typed.digits.as_slice() == b"0" => {}
                _ if is_filler(c) => {}
                _ => return Err(Reason::CaracteresInvalidos),
            }
        }
        Ok(Some(typed))
    }

    /// A number that a spreadsheet wrote in its own way.
    pub fn of_digits(digits: Gathered<24>) -> Typed {
        Typed {
            digits,
            international: false,
            extension: false,
        }
    }
}

fn is_filler(c: char) -> bool {
    matches!(
        c,
        '(' | ')' | '[' | ']' | '-' | '.' | '+' | '_' | '\u{2010}'..='\u{2015}' | '\u{2212}'
    ) || c.is_whitespace()
}

/// The digits of the extension that `text` ends with: `(11) 3333-4444 ramal 21` → `21`.
pub fn extension(text: &str) -> Option<&str> {
    find_extension(text.trim()).map(|(_, digits)| digits)
}

/// What comes before an extension, and the extension's digits.
fn find_extension(text: &str) -> Option<(&str, &str)> {
    const LONGEST: usize = 6;
    let text = text.trim_end();
    let before = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &text[before.len()..];
    if digits.is_empty() || digits.len() > LONGEST {
        return None;
    }
    let before = before.trim_end_matches([' ', ':', '.']);
    let with_dot = text[before.len()..].starts_with('.');
    let word = ["ramal", "ext", "#"]
        .into_iter()
        .chain(with_dot.then_some("r"))
        .find_map(|word| {
            let start = before.len().checked_sub(word.len())?;
            before
                .get(start..)?
                .eq_ignore_ascii_case(word)
                .then_some(start)
        })?;
    let number = &before[..word];
    number
        .contains(|c: char| c.is_ascii_digit())
        .then_some((number, digits))
}

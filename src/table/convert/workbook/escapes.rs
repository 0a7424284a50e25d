//! Characters XML cannot hold, as workbooks write them: `_x000D_`.

/// Appends `text` with its escapes decoded. A carriage return becomes a line feed, or nothing
/// where one follows.
pub(super) fn push_decoded(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match escaped(rest) {
            Some('\r') => {
                rest = &rest[ESCAPE..];
                if !rest.starts_with(['\n', '\r']) && escaped(rest) != Some('\n') {
                    out.push('\n');
                }
            }
            Some(c) => {
                out.push(c);
                rest = &rest[ESCAPE..];
            }
            None => {
                out.push_str("_x");
                rest = &rest["_x".len()..];
            }
        }
    }
    out.push_str(rest);
}

/// Bytes of an escape.
const ESCAPE: usize = "_x000D_".len();

/// The character that is escaped at the start of the text.
fn escaped(text: &str) -> Option<char> {
    let escape = text.as_bytes().get(..ESCAPE)?;
    let digits = escape.strip_prefix(b"_x")?.strip_suffix(b"_")?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let digits = std::str::from_utf8(digits).ok()?;
    char::from_u32(u32::from_str_radix(digits, 16).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_become_the_characters_they_stand_for() {
        for (text, expected) in [
            ("sem nada", "sem nada"),
            ("a_x000D_b", "a\nb"),
            ("a_x000D_\nb", "a\nb"),
            ("a_x000d__x000a_b", "a\nb"),
            ("a_x0009_b", "a\tb"),
            ("_x005F_x000D_", "_x000D_"),
            ("_x00e9_", "é"),
            // A half of a pair is no character, and these are no escapes.
            ("_xD83D_", "_xD83D_"),
            ("_x00_ _x+00D_ _x000D", "_x00_ _x+00D_ _x000D"),
            ("nome_xavier_é", "nome_xavier_é"),
        ] {
            let mut out = String::new();
            push_decoded(&mut out, text);
            assert_eq!(out, expected, "{text}");
        }
    }
}

//! Whether a value is written as it stands in its cell.

use std::fmt::{self, Write};

/// Whether `text` is the delivered form of the value; nothing is allocated to know.
pub(super) fn is_shown_as(value: &impl fmt::Display, text: &str) -> bool {
    /// What of the text the form has yet to match.
    struct Rest<'a>(&'a str);
    impl fmt::Write for Rest<'_> {
        fn write_str(&mut self, part: &str) -> fmt::Result {
            self.0 = self.0.strip_prefix(part).ok_or(fmt::Error)?;
            Ok(())
        }
    }
    let mut rest = Rest(text);
    write!(rest, "{value}").is_ok() && rest.0.is_empty()
}

#[cfg(test)]
mod tests {
    use super::is_shown_as;

    #[test]
    fn all_of_the_text_is_compared() {
        assert!(is_shown_as(&12, "12"));
        assert!(!is_shown_as(&12, "123"));
        assert!(!is_shown_as(&12, "1"));
        assert!(!is_shown_as(&12, " 12"));
    }
}

//! How a key may be written in somebody else's base.

/// A key in every form a base may hold it. Field types are unknown there, so all are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyForms {
    /// The key in our canonical form, digits only; what the answer is filed under.
    pub key: String,
    /// Every text form to match, canonical first: `04515266861`, `4515266861`, `045.152.668-61`.
    pub texts: Vec<String>,
    /// The integer form, if it has one.
    pub integer: Option<i64>,
}

impl KeyForms {
    /// All forms of one delivered document: `045.152.668-61` is also `04515266861`, `4515266861`
    /// and a number. `None` for what has no digits to ask for, such as a masked CPF.
    pub fn of_document(delivered: &str) -> Option<Self> {
        let digits: String = delivered.chars().filter(char::is_ascii_digit).collect();
        if digits.is_empty() || delivered.contains('*') {
            return None;
        }
        let bare = digits.trim_start_matches('0');
        let integer = bare.parse().ok();
        let mut texts = vec![digits.clone()];
        for form in [bare, delivered] {
            if !form.is_empty() && !texts.iter().any(|text| text == form) {
                texts.push(form.to_owned());
            }
        }
        Some(KeyForms {
            key: digits,
            texts,
            integer,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_written_form_is_asked_for_once() {
        let forms = KeyForms::of_document("045.152.668-61").unwrap();
        assert_eq!(forms.texts, ["04515266861", "4515266861", "045.152.668-61"]);
        assert_eq!(forms.integer, Some(4_515_266_861));
        assert_eq!(KeyForms::of_document("***.982.247-**"), None);
    }
}

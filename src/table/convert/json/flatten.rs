//! One JSON object as the cells of a row.

use std::fmt;

use indexmap::IndexMap;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;

/// Objects within objects. Nobody's customers lie deeper.
const DEEPEST: usize = 32;

/// Why a line is no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    TooLong,
    TooDeep,
    NoObject,
    /// It ends before its last bracket.
    Cut,
    /// The syntax breaks at this byte, from 1; 0 if it breaks inside a value.
    Syntax(usize),
}

impl Fault {
    /// For logs and errors.
    pub(super) fn cause(self) -> String {
        match self {
            Fault::TooLong => "is longer than 16 MB".to_owned(),
            Fault::TooDeep => format!("nests more than {DEEPEST} objects"),
            Fault::NoObject => "is no object".to_owned(),
            Fault::Cut => "ends too early".to_owned(),
            Fault::Syntax(0) => "breaks inside a value".to_owned(),
            Fault::Syntax(column) => format!("breaks at column {column}"),
        }
    }

    /// For whoever gets the result.
    pub(super) fn words(self) -> String {
        match self {
            Fault::TooLong => "linha com mais de 16 MB".to_owned(),
            Fault::TooDeep => format!("mais de {DEEPEST} objetos um dentro do outro"),
            Fault::NoObject => "não é um objeto JSON".to_owned(),
            Fault::Cut => "JSON incompleto: termina antes do fim".to_owned(),
            Fault::Syntax(0) => "JSON inválido dentro de um valor".to_owned(),
            Fault::Syntax(column) => format!("JSON inválido na coluna {column}"),
        }
    }

    pub(super) fn of(error: &serde_json::Error) -> Self {
        match error.classify() {
            Category::Eof => Fault::Cut,
            Category::Data => Fault::NoObject,
            Category::Syntax | Category::Io => Fault::Syntax(error.column()),
        }
    }
}

/// The values of an object, each as it is written. Of several with one name, the last.
struct Object<'a>(IndexMap<String, &'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Values;

        impl<'de> Visitor<'de> for Values {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut values = IndexMap::new();
                while let Some((name, value)) = map.next_entry()? {
                    values.insert(name, value);
                }
                Ok(Object(values))
            }
        }

        deserializer.deserialize_map(Values)
    }
}

/// The names and cells of an object, in its order. Nested objects give `outer.inner`; lists of
/// plain values are joined with `; `, other lists stay JSON; null is a blank cell. Numbers stay
/// as they are written.
pub(super) fn flatten(text: &str) -> Result<Vec<(String, String)>, Fault> {
    let mut cells = Vec::new();
    flatten_into(text, "", DEEPEST, &mut cells)?;
    Ok(cells)
}

fn flatten_into(
    text: &str,
    prefix: &str,
    depth: usize,
    cells: &mut Vec<(String, String)>,
) -> Result<(), Fault> {
    let Object(values) = serde_json::from_str(text).map_err(|error| Fault::of(&error))?;
    let depth = depth.checked_sub(1).ok_or(Fault::TooDeep)?;
    for (name, value) in values {
        let name = match prefix {
            "" => name,
            prefix => format!("{prefix}.{name}"),
        };
        let value = value.get();
        match value.as_bytes().first() {
            Some(b'{') => flatten_into(value, &name, depth, cells)?,
            Some(b'[') => cells.push((name, list(value)?)),
            _ => cells.push((name, plain(value)?)),
        }
    }
    Ok(())
}

/// A value that is neither object nor list.
fn plain(value: &str) -> Result<String, Fault> {
    match value.as_bytes().first() {
        // Half of a surrogate pair is valid JSON, but no text.
        Some(b'"') => serde_json::from_str(value).map_err(|_| Fault::Syntax(0)),
        Some(b'n') => Ok(String::new()),
        _ => Ok(value.to_owned()),
    }
}

fn list(value: &str) -> Result<String, Fault> {
    let elements: Vec<&RawValue> = serde_json::from_str(value).map_err(|_| Fault::Syntax(0))?;
    if elements
        .iter()
        .any(|element| element.get().starts_with(['{', '[']))
    {
        return Ok(compact(value));
    }
    let texts = elements.into_iter().map(|element| plain(element.get()));
    let texts = texts.collect::<Result<Vec<_>, _>>()?;
    let filled: Vec<_> = texts.into_iter().filter(|text| !text.is_empty()).collect();
    Ok(filled.join("; "))
}

/// The same JSON without white space between its tokens. Numbers are not touched.
fn compact(json: &str) -> String {
    let (mut quoted, mut escaped) = (false, false);
    json.chars()
        .filter(|&c| {
            if quoted {
                quoted = escaped || c != '"';
                escaped = c == '\\' && !escaped;
                return true;
            }
            quoted = c == '"';
            !matches!(c, ' ' | '\t' | '\r' | '\n')
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(text: &str) -> Vec<(String, String)> {
        flatten(text).unwrap()
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        expected.iter().map(own).collect()
    }

    #[test]
    fn values_are_written_as_people_read_them() {
        let text = r#"{"a":"x\n\u00e9","b":12345678901234567890,"c":1.10,"d":true,"e":false,
            "f":null,"g":-0.0,"h":1E400,"":"sem nome"}"#;
        let expected = [
            ("a", "x\né"),
            ("b", "12345678901234567890"),
            ("c", "1.10"),
            ("d", "true"),
            ("e", "false"),
            ("f", ""),
            ("g", "-0.0"),
            ("h", "1E400"),
            ("", "sem nome"),
        ];
        assert_eq!(flat(text), pairs(&expected));
    }

    #[test]
    fn nested_objects_become_dotted_names() {
        let text = r#"{"a":{"b":{"c":1},"d":2},"e":{}}"#;
        assert_eq!(flat(text), pairs(&[("a.b.c", "1"), ("a.d", "2")]));
    }

    #[test]
    fn lists_of_plain_values_are_joined_and_others_stay_json() {
        let text = r#"{"a":[1, "x", null, true],"b":[],"c":[ {"d" : "e \" } f", "g": 1.10 } ],
            "h":[[1, 2]]}"#;
        let expected = [
            ("a", "1; x; true"),
            ("b", ""),
            ("c", r#"[{"d":"e \" } f","g":1.10}]"#),
            ("h", "[[1,2]]"),
        ];
        assert_eq!(flat(text), pairs(&expected));
    }

    #[test]
    fn the_last_of_several_values_of_one_name_counts() {
        let text = r#"{"a":1,"b":2,"a":3,"c":{"d":1},"c":4}"#;
        assert_eq!(flat(text), pairs(&[("a", "3"), ("b", "2"), ("c", "4")]));
    }

    #[test]
    fn what_is_no_object_says_why() {
        let nested = |depth| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        assert!(flatten(&nested(DEEPEST)).is_ok());
        for (text, fault) in [
            ("[1]", Fault::NoObject),
            ("7", Fault::NoObject),
            ("\"a\"", Fault::NoObject),
            ("", Fault::Cut),
            ("{\"a\":", Fault::Cut),
            ("{\"a\":1,}", Fault::Syntax(8)),
            ("{\"a\":1}{", Fault::Syntax(8)),
            ("{\"a\":\"\\ud800\"}", Fault::Syntax(0)),
            (&nested(DEEPEST + 1), Fault::TooDeep),
            (&nested(20_000), Fault::TooDeep),
        ] {
            assert_eq!(flatten(text), Err(fault), "{}", &text[..text.len().min(20)]);
        }
    }
}

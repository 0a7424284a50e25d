//! One line of JSON: a whole document, or only its key.
//!
//! The extended JSON that `mongoexport` writes (`{"$numberLong": "7"}`) is read as what it means.

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::reference::document::{below, collect_scalars};
use crate::reference::node::Node;

/// The document on a line, only with those of its own fields whose name is `wanted`. The others
/// are checked and thrown away unread.
pub(super) fn document(line: &[u8], wanted: impl Fn(&str) -> bool) -> Result<Node, String> {
    check_object(line)?;
    let mut reader = serde_json::Deserializer::from_slice(line);
    let document = Wanted(wanted).deserialize(&mut reader);
    document
        .and_then(|document| reader.end().map(|()| document))
        .map_err(|error| cause(&error))
}

/// Only the texts at `path`, handed to `each`. The rest is checked and thrown away unread, which
/// is several times faster than reading the document.
pub(super) fn keys(line: &[u8], path: &str, mut each: impl FnMut(&str)) -> Result<(), String> {
    check_object(line)?;
    let mut found = Vec::new();
    let mut reader = serde_json::Deserializer::from_slice(line);
    At {
        path,
        found: &mut found,
    }
    .deserialize(&mut reader)
    .and_then(|()| reader.end())
    .map_err(|error| cause(&error))?;
    let mut texts = Vec::new();
    found
        .iter()
        .for_each(|node| collect_scalars(node, &mut texts));
    texts.into_iter().for_each(&mut each);
    Ok(())
}

fn check_object(line: &[u8]) -> Result<(), String> {
    match line.iter().find(|b| !b.is_ascii_whitespace()) {
        Some(b'{') => Ok(()),
        Some(b'[') => Err("a list; one object a line is expected".to_owned()),
        _ => Err("not a JSON object".to_owned()),
    }
}

/// What is wrong, and the column; the line within a line says nothing.
fn cause(error: &serde_json::Error) -> String {
    error
        .to_string()
        .replace(" at line 1 column ", " at column ")
}

/// A name within an object, borrowed from the line where it holds no escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// Reads an object without the fields nobody wants.
struct Wanted<F>(F);

impl<'de, F: Fn(&str) -> bool> DeserializeSeed<'de> for Wanted<F> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, F: Fn(&str) -> bool> Visitor<'de> for Wanted<F> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut fields = Vec::new();
        while let Some(Name(name)) = map.next_key()? {
            if (self.0)(&name) {
                fields.push((name.into_owned(), map.next_value()?));
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Node::Fields(fields))
    }
}

/// Collects what lies at a path.
struct At<'p, 'f> {
    path: &'p str,
    found: &'f mut Vec<Node>,
}

impl<'de> DeserializeSeed<'de> for At<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for At<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Name(name)) = map.next_key()? {
            if name == self.path {
                self.found.push(map.next_value()?);
            } else if let Some(path) = below(self.path, &name) {
                map.next_value_seed(At {
                    path,
                    found: self.found,
                })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list
            .next_element_seed(At {
                path: self.path,
                found: self.found,
            })?
            .is_some()
        {}
        Ok(())
    }

    // A scalar on the way to the path: there is nothing below it.

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(extended(fields))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Text(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Text(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::double(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Node, E> {
        Ok(Node::Text(value))
    }
}

/// Objects of extended JSON have one field, whose name begins with `$`.
fn extended(fields: Vec<(String, Node)>) -> Node {
    match fields.as_slice() {
        [(kind, Node::Text(text))] if kind.starts_with('$') => match kind.as_str() {
            "$numberInt" | "$numberLong" => Node::Text(text.clone()),
            "$numberDouble" => text.parse().map_or(Node::Other, Node::double),
            "$numberDecimal" => Node::decimal(text),
            "$date" => date(text),
            _ => Node::Other,
        },
        [(kind, _)] if kind.starts_with('$') => Node::Other,
        _ => Node::Fields(fields),
    }
}

fn date(text: &str) -> Node {
    text.parse::<i64>()
        .ok()
        .or_else(|| {
            text.parse::<DateTime<Utc>>()
                .ok()
                .map(|moment| moment.timestamp_millis())
        })
        .map_or(Node::Other, Node::date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys_of(line: &str, path: &str) -> Vec<String> {
        let mut found = Vec::new();
        keys(line.as_bytes(), path, |key| found.push(key.to_owned())).unwrap();
        found
    }

    #[test]
    fn a_key_is_read_without_the_rest_of_the_document() {
        let line = r#"{"a":[1,{"k":9}],"k":4515266861,"c":{"k":"x","d.e":"y"},"l":[{"k":1},{"k":[2,null]},3],"n":null}"#;
        assert_eq!(keys_of(line, "k"), ["4515266861"]);
        assert_eq!(keys_of(line, "c.k"), ["x"]);
        assert_eq!(keys_of(line, "c.d.e"), ["y"]);
        assert_eq!(keys_of(line, "l.k"), ["1", "2"]);
        assert_eq!(keys_of(line, "n"), Vec::<String>::new());
        assert_eq!(keys_of(line, "n.m"), Vec::<String>::new());
        assert_eq!(keys_of(line, "c"), Vec::<String>::new());
        assert_eq!(keys_of(r#"{"k":"x"}"#, "k"), ["x"]);
    }

    #[test]
    fn keys_and_document_agree() {
        let line = br#"{"k":4515266861.0,"l":[{"k":{"$numberLong":"7"}},{"k":" z "}]}"#;
        let whole = document(line, |_| true).unwrap();
        for path in ["k", "l.k", "l"] {
            let mut found = Vec::new();
            keys(line, path, |key| found.push(key.to_owned())).unwrap();
            assert_eq!(found, crate::reference::document::texts_at(&whole, path));
        }
    }

    #[test]
    fn unwanted_fields_are_left_out_but_checked() {
        let line = br#"{"k":1,"a":{"k":2},"b":{"a":3}}"#;
        let text = |text: &str| Node::Text(text.to_owned());
        let nested = Node::Fields(vec![("k".to_owned(), text("2"))]);
        assert_eq!(
            document(line, |name| name == "a").unwrap(),
            Node::Fields(vec![("a".to_owned(), nested)])
        );
        assert!(document(br#"{"k":1,"a":{]}"#, |name| name == "k").is_err());
    }

    #[test]
    fn extended_json_is_read_as_what_it_means() {
        let line = br#"{"_id":{"$oid":"65a0"},"n":{"$numberLong":"123"},"d":{"$numberDecimal":"1.20"},
            "f":{"$numberDouble":"3.0"},"b":{"$date":"1980-05-17T00:00:00Z"},"m":{"$date":{"$numberLong":"0"}}}"#;
        let Node::Fields(fields) = document(line, |_| true).unwrap() else {
            panic!("not an object")
        };
        let values: Vec<Node> = fields.into_iter().map(|(_, value)| value).collect();
        let text = |text: &str| Node::Text(text.to_owned());
        assert_eq!(
            values,
            [
                Node::Other,
                text("123"),
                text("1.20"),
                text("3"),
                text("1980-05-17"),
                text("1970-01-01"),
            ]
        );
    }

    #[test]
    fn what_is_no_object_is_refused_without_its_text() {
        for (line, expected) in [
            ("[1,2]", "a list; one object a line is expected"),
            ("\"segredo\"", "not a JSON object"),
            ("{\"a\":1", "EOF while parsing an object at column 6"),
            ("{\"a\":1} x", "trailing characters at column 9"),
        ] {
            assert_eq!(document(line.as_bytes(), |_| true).unwrap_err(), expected);
            assert_eq!(keys(line.as_bytes(), "k", |_| ()).unwrap_err(), expected);
        }
    }

    #[test]
    fn deep_nesting_is_an_error_and_no_crash() {
        let line = format!("{{\"a\":{}", "[".repeat(100_000));
        assert!(document(line.as_bytes(), |_| true).is_err());
        assert!(keys(line.as_bytes(), "k", |_| ()).is_err());
        assert!(keys(line.as_bytes(), "a.k", |_| ()).is_err());
    }
}

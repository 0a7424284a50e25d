//! From the shape a document has in its base to the flat one that is handed on.

use super::Document;
use super::node::Node;

pub(super) const MAX_NAME_CHARS: usize = 128;

/// What joins the values of a list.
const JOINT: &str = "; ";

/// `^[A-Za-z_][A-Za-z0-9_.]{0,127}$`
pub(super) fn is_field_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    bytes.len() <= MAX_NAME_CHARS
        && bytes
            .first()
            .is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_')
        && bytes
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'))
}

/// Whether a field of this path is asked for, by itself or with the document it lies in.
pub(super) fn is_wanted(path: &str, wanted: &[String]) -> bool {
    wanted
        .iter()
        .any(|name| path == name || below(path, name).is_some())
}

/// Whether a document's own field of this name may hold something that lies at `path`, or
/// below it.
pub(super) fn leads_to(name: &str, path: &str) -> bool {
    name == path || below(path, name).is_some() || below(name, path).is_some()
}

/// What of `path` lies below `name`: `email` of `contato.email` below `contato`.
pub(super) fn below<'p>(path: &'p str, name: &str) -> Option<&'p str> {
    path.strip_prefix(name)?.strip_prefix('.')
}

/// The wanted fields of a document, flat.
pub(super) fn flat(node: &Node, wanted: &[String]) -> Document {
    let mut document = Document::new();
    visit(node, String::new(), &mut |path, text| {
        if let Some(text) = text
            && is_wanted(&path, wanted)
        {
            document.push((path, text));
        }
    });
    document
}

/// Adds the names of a document's fields, nulls included, to those seen before. Names that
/// [`super::Query`] could not ask for are left out.
pub(super) fn add_names(node: &Node, seen: &mut Vec<String>) {
    visit(node, String::new(), &mut |path, _| {
        if is_field_name(&path) && !seen.contains(&path) {
            seen.push(path);
        }
    });
}

fn visit(node: &Node, path: String, each: &mut impl FnMut(String, Option<String>)) {
    match node {
        Node::Other => {}
        Node::Null => each(path, None),
        Node::Text(text) => each(path, Some(text.clone()).filter(|text| !is_blank(text))),
        Node::Fields(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                visit(value, path, each);
            }
        }
        Node::List(items) => {
            let texts: Vec<&str> = items
                .iter()
                .filter_map(|item| match item {
                    Node::Text(text) if !is_blank(text) => Some(text.as_str()),
                    _ => None,
                })
                .collect();
            if !texts.is_empty() {
                each(path, Some(texts.join(JOINT)));
            } else if let Some(first) = items
                .iter()
                .find(|item| matches!(item, Node::Fields(_) | Node::List(_)))
            {
                visit(first, path, each);
            } else {
                each(path, None);
            }
        }
    }
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// Every scalar at `path`, those within lists included.
pub(super) fn texts_at<'n>(node: &'n Node, path: &str) -> Vec<&'n str> {
    let mut texts = Vec::new();
    collect_at(node, path, &mut texts);
    texts
}

fn collect_at<'n>(node: &'n Node, path: &str, texts: &mut Vec<&'n str>) {
    match node {
        Node::Fields(fields) => {
            for (name, value) in fields {
                // A name may hold dots itself, as the columns of a CSV file do.
                if name == path {
                    collect_scalars(value, texts);
                } else if let Some(rest) = below(path, name) {
                    collect_at(value, rest, texts);
                }
            }
        }
        Node::List(items) => {
            for item in items {
                collect_at(item, path, texts);
            }
        }
        Node::Null | Node::Text(_) | Node::Other => {}
    }
}

/// The value itself, or each of a list.
pub(super) fn collect_scalars<'n>(node: &'n Node, texts: &mut Vec<&'n str>) {
    match node {
        Node::Text(text) => texts.push(text),
        Node::List(items) => items.iter().for_each(|item| collect_scalars(item, texts)),
        Node::Null | Node::Fields(_) | Node::Other => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Node {
        Node::Text(text.to_owned())
    }

    fn fields<const N: usize>(fields: [(&str, Node); N]) -> Node {
        Node::Fields(
            fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    }

    fn person() -> Node {
        fields([
            ("_id", Node::Other),
            ("cpf", text("04515266861")),
            ("nome", Node::Null),
            ("apelido", text("  ")),
            (
                "contato",
                fields([("email", text("ana@exemplo.test")), ("fax", Node::Null)]),
            ),
            (
                "telefones",
                Node::List(vec![
                    fields([("e164", text("+551130000000"))]),
                    fields([("e164", text("+551130000001")), ("tipo", text("fixo"))]),
                ]),
            ),
            (
                "tags",
                Node::List(vec![text("a"), Node::Null, text("b"), text("")]),
            ),
        ])
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Document {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn nested_fields_are_joined_by_dots_and_nulls_left_out() {
        let wanted = names(&["cpf", "nome", "apelido", "contato", "telefones", "tags"]);
        assert_eq!(
            flat(&person(), &wanted),
            pairs(&[
                ("cpf", "04515266861"),
                ("contato.email", "ana@exemplo.test"),
                ("telefones.e164", "+551130000000"),
                ("tags", "a; b"),
            ])
        );
    }

    #[test]
    fn only_wanted_fields_come() {
        assert_eq!(
            flat(&person(), &names(&["contato.email", "tag"])),
            pairs(&[("contato.email", "ana@exemplo.test")])
        );
        assert_eq!(flat(&person(), &[]), Document::new());
    }

    #[test]
    fn a_field_leads_to_what_lies_in_it_and_to_what_it_lies_in() {
        assert!(leads_to("cpf", "cpf"));
        assert!(leads_to("contato", "contato.email"));
        // The columns of a CSV file hold dots themselves.
        assert!(leads_to("contato.email", "contato"));
        assert!(!leads_to("contato", "contatos.email"));
        assert!(!leads_to("contato.email", "contato.fax"));
    }

    #[test]
    fn names_include_those_of_nulls() {
        let mut seen = names(&["cpf"]);
        add_names(&person(), &mut seen);
        assert_eq!(
            seen,
            names(&[
                "cpf",
                "nome",
                "apelido",
                "contato.email",
                "contato.fax",
                "telefones.e164",
                "tags"
            ])
        );
    }

    #[test]
    fn a_key_is_found_anywhere_in_a_list() {
        let person = person();
        assert_eq!(
            texts_at(&person, "telefones.e164"),
            ["+551130000000", "+551130000001"]
        );
        assert_eq!(texts_at(&person, "tags"), ["a", "b", ""]);
        assert_eq!(texts_at(&person, "contato.email"), ["ana@exemplo.test"]);
        assert!(texts_at(&person, "contato").is_empty());
        let flat = fields([("contato.email", text("x"))]);
        assert_eq!(texts_at(&flat, "contato.email"), ["x"]);
    }

    #[test]
    fn names_that_mean_something_to_the_base_are_no_field_names() {
        for good in ["_id", "CPF", "contato.email", "a1", &"a".repeat(128)] {
            assert!(is_field_name(good), "{good}");
        }
        for bad in [
            "",
            "$where",
            "1a",
            ".a",
            "a b",
            "a$b",
            "endereço",
            "a\0",
            &"a".repeat(129),
        ] {
            assert!(!is_field_name(bad), "{bad}");
        }
    }
}

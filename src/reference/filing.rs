//! Which answer belongs to which key.

use std::collections::HashMap;

use super::document::{flat, texts_at};
use super::node::Node;
use super::{Document, KeyForms, Query};

/// Files found documents under the keys that were asked for.
pub(super) struct Filing<'q> {
    query: &'q Query,
    /// Makes forms comparable that the base holds to be equal.
    fold: fn(&str) -> String,
    keys: Vec<&'q str>,
    /// Places in `keys`. Two keys may share a form: telephones with and without the ninth digit.
    by_form: HashMap<String, Vec<usize>>,
    found: Vec<Vec<Document>>,
}

impl<'q> Filing<'q> {
    pub(super) fn new(query: &'q Query, keys: &'q [KeyForms], fold: fn(&str) -> String) -> Self {
        // Mostly one form a key: a base that folds leaves no more.
        let mut by_form: HashMap<String, Vec<usize>> = HashMap::with_capacity(keys.len());
        for (place, key) in keys.iter().enumerate() {
            let integer = key.integer.map(|integer| integer.to_string());
            for form in key.texts.iter().chain(integer.as_ref()) {
                let places = by_form.entry(fold(form)).or_default();
                if places.last() != Some(&place) {
                    places.push(place);
                }
            }
        }
        Filing {
            query,
            fold,
            keys: keys.iter().map(|key| key.key.as_str()).collect(),
            by_form,
            found: vec![Vec::new(); keys.len()],
        }
    }

    /// Every form asked for, folded.
    pub(super) fn forms(&self) -> impl Iterator<Item = &str> {
        self.by_form.keys().map(String::as_str)
    }

    /// Files a document under each key it answers; under none if it answers none.
    pub(super) fn add(&mut self, node: &Node) {
        let mut places: Vec<usize> = texts_at(node, &self.query.field)
            .into_iter()
            .filter_map(|text| self.by_form.get(&(self.fold)(text)))
            .flatten()
            .copied()
            .collect();
        places.sort_unstable();
        places.dedup();
        for place in places {
            self.found[place].push(flat(node, &self.query.fields));
        }
    }

    /// In the order of the keys, within one key in that of [`Filing::add`].
    pub(super) fn into_pairs(self) -> Vec<(String, Document)> {
        self.keys
            .into_iter()
            .zip(self.found)
            .flat_map(|(key, documents)| {
                documents
                    .into_iter()
                    .map(move |document| (key.to_owned(), document))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(key: &str, texts: &[&str], integer: Option<i64>) -> KeyForms {
        KeyForms {
            key: key.to_owned(),
            texts: texts.iter().map(|text| (*text).to_owned()).collect(),
            integer,
        }
    }

    fn document(id: &str, name: &str) -> Node {
        Node::Fields(vec![
            ("id".to_owned(), Node::Text(id.to_owned())),
            ("name".to_owned(), Node::Text(name.to_owned())),
        ])
    }

    #[test]
    fn documents_come_in_the_order_of_the_keys_whatever_form_they_were_found_by() {
        let query = Query {
            field: "id".to_owned(),
            fields: vec!["name".to_owned()],
        };
        let keys = [
            key("011", &["011", "0-11"], Some(11)),
            key("022", &["022"], Some(22)),
            key("0011", &["0011", "11"], None),
        ];
        let mut filing = Filing::new(&query, &keys, |text| text.to_owned());
        for (id, name) in [("22", "d"), ("0-11", "a"), ("11", "b"), ("33", "x")] {
            filing.add(&document(id, name));
        }
        let answers: Vec<(String, String)> = filing
            .into_pairs()
            .into_iter()
            .map(|(key, document)| (key, document[0].1.clone()))
            .collect();
        let expected = [("011", "a"), ("011", "b"), ("022", "d"), ("0011", "b")]
            .map(|(key, name)| (key.to_owned(), name.to_owned()));
        assert_eq!(answers, expected);
    }
}

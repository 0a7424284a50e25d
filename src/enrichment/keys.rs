//! The keys of a batch.

use std::collections::HashSet;

use polars::prelude::StringChunked;

use crate::values::KeyForms;

/// The distinct keys among delivered cells, in the order they are first met. Only values that
/// passed validation are delivered, so nothing else is ever asked for.
pub fn keys(delivered: &StringChunked) -> Vec<KeyForms> {
    let mut seen = HashSet::new();
    let texts = delivered.iter().flatten().filter(|text| seen.insert(*text));
    texts.filter_map(KeyForms::of_document).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_distinct_and_in_order() {
        let cells = StringChunked::from_iter([
            Some("529.982.247-25"),
            None,
            Some("045.152.668-61"),
            Some("529.982.247-25"),
        ]);
        let found: Vec<_> = keys(&cells).into_iter().map(|forms| forms.key).collect();
        assert_eq!(found, ["52998224725", "04515266861"]);
    }
}

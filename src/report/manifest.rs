//! The manifest: the summary as JSON. `docs/manifest.schema.json` describes it.

use super::Summary;

/// Pretty JSON in the order of the fields, UTF-8, with a final newline. Equal summaries give
/// equal bytes.
pub fn to_json(summary: &Summary) -> Vec<u8> {
    // The summary holds only numbers, texts and maps with text keys, which JSON always takes.
    let Ok(mut json) = serde_json::to_vec_pretty(summary) else {
        unreachable!("a summary is always JSON")
    };
    json.push(b'\n');
    json
}

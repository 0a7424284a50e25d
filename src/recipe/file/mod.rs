//! Recipe files: read, and every mistake told by line and column.

mod at;
mod columns;
mod model;
mod rules;

use schemars::Schema;
use schemars::generate::SchemaSettings;
use serde_saphyr::{DuplicateKeyPolicy, MergeKeyPolicy, MessageFormatter, UserMessageFormatter};
use sha2::{Digest, Sha256};

use at::At;
pub use at::{Mistake, Place};
use columns::Declared;
use model::{HeadingFile, MatchFile, RecipeFile};

use super::library::{Matching, Recipe};
use crate::job::ArtifactKind;
use crate::table::Heading;

/// The format of recipe files.
const VERSION: u32 = 1;

/// Larger files are refused unread; the longest sensible recipe is a tenth of it.
const MOST_BYTES: usize = 1024 * 1024;

impl Recipe {
    /// Reads a recipe file.
    ///
    /// # Errors
    /// With every mistake in it, in the order of lines. Of mistakes of form, such as an unknown
    /// key, only the first is known.
    pub fn parse(text: &str) -> Result<Self, Vec<Mistake>> {
        if text.len() > MOST_BYTES {
            let message = format!("the file is larger than {MOST_BYTES} bytes");
            return Err(vec![Mistake {
                at: Place::default(),
                message,
            }]);
        }
        let file = read(text).map_err(|mistake| vec![mistake])?;
        let mut mistakes = Vec::new();
        let mut recipe = check(&file, &mut mistakes);
        recipe.sha256 = Sha256::digest(text).into();
        if mistakes.is_empty() {
            return Ok(recipe);
        }
        mistakes.sort_by_key(|mistake| mistake.at);
        mistakes.dedup();
        Err(mistakes)
    }

    /// The JSON Schema of recipe files, for editors.
    pub fn schema() -> Schema {
        let generator = SchemaSettings::draft07().into_generator();
        generator.into_root_schema_for::<RecipeFile>()
    }
}

fn read(text: &str) -> Result<RecipeFile, Mistake> {
    let options = serde_saphyr::options! {
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let at = error
            .location()
            .map_or_else(Place::default, |location| Place {
                line: location.line(),
                column: location.column(),
            });
        Mistake {
            at,
            message: UserMessageFormatter.format_message(&error).into_owned(),
        }
    })
}

fn check(file: &RecipeFile, mistakes: &mut Vec<Mistake>) -> Recipe {
    if file.version.value != VERSION {
        let message = format!("`version` is not {VERSION}, the only one there is");
        mistakes.push(file.version.wrong(message));
    }
    if !is_name(&file.name.value) {
        let message = "a recipe's `name` is made of lower-case letters, digits, `_` and `-`";
        mistakes.push(file.name.wrong(message));
    }
    let heading = match file.input.header.value {
        HeadingFile::Auto => Heading::Found,
        HeadingFile::None => Heading::Absent,
    };
    let matching = matching(file, mistakes);
    let declared = Declared::check(&file.columns, heading, mistakes);
    let rules = rules::check(file, &declared, mistakes);
    Recipe {
        name: file.name.value.clone(),
        description: file.description.clone(),
        matching,
        heading,
        columns: declared.columns,
        rules,
        outputs: file
            .outputs
            .as_ref()
            .map(|outputs| kinds(outputs, mistakes)),
        sha256: [0; 32],
    }
}

fn is_name(name: &str) -> bool {
    let usual = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c);
    !name.is_empty() && name.chars().all(usual) && !name.starts_with(['_', '-'])
}

fn matching(file: &RecipeFile, mistakes: &mut Vec<Mistake>) -> Option<Matching> {
    let written = file.matches.as_ref()?;
    let MatchFile { files, headers } = &written.value;
    if files.is_empty() && headers.is_empty() {
        mistakes.push(
            written.wrong("`match` says nothing: name `files` or `headers`, or leave it out"),
        );
    }
    if let (HeadingFile::None, Some(first)) = (file.input.header.value, headers.first()) {
        mistakes.push(
            first.wrong(
                "`headers` and `header: none` contradict each other: match by `files` alone",
            ),
        );
    }
    let mut matching = Matching::default();
    for pattern in files {
        if let Err(message) = matching.add_pattern(&pattern.value) {
            mistakes.push(pattern.wrong(message));
        }
    }
    for header in headers {
        if !matching.add_header(&header.value) {
            let name = &header.value;
            mistakes.push(header.wrong(format!(
                "the header `{name}` is empty or is there twice: remove it"
            )));
        }
    }
    Some(matching)
}

fn kinds(outputs: &At<Vec<At<String>>>, mistakes: &mut Vec<Mistake>) -> Vec<ArtifactKind> {
    if outputs.value.is_empty() {
        mistakes.push(outputs.wrong("`outputs` names nothing: leave it out to get everything"));
    }
    let mut kinds = Vec::new();
    for output in &outputs.value {
        let name = &output.value;
        match ArtifactKind::from_extension(name) {
            None => mistakes.push(output.wrong(format!(
                "`{name}` is no kind of file we make: csv, xlsx, pdf, zip or json"
            ))),
            Some(kind) if kinds.contains(&kind) => {
                mistakes.push(output.wrong(format!("`{name}` is there twice: remove one")));
            }
            Some(kind) => kinds.push(kind),
        }
    }
    kinds
}

#[cfg(test)]
mod tests;

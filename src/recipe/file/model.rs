//! What a recipe file looks like. The documentation of its keys is here: editors show it.

use schemars::JsonSchema;
use serde::Deserialize;

use super::at::At;
use crate::recipe::ColumnKind;
use crate::recipe::rules::{
    Check, Derivation, DuplicateRules, GroupRule, MissingRule, OutlierRule,
};

/// A column, by the name it has under `columns` or one of its aliases there. Accents, case and
/// signs do not matter.
pub(super) type ColumnRef = At<String>;

/// What a kind of file holds, and what is to be done with it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "pyservice recipe")]
pub(super) struct RecipeFile {
    /// Of this format: 1.
    #[schemars(range(min = 1, max = 1))]
    pub(super) version: At<u32>,
    /// What jobs and the command line call it: lower-case letters, digits, `_` and `-`.
    #[schemars(regex(pattern = "^[a-z0-9][a-z0-9_-]*$"))]
    pub(super) name: At<String>,
    /// For people.
    #[serde(default)]
    pub(super) description: Option<String>,
    /// Which files it is for. Without this, it is used only where it is named.
    #[serde(default, rename = "match")]
    pub(super) matches: Option<At<MatchFile>>,
    #[serde(default)]
    pub(super) input: InputFile,
    /// The columns that rules speak of, or that are to be treated otherwise than detected. Other
    /// columns of the file are kept and detected as ever.
    #[serde(default)]
    pub(super) columns: Vec<At<ColumnFile>>,
    /// Rows that are there twice.
    #[serde(default)]
    pub(super) duplicates: Option<At<DuplicateRules<ColumnRef>>>,
    /// Numbers far from the rest of their column.
    #[serde(default)]
    pub(super) outliers: Vec<At<OutlierRule<ColumnRef>>>,
    /// Blanks filled by statistics.
    #[serde(default)]
    pub(super) missing: Vec<At<MissingRule<ColumnRef>>>,
    /// What the cells of a row say of one another. Without this key, all that the columns allow
    /// and that need no second look at the table; an empty list is none.
    #[serde(default)]
    pub(super) checks: Option<Vec<At<Check<ColumnRef>>>>,
    /// Columns made of others, in the order they are delivered.
    #[serde(default)]
    pub(super) derive: Vec<At<Derivation<ColumnRef>>>,
    /// Sheets with one row for each group of rows.
    #[serde(default)]
    pub(super) groups: Vec<At<GroupRule<ColumnRef>>>,
    /// The kinds of file to deliver, if the job does not say: `csv`, `xlsx`, `pdf`, `zip`. The
    /// manifest, `json`, is always delivered. All, if this is left out.
    #[serde(default)]
    pub(super) outputs: Option<At<Vec<At<String>>>>,
}

/// Which files a recipe is for. If both keys are there, both must hold.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MatchFile {
    /// Patterns of file names, such as `vendas_*.csv`; one that holds is enough. Case does not
    /// matter. A pattern with `/` is compared with the path below the work folder.
    #[serde(default)]
    pub(super) files: Vec<At<String>>,
    /// Headers that the table must have, all of them, in any order.
    #[serde(default)]
    pub(super) headers: Vec<At<String>>,
}

/// How the table is written, where that cannot be told by looking.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InputFile {
    #[serde(default)]
    pub(super) header: At<HeadingFile>,
}

/// Where the names of the columns are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum HeadingFile {
    /// In the file, if it has a header.
    #[default]
    Auto,
    /// The first row is a row already; columns are found by their `position`.
    None,
}

/// A column of the file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ColumnFile {
    /// Its header. With a `position`, the header it is given.
    pub(super) name: At<String>,
    /// Its place in the file, from 1, whatever its header says.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub(super) position: Option<At<usize>>,
    /// Other headers it may have.
    #[serde(default)]
    pub(super) aliases: Vec<At<String>>,
    /// What it holds. If this is not said, it is detected.
    #[serde(default, rename = "type")]
    pub(super) kind: Option<ColumnKind>,
    /// The file must have the column, and rows without a valid value in it are rejected.
    #[serde(default)]
    pub(super) required: bool,
    /// The values it may have, as they are to be delivered. Accents, case and signs do not
    /// matter when they are compared.
    #[serde(default)]
    #[schemars(with = "Vec<Scalar>")]
    pub(super) allowed: Vec<At<String>>,
    /// A regular expression that the whole clean value must match.
    #[serde(default)]
    pub(super) pattern: Option<At<String>>,
    /// The least and the greatest value of a column of numbers or dates.
    #[serde(default)]
    pub(super) range: Option<At<RangeFile>>,
    /// The header it is delivered under.
    #[serde(default)]
    pub(super) rename: Option<At<String>>,
    /// Read and used by rules, but not delivered.
    #[serde(default)]
    pub(super) drop: bool,
}

/// The ends of a range, both allowed: numbers such as `0.5`, or days such as `2020-01-31`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RangeFile {
    #[serde(default)]
    #[schemars(with = "Option<Scalar>")]
    pub(super) min: Option<At<String>>,
    #[serde(default)]
    #[schemars(with = "Option<Scalar>")]
    pub(super) max: Option<At<String>>,
}

/// Text, which YAML may take for something else if it is not quoted.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "tells editors what may be written")]
enum Scalar {
    Text(String),
    Number(f64),
    Switch(bool),
}

impl Default for At<HeadingFile> {
    fn default() -> Self {
        At {
            value: HeadingFile::Auto,
            at: super::Place::default(),
        }
    }
}

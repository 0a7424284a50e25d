//! Rows that are there twice.

use schemars::JsonSchema;
use serde::Deserialize;

/// What to do with rows that are there twice.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, bound(deserialize = "C: Deserialize<'de>"))]
pub struct DuplicateRules<C> {
    /// Rows equal in every column after cleaning.
    #[serde(default)]
    pub exact: ExactAction,
    /// Rows with the same key. If this is not said: CPF, CNPJ, e-mail, and telephone with name,
    /// as far as the table has them, marked. An empty list looks for none.
    #[serde(default)]
    pub keys: Option<Vec<KeyRule<C>>>,
    /// Rows that are much alike.
    #[serde(default)]
    pub fuzzy: Option<FuzzyRule>,
}

impl<C> Default for DuplicateRules<C> {
    fn default() -> Self {
        DuplicateRules {
            exact: ExactAction::default(),
            keys: None,
            fuzzy: None,
        }
    }
}

/// What becomes of rows equal in every column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExactAction {
    /// The first stays.
    #[default]
    Remove,
    /// All stay.
    Keep,
}

/// What becomes of rows that belong to one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyAction {
    /// All stay; every one after the first is marked.
    #[default]
    Mark,
    /// The best one stays, and its blanks are filled from the others.
    Merge,
}

/// Rows that agree in all of these columns belong together.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, bound(deserialize = "C: Deserialize<'de>"))]
pub struct KeyRule<C> {
    /// One or more columns.
    pub by: Vec<C>,
    #[serde(default)]
    pub action: KeyAction,
    /// A column of dates: of two rows as good as each other, the more recent one stays.
    #[serde(default)]
    pub newest: Option<C>,
}

/// Rows that agree in one of CEP, beginning of the name, end of the telephone or birth date are
/// compared by name, birth date, telephone, e-mail and address.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FuzzyRule {
    #[serde(default)]
    pub action: KeyAction,
    /// From this score on, from 0 to 1, rows are the same; 0.92 if it is not said.
    #[serde(default = "same")]
    pub duplicate: f64,
    /// From this score on rows are reported as possibly the same; 0.85 if it is not said.
    #[serde(default = "possible")]
    pub possible: f64,
}

fn same() -> f64 {
    0.92
}

fn possible() -> f64 {
    0.85
}

impl Default for FuzzyRule {
    fn default() -> Self {
        FuzzyRule {
            action: KeyAction::default(),
            duplicate: same(),
            possible: possible(),
        }
    }
}

//! Where in the file something is written.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer};
use serde_saphyr::Spanned;

/// A place in a recipe file. Lines and columns count from 1; both are 0 where it is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    pub line: u64,
    pub column: u64,
}

/// Something wrong with a recipe file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    pub at: Place,
    /// Lower case, no full stop: what is wrong and what to do.
    pub message: String,
}

impl fmt::Display for Mistake {
    /// `12:5: …`, to be put behind the file's name and a colon.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { line, column } = self.at;
        write!(f, "{line}:{column}: {}", self.message)
    }
}

/// A value and where it is written.
#[derive(Debug, Clone)]
pub(in crate::recipe) struct At<T> {
    pub(in crate::recipe) value: T,
    pub(in crate::recipe) at: Place,
}

impl<T> At<T> {
    pub(in crate::recipe) fn wrong(&self, message: impl Into<String>) -> Mistake {
        Mistake {
            at: self.at,
            message: message.into(),
        }
    }
}

/// Where it is written makes no difference.
impl<T: PartialEq> PartialEq for At<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for At<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::deserialize(deserializer)?;
        Ok(At {
            at: Place {
                line: spanned.referenced.line(),
                column: spanned.referenced.column(),
            },
            value: spanned.value,
        })
    }
}

/// Editors see the value only.
impl<T: JsonSchema> JsonSchema for At<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

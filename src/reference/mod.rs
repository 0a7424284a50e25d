//! The reference base: where missing data is looked up. There is no way to write to it.

mod document;
mod file;
mod filing;
mod mongo;
mod node;

use std::time::Duration;

use async_trait::async_trait;

pub use crate::values::KeyForms;
pub use file::File;
pub use mongo::Mongo;

/// One document, flat: nested fields are joined by dots (`contato.email`). Values are text as a
/// person would write them (numbers without exponent, dates ISO); nulls and blanks are left out.
///
/// A list of plain values is one value, joined by `; `. Of a list of documents the first counts,
/// under the list's own name: `telefones.e164` is the number of the first telephone. As a *key*,
/// `telefones.e164` matches the number of any of them.
pub type Document = Vec<(String, String)>;

/// What is wanted of each document. Names match `^[A-Za-z_][A-Za-z0-9_.]{0,127}$`; others are
/// refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The field that holds the key.
    pub field: String,
    /// The fields to bring, the key's among them only if it is named here. A nested document is
    /// brought whole by its name.
    pub fields: Vec<String>,
}

/// What the base looks like, for `check` and for matching its fields to columns.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Description {
    /// Where it is, without credentials: `ref.pessoas` or a file name.
    pub name: String,
    pub documents: u64,
    /// Field names of a few documents, in the order first seen.
    pub fields: Vec<String>,
    /// Fields that lead an index. In a file, all: it is indexed by whatever field is asked for.
    pub indexed: Vec<String>,
    /// The user may write, which it should not.
    pub writable: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum ReferenceError {
    /// The settings can never work. Nothing was connected to.
    #[error("the settings of the reference base are wrong: {0}")]
    Settings(String),
    #[error("the reference base refused the credentials")]
    Unauthorized,
    #[error("the reference base is unavailable: {0}")]
    Unavailable(String),
    #[error("the reference base did not answer within {0:?}")]
    Timeout(Duration),
    #[error("`{file}` line {line} is not a document: {cause}")]
    Malformed {
        file: String,
        line: u64,
        cause: String,
    },
    #[error("cannot read reference file `{file}`: {cause}")]
    File { file: String, cause: std::io::Error },
    #[error("the reference base refused the query: {0}")]
    Refused(String),
}

impl ReferenceError {
    /// Whether the same call may work later.
    pub fn is_transient(&self) -> bool {
        match self {
            ReferenceError::Unavailable(_) | ReferenceError::Timeout(_) => true,
            ReferenceError::Settings(_)
            | ReferenceError::Unauthorized
            | ReferenceError::Malformed { .. }
            | ReferenceError::File { .. }
            | ReferenceError::Refused(_) => false,
        }
    }
}

/// A read-only base of documents.
#[async_trait]
pub trait Reference: Send + Sync {
    /// Reaches the base and describes it.
    async fn describe(&self) -> Result<Description, ReferenceError>;

    /// Looks up a chunk of distinct keys in one query. Returns `(key, document)` pairs, keys in
    /// canonical form; a key may come more than once, a missing one does not come. The order is
    /// that of `keys`, and within one key that of the base.
    async fn look_up(
        &self,
        query: &Query,
        keys: &[KeyForms],
    ) -> Result<Vec<(String, Document)>, ReferenceError>;
}

impl Query {
    /// Names reach the base as field paths, where `$` and the like would mean something.
    fn check_names(&self) -> Result<(), ReferenceError> {
        std::iter::once(&self.field)
            .chain(&self.fields)
            .find(|name| !document::is_field_name(name))
            .map_or(Ok(()), |name| {
                let shown: String = name.chars().take(document::MAX_NAME_CHARS).collect();
                Err(ReferenceError::Refused(format!(
                    "{shown:?} is not a field name"
                )))
            })
    }
}

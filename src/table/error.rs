//! Why a file cannot be read as a table.

use std::borrow::Cow;

/// Why a file cannot be read as a table. Says where, never what the cells hold.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    #[error("cannot read the file: {0}")]
    Io(#[from] std::io::Error),
    #[error("the file is empty")]
    Empty,
    #[error("the file has a header but no rows")]
    NoRows,
    /// Its bytes do not become the characters that were meant.
    #[error("the file's characters cannot be read: {0}; save it as CSV in UTF-8")]
    Encoding(Cow<'static, str>),
    #[error("the file is {0}, not a table: send CSV or XLSX")]
    NotATable(Cow<'static, str>),
    #[error("line {line}: {cause}")]
    Line { line: u64, cause: String },
    /// Damaged, or protected by a password.
    #[error("the file cannot be read: {0}")]
    Unreadable(Cow<'static, str>),
    /// Reading it would take more memory, disk or time than any honest list does.
    #[error("the file is refused: {0}")]
    Hostile(Cow<'static, str>),
    /// The process that read the file died over it.
    #[error("the file broke the process that read it: {0}")]
    Crashed(String),
    #[error("the table cannot be held: {0}")]
    Frame(#[from] polars::error::PolarsError),
}

impl TableError {
    /// Whether the file may be innocent: a disk or a process failed, and may not the next time.
    pub fn may_pass(&self) -> bool {
        matches!(self, TableError::Io(_) | TableError::Crashed(_))
    }

    /// The same in a few words of Brazilian Portuguese, for those who get the other tables.
    pub fn words(&self) -> &'static str {
        match self {
            TableError::Empty => "está vazia",
            TableError::NoRows => "só tem cabeçalho, sem linhas",
            TableError::Encoding(_) => "a codificação de caracteres não foi reconhecida",
            TableError::NotATable(_) => "não é uma tabela",
            TableError::Hostile(_) => "foi recusada por segurança",
            TableError::Line { .. }
            | TableError::Unreadable(_)
            | TableError::Io(_)
            | TableError::Crashed(_)
            | TableError::Frame(_) => "não pode ser lida: danificada ou protegida por senha",
        }
    }
}

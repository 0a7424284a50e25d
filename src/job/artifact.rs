//! The files delivered for one work file.

use serde::{Deserialize, Serialize};

/// The kinds of file we deliver. The manifest comes last: it is what says the set is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ArtifactKind {
    Csv,
    Xlsx,
    Pdf,
    /// All of the others in one, and the ledger of changes.
    Zip,
    Json,
}

impl ArtifactKind {
    pub const ALL: [ArtifactKind; 5] = [
        ArtifactKind::Csv,
        ArtifactKind::Xlsx,
        ArtifactKind::Pdf,
        ArtifactKind::Zip,
        ArtifactKind::Json,
    ];

    pub fn extension(self) -> &'static str {
        match self {
            ArtifactKind::Csv => "csv",
            ArtifactKind::Xlsx => "xlsx",
            ArtifactKind::Pdf => "pdf",
            ArtifactKind::Zip => "zip",
            ArtifactKind::Json => "json",
        }
    }

    pub fn from_extension(extension: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.extension() == extension)
    }
}

/// One delivered file as the manifest and the ledger remember it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// File name, without folder: `clientes_processed.csv`.
    pub name: String,
    pub bytes: u64,
    /// Lower-case hex.
    pub sha256: String,
}

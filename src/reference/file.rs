//! A reference base in a file, for work without MongoDB.

mod fold;
mod index;
mod json;
mod records;

use std::collections::HashMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use async_trait::async_trait;

use super::document::{add_names, leads_to, texts_at};
use super::filing::Filing;
use super::node::Node;
use super::{Description, Document, KeyForms, Query, Reference, ReferenceError};
use crate::values::{self, document::Majority};
use fold::fold;
use index::{Index, Place, Span};
use records::Records;

/// Documents read to learn the names of fields.
const SAMPLE: usize = 20;

/// A JSONL or CSV file. Its documents stay on disk; only an index for each field that was asked
/// by is held, 16 bytes a document, built on the first look-up. That of the CPFs or CNPJs is
/// built by [`Reference::describe`], which reads the whole file anyway.
///
/// JSONL has an object a line. CSV has a header, `,` or `;` between cells, and is UTF-8; columns
/// whose header could not be asked for are renamed (`Razão Social` is `Razao_Social`). Keys match
/// in any punctuation, with any leading zeros and in any case. JSON numbers of more than 19
/// digits are not exact. A file that was replaced is opened anew at the next call.
pub struct File {
    path: PathBuf,
    current: Arc<Mutex<Arc<Snapshot>>>,
}

/// The file in one version.
struct Snapshot {
    version: Version,
    records: Records,
    indexes: Mutex<HashMap<String, Arc<Index>>>,
}

/// Differs when the file was replaced or written to.
type Version = (u64, Option<SystemTime>);

impl File {
    /// Opens the file and tells its layout.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, ReferenceError> {
        let path = path.into();
        let snapshot = Snapshot::open(&path)?;
        Ok(File {
            path,
            current: Arc::new(Mutex::new(Arc::new(snapshot))),
        })
    }

    /// Runs `work` where it may block.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Snapshot) -> Result<T, ReferenceError> + Send + 'static,
    ) -> Result<T, ReferenceError> {
        let path = self.path.clone();
        let current = Arc::clone(&self.current);
        tokio::task::spawn_blocking(move || work(&*newest(&path, &current)?))
            .await
            .map_err(|_| ReferenceError::Unavailable("reading was cut short".to_owned()))?
    }
}

/// The snapshot we have, or a new one if the file changed. A file that is gone is still open.
fn newest(path: &Path, current: &Mutex<Arc<Snapshot>>) -> Result<Arc<Snapshot>, ReferenceError> {
    let mut current = lock(current);
    if let Ok(metadata) = std::fs::metadata(path)
        && version(&metadata) != current.version
    {
        *current = Arc::new(Snapshot::open(path)?);
    }
    Ok(Arc::clone(&current))
}

fn version(metadata: &Metadata) -> Version {
    (metadata.len(), metadata.modified().ok())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What we guard is replaced whole, so a panic elsewhere leaves it sound.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Snapshot {
    fn open(path: &Path) -> Result<Self, ReferenceError> {
        let name = path.display().to_string();
        let opened = std::fs::File::open(path).and_then(|file| {
            let metadata = file.metadata()?;
            if metadata.is_dir() {
                return Err(std::io::ErrorKind::IsADirectory.into());
            }
            Ok((file, version(&metadata)))
        });
        let (file, version) = opened.map_err(|cause| ReferenceError::File {
            file: name.clone(),
            cause,
        })?;
        Ok(Snapshot {
            version,
            records: Records::open(file, name)?,
            indexes: Mutex::default(),
        })
    }

    /// The index by a field. Whoever needs the same one meanwhile waits for it.
    fn index(&self, field: &str) -> Result<Arc<Index>, ReferenceError> {
        let mut indexes = lock(&self.indexes);
        if let Some(index) = indexes.get(field) {
            return Ok(Arc::clone(index));
        }
        let mut places = Vec::new();
        let documents = self.records.scan(field, |span, key| {
            let folded = fold(key);
            if !folded.is_empty() {
                places.push(Place::new(&folded, span));
            }
        })?;
        let index = Arc::new(Index::collect(places, documents));
        indexes.insert(field.to_owned(), Arc::clone(&index));
        Ok(index)
    }

    fn look_up(
        &self,
        query: &Query,
        keys: &[KeyForms],
    ) -> Result<Vec<(String, Document)>, ReferenceError> {
        let index = self.index(&query.field)?;
        let mut filing = Filing::new(query, keys, fold);
        let mut spans: Vec<Span> = filing.forms().flat_map(|form| index.find(form)).collect();
        // In the order of the file: for the disk's sake, and because answers come in it.
        spans.sort_unstable_by_key(|span| span.offset);
        spans.dedup();
        let wanted = |name: &str| {
            leads_to(name, &query.field) || query.fields.iter().any(|path| leads_to(name, path))
        };
        let mut buffer = Vec::new();
        for span in spans {
            filing.add(&self.records.read(span, wanted, &mut buffer)?);
        }
        Ok(filing.into_pairs())
    }

    /// Reads the whole file, so that a malformed line is found before a job finds it. The same
    /// pass makes the index that the look-ups to come will most probably want.
    fn describe(&self, name: String) -> Result<Description, ReferenceError> {
        let first = self.records.first(SAMPLE)?;
        let mut fields = Vec::new();
        first.iter().for_each(|node| add_names(node, &mut fields));
        // Without a guess, the index by no field: it still knows how many documents there are.
        let key = fields.iter().find(|field| holds_documents(&first, field));
        Ok(Description {
            name,
            documents: self.index(key.map_or("", String::as_str))?.documents(),
            indexed: fields.clone(),
            fields,
            writable: false,
        })
    }
}

/// Whether most of a field's values are CPFs or CNPJs.
fn holds_documents(nodes: &[Node], field: &str) -> bool {
    let texts: Vec<&str> = nodes
        .iter()
        .flat_map(|node| texts_at(node, field))
        .filter(|text| !text.trim().is_empty())
        .collect();
    let parsed = texts
        .iter()
        .filter_map(|text| values::Document::parse(text, Majority::Cpf).value);
    parsed.count() * 2 > texts.len()
}

#[async_trait]
impl Reference for File {
    async fn describe(&self) -> Result<Description, ReferenceError> {
        let name = self.path.file_name().unwrap_or(self.path.as_os_str());
        let name = name.to_string_lossy().into_owned();
        self.blocking(move |snapshot| snapshot.describe(name)).await
    }

    async fn look_up(
        &self,
        query: &Query,
        keys: &[KeyForms],
    ) -> Result<Vec<(String, Document)>, ReferenceError> {
        query.check_names()?;
        let (query, keys) = (query.clone(), keys.to_vec());
        self.blocking(move |snapshot| snapshot.look_up(&query, &keys))
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(content: &str) -> (u64, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("base");
        std::fs::write(&path, content).unwrap();
        let snapshot = Snapshot::open(&path).unwrap();
        let description = snapshot.describe("base".to_owned()).unwrap();
        let indexed = lock(&snapshot.indexes).keys().cloned().collect();
        (description.documents, indexed)
    }

    #[test]
    fn the_pass_that_describes_a_base_indexes_its_documents() {
        let lines =
            "{\"id\":1,\"doc\":{\"n\":\"04515266861\"}}\n{\"doc\":{\"n\":11222333000181}}\n";
        assert_eq!(described(lines), (2, vec!["doc.n".to_owned()]));
        let rows = "nome;cpf\nAna;\nBeto;529.982.247-25\nCaio;11144477735\nDora;1\n";
        assert_eq!(described(rows), (4, vec!["cpf".to_owned()]));
        assert_eq!(described("nome;id\nAna;1\n"), (1, vec![String::new()]));
    }
}

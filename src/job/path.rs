//! Names of files on the drive, checked before anything is asked of it.

use std::fmt;

use percent_encoding::percent_decode_str;
use unicode_normalization::UnicodeNormalization;

use super::ArtifactKind;

/// Why a name was refused. The name itself is not repeated: it may be hostile or huge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPath {
    #[error("the file name is empty")]
    Empty,
    #[error("the file name is longer than {MAX_CHARS} characters")]
    TooLong,
    #[error("the file name contains a control or direction character")]
    ControlCharacter,
    #[error("the file name contains a backslash")]
    Backslash,
    #[error("the file name contains an empty, `.` or `..` segment")]
    DotSegment,
    #[error("the file lies outside the work folder")]
    Outside,
}

const MAX_CHARS: usize = 200;
const MAX_TABLE_CHARS: usize = 60;

/// A path on the drive, relative to its root or to a folder of it: `work/north/list.csv`.
///
/// Always NFC, `/`-separated, without empty, `.` or `..` segments (not even after one more
/// percent-decoding), control characters or backslashes: it cannot leave the folder it is
/// joined to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RemotePath(String);

impl RemotePath {
    /// Checks `name` and keeps it.
    ///
    /// # Errors
    /// Says which rule the name breaks.
    pub fn parse(name: &str) -> Result<Self, InvalidPath> {
        // Checked before normalising: NFC of a hostile megabyte is work we need not do.
        if name.len() > MAX_CHARS * 8 {
            return Err(InvalidPath::TooLong);
        }
        let name: String = name.nfc().collect();
        let decoded = percent_decode_str(&name).decode_utf8_lossy();
        for form in [name.as_str(), decoded.as_ref()] {
            check(form)?;
        }
        Ok(RemotePath(name))
    }

    /// A name that the code itself states, such as a default.
    pub(crate) fn literal(name: &'static str) -> Self {
        RemotePath(name.to_owned())
    }

    /// Reads the name a message gives, which may start with the work folder, as the API and the
    /// Python service wrote it: `x.csv`, `work/x.csv`, `/storage/work/x.csv`. The result is
    /// relative to the work folder.
    ///
    /// # Errors
    /// Refuses names that break a rule and absolute paths that do not lead into `work`.
    pub fn parse_below(name: &str, work: &RemotePath) -> Result<Self, InvalidPath> {
        let name: String = name.chars().take(MAX_CHARS * 8).nfc().collect();
        let folder = format!("{work}/");
        let relative = name.strip_prefix("./").unwrap_or(&name);
        let below = match relative.strip_prefix('/') {
            None => relative
                .strip_prefix(&folder)
                .or_else(|| relative.strip_prefix(&format!("storage/{folder}")))
                .unwrap_or(relative),
            Some(absolute) => absolute
                .strip_prefix(&folder)
                .or_else(|| absolute.strip_prefix(&format!("storage/{folder}")))
                .ok_or(InvalidPath::Outside)?,
        };
        Self::parse(below)
    }

    /// This path inside `folder`.
    pub fn in_folder(&self, folder: &RemotePath) -> RemotePath {
        RemotePath(format!("{folder}/{self}"))
    }

    /// Where the artifact of this work file goes: `north/list.csv` → `north/list_processed.pdf`.
    pub fn artifact(&self, kind: ArtifactKind) -> RemotePath {
        RemotePath(format!(
            "{}_processed.{}",
            &self.0[..self.stem_end()],
            kind.extension()
        ))
    }

    /// What the artifacts of one of several tables in this work file are named after:
    /// `north/list.zip` → `north/list_Clientes_SP.zip`. `suffix` tells apart tables of one name.
    pub fn for_table(&self, table: &str, suffix: &str) -> RemotePath {
        let words = table.nfc().map(|c| {
            if c.is_alphanumeric() || c == '-' {
                c
            } else {
                ' '
            }
        });
        let words: String = words.collect();
        let words: Vec<_> = words.split_whitespace().collect();
        // Room for `_processed.xlsx`.
        let room = (MAX_CHARS - 20).saturating_sub(self.0.chars().count());
        let room = room.clamp(8, MAX_TABLE_CHARS);
        let mut name: String = words.join("_").chars().take(room).collect();
        if name.is_empty() {
            name.push_str("tabela");
        }
        let (stem, extension) = self.0.split_at(self.stem_end());
        RemotePath(format!("{stem}_{name}{suffix}{extension}"))
    }

    fn stem_end(&self) -> usize {
        match self.file_name().rfind('.') {
            Some(dot) if dot > 0 => self.0.len() - (self.file_name().len() - dot),
            _ => self.0.len(),
        }
    }

    /// The last segment.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The folder this path lies in, if it has one.
    pub fn parent(&self) -> Option<RemotePath> {
        let (folder, _) = self.0.rsplit_once('/')?;
        Some(RemotePath(folder.to_owned()))
    }

    /// The file name's extension in lower case, without the dot; empty if there is none.
    pub fn extension(&self) -> String {
        match self.file_name().rsplit_once('.') {
            Some((_, extension)) => extension.to_ascii_lowercase(),
            None => String::new(),
        }
    }

    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RemotePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn check(name: &str) -> Result<(), InvalidPath> {
    if name.trim().is_empty() {
        return Err(InvalidPath::Empty);
    }
    if name.chars().count() > MAX_CHARS {
        return Err(InvalidPath::TooLong);
    }
    if name.contains('\\') {
        return Err(InvalidPath::Backslash);
    }
    if name.chars().any(|c| c.is_control() || is_directional(c)) {
        return Err(InvalidPath::ControlCharacter);
    }
    let dots = |segment: &str| matches!(segment.trim(), "" | "." | "..");
    if name.split('/').any(dots) {
        return Err(InvalidPath::DotSegment);
    }
    Ok(())
}

/// Marks that reorder what a person reads: `fdp.exe` shown as `exe.pdf`.
fn is_directional(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work() -> RemotePath {
        RemotePath::parse("work").unwrap()
    }

    #[test]
    fn the_forms_the_api_writes_name_the_same_file() {
        for name in [
            "x.csv",
            "work/x.csv",
            "/work/x.csv",
            "/storage/work/x.csv",
            "./x.csv",
        ] {
            let path = RemotePath::parse_below(name, &work()).unwrap();
            assert_eq!(path.as_str(), "x.csv", "{name}");
        }
    }

    #[test]
    fn names_that_could_escape_are_refused() {
        let long = "a".repeat(300);
        for name in [
            "",
            " ",
            "..",
            "../x.csv",
            "a/../../x.csv",
            "a/./x.csv",
            "a//x.csv",
            "%2e%2e/x.csv",
            "%2E%2E%2Fx.csv",
            "..\\x.csv",
            "a\\x.csv",
            "a%5cx.csv",
            "x\0.csv",
            "x%00.csv",
            "x\n.csv",
            "\u{202e}vsc.x",
            "/etc/passwd",
            "/x.csv",
            "work/../x.csv",
            "x.csv/",
            ".. /x.csv",
            "/storage/work/../x",
            "a/%2e/x.csv",
            "%2e%2e",
            "..%2fx",
            "x\u{7f}.csv",
            "\u{2066}x.csv",
            "C:\\x.csv",
            "//host/x.csv",
            &long,
        ] {
            assert!(RemotePath::parse_below(name, &work()).is_err(), "{name:?}");
        }
    }

    #[test]
    fn odd_but_honest_names_are_kept() {
        for name in [
            "Relatório 100% +ação #1.csv",
            "a?b.csv",
            "norte/lista.csv",
            "..x.csv",
        ] {
            assert_eq!(
                RemotePath::parse_below(name, &work()).unwrap().as_str(),
                name
            );
        }
    }

    #[test]
    fn decomposed_accents_are_composed() {
        let path = RemotePath::parse("ac\u{327}a\u{303}o.csv").unwrap();
        assert_eq!(path.as_str(), "ação.csv");
    }

    #[test]
    fn names_of_tables_are_made_safe() {
        let path = RemotePath::parse("norte/lista.zip").unwrap();
        for (table, named) in [
            ("Clientes SP", "norte/lista_Clientes_SP.zip"),
            ("ac\u{327}a\u{303}o", "norte/lista_ação.zip"),
            ("../../etc/passwd", "norte/lista_etc_passwd.zip"),
            ("\u{202e}a\0b%2f", "norte/lista_a_b_2f.zip"),
            (" .. ", "norte/lista_tabela.zip"),
        ] {
            let named_so = path.for_table(table, "");
            assert_eq!(named_so.as_str(), named);
            assert_eq!(RemotePath::parse(named), Ok(named_so));
        }
        let bare = RemotePath::parse("lista").unwrap();
        assert_eq!(bare.for_table("a", "_2").as_str(), "lista_a_2");
        let long = path
            .for_table(&"ç".repeat(500), "")
            .artifact(ArtifactKind::Xlsx);
        assert!(RemotePath::parse(long.as_str()).is_ok());
    }

    #[test]
    fn artifacts_keep_the_sub_folder() {
        let path = RemotePath::parse("norte/lista.v2.csv").unwrap();
        let pdf = path.artifact(ArtifactKind::Pdf);
        assert_eq!(pdf.as_str(), "norte/lista.v2_processed.pdf");
        let bare = RemotePath::parse("lista").unwrap();
        assert_eq!(
            bare.artifact(ArtifactKind::Csv).as_str(),
            "lista_processed.csv"
        );
    }
}

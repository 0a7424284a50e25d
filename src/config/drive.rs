//! Which drive, and the folders on it.

use std::fmt;
use std::path::PathBuf;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::Secret;
use crate::job::RemotePath;

/// A WebDAV server, as the variables name it.
#[derive(Debug, Clone)]
pub struct WebdavSettings {
    /// The root of the user's files, without credentials, ending in `/`:
    /// `https://cloud.example/remote.php/dav/files/ana/`.
    pub base: Url,
    pub user: String,
    pub password: Secret,
    /// A PEM file with a private certificate authority.
    pub ca_file: Option<PathBuf>,
}

/// What of a user's name needs no escaping in a URL.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Why an address cannot be the drive's. The address itself is not repeated: it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDriveUrl {
    #[error("the address of the drive is empty")]
    Empty,
    #[error("the address of the drive is not a URL: {0}")]
    Malformed(#[from] url::ParseError),
    #[error("the address of the drive starts with `{0}:`, not with `http:` or `https:`")]
    Scheme(String),
    #[error(
        "the address of the drive contains a user or a password: name them in variables of their own"
    )]
    Credentials,
    #[error("the address of the drive contains a `?` or a `#`")]
    Query,
    #[error("the address of the drive names no place for files under `remote.php`")]
    NotFiles,
    #[error("the address of the drive does not name the user, and no user is set")]
    NoUser,
}

impl WebdavSettings {
    /// The root of `user`'s files, ending in `/`, from what a person writes: a bare host (then
    /// https), `http(s)://host`, either with the folder ownCloud lies in, or the whole address
    /// with `/remote.php/webdav/` or `/remote.php/dav/files/<user>/`.
    ///
    /// # Errors
    /// Says what is wrong, without the address.
    pub fn base_url(text: &str, user: &str) -> Result<Url, InvalidDriveUrl> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidDriveUrl::Empty);
        }
        let mut url = if text.contains("://") {
            Url::parse(text)?
        } else {
            Url::parse(&format!("https://{text}"))?
        };
        if !matches!(url.scheme(), "http" | "https") {
            return Err(InvalidDriveUrl::Scheme(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidDriveUrl::Credentials);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidDriveUrl::Query);
        }
        let path = root_of_files(url.path(), user)?;
        url.set_path(&path);
        Ok(url)
    }
}

/// Completes an escaped path to the root of the user's files.
fn root_of_files(path: &str, user: &str) -> Result<String, InvalidDriveUrl> {
    let mut segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let remote = segments.iter().position(|&part| part == "remote.php");
    let below = remote.map_or(&[][..], |at| &segments[at + 1..]);
    let missing: &[&str] = match below {
        ["webdav", ..] | ["dav", "files", _, ..] => &[],
        ["dav", "files"] => &["<user>"],
        ["dav"] => &["files", "<user>"],
        [] if remote.is_some() => &["dav", "files", "<user>"],
        [] => &["remote.php", "dav", "files", "<user>"],
        _ => return Err(InvalidDriveUrl::NotFiles),
    };
    if !missing.is_empty() && user.is_empty() {
        return Err(InvalidDriveUrl::NoUser);
    }
    let user = utf8_percent_encode(user, ESCAPED).to_string();
    segments.extend(missing.iter().map(|&part| match part {
        "<user>" => user.as_str(),
        part => part,
    }));
    Ok(format!("/{}/", segments.join("/")))
}

/// The drive to use.
#[derive(Debug, Clone)]
pub enum DriveKind {
    Webdav(WebdavSettings),
    /// A local folder with the same tree.
    Folder(PathBuf),
}

/// Where it is, without credentials.
impl fmt::Display for DriveKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DriveKind::Webdav(webdav) => write!(f, "{}", webdav.base),
            DriveKind::Folder(root) => write!(f, "{}", root.display()),
        }
    }
}

/// The drive and its two folders.
#[derive(Debug, Clone)]
pub struct DriveSettings {
    pub kind: DriveKind,
    /// Where work files lie: `work`.
    pub work: RemotePath,
    /// Where results go: `finalizado`.
    pub finished: RemotePath,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(text: &str) -> String {
        WebdavSettings::base_url(text, "ana").unwrap().to_string()
    }

    #[test]
    fn every_form_people_write_names_the_same_files() {
        for text in [
            "cloud.example",
            " cloud.example ",
            "cloud.example/",
            "https://cloud.example",
            "https://cloud.example/",
            "HTTPS://Cloud.Example/",
            "https://cloud.example:443/",
            "https://cloud.example/remote.php",
            "https://cloud.example/remote.php/dav/",
            "https://cloud.example/remote.php/dav/files",
            "https://cloud.example/remote.php/dav/files/ana",
            "https://cloud.example/remote.php/dav/files/ana/",
            "https://cloud.example//remote.php/dav/files/ana//",
        ] {
            assert_eq!(
                base(text),
                "https://cloud.example/remote.php/dav/files/ana/",
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_named_is_kept() {
        for (text, expected) in [
            (
                "http://cloud.example/remote.php/webdav",
                "http://cloud.example/remote.php/webdav/",
            ),
            (
                "http://localhost:8080/remote.php/webdav/",
                "http://localhost:8080/remote.php/webdav/",
            ),
            (
                "localhost:8080",
                "https://localhost:8080/remote.php/dav/files/ana/",
            ),
            (
                "https://cloud.example/owncloud/",
                "https://cloud.example/owncloud/remote.php/dav/files/ana/",
            ),
            (
                "https://cloud.example/owncloud/remote.php/webdav/",
                "https://cloud.example/owncloud/remote.php/webdav/",
            ),
            (
                "https://cloud.example/remote.php/dav/files/bia/norte",
                "https://cloud.example/remote.php/dav/files/bia/norte/",
            ),
            (
                "http://[::1]:8080",
                "http://[::1]:8080/remote.php/dav/files/ana/",
            ),
        ] {
            assert_eq!(base(text), expected, "{text}");
        }
    }

    #[test]
    fn the_users_name_is_escaped() {
        let url = WebdavSettings::base_url("cloud.example", "ana maria@example/x").unwrap();
        assert_eq!(
            url.path(),
            "/remote.php/dav/files/ana%20maria%40example%2Fx/"
        );
    }

    #[test]
    fn mistakes_are_named_without_the_address() {
        use InvalidDriveUrl as E;
        for (text, expected) in [
            ("", E::Empty),
            ("  ", E::Empty),
            ("https://ana:hunter2@cloud.example/", E::Credentials),
            ("ana:hunter2@cloud.example", E::Credentials),
            ("https://ana@cloud.example/", E::Credentials),
            ("ftp://cloud.example/", E::Scheme("ftp".to_owned())),
            ("https://cloud.example/?hunter2", E::Query),
            ("https://cloud.example/#/hunter2", E::Query),
            ("https://cloud.example/remote.php/caldav/", E::NotFiles),
            ("https://", E::Malformed(url::ParseError::EmptyHost)),
        ] {
            let error = WebdavSettings::base_url(text, "ana").unwrap_err();
            assert_eq!(error, expected, "{text}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
        let error = WebdavSettings::base_url("cloud.example", "").unwrap_err();
        assert_eq!(error, E::NoUser);
        assert!(WebdavSettings::base_url("cloud.example/remote.php/webdav", "").is_ok());
    }
}

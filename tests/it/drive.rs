//! The drives: one contract for all of them, and what real servers will not do on demand.

mod contract;
mod double;
mod faults;
mod relay;
mod tls;

use std::path::{Path, PathBuf};

use pyservice::config::{Secret, WebdavSettings};
use pyservice::drive::webdav::{Timeouts, Webdav};
use pyservice::job::RemotePath;

fn path(text: &str) -> RemotePath {
    RemotePath::parse(text).unwrap()
}

/// A drive on the server at `base`, whatever form that has.
fn webdav(base: &str, user: &str, password: &str, timeouts: Timeouts) -> Webdav {
    let settings = settings(base, user, password, None);
    Webdav::new(settings, timeouts).unwrap()
}

fn settings(base: &str, user: &str, password: &str, ca_file: Option<PathBuf>) -> WebdavSettings {
    // Whoever comes second finds it installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    WebdavSettings {
        base: WebdavSettings::base_url(base, user).unwrap(),
        user: user.to_owned(),
        password: Secret::new(password),
        ca_file,
    }
}

/// A local file that holds `bytes`.
fn file(folder: &Path, bytes: &[u8]) -> PathBuf {
    let at = folder.join("local");
    std::fs::write(&at, bytes).unwrap();
    at
}

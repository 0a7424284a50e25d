//! What every drive promises.

use std::time::{Duration, Instant};

use pyservice::drive::folder::Folder;
use pyservice::drive::webdav::{Timeouts, Webdav};
use pyservice::drive::{Drive, DriveError, Stored};
use pyservice::job::RemotePath;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use uuid::Uuid;

use super::relay::relay;
use super::{file, path, webdav};
use crate::harness::server;

/// A drive, and a folder on it that is ours alone and does not exist yet.
struct Place {
    drive: Box<dyn Drive>,
    folder: RemotePath,
    scratch: TempDir,
    /// Keeps the local drive alive.
    _root: Option<TempDir>,
}

impl Place {
    fn new(drive: impl Drive + 'static, root: Option<TempDir>) -> Self {
        Place {
            drive: Box::new(drive),
            folder: path(&format!("pyservice-tests/{}", Uuid::new_v4())),
            scratch: tempfile::tempdir().unwrap(),
            _root: root,
        }
    }

    fn at(&self, name: &str) -> RemotePath {
        path(name).in_folder(&self.folder)
    }

    async fn put(&self, name: &str, bytes: &[u8]) -> Stored {
        let from = file(self.scratch.path(), bytes);
        self.drive.store(&from, &self.at(name)).await.unwrap()
    }

    async fn get(&self, name: &str) -> Result<Vec<u8>, DriveError> {
        let into = self.scratch.path().join("fetched");
        let fetched = self.drive.fetch(&self.at(name), &into, u64::MAX).await?;
        let bytes = std::fs::read(&into).unwrap();
        assert_eq!(fetched.bytes, bytes.len() as u64);
        assert_eq!(fetched.sha256, hex::encode(Sha256::digest(&bytes)));
        Ok(bytes)
    }

    async fn names(&self) -> Vec<String> {
        let files = self.drive.list(&self.folder).await.unwrap();
        files
            .iter()
            .map(|(path, _)| path.file_name().to_owned())
            .collect()
    }
}

fn folder() -> Place {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("work")).unwrap();
    Place::new(Folder::open(root.path()).unwrap(), Some(root))
}

fn server_at(variable: &str, below: &str) -> Place {
    let base = format!("{}{below}", server(variable).trim_end_matches('/'));
    let (user, password) = (
        server("PYSERVICE_TEST_DAV_USER"),
        server("PYSERVICE_TEST_DAV_PASS"),
    );
    Place::new(webdav(&base, &user, &password, Timeouts::default()), None)
}

fn apache() -> Place {
    server_at("PYSERVICE_TEST_DAV_APACHE", "")
}

fn apache_webdav() -> Place {
    server_at("PYSERVICE_TEST_DAV_APACHE", "/remote.php/webdav/")
}

fn sabre() -> Place {
    server_at("PYSERVICE_TEST_DAV_SABRE", "")
}

fn sabre_webdav() -> Place {
    server_at("PYSERVICE_TEST_DAV_SABRE", "/remote.php/webdav/")
}

/// A test for every promise, on every drive.
macro_rules! contract {
    ($($promise:ident)*) => {
        contract!(@on folder {} $($promise)*);
        contract!(@on apache {#[ignore = "needs Apache mod_dav: run by tests/run.sh"]} $($promise)*);
        contract!(@on apache_webdav {#[ignore = "needs Apache mod_dav: run by tests/run.sh"]} $($promise)*);
        contract!(@on sabre {#[ignore = "needs sabre/dav: run by tests/run.sh"]} $($promise)*);
        contract!(@on sabre_webdav {#[ignore = "needs sabre/dav: run by tests/run.sh"]} $($promise)*);

        // A real ownCloud is there only if somebody named one.
        #[tokio::test]
        #[ignore = "needs ownCloud: run by tests/run.sh"]
        async fn owncloud_keeps_every_promise() {
            if std::env::var_os("PYSERVICE_TEST_DAV_OWNCLOUD").is_none() {
                eprintln!("PYSERVICE_TEST_DAV_OWNCLOUD is not set: nothing was tested");
                return;
            }
            $($promise(server_at("PYSERVICE_TEST_DAV_OWNCLOUD", "")).await;)*
        }
    };
    (@on $drive:ident $skip:tt $($promise:ident)*) => {
        mod $drive {
            $(contract!(@one $drive $skip $promise);)*
        }
    };
    (@one $drive:ident {$($skip:tt)*} $promise:ident) => {
        #[tokio::test]
        $($skip)*
        async fn $promise() {
            super::$promise(super::$drive()).await;
        }
    };
}

contract! {
    bytes_come_back_as_they_went
    odd_names_are_kept
    names_that_look_escaped_are_different_names
    folders_are_made_three_deep
    storing_the_same_twice_changes_nothing
    storing_replaces_what_was_there
    a_file_that_is_not_there_is_none
    a_missing_file_cannot_be_fetched
    a_file_above_the_limit_is_not_kept
    the_etag_names_the_version
    relocating_replaces_what_was_there
    relocating_makes_the_folder
    a_missing_file_cannot_be_relocated
    removing_twice_is_no_error
    a_listing_names_files_only_and_in_order
    a_missing_folder_is_not_found
    folders_are_never_taken_for_files
}

/// Five megabytes that hardly repeat.
fn large() -> Vec<u8> {
    (0u32..5 << 20).map(|n| ((n * 31) >> 3) as u8).collect()
}

async fn bytes_come_back_as_they_went(place: Place) {
    for bytes in [&b""[..], b"nome;cpf\r\n", b"\0\xff\xfe", &large()] {
        assert_eq!(place.put("x.csv", bytes).await, Stored::Written);
        assert!(
            place.get("x.csv").await.unwrap() == bytes,
            "{}",
            bytes.len()
        );
        let entry = place.drive.stat(&place.at("x.csv")).await.unwrap().unwrap();
        assert_eq!(entry.bytes, bytes.len() as u64);
        if let Some(told) = entry.sha1 {
            assert_eq!(told, hex::encode(sha1::Sha1::digest(bytes)));
        }
    }
}

async fn odd_names_are_kept(place: Place) {
    let mut names = [
        "Relatório 100% +ação #1.csv",
        "a?b.csv",
        "a b  c.csv",
        "%41.csv",
        "a+b.csv",
        "100%.csv",
        "a&b;c=d@e,f!g$h'i(j)*k.csv",
        "a:b.csv",
        "[x] {y} ~z^ `w` |v|.csv",
        "\"<x>\".csv",
        ".x.csv",
        "日本語.csv",
    ];
    for name in names {
        place.put(name, name.as_bytes()).await;
    }
    for name in names {
        assert_eq!(place.get(name).await.unwrap(), name.as_bytes(), "{name}");
    }
    names.sort_unstable();
    assert_eq!(place.names().await, names);
}

async fn names_that_look_escaped_are_different_names(place: Place) {
    place.put("A.csv", b"plain").await;
    place.put("%41.csv", b"escaped").await;
    place.put("a+b.csv", b"plus").await;
    place.put("a b.csv", b"space").await;
    assert_eq!(place.get("A.csv").await.unwrap(), b"plain");
    assert_eq!(place.get("%41.csv").await.unwrap(), b"escaped");
    assert_eq!(place.get("a+b.csv").await.unwrap(), b"plus");
    assert_eq!(place.get("a b.csv").await.unwrap(), b"space");
}

async fn folders_are_made_three_deep(place: Place) {
    place.put("norte/são paulo/2024/x.csv", b"abc").await;
    assert_eq!(
        place.get("norte/são paulo/2024/x.csv").await.unwrap(),
        b"abc"
    );
    place.put("norte/são paulo/2025/x.csv", b"def").await;
    let deep = place.at("norte/são paulo/2025");
    place.drive.check_folder(&deep).await.unwrap();
}

async fn storing_the_same_twice_changes_nothing(place: Place) {
    assert_eq!(place.put("x.csv", b"abc").await, Stored::Written);
    let before = place.drive.stat(&place.at("x.csv")).await.unwrap();
    assert_eq!(place.put("x.csv", b"abc").await, Stored::Unchanged);
    assert_eq!(place.drive.stat(&place.at("x.csv")).await.unwrap(), before);
    // As large, and not the same.
    assert_eq!(place.put("x.csv", b"abd").await, Stored::Written);
    assert_eq!(place.put("empty.csv", b"").await, Stored::Written);
    assert_eq!(place.put("empty.csv", b"").await, Stored::Unchanged);
}

async fn storing_replaces_what_was_there(place: Place) {
    place.put("x.csv", b"long, and longer").await;
    assert_eq!(place.put("x.csv", b"short").await, Stored::Written);
    assert_eq!(place.get("x.csv").await.unwrap(), b"short");
    assert_eq!(place.names().await, ["x.csv"]);
}

async fn a_file_that_is_not_there_is_none(place: Place) {
    assert_eq!(place.drive.stat(&place.at("x.csv")).await.unwrap(), None);
    place.put("y.csv", b"").await;
    assert_eq!(place.drive.stat(&place.at("x.csv")).await.unwrap(), None);
    // Below a file nothing can be; mod_dav does not even like to be asked.
    let below = place.drive.stat(&place.at("y.csv/x.csv")).await;
    assert!(!matches!(below, Ok(Some(_))));
}

async fn a_missing_file_cannot_be_fetched(place: Place) {
    let into = file(place.scratch.path(), b"old");
    let missing = place.at("x.csv");
    let error = place.drive.fetch(&missing, &into, 10).await.unwrap_err();
    assert!(
        matches!(&error, DriveError::NotFound(path) if *path == missing),
        "{error}"
    );
    assert!(error.is_transient());
}

async fn a_file_above_the_limit_is_not_kept(place: Place) {
    place.put("x.csv", b"0123456789").await;
    let into = place.scratch.path().join("into");
    let at = place.at("x.csv");
    let error = place.drive.fetch(&at, &into, 9).await.unwrap_err();
    assert!(
        matches!(error, DriveError::TooLarge { limit: 9, .. }),
        "{error}"
    );
    assert!(!into.exists());
    place.drive.fetch(&at, &into, 10).await.unwrap();
    assert_eq!(std::fs::read(&into).unwrap(), b"0123456789");
}

async fn the_etag_names_the_version(place: Place) {
    let at = place.at("x.csv");
    let into = place.scratch.path().join("into");
    place.put("x.csv", b"one").await;
    let one = place.drive.stat(&at).await.unwrap().unwrap().etag;
    let fetched = place.drive.fetch(&at, &into, 100).await.unwrap();
    assert_eq!(fetched.etag, one);
    place.put("x.csv", b"and two").await;
    let two = place.drive.stat(&at).await.unwrap().unwrap().etag;
    assert_ne!(one, two);
    assert!(!two.is_empty() && !two.contains('"'));
}

async fn relocating_replaces_what_was_there(place: Place) {
    place.put("a.csv", b"new").await;
    place.put("b.csv", b"old, and longer").await;
    let (a, b) = (place.at("a.csv"), place.at("b.csv"));
    place.drive.relocate(&a, &b).await.unwrap();
    assert_eq!(place.get("b.csv").await.unwrap(), b"new");
    assert_eq!(place.drive.stat(&a).await.unwrap(), None);
    place.drive.relocate(&b, &b).await.unwrap();
    assert_eq!(place.get("b.csv").await.unwrap(), b"new");
}

async fn relocating_makes_the_folder(place: Place) {
    place.put("ação +1.csv", b"abc").await;
    let (from, to) = (
        place.at("ação +1.csv"),
        place.at("originais/norte/ação +1.csv"),
    );
    place.drive.relocate(&from, &to).await.unwrap();
    assert_eq!(
        place.get("originais/norte/ação +1.csv").await.unwrap(),
        b"abc"
    );
}

async fn a_missing_file_cannot_be_relocated(place: Place) {
    place.put("b.csv", b"kept").await;
    let (a, b) = (place.at("a.csv"), place.at("b.csv"));
    let error = place.drive.relocate(&a, &b).await.unwrap_err();
    assert!(
        matches!(&error, DriveError::NotFound(path) if *path == a),
        "{error}"
    );
    assert_eq!(place.get("b.csv").await.unwrap(), b"kept");
}

async fn removing_twice_is_no_error(place: Place) {
    place.put("x.csv", b"abc").await;
    for _ in 0..2 {
        place.drive.remove(&place.at("x.csv")).await.unwrap();
        assert_eq!(place.drive.stat(&place.at("x.csv")).await.unwrap(), None);
    }
    place
        .drive
        .remove(&place.at("nowhere/x.csv"))
        .await
        .unwrap();
}

async fn a_listing_names_files_only_and_in_order(place: Place) {
    for name in ["b.csv", "a.csv", "ç.csv", "B.csv", "sub/inner.csv"] {
        place.put(name, name.as_bytes()).await;
    }
    assert_eq!(place.names().await, ["B.csv", "a.csv", "b.csv", "ç.csv"]);
    for (path, entry) in place.drive.list(&place.folder).await.unwrap() {
        assert_eq!(
            place.drive.stat(&path).await.unwrap(),
            Some(entry),
            "{path}"
        );
    }
}

async fn a_missing_folder_is_not_found(place: Place) {
    place.put("x.csv", b"").await;
    place.drive.check_folder(&place.folder).await.unwrap();
    for name in ["missing", "missing/too"] {
        let folder = place.at(name);
        let checked = place.drive.check_folder(&folder).await.unwrap_err();
        assert!(
            matches!(checked, DriveError::NotFound(_)),
            "{name}: {checked}"
        );
    }
    assert!(place.drive.check_folder(&place.at("x.csv")).await.is_err());
    let listed = place.drive.list(&place.at("missing")).await.unwrap_err();
    assert!(matches!(listed, DriveError::NotFound(_)), "{listed}");
}

async fn folders_are_never_taken_for_files(place: Place) {
    place.put("sub/x.csv", b"kept").await;
    place.put("y.csv", b"kept").await;
    let (drive, sub, y) = (&place.drive, place.at("sub"), place.at("y.csv"));
    let from = file(place.scratch.path(), b"abc");
    let into = place.scratch.path().join("into");
    let is_refused = |error: DriveError| matches!(error, DriveError::NotAFile(_));
    assert!(is_refused(drive.stat(&sub).await.unwrap_err()));
    assert!(is_refused(drive.fetch(&sub, &into, 100).await.unwrap_err()));
    assert!(is_refused(drive.store(&from, &sub).await.unwrap_err()));
    assert!(is_refused(drive.remove(&sub).await.unwrap_err()));
    assert!(is_refused(
        drive.relocate(&sub, &place.at("z")).await.unwrap_err()
    ));
    assert!(is_refused(drive.relocate(&y, &sub).await.unwrap_err()));
    assert_eq!(place.get("sub/x.csv").await.unwrap(), b"kept");
    assert_eq!(place.get("y.csv").await.unwrap(), b"kept");
}

/// The drive of `place` over a wire that breaks.
async fn behind_a_broken_wire(variable: &str, up: u64, down: u64) -> (Place, Webdav) {
    let address = relay(&server(variable), up, down).await;
    let (user, password) = (
        server("PYSERVICE_TEST_DAV_USER"),
        server("PYSERVICE_TEST_DAV_PASS"),
    );
    let broken = webdav(&address, &user, &password, Timeouts::default());
    (server_at(variable, ""), broken)
}

async fn an_upload_cut_half_way_leaves_the_old_file(variable: &str) {
    let (place, broken) = behind_a_broken_wire(variable, 2 << 20, u64::MAX).await;
    let large = large();
    let from = file(place.scratch.path(), &large);
    let error = broken.store(&from, &place.at("new.csv")).await.unwrap_err();
    assert!(error.is_transient(), "{error}");
    assert_eq!(place.drive.stat(&place.at("new.csv")).await.unwrap(), None);

    place.put("x.csv", b"old").await;
    let from = file(place.scratch.path(), &large);
    let error = broken.store(&from, &place.at("x.csv")).await.unwrap_err();
    assert!(error.is_transient(), "{error}");
    assert_eq!(place.get("x.csv").await.unwrap(), b"old");
    assert_eq!(place.names().await, ["x.csv"]);

    assert_eq!(place.put("x.csv", &large).await, Stored::Written);
    assert!(place.get("x.csv").await.unwrap() == large);
}

async fn a_download_survives_a_wire_that_breaks(variable: &str) {
    let (place, broken) = behind_a_broken_wire(variable, u64::MAX, 2 << 20).await;
    let large = large();
    place.put("x.csv", &large).await;
    let etag = place.drive.stat(&place.at("x.csv")).await.unwrap();
    let into = place.scratch.path().join("into");
    // Apache's ETag stays weak until the file is a second old, and nothing can be resumed.
    let deadline = Instant::now() + Duration::from_secs(10);
    let fetched = loop {
        match broken.fetch(&place.at("x.csv"), &into, u64::MAX).await {
            Err(error) if error.is_transient() && Instant::now() < deadline => {}
            outcome => break outcome.unwrap(),
        }
    };
    assert_eq!(Some(fetched.etag), etag.map(|entry| entry.etag));
    assert!(std::fs::read(&into).unwrap() == large);
}

#[tokio::test]
#[ignore = "needs Apache mod_dav: run by tests/run.sh"]
async fn an_upload_to_apache_cut_half_way_leaves_the_old_file() {
    an_upload_cut_half_way_leaves_the_old_file("PYSERVICE_TEST_DAV_APACHE").await;
}

#[tokio::test]
#[ignore = "needs sabre/dav: run by tests/run.sh"]
async fn an_upload_to_sabre_cut_half_way_leaves_the_old_file() {
    an_upload_cut_half_way_leaves_the_old_file("PYSERVICE_TEST_DAV_SABRE").await;
}

#[tokio::test]
#[ignore = "needs Apache mod_dav: run by tests/run.sh"]
async fn a_download_from_apache_survives_a_wire_that_breaks() {
    a_download_survives_a_wire_that_breaks("PYSERVICE_TEST_DAV_APACHE").await;
}

#[tokio::test]
#[ignore = "needs sabre/dav: run by tests/run.sh"]
async fn a_download_from_sabre_survives_a_wire_that_breaks() {
    a_download_survives_a_wire_that_breaks("PYSERVICE_TEST_DAV_SABRE").await;
}

#[tokio::test]
#[ignore = "needs sabre/dav: run by tests/run.sh"]
async fn a_wrong_password_is_told_and_not_repeated() {
    let user = server("PYSERVICE_TEST_DAV_USER");
    let drive = webdav(
        &server("PYSERVICE_TEST_DAV_SABRE"),
        &user,
        "hunter2",
        Timeouts::default(),
    );
    let error = drive.check_folder(&path("work")).await.unwrap_err();
    assert!(
        matches!(error, DriveError::Unauthorized { status: 401 }),
        "{error}"
    );
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}

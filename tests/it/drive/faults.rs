//! What WebDAV servers do on bad days.

use std::time::{Duration, Instant};

use pyservice::drive::webdav::{StartError, Timeouts, Webdav};
use pyservice::drive::{Drive, DriveError, Stored};
use sha1::Sha1;
use sha2::Digest;
use tempfile::TempDir;

use super::double::{Asked, Double, Reply, Told, described};
use super::{file, path, settings, webdav};

const ROOT: &str = "/remote.php/dav/files/ana";
const X: &str = "/remote.php/dav/files/ana/work/x.csv";
const PASSWORD: &str = "correct horse";

/// For the tests that wait for them.
fn quick() -> Timeouts {
    Timeouts {
        connect: Duration::from_secs(5),
        idle: Duration::from_millis(300),
        total: Duration::from_secs(5),
    }
}

fn drive(double: &Double) -> Webdav {
    webdav(&double.address, "ana", PASSWORD, Timeouts::default())
}

fn sha1(bytes: &[u8]) -> String {
    hex::encode(Sha1::digest(bytes))
}

fn x(bytes: usize, etag: &str) -> Reply {
    described(
        &[],
        &[Told {
            href: X,
            bytes,
            etag,
            sha1: None,
        }],
    )
}

fn body(bytes: &[u8], etag: &str) -> Reply {
    Reply::new(200, bytes).header("ETag", &format!("\"{etag}\""))
}

/// What a fetch of `work/x.csv` came to, and what the file then held, if it was there.
async fn fetch(double: &Double) -> (Result<String, DriveError>, Option<Vec<u8>>) {
    fetch_by(&drive(double)).await
}

async fn fetch_by(drive: &Webdav) -> (Result<String, DriveError>, Option<Vec<u8>>) {
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("into");
    let fetched = drive.fetch(&path("work/x.csv"), &into, 100).await;
    let held = std::fs::read(&into).ok();
    (fetched.map(|fetched| fetched.etag), held)
}

async fn upload(double: &Double, bytes: &[u8]) -> Result<Stored, DriveError> {
    let folder = TempDir::new().unwrap();
    let from = file(folder.path(), bytes);
    drive(double).store(&from, &path("work/x.csv")).await
}

// ---- refusals -----------------------------------------------------------------------------------

#[tokio::test]
async fn credentials_are_sent_at_once_and_their_refusal_is_told() {
    for status in [401, 403] {
        let double = Double::scripted([Reply::status(status)]).await;
        let error = drive(&double).stat(&path("work/x.csv")).await.unwrap_err();
        assert!(matches!(error, DriveError::Unauthorized { status: told } if told == status));
        let asked = double.asked();
        assert_eq!(asked.len(), 1);
        assert_eq!(
            asked[0].header("authorization"),
            Some("Basic YW5hOmNvcnJlY3QgaG9yc2U=")
        );
        assert!(!format!("{error} {error:?}").contains("correct"));
    }
}

#[tokio::test]
async fn maintenance_is_waited_for_as_long_as_the_server_says() {
    let page = "<html><body>ownCloud is in maintenance mode</body></html>";
    let double = Double::start(move |_| {
        Reply::new(503, page)
            .header("Content-Type", "text/html")
            .header("Retry-After", "120")
    })
    .await;
    let (stat, (fetched, _), stored) = (
        drive(&double).stat(&path("work/x.csv")).await.map(drop),
        fetch(&double).await,
        upload(&double, b"abc").await.map(drop),
    );
    for outcome in [stat, fetched.map(drop), stored] {
        let error = outcome.unwrap_err();
        let DriveError::Unavailable { retry_after, .. } = &error else {
            panic!("{error}");
        };
        assert_eq!(*retry_after, Some(Duration::from_secs(120)));
        assert!(error.is_transient());
        assert!(!error.to_string().contains("maintenance"));
    }
}

#[tokio::test]
async fn a_refused_upload_removes_nothing() {
    for (status, is_transient) in [
        (423, true),
        (507, true),
        (500, true),
        (403, true),
        (400, false),
        (412, false),
        (413, false),
        (415, false),
    ] {
        let double = Double::scripted([x(9, "old"), Reply::status(status)]).await;
        let error = upload(&double, b"abc").await.unwrap_err();
        assert_eq!(error.is_transient(), is_transient, "{status}: {error}");
        match status {
            423 => assert!(matches!(error, DriveError::Locked(_))),
            507 => assert!(matches!(error, DriveError::NoSpace(_))),
            _ => {}
        }
        assert_eq!(double.methods(), ["PROPFIND", "PUT"], "{status}");
    }
}

#[tokio::test]
async fn a_refusal_may_come_before_the_upload_is_over() {
    for status in [413, 507] {
        let double = Double::hasty(move |asked| match asked.method.as_str() {
            "PROPFIND" => Reply::status(404),
            _ => Reply::status(status),
        })
        .await;
        let error = upload(&double, &[7; 8 << 20]).await.unwrap_err();
        assert_eq!(
            matches!(error, DriveError::Refused { .. }),
            status == 413,
            "{error}"
        );
        assert_eq!(
            matches!(error, DriveError::NoSpace(_)),
            status == 507,
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_connection_that_closes_is_tried_once_more_but_for_a_move() {
    let double = Double::scripted([Reply::none(), x(3, "v1")]).await;
    let entry = drive(&double).stat(&path("work/x.csv")).await.unwrap();
    assert_eq!(entry.unwrap().bytes, 3);

    let double = Double::start(|_| Reply::none()).await;
    let error = drive(&double).stat(&path("work/x.csv")).await.unwrap_err();
    assert!(matches!(error, DriveError::Unavailable { .. }), "{error}");
    assert_eq!(double.methods(), ["PROPFIND", "PROPFIND"]);

    let double = Double::start(|asked| match asked.method.as_str() {
        "PROPFIND" => x(3, "v1"),
        _ => Reply::none(),
    })
    .await;
    let (from, to) = (path("work/x.csv"), path("work/y.csv"));
    let error = drive(&double).relocate(&from, &to).await.unwrap_err();
    assert!(matches!(error, DriveError::Unavailable { .. }), "{error}");
    assert_eq!(double.methods(), ["PROPFIND", "PROPFIND", "MOVE"]);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let other = Double::start(|_| Reply::status(200)).await;
    for status in [301, 302, 307, 308] {
        let target = format!("{}{X}", other.address);
        let reply = Reply::status(status).header("Location", &target);
        let double = Double::start(move |_| reply.clone()).await;
        for error in [
            drive(&double).stat(&path("work/x.csv")).await.unwrap_err(),
            fetch(&double).await.0.unwrap_err(),
            upload(&double, b"abc").await.unwrap_err(),
        ] {
            assert!(matches!(error, DriveError::Redirected), "{error}");
        }
    }
    assert_eq!(other.methods(), [""; 0]);
}

#[tokio::test]
async fn a_server_that_is_no_drive_is_named_so() {
    let double = Double::start(|_| Reply::new(200, "<html>log in</html>")).await;
    let error = drive(&double).stat(&path("work/x.csv")).await.unwrap_err();
    assert!(error.to_string().contains("PROPFIND"), "{error}");
    let double = Double::start(|_| Reply::new(207, "<html>log in</html>")).await;
    let error = drive(&double).stat(&path("work/x.csv")).await.unwrap_err();
    assert!(error.to_string().contains("multistatus"), "{error}");
}

#[tokio::test]
async fn nobody_at_the_address_is_told_without_secrets() {
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", gone.local_addr().unwrap());
    drop(gone);
    let drive = webdav(&address, "ana", PASSWORD, quick());
    let error = drive.stat(&path("work/x.csv")).await.unwrap_err();
    assert!(matches!(error, DriveError::Unavailable { .. }), "{error}");
    let text = format!("{error} {error:?}");
    assert!(text.contains("refused"), "{text}");
    assert!(
        !text.contains("correct") && !text.contains("http:"),
        "{text}"
    );
}

// ---- downloads ----------------------------------------------------------------------------------

#[tokio::test]
async fn a_cut_download_continues_where_it_was_cut() {
    let double = Double::scripted([
        x(10, "v1"),
        body(b"0123456789", "v1").cut_after(4),
        Reply::new(206, "456789")
            .header("ETag", "\"v1\"")
            .header("Content-Range", "bytes 4-9/10")
            .cut_after(3),
        Reply::new(206, "789")
            .header("ETag", "\"v1\"")
            .header("Content-Range", "bytes 7-9/10"),
    ])
    .await;
    let (fetched, held) = fetch(&double).await;
    assert_eq!(fetched.unwrap(), "v1");
    assert_eq!(held.unwrap(), b"0123456789");
    let asked = double.asked();
    let part = |asked: &Asked| {
        let header = |name| asked.header(name).map(str::to_owned);
        (header("range"), header("if-range"))
    };
    assert_eq!(part(&asked[1]), (None, None));
    let etag = || Some("\"v1\"".to_owned());
    assert_eq!(part(&asked[2]), (Some("bytes=4-".to_owned()), etag()));
    assert_eq!(part(&asked[3]), (Some("bytes=7-".to_owned()), etag()));
    assert!(
        asked
            .iter()
            .all(|a| a.header("accept-encoding") == Some("identity"))
    );
}

#[tokio::test]
async fn a_server_that_ignores_ranges_sends_the_file_again() {
    let double = Double::scripted([
        x(10, "v1"),
        body(b"0123456789", "v1").cut_after(4),
        body(b"0123456789", "v1"),
    ])
    .await;
    let (fetched, held) = fetch(&double).await;
    fetched.unwrap();
    assert_eq!(held.unwrap(), b"0123456789");
}

#[tokio::test]
async fn without_a_strong_etag_nothing_is_resumed() {
    let double = Double::scripted([
        described(
            &[],
            &[Told {
                href: X,
                bytes: 10,
                ..Told::default()
            }],
        ),
        Reply::new(200, "0123456789").cut_after(4),
        Reply::new(200, "0123456789"),
    ])
    .await;
    let (fetched, held) = fetch(&double).await;
    fetched.unwrap();
    assert_eq!(held.unwrap(), b"0123456789");
    assert_eq!(double.asked()[2].header("range"), None);
}

#[tokio::test]
async fn a_wrong_part_is_not_appended() {
    for range in ["bytes 0-5/10", "bytes 5-9/10", "nonsense"] {
        let double = Double::scripted([
            x(10, "v1"),
            body(b"0123456789", "v1").cut_after(4),
            Reply::new(206, "456789")
                .header("ETag", "\"v1\"")
                .header("Content-Range", range),
        ])
        .await;
        let (fetched, held) = fetch(&double).await;
        let error = fetched.unwrap_err();
        assert!(matches!(error, DriveError::Corrupt { .. }), "{error}");
        assert_eq!(held, None);
    }
}

#[tokio::test]
async fn a_download_that_is_cut_every_time_is_given_up() {
    let double = Double::start(|asked| match asked.method.as_str() {
        "PROPFIND" => x(10, "v1"),
        _ => body(b"0123456789", "v1").cut_after(4),
    })
    .await;
    let (fetched, held) = fetch(&double).await;
    let error = fetched.unwrap_err();
    assert!(matches!(error, DriveError::Corrupt { .. }), "{error}");
    assert!(error.is_transient());
    assert_eq!(held, None);
    assert!(double.asked().len() <= 8, "{:?}", double.methods());
}

#[tokio::test]
async fn a_body_without_length_that_ends_early_is_noticed() {
    let double = Double::start(|asked| match asked.method.as_str() {
        "PROPFIND" => x(10, "v1"),
        _ => body(b"0123", "v1").without_length(),
    })
    .await;
    let (fetched, held) = fetch(&double).await;
    assert!(matches!(fetched, Err(DriveError::Corrupt { .. })));
    assert_eq!(held, None);
}

#[tokio::test]
async fn a_file_that_changed_before_the_download_is_fetched_again() {
    let double = Double::scripted([
        x(6, "v1"),
        body(b"second", "v2"),
        x(6, "v2"),
        body(b"second", "v2"),
    ])
    .await;
    let (fetched, held) = fetch(&double).await;
    assert_eq!(fetched.unwrap(), "v2");
    assert_eq!(held.unwrap(), b"second");
    assert_eq!(double.methods(), ["PROPFIND", "GET", "PROPFIND", "GET"]);
}

#[tokio::test]
async fn a_file_that_changed_midway_is_fetched_again() {
    // The second is what a server says that does not know `If-Range`.
    let part = Reply::new(206, "second")
        .header("ETag", "\"v2\"")
        .header("Content-Range", "bytes 4-9/10");
    for rest in [body(b"the second", "v2"), part] {
        let double = Double::scripted([
            x(10, "v1"),
            body(b"0123456789", "v1").cut_after(4),
            rest,
            x(10, "v2"),
            body(b"the second", "v2"),
        ])
        .await;
        let (fetched, held) = fetch(&double).await;
        assert_eq!(fetched.unwrap(), "v2");
        assert_eq!(held.unwrap(), b"the second");
        let methods = ["PROPFIND", "GET", "GET", "PROPFIND", "GET"];
        assert_eq!(double.methods(), methods);
    }
}

#[tokio::test]
async fn a_file_that_changes_all_the_time_is_given_up() {
    let mut version = 0;
    let double = Double::start(move |asked| {
        version += 1;
        let etag = format!("v{version}");
        match asked.method.as_str() {
            "PROPFIND" => x(3, &etag),
            _ => body(b"abc", &etag),
        }
    })
    .await;
    let (fetched, held) = fetch(&double).await;
    assert!(matches!(fetched, Err(DriveError::Changed(_))));
    assert_eq!(held, None);
    assert_eq!(double.methods(), ["PROPFIND", "GET", "PROPFIND", "GET"]);
}

#[tokio::test]
async fn two_versions_under_one_etag_are_told_apart_by_their_length() {
    let double = Double::start(|asked| match asked.method.as_str() {
        "PROPFIND" => x(3, "v1"),
        _ => body(b"longer", "v1"),
    })
    .await;
    let (fetched, held) = fetch(&double).await;
    assert!(matches!(fetched, Err(DriveError::Changed(_))));
    assert_eq!(held, None);
}

#[tokio::test]
async fn an_etag_that_became_strong_is_the_same() {
    let double = Double::scripted([
        x(3, "v1"),
        Reply::new(200, "abc").header("ETag", "W/\"v1\""),
    ])
    .await;
    assert_eq!(fetch(&double).await.0.unwrap(), "v1");
}

#[tokio::test]
async fn a_wrong_checksum_is_noticed() {
    let wrong = format!("SHA1:{}", sha1(b"abd"));
    let told_by_get =
        Double::scripted([x(3, "v1"), body(b"abc", "v1").header("OC-Checksum", &wrong)]).await;
    let file = Told {
        href: X,
        bytes: 3,
        etag: "v1",
        sha1: Some(sha1(b"abd")),
    };
    let told_by_propfind = Double::scripted([described(&[], &[file]), body(b"abc", "v1")]).await;
    for double in [told_by_get, told_by_propfind] {
        let (fetched, held) = fetch(&double).await;
        let error = fetched.unwrap_err();
        assert!(matches!(error, DriveError::Corrupt { .. }), "{error}");
        assert_eq!(held, None);
    }
}

#[tokio::test]
async fn checksums_we_do_not_know_are_no_obstacle() {
    let double = Double::scripted([
        x(3, "v1"),
        body(b"abc", "v1").header("OC-Checksum", "ADLER32:00000000"),
    ])
    .await;
    fetch(&double).await.0.unwrap();
}

#[tokio::test]
async fn a_compressed_answer_is_refused() {
    let double = Double::scripted([
        x(3, "v1"),
        body(b"zip", "v1").header("Content-Encoding", "gzip"),
    ])
    .await;
    assert!(matches!(
        fetch(&double).await.0,
        Err(DriveError::Corrupt { .. })
    ));
}

#[tokio::test]
async fn a_file_above_the_limit_is_not_even_asked_for() {
    let double = Double::scripted([x(101, "v1")]).await;
    let (fetched, _) = fetch(&double).await;
    assert!(matches!(fetched, Err(DriveError::TooLarge { .. })));
    assert_eq!(double.methods(), ["PROPFIND"]);
}

#[tokio::test]
async fn more_than_was_announced_is_not_written() {
    let double = Double::start(|asked| match asked.method.as_str() {
        "PROPFIND" => x(3, "v1"),
        _ => body(&[b'x'; 1_000_000], "v1").without_length(),
    })
    .await;
    let (fetched, held) = fetch(&double).await;
    assert!(matches!(fetched, Err(DriveError::Changed(_))));
    assert_eq!(held, None);
}

#[tokio::test]
async fn an_empty_file_may_come_without_a_length() {
    let double = Double::scripted([x(0, "v1"), body(b"", "v1").without_length()]).await;
    let (fetched, held) = fetch(&double).await;
    fetched.unwrap();
    assert_eq!(held.unwrap(), b"");
}

// ---- slowness -----------------------------------------------------------------------------------

#[tokio::test]
async fn a_stalled_server_is_left_after_the_idle_time() {
    let double = Double::start(|asked| match asked.method.as_str() {
        "PROPFIND" => x(10, "v1"),
        // What is missing never comes, from whichever byte.
        _ if asked.header("range").is_some() => Reply::new(206, "456789")
            .header("Content-Range", "bytes 4-9/10")
            .stalled_after(0),
        _ => body(b"0123456789", "v1").stalled_after(4),
    })
    .await;
    let begin = Instant::now();
    let drive = webdav(&double.address, "ana", PASSWORD, quick());
    let (fetched, held) = fetch_by(&drive).await;
    let error = fetched.unwrap_err();
    assert!(matches!(error, DriveError::Unavailable { .. }), "{error}");
    assert!(begin.elapsed() < Duration::from_secs(3));
    assert_eq!(held, None);
}

#[tokio::test]
async fn a_server_that_drips_is_left_after_the_total_time() {
    let double = Double::start(|asked| match asked.method.as_str() {
        "PROPFIND" => x(100, "v1"),
        _ => body(&[b'x'; 100], "v1").dripping(Duration::from_millis(50)),
    })
    .await;
    let timeouts = Timeouts {
        total: Duration::from_millis(600),
        ..quick()
    };
    let drive = webdav(&double.address, "ana", PASSWORD, timeouts);
    let begin = Instant::now();
    let (fetched, held) = fetch_by(&drive).await;
    assert!(matches!(fetched, Err(DriveError::Unavailable { .. })));
    assert!(begin.elapsed() < Duration::from_secs(3));
    assert_eq!(held, None);
}

#[tokio::test]
async fn a_server_that_never_answers_is_left() {
    // Accepted by the kernel, read by nobody.
    let tarpit = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", tarpit.local_addr().unwrap());
    let drive = webdav(&address, "ana", PASSWORD, quick());
    let begin = Instant::now();
    let error = drive.stat(&path("work/x.csv")).await.unwrap_err();
    assert!(matches!(error, DriveError::Unavailable { .. }), "{error}");
    assert!(begin.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn an_upload_is_left_when_it_stalls_and_not_while_it_moves() {
    let folder = TempDir::new().unwrap();
    let from = file(folder.path(), &[7; 24 << 20]);
    let timeouts = Timeouts {
        idle: Duration::from_millis(500),
        total: Duration::from_secs(60),
        ..quick()
    };
    let store = async |double: &Double| {
        let drive = webdav(&double.address, "ana", PASSWORD, timeouts);
        let begin = Instant::now();
        let stored = drive.store(&from, &path("work/x.csv")).await;
        (stored, begin.elapsed())
    };

    let stalled = Double::reading(Duration::from_secs(60), |_| Reply::status(404)).await;
    let (stored, _) = store(&stalled).await;
    let error = stored.unwrap_err();
    assert!(matches!(error, DriveError::Unavailable { .. }), "{error}");

    let mut is_there = false;
    let slow = Double::reading(Duration::from_millis(40), move |asked| {
        if asked.method == "PUT" {
            is_there = true;
            return Reply::status(201);
        }
        if is_there {
            x(24 << 20, "v1")
        } else {
            Reply::status(404)
        }
    })
    .await;
    let (stored, took) = store(&slow).await;
    assert_eq!(stored.unwrap(), Stored::Written);
    assert!(took > timeouts.idle);
}

// ---- uploads ------------------------------------------------------------------------------------

#[tokio::test]
async fn an_upload_tells_length_and_checksum_and_waits_for_no_permission() {
    let file = Told {
        href: X,
        bytes: 3,
        etag: "v1",
        sha1: Some(sha1(b"abc")),
    };
    let double = Double::scripted([
        Reply::status(404),
        Reply::status(201),
        described(&[], &[file]),
    ])
    .await;
    assert_eq!(upload(&double, b"abc").await.unwrap(), Stored::Written);
    let put = &double.asked()[1];
    assert_eq!((put.method.as_str(), put.target.as_str()), ("PUT", X));
    assert_eq!(put.body, b"abc");
    assert_eq!(put.header("content-length"), Some("3"));
    let checksum = format!("SHA1:{}", sha1(b"abc"));
    assert_eq!(put.header("oc-checksum"), Some(checksum.as_str()));
    assert_eq!(put.header("expect"), None);
    assert_eq!(put.header("transfer-encoding"), None);
}

#[tokio::test]
async fn what_is_there_already_is_not_sent() {
    let file = |sha1| Told {
        href: X,
        bytes: 3,
        etag: "v1",
        sha1,
    };
    let double = Double::scripted([described(&[], &[file(Some(sha1(b"abc")))])]).await;
    assert_eq!(upload(&double, b"abc").await.unwrap(), Stored::Unchanged);
    assert_eq!(double.methods(), ["PROPFIND"]);

    // Without a checksum the file is read, and only because its size is the same.
    let double = Double::scripted([described(&[], &[file(None)]), body(b"abc", "v1")]).await;
    assert_eq!(upload(&double, b"abc").await.unwrap(), Stored::Unchanged);
    assert_eq!(double.methods(), ["PROPFIND", "GET"]);
}

#[tokio::test]
async fn a_server_that_holds_other_bytes_is_found_out() {
    for (bytes, sha1) in [(3, Some(sha1(b"abd"))), (2, None), (0, None)] {
        let file = Told {
            href: X,
            bytes,
            etag: "v1",
            sha1,
        };
        let double = Double::scripted([
            Reply::status(404),
            Reply::status(204),
            described(&[], &[file]),
        ])
        .await;
        let error = upload(&double, b"abc").await.unwrap_err();
        assert!(matches!(error, DriveError::Corrupt { .. }), "{error}");
        assert_eq!(double.methods(), ["PROPFIND", "PUT", "PROPFIND"]);
    }
    let lost = [Reply::status(404), Reply::status(204), Reply::status(404)];
    let double = Double::scripted(lost).await;
    let error = upload(&double, b"abc").await.unwrap_err();
    assert!(matches!(error, DriveError::Corrupt { .. }), "{error}");
}

#[tokio::test]
async fn folders_are_made_upwards_and_only_as_needed() {
    for missing in [409, 404] {
        let double = Double::scripted([
            Reply::status(404),
            Reply::status(missing), // PUT
            Reply::status(missing), // MKCOL finalizado/a/b
            Reply::status(405),     // MKCOL finalizado/a: somebody was faster
            Reply::status(201),     // MKCOL finalizado/a/b
            Reply::status(201),     // PUT
            x(3, "v1"),
        ])
        .await;
        let folder = TempDir::new().unwrap();
        let from = file(folder.path(), b"abc");
        let to = path("finalizado/a/b/x.csv");
        drive(&double).store(&from, &to).await.unwrap();
        let asked: Vec<String> = double.asked()[1..6]
            .iter()
            .map(|asked| format!("{} {}", asked.method, &asked.target[ROOT.len()..]))
            .collect();
        assert_eq!(
            asked,
            [
                "PUT /finalizado/a/b/x.csv",
                "MKCOL /finalizado/a/b/",
                "MKCOL /finalizado/a/",
                "MKCOL /finalizado/a/b/",
                "PUT /finalizado/a/b/x.csv",
            ]
        );
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_told() {
    let double =
        Double::scripted([Reply::status(404), Reply::status(409), Reply::status(507)]).await;
    let error = upload(&double, b"abc").await.unwrap_err();
    assert!(matches!(error, DriveError::NoSpace(_)), "{error}");

    // A server that always says 409 is not asked for ever.
    let double = Double::start(|asked| match asked.method.as_str() {
        "PROPFIND" => Reply::status(404),
        _ => Reply::status(409),
    })
    .await;
    let error = upload(&double, b"abc").await.unwrap_err();
    assert!(
        matches!(error, DriveError::Refused { status: 409, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn a_removal_or_move_never_touches_a_folder() {
    let double = Double::start(|_| described(&[&format!("{ROOT}/work/")], &[])).await;
    let work = path("work");
    let (x, drive) = (path("work/x.csv"), drive(&double));
    assert!(matches!(
        drive.remove(&work).await,
        Err(DriveError::NotAFile(_))
    ));
    assert!(matches!(
        drive.relocate(&work, &x).await,
        Err(DriveError::NotAFile(_))
    ));
    assert!(double.methods().iter().all(|method| method == "PROPFIND"));
}

#[tokio::test]
async fn a_move_says_where_to_and_that_it_may_replace() {
    let double = Double::scripted([
        x(3, "v1"),
        Reply::status(404),
        described(&[&format!("{ROOT}/finalizado/originais/")], &[]),
        Reply::status(201),
    ])
    .await;
    let to = path("finalizado/originais/ação.csv");
    drive(&double)
        .relocate(&path("work/x.csv"), &to)
        .await
        .unwrap();
    let asked = &double.asked()[3];
    let expected = format!(
        "{}{ROOT}/finalizado/originais/a%C3%A7%C3%A3o.csv",
        double.address
    );
    assert_eq!(asked.method, "MOVE");
    assert_eq!(asked.header("destination"), Some(expected.as_str()));
    assert_eq!(asked.header("overwrite"), Some("T"));
    assert_eq!(asked.header("depth"), None);
}

// ---- descriptions -------------------------------------------------------------------------------

#[tokio::test]
async fn a_description_may_come_without_a_length() {
    let double = Double::scripted([x(3, "v1").without_length(), x(3, "v1").chunked()]).await;
    for _ in 0..2 {
        let entry = drive(&double).stat(&path("work/x.csv")).await.unwrap();
        assert_eq!(entry.unwrap().bytes, 3);
    }
    let asked = &double.asked()[0];
    assert_eq!(asked.header("depth"), Some("0"));
    assert!(String::from_utf8_lossy(&asked.body).contains("getcontentlength"));
}

#[tokio::test]
async fn a_cut_description_is_not_believed() {
    let double = Double::start(|_| x(3, "v1").cut_after(200)).await;
    let error = drive(&double).stat(&path("work/x.csv")).await.unwrap_err();
    assert!(error.is_transient(), "{error}");
    let double = Double::start(|_| x(3, "v1").cut_after(200).without_length()).await;
    let error = drive(&double).stat(&path("work/x.csv")).await.unwrap_err();
    assert!(error.is_transient(), "{error}");
}

#[tokio::test]
async fn an_endless_description_is_left() {
    let double = Double::start(|_| Reply::new(207, vec![b' '; 33 << 20])).await;
    let error = drive(&double).list(&path("work")).await.unwrap_err();
    assert!(error.to_string().contains("larger"), "{error}");
}

#[tokio::test]
async fn hrefs_come_in_every_shape() {
    for (folder, href) in [
        (
            format!("{ROOT}/work/"),
            format!("{ROOT}/work/a%C3%A7%C3%A3o%20(1).csv"),
        ),
        (
            format!("{ROOT}/work"),
            format!("{ROOT}/work/a%c3%a7%c3%a3o%20%281%29.csv"),
        ),
        (
            format!("https://inside.example{ROOT}/work/"),
            format!("https://inside.example{ROOT}/work/a%c3%a7%c3%a3o%20(1).csv"),
        ),
        (
            "/remote%2ephp/dav/files/%61na/work/".to_owned(),
            "/remote%2ephp/dav/files/%61na/work/%61%c3%a7%c3%a3%6f%20%281%29%2ecsv".to_owned(),
        ),
    ] {
        let file = Told {
            href: &href,
            bytes: 3,
            etag: "v1",
            sha1: None,
        };
        let reply = described(&[&folder, &format!("{folder}/sub/")], &[file]);
        let double = Double::start(move |_| reply.clone()).await;
        let files = drive(&double).list(&path("work")).await.unwrap();
        let names: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(names, ["work/ação (1).csv"], "{href}");
        assert_eq!(double.asked()[0].target, format!("{ROOT}/work/"));
        assert_eq!(double.asked()[0].header("depth"), Some("1"));
    }
}

#[tokio::test]
async fn names_that_are_refused_are_left_out_of_a_listing() {
    let hrefs = [
        "b.csv",
        "a%5Cb.csv",
        "a%00.csv",
        "%252e%252e",
        "a%2Fb.csv",
        "%E7.csv",
        "a.csv",
    ]
    .map(|name| format!("{ROOT}/work/{name}"));
    let told = |href| Told {
        href,
        bytes: 3,
        etag: "v1",
        sha1: None,
    };
    let outside = format!("{ROOT}/other/x.csv");
    let mut files: Vec<Told<'_>> = hrefs.iter().map(|href| told(href)).collect();
    files.push(told(&outside));
    let reply = described(&[&format!("{ROOT}/work/")], &files);
    let double = Double::start(move |_| reply.clone()).await;
    let files = drive(&double).list(&path("work")).await.unwrap();
    let names: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(names, ["work/a.csv", "work/b.csv"]);
}

#[tokio::test]
async fn a_listing_of_somewhere_else_is_not_an_empty_folder() {
    let reply = described(&["/elsewhere/"], &[]);
    let double = Double::start(move |_| reply.clone()).await;
    let error = drive(&double).list(&path("work")).await.unwrap_err();
    assert!(error.to_string().contains("does not name"), "{error}");
}

// ---- start --------------------------------------------------------------------------------------

#[test]
fn certificates_that_cannot_be_used_are_named_at_start() {
    let folder = TempDir::new().unwrap();
    let missing = folder.path().join("missing.pem");
    let empty = file(folder.path(), b"no certificate");
    let start = |ca_file| {
        let settings = settings("https://cloud.example", "ana", PASSWORD, Some(ca_file));
        Webdav::new(settings, quick()).err().unwrap()
    };
    let error = start(missing);
    assert!(matches!(error, StartError::CaFile { .. }), "{error}");
    let error = start(empty);
    assert!(matches!(error, StartError::NoCertificate(_)), "{error}");
}

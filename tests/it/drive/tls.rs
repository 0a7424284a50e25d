//! Whom the WebDAV client trusts. The certificates in `tls/` are valid for `localhost` only and
//! signed by an authority whose key was thrown away.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pyservice::drive::webdav::{Timeouts, Webdav};
use pyservice::drive::{Drive, DriveError};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::{path, settings};

fn pem(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/it/drive/tls/{name}"))
}

/// Answers every request with 404 and returns its address. Ends with the process.
fn https_server() -> String {
    let certificate = CertificateDer::from_pem_file(pem("server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(pem("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream.unwrap());
            // A client that does not trust us hangs up.
            let mut request = [0; 4096];
            if stream.read(&mut request).is_ok() {
                let answer = b"HTTP/1.1 404 .\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                let _ = stream.write_all(answer).and_then(|()| stream.flush());
            }
        }
    });
    address
}

#[tokio::test]
async fn a_private_authority_is_trusted_only_where_it_is_named() {
    let address = https_server();
    let named = settings(&address, "ana", "secret", Some(pem("ca.pem")));
    let drive = Webdav::new(named, Timeouts::default()).unwrap();
    assert_eq!(drive.stat(&path("work/x.csv")).await.unwrap(), None);

    let unnamed = settings(&address, "ana", "secret", None);
    match Webdav::new(unnamed, Timeouts::default()) {
        Ok(drive) => {
            let error = drive.stat(&path("work/x.csv")).await.unwrap_err();
            assert!(matches!(error, DriveError::Unavailable { .. }), "{error}");
            assert!(error.to_string().contains("certificate"), "{error}");
        }
        // A machine without certificate authorities trusts nobody from the start.
        Err(error) => assert!(error.to_string().contains("certificate"), "{error}"),
    }
}

#[tokio::test]
async fn https_does_not_talk_to_a_plain_port() {
    let plain = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = plain.local_addr().unwrap().port();
    let heard = std::thread::spawn(move || {
        let (mut stream, _) = plain.accept().unwrap();
        let mut request = [0; 4096];
        let read = stream.read(&mut request).unwrap();
        let _ = stream.write_all(b"HTTP/1.1 404 .\r\nContent-Length: 0\r\n\r\n");
        String::from_utf8_lossy(&request[..read]).into_owned()
    });
    let address = format!("https://localhost:{port}");
    let named = settings(&address, "ana", "secret", Some(pem("ca.pem")));
    let drive = Webdav::new(named, Timeouts::default()).unwrap();
    let error = drive.stat(&path("work/x.csv")).await.unwrap_err();
    assert!(matches!(error, DriveError::Unavailable { .. }), "{error}");
    assert!(!heard.join().unwrap().contains("PROPFIND"));
}

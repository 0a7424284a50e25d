//! Single requests: a verb each, its refusals as errors. The only file that names the HTTP client.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::Utc;
use futures_util::TryStreamExt;
use reqwest::header::{self, HeaderMap};
use reqwest::{Body, Certificate, Client, ClientBuilder, Method, RequestBuilder, Response};
use tokio::io::AsyncReadExt;
use tokio::time::timeout;
use tokio_util::io::ReaderStream;
use url::Url;

use super::answer::{self, ContentRange, Etag};
use super::multistatus::{self, Member, PROPFIND};
use super::{StartError, Timeouts, address};
use crate::config::WebdavSettings;
use crate::drive::DriveError;
use crate::drive::local::Fingerprint;
use crate::job::RemotePath;

/// A listing of some 40,000 files.
const MAX_LISTING: usize = 32 * 1024 * 1024;
const UPLOAD_CHUNK: usize = 64 * 1024;
/// Servers close connections they think idle, Apache after 5 s. Ours must go first, or a request
/// meets the closing door.
const POOL_IDLE: Duration = Duration::from_secs(3);

/// The user's files on one server.
pub struct Wire {
    client: Client,
    settings: WebdavSettings,
    idle: Duration,
}

/// Where the answer to a PROPFIND came from, and what it describes.
pub struct Listing {
    pub asked: Url,
    pub members: Vec<Member>,
}

impl Wire {
    pub fn new(settings: WebdavSettings, timeouts: Timeouts) -> Result<Self, StartError> {
        // Without one the client's builder would panic.
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            return Err(StartError::NoTlsProvider);
        }
        let builder = Client::builder()
            .user_agent(concat!("pyservice/", env!("CARGO_PKG_VERSION")))
            // A redirect could carry the credentials to another host, and an upload nowhere.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .pool_idle_timeout(POOL_IDLE)
            .connect_timeout(timeouts.connect);
        let client = trusting(builder, &settings)?
            .build()
            .map_err(|error| StartError::Client(in_words(error)))?;
        Ok(Wire {
            client,
            settings,
            idle: timeouts.idle,
        })
    }

    /// Describes a file; `None` if nothing has that name.
    pub async fn describe(&self, path: &RemotePath) -> Result<Option<Listing>, DriveError> {
        self.propfind(self.file_url(path)?, "0", path).await
    }

    /// Describes a folder; `None` if nothing has that name.
    pub async fn describe_folder(&self, path: &RemotePath) -> Result<Option<Listing>, DriveError> {
        self.propfind(self.folder_url(path)?, "0", path).await
    }

    /// Describes a folder and what is directly in it; `None` if nothing has that name.
    pub async fn list(&self, path: &RemotePath) -> Result<Option<Listing>, DriveError> {
        self.propfind(self.folder_url(path)?, "1", path).await
    }

    async fn propfind(
        &self,
        asked: Url,
        depth: &'static str,
        path: &RemotePath,
    ) -> Result<Option<Listing>, DriveError> {
        let request = self
            .request(method("PROPFIND"), asked.clone())
            .header("Depth", depth)
            .header(header::CONTENT_TYPE, "application/xml; charset=utf-8")
            .header(header::ACCEPT_ENCODING, "identity")
            .body(PROPFIND);
        let answer = self.send_again(request).await?;
        match answer.status().as_u16() {
            207 => {}
            404 => return Ok(None),
            // A login page, a captive portal, a web server that is no drive.
            status @ 200..=299 => {
                return Err(unavailable(format!(
                    "it answers PROPFIND with HTTP {status}"
                )));
            }
            _ => return Err(refused(&answer, path)),
        }
        let mut incoming = self.incoming(answer, path);
        let mut body = Vec::new();
        while let Some(chunk) = incoming.chunk().await? {
            body.extend_from_slice(chunk.as_ref());
            if body.len() > MAX_LISTING {
                return Err(unavailable(format!(
                    "its description of `{path}` is larger than {MAX_LISTING} bytes"
                )));
            }
        }
        let members =
            multistatus::parse(&body).map_err(|unreadable| unavailable(unreadable.to_string()))?;
        Ok(Some(Listing { asked, members }))
    }

    /// Begins a download. `resume` is the first byte wanted and the ETag the rest must belong to;
    /// the server may send the whole file all the same.
    pub async fn get(
        &self,
        path: &RemotePath,
        resume: Option<(u64, &str)>,
    ) -> Result<Incoming, DriveError> {
        let mut request = self
            .request(Method::GET, self.file_url(path)?)
            // Compressed on the way, the length could not be checked.
            .header(header::ACCEPT_ENCODING, "identity");
        if let Some((first, etag)) = resume {
            request = request
                .header(header::RANGE, format!("bytes={first}-"))
                .header(header::IF_RANGE, etag);
        }
        let answer = self.send_again(request).await?;
        match answer.status().as_u16() {
            200 | 206 => Ok(self.incoming(answer, path)),
            // What we have is longer than what is there now.
            416 => Err(DriveError::Changed(path.clone())),
            _ => Err(refused(&answer, path)),
        }
    }

    /// Uploads the local file `from`, which holds what `local` says.
    pub async fn put(
        &self,
        from: &Path,
        path: &RemotePath,
        local: &Fingerprint,
    ) -> Result<(), DriveError> {
        let file = tokio::fs::File::open(from).await?;
        let moved = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&moved);
        let stream = ReaderStream::with_capacity(file.take(local.bytes), UPLOAD_CHUNK).inspect_ok(
            move |chunk| {
                counter.fetch_add(chunk.len() as u64, Ordering::Relaxed);
            },
        );
        let request = self
            .request(Method::PUT, self.file_url(path)?)
            .header(header::CONTENT_TYPE, "application/octet-stream")
            // Always told: sent in chunks, some servers store an empty file.
            .header(header::CONTENT_LENGTH, local.bytes)
            .header("OC-Checksum", format!("SHA1:{}", local.sha1))
            .body(Body::wrap_stream(stream));
        let answer = self.while_moving(&moved, request).await?;
        succeeded(&answer, path)
    }

    /// Creates a folder whose parent is there; that it exists is no error.
    pub async fn mkcol(&self, folder: &RemotePath) -> Result<(), DriveError> {
        let request = self.request(method("MKCOL"), self.folder_url(folder)?);
        let answer = self.send_again(request).await?;
        match answer.status().as_u16() {
            405 => Ok(()),
            _ => succeeded(&answer, folder),
        }
    }

    /// Moves a file onto another name. [`DriveError::NotFound`] is about `from`, all else `to`.
    pub async fn relocate(&self, from: &RemotePath, to: &RemotePath) -> Result<(), DriveError> {
        let request = self
            .request(method("MOVE"), self.file_url(from)?)
            .header("Destination", self.file_url(to)?.as_str())
            .header("Overwrite", "T");
        // Not sent twice: done once, a second would not find the file.
        let answer = self.send(request).await?;
        match answer.status().as_u16() {
            404 => Err(DriveError::NotFound(from.clone())),
            _ => succeeded(&answer, to),
        }
    }

    pub async fn delete(&self, path: &RemotePath) -> Result<(), DriveError> {
        let request = self.request(Method::DELETE, self.file_url(path)?);
        let answer = self.send_again(request).await?;
        succeeded(&answer, path)
    }

    fn file_url(&self, path: &RemotePath) -> Result<Url, DriveError> {
        address::file(&self.settings.base, path).ok_or_else(|| DriveError::Outside(path.clone()))
    }

    fn folder_url(&self, path: &RemotePath) -> Result<Url, DriveError> {
        address::folder(&self.settings.base, path).ok_or_else(|| DriveError::Outside(path.clone()))
    }

    fn request(&self, method: Method, url: Url) -> RequestBuilder {
        let WebdavSettings { user, password, .. } = &self.settings;
        self.client
            .request(method, url)
            .basic_auth(user, Some(password.expose()))
    }

    /// Sends a request that does no harm twice: once more if a kept connection was just closing.
    async fn send_again(&self, request: RequestBuilder) -> Result<Response, DriveError> {
        let Some(again) = request.try_clone() else {
            return self.send(request).await;
        };
        match timeout(self.idle, request.send()).await {
            Ok(Err(error)) if error.is_request() && !error.is_connect() => self.send(again).await,
            Ok(outcome) => outcome.map_err(|error| unavailable(in_words(error))),
            Err(_) => Err(silence(self.idle)),
        }
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, DriveError> {
        match timeout(self.idle, request.send()).await {
            Ok(outcome) => outcome.map_err(|error| unavailable(in_words(error))),
            Err(_) => Err(silence(self.idle)),
        }
    }

    /// Sends a request whose body counts its bytes in `moved`, as long as that number grows.
    async fn while_moving(
        &self,
        moved: &AtomicU64,
        request: RequestBuilder,
    ) -> Result<Response, DriveError> {
        let mut sending = std::pin::pin!(request.send());
        loop {
            let before = moved.load(Ordering::Relaxed);
            match timeout(self.idle, &mut sending).await {
                Ok(outcome) => return outcome.map_err(|error| unavailable(in_words(error))),
                Err(_) if moved.load(Ordering::Relaxed) > before => {}
                Err(_) => return Err(silence(self.idle)),
            }
        }
    }

    fn incoming(&self, answer: Response, path: &RemotePath) -> Incoming {
        Incoming {
            answer,
            idle: self.idle,
            path: path.clone(),
        }
    }
}

/// An answer whose body has not been read yet.
pub struct Incoming {
    answer: Response,
    idle: Duration,
    path: RemotePath,
}

impl Incoming {
    pub fn etag(&self) -> Etag {
        let headers = self.answer.headers();
        let etag = text(headers, "etag").or_else(|| text(headers, "oc-etag"));
        etag.map(Etag::new).unwrap_or_default()
    }

    /// Of the whole file, even if only a part is coming.
    pub fn sha1(&self) -> Option<String> {
        text(self.answer.headers(), "oc-checksum").and_then(answer::sha1)
    }

    /// How many bytes are coming, where the server tells.
    pub fn length(&self) -> Option<u64> {
        self.answer.content_length()
    }

    /// Which part is coming; `Ok(None)` if it is the whole file.
    pub fn part(&self) -> Result<Option<ContentRange>, DriveError> {
        if self.answer.status().as_u16() != 206 {
            return Ok(None);
        }
        text(self.answer.headers(), "content-range")
            .and_then(ContentRange::parse)
            .map(Some)
            .ok_or_else(|| self.broken("a part came without saying which"))
    }

    pub fn is_compressed(&self) -> bool {
        text(self.answer.headers(), "content-encoding")
            .is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity"))
    }

    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// [`DriveError::Corrupt`] if the connection broke, [`DriveError::Unavailable`] if it stalled.
    pub async fn chunk(&mut self) -> Result<Option<impl AsRef<[u8]> + use<>>, DriveError> {
        match timeout(self.idle, self.answer.chunk()).await {
            Ok(Ok(chunk)) => Ok(chunk),
            Ok(Err(error)) => Err(self.broken(in_words(error))),
            Err(_) => Err(silence(self.idle)),
        }
    }

    fn broken(&self, cause: impl Into<String>) -> DriveError {
        DriveError::Corrupt {
            path: self.path.clone(),
            cause: cause.into(),
        }
    }
}

fn trusting(
    builder: ClientBuilder,
    settings: &WebdavSettings,
) -> Result<ClientBuilder, StartError> {
    match &settings.ca_file {
        Some(path) => Ok(builder.tls_certs_merge(certificates(path)?)),
        None if settings.base.scheme() == "https" => Ok(builder),
        // Nothing to check: no reason to fail on a machine without certificate authorities.
        None => Ok(builder.tls_certs_only([])),
    }
}

fn certificates(path: &PathBuf) -> Result<Vec<Certificate>, StartError> {
    let pem = std::fs::read(path).map_err(|source| StartError::CaFile {
        path: path.clone(),
        source,
    })?;
    match Certificate::from_pem_bundle(&pem) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) | Err(_) => Err(StartError::NoCertificate(path.clone())),
    }
}

/// `name` is one of ours and a token, so the default is never taken; it would be harmless.
fn method(name: &'static str) -> Method {
    Method::from_bytes(name.as_bytes()).unwrap_or_default()
}

fn succeeded(answer: &Response, path: &RemotePath) -> Result<(), DriveError> {
    if answer.status().is_success() {
        Ok(())
    } else {
        Err(refused(answer, path))
    }
}

fn refused(answer: &Response, path: &RemotePath) -> DriveError {
    let now = Utc::now();
    let retry_after =
        text(answer.headers(), "retry-after").and_then(|text| answer::retry_after(text, now));
    answer::refusal(answer.status().as_u16(), retry_after, path)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn unavailable(cause: impl Into<String>) -> DriveError {
    DriveError::Unavailable {
        cause: cause.into(),
        retry_after: None,
    }
}

fn silence(idle: Duration) -> DriveError {
    unavailable(format!("nothing came for {} s", idle.as_secs_f32()))
}

/// The error and its causes, without the URL, which says more than a log should know.
fn in_words(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        words = format!("{words}: {inner}");
        cause = inner.source();
    }
    words
}

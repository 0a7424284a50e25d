//! A WebDAV server that does what it is told, and remembers what it was asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpSocket, TcpStream};

/// One request.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    /// As it was sent, escaped.
    pub target: String,
    /// Names in lower case.
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// One answer.
#[derive(Debug, Clone)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    framing: Framing,
    /// How many bytes of the body are sent.
    sent: usize,
    after: After,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Framing {
    Length,
    Chunked,
    UntilClosed,
}

#[derive(Debug, Clone, Copy)]
enum After {
    Close,
    /// Nothing more, the connection open.
    Stall,
    /// Before the first byte of the head.
    NoAnswer,
    /// The rest, a byte at a time.
    Drip(Duration),
}

impl Reply {
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        Reply {
            status,
            headers: Vec::new(),
            sent: body.len(),
            body,
            framing: Framing::Length,
            after: After::Close,
        }
    }

    pub fn status(status: u16) -> Self {
        Reply::new(status, "")
    }

    /// The connection is closed instead.
    pub fn none() -> Self {
        Reply {
            after: After::NoAnswer,
            ..Reply::status(500)
        }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn chunked(mut self) -> Self {
        self.framing = Framing::Chunked;
        self
    }

    pub fn without_length(mut self) -> Self {
        self.framing = Framing::UntilClosed;
        self
    }

    pub fn cut_after(mut self, bytes: usize) -> Self {
        self.sent = bytes;
        self
    }

    pub fn stalled_after(mut self, bytes: usize) -> Self {
        self.sent = bytes;
        self.after = After::Stall;
        self
    }

    pub fn dripping(mut self, pause: Duration) -> Self {
        self.sent = 0;
        self.after = After::Drip(pause);
        self
    }
}

type Script = Arc<Mutex<dyn FnMut(&Asked) -> Reply + Send>>;

/// How the body of a request is read.
#[derive(Debug, Clone, Copy)]
enum Reading {
    /// With a pause before every megabyte.
    Paused(Duration),
    /// Only after the answer.
    Late,
}

/// Runs until it is dropped.
pub struct Double {
    pub address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Double {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Double {
    /// `reply` is called once for every request, in their order.
    pub async fn start(reply: impl FnMut(&Asked) -> Reply + Send + 'static) -> Self {
        Self::run(Reading::Paused(Duration::ZERO), reply).await
    }

    /// The same, with a pause before every megabyte of a request's body.
    pub async fn reading(
        pause: Duration,
        reply: impl FnMut(&Asked) -> Reply + Send + 'static,
    ) -> Self {
        Self::run(Reading::Paused(pause), reply).await
    }

    /// The same, answering before the body of a request has come.
    pub async fn hasty(reply: impl FnMut(&Asked) -> Reply + Send + 'static) -> Self {
        Self::run(Reading::Late, reply).await
    }

    async fn run(reading: Reading, reply: impl FnMut(&Asked) -> Reply + Send + 'static) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        // Or the kernel would read for us.
        socket.set_recv_buffer_size(64 << 10).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(64).unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let reply: Script = Arc::new(Mutex::new(reply));
        let seen = Arc::clone(&asked);
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(
                    stream,
                    reading,
                    Arc::clone(&seen),
                    Arc::clone(&reply),
                ));
            }
        });
        Double {
            address,
            asked,
            server,
        }
    }

    /// Answers in this order, and then nothing but 500.
    pub async fn scripted(replies: impl IntoIterator<Item = Reply>) -> Self {
        let mut replies: std::collections::VecDeque<Reply> = replies.into_iter().collect();
        Self::start(move |_| replies.pop_front().unwrap_or(Reply::status(500))).await
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// `GET`, `PUT`, … in the order they came.
    pub fn methods(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.method).collect()
    }
}

async fn serve(stream: TcpStream, reading: Reading, seen: Arc<Mutex<Vec<Asked>>>, reply: Script) {
    let mut stream = BufReader::new(stream);
    let Some(asked) = read(&mut stream, reading).await else {
        return;
    };
    seen.lock().unwrap().push(asked.clone());
    let answer = (reply.lock().unwrap())(&asked);
    // The client may hang up at any time.
    let _ = write(stream.get_mut(), answer).await;
    // Closed with something unread, a connection is reset, and the answer may be lost.
    let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
}

async fn read(stream: &mut BufReader<TcpStream>, reading: Reading) -> Option<Asked> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    let mut words = line.split_ascii_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length");
    let mut body = Vec::new();
    if let Reading::Paused(pause) = reading {
        body.resize(length.map_or(0, |length| length.parse().unwrap()), 0);
        for piece in body.chunks_mut(1 << 20) {
            tokio::time::sleep(pause).await;
            stream.read_exact(piece).await.ok()?;
        }
    }
    Some(Asked {
        method,
        target,
        headers,
        body,
    })
}

async fn write(stream: &mut TcpStream, reply: Reply) -> std::io::Result<()> {
    if let After::NoAnswer = reply.after {
        return stream.shutdown().await;
    }
    let mut head = format!("HTTP/1.1 {} .\r\nConnection: close\r\n", reply.status);
    for (name, value) in &reply.headers {
        head += &format!("{name}: {value}\r\n");
    }
    match reply.framing {
        Framing::Length => head += &format!("Content-Length: {}\r\n", reply.body.len()),
        Framing::Chunked => head += "Transfer-Encoding: chunked\r\n",
        Framing::UntilClosed => {}
    }
    stream.write_all(format!("{head}\r\n").as_bytes()).await?;
    let (now, later) = reply.body.split_at(reply.sent);
    if reply.framing == Framing::Chunked {
        stream
            .write_all(format!("{:x}\r\n", now.len()).as_bytes())
            .await?;
        stream.write_all(now).await?;
        stream.write_all(b"\r\n0\r\n\r\n").await?;
    } else {
        stream.write_all(now).await?;
    }
    match reply.after {
        After::Close | After::NoAnswer => stream.shutdown().await,
        After::Stall => {
            // Until the client has had enough.
            stream.read_u8().await.map(drop)
        }
        After::Drip(pause) => {
            for byte in later {
                tokio::time::sleep(pause).await;
                stream.write_all(&[*byte]).await?;
            }
            stream.shutdown().await
        }
    }
}

/// How a file is described.
#[derive(Debug, Clone, Default)]
pub struct Told<'a> {
    pub href: &'a str,
    pub bytes: usize,
    pub etag: &'a str,
    pub sha1: Option<String>,
}

/// The answer to PROPFIND that describes `folders`, by their hrefs, and `files`.
pub fn described(folders: &[&str], files: &[Told<'_>]) -> Reply {
    let mut body = String::from(
        r#"<?xml version="1.0"?><d:multistatus xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns">"#,
    );
    for href in folders {
        body += &format!(
            "<d:response><d:href>{href}</d:href><d:propstat><d:prop><d:resourcetype><d:collection/>\
             </d:resourcetype></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
        );
    }
    for Told {
        href,
        bytes,
        etag,
        sha1,
    } in files
    {
        let sha1 = sha1.as_ref().map_or(String::new(), |sha1| {
            format!("<oc:checksums><oc:checksum>MD5:0 SHA1:{sha1}</oc:checksum></oc:checksums>")
        });
        body += &format!(
            "<d:response><d:href>{href}</d:href><d:propstat><d:prop><d:resourcetype/>\
             <d:getcontentlength>{bytes}</d:getcontentlength><d:getetag>\"{etag}\"</d:getetag>{sha1}</d:prop>\
             <d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
        );
    }
    body += "</d:multistatus>";
    Reply::new(207, body).header("Content-Type", "application/xml; charset=utf-8")
}

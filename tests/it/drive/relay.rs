//! A wire to a real server that breaks.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// Relays to `server`, `http://host:port`, and returns its own address. Every connection breaks
/// after so many bytes in either direction. Ends with the test's runtime.
pub async fn relay(server: &str, up: u64, down: u64) -> String {
    let server = server
        .trim_end_matches('/')
        .trim_start_matches("http://")
        .to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&server).await.unwrap();
            tokio::spawn(async move {
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                // Whichever ends first drops both sockets, the kernel's way of hanging up.
                tokio::select! {
                    () = pass(from_client, to_server, up) => {}
                    () = pass(from_server, to_client, down) => {}
                }
            });
        }
    });
    address
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut left: u64) {
    let mut buffer = vec![0; 64 << 10];
    while left > 0 {
        let Ok(read @ 1..) = from.read(&mut buffer).await else {
            return;
        };
        let passed = left.min(read as u64);
        if to.write_all(&buffer[..passed as usize]).await.is_err() {
            return;
        }
        left -= passed;
    }
}

//! A RabbitMQ of our own, for tests that kill or throttle it.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use lapin::{Connection, ConnectionProperties};

use super::bench::Rabbit;

const START: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/servers/rabbitmq/start.sh"
);

/// How long the node may take to greet.
const ANSWER: Duration = Duration::from_secs(5);

pub struct Node {
    folder: tempfile::TempDir,
    ports: [u16; 3],
    running: Option<Child>,
}

impl Node {
    pub async fn start() -> Self {
        // Held together, so that they differ.
        let listeners = [(); 3].map(|()| std::net::TcpListener::bind("127.0.0.1:0").unwrap());
        let ports = listeners.map(|listener| listener.local_addr().unwrap().port());
        let mut node = Node {
            folder: tempfile::tempdir().unwrap(),
            ports,
            running: None,
        };
        node.restart().await;
        node
    }

    /// The same node again, with what it wrote to its disk.
    pub async fn restart(&mut self) {
        self.kill();
        let log = std::fs::File::create(self.folder.path().join("start.log")).unwrap();
        let child = Command::new(START)
            .arg(self.folder.path())
            .args(self.ports.map(|port| port.to_string()))
            .stdin(Stdio::null())
            .stderr(log.try_clone().unwrap())
            .stdout(log)
            .process_group(0)
            .spawn()
            .unwrap();
        self.running = Some(child);
        for _ in 0..600 {
            // A node that is still booting may drop a connection without a word, for which lapin
            // would wait for ever.
            let uri = self.uri();
            let connect = Connection::connect(&uri, ConnectionProperties::default());
            if let Ok(Ok(_)) = tokio::time::timeout(ANSWER, connect).await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("the node does not start");
    }

    /// Without any farewell.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.running.take() {
            // Its trap kills the node with SIGKILL.
            let pid = child.id().to_string();
            Command::new("kill").args(["-TERM", &pid]).status().unwrap();
            child.wait().unwrap();
        }
    }

    pub fn queue(&self) -> Rabbit {
        Rabbit::at(self.uri())
    }

    pub fn ctl(&self, arguments: &[&str]) -> String {
        rabbitmqctl(&self.folder.path().join("rabbitmqctl"), arguments)
    }

    fn uri(&self) -> String {
        format!("amqp://guest:guest@127.0.0.1:{}/%2f", self.ports[0])
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}

pub fn rabbitmqctl(program: &Path, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

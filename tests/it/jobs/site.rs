//! A place on the real servers that belongs to one test: folders on a drive, a queue, a
//! collection, and a machine to run the program on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use lapin::options::{
    BasicConsumeOptions, BasicGetOptions, BasicPublishOptions, ExchangeDeclareOptions,
    QueueBindOptions, QueueDeclareOptions, QueueDeleteOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties, Consumer, ExchangeKind};
use mongodb::bson::{Document, doc};
use mongodb::options::IndexOptions;
use mongodb::{Client, Collection, IndexModel};
use pyservice::broker::{Amqp, Broker, Depths, Timing};
use pyservice::config::{AmqpSettings, Secret, WebdavSettings};
use pyservice::drive::Drive;
use pyservice::drive::webdav::{Timeouts, Webdav};
use pyservice::job::RemotePath;
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::block_in_place;
use tokio::time::timeout;
use uuid::Uuid;

use crate::harness;
use crate::harness::customers::Customers;
use crate::harness::program::{Serving, Variables};
use crate::harness::results::{EXTENSIONS, Results};

pub const SABRE: &str = "PYSERVICE_TEST_DAV_SABRE";
pub const APACHE: &str = "PYSERVICE_TEST_DAV_APACHE";

/// Longer than any job of these tests, the lease of a dead one included.
const PATIENCE: Duration = Duration::from_secs(90);

pub struct Site {
    /// The folder the program runs in.
    machine: TempDir,
    pub drive: Arc<Webdav>,
    pub work: RemotePath,
    pub finished: RemotePath,
    pub queue: String,
    amqp: String,
    variables: Variables,
    people: Option<Collection<Document>>,
}

impl Site {
    /// On the drive whose address this variable of the test run holds.
    pub fn new(drive: &str) -> Self {
        // Whoever comes second finds it installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let name = Uuid::new_v4().simple().to_string();
        let [url, user, password] =
            [drive, "PYSERVICE_TEST_DAV_USER", "PYSERVICE_TEST_DAV_PASS"].map(harness::server);
        let amqp = harness::server("PYSERVICE_TEST_AMQP_URL");
        let settings = WebdavSettings {
            base: WebdavSettings::base_url(&url, &user).unwrap(),
            user: user.clone(),
            password: Secret::new(&*password),
            ca_file: None,
        };
        let queue = format!("pyservice-test-{name}");
        let folders = [format!("work-{name}"), format!("finalizado-{name}")];
        let variables = [
            ("RABBITMQ_URL", &amqp),
            ("RABBITMQ_QUEUE", &queue),
            ("OWNCLOUD_URL", &url),
            ("OWNCLOUD_USER", &user),
            ("OWNCLOUD_PASS", &password),
            ("OWNCLOUD_WORK_DIR", &folders[0]),
            ("OWNCLOUD_FINAL_DIR", &folders[1]),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.clone()));
        let [work, finished] = folders.map(|folder| RemotePath::parse(&folder).unwrap());
        Site {
            machine: tempfile::tempdir().unwrap(),
            drive: Arc::new(Webdav::new(settings, Timeouts::default()).unwrap()),
            work,
            finished,
            queue,
            variables: variables.to_vec(),
            amqp,
            people: None,
        }
    }

    pub fn machine(&self) -> &Path {
        self.machine.path()
    }

    pub fn ledger(&self) -> PathBuf {
        self.machine().join("storage/ledger.sqlite")
    }

    /// The program's variables, these among them.
    pub fn variables(&self, more: &[(&str, &str)]) -> Variables {
        let more = more.iter();
        let more = more.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.variables.iter().cloned().chain(more).collect()
    }

    /// Starts to serve, and waits until the queue is there.
    pub fn serve(&self, more: &[(&str, &str)]) -> Serving {
        let mut serving = Serving::start(self.machine(), &self.variables(more));
        block_in_place(|| serving.until_logged(&["serving", &self.queue]));
        serving
    }

    /// Fills a collection with what is known of these, and has the program look there.
    pub async fn knows(&mut self, customers: &Customers) {
        let uri = harness::server("PYSERVICE_TEST_MONGO_URI");
        let name = format!("pessoas_{}", Uuid::new_v4().simple());
        let client = Client::with_uri_str(&uri).await.unwrap();
        let people: Collection<Document> = client.database("pyservice_test").collection(&name);
        let index = IndexModel::builder()
            .keys(doc! { "cpf": 1 })
            .options(IndexOptions::builder().unique(true).build())
            .build();
        people.create_index(index).await.unwrap();
        let documents = customers.known().into_iter();
        let documents = documents.map(
            |[cpf, name, email]| doc! { "cpf": cpf, "nome": name, "contato": { "email": email } },
        );
        people.insert_many(documents).await.unwrap();
        self.people = Some(people);
        let settings = [
            ("MONGO_URI", uri.as_str()),
            ("MONGO_DB", "pyservice_test"),
            ("MONGO_COLLECTION", &name),
        ];
        self.variables = self.variables(&settings);
    }

    /// Uploads a work file.
    pub async fn put(&self, name: &str, bytes: &[u8]) {
        let local = self.machine().join("upload");
        std::fs::write(&local, bytes).unwrap();
        let path = RemotePath::parse(name).unwrap().in_folder(&self.work);
        self.drive.store(&local, &path).await.unwrap();
    }

    /// Downloads what was delivered for `stem`.
    pub async fn results(&self, stem: &str) -> Results {
        let mut files = BTreeMap::new();
        for extension in EXTENSIONS {
            let path = RemotePath::parse(&format!("{stem}_processed.{extension}")).unwrap();
            let local = self.machine().join("download");
            let path = path.in_folder(&self.finished);
            self.drive.fetch(&path, &local, u64::MAX).await.unwrap();
            files.insert(extension, std::fs::read(local).unwrap());
        }
        Results::new(files)
    }

    /// Names of what was delivered into the folder of results.
    pub async fn delivered(&self) -> Vec<String> {
        let files = self.drive.list(&self.finished).await.unwrap();
        let names = files.iter().map(|(path, _)| path.file_name().to_owned());
        names.collect()
    }

    /// Publishes as the Python service's users do.
    pub fn send_by_pika(&self, arguments: &[&str]) {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/send_test_message.py");
        let mut command = Command::new(harness::server("PYSERVICE_TEST_PYTHON"));
        command
            .arg(script)
            .args(["--url", &self.amqp])
            .args(arguments);
        if !arguments.contains(&"--queue") {
            command.args(["--queue", &self.queue]);
        }
        succeeds(command);
    }

    /// Publishes as the API does.
    pub fn send_by_node(&self, body: &Value) {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/publish.js");
        let mut command = Command::new("node");
        command
            .arg(script)
            .args([&self.amqp, &self.queue, &body.to_string()]);
        succeeds(command);
    }

    /// Publishes these very bytes.
    pub async fn send_bytes(&self, bytes: &[u8]) {
        let client = Listener::connect(&self.amqp).await;
        let options = BasicPublishOptions::default();
        let properties = BasicProperties::default();
        client
            .channel
            .basic_publish("".into(), (&*self.queue).into(), options, bytes, properties)
            .await
            .unwrap()
            .await
            .unwrap();
    }

    pub fn amqp_settings(&self) -> AmqpSettings {
        AmqpSettings {
            uri: Secret::new(&*self.amqp),
            address: "the test broker".into(),
            queues: vec![self.queue.clone()],
            quorum: false,
        }
    }

    /// That nothing waits in any queue. Only true if nobody has anything in hand either once the
    /// service has stopped: what is unanswered goes back then.
    pub async fn queues_are_empty(&self) {
        let broker = Amqp::publisher(self.amqp_settings(), Timing::default());
        let depths = broker.depths().await.unwrap();
        assert_eq!(depths, Depths::default());
    }

    /// Everything that is told of jobs from now on.
    pub async fn listen(&self) -> Listener {
        Listener::start(&self.amqp).await
    }

    /// The next dead letter: its body and the headers we gave it.
    pub async fn dead_letter(&self) -> (Vec<u8>, BTreeMap<String, String>) {
        let client = Listener::connect(&self.amqp).await;
        let queue = format!("{}.dead", self.queue);
        let taking = async {
            loop {
                // Asked for too early, the queue does not exist, and the channel is closed for it.
                let channel = client.connection.create_channel().await.unwrap();
                let options = BasicGetOptions { no_ack: true };
                let got = channel.basic_get((&*queue).into(), options).await;
                if let Ok(Some(message)) = got {
                    return message;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let message = timeout(PATIENCE, taking).await.expect("no dead letter");
        let headers = message.properties.headers().clone().unwrap_or_default();
        let headers = headers.inner().iter().map(|(name, value)| {
            let value = match value {
                AMQPValue::LongString(text) => text.to_string(),
                AMQPValue::LongLongInt(number) => number.to_string(),
                other => format!("{other:?}"),
            };
            (name.to_string(), value)
        });
        (message.data.clone(), headers.collect())
    }

    /// Removes what the test left on servers that may not be ours.
    pub async fn leave(self) {
        let client = Listener::connect(&self.amqp).await;
        for suffix in [
            "",
            ".ready",
            ".dead",
            ".retry.10s",
            ".retry.1m",
            ".retry.10m",
        ] {
            let queue = format!("{}{suffix}", self.queue);
            let options = QueueDeleteOptions::default();
            let _ = client.channel.queue_delete((&*queue).into(), options).await;
        }
        for folder in [&self.work, &self.finished] {
            for (path, _) in self.drive.list(folder).await.unwrap_or_default() {
                self.drive.remove(&path).await.unwrap();
            }
        }
        if let Some(people) = self.people {
            people.drop().await.unwrap();
        }
    }
}

fn succeeds(mut command: Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// Somebody who listens to what is told of jobs.
pub struct Listener {
    channel: Channel,
    consumer: Option<Consumer>,
    connection: Connection,
}

impl Listener {
    async fn connect(uri: &str) -> Self {
        let properties = ConnectionProperties::default();
        let connection = Connection::connect(uri, properties).await.unwrap();
        Listener {
            channel: connection.create_channel().await.unwrap(),
            consumer: None,
            connection,
        }
    }

    async fn start(uri: &str) -> Self {
        let mut listener = Self::connect(uri).await;
        let channel = &listener.channel;
        let none = FieldTable::default;
        let durable = ExchangeDeclareOptions {
            durable: true,
            ..Default::default()
        };
        let exchange = || "pyservice.events".into();
        channel
            .exchange_declare(exchange(), ExchangeKind::Topic, durable, none())
            .await
            .unwrap();
        let exclusive = QueueDeclareOptions {
            exclusive: true,
            ..Default::default()
        };
        let queue = channel.queue_declare("".into(), exclusive, none()).await;
        let queue = queue.unwrap().name().clone();
        let options = QueueBindOptions::default();
        channel
            .queue_bind(queue.clone(), exchange(), "job.*".into(), options, none())
            .await
            .unwrap();
        let options = BasicConsumeOptions {
            no_ack: true,
            ..Default::default()
        };
        let consumer = channel.basic_consume(queue, "".into(), options, none());
        listener.consumer = Some(consumer.await.unwrap());
        listener
    }

    /// The events about `file` until the job ended, each under its routing key.
    pub async fn until_ended(&mut self, file: &str) -> Vec<(String, Value)> {
        let consumer = self.consumer.as_mut().unwrap();
        let mut events = Vec::new();
        let listening = async {
            while let Some(delivery) = consumer.next().await {
                let delivery = delivery.unwrap();
                let body: Value = serde_json::from_slice(&delivery.data).unwrap();
                // Tests run side by side on one exchange.
                if body["file"] != file {
                    continue;
                }
                let key = delivery.routing_key.to_string();
                let is_final = matches!(key.as_str(), "job.finished" | "job.dead");
                events.push((key, body));
                if is_final {
                    break;
                }
            }
        };
        let ended = timeout(PATIENCE, listening).await;
        ended.unwrap_or_else(|_| panic!("the job of {file} never ended: {events:?}"));
        events
    }
}

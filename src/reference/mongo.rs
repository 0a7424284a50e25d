//! A collection of a MongoDB server.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use mongodb::action::Action;
use mongodb::bson::{Bson, Document as BsonDocument, RawBsonRef, RawDocument, doc};
use mongodb::error::{Error, ErrorKind};
use mongodb::event::EventHandler;
use mongodb::event::sdam::SdamEvent;
use mongodb::options::{ClientOptions, ConnectionString};
use mongodb::{Client, Collection};
use tokio::sync::OnceCell;
use tokio::time::timeout;

use super::document::{add_names, below};
use super::filing::Filing;
use super::node::Node;
use super::{Description, Document, KeyForms, Query, Reference, ReferenceError};
use crate::config::MongoSettings;

/// It is somebody's production database: few connections, fewer than jobs times chunks.
const POOL: u32 = 4;

/// Documents read to learn the names of fields.
const SAMPLE: i64 = 20;

/// A collection, connected to on the first call. The rustls crypto provider must be installed.
///
/// No call takes longer than the timeout of the settings. The driver's futures must not be
/// dropped and it has no socket timeout, so each call runs in a task of its own; one that does not
/// end in time is left behind with its connection pool, and the next call gets a new pool.
pub struct Mongo {
    target: Arc<Target>,
    current: Mutex<Arc<OnceCell<Link>>>,
}

/// What to connect to.
struct Target {
    address: ConnectionString,
    database: String,
    collection: String,
    timeout: Duration,
}

/// A client and what became of its servers.
struct Link {
    collection: Collection<BsonDocument>,
    /// The last failure to reach a server, if none was reached since.
    trouble: Trouble,
}

type Trouble = Arc<Mutex<Option<Error>>>;

impl Mongo {
    /// Reads the settings; connects to nothing. Options of the URI that the driver refuses are
    /// dropped with a warning.
    pub fn new(settings: MongoSettings) -> Result<Self, ReferenceError> {
        let (uri, dropped) = settings.accepted_uri();
        if !dropped.is_empty() {
            tracing::warn!(
                options = dropped.join(", "),
                "dropped options of the MongoDB URI that are not supported"
            );
        }
        let address = ConnectionString::parse(uri.expose()).map_err(|error| {
            // The driver repeats what it cannot read, which may be part of a password.
            let cause = match *error.kind {
                ErrorKind::InvalidArgument { message, .. }
                    if !settings.uri.expose().contains('@') =>
                {
                    message
                }
                _ => "is the password percent-encoded?".to_owned(),
            };
            ReferenceError::Settings(format!("cannot read the MongoDB URI: {cause}"))
        })?;
        Ok(Mongo {
            target: Arc::new(Target {
                address,
                database: settings.database,
                collection: settings.collection,
                timeout: settings.timeout,
            }),
            current: Mutex::default(),
        })
    }

    /// Runs `work` to its end in a task, and waits for it no longer than the timeout.
    async fn within_timeout<T, F>(
        &self,
        work: impl FnOnce(Collection<BsonDocument>) -> F + Send + 'static,
    ) -> Result<T, ReferenceError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Error>> + Send,
    {
        let link = Arc::clone(&lock(&self.current));
        let task = tokio::spawn({
            let (link, target) = (Arc::clone(&link), Arc::clone(&self.target));
            async move {
                let link = link
                    .get_or_try_init(|| target.connect())
                    .await
                    .map_err(|error| explain(&error, None, target.timeout))?;
                work(link.collection.clone())
                    .await
                    .map_err(|error| explain(&error, Some(&link.trouble), target.timeout))
            }
        });
        match timeout(self.target.timeout, task).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(ReferenceError::Unavailable("the query broke off".into())),
            Err(_) => {
                self.renew(&link);
                Err(ReferenceError::Timeout(self.target.timeout))
            }
        }
    }

    /// Leaves a pool behind, unless another call already did.
    fn renew(&self, stale: &Arc<OnceCell<Link>>) {
        let mut current = lock(&self.current);
        if Arc::ptr_eq(&current, stale) {
            *current = Arc::default();
        }
    }
}

impl Target {
    /// What server and driver may take. Less than we wait, so that their answer, which says why,
    /// comes first.
    fn inner_timeout(&self) -> Duration {
        self.timeout * 9 / 10
    }

    /// Makes a client. Only `mongodb+srv` asks the network, for the names of the servers.
    async fn connect(&self) -> Result<Link, Error> {
        let mut options = ClientOptions::parse(self.address.clone()).await?;
        let at_most = |given: Option<Duration>| {
            let most = self.inner_timeout();
            Some(given.map_or(most, |given| given.min(most)))
        };
        options.server_selection_timeout = at_most(options.server_selection_timeout);
        options.connect_timeout = at_most(options.connect_timeout);
        options.max_pool_size.get_or_insert(POOL);
        options.app_name.get_or_insert_with(|| "pyservice".into());
        let trouble = Trouble::default();
        options.sdam_event_handler = Some(watch(Arc::clone(&trouble)));
        let client = Client::with_options(options)?;
        Ok(Link {
            collection: client.database(&self.database).collection(&self.collection),
            trouble,
        })
    }
}

/// Keeps the last failure to reach a server.
fn watch(trouble: Trouble) -> EventHandler<SdamEvent> {
    EventHandler::callback(move |event| match event {
        SdamEvent::ServerHeartbeatFailed(event) => *lock(&trouble) = Some(event.failure),
        SdamEvent::ServerHeartbeatSucceeded(_) => *lock(&trouble) = None,
        _ => {}
    })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What we guard is replaced whole, so a panic elsewhere leaves it sound.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What an error of the driver means to us. Server messages are not repeated: they quote queries.
fn explain(error: &Error, trouble: Option<&Trouble>, timeout: Duration) -> ReferenceError {
    match error.kind.as_ref() {
        ErrorKind::Authentication { .. } => ReferenceError::Unauthorized,
        ErrorKind::Command(refusal) => match refusal.code {
            // Unauthorized, AuthenticationFailed, and what Atlas makes of both.
            13 | 18 | 8000 => ReferenceError::Unauthorized,
            // MaxTimeMSExpired, ExceededTimeLimit, NetworkInterfaceExceededTimeLimit
            50 | 262 | 202 => ReferenceError::Timeout(timeout),
            // Servers that start, stop, elect or lost one another; a cursor lost on the way.
            6 | 7 | 43 | 89 | 91 | 134 | 189 | 9001 | 10107 | 11600 | 11602 | 13435 | 13436 => {
                ReferenceError::Unavailable(refusal.code_name.clone())
            }
            code => ReferenceError::Refused(format!("{} (code {code})", refusal.code_name)),
        },
        ErrorKind::Io(cause) if cause.kind() == std::io::ErrorKind::TimedOut => {
            ReferenceError::Timeout(timeout)
        }
        ErrorKind::Io(cause) => ReferenceError::Unavailable(cause.to_string()),
        ErrorKind::ServerSelection { .. } => {
            match trouble.and_then(|trouble| lock(trouble).clone()) {
                Some(cause) => explain(&cause, None, timeout),
                // Nobody refused us, nobody answered.
                None => ReferenceError::Timeout(timeout),
            }
        }
        ErrorKind::DnsResolve { message, .. } => ReferenceError::Unavailable(message.clone()),
        ErrorKind::InvalidTlsConfig { message, .. }
        | ErrorKind::InvalidArgument { message, .. }
        | ErrorKind::IncompatibleServer { message, .. } => {
            ReferenceError::Settings(message.clone())
        }
        ErrorKind::Bson(_) | ErrorKind::InvalidResponse { .. } => {
            ReferenceError::Refused("its answer cannot be read".to_owned())
        }
        _ => ReferenceError::Unavailable("the connection was lost".to_owned()),
    }
}

#[async_trait]
impl Reference for Mongo {
    async fn describe(&self) -> Result<Description, ReferenceError> {
        let most = self.target.inner_timeout();
        self.within_timeout(move |collection| describe(collection, most))
            .await
    }

    async fn look_up(
        &self,
        query: &Query,
        keys: &[KeyForms],
    ) -> Result<Vec<(String, Document)>, ReferenceError> {
        query.check_names()?;
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let (query, keys) = (query.clone(), keys.to_vec());
        let most = self.target.inner_timeout();
        self.within_timeout(move |collection| look_up(collection, query, keys, most))
            .await
    }
}

async fn look_up(
    collection: Collection<BsonDocument>,
    query: Query,
    keys: Vec<KeyForms>,
    most: Duration,
) -> Result<Vec<(String, Document)>, Error> {
    // An integer equals the same number of any numeric type.
    let forms: Vec<Bson> = keys
        .iter()
        .flat_map(|key| {
            let texts = key.texts.iter().cloned().map(Bson::String);
            texts.chain(key.integer.map(Bson::Int64))
        })
        .collect();
    // Twice the keys, as the server cannot tell that a full batch was the last one.
    let batch = u32::try_from(keys.len() * 2).unwrap_or(u32::MAX);
    let mut cursor = collection
        .find(doc! { query.field.as_str(): { "$in": forms } })
        .projection(projection(&query))
        .batch_size(batch)
        .max_time(most)
        .await?;
    let mut filing = Filing::new(&query, &keys, str::to_owned);
    while cursor.advance().await? {
        filing.add(&fields_node(cursor.current()));
    }
    Ok(filing.into_pairs())
}

/// The key and the wanted fields. The server refuses a field beside one that contains it.
fn projection(query: &Query) -> BsonDocument {
    let names: Vec<&String> = query.fields.iter().chain([&query.field]).collect();
    let mut projection: BsonDocument = names
        .iter()
        .filter(|name| !names.iter().any(|other| below(name, other).is_some()))
        .map(|name| (name.to_string(), Bson::Int32(1)))
        .collect();
    if !projection.contains_key("_id") && !projection.keys().any(|k| below(k, "_id").is_some()) {
        projection.insert("_id", 0);
    }
    projection
}

async fn describe(
    collection: Collection<BsonDocument>,
    most: Duration,
) -> Result<Description, Error> {
    let documents = collection.estimated_document_count().max_time(most).await?;
    let mut fields = Vec::new();
    let mut sample = collection
        .find(doc! {})
        .limit(SAMPLE)
        .max_time(most)
        .await?;
    while sample.advance().await? {
        add_names(&fields_node(sample.current()), &mut fields);
    }
    let indexed = leading_fields(&collection, most).await?;
    let namespace = collection.namespace();
    let status = collection
        .client()
        .database(&namespace.db)
        .run_command(doc! { "connectionStatus": 1, "showPrivileges": true })
        .optional(
            collection.selection_criteria().cloned(),
            |command, criteria| command.selection_criteria(criteria),
        )
        .await;
    Ok(Description {
        name: namespace.to_string(),
        documents,
        fields,
        indexed,
        writable: status.is_ok_and(|status| may_write(&status, &namespace.db, &namespace.coll)),
    })
}

/// Fields an index finds documents by. Nothing for a user who may not ask.
async fn leading_fields(
    collection: &Collection<BsonDocument>,
    most: Duration,
) -> Result<Vec<String>, Error> {
    let mut indexes = match collection.list_indexes().max_time(most).await {
        Ok(indexes) => indexes,
        Err(error) if matches!(*error.kind, ErrorKind::Command(_)) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut fields: Vec<String> = Vec::new();
    while indexes.advance().await? {
        let index = indexes.deserialize_current()?;
        let is_partial = index
            .options
            .is_some_and(|options| options.partial_filter_expression.is_some());
        if let Some(field) = index.keys.keys().next()
            && !is_partial
            && !fields.contains(field)
        {
            fields.push(field.clone());
        }
    }
    Ok(fields)
}

/// Reads the answer to `connectionStatus`. A server without users says nothing, hence `false`.
fn may_write(status: &BsonDocument, database: &str, collection: &str) -> bool {
    let covers = |resource: &BsonDocument| {
        let is = |field, wanted| {
            resource
                .get_str(field)
                .is_ok_and(|name| name.is_empty() || name == wanted)
        };
        resource.get_bool("anyResource").unwrap_or(false)
            || (is("db", database) && is("collection", collection))
    };
    let writes = |actions: &Vec<Bson>| {
        actions
            .iter()
            .any(|action| matches!(action.as_str(), Some("insert" | "update" | "remove")))
    };
    status
        .get_document("authInfo")
        .and_then(|status| status.get_array("authenticatedUserPrivileges"))
        .is_ok_and(|privileges| {
            privileges
                .iter()
                .filter_map(Bson::as_document)
                .any(|privilege| {
                    privilege.get_document("resource").is_ok_and(covers)
                        && privilege.get_array("actions").is_ok_and(writes)
                })
        })
}

/// Fields the server sent broken (text that is not UTF-8, for one) are as if they were not there.
fn fields_node(document: &RawDocument) -> Node {
    let fields = document.iter_elements().filter_map(|element| {
        let element = element.ok()?;
        Some((
            element.key().as_str().to_owned(),
            node(element.value().ok()?),
        ))
    });
    Node::Fields(fields.collect())
}

fn node(value: RawBsonRef<'_>) -> Node {
    match value {
        RawBsonRef::Null | RawBsonRef::Undefined => Node::Null,
        RawBsonRef::String(text) => Node::Text(text.to_owned()),
        RawBsonRef::Boolean(value) => Node::bool(value),
        RawBsonRef::Int32(value) => Node::Text(value.to_string()),
        RawBsonRef::Int64(value) => Node::Text(value.to_string()),
        RawBsonRef::Double(value) => Node::double(value),
        RawBsonRef::Decimal128(value) => Node::decimal(&value.to_string()),
        RawBsonRef::DateTime(value) => Node::date(value.timestamp_millis()),
        RawBsonRef::Document(document) => fields_node(document),
        RawBsonRef::Array(list) => {
            Node::List(list.into_iter().filter_map(Result::ok).map(node).collect())
        }
        _ => Node::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;

    fn settings(uri: &str) -> MongoSettings {
        MongoSettings {
            uri: Secret::new(uri),
            database: "ref".to_owned(),
            collection: "pessoas".to_owned(),
            timeout: Duration::from_secs(1),
        }
    }

    #[test]
    fn options_the_driver_refuses_do_not_refuse_the_uri() {
        let uri = "mongodb://ana:s@h/?socketTimeoutMS=1&uuidRepresentation=standard&compressors=zstd\
                   &appName=x&authMechanism=SCRAM-SHA-256&authMechanismProperties=A:b&authSource=x\
                   &connectTimeoutMS=1&directConnection=true&heartbeatFrequencyMS=500&journal=true\
                   &loadBalanced=false&localThresholdMS=1&maxConnecting=1&maxIdleTimeMS=1&maxPoolSize=1\
                   &maxStalenessSeconds=90&minPoolSize=0&readConcernLevel=local&readPreference=nearest\
                   &readPreferenceTags=dc:sp&replicaSet=r&retryReads=true&retryWrites=true\
                   &serverMonitoringMode=auto&serverSelectionTimeoutMS=1&ssl=true&tls=true&w=1\
                   &tlsAllowInvalidCertificates=true&tlsCAFile=/ca&tlsCertificateKeyFile=/key&wTimeoutMS=1";
        assert!(Mongo::new(settings(uri)).is_ok());
        let srv = "mongodb+srv://h.exemplo.test/?srvMaxHosts=1&srvServiceName=x&tlsInsecure=true";
        assert!(Mongo::new(settings(srv)).is_ok());
    }

    #[test]
    fn a_uri_that_cannot_be_read_is_not_repeated() {
        for uri in [
            "mongodb://ana:segredo?x@h/ref",
            "mongodb://ana:seg/redo@h/ref",
            "mongodb://ana:segredo@h:porta/ref",
            "mongodb://ana:segredo@h/?tls=segredo",
            "segredo",
            "",
        ] {
            let error = Mongo::new(settings(uri)).err().unwrap();
            assert!(matches!(error, ReferenceError::Settings(_)), "{error}");
            assert!(!error.to_string().contains("seg"), "{error}");
        }
    }

    #[test]
    fn the_projection_never_names_a_field_within_another() {
        let query = |field: &str, fields: &[&str]| Query {
            field: field.to_owned(),
            fields: fields.iter().map(|name| (*name).to_owned()).collect(),
        };
        assert_eq!(
            projection(&query("contato.email", &["nome", "contato", "nome"])),
            doc! { "nome": 1, "contato": 1, "_id": 0 }
        );
        assert_eq!(
            projection(&query("_id", &["nome"])),
            doc! { "nome": 1, "_id": 1 }
        );
        assert_eq!(
            projection(&query("_id.cpf", &["_id2"])),
            doc! { "_id2": 1, "_id.cpf": 1 }
        );
    }

    #[test]
    fn a_user_may_write_who_has_a_writing_action_on_the_collection() {
        let status = |resource: BsonDocument, actions: &[&str]| {
            doc! { "authInfo": { "authenticatedUserPrivileges": [
                { "resource": { "cluster": true }, "actions": ["insert"] },
                { "resource": resource, "actions": actions },
            ] } }
        };
        let asked = |resource, actions: &[&str]| may_write(&status(resource, actions), "ref", "p");
        assert!(asked(
            doc! { "db": "ref", "collection": "" },
            &["find", "insert"]
        ));
        assert!(asked(doc! { "db": "", "collection": "p" }, &["update"]));
        assert!(asked(doc! { "anyResource": true }, &["remove"]));
        assert!(!asked(doc! { "db": "ref", "collection": "" }, &["find"]));
        assert!(!asked(
            doc! { "db": "other", "collection": "" },
            &["insert"]
        ));
        assert!(!asked(doc! { "db": "ref", "collection": "q" }, &["insert"]));
        assert!(!may_write(&doc! { "ok": 1 }, "ref", "p"));
    }

    #[test]
    fn values_are_read_as_a_person_writes_them() {
        use mongodb::bson::{DateTime, Decimal128, RawDocumentBuf, oid::ObjectId};
        let document = doc! {
            "_id": ObjectId::new(),
            "i": 7_i32,
            "l": 4_515_266_861_i64,
            "d": 3.0,
            "m": "12.50".parse::<Decimal128>().unwrap(),
            "t": DateTime::from_millis(0),
            "b": true,
            "n": Bson::Null,
            "x": { "y": ["a", 2] },
        };
        let raw = RawDocumentBuf::try_from(&document).unwrap();
        let text = |text: &str| Node::Text(text.to_owned());
        let expected = [
            ("_id", Node::Other),
            ("i", text("7")),
            ("l", text("4515266861")),
            ("d", text("3")),
            ("m", text("12.50")),
            ("t", text("1970-01-01")),
            ("b", text("true")),
            ("n", Node::Null),
            (
                "x",
                Node::Fields(vec![("y".into(), Node::List(vec![text("a"), text("2")]))]),
            ),
        ];
        let expected = expected
            .map(|(name, value)| (name.to_owned(), value))
            .into();
        assert_eq!(fields_node(&raw), Node::Fields(expected));
    }
}

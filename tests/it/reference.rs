//! The contract of a reference base, on a JSONL file, a CSV file and a MongoDB collection.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use mongodb::bson::{Bson, DateTime, Document as BsonDocument, doc, oid::ObjectId};
use mongodb::{Client, Collection, IndexModel};
use pyservice::config::{MongoSettings, Secret};
use pyservice::reference::{Document, File, KeyForms, Mongo, Query, Reference, ReferenceError};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use uuid::Uuid;

use crate::harness;

/// Numbered documents in every base, of which the even numbers are in it.
const NUMBERS: i64 = 5_000;

/// The named documents in every base, before the numbered ones.
const PEOPLE: usize = 5;

/// A base and what it lies in.
struct Base {
    reference: Box<dyn Reference>,
    _folder: Option<TempDir>,
    collection: Option<Collection<BsonDocument>>,
}

impl Base {
    fn in_file(name: &str, content: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        Base {
            reference: Box::new(File::open(path).unwrap()),
            _folder: Some(folder),
            collection: None,
        }
    }

    async fn close(self) {
        if let Some(collection) = self.collection {
            collection.drop().await.unwrap();
        }
    }
}

async fn jsonl() -> Base {
    let mut lines = String::from(concat!(
        "\u{feff}",
        r#"{"_id":{"$oid":"65a000000000000000000001"},"cpf":"04515266861","nome":"Ana Lima","contato":{"email":"ana@exemplo.test","fax":null},"nascimento":{"$date":"1980-05-17T00:00:00Z"},"limite":1234.5,"pontos":3.0,"ativo":true,"tags":["a","b"],"obs":null}"#,
        "\r\n\n",
        r#"{"cpf":11144477735,"nome":"Beto Reis"}"#,
        "\n",
        r#"{"cpf":"529.982.247-25","nome":"Caio Melo"}"#,
        "\n",
        r#"{"cpf":"04515266861","nome":"Ana L."}"#,
        "\n",
        r#"{"cpf":39053344705.0,"nome":"Dora Paz"}"#,
        "\n",
    ));
    for number in (0..NUMBERS).step_by(2) {
        writeln!(lines, r#"{{"valor":"v{number}","codigo":{number}}}"#).unwrap();
    }
    Base::in_file("base.jsonl", lines.trim_end())
}

async fn csv() -> Base {
    let mut rows = String::from(
        "\u{feff}cpf;nome;contato.email;contato.fax;nascimento;limite;pontos;ativo;tags;obs;codigo;valor\r\n\
         04515266861;\"Ana Lima\";ana@exemplo.test;;1980-05-17;1234.5;3;true;\"a; b\"; ;;\r\n\
         11144477735;Beto Reis\r\n\
         \r\n\
         529.982.247-25;Caio Melo;;;;;;;;;;\r\n\
         04515266861;Ana L.;;;;;;;;;;\r\n\
         39053344705;Dora Paz;;;;;;;;;;\r\n",
    );
    for number in (0..NUMBERS).step_by(2) {
        write!(rows, ";;;;;;;;;;{number};\"v{number}\"\r\n").unwrap();
    }
    Base::in_file("base.csv", &rows)
}

async fn mongo() -> Base {
    let uri = harness::server("PYSERVICE_TEST_MONGO_URI");
    let (database, name) = (
        "pyservice_test",
        format!("base_{}", Uuid::new_v4().simple()),
    );
    let client = Client::with_uri_str(&uri).await.unwrap();
    let collection: Collection<BsonDocument> = client.database(database).collection(&name);
    let people = [
        doc! {
            "_id": ObjectId::new(), "cpf": "04515266861", "nome": "Ana Lima",
            "contato": { "email": "ana@exemplo.test", "fax": Bson::Null },
            "nascimento": DateTime::parse_rfc3339_str("1980-05-17T00:00:00Z").unwrap(),
            "limite": 1234.5, "pontos": 3.0, "ativo": true, "tags": ["a", "b"], "obs": Bson::Null,
        },
        doc! { "cpf": 11_144_477_735_i64, "nome": "Beto Reis" },
        doc! { "cpf": "529.982.247-25", "nome": "Caio Melo" },
        doc! { "cpf": "04515266861", "nome": "Ana L." },
        doc! { "cpf": 39_053_344_705.0, "nome": "Dora Paz" },
    ];
    let numbered = (0..NUMBERS).step_by(2).map(|number| {
        // As the three types a base may hold numbers in.
        let code = match number % 3 {
            0 => Bson::Int64(number),
            1 => Bson::Int32(number as i32),
            _ => Bson::String(number.to_string()),
        };
        doc! { "valor": format!("v{number}"), "codigo": code }
    });
    collection
        .insert_many(people.into_iter().chain(numbered))
        .await
        .unwrap();
    collection
        .create_index(
            IndexModel::builder()
                .keys(doc! { "cpf": 1, "nome": 1 })
                .build(),
        )
        .await
        .unwrap();
    Base {
        reference: Box::new(Mongo::new(settings(&uri, &name, Duration::from_secs(30))).unwrap()),
        _folder: None,
        collection: Some(collection),
    }
}

fn settings(uri: &str, collection: &str, timeout: Duration) -> MongoSettings {
    MongoSettings {
        uri: Secret::new(uri),
        database: "pyservice_test".to_owned(),
        collection: collection.to_owned(),
        timeout,
    }
}

fn cpf(digits: &str) -> KeyForms {
    let masked = format!(
        "{}.{}.{}-{}",
        &digits[..3],
        &digits[3..6],
        &digits[6..9],
        &digits[9..]
    );
    let integer: i64 = digits.parse().unwrap();
    KeyForms {
        key: digits.to_owned(),
        texts: vec![digits.to_owned(), integer.to_string(), masked],
        integer: Some(integer),
    }
}

fn number(number: i64) -> KeyForms {
    KeyForms {
        key: number.to_string(),
        texts: vec![number.to_string()],
        integer: Some(number),
    }
}

fn query(field: &str, fields: &[&str]) -> Query {
    Query {
        field: field.to_owned(),
        fields: fields.iter().map(|name| (*name).to_owned()).collect(),
    }
}

/// `(key, [(field, value)])`, as `look_up` answers.
fn answer(key: &str, fields: &[(&str, &str)]) -> (String, Document) {
    let document = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    (key.to_owned(), document)
}

async fn a_key_is_found_by_its_text(base: &dyn Reference) {
    let answers = base
        .look_up(
            &query("contato.email", &["nome"]),
            &[KeyForms {
                key: "ana@exemplo.test".to_owned(),
                texts: vec!["ana@exemplo.test".to_owned()],
                integer: None,
            }],
        )
        .await
        .unwrap();
    assert_eq!(
        answers,
        [answer("ana@exemplo.test", &[("nome", "Ana Lima")])]
    );
}

async fn a_key_is_found_in_every_written_form_and_type(base: &dyn Reference) {
    let keys = ["52998224725", "39053344705", "11144477735"].map(cpf);
    let answers = base.look_up(&query("cpf", &["nome"]), &keys).await.unwrap();
    assert_eq!(
        answers,
        [
            answer("52998224725", &[("nome", "Caio Melo")]),
            answer("39053344705", &[("nome", "Dora Paz")]),
            answer("11144477735", &[("nome", "Beto Reis")]),
        ]
    );
}

async fn a_missing_key_does_not_come(base: &dyn Reference) {
    let by_cpf = query("cpf", &["nome"]);
    assert_eq!(base.look_up(&by_cpf, &[]).await.unwrap(), []);
    assert_eq!(
        base.look_up(&by_cpf, &[cpf("98765432100")]).await.unwrap(),
        []
    );
    let answers = base
        .look_up(&by_cpf, &[cpf("98765432100"), cpf("11144477735")])
        .await
        .unwrap();
    assert_eq!(answers, [answer("11144477735", &[("nome", "Beto Reis")])]);
    let by_nothing = query("nao_existe", &["nome"]);
    assert_eq!(
        base.look_up(&by_nothing, &[cpf("11144477735")])
            .await
            .unwrap(),
        []
    );
}

async fn several_documents_of_a_key_come_in_the_order_of_the_base(base: &dyn Reference) {
    let keys = ["11144477735", "04515266861"].map(cpf);
    let answers = base.look_up(&query("cpf", &["nome"]), &keys).await.unwrap();
    assert_eq!(
        answers,
        [
            answer("11144477735", &[("nome", "Beto Reis")]),
            answer("04515266861", &[("nome", "Ana Lima")]),
            answer("04515266861", &[("nome", "Ana L.")]),
        ]
    );
}

async fn only_wanted_fields_come_written_as_a_person_would(base: &dyn Reference) {
    let wanted = [
        "nascimento",
        "limite",
        "pontos",
        "ativo",
        "tags",
        "obs",
        "contato",
        "contato.email",
        "nada",
    ];
    let answers = base
        .look_up(&query("cpf", &wanted), &[cpf("04515266861")])
        .await
        .unwrap();
    let (_, mut document) = answers[0].clone();
    document.sort();
    assert_eq!(
        document,
        answer(
            "",
            &[
                ("ativo", "true"),
                ("contato.email", "ana@exemplo.test"),
                ("limite", "1234.5"),
                ("nascimento", "1980-05-17"),
                ("pontos", "3"),
                ("tags", "a; b"),
            ]
        )
        .1
    );
    assert_eq!(answers[1], answer("04515266861", &[]));

    let answers = base
        .look_up(&query("cpf", &["cpf"]), &[cpf("52998224725")])
        .await
        .unwrap();
    assert_eq!(
        answers,
        [answer("52998224725", &[("cpf", "529.982.247-25")])]
    );
}

async fn many_keys_are_found_chunk_by_chunk(base: &dyn Reference) {
    let keys: Vec<KeyForms> = (0..2_500).rev().map(number).collect();
    let wanted = query("codigo", &["valor"]);
    let mut answers = Vec::new();
    for chunk in keys.chunks(1_000) {
        answers.extend(base.look_up(&wanted, chunk).await.unwrap());
    }
    let expected: Vec<(String, Document)> = (0..2_500)
        .rev()
        .filter(|number| number % 2 == 0)
        .map(|number| answer(&number.to_string(), &[("valor", &format!("v{number}"))]))
        .collect();
    assert_eq!(answers, expected);
}

async fn a_base_describes_itself(base: &dyn Reference) {
    let description = base.describe().await.unwrap();
    assert_eq!(description.documents, PEOPLE as u64 + NUMBERS as u64 / 2);
    for field in [
        "cpf",
        "nome",
        "contato.email",
        "contato.fax",
        "obs",
        "valor",
    ] {
        assert!(description.fields.iter().any(|f| f == field), "{field}");
    }
    assert!(!description.fields.iter().any(|f| f == "_id"));
    assert!(description.indexed.iter().any(|f| f == "cpf"));
    assert!(description.name.contains("base"), "{}", description.name);
    assert!(!description.writable);
}

async fn names_that_are_no_field_names_are_refused(base: &dyn Reference) {
    let long = "a".repeat(129);
    for name in ["", "$where", "a b", "cpf\0", "1a", &long] {
        for asked in [query(name, &["nome"]), query("cpf", &["nome", name])] {
            let error = base.look_up(&asked, &[cpf("11144477735")]).await;
            assert!(
                matches!(error, Err(ReferenceError::Refused(_))),
                "{name}: {error:?}"
            );
        }
    }
}

/// Every test of the contract on one base.
macro_rules! contract {
    ($base:ident $(, $ignored:meta)?) => {
        contract! { $base [$($ignored)?]
            a_key_is_found_by_its_text
            a_key_is_found_in_every_written_form_and_type
            a_missing_key_does_not_come
            several_documents_of_a_key_come_in_the_order_of_the_base
            only_wanted_fields_come_written_as_a_person_would
            many_keys_are_found_chunk_by_chunk
            a_base_describes_itself
            names_that_are_no_field_names_are_refused
        }
    };
    ($base:ident [] $($test:ident)*) => {
        mod $base {$(
            #[tokio::test]
            async fn $test() {
                let base = super::$base().await;
                super::$test(&*base.reference).await;
                base.close().await;
            }
        )*}
    };
    ($base:ident [$ignored:meta] $($test:ident)*) => {
        mod $base {$(
            #[tokio::test]
            #[$ignored]
            async fn $test() {
                let base = super::$base().await;
                super::$test(&*base.reference).await;
                base.close().await;
            }
        )*}
    };
}

contract!(jsonl);
contract!(csv);
contract!(mongo, ignore = "needs MongoDB: run by tests/run.sh");

// --- files only

#[tokio::test]
async fn a_malformed_line_is_named() {
    let base = Base::in_file("base.jsonl", "{\"cpf\":\"1\"}\n\n{\"cpf\":\n{}\n");
    for error in [
        base.reference.describe().await.err(),
        base.reference
            .look_up(&query("cpf", &["nome"]), &[number(1)])
            .await
            .err(),
    ] {
        let Some(ReferenceError::Malformed { file, line: 3, .. }) = error else {
            panic!("{error:?}")
        };
        assert!(file.ends_with("base.jsonl"));
    }
}

#[tokio::test]
async fn a_csv_line_that_is_not_utf8_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("base.csv");
    std::fs::write(&path, b"cpf,nome\n1,\"Ana\nLima\"\n2,Jo\xe3o\n").unwrap();
    let error = File::open(&path).unwrap().describe().await.unwrap_err();
    assert!(
        matches!(error, ReferenceError::Malformed { line: 4, .. }),
        "{error:?}"
    );
    assert!(!error.is_transient());
}

#[tokio::test]
async fn a_comma_separated_file_with_line_breaks_in_cells_is_read() {
    let base = Base::in_file("base.csv", "cpf,Razão Social\n1,\"Lima\n& Reis\"\n2,Melo");
    let answers = base
        .reference
        .look_up(&query("cpf", &["Razao_Social"]), &[number(2), number(1)])
        .await
        .unwrap();
    assert_eq!(
        answers,
        [
            answer("2", &[("Razao_Social", "Melo")]),
            answer("1", &[("Razao_Social", "Lima\n& Reis")]),
        ]
    );
}

#[tokio::test]
async fn an_empty_file_is_an_empty_base() {
    for name in ["base.csv", "base.jsonl"] {
        let base = Base::in_file(name, "\u{feff}\n");
        assert_eq!(base.reference.describe().await.unwrap().documents, 0);
        let asked = query("cpf", &["nome"]);
        assert_eq!(
            base.reference.look_up(&asked, &[number(1)]).await.unwrap(),
            []
        );
    }
}

#[tokio::test]
async fn a_file_that_is_replaced_is_read_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("base.csv");
    let asked = query("cpf", &["nome"]);
    std::fs::write(&path, "cpf,nome\n1,Ana\n").unwrap();
    let base = File::open(&path).unwrap();
    let look_up = async || base.look_up(&asked, &[number(7)]).await.unwrap();
    assert_eq!(look_up().await, []);

    let next = folder.path().join("next");
    std::fs::write(&next, "{\"cpf\":7,\"nome\":\"Beto\"}\n").unwrap();
    std::fs::rename(&next, &path).unwrap();
    assert_eq!(look_up().await, [answer("7", &[("nome", "Beto")])]);

    // Between two versions there may be none.
    std::fs::remove_file(&path).unwrap();
    assert_eq!(look_up().await, [answer("7", &[("nome", "Beto")])]);
}

#[tokio::test]
async fn a_file_that_cannot_be_opened_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().join("missing.csv"), folder.path().to_owned()] {
        let error = File::open(&path).err().unwrap();
        assert!(matches!(error, ReferenceError::File { .. }));
        assert!(error.to_string().contains(path.to_str().unwrap()));
    }
}

#[tokio::test]
#[ignore = "measures time: run it in release"]
async fn a_large_file_is_indexed_in_a_moment() {
    const DOCUMENTS: i64 = 650_000;
    let mut lines = String::new();
    for i in 0..DOCUMENTS {
        writeln!(
            lines,
            r#"{{"_id":{{"$oid":"65a0000000000000{i:08}"}},"cpf":"{i:011}","nome":"Pessoa de Teste Número {i}","contato":{{"email":"pessoa{i}@exemplo.test","telefone":"+55119{i:08}"}},"limite":{i}.5,"cidade":"São Paulo","uf":"SP"}}"#
        )
        .unwrap();
    }
    let megabytes = lines.len() >> 20;
    let base = Base::in_file("base.jsonl", &lines);
    let keys: Vec<KeyForms> = (0..1_000)
        .map(|i| cpf(&format!("{:011}", i * 650)))
        .collect();
    let begun = Instant::now();
    base.reference.describe().await.unwrap();
    println!("described {megabytes} MB: {:?}", begun.elapsed());
    for what in ["first look-up", "second look-up"] {
        let begun = Instant::now();
        let asked = query("cpf", &["nome"]);
        let answers = base.reference.look_up(&asked, &keys).await.unwrap();
        println!("{what}: {:?}", begun.elapsed());
        assert_eq!(answers.len(), keys.len());
    }
}

// --- MongoDB only

async fn ask(base: &Mongo) -> Result<Vec<(String, Document)>, ReferenceError> {
    base.look_up(&query("cpf", &["nome"]), &[cpf("11144477735")])
        .await
}

/// Asserts that a call times out, and does so in time.
async fn assert_times_out(base: &Mongo, timeout: Duration) {
    let begun = Instant::now();
    let answer = ask(base).await;
    assert!(
        matches!(answer, Err(ReferenceError::Timeout(_))),
        "{answer:?}"
    );
    assert!(begun.elapsed() < timeout * 3, "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_port_is_unavailable_in_time() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    let timeout = Duration::from_millis(500);
    let uri = format!("mongodb://ana:segredo@{address}/");
    let base = Mongo::new(settings(&uri, "x", timeout)).unwrap();
    let begun = Instant::now();
    for error in [ask(&base).await.err(), base.describe().await.err()] {
        let error = error.unwrap();
        assert!(matches!(error, ReferenceError::Unavailable(_)), "{error:?}");
        assert!(error.is_transient());
        assert!(!error.to_string().contains("segredo"));
    }
    assert!(begun.elapsed() < timeout * 4, "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_never_answers_times_out_every_time() {
    let relay = Relay::start(None).await;
    let timeout = Duration::from_millis(150);
    let base = Mongo::new(settings(&relay.uri(), "x", timeout)).unwrap();
    for _ in 0..20 {
        assert_times_out(&base, timeout).await;
    }
    let answer = base.describe().await;
    assert!(matches!(answer, Err(ReferenceError::Timeout(_))));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs MongoDB: run by tests/run.sh"]
async fn a_server_that_hangs_for_twenty_calls_is_used_again_when_it_answers() {
    let (base, relay, timeout) = base_behind_relay().await;
    assert_eq!(ask(&base).await.unwrap(), []);
    relay.freeze(true);
    for _ in 0..20 {
        assert_times_out(&base, timeout).await;
    }
    relay.freeze(false);
    assert_answers_again(&base).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs MongoDB: run by tests/run.sh"]
async fn connections_that_went_silent_do_not_use_up_the_pool() {
    let (base, relay, timeout) = base_behind_relay().await;
    for _ in 0..20 {
        assert_answers_again(&base).await;
        relay.forget_connections();
        assert_times_out(&base, timeout).await;
    }
    assert_answers_again(&base).await;
}

async fn base_behind_relay() -> (Mongo, Relay, Duration) {
    let uri = harness::server("PYSERVICE_TEST_MONGO_URI");
    let server = mongodb::options::ClientOptions::parse(&uri)
        .await
        .unwrap()
        .hosts[0]
        .to_string();
    let relay = Relay::start(Some(server)).await;
    let timeout = Duration::from_millis(250);
    let nothing = format!("none_{}", Uuid::new_v4().simple());
    let base = Mongo::new(settings(&relay.uri(), &nothing, timeout)).unwrap();
    (base, relay, timeout)
}

/// Asserts that it does soon: long before the driver by itself would notice that a connection went
/// silent, which takes ten seconds.
async fn assert_answers_again(base: &Mongo) {
    let deadline = Instant::now() + Duration::from_secs(4);
    loop {
        match ask(base).await {
            Ok(answers) => return assert_eq!(answers, []),
            Err(error) => assert!(Instant::now() < deadline, "{error}"),
        }
    }
}

/// Passes bytes on, unless it is frozen or has no server: then it accepts and says nothing.
struct Relay {
    address: SocketAddr,
    frozen: watch::Sender<bool>,
    /// Connections up to this number get no more bytes, ever.
    forgotten: Arc<AtomicU64>,
    accepted: Arc<AtomicU64>,
}

impl Relay {
    async fn start(server: Option<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let relay = Relay {
            address: listener.local_addr().unwrap(),
            frozen: watch::Sender::new(server.is_none()),
            forgotten: Arc::default(),
            accepted: Arc::default(),
        };
        let (frozen, forgotten) = (relay.frozen.clone(), Arc::clone(&relay.forgotten));
        let accepted = Arc::clone(&relay.accepted);
        tokio::spawn(async move {
            while let Ok((inward, _)) = listener.accept().await {
                let number = accepted.fetch_add(1, Ordering::SeqCst) + 1;
                let (frozen, server) = (frozen.subscribe(), server.clone());
                let forgotten = Arc::clone(&forgotten);
                tokio::spawn(pass_on(inward, server, frozen, forgotten, number));
            }
        });
        relay
    }

    fn uri(&self) -> String {
        format!("mongodb://{}/?directConnection=true", self.address)
    }

    fn freeze(&self, frozen: bool) {
        self.frozen.send_replace(frozen);
    }

    fn forget_connections(&self) {
        let all = self.accepted.load(Ordering::SeqCst);
        self.forgotten.store(all, Ordering::SeqCst);
    }
}

async fn pass_on(
    inward: TcpStream,
    server: Option<String>,
    mut frozen: watch::Receiver<bool>,
    forgotten: Arc<AtomicU64>,
    number: u64,
) {
    if frozen.wait_for(|frozen| !frozen).await.is_err() {
        return;
    }
    let Some(server) = server else { return };
    let Ok(outward) = TcpStream::connect(server).await else {
        return;
    };
    let silent = || forgotten.load(Ordering::SeqCst) >= number;
    loop {
        let (from, to) = tokio::select! {
            ready = inward.readable() => match ready { Ok(()) => (&inward, &outward), Err(_) => return },
            ready = outward.readable() => match ready { Ok(()) => (&outward, &inward), Err(_) => return },
        };
        let mut buffer = [0; 4096];
        let read = match from.try_read(&mut buffer) {
            Ok(0) => return,
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => continue,
            Err(_) => return,
        };
        if frozen.wait_for(|frozen| !frozen).await.is_err() {
            return;
        }
        if silent() {
            continue;
        }
        let mut rest = &buffer[..read];
        while !rest.is_empty() {
            if to.writable().await.is_err() {
                return;
            }
            match to.try_write(rest) {
                Ok(written) => rest = &rest[written..],
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
        }
    }
}

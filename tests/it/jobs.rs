//! Whole jobs on the real servers: a message comes in, results lie on the drive, the queue is empty.

pub mod site;

use std::sync::Arc;
use std::time::Duration;

use pyservice::broker::{Amqp, Timing};
use pyservice::config::SourceAfter;
use pyservice::ledger::Memory;
use pyservice::worker::{Rules, Worker};
use serde_json::{Value, json};
use site::{APACHE, SABRE, Site};
use tokio::task::block_in_place;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::harness::customers::Customers;
use crate::harness::program::{Serving, run};

/// A name that nobody else listens for.
fn unique(name: &str) -> String {
    format!("{name} {}", Uuid::new_v4().simple())
}

/// Of how far the jobs are, any may be left out.
fn names(events: &[(String, Value)]) -> Vec<&str> {
    let names = events.iter().map(|(name, _)| name.as_str());
    names.filter(|name| *name != "job.progress").collect()
}

/// What an event of this name told.
fn told<'a>(events: &'a [(String, Value)], name: &str) -> &'a Value {
    let mut events = events.iter();
    let event = events.find(|(found, _)| found == name);
    &event.unwrap_or_else(|| panic!("no {name}")).1
}

/// The names of a job that went well.
const WELL: [&str; 3] = ["job.accepted", "job.started", "job.finished"];

/// Asserts about the queues and the program when all is done, and cleans up.
async fn ends_well(site: Site, serving: Serving) {
    let log = serving.log();
    assert!(
        !log.contains("ERROR message") && !log.contains("panicked"),
        "{log}"
    );
    block_in_place(|| serving.stop());
    site.queues_are_empty().await;
    site.leave().await;
}

async fn published_lists_are_treated_on(drive: &str) {
    let mut site = Site::new(drive);
    let (many, few) = (Customers::new(5_000), Customers::new(50));
    site.knows(&many).await;
    let stems = [
        unique("Clientes março +100%"),
        format!("norte/{}", unique("poucos")),
    ];
    let files = stems.clone().map(|stem| format!("{stem}.csv"));
    site.put(&files[0], &many.csv_1252(b';')).await;
    site.put(&files[1], few.csv(b',').as_bytes()).await;
    let mut listener = site.listen().await;
    let serving = site.serve(&[]);
    site.send_by_pika(&[&files[0]]);
    let events = listener.until_ended(&files[0]).await;
    assert_eq!(names(&events), WELL);
    assert_eq!(told(&events, "job.started")["attempt"], 1);
    assert_eq!(told(&events, "job.progress")["attempt"], 1);
    let finished = told(&events, "job.finished");
    assert_eq!(finished["rows"]["read"], 5_000);
    assert_eq!(finished["artifacts"].as_array().unwrap().len(), 5);

    let body =
        json!({ "fileName": files[1], "path": format!("/storage/{}/", site.work), "ours": 7 });
    site.send_by_node(&body);
    let events = listener.until_ended(&files[1]).await;
    assert_eq!(names(&events), WELL);
    for (name, told) in &events {
        assert_eq!(told["extra"]["ours"], 7, "{name}");
    }

    let results = site.results(&stems[0]).await;
    results.are_those_of(&many, true);
    let by_key = &results.manifest["enrichment"]["by_key"]["cpf"];
    assert_eq!(by_key["found"], many.known().len());
    assert_eq!(results.manifest["input"]["encoding"], "windows-1252");
    // Some of the few are the first of the many.
    site.results(&stems[1]).await.are_those_of(&few, true);
    ends_well(site, serving).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ, MongoDB and a drive: run by tests/run.sh"]
async fn published_lists_are_treated_with_sabre_dav() {
    published_lists_are_treated_on(SABRE).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ, MongoDB and a drive: run by tests/run.sh"]
async fn published_lists_are_treated_with_apache() {
    published_lists_are_treated_on(APACHE).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ and a drive: run by tests/run.sh"]
async fn whoever_publishes_and_waits_is_told_how_it_ended() {
    let site = Site::new(SABRE);
    let customers = Customers::new(20);
    site.put("bom.csv", &customers.csv_1252(b';')).await;
    site.put("foto.csv", b"%PDF-1.7\n").await;
    let serving = site.serve(&[]);
    let variables = site.variables(&[]);
    let variables: Vec<_> = variables
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let publish = |arguments: &[&str]| {
        let arguments = [&["publish", "--wait", "--timeout", "60"], arguments].concat();
        let said = block_in_place(|| run(site.machine(), &variables, &arguments));
        let lines = said.out.lines();
        let events: Vec<Value> = lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        (said.code, events)
    };
    let (code, events) = publish(&["bom.csv", "--job-id", "um"]);
    assert_eq!(code, Some(0), "{events:?}");
    assert_eq!(events[0]["event"], "job.finished");
    assert_eq!(events[0]["job_id"], "um");
    let (code, events) = publish(&["bom.csv", "foto.csv"]);
    assert_eq!(code, Some(1), "{events:?}");
    assert_eq!(
        (&events[0]["event"], &events[1]["event"]),
        (&json!("job.finished"), &json!("job.dead"))
    );
    assert_eq!(events[1]["reason"], "unsupported_format");
    block_in_place(|| serving.stop());
    site.results("bom").await.are_those_of(&customers, false);
    site.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ and a drive: run by tests/run.sh"]
async fn what_can_never_work_is_a_dead_letter_at_once_and_says_why() {
    let site = Site::new(SABRE);
    let customers = Customers::new(20);
    site.put("bom.csv", &customers.csv_1252(b';')).await;
    site.put("foto.csv", b"%PDF-1.7\n").await;
    let serving = site.serve(&[]);
    for (body, stage, reason) in [
        (
            &br#"{"file_name":"../segredo.csv"}"#[..],
            "receive",
            "invalid_name",
        ),
        (
            br#"{"file_path":"work/%2e%2e/segredo.csv"}"#,
            "receive",
            "invalid_name",
        ),
        (b"/etc/passwd", "receive", "invalid_name"),
        (b"", "receive", "invalid_body"),
        (b"\xFF\xFE\x00", "receive", "invalid_body"),
        (br#"{"file_name":"#, "receive", "invalid_body"),
        (br#"{"arquivo":"bom.csv"}"#, "receive", "invalid_body"),
        (
            br#"{"file_name":"foto.csv"}"#,
            "survey",
            "unsupported_format",
        ),
    ] {
        site.send_bytes(body).await;
        let (letter, headers) = site.dead_letter().await;
        assert_eq!(letter, body);
        assert_eq!(headers["pyservice-reason"], reason, "{headers:?}");
        assert_eq!(headers["pyservice-stage"], stage, "{headers:?}");
        assert_eq!(headers["pyservice-attempt"], "1");
        assert_eq!(headers["pyservice-queue"], site.queue);
        assert_eq!(headers["pyservice-version"], env!("CARGO_PKG_VERSION"));
        assert!(!headers["pyservice-message"].is_empty());
        assert!(headers.contains_key("pyservice-first-seen"));
    }
    // None of it held up what works.
    let mut listener = site.listen().await;
    let file = format!("{}.csv", unique("bom"));
    site.put(&file, &customers.csv_1252(b';')).await;
    site.send_by_pika(&[&file]);
    assert_eq!(names(&listener.until_ended(&file).await), WELL);
    block_in_place(|| serving.stop());
    site.queues_are_empty().await;
    site.leave().await;
}

/// The real doors with retries that do not take minutes.
async fn impatient_worker(site: &Site) -> Worker {
    let timing = Timing {
        retry: [300, 600, 900].map(Duration::from_millis),
        ..Timing::default()
    };
    let broker = Amqp::connect(site.amqp_settings(), 1, timing)
        .await
        .unwrap();
    Worker {
        broker: Arc::new(broker),
        drive: site.drive.clone(),
        reference: None,
        ledger: Arc::new(Memory::new()),
        metrics: Arc::default(),
        recipes: Arc::default(),
        rules: Rules {
            work: site.work.clone(),
            finished: site.finished.clone(),
            scratch: site.machine().join("scratch"),
            program: None,
            parallel_jobs: 1,
            deadline: Duration::from_secs(60),
            grace: Duration::from_secs(60),
            max_file_bytes: 1_000_000,
            source_after: SourceAfter::Keep,
            lease: Duration::from_secs(1),
            crash_at: None,
        },
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ and a drive: run by tests/run.sh"]
async fn a_missing_file_is_waited_for_and_then_given_up() {
    for drive in [SABRE, APACHE] {
        let site = Site::new(drive);
        let mut listener = site.listen().await;
        let stop = CancellationToken::new();
        let worker = Arc::new(impatient_worker(&site).await);
        let task = tokio::spawn(worker.run(stop.clone()));

        let never = format!("{}.csv", unique("nunca"));
        site.send_by_pika(&[&never]);
        let events = listener.until_ended(&never).await;
        let (last, failed) = events.split_last().unwrap();
        assert_eq!(last.0, "job.dead");
        let failed: Vec<_> = failed
            .iter()
            .filter(|(name, _)| name == "job.failed")
            .map(|(_, told)| told["attempt"].as_u64().unwrap())
            .collect();
        assert_eq!(failed, [1, 2, 3]);
        let (_, headers) = site.dead_letter().await;
        assert_eq!(headers["pyservice-reason"], "not_found");
        assert_eq!(headers["pyservice-stage"], "fetch");
        assert_eq!(headers["pyservice-attempt"], "4");
        assert!(headers["pyservice-message"].contains(&never), "{headers:?}");

        // Another is still being copied when its message comes.
        let late = unique("tarde");
        let customers = Customers::new(20);
        site.send_by_pika(&[&format!("{late}.csv")]);
        site.put(&format!("{late}.csv"), &customers.csv_1252(b';'))
            .await;
        let events = listener.until_ended(&format!("{late}.csv")).await;
        assert_eq!(events.last().unwrap().0, "job.finished");
        site.results(&late).await.are_those_of(&customers, false);
        stop.cancel();
        task.await.unwrap();
        site.queues_are_empty().await;
        site.leave().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ and a drive: run by tests/run.sh"]
async fn a_message_with_several_files_is_as_many_jobs() {
    let site = Site::new(SABRE);
    let stems = ["a", "b", "c"].map(unique);
    let lists = [10, 20, 30].map(Customers::new);
    for (stem, list) in stems.iter().zip(&lists) {
        site.put(&format!("{stem}.csv"), &list.csv_1252(b';')).await;
    }
    let files = stems.clone().map(|stem| format!("{stem}.csv"));
    let mut listener = site.listen().await;
    let serving = site.serve(&[]);
    site.send_by_node(&json!({ "files": files, "job_id": "lote", "requested_by": "ana" }));
    for (number, file) in (1..).zip(&files) {
        let (name, told) = listener.until_ended(file).await.pop().unwrap();
        assert_eq!(name, "job.finished");
        assert_eq!(told["job_id"], format!("lote/{number}"));
        assert_eq!(told["requested_by"], "ana");
    }
    for (stem, list) in stems.iter().zip(&lists) {
        site.results(stem).await.are_those_of(list, false);
    }
    ends_well(site, serving).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ and a drive: run by tests/run.sh"]
async fn several_queues_are_served_at_a_time() {
    let site = Site::new(SABRE);
    let other = Site::new(SABRE);
    let stems = ["a", "b"].map(unique);
    let customers = Customers::new(20);
    for stem in &stems {
        site.put(&format!("{stem}.csv"), &customers.csv_1252(b';'))
            .await;
    }
    let mut listeners = [site.listen().await, site.listen().await];
    let queues = format!("{}, {}", site.queue, other.queue);
    let serving = site.serve(&[("RABBITMQ_QUEUE", &queues), ("PARALLEL_JOBS", "2")]);
    let files = stems.clone().map(|stem| format!("{stem}.csv"));
    site.send_by_pika(&[&files[0]]);
    site.send_by_pika(&[&files[1], "--queue", &other.queue]);
    for (listener, file) in listeners.iter_mut().zip(&files) {
        let events = listener.until_ended(file).await;
        assert_eq!(names(&events), WELL);
    }
    ends_well(site, serving).await;
    other.queues_are_empty().await;
    other.leave().await;
}

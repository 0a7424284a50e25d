//! The events of jobs and their schema.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use pyservice::broker::{Broker, MemoryBroker, Outgoing, Timing};
use pyservice::config::SourceAfter;
use pyservice::drive::Drive;
use pyservice::drive::folder::Folder;
use pyservice::job::{Reason, RemotePath, Stage};
use pyservice::ledger::Memory;
use pyservice::worker::{Rules, Worker};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::guarantees::trouble::{Trouble, Troubled};
use crate::harness::archives::zip;

const SCHEMA: &str = include_str!("../../docs/event.schema.json");

/// Far longer than any event here takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A worker on an in-process queue and a folder of its own.
struct Service {
    broker: Arc<MemoryBroker>,
    folder: TempDir,
    stop: CancellationToken,
    running: JoinHandle<()>,
}

impl Service {
    fn start() -> Self {
        Self::on(|drive| drive)
    }

    /// On what is made of the drive.
    fn on(troubled: impl FnOnce(Arc<dyn Drive>) -> Arc<dyn Drive>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["work", "finalizado"] {
            fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        let timing = Timing {
            retry: [Duration::from_millis(1); 3],
            ..Timing::default()
        };
        let broker = Arc::new(MemoryBroker::new(1, timing));
        let worker = Worker {
            broker: broker.clone(),
            drive: troubled(Arc::new(Folder::open(folder.path()).expect("a drive"))),
            reference: None,
            ledger: Arc::new(Memory::new()),
            metrics: Arc::default(),
            recipes: Arc::default(),
            rules: Rules {
                work: RemotePath::parse("work").expect("a name"),
                finished: RemotePath::parse("finalizado").expect("a name"),
                scratch: folder.path().join("scratch"),
                program: None,
                parallel_jobs: 1,
                deadline: PATIENCE,
                grace: PATIENCE,
                max_file_bytes: 1024 * 1024,
                source_after: SourceAfter::Keep,
                lease: PATIENCE,
                crash_at: None,
            },
        };
        let stop = CancellationToken::new();
        let running = tokio::spawn(Arc::new(worker).run(stop.clone()));
        Service {
            broker,
            folder,
            stop,
            running,
        }
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.folder.path().join("work").join(name), bytes).expect("a work file");
    }

    /// Publishes a request and collects the events up to the one that ends its job.
    async fn events_of(&self, body: &str) -> Vec<Value> {
        let mut events = self.broker.events();
        let message = Outgoing {
            body: body.as_bytes().to_vec(),
            message_id: Some("m-1".to_owned()),
            reply_to: Some("answers".to_owned()),
            ..Outgoing::default()
        };
        self.broker.publish(message).await.expect("a queue");
        let mut seen = Vec::new();
        loop {
            let event = timeout(PATIENCE, events.recv()).await;
            let event = event.expect("an event in time").expect("an event");
            assert_eq!(event.body["event"], event.name);
            seen.push(event.body);
            let is_final = matches!(event.name, "job.finished" | "job.dead");
            assert_eq!(event.reply_to.is_some(), is_final, "{}", event.name);
            if is_final {
                return seen;
            }
        }
    }

    async fn stop(self) {
        self.stop.cancel();
        self.running.await.expect("the worker ends well");
    }
}

fn schema() -> jsonschema::Validator {
    let schema = serde_json::from_str(SCHEMA).expect("the schema is JSON");
    jsonschema::draft202012::new(&schema).expect("the schema is a schema")
}

fn assert_described(events: &[Value]) {
    let schema = schema();
    for event in events {
        let errors: Vec<_> = schema
            .iter_errors(event)
            .map(|error| format!("{error} at {}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:?} in {event}");
    }
}

/// Of how far the jobs are, any may be left out.
fn names(events: &[Value]) -> Vec<&str> {
    events
        .iter()
        .map(|event| event["event"].as_str().expect("a name"))
        .filter(|name| *name != "job.progress")
        .collect()
}

fn progress(events: &[Value]) -> Vec<&Value> {
    let events = events.iter();
    events
        .filter(|event| event["event"] == "job.progress")
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_done_and_the_same_again_tell_what_the_schema_describes() {
    let service = Service::start();
    service.put("x.csv", "Nome;CPF\nFulano de Tal;529.982.247-25\n");
    let body = r#"{"file_name":"x.csv","job_id":"j","requested_by":"crm","tenant":{"id":3}}"#;
    let events = service.events_of(body).await;
    assert_described(&events);
    assert_eq!(
        names(&events),
        ["job.accepted", "job.started", "job.finished"]
    );
    assert_eq!(events[1]["attempt"], 1);
    let finished = &events[events.len() - 1];
    assert_eq!(finished["extra"], json!({"tenant": {"id": 3}}));
    assert_eq!(finished["rows"]["read"], 1);
    assert_eq!(finished["artifacts"][4], "x_processed.json");

    let again = service.events_of(body).await;
    assert_described(&again);
    assert_eq!(names(&again), ["job.accepted", "job.finished"]);
    assert_eq!(again[1]["already_done"], true);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_takes_its_time_tells_how_far_it_is_and_nothing_after_its_end() {
    let service = Service::on(|drive| {
        Troubled::<dyn Drive>::new(drive, |_, told| {
            let is_slow = told.starts_with("fetch") || told.starts_with("store");
            is_slow.then_some(Trouble::Dawdles(Duration::from_millis(150)))
        })
    });
    let list = "Nome;CPF\nFulano de Tal;529.982.247-25\nBeltrana;\n";
    service.put("x.csv", list);
    let mut later = service.broker.events();
    let events = service
        .events_of(r#"{"file_name":"x.csv","tenant":7}"#)
        .await;
    assert_described(&events);
    let progress = progress(&events);
    let (first, last) = (progress[0], progress[progress.len() - 1]);
    assert_eq!(
        (&first["stage"], &first["rows"]),
        (&json!("fetch"), &json!(0))
    );
    assert_eq!(first.get("rows_total"), None);
    assert_eq!(
        (&last["stage"], &last["rows"]),
        (&json!("upload"), &json!(2))
    );
    assert_eq!(last["rows_total"], 2);
    for event in &progress {
        assert_eq!(event["attempt"], 1);
        assert_eq!(event["bytes_total"], list.len());
        assert_eq!(event["extra"]["tenant"], 7);
    }
    let stages: Vec<_> = progress.iter().map(|event| &event["stage"]).collect();
    let mut once = stages.clone();
    once.dedup();
    assert_eq!(stages, once, "a stage that is short is told once");
    assert_eq!(events[1]["event"], "job.started", "before any progress");
    service.stop().await;

    let mut last = None;
    while let Ok(event) = later.try_recv() {
        last = Some(event.name);
    }
    assert_eq!(last, Some("job.finished"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_fails_was_started_and_is_followed_no_further() {
    let service = Service::start();
    service.put("foto.csv", "%PDF-1.7\n");
    let mut later = service.broker.events();
    let events = service.events_of("foto.csv").await;
    assert_described(&events);
    assert_eq!(names(&events), ["job.accepted", "job.started", "job.dead"]);
    service.stop().await;
    let mut last = None;
    while let Ok(event) = later.try_recv() {
        last = Some(event.name);
    }
    assert_eq!(last, Some("job.dead"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_given_up_tells_what_the_schema_describes() {
    let service = Service::start();
    let events = service.events_of("missing.csv").await;
    assert_described(&events);
    let attempt = ["job.accepted", "job.failed"];
    let last = ["job.accepted", "job.dead"];
    assert_eq!(
        names(&events),
        [attempt, attempt, attempt, last].concat(),
        "a file that may still be syncing is looked for four times"
    );
    assert_eq!(events[7]["reason"], "not_found");
    assert_eq!(events[7]["attempt"], 4);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_cannot_be_read_tells_what_the_schema_describes() {
    let service = Service::start();
    for (body, reason) in [
        ("{", "invalid_body"),
        (r#"{"file_name":"../x.csv"}"#, "invalid_name"),
    ] {
        let events = service.events_of(body).await;
        assert_described(&events);
        assert_eq!(names(&events), ["job.dead"]);
        assert_eq!(events[0]["reason"], reason);
        assert_eq!(events[0].get("file"), None);
    }
    service.stop().await;
}

#[test]
fn the_schema_refuses_what_is_no_event() {
    let schema = schema();
    let accepted = json!({
        "event": "job.accepted", "at": "2026-11-21T12:00:00Z", "message_id": null,
        "file": "x.csv", "job_id": null, "requested_by": null,
    });
    assert!(schema.is_valid(&accepted));
    let break_it: [fn(&mut Value); 6] = [
        |event| event["event"] = "job.guessed".into(),
        |event| event["event"] = "job.finished".into(),
        |event| event["cpf"] = "52998224725".into(),
        |event| event["extra"] = json!({}),
        |event| event["attempt"] = 1.into(),
        |event| drop(event.as_object_mut().and_then(|event| event.remove("file"))),
    ];
    for break_it in break_it {
        let mut event = accepted.clone();
        break_it(&mut event);
        assert!(!schema.is_valid(&event), "{event}");
    }
}

#[test]
fn the_schema_refuses_progress_that_means_nothing() {
    let schema = schema();
    let progress = json!({
        "event": "job.progress", "at": "2026-11-21T12:00:00Z", "message_id": null,
        "file": "x.csv", "job_id": null, "requested_by": null,
        "attempt": 1, "stage": "treat", "rows": 10, "rows_total": 40, "bytes_total": 3000, "percent": 25.0,
    });
    assert!(schema.is_valid(&progress));
    let break_it: [fn(&mut Value); 4] = [
        |event| event["stage"] = "settle".into(),
        |event| event["percent"] = 101.into(),
        |event| event["rows"] = (-1).into(),
        |event| {
            drop(
                event
                    .as_object_mut()
                    .and_then(|event| event.remove("attempt")),
            )
        },
    ];
    for break_it in break_it {
        let mut event = progress.clone();
        break_it(&mut event);
        assert!(!schema.is_valid(&event), "{event}");
    }
}

#[test]
fn the_schema_knows_every_stage_and_reason() {
    let schema: Value = serde_json::from_str(SCHEMA).expect("the schema is JSON");
    let stages: Vec<_> = Stage::ALL.iter().map(|stage| stage.as_str()).collect();
    assert_eq!(schema["$defs"]["stage"]["enum"], json!(stages));

    // There is no list of all reasons to ask, only the match that gives them their codes.
    let matched = include_str!("../../src/job/failure.rs").lines();
    let codes: Vec<_> = matched
        .filter_map(|line| line.trim().strip_prefix("Reason::")?.split_once(" => \""))
        .map(|(_, code)| code.trim_end_matches("\","))
        .collect();
    assert!(codes.contains(&Reason::Internal.code()));
    assert_eq!(schema["$defs"]["reason"]["enum"], json!(codes));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_several_tables_tells_of_each_of_them() {
    let service = Service::start();
    let first = b"Nome;CPF\nFulano de Tal;529.982.247-25\n";
    let last = b"Nome;CPF\nBia Melo;529.982.247-25\nCaio Paz;111.444.777-35\n";
    let archive = zip(&[("a.csv", first), ("b.pdf", b"%PDF-1.7"), ("c.csv", last)]);
    service.put("x.zip", archive);
    let body = r#"{"file_name":"x.zip","outputs":["csv"]}"#;
    let events = service.events_of(body).await;
    assert_described(&events);
    let finished = &events[events.len() - 1];
    assert_eq!(finished["event"], "job.finished");
    let artifacts = [
        "x_a_processed.csv",
        "x_a_processed.json",
        "x_c_processed.csv",
        "x_c_processed.json",
    ];
    assert_eq!(finished["artifacts"], json!(artifacts));
    assert_eq!(finished["rows"]["read"], 3);
    let tables = &finished["tables"];
    assert_eq!(tables[0]["name"], "a.csv");
    assert_eq!(tables[1]["rows"]["read"], 2);
    assert_eq!(tables[1]["artifacts"], json!(artifacts[2..]));
    assert_eq!(finished["untreated"][0]["name"], "b.pdf");
    assert_eq!(finished["untreated"][0]["reason"], "unsupported_format");
    for name in artifacts {
        assert!(service.folder.path().join("finalizado").join(name).exists());
    }

    let again = service.events_of(body).await;
    assert_described(&again);
    let again = &again[again.len() - 1];
    assert_eq!(again["already_done"], true);
    assert_eq!(again["artifacts"], json!(artifacts));
    let all = r#"{"file_name":"x.zip","sheets":"all","job_id":"all"}"#;
    let all = service.events_of(all).await;
    assert_described(&all);
    let all = &all[all.len() - 1];
    assert_eq!(all["tables"].as_array().map(Vec::len), Some(2));
    service.stop().await;
}

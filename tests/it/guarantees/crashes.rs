//! The program dies, and is started again: on the real servers.

use std::collections::BTreeSet;
use std::thread::sleep;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use pyservice::job::{JobId, Stage};
use pyservice::ledger::{Begin, Ledger, Sqlite};
use tokio::task::block_in_place;

use crate::harness::customers::Customers;
use crate::harness::program::Serving;
use crate::harness::results::{EXTENSIONS, Results};
use crate::jobs::site::{APACHE, SABRE, Site};

const MESSAGE: &str = "mensagem 1";

/// A site where one list waits to be treated.
async fn site(drive: &str, customers: &Customers) -> Site {
    let site = Site::new(drive);
    site.put("clientes.csv", &customers.csv_1252(b';')).await;
    site.send_by_pika(&["clientes.csv", "--message-id", MESSAGE]);
    site
}

/// As if the job had first begun then: the reports name that moment.
async fn first_begun(site: &Site, date: DateTime<Utc>) {
    let ledger = Sqlite::open(site.ledger()).unwrap();
    let job = JobId::given(MESSAGE);
    let begun = ledger.begin(&job, date, Duration::ZERO).await.unwrap();
    let Begin::Start { lease, .. } = begun else {
        panic!("{begun:?}")
    };
    ledger.abandon(&lease).await.unwrap();
}

/// What is delivered once everything is done, and that nothing else is.
async fn outcome(site: Site) -> Results {
    site.queues_are_empty().await;
    let expected = EXTENSIONS.map(|extension| format!("clientes_processed.{extension}"));
    let delivered: BTreeSet<_> = site.delivered().await.into_iter().collect();
    assert_eq!(delivered, BTreeSet::from(expected));
    let results = site.results("clientes").await;
    site.leave().await;
    results
}

/// Runs the list to its end, after a first run that died at this stage, if one is named.
async fn treated(customers: Customers, date: DateTime<Utc>, death: Option<Stage>) -> Results {
    let drive = match death {
        Some(Stage::Begin | Stage::Report | Stage::Finish) => APACHE,
        _ => SABRE,
    };
    let site = site(drive, &customers).await;
    first_begun(&site, date).await;
    std::fs::write(site.machine().join("base.jsonl"), customers.known_jsonl()).unwrap();
    let base = ("REFERENCE_FILE", "base.jsonl");
    if let Some(stage) = death {
        let variables = site.variables(&[base, ("CRASH_AT", stage.as_str())]);
        let mut doomed = Serving::start(site.machine(), &variables);
        let status = block_in_place(|| doomed.ended());
        assert!(!status.success(), "{stage}: {status}");
        let last_words = format!("stage={stage}");
        assert!(doomed.log().contains(&last_words), "{}", doomed.log());
    }
    let mut serving = site.serve(&[base]);
    let last = match death {
        Some(Stage::Finish | Stage::Settle) => "job was done before",
        _ => "job finished",
    };
    block_in_place(|| {
        serving.until_logged(&[last, "clientes.csv"]);
        serving.stop();
    });
    outcome(site).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
#[ignore = "needs RabbitMQ and a drive: run by tests/run.sh"]
async fn a_process_that_dies_at_any_stage_changes_nothing_in_the_end() {
    let date = Utc::now() - TimeDelta::days(1);
    let deaths = [
        Stage::Begin,
        Stage::Fetch,
        Stage::Report,
        Stage::Upload,
        Stage::Finish,
        Stage::Settle,
    ];
    let run = |death| tokio::spawn(treated(Customers::new(500), date, death));
    // Side by side: each waits for the lease of the dead.
    let runs = deaths.map(|death| (death, run(Some(death))));
    let undisturbed = run(None).await.unwrap();
    undisturbed.are_those_of(&Customers::new(500), true);
    for (death, run) in runs {
        let results = run.await.unwrap();
        assert_eq!(results.differences(&undisturbed), [""; 0], "{death}");
        results.adds_up();
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ and a drive: run by tests/run.sh"]
async fn a_process_that_is_killed_at_any_moment_changes_nothing_in_the_end() {
    let customers = Customers::new(10_000);
    let site = site(SABRE, &customers).await;
    for life in 1..=2 {
        let mut serving = Serving::start(site.machine(), &site.variables(&[]));
        let fetched = |serving: &Serving| serving.log().matches(" fetched ").count();
        let moment = Duration::from_millis(rand::random_range(0..1_500));
        block_in_place(|| {
            serving.until("it never fetched", |serving| fetched(serving) == life);
            // Any moment will do: nothing is waited for.
            sleep(moment);
            serving.kill();
        });
        let log = serving.log();
        assert!(
            !log.contains("job finished"),
            "too late, after {moment:?}: {log}"
        );
    }
    let mut serving = site.serve(&[]);
    block_in_place(|| {
        serving.until_logged(&["job finished", "clientes.csv"]);
        serving.stop();
    });
    outcome(site).await.are_those_of(&customers, false);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ and a drive: run by tests/run.sh"]
async fn two_processes_on_one_queue_do_every_job_once() {
    const FILES: usize = 20;
    let site = Site::new(SABRE);
    let names: Vec<_> = (0..FILES).map(|number| format!("lista {number}")).collect();
    let list = |number: usize| Customers::new(20 + number);
    for (number, name) in names.iter().enumerate() {
        let bytes = list(number).csv_1252(b';');
        site.put(&format!("{name}.csv"), &bytes).await;
    }
    let variables = site.variables(&[("PARALLEL_JOBS", "2")]);
    let [mut one, other] = [(); 2].map(|()| Serving::start(site.machine(), &variables));
    let files: Vec<_> = names.iter().map(|name| format!("{name}.csv")).collect();
    let body = serde_json::json!({ "files": files }).to_string();
    site.send_by_pika(&["--body", &body, "--message-id", MESSAGE]);
    block_in_place(|| {
        one.until("not every job was finished", |one| {
            one.log().matches("job finished").count() >= FILES
        });
        let log = one.log();
        one.stop();
        other.stop();
        assert_eq!(log.matches("job finished").count(), FILES, "{log}");
        assert!(!log.contains("done before"), "{log}");
    });

    let ledger = rusqlite::Connection::open(site.ledger()).unwrap();
    let query = "SELECT count(*), sum(attempts), count(finished) FROM job";
    let counts: (i64, i64, i64) = ledger.query_row(query, [], |row| row.try_into()).unwrap();
    assert_eq!(counts, (20, 20, 20));
    assert_eq!(site.delivered().await.len(), FILES * EXTENSIONS.len());
    for (number, name) in names.iter().enumerate() {
        site.results(name).await.are_those_of(&list(number), false);
    }
    site.queues_are_empty().await;
    site.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ and a drive: run by tests/run.sh"]
async fn a_job_in_hand_is_finished_before_the_process_ends() {
    let customers = Customers::new(5_000);
    let site = site(APACHE, &customers).await;
    let mut serving = site.serve(&[]);
    block_in_place(|| {
        serving.until_logged(&["fetched"]);
        serving.terminate();
        assert!(serving.ended().success(), "{}", serving.log());
    });
    let log = serving.log();
    assert!(log.contains("waiting for running jobs"), "{log}");
    assert!(log.contains("job finished"), "{log}");
    outcome(site).await.are_those_of(&customers, false);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ and a drive: run by tests/run.sh"]
async fn a_job_that_is_given_back_is_done_by_the_next_process_at_once() {
    let customers = Customers::new(5_000);
    let site = site(SABRE, &customers).await;
    let mut serving = site.serve(&[("SHUTDOWN_GRACE_SECONDS", "0")]);
    block_in_place(|| {
        serving.until_logged(&["fetched"]);
        serving.terminate();
        assert!(serving.ended().success(), "{}", serving.log());
        assert!(!serving.log().contains("job finished"), "{}", serving.log());
    });
    let mut serving = site.serve(&[]);
    block_in_place(|| {
        serving.until_logged(&["job finished", "clientes.csv"]);
        // Nobody had to wait for a lease.
        assert!(
            !serving.log().contains("trying again later"),
            "{}",
            serving.log()
        );
        serving.stop();
    });
    outcome(site).await.are_those_of(&customers, false);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RabbitMQ and a drive: run by tests/run.sh"]
async fn who_is_told_twice_to_stop_does_not_wait_for_anything() {
    let customers = Customers::new(5_000);
    let site = site(SABRE, &customers).await;
    let mut serving = site.serve(&[]);
    block_in_place(|| {
        serving.until_logged(&["fetched"]);
        serving.terminate();
        serving.until_logged(&["told to stop"]);
        serving.terminate();
        assert_eq!(serving.ended().code(), Some(130), "{}", serving.log());
    });
    site.leave().await;
}

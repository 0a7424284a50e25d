//! Doors that fail at any of their calls, panic, hang or lose their answers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pyservice::broker::Broker;
use pyservice::drive::Drive;
use pyservice::job::JobId;
use pyservice::ledger::{Begin, Ledger};
use pyservice::reference::Reference;
use pyservice::worker::Worker;
use tokio::runtime::Runtime;

use super::embedded::{DEADLINE, Embedded, LEASE, Running, date, next_event};
use super::trouble::{Trouble, Troubled};
use crate::harness::customers::Customers;
use crate::harness::results::Results;

const FAILURES: [Trouble; 2] = [Trouble::Fails, Trouble::LosesItsAnswer];

fn customers() -> Customers {
    Customers::new(120)
}

/// What an undisturbed job delivers.
async fn undisturbed() -> Results {
    let embedded = Embedded::new(&customers());
    embedded.publish("clientes.csv").await;
    embedded.until(embedded.worker(), "job.finished").await;
    embedded.is_clean().await;
    let results = embedded.results("clientes");
    results.are_those_of(&customers(), true);
    results
}

/// Runs a job in which `plant` makes one door fail at its n-th call, for every n there is, and
/// expects the same results as ever. `plant` returns how often the door was called.
async fn fails_at_every_call(
    plant: impl Fn(&mut Worker, usize, Trouble) -> Box<dyn Fn() -> usize>,
    calls_there_are: usize,
) {
    let expected = undisturbed().await;
    for trouble in FAILURES {
        let mut n = 0;
        loop {
            n += 1;
            let embedded = Embedded::new(&customers());
            embedded.publish("clientes.csv").await;
            let mut worker = embedded.worker();
            let calls = plant(&mut worker, n, trouble);
            embedded.until(worker, "job.finished").await;
            embedded.is_clean().await;
            let differences = embedded.results("clientes").differences(&expected);
            assert!(
                differences.is_empty(),
                "{differences:?} after {trouble:?} at call {n}"
            );
            if calls() < n {
                // All went well: the door has no n-th call.
                break;
            }
        }
        assert_eq!(n - 1, calls_there_are);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drive_that_fails_once_at_any_call_changes_nothing_in_the_end() {
    let plant = |worker: &mut Worker, n, trouble| {
        let drive = Troubled::<dyn Drive>::at_call(worker.drive.clone(), n, trouble);
        worker.drive = drive.clone();
        Box::new(move || drive.calls()) as Box<dyn Fn() -> usize>
    };
    // To look, to fetch, and to store five artifacts.
    fails_at_every_call(plant, 7).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_fails_once_at_any_call_changes_nothing_in_the_end() {
    let plant = |worker: &mut Worker, n, trouble| {
        let ledger = Troubled::<dyn Ledger>::at_call(worker.ledger.clone(), n, trouble);
        worker.ledger = ledger.clone();
        Box::new(move || ledger.calls()) as Box<dyn Fn() -> usize>
    };
    // To begin and to finish.
    fails_at_every_call(plant, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_base_that_fails_once_at_any_call_changes_nothing_in_the_end() {
    let plant = |worker: &mut Worker, n, trouble| {
        let base = worker.reference.clone().unwrap();
        let base = Troubled::<dyn Reference>::at_call(base, n, trouble);
        worker.reference = Some(base.clone());
        Box::new(move || base.calls()) as Box<dyn Fn() -> usize>
    };
    // To describe itself and to look the keys up.
    fails_at_every_call(plant, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn news_that_cannot_be_told_hold_nothing_up() {
    let embedded = Embedded::new(&customers());
    embedded.publish("clientes.csv").await;
    let mut worker = embedded.worker();
    worker.broker = Troubled::<dyn Broker>::always(worker.broker, "emit", Trouble::LosesItsAnswer);
    embedded.until(worker, "job.finished").await;
    embedded.is_clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_that_is_never_taken_holds_nothing_up() {
    let embedded = Embedded::new(&customers());
    embedded.publish("clientes.csv").await;
    let mut worker = embedded.worker();
    let emit = "emit job.progress";
    worker.broker = Troubled::<dyn Broker>::always(worker.broker, emit, Trouble::Hangs);
    let since = Instant::now();
    embedded.until(worker, "job.finished").await;
    assert!(since.elapsed() < DEADLINE / 3, "{:?}", since.elapsed());
    embedded.is_clean().await;
    embedded
        .results("clientes")
        .are_those_of(&customers(), true);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_the_broker_does_not_take_leaves_the_message_to_come_again() {
    let embedded = Embedded::new(&customers());
    embedded.publish("clientes.csv").await;
    let mut worker = embedded.worker();
    worker.broker = Troubled::<dyn Broker>::always(worker.broker, "settle", Trouble::Fails);
    embedded.until(worker, "job.finished").await;
    assert_eq!(embedded.queue.depths().await.unwrap().work, 1);

    let mut worker = embedded.worker();
    let drive = Troubled::<dyn Drive>::always(worker.drive, "store", Trouble::Panics);
    worker.drive = drive;
    let event = embedded.until(worker, "job.finished").await;
    assert_eq!(event.body["already_done"], true);
    embedded.is_clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drive_that_stays_down_ends_in_the_dead_letter_queue() {
    let embedded = Embedded::new(&customers());
    embedded.publish("clientes.csv").await;
    let mut worker = embedded.worker();
    worker.drive = Troubled::<dyn Drive>::always(worker.drive, "store", Trouble::Fails);
    let event = embedded.until(worker, "job.dead").await;
    assert_eq!(event.body["reason"], "drive_unavailable");
    let dead = embedded.dead_letter().await;
    assert_eq!(
        (&*dead.reason, &*dead.stage),
        ("drive_unavailable", "upload")
    );
    assert_eq!(dead.attempt, 4);
    embedded.left_nothing_behind();

    // Somebody mends it, and puts the message back.
    embedded.queue.revive(9).await.unwrap();
    embedded.until(embedded.worker(), "job.finished").await;
    embedded.is_clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_was_given_up_has_all_its_attempts_again() {
    let embedded = Embedded::new(&customers());
    embedded.publish("clientes.csv").await;
    for _ in 0..2 {
        let mut worker = embedded.worker();
        worker.drive = Troubled::<dyn Drive>::always(worker.drive, "store", Trouble::Fails);
        let event = embedded.until(worker, "job.dead").await;
        assert_eq!(event.body["attempt"], 4);
        embedded.queue.revive(9).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn results_that_are_gone_are_made_again() {
    let embedded = Embedded::new(&customers());
    embedded.publish("clientes.csv").await;
    embedded.until(embedded.worker(), "job.finished").await;
    let pdf = embedded.finished().join("clientes_processed.pdf");
    std::fs::remove_file(&pdf).unwrap();

    embedded.publish_again("clientes.csv").await;
    let event = embedded.until(embedded.worker(), "job.finished").await;
    assert!(event.body["already_done"].is_null());
    assert!(pdf.is_file());

    embedded.publish_again("clientes.csv").await;
    let event = embedded.until(embedded.worker(), "job.finished").await;
    assert_eq!(event.body["already_done"], true);
    embedded.is_clean().await;
}

/// Two jobs, of which the first has this trouble at this call of its drive; how its end is told.
async fn the_next_job_is_done_after(embedded: Embedded, call: &'static str, trouble: Trouble) {
    embedded.put("azar.csv", &customers().csv_1252(b';'));
    embedded.publish("azar.csv").await;
    embedded.publish("clientes.csv").await;
    let mut worker = embedded.worker();
    worker.drive = Troubled::<dyn Drive>::always(worker.drive, call, trouble);
    let mut events = embedded.queue.events();
    let running = Running::start(worker);
    next_event(&mut events, "job.finished").await;
    let event = next_event(&mut events, "job.dead").await;
    running.stop().await;
    assert_eq!(event.body["file"], "azar.csv");
    let dead = embedded.dead_letter().await;
    let reason = match trouble {
        Trouble::Panics => "panic",
        _ => "deadline",
    };
    assert_eq!((dead.reason.as_str(), dead.attempt), (reason, 4), "{call}");
    embedded.left_nothing_behind();
    embedded
        .results("clientes")
        .are_those_of(&customers(), true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_ends_its_job_only_and_counts_as_an_attempt() {
    for call in [
        "stat work/azar.csv",
        "fetch work/azar.csv",
        "store finalizado/azar_processed.pdf",
    ] {
        let embedded = Embedded::new(&customers());
        the_next_job_is_done_after(embedded, call, Trouble::Panics).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_takes_too_long_is_ended_and_counts_as_an_attempt() {
    let mut embedded = Embedded::new(&customers());
    embedded.rules.deadline = Duration::from_secs(3);
    the_next_job_is_done_after(embedded, "fetch work/azar.csv", Trouble::Hangs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_outlasts_its_lease_is_done_once_however_often_it_is_asked_for() {
    let mut embedded = Embedded::new(&customers());
    embedded.rules.parallel_jobs = 4;
    embedded.publish("clientes.csv").await;
    for _ in 0..5 {
        embedded.publish_again("clientes.csv").await;
    }
    let mut worker = embedded.worker();
    let slow = Trouble::Dawdles(LEASE * 3);
    let drive = Troubled::<dyn Drive>::always(worker.drive, "fetch", slow);
    let stored = Troubled::<dyn Drive>::new(drive, |_, _| None);
    worker.drive = stored.clone();
    let mut events = embedded.queue.events();
    let running = Running::start(worker);
    let first = next_event(&mut events, "job.finished").await;
    assert_eq!(first.body.get("already_done"), None);
    for _ in 0..5 {
        let other = next_event(&mut events, "job.finished").await;
        assert_eq!(other.body["already_done"], true);
    }
    running.stop().await;
    embedded.is_clean().await;
    embedded
        .results("clientes")
        .are_those_of(&customers(), true);
}

/// A worker in a runtime of its own, which can be taken away from under it as by a power cut.
struct Doomed(Runtime);

impl Doomed {
    fn start(worker: Worker) -> Self {
        let runtime = Runtime::new().unwrap();
        runtime.spawn(async move {
            let running = Running::start(worker);
            std::future::pending::<()>().await;
            running.stop().await;
        });
        Doomed(runtime)
    }

    fn dies(self) {
        self.0.shutdown_background();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_over_which_the_process_dies_again_and_again_is_given_up() {
    let embedded = Embedded::new(&customers());
    embedded.publish("clientes.csv").await;
    for death in 1..=3 {
        let mut worker = embedded.worker();
        let drive = Troubled::<dyn Drive>::always(worker.drive, "fetch", Trouble::Hangs);
        worker.drive = drive.clone();
        let doomed = Doomed::start(worker);
        // It looked the file up, and fetches it.
        eventually(&format!("death {death}"), || drive.calls() == 2).await;
        doomed.dies();
        eventually("the message is back", || {
            futures_util::FutureExt::now_or_never(embedded.queue.depths())
                .is_some_and(|depths| depths.unwrap().work == 1)
        })
        .await;
    }
    let event = embedded.until(embedded.worker(), "job.dead").await;
    assert_eq!(event.body["reason"], "panic");
    assert_eq!(embedded.dead_letter().await.stage, "begin");
    embedded.left_nothing_behind();
}

async fn eventually(what: &str, mut question: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !question() {
        assert!(Instant::now() < deadline, "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_worker_died_is_done_by_the_next_with_the_same_results() {
    let expected = undisturbed().await;
    for call in ["fetch", "store finalizado/clientes_processed.pdf"] {
        let embedded = Embedded::new(&customers());
        embedded.publish("clientes.csv").await;
        let mut worker = embedded.worker();
        let reached = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let tell = reached.clone();
        worker.drive = Troubled::<dyn Drive>::new(worker.drive, move |_, told| {
            let here = told.starts_with(call);
            tell.fetch_or(here, std::sync::atomic::Ordering::SeqCst);
            here.then_some(Trouble::Hangs)
        });
        let doomed = Doomed::start(worker);
        eventually(call, || reached.load(std::sync::atomic::Ordering::SeqCst)).await;
        doomed.dies();
        embedded.until(embedded.worker(), "job.finished").await;
        embedded.is_clean().await;
        let differences = embedded.results("clientes").differences(&expected);
        assert_eq!(differences, [""; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_cannot_end_in_time_goes_back_as_if_it_had_never_begun() {
    let mut embedded = Embedded::new(&customers());
    embedded.rules.grace = Duration::from_millis(50);
    embedded.publish("clientes.csv").await;
    let mut worker = embedded.worker();
    let drive = Troubled::<dyn Drive>::always(worker.drive, "fetch", Trouble::Hangs);
    worker.drive = drive.clone();
    let running = Running::start(worker);
    eventually("it fetches", || drive.calls() == 2).await;
    running.stop().await;
    assert_eq!(embedded.queue.depths().await.unwrap().work, 1);
    embedded.left_nothing_behind();
    let job = JobId::given("clientes.csv");
    let begun = embedded.ledger.begin(&job, date(), Duration::ZERO);
    let Begin::Start { attempt, lease, .. } = begun.await.unwrap() else {
        panic!("somebody still holds the job");
    };
    assert_eq!(attempt, 1);
    embedded.ledger.release(&lease).await.unwrap();
    embedded.until(embedded.worker(), "job.finished").await;
    embedded.is_clean().await;
}

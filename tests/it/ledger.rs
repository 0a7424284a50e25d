//! The contract of a ledger, in memory and in a SQLite file.

use std::sync::Barrier;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use pyservice::job::{Artifact, JobId};
use pyservice::ledger::{Begin, Finished, Lease, Ledger, LedgerError, Memory, Sqlite};
use tempfile::TempDir;

const LEASE: Duration = Duration::from_secs(60);

/// Seconds after a moment with as many decimals as a clock gives.
fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000 + seconds, 123_456_789).unwrap()
}

fn job(name: &str) -> JobId {
    JobId::given(name)
}

fn artifacts() -> Vec<Artifact> {
    ["csv", "json"]
        .map(|kind| Artifact {
            name: format!("março_processed.{kind}"),
            bytes: u64::from(u32::MAX) + 1,
            sha256: "ab".repeat(32),
        })
        .to_vec()
}

async fn start(ledger: &dyn Ledger, name: &str, seconds: i64) -> (u32, DateTime<Utc>, Lease) {
    match ledger.begin(&job(name), at(seconds), LEASE).await.unwrap() {
        Begin::Start {
            attempt,
            first_begun,
            lease,
        } => (attempt, first_begun, lease),
        other => panic!("{other:?}"),
    }
}

fn assert_lost(answer: Result<(), LedgerError>) {
    let Err(error @ LedgerError::LeaseLost(_)) = answer else {
        panic!("{answer:?}")
    };
    assert!(!error.is_transient());
}

async fn an_unknown_job_starts_with_its_first_attempt(ledger: &dyn Ledger) {
    let (attempt, first_begun, lease) = start(ledger, "a", 0).await;
    assert_eq!((attempt, first_begun), (1, at(0)));
    assert_eq!(lease.job, job("a"));
    let (attempt, _, other) = start(ledger, "b", 0).await;
    assert_eq!(attempt, 1);
    assert_ne!(lease.token, other.token);
}

async fn a_job_under_a_live_lease_is_busy(ledger: &dyn Ledger) {
    start(ledger, "a", 0).await;
    let busy = Begin::Busy { until: at(60) };
    assert_eq!(ledger.begin(&job("a"), at(0), LEASE).await.unwrap(), busy);
    assert_eq!(ledger.begin(&job("a"), at(59), LEASE).await.unwrap(), busy);
}

async fn an_expired_lease_is_a_new_attempt_of_the_same_date(ledger: &dyn Ledger) {
    let (_, _, lost) = start(ledger, "a", 0).await;
    let (attempt, first_begun, lease) = start(ledger, "a", 60).await;
    assert_eq!((attempt, first_begun), (2, at(0)));
    assert_lost(ledger.renew(&lost, at(61), LEASE).await);
    assert_lost(ledger.finish(&lost, at(61), &artifacts()).await);
    assert_lost(ledger.release(&lost).await);
    assert_lost(ledger.abandon(&lost).await);
    ledger.renew(&lease, at(61), LEASE).await.unwrap();
}

async fn a_released_job_starts_again_at_once(ledger: &dyn Ledger) {
    let (_, _, lease) = start(ledger, "a", 0).await;
    ledger.release(&lease).await.unwrap();
    assert_lost(ledger.release(&lease).await);
    let (attempt, first_begun, _) = start(ledger, "a", 1).await;
    assert_eq!((attempt, first_begun), (2, at(0)));
}

async fn an_abandoned_attempt_does_not_count(ledger: &dyn Ledger) {
    let (_, _, lease) = start(ledger, "a", 0).await;
    ledger.release(&lease).await.unwrap();
    let (_, _, lease) = start(ledger, "a", 1).await;
    ledger.abandon(&lease).await.unwrap();
    assert_lost(ledger.abandon(&lease).await);
    let (attempt, first_begun, _) = start(ledger, "a", 2).await;
    assert_eq!((attempt, first_begun), (2, at(0)));
}

async fn a_renewed_lease_lives_longer(ledger: &dyn Ledger) {
    let (_, _, lease) = start(ledger, "a", 0).await;
    ledger.renew(&lease, at(50), LEASE).await.unwrap();
    let busy = Begin::Busy { until: at(110) };
    assert_eq!(ledger.begin(&job("a"), at(109), LEASE).await.unwrap(), busy);
    // Late, but nobody took over.
    ledger.renew(&lease, at(500), LEASE).await.unwrap();
    ledger.finish(&lease, at(900), &[]).await.unwrap();
}

async fn a_finished_job_is_done_for_good(ledger: &dyn Ledger) {
    let (_, _, lease) = start(ledger, "a", 0).await;
    ledger.finish(&lease, at(30), &artifacts()).await.unwrap();
    let done = Begin::AlreadyDone(Finished {
        at: at(30),
        artifacts: artifacts(),
    });
    assert_eq!(ledger.begin(&job("a"), at(31), LEASE).await.unwrap(), done);
    assert_eq!(
        ledger.begin(&job("a"), at(99_999), LEASE).await.unwrap(),
        done
    );
    assert_lost(ledger.renew(&lease, at(32), LEASE).await);
    assert_lost(ledger.finish(&lease, at(32), &[]).await);
}

async fn a_forgotten_job_starts_from_the_first_attempt(ledger: &dyn Ledger) {
    let (_, _, lease) = start(ledger, "a", 0).await;
    ledger.finish(&lease, at(1), &artifacts()).await.unwrap();
    ledger.forget(&job("a")).await.unwrap();
    let (attempt, first_begun, _) = start(ledger, "a", 9).await;
    assert_eq!((attempt, first_begun), (1, at(9)));
    ledger.forget(&job("unknown")).await.unwrap();
}

async fn old_jobs_are_forgotten_and_running_ones_kept(ledger: &dyn Ledger) {
    let (_, _, done) = start(ledger, "done", 0).await;
    ledger.finish(&done, at(10), &artifacts()).await.unwrap();
    let (_, _, fresh) = start(ledger, "fresh", 0).await;
    ledger.finish(&fresh, at(100), &[]).await.unwrap();
    let (_, _, given_up) = start(ledger, "given up", 0).await;
    ledger.release(&given_up).await.unwrap();
    start(ledger, "died", 0).await;
    let (_, _, running) = start(ledger, "running", 0).await;
    ledger.renew(&running, at(50), LEASE).await.unwrap();

    assert_eq!(ledger.forget_before(at(0)).await.unwrap(), 0);
    assert_eq!(ledger.forget_before(at(100)).await.unwrap(), 3);
    assert_eq!(ledger.forget_before(at(100)).await.unwrap(), 0);
    assert!(matches!(
        ledger.begin(&job("fresh"), at(100), LEASE).await.unwrap(),
        Begin::AlreadyDone(_)
    ));
    ledger.finish(&running, at(101), &[]).await.unwrap();
    for name in ["done", "given up", "died"] {
        let (attempt, first_begun, _) = start(ledger, name, 200).await;
        assert_eq!((attempt, first_begun), (1, at(200)), "{name}");
    }
}

async fn a_healthy_ledger_passes_its_check(ledger: &dyn Ledger) {
    ledger.check().await.unwrap();
    ledger.check().await.unwrap();
}

macro_rules! contract {
    ($($test:ident)*) => {
        mod memory {$(
            #[tokio::test]
            async fn $test() {
                super::$test(&super::Memory::new()).await;
            }
        )*}

        mod sqlite {$(
            #[tokio::test]
            async fn $test() {
                let (_folder, ledger) = super::in_folder();
                super::$test(&ledger).await;
            }
        )*}
    };
}

contract! {
    an_unknown_job_starts_with_its_first_attempt
    a_job_under_a_live_lease_is_busy
    an_expired_lease_is_a_new_attempt_of_the_same_date
    a_released_job_starts_again_at_once
    an_abandoned_attempt_does_not_count
    a_forgotten_job_starts_from_the_first_attempt
    a_renewed_lease_lives_longer
    a_finished_job_is_done_for_good
    old_jobs_are_forgotten_and_running_ones_kept
    a_healthy_ledger_passes_its_check
}

// --- SQLite only

/// In a folder that is still to be made.
fn in_folder() -> (TempDir, Sqlite) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Sqlite::open(folder.path().join("storage/ledger.sqlite")).unwrap();
    (folder, ledger)
}

#[tokio::test]
async fn a_reopened_ledger_remembers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    let lease = {
        let ledger = Sqlite::open(&path).unwrap();
        let (_, _, done) = start(&ledger, "done", 0).await;
        ledger.finish(&done, at(1), &artifacts()).await.unwrap();
        start(&ledger, "died", 0).await;
        start(&ledger, "held", 50).await.2
    };
    let ledger = Sqlite::open(&path).unwrap();
    assert_eq!(
        ledger.begin(&job("done"), at(60), LEASE).await.unwrap(),
        Begin::AlreadyDone(Finished {
            at: at(1),
            artifacts: artifacts()
        })
    );
    let (attempt, first_begun, _) = start(&ledger, "died", 60).await;
    assert_eq!((attempt, first_begun), (2, at(0)));
    ledger.renew(&lease, at(60), LEASE).await.unwrap();
}

/// Runs `work` on as many threads, from the same moment on.
fn race<T: Send>(racers: usize, work: impl Fn() -> T + Sync) -> Vec<T> {
    let together = Barrier::new(racers);
    let run = || {
        together.wait();
        work()
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..racers).map(|_| scope.spawn(run)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    })
}

#[test]
fn processes_that_race_to_make_the_file_all_get_it() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.sqlite");
        for opened in race(8, || Sqlite::open(&path)) {
            opened.unwrap();
        }
    }
}

#[test]
fn of_processes_that_race_for_a_job_one_starts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    for number in 0..20 {
        let begins = race(4, || {
            let ledger = Sqlite::open(&path).unwrap();
            let job = job(&number.to_string());
            runtime().block_on(ledger.begin(&job, at(0), LEASE))
        });
        let started = begins
            .into_iter()
            .filter(|begin| match begin.as_ref().unwrap() {
                Begin::Start { attempt, .. } => *attempt == 1,
                Begin::Busy { .. } => false,
                other => panic!("{other:?}"),
            })
            .count();
        assert_eq!(started, 1);
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

fn assert_storage_error(error: &LedgerError, path: &std::path::Path) {
    assert!(matches!(error, LedgerError::Storage(_)));
    let text = error.to_string();
    assert!(text.contains(path.to_str().unwrap()), "{text}");
}

#[tokio::test]
async fn a_file_that_is_no_ledger_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    std::fs::write(&path, "not a database ".repeat(1_000)).unwrap();
    let error = Sqlite::open(&path).err().unwrap();
    assert_storage_error(&error, &path);
    assert!(
        error.to_string().ends_with("file is not a database"),
        "{error}"
    );

    let beneath_a_file = path.join("ledger.sqlite");
    let error = Sqlite::open(&beneath_a_file).err().unwrap();
    assert_storage_error(&error, &beneath_a_file);

    let error = Sqlite::open(folder.path()).err().unwrap();
    assert_storage_error(&error, folder.path());
}

#[tokio::test]
async fn a_ledger_of_a_newer_version_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    drop(Sqlite::open(&path).unwrap());
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let error = Sqlite::open(&path).err().unwrap();
    assert_storage_error(&error, &path);
    assert!(error.to_string().contains("version 99"), "{error}");
}

#[tokio::test]
async fn a_ledger_that_breaks_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    let ledger = Sqlite::open(&path).unwrap();
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute_batch("DROP TABLE job; DROP TABLE probe")
        .unwrap();
    assert_storage_error(&ledger.check().await.unwrap_err(), &path);
    let error = ledger.begin(&job("a"), at(0), LEASE).await.unwrap_err();
    assert_storage_error(&error, &path);
    assert!(error.is_transient());
}

#[tokio::test]
async fn a_ledger_whose_file_was_removed_fails_its_check() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    let ledger = Sqlite::open(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_storage_error(&ledger.check().await.unwrap_err(), &path);
}

// --- both alike

#[derive(Debug, Clone)]
enum Step {
    Begin {
        job: u8,
        lease: u64,
    },
    Renew {
        lease: prop::sample::Index,
        for_seconds: u64,
    },
    Finish(prop::sample::Index),
    Release(prop::sample::Index),
    Abandon(prop::sample::Index),
    Forget {
        seconds_ago: i64,
    },
    Wait {
        seconds: i64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let lease = any::<prop::sample::Index>;
    prop_oneof![
        4 => (0..3_u8, 0..120_u64).prop_map(|(job, lease)| Step::Begin { job, lease }),
        2 => (lease(), 0..120_u64).prop_map(|(lease, for_seconds)| Step::Renew { lease, for_seconds }),
        1 => lease().prop_map(Step::Finish),
        1 => lease().prop_map(Step::Release),
        1 => lease().prop_map(Step::Abandon),
        1 => (0..300_i64).prop_map(|seconds_ago| Step::Forget { seconds_ago }),
        2 => (0..90_i64).prop_map(|seconds| Step::Wait { seconds }),
    ]
}

/// What a ledger answered, leases left out.
async fn play(ledger: &dyn Ledger, steps: &[Step]) -> Vec<String> {
    let mut now = at(0);
    let mut leases = vec![Lease {
        job: job("unknown"),
        token: "unknown".to_owned(),
    }];
    let mut answers = Vec::new();
    for step in steps {
        let pick = |index: &prop::sample::Index| &leases[index.index(leases.len())];
        answers.push(match step {
            Step::Begin { job: name, lease } => {
                let lease = Duration::from_secs(*lease);
                match ledger.begin(&job(&name.to_string()), now, lease).await {
                    Ok(Begin::Start {
                        attempt,
                        first_begun,
                        lease,
                    }) => {
                        leases.push(lease);
                        format!("{attempt} {first_begun}")
                    }
                    other => format!("{other:?}"),
                }
            }
            Step::Renew { lease, for_seconds } => {
                let duration = Duration::from_secs(*for_seconds);
                format!("{}", ledger.renew(pick(lease), now, duration).await.is_ok())
            }
            Step::Finish(lease) => {
                format!("{:?}", ledger.finish(pick(lease), now, &artifacts()).await)
            }
            Step::Release(lease) => format!("{:?}", ledger.release(pick(lease)).await),
            Step::Abandon(lease) => format!("{:?}", ledger.abandon(pick(lease)).await),
            Step::Forget { seconds_ago } => {
                let before = now - TimeDelta::seconds(*seconds_ago);
                format!("{:?}", ledger.forget_before(before).await)
            }
            Step::Wait { seconds } => {
                now += TimeDelta::seconds(*seconds);
                String::new()
            }
        });
    }
    answers
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn memory_and_sqlite_answer_alike(steps in prop::collection::vec(step(), 1..60)) {
        let (_folder, sqlite) = in_folder();
        let (ours, theirs) = runtime().block_on(async {
            (play(&Memory::new(), &steps).await, play(&sqlite, &steps).await)
        });
        prop_assert_eq!(ours, theirs);
    }
}

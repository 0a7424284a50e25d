//! Doors that break when they are told to.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use pyservice::broker::{
    Broker, BrokerError, DeadLetter, Delivery, Depths, Event, Link, Outgoing, Receipt, Settled,
    Settlement,
};
use pyservice::drive::{Drive, DriveError, Entry, Fetched, Stored};
use pyservice::job::{Artifact, JobId, RemotePath};
use pyservice::ledger::{Begin, Lease, Ledger, LedgerError};
use pyservice::reference::{Description, Document, KeyForms, Query, Reference, ReferenceError};
use serde_json::Value;

/// What a door does instead of its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// An error that may pass.
    Fails,
    /// Does its work and fails all the same.
    LosesItsAnswer,
    Panics,
    Hangs,
    /// Takes its time.
    Dawdles(Duration),
}

/// Which call, from 1, has what trouble. It is told as `fetch work/x.csv`.
type Decision = dyn Fn(usize, &str) -> Option<Trouble> + Send + Sync;

/// A door, and when it breaks.
pub struct Troubled<Door: ?Sized> {
    door: Arc<Door>,
    calls: AtomicUsize,
    decide: Box<Decision>,
}

impl<Door: ?Sized> Troubled<Door> {
    pub fn new(
        door: Arc<Door>,
        decide: impl Fn(usize, &str) -> Option<Trouble> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Troubled {
            door,
            calls: AtomicUsize::new(0),
            decide: Box::new(decide),
        })
    }

    /// In trouble at its n-th call, whatever that is.
    pub fn at_call(door: Arc<Door>, n: usize, trouble: Trouble) -> Arc<Self> {
        Self::new(door, move |call, _| (call == n).then_some(trouble))
    }

    /// In trouble at every call that is told like this.
    pub fn always(door: Arc<Door>, call: &'static str, trouble: Trouble) -> Arc<Self> {
        Self::new(door, move |_, told| {
            told.starts_with(call).then_some(trouble)
        })
    }

    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    async fn call<T, E>(
        &self,
        told: impl std::fmt::Display,
        error: impl FnOnce() -> E,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        match (self.decide)(call, &told.to_string()) {
            None => work.await,
            Some(Trouble::Fails) => Err(error()),
            Some(Trouble::LosesItsAnswer) => {
                work.await?;
                Err(error())
            }
            Some(Trouble::Panics) => panic!("planted"),
            Some(Trouble::Hangs) => std::future::pending().await,
            Some(Trouble::Dawdles(time)) => {
                tokio::time::sleep(time).await;
                work.await
            }
        }
    }
}

fn unavailable() -> DriveError {
    DriveError::Unavailable {
        cause: "planted".into(),
        retry_after: None,
    }
}

#[async_trait]
impl Drive for Troubled<dyn Drive> {
    async fn stat(&self, path: &RemotePath) -> Result<Option<Entry>, DriveError> {
        self.call(format!("stat {path}"), unavailable, self.door.stat(path))
            .await
    }

    async fn fetch(
        &self,
        path: &RemotePath,
        into: &Path,
        limit: u64,
    ) -> Result<Fetched, DriveError> {
        let work = self.door.fetch(path, into, limit);
        self.call(format!("fetch {path}"), unavailable, work).await
    }

    async fn store(&self, from: &Path, path: &RemotePath) -> Result<Stored, DriveError> {
        let work = self.door.store(from, path);
        self.call(format!("store {path}"), unavailable, work).await
    }

    async fn relocate(&self, from: &RemotePath, to: &RemotePath) -> Result<(), DriveError> {
        let work = self.door.relocate(from, to);
        self.call("relocate", unavailable, work).await
    }

    async fn remove(&self, path: &RemotePath) -> Result<(), DriveError> {
        let work = self.door.remove(path);
        self.call(format!("remove {path}"), unavailable, work).await
    }

    async fn list(&self, folder: &RemotePath) -> Result<Vec<(RemotePath, Entry)>, DriveError> {
        let work = self.door.list(folder);
        self.call("list", unavailable, work).await
    }

    async fn check_folder(&self, folder: &RemotePath) -> Result<(), DriveError> {
        let work = self.door.check_folder(folder);
        self.call("check_folder", unavailable, work).await
    }
}

fn unwritable() -> LedgerError {
    LedgerError::Storage("planted".into())
}

#[async_trait]
impl Ledger for Troubled<dyn Ledger> {
    async fn begin(
        &self,
        job: &JobId,
        now: DateTime<Utc>,
        lease: Duration,
    ) -> Result<Begin, LedgerError> {
        let work = self.door.begin(job, now, lease);
        self.call(format!("begin {job}"), unwritable, work).await
    }

    async fn renew(
        &self,
        lease: &Lease,
        now: DateTime<Utc>,
        duration: Duration,
    ) -> Result<(), LedgerError> {
        // Not counted: how often it happens depends on the machine.
        self.door.renew(lease, now, duration).await
    }

    async fn finish(
        &self,
        lease: &Lease,
        now: DateTime<Utc>,
        artifacts: &[Artifact],
    ) -> Result<(), LedgerError> {
        let work = self.door.finish(lease, now, artifacts);
        self.call("finish", unwritable, work).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), LedgerError> {
        self.call("release", unwritable, self.door.release(lease))
            .await
    }

    async fn abandon(&self, lease: &Lease) -> Result<(), LedgerError> {
        self.call("abandon", unwritable, self.door.abandon(lease))
            .await
    }

    async fn forget(&self, job: &JobId) -> Result<(), LedgerError> {
        self.call("forget", unwritable, self.door.forget(job)).await
    }

    async fn forget_before(&self, before: DateTime<Utc>) -> Result<u64, LedgerError> {
        // Not counted either: it belongs to no job.
        self.door.forget_before(before).await
    }

    async fn check(&self) -> Result<(), LedgerError> {
        self.call("check", unwritable, self.door.check()).await
    }
}

fn unanswered() -> ReferenceError {
    ReferenceError::Unavailable("planted".into())
}

#[async_trait]
impl Reference for Troubled<dyn Reference> {
    async fn describe(&self) -> Result<Description, ReferenceError> {
        self.call("describe", unanswered, self.door.describe())
            .await
    }

    async fn look_up(
        &self,
        query: &Query,
        keys: &[KeyForms],
    ) -> Result<Vec<(String, Document)>, ReferenceError> {
        let work = self.door.look_up(query, keys);
        self.call("look_up", unanswered, work).await
    }
}

fn unreachable_broker() -> BrokerError {
    BrokerError::Unreachable("planted".into())
}

#[async_trait]
impl Broker for Troubled<dyn Broker> {
    async fn next(&self) -> Option<Delivery> {
        self.door.next().await
    }

    async fn settle(&self, receipt: Receipt, answer: Settlement) -> Result<Settled, BrokerError> {
        let work = self.door.settle(receipt, answer);
        self.call("settle", unreachable_broker, work).await
    }

    async fn publish(&self, message: Outgoing) -> Result<(), BrokerError> {
        let work = self.door.publish(message);
        self.call("publish", unreachable_broker, work).await
    }

    async fn emit(&self, event: Event) -> Result<(), BrokerError> {
        let told = format!("emit {}", event.name);
        let work = self.door.emit(event);
        self.call(told, unreachable_broker, work).await
    }

    async fn publish_and_wait(
        &self,
        message: Outgoing,
        patience: Duration,
    ) -> Result<Value, BrokerError> {
        self.door.publish_and_wait(message, patience).await
    }

    async fn depths(&self) -> Result<Depths, BrokerError> {
        self.door.depths().await
    }

    fn link(&self) -> Link {
        self.door.link()
    }

    async fn dead_letters(&self, limit: usize) -> Result<Vec<DeadLetter>, BrokerError> {
        self.door.dead_letters(limit).await
    }

    async fn revive(&self, limit: usize) -> Result<usize, BrokerError> {
        self.door.revive(limit).await
    }

    async fn stop_consuming(&self) {
        self.door.stop_consuming().await;
    }

    async fn close(&self) {
        self.door.close().await;
    }
}

//! A ledger in a SQLite file, shared by the processes of one machine.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{DateTime, SecondsFormat, Utc};
use rusqlite::types::Type;
use rusqlite::{
    Connection, ErrorCode, OptionalExtension, Row, Transaction, TransactionBehavior, params,
};

use super::entry::{Claim, Entry, Held, lease_end};
use super::{Begin, Finished, Lease, Ledger, LedgerError};
use crate::job::{Artifact, JobId};

/// How long to wait for another process that is writing.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Each brings a file from the version of its place to the next. Never changed, only added to.
const MIGRATIONS: &[&str] = &["
    -- Times are RFC 3339 in UTC with nine decimals, so that they sort as text.
    CREATE TABLE job (
        id          TEXT    NOT NULL PRIMARY KEY,
        attempts    INTEGER NOT NULL,
        first_begun TEXT    NOT NULL,
        last_begun  TEXT    NOT NULL,
        token       TEXT,
        until       TEXT,
        finished    TEXT,
        artifacts   TEXT
    ) STRICT;
    -- Written to by `check`, and by nothing else.
    CREATE TABLE probe (
        id     INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
        writes INTEGER NOT NULL
    ) STRICT;
"];

/// One connection, used where it may block. Every write is synced before it is told.
pub struct Sqlite {
    path: PathBuf,
    connection: Arc<Mutex<Connection>>,
}

impl Sqlite {
    /// Opens the file, which is made if it is missing, with its folder. Blocks for as long as
    /// another process has the file locked, ten seconds at most.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, LedgerError> {
        let path = path.into();
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|cause| storage(&path, cause))?;
        }
        let connection = open(&path).map_err(|cause| storage(&path, cause))?;
        Ok(Sqlite {
            path,
            connection: Arc::new(Mutex::new(connection)),
        })
    }

    /// Runs `work` in a transaction that no other process can come between.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let connection = Arc::clone(&self.connection);
        tokio::task::spawn_blocking(move || {
            // A transaction that a panic broke off was rolled back.
            let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let answer = work(&transaction)?;
            transaction.commit()?;
            Ok(answer)
        })
        .await
        .map_err(|_| storage(&self.path, "the write broke off"))?
        .map_err(|cause: rusqlite::Error| storage(&self.path, cause))
    }

    /// Changes the entry of a lease we still hold.
    async fn change(
        &self,
        lease: &Lease,
        change: impl FnOnce(&mut Entry) + Send + 'static,
    ) -> Result<(), LedgerError> {
        let Lease { job, token } = lease.clone();
        let is_ours = self
            .write(move |transaction| {
                match read(transaction, &job)?.filter(|entry| entry.is_held_by(&token)) {
                    None => Ok(false),
                    Some(mut entry) => {
                        change(&mut entry);
                        put(transaction, &job, &entry)?;
                        Ok(true)
                    }
                }
            })
            .await?;
        if is_ours {
            Ok(())
        } else {
            Err(LedgerError::LeaseLost(lease.job.clone()))
        }
    }
}

fn storage(path: &Path, cause: impl std::fmt::Display) -> LedgerError {
    LedgerError::Storage(format!("`{}`: {cause}", path.display()))
}

fn open(path: &Path) -> Result<Connection, Box<dyn Error>> {
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    until_free(|| connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    migrate(&transaction)?;
    transaction.commit()?;
    Ok(connection)
}

/// SQLite does not wait by itself while two processes switch one file to WAL.
fn until_free(mut attempt: impl FnMut() -> rusqlite::Result<()>) -> rusqlite::Result<()> {
    let deadline = Instant::now() + BUSY_TIMEOUT;
    loop {
        match attempt() {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && Instant::now() < deadline =>
            {
                std::thread::sleep(Duration::from_millis(5));
            }
            answer => return answer,
        }
    }
}

fn migrate(transaction: &Transaction<'_>) -> Result<(), Box<dyn Error>> {
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let missing = usize::try_from(version)
        .ok()
        .and_then(|version| MIGRATIONS.get(version..))
        .ok_or_else(|| format!("it was written by a newer pyservice (version {version})"))?;
    for migration in missing {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", MIGRATIONS.len() as i64)?;
    Ok(())
}

fn read(transaction: &Transaction<'_>, job: &JobId) -> rusqlite::Result<Option<Entry>> {
    transaction
        .prepare_cached(
            "SELECT attempts, first_begun, last_begun, token, until, finished, artifacts
             FROM job WHERE id = ?1",
        )?
        .query_row([job.as_str()], entry)
        .optional()
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let held = match (row.get(3)?, optional_time(row, 4)?) {
        (Some(token), Some(until)) => Some(Held { token, until }),
        _ => None,
    };
    let finished = match optional_time(row, 5)? {
        Some(at) => Some(Finished {
            at,
            artifacts: artifacts(row, 6)?,
        }),
        None => None,
    };
    Ok(Entry {
        attempts: row.get(0)?,
        first_begun: time(row, 1)?,
        last_begun: time(row, 2)?,
        held,
        finished,
    })
}

fn put(transaction: &Transaction<'_>, job: &JobId, entry: &Entry) -> rusqlite::Result<()> {
    let artifacts = entry
        .finished
        .as_ref()
        .map(|finished| serde_json::to_string(&finished.artifacts))
        .transpose()
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    transaction
        .prepare_cached("INSERT OR REPLACE INTO job VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?
        .execute(params![
            job.as_str(),
            entry.attempts,
            written(entry.first_begun),
            written(entry.last_begun),
            entry.held.as_ref().map(|held| &held.token),
            entry.held.as_ref().map(|held| written(held.until)),
            entry.finished.as_ref().map(|finished| written(finished.at)),
            artifacts,
        ])?;
    Ok(())
}

fn written(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Nanos, true)
}

fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<DateTime<Utc>> {
    let text: String = row.get(column)?;
    text.parse().map_err(|error| unreadable(column, error))
}

fn optional_time(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<DateTime<Utc>>> {
    match row.get_ref(column)? {
        rusqlite::types::ValueRef::Null => Ok(None),
        _ => time(row, column).map(Some),
    }
}

fn artifacts(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<Artifact>> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|error| unreadable(column, error))
}

fn unreadable(column: usize, error: impl Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
}

#[async_trait]
impl Ledger for Sqlite {
    async fn begin(
        &self,
        job: &JobId,
        now: DateTime<Utc>,
        lease: Duration,
    ) -> Result<Begin, LedgerError> {
        let lease_given = Lease::new(job);
        let held = Held {
            token: lease_given.token.clone(),
            until: lease_end(now, lease),
        };
        self.write(move |transaction| {
            let job = &lease_given.job;
            match Entry::claim(read(transaction, job)?, now, held) {
                Claim::Refused(begin) => Ok(begin),
                Claim::Started(entry) => {
                    put(transaction, job, &entry)?;
                    Ok(Begin::Start {
                        attempt: entry.attempts,
                        first_begun: entry.first_begun,
                        lease: lease_given,
                    })
                }
            }
        })
        .await
    }

    async fn renew(
        &self,
        lease: &Lease,
        now: DateTime<Utc>,
        duration: Duration,
    ) -> Result<(), LedgerError> {
        let until = lease_end(now, duration);
        self.change(lease, move |entry| entry.renew(until)).await
    }

    async fn finish(
        &self,
        lease: &Lease,
        now: DateTime<Utc>,
        artifacts: &[Artifact],
    ) -> Result<(), LedgerError> {
        let finished = Finished {
            at: now,
            artifacts: artifacts.to_vec(),
        };
        self.change(lease, move |entry| entry.finish(finished))
            .await
    }

    async fn release(&self, lease: &Lease) -> Result<(), LedgerError> {
        self.change(lease, Entry::release).await
    }

    async fn abandon(&self, lease: &Lease) -> Result<(), LedgerError> {
        self.change(lease, Entry::abandon).await
    }

    async fn forget(&self, job: &JobId) -> Result<(), LedgerError> {
        let job = job.clone();
        self.write(move |transaction| {
            transaction.execute("DELETE FROM job WHERE id = ?1", [job.as_str()])
        })
        .await?;
        Ok(())
    }

    async fn forget_before(&self, before: DateTime<Utc>) -> Result<u64, LedgerError> {
        // `Entry::is_older_than`, as the file can answer it.
        let forgotten = self
            .write(move |transaction| {
                transaction.execute(
                    "DELETE FROM job WHERE CASE
                         WHEN finished IS NOT NULL THEN finished < ?1
                         ELSE last_begun < ?1 AND (until IS NULL OR until <= ?1)
                     END",
                    [written(before)],
                )
            })
            .await?;
        Ok(forgotten as u64)
    }

    async fn check(&self) -> Result<(), LedgerError> {
        // A file that was removed can still be written to, by those who have it open.
        std::fs::metadata(&self.path).map_err(|cause| storage(&self.path, cause))?;
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO probe VALUES (1, 1) ON CONFLICT DO UPDATE SET writes = writes + 1",
                [],
            )
        })
        .await?;
        Ok(())
    }
}

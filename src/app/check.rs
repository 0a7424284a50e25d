//! Reaching every dependency once.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::{Hinted, doors};
use crate::broker::{Amqp, Broker, Timing};
use crate::config::{BrokerSettings, Settings};
use crate::drive::Drive;
use crate::job::RemotePath;
use crate::recipe::{ColumnKind, Meaning, meaning_of};
use crate::reference::Description;

/// The longest one dependency may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// What was found out about one dependency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub what: &'static str,
    pub ok: bool,
    /// What was reached, or why it was not.
    pub reason: String,
    /// What to do, or what would be better; empty when there is nothing to.
    pub hint: String,
}

impl Finding {
    fn good(what: &'static str, reason: impl Into<String>) -> Self {
        Finding {
            what,
            ok: true,
            reason: reason.into(),
            hint: String::new(),
        }
    }

    fn bad(what: &'static str, reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Finding {
            what,
            ok: false,
            reason: reason.into(),
            hint: hint.into(),
        }
    }

    fn of(what: &'static str, hinted: &Hinted) -> Self {
        Self::bad(what, format!("{:#}", hinted.error), hinted.hint)
    }
}

/// Reaches the queue, both folders of the drive, the reference base and the ledger.
pub async fn check(settings: &Settings) -> Vec<Finding> {
    doors::install_tls();
    let (queue, folders, reference, ledger) = tokio::join!(
        bounded("queue", check_queue(settings)),
        check_drive(settings),
        bounded("reference base", check_reference(settings)),
        bounded("ledger", check_ledger(settings)),
    );
    let mut findings = vec![queue];
    findings.extend(folders);
    findings.extend([reference, ledger]);
    findings
}

async fn bounded(what: &'static str, finding: impl Future<Output = Finding>) -> Finding {
    let late = || format!("no answer within {} s", PATIENCE.as_secs());
    timeout(PATIENCE, finding)
        .await
        .unwrap_or_else(|_| Finding::bad(what, late(), "check its address and that it runs"))
}

async fn check_queue(settings: &Settings) -> Finding {
    let what = "queue";
    let BrokerSettings::Amqp(amqp) = &settings.broker else {
        return Finding::good(what, "in this process (no RABBITMQ variables are set)");
    };
    let broker = Amqp::publisher(amqp.clone(), Timing::default());
    let depths = broker.depths().await;
    broker.close().await;
    match depths {
        Ok(depths) => Finding::good(
            what,
            format!(
                "{} at {}: {} to do, {} waiting, {} dead",
                amqp.queues.join(", "),
                amqp.address,
                depths.work,
                depths.waiting,
                depths.dead
            ),
        ),
        Err(error) => Finding::of(what, &doors::refused(error)),
    }
}

async fn check_drive(settings: &Settings) -> Vec<Finding> {
    let names = ["work folder", "results folder"];
    let drive = match doors::drive(&settings.drive) {
        Ok(drive) => drive,
        Err(hinted) => return names.map(|what| Finding::of(what, &hinted)).into(),
    };
    let place = settings.drive.kind.to_string();
    let (work, finished) = tokio::join!(
        bounded(
            names[0],
            check_folder(names[0], &drive, &settings.drive.work, &place)
        ),
        bounded(
            names[1],
            check_folder(names[1], &drive, &settings.drive.finished, &place)
        ),
    );
    vec![work, finished]
}

async fn check_folder(
    what: &'static str,
    drive: &Arc<dyn Drive>,
    folder: &RemotePath,
    place: &str,
) -> Finding {
    use crate::drive::DriveError;
    match drive.check_folder(folder).await {
        Ok(()) => Finding::good(what, format!("`{folder}` in {place}")),
        Err(error) => {
            let hint = match &error {
                DriveError::NotFound(_) => format!("create `{folder}` for the user OWNCLOUD_USER"),
                DriveError::Unauthorized { .. } => {
                    "check OWNCLOUD_USER and OWNCLOUD_PASS".to_owned()
                }
                _ => "check OWNCLOUD_URL and that the server runs".to_owned(),
            };
            Finding::bad(what, format!("{error} in {place}"), hint)
        }
    }
}

async fn check_reference(settings: &Settings) -> Finding {
    let what = "reference base";
    let reference = match doors::reference(&settings.reference) {
        Ok(Some(reference)) => reference,
        Ok(None) => {
            return Finding::good(what, "none (neither MONGO_URI nor REFERENCE_FILE is set)");
        }
        Err(hinted) => return Finding::of(what, &hinted),
    };
    match reference.describe().await {
        Ok(description) => {
            let reached = format!("{}: {} documents", description.name, description.documents);
            match warnings(&description).as_slice() {
                [] => Finding::good(what, reached),
                warnings => Finding {
                    hint: warnings.join("; "),
                    ..Finding::good(what, reached)
                },
            }
        }
        Err(error) => {
            let hint = "check MONGO_URI, MONGO_DB and MONGO_COLLECTION, or REFERENCE_FILE";
            Finding::bad(what, error.to_string(), hint)
        }
    }
}

async fn check_ledger(settings: &Settings) -> Finding {
    let what = "ledger";
    let ledger = match doors::ledger(&settings.work.storage) {
        Ok(ledger) => ledger,
        Err(hinted) => return Finding::of(what, &hinted),
    };
    match ledger.check().await {
        Ok(()) => Finding::good(
            what,
            format!("{}", settings.work.storage.join("ledger.sqlite").display()),
        ),
        Err(error) => Finding::bad(
            what,
            error.to_string(),
            "set STORAGE_DIR to a folder that can be written",
        ),
    }
}

/// What is wrong with a base that answers.
pub(super) fn warnings(description: &Description) -> Vec<String> {
    let mut warnings = Vec::new();
    if description.documents == 0 {
        warnings.push("the collection is empty: nothing will be found".to_owned());
        return warnings;
    }
    let key = description
        .fields
        .iter()
        .find(|field| meaning_of(field).0 == Meaning::Kind(ColumnKind::Cpf));
    match key {
        None => warnings.push("no field is named like a CPF: nothing will be looked up".to_owned()),
        Some(key) if !description.indexed.contains(key) => {
            warnings.push(format!(
                "create an index on `{key}`: every look-up reads the whole collection"
            ));
        }
        Some(_) => {}
    }
    if description.writable {
        warnings.push("the user may write: give it the role `read`".to_owned());
    }
    warnings
}

//! Opening the doors the settings name.

use std::path::Path;
use std::sync::Arc;

use super::Hinted;
use crate::broker::{Amqp, Broker, BrokerError, MemoryBroker, Timing};
use crate::config::{BrokerSettings, DriveKind, DriveSettings, ReferenceSettings, Settings};
use crate::drive::Drive;
use crate::drive::folder::Folder;
use crate::drive::webdav::{Timeouts, Webdav};
use crate::ledger::{Ledger, Sqlite};
use crate::reference::{File, Mongo, Reference};

/// Installs the one TLS provider that broker, drive and reference base share.
pub(super) fn install_tls() {
    // An error means that it is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Starts to consume. A broker that is down is waited for; one that refuses us is an error.
pub(super) async fn broker(settings: &Settings) -> Result<Arc<dyn Broker>, Hinted> {
    let jobs = settings.work.parallel_jobs;
    match &settings.broker {
        BrokerSettings::Memory => Ok(Arc::new(MemoryBroker::new(jobs, Timing::default()))),
        BrokerSettings::Amqp(amqp) => {
            let broker = Amqp::start(amqp.clone(), jobs, Timing::default()).await;
            Ok(Arc::new(broker.map_err(refused)?))
        }
    }
}

pub(super) fn refused(error: BrokerError) -> Hinted {
    let hint = match &error {
        BrokerError::Refused => {
            "check RABBITMQ_DEFAULT_USER, RABBITMQ_DEFAULT_PASS and RABBITMQ_VHOST (or RABBITMQ_URL)"
        }
        _ => "check RABBITMQ_HOST and RABBITMQ_PORT (or RABBITMQ_URL), and that the broker runs",
    };
    Hinted::new(error, hint)
}

pub(super) fn drive(settings: &DriveSettings) -> Result<Arc<dyn Drive>, Hinted> {
    match &settings.kind {
        DriveKind::Webdav(webdav) => {
            let drive = Webdav::new(webdav.clone(), Timeouts::default());
            let hint =
                "install the CA certificates of the system, or name a file in OWNCLOUD_CA_FILE";
            Ok(Arc::new(drive.map_err(|error| Hinted::new(error, hint))?))
        }
        DriveKind::Folder(root) => {
            let folders = [&settings.work, &settings.finished];
            let made = folders
                .into_iter()
                .try_for_each(|folder| std::fs::create_dir_all(root.join(folder.as_str())));
            let drive = made.and_then(|()| Folder::open(root));
            let hint = "set STORAGE_DIR to a folder that can be written";
            Ok(Arc::new(drive.map_err(|error| Hinted::new(error, hint))?))
        }
    }
}

pub(super) fn reference(
    settings: &ReferenceSettings,
) -> Result<Option<Arc<dyn Reference>>, Hinted> {
    match settings {
        ReferenceSettings::None => Ok(None),
        ReferenceSettings::Mongo(mongo) => {
            let base = Mongo::new(mongo.clone());
            let hint = "check MONGO_URI, MONGO_DB and MONGO_COLLECTION";
            Ok(Some(Arc::new(
                base.map_err(|error| Hinted::new(error, hint))?,
            )))
        }
        ReferenceSettings::File(path) => Ok(Some(reference_file(path)?)),
    }
}

pub(super) fn reference_file(path: &Path) -> Result<Arc<dyn Reference>, Hinted> {
    let hint = "name a JSONL or CSV file that can be read";
    let base = File::open(path).map_err(|error| Hinted::new(error, hint))?;
    Ok(Arc::new(base))
}

pub(super) fn ledger(storage: &Path) -> Result<Arc<dyn Ledger>, Hinted> {
    let hint = "set STORAGE_DIR to a folder that can be written";
    std::fs::create_dir_all(storage).map_err(|error| Hinted::new(error, hint))?;
    let ledger = Sqlite::open(storage.join("ledger.sqlite"));
    Ok(Arc::new(ledger.map_err(|error| Hinted::new(error, hint))?))
}

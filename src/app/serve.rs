//! Consuming the queue.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::{Hinted, doors, recipes};
use crate::config::{BrokerSettings, ReferenceSettings, Settings};
use crate::http;
use crate::recipe::Recipes;
use crate::reference::Reference;
use crate::schedule::watch;
use crate::shutdown;
use crate::telemetry::Metrics;
use crate::worker::{Rules, Worker};

/// How long a job stays ours without a sign of life; it is renewed four times as often. After a
/// crash, this is the longest its redelivered copy waits.
const LEASE: Duration = Duration::from_secs(20);

/// Consumes the queue until told to stop.
///
/// # Errors
/// If a door cannot be opened at all. Servers that are merely down are waited for.
pub async fn serve(settings: Settings) -> Result<(), Hinted> {
    doors::install_tls();
    let hint = "this system has no signals to listen for";
    let stop = shutdown::on_signal().map_err(|error| Hinted::new(error, hint))?;
    // Before anything is reached: whether the port is free is known at once.
    let door = open_door(settings.metrics).await?;
    let drive = doors::drive(&settings.drive)?;
    let recipes = recipes::load(&settings)?;
    let reference = doors::reference(&settings.reference)?;
    let ledger = doors::ledger(&settings.work.storage)?;
    let broker = doors::broker(&settings).await?;
    announce(&settings, &recipes);
    for warning in &settings.warnings {
        tracing::warn!("{warning}");
    }
    if let Some(reference) = &reference {
        tokio::spawn(inspect(reference.clone()));
    }
    if matches!(settings.broker, BrokerSettings::Memory) {
        let work = settings.drive.work.clone();
        tokio::spawn(watch(drive.clone(), broker.clone(), work, stop.clone()));
    }
    let metrics = Arc::new(Metrics::new());
    let answering = door.map(|door| {
        let routes = http::routes(metrics.clone());
        tokio::spawn(door.serve(routes, stop.clone()))
    });
    let worker = Worker {
        broker,
        drive,
        reference,
        ledger,
        metrics,
        recipes: Arc::new(recipes),
        rules: Rules {
            work: settings.drive.work,
            finished: settings.drive.finished,
            scratch: settings.work.storage.join("work"),
            program: std::env::current_exe().ok(),
            parallel_jobs: settings.work.parallel_jobs,
            deadline: settings.work.deadline,
            grace: settings.work.grace,
            max_file_bytes: settings.work.max_file_bytes,
            source_after: settings.work.source_after,
            lease: LEASE,
            crash_at: settings.work.crash_at,
        },
    };
    Arc::new(worker).run(stop.clone()).await;
    // The worker also ends when the broker is gone for good.
    stop.cancel();
    if let Some(answering) = answering {
        let _ = answering.await;
    }
    tracing::info!("stopped");
    Ok(())
}

async fn open_door(address: Option<SocketAddr>) -> Result<Option<http::Door>, Hinted> {
    let Some(address) = address else {
        return Ok(None);
    };
    let door = http::Door::open(address).await.and_then(|door| {
        // Of port 0, the one that was chosen.
        tracing::info!(address = %door.address()?, "metrics at /metrics");
        Ok(door)
    });
    door.map(Some).map_err(|error| {
        let context = format!("cannot answer at METRICS_ADDR {address}");
        let error = anyhow::Error::new(error).context(context);
        Hinted::new(
            error,
            "name an address of this machine and a free port, or leave METRICS_ADDR out",
        )
    })
}

fn announce(settings: &Settings, recipes: &Recipes) {
    let queue = match &settings.broker {
        BrokerSettings::Memory => "this process".to_owned(),
        BrokerSettings::Amqp(amqp) => format!("{} at {}", amqp.queues.join(", "), amqp.address),
    };
    let reference = match &settings.reference {
        ReferenceSettings::None => "none".to_owned(),
        ReferenceSettings::File(path) => path.display().to_string(),
        ReferenceSettings::Mongo(mongo) => format!("{}.{}", mongo.database, mongo.collection),
    };
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        %queue,
        drive = %settings.drive.kind,
        %reference,
        recipes = recipes.iter().count(),
        "serving"
    );
}

/// Says at the start what will go wrong later.
async fn inspect(reference: Arc<dyn Reference>) {
    match reference.describe().await {
        Ok(description) => {
            for warning in super::check::warnings(&description) {
                tracing::warn!(base = %description.name, "{warning}");
            }
        }
        Err(error) => tracing::warn!(%error, "cannot reach the reference base yet"),
    }
}

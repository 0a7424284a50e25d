//! Watching the work folder: the embedded default has no API that publishes jobs.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::broker::{Broker, Outgoing};
use crate::drive::{Drive, Entry};
use crate::job::{RemotePath, Request};

/// How often the folder is looked at. A file is taken when two looks in a row saw it alike, so
/// that one still being copied is left alone.
const EVERY: Duration = Duration::from_secs(1);

/// Publishes a job for each file that appears in `work`, until `stop`. What was done before is
/// for the ledger to know.
pub async fn watch(
    drive: Arc<dyn Drive>,
    broker: Arc<dyn Broker>,
    work: RemotePath,
    stop: CancellationToken,
) {
    let mut seen: HashMap<RemotePath, Seen> = HashMap::new();
    while !stop.is_cancelled() {
        match drive.list(&work).await {
            Ok(files) => {
                seen.retain(|path, _| files.iter().any(|(other, _)| other == path));
                for (path, entry) in files {
                    if settled(&mut seen, &path, entry) {
                        publish(&*broker, &path, &work).await;
                    }
                }
            }
            Err(error) => {
                tracing::warn!(%error, folder = %work, "cannot look into the work folder")
            }
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

struct Seen {
    entry: Entry,
    published: bool,
}

/// Whether this version of the file was seen before and not published yet.
fn settled(seen: &mut HashMap<RemotePath, Seen>, path: &RemotePath, entry: Entry) -> bool {
    if path.file_name().starts_with('.') {
        return false;
    }
    match seen.get_mut(path) {
        Some(before) if before.entry == entry => !std::mem::replace(&mut before.published, true),
        _ => {
            let published = false;
            seen.insert(path.clone(), Seen { entry, published });
            false
        }
    }
}

async fn publish(broker: &dyn Broker, path: &RemotePath, work: &RemotePath) {
    // The listing names the folder too; a request is relative to it.
    let Ok(file) = RemotePath::parse(path.file_name()) else {
        return;
    };
    tracing::info!(file = %file, "found in the work folder");
    let message = Outgoing {
        body: Request::for_file(file).to_body(work),
        ..Outgoing::default()
    };
    if let Err(error) = broker.publish(message).await {
        tracing::error!(%error, "cannot queue a file that was found");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(bytes: u64) -> Entry {
        Entry {
            bytes,
            etag: bytes.to_string(),
            sha1: None,
        }
    }

    #[test]
    fn a_file_is_taken_once_it_stops_changing_and_again_when_it_changed() {
        let mut seen = HashMap::new();
        let path = RemotePath::parse("work/x.csv").unwrap();
        let looks = [1, 2, 2, 2, 3, 3].map(|bytes| settled(&mut seen, &path, entry(bytes)));
        assert_eq!(looks, [false, false, true, false, false, true]);
    }

    #[test]
    fn hidden_files_are_left_alone() {
        let mut seen = HashMap::new();
        let path = RemotePath::parse("work/.gitkeep").unwrap();
        assert!(!settled(&mut seen, &path, entry(0)));
        assert!(!settled(&mut seen, &path, entry(0)));
    }
}

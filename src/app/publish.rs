//! Putting jobs on the queue.

use std::time::Duration;

use serde_json::Value;

use super::{Hinted, doors};
use crate::broker::{Amqp, Broker, Outgoing, Timing};
use crate::config::{BrokerSettings, Settings};
use crate::job::{RemotePath, Request};

/// What to publish.
#[derive(Debug, Clone)]
pub struct PublishOptions {
    /// Names of work files, as an API would write them.
    pub files: Vec<String>,
    pub job_id: Option<String>,
    pub recipe: Option<String>,
    /// Wait this long for each result.
    pub wait: Option<Duration>,
}

/// One message that is on the queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    pub file: String,
    /// The final event of the job, where it was waited for.
    pub event: Option<Value>,
}

/// Puts one job per file on the first work queue; all names are checked before any is sent.
/// `tell` hears of each as it is done.
///
/// # Errors
/// A name that is not allowed, a broker that cannot be reached, a result that did not come.
pub async fn publish(
    settings: &Settings,
    options: PublishOptions,
    mut tell: impl FnMut(&Published),
) -> Result<(), Hinted> {
    let BrokerSettings::Amqp(amqp) = &settings.broker else {
        let error = anyhow::anyhow!("there is no queue to publish to");
        let hint = "set RABBITMQ_URL or RABBITMQ_HOST; without a queue, use `pyservice process`";
        return Err(Hinted::new(error, hint));
    };
    let requests = requests(&options, &settings.drive.work)?;
    doors::install_tls();
    let broker = Amqp::publisher(amqp.clone(), Timing::default());
    for request in requests {
        let message = Outgoing {
            body: request.to_body(&settings.drive.work),
            message_id: Some(uuid::Uuid::new_v4().to_string()),
            ..Outgoing::default()
        };
        let event = match options.wait {
            Some(patience) => {
                let event = broker.publish_and_wait(message, patience).await;
                Some(event.map_err(doors::refused)?)
            }
            None => {
                broker.publish(message).await.map_err(doors::refused)?;
                None
            }
        };
        tell(&Published {
            file: request.file.to_string(),
            event,
        });
    }
    broker.close().await;
    Ok(())
}

fn requests(options: &PublishOptions, work: &RemotePath) -> Result<Vec<Request>, Hinted> {
    let hint = "name files as they are called in the work folder, such as `clientes.csv`";
    let several = options.files.len() > 1;
    let numbered = options.files.iter().zip(1..);
    numbered
        .map(|(name, number)| {
            let file = RemotePath::parse_below(name, work).map_err(|error| {
                Hinted::new(
                    anyhow::anyhow!("cannot publish file {number}: {error}"),
                    hint,
                )
            })?;
            let mut request = Request::for_file(file);
            request.recipe.clone_from(&options.recipe);
            request.job_id = options.job_id.as_ref().map(|id| match several {
                true => format!("{id}/{number}"),
                false => id.clone(),
            });
            Ok(request)
        })
        .collect()
}

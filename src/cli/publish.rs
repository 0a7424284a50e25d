//! `pyservice publish FILE…`.

use std::time::Duration;

use clap::Args;

use super::{Ended, say};
use crate::app::{self, PublishOptions};
use crate::config::Settings;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Names of files in the work folder
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// Wait for each result; exit 1 if a job is given up
    #[arg(long)]
    wait: bool,
    /// The longest to wait for one result, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 1800)]
    timeout: u64,
    /// An identity for the job: the same one is done once
    #[arg(long, value_name = "ID")]
    job_id: Option<String>,
    /// The name of the recipe to go by, instead of the one that suits
    #[arg(long, value_name = "NAME")]
    recipe: Option<String>,
}

pub(super) async fn run(settings: &Settings, arguments: Arguments) -> Result<(), Ended> {
    let options = PublishOptions {
        files: arguments.files,
        job_id: arguments.job_id,
        recipe: arguments.recipe,
        wait: arguments
            .wait
            .then(|| Duration::from_secs(arguments.timeout)),
    };
    let mut all_done = true;
    app::publish(settings, options, |published| match &published.event {
        None => println!("published {}", published.file),
        Some(event) => {
            all_done &= event["event"] == "job.finished";
            say(format_args!("{event}"));
        }
    })
    .await?;
    if all_done { Ok(()) } else { Err(Ended::Failed) }
}

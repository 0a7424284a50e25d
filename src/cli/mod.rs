//! The command line: a file per command.

mod check;
mod convert;
mod look;
mod process;
mod publish;
mod recipe;
mod serve;
mod sniff;
mod validate;

use std::fmt::Display;
use std::io::{Write, stdout};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::app::Hinted;
use crate::config::{InvalidConfig, ProcessEnv, Settings};
use crate::telemetry::{self, LogFormat};

/// Cleans, completes and reports on spreadsheets.
#[derive(Debug, Parser)]
#[command(name = "pyservice", version, about, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Consume the queue until told to stop
    Serve,
    /// Treat local files, without a queue
    Process(process::Arguments),
    /// Put jobs on the queue
    Publish(publish::Arguments),
    /// Reach every dependency once
    Check(check::Arguments),
    /// Tell which lines of local files are wrong, without treating them
    Validate(validate::Arguments),
    /// Tell what a local file is, and why
    Sniff(sniff::Arguments),
    /// Write, check and try recipes
    Recipe(recipe::Arguments),
    /// Convert one file under limits
    #[command(hide = true)]
    Convert,
}

/// Why a command ends with something else than success.
enum Ended {
    /// Exit 1: the command itself failed, and said so.
    Failed,
    /// Exit 1, with a reason still to be told.
    Because(Hinted),
    /// Exit 2: nothing was tried.
    Config(InvalidConfig),
}

impl From<Hinted> for Ended {
    fn from(hinted: Hinted) -> Self {
        Ended::Because(hinted)
    }
}

/// How long work that nobody waits for any more may take to notice.
const LAST_MOMENT: Duration = Duration::from_secs(2);

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    if let Command::Convert = arguments.command {
        return convert::run();
    }
    // What is set already wins over the file.
    let dotenv = dotenvy::dotenv();
    start_logging(&arguments.command);
    if let Err(error) = dotenv
        && !error.not_found()
    {
        eprintln!(
            "error: cannot read `.env`: {}\n\nhint: a line is NAME=value",
            dotenv_cause(&error)
        );
        return ExitCode::from(2);
    }
    // These need neither settings nor servers.
    let looked = match &arguments.command {
        Command::Validate(arguments) => Some(validate::run(arguments)),
        Command::Sniff(arguments) => Some(sniff::run(arguments)),
        _ => None,
    };
    if let Some(ended) = looked {
        return exit_code(ended);
    }
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let ended = runtime.block_on(execute(arguments.command));
    // Work on a file that was given back may not have noticed yet; its child ends with us.
    runtime.shutdown_timeout(LAST_MOMENT);
    exit_code(ended)
}

fn exit_code(ended: Result<(), Ended>) -> ExitCode {
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(Ended::Failed) => ExitCode::FAILURE,
        Err(Ended::Because(hinted)) => {
            tell(&hinted);
            ExitCode::FAILURE
        }
        Err(Ended::Config(error)) => {
            eprintln!("error: {error}\n\nhint: every variable is explained in .env.example");
            ExitCode::from(2)
        }
    }
}

async fn execute(command: Command) -> Result<(), Ended> {
    let settings = Settings::load(&ProcessEnv).map_err(Ended::Config)?;
    match command {
        Command::Serve => Ok(serve::run(settings).await?),
        Command::Process(arguments) => process::run(&settings, arguments).await,
        Command::Publish(arguments) => publish::run(&settings, arguments).await,
        Command::Check(arguments) => check::run(&settings, &arguments).await,
        Command::Recipe(arguments) => recipe::run(&settings, arguments).await,
        // These ran before anything was set up.
        Command::Validate(_) | Command::Sniff(_) | Command::Convert => Ok(()),
    }
}

/// A line on standard output. Whoever reads it may have seen enough and gone (`| head`).
fn say(line: impl Display) {
    let _ = writeln!(stdout(), "{line}");
}

/// The error, a blank line, and what to do.
fn tell(hinted: &Hinted) {
    eprintln!("error: {:#}\n\nhint: {}", hinted.error, hinted.hint);
}

/// The line of a broken `.env` may hold a password: only its place is told.
fn dotenv_cause(error: &dotenvy::Error) -> String {
    match error {
        dotenvy::Error::LineParse(_, at) => format!("a line breaks at character {at}"),
        dotenvy::Error::Io(error) => error.to_string(),
        _ => "it is not valid".to_owned(),
    }
}

fn start_logging(command: &Command) {
    let (filter, format) = crate::config::log_settings(&ProcessEnv);
    // Commands that print for people are silent about what goes well.
    let default = match command {
        Command::Serve => "info",
        _ => "warn",
    };
    let format = if format {
        LogFormat::Json
    } else {
        LogFormat::Text
    };
    telemetry::log(filter.as_deref(), default, format);
}

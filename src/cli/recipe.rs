//! `pyservice recipe …`.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Ended, look, process, say, tell};
use crate::app::{self, Hinted, RecipeFile, Trial, TrialOptions, TriedColumn};
use crate::config::Settings;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a commented recipe from a file
    New(New),
    /// Tell what is wrong with recipes
    Check(Check),
    /// Show what would become of the first rows of a file; nothing is written
    Try(Try),
    /// Tell which recipes there are
    List,
    /// Print the JSON Schema of recipes, for editors
    Schema,
}

#[derive(Debug, Args)]
struct New {
    /// The list to write a recipe for
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where to write it, instead of standard output; an existing file is not touched
    #[arg(long, value_name = "RECIPE.yaml")]
    out: Option<PathBuf>,
    /// The recipe's name, instead of the file's
    #[arg(long)]
    name: Option<String>,
}

#[derive(Debug, Args)]
struct Check {
    /// Recipes, or folders of them [default: the folder of RECIPES_DIR]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Print the mistakes as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Try {
    /// The list to try it on
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The recipe, by its name or its file, instead of the one that suits
    #[arg(long, value_name = "NAME|FILE")]
    recipe: Option<String>,
    /// How many rows to look at
    #[arg(long, default_value_t = 1000, value_name = "N")]
    rows: u64,
    /// Try every sheet of a workbook, not only the fullest
    #[arg(long)]
    all_sheets: bool,
    /// Print what would change as JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(settings: &Settings, arguments: Arguments) -> Result<(), Ended> {
    match arguments.command {
        Command::New(new) => write_new(&new),
        Command::Check(check) => run_check(settings, &check),
        Command::Try(arguments) => run_try(settings, arguments).await,
        Command::List => list(settings),
        Command::Schema => {
            say(app::recipe_schema());
            Ok(())
        }
    }
}

fn write_new(new: &New) -> Result<(), Ended> {
    let bar = look::bar(&new.file);
    let mut progress = look::progress(&bar);
    let look = look::at(false, &mut progress);
    let drafts = app::draft(&new.file, new.name.as_deref(), look)?;
    bar.finish_and_clear();
    for text in &drafts.tables {
        match &new.out {
            None => say(text.trim_end()),
            Some(out) => {
                write_file(out, text)?;
                say(format_args!("{}", out.display()));
            }
        }
    }
    look::ended(&drafts.unread)
}

fn write_file(out: &Path, text: &str) -> Result<(), Hinted> {
    let file = OpenOptions::new().write(true).create_new(true).open(out);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| {
        let hint = match error.kind() {
            ErrorKind::AlreadyExists => "name another file, or remove that one first",
            _ => "name a file that can be written",
        };
        let context = format!("cannot write `{}`", out.display());
        Hinted::new(anyhow::Error::new(error).context(context), hint)
    })
}

fn run_check(settings: &Settings, check: &Check) -> Result<(), Ended> {
    let files = match check.paths.is_empty() {
        true => app::recipes_of_settings(settings)?,
        false => app::read_recipes(&check.paths)?,
    };
    let twice = twice(&files);
    if check.json {
        let files: Vec<_> = files.iter().map(in_json).collect();
        say(serde_json::to_string_pretty(&files).unwrap_or_default());
    }
    let mut good = twice.is_empty();
    for file in &files {
        match &file.recipe {
            Ok(recipe) if !check.json => {
                say(format_args!("{}: {}", file.path.display(), recipe.name));
            }
            Ok(_) => {}
            Err(mistakes) => {
                good = false;
                for mistake in mistakes.iter().filter(|_| !check.json) {
                    say(format_args!("{}:{mistake}", file.path.display()));
                }
            }
        }
    }
    for name in twice {
        eprintln!("error: two recipes are called `{name}`");
    }
    if good { Ok(()) } else { Err(Ended::Failed) }
}

fn twice(files: &[RecipeFile]) -> Vec<&str> {
    let recipes = files.iter().filter_map(|file| file.recipe.as_ref().ok());
    let mut names: Vec<_> = recipes.map(|recipe| recipe.name.as_str()).collect();
    names.sort_unstable();
    let pairs = names.windows(2).filter(|pair| pair[0] == pair[1]);
    let mut twice: Vec<_> = pairs.map(|pair| pair[0]).collect();
    twice.dedup();
    twice
}

fn in_json(file: &RecipeFile) -> serde_json::Value {
    let mistakes = file.recipe.as_ref().err().into_iter().flatten();
    let mistakes: Vec<_> = mistakes
        .map(|mistake| {
            json!({
                "line": mistake.at.line,
                "column": mistake.at.column,
                "message": mistake.message,
            })
        })
        .collect();
    json!({
        "file": file.path.display().to_string(),
        "name": file.recipe.as_ref().ok().map(|recipe| &recipe.name),
        "mistakes": mistakes,
    })
}

fn list(settings: &Settings) -> Result<(), Ended> {
    for file in app::recipes_of_settings(settings)? {
        let path = file.path.display();
        match &file.recipe {
            Ok(recipe) => {
                let about = recipe.description.as_deref().unwrap_or("-");
                say(format_args!("{}  {about}  ({path})", recipe.name));
            }
            Err(mistakes) => say(format_args!("{path}: {} mistakes", mistakes.len())),
        }
    }
    Ok(())
}

async fn run_try(settings: &Settings, arguments: Try) -> Result<(), Ended> {
    let options = TrialOptions {
        file: arguments.file.clone(),
        recipe: arguments.recipe,
        rows: arguments.rows,
        all_sheets: arguments.all_sheets,
    };
    let (bar, progress) = process::progress_bar(&arguments.file);
    let tried = app::try_recipe(settings, options, progress).await;
    bar.finish_and_clear();
    let (trials, untreated) = tried?;
    if arguments.json {
        say(serde_json::to_string_pretty(&trials).unwrap_or_default());
    } else {
        for trial in &trials {
            describe(&arguments.file, trial);
        }
    }
    for table in &untreated {
        let error = anyhow::anyhow!("`{}` cannot be treated: {}", table.table, table.message);
        tell(&Hinted::new(
            error,
            "`pyservice sniff` tells how the file is read",
        ));
    }
    if untreated.is_empty() {
        Ok(())
    } else {
        Err(Ended::Failed)
    }
}

/// What would change, for people.
fn describe(file: &Path, trial: &Trial) {
    let table = trial.table.as_ref();
    let table = table.map_or_else(String::new, |table| format!(": {table}"));
    say(format_args!("{}{table}", file.display()));
    match &trial.recipe {
        Some(recipe) => say(format_args!("  recipe   {recipe}")),
        None => say("  recipe   none: everything is detected"),
    }
    say(format_args!(
        "  rows     {} of {}: {} delivered, {} duplicates removed, {} marked",
        trial.rows,
        trial.of_rows,
        trial.delivered,
        trial.duplicates_removed,
        trial.duplicates_marked
    ));
    for (reason, rows) in &trial.rejected_rows {
        say(format_args!("  rejected {rows} rows: {reason}"));
    }
    trial.columns.iter().for_each(describe_column);
    if !trial.derived.is_empty() {
        say(format_args!("  new      {}", trial.derived.join(", ")));
    }
    for alert in &trial.alerts {
        say(format_args!("  ! {alert}"));
    }
}

fn describe_column(column: &TriedColumn) {
    let delivered = match &column.delivered_as {
        None => ", dropped".to_owned(),
        Some(name) if *name == column.name => String::new(),
        Some(name) => format!(", delivered as {name}"),
    };
    let TriedColumn {
        name,
        kind,
        decided,
        ..
    } = column;
    say(format_args!(
        "  column   {name}: {kind} ({decided}){delivered}"
    ));
    let cells: Vec<_> = column
        .cells
        .iter()
        .map(|(what, cells)| format!("{cells} {what}"))
        .collect();
    say(format_args!("           {}", cells.join(", ")));
    for change in &column.changes {
        let why = change
            .reason
            .map_or(String::new(), |reason| format!(" {reason}"));
        let after = match change.after.as_str() {
            "" => "(blank)",
            after => after,
        };
        let before = match change.before.as_str() {
            "" => "(blank)",
            before => before,
        };
        say(format_args!(
            "           line {}: {before} -> {after} ({}{why}, {} %)",
            change.line, change.status, change.confidence
        ));
    }
}

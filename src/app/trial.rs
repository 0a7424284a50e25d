//! Trying a recipe on a file, and writing one from it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::Utc;

use super::look::{Look, Scratch, each_table};
use super::{Hinted, Looked, recipes};
use crate::config::Settings;
use crate::job::{JobId, RemotePath};
use crate::recipe::{Draft, Recipe};
use crate::table::convert::Tables;
use crate::worker::{Progress, Treatment, Trial, Untreated, rehearse};

/// What to try.
#[derive(Debug, Clone)]
pub struct TrialOptions {
    pub file: PathBuf,
    /// A recipe's name, or its file, instead of the one that suits.
    pub recipe: Option<String>,
    /// Rows to look at.
    pub rows: u64,
    pub all_sheets: bool,
}

/// Tells what would become of the first rows of a file. Nothing is written.
///
/// # Errors
/// If the file cannot be read, or the recipe has mistakes or does not suit it.
pub async fn try_recipe(
    settings: &Settings,
    options: TrialOptions,
    progress: Progress,
) -> Result<(Vec<Trial>, Vec<Untreated>), Hinted> {
    let (recipes, recipe) = recipes::asked(settings, options.recipe.as_deref())?;
    let scratch = Scratch::create().map_err(|error| {
        let error = anyhow::Error::new(error).context("cannot create a scratch folder");
        Hinted::new(error, "set TMPDIR to a folder that can be written")
    })?;
    let name = options.file.file_name().unwrap_or_default();
    let file = RemotePath::parse(&name.to_string_lossy())
        .map_err(|error| Hinted::new(error, "rename the file"))?;
    let treatment = Treatment {
        job: JobId::derived(&file, "", recipe.as_deref(), "", options.all_sheets),
        source: options.file,
        file,
        date: Utc::now(),
        kinds: None,
        recipes: Arc::new(recipes),
        recipe,
        reference: None,
        scratch: scratch.0.clone(),
        tables: match options.all_sheets {
            true => Tables::All,
            false => Tables::Fullest,
        },
        program: std::env::current_exe().ok(),
        fetch_ms: 0,
    };
    let hint = "`pyservice sniff` tells how the file is read, `pyservice recipe check` whether the recipe is right";
    rehearse(treatment, options.rows, progress)
        .await
        .map_err(|failure| Hinted::new(failure, hint))
}

/// Writes a recipe from the first table of a file.
///
/// # Errors
/// If there is no table in it that can be read, or the draft is no good recipe.
pub fn draft(file: &Path, name: Option<&str>, look: Look<'_>) -> Result<Looked<String>, Hinted> {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let name = match name {
        Some(name) => name.to_owned(),
        None => usual_name(&stem),
    };
    let own = file.file_name().unwrap_or_default().to_string_lossy();
    let mut drafts = each_table(file, look, |_, inspection, profile| {
        let draft = Draft {
            name: &name,
            file: &own,
            layout: &inspection.layout,
            profile,
            sample: &inspection.sample,
        };
        Ok(draft.write()?)
    })?;
    drafts.tables.truncate(1);
    for text in &drafts.tables {
        if let Err(mistakes) = Recipe::parse(text) {
            let told: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
            let error = anyhow::anyhow!("no recipe can be written: {}", told.join("; "));
            let hint =
                "a name is made of lower-case letters, digits, `_` and `-`: choose one with --name";
            return Err(Hinted::new(error, hint));
        }
    }
    Ok(drafts)
}

/// A recipe's name from a file's: `Vendas 2026` is `vendas_2026`.
fn usual_name(stem: &str) -> String {
    let folded = crate::values::fold::fold(stem).to_lowercase();
    let words: Vec<_> = folded
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    match words.is_empty() {
        true => "receita".to_owned(),
        false => words.join("_"),
    }
}

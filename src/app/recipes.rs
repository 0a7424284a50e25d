//! Recipes as files: the folder of the settings, or one that is named.

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::Hinted;
use crate::config::Settings;
use crate::recipe::{Mistake, Recipe, Recipes};

/// Where recipes are, if the settings do not say.
const USUAL: &str = "recipes";

/// What a recipe file turned out to be.
#[derive(Debug)]
pub struct RecipeFile {
    pub path: PathBuf,
    pub recipe: Result<Recipe, Vec<Mistake>>,
}

/// The recipes of the settings. Without a folder there is none.
///
/// # Errors
/// If the folder that is named cannot be read, or a recipe in it has mistakes: all are told.
pub fn load(settings: &Settings) -> Result<Recipes, Hinted> {
    let files = match &settings.work.recipes {
        Some(folder) => in_folder(folder)?,
        None if Path::new(USUAL).is_dir() => in_folder(Path::new(USUAL))?,
        None => return Ok(Recipes::default()),
    };
    all(files)
}

/// The recipes of the settings, and the name of the one that is asked for by name or file.
///
/// # Errors
/// As [`load`], and if there is no such recipe.
pub(super) fn asked(
    settings: &Settings,
    recipe: Option<&str>,
) -> Result<(Recipes, Option<String>), Hinted> {
    let recipes = load(settings)?;
    let Some(asked) = recipe else {
        return Ok((recipes, None));
    };
    if recipes.named(asked).is_some() {
        return Ok((recipes, Some(asked.to_owned())));
    }
    let path = Path::new(asked);
    if !path.is_file() {
        let hint = "`pyservice recipe list` tells which there are; a file is named by its path";
        let error = anyhow::anyhow!("there is no recipe `{asked}`, and no such file");
        return Err(Hinted::new(error, hint));
    }
    let mut files = vec![read(path)?];
    broken(&files)?;
    match files.pop().map(|file| file.recipe) {
        Some(Ok(recipe)) => {
            let name = recipe.name.clone();
            Ok((recipes.with(recipe), Some(name)))
        }
        _ => Ok((recipes, None)),
    }
}

/// Reads recipe files, and all that are in folders.
///
/// # Errors
/// If one cannot be read.
pub fn read_all(paths: &[PathBuf]) -> Result<Vec<RecipeFile>, Hinted> {
    let mut files = Vec::new();
    for path in paths {
        match path.is_dir() {
            true => files.extend(in_folder(path)?),
            false => files.push(read(path)?),
        }
    }
    Ok(files)
}

/// The recipe files of the settings.
///
/// # Errors
/// If one cannot be read, or the folder is not there.
pub fn of_settings(settings: &Settings) -> Result<Vec<RecipeFile>, Hinted> {
    let named = settings.work.recipes.as_deref();
    in_folder(named.unwrap_or(Path::new(USUAL)))
}

/// The JSON Schema of recipe files, for editors.
pub fn schema() -> String {
    serde_json::to_string_pretty(&Recipe::schema()).unwrap_or_default()
}

fn all(files: Vec<RecipeFile>) -> Result<Recipes, Hinted> {
    broken(&files)?;
    let recipes = files.into_iter().filter_map(|file| file.recipe.ok());
    Recipes::new(recipes.collect()).map_err(|name| {
        let error = anyhow::anyhow!("two recipes are called `{name}`");
        Hinted::new(error, "give one of them another `name`")
    })
}

/// Tells all mistakes of all files.
fn broken(files: &[RecipeFile]) -> Result<(), Hinted> {
    let mut told = String::new();
    for file in files {
        if let Err(mistakes) = &file.recipe {
            for mistake in mistakes {
                let _ = write!(told, "\n  {}:{mistake}", file.path.display());
            }
        }
    }
    if told.is_empty() {
        return Ok(());
    }
    let error = anyhow::anyhow!("there are mistakes in recipes:{told}");
    Err(Hinted::new(
        error,
        "docs/recipes.md tells what a recipe may say",
    ))
}

fn in_folder(folder: &Path) -> Result<Vec<RecipeFile>, Hinted> {
    let unreadable = |error: io::Error| {
        let context = format!("cannot read the folder of recipes `{}`", folder.display());
        let error = anyhow::Error::new(error).context(context);
        Hinted::new(error, "RECIPES_DIR names the folder with the recipes")
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let extension = path.extension().unwrap_or_default();
        if path.is_file() && (extension == "yaml" || extension == "yml") {
            paths.push(path);
        }
    }
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Result<RecipeFile, Hinted> {
    let text = fs::read_to_string(path).map_err(|error| {
        let context = format!("cannot read the recipe `{}`", path.display());
        let error = anyhow::Error::new(error).context(context);
        Hinted::new(error, "a recipe is a text file in UTF-8")
    })?;
    Ok(RecipeFile {
        path: path.to_owned(),
        recipe: Recipe::parse(&text),
    })
}

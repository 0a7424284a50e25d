//! The first pass: how the file is written and what its columns hold.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use sha2::{Digest, Sha256};

use crate::job::{ArtifactKind, Failure, Reason, Stage};
use crate::recipe::{Choice, Detector, Laid, Named, Profile, Recipe, Rules, Unsuited};
use crate::table::{Heading, Inspection, Layout, Source, TableError, inspect_as};

use super::{Progress, Treatment, causes};

/// What is known of a table before it is treated.
pub(super) struct Survey {
    pub(super) source: Source,
    pub(super) layout: Layout,
    pub(super) profile: Arc<Profile>,
    /// What the recipe asks for beyond single cells.
    pub(super) rules: Arc<Rules<usize>>,
    /// The recipe's name, if there is one.
    pub(super) recipe: Option<String>,
    /// What it wants delivered.
    pub(super) outputs: Option<Vec<ArtifactKind>>,
    /// What of it could not be done, for people.
    pub(super) alerts: Vec<String>,
    /// Of the file as it was sent.
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

/// Why a table is not treated.
#[derive(Debug, thiserror::Error)]
pub(super) enum SurveyError {
    #[error(transparent)]
    Table(#[from] TableError),
    #[error(transparent)]
    Recipe(#[from] Unsuited),
}

impl SurveyError {
    pub(super) fn may_pass(&self) -> bool {
        matches!(self, SurveyError::Table(error) if error.may_pass())
    }

    /// For people, in a few words of Brazilian Portuguese.
    pub(super) fn words(&self) -> &'static str {
        match self {
            SurveyError::Table(error) => error.words(),
            SurveyError::Recipe(Unsuited::Missing { .. }) => "faltam colunas que a receita exige",
            SurveyError::Recipe(Unsuited::Twice { .. }) => {
                "a receita entregaria duas colunas com o mesmo nome"
            }
        }
    }

    pub(super) fn into_failure(self) -> Failure {
        match self {
            SurveyError::Table(error) => causes::table(error),
            SurveyError::Recipe(error) => {
                Failure::permanent(Stage::Survey, Reason::RecipeMismatch, error)
            }
        }
    }
}

/// Reads the whole table once: `source`, of the treatment's file.
pub(super) fn survey(
    treatment: &Treatment,
    source: &Source,
    progress: &Progress,
) -> Result<Survey, SurveyError> {
    let file = &treatment.source;
    let bytes = file.metadata().map_err(TableError::from)?.len();
    let known = known_before(treatment, source);
    let heading = known.as_ref().map(|choice| choice.recipe.heading);
    // Looking and hashing beside one another: nothing else has work for a core yet.
    let (mut inspected, sha256) = thread::scope(|scope| {
        let hashing = scope.spawn(|| sha256(file));
        let inspected = looked_at(source, heading.unwrap_or_default(), progress);
        match hashing.join() {
            Ok(sha256) => Ok::<_, TableError>((inspected?, sha256?)),
            // The job's own border counts it as an attempt.
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })?;
    if inspected.layout.tally.rows == 0 {
        return Err(TableError::NoRows.into());
    }
    let mut alerts = Vec::new();
    let choice = known.or_else(|| {
        let names = inspected.layout.names();
        treatment
            .recipes
            .for_table(called(treatment, source), &names)
    });
    let laid = match &choice {
        Some(choice) => {
            alerts.extend(undecided(choice));
            Some(choice.recipe.lay(&inspected.layout.names())?)
        }
        None => None,
    };
    let layout = &mut inspected.layout;
    for (column, name) in layout
        .columns
        .iter_mut()
        .zip(laid.iter().flat_map(Laid::names))
    {
        column.name.clone_from(name);
    }
    let mut detector = Detector::new(layout.names());
    if let Some(laid) = &laid {
        laid.force(&mut detector);
    }
    detector
        .observe(&inspected.sample)
        .map_err(TableError::from)?;
    let mut profile = detector.finish(layout.tally.rows);
    let rules = match &laid {
        Some(laid) => laid.apply(&mut profile, &mut alerts)?,
        None => Rules::default(),
    };
    let recipe = choice.map(|choice| choice.recipe);
    Ok(Survey {
        source: source.clone(),
        profile: Arc::new(profile.with_imputed_flags(&rules)),
        rules: Arc::new(rules),
        recipe: recipe.map(|recipe| recipe.name.clone()),
        outputs: recipe.and_then(|recipe| recipe.outputs.clone()),
        alerts,
        layout: inspected.layout,
        bytes,
        sha256,
    })
}

fn called<'a>(treatment: &'a Treatment, source: &'a Source) -> Named<'a> {
    Named {
        file: treatment.file.as_str(),
        table: source.name.as_deref(),
    }
}

/// The recipe that is known before the table is looked at: it is asked for, or is for files of
/// this name that have no header.
fn known_before<'a>(treatment: &'a Treatment, source: &Source) -> Option<Choice<'a>> {
    let asked = treatment.recipe.as_ref();
    match asked.and_then(|name| treatment.recipes.named(name)) {
        Some(recipe) => Some(Choice::only(recipe)),
        None => treatment.recipes.for_headless(called(treatment, source)),
    }
}

fn looked_at(
    source: &Source,
    heading: Heading,
    progress: &Progress,
) -> Result<Inspection, TableError> {
    // What is read may be larger than what was sent.
    let of_bytes = source.path.metadata()?.len();
    // A few rows may be looked at twice, but never counted so.
    let mut most = 0;
    let inspected = inspect_as(source, heading, &mut |rows, bytes| {
        most = rows.max(most);
        progress.surveyed(most, bytes, of_bytes);
    })?;
    progress.surveyed(inspected.layout.tally.rows, of_bytes, of_bytes);
    Ok(inspected)
}

/// That other recipes would do as well.
fn undecided(choice: &Choice<'_>) -> Option<String> {
    if choice.others.is_empty() {
        return None;
    }
    let Recipe { name, .. } = choice.recipe;
    let others = choice.others.join("`, `");
    Some(format!(
        "Mais de uma receita serve a este arquivo: foi usada `{name}`, e não `{others}`. Peça a receita pelo nome se não for a certa."
    ))
}

/// Lower-case hex of the file's SHA-256.
pub(super) fn sha256(path: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut file = File::open(path)?;
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match io::Read::read(&mut file, &mut buffer)? {
            0 => return Ok(hex::encode(hash.finalize())),
            read => hash.update(&buffer[..read]),
        }
    }
}

//! The tables of a work file: found, surveyed, and told apart by name.

use std::collections::HashSet;

use super::survey::{Survey, SurveyError, survey};
use super::{Progress, Treatment, causes};
use crate::job::{Failure, Reason, RemotePath, Stage};
use crate::table::Opener;

/// A table that is not treated although others of its file are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untreated {
    /// As the file names it.
    pub table: String,
    pub reason: Reason,
    /// For logs and events.
    pub message: String,
    /// For people, in Portuguese.
    pub words: &'static str,
}

impl Untreated {
    fn new(table: String, cause: SurveyError) -> Self {
        let words = cause.words();
        let failure = cause.into_failure();
        Untreated {
            table,
            reason: failure.reason,
            message: failure.message,
            words,
        }
    }

    /// A sentence for the reports of the other tables.
    pub(super) fn alert(&self) -> String {
        format!(
            "A tabela \"{}\" do mesmo arquivo não foi tratada: {}.",
            self.table, self.words
        )
    }
}

/// What was found in a work file.
pub(super) struct Found {
    /// At least one.
    pub(super) tables: Vec<Survey>,
    pub(super) untreated: Vec<Untreated>,
}

/// Opens the work file and reads each of its tables once.
///
/// # Errors
/// If none of them can be treated, with the reason of the first; and if one cannot be read for a
/// reason that may pass.
pub(super) fn find(treatment: &Treatment, progress: &Progress) -> Result<Found, Failure> {
    let opener = Opener {
        scratch: treatment.scratch.clone(),
        program: treatment.program.clone(),
        tables: treatment.tables,
    };
    progress.converting();
    let opened = opener.open(&treatment.source).map_err(causes::table)?;
    let mut untreated: Vec<_> = opened
        .unread
        .into_iter()
        .map(|unread| Untreated::new(unread.name, unread.cause.into()))
        .collect();
    let mut tables = Vec::new();
    let mut first = None;
    for source in &opened.sources {
        match survey(treatment, source, progress) {
            Ok(surveyed) => tables.push(surveyed),
            Err(cause) if cause.may_pass() => return Err(cause.into_failure()),
            Err(cause) => {
                let name = source.name.clone().unwrap_or_default();
                let failed = Untreated::new(name, cause);
                first.get_or_insert_with(|| (failed.reason, failed.message.clone()));
                untreated.push(failed);
            }
        }
    }
    match first {
        Some((reason, message)) if tables.is_empty() => {
            Err(Failure::permanent(Stage::Survey, reason, message))
        }
        _ => Ok(Found { tables, untreated }),
    }
}

/// What the tables' artifacts are named after: the work file alone if it has one table.
pub(super) fn named(file: &RemotePath, tables: &[Survey]) -> Vec<RemotePath> {
    if tables.len() == 1 {
        return vec![file.clone()];
    }
    let names = tables.iter().map(|table| table.source.name.as_deref());
    distinct(file, names.map(Option::unwrap_or_default))
}

fn is_word(extension: &str) -> bool {
    extension.len() <= 7 && extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn distinct<'a>(file: &RemotePath, names: impl Iterator<Item = &'a str>) -> Vec<RemotePath> {
    let mut taken = HashSet::new();
    let mut distinct = Vec::new();
    for name in names {
        // `lista.csv` in an archive is the table `lista`.
        let stem = match name.rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() && is_word(extension) => stem,
            _ => name,
        };
        let mut numbers = 1..;
        let named = numbers.by_ref().find_map(|number: u32| {
            let named = match number {
                1 => file.for_table(stem, ""),
                number => file.for_table(stem, &format!("_{number}")),
            };
            // Not every drive tells `A` from `a`.
            taken.insert(named.as_str().to_lowercase()).then_some(named)
        });
        distinct.extend(named);
    }
    distinct
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_get_names_of_their_own() {
        let file = RemotePath::parse("norte/envio.zip").unwrap();
        let names = [
            "lista.csv",
            "LISTA.xlsx",
            "Ação & Cia / 2026.csv",
            "???",
            "a.csv Plan1",
            "a.csv Plan 2",
            "",
        ];
        let named = distinct(&file, names.into_iter());
        let named: Vec<_> = named.iter().map(RemotePath::as_str).collect();
        assert_eq!(
            named,
            [
                "norte/envio_lista.zip",
                "norte/envio_LISTA_2.zip",
                "norte/envio_Ação_Cia_2026.zip",
                "norte/envio_tabela.zip",
                "norte/envio_a_csv_Plan1.zip",
                "norte/envio_a_csv_Plan_2.zip",
                "norte/envio_tabela_2.zip",
            ]
        );
    }
}

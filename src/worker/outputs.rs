//! The data files of one job, written while batches arrive.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use polars::prelude::{PolarsError, PolarsResult};

use super::delivered::Delivered;
use crate::cleaning::{CleanBatch, RejectedCell, ValueTally};
use crate::job::ArtifactKind;
use crate::recipe::{ColumnKind, Mark, Profile};
use crate::report::{
    ArchiveError, Bundle, CsvReport, Example, Files, Rejection, Tone, XlsxError, XlsxReport, advice,
};
use crate::transform::{Derived, Numbers, Spread, cells};
use crate::values::{Reason, Status, mask};

/// Rejected cells shown in reports.
const EXAMPLES_PER_REASON: usize = 3;
const EXAMPLES: usize = 24;

#[derive(Debug, thiserror::Error)]
pub(super) enum OutputError {
    #[error("cannot write the CSV: {0}")]
    Csv(#[from] io::Error),
    #[error(transparent)]
    Xlsx(#[from] XlsxError),
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

impl From<PolarsError> for OutputError {
    fn from(_: PolarsError) -> Self {
        // polars quotes cells in its errors.
        OutputError::Archive(ArchiveError::NotText)
    }
}

/// Writes CSV, workbook and bundle side by side, and counts the values that go into them.
pub(super) struct Outputs {
    csv: Option<CsvReport<BufWriter<File>>>,
    xlsx: Option<XlsxReport>,
    bundle: Option<Bundle>,
    profile: Profile,
    /// The headers of the file's columns.
    names: Vec<String>,
    delivered: Delivered,
    values: Vec<ValueTally>,
    /// For each column of the file, if it holds numbers.
    numbers: Vec<Option<Numbers>>,
    examples: Vec<Example>,
    examples_by_reason: BTreeMap<Reason, usize>,
    rejected_rows: u64,
    duplicates: u64,
}

/// What was counted while writing, and what still waits for the summary.
pub(super) struct Written {
    pub(super) xlsx: Option<XlsxReport>,
    pub(super) bundle: Option<Files>,
    pub(super) values: Vec<ValueTally>,
    /// For each column of the file, how its numbers lie.
    pub(super) spreads: Vec<Option<Spread>>,
    pub(super) examples: Vec<Example>,
    pub(super) rejected_rows: u64,
    pub(super) duplicates: u64,
}

/// Where an artifact is drawn before it is delivered.
pub(super) fn draft(folder: &Path, kind: ArtifactKind) -> PathBuf {
    folder.join(format!("artifact.{}", kind.extension()))
}

impl Outputs {
    pub(super) fn start(
        folder: &Path,
        kinds: &[ArtifactKind],
        profile: &Profile,
        derived: &[Derived],
        date: NaiveDate,
    ) -> Result<Self, OutputError> {
        let delivered = Delivered::new(profile, derived);
        let mut csv = None;
        if kinds.contains(&ArtifactKind::Csv) {
            let file = File::create(draft(folder, ArtifactKind::Csv))?;
            let out = BufWriter::with_capacity(256 * 1024, file);
            csv = Some(CsvReport::start(
                out,
                &delivered.names(),
                delivered.numeric(),
            )?);
        }
        let mut xlsx = None;
        if kinds.contains(&ArtifactKind::Xlsx) {
            let scratch = |name: &str| {
                File::options()
                    .read(true)
                    .write(true)
                    .create(true)
                    .truncate(true)
                    .open(folder.join(name))
            };
            xlsx = Some(XlsxReport::start(
                File::create(draft(folder, ArtifactKind::Xlsx))?,
                scratch,
                delivered.sheet(),
                date,
            )?);
        }
        let mut bundle = None;
        if kinds.contains(&ArtifactKind::Zip) {
            bundle = Some(Bundle::start(
                File::create(draft(folder, ArtifactKind::Zip))?,
                &folder.join("rejected.lines"),
                profile.columns.iter().map(|column| column.name.as_str()),
            )?);
        }
        let columns = profile.columns.iter();
        Ok(Outputs {
            csv,
            xlsx,
            bundle,
            values: columns
                .clone()
                .map(|column| ValueTally::new(!column.kind.is_personal()))
                .collect(),
            numbers: columns
                .clone()
                .map(|column| column.kind.is_numeric().then(Numbers::default))
                .collect(),
            names: columns_named(profile),
            delivered,
            profile: profile.clone(),
            examples: Vec::new(),
            examples_by_reason: BTreeMap::new(),
            rejected_rows: 0,
            duplicates: 0,
        })
    }

    /// Writes the rows of a batch, and what it rejected.
    pub(super) fn append(&mut self, batch: &CleanBatch) -> Result<(), OutputError> {
        for (values, column) in self.values.iter_mut().zip(batch.frame.columns()) {
            values.add(column.str().map_err(io::Error::other)?);
        }
        for (numbers, column) in self.numbers.iter_mut().zip(batch.frame.columns()) {
            let Some(numbers) = numbers else { continue };
            let read = column.str()?.iter().flatten().filter_map(cells::number);
            read.for_each(|number| numbers.add(number.to_f64()));
        }
        let delivered = self.delivered.of(&batch.frame)?;
        if let Some(csv) = &mut self.csv {
            csv.append(&delivered)?;
        }
        if let Some(xlsx) = &mut self.xlsx {
            let rows = delivered.height();
            let tones = self
                .delivered
                .places()
                .map(|place| match batch.marks.get(place) {
                    Some(marks) => marks.iter().map(tone).collect(),
                    None => vec![Tone::Plain; rows],
                });
            xlsx.append(&delivered, &tones.collect::<Vec<_>>())?;
            for row in &batch.duplicates {
                xlsx.duplicate(row, &self.names)?;
            }
        }
        let (xlsx, bundle, names) = (&mut self.xlsx, &mut self.bundle, &self.names);
        if xlsx.is_some() || bundle.is_some() {
            batch.each_change(|change| {
                if let Some(bundle) = bundle {
                    bundle.change(&change)?;
                }
                if let Some(xlsx) = xlsx {
                    xlsx.change(&change, &names[change.column])?;
                }
                Ok::<_, OutputError>(())
            })?;
        }
        if let Some(bundle) = bundle {
            bundle.reject(batch)?;
        }
        self.rejected_rows += batch.rejected_rows.len() as u64;
        self.duplicates += batch.removed();
        self.reject(batch)
    }

    fn reject(&mut self, batch: &CleanBatch) -> Result<(), OutputError> {
        for cell in &batch.rejected_cells {
            let column = &self.profile.columns[cell.column];
            if let Some(xlsx) = &mut self.xlsx {
                xlsx.reject(&Rejection {
                    line: cell.line,
                    column: &column.name,
                    value: &cell.original,
                    reason: cell.reason.words(),
                    advice: advice(cell.reason),
                })?;
            }
            self.show(cell);
        }
        for row in &batch.rejected_rows {
            if let Some(xlsx) = &mut self.xlsx {
                let words = row.reason.words();
                let detailed = row
                    .detail
                    .as_ref()
                    .map(|detail| format!("{words}: {detail}"));
                xlsx.reject(&Rejection {
                    line: row.line,
                    column: "(linha inteira)",
                    value: &row.raw,
                    reason: detailed.as_deref().unwrap_or(words),
                    advice: advice(row.reason),
                })?;
            }
        }
        Ok(())
    }

    /// Keeps a masked example of each reason.
    fn show(&mut self, cell: &RejectedCell) {
        let shown = self.examples_by_reason.entry(cell.reason).or_default();
        if *shown >= EXAMPLES_PER_REASON || self.examples.len() >= EXAMPLES {
            return;
        }
        *shown += 1;
        let column = &self.profile.columns[cell.column];
        self.examples.push(Example {
            line: cell.line,
            column: column.name.clone(),
            masked: masked(column.kind, &cell.original),
            reason: cell.reason.code(),
        });
    }

    /// Closes the CSV.
    pub(super) fn finish(self) -> Result<Written, OutputError> {
        if let Some(csv) = self.csv {
            let file = csv.finish()?;
            file.into_inner().map_err(|error| error.into_error())?;
        }
        let bundle = match self.bundle {
            Some(bundle) => Some(bundle.end_lines()?),
            None => None,
        };
        let spreads = self.numbers.iter().map(|numbers| match numbers {
            Some(numbers) => numbers.spread(),
            None => Ok(None),
        });
        Ok(Written {
            spreads: spreads.collect::<PolarsResult<_>>()?,
            xlsx: self.xlsx,
            bundle,
            values: self.values,
            examples: self.examples,
            rejected_rows: self.rejected_rows,
            duplicates: self.duplicates,
        })
    }
}

fn tone(mark: &Mark) -> Tone {
    match mark.status {
        Status::Ok | Status::Padronizado | Status::Vazio => Tone::Plain,
        Status::Corrigido => Tone::Corrected,
        Status::Alerta => Tone::Alert,
        Status::Imputado | Status::Enriquecido => Tone::Filled,
        Status::Rejeitado => Tone::Rejected,
    }
}

pub(super) fn masked(kind: ColumnKind, value: &str) -> String {
    match kind {
        ColumnKind::Cpf => mask::cpf(value),
        ColumnKind::Phone => mask::phone(value),
        ColumnKind::Email => mask::email(value),
        ColumnKind::Name => mask::name(value),
        _ => mask::anything(value),
    }
}

fn columns_named(profile: &Profile) -> Vec<String> {
    profile
        .columns
        .iter()
        .map(|column| column.name.clone())
        .collect()
}

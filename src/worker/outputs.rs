//! The data files of one job, written while batches arrive.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use crate::cleaning::{CleanBatch, RejectedCell, ValueTally};
use crate::job::ArtifactKind;
use crate::recipe::{ColumnKind, Mark, Profile};
use crate::report::{
    ArchiveError, Bundle, CellKind, CsvReport, Example, Files, Rejection, SheetColumn, Tone,
    XlsxError, XlsxReport,
};
use crate::transform::Derived;
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

/// Writes CSV, workbook and bundle side by side, and counts the values that go into them.
pub(super) struct Outputs {
    csv: Option<CsvReport<BufWriter<File>>>,
    xlsx: Option<XlsxReport>,
    bundle: Option<Bundle>,
    profile: Profile,
    values: Vec<ValueTally>,
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
        _derived: &[Derived],
        date: NaiveDate,
    ) -> Result<Self, OutputError> {
        let names: Vec<_> = profile
            .delivered()
            .map(|column| column.name.to_owned())
            .collect();
        let mut csv = None;
        if kinds.contains(&ArtifactKind::Csv) {
            let file = File::create(draft(folder, ArtifactKind::Csv))?;
            let numeric = numeric(profile, names.len());
            let out = BufWriter::with_capacity(256 * 1024, file);
            csv = Some(CsvReport::start(out, &names, numeric)?);
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
                scratch("rejected.rows")?,
                scratch("duplicates.rows")?,
                sheet_columns(profile, &names),
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
                .map(|column| ValueTally::new(!column.kind.is_personal()))
                .collect(),
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
        if let Some(csv) = &mut self.csv {
            csv.append(&batch.frame)?;
        }
        if let Some(bundle) = &mut self.bundle {
            bundle.append(batch)?;
        }
        if let Some(xlsx) = &mut self.xlsx {
            let mut tones: Vec<Vec<Tone>> = batch
                .marks
                .iter()
                .map(|marks| marks.iter().map(tone).collect())
                .collect();
            tones.resize_with(batch.frame.width(), || {
                vec![Tone::Plain; batch.frame.height()]
            });
            xlsx.append(&batch.frame, &tones)?;
            for row in batch.duplicates.iter().filter(|row| row.removed) {
                xlsx.duplicate(row.line, row.first)?;
            }
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
        Ok(Written {
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

fn masked(kind: ColumnKind, value: &str) -> String {
    match kind {
        ColumnKind::Cpf => mask::cpf(value),
        ColumnKind::Phone => mask::phone(value),
        ColumnKind::Email => mask::email(value),
        ColumnKind::Name => mask::name(value),
        _ => mask::anything(value),
    }
}

fn numeric(profile: &Profile, width: usize) -> Vec<bool> {
    let mut numeric: Vec<_> = profile
        .columns
        .iter()
        .map(|column| column.kind.is_numeric())
        .collect();
    numeric.resize(width, false);
    numeric
}

/// Characters of the delivered form, which may be longer than what came.
fn delivered_width(kind: ColumnKind) -> usize {
    match kind {
        ColumnKind::Cpf => 15,
        ColumnKind::Cnpj => 19,
        ColumnKind::Phone => 16,
        ColumnKind::Cep => 10,
        ColumnKind::Email => 28,
        _ => 0,
    }
}

fn sheet_columns(profile: &Profile, names: &[String]) -> Vec<SheetColumn> {
    let mut columns: Vec<_> = profile
        .columns
        .iter()
        .map(|column| SheetColumn {
            name: column.name.clone(),
            kind: match column.kind {
                ColumnKind::Money => CellKind::Money,
                kind if kind.is_numeric() => CellKind::Number,
                _ => CellKind::Text,
            },
            // Room for the filter's arrow, and no column wider than a screen's third.
            width: column
                .longest
                .max(delivered_width(column.kind))
                .max(column.name.chars().count() + 3)
                .clamp(8, 48) as u16,
        })
        .collect();
    columns.extend(names[columns.len()..].iter().map(|name| SheetColumn {
        name: name.clone(),
        kind: CellKind::Text,
        width: 14,
    }));
    columns
}

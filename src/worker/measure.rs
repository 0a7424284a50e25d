//! A first look at all clean rows, where a recipe asks for what only the whole table can tell.

use std::sync::Arc;

use super::causes;
use super::survey::Survey;
use super::treatment::blocking;
use crate::cleaning::{Brief, Cleaner, Findings, Measurer};
use crate::job::{Failure, Stage};
use crate::table::Reader;
use crate::transform::{Measured, TransformMeasurer};

/// What the first look found out.
#[derive(Default)]
pub(super) struct Looked {
    pub(super) findings: Arc<Findings>,
    pub(super) measured: Arc<Measured>,
}

/// Reads and cleans the whole table once, and keeps what the rules need of it. Does nothing if
/// they need nothing.
pub(super) async fn look(surveyed: &Survey, brief: &Brief) -> Result<Looked, Failure> {
    let measurer = Measurer::new(brief);
    let transforms = TransformMeasurer::new(&brief.profile, &brief.rules);
    if measurer.is_none() && transforms.is_none() {
        return Ok(Looked::default());
    }
    let (source, layout) = (surveyed.source.clone(), surveyed.layout.clone());
    let brief = brief.clone();
    blocking(Stage::Survey, move || {
        let open = || Reader::open(&source, &layout).map_err(causes::table);
        read(open, &brief, measurer, transforms)
    })
    .await
}

fn read(
    open: impl Fn() -> Result<Reader, Failure>,
    brief: &Brief,
    mut measurer: Option<Measurer>,
    mut transforms: Option<TransformMeasurer>,
) -> Result<Looked, Failure> {
    let (mut reader, mut cleaner) = (open()?, Cleaner::for_a_look(brief.clone()));
    while let Some(batch) = reader.next_batch().map_err(causes::table)? {
        let batch = cleaner.clean(batch).map_err(causes::polars)?;
        if let Some(measurer) = &mut measurer {
            measurer.observe(&batch).map_err(causes::polars)?;
        }
        if let Some(transforms) = &mut transforms {
            transforms.observe(&batch.frame).map_err(causes::polars)?;
        }
    }
    let mut looked = Looked::default();
    if let Some(mut measurer) = measurer {
        while measurer.again() {
            let (mut reader, mut cleaner) = (open()?, Cleaner::for_a_look(brief.clone()));
            while let Some(batch) = reader.next_batch().map_err(causes::table)? {
                let batch = cleaner.clean(batch).map_err(causes::polars)?;
                measurer.observe(&batch).map_err(causes::polars)?;
            }
        }
        looked.findings = Arc::new(measurer.finish().map_err(causes::polars)?);
    }
    if let Some(transforms) = transforms {
        looked.measured = Arc::new(transforms.finish().map_err(causes::polars)?);
    }
    Ok(looked)
}

//! What is done to clean rows before they are written: completed, derived from, grouped.

use std::sync::Arc;

use polars::prelude::PolarsResult;

use super::measure::Looked;
use crate::cleaning::{Brief, CleanBatch, Completer};
use crate::enrichment::{Found, Merger};
use crate::recipe::Profile;
use crate::transform::{Grouper, Transformer};

/// The steps between cleaning and writing.
pub(super) struct Finishing {
    profile: Arc<Profile>,
    pub(super) merger: Option<Merger>,
    pub(super) completer: Completer,
    pub(super) transformer: Transformer,
    pub(super) grouper: Grouper,
}

impl Finishing {
    pub(super) fn new(brief: &Brief, merger: Option<Merger>, looked: &Looked) -> Self {
        let (profile, rules) = (&brief.profile, &brief.rules);
        let transformer = Transformer::new(profile, rules, &looked.measured, brief.today);
        Finishing {
            profile: profile.clone(),
            merger,
            completer: Completer::new(brief, looked.findings.clone()),
            grouper: Grouper::new(profile, rules, transformer.columns()),
            transformer,
        }
    }

    /// The base comes first: what it knows is better than what statistics guess.
    pub(super) fn finish(&mut self, batch: &mut CleanBatch, found: &Found) -> PolarsResult<()> {
        if let Some(merger) = &mut self.merger {
            merger.merge(&mut batch.frame, &mut batch.marks, found)?;
            batch.complete_sides(&self.profile)?;
        }
        self.completer.complete(batch)?;
        self.transformer.apply(&mut batch.frame)?;
        self.grouper.add(&batch.frame)
    }
}

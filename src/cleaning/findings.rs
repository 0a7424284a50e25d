//! What only the whole table can tell: a first look at all of its clean rows.

use std::collections::HashMap;

use polars::prelude::PolarsResult;

use super::clusters::{Clustering, Fates};
use super::duplicates::ExactRows;
use super::missing::{FillPlan, Numbers, Sample, needs_a_look};
use super::outliers::{Fence, fences};
use super::shared::{SharedKeys, Sharing};
use super::{Brief, CleanBatch};
use crate::recipe::Profile;
use crate::recipe::rules::{ExactAction, Fill};

/// What was found out about the whole table. The default is that nothing was looked for.
#[derive(Debug, Default)]
pub struct Findings {
    pub(super) fences: Vec<Fence>,
    pub(super) fills: Vec<FillPlan>,
    pub(super) fates: Fates,
    pub(super) shared: SharedKeys,
}

/// Takes the first look. Rows that copy another are left out of all that is counted.
///
/// Kept are 17 bytes for each distinct row, 8 for each number of a column whose outliers or blanks
/// are treated, and what clusters, fuzzy comparison and shared contacts say.
pub struct Measurer {
    brief: Brief,
    exact: Option<ExactRows>,
    numbers: Vec<Numbers>,
    /// By rule.
    samples: Vec<Sample>,
    sharing: Option<Sharing>,
    clustering: Option<Clustering>,
    collects: bool,
}

impl Measurer {
    /// `None` if the rules need no such look.
    pub fn new(brief: &Brief) -> Option<Self> {
        let (profile, rules) = (&brief.profile, &brief.rules);
        let mut places = Vec::new();
        let outliers = rules.outliers.iter().flat_map(|rule| &rule.columns);
        let simple = rules
            .missing
            .iter()
            .filter(|rule| needs_a_look(&rule.fill) && !matches!(rule.fill, Fill::Knn { .. }));
        for place in outliers.chain(simple.flat_map(|rule| &rule.columns)) {
            if !places.contains(place) && profile.columns[*place].kind.is_numeric() {
                places.push(*place);
            }
        }
        let samples = rules.missing.iter();
        let samples = samples.filter_map(|rule| Sample::new(profile, rule));
        let measurer = Measurer {
            exact: match rules.duplicates.exact {
                ExactAction::Remove => Some(ExactRows::of_rows(profile.rows)),
                ExactAction::Keep => None,
            },
            numbers: places
                .into_iter()
                .map(|place| Numbers::new(profile, place))
                .collect(),
            samples: samples.collect(),
            sharing: Sharing::new(profile, rules.checks.as_deref()),
            clustering: Clustering::new(profile, &rules.duplicates),
            brief: brief.clone(),
            collects: false,
        };
        let needed = !measurer.numbers.is_empty()
            || !measurer.samples.is_empty()
            || measurer.sharing.is_some()
            || measurer.clustering.is_some();
        needed.then_some(measurer)
    }

    /// Looks at the next clean rows, none of them removed.
    ///
    /// # Errors
    /// If a column is not text.
    pub fn observe(&mut self, batch: &CleanBatch) -> PolarsResult<()> {
        if self.collects {
            return match &mut self.clustering {
                Some(clustering) => clustering.collect(batch),
                None => Ok(()),
            };
        }
        let mut gone = vec![false; batch.lines.len()];
        if let Some(exact) = &mut self.exact {
            for (row, _) in exact.find(&batch.frame, &batch.lines)? {
                gone[row] = true;
            }
        }
        let mut columns = Vec::with_capacity(batch.frame.width());
        for column in batch.frame.columns() {
            columns.push(column.str()?);
        }
        for numbers in &mut self.numbers {
            numbers.observe(columns[numbers.place], &gone);
        }
        for sample in &mut self.samples {
            sample.observe(&columns, &gone);
        }
        if let Some(sharing) = &mut self.sharing {
            sharing.observe(&batch.frame, &gone)?;
        }
        match &mut self.clustering {
            Some(clustering) => clustering.link(batch, &gone),
            None => Ok(()),
        }
    }

    /// To be asked when all rows were seen: whether all of them must be seen once more, from the
    /// first. Only where rows are merged, and there are any to merge.
    pub fn again(&mut self) -> bool {
        if self.collects {
            return false;
        }
        let clustering = self.clustering.as_mut();
        self.collects = clustering.is_some_and(Clustering::linked);
        self.collects
    }

    /// # Errors
    /// If the columns cannot be reckoned with.
    pub fn finish(mut self) -> PolarsResult<Findings> {
        // Whoever did not ask has not seen the rows again, and nothing is merged.
        self.again();
        let fences = self.fences()?;
        let fence = |place: usize| fences.iter().find(|fence| fence.place == place);
        let mut fills = Vec::new();
        for rule in &self.brief.rules.missing {
            let numbers = self.numbers.iter();
            let numbers = numbers.filter(|numbers| rule.columns.contains(&numbers.place));
            fills.extend(numbers.filter_map(|one| one.plan(&rule.fill, fence(one.place))));
        }
        let samples = self.samples.into_iter();
        fills.extend(samples.flat_map(|sample| sample.plans(fence)));
        let clustering = self.clustering;
        let sides = sides(&self.brief.profile);
        let fates = clustering.map(|clustering| clustering.finish(&sides));
        let mut fates = fates.unwrap_or_default();
        // What other rows give to those that stay is treated as it would be in its own row.
        fates.admit(|place, text| match fence(place) {
            Some(fence) => fence.admitted(text),
            None => Some(text),
        });
        Ok(Findings {
            fills,
            fates,
            shared: self.sharing.map(Sharing::finish).unwrap_or_default(),
            fences,
        })
    }

    fn fences(&self) -> PolarsResult<Vec<Fence>> {
        let mut all: Vec<Fence> = Vec::new();
        for rule in &self.brief.rules.outliers {
            for place in &rule.columns {
                let numbers = self.numbers.iter().find(|one| one.place == *place);
                let is_new = all.iter().all(|fence| fence.place != *place);
                let Some(numbers) = numbers.filter(|_| is_new) else {
                    continue;
                };
                let factor = rule.factor.unwrap_or(rule.method.usual_factor());
                if let Some((lower, upper)) = fences(&numbers.values, rule.method, factor)? {
                    all.push(Fence {
                        place: *place,
                        lower,
                        upper,
                        action: rule.action,
                        form: numbers.form.clone(),
                    });
                }
            }
        }
        Ok(all)
    }
}

/// The places of side columns in a clean frame, by the column they are made of.
fn sides(profile: &Profile) -> HashMap<usize, Vec<usize>> {
    let mut sides: HashMap<_, Vec<_>> = HashMap::new();
    for (place, (of, _)) in (profile.columns.len()..).zip(profile.sides()) {
        sides.entry(of).or_default().push(place);
    }
    sides
}

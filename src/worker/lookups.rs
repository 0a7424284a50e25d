//! Asking the reference base for the keys of a batch.

use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};
use polars::prelude::StringChunked;

use crate::enrichment::{Found, Plan, keys};
use crate::recipe::Profile;
use crate::reference::{Description, Query, Reference, ReferenceError};
use crate::report::{KeyHits, numbers};

/// Keys per query.
const CHUNK: usize = 1000;
/// Queries under way at a time.
const IN_FLIGHT: usize = 3;

/// A base and how a list is completed from it.
pub(super) struct Lookups {
    reference: Arc<dyn Reference>,
    pub(super) description: Description,
    pub(super) plan: Plan,
    query: Query,
    pub(super) hits: KeyHits,
}

impl Lookups {
    /// How this list is completed from this base, if the two have anything in common.
    pub(super) fn plan(
        reference: Arc<dyn Reference>,
        description: Description,
        profile: &Profile,
    ) -> Option<Self> {
        let plan = Plan::new(profile, &description.fields)?;
        Some(Lookups {
            reference,
            description,
            query: Query {
                field: plan.key_field.clone(),
                fields: plan.fields(),
            },
            plan,
            hits: KeyHits::default(),
        })
    }

    /// Looks up the distinct keys among delivered cells. The first document of a key counts.
    pub(super) async fn find(
        &mut self,
        delivered: &StringChunked,
    ) -> Result<Found, ReferenceError> {
        let keys = keys(delivered);
        let (reference, query) = (&self.reference, &self.query);
        // Collected: the compiler cannot see that a borrowing iterator may cross threads.
        let chunks: Vec<_> = keys
            .chunks(CHUNK)
            .map(|chunk| reference.look_up(query, chunk))
            .collect();
        let answers: Vec<_> = stream::iter(chunks)
            .buffered(IN_FLIGHT)
            .try_collect()
            .await?;
        let mut found = Found::with_capacity(keys.len());
        for (key, document) in answers.into_iter().flatten() {
            found.entry(key).or_insert(document);
        }
        self.hits.looked_up += keys.len() as u64;
        self.hits.found += found.len() as u64;
        Ok(found)
    }

    /// What people should know about this base.
    pub(super) fn alerts(&self) -> Vec<String> {
        let mut alerts = Vec::new();
        if self.hits.looked_up > 0 && self.hits.found == 0 {
            alerts.push(format!(
                "Nenhuma das {} chaves consultadas foi encontrada na base de referência: confira o campo `{}` e o seu tipo.",
                numbers::count(self.hits.looked_up),
            self.query.field
            ));
        }
        alerts
    }
}

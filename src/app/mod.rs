//! The commands, on the adapters the settings ask for. The only place that names adapters.

mod check;
mod convert;
mod doors;
mod look;
mod process;
mod publish;
mod recipes;
mod serve;
mod trial;

pub use check::{Finding, check};
pub use convert::convert;
pub use look::{
    ColumnLook, Look, Looked, Mistake, Sniffed, Validated, print_tables, sniff, validate,
};
pub use process::{Delivered, DeliveredSet, FileOutcome, ProcessOptions, process};
pub use publish::{PublishOptions, Published, publish};
pub use recipes::{
    RecipeFile, of_settings as recipes_of_settings, read_all as read_recipes,
    schema as recipe_schema,
};
pub use serve::serve;
pub use trial::{TrialOptions, draft, try_recipe};

pub use crate::table::convert::Tables;
pub use crate::worker::{Progress, Step, Trial, TriedChange, TriedColumn, Untreated};

/// What went wrong, and what to do about it.
#[derive(Debug)]
pub struct Hinted {
    pub error: anyhow::Error,
    pub hint: &'static str,
}

impl Hinted {
    pub(crate) fn new(error: impl Into<anyhow::Error>, hint: &'static str) -> Self {
        Hinted {
            error: error.into(),
            hint,
        }
    }
}

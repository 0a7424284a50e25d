//! What the columns of a list hold. Without a recipe from people, it is detected here.

mod detect;
mod kind;
mod rule;
mod synonyms;

pub use detect::{ColumnProfile, Detector, Profile};
pub use kind::ColumnKind;
pub use rule::{Context, Mark, clean};
pub use synonyms::{Meaning, meaning_of};

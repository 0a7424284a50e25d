//! What the columns of a list hold and what is to be done with them: said by a recipe, or detected.

mod detect;
mod kind;
mod profile;
mod rule;
pub mod rules;
mod synonyms;
mod turns;

pub use detect::Detector;
pub use kind::ColumnKind;
pub use profile::{
    Bound, ColumnProfile, Decided, Delivered, Limits, Profile, Reading, Side, SideColumn,
};
pub use rule::{Context, Mark, clean};
pub use rules::Rules;
pub use synonyms::{Meaning, meaning_of};
pub use turns::Turns;

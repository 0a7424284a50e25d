//! What the columns of a list hold and what is to be done with them: said by a recipe, or detected.
//!
//! A recipe file becomes a [`Recipe`], with every mistake told by line and column; [`Recipes`]
//! choose the one for a table; [`Recipe::lay`] finds its columns there. What it does not say is
//! for the [`Detector`].

mod detect;
mod draft;
mod file;
mod kind;
mod laid;
mod library;
mod profile;
mod rule;
pub mod rules;
mod synonyms;
mod turns;

pub use detect::Detector;
pub use draft::Draft;
pub use file::{Mistake, Place};
pub use kind::ColumnKind;
pub use laid::{Laid, Unsuited};
pub use library::{Choice, Named, Recipe, Recipes};
pub use profile::{
    Bound, ColumnProfile, Decided, Delivered, Limits, Profile, Reading, Side, SideColumn,
};
pub use rule::{Context, Mark, clean};
pub use rules::Rules;
pub use synonyms::{Meaning, meaning_of};
pub use turns::Turns;

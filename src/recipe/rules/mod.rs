//! What a recipe asks for beyond single cells. Columns are named by `C`: by their headers in the
//! file people write, by their places once a recipe is laid on a table.

mod checks;
mod derive;
mod duplicates;
mod missing;
mod outliers;
mod renamed;
mod written;

pub use checks::Check;
pub use derive::{Aggregate, Bins, DatePart, Derivation, Formula, Function, GroupRule};
pub use duplicates::{DuplicateRules, ExactAction, FuzzyRule, KeyAction, KeyRule};
pub use missing::{Fill, MissingRule, Weights};
pub use outliers::{OutlierAction, OutlierMethod, OutlierRule};
pub(super) use renamed::{Renamed, Wanted};

/// Everything that concerns more than one cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules<C> {
    pub duplicates: DuplicateRules<C>,
    pub outliers: Vec<OutlierRule<C>>,
    pub missing: Vec<MissingRule<C>>,
    /// `None`: all that the columns allow and that need no second look at the table.
    pub checks: Option<Vec<Check<C>>>,
    /// In the order their columns are delivered.
    pub derive: Vec<Derivation<C>>,
    pub groups: Vec<GroupRule<C>>,
}

impl<C> Default for Rules<C> {
    fn default() -> Self {
        Rules {
            duplicates: DuplicateRules::default(),
            outliers: Vec::new(),
            missing: Vec::new(),
            checks: None,
            derive: Vec::new(),
            groups: Vec::new(),
        }
    }
}

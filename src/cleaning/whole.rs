//! What whole-column rules did, for reports.

use std::collections::BTreeMap;

use super::keyed::KeyTally;
use crate::values::Reason;

/// What whole-column rules did to a table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WholeTally {
    pub duplicates: DuplicateTally,
    /// In the order of the rules.
    pub outliers: Vec<OutlierTally>,
    /// In the order of the rules.
    pub missing: Vec<MissingTally>,
    /// Contradictions between the cells of a row, by reason: those that marked a cell and those
    /// that are only counted.
    pub checks: Vec<CheckTally>,
}

/// Rows that are there twice.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DuplicateTally {
    /// Rows equal in every column to an earlier one, removed.
    pub exact: u64,
    /// Rows removed because another stays for them.
    pub merged: u64,
    /// Blank cells filled from rows that were removed.
    pub filled: u64,
    /// Rows that stay though a key of theirs, or nearly everything, stood in an earlier row.
    pub marked: u64,
    /// Rows that are possibly the same as another; reported only.
    pub possible: u64,
    /// How many clusters of rows there are, by the number of their rows; possible ones do not
    /// count. At most a million clusters are counted, the first that were met.
    pub sizes: BTreeMap<u64, u64>,
    /// By key, in the order they were looked for.
    pub keys: Vec<KeyTally>,
    /// If rows were compared for likeness.
    pub fuzzy: Option<FuzzyTally>,
}

impl DuplicateTally {
    pub fn clusters(&self) -> u64 {
        self.sizes.values().sum()
    }
}

/// How rows were compared for likeness.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FuzzyTally {
    pub comparisons: u64,
    /// Blocks so large that each row was compared with the next few only.
    pub windowed_blocks: u64,
    /// Rows that were not compared, because there are too many.
    pub uncompared_rows: u64,
}

/// The outliers of one column.
#[derive(Debug, Clone, PartialEq)]
pub struct OutlierTally {
    pub place: usize,
    /// Below this, a value is an outlier.
    pub lower: f64,
    /// Above this, a value is an outlier.
    pub upper: f64,
    pub cells: u64,
}

/// The blanks of one column that were filled, or flagged.
#[derive(Debug, Clone, PartialEq)]
pub struct MissingTally {
    pub place: usize,
    /// How: `constante`, `media`, `mediana`, `moda`, `vizinhos`; `faltante` where nothing was put.
    pub how: Reason,
    /// Cells filled, or flagged.
    pub filled: u64,
    /// How far off the method is where the value is known.
    pub error: Option<FillError>,
}

/// How far off filled values are, measured on cells whose value is known but was hidden: one in
/// twenty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FillError {
    /// Cells it was measured on.
    pub cells: u64,
    /// Root of the mean squared error.
    pub rmse: f64,
    /// Mean absolute error.
    pub mae: f64,
}

/// How often the cells of a row contradicted one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckTally {
    pub reason: CheckReason,
    /// Rows in which both sides were filled.
    pub checked: u64,
    pub contradicted: u64,
}

/// What a contradiction is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckReason {
    /// The cell carries this reason.
    Cell(Reason),
    /// The CPF was issued in another region: counted only.
    CpfRegion,
}

impl CheckReason {
    pub fn code(self) -> &'static str {
        match self {
            CheckReason::Cell(reason) => reason.code(),
            CheckReason::CpfRegion => "cpf_regiao",
        }
    }
}

/// A cluster that is being counted, by its number.
#[derive(Debug, Default)]
pub(super) struct Sizes(std::collections::HashMap<u64, u64>);

/// Clusters whose size is counted.
const MOST_CLUSTERS: usize = 1_000_000;

impl Sizes {
    /// One more row that repeats the cluster's first.
    pub(super) fn add(&mut self, cluster: u64) {
        if self.0.len() < MOST_CLUSTERS || self.0.contains_key(&cluster) {
            *self.0.entry(cluster).or_insert(1) += 1;
        }
    }

    pub(super) fn by_size(&self) -> BTreeMap<u64, u64> {
        let mut sizes = BTreeMap::new();
        for size in self.0.values() {
            *sizes.entry(*size).or_default() += 1;
        }
        sizes
    }
}

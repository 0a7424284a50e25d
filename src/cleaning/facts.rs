//! What the rest of a row tells of each of its cells.

use std::borrow::Cow;

use chrono::NaiveDate;
use polars::prelude::{PolarsResult, StringChunked};
use rayon::prelude::*;

use crate::recipe::{ColumnKind, Context, Profile, Reading};
use crate::table::Batch;
use crate::values::State;

/// The columns of a batch that others are read by, as they came.
pub(super) struct Facts<'a> {
    batch: &'a Batch,
    states: Option<Vec<Option<State>>>,
    municipalities: Cells<'a>,
    codes: Cells<'a>,
    ceps: Cells<'a>,
    ddds: Cells<'a>,
}

/// A column in one piece, if there is one.
type Cells<'a> = Option<Cow<'a, StringChunked>>;

/// Rows that one thread reads in one go.
const PIECE: usize = 1024;

fn parsed(states: &StringChunked) -> Vec<Option<State>> {
    let cells = states.downcast_as_array();
    let rows = (0..cells.len()).into_par_iter().with_min_len(PIECE);
    rows.map(|row| State::parse(cells.get(row)?).value)
        .collect()
}

impl<'a> Facts<'a> {
    /// # Errors
    /// If a column is not text.
    pub fn of(profile: &Profile, batch: &'a Batch) -> PolarsResult<Self> {
        let first = |kind| -> PolarsResult<Cells<'a>> {
            let Some(place) = profile.first(kind) else {
                return Ok(None);
            };
            Ok(Some(batch.frame.columns()[place].str()?.rechunk()))
        };
        let states = first(ColumnKind::State)?;
        Ok(Facts {
            batch,
            states: states.map(|cells| parsed(&cells)),
            municipalities: first(ColumnKind::Municipality)?,
            codes: first(ColumnKind::Ibge)?,
            ceps: first(ColumnKind::Cep)?,
            ddds: first(ColumnKind::Ddd)?,
        })
    }

    /// The cell of this row in a column of area codes.
    pub fn code(&self, codes: Option<usize>, row: usize) -> Option<&'a str> {
        let cells = self.batch.frame.columns().get(codes?)?;
        cells.str().ok()?.get(row)
    }

    /// The state that the row names.
    pub fn state(&self, row: usize) -> Option<State> {
        self.states.as_ref().and_then(|states| states[row])
    }

    /// What the rule for a cell of this row may use; `ddd` is the cell of the column's own area
    /// codes.
    pub fn context<'c>(
        &'c self,
        row: usize,
        kind: ColumnKind,
        ddd: Option<&'c str>,
        reading: &'c Reading,
        today: NaiveDate,
    ) -> Context<'c> {
        let bare = Context {
            ddd,
            ..Context::new(reading, today)
        };
        let cell = |cells: &'c Cells<'a>| cells.as_ref()?.downcast_as_array().get(row);
        match kind {
            ColumnKind::Phone | ColumnKind::Ddd => Context {
                state: self.state(row),
                municipality: cell(&self.municipalities),
                ibge: cell(&self.codes),
                cep: cell(&self.ceps),
                ..bare
            },
            ColumnKind::Municipality => Context {
                state: self.state(row),
                ddd: ddd.or_else(|| cell(&self.ddds)),
                ibge: cell(&self.codes),
                cep: cell(&self.ceps),
                ..bare
            },
            ColumnKind::Cep => Context {
                state: self.state(row),
                ..bare
            },
            _ => bare,
        }
    }
}

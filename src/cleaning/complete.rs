//! Filling what is still blank once the reference base was asked.

use std::sync::Arc;

use polars::prelude::{DataFrame, PolarsResult, StringChunked};

use super::missing::{self, FillPlan, Model, With};
use super::numbers::number;
use super::whole::MissingTally;
use super::{Brief, CleanBatch, Findings};
use crate::recipe::{Mark, Side, Turns};
use crate::table::with_cells;
use crate::values::{Reason, Status};

/// How sure a filled value is, in percent: it is likely, but nobody said it.
const LIKELY: u8 = 50;

/// Fills the blanks that rules for missing values speak of.
pub struct Completer {
    plans: Vec<FillPlan>,
    filled: Vec<u64>,
    /// Places in the clean frame of the columns that tell what was filled, and of which.
    flags: Vec<(usize, usize)>,
    turns: Turns,
}

/// Rows to fill in one column, in order, and their texts.
type Fills = Vec<(usize, Option<String>)>;

impl Completer {
    /// `findings` is what a first look at the whole table found; nothing, if none was taken.
    pub fn new(brief: &Brief, findings: Arc<Findings>) -> Self {
        let plans = missing::all(&brief.profile, &brief.rules.missing, &findings.fills);
        let own = brief.profile.columns.len();
        let sides = (own..).zip(brief.profile.sides());
        let flags = sides.filter(|(_, (_, side))| side.what == Side::Imputed);
        Completer {
            filled: vec![0; plans.len()],
            flags: flags.map(|(place, (of, _))| (place, of)).collect(),
            plans,
            turns: Turns::default(),
        }
    }

    /// Fills the blanks of the next rows: those left blank and those rejected. What is there is
    /// never touched.
    ///
    /// # Errors
    /// If a column is not text.
    pub fn complete(&mut self, batch: &mut CleanBatch) -> PolarsResult<()> {
        if self.plans.is_empty() && self.flags.is_empty() {
            return Ok(());
        }
        // All are decided from what is there now: one fill is no ground for another.
        let mut fills = Vec::with_capacity(self.plans.len());
        let mut predicted: Vec<(Arc<Model>, Prediction)> = Vec::new();
        for plan in &self.plans {
            let cells = batch.frame.columns()[plan.place].str()?;
            fills.push(match &plan.with {
                With::Nothing => Fills::new(),
                With::Text(text) => blanks(cells).map(|row| (row, Some(text.clone()))).collect(),
                With::Nearest(model, target) => {
                    let known = predicted.iter().position(|(of, _)| Arc::ptr_eq(of, model));
                    let at = match known {
                        Some(at) => at,
                        None => {
                            predicted.push((model.clone(), predict(model, &batch.frame)?));
                            predicted.len() - 1
                        }
                    };
                    predicted[at].1.texts(model, *target, cells)
                }
            });
        }
        let mut columns = batch.frame.columns().to_vec();
        for ((plan, fills), filled) in self.plans.iter().zip(&fills).zip(&mut self.filled) {
            let marks = &mut batch.marks[plan.place];
            if matches!(plan.with, With::Nothing) {
                let cells = columns[plan.place].str()?;
                for row in blanks(cells) {
                    // A rejected cell has its own reason to be blank.
                    if marks[row].status == Status::Vazio {
                        let flag = mark(Status::Alerta, Reason::Faltante, 100);
                        self.turns.turn(plan.place, &mut marks[row], flag);
                        *filled += 1;
                    }
                }
                continue;
            }
            for (row, _) in fills {
                let fill = mark(Status::Imputado, plan.how, LIKELY);
                self.turns.turn(plan.place, &mut marks[*row], fill);
            }
            *filled += fills.len() as u64;
            if !fills.is_empty() {
                columns[plan.place] = with_cells(&columns[plan.place], fills)?;
            }
        }
        for (place, of) in &self.flags {
            let was_filled = |mark: &Mark| mark.status == Status::Imputado;
            let marks = batch.marks[*of].iter().enumerate();
            let flags: Vec<_> = marks
                .map(|(row, mark)| (row, Some(if was_filled(mark) { "Sim" } else { "Não" })))
                .collect();
            columns[*place] = with_cells(&columns[*place], &flags)?;
        }
        batch.frame = DataFrame::new(batch.frame.height(), columns)?;
        Ok(())
    }

    /// What became of cells.
    pub fn turns(&self) -> &Turns {
        &self.turns
    }

    /// By column, in the order of the rules.
    pub fn tallies(&self) -> Vec<MissingTally> {
        let counted = self.plans.iter().zip(&self.filled);
        counted
            .map(|(plan, filled)| MissingTally {
                place: plan.place,
                how: plan.how,
                filled: *filled,
                error: plan.error,
            })
            .collect()
    }
}

fn mark(status: Status, reason: Reason, confidence: u8) -> Mark {
    Mark {
        status,
        reason: Some(reason),
        confidence,
    }
}

fn blanks(cells: &StringChunked) -> impl Iterator<Item = usize> {
    let cells = cells.iter().enumerate();
    cells.filter(|(_, cell)| cell.is_none()).map(|(row, _)| row)
}

/// What a model says of the rows of a batch that miss something.
struct Prediction {
    rows: Vec<usize>,
    filled: Vec<Vec<f64>>,
}

fn predict(model: &Model, frame: &DataFrame) -> PolarsResult<Prediction> {
    let mut columns = Vec::with_capacity(model.places.len());
    for place in &model.places {
        columns.push(frame.columns()[*place].str()?.iter());
    }
    let mut prediction = Prediction {
        rows: Vec::new(),
        filled: Vec::new(),
    };
    let mut numbers = Vec::with_capacity(columns.len());
    for row in 0..frame.height() {
        numbers.clear();
        for cells in &mut columns {
            let value = cells.next().flatten().and_then(number);
            numbers.push(value.map_or(f64::NAN, |number| number.to_f64()));
        }
        if numbers.iter().take(model.targets).any(|n| n.is_nan()) {
            prediction.rows.push(row);
            prediction.filled.push(numbers.clone());
        }
    }
    model
        .donors
        .fill(&mut prediction.filled, model.targets, model.how);
    Ok(prediction)
}

impl Prediction {
    /// The texts for the blanks of one column of the model.
    fn texts(&self, model: &Model, target: usize, cells: &StringChunked) -> Fills {
        let rows = self.rows.iter().zip(&self.filled);
        rows.filter(|(row, _)| cells.get(**row).is_none())
            .filter(|(_, filled)| !filled[target].is_nan())
            .map(|(row, filled)| (*row, Some(model.forms[target].write(filled[target]))))
            .collect()
    }
}

//! Filling blanks from what the base answered.

use std::collections::HashMap;

use chrono::NaiveDate;
use polars::prelude::{DataFrame, PolarsResult};

use super::identity::may_be_same;
use super::{Plan, Target};
use crate::recipe::{ColumnKind, Context, Mark, Reading, Turns, clean};
use crate::table::with_cells;
use crate::values::fold::fold;
use crate::values::{Reason, Status};

/// What the base holds for one key: field and text.
pub type Found = HashMap<String, Vec<(String, String)>>;

/// What merging did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MergeTally {
    /// Rows with at least one filled cell.
    pub enriched_rows: u64,
    /// Cells where the base says something else.
    pub conflicts: u64,
    /// Rows whose key is somebody else's in the base.
    pub identity_conflicts: u64,
    /// What became of the cells.
    pub turns: Turns,
}

impl MergeTally {
    /// Cells of a column filled from the base.
    pub fn filled(&self, place: usize) -> u64 {
        self.turns.to(place, Status::Enriquecido)
    }

    fn turn(&mut self, place: usize, mark: &mut Mark, to: Status, reason: Option<Reason>) {
        let to = Mark {
            status: to,
            reason,
            confidence: mark.confidence,
        };
        self.turns.turn(place, mark, to);
    }
}

/// Merges answers into batches.
pub struct Merger {
    plan: Plan,
    tally: MergeTally,
    today: NaiveDate,
    cleaned: String,
}

/// Rows to fill in one column, in order, and their texts.
type Fills = Vec<(usize, Option<String>)>;

impl Merger {
    /// `today` is the job's day.
    pub fn new(plan: Plan, today: NaiveDate) -> Self {
        Merger {
            plan,
            today,
            tally: MergeTally::default(),
            cleaned: String::new(),
        }
    }

    pub fn tally(&self) -> &MergeTally {
        &self.tally
    }

    /// Fills the blank and the rejected cells of `frame` that the base knows. What the list says
    /// stays; a cell the base contradicts is marked. `found` is filed by digits.
    ///
    /// # Errors
    /// If a column is not text.
    pub fn merge(
        &mut self,
        frame: &mut DataFrame,
        marks: &mut [Vec<Mark>],
        found: &Found,
    ) -> PolarsResult<()> {
        if found.is_empty() {
            return Ok(());
        }
        let fills = self.decide(frame, marks, found)?;
        let mut columns = frame.columns().to_vec();
        for (target, fills) in self.plan.targets.iter().zip(fills) {
            if !fills.is_empty() {
                columns[target.place] = with_cells(&columns[target.place], &fills)?;
            }
        }
        *frame = DataFrame::new(frame.height(), columns)?;
        Ok(())
    }

    fn decide(
        &mut self,
        frame: &DataFrame,
        marks: &mut [Vec<Mark>],
        found: &Found,
    ) -> PolarsResult<Vec<Fills>> {
        let targets = self.plan.targets.clone();
        let key = self.plan.key.place;
        let keys = frame.columns()[key].str()?;
        let mut cells = Vec::with_capacity(targets.len());
        for target in &targets {
            cells.push(frame.columns()[target.place].str()?);
        }
        let names = match &self.plan.name {
            Some((place, _)) => Some(frame.columns()[*place].str()?),
            None => None,
        };
        let mut fills = vec![Fills::new(); targets.len()];
        let mut digits = String::new();
        for (row, delivered) in keys.iter().enumerate() {
            let Some(delivered) = delivered else { continue };
            digits.clear();
            digits.extend(delivered.chars().filter(char::is_ascii_digit));
            let Some(fields) = found.get(&digits) else {
                continue;
            };
            let name = names.and_then(|names| names.get(row));
            if self.is_somebody_else(name, fields) {
                self.tally.identity_conflicts += 1;
                let reason = Some(Reason::TitularDivergente);
                self.tally
                    .turn(key, &mut marks[key][row], Status::Alerta, reason);
                continue;
            }
            let mut enriched = false;
            for ((target, cells), fills) in targets.iter().zip(&cells).zip(&mut fills) {
                let own = cells.get(row);
                // A name the identity guard let through is the same person's, however it is
                // written: nothing to compare.
                if own.is_some() && target.kind == ColumnKind::Name {
                    continue;
                }
                let Some(text) = self.base_value(target, fields) else {
                    continue;
                };
                let mark = &mut marks[target.place][row];
                match own {
                    None => {
                        self.tally
                            .turn(target.place, mark, Status::Enriquecido, None);
                        fills.push((row, Some(text)));
                        enriched = true;
                    }
                    Some(own) if !agrees(own, &text) => {
                        self.tally.conflicts += 1;
                        if matches!(mark.status, Status::Ok | Status::Padronizado) {
                            let reason = Some(Reason::Divergente);
                            self.tally.turn(target.place, mark, Status::Alerta, reason);
                        }
                    }
                    Some(_) => {}
                }
            }
            self.tally.enriched_rows += u64::from(enriched);
        }
        Ok(fills)
    }

    fn is_somebody_else(&self, name: Option<&str>, fields: &[(String, String)]) -> bool {
        let (Some(name), Some((_, field))) = (name, &self.plan.name) else {
            return false;
        };
        value(fields, field).is_some_and(|theirs| !may_be_same(name, theirs))
    }

    /// The base's value in its delivered form: cleaned by the rules of the column it goes into.
    fn base_value(&mut self, target: &Target, fields: &[(String, String)]) -> Option<String> {
        let text = value(fields, &target.field)?;
        let reading = Reading::default();
        let context = Context::new(&reading, self.today);
        clean(target.kind, text, context, &mut self.cleaned);
        (!self.cleaned.is_empty()).then(|| self.cleaned.clone())
    }
}

fn value<'a>(fields: &'a [(String, String)], field: &str) -> Option<&'a str> {
    let found = fields.iter().find(|(name, _)| name == field)?;
    Some(found.1.as_str())
}

fn agrees(own: &str, theirs: &str) -> bool {
    own == theirs || fold(own) == fold(theirs)
}

#[cfg(test)]
mod tests {
    use polars::prelude::*;

    use super::*;
    use crate::recipe::{ColumnProfile, Decided, Limits, Profile, meaning_of};

    fn profile() -> Profile {
        let column = |name: &str, kind| ColumnProfile {
            name: name.into(),
            meaning: meaning_of(name).0,
            kind,
            decided: Decided::Detected,
            score: 1.0,
            scores: Vec::new(),
            filled: true,
            longest: 20,
            reading: Reading::default(),
            limits: Limits::default(),
            sides: Vec::new(),
            rename: None,
            dropped: false,
        };
        Profile {
            columns: vec![
                column("Nome", ColumnKind::Name),
                column("CPF", ColumnKind::Cpf),
                column("E-mail", ColumnKind::Email),
                column("Bairro", ColumnKind::Text),
            ],
            rows: 3,
        }
    }

    fn mark(status: Status) -> Mark {
        Mark {
            status,
            ..Mark::BLANK
        }
    }

    #[test]
    fn blanks_are_filled_and_nothing_is_overwritten() {
        let fields = ["CPF", "NOME", "EMAIL", "BAIRRO", "SCORE"].map(str::to_owned);
        let plan = Plan::new(&profile(), &fields).unwrap();
        assert_eq!(plan.fields(), ["NOME", "EMAIL", "BAIRRO"]);
        let mut merger = Merger::new(plan, NaiveDate::MIN);
        let mut frame = df!(
            "Nome" => ["Ana Lima", "Ana Lima", "Bruno Reis"],
            "CPF" => [Some("529.982.247-25"), Some("529.982.247-25"), Some("045.152.668-61")],
            "E-mail" => [None, Some("ana@antigo.com"), None],
            "Bairro" => [Some("Centro"), None, None],
        )
        .unwrap();
        let ok = mark(Status::Ok);
        let mut marks = vec![
            vec![ok; 3],
            vec![ok; 3],
            vec![Mark::BLANK, ok, mark(Status::Rejeitado)],
            vec![ok, Mark::BLANK, Mark::BLANK],
        ];
        let person = |name: &str, email: &str| {
            let fields = [("NOME", name), ("EMAIL", email), ("BAIRRO", "CENTRO")];
            fields
                .map(|(field, text)| (field.to_owned(), text.to_owned()))
                .to_vec()
        };
        let found = Found::from([
            (
                "52998224725".to_owned(),
                person("LIMA ANA", "ANA@EXEMPLO.COM"),
            ),
            (
                "04515266861".to_owned(),
                person("CARLA SOUZA", "carla@exemplo.com"),
            ),
        ]);
        merger.merge(&mut frame, &mut marks, &found).unwrap();
        let emails: Vec<_> = frame
            .column("E-mail")
            .unwrap()
            .str()
            .unwrap()
            .iter()
            .collect();
        assert_eq!(
            emails,
            [Some("ana@exemplo.com"), Some("ana@antigo.com"), None]
        );
        let tally = merger.tally();
        assert_eq!((tally.enriched_rows, tally.conflicts), (2, 1));
        assert_eq!(tally.identity_conflicts, 1);
        assert_eq!(tally.filled(2), 1);
        assert_eq!(marks[2][0].status, Status::Enriquecido);
        assert_eq!(marks[2][1].reason, Some(Reason::Divergente));
        assert_eq!(marks[1][2].reason, Some(Reason::TitularDivergente));
    }
}

//! Side columns of cells that were filled from the reference base, after the others were made.

use polars::prelude::{DataFrame, PolarsResult};

use super::CleanBatch;
use crate::recipe::{Profile, Side};
use crate::table::with_cells;
use crate::values::{HouseNumber, Phone, Status, Street, street};

impl CleanBatch {
    /// Gives the cells that came from the reference base what cleaning gives all others: the type
    /// of a telephone, the kind of person, the parts of an address in their columns.
    ///
    /// # Errors
    /// If a column is not text.
    pub fn complete_sides(&mut self, profile: &Profile) -> PolarsResult<()> {
        let own = profile.columns.len();
        let mut columns = self.frame.columns().to_vec();
        for (nth, (place, side)) in profile.sides().enumerate() {
            let cells = self.frame.columns()[place].str()?;
            let filled = rows(self, place);
            let made = filled
                .filter_map(|row| Some((row, Some(beside(side.what, cells.get(row)?)?))))
                .collect::<Vec<_>>();
            if !made.is_empty() {
                columns[own + nth] = with_cells(&columns[own + nth], &made)?;
            }
        }
        // Once its parts are elsewhere.
        for (place, plan) in profile.columns.iter().enumerate() {
            if !plan.reading.parted {
                continue;
            }
            let cells = self.frame.columns()[place].str()?;
            let bare = rows(self, place)
                .filter_map(|row| {
                    let parts = street::parts(cells.get(row)?)?;
                    let street = Street::parse(parts.street).value?;
                    Some((row, Some(street.to_string())))
                })
                .collect::<Vec<_>>();
            if !bare.is_empty() {
                columns[place] = with_cells(&columns[place], &bare)?;
            }
        }
        self.frame = DataFrame::new(self.frame.height(), columns)?;
        Ok(())
    }
}

/// The rows whose cell in this column came from the base.
fn rows(batch: &CleanBatch, place: usize) -> impl Iterator<Item = usize> {
    let marks = batch.marks[place].iter().enumerate();
    marks
        .filter(|(_, mark)| mark.status == Status::Enriquecido)
        .map(|(row, _)| row)
}

fn beside(what: Side, text: &str) -> Option<String> {
    Some(match what {
        Side::PhoneType => Phone::parse(text, None).value?.kind().family().to_owned(),
        Side::PersonKind => match text.contains('/') {
            true => "PJ".to_owned(),
            false => "PF".to_owned(),
        },
        Side::HouseNumber => {
            let number = street::parts(text)?.number;
            HouseNumber::parse(number).value?.to_string()
        }
        Side::Complement => {
            let complement = street::parts(text)?.complement;
            (!complement.is_empty()).then(|| complement.to_owned())?
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::NaiveDate;
    use polars::df;

    use super::super::{Brief, Cleaner};
    use super::*;
    use crate::recipe::{Detector, Rules};
    use crate::table::Batch;

    #[test]
    fn what_the_base_gives_has_its_side_columns_too() {
        let frame = df!(
            "Telefone" => [Some("11987654321"), None, Some("1133334444")],
            "Endereço" => [Some("Rua A, 12"), None, Some("Rua B, 30")],
        )
        .unwrap();
        let mut detector = Detector::new(["Telefone", "Endereço"]);
        detector.observe(&frame).unwrap();
        let brief = Brief {
            profile: Arc::new(detector.finish(3)),
            rules: Arc::new(Rules::default()),
            today: NaiveDate::from_ymd_opt(2026, 11, 26).unwrap(),
        };
        let mut cleaner = Cleaner::new(brief.clone(), Arc::default());
        let batch = Batch {
            frame,
            lines: vec![2, 3, 4],
            rejected: Vec::new(),
        };
        let mut clean = cleaner.clean(batch).unwrap();
        let mut columns = clean.frame.columns().to_vec();
        for (place, text) in [(0, "(21) 3333-4444"), (1, "Rua dos Ipês, 1320")] {
            columns[place] = with_cells(&columns[place], &[(1, Some(text))]).unwrap();
            clean.marks[place][1].status = Status::Enriquecido;
        }
        clean.frame = DataFrame::new(3, columns).unwrap();
        clean.complete_sides(&brief.profile).unwrap();
        for (name, cells) in [
            ("Telefone_tipo", ["movel", "fixo", "fixo"]),
            ("Endereço", ["Rua A", "Rua dos Ipês", "Rua B"]),
            ("Endereço_numero", ["12", "1320", "30"]),
        ] {
            let column = clean.frame.column(name).unwrap().str().unwrap();
            let found: Vec<_> = column.iter().flatten().collect();
            assert_eq!(found, cells, "{name}");
        }
    }
}

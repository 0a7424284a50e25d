//! Columns made of what a column of the file holds besides its value.

use polars::prelude::{Column, IntoColumn, PolarsResult, StringChunked, StringChunkedBuilder};

use super::Brief;
use super::columns::CleanColumn;
use super::facts::Facts;
use crate::recipe::{ColumnProfile, Mark, Side, SideColumn};
use crate::table::Batch;
use crate::values::text::normalise;
use crate::values::{
    Email, HouseNumber, Outcome, Reason, email, municipality, name, phone, street,
};

/// A column of the file, before and after cleaning.
struct Source<'a> {
    plan: &'a ColumnProfile,
    original: &'a StringChunked,
    clean: &'a StringChunked,
    marks: &'a [Mark],
}

/// The side columns of a column, in the order of its profile.
///
/// # Errors
/// If a column is not text.
pub(super) fn make(
    brief: &Brief,
    batch: &Batch,
    facts: &Facts<'_>,
    place: usize,
    clean: &CleanColumn,
) -> PolarsResult<Vec<Column>> {
    let plan = &brief.profile.columns[place];
    let source = Source {
        plan,
        original: batch.frame.columns()[place].str()?,
        clean: clean.cells.str()?,
        marks: &clean.marks,
    };
    let sides = plan.sides.iter();
    Ok(sides
        .map(|side| column(&source, side, brief, facts))
        .collect())
}

fn column(source: &Source<'_>, side: &SideColumn, brief: &Brief, facts: &Facts<'_>) -> Column {
    match side.what {
        Side::PhoneType => of_clean(source, side, phone::family),
        Side::PersonKind => of_clean(source, side, |text| match text.contains('/') {
            true => Some("PJ"),
            false => Some("PF"),
        }),
        Side::Phone(nth) => of_original(source, side, |row, text| {
            if source.marks[row].reason != Some(Reason::TelefonesConcatenados) {
                return None;
            }
            let reading = &source.plan.reading;
            let ddd = facts.code(reading.ddd, row);
            let context = facts.context(row, source.plan.kind, ddd, reading, brief.today);
            let phones = phone::split(text, context.area());
            nth_valid(phones, nth)
        }),
        Side::Extension => of_original(source, side, |_, text| {
            phone::extension(text).map(str::to_owned)
        }),
        Side::Email(nth) => of_original(source, side, |row, text| {
            if source.marks[row].reason != Some(Reason::VariosEmails) {
                return None;
            }
            let frequent = &source.plan.reading.frequent_domains;
            let is_frequent = |domain: &str| {
                frequent
                    .binary_search_by(|one| one.as_str().cmp(domain))
                    .is_ok()
            };
            let addresses = email::split(text).map(|part| Email::parse(part, &is_frequent));
            nth_valid(addresses, nth)
        }),
        Side::Title => of_original(source, side, |_, text| name::title(text).map(str::to_owned)),
        Side::HouseNumber => of_original(source, side, |_, text| {
            let number = street::parts(text)?.number;
            Some(HouseNumber::parse(number).value?.to_string())
        }),
        Side::Complement => of_original(source, side, |_, text| {
            let complement = street::parts(text)?.complement;
            (!complement.is_empty()).then(|| complement.to_owned())
        }),
        Side::State => of_original(source, side, |_, text| {
            let state = municipality::state_behind(text)?;
            Some(state.sigla().to_owned())
        }),
        // Whoever fills says so.
        Side::Imputed => of_clean(source, side, |_| None),
    }
}

/// The `nth` value that can be trusted, counted from 1.
fn nth_valid<T: ToString>(outcomes: impl Iterator<Item = Outcome<T>>, nth: u8) -> Option<String> {
    let mut valid = outcomes.filter_map(|outcome| outcome.value);
    valid
        .nth(usize::from(nth).saturating_sub(1))
        .map(|value| value.to_string())
}

/// Made of the delivered cells.
fn of_clean(
    source: &Source<'_>,
    side: &SideColumn,
    make: impl Fn(&str) -> Option<&'static str>,
) -> Column {
    let mut cells = StringChunkedBuilder::new(side.name.as_str().into(), source.clean.len());
    for text in source.clean.iter() {
        cells.append_option(text.and_then(&make));
    }
    cells.finish().into_column()
}

/// Made of the cells as they came, in their normal form.
fn of_original(
    source: &Source<'_>,
    side: &SideColumn,
    make: impl Fn(usize, &str) -> Option<String>,
) -> Column {
    let mut cells = StringChunkedBuilder::new(side.name.as_str().into(), source.original.len());
    for (row, text) in source.original.iter().enumerate() {
        let made = text.and_then(|text| make(row, &normalise(text).text));
        cells.append_option(made);
    }
    cells.finish().into_column()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::NaiveDate;
    use polars::df;
    use polars::prelude::DataFrame;

    use super::super::{Brief, CleanBatch, Cleaner};
    use crate::recipe::{Detector, Rules};
    use crate::table::Batch;
    use crate::values::{Reason, Status};

    /// The frame cleaned as if it were a whole file.
    fn cleaned(frame: DataFrame) -> CleanBatch {
        let names: Vec<_> = frame.columns().iter().map(|c| c.name().clone()).collect();
        let mut detector = Detector::new(names.iter().map(|name| name.as_str()));
        detector.observe(&frame).unwrap();
        let rows = frame.height() as u64;
        let brief = Brief {
            profile: Arc::new(detector.finish(rows)),
            rules: Arc::new(Rules::default()),
            today: NaiveDate::from_ymd_opt(2026, 11, 21).unwrap(),
        };
        let batch = Batch {
            lines: (2..rows + 2).collect(),
            frame,
            rejected: Vec::new(),
        };
        Cleaner::new(brief, Arc::default()).clean(batch).unwrap()
    }

    fn texts<'a>(clean: &'a CleanBatch, name: &str) -> Vec<&'a str> {
        let cells = clean.frame.column(name).unwrap().str().unwrap();
        cells.iter().map(Option::unwrap_or_default).collect()
    }

    #[test]
    fn what_a_cell_holds_besides_its_value_is_not_lost() {
        let clean = cleaned(
            df!(
                "Nome" => ["DRA. ANA LIMA", "CAIO SÁ", "BIA REIS"],
                "CPF/CNPJ" => ["529.982.247-25", "11222333000181", "n/a"],
                "Telefone" => ["(11) 3333-4444 / 98765-4321", "(21) 3333-4444 ramal 12", "x"],
                "E-mail" => ["a@b.com; c@d.com / e@f.com", "g@h.com", ""],
                "Endereço" => ["Av Ayrton Senna, 3000 - sala 4098", "Rua A, s/n", "Rua B"],
                "Cidade" => ["Campinas/SP", "Niterói - RJ", "Santos"],
            )
            .unwrap(),
        );
        for (name, cells) in [
            ("Nome", ["Ana Lima", "Caio Sá", "Bia Reis"]),
            ("Nome_tratamento", ["Dra.", "", ""]),
            ("CPF/CNPJ_tipo_pessoa", ["PF", "PJ", ""]),
            ("Telefone", ["(11) 3333-4444", "(21) 3333-4444", ""]),
            ("Telefone_tipo", ["fixo", "fixo", ""]),
            ("Telefone_2", ["(11) 98765-4321", "", ""]),
            ("Telefone_ramal", ["", "12", ""]),
            ("E-mail_2", ["c@d.com", "", ""]),
            ("E-mail_3", ["e@f.com", "", ""]),
            ("Endereço", ["Avenida Ayrton Senna", "Rua A", "Rua B"]),
            ("Endereço_numero", ["3000", "S/N", ""]),
            ("Endereço_complemento", ["sala 4098", "", ""]),
            ("Cidade", ["Campinas", "Niterói", "Santos"]),
            ("Cidade_uf", ["SP", "RJ", ""]),
        ] {
            assert_eq!(texts(&clean, name), cells, "{name}");
        }
    }

    #[test]
    fn the_row_tells_what_its_cells_leave_open() {
        let clean = cleaned(
            df!(
                "Município" => ["Bonito", "Bonito", "Bonito", "SAO JOSE DO RIO PRETO", "Campinas"],
                "UF" => ["MS", "", "", "SP", ""],
                "CEP" => ["", "55680-000", "", "", "13010-000"],
                "Fone" => ["3255-1234", "3737-1234", "3255-1234", "3233-1234", "(11) 3233-1234"],
            )
            .unwrap(),
        );
        let known = [Some(Reason::DddInferido); 2];
        let reasons: Vec<_> = clean.marks[3].iter().map(|mark| mark.reason).collect();
        assert_eq!(reasons[..2], known);
        assert_eq!(reasons[2], Some(Reason::SemDdd));
        assert_eq!(
            texts(&clean, "Fone"),
            [
                "(67) 3255-1234",
                "(81) 3737-1234",
                "",
                "(17) 3233-1234",
                "(11) 3233-1234"
            ]
        );
        let statuses: Vec<_> = clean.marks[0].iter().map(|mark| mark.status).collect();
        use Status::*;
        assert_eq!(statuses, [Ok, Ok, Alerta, Padronizado, Ok]);
    }

    #[test]
    fn blanks_of_a_checklist_are_no() {
        let clean = cleaned(
            df!(
                "linha" => ["1", "2", "3", "4"],
                "aceita" => [Some("x"), None, Some("X"), Some("-")],
            )
            .unwrap(),
        );
        assert_eq!(texts(&clean, "aceita"), ["Sim", "Não", "Sim", "Não"]);
    }
}

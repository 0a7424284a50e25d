//! What the cells of a row say of one another. Contradictions are alerts, never more: the cell
//! that is likelier to be wrong is marked, and both are kept.

use std::borrow::Cow;
use std::sync::Arc;

use chrono::NaiveDate;
use polars::prelude::{DataFrame, PolarsResult, StringChunked};
use rayon::prelude::*;

use super::contradiction::Test;
use super::keyed::alert;
use super::places::{FindPlace, Place, Towns};
use super::tally::Tally;
use super::whole::{CheckReason, CheckTally};
use super::{Brief, Findings};
use crate::recipe::rules::Check;
use crate::recipe::{ColumnKind, Mark, Profile};
use crate::values::Reason;
use crate::values::fold::fold;

/// A check laid on the columns of a table.
pub(super) struct RowCheck {
    /// The column whose cell is marked.
    cell: usize,
    reason: CheckReason,
    test: Test,
    checked: u64,
    contradicted: u64,
}

impl RowCheck {
    /// What the rows of a batch say; those that are `gone` are left alone. `towns` numbers the
    /// municipality of each.
    fn look(
        &mut self,
        columns: &[Cells<'_>],
        gone: &[bool],
        (towns, numbers): (&Towns, &[Option<usize>]),
        findings: &Findings,
        today: NaiveDate,
    ) -> Look {
        let rows = gone.iter().enumerate().map(|(row, gone)| {
            if *gone {
                return Seen::Unchecked;
            }
            let town = numbers.get(row).copied().flatten();
            let contradicts = self.test.contradicts(&Row {
                columns,
                row,
                places: town.map_or(&[], |town| towns.called(town)),
                findings,
                today,
            });
            match contradicts {
                None => Seen::Unchecked,
                Some(false) => Seen::Checked,
                Some(true) => Seen::Contradicted,
            }
        });
        let seen: Vec<_> = rows.collect();
        let count = |what| seen.iter().filter(|seen| **seen == what).count() as u64;
        let contradicted = count(Seen::Contradicted);
        self.checked += contradicted + count(Seen::Checked);
        self.contradicted += contradicted;
        seen
    }
}

/// Looks for contradictions in the rows of batches.
pub(super) struct Checks {
    checks: Vec<RowCheck>,
    /// The column of municipalities.
    town: Option<usize>,
    towns: Towns,
    findings: Arc<Findings>,
    today: NaiveDate,
}

/// What a test may look at: the cells of one row, and what is known besides.
pub(super) struct Row<'a, 'c> {
    pub(super) columns: &'a [Cells<'c>],
    pub(super) row: usize,
    /// All municipalities that are called like the row's.
    pub(super) places: &'a [Place],
    pub(super) findings: &'a Findings,
    pub(super) today: NaiveDate,
}

impl<'a, 'c> Row<'a, 'c> {
    pub(super) fn cell(&self, place: usize) -> Option<&'a str> {
        self.columns[place].downcast_as_array().get(self.row)
    }

    /// The municipalities that the row's may be; `None` if it names none that is known.
    pub(super) fn places(&self) -> Option<&'a [Place]> {
        (!self.places.is_empty()).then_some(self.places)
    }
}

/// A column in one piece.
pub(super) type Cells<'a> = Cow<'a, StringChunked>;

impl Checks {
    pub(super) fn new(brief: &Brief, findings: Arc<Findings>, find: FindPlace) -> Self {
        let tests = match &brief.rules.checks {
            Some(checks) => {
                let laid = checks.iter().flat_map(|check| laid(&brief.profile, check));
                laid.collect()
            }
            None => usual(&brief.profile),
        };
        Checks {
            checks: tests,
            town: brief.profile.first(ColumnKind::Municipality),
            towns: Towns::new(find),
            findings,
            today: brief.today,
        }
    }

    /// What each check sees in the rows of a batch; those that are `gone` are left alone.
    pub(super) fn look(&mut self, frame: &DataFrame, gone: &[bool]) -> PolarsResult<Vec<Look>> {
        if self.checks.is_empty() {
            return Ok(Vec::new());
        }
        let mut columns = Vec::with_capacity(frame.width());
        for column in frame.columns() {
            columns.push(column.str()?.rechunk());
        }
        let towns = match self.town {
            Some(place) => self.towns.number(columns[place].iter()),
            None => Vec::new(),
        };
        // No check looks at what another marks: they look at the same time.
        let towns = (&self.towns, towns.as_slice());
        let (findings, today) = (&self.findings, self.today);
        let looks = self.checks.par_iter_mut().with_max_len(1);
        let looks = looks.map(|check| check.look(&columns, gone, towns, findings, today));
        Ok(looks.collect())
    }

    /// Marks what contradicts the rest of its row, and counts it.
    pub(super) fn mark(&self, looks: Vec<Look>, marks: &mut [Vec<Mark>], tally: &mut Tally) {
        // A cell counts once, however many checks concern it.
        let mut seen: Vec<Option<Look>> = vec![None; marks.len()];
        for (check, look) in self.checks.iter().zip(looks) {
            let CheckReason::Cell(reason) = check.reason else {
                continue;
            };
            let marks = marks[check.cell].iter_mut().zip(&look);
            for (mark, _) in marks.filter(|(_, now)| **now == Seen::Contradicted) {
                alert(mark, reason);
            }
            match &mut seen[check.cell] {
                Some(seen) => {
                    let both = seen.iter_mut().zip(look);
                    both.for_each(|(seen, now)| *seen = now.max(*seen));
                }
                none => *none = Some(look),
            }
        }
        for (place, seen) in seen.iter().enumerate() {
            let count = |what: Seen| seen.iter().flatten().filter(|seen| **seen == what).count();
            let contradicted = count(Seen::Contradicted) as u64;
            tally.columns[place].contradicted += contradicted;
            tally.columns[place].checked += count(Seen::Checked) as u64 + contradicted;
        }
    }

    /// By reason, in the order of the checks.
    pub(super) fn tallies(&self) -> Vec<CheckTally> {
        let mut tallies: Vec<CheckTally> = Vec::new();
        for check in &self.checks {
            let known = tallies
                .iter_mut()
                .find(|tally| tally.reason == check.reason);
            match known {
                Some(tally) => {
                    tally.checked += check.checked;
                    tally.contradicted += check.contradicted;
                }
                None => tallies.push(CheckTally {
                    reason: check.reason,
                    checked: check.checked,
                    contradicted: check.contradicted,
                }),
            }
        }
        tallies
    }
}

/// What a check has seen of the rows of a batch.
pub(super) type Look = Vec<Seen>;

/// What checks have seen of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Seen {
    Unchecked,
    Checked,
    Contradicted,
}

fn check(cell: usize, reason: Reason, test: Test) -> RowCheck {
    RowCheck {
        cell,
        reason: CheckReason::Cell(reason),
        test,
        checked: 0,
        contradicted: 0,
    }
}

/// Lays a check on the columns of a table; nothing, where it lacks them. Telephones are checked in
/// every column that has them, all else in the first column of its type.
fn laid(profile: &Profile, asked: &Check<usize>) -> Vec<RowCheck> {
    let first = |kind| profile.first(kind);
    let state = first(ColumnKind::State);
    let town = first(ColumnKind::Municipality);
    let cep = first(ColumnKind::Cep);
    let phones = || profile.all(ColumnKind::Phone);
    let one = |check: Option<RowCheck>| check.into_iter().collect();
    match *asked {
        Check::CepState => one(cep
            .zip(state)
            .map(|(cep, state)| check(cep, Reason::CepUf, Test::CepState { cep, state }))),
        Check::CepMunicipality => one(cep
            .filter(|_| town.is_some())
            .map(|cep| check(cep, Reason::CepMunicipio, Test::CepTown { cep }))),
        Check::DddState => {
            let state = state.into_iter();
            let checks = state.flat_map(|state| phones().map(move |phone| (phone, state)));
            let test =
                |(phone, state)| check(phone, Reason::DddUf, Test::DddState { phone, state });
            checks.map(test).collect()
        }
        Check::DddMunicipality => {
            let checks = phones().filter(|_| town.is_some());
            let test = |phone| check(phone, Reason::DddMunicipio, Test::DddTown { phone, state });
            checks.map(test).collect()
        }
        Check::Ibge => one(first(ColumnKind::Ibge)
            .filter(|_| town.is_some() || state.is_some())
            .map(|code| check(code, Reason::IbgeMunicipio, Test::Code { code, state }))),
        Check::MunicipalityState => one(town
            .zip(state)
            .map(|(town, state)| check(town, Reason::MunicipioUf, Test::TownState { state }))),
        Check::CpfRegion => one(first(ColumnKind::Cpf)
            .zip(state)
            .map(|(cpf, state)| RowCheck {
                reason: CheckReason::CpfRegion,
                ..check(cpf, Reason::CepUf, Test::CpfRegion { cpf, state })
            })),
        Check::PersonKind { kind } => {
            let document = [ColumnKind::Document, ColumnKind::Cpf, ColumnKind::Cnpj];
            let documents: Vec<_> = document.into_iter().filter_map(first).collect();
            // Check digits make the document the likelier of the two.
            let test = |document| check(kind, Reason::TipoPessoa, Test::Person { kind, document });
            documents.into_iter().map(test).collect()
        }
        Check::Order { earlier, later } => {
            vec![check(
                later,
                Reason::OrdemDatas,
                Test::Order { earlier, later },
            )]
        }
        Check::NotFuture { date } => vec![check(date, Reason::Futura, Test::NotFuture { date })],
        Check::Total {
            quantity,
            price,
            total,
        } => {
            let test = Test::Total {
                quantity,
                price,
                total,
            };
            vec![check(total, Reason::TotalNaoConfere, test)]
        }
        Check::EmailCompany => one(first(ColumnKind::Email)
            .zip(first(ColumnKind::Company))
            .map(|(email, company)| {
                check(
                    email,
                    Reason::EmailEmpresa,
                    Test::EmailCompany { email, company },
                )
            })),
        Check::SharedPhone => one(first(ColumnKind::Phone)
            .filter(|_| first(ColumnKind::Cpf).is_some())
            .map(|phone| {
                check(
                    phone,
                    Reason::TelefoneCompartilhado,
                    Test::SharedPhone { phone },
                )
            })),
        Check::SharedEmail => one(first(ColumnKind::Email).map(|email| {
            check(
                email,
                Reason::EmailCompartilhado,
                Test::SharedEmail { email },
            )
        })),
    }
}

/// What is checked where no rule says it: everything the columns allow, but for what needs a look
/// at the whole table, what is only information (CPF regions), and what guesses (e-mail and
/// company). Columns for dates that lie in the past, for kinds of person and for totals are told
/// by their headers.
fn usual(profile: &Profile) -> Vec<RowCheck> {
    let mut checks = vec![
        Check::CepState,
        Check::CepMunicipality,
        Check::DddState,
        Check::DddMunicipality,
        Check::Ibge,
        Check::MunicipalityState,
    ];
    let headers: Vec<_> = profile.columns.iter().map(|one| fold(&one.name)).collect();
    let headed = |words: &[&str]| headers.iter().position(|header| words.contains(&&**header));
    let numeric = |place: &usize| profile.columns[*place].kind.is_numeric();
    let kind = headed(&["TIPO PESSOA", "TIPO DE PESSOA", "TP PESSOA"]);
    checks.extend(kind.map(|kind| Check::PersonKind { kind }));
    let birth = profile.first(ColumnKind::BirthDate);
    for date in profile.all(ColumnKind::Date) {
        let past = ["VENDA", "COMPRA", "EMISSAO", "CADASTRO", "ABERTURA"];
        let mut words = headers[date].split(' ');
        if !words.any(|word| past.contains(&word)) {
            continue;
        }
        checks.push(Check::NotFuture { date });
        checks.extend(birth.map(|earlier| Check::Order {
            earlier,
            later: date,
        }));
    }
    let quantity = headed(&["QUANTIDADE", "QTD", "QTDE", "QUANT"]).filter(numeric);
    let price = headed(&[
        "PRECO",
        "PRECO UNITARIO",
        "VALOR UNITARIO",
        "VL UNITARIO",
        "VLR UNITARIO",
    ])
    .filter(numeric);
    let total = headed(&["TOTAL", "VALOR TOTAL", "VL TOTAL", "VLR TOTAL"]).filter(numeric);
    if let (Some(quantity), Some(price), Some(total)) = (quantity, price, total) {
        checks.push(Check::Total {
            quantity,
            price,
            total,
        });
    }
    checks
        .iter()
        .flat_map(|check| laid(profile, check))
        .collect()
}

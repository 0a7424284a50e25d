//! From tallies to the summary.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, Utc};

use super::facts::{
    CheckFacts, ColumnFacts, DerivedFacts, Duplicates, FilledFacts, GroupFacts, OutlierFacts,
};
use super::reading::InputFacts;
use super::summary::*;
use crate::cleaning::{ColumnTally, StatusCounts, Tally, ValueTally, WholeTally};
use crate::enrichment::{MergeTally, Plan};
use crate::recipe::{ColumnKind, Profile, Turns};
use crate::transform::{Derived, GroupSheet, Spread};
use crate::values::{Reason, Status};

/// Values listed per column.
const TOP: usize = 27;

/// Brasília time, without summer time since 2019.
const BRASILIA_SECONDS: i32 = -3 * 3600;

/// What enrichment did, and with which base.
pub struct EnrichmentFacts<'a> {
    pub source: String,
    pub plan: &'a Plan,
    pub tally: &'a MergeTally,
    pub hits: KeyHits,
}

/// Everything a summary is made of.
pub struct Ingredients<'a> {
    pub job: JobFacts,
    pub input: InputFacts,
    pub profile: &'a Profile,
    pub tally: &'a Tally,
    /// One per column of the file.
    pub values: &'a [ValueTally],
    /// What became of the cells afterwards, besides enrichment.
    pub turns: Vec<&'a Turns>,
    pub rejected_rows: u64,
    pub duplicates: u64,
    /// What whole-column rules did.
    pub whole: &'a WholeTally,
    /// For each column of the file, how its numbers lie.
    pub spreads: &'a [Option<Spread>],
    pub derived: &'a [Derived],
    pub groups: &'a [GroupSheet],
    pub enrichment: Option<EnrichmentFacts<'a>>,
    pub examples: Vec<Example>,
    pub alerts: Vec<String>,
}

/// The moment as reports write it: RFC 3339 in Brasília time, to the second.
pub fn in_brasilia(moment: DateTime<Utc>) -> String {
    let offset = FixedOffset::east_opt(BRASILIA_SECONDS);
    let local = offset.map(|offset| moment.with_timezone(&offset));
    local.map_or_else(
        || moment.to_rfc3339(),
        |local| local.to_rfc3339_opts(chrono::SecondsFormat::Secs, false),
    )
}

impl Summary {
    /// Adds up one job. Artifacts and timings are still empty.
    pub fn compose(of: Ingredients<'_>) -> Self {
        let read = of.input.reading.rows;
        let merged = of.enrichment.as_ref().map(|facts| facts.tally);
        let mut turns = of.turns.clone();
        turns.extend(merged.map(|merged| &merged.turns));
        let columns: Vec<_> = (0..of.profile.columns.len())
            .map(|place| column(&of, place, &turns))
            .collect();
        let rows = RowCounts {
            read,
            delivered: read - of.rejected_rows - of.duplicates,
            rejected: of.rejected_rows,
            duplicates_removed: of.duplicates,
            enriched: merged.map_or(0, |merged| merged.enriched_rows),
            corrected: of.tally.corrected_rows,
        };
        let rejections = of.tally.rejections().into_iter();
        Summary {
            version: 1,
            score: total(&columns, &of.profile.columns),
            columns,
            rows,
            duplicates: Duplicates::from(&of.whole.duplicates),
            outliers: of
                .whole
                .outliers
                .iter()
                .map(|tally| OutlierFacts::new(named(of.profile, tally.place), tally))
                .collect(),
            missing: of
                .whole
                .missing
                .iter()
                .map(|tally| FilledFacts::new(named(of.profile, tally.place), tally))
                .collect(),
            checks: of.whole.checks.iter().map(CheckFacts::from).collect(),
            derived: of.derived.iter().map(DerivedFacts::from).collect(),
            groups: of.groups.iter().map(GroupFacts::from).collect(),
            enrichment: of.enrichment.as_ref().map(|facts| enrichment(&of, facts)),
            rejections: rejections
                .map(|(reason, cells)| ReasonCount {
                    reason: reason.code(),
                    words: reason.words(),
                    cells,
                })
                .collect(),
            job: of.job,
            input: of.input,
            examples: of.examples,
            alerts: of.alerts,
            artifacts: Vec::new(),
            timings_ms: Timings::default(),
        }
    }
}

/// The header of the column at `place`.
fn named(profile: &Profile, place: usize) -> &str {
    profile.columns.get(place).map_or("", |column| &column.name)
}

fn column(of: &Ingredients<'_>, place: usize, turns: &[&Turns]) -> ColumnSummary {
    let profile = &of.profile.columns[place];
    let tally = &of.tally.columns[place];
    let values = &of.values[place];
    let before = tally.status;
    let after = after_turns(place, before, turns);
    let reasons = reasons(place, tally, turns);
    // An alert on a blank cell makes no value of it.
    let missing = reasons.get(Reason::Faltante.code()).copied();
    let usable = after.usable() - missing.unwrap_or_default();
    let consistency = tally.consistency();
    let uniqueness = profile.kind.is_key().then(|| {
        let filled = values.filled().max(1);
        values.distinct().min(filled) as f64 / filled as f64
    });
    ColumnSummary {
        name: profile.name.clone(),
        kind: profile.kind.code().to_owned(),
        filled: values.filled(),
        // An estimate may overshoot.
        distinct: values.distinct().min(values.filled()),
        status: Status::ALL
            .map(|status| (status.code(), after.of(status)))
            .into(),
        reasons,
        top: values.top(TOP),
        score: BeforeAfter {
            before: points(
                before.total() - before.of(Status::Vazio),
                valid_before(before),
                before.total(),
                consistency,
                uniqueness,
            ),
            after: points(usable, usable, after.total(), consistency, uniqueness),
        },
        facts: ColumnFacts::new(profile, of.spreads.get(place).and_then(Option::as_ref)),
    }
}

fn after_turns(place: usize, before: StatusCounts, turns: &[&Turns]) -> StatusCounts {
    let mut after = before;
    // In the order of time: what one step filled, the next may contradict.
    for ((column, from, to), cells) in turns.iter().flat_map(|turns| &turns.statuses) {
        if *column == place {
            after.turn(*from, *to, *cells);
        }
    }
    after
}

fn reasons(place: usize, tally: &ColumnTally, turns: &[&Turns]) -> BTreeMap<&'static str, u64> {
    let mut reasons: BTreeMap<_, _> = tally
        .reasons()
        .map(|(reason, cells)| (reason.code(), cells))
        .collect();
    for ((column, reason), cells) in turns.iter().flat_map(|turns| &turns.reasons) {
        if *column == place {
            *reasons.entry(reason.code()).or_default() += cells;
        }
    }
    reasons
}

/// What was valid as it came: canonical, or merely written another way.
fn valid_before(status: StatusCounts) -> u64 {
    status.of(Status::Ok) + status.of(Status::Padronizado) + status.of(Status::Alerta)
}

/// Points of a column from 0 to 100: completeness, validity and consistency, for keys also
/// uniqueness.
fn points(filled: u64, valid: u64, rows: u64, consistency: f64, uniqueness: Option<f64>) -> f64 {
    if rows == 0 {
        return 0.0;
    }
    let completeness = filled as f64 / rows as f64;
    let validity = if filled == 0 {
        0.0
    } else {
        valid as f64 / filled as f64
    };
    let points = 100.0 * (0.35 * completeness + 0.45 * validity + 0.20 * consistency);
    rounded(points * uniqueness.map_or(1.0, |share| 0.5 + 0.5 * share))
}

/// To two decimals: what reports show, and stable against the order of sums.
fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

/// How much a column weighs in the score of the list.
fn weight(kind: ColumnKind) -> f64 {
    match kind {
        ColumnKind::Cpf | ColumnKind::Cnpj | ColumnKind::Document => 3.0,
        ColumnKind::Phone | ColumnKind::Email => 2.0,
        ColumnKind::Name | ColumnKind::Cep | ColumnKind::Municipality => 1.5,
        _ => 1.0,
    }
}

fn total(columns: &[ColumnSummary], profiles: &[crate::recipe::ColumnProfile]) -> Score {
    let mean = |points: fn(&BeforeAfter) -> f64| {
        let weighed = columns.iter().zip(profiles);
        let (sum, weights) = weighed.fold((0.0, 0.0), |(sum, weights), (column, profile)| {
            let weight = weight(profile.kind);
            (sum + weight * points(&column.score), weights + weight)
        });
        if weights > 0.0 {
            rounded(sum / weights)
        } else {
            0.0
        }
    };
    let after = mean(|score| score.after);
    Score {
        before: mean(|score| score.before),
        after,
        band: band(after),
    }
}

fn enrichment(of: &Ingredients<'_>, facts: &EnrichmentFacts<'_>) -> Enrichment {
    let mut fields = BTreeMap::new();
    let mut coverage = BTreeMap::new();
    for target in &facts.plan.targets {
        let name = of.profile.columns[target.place].name.clone();
        let before = of.tally.columns[target.place].status;
        let filled = facts.tally.filled(target.place);
        let share = |cells: u64| cells as f64 / before.total().max(1) as f64;
        fields.insert(name.clone(), filled);
        coverage.insert(
            name,
            BeforeAfter {
                before: share(before.usable()),
                after: share(before.usable() + filled),
            },
        );
    }
    Enrichment {
        source: facts.source.clone(),
        by_key: [(facts.plan.key.kind.code(), facts.hits)].into(),
        fields,
        conflicts: facts.tally.conflicts,
        identity_conflicts: facts.tally.identity_conflicts,
        coverage,
    }
}

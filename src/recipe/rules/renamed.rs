//! The same rules with their columns named in another way.

use super::{
    Aggregate, Check, Derivation, DuplicateRules, Fill, Formula, Function, GroupRule, KeyRule,
    MissingRule, OutlierRule,
};
use crate::recipe::ColumnKind;

/// What a rule needs a column to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::recipe) enum Wanted {
    Anything,
    Numbers,
    /// Numbers that measure something: those of codes only tell rows apart.
    Measures,
    Dates,
    NumbersOrDates,
}

impl Wanted {
    pub(in crate::recipe) fn holds_for(self, kind: ColumnKind) -> bool {
        match self {
            Wanted::Anything => true,
            Wanted::Numbers | Wanted::Measures => kind.is_numeric(),
            Wanted::Dates => kind.is_date(),
            Wanted::NumbersOrDates => kind.is_numeric() || kind.is_date(),
        }
    }
}

/// A rule whose columns can be named in another way.
pub(in crate::recipe) trait Renamed<C, D> {
    type Rule;

    /// The rule with the columns that `find` gives; `find` hears what each has to hold. `None` if
    /// a column that the rule cannot do without is not found: of a list of columns that are
    /// treated one by one, those that are found are enough.
    fn renamed(&self, find: &mut dyn FnMut(&C, Wanted) -> Option<D>) -> Option<Self::Rule>;
}

/// All of them are asked for, so that every one that is missing is told.
fn all<C, D>(
    columns: &[C],
    wanted: Wanted,
    find: &mut dyn FnMut(&C, Wanted) -> Option<D>,
) -> Option<Vec<D>> {
    let found: Vec<_> = columns.iter().map(|column| find(column, wanted)).collect();
    found.into_iter().collect()
}

fn any<C, D>(
    columns: &[C],
    wanted: Wanted,
    find: &mut dyn FnMut(&C, Wanted) -> Option<D>,
) -> Vec<D> {
    let found = columns.iter().filter_map(|column| find(column, wanted));
    found.collect()
}

/// A column that may be left out: `Some(None)` if it is.
fn optional<C, D>(
    column: Option<&C>,
    wanted: Wanted,
    find: &mut dyn FnMut(&C, Wanted) -> Option<D>,
) -> Option<Option<D>> {
    match column {
        Some(column) => find(column, wanted).map(Some),
        None => Some(None),
    }
}

impl<C, D> Renamed<C, D> for DuplicateRules<C> {
    type Rule = DuplicateRules<D>;

    fn renamed(&self, find: &mut dyn FnMut(&C, Wanted) -> Option<D>) -> Option<Self::Rule> {
        let keys = self.keys.as_ref().map(|keys| {
            let found = keys.iter().filter_map(|key| {
                let by = all(&key.by, Wanted::Anything, find);
                let newest = optional(key.newest.as_ref(), Wanted::Dates, find);
                Some(KeyRule {
                    by: by?,
                    action: key.action,
                    newest: newest?,
                })
            });
            found.collect()
        });
        Some(DuplicateRules {
            exact: self.exact,
            keys,
            fuzzy: self.fuzzy.clone(),
        })
    }
}

impl<C, D> Renamed<C, D> for OutlierRule<C> {
    type Rule = OutlierRule<D>;

    fn renamed(&self, find: &mut dyn FnMut(&C, Wanted) -> Option<D>) -> Option<Self::Rule> {
        let columns = any(&self.columns, Wanted::Measures, find);
        (!columns.is_empty()).then_some(OutlierRule {
            columns,
            method: self.method,
            factor: self.factor,
            action: self.action,
        })
    }
}

impl<C, D> Renamed<C, D> for MissingRule<C> {
    type Rule = MissingRule<D>;

    fn renamed(&self, find: &mut dyn FnMut(&C, Wanted) -> Option<D>) -> Option<Self::Rule> {
        // A blank can be pointed out in any column, but filled only where there are numbers.
        let wanted = match self.fill {
            Fill::Flag => Wanted::Anything,
            _ => Wanted::Measures,
        };
        let columns = any(&self.columns, wanted, find);
        let fill = match &self.fill {
            Fill::Flag => Fill::Flag,
            Fill::Constant(number) => Fill::Constant(number.clone()),
            Fill::Mean => Fill::Mean,
            Fill::Median => Fill::Median,
            Fill::Mode => Fill::Mode,
            Fill::Knn {
                neighbours,
                weights,
                near_by,
                standardise,
            } => Fill::Knn {
                neighbours: *neighbours,
                weights: *weights,
                near_by: any(near_by, Wanted::Numbers, find),
                standardise: *standardise,
            },
        };
        (!columns.is_empty()).then_some(MissingRule { columns, fill })
    }
}

impl<C, D> Renamed<C, D> for Check<C> {
    type Rule = Check<D>;

    fn renamed(&self, find: &mut dyn FnMut(&C, Wanted) -> Option<D>) -> Option<Self::Rule> {
        Some(match self {
            Check::CepState => Check::CepState,
            Check::CepMunicipality => Check::CepMunicipality,
            Check::DddState => Check::DddState,
            Check::DddMunicipality => Check::DddMunicipality,
            Check::Ibge => Check::Ibge,
            Check::MunicipalityState => Check::MunicipalityState,
            Check::CpfRegion => Check::CpfRegion,
            Check::EmailCompany => Check::EmailCompany,
            Check::SharedPhone => Check::SharedPhone,
            Check::SharedEmail => Check::SharedEmail,
            Check::PersonKind { kind } => Check::PersonKind {
                kind: find(kind, Wanted::Anything)?,
            },
            Check::NotFuture { date } => Check::NotFuture {
                date: find(date, Wanted::Dates)?,
            },
            Check::Order { earlier, later } => {
                let (earlier, later) = (find(earlier, Wanted::Dates), find(later, Wanted::Dates));
                Check::Order {
                    earlier: earlier?,
                    later: later?,
                }
            }
            Check::Total {
                quantity,
                price,
                total,
            } => {
                let [quantity, price, total] =
                    [quantity, price, total].map(|column| find(column, Wanted::Numbers));
                Check::Total {
                    quantity: quantity?,
                    price: price?,
                    total: total?,
                }
            }
        })
    }
}

impl<C, D> Renamed<C, D> for Derivation<C> {
    type Rule = Derivation<D>;

    fn renamed(&self, find: &mut dyn FnMut(&C, Wanted) -> Option<D>) -> Option<Self::Rule> {
        let formula = match &self.formula {
            Formula::MinMax { column } => Formula::MinMax {
                column: find(column, Wanted::Numbers)?,
            },
            Formula::Zscore { column } => Formula::Zscore {
                column: find(column, Wanted::Numbers)?,
            },
            Formula::OneHot {
                column,
                drop_first,
                most,
            } => Formula::OneHot {
                column: find(column, Wanted::Anything)?,
                drop_first: *drop_first,
                most: *most,
            },
            Formula::Ratio { of, by } => {
                let (of, by) = (find(of, Wanted::Numbers), find(by, Wanted::Numbers));
                Formula::Ratio { of: of?, by: by? }
            }
            Formula::Difference { of, minus } => {
                let both = [of, minus].map(|column| find(column, Wanted::NumbersOrDates));
                let [of, minus] = both;
                Formula::Difference {
                    of: of?,
                    minus: minus?,
                }
            }
            Formula::DaysSince { column } => Formula::DaysSince {
                column: find(column, Wanted::Dates)?,
            },
            Formula::DatePart { column, part } => Formula::DatePart {
                column: find(column, Wanted::Dates)?,
                part: *part,
            },
            Formula::Bins { column, cuts } => Formula::Bins {
                column: find(column, Wanted::Numbers)?,
                cuts: cuts.clone(),
            },
        };
        Some(Derivation {
            name: self.name.clone(),
            formula,
        })
    }
}

impl<C, D> Renamed<C, D> for GroupRule<C> {
    type Rule = GroupRule<D>;

    fn renamed(&self, find: &mut dyn FnMut(&C, Wanted) -> Option<D>) -> Option<Self::Rule> {
        let by = all(&self.by, Wanted::Anything, find);
        let aggregates: Vec<_> = self
            .aggregates
            .iter()
            .map(|aggregate| {
                let wanted = match aggregate.function {
                    Function::Count | Function::Distinct => Wanted::Anything,
                    Function::Sum | Function::Mean => Wanted::Numbers,
                    Function::Min | Function::Max => Wanted::NumbersOrDates,
                };
                Some(Aggregate {
                    function: aggregate.function,
                    column: optional(aggregate.column.as_ref(), wanted, find)?,
                    name: aggregate.name.clone(),
                })
            })
            .collect();
        Some(GroupRule {
            sheet: self.sheet.clone(),
            by: by?,
            aggregates: aggregates.into_iter().collect::<Option<_>>()?,
        })
    }
}

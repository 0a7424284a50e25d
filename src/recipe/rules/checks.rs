//! What the cells of a row say of one another.

use schemars::JsonSchema;
use serde::Deserialize;

/// A contradiction to look for. Cells that contradict one another are kept, with an alert.
/// Without columns, each looks at the first column of the types it needs.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(
    rename_all = "snake_case",
    deny_unknown_fields,
    bound(deserialize = "C: Deserialize<'de>")
)]
pub enum Check<C> {
    /// The CEP is of the state.
    CepState,
    /// The CEP is of the municipality's state.
    CepMunicipality,
    /// The telephone's area code is of the state.
    DddState,
    /// The telephone's area code is of the municipality.
    DddMunicipality,
    /// The IBGE code is of the municipality and the state.
    Ibge,
    /// The municipality is in the state.
    MunicipalityState,
    /// The CPF was issued in the region of the state. Counted only, never an alert.
    CpfRegion,
    /// The document is of the kind of person that a column names.
    PersonKind {
        /// The column with `PF` or `PJ`, `física` or `jurídica`.
        kind: C,
    },
    /// One date is not after another.
    Order { earlier: C, later: C },
    /// The date is not in the future.
    NotFuture { date: C },
    /// Quantity times price is the total, to a cent.
    Total { quantity: C, price: C, total: C },
    /// The e-mail's domain is the company's own or anybody's, not another company's.
    EmailCompany,
    /// The same telephone with five different CPFs or more. Needs a second look at the table.
    SharedPhone,
    /// The same e-mail address with different people. Needs a second look at the table.
    SharedEmail,
}

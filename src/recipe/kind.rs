//! The types a column may have.

use schemars::JsonSchema;
use serde::Deserialize;

/// What a column holds, by the names recipes and the manifest use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    Cpf,
    Cnpj,
    /// A CPF or a CNPJ, told by the cell.
    Document,
    Phone,
    Ddd,
    Email,
    Cep,
    State,
    Municipality,
    /// The code of a municipality.
    Ibge,
    Name,
    /// A company's name.
    Company,
    Street,
    /// Of a house: `S/N` is one.
    Number,
    Date,
    /// A date that is never in the future.
    BirthDate,
    Money,
    Decimal,
    Integer,
    Percent,
    Boolean,
    /// A few words of a closed list.
    Category,
    Text,
}

impl ColumnKind {
    pub const ALL: [ColumnKind; 23] = [
        ColumnKind::Cpf,
        ColumnKind::Cnpj,
        ColumnKind::Document,
        ColumnKind::Phone,
        ColumnKind::Ddd,
        ColumnKind::Email,
        ColumnKind::Cep,
        ColumnKind::State,
        ColumnKind::Municipality,
        ColumnKind::Ibge,
        ColumnKind::Name,
        ColumnKind::Company,
        ColumnKind::Street,
        ColumnKind::Number,
        ColumnKind::Date,
        ColumnKind::BirthDate,
        ColumnKind::Money,
        ColumnKind::Decimal,
        ColumnKind::Integer,
        ColumnKind::Percent,
        ColumnKind::Boolean,
        ColumnKind::Category,
        ColumnKind::Text,
    ];

    pub fn code(self) -> &'static str {
        match self {
            ColumnKind::Cpf => "cpf",
            ColumnKind::Cnpj => "cnpj",
            ColumnKind::Document => "document",
            ColumnKind::Phone => "phone",
            ColumnKind::Ddd => "ddd",
            ColumnKind::Email => "email",
            ColumnKind::Cep => "cep",
            ColumnKind::State => "state",
            ColumnKind::Municipality => "municipality",
            ColumnKind::Ibge => "ibge",
            ColumnKind::Name => "name",
            ColumnKind::Company => "company",
            ColumnKind::Street => "street",
            ColumnKind::Number => "number",
            ColumnKind::Date => "date",
            ColumnKind::BirthDate => "birth_date",
            ColumnKind::Money => "money",
            ColumnKind::Decimal => "decimal",
            ColumnKind::Integer => "integer",
            ColumnKind::Percent => "percent",
            ColumnKind::Boolean => "boolean",
            ColumnKind::Category => "category",
            ColumnKind::Text => "text",
        }
    }

    /// Held as a number by spreadsheets.
    pub fn is_numeric(self) -> bool {
        matches!(
            self,
            ColumnKind::Money | ColumnKind::Decimal | ColumnKind::Integer | ColumnKind::Percent
        )
    }

    pub fn is_date(self) -> bool {
        matches!(self, ColumnKind::Date | ColumnKind::BirthDate)
    }

    /// Identifies one person or company: repeated values are worth a mark.
    pub fn is_key(self) -> bool {
        matches!(
            self,
            ColumnKind::Cpf | ColumnKind::Cnpj | ColumnKind::Document | ColumnKind::Email
        )
    }

    /// Whose values say something about a single person, so that reports list no examples.
    pub fn is_personal(self) -> bool {
        matches!(
            self,
            ColumnKind::Cpf
                | ColumnKind::Cnpj
                | ColumnKind::Document
                | ColumnKind::Phone
                | ColumnKind::Email
                | ColumnKind::Name
                | ColumnKind::Company
                | ColumnKind::Street
                | ColumnKind::Number
                | ColumnKind::BirthDate
        )
    }
}

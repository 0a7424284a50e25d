//! The types a column may have.

/// What a column holds, by the names the manifest uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ColumnKind {
    Cpf,
    Cnpj,
    Phone,
    Ddd,
    Email,
    Cep,
    State,
    Municipality,
    Name,
    Street,
    Money,
    Decimal,
    Integer,
    Text,
}

impl ColumnKind {
    pub const ALL: [ColumnKind; 14] = [
        ColumnKind::Cpf,
        ColumnKind::Cnpj,
        ColumnKind::Phone,
        ColumnKind::Ddd,
        ColumnKind::Email,
        ColumnKind::Cep,
        ColumnKind::State,
        ColumnKind::Municipality,
        ColumnKind::Name,
        ColumnKind::Street,
        ColumnKind::Money,
        ColumnKind::Decimal,
        ColumnKind::Integer,
        ColumnKind::Text,
    ];

    pub fn code(self) -> &'static str {
        match self {
            ColumnKind::Cpf => "cpf",
            ColumnKind::Cnpj => "cnpj",
            ColumnKind::Phone => "phone",
            ColumnKind::Ddd => "ddd",
            ColumnKind::Email => "email",
            ColumnKind::Cep => "cep",
            ColumnKind::State => "state",
            ColumnKind::Municipality => "municipality",
            ColumnKind::Name => "name",
            ColumnKind::Street => "street",
            ColumnKind::Money => "money",
            ColumnKind::Decimal => "decimal",
            ColumnKind::Integer => "integer",
            ColumnKind::Text => "text",
        }
    }

    /// Held as a number by spreadsheets.
    pub fn is_numeric(self) -> bool {
        matches!(
            self,
            ColumnKind::Money | ColumnKind::Decimal | ColumnKind::Integer
        )
    }

    /// Identifies one person or company: repeated values are worth a mark.
    pub fn is_key(self) -> bool {
        matches!(self, ColumnKind::Cpf | ColumnKind::Cnpj | ColumnKind::Email)
    }

    /// Whose values say something about a single person, so that reports list no examples.
    pub fn is_personal(self) -> bool {
        matches!(
            self,
            ColumnKind::Cpf
                | ColumnKind::Cnpj
                | ColumnKind::Phone
                | ColumnKind::Email
                | ColumnKind::Name
                | ColumnKind::Street
        )
    }
}

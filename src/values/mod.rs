//! Rules for single values: each kind parses once and knows its status and reason.
//!
//! Every parser takes text that [`text::normalise`] has been over, allocates nothing for what it
//! rejects, never panics, and reads its own `Display` (the delivered form) back as the same value.

pub mod boolean;
pub mod cep;
pub mod cnpj;
pub mod company;
pub mod cpf;
pub mod date;
pub mod document;
pub mod email;
pub mod fold;
pub mod house;
pub mod ibge;
pub mod mask;
pub mod mojibake;
pub mod money;
pub mod municipality;
pub mod name;
pub mod null_token;
pub mod number;
pub mod phone;
pub mod state;
pub mod street;
pub mod text;

mod digits;
mod key_forms;
mod outcome;
mod shown;

pub use cep::Cep;
pub use cnpj::{Cnpj, CnpjColumn};
pub use company::Company;
pub use cpf::{Cpf, CpfColumn};
pub use date::{Date, DateKind};
pub use document::Document;
pub use email::Email;
pub use house::HouseNumber;
pub use ibge::Ibge;
pub use key_forms::KeyForms;
pub use money::{Currency, Money};
pub use municipality::{Municipality, Town};
pub use name::Name;
pub use number::{Decimal, Locale};
pub use outcome::{Outcome, Reason, Status};
pub use phone::{Phone, PhoneKind};
pub use state::State;
pub use street::Street;

//! Whether two cells of a row contradict one another. Cells are in their delivered forms.

use chrono::NaiveDate;

use super::checks::Row;
use super::numbers::number;
use crate::values::date::Order;
use crate::values::fold::fold;
use crate::values::phone::states_of;
use crate::values::{Cep, Date, DateKind, Decimal, Email, State};

/// A question to the cells of a row, by the places of their columns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Test {
    CepState {
        cep: usize,
        state: usize,
    },
    CepTown {
        cep: usize,
    },
    DddState {
        phone: usize,
        state: usize,
    },
    DddTown {
        phone: usize,
        state: Option<usize>,
    },
    Code {
        code: usize,
        state: Option<usize>,
    },
    TownState {
        state: usize,
    },
    CpfRegion {
        cpf: usize,
        state: usize,
    },
    Person {
        kind: usize,
        document: usize,
    },
    Order {
        earlier: usize,
        later: usize,
    },
    NotFuture {
        date: usize,
    },
    Total {
        quantity: usize,
        price: usize,
        total: usize,
    },
    EmailCompany {
        email: usize,
        company: usize,
    },
    SharedPhone {
        phone: usize,
    },
    SharedEmail {
        email: usize,
    },
}

impl Test {
    /// `None` if a cell is blank, or nothing can be said.
    pub(super) fn contradicts(&self, row: &Row<'_, '_>) -> Option<bool> {
        Some(match *self {
            Test::CepState { cep, state } => {
                let range = cep_state(row.cell(cep)?)?;
                range != state_of(row.cell(state)?)?
            }
            Test::CepTown { cep } => {
                let places = row.places()?;
                let range = cep_state(row.cell(cep)?)?;
                places.iter().all(|place| place.state != range)
            }
            Test::DddState { phone, state } => {
                let ddd = ddd_of(row.cell(phone)?)?;
                let state = state_of(row.cell(state)?)?;
                let mut here = row.places().unwrap_or_default().iter();
                state != State::EX
                    && !states_of(ddd).contains(&state)
                    // Some towns are called by a code of the state next to theirs.
                    && !here.any(|place| place.state == state && place.ddd == Some(ddd))
            }
            Test::DddTown { phone, state } => {
                let ddd = ddd_of(row.cell(phone)?)?;
                let state = state.and_then(|state| state_of(row.cell(state)?));
                let here = row
                    .places()?
                    .iter()
                    .filter(|place| state.is_none_or(|state| place.state == state));
                let mut codes = here.filter_map(|place| place.ddd).peekable();
                codes.peek()?;
                codes.all(|code| code != ddd)
            }
            Test::Code { code, state } => {
                let code: u32 = row.cell(code)?.parse().ok()?;
                let of_state = state.and_then(|state| state_of(row.cell(state)?));
                let wrong_state =
                    of_state.is_some_and(|state| u32::from(state.ibge()) != code / 100_000);
                let places = row.places();
                if of_state.is_none() && places.is_none() {
                    return None;
                }
                wrong_state
                    || places.is_some_and(|places| places.iter().all(|place| place.code != code))
            }
            Test::TownState { state } => {
                let state = state_of(row.cell(state)?)?;
                row.places()?.iter().all(|place| place.state != state)
            }
            Test::CpfRegion { cpf, state } => {
                let cpf = row.cell(cpf)?;
                let digit = cpf.bytes().filter(u8::is_ascii_digit).nth(8)?;
                let state = state_of(row.cell(state)?)?;
                !states_of_region(digit - b'0').contains(&state)
            }
            Test::Person { kind, document } => {
                let company = is_company(row.cell(kind)?)?;
                let characters = row.cell(document)?.chars();
                match characters.filter(|c| c.is_ascii_alphanumeric()).count() {
                    11 => company,
                    14 => !company,
                    _ => return None,
                }
            }
            Test::Order { earlier, later } => {
                day(row.cell(earlier)?, row.today)? > day(row.cell(later)?, row.today)?
            }
            Test::NotFuture { date } => day(row.cell(date)?, row.today)? > row.today,
            Test::Total {
                quantity,
                price,
                total,
            } => !adds_up(
                number(row.cell(quantity)?)?,
                number(row.cell(price)?)?,
                number(row.cell(total)?)?,
            )?,
            Test::EmailCompany { email, company } => {
                is_of_another(row.cell(email)?, row.cell(company)?)?
            }
            Test::SharedPhone { phone } => row.findings.shared.has_phone(row.cell(phone)?),
            Test::SharedEmail { email } => row.findings.shared.has_email(row.cell(email)?),
        })
    }
}

fn state_of(text: &str) -> Option<State> {
    State::from_sigla(text)
}

fn cep_state(text: &str) -> Option<State> {
    Cep::parse(text, None).value?.state()
}

/// `(11) 98765-4321` is of 11.
fn ddd_of(text: &str) -> Option<u8> {
    let code = text.strip_prefix('(')?.get(..2)?;
    code.parse().ok()
}

/// The states whose CPFs have this ninth digit.
fn states_of_region(digit: u8) -> &'static [State] {
    use State::*;
    match digit {
        0 => &[RS],
        1 => &[DF, GO, MS, MT, TO],
        2 => &[AC, AM, AP, PA, RO, RR],
        3 => &[CE, MA, PI],
        4 => &[AL, PB, PE, RN],
        5 => &[BA, SE],
        6 => &[MG],
        7 => &[ES, RJ],
        8 => &[SP],
        _ => &[PR, SC],
    }
}

fn is_company(text: &str) -> Option<bool> {
    let folded = fold(text);
    let word = folded.strip_prefix("PESSOA ").unwrap_or(&folded);
    match word {
        "PJ" | "J" | "JURIDICA" | "CNPJ" => Some(true),
        "PF" | "F" | "FISICA" | "CPF" => Some(false),
        _ => None,
    }
}

fn day(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    let date = Date::parse(text, DateKind::General, Order::DayMonth, today);
    Some(date.value?.day)
}

/// Whether quantity times price is the total, to a cent. `None` if that is too large to tell.
fn adds_up(quantity: Decimal, price: Decimal, total: Decimal) -> Option<bool> {
    let product = quantity.mantissa().checked_mul(price.mantissa())?;
    let scale = u32::from(quantity.scale()) + u32::from(price.scale());
    let most = scale.max(u32::from(total.scale())).max(2);
    let at = |number: i128, scale: u32| number.checked_mul(10i128.checked_pow(most - scale)?);
    let off = at(product, scale)?.checked_sub(at(total.mantissa(), u32::from(total.scale()))?)?;
    Some(off.abs() <= at(1, 2)?)
}

/// Words of company names that say nothing of which company it is.
const OF_ANY_COMPANY: [&str; 16] = [
    "LTDA",
    "S",
    "A",
    "SA",
    "ME",
    "EPP",
    "EIRELI",
    "MEI",
    "CIA",
    "COMERCIO",
    "INDUSTRIA",
    "SERVICOS",
    "DE",
    "DO",
    "DA",
    "E",
];

/// Whether the domain is neither anybody's nor of this name: none of the name's words is in it,
/// it is not made of their initials, and it is not nearly the same.
fn is_of_another(email: &str, company: &str) -> Option<bool> {
    let email = Email::parse(email, &|_| true).value?;
    if email.is_free() || email.is_disposable() {
        return Some(false);
    }
    let domain = fold(email.domain().split('.').next()?).replace(' ', "");
    let folded = fold(company);
    let words: Vec<_> = folded
        .split(' ')
        .filter(|word| !word.is_empty() && !OF_ANY_COMPANY.contains(word))
        .collect();
    if words.is_empty() || domain.is_empty() {
        return None;
    }
    let initials: String = words
        .iter()
        .filter_map(|word| word.chars().next())
        .collect();
    let has_word =
        |word: &&str| word.len() >= 3 && (domain.contains(*word) || word.contains(&domain));
    let own = words.iter().any(has_word)
        || domain == initials
        || strsim::jaro_winkler(&domain, &words.concat()) >= 0.85;
    Some(!own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_exact_to_a_cent() {
        let adds = |quantity, price, total| {
            adds_up(
                number(quantity).unwrap(),
                number(price).unwrap(),
                number(total).unwrap(),
            )
            .unwrap()
        };
        assert!(adds("3", "1,10", "3,30"));
        assert!(adds("3", "1,10", "3,31"));
        assert!(!adds("3", "1,10", "3,311"));
        assert!(!adds("3", "1,10", "3,28"));
        assert!(adds("2,5", "0,333", "0,83"));
        assert!(adds("3", "1,1", "3").eq(&false));
    }

    #[test]
    fn a_domain_is_known_by_the_names_words() {
        for (email, company, another) in [
            ("ana@gmail.com", "Padaria Estrela Ltda", Some(false)),
            ("ana@estrela.com.br", "Padaria Estrela Ltda", Some(false)),
            (
                "ana@padariaestrela.com.br",
                "PADARIA ESTRELA LTDA",
                Some(false),
            ),
            (
                "ana@abc.com.br",
                "Azulejos Brasil Central S.A.",
                Some(false),
            ),
            ("ana@concorrente.com.br", "Padaria Estrela Ltda", Some(true)),
            ("ana@concorrente.com.br", "Ltda", None),
        ] {
            assert_eq!(is_of_another(email, company), another, "{email} {company}");
        }
    }

    #[test]
    fn kinds_of_person_are_read_as_people_write_them() {
        for (text, company) in [
            ("PJ", Some(true)),
            ("Pessoa Jurídica", Some(true)),
            ("física", Some(false)),
            ("F", Some(false)),
            ("outra", None),
        ] {
            assert_eq!(is_company(text), company, "{text}");
        }
    }

    #[test]
    fn an_area_code_is_the_delivered_one() {
        assert_eq!(ddd_of("(11) 98765-4321"), Some(11));
        assert_eq!(ddd_of("0800 123 4567"), None);
        assert_eq!(ddd_of("+1 212 555 0100"), None);
    }
}

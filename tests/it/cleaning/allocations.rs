//! A cell that stays as it came costs no memory.

use chrono::NaiveDate;
use pyservice::recipe::{ColumnKind, Context, Mark, Reading, clean};
use pyservice::values::{State, Status};

fn context(reading: &Reading) -> Context<'_> {
    Context {
        state: Some(State::SP),
        ..Context::new(reading, NaiveDate::from_ymd_opt(2026, 11, 21).unwrap())
    }
}

/// Cells in their delivered form.
const CELLS: [(ColumnKind, &[&str]); 23] = {
    use ColumnKind::*;
    [
        (Cpf, &["529.982.247-25"]),
        (Cnpj, &["11.222.333/0001-81"]),
        (Document, &["529.982.247-25", "11.222.333/0001-81"]),
        (Phone, &["(11) 98765-4321", "(11) 3333-4444"]),
        (Ddd, &["11"]),
        (Email, &["ana.lima@gmail.com", "contato1@empresa.com.br"]),
        (Cep, &["01310-100"]),
        (State, &["SP"]),
        (Municipality, &["Campinas", "São José do Rio Preto"]),
        (Ibge, &["3550308"]),
        (Name, &["Ana Lima", "João da Conceição", "Ronald McDonald"]),
        (Company, &["Padaria Estrela Ltda"]),
        (Street, &["Rua das Flores, 10"]),
        (Number, &["123"]),
        (Percent, &["12,5%"]),
        (Date, &["10/03/2024", "10/03/2024 14:35:00"]),
        (BirthDate, &["10/03/1984"]),
        (Money, &["1234,50"]),
        (Decimal, &["1234,5"]),
        (Integer, &["42"]),
        (Boolean, &["Sim"]),
        (Category, &["bronze"]),
        (Text, &["qualquer coisa à toa", "AT&T", "tudo bem?"]),
    ]
};

#[test]
fn a_cell_that_stays_as_it_came_allocates_nothing() {
    let reading = Reading::default();
    let mut out = String::with_capacity(256);
    for (kind, cells) in CELLS {
        for cell in cells {
            // What is looked up in is laid out once.
            let mut mark: Mark = clean(kind, cell, context(&reading), &mut out);
            let memory = allocation_counter::measure(|| {
                mark = clean(kind, cell, context(&reading), &mut out);
            });
            assert_eq!((mark.status, out.as_str()), (Status::Ok, *cell), "{kind:?}");
            assert_eq!(memory.count_total, 0, "{kind:?} {cell}");
        }
    }
    // What counts does count.
    let memory = allocation_counter::measure(|| {
        clean(ColumnKind::Name, "ANA LIMA", context(&reading), &mut out);
    });
    assert!(memory.count_total > 0);
}

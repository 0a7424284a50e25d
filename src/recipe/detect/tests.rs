use polars::prelude::*;

use super::*;

fn kinds(frame: &DataFrame) -> Vec<ColumnKind> {
    let mut detector = Detector::new(frame_names(frame));
    detector.observe(frame).unwrap();
    let profile = detector.finish(frame.height() as u64);
    profile.columns.iter().map(|column| column.kind).collect()
}

fn frame_names(frame: &DataFrame) -> impl Iterator<Item = &str> {
    frame.columns().iter().map(|c| c.name().as_str())
}

#[test]
fn headers_and_values_together_name_the_type() {
    let frame = df!(
        "Nome" => ["Ana Lima", "JOSE DA SILVA", "Bia"],
        "CPF" => ["4515266861", "529.982.247-25", "11144477732"],
        "RG" => ["4515266861", "52998224725", "4515266861"],
        "UF" => ["SP", "rj", "São Paulo"],
        "Cep" => ["01310-100", "1310100", "20040002"],
        "E-mail" => ["a@b.com", "c@d.com.br", "sem arroba"],
        "DDD" => ["11", "21", "011"],
        "Telefone" => ["987654321", "33334444", "8765432"],
        "Bairro" => ["Centro Velho", "Vila Nova", "Barra Funda"],
    )
    .unwrap();
    use ColumnKind::*;
    assert_eq!(
        kinds(&frame),
        [Name, Cpf, Text, State, Cep, Email, Ddd, Phone, Text]
    );
}

#[test]
fn values_alone_are_enough_where_they_are_unmistakable() {
    let frame = df!(
        "coluna_1" => ["Ana Lima", "José da Silva"],
        "x" => ["529.982.247-25", "04515266861"],
        "y" => ["ana@exemplo.com.br", "jose@exemplo.com.br"],
        "z" => ["(11) 98765-4321", "(21) 3333-4444"],
    )
    .unwrap();
    use ColumnKind::*;
    assert_eq!(kinds(&frame), [Name, Cpf, Email, Phone]);
}

#[test]
fn an_empty_column_is_what_its_header_says() {
    let blank: [Option<&str>; 2] = [None, Some("-")];
    let frame = df!("E-mail" => blank, "Observação" => blank).unwrap();
    assert_eq!(kinds(&frame), [ColumnKind::Email, ColumnKind::Text]);
}

#[test]
fn each_phone_column_finds_its_area_codes() {
    let frame = df!(
        "DDD1" => ["11"], "Telefone1" => ["33334444"],
        "DDD Celular" => ["21"], "Celular" => ["987654321"],
    )
    .unwrap();
    let mut detector = Detector::new(frame_names(&frame));
    detector.observe(&frame).unwrap();
    let profile = detector.finish(1);
    assert_eq!(profile.columns[1].reading.ddd, Some(0));
    assert_eq!(profile.columns[3].reading.ddd, Some(2));
}

fn profile_of(frame: &DataFrame) -> super::Profile {
    let mut detector = Detector::new(frame_names(frame));
    detector.observe(frame).unwrap();
    detector.finish(frame.height() as u64)
}

#[test]
fn every_type_is_told_by_its_header_and_values() {
    let frame = df!(
        "Razão Social" => ["PADARIA LTDA", "BANCO S/A", "J SILVA ME"],
        "CPF/CNPJ" => ["529.982.247-25", "11.222.333/0001-81", "045.152.668-61"],
        "Cidade" => ["SAO PAULO", "Campinas", "Santos"],
        "Código IBGE" => ["3550308", "3509502", "354850"],
        "Endereço" => ["R. das Flores", "AV Paulista", "Rua A"],
        "Número" => ["12", "S/N", "601.0"],
        "Data da venda" => ["10/03/2024", "11/03/2024", "45292"],
        "Nascimento" => ["10/03/1980", "1979-05-20", "01/02/90"],
        "Valor" => ["R$ 1.234,56", "10,00", "5"],
        "Peso" => ["70,5", "80", "91,25"],
        "Quantidade" => ["1", "2", "1.200"],
        "Percentual" => ["12,5%", "3%", "0,125"],
        "Optin" => ["0", "1", "1"],
        "Sexo" => ["M", "F", "F"],
    )
    .unwrap();
    use ColumnKind::*;
    assert_eq!(
        kinds(&frame),
        [
            Company,
            Document,
            Municipality,
            Ibge,
            Street,
            Number,
            Date,
            BirthDate,
            Money,
            Decimal,
            Integer,
            Percent,
            Boolean,
            Category
        ]
    );
    let profile = profile_of(&frame);
    assert!(profile.columns[6].reading.serials.is_some());
    assert!(profile.columns[7].reading.serials.is_none());
    assert!(profile.columns[11].reading.mixed_unit);
    for column in &profile.columns {
        assert!(
            column.scores.contains(&(column.kind, column.score)),
            "{}",
            column.name
        );
    }
}

#[test]
fn a_column_of_documents_is_of_the_kind_its_values_are() {
    let frame = df!(
        "Documento" => ["529.982.247-25", "045.152.668-61"],
        "CPF/CNPJ" => ["11.222.333/0001-81", "00.000.000/0001-91"],
        "Doc" => ["529.982.247-25", "00.000.000/0001-91"],
        "CNPJ CPF" => [None::<&str>, None],
    )
    .unwrap();
    use ColumnKind::*;
    assert_eq!(kinds(&frame), [Cpf, Cnpj, Document, Document]);
}

#[test]
fn dates_are_read_in_the_order_their_column_proves() {
    let frame = df!(
        "Data 1" => ["10/03/2024", "25/12/2024"],
        "Data 2" => ["10/03/2024", "12/25/2024"],
        "Data 3" => ["25/12/2024", "12/25/2024"],
        "Data 4" => ["10/03/2024 00:00", "10/03/2024"],
        "Data 5" => ["10/03/2024 14:35", "10/03/2024"],
        "Data 6" => ["45292", "45293"],
        "Código" => ["45292", "45293"],
        "x" => ["2024-03-10", "2024-03-11"],
        "y" => ["45292", "45293"],
    )
    .unwrap();
    let profile = profile_of(&frame);
    let of = |place: usize| &profile.columns[place].reading;
    use crate::values::date::{Order, System};
    assert_eq!(of(0).order, Some(Order::DayMonth));
    assert_eq!(of(1).order, Some(Order::MonthDay));
    assert_eq!(of(2).order, None);
    assert!(!of(3).times && of(4).times);
    assert_eq!(of(5).serials, Some(System::From1900));
    let kinds: Vec<_> = profile.columns.iter().map(|column| column.kind).collect();
    assert!(
        kinds[..6].iter().all(|kind| *kind == ColumnKind::Date),
        "{kinds:?}"
    );
    assert_eq!(
        kinds[6..],
        [ColumnKind::Text, ColumnKind::Date, ColumnKind::Text]
    );
}

#[test]
fn yes_and_no_need_both_words_or_a_header() {
    let blank: Option<&str> = None;
    let frame = df!(
        "ativo" => ["1", "1", "0"],
        "a" => ["1", "0", "1"],
        "b" => ["sim", "não", "Sim"],
        "c" => ["sim", "sim", "sim"],
        "d" => [Some("x"), blank, Some("X")],
        "e" => ["sim", "não", "talvez"],
        "valor" => ["1", "0", "1"],
        "sexo" => ["F", "F", "F"],
    )
    .unwrap();
    use ColumnKind::*;
    assert_eq!(
        kinds(&frame),
        [Boolean, Text, Boolean, Text, Boolean, Text, Money, Category]
    );
    let profile = profile_of(&frame);
    assert!(profile.columns[4].reading.checklist);
    assert!(!profile.columns[2].reading.checklist);
}

#[test]
fn a_few_words_that_repeat_are_categories() {
    let colours = ["azul", "verde", "azul", "vermelho"].repeat(5);
    let many: Vec<_> = (0..20).map(|n| format!("texto {n}")).collect();
    let codes = ["001", "002", "001", "003"].repeat(5);
    let people = ["Ana Lima", "Bia Reis", "Ana Lima", "Caio Sá"].repeat(5);
    let frame = df!(
        "cor" => colours, "texto" => many, "grupo" => codes, "vendedor" => people,
    )
    .unwrap();
    use ColumnKind::*;
    assert_eq!(kinds(&frame), [Category, Text, Text, Text]);
}

#[test]
fn zeros_before_a_number_keep_it_text() {
    let frame = df!(
        "Quantidade" => ["000123", "000456"],
        "Qtd" => ["05", "12000"],
    )
    .unwrap();
    assert_eq!(kinds(&frame), [ColumnKind::Text, ColumnKind::Integer]);
}

#[test]
fn numbers_nobody_named_are_told_by_their_sign() {
    let frame = df!(
        "a" => ["R$ 10,00", "R$ 5,50"],
        "b" => ["10%", "5,5%"],
        "c" => ["10,5", "5,25"],
        "d" => ["10", "5"],
        "e" => ["01.02", "01.03"],
    )
    .unwrap();
    use ColumnKind::*;
    assert_eq!(kinds(&frame), [Money, Percent, Decimal, Text, Text]);
}

#[test]
fn where_there_is_no_header_the_values_tell() {
    let frame = df!(
        "coluna_1" => ["529.982.247-25", "045.152.668-61"],
        "coluna_2" => ["Belo Horizonte", "Porto Alegre"],
        "coluna_3" => ["01310100", "20040002"],
        "coluna_4" => ["SP", "RJ"],
        "coluna_5" => ["20240310", "20240311"],
        "coluna_6" => ["Ana Lima", "José da Silva"],
    )
    .unwrap();
    use ColumnKind::*;
    assert_eq!(kinds(&frame), [Cpf, Municipality, Cep, State, Date, Name]);
}

#[test]
fn a_forced_type_gets_its_own_reading() {
    let frame = df!(
        "x" => ["03/10/2024", "03/25/2024"],
        "y" => ["1,5", "2,25"],
        "z" => ["11.222.333/0001-81", "00.000.000/0001-91"],
    )
    .unwrap();
    let mut detector = Detector::new(frame_names(&frame));
    detector.force(0, ColumnKind::BirthDate);
    detector.force(1, ColumnKind::Money);
    detector.force(2, ColumnKind::Document);
    detector.force(9, ColumnKind::Document);
    detector.observe(&frame).unwrap();
    let profile = detector.finish(2);
    use crate::recipe::Decided;
    use crate::values::Locale;
    use crate::values::date::Order;
    for (column, kind) in profile.columns.iter().zip([
        ColumnKind::BirthDate,
        ColumnKind::Money,
        ColumnKind::Document,
    ]) {
        assert_eq!((column.kind, column.decided), (kind, Decided::Recipe));
        assert!(column.score > 0.9, "{}", column.score);
    }
    assert_eq!(profile.columns[0].reading.order, Some(Order::MonthDay));
    assert_eq!(profile.columns[1].reading.locale, Some(Locale::PtBr));
    assert!(profile.columns[2].reading.mostly_companies);
    assert_eq!(profile.columns[2].sides.len(), 1);
}

#[test]
fn side_columns_are_made_where_cells_hold_more_than_one_value() {
    use crate::recipe::Side;
    let frame = df!(
        "Telefone" => ["(11) 3333-4444 / (11) 98765-4321", "(11) 3333-4445 ramal 12"],
        "Celular" => ["(11) 98765-4321", "(11) 98765-4322"],
        "E-mail" => ["a@b.com; c@d.com", "e@f.com"],
        "Endereço" => ["Rua A, 10 - apto 5", "Rua B, 12"],
        "Cidade" => ["Campinas/SP", "Santos/SP"],
        "Telefone_2" => ["", ""],
        "Nome" => ["Dra. Ana Lima", "Caio Sá"],
    )
    .unwrap();
    let profile = profile_of(&frame);
    let of = |place: usize| {
        let sides = profile.columns[place].sides.iter();
        sides
            .map(|side| (side.name.as_str(), side.what))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        of(0),
        [
            ("Telefone_tipo", Side::PhoneType),
            ("Telefone_2_2", Side::Phone(2)),
            ("Telefone_ramal", Side::Extension)
        ]
    );
    assert_eq!(of(1), [("Celular_tipo", Side::PhoneType)]);
    assert_eq!(of(2), [("E-mail_2", Side::Email(2))]);
    assert_eq!(
        of(3),
        [
            ("Endereço_numero", Side::HouseNumber),
            ("Endereço_complemento", Side::Complement)
        ]
    );
    assert!(profile.columns[3].reading.parted);
    assert_eq!(of(4), [("Cidade_uf", Side::State)]);
    assert_eq!(of(6), [("Nome_tratamento", Side::Title)]);
}

//! Tables as people keep them: cells of every kind, right and wrong, and rules for them.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use pyservice::recipe::rules::{
    Check, DuplicateRules, ExactAction, Fill, FuzzyRule, KeyAction, KeyRule, MissingRule,
    OutlierAction, OutlierMethod, OutlierRule, Weights,
};
use pyservice::recipe::{Bound, ColumnKind, Profile, Rules};
use pyservice::values::Decimal;
use regex::Regex;

use super::Sheet;

/// Cells of a column of this kind, clean ones and others. `{}` is any number of two digits.
fn cells(kind: ColumnKind) -> &'static [&'static str] {
    match kind {
        ColumnKind::Cpf => &[
            "529.982.247-25",
            "52998224725",
            "4515266861",
            "111.444.777-35",
            "111.444.777-32",
            "11111111111",
            "12345678909",
            "***456789**",
            "5,2998E+10",
            "529 982 247 25",
            "11222333000181",
            "00000000000",
            "529.982.247-2S",
            "123.456.7{}-09",
        ],
        ColumnKind::Cnpj => &[
            "11.222.333/0001-81",
            "11222333000181",
            "1838723000127",
            "12.ABC.345/01DE-35",
            "12abc34501de35",
            "12ABC34501DEA5",
            "00000000000000",
            "191",
            "11.222.333/0001-8{}",
        ],
        ColumnKind::Document => &[
            "52998224725",
            "11.222.333/0001-81",
            "191",
            "4515266861",
            "1838723000127",
            "12abc34501de35",
            "***456789**",
            "529982247{}",
        ],
        ColumnKind::Phone => &[
            "(11) 98765-4321",
            "11987654321",
            "+55 21 2222-33{}",
            "3344-55{}",
            "(11) 3333-4444 / 98765-43{}",
            "(47) 8765-4321 ramal 12",
            "0800 123 4567",
            "+1 212 555 01{}",
            "999999999",
            "(00) 1234-5678",
            "3344-5566/67",
            "tel: 11 3333 4444",
            "(54) 3281-12{}",
            "0xx11 98765-4321",
        ],
        ColumnKind::Ddd => &["11", "011", "0021", "0512", "01", "(47)", "99", "00", "{}"],
        ColumnKind::Email => &[
            "ana@gmail.com",
            "ANA@GMIAL.COM",
            "caio@hotmail.con",
            "joão@uol.com.br",
            "x@x",
            "a@b.com; c@d.com",
            "www.site.com.br",
            "sac@empresa.com.br",
            "nao@tem.com",
            "bia {} @ig. com. br",
            "bia{}@empresa.com.br",
            "lia@empresa.com,br",
            "<a@b.co>",
        ],
        ColumnKind::Cep => &[
            "01310-100",
            "1310100",
            "13010000",
            "80010-0{}",
            "20010",
            "00000000",
            "O1310100",
            "78900-000",
            "57700",
            "89400 000",
        ],
        ColumnKind::State => &[
            "SP",
            "sp",
            "São Paulo",
            "S.P.",
            "35",
            "PR - Paraná",
            "EX",
            "XX",
        ],
        ColumnKind::Municipality => &[
            "Campinas",
            "CAMPINAS",
            "Campinas/SP",
            "Sao Paulo",
            "S PAULO",
            "Bom Jesus",
            "Curitba",
            "S?o Paulo",
            "3509502",
            "Taguatinga",
            "Terra do Nunca",
            "Arapuá",
            "Porto União",
            "São JoÃ£o",
            "Rio Negro - PR",
        ],
        ColumnKind::Ibge => &[
            "3509502", "350950", "3550308", "2201919", "1234567", "35.5", "4213609",
        ],
        ColumnKind::Name => &[
            "Ana Lima",
            "ANA LIMA",
            "ana  lima",
            "JOÃ£o da silva",
            "DRA. BIA D'ÁVILA",
            "Jo?o",
            "TESTE",
            "Caio Sá {}",
            "o'neill",
            "JOSÉ DE ALENCAR II",
            "PADARIA ESTRELA LTDA",
            "aaaaa",
            "McDonald",
            "Ana Luma",
            "Sr. José",
            "\u{feff}Maria\u{a0}José",
            "ßen",
        ],
        ColumnKind::Company => &[
            "PADARIA ESTRELA LTDA",
            "Padaria Estrela Ltda.",
            "padaria estrela s/a",
            "Âncora \"E\"",
            "ATLÃNTICA EMP.",
            "Loja {} ME",
            "CIA. DE ÁGUA &amp; LUZ",
        ],
        ColumnKind::Street => &[
            "R. das Flores",
            "Av Ayrton Senna, 3000 - sala 4098",
            "RUA A",
            "AV. PAULISTA, {}",
            "Rod. BR-101 KM 12",
            "pça da sé",
            "R",
            "Rua São JosÃ©, s/n",
        ],
        ColumnKind::Number => &[
            "12", "s/n", "S/N", "SN", "601.0", "7.406", "12A", "KM 12", "1-71", "{}",
        ],
        ColumnKind::Date => &[
            "10/03/2024",
            "2024-03-10",
            "10/03/24",
            "31/12/2023 14h35",
            "30/02/2024",
            "45292",
            "01/01/1900",
            "10 de março de 2024",
            "03/13/2024",
            "mar/24",
            "00/00/0000",
            "2024-03-10T10:00:00-03:00",
            "{}/05/2021",
        ],
        ColumnKind::BirthDate => &[
            "10/03/1980",
            "1980-03-10",
            "10/03/80",
            "01/01/2030",
            "10/03/1850",
            "29/02/1999",
            "25/12/19{}",
            "15031985",
        ],
        ColumnKind::Money => &[
            "R$ 1.234,56",
            "1234,56",
            "1,234.56",
            "(10,00)",
            "1.234",
            "1,234",
            "R$Â 10,00",
            "10k",
            "R$ -",
            "abc",
            "1.23,45",
            "{},50",
            "{},50",
            "{},90",
            "{}",
            "10{},99",
            "US$ 5",
        ],
        ColumnKind::Decimal => &[
            "1,5", "1.5", "{}", "{},25", "{},5", "-{},5", "1e3", "12.34.56", "9999",
        ],
        ColumnKind::Integer => &[
            "{}", "{}", "{}", "601.0", "7.406", "1,5", "000123", "-{}", "900000",
        ],
        ColumnKind::Percent => &["12,5%", "12.5 %", "0,125", "{}%", "{}", "100%"],
        ColumnKind::Boolean => &[
            "sim",
            "Não",
            "S",
            "n",
            "x",
            "1",
            "0",
            "talvez",
            "VERDADEIRO",
        ],
        ColumnKind::Category => &["ouro", "Ouro", "PRATA", " bronze", "prata", "Bronze "],
        ColumnKind::Text => &[
            "a b",
            "  a   b ",
            "Jo\u{fffd}o",
            "CONCEIÃ‡ÃƒO",
            "&amp; cia",
            "=SOMA(A1)",
            "texto {}",
            "linha\nnova",
            "_x000D_",
        ],
    }
}

/// What stands in columns of any kind.
const ANYWHERE: [&str; 14] = [
    "",
    "",
    "",
    "N/A",
    "-",
    "null",
    "#N/D",
    "não informado",
    "0",
    "abc",
    " ",
    "\u{200b}",
    "Ã£",
    "?",
];

fn cell(kind: ColumnKind) -> BoxedStrategy<Option<String>> {
    let own = (select(cells(kind)), 10u8..99)
        .prop_map(|(text, number)| Some(text.replace("{}", &number.to_string())));
    let anywhere = select(&ANYWHERE[..]).prop_map(|text| {
        // A blank cell of a batch is none.
        (!text.is_empty()).then(|| text.to_owned())
    });
    let noise = "\\PC{1,12}".prop_map(Some);
    prop_oneof![12 => own, 2 => anywhere, 1 => noise].boxed()
}

fn header(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Cpf => "CPF",
        ColumnKind::Cnpj => "CNPJ",
        ColumnKind::Document => "CPF/CNPJ",
        ColumnKind::Phone => "Telefone",
        ColumnKind::Ddd => "DDD",
        ColumnKind::Email => "E-mail",
        ColumnKind::Cep => "CEP",
        ColumnKind::State => "UF",
        ColumnKind::Municipality => "Município",
        ColumnKind::Ibge => "Código IBGE",
        ColumnKind::Name => "Nome",
        ColumnKind::Company => "Razão Social",
        ColumnKind::Street => "Endereço",
        ColumnKind::Number => "Número",
        ColumnKind::Date => "Data da venda",
        ColumnKind::BirthDate => "Nascimento",
        ColumnKind::Money => "Valor",
        ColumnKind::Decimal => "Peso",
        ColumnKind::Integer => "Quantidade",
        ColumnKind::Percent => "Desconto",
        ColumnKind::Boolean => "Ativo",
        ColumnKind::Category => "Categoria",
        ColumnKind::Text => "Observação",
    }
}

/// A table, what is asked of it, and the types a recipe would say.
#[derive(Debug, Clone)]
pub struct Case {
    pub sheet: Sheet,
    pub forced: Vec<(usize, ColumnKind)>,
    pub wishes: Wishes,
}

/// One column to come: its kind, whether its header tells it, whether a recipe does.
type Column = (ColumnKind, bool, bool);

pub fn case() -> impl Strategy<Value = Case> {
    let columns = vec(
        (
            select(&ColumnKind::ALL[..]),
            any::<bool>(),
            prop::bool::weighted(0.7),
        ),
        2..7,
    );
    (columns, 1usize..45).prop_flat_map(|(columns, rows)| {
        let row: Vec<_> = columns.iter().map(|(kind, ..)| cell(*kind)).collect();
        let change: Vec<_> = row.clone();
        // Rows that are copies of others, some with another cell.
        let copies = vec((any::<Index>(), option::of(any::<Index>()), change), 0..8);
        (vec(row, rows), copies, wishes()).prop_map(move |(rows, copies, wishes)| Case {
            sheet: sheet(&columns, rows, copies),
            forced: forced(&columns),
            wishes,
        })
    })
}

type Row = Vec<Option<String>>;

fn sheet(
    columns: &[Column],
    mut rows: Vec<Row>,
    copies: Vec<(Index, Option<Index>, Row)>,
) -> Sheet {
    for (of, change, cells) in copies {
        let mut row = of.get(&rows).clone();
        if let Some(change) = change {
            let place = change.index(row.len());
            row[place].clone_from(&cells[place]);
        }
        rows.push(row);
    }
    // A row of blanks is none.
    rows.retain(|row| row.iter().flatten().any(|cell| !cell.trim().is_empty()));
    let names = columns
        .iter()
        .enumerate()
        .map(|(place, (kind, told, _))| match told {
            true => format!("{} {place}", header(*kind)),
            false => format!("coluna_{place}"),
        });
    Sheet {
        names: names.collect(),
        columns: (0..columns.len())
            .map(|place| rows.iter().map(|row| row[place].clone()).collect())
            .collect(),
    }
}

fn forced(columns: &[Column]) -> Vec<(usize, ColumnKind)> {
    let columns = columns.iter().enumerate();
    let forced = columns.filter(|(_, (.., forced))| *forced);
    forced.map(|(place, (kind, ..))| (place, *kind)).collect()
}

/// Columns of a key, whether its rows are merged, and a column of dates.
type KeyWish = (Vec<Index>, bool, Option<Index>);

/// What a recipe may ask for, whatever the table turns out to hold.
#[derive(Debug, Clone)]
pub struct Wishes {
    copies_stay: bool,
    keys: Option<Vec<KeyWish>>,
    fuzzy: Option<bool>,
    outliers: Vec<(Index, OutlierMethod, OutlierAction)>,
    missing: Vec<(Index, u8)>,
    checks: bool,
    limits: Vec<(Index, u8)>,
}

fn wishes() -> impl Strategy<Value = Wishes> {
    let key = (
        vec(any::<Index>(), 1..3),
        any::<bool>(),
        option::of(any::<Index>()),
    );
    let methods = vec![
        OutlierMethod::Iqr,
        OutlierMethod::Mad,
        OutlierMethod::Zscore,
    ];
    let actions = vec![OutlierAction::Flag, OutlierAction::Cap, OutlierAction::Drop];
    (
        any::<bool>(),
        option::of(vec(key, 0..3)),
        option::of(any::<bool>()),
        vec((any::<Index>(), select(methods), select(actions)), 0..3),
        vec((any::<Index>(), 0u8..8), 0..3),
        any::<bool>(),
        vec((any::<Index>(), 0u8..5), 0..3),
    )
        .prop_map(
            |(copies_stay, keys, fuzzy, outliers, missing, checks, limits)| Wishes {
                copies_stay,
                keys,
                fuzzy,
                outliers,
                missing,
                checks,
                limits,
            },
        )
}

impl Wishes {
    /// Puts in the limits.
    pub fn limit(&self, profile: &mut Profile) {
        let pattern = Regex::new("^(?:.*[0-4a-m].*)$").unwrap();
        for (place, what) in &self.limits {
            let at = place.index(profile.columns.len());
            let column = &mut profile.columns[at];
            let limits = &mut column.limits;
            match what {
                0 => limits.required = true,
                1 => {
                    let some = cells(column.kind).iter().step_by(2);
                    limits.allowed = some.map(|text| text.replace("{}", "20")).collect();
                }
                2 => limits.pattern = Some(pattern.clone()),
                _ if column.kind.is_numeric() => {
                    limits.least = Some(Bound::Number(Decimal::new(125, 1)));
                    limits.most = Some(Bound::Number(Decimal::new(8050, 2)));
                }
                _ if column.kind.is_date() => {
                    limits.least = Some(Bound::Day("1950-01-01".parse().unwrap()));
                    limits.most = Some(Bound::Day("2024-03-10".parse().unwrap()));
                }
                _ => {}
            }
        }
    }

    /// The rules that can be laid on this table.
    pub fn rules(&self, profile: &Profile) -> Rules<usize> {
        let places = |wanted: fn(ColumnKind) -> bool| -> Vec<usize> {
            let columns = profile.columns.iter().enumerate();
            let wanted = columns.filter(|(_, column)| wanted(column.kind));
            wanted.map(|(place, _)| place).collect()
        };
        let numbers = places(ColumnKind::is_numeric);
        let dates = places(ColumnKind::is_date);
        let of = |index: &Index, places: &[usize]| (!places.is_empty()).then(|| *index.get(places));
        let action = |merges: bool| match merges {
            true => KeyAction::Merge,
            false => KeyAction::Mark,
        };
        let keys = self.keys.as_ref().map(|keys| {
            let rule = |(by, merges, newest): &KeyWish| KeyRule {
                by: by
                    .iter()
                    .map(|at| at.index(profile.columns.len()))
                    .collect(),
                action: action(*merges),
                newest: newest.as_ref().and_then(|newest| of(newest, &dates)),
            };
            keys.iter().map(rule).collect()
        });
        let outliers = self.outliers.iter().filter_map(|(at, method, action)| {
            Some(OutlierRule {
                columns: vec![of(at, &numbers)?],
                method: *method,
                factor: None,
                action: *action,
            })
        });
        let missing = self.missing.iter().filter_map(|(at, fill)| {
            Some(MissingRule {
                columns: vec![of(at, &numbers)?],
                fill: fill_of(*fill, &numbers),
            })
        });
        Rules {
            duplicates: DuplicateRules {
                exact: match self.copies_stay {
                    true => ExactAction::Keep,
                    false => ExactAction::Remove,
                },
                keys,
                fuzzy: self.fuzzy.map(|merges| FuzzyRule {
                    action: action(merges),
                    ..FuzzyRule::default()
                }),
            },
            outliers: outliers.collect(),
            missing: missing.collect(),
            checks: self.checks.then(|| checks(&numbers, &dates)),
            ..Rules::default()
        }
    }
}

fn fill_of(what: u8, numbers: &[usize]) -> Fill<usize> {
    let nearest = |weights, standardise| Fill::Knn {
        neighbours: 3,
        weights,
        near_by: numbers.to_vec(),
        standardise,
    };
    match what {
        0 => Fill::Flag,
        1 => Fill::Constant("0".to_owned()),
        2 => Fill::Constant("1.5".to_owned()),
        3 => Fill::Mean,
        4 => Fill::Median,
        5 => Fill::Mode,
        6 => nearest(Weights::Uniform, true),
        _ => nearest(Weights::Distance, false),
    }
}

/// All that look at the first columns of their types, and those that name columns.
fn checks(numbers: &[usize], dates: &[usize]) -> Vec<Check<usize>> {
    let mut checks = vec![
        Check::CepState,
        Check::CepMunicipality,
        Check::DddState,
        Check::DddMunicipality,
        Check::Ibge,
        Check::MunicipalityState,
        Check::CpfRegion,
        Check::EmailCompany,
        Check::SharedPhone,
        Check::SharedEmail,
        Check::PersonKind { kind: 0 },
    ];
    if let [quantity, price, total, ..] = numbers {
        checks.push(Check::Total {
            quantity: *quantity,
            price: *price,
            total: *total,
        });
    }
    if let [earlier, later, ..] = dates {
        checks.push(Check::Order {
            earlier: *earlier,
            later: *later,
        });
    }
    checks.extend(dates.iter().map(|date| Check::NotFuture { date: *date }));
    checks
}

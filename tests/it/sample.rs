//! Summaries as a job would make them, of customers that do not exist.

use std::collections::BTreeMap;

use pyservice::report::{
    BeforeAfter, CheckFacts, ColumnFacts, ColumnSummary, DelimiterFacts, DerivedFacts, Dropped,
    Duplicates, Enrichment, ErrorFacts, Example, FilledFacts, GroupFacts, HowRead, InputFacts,
    JobFacts, KeyHits, NoteFacts, OutlierFacts, ReadingFacts, ReasonCount, RowCounts, Score, Stats,
    Summary, Timings, band,
};
use pyservice::table::NoteCode;
use pyservice::values::Reason;

/// Rows of the sample.
pub const READ: u64 = 12_480;
const REMOVED: u64 = 187;
const REJECTED: u64 = 14;

/// Cells that are not `ok`, in the order padronizado, corrigido, alerta, vazio, rejeitado,
/// enriquecido.
type Cells = [u64; 6];

/// A list of customers of a shop: sixteen columns, all kinds of trouble, an enriched result.
pub fn summary() -> Summary {
    let columns = vec![
        column("Código", "text", [0, 0, 0, 0, 0, 0], 100.0, 100.0),
        column(
            "Nome completo",
            "name",
            [5_213, 148, 61, 12, 9, 31],
            78.4,
            98.9,
        ),
        column(
            "CPF/CNPJ",
            "document",
            [7_902, 412, 23, 205, 318, 0],
            71.2,
            94.3,
        ),
        column(
            "Data de nascimento",
            "birth_date",
            [2_950, 1_187, 44, 806, 97, 512],
            69.9,
            92.5,
        ),
        column(
            "E-mail",
            "email",
            [1_045, 377, 209, 1_498, 164, 634],
            74.0,
            86.7,
        ),
        column(
            "Celular",
            "phone",
            [9_820, 602, 87, 491, 233, 377],
            64.8,
            93.8,
        ),
        column(
            "Telefone fixo",
            "phone",
            [3_012, 96, 18, 7_934, 141, 0],
            42.3,
            45.9,
        ),
        column("CEP", "cep", [4_406, 214, 78, 322, 53, 869], 80.5, 97.1),
        column(
            "Endereço",
            "street",
            [2_209, 0, 0, 1_204, 0, 903],
            83.1,
            96.2,
        ),
        column("Nº", "number", [118, 0, 0, 1_377, 0, 0], 88.0, 89.0),
        column(
            "Município",
            "municipality",
            [1_760, 143, 35, 290, 16, 866],
            84.9,
            97.8,
        ),
        column("UF", "state", [804, 0, 12, 287, 4, 866], 90.3, 99.0),
        column(
            "Renda mensal",
            "money",
            [6_127, 0, 203, 2_410, 39, 0],
            71.8,
            79.9,
        ),
        column(
            "Data do cadastro",
            "date",
            [12_190, 0, 5, 31, 11, 0],
            99.1,
            99.5,
        ),
        column(
            "Aceita contato por WhatsApp?",
            "boolean",
            [11_904, 0, 0, 412, 27, 0],
            95.0,
            96.4,
        ),
        column(
            "Observações internas da loja",
            "text",
            [311, 0, 0, 10_022, 0, 0],
            23.6,
            23.6,
        ),
    ];
    let rejections = rejections(&[
        (Reason::DvInvalido, 287),
        (Reason::Formato, 147),
        (Reason::NaoEhEmail, 131),
        (Reason::Tamanho, 124),
        (Reason::DddInvalido, 118),
        (Reason::Placeholder, 97),
        (Reason::Repetido, 61),
        (Reason::FaixaInexistente, 53),
        (Reason::PrefixoInvalido, 38),
        (Reason::DominioInvalido, 33),
        (Reason::NotacaoCientifica, 12),
        (Reason::NomePlaceholder, 9),
        (Reason::UfDesconhecida, 2),
    ]);
    let score = Score {
        before: 74.26,
        after: 91.84,
        band: band(91.84),
    };
    Summary {
        version: 1,
        job: JobFacts {
            id: "8c0f3a52-6f0e-4a86-9d0c-2f8f4f6f1b11".into(),
            file: "work/lojas/clientes_novembro.csv".into(),
            recipe: Some("clientes".into()),
            started_at: "2026-11-21T19:03:12-03:00".into(),
            finished_at: "2026-11-21T19:03:58-03:00".into(),
        },
        input: InputFacts {
            sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
            bytes: 2_911_402,
            reading: ReadingFacts {
                format: "csv".into(),
                table: None,
                encoding: "windows-1252".into(),
                delimiter: ";".into(),
                quote: "\"".into(),
                escape: "duplicada".into(),
                delimiters: vec![DelimiterFacts {
                    delimiter: ";".into(),
                    score: 0.938,
                    columns: 16,
                }],
                header_line: 3,
                header_lines: vec![3],
                rows: READ,
                notes: notes(),
            },
            columns: columns.len() as u64,
            dropped: Dropped {
                blank: 6,
                repeated_header: 2,
                total_rows: 1,
                preamble: 2,
                comments: 0,
                other_tables: 0,
            },
        },
        rows: RowCounts {
            read: READ,
            delivered: READ - REMOVED - REJECTED,
            rejected: REJECTED,
            duplicates_removed: REMOVED,
            enriched: 2_318,
            corrected: 2_946,
        },
        columns,
        score,
        duplicates: Duplicates {
            exact: REMOVED - 20,
            merged: 20,
            marked: 665,
            possible: 12,
            filled: 31,
            clusters: 640,
            by_key: BTreeMap::from([
                ("document".into(), 342),
                ("email".into(), 118),
                ("phone+name".into(), 205),
            ]),
        },
        outliers: vec![OutlierFacts {
            column: "Renda mensal".into(),
            fences: (-1_250.5, 14_870.25),
            cells: 203,
        }],
        missing: vec![FilledFacts {
            column: "Renda mensal".into(),
            how: "vizinhos",
            cells: 2_410,
            error: Some(ErrorFacts {
                cells: 501,
                rmse: 812.4,
                mae: 530.1,
            }),
        }],
        checks: vec![CheckFacts {
            reason: "cep_uf",
            checked: 11_804,
            contradicted: 78,
        }],
        derived: vec![DerivedFacts {
            name: "Renda mensal_faixa".into(),
            kind: "category",
            formula: "bins",
            of: vec!["Renda mensal".into()],
        }],
        groups: vec![GroupFacts {
            sheet: "Por UF".into(),
            columns: vec!["UF".into(), "Soma de Renda mensal".into()],
            groups: 28,
            rows_left_out: 0,
        }],
        enrichment: Some(enrichment()),
        rejections,
        examples: examples(),
        alerts: vec![
            "A coluna “Telefone fixo” está vazia em 63,6% das linhas.".into(),
            "412 CPFs tinham perdido o zero à esquerda, o que costuma acontecer quando a planilha \
             é aberta e salva no Excel."
                .into(),
            "35 municípios não pertencem à UF informada na mesma linha; os valores foram mantidos."
                .into(),
        ],
        artifacts: Vec::new(),
        timings_ms: Timings {
            fetch: 412,
            survey: 1_877,
            treat: 9_204,
            report: 0,
            upload: 0,
        },
    }
}

/// A file with a header and nothing else; nothing was looked up.
pub fn empty() -> Summary {
    let mut summary = summary();
    summary.rows = RowCounts::default();
    summary.input.reading.rows = 0;
    summary.score = Score {
        before: 0.0,
        after: 0.0,
        band: band(0.0),
    };
    for column in &mut summary.columns {
        column.status.clear();
        column.reasons.clear();
        column.top.clear();
        column.filled = 0;
        column.score = BeforeAfter::default();
    }
    summary.duplicates = Duplicates::default();
    summary.outliers.clear();
    summary.missing.clear();
    summary.checks.clear();
    summary.derived.clear();
    summary.groups.clear();
    summary.enrichment = None;
    summary.rejections.clear();
    summary.examples.clear();
    summary.alerts.clear();
    summary
}

/// As wide and as strange as an input can be: 300 columns, long and exotic names, huge counts.
pub fn monstrous() -> Summary {
    let mut summary = summary();
    let long = "coluna com um nome que não acaba e nunca quebra-".repeat(5);
    summary.job.file = format!("work/{}.csv", "pasta_sem_espaços".repeat(12));
    let pattern = summary.columns.clone();
    summary.columns = pattern.into_iter().cycle().take(300).collect();
    for (place, column) in summary.columns.iter_mut().enumerate() {
        column.name = match place % 4 {
            0 => format!("{place} {long}"),
            1 => format!("{place} 漢字 😀 \u{202e}عربى\u{0}\r\n\t"),
            2 => String::new(),
            _ => format!("{place}{}", "W".repeat(200)),
        };
        column.filled = u64::MAX;
        column.status.insert("ok", u64::MAX / 1_000);
        column.kind = "x".repeat(80);
    }
    summary.rows.read = u64::MAX;
    summary.rows.delivered = u64::MAX;
    summary.alerts = vec![long.repeat(30), "W".repeat(3_000), String::new()];
    for example in &mut summary.examples {
        example.column = long.clone();
        example.masked = "*".repeat(500);
        example.line = u64::MAX;
    }
    if let Some(enrichment) = &mut summary.enrichment {
        for number in 0..300 {
            let name = format!("{long}{number}");
            enrichment.fields.insert(name.clone(), number);
            let share = BeforeAfter {
                before: f64::NAN,
                after: 7.0,
            };
            enrichment.coverage.insert(name, share);
        }
        enrichment.source = "W".repeat(300);
    }
    summary.score.before = f64::NAN;
    summary.job.started_at = "ontem".into();
    summary
}

fn notes() -> Vec<NoteFacts> {
    let note = |code: NoteCode, lines: &[(u64, u64)]| NoteFacts {
        code: code.code(),
        words: code.words(),
        count: lines.iter().map(|(first, last)| last - first + 1).sum(),
        lines: lines.to_vec(),
        detail: None,
    };
    vec![
        note(NoteCode::Preambulo, &[(1, 2)]),
        note(
            NoteCode::CabecalhoRepetido,
            &[(5_004, 5_004), (10_005, 10_005)],
        ),
        note(NoteCode::LinhaTotal, &[(12_492, 12_492)]),
    ]
}

fn column(name: &str, kind: &str, cells: Cells, before: f64, after: f64) -> ColumnSummary {
    let [standardised, corrected, alerts, blank, rejected, enriched] = cells;
    let ok = READ - cells.iter().sum::<u64>();
    let lost = (REMOVED + REJECTED) * (READ - blank - rejected) / READ;
    ColumnSummary {
        name: name.into(),
        kind: kind.into(),
        filled: READ - blank - rejected - lost,
        distinct: (READ - blank) / 3,
        status: BTreeMap::from([
            ("ok", ok),
            ("padronizado", standardised),
            ("corrigido", corrected),
            ("alerta", alerts),
            ("vazio", blank),
            ("rejeitado", rejected),
            ("imputado", 0),
            ("enriquecido", enriched),
        ]),
        reasons: BTreeMap::from([("zero_esquerda", corrected)]),
        top: if kind == "state" {
            states()
        } else {
            Vec::new()
        },
        score: BeforeAfter { before, after },
        facts: ColumnFacts {
            delivered_as: Some(name.into()),
            decided: "detected",
            type_score: 0.97,
            candidates: vec![("cpf", 0.97), ("document", 0.9)],
            reading: HowRead::default(),
            stats: (kind == "money").then_some(Stats {
                min: 0.0,
                max: 98_000.0,
                mean: 3_412.77,
                median: 2_900.0,
                stddev: Some(2_801.3),
                q1: 1_812.0,
                q3: 4_950.5,
                outliers: Some(203),
            }),
        },
    }
}

fn states() -> Vec<(String, u64)> {
    const STATES: [&str; 27] = [
        "SP", "MG", "RJ", "PR", "RS", "BA", "SC", "GO", "PE", "CE", "PA", "ES", "DF", "MT", "MA",
        "MS", "PB", "RN", "AL", "PI", "AM", "SE", "RO", "TO", "AC", "AP", "RR",
    ];
    let count = |place: usize| 4_120 / (place as u64 + 1).pow(2) + 210 - 7 * place as u64;
    let states = STATES.iter().enumerate();
    states
        .map(|(place, state)| (state.to_string(), count(place)))
        .collect()
}

fn rejections(cells: &[(Reason, u64)]) -> Vec<ReasonCount> {
    cells
        .iter()
        .map(|&(reason, cells)| ReasonCount {
            reason: reason.code(),
            words: reason.words(),
            cells,
        })
        .collect()
}

fn examples() -> Vec<Example> {
    [
        (17, "CPF/CNPJ", "***.982.247-**", Reason::DvInvalido),
        (58, "E-mail", "j***@gmail", Reason::DominioInvalido),
        (104, "Celular", "(11) 9****-4321", Reason::PrefixoInvalido),
        (230, "CPF/CNPJ", "***.111.111-**", Reason::Repetido),
        (377, "Data de nascimento", "31/02/****", Reason::Formato),
        (1_205, "CEP", "00***-000", Reason::FaixaInexistente),
        (1_911, "Celular", "(00) *****-0000", Reason::DddInvalido),
        (4_040, "E-mail", "n***", Reason::NaoEhEmail),
        (7_777, "Nome completo", "T. Teste", Reason::NomePlaceholder),
        (9_602, "CPF/CNPJ", "1,23E+**", Reason::NotacaoCientifica),
        (11_348, "UF", "X*", Reason::UfDesconhecida),
    ]
    .into_iter()
    .map(|(line, column, masked, reason)| Example {
        line,
        column: column.into(),
        masked: masked.into(),
        reason: reason.code(),
    })
    .collect()
}

fn enrichment() -> Enrichment {
    let hits = |looked_up, found| KeyHits { looked_up, found };
    let share = |before, after| BeforeAfter { before, after };
    let coverage = [
        ("CEP", 0.9001, 0.9699),
        ("Celular", 0.9118, 0.9420),
        ("Data de nascimento", 0.8866, 0.9276),
        ("E-mail", 0.8160, 0.8668),
        ("Endereço", 0.8312, 0.9035),
        ("Município", 0.9061, 0.9755),
        ("Nome completo", 0.9957, 0.9982),
        ("UF", 0.9073, 0.9767),
    ];
    let fields = [
        ("CEP", 869),
        ("Celular", 377),
        ("Data de nascimento", 512),
        ("E-mail", 634),
        ("Endereço", 903),
        ("Município", 866),
        ("Nome completo", 31),
        ("UF", 866),
    ];
    Enrichment {
        source: "cadastro".into(),
        by_key: BTreeMap::from([
            ("document", hits(11_604, 8_927)),
            ("email", hits(2_140, 611)),
            ("phone", hits(1_822, 503)),
        ]),
        fields: fields.map(|(name, cells)| (name.to_owned(), cells)).into(),
        conflicts: 1_207,
        identity_conflicts: 3,
        coverage: coverage
            .map(|(name, before, after)| (name.to_owned(), share(before, after)))
            .into(),
    }
}

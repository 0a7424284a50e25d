//! The PDF, read back.

use std::{collections::BTreeMap, path::Path};

use lopdf::{Dictionary, Document, Object};
use pyservice::report::{Summary, pdf};

use crate::sample;

fn draw(summary: &Summary) -> Vec<u8> {
    pdf::draw(summary).expect("the report is drawn")
}

/// Draws, keeps the file for eyes under the target folder, and reads it back.
fn document(name: &str, summary: &Summary) -> Document {
    let bytes = draw(summary);
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.pdf"));
    std::fs::write(path, &bytes).expect("the file is kept");
    Document::load_mem(&bytes).expect("the file is a PDF")
}

/// The text of every page, without line ends.
fn texts(document: &Document) -> Vec<String> {
    let pages = document.get_pages();
    let text = |page: &u32| document.extract_text(&[*page]).expect("the page has text");
    pages
        .keys()
        .map(|page| text(page).replace('\n', " "))
        .collect()
}

fn streams_of(document: &Document, key: &[u8], value: &[u8]) -> usize {
    let named = |object: &&Object| {
        let dictionary = match object {
            Object::Stream(stream) => &stream.dict,
            Object::Dictionary(dictionary) => dictionary,
            _ => return false,
        };
        let name = dictionary.get(key).and_then(Object::as_name);
        name.is_ok_and(|name| name == value)
    };
    document.objects.values().filter(named).count()
}

#[test]
fn what_a_recipe_did_has_a_section_only_if_it_did_something() {
    let text = texts(&document("recipe", &sample::summary())).join(" ");
    for expected in [
        "O que a receita fez",
        "erro típico de 812,40 (RMSE)",
        "abaixo de",
        "“Por UF” (28 grupos)",
        "20 linhas foram unidas",
    ] {
        assert!(text.contains(expected), "{expected}");
    }
    let text = texts(&document("no_recipe", &sample::empty())).join(" ");
    assert!(!text.contains("O que a receita fez"));
}

#[test]
fn the_report_shows_the_numbers_of_the_summary() {
    let text = texts(&document("sample", &sample::summary())).join(" ");
    for expected in [
        "Relatório de qualidade da base",
        "work/lojas/clientes_novembro.csv",
        "21/11/2026 19:03",
        "9f86d081884c…b0f00a08",
        "12.480",
        "12.279",
        "2.946",
        "2.318",
        "98,4% das lidas",
        "74,2",
        "91,8",
        "1.112 células foram rejeitadas por 13 motivos",
        "dígito verificador não confere",
        "***.982.247-**",
        "11.348",
        "342",
        "8.927",
        "76,9%",
        "1.207 células têm valor diferente",
        "Data de nascimento",
        "69,9 → 92,5",
        "412 CPFs tinham perdido o zero à esquerda",
        "Windows-1252",
        "ponto e vírgula",
        "validação matemática",
        "sintaxe",
        "LGPD",
    ] {
        assert!(text.contains(expected), "`{expected}` is missing in {text}");
    }
}

#[test]
fn every_page_carries_its_number_the_file_and_the_version() {
    let pages = texts(&document("sample", &sample::summary()));
    assert!((4..=8).contains(&pages.len()), "{} pages", pages.len());
    for (index, text) in pages.iter().enumerate() {
        let number = format!("Página {} de {}", index + 1, pages.len());
        for expected in [&number, "work/lojas/clientes_novembro.csv", "pyservice "] {
            assert!(
                text.contains(expected),
                "`{expected}` is missing on page {}",
                index + 1
            );
        }
    }
}

#[test]
fn equal_summaries_give_equal_bytes_and_others_do_not() {
    let first = draw(&sample::summary());
    assert_eq!(first, draw(&sample::summary()));

    let mut other = sample::summary();
    other.rows.corrected += 1;
    assert_ne!(first, draw(&other));
}

#[test]
fn the_times_a_job_took_are_not_in_its_report() {
    let mut later = sample::summary();
    later.job.finished_at = "2026-11-21T20:00:00-03:00".into();
    later.timings_ms.treat += 1;
    assert_eq!(draw(&sample::summary()), draw(&later));
}

#[test]
fn fonts_are_embedded_and_cut_down_and_charts_are_vectors() {
    let bytes = draw(&sample::summary());
    assert!(bytes.len() < 300_000, "{} bytes", bytes.len());
    let document = Document::load_mem(&bytes).expect("the file is a PDF");
    assert_eq!(streams_of(&document, b"Type", b"FontDescriptor"), 2);
    for object in document.objects.values() {
        let Ok(font) = object.as_dict() else { continue };
        let kind = font.get(b"Type").and_then(Object::as_name);
        if kind.is_ok_and(|kind| kind == b"FontDescriptor") {
            let program = font.get(b"FontFile2").and_then(Object::as_reference);
            let program = document.get_object(program.expect("the font is embedded"));
            let program = program.and_then(Object::as_stream).expect("a font program");
            let bytes = program.decompressed_content().expect("a readable program");
            assert!(bytes.starts_with(&[0, 1, 0, 0]), "a TrueType font");
        }
    }
    assert_eq!(streams_of(&document, b"Subtype", b"Image"), 0);
    let pages = document.get_pages();
    let paths = pages.values().map(|page| {
        let content = document
            .get_and_decode_page_content(*page)
            .expect("content");
        content
            .operations
            .iter()
            .filter(|op| op.operator == "l")
            .count()
    });
    assert!(paths.sum::<usize>() > 300, "bars and lines are paths");
}

#[test]
fn the_outline_leads_to_every_chapter() {
    let document = document("sample", &sample::summary());
    let toc = document.get_toc().expect("an outline");
    let titles: Vec<_> = toc.toc.iter().map(|entry| entry.title.as_str()).collect();
    assert_eq!(
        titles,
        [
            "Resumo",
            "Qualidade por coluna",
            "Rejeições e duplicidades",
            "Enriquecimento e alertas",
            "Anexo técnico"
        ]
    );
}

#[test]
fn an_empty_file_has_a_report_too() {
    let text = texts(&document("empty", &sample::empty())).join(" ");
    for expected in [
        "O arquivo não tem linhas",
        "sem linhas para avaliar",
        "Nenhuma célula foi rejeitada",
        "não foi enriquecida",
        "não solicitado",
        "Nenhum alerta",
    ] {
        assert!(text.contains(expected), "`{expected}` is missing in {text}");
    }
}

#[test]
fn a_file_without_columns_has_a_report_too() {
    let mut summary = sample::empty();
    summary.columns.clear();
    summary.input.columns = 0;
    let text = texts(&document("no-columns", &summary)).join(" ");
    assert!(text.contains("Nenhuma coluna foi encontrada"));
}

#[test]
fn the_widest_and_strangest_input_stays_inside_its_pages() {
    let summary = sample::monstrous();
    let bytes = draw(&summary);
    assert!(bytes.len() < 2 * 1024 * 1024, "{} bytes", bytes.len());
    let document = document("monstrous", &summary);
    let pages = document.get_pages();
    assert!(pages.len() > 10);
    for (number, page) in pages {
        assert_inside(&document, number, page);
    }
}

#[test]
fn nothing_of_the_sample_leaves_its_page() {
    let document = document("sample", &sample::summary());
    for (number, page) in document.get_pages() {
        assert_inside(&document, number, page);
    }
}

/// Every path lies on the sheet, and every text between the margins from its first letter to its
/// last.
fn assert_inside(document: &Document, number: u32, page: lopdf::ObjectId) {
    let fonts = document.get_page_fonts(page).expect("fonts");
    let content = document.get_and_decode_page_content(page).expect("content");
    let (mut widths, mut size, mut start) = (BTreeMap::new(), 0.0, 0.0);
    for operation in content.operations {
        let operands = &operation.operands;
        let numbers: Vec<f32> = operands.iter().filter_map(|n| n.as_float().ok()).collect();
        match operation.operator.as_str() {
            "m" | "l" | "c" => {
                for at in numbers.chunks(2) {
                    let inside = (-0.1..=595.5).contains(&at[0]) && (-0.1..=842.1).contains(&at[1]);
                    assert!(inside, "page {number}: {at:?}");
                }
            }
            "Tf" => {
                let name = operands[0].as_name().expect("a font");
                widths = glyph_widths(document, fonts[name]);
                size = numbers[0];
            }
            "Tm" => start = numbers[4],
            "Tj" => {
                let glyphs = operands[0].as_str().expect("a text").chunks(2);
                let width: i64 = glyphs
                    .map(|glyph| widths[&u16::from_be_bytes([glyph[0], glyph[1]])])
                    .sum();
                let end = start + width as f32 * size / 1000.0;
                let inside = start >= 47.9 && end <= 547.5;
                assert!(inside, "page {number}: a text from {start} to {end}");
            }
            _ => {}
        }
    }
}

/// The advances of a font's glyphs in thousandths, from its width table.
fn glyph_widths(document: &Document, font: &Dictionary) -> BTreeMap<u16, i64> {
    let descendants = font.get(b"DescendantFonts").and_then(Object::as_array);
    let descendant = descendants.expect("descendants")[0].as_dict();
    let table = descendant.and_then(|font| font.get(b"W")).expect("widths");
    let table = document.dereference(table).expect("widths").1;
    let mut widths = BTreeMap::new();
    for run in table.as_array().expect("widths").chunks(2) {
        let first = run[0].as_i64().expect("a glyph") as u16;
        for (place, width) in run[1].as_array().expect("a run").iter().enumerate() {
            widths.insert(first + place as u16, width.as_i64().expect("a width"));
        }
    }
    widths
}

//! How the file was read, how the score is made, what the report does not claim, and how
//! personal data is kept.

use super::{PdfError, flow::Flow};
use crate::report::{InputFacts, Summary, numbers, words};

/// Draws the chapter.
pub fn draw(flow: &mut Flow, summary: &Summary) -> Result<(), PdfError> {
    flow.chapter("Anexo técnico");
    file(flow, summary);
    dropped(flow, &summary.input);
    notes(flow, &summary.input);
    score(flow);
    limits(flow);
    privacy(flow);
    Ok(())
}

fn file(flow: &mut Flow, summary: &Summary) {
    let input = &summary.input;
    flow.heading("Arquivo recebido", 60.0);
    flow.facts(&[
        ("Arquivo", summary.job.file.clone()),
        ("SHA-256", input.sha256.clone()),
        (
            "Formato",
            format!(
                "{}, {}",
                input.reading.format.to_uppercase(),
                numbers::bytes(input.bytes)
            ),
        ),
        (
            "Codificação",
            words::encoding(&input.reading.encoding).to_owned(),
        ),
        (
            "Separador",
            words::delimiter(&input.reading.delimiter).to_owned(),
        ),
        ("Cabeçalho", header(&input.reading.header_lines)),
        (
            "Conteúdo",
            format!(
                "{} e {}",
                numbers::counted(input.reading.rows, "linha", "linhas"),
                numbers::counted(input.columns, "coluna", "colunas")
            ),
        ),
        ("Receita", recipe(summary)),
        ("Pedido", summary.job.id.clone()),
        (
            "Versão",
            concat!("pyservice ", env!("CARGO_PKG_VERSION")).to_owned(),
        ),
    ]);
}

fn header(lines: &[u64]) -> String {
    match lines {
        [] => "nenhum: os nomes das colunas são nossos".to_owned(),
        [line] => format!("linha {}", numbers::count(*line)),
        [first, .., last] => format!(
            "linhas {} a {}",
            numbers::count(*first),
            numbers::count(*last)
        ),
    }
}

fn recipe(summary: &Summary) -> String {
    let detected = "nenhuma: tipos de coluna detectados automaticamente";
    summary.job.recipe.as_deref().unwrap_or(detected).to_owned()
}

fn dropped(flow: &mut Flow, input: &InputFacts) {
    let dropped = &input.dropped;
    let found: Vec<(&str, String)> = [
        ("Em branco", dropped.blank),
        ("Cabeçalho repetido", dropped.repeated_header),
        ("Linhas de total", dropped.total_rows),
        ("Antes do cabeçalho", dropped.preamble),
        ("Comentários", dropped.comments),
        ("De outras tabelas", dropped.other_tables),
    ]
    .into_iter()
    .filter(|(_, lines)| *lines > 0)
    .map(|(name, lines)| (name, numbers::counted(lines, "linha", "linhas")))
    .collect();
    flow.heading("Linhas que não são registros", 40.0);
    if found.is_empty() {
        flow.paragraph("Todas as linhas depois do cabeçalho foram lidas como registros.");
    } else {
        flow.facts(&found);
    }
}

/// Notes listed; the manifest has them all.
const MOST_NOTES: usize = 16;

fn notes(flow: &mut Flow, input: &InputFacts) {
    if input.reading.notes.is_empty() {
        return;
    }
    flow.heading("Decisões de leitura", 50.0);
    for note in input.reading.notes.iter().take(MOST_NOTES) {
        flow.bullet(&words::note(note));
    }
    let more = input.reading.notes.len().saturating_sub(MOST_NOTES) as u64;
    if more > 0 {
        let more = numbers::counted(more, "decisão está", "decisões estão");
        flow.paragraph(&format!("Mais {more} no manifesto."));
    }
}

fn score(flow: &mut Flow) {
    flow.heading("Como a nota é calculada", 50.0);
    flow.paragraph(
        "Cada coluna recebe de 0 a 100 pontos: 35% pelo preenchimento, 45% pela validade dos \
         valores e 20% pela coerência com as outras colunas; nas chaves, repetições reduzem a \
         nota. O total é a média ponderada das colunas: documentos pesam 3; telefones e e-mails, \
         2; nomes, CEPs e municípios, 1,5; as demais, 1. A mesma conta vale para antes e depois.",
    );
    flow.paragraph("Faixas: A a partir de 95, B de 85, C de 70, D de 50, E abaixo de 50.");
}

fn limits(flow: &mut Flow) {
    flow.heading("O que este relatório não afirma", 50.0);
    for limit in [
        "CPF e CNPJ passam por validação matemática dos dígitos verificadores. Isso não prova que \
         o documento existe, está ativo ou pertence à pessoa.",
        "E-mails e telefones são verificados quanto à sintaxe e ao plano de numeração. Nenhuma \
         mensagem é enviada e nenhuma ligação é feita: não se afirma que alguém os recebe.",
        "CEPs são conferidos pela faixa da UF; o endereço não é confirmado.",
        "Correções seguem regras determinísticas: o mesmo arquivo produz sempre o mesmo resultado.",
    ] {
        flow.bullet(limit);
    }
}

fn privacy(flow: &mut Flow) {
    flow.heading("Proteção de dados (LGPD)", 60.0);
    flow.paragraph(
        "Este relatório contém apenas totais e exemplos mascarados, que não permitem identificar \
         pessoas. Os valores completos existem somente nos arquivos de dados entregues. Quem os \
         recebe responde por usá-los conforme a Lei nº 13.709/2018 (LGPD): finalidade definida, \
         acesso restrito e guarda só pelo tempo necessário.",
    );
}

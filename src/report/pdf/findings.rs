//! What the numbers say, in sentences.

use crate::report::{Summary, numbers, words};

/// The report in a few sentences.
pub fn of(summary: &Summary) -> Vec<String> {
    let rows = &summary.rows;
    if rows.read == 0 {
        return vec!["O arquivo não tem linhas: não há o que avaliar.".to_owned()];
    }
    let mut findings = vec![format!(
        "Linhas lidas: {}. Entregues: {} ({}). Rejeitadas: {}. Removidas por repetirem \
         outras: {}.",
        numbers::count(rows.read),
        numbers::count(rows.delivered),
        numbers::share(rows.delivered, rows.read),
        numbers::count(rows.rejected),
        numbers::count(rows.duplicates_removed),
    )];
    findings.push(score_sentence(summary));
    if let Some(reason) = summary.rejections.first() {
        findings.push(format!(
            "O motivo de rejeição mais frequente é “{}”, em {}.",
            reason.words,
            numbers::counted(reason.cells, "célula", "células"),
        ));
    }
    let worst = summary
        .columns
        .iter()
        .filter(|column| column.score.after < 70.0)
        .min_by(|a, b| a.score.after.total_cmp(&b.score.after));
    if let Some(column) = worst {
        findings.push(format!(
            "A coluna que mais pede atenção é “{}”, com nota {}.",
            shorten(words::column(&column.name), 60),
            numbers::points(column.score.after),
        ));
    }
    if let Some(enrichment) = &summary.enrichment {
        let filled: u64 = enrichment.fields.values().sum();
        findings.push(format!(
            "A base de referência preencheu {} em {}.",
            numbers::counted(filled, "célula vazia", "células vazias"),
            numbers::counted(rows.enriched, "linha", "linhas"),
        ));
    }
    findings
}

fn score_sentence(summary: &Summary) -> String {
    let score = &summary.score;
    let change = score.after - score.before;
    let verb = match change {
        change if change >= 0.05 => "subiu",
        change if change <= -0.05 => "desceu",
        _ => {
            return format!(
                "A nota de qualidade ficou em {} (faixa {}).",
                numbers::points(score.after),
                score.band
            );
        }
    };
    format!(
        "A nota de qualidade {verb} {} pontos, de {} para {} (faixa {}).",
        numbers::decimal(change.abs(), 1),
        numbers::points(score.before),
        numbers::points(score.after),
        score.band,
    )
}

/// What stands inside a sentence or a list must not become a page of its own.
pub fn shorten(text: &str, letters: usize) -> String {
    match text.char_indices().nth(letters) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_shortened_between_letters() {
        assert_eq!(shorten("ação", 4), "ação");
        assert_eq!(shorten("ação boa", 5), "ação…");
    }
}

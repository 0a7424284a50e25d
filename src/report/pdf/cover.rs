//! The first page: which file, how good it was and is, and what was done, at a glance.

use super::{
    PdfError,
    canvas::{Align, Area, Type, WIDTH},
    findings,
    flow::{Flow, LEFT, MEASURE, RIGHT},
    quality,
};
use crate::report::{
    Summary,
    fonts::Face,
    numbers,
    palette::{self, Colour},
};

/// Lines a file name may take here; the annex has the whole of it.
const NAME_LINES: usize = 4;
const NAME: Type = Type::bold(13.0, palette::WHITE);

/// Draws the cover.
pub fn draw(flow: &mut Flow, summary: &Summary) -> Result<(), PdfError> {
    flow.bookmark("Resumo");
    title(flow, summary);
    score(flow, summary);
    cards(flow, summary);
    flow.heading("Em poucas palavras", 60.0);
    for finding in findings::of(summary) {
        flow.bullet(&finding);
    }
    quality::overview(flow, summary)?;
    alerts(flow, &summary.alerts);
    flow.new_page();
    Ok(())
}

/// The first alerts, briefly and as far as the page goes; their chapter has all in full.
fn alerts(flow: &mut Flow, alerts: &[String]) {
    const MOST: usize = 4;
    // Three lines of an alert and the note.
    const ROOM: f32 = 60.0;
    if alerts.is_empty() || flow.room() < 2.0 * ROOM {
        return;
    }
    flow.heading("Pontos de atenção", ROOM);
    let mut shown = 0;
    for alert in alerts.iter().take(MOST) {
        if flow.room() < ROOM {
            break;
        }
        flow.bullet(&findings::shorten(alert, 160));
        shown += 1;
    }
    if alerts.len() > shown {
        let rest = numbers::count((alerts.len() - shown) as u64);
        flow.note(&format!("Mais {rest} em “Enriquecimento e alertas”."));
    }
}

fn title(flow: &mut Flow, summary: &Summary) {
    let lines = name_lines(flow, &summary.job.file);
    let height = 168.0 + 17.0 * (lines.len() as f32 - 1.0);
    let cover = Area {
        x: 0.0,
        y: 0.0,
        width: WIDTH,
        height,
    };
    let page = flow.canvas();
    page.rectangle(cover, palette::BRAND);
    let edge = Area {
        y: height,
        height: 4.0,
        ..cover
    };
    page.rectangle(edge, palette::BRAND_LIGHT);

    let style = Type::bold(25.0, palette::WHITE);
    page.text(
        LEFT,
        88.0,
        Align::Left,
        "Relatório de qualidade da base",
        style,
    );
    let mut y = 114.0;
    for line in &lines {
        page.text(LEFT, y, Align::Left, line, NAME);
        y += 17.0;
    }
    let facts = [
        ("PROCESSADO EM", numbers::date_time(&summary.job.started_at)),
        ("LINHAS", numbers::count(summary.input.reading.rows)),
        ("COLUNAS", numbers::count(summary.input.columns)),
        ("TAMANHO", numbers::bytes(summary.input.bytes)),
        ("SHA-256", short_hash(&summary.input.sha256)),
    ];
    let mut x = LEFT;
    for ((name, value), width) in facts.iter().zip([112.0, 88.0, 72.0, 88.0, 0.0]) {
        let small = Type::regular(6.5, palette::RULE);
        page.text(x, height - 32.0, Align::Left, name, small);
        let value_style = Type::bold(9.5, palette::WHITE);
        page.text(x, height - 18.0, Align::Left, value, value_style);
        x += width;
    }
    flow.skip(height + 26.0 - flow.y());
}

fn name_lines(flow: &Flow, file: &str) -> Vec<String> {
    let face = flow.fonts().face(Face::Bold);
    let mut lines = face.wrap(&face.printable(file), NAME.size, MEASURE);
    if lines.len() > NAME_LINES {
        let rest = lines.split_off(NAME_LINES - 1).concat();
        lines.push(face.shorten(&rest, NAME.size, MEASURE));
    }
    if lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

/// The two ends of a hash: enough to compare by eye; the annex has the whole.
fn short_hash(hash: &str) -> String {
    match (hash.get(..12), hash.get(hash.len().saturating_sub(8)..)) {
        (Some(start), Some(end)) if hash.len() > 24 => format!("{start}…{end}"),
        _ => hash.to_owned(),
    }
}

/// Before → after in large figures, the letter, and where both stand from E to A.
fn score(flow: &mut Flow, summary: &Summary) {
    let score = &summary.score;
    let top = flow.y();
    let page = flow.canvas();
    let muted = Type::regular(8.0, palette::MUTED);
    page.text(
        LEFT,
        top + 8.0,
        Align::Left,
        "NOTA DE QUALIDADE (0 A 100)",
        muted,
    );

    if summary.rows.read == 0 {
        let style = Type::regular(20.0, palette::MUTED);
        page.text(
            LEFT,
            top + 40.0,
            Align::Left,
            "sem linhas para avaliar",
            style,
        );
        flow.skip(66.0);
        return;
    }
    let before = numbers::points(score.before);
    let light = Type::regular(26.0, palette::MUTED);
    let mut x = LEFT;
    page.text(x, top + 44.0, Align::Left, &before, light);
    x += page.width(&before, light) + 9.0;
    page.text(x, top + 43.0, Align::Left, "→", light);
    x += page.width("→", light) + 9.0;
    let strong = Type::bold(38.0, palette::BRAND);
    let after = numbers::points(score.after);
    page.text(x, top + 44.0, Align::Left, &after, strong);
    x += page.width(&after, strong) + 14.0;

    let letter = Area {
        x,
        y: top + 15.0,
        width: 32.0,
        height: 32.0,
    };
    let fill = palette::band(score.band);
    page.rounded(letter, 5.0, fill);
    let style = Type::bold(20.0, palette::text_on(fill));
    page.text(
        x + 16.0,
        top + 38.0,
        Align::Centre,
        &score.band.to_string(),
        style,
    );

    scale(
        flow,
        Area {
            x: RIGHT - 200.0,
            y: top + 22.0,
            width: 200.0,
            height: 13.0,
        },
        score.before,
        score.after,
    );
    flow.skip(66.0);
}

/// The bands as a ruler, with marks for both scores.
fn scale(flow: &mut Flow, area: Area, before: f64, after: f64) {
    const BANDS: [(char, f64, f64); 5] = [
        ('E', 0.0, 50.0),
        ('D', 50.0, 70.0),
        ('C', 70.0, 85.0),
        ('B', 85.0, 95.0),
        ('A', 95.0, 100.0),
    ];
    let place = |score: f64| match score.is_nan() {
        true => area.x,
        false => area.x + area.width * (score.clamp(0.0, 100.0) / 100.0) as f32,
    };
    let page = flow.canvas();
    for (letter, from, to) in BANDS {
        let fill = palette::band(letter);
        let part = Area {
            x: place(from),
            width: place(to) - place(from) - 1.0,
            ..area
        };
        page.rectangle(part, fill);
        let style = Type::bold(7.5, palette::text_on(fill));
        let middle = part.x + part.width / 2.0;
        let baseline = area.y + 9.2;
        page.text(middle, baseline, Align::Centre, &letter.to_string(), style);
    }
    let (above, below) = (area.y - 2.0, area.y + area.height + 2.0);
    mark(
        flow,
        place(before),
        above,
        -5.0,
        palette::MUTED,
        "antes",
        area,
    );
    mark(
        flow,
        place(after),
        below,
        5.0,
        palette::BRAND,
        "depois",
        area,
    );
}

/// A small triangle that points at the ruler, with its word.
fn mark(flow: &mut Flow, x: f32, tip: f32, rise: f32, fill: Colour, word: &str, area: Area) {
    let page = flow.canvas();
    page.polygon(
        &[(x, tip), (x - 3.5, tip + rise), (x + 3.5, tip + rise)],
        fill,
    );
    let style = Type::regular(7.0, fill);
    let half = page.width(word, style) / 2.0;
    let middle = x.clamp(area.x + half, area.x + area.width - half);
    let baseline = if rise < 0.0 {
        tip + rise - 2.5
    } else {
        tip + rise + 7.0
    };
    page.text(middle, baseline, Align::Centre, word, style);
}

struct Card {
    title: &'static str,
    value: String,
    caption: String,
    accent: Colour,
}

fn cards(flow: &mut Flow, summary: &Summary) {
    const GAP: f32 = 11.0;
    const CARD: f32 = 64.0;
    let width = (MEASURE - 2.0 * GAP) / 3.0;
    let top = flow.y();
    for (place, card) in kpis(summary).into_iter().enumerate() {
        let (row, column) = ((place / 3) as f32, (place % 3) as f32);
        let area = Area {
            x: LEFT + column * (width + GAP),
            y: top + row * (CARD + GAP),
            width,
            height: CARD,
        };
        draw_card(flow, area, &card);
    }
    flow.skip(2.0 * CARD + GAP + 4.0);
}

fn draw_card(flow: &mut Flow, area: Area, card: &Card) {
    let room = area.width - 24.0;
    let face = flow.fonts().face(Face::Regular);
    let caption = face.shorten(&card.caption, 7.5, room);
    let page = flow.canvas();
    page.rounded(area, 4.0, palette::PAPER);
    let accent = Area {
        y: area.y + 8.0,
        width: 3.0,
        height: area.height - 16.0,
        ..area
    };
    page.rectangle(accent, card.accent);
    let x = area.x + 13.0;
    let muted = Type::regular(7.5, palette::MUTED);
    page.text(x, area.y + 17.0, Align::Left, card.title, muted);
    let mut value = Type::bold(21.0, palette::INK);
    value.size *= (room / page.width(&card.value, value)).min(1.0);
    page.text(x, area.y + 39.0, Align::Left, &card.value, value);
    page.text(x, area.y + 54.0, Align::Left, &caption, muted);
}

fn kpis(summary: &Summary) -> [Card; 6] {
    let rows = &summary.rows;
    let of_read = |part| match numbers::share(part, rows.read) {
        share if share == numbers::NONE => "nenhuma linha lida".to_owned(),
        share => format!("{share} das lidas"),
    };
    let rejected_cells: u64 = summary.rejections.iter().map(|reason| reason.cells).sum();
    let repeated: u64 = summary.duplicates.by_key.values().sum();
    let (enriched, of_enriched) = match summary.enrichment {
        Some(_) => (numbers::count_short(rows.enriched), of_read(rows.enriched)),
        None => (numbers::NONE.to_owned(), "não solicitado".to_owned()),
    };
    [
        Card {
            title: "LIDAS",
            value: numbers::count_short(rows.read),
            caption: "linhas do arquivo recebido".to_owned(),
            accent: palette::MUTED,
        },
        Card {
            title: "VÁLIDAS",
            value: numbers::count_short(rows.delivered),
            caption: of_read(rows.delivered),
            accent: palette::GOOD,
        },
        Card {
            title: "CORRIGIDAS",
            value: numbers::count_short(rows.corrected),
            caption: of_read(rows.corrected),
            accent: palette::BRAND_LIGHT,
        },
        Card {
            title: "REJEITADAS",
            value: numbers::count_short(rows.rejected),
            caption: format!(
                "e {}",
                numbers::counted(rejected_cells, "célula rejeitada", "células rejeitadas")
            ),
            accent: palette::BAD,
        },
        Card {
            title: "DUPLICADAS",
            value: numbers::count_short(rows.duplicates_removed),
            caption: format!(
                "e {} por chave",
                numbers::counted(repeated, "marcada", "marcadas")
            ),
            accent: palette::WARNING,
        },
        Card {
            title: "ENRIQUECIDAS",
            value: enriched,
            caption: of_enriched,
            accent: palette::ENRICHED,
        },
    ]
}

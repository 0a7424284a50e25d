//! Number formats: what the code of a format makes of the number in a cell.

/// A number format, reduced to what matters for a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Format {
    /// Empty for one that shows numbers as they are.
    sections: Vec<Section>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Section {
    condition: Option<Condition>,
    shape: Shape,
}

/// How a number is shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Shape {
    #[default]
    Plain,
    Percent,
    /// Days since an epoch.
    Date,
    /// The time of day in a fraction of a day.
    Time,
    /// Hours, however many.
    Elapsed,
    /// So many digits at least, `None` for each, and what stands between them.
    Digits(Vec<Option<char>>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Condition {
    operator: String,
    /// In thousandths, so that formats can be compared.
    than: i64,
}

impl Condition {
    /// What stands in the brackets: `<=99999999`.
    fn parse(text: &str) -> Option<Self> {
        let at = text.find(|c: char| !matches!(c, '<' | '=' | '>'))?;
        let (operator, than) = text.split_at(at);
        let than: f64 = than.trim().parse().ok()?;
        let is_one = ["<", "<=", "=", ">=", ">", "<>"].contains(&operator);
        is_one.then(|| Condition {
            operator: operator.to_owned(),
            than: (than * 1000.0) as i64,
        })
    }

    fn holds(&self, number: f64) -> bool {
        let than = self.than as f64 / 1000.0;
        match self.operator.as_str() {
            "<" => number < than,
            "<=" => number <= than,
            "=" => number == than,
            ">=" => number >= than,
            ">" => number > than,
            _ => number != than,
        }
    }
}

impl Format {
    /// The format with that number, where every workbook has it.
    pub(super) fn built_in(id: u32) -> Self {
        let shape = match id {
            9 | 10 => Shape::Percent,
            14..=17 | 22 | 27..=36 | 50..=58 => Shape::Date,
            18..=21 | 45 | 47 => Shape::Time,
            46 => Shape::Elapsed,
            _ => return Format::default(),
        };
        let condition = None;
        Format {
            sections: vec![Section { condition, shape }],
        }
    }

    pub(super) fn parse(code: &str) -> Self {
        let sections: Vec<_> = sections(code).into_iter().take(3).map(section).collect();
        if sections.iter().all(|section| section.shape == Shape::Plain) {
            return Format::default();
        }
        Format { sections }
    }

    /// Whether every number is shown as it is.
    pub(super) fn is_plain(&self) -> bool {
        self.sections.is_empty()
    }

    pub(super) fn shape_of(&self, number: f64) -> &Shape {
        let conditional = self.sections.iter().any(|one| one.condition.is_some());
        let chosen = if conditional {
            let holds = |section: &&Section| match &section.condition {
                Some(condition) => condition.holds(number),
                None => true,
            };
            self.sections.iter().find(holds)
        } else {
            // Positive, negative, zero.
            let place = if number < 0.0 {
                1
            } else if number == 0.0 {
                2
            } else {
                0
            };
            self.sections.get(place).or(self.sections.first())
        };
        chosen.map_or(&Shape::Plain, |section| &section.shape)
    }
}

/// A piece of the code of a format.
#[derive(Debug, PartialEq, Eq)]
enum Token {
    /// Shown as it is.
    Literal(char),
    /// What is in brackets.
    Bracket(String),
    /// Anything with a meaning, in lower case.
    Sign(char),
}

/// The code in pieces, a list for each section.
fn sections(code: &str) -> Vec<Vec<Token>> {
    let mut all = vec![Vec::new()];
    let mut rest = code.chars();
    while let Some(c) = rest.next() {
        let token = match c {
            ';' => {
                all.push(Vec::new());
                continue;
            }
            '"' => {
                let text: Vec<_> = rest.by_ref().take_while(|c| *c != '"').collect();
                if let Some(tokens) = all.last_mut() {
                    tokens.extend(text.into_iter().map(Token::Literal));
                }
                continue;
            }
            '\\' => match rest.next() {
                Some(c) => Token::Literal(c),
                None => continue,
            },
            // Room as wide as a character, and a character repeated.
            '_' | '*' => {
                rest.next();
                continue;
            }
            '[' => Token::Bracket(rest.by_ref().take_while(|c| *c != ']').collect()),
            '-' | '/' | '(' | ')' | ' ' | ':' | '+' | '$' => Token::Literal(c),
            _ => Token::Sign(c.to_ascii_lowercase()),
        };
        if let Some(tokens) = all.last_mut() {
            tokens.push(token);
        }
    }
    all
}

fn section(tokens: Vec<Token>) -> Section {
    let condition = tokens.iter().find_map(|token| match token {
        Token::Bracket(text) => Condition::parse(text),
        _ => None,
    });
    Section {
        condition,
        shape: shape(&tokens),
    }
}

fn shape(tokens: &[Token]) -> Shape {
    let signs: String = tokens
        .iter()
        .filter_map(|token| match token {
            Token::Sign(c) => Some(*c),
            _ => None,
        })
        .collect();
    let elapsed = |token: &Token| matches!(token, Token::Bracket(text) if is_elapsed(text));
    if tokens.iter().any(elapsed) {
        return Shape::Elapsed;
    }
    if signs.starts_with("general") || signs.starts_with("geral") || signs.contains('@') {
        return Shape::Plain;
    }
    if let Some(shape) = moment(&signs) {
        return shape;
    }
    if signs.contains('%') {
        return Shape::Percent;
    }
    let zeros = signs.len();
    if zeros < 2 || signs.chars().any(|c| c != '0') {
        return Shape::Plain;
    }
    let pieces = tokens.iter().filter_map(|token| match token {
        Token::Literal(c) => Some(Some(*c)),
        Token::Sign(_) => Some(None),
        Token::Bracket(_) => None,
    });
    Shape::Digits(pieces.collect())
}

/// `h`, `mm`, `ss`: hours, minutes or seconds that do not start again.
fn is_elapsed(text: &str) -> bool {
    let mut all = text.chars().map(|c| c.to_ascii_lowercase());
    let first = all.next();
    matches!(first, Some('h' | 'm' | 's')) && all.all(|c| Some(c) == first)
}

fn moment(signs: &str) -> Option<Shape> {
    // `a` counts years in Portuguese, and halves of a day in `am/pm`.
    let signs = signs.replace("ampm", "h").replace("ap", "h");
    if signs.contains(['0', '#', '?']) && !signs.contains(['h', 's', 'y', 'd']) {
        return None;
    }
    let has_time = signs.contains(['h', 's']);
    if signs.contains(['y', 'd', 'a']) || (signs.contains('m') && !has_time) {
        return Some(Shape::Date);
    }
    has_time.then_some(Shape::Time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(code: &str, number: f64) -> Shape {
        Format::parse(code).shape_of(number).clone()
    }

    #[test]
    fn dates_and_times_are_told_by_their_codes() {
        for code in [
            "dd/mm/yyyy",
            "dd/mm/aaaa",
            "[$-416]dd/mm/yyyy;@",
            "[$-416]d\\-mmm\\-yy;@",
            "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy",
            "d \"de\" mmmm \"de\" yyyy",
            "mmm/yy",
            "yyyy\\-mm\\-dd hh:mm:ss",
            "dd/mm/yyyy hh:mm AM/PM",
            "[Red]dd/mm/yyyy",
        ] {
            assert_eq!(shape(code, 1.0), Shape::Date, "{code}");
        }
        for code in [
            "hh:mm",
            "h:mm:ss",
            "mm:ss",
            "mm:ss.0",
            "h:mm AM/PM",
            "h:mm A/P",
        ] {
            assert_eq!(shape(code, 1.0), Shape::Time, "{code}");
        }
        for code in ["[h]:mm:ss", "[mm]:ss", "[hh]:mm"] {
            assert_eq!(shape(code, 1.0), Shape::Elapsed, "{code}");
        }
        for code in [
            "General",
            "Geral",
            "0",
            "0.00",
            "#,##0.00",
            "\"R$ \"#,##0.00",
            "[$R$-416] #,##0.00;[Red]-[$R$-416] #,##0.00",
            "0.00E+00",
            "_-* #,##0.00_-;\\-* #,##0.00_-;_-* \"-\"??_-;_-@_-",
            "\"dias\" 0",
            "@",
            "# ?/?",
            "[Magenta]0",
            "",
            "\"",
            "[",
            "\\",
        ] {
            assert!(Format::parse(code).is_plain(), "{code}");
        }
        for id in [14, 15, 16, 17, 22] {
            assert_eq!(Format::built_in(id).shape_of(1.0), &Shape::Date);
        }
        assert_eq!(Format::built_in(20).shape_of(1.0), &Shape::Time);
        assert_eq!(Format::built_in(46).shape_of(1.0), &Shape::Elapsed);
        assert_eq!(Format::built_in(10).shape_of(1.0), &Shape::Percent);
        assert!(Format::built_in(2).is_plain());
    }

    #[test]
    fn the_sign_of_a_number_or_a_condition_chooses_the_section() {
        assert_eq!(shape("0%;0", 1.0), Shape::Percent);
        assert_eq!(shape("0%;0", -1.0), Shape::Plain);
        assert_eq!(shape("0%;0", 0.0), Shape::Percent);
        let code = "[<=99999999999]000\\.000\\.000\\-00;00\\.000\\.000\\/0000\\-00";
        let digits = |number| match shape(code, number) {
            Shape::Digits(pieces) => pieces.iter().filter(|piece| piece.is_none()).count(),
            other => panic!("{other:?}"),
        };
        assert_eq!(digits(4_515_266_861.0), 11);
        assert_eq!(digits(11_222_333_000_181.0), 14);
    }
}

//! HTML entities left in cells by web exports.

/// Decodes the entities of `text`, if it has any and is not itself markup (no raw `<`).
pub(super) fn decode(text: &str) -> Option<String> {
    if !text.contains('&') || !text.contains(';') || text.contains('<') {
        return None;
    }
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    let mut found = false;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        // an escaped ampersand may itself open an entity: `&amp;lt;`
        while let Some(after) = strip_ampersand(rest) {
            rest = after;
            found = true;
        }
        match entity(rest) {
            Some((character, after)) => {
                decoded.push(character);
                rest = after;
                found = true;
            }
            None => decoded.push('&'),
        }
    }
    decoded.push_str(rest);
    found.then_some(decoded)
}

fn strip_ampersand(text: &str) -> Option<&str> {
    ["amp;", "AMP;", "#38;", "#038;", "#x26;"]
        .into_iter()
        .find_map(|escaped| text.strip_prefix(escaped))
}

/// The character that `text` (what follows a `&`) names, and what follows its `;`.
fn entity(text: &str) -> Option<(char, &str)> {
    const LONGEST_NAME: usize = 8;
    let end = text
        .bytes()
        .take(LONGEST_NAME + 1)
        .position(|byte| byte == b';')?;
    let (name, after) = (&text[..end], &text[end + 1..]);
    let character = match name.strip_prefix('#') {
        Some(number) => numeric(number)?,
        None => named(name)?,
    };
    Some((character, after))
}

fn numeric(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    };
    // letters and digits are never escaped by honest exports, and could spell a new entity
    char::from_u32(code.ok()?)
        .filter(|c| !c.is_ascii_alphanumeric() && !matches!(c, '#' | ';' | '&'))
}

fn named(name: &str) -> Option<char> {
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "shy" => '\u{ad}',
        "ordf" => 'ª',
        "ordm" => 'º',
        "deg" => '°',
        "ndash" => '–',
        "mdash" => '—',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        "hellip" => '…',
        "euro" => '€',
        _ => return accented(name),
    })
}

/// `aacute` and the like.
fn accented(name: &str) -> Option<char> {
    const LETTERS: [(&str, &str, &str); 6] = [
        ("grave", "AEIOUaeiou", "ÀÈÌÒÙàèìòù"),
        ("acute", "AEIOUaeiou", "ÁÉÍÓÚáéíóú"),
        ("circ", "AEIOUaeiou", "ÂÊÎÔÛâêîôû"),
        ("tilde", "ANOano", "ÃÑÕãñõ"),
        ("uml", "AEIOUaeiou", "ÄËÏÖÜäëïöü"),
        ("cedil", "Cc", "Çç"),
    ];
    let letter = name.chars().next()?;
    let mark = &name[letter.len_utf8()..];
    let (_, plain, marked) = LETTERS.iter().find(|(known, ..)| *known == mark)?;
    marked.chars().nth(plain.find(letter)?)
}

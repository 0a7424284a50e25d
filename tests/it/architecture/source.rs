//! Just enough of a reader of Rust to ask the sources questions.

use std::path::{Path, PathBuf};

/// A source file without its comments and literals, which may say what they like.
pub struct Source {
    /// Relative to `src`: `broker/amqp.rs`.
    pub path: String,
    /// Blanks stand for what was taken out, so that lines stay where they are.
    code: String,
}

impl Source {
    pub fn new(path: &str, text: &str) -> Self {
        Source {
            path: path.to_owned(),
            code: blanked(text),
        }
    }

    /// Every file of `src`, in the order of their paths.
    pub fn all() -> Vec<Source> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut paths = Vec::new();
        collect(&root, &mut paths);
        paths.sort();
        let relative = |path: &Path| path.strip_prefix(&root).unwrap().display().to_string();
        paths
            .iter()
            .map(|path| Source::new(&relative(path), &std::fs::read_to_string(path).unwrap()))
            .collect()
    }

    /// The module at the top of the crate that this file belongs to.
    pub fn top(&self) -> &str {
        self.modules()[0]
    }

    /// The path of this file's module: `["broker", "amqp"]`.
    pub fn modules(&self) -> Vec<&str> {
        let path = self.path.trim_end_matches(".rs");
        path.trim_end_matches("/mod").split('/').collect()
    }

    /// A file that is compiled for tests only.
    pub fn is_test(&self) -> bool {
        self.modules().last() == Some(&"tests")
    }

    /// Words and signs, `::` in one piece.
    pub fn tokens(&self) -> Vec<&str> {
        tokens(&self.code)
    }

    /// The same code as it is shipped: without `#[cfg(test)]`.
    pub fn shipped(&self) -> Source {
        let mut code = self.code.clone();
        for (from, to) in test_items(&self.code) {
            code.replace_range(from..to, &spaces(&self.code[from..to]));
        }
        Source {
            path: self.path.clone(),
            code,
        }
    }

    /// Lines, not counting those of tests.
    pub fn shipped_lines(&self) -> usize {
        let in_tests: usize = test_items(&self.code)
            .iter()
            .map(|(from, to)| self.code[*from..*to].lines().count())
            .sum();
        self.code.lines().count() - in_tests
    }

    /// Whether `path`, such as `["process", "::", "exit"]`, stands in the code.
    pub fn says(&self, path: &[&str]) -> bool {
        self.tokens().windows(path.len()).any(|here| here == path)
    }
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

fn tokens(code: &str) -> Vec<&str> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut tokens = Vec::new();
    let mut rest = code.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if is_word(first) {
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        tokens.push(&rest[..length]);
        rest = rest[length..].trim_start();
    }
    tokens
}

/// As many bytes, with the same lines.
fn spaces(text: &str) -> String {
    let blank = |byte| if byte == b'\n' { '\n' } else { ' ' };
    text.bytes().map(blank).collect()
}

/// The code with spaces for comments and for what stands in quotes.
fn blanked(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (length, is_code) = piece(rest, code.ends_with(|c: char| c.is_alphanumeric()));
        let (taken, left) = rest.split_at(length);
        if is_code {
            code.push_str(taken);
        } else {
            code.push_str(&spaces(taken));
        }
        rest = left;
    }
    code
}

/// The length of what begins here, and whether it is code.
fn piece(text: &str, in_word: bool) -> (usize, bool) {
    let up_to = |end: &str, from: usize| {
        let found = text[from..].find(end);
        found.map_or(text.len(), |at| from + at + end.len())
    };
    if text.starts_with("//") {
        return (text.find('\n').unwrap_or(text.len()), false);
    }
    if text.starts_with("/*") {
        return (up_to("*/", 2), false);
    }
    if !in_word {
        let hashes = text.trim_start_matches('b').strip_prefix('r');
        let hashes = hashes.map(|raw| raw.len() - raw.trim_start_matches('#').len());
        let start = text.find('"');
        if let (Some(hashes), Some(start)) = (hashes, start)
            && text[..start].trim_start_matches(['b', 'r', '#']).is_empty()
        {
            return (
                up_to(&format!("\"{}", "#".repeat(hashes)), start + 1),
                false,
            );
        }
    }
    if text.starts_with('"') {
        return (closing(text, '"'), false);
    }
    if let Some(after) = text.strip_prefix('\'') {
        // A lifetime has no second quote behind its first character.
        let mut characters = after.chars();
        let first = characters.next();
        if first == Some('\\') || characters.next() == Some('\'') {
            return (closing(text, '\''), false);
        }
    }
    (text.chars().next().map_or(0, char::len_utf8), true)
}

/// The length of a literal in `quote`s that begins here.
fn closing(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Where the items under `#[cfg(test)]` begin and end.
fn test_items(code: &str) -> Vec<(usize, usize)> {
    const MARK: &str = "#[cfg(test)]";
    let mut items = Vec::new();
    let mut from = 0;
    while let Some(at) = code[from..].find(MARK).map(|at| from + at) {
        let mut depth = 0;
        let mut end = code.len();
        for (offset, c) in code[at + MARK.len()..].char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 && matches!(c, ';' | '}') {
                end = at + MARK.len() + offset + 1;
                break;
            }
        }
        items.push((at, end));
        from = end;
    }
    items
}

#[test]
fn comments_and_literals_are_no_code() {
    let text = r##"
        // lapin
        /* lapin */ fn f<'a>(x: &'a str) -> char { let _ = "lapin \" lapin"; 'l' }
        const RAW: &str = r#"lapin " lapin"#; const BYTES: &[u8] = b"lapin"; const QUOTE: char = '\'';
        fn after() { real::code() }
    "##;
    let source = Source::new("x.rs", text);
    assert!(!source.says(&["lapin"]));
    assert!(source.says(&["fn", "f", "<", "'", "a"]));
    assert!(source.says(&["real", "::", "code"]));
}

#[test]
fn tests_are_not_shipped() {
    let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n fn b() { if x {} }\n}\nfn c() {}\n";
    let source = Source::new("x.rs", text);
    assert!(source.says(&["fn", "b"]));
    let shipped = source.shipped();
    assert!(!shipped.says(&["fn", "b"]) && shipped.says(&["fn", "c"]));
    assert_eq!((source.shipped_lines(), text.lines().count()), (2, 6));
    let elsewhere = Source::new("x.rs", "fn a() {}\n#[cfg(test)]\nmod tests;\n");
    assert_eq!(elsewhere.shipped_lines(), 1);
}

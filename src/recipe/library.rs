//! Recipes, and choosing the one for a table.

use globset::{GlobBuilder, GlobMatcher};
use sha2::{Digest, Sha256};

use super::{ColumnKind, Limits, Rules};
use crate::job::ArtifactKind;
use crate::table::Heading;
use crate::values::fold::fold;

/// What a kind of file holds and what is to be done with it: a recipe file without mistakes.
#[derive(Debug, Clone)]
pub struct Recipe {
    pub name: String,
    pub description: Option<String>,
    /// `None`: only for those who name it.
    pub(super) matching: Option<Matching>,
    pub heading: Heading,
    pub(super) columns: Vec<RecipeColumn>,
    /// Columns by their places in the recipe.
    pub(super) rules: Rules<usize>,
    /// What to deliver, if the job does not say.
    pub outputs: Option<Vec<ArtifactKind>>,
    /// Of its text.
    pub(super) sha256: [u8; 32],
}

/// What a recipe says of one column.
#[derive(Debug, Clone)]
pub(super) struct RecipeColumn {
    pub(super) name: String,
    pub(super) aliases: Vec<String>,
    /// From 1.
    pub(super) position: Option<usize>,
    pub(super) kind: Option<ColumnKind>,
    pub(super) limits: Limits,
    pub(super) rename: Option<String>,
    pub(super) dropped: bool,
}

impl RecipeColumn {
    pub(super) fn delivered(&self) -> &str {
        self.rename.as_deref().unwrap_or(&self.name)
    }
}

/// Which tables a recipe is for.
#[derive(Debug, Clone, Default)]
pub(super) struct Matching {
    patterns: Vec<Pattern>,
    /// Folded.
    headers: Vec<String>,
}

#[derive(Debug, Clone)]
struct Pattern {
    glob: GlobMatcher,
    /// Compared with the path below the work folder, and not with the name alone.
    whole: bool,
}

impl Matching {
    /// # Errors
    /// If it is no pattern.
    pub(super) fn add_pattern(&mut self, pattern: &str) -> Result<(), String> {
        let built = GlobBuilder::new(pattern)
            .case_insensitive(true)
            .literal_separator(true)
            .build();
        let glob = built.map_err(|error| {
            let why = error.kind();
            format!("`{pattern}` is no pattern of file names: {why}")
        })?;
        if pattern.trim().is_empty() {
            return Err("a pattern of file names is empty: remove it".to_owned());
        }
        self.patterns.push(Pattern {
            glob: glob.compile_matcher(),
            whole: pattern.contains('/'),
        });
        Ok(())
    }

    /// Whether it is one more.
    pub(super) fn add_header(&mut self, header: &str) -> bool {
        let folded = fold(header);
        let is_new = !folded.is_empty() && !self.headers.contains(&folded);
        if is_new {
            self.headers.push(folded);
        }
        is_new
    }

    fn has_file(&self, named: &Named<'_>) -> bool {
        let own = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
        self.patterns.is_empty()
            || self.patterns.iter().any(|pattern| match pattern.whole {
                true => pattern.glob.is_match(named.file),
                false => {
                    let table = named.table.map(own);
                    pattern.glob.is_match(own(named.file))
                        || table.is_some_and(|table| pattern.glob.is_match(table))
                }
            })
    }

    fn has_headers(&self, folded: &[String]) -> bool {
        self.headers.iter().all(|header| folded.contains(header))
    }
}

/// What a table is called.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    /// The path below the work folder: `norte/vendas.csv`.
    pub file: &'a str,
    /// Of a file with several tables, such as an archive or a workbook.
    pub table: Option<&'a str>,
}

/// The recipes there are, in the order of their names.
#[derive(Debug, Clone, Default)]
pub struct Recipes {
    all: Vec<Recipe>,
}

/// The recipe for a table.
#[derive(Debug, Clone)]
pub struct Choice<'a> {
    pub recipe: &'a Recipe,
    /// Names of others that suit the table as well.
    pub others: Vec<&'a str>,
}

impl<'a> Choice<'a> {
    /// A recipe that nobody had to choose.
    pub fn only(recipe: &'a Recipe) -> Self {
        Choice {
            recipe,
            others: Vec::new(),
        }
    }
}

impl Recipes {
    /// # Errors
    /// With the name that two of them have.
    pub fn new(mut all: Vec<Recipe>) -> Result<Self, String> {
        all.sort_by(|a, b| a.name.cmp(&b.name));
        let twice = all.windows(2).find(|pair| pair[0].name == pair[1].name);
        match twice {
            Some(pair) => Err(pair[0].name.clone()),
            None => Ok(Recipes { all }),
        }
    }

    /// These, and one more in place of the one that has its name.
    #[must_use]
    pub fn with(mut self, recipe: Recipe) -> Self {
        self.all.retain(|other| other.name != recipe.name);
        self.all.push(recipe);
        self.all.sort_by(|a, b| a.name.cmp(&b.name));
        self
    }

    /// Another as soon as any of the recipes says something else; empty if there is none.
    pub fn fingerprint(&self) -> String {
        if self.all.is_empty() {
            return String::new();
        }
        let mut hash = Sha256::new();
        for recipe in &self.all {
            hash.update(recipe.sha256);
        }
        hex::encode(&hash.finalize()[..16])
    }

    pub fn iter(&self) -> impl Iterator<Item = &Recipe> {
        self.all.iter()
    }

    pub fn named(&self, name: &str) -> Option<&Recipe> {
        self.all.iter().find(|recipe| recipe.name == name)
    }

    /// The recipe for a file without a header, chosen before anything of it is read.
    pub fn for_headless(&self, named: Named<'_>) -> Option<Choice<'_>> {
        let suits = |recipe: &&Recipe| {
            let matching = recipe.matching.as_ref();
            recipe.heading == Heading::Absent
                && matching.is_some_and(|matching| matching.has_file(&named))
        };
        choice(self.all.iter().filter(suits).collect())
    }

    /// The recipe for a table with these headers: of several, the one that asks for most of them.
    pub fn for_table(&self, named: Named<'_>, headers: &[&str]) -> Option<Choice<'_>> {
        let folded: Vec<_> = headers.iter().map(|header| fold(header)).collect();
        let suits = |recipe: &&Recipe| {
            let matching = recipe.matching.as_ref();
            recipe.heading == Heading::Found
                && matching.is_some_and(|matching| {
                    matching.has_file(&named) && matching.has_headers(&folded)
                })
        };
        choice(self.all.iter().filter(suits).collect())
    }
}

/// The most specific of those that suit: of equals, the first by name.
fn choice(suiting: Vec<&Recipe>) -> Option<Choice<'_>> {
    let weight = |recipe: &Recipe| {
        let matching = recipe.matching.as_ref();
        matching.map_or((0, false), |matching| {
            (matching.headers.len(), !matching.patterns.is_empty())
        })
    };
    let most = suiting.iter().map(|recipe| weight(recipe)).max()?;
    let mut best = suiting.into_iter().filter(|recipe| weight(recipe) == most);
    let recipe = best.next()?;
    Some(Choice {
        recipe,
        others: best.map(|other| other.name.as_str()).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipes(all: &[&str]) -> Recipes {
        let all = all.iter().map(|text| {
            let text = format!("version: 1\n{text}");
            Recipe::parse(&text).unwrap()
        });
        Recipes::new(all.collect()).unwrap()
    }

    fn chosen<'a>(recipes: &'a Recipes, file: &str, headers: &[&str]) -> Option<&'a str> {
        let named = Named { file, table: None };
        let choice = recipes.for_table(named, headers)?;
        Some(&choice.recipe.name)
    }

    #[test]
    fn a_recipe_suits_by_name_and_headers_as_far_as_it_asks_for_them() {
        let recipes = recipes(&[
            "name: by_name\nmatch: {files: ['vendas_*.csv']}",
            "name: by_headers\nmatch: {headers: [CPF, 'E-mail']}",
            "name: by_both\nmatch: {files: ['vendas_*'], headers: [CPF]}",
            "name: by_folder\nmatch: {files: ['norte/**']}",
            "name: by_itself",
        ]);
        let headers = ["Nome", "cpf", "EMAIL", "E mail"];
        assert_eq!(chosen(&recipes, "Vendas_1.CSV", &["Nome"]), Some("by_name"));
        assert_eq!(chosen(&recipes, "lista.csv", &headers), Some("by_headers"));
        assert_eq!(chosen(&recipes, "vendas_1.csv", &["CPF"]), Some("by_both"));
        assert_eq!(chosen(&recipes, "norte/x/y.csv", &["A"]), Some("by_folder"));
        assert_eq!(
            chosen(&recipes, "sul/vendas_1.csv", &["A"]),
            Some("by_name")
        );
        assert_eq!(chosen(&recipes, "lista.csv", &["CPF"]), None);
        // More headers are more specific than a name.
        assert_eq!(
            chosen(&recipes, "vendas_1.csv", &headers),
            Some("by_headers")
        );
    }

    #[test]
    fn a_tables_own_name_counts_as_well() {
        let recipes = recipes(&["name: a\nmatch: {files: ['vendas*']}"]);
        let named = Named {
            file: "envio.zip",
            table: Some("pasta/vendas.csv"),
        };
        assert!(recipes.for_table(named, &["A"]).is_some());
    }

    #[test]
    fn of_recipes_that_suit_as_well_the_first_is_used_and_the_others_are_told() {
        let recipes = recipes(&[
            "name: b\nmatch: {headers: [CPF]}",
            "name: a\nmatch: {headers: [Nome]}",
            "name: c\ninput: {header: none}\nmatch: {files: ['*']}",
        ]);
        let named = Named {
            file: "x.csv",
            table: None,
        };
        let choice = recipes.for_table(named, &["CPF", "Nome"]).unwrap();
        assert_eq!(
            (choice.recipe.name.as_str(), choice.others),
            ("a", vec!["b"])
        );
        let headless = recipes.for_headless(named).unwrap();
        assert_eq!(
            (headless.recipe.name.as_str(), headless.others),
            ("c", vec![])
        );
    }

    #[test]
    fn names_are_unique_and_a_named_file_takes_the_place_of_its_namesake() {
        let one = Recipe::parse("version: 1\nname: a\ndescription: one").unwrap();
        let two = Recipe::parse("version: 1\nname: a\ndescription: two").unwrap();
        assert_eq!(
            Recipes::new(vec![one.clone(), two.clone()]).unwrap_err(),
            "a"
        );
        let before = Recipes::new(vec![one]).unwrap();
        let after = before.clone().with(two);
        assert_eq!(after.iter().count(), 1);
        assert_eq!(
            after.named("a").unwrap().description.as_deref(),
            Some("two")
        );
        assert_ne!(before.fingerprint(), after.fingerprint());
        assert_eq!(Recipes::default().fingerprint(), "");
    }
}

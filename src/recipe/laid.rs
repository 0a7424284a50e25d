//! A recipe laid on a table: which of its columns is where, and what that makes of its rules.

use super::library::{Recipe, RecipeColumn};
use super::rules::{DuplicateRules, Renamed, Wanted};
use super::{Detector, Profile, Rules};
use crate::values::fold::fold;

/// Why a recipe cannot be laid on a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsuited {
    #[error(
        "recipe `{recipe}` requires columns that the file does not have: {}; it has: {}",
        .missing.join(", "),
        .found.join(", ")
    )]
    Missing {
        recipe: String,
        missing: Vec<String>,
        found: Vec<String>,
    },
    #[error("recipe `{recipe}` delivers two columns as `{header}`: rename one of them in it")]
    Twice { recipe: String, header: String },
}

/// Where the columns of a recipe are in a table.
#[derive(Debug, Clone)]
pub struct Laid<'a> {
    recipe: &'a Recipe,
    /// For each column of the recipe, its place in the table.
    places: Vec<Option<usize>>,
    names: Vec<String>,
}

impl Recipe {
    /// Finds the recipe's columns among these headers: by position, else by name, else by alias;
    /// exactly, else without accents, case and signs.
    ///
    /// # Errors
    /// If a column that is required is not there.
    pub fn lay<'a>(&'a self, headers: &[&str]) -> Result<Laid<'a>, Unsuited> {
        let folded: Vec<_> = headers.iter().map(|header| fold(header)).collect();
        let mut places: Vec<Option<usize>> = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            let place = place_of(column, headers, &folded);
            // A header found by one column's name is not another's alias.
            places.push(place.filter(|place| !places.contains(&Some(*place))));
        }
        let columns = || self.columns.iter().zip(&places);
        let missing: Vec<_> = columns()
            .filter(|(column, place)| column.limits.required && place.is_none())
            .map(|(column, _)| column.name.clone())
            .collect();
        let mut names: Vec<_> = headers.iter().map(|header| (*header).to_owned()).collect();
        if !missing.is_empty() {
            return Err(Unsuited::Missing {
                recipe: self.name.clone(),
                missing,
                found: names,
            });
        }
        for (column, place) in columns() {
            if let (Some(_), Some(place)) = (column.position, place) {
                names[*place].clone_from(&column.name);
            }
        }
        Ok(Laid {
            recipe: self,
            places,
            names,
        })
    }
}

fn place_of(column: &RecipeColumn, headers: &[&str], folded: &[String]) -> Option<usize> {
    if let Some(position) = column.position {
        let place = position.checked_sub(1)?;
        return (place < headers.len()).then_some(place);
    }
    let names = std::iter::once(&column.name).chain(&column.aliases);
    names.into_iter().find_map(|name| {
        let exact = headers.iter().position(|header| header == name);
        let alike = || folded.iter().position(|header| *header == fold(name));
        exact.or_else(alike)
    })
}

impl Laid<'_> {
    /// The headers of the table, those included that the recipe gives by position.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Settles the types that the recipe says. To be called before the first row is seen.
    pub fn force(&self, detector: &mut Detector) {
        for (column, place) in self.columns() {
            if let Some(kind) = column.kind {
                detector.force(place, kind);
            }
        }
    }

    fn columns(&self) -> impl Iterator<Item = (&RecipeColumn, usize)> {
        let columns = self.recipe.columns.iter().zip(&self.places);
        columns.filter_map(|(column, place)| place.map(|place| (column, place)))
    }

    /// Puts into the profile what the recipe says of columns, and gives its rules with columns by
    /// their places in the table. What cannot be done is told in `alerts`, in Portuguese.
    ///
    /// # Errors
    /// If two columns would have one header.
    pub fn apply(
        &self,
        profile: &mut Profile,
        alerts: &mut Vec<String>,
    ) -> Result<Rules<usize>, Unsuited> {
        let recipe = &self.recipe.name;
        for (column, place) in self.columns() {
            let Some(known) = profile.columns.get_mut(place) else {
                continue;
            };
            known.limits = column.limits.clone();
            known.dropped = column.dropped;
            if column.dropped {
                known.sides.clear();
            }
            if let Some(rename) = &column.rename {
                for side in &mut known.sides {
                    if let Some(rest) = side.name.strip_prefix(&known.name) {
                        side.name = format!("{rename}{rest}");
                    }
                }
                known.rename = Some(rename.clone());
            }
        }
        self.delivered_once(profile)?;
        let absent: Vec<_> = self
            .recipe
            .columns
            .iter()
            .zip(&self.places)
            .filter(|(_, place)| place.is_none())
            .map(|(column, _)| format!("\"{}\"", column.name))
            .collect();
        if !absent.is_empty() {
            let absent = absent.join(", ");
            alerts.push(format!(
                "O arquivo não tem todas as colunas da receita `{recipe}`: falta {absent}."
            ));
        }
        Ok(self.rules(profile, alerts))
    }

    fn delivered_once(&self, profile: &Profile) -> Result<(), Unsuited> {
        let mut taken = Vec::new();
        for column in profile.delivered() {
            if taken.contains(&column.name) {
                return Err(Unsuited::Twice {
                    recipe: self.recipe.name.clone(),
                    header: column.name.to_owned(),
                });
            }
            taken.push(column.name);
        }
        Ok(())
    }

    fn rules(&self, profile: &Profile, alerts: &mut Vec<String>) -> Rules<usize> {
        let rules = &self.recipe.rules;
        let mut finding = Finding {
            laid: self,
            profile,
            alerts,
        };
        Rules {
            duplicates: finding.duplicates(&rules.duplicates),
            outliers: finding.each(&rules.outliers, "valores discrepantes"),
            missing: finding.each(&rules.missing, "valores que faltam"),
            checks: rules
                .checks
                .as_ref()
                .map(|checks| finding.each(checks, "conferência entre colunas")),
            derive: finding.each(&rules.derive, "coluna calculada"),
            groups: finding.each(&rules.groups, "planilha de grupos"),
        }
    }
}

struct Finding<'a> {
    laid: &'a Laid<'a>,
    profile: &'a Profile,
    alerts: &'a mut Vec<String>,
}

impl Finding<'_> {
    fn duplicates(&mut self, rules: &DuplicateRules<usize>) -> DuplicateRules<usize> {
        let found = rules.renamed(&mut |column, wanted| self.place(*column, wanted, "duplicados"));
        found.unwrap_or_default()
    }

    fn each<R: Renamed<usize, usize>>(&mut self, rules: &[R], what: &str) -> Vec<R::Rule> {
        let mut found = Vec::with_capacity(rules.len());
        for rule in rules {
            found.extend(rule.renamed(&mut |column, wanted| self.place(*column, wanted, what)));
        }
        found
    }

    /// The place in the table of one of the recipe's columns.
    fn place(&mut self, column: usize, wanted: Wanted, what: &str) -> Option<usize> {
        let recipe = self.laid.recipe;
        let name = &recipe.columns.get(column)?.name;
        let place = self.laid.places.get(column).copied().flatten();
        let lacks = match place.and_then(|place| self.profile.columns.get(place)) {
            None => "não está no arquivo",
            Some(known) if !wanted.holds_for(known.kind) => match wanted {
                Wanted::Numbers | Wanted::Measures => "não é de números",
                Wanted::Dates => "não é de datas",
                Wanted::NumbersOrDates | Wanted::Anything => "não é de números nem de datas",
            },
            Some(known) if wanted == Wanted::Measures && known.is_identifier() => {
                "é de códigos, que não medem nada"
            }
            Some(_) => return place,
        };
        let recipe = &recipe.name;
        let alert = format!(
            "A receita `{recipe}` pede uma regra ({what}) que não foi aplicada: a coluna \"{name}\" {lacks}."
        );
        if !self.alerts.contains(&alert) {
            self.alerts.push(alert);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::DataFrame;

    use super::*;
    use crate::recipe::{ColumnKind, Decided};

    fn recipe(rest: &str) -> Recipe {
        Recipe::parse(&format!("version: 1\nname: lista\n{rest}")).unwrap()
    }

    /// What becomes of a table without rows.
    fn applied(recipe: &Recipe, headers: &[&str]) -> (Profile, Rules<usize>, Vec<String>) {
        let laid = recipe.lay(headers).unwrap();
        let mut detector = Detector::new(laid.names().iter().map(String::as_str));
        laid.force(&mut detector);
        detector.observe(&DataFrame::empty()).unwrap();
        let mut profile = detector.finish(0);
        let mut alerts = Vec::new();
        let rules = laid.apply(&mut profile, &mut alerts).unwrap();
        (profile, rules, alerts)
    }

    #[test]
    fn columns_are_found_by_name_alias_and_position() {
        let recipe = recipe(
            "columns:
  - {name: E-mail, type: email}
  - {name: Documento, aliases: [cpf do cliente], type: cpf}
  - {name: Código, position: 3, type: text}",
        );
        let laid = recipe.lay(&["CPF do Cliente", "e_mail", "x"]).unwrap();
        assert_eq!(laid.places, [Some(1), Some(0), Some(2)]);
        assert_eq!(laid.names(), ["CPF do Cliente", "e_mail", "Código"]);
    }

    #[test]
    fn what_the_recipe_says_of_columns_is_in_the_profile() {
        let recipe = recipe(
            "columns:
  - {name: Fone, type: phone, rename: Telefone}
  - {name: Cel, type: phone, drop: true}
  - {name: Sexo, allowed: [F, M], required: true}",
        );
        let (profile, _, alerts) = applied(&recipe, &["Fone", "Cel", "Sexo", "Outra"]);
        let delivered: Vec<_> = profile.delivered().map(|column| column.name).collect();
        assert_eq!(delivered, ["Telefone", "Sexo", "Outra", "Telefone_tipo"]);
        assert_eq!(profile.columns[0].decided, Decided::Recipe);
        assert_eq!(profile.columns[3].decided, Decided::Detected);
        assert_eq!(profile.columns[2].limits.allowed, ["F", "M"]);
        assert!(profile.columns[2].limits.required);
        assert!(alerts.is_empty());
    }

    #[test]
    fn a_required_column_must_be_there() {
        let recipe = recipe("columns: [{name: CPF, required: true}, {name: Nome, required: true}]");
        let error = recipe.lay(&["Nome", "Fone"]).unwrap_err().to_string();
        assert_eq!(
            error,
            "recipe `lista` requires columns that the file does not have: CPF; it has: Nome, Fone"
        );
    }

    #[test]
    fn two_columns_are_not_delivered_under_one_header() {
        let recipe = recipe("columns: [{name: A, rename: B}]");
        let laid = recipe.lay(&["A", "B"]).unwrap();
        let mut profile = Detector::new(["A", "B"]).finish(0);
        let error = laid.apply(&mut profile, &mut Vec::new()).unwrap_err();
        assert!(matches!(error, Unsuited::Twice { header, .. } if header == "B"));
    }

    #[test]
    fn rules_without_their_columns_are_left_out_and_told() {
        let recipe = recipe(
            "columns:
  - {name: Renda, type: money}
  - {name: Idade, type: integer}
  - {name: Livre}
outliers: [{columns: [Renda, Idade]}]
missing: [{columns: [Livre], fill: mean}]
derive: [{ratio: {of: Renda, by: Idade}}]",
        );
        let (profile, rules, alerts) = applied(&recipe, &["Livre", "Renda"]);
        assert_eq!(profile.columns[0].kind, ColumnKind::Text);
        assert_eq!(rules.outliers[0].columns, [1]);
        assert!(rules.missing.is_empty() && rules.derive.is_empty());
        insta::assert_snapshot!(alerts.join("\n"), @r#"
        O arquivo não tem todas as colunas da receita `lista`: falta "Idade".
        A receita `lista` pede uma regra (valores discrepantes) que não foi aplicada: a coluna "Idade" não está no arquivo.
        A receita `lista` pede uma regra (valores que faltam) que não foi aplicada: a coluna "Livre" não é de números.
        A receita `lista` pede uma regra (coluna calculada) que não foi aplicada: a coluna "Idade" não está no arquivo.
        "#);
    }
}

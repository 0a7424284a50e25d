//! Reading variables, and every mistake in them at once.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

/// Where variables come from. A blank variable counts as not set.
pub trait Env {
    fn get(&self, name: &str) -> Option<String>;
}

/// The variables of this process.
#[derive(Debug, Clone, Copy)]
pub struct ProcessEnv;

impl Env for ProcessEnv {
    fn get(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}

impl Env for HashMap<&str, &str> {
    fn get(&self, name: &str) -> Option<String> {
        HashMap::get(self, name).map(|text| (*text).to_owned())
    }
}

/// One thing wrong with the variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub variable: &'static str,
    pub cause: String,
}

/// Everything wrong with the variables. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct InvalidConfig(pub Vec<Problem>);

impl fmt::Display for InvalidConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mistakes = if self.0.len() == 1 {
            "mistake"
        } else {
            "mistakes"
        };
        write!(f, "the configuration has {} {mistakes}", self.0.len())?;
        for problem in &self.0 {
            write!(f, "\n  {}: {}", problem.variable, problem.cause)?;
        }
        Ok(())
    }
}

/// Reads variables and collects what is wrong with them.
pub(super) struct Variables<'a> {
    env: &'a dyn Env,
    problems: Vec<Problem>,
}

impl<'a> Variables<'a> {
    pub(super) fn new(env: &'a dyn Env) -> Self {
        Variables {
            env,
            problems: Vec::new(),
        }
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.env
            .get(name)
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
    }

    /// Any of these is set.
    pub(super) fn any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.text(name).is_some())
    }

    /// The variable, which must be there.
    pub(super) fn required(&mut self, name: &'static str, why: &str) -> String {
        self.text(name).unwrap_or_else(|| {
            self.wrong(name, format!("is missing: {why}"));
            String::new()
        })
    }

    /// The variable as another type, or `default`.
    pub(super) fn parsed<T: FromStr>(&mut self, name: &'static str, default: T, form: &str) -> T {
        self.checked(name, default, form, |text| text.parse().ok())
    }

    /// What `read` makes of the variable, or `default`. The text itself is not repeated.
    pub(super) fn checked<T>(
        &mut self,
        name: &'static str,
        default: T,
        form: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> T {
        let Some(text) = self.text(name) else {
            return default;
        };
        read(&text).unwrap_or_else(|| {
            self.wrong(name, format!("must be {form}"));
            default
        })
    }

    pub(super) fn wrong(&mut self, variable: &'static str, cause: impl Into<String>) {
        self.problems.push(Problem {
            variable,
            cause: cause.into(),
        });
    }

    pub(super) fn finish<T>(self, settings: T) -> Result<T, InvalidConfig> {
        if self.problems.is_empty() {
            Ok(settings)
        } else {
            Err(InvalidConfig(self.problems))
        }
    }
}

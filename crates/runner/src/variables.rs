//! Variables and the `{{ templates }}` that use them.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::manifest::Variable;

/// Every variable of the app, with its value.
#[derive(Debug, Default)]
pub struct Variables(BTreeMap<String, String>);

/// Where values come from, the strongest first.
pub struct Sources<'a> {
    /// `--variable name=value`, by name.
    pub given: &'a [(String, String)],
    /// The process environment, by `SPIN_VARIABLE_NAME`.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// The lines of `.env`, by the same names.
    pub dotenv: &'a BTreeMap<String, String>,
}

impl Sources<'_> {
    fn find(&self, name: &str) -> Option<String> {
        let key = environment_key(name);
        let given = self.given.iter().rev().find(|(given, _)| given == name);
        given
            .map(|(_, value)| value.clone())
            .or_else(|| (self.environment)(&key))
            .or_else(|| self.dotenv.get(&key).cloned())
    }
}

impl Variables {
    /// Gives every declared variable its value, or says which ones have none.
    pub fn resolve(declared: &BTreeMap<String, Variable>, sources: &Sources) -> Result<Self> {
        let mut values = BTreeMap::new();
        let mut missing = Vec::new();
        for (name, variable) in declared {
            check_name(name).map_err(anyhow::Error::msg)?;
            if variable.required == variable.default.is_some() {
                bail!("the variable `{name}` must have either `required = true` or a `default`");
            }
            match sources.find(name).or_else(|| variable.default.clone()) {
                Some(value) => {
                    values.insert(name.clone(), value);
                }
                None => missing.push(name.as_str()),
            }
        }
        if missing.is_empty() { Ok(Self(values)) } else { bail!(explain_missing(&missing)) }
    }

    /// Puts values in the place of `{{ names }}`.
    pub fn fill(&self, template: &str) -> Result<String> {
        let mut filled = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((literal, after)) = rest.split_once("{{") {
            let Some((name, after)) = after.split_once("}}") else {
                bail!("`{template}` opens a `{{{{` that it never closes");
            };
            let name = name.trim();
            let Some(value) = self.0.get(name) else {
                bail!("`{template}` uses the variable `{name}`, which [variables] does not declare");
            };
            filled.push_str(literal);
            filled.push_str(value);
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

/// What Spin allows as the name of a variable.
pub fn check_name(name: &str) -> Result<(), String> {
    let first_is_letter = name.starts_with(|first: char| first.is_ascii_lowercase());
    let complaint = if name.is_empty() {
        "must not be empty"
    } else if !(name.chars()).all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
        "may hold lower-case letters, digits and underscores only"
    } else if !first_is_letter {
        "must start with a letter"
    } else if name.ends_with('_') {
        "must end with a letter or digit"
    } else if name.contains("__") {
        "must not hold two underscores in a row"
    } else {
        return Ok(());
    };
    Err(format!("{name:?}: a variable's name {complaint}"))
}

/// The lines of a `.env` file; none if there is no such file.
pub fn read_dotenv(path: &Path) -> Result<BTreeMap<String, String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(parse_dotenv(&text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

fn parse_dotenv(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.strip_prefix("export ").unwrap_or(line).split_once('='))
        .map(|(key, value)| (key.trim().to_owned(), unquote(value.trim()).to_owned()))
        .collect()
}

fn unquote(value: &str) -> &str {
    for quote in ['"', '\''] {
        let inner = value.strip_prefix(quote).and_then(|rest| rest.split_once(quote));
        if let Some((inner, _)) = inner {
            return inner;
        }
    }
    // A comment needs a space before it: `#` is common in colours and passwords.
    value.split_once(" #").map_or(value, |(value, _)| value.trim_end())
}

fn environment_key(name: &str) -> String {
    format!("SPIN_VARIABLE_{}", name.to_ascii_uppercase())
}

fn explain_missing(names: &[&str]) -> String {
    let mut text = String::from("the app cannot start: these variables have no value:");
    for name in names {
        let key = environment_key(name);
        text.push_str(&format!(
            "\n  {name}: give it with `--variable {name}=…`, or set {key} in the environment or in .env"
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(toml: &str) -> BTreeMap<String, Variable> {
        toml::from_str(toml).unwrap()
    }

    fn resolve(toml: &str, given: &[(&str, &str)], env: &[(&str, &str)], dotenv: &str) -> Result<Variables> {
        let given: Vec<_> = given.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        let environment = |key: &str| env.iter().find(|(k, _)| *k == key).map(|(_, value)| value.to_string());
        let sources = Sources { given: &given, environment: &environment, dotenv: &parse_dotenv(dotenv) };
        Variables::resolve(&declared(toml), &sources)
    }

    #[test]
    fn the_command_line_wins_over_the_environment_over_dotenv_over_the_default() {
        let toml = "a = { default = 'd' }\nb = { default = 'd' }\nc = { default = 'd' }\nd = { default = 'd' }";
        let dotenv = "SPIN_VARIABLE_A=f\nSPIN_VARIABLE_B=f\nSPIN_VARIABLE_C=f\n";
        let env = [("SPIN_VARIABLE_A", "e"), ("SPIN_VARIABLE_B", "e")];
        let variables = resolve(toml, &[("a", "g")], &env, dotenv).unwrap();
        assert_eq!(variables.fill("{{a}}{{ b }}{{c }}-{{ d}}").unwrap(), "gef-d");
    }

    #[test]
    fn a_missing_variable_is_named_with_the_ways_to_set_it() {
        let error = resolve("api_key = { required = true }", &[], &[], "").unwrap_err().to_string();
        for part in ["api_key", "--variable api_key=", "SPIN_VARIABLE_API_KEY", ".env"] {
            assert!(error.contains(part), "{part} is not in {error}");
        }
    }

    #[test]
    fn a_template_must_close_its_braces_and_name_what_is_declared() {
        let variables = resolve("a = { default = '1' }", &[], &[], "").unwrap();
        assert!(variables.fill("{{ a").unwrap_err().to_string().contains("never closes"));
        assert!(variables.fill("{{ b }}").unwrap_err().to_string().contains("`b`"));
        assert_eq!(variables.fill("}} plain {").unwrap(), "}} plain {");
    }

    #[test]
    fn names_follow_spins_rules() {
        for good in ["a", "api_key", "key2"] {
            check_name(good).unwrap();
        }
        for bad in ["", "A", "1a", "a-b", "_a", "a_", "a__b", "ä"] {
            check_name(bad).unwrap_err();
        }
    }

    #[test]
    fn dotenv_lines_may_be_quoted_exported_and_commented() {
        let read = parse_dotenv("# no\nexport A=\"x # y\"\nB='z'\nC = plain # note\nD=#fff\nnonsense\n");
        let expect = [("A", "x # y"), ("B", "z"), ("C", "plain"), ("D", "#fff")];
        let expect = expect.map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert_eq!(read, BTreeMap::from(expect));
    }
}

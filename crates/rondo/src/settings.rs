//! The app's variables as this machine sets them, and the secrets that `up` makes for one start.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::hosts;
use crate::manifest::Manifest;

/// Made anew for each start where nobody sets them. They live in this process and its app alone.
const GENERATED: [&str; 3] = ["setup_token", "wake_secret", "operator_token"];

/// 256 bits: out of reach of guessing.
const SECRET_BYTES: usize = 32;

/// Values of variables, the strongest source first: a flag, the environment, `.env`, the manifest's default.
pub struct Settings {
    given: Vec<(String, String)>,
    dotenv: BTreeMap<String, String>,
    defaults: BTreeMap<String, String>,
}

impl Settings {
    /// Gathers them; refuses a flag for a variable that the manifest does not have.
    pub fn gather(manifest: &Manifest, given: &[(String, String)]) -> Result<Self> {
        if let Some((name, _)) = given.iter().find(|(name, _)| !manifest.variables.contains_key(name)) {
            let known: Vec<_> = manifest.variables.keys().map(String::as_str).collect();
            bail!("--variable {name}: {} has no such variable; it has {}", manifest.path.display(), known.join(", "));
        }
        let defaults =
            manifest.variables.iter().filter_map(|(name, variable)| Some((name.clone(), variable.default.clone()?)));
        Ok(Self { given: given.to_vec(), dotenv: dotenv(Path::new(".env"))?, defaults: defaults.collect() })
    }

    /// A variable's value. Empty counts as unset.
    pub fn get(&self, name: &str) -> Option<String> {
        let set = self.set_by_hand(name).or_else(|| self.defaults.get(name).cloned());
        set.filter(|value| !value.is_empty())
    }

    /// Its value where somebody set it: a flag, the environment or `.env`.
    pub fn set_by_hand(&self, name: &str) -> Option<String> {
        let key = format!("SPIN_VARIABLE_{}", name.to_ascii_uppercase());
        let given = self.given.iter().rev().find(|(given, _)| given == name).map(|(_, value)| value.clone());
        given.or_else(|| std::env::var(&key).ok()).or_else(|| self.dotenv.get(&key).cloned())
    }

    /// Makes the secrets that the manifest has and nobody set.
    pub fn generate_secrets(&mut self, manifest: &Manifest) -> Result<()> {
        for name in GENERATED.into_iter().filter(|name| manifest.variables.contains_key(*name)) {
            if self.set_by_hand(name).is_none_or(|value| value.is_empty()) {
                self.given.push((name.into(), secret()?));
            }
        }
        Ok(())
    }

    /// Lets components reach the hosts of the addresses that are set, where nobody said what they may reach.
    pub fn grant_hosts(&mut self, manifest: &Manifest) {
        let implied = hosts::implied(manifest, self);
        self.given.extend(implied.into_iter().map(|grant| (grant.hosts.to_owned(), grant.host)));
    }

    /// What the runner is to be given: the flags, and what was made here.
    pub fn given(&self) -> &[(String, String)] {
        &self.given
    }

    /// Required variables without a value.
    pub fn missing<'a>(&self, manifest: &'a Manifest) -> Vec<&'a str> {
        let required = manifest.variables.iter().filter(|(_, variable)| variable.required);
        required.map(|(name, _)| name.as_str()).filter(|name| self.set_by_hand(name).is_none()).collect()
    }
}

/// Reads `name=value`.
pub fn parse_variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.into(), value.into())),
        _ => Err("write it as name=value".into()),
    }
}

fn secret() -> Result<String> {
    let mut bytes = [0; SECRET_BYTES];
    getrandom::fill(&mut bytes).context("the operating system gives no randomness")?;
    Ok(domain::post::hex(&bytes))
}

/// The lines of a `.env` file, as the runner reads them; none if there is no such file.
fn dotenv(path: &Path) -> Result<BTreeMap<String, String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(parse_dotenv(&text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

fn parse_dotenv(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let pairs = lines.filter_map(|line| line.strip_prefix("export ").unwrap_or(line).split_once('='));
    pairs.map(|(key, value)| (key.trim().into(), unquote(value.trim()).into())).collect()
}

fn unquote(value: &str) -> &str {
    let quoted = ['"', '\''].into_iter().find_map(|quote| value.strip_prefix(quote)?.split_once(quote));
    match quoted {
        Some((inner, _)) => inner,
        None => value.split_once(" #").map_or(value, |(value, _)| value.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Variable;

    fn manifest(variables: &[(&str, Option<&str>)]) -> Manifest {
        let variable = |(name, default): &(&str, Option<&str>)| {
            ((*name).to_owned(), Variable { default: default.map(Into::into), required: default.is_none() })
        };
        Manifest {
            path: "spin.toml".into(),
            folder: ".".into(),
            variables: variables.iter().map(variable).collect(),
            components: BTreeMap::new(),
            answers_http: true,
        }
    }

    #[test]
    fn secrets_are_made_for_those_that_nobody_set() {
        let manifest = manifest(&[("setup_token", Some("")), ("wake_secret", Some(""))]);
        let given = [("wake_secret".to_owned(), "mine".to_owned())];
        let mut settings = Settings::gather(&manifest, &given).unwrap();
        settings.generate_secrets(&manifest).unwrap();
        assert_eq!(settings.get("wake_secret").as_deref(), Some("mine"));
        assert_eq!(settings.get("setup_token").unwrap().len(), 2 * SECRET_BYTES);
        assert_eq!(settings.get("operator_token"), None, "the manifest does not have it");
    }

    #[test]
    fn two_starts_never_share_a_secret() {
        assert_ne!(secret().unwrap(), secret().unwrap());
    }

    #[test]
    fn a_variable_that_the_manifest_lacks_is_refused_with_those_it_has() {
        let given = [("modle".to_owned(), "x".to_owned())];
        let error = Settings::gather(&manifest(&[("model", Some(""))]), &given).err().unwrap().to_string();
        assert!(error.contains("modle") && error.contains("it has model"), "{error}");
    }

    #[test]
    fn a_required_variable_without_a_value_is_missing() {
        let manifest = manifest(&[("needed_here_only", None), ("other", Some("x"))]);
        let settings = Settings::gather(&manifest, &[]).unwrap();
        assert_eq!(settings.missing(&manifest), ["needed_here_only"]);
    }

    #[test]
    fn a_dotenv_file_is_read_as_the_runner_reads_it() {
        let read = parse_dotenv("# no\nA=1\nexport B = \"two words\" # yes\nC='#3'\nD=#fff\nE=x # y\n");
        let expect = [("A", "1"), ("B", "two words"), ("C", "#3"), ("D", "#fff"), ("E", "x")];
        assert_eq!(read, expect.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
    }
}

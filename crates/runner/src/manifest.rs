//! Reads `spin.toml` (manifest version 2): what the app is made of and what each part may do.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// A manifest whose references have been checked against each other.
#[derive(Debug)]
pub struct Manifest {
    /// The folder that relative paths start from.
    pub folder: PathBuf,
    pub variables: BTreeMap<String, Variable>,
    pub components: BTreeMap<String, Component>,
    pub http: Vec<HttpTrigger>,
    pub redis: Vec<RedisTrigger>,
    /// Where Redis triggers listen that name no address of their own.
    pub redis_address: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    #[serde(default)]
    pub required: bool,
    pub default: Option<String>,
    /// Spin keeps secrets out of its own output. Nothing here prints a value at all.
    #[serde(default, rename = "secret")]
    _secret: bool,
    #[serde(default, rename = "description")]
    _description: Option<String>,
}

/// What a component is made from and which powers it holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    pub source: Source,
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    #[serde(default)]
    pub files: Vec<Files>,
    #[serde(default)]
    pub exclude_files: Vec<String>,
    #[serde(default)]
    pub allowed_outbound_hosts: Vec<String>,
    #[serde(default)]
    pub key_value_stores: Vec<String>,
    #[serde(default)]
    pub sqlite_databases: Vec<String>,
    /// Which of the host's own models the component may ask.
    #[serde(default)]
    pub ai_models: Vec<String>,
    #[serde(default)]
    pub build: Option<Build>,
    #[serde(default)]
    dependencies: toml::Table,

    // What Spin knows and this runner has no use for.
    #[serde(default, rename = "description")]
    _description: Option<toml::Value>,
    #[serde(default, rename = "targets")]
    _targets: Option<toml::Value>,
    #[serde(default, rename = "tool")]
    _tool: Option<toml::Value>,
    #[serde(default, rename = "profile")]
    _profile: Option<toml::Value>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Source {
    Local(PathBuf),
    Elsewhere(serde::de::IgnoredAny),
}

#[derive(Debug, Deserialize)]
pub struct Build {
    pub command: Command,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Command {
    One(String),
    Several(Vec<String>),
}

impl fmt::Display for Command {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::One(command) => formatter.write_str(command),
            Self::Several(commands) => formatter.write_str(&commands.join(" && ")),
        }
    }
}

/// Files that a component may read.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Files {
    /// Whatever matches, at its own path below `/`.
    Pattern(String),
    /// One folder or file, at a path of its own.
    Placed { source: PathBuf, destination: String },
}

#[derive(Debug)]
pub struct HttpTrigger {
    pub component: String,
    /// `None` hides the component: only the app's own components reach it.
    pub route: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedisTrigger {
    pub component: String,
    pub channel: String,
    pub address: Option<String>,
    #[serde(default, rename = "id")]
    _id: Option<String>,
}

impl Manifest {
    pub fn read(path: &Path) -> Result<Self> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read the manifest {}", path.display()))?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        Self::parse(&text, folder.unwrap_or(Path::new(".")))
            .with_context(|| format!("the manifest {} cannot be used", path.display()))
    }

    pub fn parse(text: &str, folder: &Path) -> Result<Self> {
        let file: File = toml::from_str(text)?;
        if file.spin_manifest_version != 2 {
            bail!("it says spin_manifest_version = {}; this runner reads version 2", file.spin_manifest_version);
        }
        let mut manifest = Self {
            folder: folder.to_owned(),
            variables: file.variables,
            components: file.component,
            http: Vec::new(),
            redis: Vec::new(),
            redis_address: file.application.trigger.redis.address,
        };
        for (kind, triggers) in file.trigger {
            for trigger in triggers {
                manifest.add_trigger(&kind, trigger)?;
            }
        }
        manifest.check()?;
        Ok(manifest)
    }

    fn add_trigger(&mut self, kind: &str, trigger: toml::Table) -> Result<()> {
        let described = trigger.get("component").and_then(toml::Value::as_str).map(str::to_owned);
        let read = || -> Result<Trigger> {
            match kind {
                "http" => Ok(Trigger::Http(trigger.try_into()?)),
                "redis" => Ok(Trigger::Redis(trigger.try_into()?)),
                _ => bail!("this runner has the triggers http and redis"),
            }
        };
        let trigger = read().with_context(|| {
            let described = described.unwrap_or_else(|| "no component".into());
            format!("a trigger.{kind} of {described} cannot be used")
        })?;
        match trigger {
            Trigger::Redis(trigger) => self.redis.push(trigger),
            Trigger::Http(entry) => {
                let route = match entry.route {
                    Route::Public(route) => Some(route),
                    Route::Private { private: true } => None,
                    Route::Private { private: false } => {
                        bail!("the route of {} must be a path or {{ private = true }}", entry.component)
                    }
                };
                self.http.push(HttpTrigger { component: entry.component, route });
            }
        }
        Ok(())
    }

    /// The components that some trigger starts: the others need not even be built.
    pub fn triggered(&self) -> impl Iterator<Item = (&String, &Component)> {
        self.components.iter().filter(|(id, _)| {
            self.http.iter().any(|trigger| trigger.component == **id)
                || self.redis.iter().any(|trigger| trigger.component == **id)
        })
    }

    /// Where a component's Wasm lies.
    pub fn wasm(&self, id: &str, component: &Component) -> Result<PathBuf> {
        match &component.source {
            Source::Local(path) => Ok(self.folder.join(path)),
            Source::Elsewhere(_) => bail!(
                "component {id} is fetched from elsewhere; this runner runs local files, so download it and name its path as `source`"
            ),
        }
    }

    fn check(&self) -> Result<()> {
        let named = (self.http.iter().map(|trigger| &trigger.component))
            .chain(self.redis.iter().map(|trigger| &trigger.component));
        for id in named {
            if !self.components.contains_key(id) {
                bail!("a trigger names the component {id}, but there is no [component.{id}]");
            }
        }
        let names = self.components.values().flat_map(|component| component.variables.keys());
        if let Some(name) = self.variables.keys().chain(names).find(|name| !is_variable_name(name)) {
            bail!(
                "the variable `{name}` has a name that Spin refuses: words of small letters and digits, each with a \
                letter first, joined by `_`"
            );
        }
        for (id, component) in &self.components {
            if !component.dependencies.is_empty() {
                bail!("component {id} has [dependencies], which this runner cannot compose");
            }
        }
        if let Some(trigger) =
            (self.redis.iter()).find(|trigger| trigger.address.is_none() && self.redis_address.is_none())
        {
            bail!(
                "the Redis trigger of {} has no address: give it one, or set [application.trigger.redis] address",
                trigger.component
            );
        }
        Ok(())
    }
}

/// Spin's rule (`Id` of its crate `spin-serde`), so that what runs here runs there.
fn is_variable_name(name: &str) -> bool {
    name.split('_').all(|word| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    spin_manifest_version: u32,
    application: Application,
    #[serde(default)]
    variables: BTreeMap<String, Variable>,
    #[serde(default)]
    trigger: BTreeMap<String, Vec<toml::Table>>,
    #[serde(default)]
    component: BTreeMap<String, Component>,
}

#[derive(Deserialize)]
struct Application {
    #[serde(default)]
    trigger: ApplicationTriggers,
}

#[derive(Default, Deserialize)]
struct ApplicationTriggers {
    #[serde(default)]
    redis: ApplicationRedis,
}

#[derive(Default, Deserialize)]
struct ApplicationRedis {
    address: Option<String>,
}

enum Trigger {
    Http(HttpEntry),
    Redis(RedisTrigger),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HttpEntry {
    component: String,
    route: Route,
    #[serde(default, rename = "id")]
    _id: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Route {
    Public(String),
    Private { private: bool },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_variable(name: &str) -> Result<Manifest> {
        let text = format!(
            "spin_manifest_version = 2\n[application]\nname = \"a\"\n[variables]\n{name} = {{ default = \"\" }}\n"
        );
        Manifest::parse(&text, Path::new("."))
    }

    #[test]
    fn a_variable_has_a_name_that_spin_takes_or_is_refused_here_too() {
        for name in ["model_hosts", "a1", "model_v2_key"] {
            assert!(with_variable(name).is_ok(), "{name}");
        }
        for name in ["model_hosts_2", "model__hosts", "Model", "_model", "model_", "model-hosts"] {
            let error = with_variable(name).unwrap_err().to_string();
            assert!(error.contains(&format!("the variable `{name}`")), "{name}: {error}");
        }
    }
}

//! What the command line needs to know of a Spin manifest: its variables, and how its wasm is built.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// The manifest's usual name.
const NAME: &str = "spin.toml";

/// A manifest, and where it is.
pub struct Manifest {
    /// Its file.
    pub path: PathBuf,
    /// Its folder; relative paths in it start here.
    pub folder: PathBuf,
    /// `[variables]`.
    pub variables: BTreeMap<String, Variable>,
    /// `[component.x]`, by id.
    pub components: BTreeMap<String, Component>,
    /// Whether anything in it answers HTTP.
    pub answers_http: bool,
}

/// A declared variable.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Variable {
    /// What it is if nobody sets it.
    pub default: Option<String>,
    /// Whether the app needs a value to start.
    #[serde(default)]
    pub required: bool,
}

/// A component, as far as building it goes.
#[derive(Debug, Deserialize)]
pub struct Component {
    source: Source,
    build: Option<Build>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Source {
    File(PathBuf),
    // Downloaded, and none of our business.
    Elsewhere(serde::de::IgnoredAny),
}

/// `[component.x.build]`.
#[derive(Debug, Deserialize)]
pub struct Build {
    /// One command, or several in turn.
    command: Commands,
    /// Where it runs, from the manifest's folder.
    pub workdir: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Commands {
    One(String),
    Several(Vec<String>),
}

impl Build {
    /// Its commands, in turn.
    pub fn commands(&self) -> &[String] {
        match &self.command {
            Commands::One(command) => std::slice::from_ref(command),
            Commands::Several(commands) => commands,
        }
    }
}

impl Component {
    /// Its wasm file, from the manifest's folder. None if it is downloaded.
    pub fn wasm(&self) -> Option<&Path> {
        match &self.source {
            Source::File(path) => Some(path),
            Source::Elsewhere(_) => None,
        }
    }

    /// How it is built, if the manifest says so.
    pub fn build(&self) -> Option<&Build> {
        self.build.as_ref()
    }
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    variables: BTreeMap<String, Variable>,
    #[serde(default)]
    component: BTreeMap<String, Component>,
    #[serde(default)]
    trigger: BTreeMap<String, toml::Value>,
}

impl Manifest {
    /// Reads the manifest that was named (a file, or a folder with a `spin.toml`), or else the nearest
    /// `spin.toml` from the current folder upwards.
    pub fn find(named: Option<&Path>) -> Result<Self> {
        match named {
            Some(path) if path.is_dir() => Self::read(&path.join(NAME)),
            Some(path) => Self::read(path),
            None => Self::read(&nearest()?),
        }
    }

    fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let file: File = toml::from_str(&text).with_context(|| format!("{} is no Spin manifest", path.display()))?;
        let path = std::path::absolute(path).with_context(|| format!("cannot find {}", path.display()))?;
        let folder = path.parent().unwrap_or(Path::new("/")).to_owned();
        let answers_http = file.trigger.contains_key("http");
        Ok(Self { path, folder, variables: file.variables, components: file.component, answers_http })
    }
}

fn nearest() -> Result<PathBuf> {
    let here = std::env::current_dir().context("cannot tell the current folder")?;
    match here.ancestors().map(|folder| folder.join(NAME)).find(|path| path.is_file()) {
        Some(path) => Ok(path),
        None => bail!("there is no {NAME} here or in any folder above; name one with `--from`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_stands_for_the_manifest_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let text = "
            [variables]
            a = { default = '' }
            b = { required = true }
            [[trigger.http]]
            route = '/...'
            component = 'x'
            [component.x]
            source = 'x.wasm'
            [component.x.build]
            command = 'make x'
            [component.y]
            source = { url = 'https://example.com/y.wasm', digest = 'sha256:0' }
            [component.y.build]
            command = ['make', 'make y']
            workdir = 'y'
        ";
        std::fs::write(folder.path().join("spin.toml"), text).unwrap();
        let manifest = Manifest::find(Some(folder.path())).unwrap();
        assert!(manifest.variables["b"].required);
        assert!(manifest.answers_http);
        assert_eq!(manifest.variables["a"].default.as_deref(), Some(""));
        let (x, y) = (&manifest.components["x"], &manifest.components["y"]);
        assert_eq!((x.wasm(), y.wasm()), (Some(Path::new("x.wasm")), None));
        assert_eq!(x.build().unwrap().commands(), ["make x"]);
        assert_eq!(y.build().unwrap().commands(), ["make", "make y"]);
    }

    #[test]
    fn a_manifest_that_is_not_there_is_named() {
        let error = Manifest::find(Some(Path::new("/nowhere/spin.toml"))).err().unwrap().to_string();
        assert!(error.contains("/nowhere/spin.toml"), "{error}");
    }
}

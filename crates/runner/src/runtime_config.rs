//! The operator's settings: where stores lie, and which networks are closed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::llm::{Llm, Remote};
use crate::networks::Blocked;

/// What a runtime config file says, with its paths made complete.
#[derive(Debug, Default)]
pub struct RuntimeConfig {
    /// By label. `None` is a store in memory.
    pub key_value: BTreeMap<String, Option<PathBuf>>,
    /// By label. `None` is a database in memory.
    pub sqlite: BTreeMap<String, Option<PathBuf>>,
    pub blocked: Blocked,
    /// What runs models.
    pub llm: Llm,
}

impl RuntimeConfig {
    /// Reads the file, if one is given. Spin starts relative paths of key-value stores at the
    /// state folder, and those of databases at the file itself.
    pub fn read(path: Option<&Path>, state_dir: Option<&Path>) -> Result<Self> {
        let Some(path) = path else { return Ok(Self::default()) };
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the runtime config {}", path.display()))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse(&text, folder, state_dir)
            .with_context(|| format!("the runtime config {} cannot be used", path.display()))
    }

    fn parse(text: &str, folder: &Path, state_dir: Option<&Path>) -> Result<Self> {
        let file: File = toml::from_str(text)?;
        let place = |kind: &str, stores: BTreeMap<String, Store>, base: &Path| {
            let place = |(label, store): (String, Store)| {
                if store.kind != "spin" {
                    bail!("{kind}.{label} is of type {:?}; this runner has the type \"spin\"", store.kind);
                }
                Ok((label, store.path.map(|path| base.join(path))))
            };
            stores.into_iter().map(place).collect::<Result<BTreeMap<_, _>>>()
        };
        Ok(Self {
            key_value: place("key_value_store", file.key_value_store, state_dir.unwrap_or(folder))?,
            sqlite: place("sqlite_database", file.sqlite_database, folder)?,
            blocked: Blocked::parse(&file.outbound_networking.block_networks)?,
            llm: match file.llm_compute {
                None | Some(LlmCompute::Spin) => Llm::Nobody,
                Some(LlmCompute::RemoteHttp { url, auth_token, api_type: None }) => {
                    Llm::Remote(Remote::new(&url, &auth_token)?.into())
                }
                Some(LlmCompute::RemoteHttp { api_type: Some(kind), .. }) => {
                    bail!("llm_compute has api_type = {kind:?}; this runner speaks the default one: leave it out")
                }
            },
        })
    }
}

/// Other tables are Spin's business: a file may serve both.
#[derive(Deserialize)]
struct File {
    #[serde(default)]
    key_value_store: BTreeMap<String, Store>,
    #[serde(default)]
    sqlite_database: BTreeMap<String, Store>,
    #[serde(default)]
    outbound_networking: OutboundNetworking,
    llm_compute: Option<LlmCompute>,
}

/// Whose machine runs models.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
enum LlmCompute {
    Spin,
    RemoteHttp { url: String, auth_token: String, api_type: Option<String> },
}

#[derive(Deserialize)]
struct Store {
    #[serde(rename = "type")]
    kind: String,
    path: Option<PathBuf>,
}

#[derive(Default, Deserialize)]
struct OutboundNetworking {
    #[serde(default)]
    block_networks: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_paths_start_where_spin_starts_them() {
        let text = "
            [key_value_store.blobs]
            type = 'spin'
            path = 'blobs.db'
            [sqlite_database.other]
            type = 'spin'
            path = 'other.db'
            [sqlite_database.memory]
            type = 'spin'
            [outbound_networking]
            block_networks = ['private']
        ";
        let config = RuntimeConfig::parse(text, Path::new("/conf"), Some(Path::new("/state"))).unwrap();
        assert_eq!(config.key_value["blobs"], Some("/state/blobs.db".into()));
        assert_eq!(config.sqlite["other"], Some("/conf/other.db".into()));
        assert_eq!(config.sqlite["memory"], None);
        assert!(config.blocked.blocks("127.0.0.1".parse().unwrap()));
    }

    #[test]
    fn models_are_nowhere_or_behind_an_address_and_another_way_to_them_is_refused() {
        let parse = |text: &str| RuntimeConfig::parse(text, Path::new(""), None);
        assert!(matches!(parse("").unwrap().llm, Llm::Nobody));
        assert!(matches!(parse("[llm_compute]\ntype = 'spin'").unwrap().llm, Llm::Nobody));
        let remote = "[llm_compute]\ntype = 'remote_http'\nurl = 'http://127.0.0.1:3001'\nauth_token = 't'";
        assert!(matches!(parse(remote).unwrap().llm, Llm::Remote(_)));
        for (wrong, complaint) in [
            (format!("{remote}\napi_type = 'open_ai'"), "api_type"),
            (remote.replace("http://127.0.0.1:3001", "ftp://x"), "llm_compute"),
            (remote.replace("auth_token = 't'", ""), "auth_token"),
        ] {
            let error = format!("{:#}", parse(&wrong).unwrap_err());
            assert!(error.contains(complaint), "{error}");
        }
    }

    #[test]
    fn a_store_of_another_type_is_refused_by_name() {
        let text = "[sqlite_database.default]\ntype = 'libsql'\nurl = 'http://x'";
        let error = RuntimeConfig::parse(text, Path::new(""), None).unwrap_err().to_string();
        assert!(error.contains("sqlite_database.default") && error.contains("libsql"), "{error}");
    }
}

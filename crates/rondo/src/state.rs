//! The state folder, as commands that keep and check it see it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use ports::native::NativeDb;
use rusqlite::{Connection, OpenFlags};
use store::seal::{self, Verdict};

use crate::manifest::Manifest;

/// As Spin names the default database.
pub const DATABASE: &str = "sqlite_db.db";

/// Which state folder a command is about.
#[derive(clap::Args, Clone, Debug)]
pub struct Place {
    /// The manifest, or its folder [default: the nearest spin.toml, from here upwards]
    #[arg(short = 'f', long, value_name = "PATH")]
    from: Option<PathBuf>,
    /// Where databases and logs are kept [default: .spin beside the manifest]
    #[arg(long, value_name = "FOLDER")]
    state_dir: Option<PathBuf>,
}

impl Place {
    /// The folder.
    pub fn folder(&self) -> Result<PathBuf> {
        match &self.state_dir {
            Some(folder) => Ok(folder.clone()),
            None => Ok(Manifest::find(self.from.as_deref())?.folder.join(".spin")),
        }
    }

    /// The database in it, which must be there.
    pub fn database(&self) -> Result<PathBuf> {
        let path = self.folder()?.join(DATABASE);
        if !path.is_file() {
            bail!("there is no database {}; the first start of the app makes it", path.display());
        }
        Ok(path)
    }
}

/// Says what is wrong with a database file, if anything is.
pub fn check_whole(path: &Path) -> Result<()> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .with_context(|| format!("cannot open {}", path.display()))?;
    let complaint: String = connection
        .query_row("pragma integrity_check", [], |row| row.get(0))
        .with_context(|| format!("{} is no database", path.display()))?;
    if complaint != "ok" {
        bail!("{} is not whole: {complaint}", path.display());
    }
    if connection.prepare("pragma foreign_key_check")?.exists([])? {
        bail!("{} is not whole: a row refers to one that is not there", path.display());
    }
    Ok(())
}

/// What a check of all chains of a database came to.
#[derive(Debug)]
pub struct Audit {
    /// A workspace's name, and how its chain is.
    pub chains: Vec<(String, Verdict)>,
    /// The number of an event that was given out after the last one that is there.
    pub lost_tail: Option<i64>,
    /// No chain holds the hash that was kept.
    pub head_is_missing: bool,
}

impl Audit {
    /// Whether nothing was found.
    pub fn holds(&self) -> bool {
        self.lost_tail.is_none() && !self.head_is_missing && self.chains.iter().all(|(_, chain)| chain.broken.is_none())
    }
}

/// Follows the chains of all workspaces. `kept`: a hash that one of them should hold.
pub async fn audit(db: &NativeDb, kept: Option<&str>) -> Result<Audit> {
    let mut audit = Audit { chains: Vec::new(), lost_tail: seal::lost_tail(db).await?, head_is_missing: false };
    let mut met = kept.is_none();
    for (workspace_id, name) in seal::workspaces(db).await? {
        let mut verdict = seal::verify(db, &workspace_id, kept).await?;
        // The hash is of one workspace; that the others do not hold it says nothing.
        if verdict.broken == Some(domain::seal::Break::HeadMissing) {
            verdict.broken = None;
        }
        met |= verdict.met;
        audit.chains.push((name, verdict));
    }
    audit.head_is_missing = !met;
    Ok(audit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_no_database_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(DATABASE);
        std::fs::write(&path, "this is no database, whatever it is named").unwrap();
        assert!(check_whole(&path).unwrap_err().to_string().contains("is no database"));
    }
}

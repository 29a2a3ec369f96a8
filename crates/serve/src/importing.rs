//! Posts from elsewhere: a file is tried out, which shows exactly what importing it would do; then imported, whole and
//! once.

use domain::import::{Choices, Draft, FileError, Kind, Parsed, file_name, file_sha256, normal, parse};
use store::import::{self, Fate, Import, NewImport};

use crate::{App, Caller, Problem, id};

/// A file as it came.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Its name, fit to be stored and shown.
    pub name: String,
    /// What it is, by how it begins.
    pub kind: Kind,
    /// What it holds.
    pub text: String,
    /// What it is read with.
    pub choices: Choices,
}

impl Upload {
    /// A file of this name and text, read with these choices.
    pub fn new(name: &str, text: &str, choices: Choices) -> Self {
        let text = normal(text);
        let begins = text.trim_start_matches('\u{feff}').trim_start();
        let kind = if begins.starts_with(['[', '{']) { Kind::Json } else { Kind::Csv };
        Self { name: file_name(name), kind, text, choices }
    }

    /// What it is known by.
    pub fn sha256(&self) -> String {
        file_sha256(&self.text, &self.choices)
    }

    /// Its rows.
    pub fn read(&self) -> Result<Parsed, Problem> {
        if let Some(complaint) = domain::text::complaint(&self.text) {
            return Err(Problem::invalid("file", complaint));
        }
        parse(self.kind, self.text.as_bytes(), &self.choices).map_err(|error| match error {
            FileError::NoColumn(name) => {
                Problem::invalid("columns", format!("name `{name}`, which the file does not have"))
            }
            other => Problem::invalid("file", other.to_string()),
        })
    }
}

/// What importing a file would do.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Its columns and rows.
    pub parsed: Parsed,
    /// What becomes of each row.
    pub fates: Vec<Fate>,
    /// The import of the same file, if there was one: another changes nothing.
    pub before: Option<Import>,
}

impl Trial {
    /// How many rows come to this.
    pub fn count(&self, fate: Fate) -> usize {
        self.fates.iter().filter(|one| **one == fate).count()
    }
}

/// Says what importing it would do. Changes nothing.
pub async fn try_out(app: App<'_>, workspace_id: &str, upload: &Upload) -> Result<Trial, Problem> {
    let parsed = upload.read()?;
    let fates = import::try_out(app.ports.db, workspace_id, &parsed.rows).await?;
    let before = import::of_file(app.ports.db, workspace_id, &upload.sha256()).await?;
    Ok(Trial { parsed, fates, before })
}

/// Imports what the trial shows as new, in one statement, and answers the import's id; none where this file was
/// imported before, which changes nothing.
pub async fn bring(app: App<'_>, caller: &Caller, upload: &Upload) -> Result<(Trial, Option<String>), Problem> {
    let trial = try_out(app, &caller.workspace_id, upload).await?;
    let rows = trial.parsed.rows.iter().zip(&trial.fates).filter(|(_, fate)| **fate == Fate::New);
    let posts: Vec<Draft> = rows.filter_map(|(row, _)| row.outcome.clone().ok()).collect();
    let import_id = id(app);
    let new = NewImport {
        workspace_id: &caller.workspace_id,
        id: &import_id,
        sha256: &upload.sha256(),
        name: &upload.name,
        kind: upload.kind,
        rows_read: trial.parsed.rows.len(),
        posts: &posts,
        actor: &caller.actor,
    };
    let is_new = import::create(app.ports.db, app.ports.clock.pinned_ms(), &new).await?;
    Ok((trial, is_new.then_some(import_id)))
}

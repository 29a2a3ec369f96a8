//! Workspaces: the tenants.

use domain::Mode;
use ports::{Db, DbError, Row};

use crate::now;

/// A workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// Its id.
    pub id: String,
    /// As people call it.
    pub name: String,
    /// As URLs call it.
    pub slug: String,
    /// Nothing is armed while it is.
    pub paused: bool,
    /// In rehearsal nothing of a performance goes out.
    pub mode: Mode,
}

fn workspace(row: Row<'_>) -> Result<Workspace, DbError> {
    Ok(Workspace {
        id: row.text("id")?,
        name: row.text("name")?,
        slug: row.text("slug")?,
        paused: row.bool("paused")?,
        mode: row.parsed("mode")?,
    })
}

/// The one that every install begins with.
pub async fn first(db: &dyn Db) -> Result<Workspace, DbError> {
    let rows =
        db.execute("select id, name, slug, paused, mode from workspace order by created_at, id limit 1", &[]).await?;
    workspace(rows.first().ok_or_else(|| DbError::Other("there is no workspace".into()))?)
}

/// The one with this id.
pub async fn find(db: &dyn Db, id: &str) -> Result<Option<Workspace>, DbError> {
    let rows = db.execute("select id, name, slug, paused, mode from workspace where id = ?1", &[id.into()]).await?;
    rows.first().map(workspace).transpose()
}

/// The one that URLs call so.
pub async fn by_slug(db: &dyn Db, slug: &str) -> Result<Option<Workspace>, DbError> {
    let rows = db.execute("select id, name, slug, paused, mode from workspace where slug = ?1", &[slug.into()]).await?;
    rows.first().map(workspace).transpose()
}

/// Stops everything before it is armed, or lets it go on. `None`: there is no such workspace.
pub async fn set_paused(db: &dyn Db, id: &str, paused: bool) -> Result<Option<Workspace>, DbError> {
    let rows = db
        .execute(
            "update workspace set paused = ?2 where id = ?1 returning id, name, slug, paused, mode",
            &[id.into(), paused.into()],
        )
        .await?;
    rows.first().map(workspace).transpose()
}

/// Switches between rehearsal and performance. Repeating it changes nothing. `None`: there is no such workspace.
pub async fn set_mode(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    id: &str,
    mode: Mode,
    actor: &str,
) -> Result<Option<Workspace>, DbError> {
    const SWITCH: &str = concat!(
        "update workspace set mode = ?3, mode_by = ?4, mode_at = ",
        now!(),
        " where id = ?2 returning id, name, slug, paused, mode"
    );
    let rows = db.execute(SWITCH, &[pinned_ms.into(), id.into(), mode.as_str().into(), actor.into()]).await?;
    rows.first().map(workspace).transpose()
}

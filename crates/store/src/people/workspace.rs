//! Workspaces: the tenants.

use domain::{Mode, Role};
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
    /// Counts its edits.
    pub revision: i64,
}

const COLUMNS: &str = "id, name, slug, paused, mode, revision";

fn workspace(row: Row<'_>) -> Result<Workspace, DbError> {
    Ok(Workspace {
        id: row.text("id")?,
        name: row.text("name")?,
        slug: row.text("slug")?,
        paused: row.bool("paused")?,
        mode: row.parsed("mode")?,
        revision: row.int("revision")?,
    })
}

/// The one that every install begins with.
pub async fn first(db: &dyn Db) -> Result<Workspace, DbError> {
    let rows = db.execute(&format!("select {COLUMNS} from workspace order by created_at, id limit 1"), &[]).await?;
    workspace(rows.first().ok_or_else(|| DbError::Other("there is no workspace".into()))?)
}

/// The one with this id.
pub async fn find(db: &dyn Db, id: &str) -> Result<Option<Workspace>, DbError> {
    let rows = db.execute(&format!("select {COLUMNS} from workspace where id = ?1"), &[id.into()]).await?;
    rows.first().map(workspace).transpose()
}

/// The one that URLs call so.
pub async fn by_slug(db: &dyn Db, slug: &str) -> Result<Option<Workspace>, DbError> {
    let rows = db.execute(&format!("select {COLUMNS} from workspace where slug = ?1"), &[slug.into()]).await?;
    rows.first().map(workspace).transpose()
}

/// Those that a person is a member of, by name, with what they are there.
pub async fn of_user(db: &dyn Db, user_id: &str) -> Result<Vec<(Workspace, Role)>, DbError> {
    let rows = db
        .execute(
            "select w.id, w.name, w.slug, w.paused, w.mode, w.revision, m.role
            from member m join workspace w on w.id = m.workspace_id
            where m.user_id = ?1 order by w.name collate nocase, w.id",
            &[user_id.into()],
        )
        .await?;
    rows.iter().map(|row| Ok((workspace(row)?, row.parsed("role")?))).collect()
}

/// Makes another one in rehearsal, whose owner is the person who makes it. A slug that is taken is a [`DbError::Conflict`].
pub async fn create(db: &dyn Db, now_ms: i64, new: &Workspace, founder: &str) -> Result<(), DbError> {
    db.execute(
        "insert into workspace (id, name, slug, created_at, created_by) values (?1, ?2, ?3, ?4, ?5)",
        &[(&new.id).into(), (&new.name).into(), (&new.slug).into(), now_ms.into(), founder.into()],
    )
    .await
    .map(|_| ())
}

/// Gives it another name; its URLs stay. `None`: there is no such revision of it.
pub async fn rename(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    id: &str,
    revision: i64,
    name: &str,
    actor: &str,
) -> Result<Option<Workspace>, DbError> {
    let sql = format!(
        "update workspace set name = ?4, revision = revision + 1, changed_by = ?5, changed_at = {now}
        where id = ?2 and revision = ?3 returning {COLUMNS}",
        now = now!()
    );
    let parameters = [pinned_ms.into(), id.into(), revision.into(), name.into(), actor.into()];
    db.execute(&sql, &parameters).await?.first().map(workspace).transpose()
}

/// Stops everything before it is armed, or lets it go on. `None`: there is no such workspace.
pub async fn set_paused(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    id: &str,
    paused: bool,
    actor: &str,
) -> Result<Option<Workspace>, DbError> {
    let sql = format!(
        "update workspace set paused = ?3, changed_by = ?4, changed_at = {now} where id = ?2 returning {COLUMNS}",
        now = now!()
    );
    let rows = db.execute(&sql, &[pinned_ms.into(), id.into(), paused.into(), actor.into()]).await?;
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
    let sql = format!(
        "update workspace set mode = ?3, mode_by = ?4, mode_at = {now} where id = ?2 returning {COLUMNS}",
        now = now!()
    );
    let rows = db.execute(&sql, &[pinned_ms.into(), id.into(), mode.as_str().into(), actor.into()]).await?;
    rows.first().map(workspace).transpose()
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::people::{member, testing};

    fn second() -> Workspace {
        Workspace {
            id: "w2".into(),
            name: "Two".into(),
            slug: "two".into(),
            paused: false,
            mode: Mode::Rehearsal,
            revision: 1,
        }
    }

    #[test]
    fn whoever_makes_a_workspace_owns_it_and_sees_it_beside_the_others() {
        let (db, home) = testing::claimed();
        block_on(create(&db, 5, &second(), "ada")).unwrap();
        let mine = block_on(of_user(&db, "ada")).unwrap();
        let ids: Vec<&str> = mine.iter().map(|(one, _)| one.id.as_str()).collect();
        assert_eq!(ids, [home.as_str(), "w2"]);
        assert_eq!(block_on(member::list(&db, "w2")).unwrap()[0].role, Role::Owner);
        assert!(matches!(
            block_on(create(&db, 6, &Workspace { id: "w3".into(), ..second() }, "ada")),
            Err(DbError::Conflict(_))
        ));
        assert_eq!(testing::history(&db, "w2"), ["workspace.created by ada", "member.joined by ada"]);
    }

    #[test]
    fn a_change_is_made_to_the_revision_that_was_read_and_names_who_made_it() {
        let (db, home) = testing::claimed();
        let renamed = block_on(rename(&db, Some(7), &home, 1, "Hill", "ada")).unwrap().unwrap();
        assert_eq!((renamed.name.as_str(), renamed.revision), ("Hill", 2));
        assert_eq!(block_on(rename(&db, Some(8), &home, 1, "Late", "bob")), Ok(None));
        block_on(set_paused(&db, Some(9), &home, true, "ada")).unwrap().unwrap();
        block_on(set_paused(&db, Some(9), &home, true, "bob")).unwrap().unwrap();
        assert_eq!(
            testing::history(&db, &home),
            ["member.joined by ada", "workspace.renamed by ada", "workspace.paused by ada"],
            "stopping what is stopped is no event"
        );
    }
}

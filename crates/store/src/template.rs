//! Post templates of a workspace.

use ports::{Db, DbError, Row};

use crate::now;

/// Most templates that are read at once.
pub const TEMPLATES_MAX: u32 = 200;

/// A post with variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its id.
    pub id: String,
    /// As the team calls it; one of a kind in its workspace.
    pub name: String,
    /// The title, with variables.
    pub title: String,
    /// The text, with variables.
    pub text: String,
    /// Grows with every change: the ETag.
    pub revision: i64,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub updated_at: i64,
}

/// What a person writes of it.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    /// Its name.
    pub name: &'a str,
    /// The title, with variables.
    pub title: &'a str,
    /// The text, with variables.
    pub text: &'a str,
}

const COLUMNS: &str = "id, name, title, text, revision, created_at, updated_at";

fn template(row: Row<'_>) -> Result<Template, DbError> {
    Ok(Template {
        id: row.text("id")?,
        name: row.text("name")?,
        title: row.text("title")?,
        text: row.text("text")?,
        revision: row.int("revision")?,
        created_at: row.int("created_at")?,
        updated_at: row.int("updated_at")?,
    })
}

/// By name, after this name.
pub async fn list(db: &dyn Db, workspace_id: &str, after: Option<&str>, limit: u32) -> Result<Vec<Template>, DbError> {
    let sql = format!("select {COLUMNS} from template where workspace_id = ?1 and name > ?2 order by name limit ?3");
    let parameters = [workspace_id.into(), after.unwrap_or_default().into(), crate::page::limited(limit)];
    db.execute(&sql, &parameters).await?.iter().map(template).collect()
}

/// The one with this id.
pub async fn find(db: &dyn Db, workspace_id: &str, id: &str) -> Result<Option<Template>, DbError> {
    let sql = format!("select {COLUMNS} from template where workspace_id = ?1 and id = ?2");
    db.execute(&sql, &[workspace_id.into(), id.into()]).await?.first().map(template).transpose()
}

/// Makes one. A conflict: there is one of this name.
pub async fn create(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, id): (&str, &str),
    words: Words<'_>,
    actor: &str,
) -> Result<(), DbError> {
    const CREATE: &str = concat!(
        "insert into template (workspace_id, id, name, title, text, changed_by, created_at, updated_at)
        values (?2, ?3, ?4, ?5, ?6, ?7, ",
        now!(),
        ", ",
        now!(),
        ")"
    );
    let Words { name, title, text } = words;
    let parameters =
        [pinned_ms.into(), workspace_id.into(), id.into(), name.into(), title.into(), text.into(), actor.into()];
    db.execute(CREATE, &parameters).await.map(|_| ())
}

/// Changes one that is still at this revision. `false`: there is none.
pub async fn change(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, id, revision): (&str, &str, i64),
    words: Words<'_>,
    actor: &str,
) -> Result<bool, DbError> {
    const CHANGE: &str = concat!(
        "update template set name = ?5, title = ?6, text = ?7, changed_by = ?8, revision = revision + 1,
            updated_at = ",
        now!(),
        "
        where workspace_id = ?2 and id = ?3 and revision = ?4 returning id"
    );
    let Words { name, title, text } = words;
    let parameters = [
        pinned_ms.into(),
        workspace_id.into(),
        id.into(),
        revision.into(),
        name.into(),
        title.into(),
        text.into(),
        actor.into(),
    ];
    Ok(!db.execute(CHANGE, &parameters).await?.is_empty())
}

/// Deletes it. Posts that were written with it stay. `false`: there is none.
pub async fn delete(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, id): (&str, &str),
    actor: &str,
) -> Result<bool, DbError> {
    const DELETE: &str = concat!(
        "insert into template_end (workspace_id, template_id, name, user_id, at)
        select workspace_id, id, name, ?4, ",
        now!(),
        " from template where workspace_id = ?2 and id = ?3
        returning template_id"
    );
    let parameters = [pinned_ms.into(), workspace_id.into(), id.into(), actor.into()];
    Ok(!db.execute(DELETE, &parameters).await?.is_empty())
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::play::{Play, START_MS};

    #[test]
    fn a_template_is_made_changed_and_deleted_in_its_own_workspace_alone() {
        let play = Play::new();
        let neighbour = play.neighbour();
        let words = Words { name: "Offer", title: "{{product}}", text: "From {{date}}." };
        let (db, at, us) = (&play.db, Some(START_MS), play.workspace_id.as_str());
        block_on(async {
            create(db, at, (us, "t"), words, "ada").await.unwrap();
            assert!(matches!(create(db, at, (us, "u"), words, "ada").await, Err(DbError::Conflict(_))));
            assert_eq!(find(db, &neighbour, "t").await, Ok(None));
            assert_eq!(change(db, at, (&neighbour, "t", 1), words, "eve").await, Ok(false));
            assert_eq!(delete(db, at, (&neighbour, "t"), "eve").await, Ok(false));
            assert_eq!(change(db, at, (us, "t", 1), Words { name: "Sale", ..words }, "ada").await, Ok(true));
            assert_eq!(change(db, at, (us, "t", 1), words, "ada").await, Ok(false), "an older revision");
            assert_eq!(list(db, us, None, 10).await.unwrap()[0].name, "Sale");
            assert_eq!(delete(db, at, (us, "t"), "ada").await, Ok(true));
            assert_eq!(delete(db, at, (us, "t"), "ada").await, Ok(false));
            assert_eq!(list(db, us, None, 10).await, Ok(vec![]));
        });
        assert_eq!(play.count("select count(*) as n from event where kind like 'template.%' and actor = 'ada'"), 3);
    }
}

//! The brand of a workspace: immutable versions, one of them current.

use domain::BrandBook;
use ports::{Db, DbError, Row};

use crate::json::json;
use crate::now;
use crate::page::limited;

/// An immutable version.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// Counted from 1.
    pub version: i64,
    /// What it says.
    pub book: BrandBook,
    /// Of its canonical JSON.
    pub sha256: String,
    /// A user's id.
    pub author: String,
    /// Unix milliseconds.
    pub created_at: i64,
}

const COLUMNS: &str = "v.version, v.document, v.sha256, v.author, v.created_at";

fn version(row: Row<'_>) -> Result<Version, DbError> {
    Ok(Version {
        version: row.int("version")?,
        book: json(&row, "document")?,
        sha256: row.text("sha256")?,
        author: row.text("author")?,
        created_at: row.int("created_at")?,
    })
}

/// The current one; none before somebody wrote the first.
pub async fn current(db: &dyn Db, workspace_id: &str) -> Result<Option<Version>, DbError> {
    let sql = format!(
        "select {COLUMNS} from brand b join brand_version v on v.workspace_id = b.workspace_id and v.version = b.version
        where b.workspace_id = ?1"
    );
    db.execute(&sql, &[workspace_id.into()]).await?.first().map(version).transpose()
}

/// The zone in which a workspace's day begins and ends: the brand's, else the newest campaign's, else UTC.
pub async fn timezone(db: &dyn Db, workspace_id: &str) -> Result<String, DbError> {
    let rows = db
        .execute(
            "select coalesce(
                (select nullif(v.document ->> '$.timezone', '') from brand b
                    join brand_version v on v.workspace_id = b.workspace_id and v.version = b.version
                    where b.workspace_id = ?1),
                (select timezone from campaign where workspace_id = ?1 order by created_at desc, id desc limit 1),
                'UTC') as timezone",
            &[workspace_id.into()],
        )
        .await?;
    rows.first().map_or_else(|| Ok("UTC".into()), |row| row.text("timezone"))
}

/// The newest first, before this version.
pub async fn list(db: &dyn Db, workspace_id: &str, after: Option<i64>, limit: u32) -> Result<Vec<Version>, DbError> {
    let sql = format!(
        "select {COLUMNS} from brand_version v where v.workspace_id = ?1 and v.version < ?2
        order by v.version desc limit ?3"
    );
    let parameters = [workspace_id.into(), after.unwrap_or(i64::MAX).into(), limited(limit)];
    db.execute(&sql, &parameters).await?.iter().map(version).collect()
}

/// This version.
pub async fn find(db: &dyn Db, workspace_id: &str, number: i64) -> Result<Option<Version>, DbError> {
    let sql = format!("select {COLUMNS} from brand_version v where v.workspace_id = ?1 and v.version = ?2");
    db.execute(&sql, &[workspace_id.into(), number.into()]).await?.first().map(version).transpose()
}

/// Saves the version after `base`, which is 0 before the first. Refused (`superseded`) where `base` is not the
/// current one. Answers its number.
pub async fn save(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, base): (&str, i64),
    book: &BrandBook,
    actor: &str,
) -> Result<i64, DbError> {
    const SAVE: &str = concat!(
        "insert into brand_version (workspace_id, version, document, sha256, author, created_at)
        values (?2, ?3 + 1, ?4, ?5, ?6, ",
        now!(),
        ") returning version"
    );
    let parameters = [
        pinned_ms.into(),
        workspace_id.into(),
        base.into(),
        book.canonical().into(),
        book.sha256().into(),
        actor.into(),
    ];
    let rows = db.execute(SAVE, &parameters).await?;
    rows.first().ok_or_else(|| DbError::Other("no version came back".into()))?.int("version")
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::play::{Play, START_MS};

    fn book(name: &str) -> BrandBook {
        let mut book = BrandBook::empty();
        book.brand.name = name.into();
        book
    }

    #[test]
    fn versions_follow_each_other_and_of_two_the_first_counts() {
        let play = Play::new();
        let neighbour = play.neighbour();
        let save_at =
            |base, name: &str| block_on(save(&play.db, Some(START_MS), (&play.workspace_id, base), &book(name), "ada"));
        assert_eq!(block_on(current(&play.db, &play.workspace_id)), Ok(None));
        assert_eq!(save_at(0, "A"), Ok(1));
        assert_eq!(save_at(0, "B"), Err(DbError::Refused("superseded".into())));
        assert_eq!(save_at(1, "B"), Ok(2));
        assert_eq!(save_at(7, "C"), Err(DbError::Refused("superseded".into())));
        let now = block_on(current(&play.db, &play.workspace_id)).unwrap().unwrap();
        assert_eq!((now.version, now.book.brand.name.as_str()), (2, "B"));
        assert_eq!(block_on(list(&play.db, &play.workspace_id, None, 10)).unwrap().len(), 2);
        assert_eq!(block_on(find(&play.db, &play.workspace_id, 1)).unwrap().unwrap().book.brand.name, "A");
        assert_eq!(block_on(current(&play.db, &neighbour)), Ok(None), "next door sees nothing of it");
        assert_eq!(block_on(find(&play.db, &neighbour, 1)), Ok(None));
        assert_eq!(play.count("select count(*) as n from event where kind = 'brand.written'"), 2);
    }

    #[test]
    fn a_version_is_never_changed_or_deleted() {
        let play = Play::new();
        block_on(save(&play.db, Some(START_MS), (&play.workspace_id, 0), &book("A"), "ada")).unwrap();
        for sql in ["update brand_version set author = 'eve'", "delete from brand_version"] {
            assert_eq!(play.db.0.run(sql, &[]).unwrap_err(), DbError::Refused("append_only".into()), "{sql}");
        }
    }
}

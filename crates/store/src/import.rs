//! Posts from elsewhere: files that were imported, and what they held. They are history; none can go out.

use domain::import::{Draft, Kind};
use ports::{Db, DbError, Row};
use serde::Serialize;

use crate::json::to_json;
use crate::now;
use crate::page::{Key, limited, older_than};

/// A file that was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Its id.
    pub id: String,
    /// Of the file.
    pub sha256: String,
    /// As it was called.
    pub name: String,
    /// What it was.
    pub kind: Kind,
    /// How many rows it had.
    pub rows_read: i64,
    /// How many posts it brought.
    pub posts: i64,
    /// Who imported it.
    pub user_id: String,
    /// Unix milliseconds.
    pub at: i64,
}

const COLUMNS: &str = "i.id, i.sha256, i.name, i.kind, i.rows_read, i.user_id, i.at,
    (select count(*) from imported_post p where p.workspace_id = i.workspace_id and p.import_id = i.id) as posts";

fn import(row: Row<'_>) -> Result<Import, DbError> {
    Ok(Import {
        id: row.text("id")?,
        sha256: row.text("sha256")?,
        name: row.text("name")?,
        kind: row.parsed("kind")?,
        rows_read: row.int("rows_read")?,
        posts: row.int("posts")?,
        user_id: row.text("user_id")?,
        at: row.int("at")?,
    })
}

/// A file to be imported.
#[derive(Clone, Debug)]
pub struct NewImport<'a> {
    /// The workspace.
    pub workspace_id: &'a str,
    /// A new id.
    pub id: &'a str,
    /// Of the file.
    pub sha256: &'a str,
    /// As it is called.
    pub name: &'a str,
    /// What it is.
    pub kind: Kind,
    /// How many rows it has, good and bad.
    pub rows_read: usize,
    /// The good ones.
    pub posts: &'a [Draft],
    /// Who imports it.
    pub actor: &'a str,
}

/// Imports a file, whole, in one statement; what is there already is left as it is. `false`: this file was imported
/// before, and nothing is changed.
pub async fn create(db: &dyn Db, pinned_ms: Option<i64>, new: &NewImport<'_>) -> Result<bool, DbError> {
    const CREATE: &str = concat!(
        "insert into import (workspace_id, id, sha256, name, kind, rows_read, posts, user_id, at)
        values (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ",
        now!(),
        ")
        on conflict (workspace_id, sha256) do nothing returning id"
    );
    let parameters = [
        pinned_ms.into(),
        new.workspace_id.into(),
        new.id.into(),
        new.sha256.into(),
        new.name.into(),
        new.kind.as_str().into(),
        i64::try_from(new.rows_read).unwrap_or(i64::MAX).into(),
        to_json(&new.posts)?.into(),
        new.actor.into(),
    ];
    Ok(!db.execute(CREATE, &parameters).await?.is_empty())
}

/// The import of a file with this hash.
pub async fn of_file(db: &dyn Db, workspace_id: &str, sha256: &str) -> Result<Option<Import>, DbError> {
    let sql = format!("select {COLUMNS} from import i where i.workspace_id = ?1 and i.sha256 = ?2");
    db.execute(&sql, &[workspace_id.into(), sha256.into()]).await?.first().map(import).transpose()
}

/// Files, by id, which begins with the time: the newest first.
pub async fn list(db: &dyn Db, workspace_id: &str, after: Option<&str>, limit: u32) -> Result<Vec<Import>, DbError> {
    let sql =
        format!("select {COLUMNS} from import i where i.workspace_id = ?1 and i.id < ?2 order by i.id desc limit ?3");
    let parameters = [workspace_id.into(), after.unwrap_or("~").into(), limited(limit)];
    db.execute(&sql, &parameters).await?.iter().map(import).collect()
}

#[derive(Serialize)]
struct Asked<'a> {
    row: usize,
    channel: &'a str,
    sha256: &'a str,
    title: &'a str,
    text: &'a str,
}

/// Rows whose words are here already, on the same channel: imported before, or a post of a campaign.
pub async fn known(db: &dyn Db, workspace_id: &str, drafts: &[&Draft]) -> Result<Vec<usize>, DbError> {
    let asked: Vec<Asked<'_>> = drafts
        .iter()
        .map(|draft| Asked {
            row: draft.row,
            channel: &draft.channel,
            sha256: &draft.sha256,
            title: &draft.title,
            text: &draft.text,
        })
        .collect();
    let rows = db
        .execute(
            "select json_extract(e.value, '$.row') as row from json_each(?2) e
            where exists (select 1 from imported_post p where p.workspace_id = ?1
                            and p.channel = json_extract(e.value, '$.channel') and p.sha256 = json_extract(e.value, '$.sha256'))
               or exists (select 1 from post_version v
                          join post p on p.workspace_id = v.workspace_id and p.id = v.post_id and p.version = v.version
                          join channel ch on ch.workspace_id = p.workspace_id and ch.id = p.channel_id
                          where v.workspace_id = ?1 and v.sha256 = json_extract(e.value, '$.sha256')
                            and ch.name = json_extract(e.value, '$.channel'))
               or exists (select 1 from post_version v
                          join post p on p.workspace_id = v.workspace_id and p.id = v.post_id and p.version = v.version
                          join channel ch on ch.workspace_id = p.workspace_id and ch.id = p.channel_id
                          where v.workspace_id = ?1 and v.content ->> '$.image' is not null
                            and v.content ->> '$.title' = json_extract(e.value, '$.title')
                            and v.content ->> '$.text' = json_extract(e.value, '$.text')
                            and ch.name = json_extract(e.value, '$.channel'))",
            &[workspace_id.into(), to_json(&asked)?.into()],
        )
        .await?;
    rows.iter().map(|row| Ok(usize::try_from(row.int("row")?).unwrap_or(0))).collect()
}

/// What will become of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It is imported.
    New,
    /// An earlier row of the file says the same.
    Repeated,
    /// The same words are here already, on the same channel.
    Known,
    /// It cannot be read.
    Wrong,
}

/// What importing these rows would do, row by row. Changes nothing.
pub async fn try_out(db: &dyn Db, workspace_id: &str, rows: &[domain::import::Row]) -> Result<Vec<Fate>, DbError> {
    let drafts: Vec<&Draft> =
        rows.iter().filter(|row| row.same_as.is_none()).filter_map(|row| row.outcome.as_ref().ok()).collect();
    let known: std::collections::HashSet<usize> = known(db, workspace_id, &drafts).await?.into_iter().collect();
    let fate = |row: &domain::import::Row| match row {
        row if row.outcome.is_err() => Fate::Wrong,
        row if row.same_as.is_some() => Fate::Repeated,
        row if known.contains(&row.row) => Fate::Known,
        _ => Fate::New,
    };
    Ok(rows.iter().map(fate).collect())
}

/// A post from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedPost {
    /// Its id.
    pub id: String,
    /// The file that it came in.
    pub import_id: String,
    /// Its row there.
    pub row: i64,
    /// Where it was.
    pub channel: String,
    /// BCP 47 tag.
    pub language: String,
    /// One line.
    pub title: String,
    /// What it says.
    pub text: String,
    /// Of its content.
    pub sha256: String,
    /// Unix milliseconds.
    pub published_at: Option<i64>,
    /// Where it can be seen.
    pub url: Option<String>,
    /// What it was part of.
    pub campaign: Option<String>,
    sorted_at: i64,
}

impl ImportedPost {
    /// Its place in [`search`].
    pub fn key(&self) -> Key {
        Key { at: self.sorted_at, id: self.id.clone() }
    }
}

fn imported_post(row: Row<'_>) -> Result<ImportedPost, DbError> {
    Ok(ImportedPost {
        id: row.text("id")?,
        import_id: row.text("import_id")?,
        row: row.int("row")?,
        channel: row.text("channel")?,
        language: row.text("language")?,
        title: row.text("title")?,
        text: row.text("text")?,
        sha256: row.text("sha256")?,
        published_at: row.opt_int("published_at")?,
        url: row.opt_text("url")?,
        campaign: row.opt_text("campaign")?,
        sorted_at: row.int("sorted_at")?,
    })
}

/// Posts from elsewhere that hold these words (all, if empty), the newest first.
pub async fn search(
    db: &dyn Db,
    workspace_id: &str,
    words: &str,
    after: Option<&Key>,
    limit: u32,
) -> Result<Vec<ImportedPost>, DbError> {
    let [at, id] = older_than(after);
    let rows = db
        .execute(
            "select id, import_id, row, channel, language, title, text, sha256, published_at, url, campaign, sorted_at
            from imported_post where workspace_id = ?1 and (sorted_at, id) < (?2, ?3)
              and (?4 = '' or instr(lower(title || char(10) || text || char(10) || channel || char(10) || coalesce(campaign, '')), lower(?4)) > 0)
            order by sorted_at desc, id desc limit ?5",
            &[workspace_id.into(), at, id, words.into(), limited(limit)],
        )
        .await?;
    rows.iter().map(imported_post).collect()
}

#[cfg(test)]
mod tests {
    use domain::import::{Choices, file_sha256, parse};
    use futures::executor::block_on;

    use super::*;
    use crate::play::{Play, START_MS};

    fn bring(play: &Play, workspace_id: &str, id: &str, file: &str) -> Result<bool, DbError> {
        let parsed =
            parse(Kind::Csv, file.as_bytes(), &Choices { channel: "blog".into(), ..Choices::default() }).unwrap();
        let posts: Vec<Draft> = parsed.rows.iter().filter_map(|row| row.outcome.clone().ok()).collect();
        let new = NewImport {
            workspace_id,
            id,
            sha256: &file_sha256(file, &Choices::default()),
            name: "old.csv",
            kind: Kind::Csv,
            rows_read: parsed.rows.len(),
            posts: &posts,
            actor: "ada",
        };
        block_on(create(&play.db, Some(START_MS), &new))
    }

    #[test]
    fn a_file_is_imported_once_and_nothing_of_it_can_go_out() {
        let play = Play::drafted(false);
        let us = play.workspace_id.clone();
        let file = "text,published_at\nOne loaf,2026-03-01T10:00:00Z\nTwo loaves,\nOne loaf,\n";
        let before = play.count("select count(*) as n from job");
        assert_eq!(bring(&play, &us, "i1", file), Ok(true));
        assert_eq!(bring(&play, &us, "i2", file), Ok(false));
        let found = block_on(of_file(&play.db, &us, &file_sha256(file, &Choices::default()))).unwrap().unwrap();
        assert_eq!((found.id.as_str(), found.rows_read, found.posts), ("i1", 3, 2), "the repeated one is but once");
        assert_eq!(play.count("select count(*) as n from job"), before);
        assert_eq!(play.count("select count(*) as n from post"), 2, "only the campaign's own");
        assert_eq!(play.count("select count(*) as n from import where posts is not null"), 0);
        assert_eq!(block_on(search(&play.db, &us, "TWO", None, 10)).unwrap()[0].text, "Two loaves");
        let all = block_on(search(&play.db, &us, "", None, 10)).unwrap();
        assert_eq!(block_on(search(&play.db, &us, "", Some(&all[0].key()), 10)).unwrap(), all[1..]);
        assert_eq!(block_on(search(&play.db, &us, "100% _", None, 10)).unwrap(), [], "no sign is a wildcard");
    }

    #[test]
    fn words_that_are_here_already_are_found_in_the_own_workspace_alone() {
        let play = Play::drafted(false);
        let neighbour = play.neighbour();
        let us = play.workspace_id.clone();
        bring(&play, &us, "i1", "text\nOne loaf\n").unwrap();
        let file = "title,text,channel\n,One loaf,blog\n,One loaf,elsewhere\nA hook,Read on.,stage\nNew,New,stage\n";
        let parsed = parse(Kind::Csv, file.as_bytes(), &Choices::default()).unwrap();
        let drafts: Vec<&Draft> = parsed.rows.iter().map(|row| row.outcome.as_ref().unwrap()).collect();
        assert_eq!(block_on(known(&play.db, &us, &drafts)), Ok(vec![1, 3]));
        assert_eq!(block_on(known(&play.db, &neighbour, &drafts)), Ok(vec![]));
        assert_eq!(block_on(search(&play.db, &neighbour, "", None, 10)), Ok(vec![]));
        assert_eq!(block_on(list(&play.db, &neighbour, None, 10)), Ok(vec![]));
        assert_eq!(block_on(list(&play.db, &us, None, 10)).unwrap().len(), 1);
    }

    #[test]
    fn what_was_imported_is_never_rewritten() {
        let play = Play::new();
        bring(&play, &play.workspace_id.clone(), "i1", "text\nOne loaf\n").unwrap();
        for sql in ["update imported_post set text = ''", "update import set name = 'x'", "delete from import"] {
            assert_eq!(play.db.0.run(sql, &[]).unwrap_err(), DbError::Refused("append_only".into()), "{sql}");
        }
    }
}

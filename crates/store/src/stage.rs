//! What the stage shows: entries that a campaign published to the app's own page.

use domain::{Image, Mode};
use ports::{Db, DbError, Row};

use crate::json::opt_json;
use crate::page::{Key, limited, older_than};

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageEntry {
    /// Its workspace.
    pub workspace_id: String,
    /// A rehearsal's entries are seen by members alone.
    pub mode: Mode,
    /// The publication's key.
    pub key: String,
    /// The campaign.
    pub campaign_id: String,
    /// The post.
    pub post_id: String,
    /// The channel.
    pub channel_id: String,
    /// BCP 47 tag.
    pub language: String,
    /// One line.
    pub title: String,
    /// Plain text.
    pub text: String,
    /// The picture of what was approved, as the version has it.
    pub image: Option<Image>,
    /// Of what was approved.
    pub content_sha256: String,
    /// When it was to go out, Unix milliseconds.
    pub planned_at: i64,
    /// When it did, Unix milliseconds.
    pub published_at: i64,
}

impl StageEntry {
    /// Its place in [`newest`].
    pub fn place(&self) -> Key {
        Key { at: self.planned_at, id: self.key.clone() }
    }
}

/// What became of a put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placed {
    /// It stands there now.
    New,
    /// Something stood under its key before, and stands there still.
    Already(Box<StageEntry>),
}

const COLUMNS: &str =
    "workspace_id, mode, key, campaign_id, post_id, channel_id, language, title, text, content_sha256,
    planned_at, published_at";
/// Of the version that was approved; it is written down once.
const IMAGE: &str = "(select v.content -> '$.image' from post_version v where v.workspace_id = stage_entry.workspace_id
    and v.post_id = stage_entry.post_id and v.sha256 = stage_entry.content_sha256 limit 1) as image";

fn entry(row: Row<'_>) -> Result<StageEntry, DbError> {
    Ok(StageEntry {
        workspace_id: row.text("workspace_id")?,
        mode: row.parsed("mode")?,
        key: row.text("key")?,
        campaign_id: row.text("campaign_id")?,
        post_id: row.text("post_id")?,
        channel_id: row.text("channel_id")?,
        language: row.text("language")?,
        title: row.text("title")?,
        text: row.text("text")?,
        image: opt_json(&row, "image")?,
        content_sha256: row.text("content_sha256")?,
        planned_at: row.int("planned_at")?,
        published_at: row.int("published_at")?,
    })
}

/// Puts an entry, unless one with its key is there. Repeating it changes nothing. The key is a job's: once that job is
/// no longer armed nothing is put, so that a worker who stood still cannot put what was found absent meanwhile.
pub async fn put(db: &dyn Db, new: &StageEntry) -> Result<Placed, DbError> {
    let sql = format!(
        "insert into stage_entry ({COLUMNS}) select ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12
        where not exists (select 1 from job where workspace_id = ?1 and id = ?3 and state <> 'armed')
        on conflict do nothing returning key"
    );
    let parameters = [
        (&new.workspace_id).into(),
        new.mode.as_str().into(),
        (&new.key).into(),
        (&new.campaign_id).into(),
        (&new.post_id).into(),
        (&new.channel_id).into(),
        (&new.language).into(),
        (&new.title).into(),
        (&new.text).into(),
        (&new.content_sha256).into(),
        new.planned_at.into(),
        new.published_at.into(),
    ];
    if !db.execute(&sql, &parameters).await?.is_empty() {
        return Ok(Placed::New);
    }
    let there = find(db, &new.workspace_id, &new.key).await?;
    there.map(|entry| Placed::Already(Box::new(entry))).ok_or_else(|| DbError::Conflict("stage_entry".into()))
}

/// The entry with this key.
pub async fn find(db: &dyn Db, workspace_id: &str, key: &str) -> Result<Option<StageEntry>, DbError> {
    let sql = format!("select {COLUMNS}, {IMAGE} from stage_entry where workspace_id = ?1 and key = ?2");
    db.execute(&sql, &[workspace_id.into(), key.into()]).await?.first().map(entry).transpose()
}

/// The newest first, by the time that was planned.
pub async fn newest(
    db: &dyn Db,
    workspace_id: &str,
    mode: Mode,
    after: Option<&Key>,
    limit: u32,
) -> Result<Vec<StageEntry>, DbError> {
    let sql = format!(
        "select {COLUMNS}, {IMAGE} from stage_entry where workspace_id = ?1 and mode = ?2 and (planned_at, key) < (?3, ?4)
        order by planned_at desc, key desc limit ?5"
    );
    let [at, key] = older_than(after);
    let parameters = [workspace_id.into(), mode.as_str().into(), at, key, limited(limit)];
    db.execute(&sql, &parameters).await?.iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use domain::{Decision, Step};
    use futures::executor::block_on;

    use super::*;
    use crate::job;
    use crate::play::{Play, START_MS};

    fn entry_of(play: &Play, key: &str, planned_at: i64) -> StageEntry {
        StageEntry {
            workspace_id: play.workspace_id.clone(),
            mode: Mode::Rehearsal,
            key: key.into(),
            campaign_id: "c".into(),
            post_id: "c-1".into(),
            channel_id: "stage".into(),
            language: "en".into(),
            title: "A hook".into(),
            text: "Read on.".into(),
            image: None,
            content_sha256: "0".repeat(64),
            planned_at,
            published_at: 1,
        }
    }

    #[test]
    fn an_entry_is_put_once_for_its_key() {
        let play = Play::new();
        let entry = entry_of(&play, "k", 1);
        assert_eq!(block_on(put(&play.db, &entry)), Ok(Placed::New));
        let other = StageEntry { title: "Other".into(), mode: Mode::Performance, ..entry.clone() };
        assert_eq!(block_on(put(&play.db, &other)), Ok(Placed::Already(Box::new(entry.clone()))));
        assert_eq!(block_on(find(&play.db, &play.workspace_id, "k")), Ok(Some(entry)));
        assert_eq!(play.count("select count(*) as n from stage_entry"), 1);
    }

    #[test]
    fn a_worker_that_stood_still_puts_nothing_once_its_job_is_no_longer_armed() {
        let play = Play::drafted(true);
        play.decide("c-1", Decision::Approve).unwrap();
        let job = play.claim(Step::Publish, START_MS);
        block_on(job::arm(&play.db.0, Some(START_MS), job::Arm { job: &job, call_ms: 1_000, quiet_ms: 1_000 }))
            .unwrap()
            .unwrap();
        let entry = entry_of(&play, &job.id, 1);
        // Its lease ends, and nobody knows what came of it.
        block_on(crate::sweep::sweep(&play.db.0, Some(START_MS + 10_000))).unwrap();
        assert_eq!(block_on(put(&play.db, &entry)), Err(DbError::Conflict("stage_entry".into())));
        assert_eq!(play.count("select count(*) as n from stage_entry"), 0);
        // The control: armed, it is put.
        play.db.0.run("drop trigger job_moves_as_drawn", &[]).unwrap();
        play.db
            .0
            .run("update job set state = 'armed', lease_until = 1 where step = 'publish' and state = 'unknown'", &[])
            .unwrap();
        assert_eq!(block_on(put(&play.db, &entry)), Ok(Placed::New));
    }

    #[test]
    fn a_rehearsal_is_not_on_the_public_stage_and_the_newest_is_first() {
        let play = Play::new();
        for (key, planned_at) in [("a", 1), ("b", 3), ("c", 2)] {
            block_on(put(&play.db, &entry_of(&play, key, planned_at))).unwrap();
        }
        let on = |mode| block_on(newest(&play.db, &play.workspace_id, mode, None, 10)).unwrap();
        assert_eq!(on(Mode::Rehearsal).iter().map(|entry| entry.key.as_str()).collect::<Vec<_>>(), ["b", "c", "a"]);
        assert!(on(Mode::Performance).is_empty());
    }
}

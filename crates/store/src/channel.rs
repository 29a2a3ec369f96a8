//! Channels: connected accounts on platforms. Every workspace has a stage.

use ports::{Db, DbError, Row, Value};

use crate::json::json;
use crate::now;

/// A connected account.
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    /// Its id.
    pub id: String,
    /// As briefs name it.
    pub name: String,
    /// Which adapter sends to it.
    pub platform: String,
    /// What the adapter needs to know; never a secret.
    pub config: serde_json::Value,
    /// Nothing is sent to it while it is.
    pub paused: bool,
    /// Whether it has weekly slots that count.
    pub has_slots: bool,
    /// The platform asked us to wait until then, Unix milliseconds; 0 if it never did.
    pub blocked_until: i64,
    /// What went wrong last and when, until something goes out again.
    pub last_error: Option<(String, i64)>,
    /// When something last went out, Unix milliseconds.
    pub published_at: Option<i64>,
    /// Somebody asked at this time whether it works, and the publisher has not tried yet.
    pub check_wanted_at: Option<i64>,
    /// What came of the last try.
    pub check: Option<Check>,
    /// Grows with every change of a person's: the ETag.
    pub revision: i64,
    /// Unix milliseconds.
    pub created_at: i64,
    /// When a person last changed it, Unix milliseconds.
    pub updated_at: i64,
}

/// Whether a channel works, as the publisher found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Unix milliseconds.
    pub at: i64,
    /// Whether it does.
    pub passed: bool,
    /// In a sentence.
    pub says: String,
}

const COLUMNS: &str = "exists (select 1 from weekly_slot w where w.workspace_id = channel.workspace_id
        and w.channel_id = channel.id and w.enabled = 1) as has_slots,
    id, name, platform, config, paused, blocked_until, last_error, last_error_at, published_at,
    check_wanted_at, checked_at, check_passed, check_says, revision, created_at, max(updated_at, created_at) as updated_at";

fn channel(row: Row<'_>) -> Result<Channel, DbError> {
    let check = match row.opt_int("checked_at")? {
        Some(at) => Some(Check { at, passed: row.bool("check_passed")?, says: row.text("check_says")? }),
        None => None,
    };
    Ok(Channel {
        id: row.text("id")?,
        name: row.text("name")?,
        platform: row.text("platform")?,
        config: json(&row, "config")?,
        paused: row.bool("paused")?,
        has_slots: row.bool("has_slots")?,
        blocked_until: row.int("blocked_until")?,
        last_error: row.opt_text("last_error")?.zip(row.opt_int("last_error_at")?),
        published_at: row.opt_int("published_at")?,
        check_wanted_at: row.opt_int("check_wanted_at")?,
        check,
        revision: row.int("revision")?,
        created_at: row.int("created_at")?,
        updated_at: row.int("updated_at")?,
    })
}

/// Most channels of a workspace.
pub const CHANNELS_MAX: u32 = 200;

/// A workspace's, by name, after this name.
pub async fn list(db: &dyn Db, workspace_id: &str, after: Option<&str>, limit: u32) -> Result<Vec<Channel>, DbError> {
    let sql = format!("select {COLUMNS} from channel where workspace_id = ?1 and name > ?2 order by name limit ?3");
    let parameters = [workspace_id.into(), after.unwrap_or("").into(), crate::page::limited(limit)];
    db.execute(&sql, &parameters).await?.iter().map(channel).collect()
}

/// The id of the one that is called so.
pub async fn by_name(db: &dyn Db, workspace_id: &str, name: &str) -> Result<Option<String>, DbError> {
    let sql = "select id from channel where workspace_id = ?1 and name = ?2";
    let rows = db.execute(sql, &[workspace_id.into(), name.into()]).await?;
    rows.first().map(|row| row.text("id")).transpose()
}

/// The names of all of a workspace's.
pub async fn names(db: &dyn Db, workspace_id: &str) -> Result<Vec<String>, DbError> {
    Ok(list(db, workspace_id, None, CHANNELS_MAX).await?.into_iter().map(|channel| channel.name).collect())
}

/// Connects one. A name that is taken is a conflict; `false`: the workspace has as many as it may have. Secrets are
/// no part of it: they are the operator's variables.
pub async fn create(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    workspace_id: &str,
    (id, name, platform): (&str, &str, &str),
    actor: &str,
) -> Result<bool, DbError> {
    const CREATE: &str = concat!(
        "insert into channel (workspace_id, id, name, platform, changed_by, created_at)
        select ?2, ?3, ?4, ?5, ?6, ",
        now!(),
        " where (select count(*) from channel where workspace_id = ?2) < ?7 returning id"
    );
    let parameters = [
        pinned_ms.into(),
        workspace_id.into(),
        id.into(),
        name.into(),
        platform.into(),
        actor.into(),
        i64::from(CHANNELS_MAX).into(),
    ];
    Ok(!db.execute(CREATE, &parameters).await?.is_empty())
}

/// The one with this id.
pub async fn find(db: &dyn Db, workspace_id: &str, id: &str) -> Result<Option<Channel>, DbError> {
    let sql = format!("select {COLUMNS} from channel where workspace_id = ?1 and id = ?2");
    db.execute(&sql, &[workspace_id.into(), id.into()]).await?.first().map(channel).transpose()
}

/// What a person can change of one; what is none stays as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Change<'a> {
    /// Another name. Refused (`channel_in_use`) while a campaign that names it is being planned.
    pub name: Option<&'a str>,
    /// Whether nothing is to be sent to it.
    pub paused: Option<bool>,
}

/// Changes one, if it is still as the caller saw it. `false`: it is not, or there is none.
pub async fn change(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, id, revision): (&str, &str, i64),
    change: Change<'_>,
    actor: &str,
) -> Result<bool, DbError> {
    const CHANGE: &str = concat!(
        "update channel set name = coalesce(?5, name), paused = coalesce(?6, paused), revision = revision + 1,
            changed_by = ?7, updated_at = ",
        now!(),
        " where workspace_id = ?2 and id = ?3 and revision = ?4 returning id"
    );
    let parameters: [Value; 7] = [
        pinned_ms.into(),
        workspace_id.into(),
        id.into(),
        revision.into(),
        change.name.into(),
        change.paused.map(i64::from).into(),
        actor.into(),
    ];
    Ok(!db.execute(CHANGE, &parameters).await?.is_empty())
}

/// Asks the publisher to try whether one works; asking twice is asking once. `false`: there is none.
pub async fn want_check(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, id): (&str, &str),
) -> Result<bool, DbError> {
    const WANT: &str = concat!(
        "update channel set check_wanted_at = coalesce(check_wanted_at, ",
        now!(),
        ") where workspace_id = ?2 and id = ?3 returning id"
    );
    Ok(!db.execute(WANT, &[pinned_ms.into(), workspace_id.into(), id.into()]).await?.is_empty())
}

/// A channel that somebody wants tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its workspace.
    pub workspace_id: String,
    /// Its id.
    pub id: String,
    /// Which adapter tries it.
    pub platform: String,
    /// What the adapter needs to know, JSON.
    pub config: String,
    /// When that was, Unix milliseconds: a later wish is another one.
    pub wanted_at: i64,
}

/// The channels that somebody wants tried, the longest wait first.
pub async fn wanted(db: &dyn Db, limit: u32) -> Result<Vec<Wanted>, DbError> {
    const WANTED: &str = "select workspace_id, id, platform, config, check_wanted_at from channel
        where check_wanted_at is not null order by check_wanted_at limit ?1";
    let wanted = |row: Row<'_>| {
        Ok(Wanted {
            workspace_id: row.text("workspace_id")?,
            id: row.text("id")?,
            platform: row.text("platform")?,
            config: row.text("config")?,
            wanted_at: row.int("check_wanted_at")?,
        })
    };
    db.execute(WANTED, &[i64::from(limit).into()]).await?.iter().map(wanted).collect()
}

/// Says what came of a try. `false`: another worker has said it already.
pub async fn checked(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    wanted: &Wanted,
    (passed, says): (bool, &str),
) -> Result<bool, DbError> {
    const CHECKED: &str = concat!(
        "update channel set check_wanted_at = null, check_passed = ?5, check_says = ?6, checked_at = ",
        now!(),
        " where workspace_id = ?2 and id = ?3 and check_wanted_at = ?4 returning id"
    );
    let parameters = [
        pinned_ms.into(),
        wanted.workspace_id.as_str().into(),
        wanted.id.as_str().into(),
        wanted.wanted_at.into(),
        passed.into(),
        says.into(),
    ];
    Ok(!db.execute(CHECKED, &parameters).await?.is_empty())
}

#[cfg(test)]
mod tests {
    use domain::Step;
    use futures::executor::block_on;

    use super::*;
    use crate::job;
    use crate::play::{Play, START_MS};

    fn connect(play: &Play, id: &str, name: &str) -> Result<bool, DbError> {
        block_on(create(&play.db, Some(START_MS), &play.workspace_id, (id, name, "relay"), "ada"))
    }

    fn found(play: &Play, id: &str) -> Channel {
        block_on(find(&play.db, &play.workspace_id, id)).unwrap().unwrap()
    }

    fn changed(play: &Play, id: &str, revision: i64, to: Change<'_>) -> Result<bool, DbError> {
        block_on(change(&play.db, Some(START_MS + 1), (&play.workspace_id, id, revision), to, "ada"))
    }

    fn events(play: &Play, kind: &str) -> Vec<(String, String)> {
        let sql = "select actor, data from event where kind = ?1 and subject like 'channel:%' order by seq";
        let rows = play.db.0.run(sql, &[kind.into()]).unwrap();
        rows.iter().map(|row| (row.text("actor").unwrap(), row.text("data").unwrap())).collect()
    }

    #[test]
    fn what_people_do_to_a_channel_is_history() {
        let play = Play::new();
        assert_eq!(connect(&play, "r", "Blog"), Ok(true));
        assert_eq!(changed(&play, "r", 1, Change { paused: Some(true), ..Change::default() }), Ok(true));
        assert_eq!(changed(&play, "r", 2, Change { name: Some("News"), paused: Some(false) }), Ok(true));
        let now = found(&play, "r");
        assert_eq!((now.name.as_str(), now.paused, now.revision), ("News", false, 3));
        let of_ada = |data: &str| [("ada".to_string(), data.to_string())];
        assert_eq!(events(&play, "channel.connected"), of_ada(r#"{"name":"Blog","platform":"relay"}"#));
        assert_eq!(events(&play, "channel.paused"), of_ada(r#"{"name":"Blog"}"#));
        assert_eq!(events(&play, "channel.renamed"), of_ada(r#"{"name":"News","was":"Blog"}"#));
        assert_eq!(events(&play, "channel.resumed").len(), 1);
    }

    #[test]
    fn a_change_to_what_somebody_else_changed_meanwhile_changes_nothing() {
        let play = Play::new();
        connect(&play, "r", "Blog").unwrap();
        assert_eq!(changed(&play, "r", 7, Change { paused: Some(true), ..Change::default() }), Ok(false));
        assert!(!found(&play, "r").paused && events(&play, "channel.paused").is_empty());
    }

    #[test]
    fn a_name_is_given_once_and_a_workspace_has_only_so_many() {
        let play = Play::new();
        connect(&play, "r", "Blog").unwrap();
        assert!(matches!(connect(&play, "s", "Blog"), Err(DbError::Conflict(_))));
        for number in 2..CHANNELS_MAX {
            assert_eq!(connect(&play, &format!("r{number}"), &format!("Blog {number}")), Ok(true));
        }
        assert_eq!(connect(&play, "last", "One too many"), Ok(false));
    }

    #[test]
    fn a_channel_keeps_its_name_while_a_campaign_that_names_it_is_being_planned() {
        let play = Play::planned("c", false);
        let other_name = Change { name: Some("Scene"), ..Change::default() };
        assert_eq!(changed(&play, "stage", 1, other_name), Err(DbError::Refused("channel_in_use".into())));
        assert_eq!(changed(&play, "stage", 1, Change { paused: Some(true), ..Change::default() }), Ok(true));
        let producing = Play::producing("c", false);
        assert_eq!(changed(&producing, "stage", 1, other_name), Ok(true), "a post knows its channel by its id");
    }

    #[test]
    fn a_wish_to_try_is_work_for_the_publisher_until_it_is_granted_once() {
        let play = Play::new();
        connect(&play, "r", "Blog").unwrap();
        let of = (play.workspace_id.as_str(), "r");
        let work = || block_on(job::steps_with_work(&play.db.0, Some(START_MS))).unwrap();
        assert!(work().is_empty());
        for _ in 0..2 {
            assert_eq!(block_on(want_check(&play.db, Some(START_MS), of)), Ok(true));
        }
        assert_eq!(work(), [Step::Publish]);
        let wish = block_on(wanted(&play.db, 8)).unwrap().remove(0);
        let says = (false, "no answer");
        assert_eq!(block_on(checked(&play.db, Some(START_MS + 5), &wish, says)), Ok(true));
        assert_eq!(block_on(checked(&play.db, Some(START_MS + 6), &wish, (true, "fine"))), Ok(false));
        assert_eq!(found(&play, "r").check, Some(Check { at: START_MS + 5, passed: false, says: "no answer".into() }));
        assert_eq!(
            events(&play, "channel.checked"),
            [("publisher".to_string(), r#"{"name":"Blog","passed":false}"#.to_string())]
        );
        assert!(work().is_empty());
    }
}

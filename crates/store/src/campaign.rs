//! Campaigns. What follows from a campaign's creation or end is in the migrations' triggers.

use domain::{Brief, Mode, Stage};
use ports::{Db, DbError, Row};

use crate::json::{json, to_json};
use crate::now;
use crate::page::{Key, limited, older_than};

/// A campaign with what a page or a program wants to know of it at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Campaign {
    /// Its workspace.
    pub workspace_id: String,
    /// Its id.
    pub id: String,
    /// As people call it.
    pub name: String,
    /// Whether what it publishes leaves the building.
    pub mode: Mode,
    /// How far it is.
    pub stage: Stage,
    /// A rehearsal in which slots come due as fast as the work allows.
    pub time_lapse: bool,
    /// Nothing of it is armed while it is.
    pub paused: bool,
    /// IANA zone of all its times.
    pub timezone: String,
    /// What it may spend on models.
    pub budget_micro_usd: i64,
    /// What its models' calls cost so far.
    pub spent_micro_usd: i64,
    /// What calls that are under way may cost yet.
    pub reserved_micro_usd: i64,
    /// The goal, in a person's words.
    pub goal: String,
    /// Why it needs a person, if it does.
    pub reason: Option<String>,
    /// How many posts it has in each state; states without a post are left out.
    pub posts: Vec<(domain::PostState, i64)>,
    /// Grows with every change: the ETag.
    pub revision: i64,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub updated_at: i64,
    /// Unix milliseconds; none while anything may happen.
    pub finished_at: Option<i64>,
    /// When it was put away, Unix milliseconds; none while lists show it.
    pub archived_at: Option<i64>,
}

impl Campaign {
    /// Its place in [`list`].
    pub fn key(&self) -> Key {
        Key { at: self.created_at, id: self.id.clone() }
    }
}

const COLUMNS: &str = "c.workspace_id, c.id, c.name, c.mode, c.stage, c.time_lapse, c.paused, c.timezone,
    c.budget_micro_usd, c.reason, c.revision, c.created_at, c.updated_at, c.finished_at,
    c.archived_at, c.brief ->> '$.goal.text' as goal,
    (select coalesce(sum(spent_micro_usd), 0) from cost k
        where k.workspace_id = c.workspace_id and k.campaign_id = c.id) as spent_micro_usd,
    (select coalesce(sum(reserved_micro_usd), 0) from cost k
        where k.workspace_id = c.workspace_id and k.campaign_id = c.id and k.spent_micro_usd is null) as reserved_micro_usd,
    (select json_group_object(state, n) from (
        select p.state as state, count(*) as n from post p
        where p.workspace_id = c.workspace_id and p.campaign_id = c.id group by p.state)) as posts";

fn campaign(row: Row<'_>) -> Result<Campaign, DbError> {
    let posts: std::collections::BTreeMap<domain::PostState, i64> = json(&row, "posts")?;
    Ok(Campaign {
        workspace_id: row.text("workspace_id")?,
        id: row.text("id")?,
        name: row.text("name")?,
        mode: row.parsed("mode")?,
        stage: row.parsed("stage")?,
        time_lapse: row.bool("time_lapse")?,
        paused: row.bool("paused")?,
        timezone: row.text("timezone")?,
        budget_micro_usd: row.int("budget_micro_usd")?,
        spent_micro_usd: row.int("spent_micro_usd")?,
        reserved_micro_usd: row.int("reserved_micro_usd")?,
        goal: row.text("goal")?,
        reason: row.opt_text("reason")?,
        posts: posts.into_iter().collect(),
        revision: row.int("revision")?,
        created_at: row.int("created_at")?,
        updated_at: row.int("updated_at")?,
        finished_at: row.opt_int("finished_at")?,
        archived_at: row.opt_int("archived_at")?,
    })
}

/// A campaign to be.
#[derive(Clone, Debug)]
pub struct NewCampaign<'a> {
    /// Its workspace.
    pub workspace_id: &'a str,
    /// A new id.
    pub id: &'a str,
    /// As people call it.
    pub name: &'a str,
    /// Whether what it publishes leaves the building.
    pub mode: Mode,
    /// Only a rehearsal may be played so.
    pub time_lapse: bool,
    /// What it may spend on models.
    pub budget_micro_usd: i64,
    /// The goal and the facts.
    pub brief: &'a Brief,
    /// Who creates it.
    pub actor: &'a str,
}

/// Creates it, with its first run and the strategist's job.
pub async fn create(db: &dyn Db, pinned_ms: Option<i64>, new: &NewCampaign<'_>) -> Result<(), DbError> {
    const CREATE: &str =
        concat!(
        "insert into campaign (workspace_id, id, name, mode, time_lapse, timezone, budget_micro_usd, brief, changed_by,
                               created_at, updated_at)
        values (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ", now!(), ", ", now!(), ")"
    );
    let parameters = [
        pinned_ms.into(),
        new.workspace_id.into(),
        new.id.into(),
        new.name.into(),
        new.mode.as_str().into(),
        new.time_lapse.into(),
        (&new.brief.goal.timezone).into(),
        new.budget_micro_usd.into(),
        to_json(new.brief)?.into(),
        new.actor.into(),
    ];
    db.execute(CREATE, &parameters).await.map(|_| ())
}

/// The one with this id.
pub async fn find(db: &dyn Db, workspace_id: &str, id: &str) -> Result<Option<Campaign>, DbError> {
    let sql = format!("select {COLUMNS} from campaign c where c.workspace_id = ?1 and c.id = ?2");
    db.execute(&sql, &[workspace_id.into(), id.into()]).await?.first().map(campaign).transpose()
}

/// The one with this id, and its whole brief.
pub async fn find_with_brief(db: &dyn Db, workspace_id: &str, id: &str) -> Result<Option<(Campaign, Brief)>, DbError> {
    let sql = format!("select {COLUMNS}, c.brief from campaign c where c.workspace_id = ?1 and c.id = ?2");
    let rows = db.execute(&sql, &[workspace_id.into(), id.into()]).await?;
    rows.first().map(|row| Ok((campaign(row)?, json(&row, "brief")?))).transpose()
}

/// Ids and names of the newest that are not put away, to choose one from; with those that are over, or without. Nothing of
/// them is counted.
pub async fn names(
    db: &dyn Db,
    workspace_id: &str,
    with_over: bool,
    limit: u32,
) -> Result<Vec<(String, String)>, DbError> {
    let open = if with_over { "" } else { "and finished_at is null" };
    let sql = format!(
        "select id, name from campaign where workspace_id = ?1 and archived_at is null {open}
        order by created_at desc, id desc limit ?2"
    );
    let rows = db.execute(&sql, &[workspace_id.into(), limited(limit)]).await?;
    rows.iter().map(|row| Ok((row.text("id")?, row.text("name")?))).collect()
}

/// Zones of these campaigns, by their ids.
pub async fn zones(db: &dyn Db, workspace_id: &str, ids: &[&str]) -> Result<Vec<(String, String)>, DbError> {
    let sql = "select id, timezone from campaign where workspace_id = ?1 and id in (select value from json_each(?2))";
    let rows = db.execute(sql, &[workspace_id.into(), to_json(&ids)?.into()]).await?;
    rows.iter().map(|row| Ok((row.text("id")?, row.text("timezone")?))).collect()
}

/// The newest first, without those that were put away.
pub async fn list(db: &dyn Db, workspace_id: &str, after: Option<&Key>, limit: u32) -> Result<Vec<Campaign>, DbError> {
    list_where("archived_at is null", db, workspace_id, after, limit).await
}

/// Whether any was put away.
pub async fn any_archived(db: &dyn Db, workspace_id: &str) -> Result<bool, DbError> {
    let sql = "select exists (select 1 from campaign where workspace_id = ?1 and archived_at is not null) as found";
    let rows = db.execute(sql, &[workspace_id.into()]).await?;
    rows.first().map_or(Ok(false), |row| row.bool("found"))
}

/// Those that were put away, the newest first.
pub async fn archived(
    db: &dyn Db,
    workspace_id: &str,
    after: Option<&Key>,
    limit: u32,
) -> Result<Vec<Campaign>, DbError> {
    list_where("archived_at is not null", db, workspace_id, after, limit).await
}

async fn list_where(
    condition: &str,
    db: &dyn Db,
    workspace_id: &str,
    after: Option<&Key>,
    limit: u32,
) -> Result<Vec<Campaign>, DbError> {
    let sql = format!(
        "select {COLUMNS} from campaign c where c.workspace_id = ?1 and (c.created_at, c.id) < (?2, ?3) and c.{condition}
        order by c.created_at desc, c.id desc limit ?4"
    );
    let [at, id] = older_than(after);
    db.execute(&sql, &[workspace_id.into(), at, id, limited(limit)]).await?.iter().map(campaign).collect()
}

/// What a person may change of a campaign; `None` leaves it.
#[derive(Clone, Debug, Default)]
pub struct Change<'a> {
    /// As people call it.
    pub name: Option<&'a str>,
    /// Nothing of it is armed while it is.
    pub paused: Option<bool>,
    /// What it may spend on models.
    pub budget_micro_usd: Option<i64>,
    /// Another mode voids what was approved; refused (`outcome_unknown`) while anything is being sent.
    pub mode: Option<Mode>,
}

/// Changes it, if it is still at this revision and not over. `false`: it is not, or a time-lapse was to leave the
/// rehearsal.
pub async fn change(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, id, revision): (&str, &str, i64),
    change: &Change<'_>,
    actor: &str,
) -> Result<bool, DbError> {
    const CHANGE: &str = concat!(
        "update campaign set name = coalesce(?5, name), paused = coalesce(?6, paused),
            budget_micro_usd = coalesce(?7, budget_micro_usd), mode = coalesce(?8, mode),
            revision = revision + 1, changed_by = ?9, updated_at = ",
        now!(),
        "
        where workspace_id = ?2 and id = ?3 and revision = ?4 and stage not in ('finished', 'cancelled')
          and (time_lapse = 0 or coalesce(?8, mode) = 'rehearsal')
        returning id"
    );
    let parameters = [
        pinned_ms.into(),
        workspace_id.into(),
        id.into(),
        revision.into(),
        change.name.into(),
        change.paused.into(),
        change.budget_micro_usd.into(),
        change.mode.map(Mode::as_str).into(),
        actor.into(),
    ];
    Ok(!db.execute(CHANGE, &parameters).await?.is_empty())
}

/// Cancels it and all of its posts that are not on their way out. `false`: it is over already, or no longer at this
/// revision, where one is given.
pub async fn cancel(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, id): (&str, &str),
    revision: Option<i64>,
    actor: &str,
) -> Result<bool, DbError> {
    const CANCEL: &str = concat!(
        "update campaign set stage = 'cancelled', finished_at = ", now!(), ", reason = null, revision = revision + 1,
            changed_by = ?5, updated_at = ", now!(), "
        where workspace_id = ?2 and id = ?3 and revision = coalesce(?4, revision) and stage not in ('finished', 'cancelled')
        returning id"
    );
    let parameters = [pinned_ms.into(), workspace_id.into(), id.into(), revision.into(), actor.into()];
    Ok(!db.execute(CANCEL, &parameters).await?.is_empty())
}

/// Puts it away, paused: lists leave it out, and nothing of it runs. Refused (`outcome_unknown`) while something is
/// being sent. `false`: it is away already, or no longer at this revision, where one is given.
pub async fn archive(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, id): (&str, &str),
    revision: Option<i64>,
    actor: &str,
) -> Result<bool, DbError> {
    const ARCHIVE: &str = concat!(
        "update campaign set archived_at = ",
        now!(),
        ", paused = iif(finished_at is null, 1, paused),
            revision = revision + 1, changed_by = ?5, updated_at = ",
        now!(),
        "
        where workspace_id = ?2 and id = ?3 and revision = coalesce(?4, revision) and archived_at is null returning id"
    );
    let parameters = [pinned_ms.into(), workspace_id.into(), id.into(), revision.into(), actor.into()];
    Ok(!db.execute(ARCHIVE, &parameters).await?.is_empty())
}

/// Takes it back among the others. It stays paused until a person lets it go on.
pub async fn unarchive(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, id): (&str, &str),
    revision: Option<i64>,
    actor: &str,
) -> Result<bool, DbError> {
    const UNARCHIVE: &str = concat!(
        "update campaign set archived_at = null, revision = revision + 1, changed_by = ?5, updated_at = ", now!(), "
        where workspace_id = ?2 and id = ?3 and revision = coalesce(?4, revision) and archived_at is not null returning id"
    );
    let parameters = [pinned_ms.into(), workspace_id.into(), id.into(), revision.into(), actor.into()];
    Ok(!db.execute(UNARCHIVE, &parameters).await?.is_empty())
}

#[cfg(test)]
mod tests {
    use domain::{Decision, JobState, PostState, Step};
    use futures::executor::block_on;

    use super::*;
    use crate::job::{self, Finish};
    use crate::play::{Play, START_MS};

    fn now_of(play: &Play) -> Campaign {
        block_on(find(&play.db, &play.workspace_id, "c")).unwrap().unwrap()
    }

    fn change_it(play: &Play, revision: i64, change: &Change<'_>) -> Result<bool, DbError> {
        block_on(super::change(&play.db, Some(START_MS), (&play.workspace_id, "c", revision), change, "ada"))
    }

    #[test]
    fn a_campaign_begins_with_a_run_and_the_strategists_job() {
        let play = Play::begun("c", false);
        assert_eq!(now_of(&play).stage, Stage::Planning);
        assert_eq!(play.claim(Step::Strategize, START_MS).id, "strategize:c:1");
        assert_eq!(play.count("select count(*) as n from run"), 1);
    }

    #[test]
    fn posts_are_counted_by_state() {
        let play = Play::drafted(false);
        play.decide("c-1", Decision::Approve).unwrap();
        assert_eq!(now_of(&play).posts, [(PostState::AwaitingApproval, 1), (PostState::Scheduled, 1)]);
    }

    #[test]
    fn of_two_changes_to_one_revision_the_first_counts() {
        let play = Play::begun("c", false);
        let pause = Change { paused: Some(true), ..Default::default() };
        let rename = Change { name: Some("Other"), ..Default::default() };
        assert_eq!(change_it(&play, 1, &pause), Ok(true));
        assert_eq!(change_it(&play, 1, &rename), Ok(false));
        let found = now_of(&play);
        assert_eq!((found.paused, found.name.as_str(), found.revision), (true, "Launch", 2));
    }

    #[test]
    fn a_time_lapse_never_leaves_the_rehearsal() {
        let play = Play::begun("c", true);
        let perform = Change { mode: Some(Mode::Performance), ..Default::default() };
        assert_eq!(change_it(&play, 1, &perform), Ok(false));
        assert_eq!(now_of(&play).mode, Mode::Rehearsal);
    }

    #[test]
    fn what_was_approved_for_the_rehearsal_is_not_approved_for_the_public() {
        let play = Play::drafted(false);
        play.decide("c-1", Decision::Approve).unwrap();
        let perform = Change { mode: Some(Mode::Performance), ..Default::default() };
        assert_eq!(change_it(&play, now_of(&play).revision, &perform), Ok(true));
        let post = play.post("c-1");
        assert_eq!((post.state, post.approval), (PostState::AwaitingApproval, None));
        assert_eq!(play.count("select count(*) as n from job where step = 'publish' and state = 'ready'"), 0);
    }

    #[test]
    fn the_mode_stays_while_something_is_being_sent_and_what_did_not_leave_is_cancelled_with_the_campaign() {
        let play = Play::drafted(true);
        // A time-lapse cannot leave the rehearsal, so the campaign is made an ordinary one under way.
        play.decide("c-1", Decision::Approve).unwrap();
        let job = play.claim(Step::Publish, START_MS);
        block_on(job::arm(&play.db.0, Some(START_MS), job::Arm { job: &job, call_ms: 1_000, quiet_ms: 1_000 }))
            .unwrap()
            .unwrap();
        play.db.0.run("update campaign set time_lapse = 0", &[]).unwrap();
        let perform = Change { mode: Some(Mode::Performance), ..Default::default() };
        let changed = change_it(&play, now_of(&play).revision, &perform);
        assert_eq!(changed, Err(DbError::Refused("outcome_unknown".into())));

        assert_eq!(block_on(cancel(&play.db, Some(START_MS), (&play.workspace_id, "c"), None, "ada")), Ok(true));
        assert_eq!(play.post("c-1").state, PostState::Publishing, "it may be out");
        assert_eq!(play.post("c-2").state, PostState::Cancelled);
        let not_sent = Finish { run_at: Some(START_MS), ..Finish::of(&job, JobState::Ready) };
        block_on(job::finish(&play.db.0, Some(START_MS), &[not_sent])).unwrap();
        assert_eq!(play.post("c-1").state, PostState::Cancelled, "it is not, and stays so");
        assert_eq!(play.count("select count(*) as n from job where state in ('ready', 'leased', 'armed')"), 0);
    }

    #[test]
    fn cancelling_ends_everything_once() {
        let play = Play::drafted(false);
        let of = (play.workspace_id.as_str(), "c");
        assert_eq!(block_on(cancel(&play.db, Some(START_MS), of, Some(1), "ada")), Ok(false), "an older revision");
        assert_eq!(block_on(cancel(&play.db, Some(START_MS), of, None, "ada")), Ok(true));
        assert_eq!(block_on(cancel(&play.db, Some(START_MS), of, None, "ada")), Ok(false));
        let found = now_of(&play);
        assert_eq!(
            (found.stage, found.finished_at, found.posts),
            (Stage::Cancelled, Some(START_MS), vec![(PostState::Cancelled, 2)])
        );
        assert_eq!(change_it(&play, found.revision, &Change { paused: Some(true), ..Default::default() }), Ok(false));
    }

    #[test]
    fn what_is_put_away_is_hidden_and_paused_until_a_person_lets_it_go_on() {
        let play = Play::drafted(false);
        let of = (play.workspace_id.as_str(), "c");
        assert_eq!(block_on(archive(&play.db, Some(START_MS), of, Some(1), "ada")), Ok(false), "an older revision");
        assert_eq!(block_on(archive(&play.db, Some(START_MS), of, None, "ada")), Ok(true));
        assert_eq!(block_on(archive(&play.db, Some(START_MS), of, None, "ada")), Ok(false));
        let found = now_of(&play);
        assert_eq!((found.archived_at, found.paused), (Some(START_MS), true));
        assert_eq!(block_on(list(&play.db, of.0, None, 10)).unwrap(), []);
        assert_eq!(block_on(archived(&play.db, of.0, None, 10)).unwrap().len(), 1);
        let resume = Change { paused: Some(false), ..Default::default() };
        assert_eq!(change_it(&play, found.revision, &resume), Err(DbError::Refused("wrong_state".into())));
        assert_eq!(block_on(unarchive(&play.db, Some(START_MS), of, None, "ada")), Ok(true));
        let found = now_of(&play);
        assert_eq!((found.archived_at, found.paused), (None, true));
        assert_eq!(change_it(&play, found.revision, &resume), Ok(true));
        assert_eq!(play.count("select count(*) as n from event where kind like 'campaign.%archived'"), 2);
    }

    #[test]
    fn nothing_is_put_away_while_it_is_being_sent() {
        let play = Play::drafted(true);
        play.decide("c-1", Decision::Approve).unwrap();
        let job = play.claim(Step::Publish, START_MS);
        block_on(job::arm(&play.db.0, Some(START_MS), job::Arm { job: &job, call_ms: 1_000, quiet_ms: 1_000 }))
            .unwrap()
            .unwrap();
        let put_away = block_on(archive(&play.db, Some(START_MS), (&play.workspace_id, "c"), None, "ada"));
        assert_eq!(put_away, Err(DbError::Refused("outcome_unknown".into())));
    }
}

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
}

impl Campaign {
    /// Its place in [`list`].
    pub fn key(&self) -> Key {
        Key { at: self.created_at, id: self.id.clone() }
    }
}

const COLUMNS: &str = "c.workspace_id, c.id, c.name, c.mode, c.stage, c.time_lapse, c.paused, c.timezone,
    c.budget_micro_usd, c.reason, c.revision, c.created_at, c.updated_at, c.finished_at,
    c.brief ->> '$.goal.text' as goal,
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
    const CREATE: &str = concat!(
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

/// The newest first.
pub async fn list(db: &dyn Db, workspace_id: &str, after: Option<&Key>, limit: u32) -> Result<Vec<Campaign>, DbError> {
    let sql = format!(
        "select {COLUMNS} from campaign c where c.workspace_id = ?1 and (c.created_at, c.id) < (?2, ?3)
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
            revision = revision + 1, changed_by = ?9, updated_at = ", now!(), "
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

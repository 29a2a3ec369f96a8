//! Commands: what a person tells an agent to do. A row does it, or is refused; it is also the record.

use domain::{AgentRole, PostState};
use ports::{Db, DbError, Row};

use crate::now;
use crate::page::{Key, limited, older_than};

/// Something that an agent can be told something about: a post that may be sent back, a plan that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its campaign.
    pub campaign_id: String,
    /// The campaign's name.
    pub campaign: String,
    /// The post, for the copywriter.
    pub post_id: Option<String>,
    /// The version that would go back: of the post, or of the plan.
    pub version: i64,
    /// The post's title or angle.
    pub about: Option<String>,
    /// Its channel's name.
    pub channel: Option<String>,
    /// Wall time in the campaign's zone.
    pub planned_local: Option<String>,
    /// Unix milliseconds.
    pub due_at: Option<i64>,
    /// IANA zone.
    pub timezone: String,
    /// Where the post is.
    pub state: Option<PostState>,
}

fn target(row: Row<'_>) -> Result<Target, DbError> {
    Ok(Target {
        campaign_id: row.text("campaign_id")?,
        campaign: row.text("campaign")?,
        post_id: row.opt_text("post_id")?,
        version: row.int("version")?,
        about: row.opt_text("about")?,
        channel: row.opt_text("channel")?,
        planned_local: row.opt_text("planned_local")?,
        due_at: row.opt_int("due_at")?,
        timezone: row.text("timezone")?,
        state: row.opt_text("state")?.map(|_| row.parsed("state")).transpose()?,
    })
}

/// Most targets that a form offers.
pub const TARGETS_MAX: u32 = 100;

/// What this agent can be told something about, the next first; nothing for those who cannot be commanded.
pub async fn targets(db: &dyn Db, workspace_id: &str, role: AgentRole) -> Result<Vec<Target>, DbError> {
    let sql = match role {
        AgentRole::Copywriter => {
            "select p.campaign_id, c.name as campaign, p.id as post_id, p.version,
                coalesce(v.content ->> '$.title', p.angle) as about, ch.name as channel, p.planned_local, p.due_at,
                c.timezone, p.state
            from campaign c indexed by campaign_open -- first: by time, all that was ever published would come before
            cross join post p indexed by post_states on p.workspace_id = c.workspace_id and p.campaign_id = c.id
            join channel ch on ch.workspace_id = p.workspace_id and ch.id = p.channel_id
            left join post_version v on v.workspace_id = p.workspace_id and v.post_id = p.id and v.version = p.version
            where c.workspace_id = ?1 and p.state in ('awaiting_approval', 'needs_person', 'scheduled')
              and c.stage = 'producing' and c.finished_at is null
              and not exists (select 1 from job j where j.workspace_id = p.workspace_id and j.post_id = p.id
                                and j.state in ('armed', 'unknown', 'reconciling', 'needs_human'))
            order by p.due_at limit ?2"
        }
        AgentRole::Strategist => {
            "select s.campaign_id, c.name as campaign, null as post_id, s.version, null as about, null as channel,
                null as planned_local, null as due_at, c.timezone, null as state
            from strategy s join campaign c on c.workspace_id = s.workspace_id and c.id = s.campaign_id
            where s.workspace_id = ?1 and s.state = 'proposed' and c.stage = 'strategy_approval'
            order by s.created_at limit ?2"
        }
        _ => return Ok(Vec::new()),
    };
    db.execute(sql, &[workspace_id.into(), limited(TARGETS_MAX)]).await?.iter().map(target).collect()
}

/// Whether there is such a post, or such a campaign, at all: what cannot go back now is another thing than nothing.
pub async fn exists(db: &dyn Db, workspace_id: &str, id: &str) -> Result<bool, DbError> {
    let rows = db
        .execute(
            "select exists (select 1 from post where workspace_id = ?1 and id = ?2)
                or exists (select 1 from campaign where workspace_id = ?1 and id = ?2) as found",
            &[workspace_id.into(), id.into()],
        )
        .await?;
    rows.first().map_or(Ok(false), |row| row.bool("found"))
}

/// A command.
#[derive(Clone, Copy, Debug)]
pub struct NewCommand<'a> {
    /// The workspace.
    pub workspace_id: &'a str,
    /// A new id.
    pub id: &'a str,
    /// Who is told.
    pub role: AgentRole,
    /// What.
    pub text: &'a str,
    /// About which campaign.
    pub campaign_id: &'a str,
    /// About which post, for the copywriter.
    pub post_id: Option<&'a str>,
    /// As the person saw it.
    pub version: i64,
    /// Who says so.
    pub actor: &'a str,
}

/// Does it: the post, or the plan, goes back with the words. Refused (`superseded`, `wrong_state`, `outcome_unknown`,
/// `already_decided`) as any decision is.
pub async fn give(db: &dyn Db, pinned_ms: Option<i64>, new: &NewCommand<'_>) -> Result<(), DbError> {
    const GIVE: &str = concat!(
        "insert into command (workspace_id, id, agent_id, text, campaign_id, post_id, version, user_id, at)
        values (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ",
        now!(),
        ")"
    );
    let parameters = [
        pinned_ms.into(),
        new.workspace_id.into(),
        new.id.into(),
        new.role.as_str().into(),
        new.text.into(),
        new.campaign_id.into(),
        new.post_id.into(),
        new.version.into(),
        new.actor.into(),
    ];
    db.execute(GIVE, &parameters).await.map(|_| ())
}

/// A command that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Its id.
    pub id: String,
    /// What was said.
    pub text: String,
    /// About which campaign.
    pub campaign_id: String,
    /// About which post.
    pub post_id: Option<String>,
    /// Which version went back.
    pub version: i64,
    /// Who said it.
    pub user_id: String,
    /// Unix milliseconds.
    pub at: i64,
}

impl Command {
    /// Its place in [`list`].
    pub fn key(&self) -> Key {
        Key { at: self.at, id: self.id.clone() }
    }
}

/// What an agent was told, the newest first.
pub async fn list(
    db: &dyn Db,
    workspace_id: &str,
    role: AgentRole,
    after: Option<&Key>,
    limit: u32,
) -> Result<Vec<Command>, DbError> {
    let [at, id] = older_than(after);
    let rows = db
        .execute(
            "select id, text, campaign_id, post_id, version, user_id, at from command
            where workspace_id = ?1 and agent_id = ?2 and (at, id) < (?3, ?4) order by at desc, id desc limit ?5",
            &[workspace_id.into(), role.as_str().into(), at, id, limited(limit)],
        )
        .await?;
    let command = |row: Row<'_>| {
        Ok(Command {
            id: row.text("id")?,
            text: row.text("text")?,
            campaign_id: row.text("campaign_id")?,
            post_id: row.opt_text("post_id")?,
            version: row.int("version")?,
            user_id: row.text("user_id")?,
            at: row.int("at")?,
        })
    };
    rows.iter().map(command).collect()
}

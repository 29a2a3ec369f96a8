//! History as people search it: who did what, before and after. One statement a page, by an index whatever is asked
//! for, with the names of people, programs, campaigns and posts in it.

use ports::{Db, DbError, Row, Value};

use crate::json::json;
use crate::page::limited;

/// What is wanted; `None` wants all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter<'a> {
    /// Who did it: a person's id, `token:<id>`, or an agent.
    pub actor: Option<&'a str>,
    /// `approval.approve`; or the whole area, `approval`.
    pub kind: Option<&'a str>,
    /// Of one campaign.
    pub campaign_id: Option<&'a str>,
    /// Of one post.
    pub post_id: Option<&'a str>,
    /// From this time on, Unix milliseconds.
    pub from: Option<i64>,
    /// Before this time, Unix milliseconds.
    pub to: Option<i64>,
    /// With every move of every job, which only says how the work was done.
    pub jobs: bool,
}

/// One line, with its names.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its number.
    pub seq: i64,
    /// Unix milliseconds.
    pub at: i64,
    /// What it is about: `post:<id>`, `campaign:<id>` …
    pub subject: String,
    /// `post.scheduled` …
    pub kind: String,
    /// A person's id, `token:<id>`, or an agent.
    pub actor: String,
    /// The name of the person or the program; none of those that are neither.
    pub actor_name: Option<String>,
    /// The name of the person that it is about, where it is about one.
    pub whom: Option<String>,
    /// The campaign, where it is about one.
    pub campaign_id: Option<String>,
    /// Its name.
    pub campaign_name: Option<String>,
    /// Its zone.
    pub timezone: Option<String>,
    /// The post's place in the calendar, where it is about a post.
    pub slot: Option<i64>,
    /// What else there is to know.
    pub data: serde_json::Value,
}

impl Line {
    /// The post that it is about.
    pub fn post_id(&self) -> Option<&str> {
        self.subject.strip_prefix("post:")
    }

    /// Who did it, in words.
    pub fn who(&self) -> &str {
        let agent = domain::history::agent(&self.actor);
        self.actor_name.as_deref().or(agent).unwrap_or_else(|| match self.actor.starts_with("token:") {
            true => "a program",
            false => "a former member",
        })
    }

    /// What they did, in words.
    pub fn told(&self) -> String {
        domain::history::told(&self.kind, &self.data, self.whom.as_deref())
    }

    /// What it changed; times in the campaign's zone, else UTC.
    pub fn changes(&self) -> Vec<domain::history::Change> {
        domain::history::changes(&self.kind, &self.data, self.timezone.as_deref().unwrap_or("UTC"))
    }

    /// Why, as far as anybody said.
    pub fn reason(&self) -> Option<&str> {
        ["reason", "comment", "text"].into_iter().find_map(|name| self.data[name].as_str())
    }
}

fn line(row: Row<'_>) -> Result<Line, DbError> {
    Ok(Line {
        seq: row.int("seq")?,
        at: row.int("at")?,
        subject: row.text("subject")?,
        kind: row.text("kind")?,
        actor: row.text("actor")?,
        actor_name: row.opt_text("actor_name")?,
        whom: row.opt_text("whom")?,
        campaign_id: row.opt_text("campaign_id")?,
        campaign_name: row.opt_text("campaign_name")?,
        timezone: row.opt_text("timezone")?,
        slot: row.opt_int("slot")?,
        data: json(&row, "data")?,
    })
}

/// The newest first, before this one.
pub async fn newest(
    db: &dyn Db,
    workspace_id: &str,
    filter: &Filter<'_>,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<Line>, DbError> {
    read(db, workspace_id, filter, ("e.seq < ?2", "desc", before.unwrap_or(i64::MAX)), limit).await
}

/// In the order in which it happened, after this one.
pub async fn after(
    db: &dyn Db,
    workspace_id: &str,
    filter: &Filter<'_>,
    seq: i64,
    limit: u32,
) -> Result<Vec<Line>, DbError> {
    read(db, workspace_id, filter, ("e.seq > ?2", "asc", seq), limit).await
}

const SELECT: &str = "select e.seq, e.at, e.subject, e.kind, e.actor, e.campaign_id, e.data,
        coalesce(u.name, t.name) as actor_name, o.name as whom, c.name as campaign_name, c.timezone, p.slot
    from event e
    left join user u on u.id = e.actor
    left join api_token t on e.actor like 'token:%' and t.workspace_id = e.workspace_id and t.id = substr(e.actor, 7)
    left join user o on o.id = case
        when e.subject like 'member:%' then substr(e.subject, 8)
        when e.kind = 'post.assigned' then e.data ->> '$.to' end
    left join campaign c on c.workspace_id = e.workspace_id and c.id = e.campaign_id
    left join post p on e.subject like 'post:%' and p.workspace_id = e.workspace_id and p.id = substr(e.subject, 6)
    where e.workspace_id = ?1";

/// Clocks that were set back have given later events earlier times: by no more than this, in milliseconds.
const CLOCK_SLACK_MS: i64 = 3_600_000;

async fn read(
    db: &dyn Db,
    workspace_id: &str,
    filter: &Filter<'_>,
    (from_here, order, seq): (&str, &str, i64),
    limit: u32,
) -> Result<Vec<Line>, DbError> {
    let mut sql = format!("{SELECT} and {from_here}");
    let mut parameters: Vec<Value> = vec![workspace_id.into(), seq.into(), limited(limit)];
    // The narrowest index is named by leaving its column bare; a `+` keeps the others from being chosen.
    let mut chosen = false;
    let mut term = |term: &str, value: Value| {
        parameters.push(value);
        let bare = if chosen { "+" } else { "" };
        chosen = true;
        sql.push_str(&term.replace("{+}", bare).replace("{}", &format!("?{}", parameters.len())));
    };
    if let Some(id) = filter.post_id {
        term(" and {+}e.subject = {} and substr(e.subject, 1, 5) = 'post:'", format!("post:{id}").into());
    }
    match filter.actor {
        // As good as everything: there is no index for it.
        Some("worker") => term(" and +e.actor = {}", "worker".into()),
        Some(actor) => term(" and {+}e.actor = {} and e.actor <> 'worker'", actor.into()),
        None => {}
    }
    if let Some(id) = filter.campaign_id {
        term(" and {+}e.campaign_id = {}", id.into());
    }
    if let Some(kind) = filter.kind {
        let area = kind.split_once('.').map_or(kind, |(area, _)| area);
        term(" and {+}substr(e.kind, 1, instr(e.kind, '.') - 1) = {}", area.into());
        if area != kind {
            term(" and +e.kind = {}", kind.into());
        }
    }
    if !filter.jobs && filter.kind.is_none() {
        sql.push_str(" and e.kind not like 'job.%'");
    }
    for (at, here, edge) in [
        (
            filter.from,
            "e.at >=",
            "and e.seq >= (select b.seq from event b where b.workspace_id = ?1 and b.at >= {} order by b.at limit 1)",
        ),
        (
            filter.to,
            "e.at <",
            "and e.seq <= (select b.seq from event b where b.workspace_id = ?1 and b.at < {} order by b.at desc limit 1)",
        ),
    ] {
        let Some(at) = at else { continue };
        let slack = if here == "e.at >=" { -CLOCK_SLACK_MS } else { CLOCK_SLACK_MS };
        parameters.push(at.into());
        sql.push_str(&format!(" and +{here} ?{}", parameters.len()));
        parameters.push(at.saturating_add(slack).into());
        sql.push_str(&format!(" {}", edge.replace("{}", &format!("?{}", parameters.len()))));
    }
    sql.push_str(&format!(" order by e.seq {order} limit ?3"));
    db.execute(&sql, &parameters).await?.iter().map(line).collect()
}

/// Who can be searched for: everyone of the workspace, by name, and its programs.
pub async fn actors(db: &dyn Db, workspace_id: &str) -> Result<Vec<(String, String)>, DbError> {
    const ACTORS: &str = "select m.user_id as id, u.name from member m join user u on u.id = m.user_id
        where m.workspace_id = ?1
        union all select 'token:' || id, name || ' (program)' from api_token where workspace_id = ?1
        order by 2 limit 500";
    let rows = db.execute(ACTORS, &[workspace_id.into()]).await?;
    rows.iter().map(|row| Ok((row.text("id")?, row.text("name")?))).collect()
}

#[cfg(test)]
mod tests;

//! What each step reads before it works: one statement each.

use domain::agent::revisions_alone;
use domain::{AgentRole, Brief, Content, Mode};
use ports::{Db, DbError, Row};

use crate::job::Claimed;

/// Parses a JSON column into a type of ours.
fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: &str) -> Result<T, DbError> {
    parse(row.str(column)?, column)
}

fn opt_json<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: &str) -> Result<Option<T>, DbError> {
    row.opt_str(column)?.map(|text| parse(text, column)).transpose()
}

fn parse<T: serde::de::DeserializeOwned>(text: &str, column: &str) -> Result<T, DbError> {
    serde_json::from_str(text).map_err(|error| DbError::Column { column: column.into(), complaint: error.to_string() })
}

/// Who does the step in this workspace, as its people want it.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
pub struct Persona {
    /// As people call it.
    pub name: String,
    /// How it is.
    pub personality: String,
    /// What it is to heed.
    pub instructions: String,
}

const PERSONA: &str = "a.name as agent_name, a.personality as agent_personality, a.instructions as agent_instructions";
const AGENT: &str = "join agent a on a.workspace_id = j.workspace_id and a.step = j.step";

pub(crate) fn persona(row: &Row<'_>) -> Result<Persona, DbError> {
    Ok(Persona {
        name: row.text("agent_name")?,
        personality: row.text("agent_personality")?,
        instructions: row.text("agent_instructions")?,
    })
}

/// For the strategist.
#[derive(Clone, Debug)]
pub struct StrategizeInput {
    /// The campaign's brief.
    pub brief: Brief,
    /// The strategy that was sent back, and what the person said.
    pub sent_back: Option<(domain::Strategy, String)>,
    /// Who plans.
    pub persona: Persona,
}

/// Reads what the strategist needs; none if the campaign has moved on.
pub async fn strategize(db: &dyn Db, job: &Claimed) -> Result<Option<StrategizeInput>, DbError> {
    let rows = db
        .execute(
            &format!(
                "select {PERSONA}, c.brief, s.document, s.comment from job j
            {AGENT}
            join campaign c on c.workspace_id = j.workspace_id and c.id = j.campaign_id
            left join strategy s on s.workspace_id = j.workspace_id and s.campaign_id = j.campaign_id
                and s.version = j.version and s.state = 'sent_back'
            where j.workspace_id = ?1 and j.id = ?2 and c.stage = 'planning'"
            ),
            &[job.workspace_id.as_str().into(), job.id.as_str().into()],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let strategy: Option<domain::Strategy> = opt_json(&row, "document")?;
    let comment = row.opt_text("comment")?.unwrap_or_default();
    Ok(Some(StrategizeInput {
        brief: json(&row, "brief")?,
        sent_back: strategy.map(|strategy| (strategy, comment)),
        persona: persona(&row)?,
    }))
}

/// For the copywriter.
#[derive(Clone, Debug)]
pub struct GenerateInput {
    /// The campaign's brief.
    pub brief: Brief,
    /// The approved strategy.
    pub strategy: domain::Strategy,
    /// What the post is for: the plan's entry, or what a person added to it.
    pub entry: domain::strategy::Entry,
    /// Language to write in.
    pub language: String,
    /// The channel's platform.
    pub platform: String,
    /// The channel's config, JSON.
    pub channel_config: String,
    /// How often review has sent it back since a person last decided.
    pub revisions: u32,
    /// The version before, what reviewers found in it, and its number.
    pub previous: Option<Previous>,
    /// What a person said when sending it back.
    pub comment: Option<String>,
    /// Who writes.
    pub persona: Persona,
    /// Whether they work for this channel; else a person writes it.
    pub is_theirs: bool,
    /// Who thinks of its picture; none where nobody does so for this channel.
    pub designer: Option<Persona>,
    /// A person wants the picture drawn, and everything else as it is.
    pub draws_alone: bool,
}

/// A version that is to be bettered.
#[derive(Clone, Debug)]
pub struct Previous {
    /// Its number.
    pub version: i64,
    /// What it says.
    pub content: Content,
    /// What reviewers found.
    pub findings: Vec<domain::Finding>,
    /// Who wrote it: `copywriter`, or a user's id.
    pub author: String,
    /// A person wrote it.
    pub by_a_person: bool,
    /// The versions before it, the oldest first.
    pub before: Vec<Before>,
}

/// A version before the one that came back.
#[derive(Clone, Debug, serde::Deserialize)]
pub struct Before {
    /// Its number.
    pub version: i64,
    /// What it says.
    pub content: Content,
    /// What reviewers found.
    pub findings: Vec<domain::Finding>,
    /// The editor's six.
    pub scores: Option<domain::Scores>,
}

/// How many versions before the one that came back the copywriter is told of.
const BEFORE_MAX: u32 = 3;

/// Reads what the copywriter needs; none if the post has moved on.
pub async fn generate(db: &dyn Db, job: &Claimed) -> Result<Option<GenerateInput>, DbError> {
    let rows = db
        .execute(
            &format!(
            "select {PERSONA}, c.brief, s.document, p.slot, p.pillar, p.angle, p.language, p.revisions, p.comment, p.version,
                ch.name as channel, ch.platform, ch.config, v.content,
                v.author, v.author <> 'copywriter' as by_a_person, j.id like 'generate:draw:%' as draws_alone,
                (select json_object('name', o.name, 'personality', o.personality, 'instructions', o.instructions)
                 from agent o where o.workspace_id = j.workspace_id and o.id = 'visual' and o.paused = 0
                   and exists (select 1 from json_each(o.channels) n where n.value = ch.name)) as designer,
                (select json_group_array(json(f.value)) from review r join json_each(r.findings) f
                 where r.workspace_id = p.workspace_id and r.post_id = p.id and r.version = p.version) as findings,
                json_array_length(a.channels) = 0
                    or exists (select 1 from json_each(a.channels) n where n.value = ch.name) as is_theirs,
                (select json_group_array(json_object('version', b.version, 'content', json(b.content),
                    'findings', json((select json_group_array(json(f.value)) from review r join json_each(r.findings) f
                        where r.workspace_id = b.workspace_id and r.post_id = b.post_id and r.version = b.version)),
                    'scores', json((select r.scores from review r
                        where r.workspace_id = b.workspace_id and r.post_id = b.post_id and r.version = b.version and r.counts = 1))))
                 from post_version b where b.workspace_id = p.workspace_id and b.post_id = p.id
                   and b.version < p.version and b.version >= p.version - {BEFORE_MAX}) as before
            from job j
            {AGENT}
            join post p on p.workspace_id = j.workspace_id and p.id = j.post_id
            join campaign c on c.workspace_id = p.workspace_id and c.id = p.campaign_id
            join channel ch on ch.workspace_id = p.workspace_id and ch.id = p.channel_id
            join strategy s on s.workspace_id = p.workspace_id and s.campaign_id = p.campaign_id and s.state = 'approved'
            left join post_version v on v.workspace_id = p.workspace_id and v.post_id = p.id and v.version = p.version
            where j.workspace_id = ?1 and j.id = ?2 and p.state = 'writing'"),
            &[job.workspace_id.as_str().into(), job.id.as_str().into()],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let previous = match opt_json::<Content>(&row, "content")? {
        Some(content) => Some(Previous {
            version: row.int("version")?,
            content,
            findings: json(&row, "findings")?,
            author: row.text("author")?,
            by_a_person: row.bool("by_a_person")?,
            before: in_order(json(&row, "before")?, |before: &Before| before.version),
        }),
        None => None,
    };
    Ok(Some(GenerateInput {
        brief: json(&row, "brief")?,
        strategy: json(&row, "document")?,
        entry: entry(&row)?,
        language: row.text("language")?,
        platform: row.text("platform")?,
        channel_config: row.text("config")?,
        revisions: row.count("revisions")?,
        previous,
        comment: row.opt_text("comment")?,
        persona: persona(&row)?,
        is_theirs: row.bool("is_theirs")?,
        designer: opt_json(&row, "designer")?,
        draws_alone: row.bool("draws_alone")?,
    }))
}

/// For the editor.
#[derive(Clone, Debug)]
pub struct ReviewInput {
    /// The campaign's brief.
    pub brief: Brief,
    /// The version under review.
    pub content: Content,
    /// Which model wrote it (`provider/model`); empty where a person did.
    pub writer: String,
    /// The channel's platform.
    pub platform: String,
    /// The channel's config, JSON.
    pub channel_config: String,
    /// The plan's entry that the post is for.
    pub entry: domain::strategy::Entry,
    /// Language that was asked for.
    pub language: String,
    /// The channel's name.
    pub channel: String,
    /// The campaign's name.
    pub campaign: String,
    /// Rehearsal or performance.
    pub mode: Mode,
    /// Who may be asked, by role.
    pub personas: std::collections::BTreeMap<AgentRole, Persona>,
    /// The versions that review has sent back since a person last decided, the oldest first.
    pub passes: Vec<ReviewedPass>,
    /// How often it may be revised without a person: as editor and copywriter were told, the stricter of the two.
    pub revisions_max: u32,
}

/// A version that was sent back.
#[derive(Clone, Debug, serde::Deserialize)]
pub struct ReviewedPass {
    /// Its number.
    pub version: i64,
    /// What all reviewers found.
    pub findings: Vec<domain::Finding>,
    /// What each of them scored.
    pub scores: Vec<std::collections::BTreeMap<domain::Dimension, u8>>,
}

/// Reads what the editor needs; none if the version is no longer the one to judge.
pub async fn review(db: &dyn Db, job: &Claimed) -> Result<Option<ReviewInput>, DbError> {
    let rows = db
        .execute(
            &format!(
            "select c.brief, v.content, coalesce(v.model, '') as writer, ch.platform, ch.config, ch.name as channel, c.name as campaign, p.pillar, p.angle, p.slot, p.language,
                a.autonomy, a.threshold, w.autonomy as writer_autonomy, w.threshold as writer_threshold, c.mode,
                (select json_group_object(o.id, json_object('name', o.name, 'personality', o.personality,
                    'instructions', o.instructions)) from agent o where o.workspace_id = j.workspace_id) as personas,
                (select json_group_array(json_object('version', b.version,
                    'findings', json((select json_group_array(json(f.value)) from review r join json_each(r.findings) f
                        where r.workspace_id = b.workspace_id and r.post_id = b.post_id and r.version = b.version)),
                    'scores', json((select json_group_array(json(r.scores)) from review r
                        where r.workspace_id = b.workspace_id and r.post_id = b.post_id and r.version = b.version
                          and r.scores is not null and r.reviewer <> 'director'))))
                 from post_version b where b.workspace_id = p.workspace_id and b.post_id = p.id
                   and b.version < p.version and b.version >= p.version - p.revisions) as passes
            from job j
            {AGENT}
            join agent w on w.workspace_id = j.workspace_id and w.step = 'generate'
            join post p on p.workspace_id = j.workspace_id and p.id = j.post_id and p.version = j.version
            join post_version v on v.workspace_id = p.workspace_id and v.post_id = p.id and v.version = p.version
            join campaign c on c.workspace_id = p.workspace_id and c.id = p.campaign_id
            join channel ch on ch.workspace_id = p.workspace_id and ch.id = p.channel_id
            where j.workspace_id = ?1 and j.id = ?2 and p.state = 'in_review'"),
            &[job.workspace_id.as_str().into(), job.id.as_str().into()],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some(ReviewInput {
        brief: json(&row, "brief")?,
        content: json(&row, "content")?,
        writer: row.text("writer")?,
        platform: row.text("platform")?,
        channel_config: row.text("config")?,
        entry: entry(&row)?,
        language: row.text("language")?,
        channel: row.text("channel")?,
        campaign: row.text("campaign")?,
        mode: row.parsed("mode")?,
        personas: json(&row, "personas")?,
        passes: in_order(json(&row, "passes")?, |pass: &ReviewedPass| pass.version),
        revisions_max: alone(&row, "autonomy", "threshold")?.min(alone(&row, "writer_autonomy", "writer_threshold")?),
    }))
}

/// A group has no order of its own.
fn in_order<T>(mut all: Vec<T>, version: fn(&T) -> i64) -> Vec<T> {
    all.sort_by_key(version);
    all
}

fn alone(row: &Row<'_>, autonomy: &str, threshold: &str) -> Result<u32, DbError> {
    Ok(revisions_alone(row.parsed(autonomy)?, row.count(threshold)?))
}

pub(crate) fn entry(row: &Row<'_>) -> Result<domain::strategy::Entry, DbError> {
    Ok(domain::strategy::Entry {
        slot: row.count("slot")?,
        channel: row.text("channel")?,
        pillar: row.text("pillar")?,
        angle: row.text("angle")?,
    })
}

/// For the publisher.
#[derive(Clone, Debug)]
pub struct PublishInput {
    /// The channel's platform.
    pub platform: String,
    /// The channel's config, JSON.
    pub channel_config: String,
    /// Rehearsal or performance.
    pub mode: Mode,
    /// When it was to go out, Unix milliseconds.
    pub due_at: i64,
    /// The approved version's content.
    pub content: Content,
    /// When it was armed, if it was.
    pub armed_at: Option<i64>,
}

/// Reads what the publisher needs: the version that the job's approval is bound to.
pub async fn publish(db: &dyn Db, job: &Claimed) -> Result<Option<PublishInput>, DbError> {
    let rows = db
        .execute(
            "select ch.platform, ch.config, c.mode, p.due_at, v.content, j.armed_at
            from job j
            join post p on p.workspace_id = j.workspace_id and p.id = j.post_id
            join post_version v on v.workspace_id = j.workspace_id and v.post_id = j.post_id and v.version = j.version
            join campaign c on c.workspace_id = p.workspace_id and c.id = p.campaign_id
            join channel ch on ch.workspace_id = p.workspace_id and ch.id = j.channel_id
            where j.workspace_id = ?1 and j.id = ?2",
            &[job.workspace_id.as_str().into(), job.id.as_str().into()],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some(PublishInput {
        platform: row.text("platform")?,
        channel_config: row.text("config")?,
        mode: row.parsed("mode")?,
        due_at: row.int("due_at")?,
        content: json(&row, "content")?,
        armed_at: row.opt_int("armed_at")?,
    }))
}

/// A workspace's slug, for the addresses of its stage.
pub async fn slug(db: &dyn Db, workspace_id: &str) -> Result<String, DbError> {
    let rows = db.execute("select slug from workspace where id = ?1", &[workspace_id.into()]).await?;
    rows.first().ok_or_else(|| DbError::Other("no such workspace".into()))?.text("slug")
}

#[cfg(test)]
mod tests {
    use domain::{Autonomy, Step};
    use futures::executor::block_on;

    use super::*;
    use crate::agent::{self, Change};
    use crate::play::{Play, START_MS};

    #[test]
    fn a_post_is_revised_without_a_person_as_often_as_the_stricter_of_editor_and_copywriter_may() {
        let play = Play::producing("c", false);
        play.write();
        let job = play.claim(Step::Review, START_MS);
        let revisions_max = || block_on(review(&play.db, &job)).unwrap().unwrap().revisions_max;
        let set = |role, revision, autonomy| {
            let change = Change { autonomy: Some(autonomy), threshold: Some(2), ..Default::default() };
            let of = (play.workspace_id.as_str(), role, revision);
            assert!(block_on(agent::change(&play.db, Some(START_MS), of, &change, "ada")).unwrap());
        };
        assert_eq!(revisions_max(), domain::review::REVISIONS_MAX);
        set(AgentRole::Copywriter, 1, Autonomy::Threshold);
        assert_eq!(revisions_max(), 2);
        set(AgentRole::Editor, 1, Autonomy::Ask);
        assert_eq!(revisions_max(), 0);
    }

    #[test]
    fn a_copywriter_works_for_the_channels_that_are_ticked_whatever_they_are_called_later() {
        let play = Play::producing("c", false);
        let job = play.claim(Step::Generate, START_MS);
        let is_theirs = || block_on(generate(&play.db, &job)).unwrap().unwrap().is_theirs;
        let set = |revision, channels: &[&str]| {
            let names = channels.iter().map(ToString::to_string).collect();
            let change = Change { channels: Some(names), ..Default::default() };
            let of = (play.workspace_id.as_str(), AgentRole::Copywriter, revision);
            assert!(block_on(agent::change(&play.db, Some(START_MS), of, &change, "ada")).unwrap());
        };
        assert!(is_theirs(), "none is ticked: all");
        set(1, &["blog"]);
        assert!(!is_theirs());
        set(2, &["blog", "stage"]);
        assert!(is_theirs());
        play.db.0.run("update channel set name = 'our page' where name = 'stage'", &[]).unwrap();
        assert!(is_theirs(), "under its new name");
    }

    #[test]
    fn a_designer_works_for_the_channels_that_are_ticked_and_for_no_other_unless_it_rests() {
        let play = Play::producing("c", false);
        let job = play.claim(Step::Generate, START_MS);
        let designer = || block_on(generate(&play.db, &job)).unwrap().unwrap().designer.map(|one| one.name);
        let set = |revision, channels: &[&str], paused| {
            let names = channels.iter().map(ToString::to_string).collect();
            let change = Change { channels: Some(names), paused: Some(paused), ..Default::default() };
            let of = (play.workspace_id.as_str(), AgentRole::Visual, revision);
            assert!(block_on(agent::change(&play.db, Some(START_MS), of, &change, "ada")).unwrap());
        };
        assert_eq!(designer(), None, "none is ticked: nobody asked for pictures");
        set(1, &["blog"], false);
        assert_eq!(designer(), None);
        set(2, &["stage"], false);
        assert_eq!(designer().as_deref(), Some("Lili"));
        play.db.0.run("update channel set name = 'our page' where name = 'stage'", &[]).unwrap();
        assert_eq!(designer().as_deref(), Some("Lili"), "under its new name");
        set(3, &["our page"], true);
        assert_eq!(designer(), None);
    }

    #[test]
    fn who_does_the_step_is_told_who_it_is() {
        let play = Play::begun("c", false);
        let change = Change { instructions: Some("No exclamation marks".into()), ..Default::default() };
        let of = (play.workspace_id.as_str(), AgentRole::Strategist, 1);
        block_on(agent::change(&play.db, Some(START_MS), of, &change, "ada")).unwrap();
        let job = play.claim(Step::Strategize, START_MS);
        let persona = block_on(strategize(&play.db, &job)).unwrap().unwrap().persona;
        assert_eq!((persona.name.as_str(), persona.instructions.as_str()), ("Clara", "No exclamation marks"));
    }
}

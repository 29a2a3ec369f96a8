//! Everything of a workspace or a campaign, table by table and page by page, as it is stored. No table that holds a
//! secret, a session or another person's address is among them, and no column that could hold one.

use ports::{Db, DbError, Value};
use serde_json::Value as Json;

use crate::page::limited;

/// A table that can be taken away.
#[derive(Debug)]
pub struct Table {
    /// Its name in URLs and files.
    pub name: &'static str,
    /// What is in it.
    pub about: &'static str,
    columns: &'static str,
    from: &'static str,
    key: &'static [&'static str],
    /// How rows of a campaign are told; none where rows belong to no campaign.
    campaign: Option<&'static str>,
}

impl Table {
    /// Whether its rows belong to campaigns.
    pub fn is_of_campaigns(&self) -> bool {
        self.campaign.is_some()
    }
}

/// A post's campaign, by the post's id: the campaign's, a hyphen, the slot. A range, so that the key finds it.
const OF_POST: &str = "t.post_id > ?2 || '-' and t.post_id < ?2 || '.'";
const OF_CAMPAIGN: &str = "t.campaign_id = ?2";

/// All of them, in the order in which a whole export has them.
pub static TABLES: &[Table] = &[
    Table { name: "posts", about: "Posts with their newest words: what an import elsewhere wants",
        columns: "t.id, t.campaign_id, (select c.name from campaign c where c.workspace_id = t.workspace_id and c.id = t.campaign_id) as campaign,
            t.slot, (select ch.name from channel ch where ch.workspace_id = t.workspace_id and ch.id = t.channel_id) as channel, t.language, v.content ->> '$.title' as title,
            v.content ->> '$.text' as text, t.state, t.planned_local, (select c.timezone from campaign c where c.workspace_id = t.workspace_id and c.id = t.campaign_id) as timezone,
            strftime('%Y-%m-%dT%H:%M:%SZ', t.due_at / 1000, 'unixepoch') as due_at,
            strftime('%Y-%m-%dT%H:%M:%SZ', t.published_at / 1000, 'unixepoch') as published_at,
            iif(t.ext_url like 'http%', t.ext_url, null) as url, t.pillar, t.angle, t.version, v.sha256, t.reason",
        // Joined, the campaigns would be read anew for every page: SQLite makes a Bloom filter of them.
        from: "post t
            left join post_version v on v.workspace_id = t.workspace_id and v.post_id = t.id and v.version = t.version",
        key: &["t.id"], campaign: Some("t.id > ?2 || '-' and t.id < ?2 || '.'") },
    Table { name: "campaigns", about: "Campaigns with their briefs",
        columns: "t.id, t.name, t.mode, t.stage, t.time_lapse, t.paused, t.timezone, t.budget_micro_usd, t.brief, t.reason, t.created_at,
            t.updated_at, t.finished_at, t.archived_at",
        from: "campaign t", key: &["t.id"], campaign: Some("t.id = ?2") },
    Table { name: "strategies", about: "Plans, every version",
        columns: "t.campaign_id, t.version, t.state, t.document, t.slots, t.sha256, t.comment, t.decided_by, t.decided_at, t.created_at",
        from: "strategy t", key: &["t.campaign_id", "t.version"], campaign: Some(OF_CAMPAIGN) },
    Table { name: "versions", about: "Every version of every post",
        columns: "t.post_id, t.version, t.content, t.sha256, t.author, t.model, t.no_picture, t.created_at",
        from: "post_version t", key: &["t.post_id", "t.version"], campaign: Some(OF_POST) },
    Table { name: "pictures", about: "Pictures that were drawn, by their hash, and what each cost; without their bytes, which a backup has",
        columns: "t.cost_id, t.sha256, t.media_type, t.width, t.height, t.bytes, t.model, t.spent_micro_usd, t.made_at",
        from: "picture t", key: &["t.cost_id"], campaign: None },
    Table { name: "reviews", about: "What reviewers found",
        columns: "t.post_id, t.version, t.reviewer, t.verdict, t.scores, t.evidence, t.findings, t.notes, t.counts, t.prompt, t.model, t.at",
        from: "review t", key: &["t.post_id", "t.version", "t.reviewer"], campaign: Some(OF_POST) },
    Table { name: "approvals", about: "What people decided",
        columns: "t.id, t.post_id, t.version, t.content_sha256, t.channel_id, t.due_at, t.decision, t.comment, t.user_id, t.at, t.revoked_at",
        from: "approval t", key: &["t.id"], campaign: Some(OF_POST) },
    Table { name: "comments", about: "What people said about posts",
        columns: "t.id, t.post_id, t.version, t.text, t.mentions, t.author, t.at",
        from: "comment t", key: &["t.id"], campaign: Some(OF_POST) },
    Table { name: "publications", about: "What went out, and how that is known",
        columns: "t.job_id, t.campaign_id, t.post_id, t.version, t.channel_id, t.content_sha256, t.mode, t.ext_id, t.ext_url, t.armed_at,
            t.published_at, t.known_by",
        from: "publication t", key: &["t.job_id"], campaign: Some(OF_CAMPAIGN) },
    Table { name: "costs", about: "What models' calls cost, without their answers",
        columns: "t.id, t.campaign_id, t.job_id, t.step, t.provider, t.model, t.state, t.reserved_micro_usd, t.spent_micro_usd, t.input_tokens,
            t.cached_tokens, t.output_tokens, t.outcome, t.started_at, t.settled_at",
        from: "cost t", key: &["t.id"], campaign: Some(OF_CAMPAIGN) },
    Table { name: "memory", about: "What agents may be reminded of; without words where it was forgotten",
        columns: "t.id, t.kind, t.campaign_id, t.post_id, t.version, t.mode, t.about, t.text, t.before, t.mean_tenths, t.by, t.at,
            t.forgotten_at, t.forgotten_by",
        from: "memory t", key: &["t.id"], campaign: Some(OF_CAMPAIGN) },
    Table { name: "reminders", about: "Which job was reminded of what",
        columns: "t.job_id, t.rank, t.memory_id, t.score, t.tokens, t.at",
        from: "recalled t", key: &["t.job_id", "t.rank"], campaign: None },
    Table { name: "learnings", about: "What agents learned, in which state, and what its trials came to",
        columns: "t.id, t.statement, t.worded_by, t.rule_statement, t.channel_id, t.origin, t.sources, t.state, t.by_hand, t.edition, t.wins, t.losses, t.ties, t.uses,
            t.reason, t.changed_by, t.created_at, t.updated_at",
        from: "learning t", key: &["t.id"], campaign: None },
    Table { name: "trials", about: "Each trial of a learning: both versions, and what the judge said in both orders",
        columns: "t.id, t.learning_id, t.edition, t.n, t.campaign_id, t.post_id, t.started_at, t.result, t.with_first, t.with_second,
            t.with_content, t.without_content, t.writer, t.judge, t.reason, t.ended_at",
        from: "learning_trial t", key: &["t.id"], campaign: Some(OF_CAMPAIGN) },
    Table { name: "autonomy", about: "Rules that were earned, and what ended them",
        columns: "t.id, t.agent_id, t.channel_id, t.pillar, t.mode, t.cap_per_day, t.streak, t.accepted_by, t.accepted_at, t.revoked_at,
            t.revoked_by, t.reason",
        from: "autonomy_rule t", key: &["t.id"], campaign: None },
    Table { name: "policies", about: "Who must approve: the workspace's policy, and those of campaigns",
        columns: "t.campaign_id, t.kind, t.rounds, t.author_may_approve, t.remind_after_h, t.escalate_after_h, t.changed_by, t.updated_at",
        from: "approval_policy t", key: &["t.campaign_id"], campaign: None },
    Table { name: "review_rules", about: "Who reviews what, and what a version must reach",
        columns: "'rules' as id, t.rules, t.changed_by, t.updated_at",
        from: "review_rule t", key: &["t.workspace_id"], campaign: None },
    Table { name: "agents", about: "The agents, as they were set up",
        columns: "t.id, t.step, t.name, t.personality, t.instructions, t.channels, t.autonomy, t.threshold, t.paused, t.changed_by, t.updated_at",
        from: "agent t", key: &["t.id"], campaign: None },
    Table { name: "runs", about: "Runs of the workflow",
        columns: "t.id, t.campaign_id, t.round, t.created_at, t.finished_at",
        from: "run t", key: &["t.id"], campaign: Some(OF_CAMPAIGN) },
    Table { name: "brands", about: "The brand, every version",
        columns: "t.version, t.document, t.sha256, t.author, t.created_at", from: "brand_version t", key: &["t.version"], campaign: None },
    Table { name: "templates", about: "Post templates",
        columns: "t.id, t.name, t.title, t.text, t.created_at, t.updated_at", from: "template t", key: &["t.id"], campaign: None },
    Table { name: "imported", about: "Posts from elsewhere",
        columns: "t.id, t.import_id, t.row, t.channel, t.language, t.title, t.text, t.sha256,
            strftime('%Y-%m-%dT%H:%M:%SZ', t.published_at / 1000, 'unixepoch') as published_at, t.url, t.campaign",
        from: "imported_post t", key: &["t.id"], campaign: None },
    Table { name: "channels", about: "Channels by name, without what they are connected with",
        columns: "t.id, t.name, t.platform, t.paused, t.created_at", from: "channel t", key: &["t.id"], campaign: None },
    Table { name: "slots", about: "Weekly slots: when posts of each channel usually go out",
        columns: "t.channel_id, t.id, t.weekday, t.local_time, t.timezone, t.enabled, t.created_at, t.updated_at",
        from: "weekly_slot t", key: &["t.channel_id", "t.id"], campaign: None },
];

/// The table of this name.
pub fn table(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}

/// A page of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// A vector a row.
    pub rows: Vec<Vec<Value>>,
    /// Where the next page begins, as [`page`] takes it; none on the last.
    pub next: Option<String>,
}

impl Page {
    /// A row as JSON: what is stored as JSON is JSON here, too.
    pub fn json(&self, row: &[Value]) -> Json {
        let fields = self.columns.iter().zip(row);
        Json::Object(fields.map(|(name, value)| (name.clone(), as_json(name, value))).collect())
    }

    /// A row as texts.
    pub fn texts(row: &[Value]) -> Vec<String> {
        row.iter()
            .map(|value| match value {
                Value::Null | Value::Blob(_) => String::new(),
                Value::Integer(number) => number.to_string(),
                Value::Real(number) => number.to_string(),
                Value::Text(text) => text.clone(),
            })
            .collect()
    }
}

/// Columns that hold JSON.
const JSON: [&str; 15] = [
    "brief",
    "document",
    "slots",
    "content",
    "scores",
    "evidence",
    "findings",
    "notes",
    "mentions",
    "sources",
    "with_content",
    "without_content",
    "rounds",
    "rules",
    "channels",
];

fn as_json(name: &str, value: &Value) -> Json {
    match value {
        Value::Null | Value::Blob(_) => Json::Null,
        Value::Integer(number) => (*number).into(),
        Value::Real(number) => (*number).into(),
        Value::Text(text) if JSON.contains(&name) => {
            serde_json::from_str(text).unwrap_or_else(|_| text.as_str().into())
        }
        Value::Text(text) => text.as_str().into(),
    }
}

/// A page of a table, in the order of its key, after this place; of a campaign where one is named. `None`: the place
/// is none of ours.
pub async fn page(
    db: &dyn Db,
    workspace_id: &str,
    table: &Table,
    campaign_id: Option<&str>,
    after: Option<&str>,
    limit: u32,
) -> Result<Option<Page>, DbError> {
    let Some(place) = place(table, after) else { return Ok(None) };
    let condition = table.campaign.filter(|_| campaign_id.is_some()).unwrap_or("?2 is null");
    let key = table.key.join(", ");
    let names = (4..4 + table.key.len()).map(|number| format!("?{number}")).collect::<Vec<_>>().join(", ");
    let later = if after.is_some() { format!("({key}) > ({names})") } else { "true".into() };
    let keys = table.key.iter().enumerate().map(|(at, column)| format!("{column} as key_{at}")).collect::<Vec<_>>();
    let sql = format!(
        "select {}, {} from {} where t.workspace_id = ?1 and {condition} and {later} order by {key} limit ?3",
        table.columns,
        keys.join(", "),
        table.from
    );
    let mut parameters = vec![workspace_id.into(), campaign_id.into(), limited(limit.saturating_add(1))];
    parameters.extend(place);
    let mut found = db.execute(&sql, &parameters).await?;
    let width = found.columns.len() - table.key.len();
    let limit = limit as usize;
    let more = found.values.len() > limit;
    found.values.truncate(limit);
    let last = found.values.last().filter(|_| more).map(|row| Page::texts(&row[width..]));
    let next = last.map(|key| Json::from(key).to_string());
    found.columns.truncate(width);
    for row in &mut found.values {
        row.truncate(width);
    }
    Ok(Some(Page { columns: found.columns, rows: found.values, next }))
}

/// Most bytes that [`pages`] gathers before it stops, a page of rows more or less: what a file takes of memory.
const PAGES_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Pages of a table one after the other, until there are so many rows, or so much text.
pub async fn pages(
    db: &dyn Db,
    workspace_id: &str,
    table: &Table,
    campaign_id: Option<&str>,
    after: Option<&str>,
    rows_max: usize,
) -> Result<Option<Page>, DbError> {
    let mut whole: Option<Page> = None;
    let mut after = after.map(ToString::to_string);
    let mut bytes = 0;
    loop {
        let Some(next) = page(db, workspace_id, table, campaign_id, after.as_deref(), crate::page::LIMIT_MAX).await?
        else {
            return Ok(None);
        };
        after = next.next.clone();
        bytes += next.rows.iter().flatten().map(bytes_of).sum::<usize>();
        let all = match &mut whole {
            None => whole.insert(next),
            Some(whole) => {
                whole.rows.extend(next.rows);
                whole.next = next.next;
                whole
            }
        };
        if after.is_none() || all.rows.len() >= rows_max || bytes >= PAGES_BYTES_MAX {
            return Ok(whole);
        }
    }
}

fn bytes_of(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::Blob(bytes) => bytes.len(),
        Value::Null | Value::Integer(_) | Value::Real(_) => 8,
    }
}

/// The values of a place in a table: numbers are bound as numbers.
fn place(table: &Table, after: Option<&str>) -> Option<Vec<Value>> {
    let Some(after) = after else { return Some(Vec::new()) };
    let texts: Vec<String> = serde_json::from_str(after).ok()?;
    if texts.len() != table.key.len() {
        return None;
    }
    let value = |(column, text): (&&str, String)| {
        if column.ends_with(".version") || column.ends_with(".rank") {
            text.parse::<i64>().ok().map(Value::Integer)
        } else {
            Some(Value::Text(text))
        }
    };
    table.key.iter().zip(texts).map(value).collect()
}

#[cfg(test)]
mod tests {
    use domain::Decision;
    use futures::executor::block_on;

    use super::*;
    use crate::play::Play;

    fn all(play: &Play, workspace_id: &str, table: &Table, campaign_id: Option<&str>, limit: u32) -> Vec<Json> {
        let (mut rows, mut after) = (Vec::new(), None);
        loop {
            let read = page(&play.db, workspace_id, table, campaign_id, after.as_deref(), limit);
            let page = block_on(read).unwrap().unwrap();
            rows.extend(page.rows.iter().map(|row| page.json(row)));
            after = page.next.clone();
            if after.is_none() {
                return rows;
            }
        }
    }

    #[test]
    fn every_table_is_read_by_its_key_in_pages_that_add_up_and_for_one_workspace_alone() {
        let play = Play::drafted(false);
        play.decide("c-1", Decision::Approve).unwrap();
        let neighbour = play.neighbour();
        for table in TABLES {
            let whole = all(&play, &play.workspace_id, table, None, 100);
            assert_eq!(all(&play, &play.workspace_id, table, None, 1), whole, "{}", table.name);
            let theirs = all(&play, &neighbour, table, None, 100);
            assert!(theirs.iter().all(|row| !row.to_string().contains("\"c-1\"")), "{}", table.name);
            if table.is_of_campaigns() {
                assert_eq!(all(&play, &play.workspace_id, table, Some("c"), 1), whole, "{}", table.name);
                assert_eq!(all(&play, &play.workspace_id, table, Some("x"), 100), Vec::<Json>::new(), "{}", table.name);
            }
        }
        assert_eq!(
            all(&play, &play.workspace_id, table("versions").unwrap(), None, 100)[0]["content"]["title"],
            "A hook"
        );
    }

    #[test]
    fn a_place_that_is_none_of_ours_is_refused() {
        let play = Play::new();
        for after in ["", "x", "[]", "[1]", "[\"a\",\"b\",\"c\"]", "[\"a\",\"b\"]"] {
            let read = page(&play.db, &play.workspace_id, table("versions").unwrap(), None, Some(after), 10);
            assert_eq!(block_on(read), Ok(None), "{after}");
        }
    }

    #[test]
    fn no_column_can_hold_a_secret() {
        for table in TABLES {
            for word in ["config", "secret", "token_", "password", "email", "answer", "*"] {
                assert!(!table.columns.contains(word), "{} exports {word}", table.name);
            }
        }
    }
}

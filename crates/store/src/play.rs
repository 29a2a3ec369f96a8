//! What the tests of this crate play: a campaign on its way, without models and channels.

use std::cell::RefCell;

use domain::{Brief, Content, Decision, Step};
use futures::executor::block_on;
use ports::native::NativeDb;
use ports::{Db, DbError, Rows, Value};
use serde_json::json;

use crate::job::{self, Claimed, Finish};
use crate::{approval, campaign, migrate, people, post, strategy};

/// When every test begins: 2027-01-15T08:00:00Z.
pub const START_MS: i64 = 1_800_000_000_000;
/// When the first post is due.
pub const FIRST_DUE_MS: i64 = START_MS + 86_400_000;

/// A database that explains every statement before it runs it, and will not scan a table.
pub struct Explained(pub NativeDb, RefCell<u32>);

#[async_trait::async_trait(?Send)]
impl Db for Explained {
    async fn execute(&self, sql: &str, parameters: &[Value]) -> Result<Rows, DbError> {
        if sql.trim_start().starts_with("select") {
            *self.1.borrow_mut() += 1;
            for row in self.0.run(&format!("explain query plan {sql}"), parameters)?.iter() {
                let detail = row.text("detail")?;
                // Tables of a few rows by their nature, a partial index that holds but a few, JSON, and the rows of a
                // subquery that was itself searched.
                let harmless = [
                    "VIRTUAL TABLE",
                    "CONSTANT ROW",
                    "SCAN turn",
                    "SCAN schema_migration",
                    "SCAN (subquery",
                    "SCAN recent",
                    "SCAN out",
                    "SCAN judged",
                    "SCAN open",
                    "SCAN setting",
                    "SCAN learning_wanted",
                    "COVERING INDEX job_needs_human",
                    "INDEX autonomy_rule_stands",
                    "SCAN broken",
                    "SCAN streak",
                ];
                let scans = detail.starts_with("SCAN") && !harmless.iter().any(|known| detail.contains(known));
                assert!(!scans, "`{detail}` in: {sql}");
            }
        }
        self.0.run(sql, parameters)
    }
}

impl Explained {
    /// How many statements read something.
    pub fn selects(&self) -> u32 {
        *self.1.borrow()
    }
}

/// A stage with one workspace.
pub struct Play {
    /// Its database.
    pub db: Explained,
    /// Its workspace.
    pub workspace_id: String,
}

impl Play {
    /// Nothing has happened.
    pub fn new() -> Self {
        let db = NativeDb::in_memory().unwrap();
        block_on(migrate::ensure(&db)).unwrap();
        let workspace_id = block_on(people::workspace::first(&db)).unwrap().id;
        Self { db: Explained(db, RefCell::new(0)), workspace_id }
    }

    /// A campaign that plans; a time-lapse where that is said.
    pub fn begun(id: &str, time_lapse: bool) -> Self {
        let play = Self::new();
        play.begin(&play.workspace_id, id, time_lapse);
        play
    }

    /// Another campaign, perhaps of another workspace.
    pub fn begin(&self, workspace_id: &str, id: &str, time_lapse: bool) {
        let new = campaign::NewCampaign {
            workspace_id,
            id,
            name: "Launch",
            mode: domain::Mode::Rehearsal,
            time_lapse,
            budget_micro_usd: 1_000,
            brief: &brief(),
            actor: "ada",
        };
        block_on(campaign::create(&self.db, Some(START_MS), &new)).unwrap();
    }

    /// Its strategy waits: two posts, a day apart.
    pub fn planned(id: &str, time_lapse: bool) -> Self {
        let play = Self::begun(id, time_lapse);
        play.work(Step::Strategize, plan());
        play
    }

    /// Its posts are being written.
    pub fn producing(id: &str, time_lapse: bool) -> Self {
        let play = Self::planned(id, time_lapse);
        let of = strategy::Version { workspace_id: &play.workspace_id, campaign_id: id, version: 1 };
        assert_eq!(block_on(strategy::decide(&play.db, Some(START_MS), of, Decision::Approve, None, "ada")), Ok(true));
        play
    }

    /// Its posts `c-1` and `c-2` passed review and wait for approval.
    pub fn drafted(time_lapse: bool) -> Self {
        let play = Self::producing("c", time_lapse);
        for _ in 0..2 {
            play.write();
            play.review("approve");
        }
        play
    }

    /// The next job of this step.
    pub fn claim(&self, step: Step, at: i64) -> Claimed {
        let mut claimed = block_on(job::claim(&self.db.0, Some(at), step, 1, 60_000)).unwrap();
        claimed.pop().expect("there is work")
    }

    /// The next job of this step is done and made this.
    pub fn work(&self, step: Step, artifact: serde_json::Value) {
        let job = self.claim(step, START_MS);
        let finish = Finish { artifact: Some(artifact), ..Finish::of(&job, domain::JobState::Done) };
        assert_eq!(block_on(job::finish(&self.db.0, Some(START_MS), &[finish])).unwrap().len(), 1);
    }

    /// The next job of this step gives up.
    pub fn fail(&self, step: Step) -> String {
        let job = self.claim(step, START_MS);
        let finish = Finish { reason: Some("the model is away".into()), ..Finish::of(&job, domain::JobState::Dead) };
        block_on(job::finish(&self.db.0, Some(START_MS), &[finish])).unwrap();
        job.id
    }

    /// The next post is written.
    pub fn write(&self) {
        let content = content("A hook");
        self.work(
            Step::Generate,
            json!({ "content": content.canonical(), "sha256": content.sha256(), "model": "rehearsal" }),
        );
    }

    /// The copywriter's next version: the same words beside another picture.
    pub fn picture_anew(&self, post_id: &str, image: &str) {
        let sql = "insert into post_version (workspace_id, post_id, version, content, sha256, author, created_at)
            select v.workspace_id, v.post_id, v.version + 1, json_set(v.content, '$.image', json(?2)),
                   substr(v.sha256, 2) || '0', 'copywriter', v.created_at
            from post p join post_version v on v.workspace_id = p.workspace_id and v.post_id = p.id and v.version = p.version
            where p.id = ?1";
        self.db.0.run(sql, &[post_id.into(), image.into()]).unwrap();
    }

    /// The next version is judged.
    pub fn review(&self, verdict: &str) {
        let scores =
            json!({ "hook": 8, "clarity": 8, "voice": 8, "evidence": 8, "call_to_action": 8, "platform_fit": 8 });
        let finding = json!({ "rule": "hook", "severity": "minor", "quote": "A", "advice": "More." });
        self.work(
            Step::Review,
            json!({ "verdict": verdict, "reason": "dull", "revisions_max": 3, "reviews": [
            { "reviewer": "structure", "verdict": "approve", "scores": null, "findings": [], "model": null },
            { "reviewer": "editor", "verdict": verdict, "scores": scores, "findings": [finding], "model": "rehearsal" },
        ] }),
        );
    }

    /// This post, as it is.
    pub fn post(&self, id: &str) -> post::Post {
        block_on(post::find(&self.db, &self.workspace_id, id)).unwrap().unwrap()
    }

    /// Decides on what the post is at this moment.
    pub fn decide(&self, post_id: &str, decision: Decision) -> Result<bool, DbError> {
        self.decide_on(&self.post(post_id), decision)
    }

    /// Decides on what was seen.
    pub fn decide_on(&self, seen: &post::Post, decision: Decision) -> Result<bool, DbError> {
        self.decide_by("ada", seen, decision)
    }

    /// Somebody decides on what was seen.
    pub fn decide_by(&self, actor: &str, seen: &post::Post, decision: Decision) -> Result<bool, DbError> {
        let id = format!("a{}", self.db.0.run("select count(*) as n from approval", &[])?.first().unwrap().int("n")?);
        let new = approval::NewApproval {
            workspace_id: &self.workspace_id,
            id: &id,
            post_id: &seen.id,
            version: seen.version,
            content_sha256: &seen.current.as_ref().unwrap().sha256,
            channel_id: &seen.channel_id,
            due_at: seen.due_at,
            decision,
            comment: Some("So be it."),
            actor,
        };
        block_on(approval::decide(&self.db, Some(START_MS), &new))
    }

    /// Another member.
    pub fn member(&self, user_id: &str, role: &str) {
        let user = "insert into user (id, email, name, password_hash, created_at) values (?1, ?1 || '@example.com', ?1, '-', 1)";
        self.db.0.run(user, &[user_id.into()]).unwrap();
        let member = "insert into member (workspace_id, user_id, role, created_at) values (?1, ?2, ?3, 1)";
        self.db.0.run(member, &[(&self.workspace_id).into(), user_id.into(), role.into()]).unwrap();
    }

    /// How many rows this statement counts as `n`.
    pub fn count(&self, sql: &str) -> i64 {
        self.db.0.run(sql, &[]).unwrap().first().unwrap().int("n").unwrap()
    }

    /// A second workspace, with a campaign `x` that plans.
    pub fn neighbour(&self) -> String {
        let id = "neighbour".to_string();
        let sql = "insert into workspace (id, name, slug, created_at) values (?1, 'Next door', 'next', 1)";
        self.db.0.run(sql, &[(&id).into()]).unwrap();
        self.begin(&id, "x", false);
        id
    }
}

/// What a post says.
pub fn content(title: &str) -> Content {
    Content { language: "en".into(), title: title.into(), text: "Read on.".into(), image: None }
}

fn brief() -> Brief {
    serde_json::from_value(json!({
        "brand": { "name": "Rondo", "url": "https://rondo.example", "one_line": "Campaigns that loop." },
        "goal": { "text": "Win readers", "timezone": "UTC", "start": "2027-01-16", "posts_per_week": 2, "weeks": 1 },
    }))
    .unwrap()
}

/// What the strategist makes of it.
pub fn plan() -> serde_json::Value {
    let entry = |slot: i64| json!({ "slot": slot, "channel": "stage", "pillar": "Proof", "angle": "Show it." });
    let slot = |ordinal: i64| {
        let due_at = FIRST_DUE_MS + (ordinal - 1) * 86_400_000;
        json!({ "ordinal": ordinal, "local": format!("2027-01-{}T08:00:00", 15 + ordinal), "due_at": due_at,
                "expires_at": due_at + 900_000, "language": "en" })
    };
    json!({
        "strategy": {
            "positioning": "For readers.", "pillars": [{ "name": "Proof", "why": "It convinces." }],
            "channel_mix": [{ "channel": "stage", "percent": 100, "why": "It is there." }], "cadence": "Daily.",
            "calendar": [entry(1), entry(2)], "measures": ["readers"],
        },
        "slots": [slot(1), slot(2)],
        "sha256": "0".repeat(64),
    })
}

//! Approved posts for the relay, made where an app has its state, so that a test need not plan and write them.

use domain::Content;
use rusqlite::params;
use tests::database::Database;

/// Posts to one channel go out one after another; enough channels keep the others going while one waits.
const CHANNELS: usize = 100;

/// When they are due: far enough that none is sent, or missed, before the test says so. Milliseconds from now.
const DUE_IN_MS: i64 = 24 * 3_600_000;

const BRIEF: &str = r#"{"brand": {"name": "B", "url": "https://b.example", "one_line": "B.", "audience": [], "voice": [],
    "language": "en", "also_in": []}, "facts": {}, "claims": {"allowed": [], "required": [], "banned": []},
    "goal": {"text": "Sell.", "channels": ["relay-1"], "posts_per_week": 50, "weeks": 10, "timezone": "UTC",
    "start": "2027-03-08"}}"#;

/// Makes a campaign with so many posts, each approved and with its job to publish it.
pub fn posts(database: &Database, count: usize) {
    let workspace = database.text("select id from workspace");
    let now = database.number("select cast(unixepoch('subsec') * 1000 as integer)");
    for channel in 1..=CHANNELS {
        let name = format!("relay-{channel}");
        let sql = "insert into channel (workspace_id, id, name, platform, created_at) values (?1, ?2, ?2, 'relay', ?3)";
        database.run(sql, params![workspace, name, now]);
    }
    let sql = "insert into campaign (workspace_id, id, name, mode, timezone, budget_micro_usd, brief, changed_by,
        created_at, updated_at) values (?1, 'c', 'Killed', 'performance', 'UTC', 0, ?2, 'test', ?3, ?3)";
    database.run(sql, params![workspace, BRIEF, now]);
    database.run_all("update workspace set mode = 'performance'");
    database.run_all("update job set state = 'cancelled'; update campaign set stage = 'producing'");
    for slot in 1..=count {
        post(database, &workspace, slot, now);
    }
    // Only publishing is tested here.
    database.run_all("update job set state = 'cancelled' where step <> 'publish' and state = 'ready'");
}

fn post(database: &Database, workspace: &str, slot: usize, now: i64) {
    let (id, due_at) = (format!("c-{slot}"), now + DUE_IN_MS);
    let content =
        Content { language: "en".into(), title: format!("Post {slot}"), text: format!("Text {slot}."), image: None };
    let (sha256, channel) = (content.sha256(), format!("relay-{}", slot % CHANNELS + 1));
    let sql = "insert into post (workspace_id, id, campaign_id, channel_id, slot, planned_local, due_at, expires_at,
        language, pillar, angle, changed_by, created_at, updated_at)
        values (?1, ?2, 'c', ?3, ?4, '2027-03-08T09:30:00', ?5, ?5 + 900000, 'en', 'p', 'a', 'test', ?6, ?6)";
    let slot = i64::try_from(slot).expect("a small number");
    database.run(sql, params![workspace, id, channel, slot, due_at, now]);
    let sql = "insert into post_version (workspace_id, post_id, version, content, sha256, author, created_at)
        values (?1, ?2, 1, ?3, ?4, 'copywriter', ?5)";
    database.run(sql, params![workspace, id, content.canonical(), sha256, now]);
    let sql = "update post set state = 'awaiting_approval' where workspace_id = ?1 and id = ?2";
    database.run(sql, params![workspace, id]);
    let sql = "insert into approval (workspace_id, id, post_id, version, content_sha256, channel_id, due_at, decision,
        user_id, person, at) values (?1, 'a-' || ?2, ?2, 1, ?3, ?4, ?5, 'approve', 'test', 'test', ?6)";
    database.run(sql, params![workspace, id, sha256, channel, due_at, now]);
}

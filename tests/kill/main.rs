//! The runner is killed at any moment while it publishes: nothing is lost, nothing goes out twice, nothing is stuck.
//!
//! `RONDO_KILLS` is how often it is killed (8 if not set; `.ci/run` sets 200), `RONDO_KILL_SEED` decides when.

mod seed;

use std::collections::BTreeMap;
use std::time::Duration;

use ports::Entropy;
use ports::native::SeededEntropy;
use support::platform::{Fault, Options, Platform, When};
use tempfile::TempDir;
use tests::app::{App, Setup};
use tests::database::Database;
use tests::http::Api;

/// Jobs for each kill: enough that there is always one on its way.
const JOBS_PER_KILL: usize = 3;
const JOBS_MIN: usize = 30;
const JOBS_MAX: usize = 500;

/// The platform answers at once or not at all; less would take a slow machine for a silent platform.
const RELAY_TIMEOUT_MS: &str = "1500";
/// What a platform takes after its client is gone, it takes within this.
const RELAY_SETTLE_MS: &str = "3000";

/// The longest that a life lasts after the app listens, in milliseconds.
const LIFE_MS_MAX: u64 = 900;

/// After the last kill: two quiet periods, and the leases before them, with room for a slow machine.
const RECOVERY: Duration = Duration::from_secs(600);

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number")))
}

/// A platform that keeps no keys: whatever arrives becomes a post.
async fn platform(faults: Vec<(u32, Fault)>, seed: u64) -> Platform {
    Platform::start(Options { honours_keys: false, index_lag_ms: 300, seed, faults, ..Options::default() }).await
}

fn setup(platform: &Platform) -> Setup {
    Setup::local()
        .set("relay_url", platform.url())
        .set("relay_hosts", platform.url())
        .set("relay_token", Options::default().token)
        .set("relay_oracle", "search")
        .set("relay_timeout_ms", RELAY_TIMEOUT_MS)
        .set("relay_settle_ms", RELAY_SETTLE_MS)
}

/// A state with so many approved posts, none of them due.
async fn seeded(setup: &Setup, jobs: usize) -> TempDir {
    let app = setup.start().await;
    app.api.get("/api/v1/health").await.expect(200);
    let state = app.kill().await.expect("a state of its own");
    seed::posts(&Database::open(state.path()), jobs);
    state
}

/// Lets some more posts come due.
fn let_come_due(database: &Database, jobs: usize) {
    database.run_all(&format!(
        "update job set run_at = cast(unixepoch('subsec') * 1000 as integer) where (workspace_id, id) in (
            select workspace_id, id from job where step = 'publish' and state = 'ready'
            and run_at > cast(unixepoch('subsec') * 1000 as integer) + 3600000 limit {jobs})"
    ));
}

/// Lives on for so long, whatever the app says.
async fn lives(app: &App, milliseconds: u64) {
    let never: Option<()> = app.output.find(|_| None, Duration::from_millis(milliseconds)).await;
    assert!(never.is_none());
}

/// How often each post stands on the platform.
fn counts(platform: &Platform) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for post in platform.accepted() {
        *counts.entry(post.key).or_default() += 1;
    }
    counts
}

#[tokio::test]
async fn nothing_is_lost_and_nothing_goes_out_twice_whenever_it_is_killed() {
    let kills = usize::try_from(number("RONDO_KILLS", 8)).expect("a small number");
    let seed = number("RONDO_KILL_SEED", 1);
    let jobs = (kills * JOBS_PER_KILL).clamp(JOBS_MIN, JOBS_MAX);
    let silences = [(150, When::After), (100, When::Before)].map(|(often, when)| (often, Fault::Stall { when }));
    let others = [(30, Fault::Reset { when: When::After }), (30, Fault::Broken { status: 503, when: When::After })];
    let platform = platform(silences.into_iter().chain(others).collect(), seed).await;
    let setup = setup(&platform);
    let state = seeded(&setup, jobs).await;
    let database = Database::open(state.path());
    let chance = SeededEntropy::new(seed);

    for _ in 0..kills {
        let_come_due(&database, jobs.div_ceil(kills));
        let app = setup.start_over(state.path()).await;
        lives(&app, chance.below(LIFE_MS_MAX)).await;
        app.kill().await;
        // What the platform has not answered yet, it goes on with when its client is gone.
        platform.release();
        database.assert_whole();
    }
    let_come_due(&database, jobs);
    let app = setup.start_over(state.path()).await;
    all_are_done(&app, &platform, &database).await;

    let counts = counts(&platform);
    let twice: Vec<_> = counts.iter().filter(|(_, count)| **count > 1).collect();
    let left = "select count(*) from job where step = 'publish' and state in ('armed', 'unknown', 'reconciling', 'needs_human', 'dead')";
    let stuck = database.number(left);
    let found = database.number("select count(*) from publication where known_by = 'reconciliation'");
    println!(
        "{kills} kills, {jobs} jobs: {} lost, {} twice, {stuck} stuck, {found} found by looking, seed {seed}",
        jobs - counts.len(),
        twice.len(),
    );
    assert_eq!(counts.len(), jobs, "posts were lost");
    assert!(twice.is_empty(), "posts went out twice: {twice:?}");
    assert_eq!(stuck, 0);
    assert_eq!(database.number("select count(*) from publication"), i64::try_from(jobs).expect("a small number"));
    database.assert_whole();
}

/// Waits until every post is published, and lets the platform go on with what it has not answered.
async fn all_are_done(app: &App, platform: &Platform, database: &Database) {
    let unfinished = "select count(*) from post where state <> 'published'";
    let done = async |_: &Api| {
        platform.release();
        (database.number(unfinished) == 0).then_some(())
    };
    app.api.until("every post is published", RECOVERY, done).await;
}

/// What other queues do after a crash: an unfinished job runs again. It is the control of the test above: without
/// the point of no return and the quiet period, the same kills must make posts go out twice.
fn run_again_what_was_cut_off(database: &Database) {
    database.run_all(
        "update job set state = 'ready', lease_until = null, run_at = cast(unixepoch('subsec') * 1000 as integer),
            updated_at = updated_at where state in ('leased', 'armed')",
    );
}

#[tokio::test]
async fn without_arming_and_waiting_the_same_kills_publish_twice() {
    const KILLS: usize = 3;
    let platform = platform(Vec::new(), 1).await;
    let setup = setup(&platform);
    let state = seeded(&setup, KILLS).await;
    let database = Database::open(state.path());
    for _ in 0..KILLS {
        let_come_due(&database, 1);
        let before = platform.seen().len();
        platform.script([Fault::Stall { when: When::After }]);
        let app = setup.start_over(state.path()).await;
        let arrived = async |_: &Api| (platform.seen().len() > before).then_some(());
        app.api.until("a post arrives at the platform", RECOVERY, arrived).await;
        app.kill().await;
        platform.release();
        run_again_what_was_cut_off(&database);
    }
    let app = setup.start_over(state.path()).await;
    all_are_done(&app, &platform, &database).await;
    let twice = counts(&platform).into_values().filter(|count| *count > 1).count();
    println!("control, {KILLS} kills: {twice} twice");
    assert!(twice > 0, "the control published nothing twice, so the test above proves nothing");
}

//! A campaign of a bakery: two posts on the stage, in time-lapse, with a budget of a dollar.

use domain::{Brief, Mode};
use futures::executor::block_on;
use ports::native::NativeDb;
use store::{campaign, migrate, people};

pub const START_MS: i64 = 1_800_000_000_000;

pub fn brief() -> Brief {
    Brief::parse(
        r#"
        [brand]
        name = "B"
        url = "https://b.example"
        one_line = "A bakery."
        [facts]
        address = "14 Canal Street"
        [goal]
        text = "Sell."
        timezone = "UTC"
        start = "2027-03-29"
        posts_per_week = 2
        weeks = 1
        "#,
    )
    .unwrap()
}

/// A database with one workspace, and its id.
pub fn install() -> (NativeDb, String) {
    let db = NativeDb::in_memory().unwrap();
    block_on(migrate::ensure(&db)).unwrap();
    let workspace_id = block_on(people::workspace::first(&db)).unwrap().id;
    (db, workspace_id)
}

/// Begins campaign `c`.
pub fn begin(db: &NativeDb, workspace_id: &str) {
    let new = campaign::NewCampaign {
        workspace_id,
        id: "c",
        name: "C",
        mode: Mode::Rehearsal,
        time_lapse: true,
        budget_micro_usd: 1_000_000,
        brief: &brief(),
        actor: "ada",
    };
    block_on(campaign::create(db, Some(START_MS), &new)).unwrap();
}

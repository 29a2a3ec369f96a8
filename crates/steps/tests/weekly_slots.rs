//! A plan's posts fall on the weekly slots of their channels.

#[expect(dead_code, reason = "its campaign has one channel")]
#[path = "support/bakery.rs"]
mod bakery;

use bakery::START_MS;
use domain::Brief;
use domain::weekly::WeeklySlot;
use futures::executor::block_on;
use models::rehearsal::Rehearsal;
use ports::native::{NativeDb, SeededEntropy, SettableClock};
use ports::{NoHttp, NoWake, Ports};
use steps::{Models, Strategize};
use store::campaign::{self, NewCampaign};
use store::strategy::{self, Proposal};
use store::weekly_slot;

/// Three posts a week for two weeks over the first change of the clock, on the stage and the blog.
fn brief() -> Brief {
    let mut brief = bakery::brief();
    brief.goal.channels = vec!["stage".into(), "blog".into()];
    brief.goal.timezone = "Europe/Berlin".into();
    brief.goal.start = "2027-03-22".parse().unwrap();
    (brief.goal.posts_per_week, brief.goal.weeks) = (3, 2);
    brief
}

fn begin(db: &NativeDb, workspace_id: &str, id: &str) {
    let new = NewCampaign {
        workspace_id,
        id,
        name: id,
        mode: domain::Mode::Rehearsal,
        time_lapse: false,
        budget_micro_usd: 1_000_000,
        brief: &brief(),
        actor: "ada",
    };
    block_on(campaign::create(db, Some(START_MS), &new)).unwrap();
}

fn plan(db: &NativeDb, workspace_id: &str, id: &str) -> Proposal {
    begin(db, workspace_id, id);
    let (clock, entropy) = (SettableClock::at(START_MS), SeededEntropy::new(id.as_bytes()[0].into()));
    let ports = Ports { db, http: &NoHttp, clock: &clock, entropy: &entropy, wake: &NoWake };
    let models = Models::only(&Rehearsal);
    let work = Strategize { models: &models, first_byte_ms: 15_000 };
    block_on(engine::drain(&ports, &work, engine::Limits::default())).unwrap();
    block_on(strategy::find(db, workspace_id, id, 1)).unwrap().unwrap()
}

/// A blog, which has Mondays and Thursdays at half past two in the night, Berlin's time, if it has any slots.
fn install(slots: bool) -> (NativeDb, String) {
    let (db, us) = bakery::install();
    let sql = "insert into channel (workspace_id, id, name, platform, created_at) values (?1, 'b', 'blog', 'stage', 1)";
    db.run(sql, &[us.as_str().into()]).unwrap();
    if slots {
        let night = [1, 4].map(|weekday| WeeklySlot::parse(weekday, "02:30", "Europe/Berlin").unwrap());
        assert_eq!(block_on(weekly_slot::add(&db, None, (&us, "b", "s"), &night, "ada")).unwrap().len(), 2);
    }
    (db, us)
}

/// When the posts of a channel are planned.
fn planned(plan: &Proposal, channel: &str) -> Vec<String> {
    let of = |ordinal: u32| plan.slots.iter().find(|slot| slot.ordinal == i64::from(ordinal)).unwrap();
    let entries = plan.document.calendar.iter().filter(|entry| entry.channel == channel);
    entries.map(|entry| of(entry.slot).local[..16].to_string()).collect()
}

#[test]
fn a_plans_posts_fall_on_the_slots_of_their_channel_and_keep_their_order() {
    let (db, us) = install(true);
    let with = plan(&db, &us, "c");
    assert_eq!(planned(&with, "blog"), ["2027-03-25T02:30", "2027-03-29T02:30", "2027-04-01T02:30"]);
    let ordinals: Vec<_> = with.document.calendar.iter().map(|entry| entry.slot).collect();
    assert_eq!(ordinals, [1, 2, 3, 4, 5, 6]);
    assert!(with.slots.windows(2).all(|pair| pair[0].due_at <= pair[1].due_at));
    assert!(with.slots.iter().all(|slot| slot.expires_at == Some(slot.due_at + domain::calendar::GRACE_MS)));
    let (db, us) = install(false);
    let without = plan(&db, &us, "c");
    assert_eq!(planned(&with, "stage"), planned(&without, "stage"), "the stage has no slots");
    assert_ne!(planned(&with, "blog"), planned(&without, "blog"), "the control");
}

#[test]
fn the_plan_of_a_second_campaign_takes_other_slots_than_the_one_that_waits_for_approval() {
    let (db, us) = install(true);
    let (first, second) = (planned(&plan(&db, &us, "c"), "blog"), planned(&plan(&db, &us, "d"), "blog"));
    assert!(second.iter().all(|time| !first.contains(time)), "{first:?} {second:?}");
}

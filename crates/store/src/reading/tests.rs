//! A reading goes its way once, within its day, and what was booked before the table of costs was made anew is still there.

use domain::{JobState, Step};
use futures::executor::block_on;
use serde_json::json;

use super::*;
use crate::cost::{self, Reservation};
use crate::job::{self, Finish};
use crate::play::{Play, START_MS};

const DAY_MS: i64 = 86_400_000;

fn asked(play: &Play, id: &str, at: i64) -> bool {
    let new = NewReading { id, copied_from: "a leaflet", text: "Open: 22:00 to 04:00", micro_usd_a_day: 100 };
    block_on(begin(&play.db, Some(at), &play.workspace_id, new, "ada")).unwrap()
}

fn the(play: &Play, id: &str) -> Reading {
    block_on(find(&play.db, &play.workspace_id, id)).unwrap().unwrap()
}

fn reserve(play: &Play, job: &Claimed, id: &str, micro_usd: i64) -> Result<(), DbError> {
    let new = Reservation {
        workspace_id: &play.workspace_id,
        id,
        campaign_id: None,
        job_id: &job.id,
        fence: job.fence,
        step: job.step,
        provider: "p",
        model: "m",
        provider_id: None,
        stands_in_for: None,
        micro_usd,
        input_sha256: "q",
        prompt: "reader-1",
        for_ms: 60_000,
    };
    block_on(cost::reserve(&play.db, Some(START_MS), &new))
}

fn end(play: &Play, job: &Claimed, artifact: serde_json::Value) {
    let done = Finish { artifact: Some(artifact), ..Finish::of(job, JobState::Done) };
    block_on(job::finish(&play.db.0, Some(START_MS), &[done])).unwrap();
}

/// A workspace without a campaign.
fn bare() -> Play {
    let play = Play::begun("c", false);
    end(&play, &play.claim(Step::Strategize, START_MS), json!({ "strategy": {}, "slots": [], "sha256": "s" }));
    play
}

#[test]
fn a_reading_is_a_job_of_the_strategists_and_ends_once_with_what_stands_in_the_text() {
    let play = bare();
    assert!(asked(&play, "r", START_MS));
    let job = play.claim(Step::Strategize, START_MS);
    assert!(is_reading(&job) && job.campaign_id.is_none() && !job.paused);
    assert_eq!(
        block_on(input(&play.db, &job)).unwrap(),
        Some(("a leaflet".to_string(), "Open: 22:00 to 04:00".to_string()))
    );
    assert_eq!(the(&play, "r").state, ReadingState::Waiting);
    let fact =
        json!({ "kind": "hours", "value": "22:00 to 04:00", "quote": "Open: 22:00 to 04:00", "source": "a leaflet" });
    end(&play, &job, json!({ "facts": [fact], "left_out": 2, "model": "p/m" }));
    let read = the(&play, "r");
    assert_eq!((read.state, read.facts.len(), read.left_out), (ReadingState::Done, 1, 2));
    assert_eq!(read.model.as_deref(), Some("p/m"));
    let events = play.db.0.run("select kind from event where subject = 'reading:r' order by seq", &[]).unwrap();
    let kinds: Vec<_> = events.iter().map(|row| row.text("kind").unwrap()).collect();
    assert_eq!(kinds, ["reading.asked", "reading.done"]);
    assert!(block_on(input(&play.db, &job)).unwrap().is_none(), "it is over");
    for sql in ["update reading set facts = '[]'", "update reading set text = 'x'", "delete from reading"] {
        assert!(play.db.0.run(sql, &[]).is_err(), "{sql}");
    }
    assert!(block_on(find(&play.db, "next-door", "r")).unwrap().is_none());
}

#[test]
fn a_reading_of_which_nothing_comes_says_why() {
    let play = bare();
    assert!(asked(&play, "r", START_MS) && asked(&play, "s", START_MS));
    end(&play, &play.claim(Step::Strategize, START_MS), json!({ "failed": "the model refused" }));
    let job = play.claim(Step::Strategize, START_MS);
    let dead = Finish { reason: Some("out of attempts".into()), ..Finish::of(&job, JobState::Dead) };
    block_on(job::finish(&play.db.0, Some(START_MS), &[dead])).unwrap();
    let mut reasons = ["r", "s"].map(|id| the(&play, id).reason.unwrap());
    reasons.sort();
    assert_eq!(reasons, ["out of attempts", "the model refused"]);
    let campaign = block_on(crate::campaign::find(&play.db, &play.workspace_id, "c")).unwrap().unwrap();
    assert_eq!(campaign.reason, None, "no campaign is told of it");
}

#[test]
fn a_days_readings_are_so_many_and_cost_so_much() {
    let play = bare();
    for at in 0..A_DAY_MAX {
        assert!(asked(&play, &format!("r{at}"), START_MS));
    }
    assert!(!asked(&play, "more", START_MS) && asked(&play, "tomorrow", START_MS + DAY_MS + 1));
    let (one, other) = (play.claim(Step::Strategize, START_MS), play.claim(Step::Strategize, START_MS));
    assert_eq!(reserve(&play, &one, "k1", 60), Ok(()));
    assert!(reserve(&play, &other, "k2", 41).unwrap_err().is_refusal("reading_budget_spent"));
    assert_eq!(reserve(&play, &other, "k3", 40), Ok(()));
    assert_eq!(reserve(&play, &other, "k4", 0), Ok(()), "what costs nothing is read all the same");
    let id = one.id.strip_prefix(PREFIX).unwrap();
    assert_eq!(the(&play, id).micro_usd, 60);
}

#[test]
fn only_a_reading_is_paid_by_nobodys_campaign() {
    let play = Play::begun("c", false);
    let job = play.claim(Step::Strategize, START_MS);
    assert!(reserve(&play, &job, "k", 0).is_err());
}

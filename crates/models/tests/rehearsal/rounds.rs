//! Whole campaigns of the real briefs, held against their own posts.

use domain::check::graphemes;
use domain::{Content, MicroUsd};
use futures::executor::block_on;
use models::rehearsal::Rehearsal;
use models::round::{self, Players, Purse};
use models::{Previous, Writing, tasks};

use crate::support::{LIMITS, NoHttp, briefs};

#[test]
fn scores_rise_from_the_first_pass_to_the_last_and_every_post_passes_or_sits_with_a_person() {
    let (mut first, mut last, mut posts) = (0, 0, 0);
    for (name, brief) in briefs() {
        let purse = Purse::of(MicroUsd(0));
        let players = Players { writer: &Rehearsal, editor: &Rehearsal, http: &NoHttp, meter: &purse };
        for played in block_on(round::campaign(players, &brief, name, LIMITS)).unwrap() {
            let [opening, .., closing] = &played.passes[..] else {
                assert!(played.passed().is_some(), "{name}: {played:?}");
                continue;
            };
            first += opening.scores.mean_tenths();
            last += closing.scores.mean_tenths();
            posts += 1;
            let meets = closing.scores.pass() && played.person.is_none();
            assert!(meets || played.person.is_some(), "{name}: {played:?}");
            assert!(meets, "{name}: the rehearsal model mends what it is told: {played:?}");
        }
    }
    assert!(posts > 0 && last > first, "{first} → {last} over {posts} revised posts");
}

#[test]
fn a_post_that_is_to_be_shorter_is() {
    let wish = "Make it shorter: keep the fact and what to do next, leave out the rest.";
    for (name, brief) in briefs() {
        let strategy = crate::support::strategy(&brief, name);
        for entry in strategy.calendar.iter().take(3) {
            let writing = |pass, previous| Writing {
                campaign_id: name.into(),
                brief: brief.clone(),
                strategy: strategy.clone(),
                entry: entry.clone(),
                language: tasks::language_of_slot(&brief, entry.slot).into(),
                limits: LIMITS,
                pass,
                previous,
                learnings: Vec::new(),
            };
            let first: Content = crate::support::answer(&tasks::generate(writing(0, None)));
            let back =
                Previous { content: first.clone(), findings: Vec::new(), comment: wish.into(), tried: Vec::new() };
            let second: Content = crate::support::answer(&tasks::generate(writing(1, Some(back.clone()))));
            let again: Content = crate::support::answer(&tasks::generate(writing(1, Some(back))));
            let long = |content: &Content| graphemes(&content.text);
            assert!(long(&second) < long(&first), "{name}, {}: {first:?} → {second:?}", entry.slot);
            assert_eq!(second, again, "and always the same");
        }
    }
}

//! The rules of learnings: what follows from pairs, and how often chance is mistaken for help.

use super::proof::{
    ADOPTED_WRONGLY_MAX, MISS_MAX, PAIRS_MAX, RATE_MIN, Ruling, Tally, WINDOW, still_helps, wins_to_adopt,
};
use super::signals::{Seen, Source, proposals};
use super::*;
use crate::{Content, Dimension};

/// How many learnings of each kind are simulated.
const SIMULATED: u32 = 1_000;

/// SplitMix64: the same numbers on every machine.
struct Chance(u64);

impl Chance {
    fn hits(&mut self, probability: f64) -> bool {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64 <= probability
    }
}

/// A judge that reads a pair twice: with `biased` it goes by the order; else it prefers the better one, the one with
/// the learning in `rate` of the pairs.
fn pair(chance: &mut Chance, rate: f64, biased: f64) -> TrialResult {
    if chance.hits(biased) {
        return judged(Preference::First, Preference::First);
    }
    if chance.hits(rate) {
        judged(Preference::First, Preference::Second)
    } else {
        judged(Preference::Second, Preference::First)
    }
}

fn count(tally: &mut Tally, result: TrialResult) {
    match result {
        TrialResult::Win => tally.wins += 1,
        TrialResult::Loss => tally.losses += 1,
        TrialResult::Tie => tally.ties += 1,
        TrialResult::Failed => {}
    }
}

/// Tries one to the end.
fn tried(chance: &mut Chance, rate: f64, biased: f64) -> (Ruling, Tally) {
    let mut tally = Tally::default();
    loop {
        count(&mut tally, pair(chance, rate, biased));
        let ruling = tally.ruling();
        if ruling != Ruling::GoOn {
            return (ruling, tally);
        }
    }
}

/// What everybody does: a p-value after each pair, and stop at the first below 5 %.
fn naively_adopted(chance: &mut Chance, rate: f64) -> bool {
    let mut tally = Tally::default();
    while tally.judged() < PAIRS_MAX {
        count(&mut tally, pair(chance, rate, 0.0));
        let n = f64::from(tally.decided());
        let z = (f64::from(tally.wins) - n / 2.0) / (n / 4.0).sqrt();
        if tally.decided() >= 5 && z > 1.645 {
            return true;
        }
    }
    false
}

#[test]
fn a_helpful_learning_is_found_and_a_harmful_and_a_useless_one_are_dropped_within_the_stated_error() {
    println!(
        "{SIMULATED} simulated learnings of each kind, up to {PAIRS_MAX} pairs each, a fifth of them judged by order alone"
    );
    println!("kind                      wins   adopted  harmful  unproved  mean pairs");
    let mut adopted_share = Vec::new();
    for (name, rate) in [
        ("very helpful", 0.9),
        ("helpful", 0.8),
        ("somewhat helpful", 0.7),
        ("useless", 0.5),
        ("harmful", 0.3),
        ("very harmful", 0.15),
    ] {
        let mut chance = Chance(7);
        let (mut adopted, mut harmful, mut unproved, mut pairs) = (0, 0, 0, 0);
        for _ in 0..SIMULATED {
            let (ruling, tally) = tried(&mut chance, rate, 0.2);
            pairs += tally.judged();
            match ruling {
                Ruling::Adopt => adopted += 1,
                Ruling::DropHarmful => harmful += 1,
                Ruling::DropUnproved => unproved += 1,
                Ruling::GoOn => unreachable!(),
            }
        }
        let percent = |n: u32| 100.0 * f64::from(n) / f64::from(SIMULATED);
        println!(
            "{name:<22} {:>6.0} % {:>7.1} % {:>6.1} % {:>7.1} %  {:>6.1}",
            rate * 100.0,
            percent(adopted),
            percent(harmful),
            percent(unproved),
            f64::from(pairs) / f64::from(SIMULATED)
        );
        adopted_share.push(f64::from(adopted) / f64::from(SIMULATED));
    }
    let mut chance = Chance(7);
    let naive = (0..SIMULATED).filter(|_| naively_adopted(&mut chance, 0.5)).count() as f64 / f64::from(SIMULATED);
    println!(
        "false-positive rate over {SIMULATED} useless learnings: {:.1} % (stated: at most {:.0} %)",
        100.0 * adopted_share[3],
        100.0 * ADOPTED_WRONGLY_MAX
    );
    println!("false-positive rate over {SIMULATED} harmful learnings: {:.1} %", 100.0 * adopted_share[4]);
    println!("the same useless ones by a p-value after every pair: {:.1} %", 100.0 * naive);
    assert!(adopted_share[0] > 0.99 && adopted_share[1] > 0.9 && adopted_share[2] > 0.5, "{adopted_share:?}");
    assert!(adopted_share[3] <= ADOPTED_WRONGLY_MAX, "{adopted_share:?}");
    assert!(adopted_share[4] < 0.005 && adopted_share[5] < 0.005, "{adopted_share:?}");
    assert!(naive > ADOPTED_WRONGLY_MAX, "the control must be fooled: {naive}");
}

#[test]
fn the_interval_misses_the_true_rate_no_more_often_than_stated_however_often_one_looks() {
    for rate in [0.2, 0.5, 0.75] {
        let mut chance = Chance(11);
        let missed = (0..SIMULATED).filter(|_| {
            let mut tally = Tally::default();
            (0..200).any(|_| {
                count(&mut tally, pair(&mut chance, rate, 0.0));
                tally.excludes(rate)
            })
        });
        let missed = missed.count() as f64 / f64::from(SIMULATED);
        println!("true rate {rate}: missed at some of 200 looks in {:.1} % of {SIMULATED}", 100.0 * missed);
        assert!(missed <= MISS_MAX, "{rate}: {missed}");
    }
}

#[test]
fn an_adopted_learning_that_stops_helping_is_dropped_and_one_that_helps_is_kept() {
    let dropped_within = |before: f64, after: f64, retrials: usize| {
        let mut chance = Chance(13);
        let dropped = (0..SIMULATED).filter(|_| {
            let mut newest_first = std::collections::VecDeque::new();
            for _ in 0..WINDOW {
                newest_first.push_front(chance.hits(before));
            }
            (0..retrials).any(|_| {
                newest_first.push_front(chance.hits(after));
                !still_helps(newest_first.iter().copied())
            })
        });
        dropped.count() as f64 / f64::from(SIMULATED)
    };
    let (stopped, harmful, kept) =
        (dropped_within(0.8, 0.5, 60), dropped_within(0.8, 0.25, 30), dropped_within(0.8, 0.8, 100));
    println!(
        "dropped: {:.1} % within 60 re-trials once useless, {:.1} % within 30 once harmful, {:.1} % of the helpful within 100",
        100.0 * stopped,
        100.0 * harmful,
        100.0 * kept
    );
    assert!(stopped > 0.9 && harmful > 0.99 && kept < 0.02, "{stopped} {harmful} {kept}");
}

#[test]
fn the_interval_holds_the_rate_narrows_and_turns_with_the_sides() {
    for wins in 0..=PAIRS_MAX {
        for losses in 0..=PAIRS_MAX - wins {
            let tally = Tally { wins, losses, ties: 0 };
            let (low, high) = tally.interval();
            assert!((0.0..=1.0).contains(&low) && low <= high && high <= 1.0, "{tally:?}");
            if let Some(rate) = tally.rate() {
                assert!(low <= rate && rate <= high, "{tally:?}");
            }
            let (other_low, other_high) = Tally { wins: losses, losses: wins, ties: 0 }.interval();
            assert!((low + other_high - 1.0).abs() < 1e-9 && (high + other_low - 1.0).abs() < 1e-9, "{tally:?}");
            assert_eq!(tally.helps(), low > RATE_MIN, "{tally:?}");
            assert!(!(tally.helps() && tally.harms()), "{tally:?}");
        }
    }
    let width = |n: u32| {
        let (low, high) = Tally { wins: 3 * n, losses: n, ties: 0 }.interval();
        high - low
    };
    assert!((1..20).all(|n| width(n + 1) < width(n)));
}

#[test]
fn whatever_the_pairs_say_a_trial_ends() {
    for ties in 0..=PAIRS_MAX {
        let tally = Tally { wins: 0, losses: 0, ties };
        let left = PAIRS_MAX - ties;
        assert_eq!(tally.ruling() == Ruling::GoOn, wins_to_adopt(left).is_some(), "{ties}");
    }
    assert_eq!(Tally { wins: 6, losses: 0, ties: 0 }.ruling(), Ruling::GoOn);
    assert_eq!(Tally { wins: 7, losses: 0, ties: 0 }.ruling(), Ruling::Adopt);
    assert_eq!(Tally { wins: 0, losses: 7, ties: 0 }.ruling(), Ruling::DropHarmful);
}

#[test]
fn a_judge_that_goes_by_the_order_decides_nothing() {
    for biased in Preference::ALL {
        assert_eq!(judged(*biased, *biased), TrialResult::Tie);
    }
    assert_eq!(judged(Preference::First, Preference::Neither), TrialResult::Tie);
    // Without the second order, such a judge would prove anything.
    let (ruling, _) = tried(&mut Chance(1), 0.9, 1.0);
    assert_eq!(ruling, Ruling::DropUnproved);
}

#[test]
fn a_state_that_a_person_may_choose_is_one_that_may_follow() {
    for state in LearningState::ALL {
        assert!(state.by_hand().all(|to| state.next().contains(&to)));
        assert!(!state.next().contains(state));
    }
    assert!(LearningState::Trying.by_hand().all(|to| to != LearningState::Proposed), "it is being tried already");
}

fn source(post: &str) -> Source {
    Source { post_id: post.into(), version: 2, approval_id: None }
}

fn content(text: &str) -> Content {
    Content { language: "en".into(), title: "Bread".into(), text: text.into(), image: None }
}

fn statements(seen: &Seen) -> Vec<String> {
    proposals(seen).into_iter().map(|proposal| proposal.statement).collect()
}

#[test]
fn what_people_change_twice_is_proposed_and_what_they_change_once_is_not() {
    let edit =
        |post: &str| (source(post), content("Fresh bread! Come soon! Now"), content("Fresh bread. Come soon, now."));
    let once = Seen { edits: vec![edit("c-1"), edit("c-1")], ..Seen::default() };
    assert_eq!(statements(&once), Vec::<String>::new(), "twice in one post is once");
    let twice = Seen { edits: vec![edit("c-1"), edit("c-2")], ..Seen::default() };
    assert_eq!(statements(&twice), ["Use no exclamation marks."]);
}

#[test]
fn a_comment_that_comes_again_in_other_words_is_proposed_in_the_first_ones() {
    let said = |post: &str, text: &str| (source(post), text.to_string());
    let comments = vec![
        said("c-1", "Please name the opening hours"),
        said("c-2", "name the opening hours!"),
        said("c-3", "Too cold for us"),
    ];
    assert_eq!(statements(&Seen { comments, ..Seen::default() }), ["Please name the opening hours"]);
}

#[test]
fn a_dimension_that_stays_low_is_proposed_once_there_are_enough_of_it() {
    let scored = |low: usize, all: usize| {
        let scores = (0..all).map(|at| (source(&format!("c-{at}")), Dimension::Hook, at < low)).collect();
        statements(&Seen { scores, ..Seen::default() }).len()
    };
    assert_eq!([scored(4, 5), scored(5, 10), scored(5, 50)], [0, 1, 0]);
}

#[test]
fn a_prompt_holds_no_more_learnings_than_its_budget() {
    let long = "x".repeat(STATEMENT_CHARS_MAX);
    let many: Vec<String> = (0..20).map(|_| long.clone()).collect();
    let told = told(many, String::as_str);
    assert!(told.len() <= TOLD_MAX as usize);
    assert!(told.iter().map(|one| one.len() + 4).sum::<usize>() <= 4 * TOLD_TOKENS_MAX);
}

//! The rehearsal model plays whole campaigns: every rule that a stranger's post must keep, over many briefs.

mod odd;
mod rounds;
mod support;

use std::collections::BTreeSet;

use domain::check::Limits;
use domain::review::REVISIONS_MAX;
use domain::{Brief, Content, Finding, Severity, Verdict};
use models::rehearsal::mistake::{Mistake, PER_FIVE_SLOTS};
use models::{Previous, SentBack, tasks};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use support::{LIMITS, Played, answer, briefs, planning, play, play_in, strategy, writing};

/// The rules, said again and more simply than the model and the checks say them.
fn keeps_the_rules(content: &Content, brief: &Brief, limits: &Limits) {
    let Content { title, text, .. } = content;
    let context = format!("{title}\n{text}");
    let lower = context.to_lowercase();
    let facts = brief.fact_texts().join("\n");
    for claim in &brief.claims.required {
        assert!(text.to_lowercase().contains(&claim.to_lowercase()), "lacks {claim:?}: {context}");
    }
    for claim in &brief.claims.banned {
        assert!(!lower.contains(&claim.to_lowercase()), "holds {claim:?}: {context}");
    }
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | ':');
    for number in context.split(|c| !is_part(c)).map(|run| run.trim_matches(['.', ':'])).filter(|run| !run.is_empty()) {
        assert!(facts.contains(number), "invents {number}: {context}");
    }
    for word in context.split_whitespace().filter(|word| word.contains("://") || word.contains('@')) {
        assert!(
            facts
                .to_lowercase()
                .contains(&word.trim_matches(['„', '“', '”', '.', ',', ':', '!', '?', ';']).to_lowercase()),
            "names {word}: {context}"
        );
    }
    assert!(domain::check::graphemes(text) <= limits.text_graphemes_max, "{context}");
    assert!(
        limits.title_graphemes_max == 0 || domain::check::graphemes(title) <= limits.title_graphemes_max,
        "{context}"
    );
    assert!(!context.contains(['{', '}']) || facts.contains(['{', '}']), "an unfilled frame: {context}");
    let blockers: Vec<Finding> = domain::check::check(content, brief, limits)
        .into_iter()
        .filter(|finding| finding.severity == Severity::Blocker)
        .collect();
    assert!(blockers.is_empty(), "{blockers:#?}: {context}");
}

fn keeps_all_rules(posts: &[Played], brief: &Brief, limits: &Limits) {
    let mut titles = BTreeSet::new();
    let mut texts = BTreeSet::new();
    for post in posts {
        keeps_the_rules(&post.content, brief, limits);
        assert!(post.passed && post.versions.len() <= 1 + REVISIONS_MAX as usize, "{:#?}", post.versions);
        // In a language that it does not speak, it has only the facts to vary.
        if !["en", "de"].contains(&post.content.language.as_str()) {
            continue;
        }
        assert!(titles.insert(post.content.title.clone()), "twice the title {:?}", post.content.title);
        assert!(texts.insert(post.content.text.clone()), "twice the text {:?}", post.content.text);
    }
}

#[test]
fn every_post_of_the_real_briefs_keeps_every_rule_whatever_the_campaign() {
    for (name, brief) in briefs() {
        for campaign in 0..3 {
            let posts = play(&brief, &format!("{name}-{campaign}"));
            keeps_all_rules(&posts, &brief, &LIMITS);
        }
    }
}

#[test]
fn openings_vary_and_neighbours_have_nothing_but_facts_in_common() {
    for (name, brief) in briefs() {
        let posts = play(&brief, name);
        let hooks: BTreeSet<&str> = posts.iter().map(|post| post.content.text.lines().next().unwrap()).collect();
        assert!(hooks.len() * 4 >= posts.len() * 3, "{name}: {} hooks for {} posts", hooks.len(), posts.len());
        for pair in posts.windows(2) {
            let last = |post: &Played| post.content.text.lines().last().unwrap().to_string();
            let first = |post: &Played| post.content.text.lines().next().unwrap().to_string();
            assert_ne!(first(&pair[0]), first(&pair[1]), "{name}");
            assert_ne!((last(&pair[0]), &pair[0].entry.pillar), (last(&pair[1]), &pair[1].entry.pillar), "{name}");
        }
    }
}

#[test]
fn two_of_five_first_versions_are_sent_back_with_advice_and_pass_when_mended() {
    for (name, brief) in briefs() {
        let posts = play(&brief, name);
        let sent_back: Vec<&Played> = posts.iter().filter(|post| post.versions.len() > 1).collect();
        assert!(!sent_back.is_empty(), "{name}");
        for post in &posts {
            let planned = !Mistake::of_slot(name, post.entry.slot).is_empty();
            assert_eq!(post.versions.len() > 1, planned, "{name} slot {}: {:#?}", post.entry.slot, post.versions);
        }
        for post in &sent_back {
            let (_, review) = &post.versions[0];
            assert_eq!(review.verdict, Verdict::Revise);
            assert!(
                review.findings.iter().any(|finding| finding.severity != Severity::Minor && finding.advice.len() > 20),
                "{review:#?}"
            );
            assert_eq!(post.versions.last().unwrap().1.verdict, Verdict::Approve);
        }
        let whole_fives = posts.len() / 5 * PER_FIVE_SLOTS;
        assert!(
            (whole_fives..=whole_fives + PER_FIVE_SLOTS).contains(&sent_back.len()),
            "{name}: {} of {}",
            sent_back.len(),
            posts.len()
        );
    }
}

#[test]
fn every_kind_of_mistake_is_made_found_and_mended() {
    let (_, brief) = briefs().remove(0);
    let mut rules = BTreeSet::new();
    for campaign in 0..4 {
        for post in play(&brief, &campaign.to_string()).iter().filter(|post| post.versions.len() > 1) {
            rules.extend(
                post.versions[0]
                    .1
                    .findings
                    .iter()
                    .filter(|finding| finding.severity != Severity::Minor)
                    .map(|finding| finding.rule.clone()),
            );
        }
    }
    for mistake in Mistake::ALL {
        let named = |rule: &String| mistake.is_named_by(&Finding::new(rule, Severity::Major, "", ""));
        assert!(rules.iter().any(named), "{mistake:?} in {rules:?}");
    }
}

#[test]
fn the_same_task_has_the_same_answer() {
    let (_, brief) = briefs().remove(2);
    let once = play(&brief, "c");
    let twice = play(&brief, "c");
    assert!(once.iter().zip(&twice).all(|(one, other)| one.content == other.content));
    assert!(once.iter().zip(&play(&brief, "d")).any(|(one, other)| one.content != other.content));
}

#[test]
fn german_posts_are_framed_in_german_and_quote_facts_as_they_are() {
    let (_, brief) = briefs().remove(2);
    let posts = play(&brief, "c");
    let german: Vec<_> = posts.iter().filter(|post| post.content.language == "de").collect();
    assert!(german.len() >= posts.len() / 3);
    for post in german {
        let text = &post.content.text;
        assert!(text.contains('„') && text.contains("bring a laptop"), "{text}");
        for word in ["Here is", "Good to know", "Join us", "Also"] {
            assert!(!text.contains(word), "{text}");
        }
    }
}

#[test]
fn a_language_that_nobody_here_speaks_gets_facts_and_no_frame() {
    let (_, mut brief) = briefs().remove(1);
    brief.brand.also_in = vec!["fr".into()];
    let strategy = strategy(&brief, "c");
    let mut writing = writing(&brief, "c", &strategy, &strategy.calendar[1], LIMITS);
    assert_eq!(writing.language, "fr");
    let content: Content = answer(&tasks::generate(writing.clone()));
    assert!(content.text.contains(&brief.brand.url));
    keeps_the_rules(&content, &brief, &LIMITS);
    writing.pass = 1;
    writing.previous = Some(Previous { content, findings: Vec::new(), comment: String::new(), tried: Vec::new() });
    keeps_the_rules(&answer(&tasks::generate(writing)), &brief, &LIMITS);
}

#[test]
fn a_comment_brings_another_version_that_heeds_it() {
    for (name, brief) in briefs() {
        let strategy = strategy(&brief, name);
        for entry in &strategy.calendar {
            let first = writing(&brief, name, &strategy, entry, LIMITS);
            let before: Content = answer(&tasks::generate(first.clone()));
            for comment in ["Please write it again.", "Shorter, please.", "More detail, and mention the licence."] {
                let mut writing = first.clone();
                writing.pass = 1;
                writing.previous = Some(Previous {
                    content: before.clone(),
                    findings: Vec::new(),
                    comment: comment.into(),
                    tried: Vec::new(),
                });
                let after: Content = answer(&tasks::generate(writing));
                assert_ne!(after, before, "{name} {comment}");
                keeps_the_rules(&after, &brief, &LIMITS);
            }
        }
    }
    let (name, brief) = briefs().remove(1);
    let strategy = strategy(&brief, name);
    let mut writing = writing(&brief, name, &strategy, &strategy.calendar[0], LIMITS);
    let before: Content = answer(&tasks::generate(writing.clone()));
    writing.pass = 1;
    writing.previous = Some(Previous {
        content: before,
        findings: Vec::new(),
        comment: "Say something about the licence.".into(),
        tried: Vec::new(),
    });
    let after: Content = answer(&tasks::generate(writing));
    assert!(after.text.contains("MIT or the Unlicense"), "{}", after.text);
}

#[test]
fn a_plan_that_came_back_is_another_and_says_why() {
    let (name, brief) = briefs().remove(0);
    let first = strategy(&brief, name);
    let mut planning = planning(&brief, name);
    planning.pass = 1;
    planning.previous = Some(SentBack { strategy: first.clone(), comment: "More about the prices".into() });
    let second: domain::Strategy = answer(&tasks::strategize(planning));
    assert_ne!(first.calendar, second.calendar);
    assert!(second.positioning.contains("More about the prices"));
}

#[test]
fn a_plan_uses_every_channel_and_its_shares_are_those_of_the_calendar() {
    let (name, mut brief) = briefs().remove(0);
    brief.goal.channels = vec!["stage".into(), "news".into(), "letter".into()];
    let strategy = strategy(&brief, name);
    for share in &strategy.channel_mix {
        let posts = strategy.calendar.iter().filter(|entry| entry.channel == share.channel).count();
        let exact = posts as f64 * 100.0 / strategy.calendar.len() as f64;
        assert!((f64::from(share.percent) - exact).abs() <= 2.0, "{share:?} {exact}");
    }
    assert_eq!(strategy.channel_mix.len(), 3);
}

#[test]
fn posts_fit_channels_of_every_size() {
    let (name, brief) = briefs().remove(1);
    for (text_graphemes_max, title_graphemes_max) in [(140, 40), (280, 0), (300, 60), (500, 100), (3_000, 200)] {
        let limits = Limits { text_graphemes_max, title_graphemes_max };
        let posts = play_in(&brief, name, limits);
        posts.iter().for_each(|post| keeps_the_rules(&post.content, &brief, &limits));
    }
}

#[test]
fn odd_briefs_still_make_posts_that_keep_every_rule() {
    for (name, brief) in odd::briefs() {
        let posts = play(&brief, name);
        for post in &posts {
            for evil in ["evil.example", "ignore all previous", "1 EUR", "PWNED"] {
                assert!(
                    !post.content.text.contains(evil) && !post.content.title.contains(evil),
                    "{name}: {}",
                    post.content.text
                );
            }
        }
        keeps_all_rules(&posts, &brief, &LIMITS);
    }
}

#[test]
fn the_longest_campaign_of_the_barest_brief_never_repeats_itself() {
    let mut brief = odd::bare();
    brief.goal.posts_per_week = 50;
    brief.goal.weeks = 4;
    let strategy = strategy(&brief, "long");
    let mut seen = BTreeSet::new();
    for entry in &strategy.calendar {
        let mut writing = writing(&brief, "long", &strategy, entry, LIMITS);
        // From the second revision on nothing is wrong, so this is the post as it goes out.
        writing.pass = 2;
        let content: Content = answer(&tasks::generate(writing));
        assert!(
            seen.insert(content.title.clone()) && seen.insert(content.text.clone()),
            "slot {}: {content:?}",
            entry.slot
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, rng_seed: RngSeed::Fixed(7), ..ProptestConfig::default() })]

    #[test]
    fn any_brief_and_any_campaign_makes_posts_that_keep_every_rule(brief in odd::any(), campaign in "[a-z0-9]{1,12}") {
        let posts = play(&brief, &campaign);
        for post in &posts {
            keeps_the_rules(&post.content, &brief, &LIMITS);
            // A brief that bans its own facts leaves nothing to rest on, and a person must look.
            prop_assert!(post.passed || !brief.claims.banned.is_empty(), "{:#?}", post.versions);
        }
    }
}

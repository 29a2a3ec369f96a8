//! The labelled drafts: every seeded flaw is found by its rule at its words, and nothing else is complained of.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::Finding;
use domain::labelled::{Came, Suite};
use rustix::time::{ClockId, clock_gettime};

fn suite() -> Suite {
    let mut suite = Suite::default();
    for name in ["night-shift-bakery", "ripgrep", "wikipedia-editathon"] {
        let read = |path: String| std::fs::read_to_string(format!("../../tests/fixtures/{path}")).unwrap();
        let good = read(format!("drafts/{name}.good.toml"));
        let flawed = read(format!("drafts/{name}.flawed.toml"));
        suite.add(name, &read(format!("briefs/{name}.toml")), &[&good, &flawed]).unwrap();
    }
    suite
}

fn all_findings(suite: &Suite) -> Vec<Vec<Finding>> {
    (0..suite.drafts.len()).map(|index| suite.findings(index)).collect()
}

/// What goes wrong when this rule's check is taken out.
fn failures(suite: &Suite, found: &[Vec<Finding>], without: Option<&str>) -> Vec<String> {
    let one = |index: usize| {
        let mut found = found[index].clone();
        found.retain(|finding| Some(finding.rule.as_str()) != without);
        let draft = &suite.drafts[index].1;
        match suite.came(index, &found) {
            Came::Right => None,
            Came::Missed => Some(format!("{}: {:?} at {:?} was missed: {found:?}", draft.id, draft.flaw, draft.quote)),
            Came::FalseAlarm(finding) => Some(format!("{}: a false alarm: {finding:?}", draft.id)),
        }
    };
    (0..suite.drafts.len()).filter_map(one).collect()
}

#[test]
fn every_seeded_flaw_is_found_by_its_rule_and_nothing_else_is_said() {
    let suite = suite();
    let failures = failures(&suite, &all_findings(&suite), None);
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn taking_any_check_out_lets_drafts_through() {
    let suite = suite();
    let found = all_findings(&suite);
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    for flaw in suite.drafts.iter().filter_map(|(_, draft)| draft.flaw.as_deref()) {
        *rules.entry(flaw).or_default() += 1;
    }
    assert!(rules.len() >= 22, "{rules:?}");
    for (rule, drafts) in rules {
        assert_eq!(failures(&suite, &found, Some(rule)).len(), drafts, "without `{rule}`");
    }
}

#[test]
fn there_are_two_hundred_drafts_with_names_of_their_own_and_a_good_share_of_good_and_german_ones() {
    let suite = suite();
    let mut ids: Vec<&str> = suite.drafts.iter().map(|(_, draft)| draft.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    let count = |of: fn(&domain::labelled::Draft) -> bool| suite.drafts.iter().filter(|(_, draft)| of(draft)).count();
    assert_eq!(ids.len(), suite.drafts.len());
    assert!(ids.len() >= 200);
    assert!(count(|draft| draft.flaw.is_none() && draft.judged.is_none()) >= 60);
    assert!(count(|draft| draft.language == "de") >= 30);
}

#[test]
fn a_post_is_checked_in_five_milliseconds() {
    let suite = suite();
    // This thread's time and the best of several: a busy machine is not the check's doing.
    let worked = || Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).expect("time does not run backwards");
    let once = |index: usize| {
        let began = worked();
        suite.findings(index);
        worked() - began
    };
    let best = |index: usize| (0..5).map(|_| once(index)).min().unwrap_or_default();
    let slowest = (0..suite.drafts.len()).step_by(8).map(best).max().unwrap_or_default();
    assert!(slowest < Duration::from_millis(5), "{slowest:?}");
}

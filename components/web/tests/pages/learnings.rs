//! Learnings on their page: what is shown of the evidence, and what a person may make of it.

use serve::StatusCode;

use super::between;
use super::seed::World;

#[test]
fn each_learning_stands_in_its_state_with_effect_n_and_interval() {
    let world = World::full();
    let page = world.get("/learnings").text();
    for words in [
        "Better with it in 10 of 11 decided pairs (91 %); the true share lies between 53 % and 100 %",
        "It proved itself",
        "Posts are worse with it",
        "No pair has decided anything yet",
        "3 decided nothing.",
        "at most 5 % of cases",
        "Only what costs nothing is tried.",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let titles = ["Told to the copywriter", "Being tried", "Waiting to be tried", "Dropped and retired"];
    let places: Vec<usize> = titles.iter().map(|title| page.find(title).unwrap()).collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn a_learnings_page_shows_every_pair_with_both_versions_and_who_judged() {
    let page = World::full().get("/learnings/street").text();
    for words in [
        "Pair 14 ",
        "Better with it",
        "Better without it",
        "Decided nothing",
        "Read first, the judge preferred the one with it; read second, the one with it.",
        "Judged by openai/judge-1.",
        "Judged by the model that wrote it, for no other is set up.",
        "With it",
        "Without it",
    ] {
        assert!(page.contains(words), "{words}");
    }
}

#[test]
fn a_learning_says_whose_words_it_has_and_what_the_rule_said() {
    let world = World::full();
    let worded = |by: &str| {
        let sql = "update learning set origin = 'comments', rule_statement = 'Say where.', rule_key = 'say where',
            worded_by = ?1 where id = 'street'";
        world.db.run(sql, &[by.into()]).unwrap();
        world.get("/learnings/street").text()
    };
    assert!(worded("openai/m<b>").contains("In the words of openai/m&lt;b&gt;. The rule says: “Say where.”"));
    assert!(worded("rules").contains("In the words of a rule."));
    assert!(worded("person").contains("In a person’s words."));
}

#[test]
fn what_a_person_types_is_checked_kept_and_begins_the_evidence_anew() {
    let world = World::full();
    let short = world.post("/learnings", &[("statement", "Short")]);
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(short.text().contains("value=\"Short\"") && short.text().contains("must have 8 to 240 characters"));
    let again = world.post("/learnings", &[("statement", "open with a question")]);
    assert!(again.text().contains("says what another learning says"), "{}", again.text());
    let hostile = "<script>alert(1)</script> in the title, please";
    assert_eq!(world.post("/learnings", &[("statement", hostile)]).status, StatusCode::SEE_OTHER);
    assert!(!world.get("/learnings").text().contains("<script>alert"));

    let page = world.get("/learnings/street").text();
    let revision = &between(&page, "name=\"revision\" value=\"", "\"").unwrap();
    let change = |revision: &str| {
        world.post("/learnings/street", &[("statement", "Name the street first."), ("revision", revision)])
    };
    assert_eq!(change(revision).status, StatusCode::SEE_OTHER);
    assert_eq!(change(revision).status, StatusCode::PRECONDITION_FAILED, "somebody was quicker");
    let page = world.get("/learnings/street").text();
    assert!(page.contains("No pair has decided anything yet") && page.contains("of earlier words"), "{page}");
}

#[test]
fn what_a_person_writes_holds_for_all_channels_or_for_one() {
    let world = World::full();
    let write =
        |statement: &str, channel: &str| world.post("/learnings", &[("statement", statement), ("channel", channel)]);
    let nowhere = write("Say the price in the last line.", "nowhere");
    assert_eq!(nowhere.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nowhere.text().contains("The channel is none of this workspace."), "{}", nowhere.text());
    assert_eq!(write("Say the price in the last line.", "stage").status, StatusCode::SEE_OTHER);
    let page = world.get("/learnings").text();
    assert!(page.contains("for stage alone"), "{page}");
    // The same words for all channels are another learning.
    assert_eq!(write("Say the price in the last line.", "").status, StatusCode::SEE_OTHER);

    let id = between(&page, "<a href=\"/learnings/", "\">Say the price in the last line.").unwrap();
    let id = id.rsplit('/').next().unwrap();
    let path = format!("/learnings/{id}");
    assert!(world.get(&path).text().contains("value=\"stage\" selected"), "{}", world.get(&path).text());
    let fields = [("statement", "Say the price first."), ("channel", ""), ("revision", "1")];
    assert_eq!(world.post(&path, &fields).status, StatusCode::SEE_OTHER);
    assert!(!world.get(&path).text().contains("for stage alone"));
}

#[test]
fn a_person_adopts_retires_and_lets_try_again_as_the_state_allows() {
    let world = World::full();
    let put = |state: &str| {
        let page = world.get("/learnings/hours").text();
        let revision = between(&page, "name=\"revision\" value=\"", "\"").unwrap();
        world.post("/learnings/hours/state", &[("state", state), ("revision", &revision)]).status
    };
    assert_eq!(put("adopted"), StatusCode::SEE_OTHER);
    assert!(world.get("/learnings/hours").text().contains("Adopted by hand"));
    assert_eq!(put("trying"), StatusCode::PRECONDITION_FAILED, "trials are not begun by hand");
    assert_eq!(put("retired"), StatusCode::SEE_OTHER);
    assert_eq!(put("proposed"), StatusCode::SEE_OTHER);
    assert_eq!(put("nonsense"), StatusCode::UNPROCESSABLE_ENTITY);
}

#[test]
fn an_admin_says_what_trying_may_cost() {
    let world = World::full();
    let set = |trials: &str, usd: &str, revision: &str| {
        let fields = [("trials_a_day", trials), ("usd_a_day", usd), ("revision", revision)];
        world.post("/learnings/limits", &fields).status
    };
    assert_eq!(set("501", "0", "0"), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(set("10", "much", "0"), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(set("10", "1000.01", "0"), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(set("10", "0.25", "0"), StatusCode::SEE_OTHER);
    assert_eq!(set("11", "0.25", "0"), StatusCode::PRECONDITION_FAILED);
    let page = world.get("/learnings").text();
    assert!(page.contains("value=\"0.25\"") && !page.contains("Only what costs nothing is tried. A"), "{page}");
}

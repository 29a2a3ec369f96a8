//! Memory: what is kept, what is found and by whom, and what stays once it is forgotten.

use domain::{Content, Decision};
use futures::executor::block_on;

use super::*;
use crate::job::{Claimed, Finish};
use crate::play::{Play, START_MS};
use crate::{brand, strategy};

fn words(text: &str) -> Vec<String> {
    domain::memory::query_words([text])
}

fn found(play: &Play, workspace_id: &str, text: &str) -> Vec<String> {
    let words = words(text);
    let filter = Filter { words: Some(&words), ..Filter::default() };
    block_on(list(&play.db, workspace_id, filter, None, 50)).unwrap().into_iter().map(|one| one.text).collect()
}

fn all(play: &Play, workspace_id: &str) -> Vec<Memory> {
    block_on(list(&play.db, workspace_id, Filter::default(), None, 50)).unwrap()
}

/// Sends a post back with these words, and writes and reviews the next version.
fn send_back(play: &Play, post_id: &str, comment: &str) {
    let seen = play.post(post_id);
    let id = format!("b{}", play.count("select count(*) as n from approval"));
    let new = crate::approval::NewApproval {
        workspace_id: &play.workspace_id,
        id: &id,
        post_id,
        version: seen.version,
        content_sha256: &seen.current.as_ref().unwrap().sha256,
        channel_id: &seen.channel_id,
        due_at: seen.due_at,
        decision: Decision::SendBack,
        comment: Some(comment),
        actor: "ada",
    };
    assert_eq!(block_on(crate::approval::decide(&play.db, Some(START_MS), &new)), Ok(true));
}

/// The same words, next door, as its own row.
fn next_door(play: &Play, text: &str) -> String {
    let neighbour = play.neighbour();
    let sql = "insert into memory (workspace_id, id, kind, about, text, by, at)
        values (?1, 'approval:theirs', 'sent_back', 'stage / Proof', ?2, 'eve', 1)";
    play.db.0.run(sql, &[(&neighbour).into(), text.into()]).unwrap();
    neighbour
}

#[test]
fn what_a_person_says_with_a_decision_is_remembered_and_found_by_its_words() {
    let play = Play::drafted(false);
    send_back(&play, "c-1", "No exclamation marks, please.");
    play.decide("c-2", Decision::Reject).unwrap();
    let kept = all(&play, &play.workspace_id);
    assert_eq!(kept.iter().map(|one| one.kind).collect::<Vec<_>>(), [MemoryKind::SentBack, MemoryKind::Rejected]);
    assert_eq!((kept[0].by.as_str(), kept[0].post_id.as_deref(), kept[0].version), ("ada", Some("c-1"), Some(1)));
    assert_eq!(kept[0].about, "stage / Proof / Show it.");
    assert_eq!(found(&play, &play.workspace_id, "exclamation mark"), ["No exclamation marks, please."]);
    assert_eq!(found(&play, &play.workspace_id, "proof").len(), 2, "by what it was about as well");
    assert_eq!(found(&play, &play.workspace_id, "elephants"), Vec::<String>::new());
}

#[test]
fn what_is_said_of_a_plan_is_remembered() {
    let play = Play::planned("c", false);
    let of = strategy::Version { workspace_id: &play.workspace_id, campaign_id: "c", version: 1 };
    block_on(strategy::decide(&play.db, Some(START_MS), of, Decision::SendBack, Some("Fewer posts."), "ada")).unwrap();
    let kept = all(&play, &play.workspace_id);
    assert_eq!((kept[0].kind, kept[0].text.as_str()), (MemoryKind::SentBack, "Fewer posts."));
    assert_eq!(kept[0].about, "plan / Win readers");
}

#[test]
fn what_a_person_makes_of_the_copywriters_words_is_remembered_and_their_own_second_thought_is_not() {
    let play = Play::drafted(false);
    for (version, text) in [(2, "Read on, friend."), (3, "Read on, friends.")] {
        let content = Content { text: text.into(), ..crate::play::content("A hook") };
        let sql = "insert into post_version (workspace_id, post_id, version, content, sha256, author, created_at)
            values (?1, 'c-1', ?2, ?3, ?4, 'ada', ?5)";
        let parameters = [
            (&play.workspace_id).into(),
            i64::from(version).into(),
            content.canonical().into(),
            content.sha256().into(),
            START_MS.into(),
        ];
        play.db.0.run(sql, &parameters).unwrap();
    }
    let kept = all(&play, &play.workspace_id);
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].kind, kept[0].text.as_str()), (MemoryKind::Edited, "A hook\nRead on, friend."));
    assert_eq!(kept[0].before.as_deref(), Some("A hook\nRead on."));
}

#[test]
fn another_picture_is_no_change_of_the_copywriters_words() {
    let play = Play::drafted(false);
    let image = Some(domain::Image { prompt: "Buns.".into(), alt: "Buns.".into(), drawn: None });
    let content = Content { image, ..crate::play::content("A hook") };
    let of = (play.workspace_id.as_str(), "c-1", 1);
    assert_eq!(block_on(crate::post::edit(&play.db, Some(START_MS), of, &content, "ada")), Ok(Some(2)));
    assert!(all(&play, &play.workspace_id).is_empty());
}

fn brand_says(play: &Play, good: &[&str], bad: &[&str], version: i64) {
    let mut book = domain::BrandBook::empty();
    book.style.good = good.iter().map(ToString::to_string).collect();
    book.style.bad = bad.iter().map(ToString::to_string).collect();
    let document = serde_json::to_string(&book).unwrap();
    let sql = "insert into brand_version (workspace_id, version, document, sha256, author, created_at)
        values (?1, ?2, ?3, ?4, 'ada', ?5)";
    let parameters = [
        (&play.workspace_id).into(),
        version.into(),
        document.into(),
        "0".repeat(64).into(),
        (START_MS + version).into(),
    ];
    play.db.0.run(sql, &parameters).unwrap();
    assert_eq!(block_on(brand::find(&play.db, &play.workspace_id, version)).unwrap().unwrap().version, version);
}

#[test]
fn the_brands_examples_are_those_of_its_newest_version_and_it_alone_takes_them_out() {
    let play = Play::new();
    let texts = || {
        let mut kept: Vec<(MemoryKind, String)> =
            all(&play, &play.workspace_id).into_iter().map(|one| (one.kind, one.text)).collect();
        kept.sort();
        kept
    };
    brand_says(&play, &["Warm bread at six."], &["BEST BREAD EVER"], 1);
    brand_says(&play, &["Warm bread at six.", "Rye, slowly."], &[], 2);
    use MemoryKind::GoodExample;
    assert_eq!(texts(), [(GoodExample, "Rye, slowly.".into()), (GoodExample, "Warm bread at six.".into())]);
    assert_eq!(found(&play, &play.workspace_id, "best ever"), Vec::<String>::new());
    brand_says(&play, &[], &["BEST BREAD EVER"], 3);
    assert_eq!(texts(), [(MemoryKind::BadExample, "BEST BREAD EVER".into())], "what comes back is remembered again");
    let id = all(&play, &play.workspace_id)[0].id.clone();
    let forgotten = block_on(forget(&play.db, Some(START_MS), (&play.workspace_id, &id), "ada"));
    assert_eq!(forgotten, Ok(false));
    assert_eq!(play.count("select count(*) as n from event where kind = 'memory.forgotten'"), 0);
}

#[test]
fn what_is_forgotten_is_gone_with_its_words_and_history_says_who_did_it() {
    let play = Play::drafted(false);
    send_back(&play, "c-1", "No exclamation marks, please.");
    let id = all(&play, &play.workspace_id)[0].id.clone();
    let forget_it = |workspace_id: &str| block_on(forget(&play.db, Some(START_MS + 5), (workspace_id, &id), "ben"));
    assert_eq!(forget_it(&play.neighbour()), Ok(false), "next door there is no such thing");
    assert_eq!(forget_it(&play.workspace_id), Ok(true));
    assert_eq!(forget_it(&play.workspace_id), Ok(false));
    assert!(all(&play, &play.workspace_id).is_empty());
    assert_eq!(found(&play, &play.workspace_id, "exclamation"), Vec::<String>::new());
    assert_eq!(play.count("select count(*) as n from memory_words where memory_words match 'exclamation'"), 0);
    let kept = block_on(find(&play.db, &play.workspace_id, &id)).unwrap().unwrap();
    assert_eq!((kept.text.as_str(), kept.forgotten_by.as_deref()), ("", Some("ben")));
    let event = "select actor || ' ' || json_extract(data, '$.kind') as it from event where kind = 'memory.forgotten'";
    assert_eq!(play.db.0.run(event, &[]).unwrap().first().unwrap().text("it").unwrap(), "ben sent_back");
    for sql in ["update memory set text = 'x'", "delete from memory"] {
        assert_eq!(play.db.0.run(sql, &[]).unwrap_err(), DbError::Refused("append_only".into()), "{sql}");
    }
}

#[test]
fn nothing_of_another_workspace_is_found_by_words_by_age_or_by_id() {
    let play = Play::drafted(false);
    send_back(&play, "c-1", "Quieter, please.");
    let theirs = next_door(&play, "Quieter than quiet, please.");
    // The control: without the workspace both are found by these words.
    let both = "select count(*) as n from memory_words where memory_words match 'quieter'";
    assert_eq!(play.count(both), 2);
    assert_eq!(found(&play, &play.workspace_id, "quieter"), ["Quieter, please."]);
    assert_eq!(found(&play, &theirs, "quieter"), ["Quieter than quiet, please."]);
    let of = |workspace_id: &str, campaign_id: &str, text: &str| -> Vec<String> {
        let all = block_on(candidates(&play.db, workspace_id, campaign_id, &words(text))).unwrap();
        all.into_iter().map(|one| one.entry.text).collect()
    };
    for text in ["quieter", "unknown", ""] {
        assert_eq!(of(&play.workspace_id, "c", text), ["Quieter, please."], "{text:?}");
        assert_eq!(of(&theirs, "x", text), ["Quieter than quiet, please."], "{text:?}");
    }
    assert_eq!(block_on(find(&play.db, &play.workspace_id, "approval:theirs")), Ok(None));
    assert_eq!(block_on(list(&play.db, &play.workspace_id, Filter::default(), None, 9)).unwrap().len(), 1);
}

#[test]
fn a_workspace_whose_name_holds_another_ones_is_another() {
    let play = Play::drafted(false);
    for id in ["a", "a b", "a-b", "b"] {
        let sql = "insert into workspace (id, name, slug, created_at) values (?1, ?1, 'w' || ?1, 1)";
        play.db.0.run(sql, &[id.into()]).unwrap();
        let sql = "insert into memory (workspace_id, id, kind, text, by, at) values (?1, 'm', 'sent_back', 'Quieter: ' || ?1, 'x', 1)";
        play.db.0.run(sql, &[id.into()]).unwrap();
    }
    for id in ["a", "a b", "a-b", "b"] {
        assert_eq!(found(&play, id, "quieter"), [format!("Quieter: {id}")]);
    }
}

#[test]
fn no_word_is_an_operator_of_the_index() {
    let play = Play::drafted(false);
    send_back(&play, "c-1", "Quieter, please.");
    next_door(&play, "Quieter than quiet, please.");
    // As they could come if nobody had cut them into words before.
    let hostile = [
        "\"",
        "\"\"",
        "*",
        "quieter\" OR workspace_id : \"neighbour",
        "workspace_id:neighbour",
        "NEAR(quieter)",
        "^quieter",
        "quieter) OR (",
        "{workspace_id} : neighbour",
        "-quieter",
        "AND",
        "OR",
        "NOT",
        "a\0b",
        "\u{202e}",
        "😀",
        "'; drop table memory",
    ];
    for word in hostile {
        for words in [vec![word.to_string()], vec!["quieter".into(), word.to_string()]] {
            let filter = Filter { words: Some(&words), ..Filter::default() };
            let kept = block_on(list(&play.db, &play.workspace_id, filter, None, 50)).unwrap();
            assert!(kept.iter().all(|one| one.text == "Quieter, please."), "{word:?} found {kept:?}");
            assert!(words.len() == 1 || kept.len() == 1, "{word:?} hides what the other word finds");
            block_on(candidates(&play.db, &play.workspace_id, "c", &words)).unwrap();
        }
    }
    // The control: unquoted, the same text reaches next door.
    let unquoted =
        "select count(*) as n from memory_words where memory_words match 'quieter OR workspace_id : neighbour'";
    assert_eq!(play.count(unquoted), 2);
}

fn finish_publication(play: &Play) {
    play.decide("c-1", Decision::Approve).unwrap();
    play.db.0.run("update job set run_at = 0 where step = 'publish'", &[]).unwrap();
    let sql = "insert into publication (workspace_id, job_id, campaign_id, post_id, version, channel_id, content_sha256,
            mode, armed_at, published_at, known_by)
        select workspace_id, id, campaign_id, post_id, version, channel_id, content_sha256, 'rehearsal', ?1, ?1, 'answer'
        from job where step = 'publish'";
    play.db.0.run(sql, &[START_MS.into()]).unwrap();
}

#[test]
fn what_a_rehearsal_published_is_no_example_for_a_performance() {
    let play = Play::drafted(false);
    finish_publication(&play);
    let published = || {
        let all = block_on(candidates(&play.db, &play.workspace_id, "c", &words("hook"))).unwrap();
        all.into_iter().filter(|one| one.kind == MemoryKind::Published).map(|one| one.entry).collect::<Vec<_>>()
    };
    let kept = published();
    assert_eq!((kept[0].mean_tenths, kept[0].text.as_str()), (Some(80), "A hook\nRead on."));
    play.db.0.run("update campaign set mode = 'performance'", &[]).unwrap();
    assert!(published().is_empty());
}

fn remind(play: &Play, job: &Claimed, fence: i64, at: i64) -> Result<(), DbError> {
    let id = all(play, &play.workspace_id)[0].id.clone();
    let entries = [Reminded { memory_id: id, score: 9, tokens: 20 }];
    let new = Recall {
        workspace_id: &play.workspace_id,
        job_id: &job.id,
        fence,
        query: "quieter",
        tokens_max: 100,
        entries: &entries,
        meaning: None,
    };
    block_on(recall(&play.db, Some(at), &new))
}

#[test]
fn what_a_job_is_reminded_of_is_written_once_by_whoever_holds_it() {
    let play = Play::drafted(false);
    send_back(&play, "c-1", "Quieter, please.");
    let job = play.claim(Step::Generate, START_MS);
    let read = || block_on(recalled(&play.db, &play.workspace_id, &job.id)).unwrap();
    assert_eq!(read(), None);
    assert_eq!(remind(&play, &job, job.fence + 1, START_MS), Err(DbError::Refused("fenced".into())));
    assert_eq!(
        remind(&play, &job, job.fence, START_MS + 3_600_000),
        Err(DbError::Refused("fenced".into())),
        "too late"
    );
    assert_eq!(remind(&play, &job, job.fence, START_MS), Ok(()));
    assert_eq!(read().unwrap()[0].text, "Quieter, please.");
    assert!(remind(&play, &job, job.fence, START_MS).is_err(), "once");
    assert_eq!(block_on(recalled(&play.db, &play.neighbour(), &job.id)), Ok(None));
    for sql in
        ["update recall set query = ''", "delete from recall", "update recalled set rank = 2", "delete from recalled"]
    {
        assert_eq!(play.db.0.run(sql, &[]).unwrap_err(), DbError::Refused("append_only".into()), "{sql}");
    }
    let shown = block_on(of_post(&play.db, &play.workspace_id, "c-1", 10)).unwrap();
    assert_eq!((shown[0].version, shown[0].rank, shown[0].memory.text.as_str()), (2, 1, "Quieter, please."));
    let id = shown[0].memory.id.clone();
    let used = block_on(uses(&play.db, &play.workspace_id, &id, 10)).unwrap();
    assert_eq!((used.len(), used[0].post_id.as_deref()), (1, Some("c-1")));
    assert_eq!(all(&play, &play.workspace_id)[0].uses, 1);
    let lately = |step| block_on(of_step(&play.db, &play.workspace_id, step, 10)).unwrap();
    assert_eq!((lately(Step::Generate).len(), lately(Step::Strategize).len()), (1, 0));
    block_on(forget(&play.db, Some(START_MS), (&play.workspace_id, &id), "ada")).unwrap();
    assert_eq!(read(), Some(Vec::new()), "what is forgotten meanwhile is not asked with");
    assert_eq!(block_on(of_post(&play.db, &play.workspace_id, "c-1", 10)).unwrap()[0].memory.text, "");
    block_on(crate::job::finish(&play.db, Some(START_MS), &[Finish::of(&job, domain::JobState::Cancelled)])).unwrap();
}

#[test]
fn no_job_is_gone_through_to_find_what_is_remembered() {
    // `Play::db` explains every statement, and fails at a scan.
    let play = Play::drafted(false);
    send_back(&play, "c-1", "Quieter, please.");
    let before = play.db.selects();
    block_on(candidates(&play.db, &play.workspace_id, "c", &words("quieter"))).unwrap();
    assert_eq!(play.db.selects() - before, 1, "one statement");
    block_on(of_campaign(&play.db, &play.workspace_id, "c", 10)).unwrap();
    let filter = Filter { kind: Some(MemoryKind::SentBack), words: None };
    assert_eq!(block_on(list(&play.db, &play.workspace_id, filter, None, 10)).unwrap().len(), 1);
}

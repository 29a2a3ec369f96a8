//! Pictures in the books: kept and paid at once, never changed, and bound to what is approved.

use domain::{Content, Decision, Image, JobState, PostState, Step};
use futures::executor::block_on;
use serde_json::json;

use super::*;
use crate::cost::{self, Reservation};
use crate::job::{self, Claimed, Finish};
use crate::play::{Play, START_MS, content};
use crate::post;

fn drawn(mark: &str, bytes: u32) -> Drawn {
    Drawn {
        sha256: mark.repeat(32),
        media_type: MediaType::Png,
        width: 64,
        height: 32,
        bytes,
        model: "openai/gpt-image-1".into(),
    }
}

fn reserve(play: &Play, job: &Claimed, id: &str) {
    let new = Reservation {
        workspace_id: &play.workspace_id,
        id,
        campaign_id: Some("c"),
        job_id: &job.id,
        fence: job.fence,
        step: Step::Generate,
        provider: "openai",
        model: "gpt-image-1",
        provider_id: None,
        stands_in_for: None,
        micro_usd: 400,
        input_sha256: "idea",
        prompt: "drawing-1",
        for_ms: 60_000,
    };
    block_on(cost::reserve(&play.db, Some(START_MS), &new)).unwrap();
}

fn keep_it(play: &Play, cost_id: &str, drawn: &Drawn) -> Result<(), DbError> {
    let new = NewPicture {
        workspace_id: &play.workspace_id,
        cost_id,
        drawn,
        bytes: vec![7; drawn.bytes as usize],
        spent_micro_usd: 300,
        input_tokens: Some(40),
        output_tokens: Some(1_056),
        request_id: Some("req-1"),
    };
    block_on(keep(&play.db, Some(START_MS), new))
}

fn pictured(drawn: Option<Drawn>) -> Content {
    let image = Some(Image { prompt: "A tray.".into(), alt: "A tray.".into(), drawn });
    Content { image, ..content("A hook") }
}

fn finish(play: &Play, job: &Claimed, content: &Content) -> Result<usize, DbError> {
    let artifact = json!({ "content": content.canonical(), "sha256": content.sha256(), "model": "rehearsal" });
    let finish = Finish { artifact: Some(artifact), ..Finish::of(job, JobState::Done) };
    block_on(job::finish(&play.db.0, Some(START_MS), &[finish])).map(|done| done.len())
}

/// Post `c-1` has a picture, passed review and waits for approval; so does `c-2`, without one.
fn waiting() -> Play {
    let play = Play::producing("c", false);
    let job = play.claim(Step::Generate, START_MS);
    reserve(&play, &job, "k1");
    keep_it(&play, "k1", &drawn("0a", 9)).unwrap();
    assert_eq!(finish(&play, &job, &pictured(Some(drawn("0a", 9)))), Ok(1));
    play.review("approve");
    play.write();
    play.review("approve");
    play
}

fn draw(play: &Play, id: &str, version: i64) -> Result<bool, DbError> {
    block_on(want(&play.db, Some(START_MS), (&play.workspace_id, "c-1", version), id, "ada"))
}

#[test]
fn a_picture_is_kept_and_paid_at_once_and_a_repeated_job_finds_it() {
    let play = Play::producing("c", false);
    let job = play.claim(Step::Generate, START_MS);
    let known = |idea: &str| block_on(of_job(&play.db, &play.workspace_id, &job.id, idea)).unwrap();
    reserve(&play, &job, "k1");
    assert_eq!(known("idea"), None);
    keep_it(&play, "k1", &drawn("0a", 9)).unwrap();
    assert_eq!(known("idea"), Some(drawn("0a", 9)));
    assert_eq!(known("another idea"), None);
    let steps = block_on(cost::by_step(&play.db, &play.workspace_id, "c")).unwrap();
    assert_eq!((steps[0].spent_micro_usd, steps[0].reserved_micro_usd, steps[0].output_tokens), (300, 0, 1_056));
    assert_eq!(keep_it(&play, "k1", &drawn("0b", 9)), Err(DbError::Refused("fenced".into())), "its call is settled");
    assert_eq!(keep_it(&play, "k9", &drawn("0b", 9)), Err(DbError::Refused("fenced".into())), "nobody reserved for it");
}

#[test]
fn a_picture_is_never_changed_or_deleted_and_is_its_workspace_s_alone() {
    let play = waiting();
    for sql in ["update picture set data = x'00', bytes = 1", "delete from picture", "delete from drawing"] {
        if sql.contains("drawing") {
            draw(&play, "d1", 1).unwrap();
        }
        assert_eq!(play.db.0.run(sql, &[]).unwrap_err(), DbError::Refused("append_only".into()), "{sql}");
    }
    let name = "0a".repeat(32);
    let seen = |workspace_id: &str| block_on(find(&play.db, workspace_id, &name)).unwrap();
    assert_eq!(seen(&play.workspace_id).unwrap().data, vec![7; 9]);
    assert_eq!(seen(&play.neighbour()), None);
}

#[test]
fn a_version_names_only_pictures_that_are_there_and_as_they_are() {
    let play = waiting();
    let edit = |drawn: Option<Drawn>| {
        let base = play.post("c-1").version;
        let of = (play.workspace_id.as_str(), "c-1", base);
        block_on(post::edit(&play.db, Some(START_MS), of, &pictured(drawn), "ada"))
    };
    let refused = Err(DbError::Refused("no_such_picture".into()));
    assert_eq!(edit(Some(drawn("0b", 9))), refused, "nobody drew it");
    assert_eq!(edit(Some(Drawn { model: "ada/by-hand".into(), ..drawn("0a", 9) })), refused);
    assert_eq!(edit(Some(Drawn { media_type: MediaType::Webp, ..drawn("0a", 9) })), refused);
    assert_eq!(edit(Some(drawn("0a", 8))), refused);
    assert_eq!((edit(Some(drawn("0a", 9))), edit(None)), (Ok(Some(2)), Ok(Some(3))));
}

#[test]
fn an_approval_is_bound_to_the_picture_that_was_seen() {
    let play = waiting();
    let seen = play.post("c-1");
    // Somebody takes the picture out, the words being the same.
    let of = (play.workspace_id.as_str(), "c-1", 1);
    assert_eq!(block_on(post::edit(&play.db, Some(START_MS), of, &pictured(None), "ada")), Ok(Some(2)));
    play.review("approve");
    assert_eq!(play.decide_on(&seen, Decision::Approve), Err(DbError::Refused("superseded".into())));
    let mut forged = play.post("c-1");
    forged.current = seen.current.clone();
    assert_eq!(play.decide_on(&forged, Decision::Approve), Err(DbError::Refused("superseded".into())), "by its hash");
    // The control: what is there can be approved.
    assert_eq!(play.decide("c-1", Decision::Approve), Ok(true));
}

#[test]
fn a_wish_for_a_picture_voids_the_approval_and_keeps_the_words_and_whose_they_are() {
    let play = waiting();
    let edited = Content { text: "Mine.".into(), ..pictured(Some(drawn("0a", 9))) };
    let of = (play.workspace_id.as_str(), "c-1", 1);
    block_on(post::edit(&play.db, Some(START_MS), of, &edited, "ada")).unwrap();
    play.review("approve");
    play.decide("c-1", Decision::Approve).unwrap();
    assert_eq!(play.post("c-1").state, PostState::Scheduled);
    assert_eq!(draw(&play, "d1", 1), Err(DbError::Refused("superseded".into())));
    assert_eq!(draw(&play, "d1", 2), Ok(true));
    let post = play.post("c-1");
    assert_eq!((post.state, post.approval), (PostState::Writing, None));
    assert_eq!(play.count("select count(*) as n from job where step = 'publish' and state in ('ready', 'leased')"), 0);
    assert_eq!(draw(&play, "d2", 2), Err(DbError::Refused("wrong_state".into())), "it is being drawn");
    let job = play.claim(Step::Generate, START_MS);
    let input = block_on(crate::step_input::generate(&play.db, &job)).unwrap().unwrap();
    let previous = input.previous.unwrap();
    assert_eq!((input.draws_alone, previous.author.as_str(), previous.by_a_person), (true, "ada", true));
    let artifact = json!({ "content": edited.canonical(), "sha256": edited.sha256(), "author": previous.author });
    let done = Finish { artifact: Some(artifact), ..Finish::of(&job, JobState::Done) };
    block_on(job::finish(&play.db.0, Some(START_MS), &[done])).unwrap();
    assert_eq!((play.post("c-1").version, play.post("c-1").current.unwrap().author), (3, "ada".into()));
}

#[test]
fn nothing_is_drawn_of_a_version_without_an_idea_or_of_nothing() {
    let play = waiting();
    let want_of = |post: &str| block_on(want(&play.db, Some(START_MS), (&play.workspace_id, post, 1), "d1", "ada"));
    assert_eq!(want_of("c-2"), Err(DbError::Refused("wrong_state".into())));
    assert_eq!(want_of("c-9"), Ok(false));
}

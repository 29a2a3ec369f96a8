//! `/posts/{id}`: deciding, editing, moving, finding out.

use futures::executor::block_on;
use serve::StatusCode;

use super::seed::World;
use super::{between, seen};

#[test]
fn approving_a_post_binds_to_what_was_seen_and_an_older_sight_is_refused() {
    let world = World::full();
    let old = seen(&world, "bakery-9");
    let edit = [("base", "1"), ("title", "Mine"), ("text", "One.\r\n\r\nTwo.")];
    assert_eq!(world.post("/posts/bakery-9/versions", &edit).status, StatusCode::SEE_OTHER);
    let reply = world.post("/posts/bakery-9/decision", &[("seen", &old), ("decision", "approve")]);
    assert_eq!(reply.status, StatusCode::CONFLICT, "{}", reply.text());
    let now = seen(&world, "bakery-10");
    let reply = world.post("/posts/bakery-10/decision", &[("seen", &now), ("decision", "approve")]);
    assert_eq!((reply.status, reply.wakes), (StatusCode::SEE_OTHER, vec![domain::Step::Publish]));
}

#[test]
fn a_post_that_is_sent_back_needs_a_comment_and_goes_to_the_writer() {
    let world = World::full();
    let now = seen(&world, "bakery-9");
    let missing = world.post("/posts/bakery-9/decision", &[("seen", &now), ("decision", "send_back")]);
    assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields = [("seen", now.as_str()), ("decision", "send_back"), ("comment", "Kinder")];
    assert_eq!(world.post("/posts/bakery-9/decision", &fields).wakes, vec![domain::Step::Generate]);
}

#[test]
fn what_was_typed_into_an_edit_comes_back_when_it_cannot_be_saved() {
    let world = World::full();
    let reply = world.post("/posts/bakery-9/versions", &[("base", "1"), ("title", ""), ("text", "My own <words>")]);
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(reply.text().contains("My own &lt;words&gt;") && reply.text().contains("Title is empty"));
    world.post("/posts/bakery-9/versions", &[("base", "1"), ("title", "First"), ("text", "theirs")]);
    let reply = world.post("/posts/bakery-9/versions", &[("base", "1"), ("title", "Second"), ("text", "mine")]);
    assert_eq!(reply.status, StatusCode::CONFLICT);
    assert!(reply.text().contains("<ins>mine</ins>"), "{}", reply.text());
}

#[test]
fn a_missed_post_may_be_given_a_time_that_exists_and_lies_ahead() {
    let world = World::full();
    let page = world.get("/posts/bakery-5").text();
    let revision = between(&page, "name=\"revision\" value=\"", "\"").unwrap();
    let to = |local: &str| world.post("/posts/bakery-5/time", &[("local", local), ("revision", &revision)]);
    assert!(to("2027-03-01T09:30").text().contains("in the past"));
    assert!(to("2027-03-28T02:30").text().contains("does not exist"));
    assert_eq!(to("2027-03-29T09:30").status, StatusCode::SEE_OTHER);
}

#[test]
fn a_person_says_what_became_of_an_unknown_outcome() {
    let world = World::full();
    let page = world.get("/campaigns/bakery").text();
    let action = format!("/jobs/{}/resolution", between(&page, "action=\"/jobs/", "/resolution\"").unwrap());
    let wrong = world.post(&action, &[("answer", "live"), ("ext_url", "javascript:alert(1)")]);
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let reply = world.post(&action, &[("answer", "live"), ("ext_url", "https://social.example/1")]);
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
    assert!(world.get("/posts/bakery-2").text().contains("https://social.example/1"));
    assert_eq!(world.post(&action, &[("answer", "not_live")]).status, StatusCode::CONFLICT);
}

#[test]
fn a_comment_of_a_hundred_kilobytes_is_refused_in_words_and_a_short_one_is_shown_escaped() {
    let world = World::full();
    let long = world.post("/posts/bakery-9/comments", &[("text", &"x".repeat(100 * 1024))]);
    assert_eq!(long.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(long.text().contains("has 102400 characters; the most is 4000"));
    world.post("/posts/bakery-9/comments", &[("text", "<script>x</script> @Ada Okafor")]);
    let page = world.get("/posts/bakery-9").text();
    assert!(page.contains("&lt;script&gt;x&lt;/script&gt; <b class=\"mention\">@Ada Okafor</b>"), "{page}");
}

#[test]
fn what_was_said_long_after_is_on_a_page_of_its_own() {
    let world = World::full();
    for number in 0..101 {
        let id = format!("comment-{number:03}");
        let text = format!("Remark {number}.");
        let new = store::comment::NewComment {
            workspace_id: &world.workspace_id(),
            id: &id,
            post_id: "bakery-9",
            text: &text,
            mentions: &[],
            author: "ada",
        };
        block_on(store::comment::add(&world.db, Some(super::seed::NOW_MS), &new)).unwrap();
    }
    assert!(!world.get("/posts/bakery-9").text().contains("Remark 100."));
    let later = world.next("/posts/bakery-9").unwrap();
    assert!(world.get(&later).text().contains("Remark 100."));
}

#[test]
fn an_idea_for_a_picture_is_shown_where_it_is_approved_and_a_person_changes_or_drops_it() {
    let world = World::full();
    let alt = "A small paper box on an empty tram seat at night.";
    for path in ["/posts/bakery-9", "/approvals?for=everyone&item=post:bakery-9", "/campaigns/bakery"] {
        let page = world.get(path).text();
        assert!(page.contains(alt) && page.contains("Street light through the window"), "{path}");
    }
    assert!(world.get("/posts/bakery-10").text().contains("No picture: the model gave no complete answer"));
    let form = world.get("/posts/bakery-9/edit").text();
    assert!(form.contains("name=\"image.alt\"") && form.contains(alt));
    let save = |base: &str, prompt: &str, alt: &str| {
        let fields =
            [("base", base), ("title", "Mine"), ("text", "One."), ("image.prompt", prompt), ("image.alt", alt)];
        world.post("/posts/bakery-9/versions", &fields)
    };
    let without_alt = save("1", "Two <b>buns", "");
    assert_eq!(without_alt.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        without_alt.text().contains("Alternative text is empty") && without_alt.text().contains("Two &lt;b&gt;buns")
    );
    assert_eq!(save("1", "Two <b>buns", "Buns & \"rye\"").status, StatusCode::SEE_OTHER);
    let page = world.get("/posts/bakery-9").text();
    assert!(
        page.contains("Two &lt;b&gt;buns") && page.contains("Buns &amp; &quot;rye&quot;") && page.contains("<del>")
    );
    assert_eq!(save("2", "", "").status, StatusCode::SEE_OTHER);
    let now = block_on(store::post::find(&world.db, &world.workspace_id(), "bakery-9")).unwrap().unwrap();
    assert_eq!(now.current.unwrap().content.image, None);
}

#[test]
fn a_picture_is_shown_with_its_size_and_cost_and_is_served_as_a_picture_and_nothing_else() {
    let world = World::full();
    for path in ["/posts/bakery-9", "/approvals?for=everyone&item=post:bakery-9"] {
        let page = world.get(path).text();
        assert!(page.contains("384 × 384 pixels") && page.contains("Drawn by openai/gpt-image-1"), "{path}");
        assert!(page.contains("$0.0424") && page.contains("takes no pictures: the words go out alone"), "{path}");
    }
    let page = world.get("/posts/bakery-9").text();
    let src = page.split("src=\"").find(|part| part.starts_with("/pictures/")).unwrap();
    let src = src.split('"').next().unwrap();
    let reply = world.get(src);
    assert_eq!(reply.status, StatusCode::OK);
    for (name, value) in [
        ("content-type", "image/png"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("cache-control", "private, max-age=31536000, immutable"),
    ] {
        assert_eq!(reply.header(name), Some(value));
    }
    for wrong in [
        "/pictures/x",
        &format!("/pictures/{}", "0a".repeat(32)),
        &src.to_uppercase().replace("/PICTURES", "/pictures"),
    ] {
        assert_eq!(world.get(wrong).status, StatusCode::NOT_FOUND, "{wrong}");
    }
}

#[test]
fn a_person_has_a_picture_drawn_again_or_takes_it_out_and_another_idea_takes_it_away() {
    let current = |world: &World| {
        let post = block_on(store::post::find(&world.db, &world.workspace_id(), "bakery-9")).unwrap().unwrap();
        (post.state, post.current.unwrap().content)
    };
    let world = World::full();
    let page = world.get("/posts/bakery-9").text();
    assert!(page.contains("Draw it again") && page.contains("Take the picture out"));
    let reply = world.post("/posts/bakery-9/drawings", &[("base", "1")]);
    assert_eq!((reply.status, reply.wakes.as_slice()), (StatusCode::SEE_OTHER, &[domain::Step::Generate][..]));
    assert_eq!(current(&world).0, domain::PostState::Writing);
    assert_eq!(world.post("/posts/bakery-9/drawings", &[("base", "1")]).status, StatusCode::CONFLICT);

    let world = World::full();
    let (_, before) = current(&world);
    assert_eq!(world.post("/posts/bakery-9/picture/removal", &[("base", "1")]).status, StatusCode::SEE_OTHER);
    let (_, after) = current(&world);
    assert_eq!(after, before.in_words());
    assert!(world.get("/posts/bakery-9").text().contains("Draw the picture"));

    let world = World::full();
    let image = before.image.unwrap();
    let save = |base: &str, prompt: &str, alt: &str| {
        let fields =
            [("base", base), ("title", "Mine"), ("text", "One."), ("image.prompt", prompt), ("image.alt", alt)];
        assert_eq!(world.post("/posts/bakery-9/versions", &fields).status, StatusCode::SEE_OTHER);
        current(&world).1.image.unwrap().drawn
    };
    assert_eq!(save("1", &image.prompt, "Another text."), image.drawn, "the control: its text alone is another");
    assert_eq!(save("2", "Something else.", "Another text."), None);
}

#[test]
fn a_form_that_does_not_ask_for_a_picture_leaves_it() {
    let world = World::full();
    world.post("/posts/bakery-9/versions", &[("base", "1"), ("title", "Mine"), ("text", "One.")]);
    let now = block_on(store::post::find(&world.db, &world.workspace_id(), "bakery-9")).unwrap().unwrap();
    let content = now.current.unwrap().content;
    assert!(content.text == "One." && content.image.is_some());
}

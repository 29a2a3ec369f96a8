//! Every page and every form, against a made-up workspace with campaigns in every stage.

#[path = "support/seed.rs"]
mod seed;

use futures::executor::block_on;
use seed::{PASSWORD, SETUP_TOKEN, World};
use serve::{Body, Method, Reply, Request, StatusCode};

impl World {
    fn answer(&self, request: &Request) -> Reply {
        block_on(web::answer(self.app(), request)).unwrap()
    }

    /// Signed in.
    fn get(&self, target: &str) -> Reply {
        self.answer(&Self::request(Method::GET, target).with_header("cookie", &self.cookie))
    }

    fn stranger_gets(&self, target: &str) -> Reply {
        self.answer(&Self::request(Method::GET, target))
    }

    /// Signed in, with the page's token.
    fn post(&self, target: &str, fields: &[(&str, &str)]) -> Reply {
        let csrf = self.csrf();
        let all = fields.iter().copied().chain([("csrf", csrf.as_str())]);
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(all).finish();
        let request = Self::request(Method::POST, target).with_header("cookie", &self.cookie);
        self.answer(&request.with_body("application/x-www-form-urlencoded", body))
    }

    fn csrf(&self) -> String {
        between(&self.get("/settings/security").text(), "name=\"csrf\" value=\"", "\"").unwrap()
    }
}

fn between(text: &str, before: &str, after: &str) -> Option<String> {
    let rest = text.split_once(before)?.1;
    Some(rest.split_once(after)?.0.into())
}

/// A seen-field of the list, for this post.
fn seen(world: &World, post_id: &str) -> String {
    let page = world.get(&format!("/posts/{post_id}")).text();
    between(&page, "name=\"seen\" value=\"", "\"").unwrap_or_else(|| panic!("nothing to decide on {post_id}"))
}

const PAGES: &[&str] = &[
    "/",
    "/campaigns",
    "/campaigns/new",
    "/campaigns/new?from=file",
    "/history",
    "/history?campaign=bakery&kind=approval&from=2027-01-01&to=2027-12-31&jobs=true",
    "/history/seal",
    "/campaigns/planning",
    "/campaigns/open",
    "/campaigns/bakery",
    "/campaigns/finished",
    "/campaigns/bakery/policy",
    "/approvals",
    "/approvals?for=everyone",
    "/approvals?for=everyone&item=post:bakery-4",
    "/approvals?for=everyone&item=strategy:open:1",
    "/approvals?for=overdue",
    "/approvals/policy",
    "/calendar?at=2027-03-15",
    "/calendar?view=week&at=2027-03-28",
    "/calendar?view=list&at=2027-03-01",
    "/campaigns/bakery/fragment/head",
    "/campaigns/bakery/fragment/alerts",
    "/campaigns/bakery/fragment/strategy",
    "/campaigns/bakery/fragment/posts",
    "/campaigns/bakery/fragment/cost",
    "/campaigns/bakery/fragment/history",
    "/posts/bakery-1",
    "/posts/bakery-3",
    "/posts/bakery-3?version=1",
    "/posts/bakery-7",
    "/posts/bakery-3/edit",
    "/settings",
    "/settings/channels",
    "/settings/members",
    "/settings/tokens",
    "/settings/security",
    "/problems",
    "/problems/not-found",
    "/rehearsal/home",
    "/stage/home",
];

#[test]
fn every_page_answers_and_holds_nothing_inline_and_nothing_from_elsewhere() {
    let world = World::full();
    for target in PAGES {
        let reply = world.get(target);
        assert_eq!(reply.status, StatusCode::OK, "{target}: {}", reply.text());
        let page = reply.text();
        for forbidden in ["style=\"", "<style", "onclick=", "javascript:", "<script>", "src=\"http", "href=\"//"] {
            assert!(!page.contains(forbidden), "{target} holds {forbidden}");
        }
    }
}

#[test]
fn every_kind_of_problem_has_its_page() {
    let world = World::fresh();
    for kind in serve::Problem::catalogue() {
        let page = world.stranger_gets(&format!("/problems/{}", kind.slug));
        assert!(page.status == StatusCode::OK && page.text().contains(kind.title), "{}", kind.slug);
    }
}

#[test]
fn a_stranger_is_shown_the_door_and_comes_back_to_where_they_wanted_to_go() {
    let world = World::full();
    let reply = world.stranger_gets("/campaigns/bakery?done=approved");
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
    assert_eq!(reply.header("location"), Some("/sign-in?next=%2Fcampaigns%2Fbakery%3Fdone%3Dapproved"));
    let body =
        format!("email=ada%40nightshift.example&password={}&next=%2Fcampaigns%2Fbakery", PASSWORD.replace(' ', "+"));
    let request = World::request(Method::POST, "/sign-in").with_body("application/x-www-form-urlencoded", body);
    let reply = world.answer(&request);
    assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, Some("/campaigns/bakery")));
    assert!(reply.header("set-cookie").unwrap().contains("HttpOnly"));
}

#[test]
fn a_wrong_password_keeps_the_address_and_never_sends_a_password_back() {
    let world = World::claimed();
    let body = "email=ada%40nightshift.example&password=not+it+at+all&next=%2F";
    let reply =
        world.answer(&World::request(Method::POST, "/sign-in").with_body("application/x-www-form-urlencoded", body));
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    assert!(reply.text().contains("value=\"ada@nightshift.example\"") && !reply.text().contains("not it at all"));
}

#[test]
fn an_install_is_claimed_once() {
    let world = World::fresh();
    let path = format!("/setup/{SETUP_TOKEN}");
    assert_eq!(world.stranger_gets("/setup/guess").status, StatusCode::NOT_FOUND);
    assert_eq!(world.stranger_gets(&path).status, StatusCode::OK);
    let claim = |body: &str| {
        world.answer(&World::request(Method::POST, &path).with_body("application/x-www-form-urlencoded", body))
    };
    let short = claim("name=Ada&email=ada%40x.example&workspace=Hill&password=short");
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(short.text().contains("at least 12") && short.text().contains("value=\"Hill\""));
    let done = claim("name=Ada&email=ada%40x.example&workspace=Hill&password=four+plain+words+here");
    assert_eq!((done.status, done.header("location")), (StatusCode::SEE_OTHER, Some("/campaigns")));
    assert_eq!(
        claim("name=B&email=b%40x.example&workspace=B&password=four+plain+words+here").status,
        StatusCode::CONFLICT
    );
}

#[test]
fn a_form_without_the_pages_token_changes_nothing() {
    let world = World::full();
    let request = World::request(Method::POST, "/workspace/pause").with_header("cookie", &world.cookie);
    let reply = world.answer(&request.with_body("application/x-www-form-urlencoded", "paused=1"));
    assert_eq!(reply.status, StatusCode::FORBIDDEN);
    assert!(!world.get("/campaigns").text().contains("Everything is stopped"));
}

#[test]
fn another_method_is_refused_with_the_ones_that_there_are() {
    let world = World::full();
    assert_eq!(world.get("/sign-out").header("allow"), Some("POST"));
    assert_eq!(world.get("/campaigns/bakery/approvals").header("allow"), Some("POST"));
    assert_eq!(world.post("/settings", &[]).header("allow"), Some("GET"));
    assert_eq!(world.get("/no/such/page").status, StatusCode::NOT_FOUND);
}

#[test]
fn everything_can_be_stopped_and_let_go_on() {
    let world = World::full();
    assert_eq!(world.post("/workspace/pause", &[("paused", "1")]).status, StatusCode::SEE_OTHER);
    assert!(world.get("/campaigns").text().contains("Everything is stopped"));
    assert!(!world.post("/workspace/pause", &[("paused", "0")]).wakes.is_empty());
    assert!(!world.get("/campaigns").text().contains("Everything is stopped"));
}

#[test]
fn a_plan_is_sent_back_with_a_comment_and_only_with_one() {
    let world = World::full();
    let path = "/campaigns/open/strategy/1/decision";
    let reply = world.post(path, &[("decision", "send_back"), ("comment", " ")]);
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(reply.text().contains("Your comment is missing"));
    let reply = world.post(path, &[("decision", "send_back"), ("comment", "More about <allergens>")]);
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
    assert!(world.get("/campaigns/open").text().contains("More about &lt;allergens&gt;"));
    // Too late: somebody decided. What was typed is still there.
    let reply = world.post(path, &[("decision", "send_back"), ("comment", "And the hours")]);
    assert_eq!(reply.status, StatusCode::CONFLICT);
    assert!(reply.text().contains("And the hours"));
}

#[test]
fn an_approved_plan_wakes_the_writers() {
    let world = World::full();
    let reply = world.post("/campaigns/open/strategy/1/decision", &[("decision", "approve")]);
    assert_eq!((reply.status, reply.wakes), (StatusCode::SEE_OTHER, vec![domain::Step::Generate]));
    assert!(world.get("/campaigns/open").text().contains("Being written"));
}

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
fn all_reviewed_posts_are_approved_at_once_and_what_changed_is_left_out() {
    let world = World::full();
    let page = world.get("/campaigns/bakery").text();
    let form = between(&page, "action=\"/campaigns/bakery/approvals\"", "</form>").unwrap();
    let seen: Vec<&str> =
        form.split("name=\"seen\" value=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(page.contains(&format!("Approve all {} reviewed posts", seen.len())));
    let edit = [("base", "1"), ("title", "Mine"), ("text", "Other words.")];
    world.post("/posts/bakery-9/versions", &edit);
    let fields: Vec<(&str, &str)> = seen.iter().map(|one| ("seen", *one)).collect();
    let reply = world.post("/campaigns/bakery/approvals", &fields);
    let location = reply.header("location").unwrap().to_string();
    assert!(location.contains(&format!("count={}&skipped=1", seen.len() - 1)), "{location}");
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
fn a_campaign_is_paused_resumed_given_another_budget_and_cancelled() {
    let world = World::full();
    let revision = || between(&world.get("/campaigns/bakery").text(), "name=\"revision\" value=\"", "\"").unwrap();
    assert_eq!(
        world.post("/campaigns/bakery/pause", &[("paused", "1"), ("revision", &revision())]).status,
        StatusCode::SEE_OTHER
    );
    assert!(world.get("/campaigns/bakery").text().contains("Paused"));
    assert_eq!(
        world.post("/campaigns/bakery/pause", &[("paused", "0"), ("revision", "1")]).status,
        StatusCode::PRECONDITION_FAILED
    );
    assert_eq!(
        world.post("/campaigns/bakery/budget", &[("budget_usd", "7.5"), ("revision", &revision())]).status,
        StatusCode::SEE_OTHER
    );
    assert!(world.get("/campaigns/bakery").text().contains("$7.50"));
    assert_eq!(world.post("/campaigns/bakery/cancellation", &[]).status, StatusCode::SEE_OTHER);
    assert_eq!(world.post("/campaigns/bakery/cancellation", &[]).status, StatusCode::CONFLICT);
}

#[test]
fn a_campaign_is_created_by_form_and_every_error_stands_beside_its_field() {
    let world = World::claimed();
    let good = [
        ("goal.text", "Sell more rye"),
        ("goal.channels", "stage"),
        ("goal.posts_per_week", "3"),
        ("goal.weeks", "2"),
        ("goal.timezone", "Europe/Berlin"),
        ("goal.start", "2027-03-08"),
        ("brand.name", "Night Shift"),
        ("brand.url", "https://nightshift.example"),
        ("brand.one_line", "A bakery for the night"),
        ("facts", "hours = 22:00 to 04:00"),
        ("mode", "rehearsal"),
    ];
    let with = |field: &str, value: &'static str| -> Vec<(&str, &str)> {
        good.iter().map(|(name, text)| (*name, if *name == field { value } else { *text })).collect()
    };
    for (field, value, complaint) in [
        ("goal.timezone", "Mars/Olympus", "is no IANA time zone"),
        ("goal.start", "2026-01-01", "in the past"),
        ("goal.channels", "fax", "is not connected"),
        ("goal.weeks", "0", "must be from 1 to"),
        ("facts", "no equals sign", "is not `name = value`"),
    ] {
        let reply = world.post("/campaigns", &with(field, value));
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        let page = reply.text();
        assert!(
            page.contains(complaint) && page.contains("Sell more rye") && page.contains("22:00 to 04:00")
                || field == "facts",
            "{field}: {page}"
        );
    }
    let reply = world.post("/campaigns", &good);
    assert_eq!(
        (reply.status, reply.wakes.clone()),
        (StatusCode::SEE_OTHER, vec![domain::Step::Strategize]),
        "{}",
        reply.text()
    );
    let page = world.get(reply.header("location").unwrap()).text();
    assert!(page.contains("Night Shift, from 2027-03-08") && page.contains("REHEARSAL"));
}

#[test]
fn a_campaign_is_created_by_a_brief_file_and_a_broken_one_comes_back() {
    let world = World::claimed();
    let csrf = world.csrf();
    let upload = |toml: &str| {
        let part = |name: &str, more: &str, text: &str| {
            format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"{more}\r\n\r\n{text}\r\n")
        };
        let body = [
            part("csrf", "", &csrf),
            part("from", "", "file"),
            part("brief", "", ""),
            part("brief_file", "; filename=\"b.toml\"", toml),
            "--b--\r\n".into(),
        ]
        .concat();
        let request = World::request(Method::POST, "/campaigns").with_header("cookie", &world.cookie);
        world.answer(&request.with_body("multipart/form-data; boundary=b", body))
    };
    let broken = upload("[brand]\nname = \"Only a name\"");
    assert_eq!(broken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(broken.text().contains("Only a name"));
    let good = toml_of(&seed::brief("2027-03-08", 3, 2));
    let reply = upload(&good);
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
}

fn toml_of(brief: &domain::Brief) -> String {
    format!(
        "[brand]\nname = {:?}\nurl = {:?}\none_line = {:?}\n[goal]\ntext = {:?}\nposts_per_week = 3\nweeks = 2\ntimezone = \"Europe/Berlin\"\nstart = \"{}\"\n",
        brief.brand.name, brief.brand.url, brief.brand.one_line, brief.goal.text, brief.goal.start
    )
}

#[test]
fn a_token_is_shown_once_and_can_be_revoked() {
    let world = World::claimed();
    let reply = world.post("/settings/tokens", &[("name", "CI"), ("role", "analyst")]);
    let token = between(&reply.text(), "id=\"shown-once\">", "<").unwrap();
    assert!(token.starts_with("rondo_") && reply.secret);
    let page = world.get("/settings/tokens").text();
    assert!(page.contains("CI") && !page.contains(&token));
    let id = between(&page, "action=\"/settings/tokens/", "/revocation").unwrap();
    assert_eq!(world.post(&format!("/settings/tokens/{id}/revocation"), &[]).status, StatusCode::SEE_OTHER);
    assert!(world.get("/settings/tokens").text().contains("Revoked"));
    assert_eq!(
        world.post("/settings/tokens", &[("name", ""), ("role", "analyst")]).status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

#[test]
fn the_rehearsal_label_and_the_rehearsal_model_are_named_wherever_they_are() {
    let world = World::full();
    for target in ["/campaigns/bakery", "/posts/bakery-3", "/posts/bakery-1", "/rehearsal/home"] {
        assert!(world.get(target).text().contains("REHEARSAL"), "{target}");
    }
    for target in ["/campaigns/bakery", "/posts/bakery-3", "/settings"] {
        assert!(world.get(target).text().contains("rehearsal model"), "{target}");
    }
    assert!(!world.get("/stage/home").text().contains("REHEARSAL"));
}

#[test]
fn the_rehearsal_stage_and_its_feeds_do_not_exist_for_strangers() {
    let world = World::full();
    let page = world.get("/rehearsal/home").text();
    let entry = between(&page, "<h2><a href=\"", "\"").unwrap();
    assert_eq!(world.get(&entry).status, StatusCode::OK);
    for target in
        ["/rehearsal/home", "/rehearsal/home/atom.xml", "/rehearsal/home/feed.json", entry.as_str(), "/rehearsal/other"]
    {
        assert_eq!(world.stranger_gets(target).status, StatusCode::NOT_FOUND, "{target}");
    }
    // Nor does a rehearsal's entry stand on the public stage.
    assert_eq!(world.stranger_gets(&entry.replace("/rehearsal/", "/stage/")).status, StatusCode::NOT_FOUND);
    assert!(page.contains("Planned for"));
}

#[test]
fn a_published_post_says_where_it_can_be_seen() {
    let world = World::full();
    let page = world.get("/posts/finished-1").text();
    let address = between(&page, "href=\"/stage/home/", "\"").expect("an address");
    assert_eq!(world.stranger_gets(&format!("/stage/home/{address}")).status, StatusCode::OK);
}

#[test]
fn the_stream_tells_once_what_changed() {
    let world = World::full();
    let reply = world.get("/campaigns/bakery/events");
    let Body::Events(mut source) = reply.body else { panic!("no stream") };
    assert!(block_on(source.next(&world.db)).unwrap().is_empty(), "it begins now");
    let now = seen(&world, "bakery-9");
    world.post("/posts/bakery-9/decision", &[("seen", &now), ("decision", "approve")]);
    let told = block_on(source.next(&world.db)).unwrap();
    assert_eq!((told.len(), told[0].name.as_str()), (1, "changed"));
    assert!(block_on(source.next(&world.db)).unwrap().is_empty());
}

#[test]
fn the_conductor_shows_players_times_figures_and_what_needs_a_person() {
    let world = World::full();
    let page = world.get("/").text();
    for shown in ["Clara", "Performance", "Needs attention", "Did it go out?", "Figures", "Now", "Stop everything"] {
        assert!(page.contains(shown), "{shown}");
    }
    for part in ["switch", "players", "timeline", "attention", "figures"] {
        assert_eq!(world.get(&format!("/conductor/fragment/{part}")).status, StatusCode::OK, "{part}");
    }
    assert_eq!(world.get("/conductor/fragment/other").status, StatusCode::NOT_FOUND);
}

#[test]
fn before_the_first_campaign_the_conductor_says_how_to_begin() {
    let page = World::claimed().get("/").text();
    assert!(
        page.contains("Begin with one goal") && page.contains("Nothing waits for you") && page.contains("Rehearsal")
    );
}

#[test]
fn who_begins_a_performance_is_told_what_goes_out_within_the_hour() {
    let world = World::full();
    let switch = |mode: &str| world.post("/workspace/mode", &[("mode", mode)]);
    assert_eq!(switch("rehearsal").status, StatusCode::SEE_OTHER);
    let workspace_id = world.workspace_id();
    let now_ms = ports::Clock::now_ms(&world.clock);
    for trigger in ["mode_change_is_allowed", "mode_voids_approvals"] {
        world.db.run(&format!("drop trigger {trigger}"), &[]).unwrap();
    }
    world.db.run("update campaign set mode = 'performance' where id = 'bakery'", &[]).unwrap();
    world
        .db
        .run(
            "update post set due_at = ?2 where workspace_id = ?1 and id = 'bakery-6'",
            &[workspace_id.as_str().into(), (now_ms + 600_000).into()],
        )
        .unwrap();
    let asked = between(&world.get("/").text(), "id=\"ask-perform\"", "</form>").unwrap();
    // Its approval was for another time: it is not scheduled any more, so it is not named.
    assert!(asked.contains("Nothing goes out within the next hour"), "{asked}");
    world.db.run("update post set state = 'scheduled' where id = 'bakery-6'", &[]).unwrap();
    let asked = between(&world.get("/").text(), "id=\"ask-perform\"", "</form>").unwrap();
    assert!(asked.contains("this goes out to the public") && asked.contains("/posts/bakery-6"), "{asked}");
    assert_eq!(switch("performance").wakes, [domain::Step::Publish]);
    assert_eq!(switch("encore").status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(world.get("/").text().contains("Back to rehearsal"));
}

#[test]
fn an_agent_is_paused_resumed_and_woken_from_its_card() {
    let world = World::full();
    assert_eq!(
        world.post("/agents/editor/pause", &[("paused", "1"), ("back", "/")]).header("location"),
        Some("/?done=agent-paused")
    );
    assert!(world.get("/").text().contains("Paused"));
    assert_eq!(world.post("/agents/editor/pause", &[("paused", "0")]).wakes, [domain::Step::Review]);
    assert_eq!(world.post("/agents/copywriter/wake", &[]).wakes, [domain::Step::Generate]);
    assert_eq!(world.post("/agents/drummer/wake", &[]).status, StatusCode::NOT_FOUND);
}

#[test]
fn the_workspaces_stream_tells_of_every_change_in_it() {
    let world = World::full();
    let Body::Events(mut source) = world.get("/events").body else { panic!("no stream") };
    assert!(block_on(source.next(&world.db)).unwrap().is_empty(), "it begins now");
    world.post("/agents/editor/pause", &[("paused", "1")]);
    assert_eq!(block_on(source.next(&world.db)).unwrap().len(), 1);
}

#[test]
fn an_agents_page_shows_its_work_and_changes_who_it_is() {
    let world = World::full();
    for role in ["strategist", "copywriter", "visual", "editor", "compliance", "publisher", "analyst"] {
        assert_eq!(world.get(&format!("/agents/{role}")).status, StatusCode::OK, "{role}");
    }
    assert!(world.get("/agents").text().contains("Has no work yet"));
    let page = world.get("/agents/copywriter").text();
    assert!(page.contains("You, always") && page.contains("rehearsal model") && page.contains("without effect so far"));
    let revision = between(&page, "name=\"revision\" value=\"", "\"").unwrap();
    let save = |name: &str, revision: &str| {
        let fields = [
            ("name", name),
            ("personality", "<dry>"),
            ("instructions", "No exclamation marks"),
            ("colour", "olive"),
            ("autonomy", "threshold"),
            ("threshold", "2"),
            ("channels", "stage"),
            ("revision", revision),
        ];
        world.post("/agents/copywriter", &fields)
    };
    let nameless = save(" ", &revision);
    assert_eq!(nameless.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nameless.text().contains("No exclamation marks") && nameless.text().contains("must have 1 to 60"));
    assert_eq!(save("Anna", &revision).status, StatusCode::SEE_OTHER);
    let page = world.get("/agents/copywriter").text();
    assert!(page.contains("Anna") && page.contains("&lt;dry&gt;") && page.contains("Alone, 2 times"));
    let late = save("Berta", &revision);
    assert_eq!(late.status, StatusCode::PRECONDITION_FAILED);
    assert!(late.text().contains("Berta"), "what was typed is still there");
    assert_eq!(world.get("/agents/copywriter/fragment/work").status, StatusCode::OK);
    assert_eq!(world.get("/agents/drummer").status, StatusCode::NOT_FOUND);
}

#[test]
fn a_command_sends_the_post_back_that_its_words_or_its_choice_mean() {
    let world = World::full();
    let tell =
        |text: &str, target: &str| world.post("/agents/copywriter/commands", &[("text", text), ("target", target)]);
    let unclear = tell("Make it shorter", "");
    assert_eq!(unclear.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unclear.text().contains("do not say which one") && unclear.text().contains("Make it shorter"));
    assert_eq!(tell(" ", "bakery-9@1").status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(tell("Shorter", "bakery-9@7").status, StatusCode::CONFLICT, "another version than was seen");
    // Post 6 is approved, for a Tuesday; post 9 waits, on a Saturday.
    let told = tell("Rewrite Tuesday's post shorter", "");
    assert_eq!(
        (told.status, told.wakes.clone()),
        (StatusCode::SEE_OTHER, vec![domain::Step::Generate]),
        "{}",
        told.text()
    );
    assert!(world.get("/posts/bakery-6").text().contains("Being written"));
    assert!(
        world.get("/agents/copywriter").text().contains("Rewrite Tuesday&#39;s post shorter")
            || world.get("/agents/copywriter").text().contains("Rewrite Tuesday's post shorter")
    );
    assert_eq!(tell("Kinder", "bakery-9@1").status, StatusCode::SEE_OTHER);
    let publisher = world.post("/agents/publisher/commands", &[("text", "Faster")]);
    assert_eq!(publisher.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(world.get("/agents/publisher").text().contains("takes no commands"));
    let planned = world.post("/agents/strategist/commands", &[("text", "More about the price")]);
    assert_eq!(planned.wakes, [domain::Step::Strategize]);
    assert!(world.get("/campaigns/open").text().contains("Planning"));
}

#[test]
fn a_channel_is_connected_tried_paused_and_renamed_from_its_page() {
    let world = World::full();
    let connected = world.post("/settings/channels", &[("name", "Company blog"), ("platform", "relay")]);
    assert_eq!(connected.header("location"), Some("/settings/channels?done=connected"));
    let page = || world.get("/settings/channels").text();
    let id = between(&page(), "id=\"channel-0", "\"").map(|rest| format!("0{rest}")).expect("it is on the page");
    let tried = world.post(&format!("/settings/channels/{id}/check"), &[]);
    assert_eq!(tried.wakes, [domain::Step::Publish]);
    assert!(page().contains("Waits for the publisher"));
    let act = |act: &str, fields: &[(&str, &str)]| world.post(&format!("/settings/channels/{id}/{act}"), fields).status;
    assert_eq!(act("pause", &[("paused", "1"), ("seen", "1")]), StatusCode::SEE_OTHER);
    assert_eq!(
        act("pause", &[("paused", "0"), ("seen", "1")]),
        StatusCode::PRECONDITION_FAILED,
        "seen before the pause"
    );
    assert_eq!(act("name", &[("name", "News <b>"), ("seen", "2")]), StatusCode::SEE_OTHER);
    let shown = page();
    assert!(shown.contains("News &lt;b&gt;") && !shown.contains("News <b>") && shown.contains("Paused"));
    let resumed = world.post(&format!("/settings/channels/{id}/pause"), &[("paused", "0"), ("seen", "3")]);
    assert_eq!(resumed.wakes, [domain::Step::Publish], "what waited goes on");
}

#[test]
fn a_channel_that_cannot_be_connected_comes_back_with_what_was_typed() {
    let world = World::full();
    for (name, complaint) in [("stage", "is taken"), ("", "must have 1 to 60 characters")] {
        let reply = world.post("/settings/channels", &[("name", name), ("platform", "relay")]);
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
        let page = reply.text();
        assert!(page.contains(complaint) && page.contains(&format!("value=\"{name}\"")), "{page}");
    }
    assert_eq!(world.post("/settings/channels/nothing/check", &[]).status, StatusCode::NOT_FOUND);
    assert_eq!(world.post("/settings/channels/nothing/pause", &[("paused", "1")]).status, StatusCode::NOT_FOUND);
}

/// Ada is not alone any more.
fn ben_joins(world: &World) -> String {
    let new = store::people::member::NewMember {
        workspace_id: world.workspace_id(),
        user_id: "ben".into(),
        email: "ben@nightshift.example".into(),
        name: "Ben Lund".into(),
        password_hash: "-".into(),
        role: domain::Role::Approver,
    };
    block_on(store::people::member::add(&world.db, 1, &new)).unwrap()
}

fn state(world: &World, id: &str) -> domain::PostState {
    block_on(store::post::find(&world.db, &world.workspace_id(), id)).unwrap().unwrap().state
}

fn history(world: &World) -> i64 {
    block_on(store::event::last_seq(&world.db, &world.workspace_id())).unwrap()
}

#[test]
fn a_link_to_the_inbox_decides_nothing_and_shows_all_that_a_decision_needs() {
    let world = World::full();
    let before = history(&world);
    let page = world.get("/approvals?for=everyone&item=post:bakery-9&decision=approve").text();
    assert_eq!(history(&world), before);
    for needed in
        ["What the reviewers found", "Scores", "of 3000 characters", "Send back", "data-key=\"a\"", "data-key=\"j\""]
    {
        assert!(page.contains(needed), "{needed}");
    }
    assert_eq!(world.get("/posts/bakery-9/decision").status, StatusCode::METHOD_NOT_ALLOWED);
}

#[test]
fn several_are_approved_each_for_itself_and_who_was_too_late_is_told_who_won() {
    let world = World::full();
    let ben = ben_joins(&world);
    let [nine, ten] = ["bakery-9", "bakery-10"].map(|id| seen(&world, id));
    let post = block_on(store::post::find(&world.db, &world.workspace_id(), "bakery-9")).unwrap().unwrap();
    let quicker = store::approval::NewApproval {
        workspace_id: &world.workspace_id(),
        id: "quicker",
        post_id: "bakery-9",
        version: post.version,
        content_sha256: &post.current.unwrap().sha256,
        channel_id: &post.channel_id,
        due_at: post.due_at,
        decision: domain::Decision::Approve,
        comment: None,
        actor: &ben,
    };
    block_on(store::approval::decide(&world.db, Some(seed::NOW_MS), &quicker)).unwrap();
    let page = world.post("/approvals", &[("seen", &nine), ("seen", &ten)]).text();
    assert!(page.contains("1 post is approved.") && page.contains("1 was not:"), "{page}");
    assert!(page.contains("Ben Lund was quicker: approved version 1, at 2027-03-01T08:00:00Z"), "{page}");
    assert_eq!(state(&world, "bakery-10"), domain::PostState::Scheduled);
    let alone = world.post("/posts/bakery-9/decision", &[("seen", &nine), ("decision", "approve")]);
    assert_eq!(alone.status, StatusCode::CONFLICT);
    assert!(alone.text().contains("Ben Lund was quicker"));
}

#[test]
fn a_policy_of_two_needs_two_and_the_page_says_who_is_missing() {
    let world = World::full();
    ben_joins(&world);
    let two = [("kind", "group"), ("needed", "2"), ("revision", "0")];
    let refused = world.post("/campaigns/bakery/policy", &two);
    assert_eq!(refused.status, StatusCode::CONFLICT, "nobody knows whether its second post went out");
    let asked = world.db.run("select id from job where state = 'needs_human'", &[]).unwrap();
    let job = asked.first().unwrap().text("id").unwrap();
    world.post(&format!("/jobs/{job}/resolution"), &[("answer", "live")]);
    let set = world.post("/campaigns/bakery/policy", &[("kind", "group"), ("needed", "2"), ("revision", "0")]);
    assert_eq!(set.status, StatusCode::SEE_OTHER, "{}", set.text());
    let nine = seen(&world, "bakery-9");
    world.post("/posts/bakery-9/decision", &[("seen", &nine), ("decision", "approve")]);
    assert_eq!(state(&world, "bakery-9"), domain::PostState::AwaitingApproval);
    assert!(world.get("/posts/bakery-9").text().contains("1 of 2 approvals."));
    let three = world.post("/campaigns/bakery/policy", &[("kind", "group"), ("needed", "3"), ("revision", "1")]);
    assert!(three.status == StatusCode::UNPROCESSABLE_ENTITY && three.text().contains("only 2 may approve"));
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
fn what_was_missed_is_moved_or_dropped_from_the_calendar() {
    let world = World::full();
    let page = world.get("/calendar?at=2027-03-15").text();
    assert!(
        page.contains("missed their time") && page.contains("Clocks go forward by 60 min in Europe/Berlin"),
        "{page}"
    );
    let post = block_on(store::post::find(&world.db, &world.workspace_id(), "bakery-5")).unwrap().unwrap();
    let moved =
        world.post("/posts/bakery-5/time", &[("local", "2027-05-03T09:30"), ("revision", &post.revision.to_string())]);
    assert_eq!(moved.status, StatusCode::SEE_OTHER);
    assert_eq!(state(&world, "bakery-5"), domain::PostState::AwaitingApproval);
    assert_eq!(world.post("/posts/bakery-4/drop", &[]).status, StatusCode::SEE_OTHER);
    assert_eq!(state(&world, "bakery-4"), domain::PostState::Rejected);
    assert_eq!(world.post("/posts/bakery-9/drop", &[]).status, StatusCode::CONFLICT);
}

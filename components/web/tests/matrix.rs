//! Every page and every form, asked for by everyone: held to `matrix.txt`, which a reviewer reads. Nobody gets at
//! what is another workspace's, and nothing that is only looked at changes.

#[path = "matrix/browser.rs"]
mod browser;
#[path = "matrix/classes.rs"]
mod classes;
#[path = "matrix/doors.rs"]
mod doors;
#[path = "matrix/escaped.rs"]
mod escaped;
#[path = "matrix/files.rs"]
mod files;
#[path = "matrix/hostile.rs"]
mod hostile;
#[path = "support/hostile.rs"]
mod hostile_text;
#[expect(dead_code, reason = "the API's matrix needs the tokens")]
#[path = "support/matrix.rs"]
mod matrix;
#[path = "matrix/places.rs"]
mod places;
#[path = "matrix/scale.rs"]
mod scale;
#[expect(dead_code, reason = "other tests need more of it")]
#[path = "support/seed.rs"]
mod seed;
#[path = "matrix/stored.rs"]
mod stored;
#[path = "matrix/two_tabs.rs"]
mod two_tabs;

use futures::executor::block_on;
use matrix::{Caller, Worlds};
use seed::{SETUP_TOKEN, World};
use serve::{Body, Method, Reply, Request, StatusCode};
use web::routes::{ROUTES, Route, Run};

/// What a person asks for on a route: what stands for its names, and what a browser sends.
struct Ask {
    target: String,
    fields: Vec<(&'static str, String)>,
}

/// What the owner asks for, with success. A new route with a name in its path, or with a form, needs its line here.
fn ask(world: &World, route: &Route, owner: &Caller) -> Ask {
    let (target, fields): (&str, &[(&'static str, &str)]) = match (route.method, route.path) {
        ("GET", "/static/...") => ("/static/css/base.css", &[]),
        (_, "/setup/{token}") => {
            let fields =
                &[("name", "Ada"), ("email", "a@b.example"), ("password", "four plain words here"), ("workspace", "W")];
            (&format!("/setup/{SETUP_TOKEN}"), fields)
        }
        ("POST", "/sign-in") => ("/sign-in", &[("email", "ada@nightshift.example"), ("password", seed::PASSWORD)]),
        ("POST", "/campaigns") => ("/campaigns", NEW_CAMPAIGN),
        ("GET", "/campaigns/{id}/fragment/{part}") => ("/campaigns/bakery/fragment/posts", &[]),
        (_, "/campaigns/{id}/strategy/{version}/decision") => {
            ("/campaigns/open/strategy/1/decision", &[("decision", "approve")])
        }
        (_, "/campaigns/{id}/approvals") => ("/campaigns/bakery/approvals", &[("seen", "{/posts/bakery-9}")]),
        (_, "/campaigns/{id}/pause") => {
            ("/campaigns/bakery/pause", &[("paused", "1"), ("revision", "{/campaigns/bakery}")])
        }
        (_, "/campaigns/{id}/budget") => {
            ("/campaigns/bakery/budget", &[("budget_usd", "7"), ("revision", "{/campaigns/bakery}")])
        }
        ("POST", "/campaigns/{id}/policy") => {
            ("/campaigns/open/policy", &[("kind", "one"), ("revision", "{/campaigns/open/policy}")])
        }
        (_, "/campaigns/{id}/strategy/{version}/assignment") => {
            ("/campaigns/open/strategy/1/assignment", &[("to", "")])
        }
        ("POST", "/approvals") => ("/approvals", &[("seen", "{/posts/bakery-9}")]),
        ("POST", "/approvals/policy") => ("/approvals/policy", &[("kind", "one"), ("revision", "{/approvals/policy}")]),
        ("POST", "/autonomy") => (
            "/autonomy",
            &[("streak_needed", "9"), ("mean_tenths_min", "80"), ("cap_max", "2"), ("revision", "{/autonomy}")],
        ),
        (_, "/autonomy/rules") => (
            "/autonomy/rules",
            &[("channel_id", "stage"), ("pillar", "Bread at night"), ("mode", "performance"), ("cap_per_day", "1")],
        ),
        (_, "/autonomy/rules/{id}/end") => (&format!("/autonomy/rules/{}/end", seed::RULE), &[]),
        ("POST", "/review") => {
            ("/review", &[("reviewers_low", "editor"), ("reviewers_high", "editor"), ("revision", "{/review}")])
        }
        ("POST", "/learnings") => ("/learnings", &[("statement", "Name the street in the first line.")]),
        (_, "/learnings/limits") => {
            ("/learnings/limits", &[("trials_a_day", "10"), ("usd_a_day", "0.02"), ("revision", "0")])
        }
        ("GET", "/learnings/{id}") => ("/learnings/moving", &[]),
        ("POST", "/learnings/{id}") => {
            ("/learnings/moving", &[("statement", "Speak of the tram."), ("revision", "{/learnings/moving}")])
        }
        (_, "/learnings/{id}/state") => {
            ("/learnings/moving/state", &[("state", "retired"), ("revision", "{/learnings/moving}")])
        }
        (_, "/posts/{id}/comments") => ("/posts/bakery-9/comments", &[("text", "Is that the price?")]),
        (_, "/posts/{id}/assignment") => ("/posts/bakery-9/assignment", &[("to", "")]),
        (_, "/posts/{id}/drop") => ("/posts/bakery-5/drop", &[]),
        (_, "/campaigns/{id}/archive") => {
            ("/campaigns/finished/archive", &[("archived", "1"), ("revision", "{/campaigns/finished}")])
        }
        (_, "/campaigns/{id}/copies") => ("/campaigns/finished/copies", &[("start", "2027-05-08")]),
        ("POST", "/campaigns/{id}/posts") => {
            ("/campaigns/bakery/posts", &[("channel", "stage"), ("local", "2027-05-03T09:30"), ("angle", "Rye")])
        }
        (_, path) if path.starts_with("/campaigns/{id}") => (&path.replace("{id}", "bakery"), &[]),
        (_, "/posts/{id}/versions") => (
            "/posts/bakery-9/versions",
            &[("base", "1"), ("title", "Mine"), ("text", "14 Canal Street, my own words.")],
        ),
        (_, "/posts/{id}/drawings" | "/posts/{id}/picture/removal") => {
            (&route.path.replace("{id}", "bakery-9"), &[("base", "1")])
        }
        (_, "/pictures/{sha256}") => (&format!("/pictures/{}", picture(world)), &[]),
        (_, "/posts/{id}/decision") => {
            ("/posts/bakery-9/decision", &[("decision", "approve"), ("seen", "{/posts/bakery-9}")])
        }
        (_, "/posts/{id}/elsewhere") => {
            ("/posts/bakery-9/elsewhere", &[("channel", "blog"), ("local", "2027-05-03T09:30")])
        }
        (_, "/posts/{id}/hold") => ("/posts/bakery-9/hold", &[("held", "1"), ("revision", "{/posts/bakery-9}")]),
        (_, "/posts/{id}/time") => {
            ("/posts/bakery-9/time", &[("local", "2027-05-03T09:30"), ("revision", "{/posts/bakery-9}")])
        }
        (_, path) if path.starts_with("/posts/{id}") => (&path.replace("{id}", "bakery-9"), &[]),
        (_, "/jobs/{id}/resolution") => {
            (&format!("/jobs/{}/resolution", job(world, "needs_human")), &[("answer", "not_live")])
        }
        (_, "/jobs/{id}/retry") => (&format!("/jobs/{}/retry", job(world, "dead")), &[]),
        (_, "/workspace/pause") => ("/workspace/pause", &[("paused", "1")]),
        (_, "/settings/tokens") => ("/settings/tokens", &[("name", "A script"), ("role", "analyst")]),
        (_, "/invitations/{secret}/acceptance") => {
            (&format!("/invitations/{}/acceptance", matrix::INVITATION_NEXT_DOOR), &[])
        }
        (_, "/invitations/{secret}") => {
            let fields = &[("name", "Cleo"), ("email", "cleo@people.example"), ("password", "four plain words here")];
            (&format!("/invitations/{}", matrix::INVITATION), fields)
        }
        (_, "/password-resets/{secret}") => {
            (&format!("/password-resets/{}", matrix::RESET), &[("password", "four other plain words")])
        }
        (_, "/workspace/name") => ("/workspace/name", &[("name", "Day Shift"), ("revision", "1")]),
        (_, "/workspaces") => ("/workspaces", &[("new_name", "Client")]),
        (_, "/workspaces/{id}/entry") => (&format!("/workspaces/{}/entry", world.workspace_id()), &[]),
        (_, "/settings/owner") => ("/settings/owner", &[("user_id", "user-editor")]),
        (_, "/settings/invitations") => ("/settings/invitations", &[("role", "analyst"), ("email", "")]),
        (_, "/settings/invitations/{id}/revocation") => ("/settings/invitations/invitation-1/revocation", &[]),
        (_, path) if path.starts_with("/settings/members/{id}") => {
            (&path.replace("{id}", "user-analyst"), &[("role", "approver")])
        }
        (_, "/settings/security/password") => {
            let fields = &[("old_password", seed::PASSWORD), ("password", "four other plain words")];
            ("/settings/security/password", fields)
        }
        (_, "/settings/security/sessions/{id}/revocation") => {
            ("/settings/security/sessions/other-session-owner/revocation", &[])
        }
        (_, "/settings/tokens/{id}/revocation") => ("/settings/tokens/token-editor/revocation", &[]),
        ("POST", "/settings/channels") => ("/settings/channels", &[("name", "Company blog"), ("platform", "relay")]),
        ("POST", "/settings/providers") => (
            "/settings/providers",
            &[
                ("name", "Ours"),
                ("kind", "openai"),
                ("models", "m"),
                ("base_url", "https://models.example/v1"),
                ("key", "sk-1"),
            ],
        ),
        (_, path) if path.starts_with("/settings/providers/{id}") => {
            connect_a_provider(world);
            let fields: &[_] = match path.rsplit('/').next() {
                Some("pause") => &[("paused", "1"), ("seen", "1")],
                Some("prices") => &[("model", "m"), ("input_usd", "2"), ("output_usd", "10"), ("source", "their page")],
                Some("{id}") => &[("seen", "1"), ("name", "Theirs")],
                _ => &[],
            };
            (&path.replace("{id}", "provider"), fields)
        }
        (_, path) if path.starts_with("/settings/channels/{id}/slots") => (
            &path.replace("{id}", "blog").replace("{slot}", "s-2"),
            &[("weekday", "1"), ("local_time", "09:30"), ("timezone", "UTC"), ("enabled", "0"), ("seen", "1")],
        ),
        (_, path) if path.starts_with("/settings/channels/{id}") => {
            connect_a_relay(world);
            (&path.replace("{id}", "relay"), &[("name", "News"), ("paused", "1"), ("seen", "1")])
        }
        (_, "/conductor/fragment/{part}") => ("/conductor/fragment/players", &[]),
        (_, "/workspace/mode") => ("/workspace/mode", &[("mode", "rehearsal")]),
        (_, "/agents/{id}/pause") => ("/agents/copywriter/pause", &[("paused", "1")]),
        (_, "/agents/{id}/fragment/{part}") => ("/agents/copywriter/fragment/work", &[]),
        (_, "/agents/{id}/commands") => {
            ("/agents/copywriter/commands", &[("text", "Shorter"), ("target", "bakery-9@1")])
        }
        ("POST", "/agents/{id}") => (
            "/agents/copywriter",
            &[("name", "Anna"), ("colour", "rose"), ("autonomy", "act"), ("revision", "{/agents/copywriter}")],
        ),
        (_, path) if path.starts_with("/agents/{id}") => (&path.replace("{id}", "copywriter"), &[]),
        ("POST", "/brand") => ("/brand", &BRAND[1..]),
        ("POST", "/brand/reading") => ("/brand/reading", &[("pasted", "Name: Night Shift"), ("act", "read")]),
        ("POST", "/brand/steps") => ("/brand/steps", BRAND),
        (_, path) if path.starts_with("/brand/readings/{id}") => {
            have_a_text_read(world);
            (&path.replace("{id}", "leaflet"), &[])
        }
        ("POST", "/templates") => ("/templates", &[("name", "Hours"), ("title", "Open"), ("text", "For {{product}}.")]),
        ("POST", "/templates/{id}") => (
            "/templates/offer",
            &[("name", "Offer"), ("title", "Rye"), ("text", "Today."), ("revision", "{/templates/offer}")],
        ),
        (_, path) if path.starts_with("/memory/{id}") => (&path.replace("{id}", "approval:remembered"), &[]),
        (_, path) if path.starts_with("/templates/{id}") => (&path.replace("{id}", "offer"), &[]),
        ("POST", "/imports/trial") => ("/imports/trial", &[("file_text", OLD_POSTS), ("file_name", "old.csv")]),
        ("POST", "/imports") => {
            ("/imports", &[("file_text", OLD_POSTS), ("file_name", "old.csv"), ("sha256", OLD_POSTS_SHA256)])
        }
        (_, "/export/{file}") => ("/export/posts.csv", &[]),
        (_, "/problems/{slug}") => ("/problems/not-found", &[]),
        (_, path) if path.starts_with("/stage/") => {
            (&path.replace("{slug}", "home").replace("{key}", &entry(world, "performance")), &[])
        }
        (_, path) if path.starts_with("/rehearsal/") => {
            (&path.replace("{slug}", "home").replace("{key}", &entry(world, "rehearsal")), &[])
        }
        (_, path) => (path, &[]),
    };
    let fields = fields.iter().map(|(name, value)| (*name, filled_in(world, owner, name, value))).collect();
    Ask { target: target.into(), fields }
}

/// Somebody else's text that a model is to read.
fn have_a_text_read(world: &World) {
    let sql = "insert into reading (workspace_id, id, copied_from, text, micro_usd_a_day, asked_by, asked_at)
        select id, 'leaflet', 'a leaflet', 'Open: 22:00 to 04:00', 0, 'ada', 0
        from workspace where slug = 'home' on conflict do nothing";
    world.db.run(sql, &[]).unwrap();
}

/// What the seed has nothing of, and forms are about.
fn furnish(world: &World) {
    connect_a_provider(world);
    have_a_text_read(world);
}

/// A provider of models of the owner's workspace alone.
fn connect_a_provider(world: &World) {
    let sql =
        "insert into provider (workspace_id, id, name, kind, base_url, models, image_model, changed_by, created_at, updated_at)
        select id, 'provider', 'Ours', 'openai', 'https://models.example/v1', '[\"m\"]', 'm-image', 'ada', 0, 0
        from workspace where slug = 'home' on conflict do nothing";
    world.db.run(sql, &[]).unwrap();
}

/// A channel of the owner's workspace alone: every workspace has a stage.
fn connect_a_relay(world: &World) {
    let sql = "insert into channel (workspace_id, id, name, platform, created_at)
        select id, 'relay', 'Relay', 'relay', 0 from workspace where slug = 'home' on conflict do nothing";
    world.db.run(sql, &[]).unwrap();
}

const NEW_CAMPAIGN: &[(&str, &str)] = &[
    ("goal.text", "Sell more rye"),
    ("goal.channels", "stage"),
    ("goal.posts_per_week", "3"),
    ("goal.weeks", "2"),
    ("goal.timezone", "Europe/Berlin"),
    ("goal.start", "2027-05-08"),
    ("brand.name", "Night Shift"),
    ("brand.url", "https://nightshift.example"),
    ("brand.one_line", "A bakery for the night"),
    ("mode", "rehearsal"),
];

const BRAND: &[(&str, &str)] = &[
    ("group", "who"),
    ("brand.name", "Night Shift"),
    ("brand.url", "https://nightshift.example"),
    ("brand.one_line", "A bakery for the night"),
];

const OLD_POSTS: &str = "text,channel\nWe are open.,blog\n";
const OLD_POSTS_SHA256: &str = "09a61b3d7a0c34b83336e650672f12e62b5fda58a939a0df5f6d4ecc55a3999f";

/// `{/a/page}`: what the field of this name holds on that page.
fn filled_in(world: &World, owner: &Caller, name: &str, value: &str) -> String {
    let Some(page) = value.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else { return value.into() };
    let text = send(world, owner, &Ask { target: page.into(), fields: vec![] }, Method::GET).text();
    let mark = format!("name=\"{name}\" value=\"");
    let (_, rest) = text.split_once(&mark).unwrap_or_else(|| panic!("{page} has no field {name}"));
    rest.split_once('"').unwrap().0.into()
}

fn text_of(world: &World, sql: &str, with: &str) -> String {
    let rows = world.db.run(sql, &[with.into()]).unwrap();
    rows.first().unwrap_or_else(|| panic!("{sql}: nothing")).text("it").unwrap()
}

fn picture(world: &World) -> String {
    text_of(world, "select sha256 as it from picture where model = ?1 limit 1", "openai/gpt-image-1")
}

fn job(world: &World, state: &str) -> String {
    text_of(world, "select id as it from job where state = ?1", state)
}

fn entry(world: &World, mode: &str) -> String {
    text_of(world, "select key as it from stage_entry where mode = ?1", mode)
}

fn send(world: &World, caller: &Caller, ask: &Ask, method: Method) -> Reply {
    let mut request = World::request(method.clone(), &ask.target);
    if !caller.cookie.is_empty() {
        request = request.with_header("cookie", &caller.cookie);
    }
    if method == Method::POST {
        let fields =
            ask.fields.iter().map(|(name, value)| (*name, value.as_str())).chain([("csrf", caller.csrf.as_str())]);
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        request = request.with_body("application/x-www-form-urlencoded", body);
    }
    answer(world, &request)
}

fn answer(world: &World, request: &Request) -> Reply {
    block_on(web::answer(world.app(), request)).unwrap()
}

/// What it says, without what every page says.
fn told(reply: &Reply) -> String {
    let text = reply.text();
    let main = text.split_once("<main").and_then(|(_, rest)| rest.split_once("</main>"));
    main.map_or_else(|| text.clone(), |(main, _)| main.into())
}

fn method(route: &Route) -> Method {
    Method::from_bytes(route.method.as_bytes()).unwrap()
}

/// What takes more than a form: a fresh install, a first step, a provider, an authenticator app. It has tests of its own.
fn needs_more(path: &str) -> bool {
    ["/setup", "/sign-in/", "/settings/security/second-factor/", "/settings/security/elsewhere"]
        .iter()
        .any(|start| path.starts_with(start))
}

#[test]
fn everyone_gets_what_the_matrix_says() {
    let worlds = Worlds::new("web-matrix");
    let owner = &worlds.callers[1];
    let mut found = format!(
        "# What the dashboard answers, by who asks: 303 is the door for nobody, and done for a form. The stranger owns\n\
         # another workspace. `RONDO_UPDATE_GOLDEN=1 cargo test -p web --test matrix` writes this file.\n{}",
        matrix::head(&worlds)
    );
    let looked_at = worlds.copy();
    let mut unanswered = Vec::new();
    for route in ROUTES {
        let cells: Vec<u16> = worlds
            .callers
            .iter()
            .map(|caller| {
                let changed = (route.method != "GET").then(|| worlds.copy());
                let world = changed.as_ref().unwrap_or(&looked_at);
                let reply = send(world, caller, &ask(world, route, owner), method(route));
                let fine = reply.status.is_success() || reply.status.is_redirection();
                if caller.name == "owner" && !fine && !needs_more(route.path) {
                    unanswered.push(format!("{} {}: {} {}", route.method, route.path, reply.status, told(&reply)));
                }
                reply.status.as_u16()
            })
            .collect();
        found += &matrix::line(route.method, route.path, &cells);
    }
    assert!(unanswered.is_empty(), "let `ask` say what the owner's browser sends to\n{}", unanswered.join("\n"));
    matrix::hold(&found, "tests/matrix.txt", include_str!("matrix.txt"));
}

#[test]
fn a_role_is_refused_exactly_what_the_route_table_does_not_allow_it() {
    let worlds = Worlds::new("web-roles");
    let owner = &worlds.callers[1];
    for route in ROUTES {
        let Run::Member(action, _) = route.run else { continue };
        for role in domain::Role::ALL {
            let world = worlds.copy();
            let caller = worlds.callers.iter().find(|caller| caller.name == role.as_str()).unwrap();
            let reply = send(&world, caller, &ask(&world, route, owner), method(route));
            let refused = reply.status == StatusCode::FORBIDDEN;
            assert_eq!(refused, !role.may(action), "{role}: {} {}: {}", route.method, route.path, told(&reply));
        }
    }
}

#[test]
fn looking_changes_nothing() {
    let worlds = Worlds::new("web-get");
    let world = worlds.copy();
    for route in ROUTES.iter().filter(|route| route.method == "GET") {
        for caller in &worlds.callers {
            let asked = ask(&world, route, &worlds.callers[1]);
            let before = matrix::changes(&world);
            let reply = send(&world, caller, &asked, Method::GET);
            match reply.body {
                Body::Bytes(_) => {}
                Body::Events(mut source) => drop(block_on(source.next(&world.db)).unwrap()),
                Body::Pieces(mut source) => while block_on(source.next(&world.db)).unwrap().is_some() {},
            }
            assert_eq!(matrix::changes(&world), before, "{}: looking at {} changed something", caller.name, route.path);
            assert!(reply.wakes.is_empty(), "looking at {} wakes somebody", route.path);
        }
    }
    let before = matrix::changes(&world);
    let paused = Ask { target: "/workspace/pause".into(), fields: vec![("paused", "1".into())] };
    send(&world, &worlds.callers[1], &paused, Method::POST);
    assert_ne!(matrix::changes(&world), before, "and a change would be seen");
}

#[test]
fn nothing_of_another_workspace_is_there() {
    let worlds = Worlds::new("web-strangers");
    let (owner, stranger) = (&worlds.callers[1], worlds.callers.last().unwrap());
    let world = worlds.copy();
    let ids = matrix::ids_of_ours_alone(&world);
    assert!(ids.len() > 50, "the world is seeded: {ids:?}");
    for route in ROUTES.iter().filter(|route| route.path.contains('{') && matches!(route.run, Run::Member(..))) {
        let good = ask(&world, route, owner);
        let before = matrix::changes(&world);
        for id in &ids {
            let asked = Ask { target: with_first_name(route.path, &good.target, id), fields: good.fields.clone() };
            let reply = send(&world, stranger, &asked, method(route));
            assert_eq!(reply.status, StatusCode::NOT_FOUND, "{} {}: {}", route.method, asked.target, told(&reply));
            let nothing = Ask { target: asked.target.replace(id.as_str(), "0nothing"), fields: good.fields.clone() };
            let never = told(&send(&world, stranger, &nothing, method(route)));
            let told = told(&reply).replace(&format!("`{id}`"), "`0nothing`");
            assert_eq!(told, never, "{} tells that it is there", asked.target);
        }
        assert_eq!(matrix::changes(&world), before, "{} changed something", route.path);
    }
}

#[test]
fn an_entry_is_on_the_stage_of_its_own_workspace_alone() {
    let worlds = Worlds::new("web-stages");
    let stranger = worlds.callers.last().unwrap();
    let world = worlds.copy();
    for mode in ["performance", "rehearsal"] {
        for folder in ["stage", "rehearsal"] {
            let target = format!("/{folder}/next-door/{}", entry(&world, mode));
            let reply = send(&world, stranger, &Ask { target, fields: vec![] }, Method::GET);
            assert_eq!(reply.status, StatusCode::NOT_FOUND, "{mode} on {folder}");
        }
    }
    let target = "/rehearsal/next-door".into();
    let own = send(&world, stranger, &Ask { target, fields: vec![] }, Method::GET);
    assert_eq!(own.status, StatusCode::OK, "their own is theirs");
}

/// The same path, with another first name.
fn with_first_name(path: &str, target: &str, id: &str) -> String {
    let at = path.split('/').position(|part| part.starts_with('{')).unwrap();
    let parts = target.split('/').enumerate().map(|(index, part)| if index == at { id } else { part });
    parts.collect::<Vec<_>>().join("/")
}

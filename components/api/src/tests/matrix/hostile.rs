//! Hostile text in every text of every body, as the document describes it: nothing breaks, what is refused is named,
//! what is taken comes back as it was sent, and on every page it is only text.

use std::collections::{BTreeMap, BTreeSet};

use futures::executor::block_on;
use serde_json::Value;
use serve::{Body, Method, Problem, Reply, Request, StatusCode};

use super::hostile_text::{DEEP, FILE_NAMES, MARK, NO_TEXT, PAYLOADS, long, payloads};
use super::places::{Place, alternatives, texts};
use super::{Ask, Caller, Operation, Resource, World, Worlds, ask, browser, is_for_people, operations};

/// What answers a request: the API, or what a control puts in its place.
type Answers<'a> = &'a dyn Fn(&World, &Request) -> Reply;

fn api(world: &World, request: &Request) -> Reply {
    block_on(crate::route(world.app(), request)).unwrap_or_else(Problem::into_reply)
}

/// As the owner sends it: by their token, and what is a person's by their browser.
fn request(owner: &Caller, resource: &Resource, ask: &Ask, body: Vec<u8>) -> Request {
    let method = Method::from_bytes(ask.method.as_bytes()).unwrap();
    let mut request = World::request(method, &format!("/api/v1{}", ask.path));
    if resource.path != "/setup" {
        request = if is_for_people(resource) {
            request.with_header("cookie", &owner.cookie).with_header("x-csrf-token", &owner.csrf)
        } else {
            request.with_header("authorization", &format!("Bearer {}", owner.token))
        };
    }
    if let Some(revision) = &ask.revision {
        request = request.with_header("if-match", revision);
    }
    request.with_body("application/json", body)
}

/// Fields whose text is nobody's to read again, and why.
fn is_silent(path: &str, schema: &str, field: &str) -> bool {
    matches!(field.rsplit('.').next(), Some("password" | "old_password" | "key" | "setup_token" | "code"))
        || matches!(
            (schema, field),
            // Read as a brief, or parted at its lines: its parts are told, and a campaign keeps of it what writers need.
            ("PastedText" | "NewImport", "text") | ("NewCampaign", "brief_toml")
            // The person is told by their id.
            | ("Claim", "email" | "name" | "workspace")
            // Another workspace's, which the token does not open.
            | ("NewWorkspace", _)
            // Of rows that name none; the sample's names one.
            | ("NewImport", "channel" | "language")
            // What has changed since is left out, and told by the post's id.
            | ("NewApprovals", "items.channel_id" | "items.sha256")
            // Put where the template asks for it; the seeded one does not.
            | ("TemplateUse", "channel" | "planned_local")
        )
        // A trial stores nothing.
        || path == "/imports/trials"
}

/// What is wrong with an answer to a body with this text in this place; whether it was refused.
fn verdict(place: &Place, reply: &Reply) -> Result<bool, String> {
    browser::headers_are_whole(reply)?;
    if reply.status.is_server_error() {
        return Err(format!("it broke: {}: {}", reply.status, reply.text()));
    }
    let Body::Bytes(bytes) = &reply.body else { return Ok(false) };
    if bytes.is_empty() && reply.status.is_success() {
        return Ok(false);
    }
    let kind = reply.header("content-type").unwrap_or_default();
    let is_refused = !reply.status.is_success();
    // A picture is its bytes: it holds nothing of what was sent.
    if kind == "image/png" && !is_refused && bytes.starts_with(b"\x89PNG") {
        return Ok(false);
    }
    if kind != (if is_refused { "application/problem+json" } else { "application/json" }) {
        return Err(format!("{}: it answers with {kind}", reply.status));
    }
    let said: Value = serde_json::from_slice(bytes).map_err(|error| format!("no JSON: {error}"))?;
    if reply.status == StatusCode::UNPROCESSABLE_ENTITY && said["type"] != "/problems/past" {
        let dotted = place.dotted();
        let named: Vec<&str> =
            said["errors"].as_array().into_iter().flatten().filter_map(|one| one["field"].as_str()).collect();
        let is_it = |name: &&str| {
            let is_number = |part: &&str| part.parse::<usize>().is_ok();
            let name = name
                .split(['.', '[', ']'])
                .filter(|part| !part.is_empty() && !is_number(part))
                .collect::<Vec<_>>()
                .join(".");
            dotted == name || dotted.starts_with(&format!("{name}.")) || name.starts_with(&format!("{dotted}."))
        };
        // It stands in a part of the body that this sample does not have, and that lacks something else.
        let above = dotted.rsplit_once('.').map(|(above, _)| format!("{above}."));
        let is_missing = said["errors"].as_array().into_iter().flatten().any(|one| {
            let field = one["field"].as_str().unwrap_or_default();
            one["complaint"] == "is missing" && above.as_ref().is_some_and(|above| field.starts_with(above.as_str()))
        });
        if !is_missing && !named.iter().any(is_it) {
            return Err(format!("it complains of {named:?}: {said}"));
        }
    }
    Ok(is_refused)
}

/// Whether a text comes back as it was sent; space around it and the ends of lines aside.
fn holds(value: &Value, text: &str) -> bool {
    let normal = |text: &str| text.replace("\r\n", "\n").trim().to_string();
    match value {
        Value::String(found) => normal(found) == normal(text),
        Value::Array(all) => all.iter().any(|one| holds(one, text)),
        Value::Object(all) => all.values().any(|one| holds(one, text)),
        _ => false,
    }
}

fn json_of(reply: &Reply) -> Value {
    match &reply.body {
        Body::Bytes(bytes) => serde_json::from_slice(bytes).unwrap_or_default(),
        Body::Events(_) | Body::Pieces(_) => Value::Null,
    }
}

/// Everything that the API tells, to be asked for.
fn everything(world: &World, owner: &Caller) -> Vec<Request> {
    let looks = operations().filter(|(resource, one)| {
        one.method == "GET" && !resource.path.ends_with("stream") && !resource.path.starts_with("/brand/versions/")
    });
    looks.map(|(resource, one)| request(owner, resource, &ask(world, owner, resource, one), Vec::new())).collect()
}

/// Pages that show what an operation changes; all that everybody is told is in history.
fn pages(path: &str) -> &'static [&'static str] {
    match path.split('/').nth(1).unwrap_or_default() {
        "campaigns" => &["/history", "/", "/campaigns", "/campaigns/bakery", "/calendar?view=list&at=2027-05-01"],
        "posts" | "approvals" => &["/history", "/", "/posts/bakery-9", "/approvals", "/campaigns/bakery"],
        "agents" => &["/history", "/", "/agents", "/agents/copywriter"],
        "brand" => &["/history", "/brand", "/brand/edit", "/campaigns/new"],
        "templates" => &["/history", "/templates", "/templates/offer", "/campaigns/bakery/posts/new"],
        "imports" => &["/history", "/imports", "/export/imported_posts.csv"],
        "providers" | "channels" => &["/history", "/settings/providers", "/settings/channels", "/agents/copywriter"],
        "setup" => &[],
        _ => &["/history", "/", "/settings", "/settings/members", "/settings/tokens", "/settings/security", "/review"],
    }
}

/// That this world's pages show nothing but text; how many showed the payload.
fn on_pages(world: &World, owner: &Caller, path: &str) -> Result<usize, String> {
    let mut shown = 0;
    for page in pages(path) {
        let look = World::request(Method::GET, page).with_header("cookie", &owner.cookie);
        let reply = block_on(web::answer(world.app(), &look)).unwrap();
        if reply.status.is_server_error() {
            return Err(format!("{page} breaks: {}", reply.status));
        }
        let text = reply.text();
        let found = browser::not_ours(&text, MARK);
        if !found.is_empty() {
            return Err(format!("{page}: {}", found.join("; ")));
        }
        shown += usize::from(browser::shows(&text, DEEP));
    }
    Ok(shown)
}

/// An operation that takes a body, in a world of its own.
struct Case<'a> {
    world: &'a World,
    owner: &'a Caller,
    resource: &'a Resource,
    operation: &'a Operation,
    schema: &'static str,
    document: &'a Value,
}

impl Case<'_> {
    /// Asks with this text in this place and takes it back; whether it was refused, and on how many pages it was.
    fn try_out(&self, place: &Place, text: &str, answers: Answers<'_>) -> Result<(bool, usize), String> {
        self.world.db.run("begin", &[]).unwrap();
        let found = self.tried(place, text, answers);
        self.world.db.run("rollback", &[]).unwrap();
        found
    }

    fn tried(&self, place: &Place, text: &str, answers: Answers<'_>) -> Result<(bool, usize), String> {
        let asked = ask(self.world, self.owner, self.resource, self.operation);
        let mut body = asked.body.clone().unwrap_or_default();
        let all = alternatives(self.document, self.schema);
        if all.iter().any(|names| names.contains(&place.0[0])) {
            let others = all.iter().flatten().filter(|name| **name != place.0[0]);
            others.for_each(|name| drop(body.as_object_mut().unwrap().remove(name)));
        }
        if self.schema == "NewPost" {
            // Words of one's own are a title and a text.
            (body["title"], body["text"]) = ("Rye".into(), "Bread.".into());
        }
        place.put(&mut body, text);
        let looks =
            if text == DEEP && self.resource.path != "/setup" { everything(self.world, self.owner) } else { vec![] };
        let reply = answers(self.world, &request(self.owner, self.resource, &asked, body.to_string().into_bytes()));
        if verdict(place, &reply)? {
            return Ok((true, 0));
        }
        let is_here = holds(&json_of(&reply), text);
        if text != DEEP {
            return Ok((false, 0));
        }
        let is_told = is_here || looks.iter().any(|look| holds(&json_of(&api(self.world, look)), text));
        if !is_told && !is_silent(self.resource.path, self.schema, &place.dotted()) {
            return Err("it was taken, and nothing tells it whole".into());
        }
        on_pages(self.world, self.owner, self.resource.path).map(|shown| (false, shown))
    }
}

/// Every operation with a body, each with its schema.
fn bodies() -> impl Iterator<Item = (&'static Resource, &'static Operation, &'static str)> {
    operations().filter_map(|(resource, operation)| operation.body.map(|schema| (resource, operation, schema)))
}

/// Tries every text of every body; says what went wrong, and how often what was taken was on a page.
fn tried(
    worlds: &Worlds,
    texts_to_try: &[(&str, String)],
    meant: &dyn Fn(&str) -> bool,
    answers: Answers<'_>,
) -> (Vec<String>, usize) {
    let document = crate::openapi::document().unwrap();
    let (mut faults, mut shown) = (Vec::new(), 0);
    for (resource, operation, schema) in bodies().filter(|(resource, ..)| meant(resource.path)) {
        let owner = &worlds.callers[1];
        let world = if resource.path == "/setup" { World::fresh() } else { worlds.copy() };
        let case = Case { world: &world, owner, resource, operation, schema, document: &document };
        for place in texts(&document, schema) {
            for (name, text) in texts_to_try {
                match case.try_out(&place, text, answers) {
                    Ok((_, on)) => shown += on,
                    Err(fault) => {
                        let fault: String = fault.chars().take(400).collect();
                        faults.push(format!(
                            "{} {} {} ({name}): {fault}",
                            operation.method,
                            resource.path,
                            place.dotted()
                        ));
                    }
                }
            }
        }
    }
    (faults, shown)
}

fn each() -> Vec<(&'static str, String)> {
    PAYLOADS.iter().map(|(name, text)| (*name, (*text).to_string())).collect()
}

/// Hashing a password takes its time, so that these are tried with fewer payloads.
fn hashes(path: &str) -> bool {
    matches!(path, "/setup" | "/me/password" | "/me/second-factor")
}

#[test]
fn whatever_a_program_sends_is_refused_by_name_or_comes_back_and_is_only_text() {
    let worlds = Worlds::new("api-hostile");
    let (mut faults, shown) = tried(&worlds, &each(), &|path| !hashes(path), &api);
    faults.extend(tried(&worlds, &payloads(), &hashes, &api).0);
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
    assert!(shown > 40, "what was taken was on {shown} pages");
}

#[test]
fn a_very_long_text_is_taken_or_refused_by_name() {
    let worlds = Worlds::new("api-long");
    let (faults, _) = tried(&worlds, &[("100 KB", long())], &|_| true, &api);
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn bytes_that_are_no_text_are_refused_everywhere() {
    let worlds = Worlds::new("api-bytes");
    let (world, owner, document) = (worlds.copy(), &worlds.callers[1], crate::openapi::document().unwrap());
    for (resource, operation, schema) in bodies() {
        let asked = ask(&world, owner, resource, operation);
        for place in texts(&document, schema) {
            let mut body = asked.body.clone().unwrap();
            place.put(&mut body, MARK);
            let quoted = format!("\"{MARK}\"");
            let (before, after) =
                body.to_string().rsplit_once(&quoted).map(|(a, b)| (a.to_string(), b.to_string())).unwrap();
            let raw = NO_TEXT.iter().map(|text| percent_encoding::percent_decode_str(text).collect::<Vec<u8>>());
            let halves = ["\\ud83d", "\\udc00\\ud83d", "\\u00"].map(|text| text.as_bytes().to_vec());
            for bytes in raw.chain(halves) {
                let sent = [before.as_bytes(), b"\"", &bytes, b"\"", after.as_bytes()].concat();
                let reply = api(&world, &request(owner, resource, &asked, sent));
                let said = json_of(&reply);
                let is_known = said["type"] == "/problems/not-utf8" || said["type"] == "/problems/not-json";
                assert!(is_known || resource.path == "/setup", "{} {}: {said}", operation.method, resource.path);
                verdict(&place, &reply).unwrap();
            }
        }
    }
}

#[test]
fn an_import_may_be_called_anything() {
    let worlds = Worlds::new("api-names");
    let names: Vec<(&str, String)> = FILE_NAMES.iter().map(|name| (*name, (*name).to_string())).collect();
    let (faults, _) = tried(&worlds, &names, &|path| path.starts_with("/imports"), &api);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn hostile_addresses_and_headers_break_nothing() {
    let worlds = Worlds::new("api-addresses");
    let (world, owner) = (worlds.copy(), &worlds.callers[1]);
    let encoded =
        |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
    let nowhere = Place(vec!["query".into()]);
    let mut faults = Vec::new();
    for (resource, operation) in operations().filter(|(resource, _)| resource.path != "/setup") {
        world.db.run("begin", &[]).unwrap();
        let asked = ask(&world, owner, resource, operation);
        let body = asked.body.as_ref().map(|body| body.to_string().into_bytes()).unwrap_or_default();
        for (name, payload) in PAYLOADS {
            let path = |path: String| Ask { path, method: asked.method, body: None, revision: asked.revision.clone() };
            // What is no address comes no further than this.
            let is_one = |path: &str| Request::new(Method::GET, &format!("/api/v1{path}")).is_ok();
            let mut sent: Vec<Request> = Vec::new();
            let plain = asked.path.split('?').next().unwrap();
            for query in operation.query {
                let target = format!("{plain}?{query}={}", encoded(payload));
                if is_one(&target) {
                    sent.push(request(owner, resource, &path(target), body.clone()));
                }
            }
            if resource.path.contains('{') {
                let parts = resource
                    .path
                    .split('/')
                    .map(|part| if part.starts_with('{') { encoded(payload) } else { part.into() });
                let target = parts.collect::<Vec<_>>().join("/");
                if is_one(&target) {
                    sent.push(request(owner, resource, &path(target), body.clone()));
                }
            }
            for header in ["if-match", "idempotency-key", "accept", "user-agent"] {
                sent.push(
                    request(owner, resource, &path(asked.path.clone()), body.clone()).with_header(header, payload),
                );
            }
            for one in sent {
                let reply = api(&world, &one);
                let is_named = |fault: &String| !fault.starts_with("it complains of") && !fault.contains("text/");
                if let Some(fault) = verdict(&nowhere, &reply).err().filter(is_named) {
                    faults.push(format!("{} {} ({name}): {fault}", operation.method, resource.path));
                }
            }
        }
        world.db.run("rollback", &[]).unwrap();
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn an_operation_that_echoes_raw_or_loses_text_or_does_not_name_the_field_is_found_out() {
    let worlds = Worlds::new("api-controls");
    let answer = |status: StatusCode, kind: &'static str, body: String| Reply::bytes(status, kind, body.into_bytes());
    let (taken, refused) = (StatusCode::OK, StatusCode::UNPROCESSABLE_ENTITY);
    let text = |request: &Request| {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        body["text"].as_str().unwrap_or_default().to_string()
    };
    let raw =
        |_: &World, request: &Request| answer(taken, "application/json", format!("{{\"text\":\"{}\"}}", text(request)));
    let escaped = |_: &World, request: &Request| {
        let text = text(request).replace('<', "&lt;").replace('"', "&quot;");
        answer(taken, "application/json", serde_json::json!({ "text": text }).to_string())
    };
    let page = |_: &World, request: &Request| answer(refused, "text/html", text(request));
    let silent = |_: &World, _: &Request| {
        answer(refused, "application/problem+json", "{\"errors\":[{\"field\":\"other\"}]}".into())
    };
    let broken =
        |_: &World, _: &Request| answer(StatusCode::INTERNAL_SERVER_ERROR, "application/problem+json", "{}".into());
    let split =
        |_: &World, _: &Request| answer(taken, "application/json", "{}".into()).with_header("location", "/a\r\nb: c");
    let controls: [(&str, Answers<'_>); 6] = [
        ("raw", &raw),
        ("escaped", &escaped),
        ("a page", &page),
        ("silent", &silent),
        ("broken", &broken),
        ("split", &split),
    ];
    for (name, control) in controls {
        let deep = [("double quote", DEEP.to_string())];
        let (faults, _) = tried(&worlds, &deep, &|path| path == "/posts/{id}/comments", control);
        assert_eq!(faults.len(), 1, "{name} is not found out");
    }
    let (faults, _) =
        tried(&worlds, &[("plain", "zqx7, I think.".into())], &|path| path == "/posts/{id}/comments", &api);
    assert!(faults.is_empty(), "{faults:?}");
}

#[test]
fn the_places_of_texts_are_those_of_the_document() {
    let document = crate::openapi::document().unwrap();
    let all: BTreeMap<&str, BTreeSet<String>> =
        bodies().map(|(.., schema)| (schema, texts(&document, schema).iter().map(Place::dotted).collect())).collect();
    assert!(all["NewCampaign"].contains("brief.goal.text") && all["NewCampaign"].contains("brief.facts.zqx7.zqx7"));
    assert!(all["NewComment"].contains("text") && all["NewApprovals"].contains("items.sha256"));
    let count: usize = all.values().map(BTreeSet::len).sum();
    assert!(count > 120, "the document has {count} texts");
}

//! The same requests to every host that this machine has: they answer alike.

mod raw;

use reqwest::Method;
use tests::app::{Runner, Setup, WAKE_SECRET};
use tests::http::{Answer, Api};

/// One request, and the status that every host must answer.
struct Asked {
    method: &'static str,
    path: &'static str,
    headers: &'static [(&'static str, &'static str)],
    content_type: &'static str,
    body: &'static [u8],
    status: u16,
}

const fn asked(method: &'static str, path: &'static str, status: u16) -> Asked {
    Asked { method, path, headers: &[], content_type: "", body: b"", status }
}

impl Asked {
    const fn with(self, headers: &'static [(&'static str, &'static str)]) -> Self {
        Self { headers, ..self }
    }

    const fn sends(self, content_type: &'static str, body: &'static [u8]) -> Self {
        Self { content_type, body, ..self }
    }
}

const JSON: &str = "application/json";
const HEALTH: &str = "/api/v1/health";

/// Routing, heads, bodies and refusals.
const REQUESTS: &[Asked] = &[
    asked("GET", HEALTH, 200),
    asked("HEAD", HEALTH, 200),
    asked("OPTIONS", HEALTH, 405),
    asked("GET", "/api/v1/health/", 404),
    asked("GET", "/api/v1/health?x=1", 422),
    asked("GET", "/api/v1/openapi.json", 200),
    asked("GET", "/api/v1/campaigns", 200),
    asked("GET", "/api/v1/campaigns/", 404),
    asked("GET", "/api/v1/campaigns/none", 404),
    asked("GET", "/api/v2/campaigns", 404),
    asked("GET", "/api", 404),
    asked("DELETE", "/api/v1/campaigns", 405),
    asked("POST", "/api/v1/campaigns", 400),
    asked("POST", "/api/v1/campaigns", 415).sends("text/plain", b"{}"),
    asked("POST", "/api/v1/campaigns", 400).sends(JSON, b"{"),
    asked("POST", "/api/v1/campaigns", 400).sends(JSON, b"{\"name\": \"\xff\"}"),
    asked("GET", "/static/css/base.css", 200),
    asked("GET", "/static/css/none.css", 404),
    asked("GET", "/sign-in", 200),
    asked("GET", "/campaigns", 303),
    asked("GET", "/stage/home", 200),
    asked("GET", "/stage/home/atom.xml", 200),
    asked("GET", "/stage/home/feed.json", 200),
    asked("GET", "/rehearsal/home", 404),
    asked("GET", "/problems/not-found", 200),
    asked("GET", "/wake/conductor", 405),
    asked("POST", "/wake/conductor", 401),
    asked("POST", "/wake/publish", 401),
    asked("POST", "/wake/nobody", 404),
    asked("GET", HEALTH, 200).with(&[("spin-path-info", "/api/v1/campaigns"), ("spin-full-url", "http://evil/")]),
    asked("GET", "/api/v1/me", 401).with(&[("authorization", "Bearer wrong")]),
    asked("GET", "/api/v1/me", 401).with(&[("authorization", "Basic b3duZXI6b3duZXI=")]),
];

/// What must be the same, apart from times and ids.
fn shape(answer: &Answer) -> (u16, String, bool) {
    (answer.status, answer.header("content-type").to_owned(), answer.body.is_empty())
}

async fn ask(app: &Api, asked: &Asked) -> Answer {
    let api = asked.headers.iter().fold(app.clone(), |api, (name, value)| api.with(name, value));
    // Pages are asked for as nobody, the API as the operator.
    let as_nobody = !asked.path.starts_with("/api/");
    let api = if as_nobody { api.anonymous() } else { api };
    let method = asked.method.parse().expect("a method");
    api.send(method, asked.path, asked.content_type, asked.body.into()).await
}

#[tokio::test]
async fn every_host_answers_the_same_requests_alike() {
    let mut answers: Vec<Vec<(u16, String, bool)>> = Vec::new();
    for runner in Runner::all() {
        let app = Setup::under(runner.clone()).start().await;
        let mut shapes = Vec::new();
        for one in REQUESTS {
            let answer = ask(&app.api, one).await;
            assert_eq!(answer.status, one.status, "{} {} under {runner:?}: {}", one.method, one.path, answer.body);
            shapes.push(shape(&answer));
        }
        answers.push(shapes);
    }
    for other in &answers[1..] {
        for (index, request) in REQUESTS.iter().enumerate() {
            assert_eq!(other[index], answers[0][index], "{} {}", request.method, request.path);
        }
    }
}

#[tokio::test]
async fn a_head_has_the_length_and_no_body() {
    for runner in Runner::all() {
        let app = Setup::under(runner).start().await;
        let answer = app.api.send(Method::HEAD, HEALTH, "", Vec::new()).await.expect(200);
        assert_eq!(answer.body, "");
    }
}

#[tokio::test]
async fn a_tick_with_the_secret_is_answered_and_may_be_repeated() {
    for runner in Runner::all() {
        let app = Setup::under(runner).start().await;
        let conductor = app.api.clone().with("authorization", &format!("Bearer {WAKE_SECRET}"));
        for _ in 0..3 {
            conductor.send(Method::POST, "/wake/conductor", "", Vec::new()).await.expect(200);
        }
    }
}

#[tokio::test]
async fn the_state_is_there_after_a_restart_under_any_host() {
    let brief = tests::brief::Brief::read("ripgrep");
    for runner in Runner::all() {
        let setup = Setup::under(runner);
        let mut app = setup.start().await;
        let id = tests::campaign::Campaign::rehearse(&app.api, &brief.text).await.id;
        app.stop().await;
        let again = setup.start_over(app.state()).await;
        let found = again.api.get(&format!("/api/v1/campaigns/{id}")).await.expect(200).json();
        assert_eq!(found["id"], id.as_str());
    }
}

#[tokio::test]
async fn the_local_runner_stops_when_it_is_asked_to() {
    let mut app = Setup::local().start().await;
    app.api.get(HEALTH).await.expect(200);
    assert_eq!(app.stop().await, Some(0), "it said:\n{}", app.output.text());
}

#[tokio::test]
async fn a_taken_port_is_said_before_anything_else() {
    let app = Setup::local().start().await;
    let address = app.url.strip_prefix("http://").expect("a URL");
    let answer = tokio::process::Command::new(tests::build::rondo())
        .args(["up", "--listen", address, "--from"])
        .arg(tests::repository::root())
        .output()
        .await
        .expect("rondo runs");
    assert_eq!(answer.status.code(), Some(1));
    let said = String::from_utf8_lossy(&answer.stderr);
    assert!(said.contains("is taken") && said.contains("--listen"), "{said}");
}

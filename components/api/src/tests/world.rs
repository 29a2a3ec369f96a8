//! What the tests start from: a claimed install, a token for every role, a clock that stands.

use std::cell::Cell;
use std::collections::BTreeMap;

use domain::{Content, JobState, Role, Step};
use futures::executor::block_on;
use ports::native::{NativeDb, SeededEntropy, SettableClock};
use ports::{Db, DbError, NoHttp, NoWake, Ports, Rows, Value};
use serde_json::{Value as Json, json};
use serve::{App, Body, Method, Problem, Reply, Request, Settings, StatusCode};
use store::job::{self, Finish};
use store::people::api_token::{self, ApiToken};
use store::people::workspace;
use store::{migrate, secret};

use crate::routes;

/// When every test begins: 2027-01-15T08:00:00Z.
pub const START_MS: i64 = 1_800_000_000_000;

/// A database that counts its statements.
pub struct Counted {
    pub db: NativeDb,
    pub statements: Cell<u32>,
}

#[async_trait::async_trait(?Send)]
impl Db for Counted {
    async fn execute(&self, sql: &str, parameters: &[Value]) -> Result<Rows, DbError> {
        self.statements.set(self.statements.get() + 1);
        self.db.run(sql, parameters)
    }
}

pub struct World {
    pub db: Counted,
    pub clock: SettableClock,
    pub entropy: SeededEntropy,
    pub settings: Settings,
    tokens: BTreeMap<Role, String>,
    schemas: Json,
}

impl World {
    pub fn new() -> Self {
        let db = NativeDb::in_memory().unwrap();
        block_on(migrate::ensure(&db)).unwrap();
        let mut world = Self {
            db: Counted { db, statements: Cell::new(0) },
            clock: SettableClock::at(START_MS),
            entropy: SeededEntropy::new(1),
            settings: Settings::of(&[("setup_token", "one-time-link"), ("model_hosts", "https://models.example")]),
            tokens: BTreeMap::new(),
            schemas: crate::openapi::document().unwrap()["components"].clone(),
        };
        let first = block_on(workspace::first(&world.db)).unwrap().id;
        for role in Role::ALL {
            let token = world.token(&first, *role);
            world.tokens.insert(*role, token);
        }
        world
    }

    pub fn token(&self, workspace_id: &str, role: Role) -> String {
        let value = secret::new(&self.entropy);
        let token = ApiToken {
            workspace_id: workspace_id.into(),
            id: serve::id(self.app()),
            name: "a script".into(),
            role,
            scopes: None,
            created_by: "ada".into(),
            person: None,
            created_at: START_MS,
            expires_at: None,
            used_at: None,
            revoked_at: None,
        };
        block_on(api_token::create(&self.db, &token, &secret::sha256(&value))).unwrap();
        value
    }

    /// A token of the owner of another workspace.
    pub fn neighbour(&self) -> String {
        let sql = "insert into workspace (id, name, slug, created_at) values ('next', 'Next door', 'next', 9e15)";
        self.db.db.run(&sql.replace("9e15", "9000000000000"), &[]).unwrap();
        self.token("next", Role::Owner)
    }

    pub fn app(&self) -> App<'_> {
        let ports = Ports { db: &self.db, http: &NoHttp, clock: &self.clock, entropy: &self.entropy, wake: &NoWake };
        App { ports, settings: &self.settings }
    }

    /// A request of the owner's program.
    pub fn request(&self, method: &str, path: &str) -> Request {
        self.request_of(&self.tokens[&Role::Owner], method, path)
    }

    pub fn request_by(&self, role: Role, method: &str, path: &str) -> Request {
        self.request_of(&self.tokens[&role], method, path)
    }

    pub fn request_of(&self, token: &str, method: &str, path: &str) -> Request {
        let request = Request::new(Method::from_bytes(method.as_bytes()).unwrap(), &format!("/api/v1{path}")).unwrap();
        request.with_header("authorization", &format!("Bearer {token}"))
    }

    /// Sends it; the answer is held to the document.
    pub fn send(&self, request: &Request) -> Reply {
        let reply = block_on(crate::route(self.app(), request)).unwrap_or_else(Problem::into_reply);
        self.hold_to_document(request, &reply);
        reply
    }

    fn hold_to_document(&self, request: &Request, reply: &Reply) {
        let segments = request.segments();
        let found = segments.strip_prefix(&["api", "v1"]).and_then(routes::find);
        let operation = found
            .and_then(|(resource, _)| resource.operations.iter().find(|one| one.method == request.method.as_str()));
        let name = match operation {
            Some(operation) if reply.status.is_success() => {
                assert_eq!(reply.status.as_u16(), operation.status, "{} {}", request.method, request.path);
                operation.answer
            }
            _ => Some("Problem"),
        };
        let Some(name) = name.filter(|_| matches!(reply.body, Body::Bytes(_))) else { return };
        let schema = json!({ "$ref": format!("#/components/schemas/{name}"), "components": self.schemas });
        let body: Json = serde_json::from_str(&reply.text()).unwrap_or_else(|_| panic!("no JSON: {reply:?}"));
        let errors: Vec<String> = jsonschema::validator_for(&schema)
            .unwrap()
            .iter_errors(&body)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{} {} is no {name}: {errors:?}\n{body}", request.method, request.path);
    }

    pub fn get(&self, path: &str) -> Json {
        body(&self.ok(&self.request("GET", path)))
    }

    pub fn ok(&self, request: &Request) -> Reply {
        let reply = self.send(request);
        assert!(reply.status.is_success(), "{} {}: {}", request.method, request.path, reply.text());
        reply
    }

    /// The problem that it is answered with.
    pub fn slug(&self, request: &Request) -> String {
        let reply = self.send(request);
        assert!(!reply.status.is_success(), "{}", reply.text());
        body(&reply)["type"].as_str().unwrap().trim_start_matches("/problems/").into()
    }

    pub fn post_json(&self, path: &str, json: &Json) -> Request {
        self.request("POST", path).with_body("application/json", json.to_string())
    }

    pub fn put_json(&self, path: &str, json: &Json) -> Request {
        self.request("PUT", path).with_body("application/json", json.to_string())
    }

    pub fn patch_json(&self, path: &str, revision: &Json, json: &Json) -> Request {
        let request = self.request("PATCH", path).with_header("if-match", &format!("\"{revision}\""));
        request.with_body("application/json", json.to_string())
    }

    /// Begins a campaign and answers its id.
    pub fn begin(&self) -> String {
        let reply = self.ok(&self.post_json("/campaigns", &new_campaign()));
        assert_eq!(reply.wakes, [Step::Strategize]);
        body(&reply)["id"].as_str().unwrap().into()
    }

    /// A campaign whose strategy waits.
    pub fn planned(&self) -> String {
        let id = self.begin();
        self.work(Step::Strategize, plan());
        id
    }

    /// A campaign whose two posts wait for approval.
    pub fn drafted(&self) -> String {
        let id = self.planned();
        let path = format!("/campaigns/{id}/strategies/1/decision");
        self.ok(&self.put_json(&path, &json!({ "decision": "approve" })));
        for _ in 0..2 {
            let content =
                Content { language: "en".into(), title: "A hook".into(), text: "Read on.".into(), image: None };
            self.work(
                Step::Generate,
                json!({ "content": content.canonical(), "sha256": content.sha256(), "model": "m" }),
            );
            self.judge();
        }
        id
    }

    pub fn judge(&self) {
        let scores =
            json!({ "hook": 8, "clarity": 8, "voice": 8, "evidence": 8, "call_to_action": 8, "platform_fit": 7 });
        self.work(
            Step::Review,
            json!({ "verdict": "approve", "reason": null, "revisions_max": 3, "reviews": [
            { "reviewer": "editor", "verdict": "approve", "scores": scores, "model": "m", "findings": [
                { "rule": "hook", "severity": "minor", "quote": "A", "advice": "More." }] },
        ] }),
        );
    }

    /// The next job of this step is done and made this.
    pub fn work(&self, step: Step, artifact: Json) {
        self.finish(step, |finish| finish.artifact = Some(artifact));
    }

    pub fn finish(&self, step: Step, how: impl FnOnce(&mut Finish)) -> String {
        let at = self.app().ports.clock.pinned_ms();
        let job = block_on(job::claim(&self.db, at, step, 1, 60_000)).unwrap().pop().expect("there is work");
        let mut finish = Finish::of(&job, JobState::Done);
        how(&mut finish);
        assert_eq!(block_on(job::finish(&self.db, at, &[finish])).unwrap().len(), 1);
        job.id
    }

    /// Everything that a workspace's history holds: what must be the same after a refusal.
    pub fn state(&self) -> i64 {
        self.db.db.run("select max(seq) as n from event", &[]).unwrap().first().unwrap().int("n").unwrap_or(0)
    }
}

pub fn body(reply: &Reply) -> Json {
    serde_json::from_str(&reply.text()).unwrap()
}

pub fn created(reply: &Reply) -> bool {
    reply.status == StatusCode::CREATED
}

pub fn new_campaign() -> Json {
    json!({ "brief": brief(), "budget_micro_usd": 1_000_000 })
}

pub fn brief() -> Json {
    json!({
        "brand": { "name": "Rondo", "url": "https://rondo.example", "one_line": "Campaigns that loop." },
        "goal": { "text": "Win readers", "timezone": "Europe/Berlin", "start": "2027-01-16", "posts_per_week": 2, "weeks": 1 },
    })
}

fn plan() -> Json {
    let entry = |slot: i64| json!({ "slot": slot, "channel": "stage", "pillar": "Proof", "angle": "Show it." });
    let slot = |ordinal: i64| {
        let due_at = START_MS + ordinal * 86_400_000;
        json!({ "ordinal": ordinal, "local": format!("2027-01-{}T09:00:00", 15 + ordinal), "due_at": due_at,
                "expires_at": due_at + 900_000, "language": "en" })
    };
    json!({
        "strategy": {
            "positioning": "For readers.", "pillars": [{ "name": "Proof", "why": "It convinces." }],
            "channel_mix": [{ "channel": "stage", "percent": 100, "why": "It is there." }], "cadence": "Daily.",
            "calendar": [entry(1), entry(2)], "measures": ["readers"],
        },
        "slots": [slot(1), slot(2)],
        "sha256": "0".repeat(64),
    })
}

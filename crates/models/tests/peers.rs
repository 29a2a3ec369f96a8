//! Both wires against a server that nobody here wrote: aimock, which speaks OpenAI and Anthropic and fails on
//! demand.
//!
//! ```sh
//! export RONDO_PEERS=… # any folder outside the repository
//! npm i --prefix "$RONDO_PEERS" @copilotkit/aimock@1.43.0
//! cargo test -p models --test peers
//! ```
//!
//! Without `RONDO_PEERS` the tests say that they were skipped and pass; `RONDO_REQUIRE_PEERS=1` makes that a
//! failure. The server is started here, on a free port of the loopback, and ends with the tests.

use std::cell::RefCell;
use std::future::Future;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use base64ct::{Base64, Encoding};
use domain::check::Limits;
use domain::price::PicturePrice;
use domain::strategy::{Entry, Pillar};
use domain::{Brief, Content, Image, MicroUsd, ProviderKind, Strategy};
use models::drawing::{Painter, Painting};
use models::embedding::Embedder;
use models::{
    AskError, Call, CallId, Meter, MeterError, ModelError, Offer, Outcome, Prices, Retry, Secret, Settings, Settlement,
    Task, Writing, ask, from_settings, tasks,
};
use ports::native::NativeHttp;
use ports::{Http, Request, Timeouts};
use serde_json::{Value, json};

const KEY: &str = "sk-peers-1";
const GOOD: &str = r#"{"language":"en","title":"Buns","text":"14 Canal Street."}"#;
/// Short enough that a stalled server is found out at once, long enough for a busy machine.
const PATIENT: Timeouts = Timeouts { connect_ms: 5_000, first_byte_ms: 20_000, between_bytes_ms: 5_000 };
const IMPATIENT: Timeouts = Timeouts { connect_ms: 100, first_byte_ms: 100, between_bytes_ms: 100 };

/// The running server; it ends when this is dropped.
struct Peer {
    process: Child,
    url: String,
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Peer {
    /// Starts it, or says why not.
    fn start() -> Option<Self> {
        let skip = |why: &str| {
            assert!(std::env::var_os("RONDO_REQUIRE_PEERS").is_none(), "peers are required: {why}");
            println!("skipped: {why}");
            None
        };
        let Some(peers) = std::env::var_os("RONDO_PEERS").map(PathBuf::from) else {
            return skip("RONDO_PEERS does not name a folder with node_modules");
        };
        let program = peers.join("node_modules/@copilotkit/aimock/dist/cli.js");
        if !program.is_file() {
            return skip(&format!("{} is not there", program.display()));
        }
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let fixtures = std::env::temp_dir().join(format!("rondo-models-{}-{number}.json", std::process::id()));
        std::fs::write(&fixtures, fixture_file().to_string()).unwrap();
        let mut process = Command::new("node")
            .arg(program)
            .args(["-p", "0", "-h", "127.0.0.1", "-f"])
            .arg(&fixtures)
            .env("AIMOCK_API_KEYS", KEY)
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("node starts");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let url = lines
            .by_ref()
            .find_map(|line| line.ok()?.split_once("listening on ").map(|(_, url)| url.trim().to_string()));
        // What it says later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let _ = std::fs::remove_file(fixtures);
        Some(Self { process, url: url.expect("aimock says where it listens") })
    }
}

/// One scenario a model's name.
fn fixture_file() -> Value {
    let usage = json!({ "prompt_tokens": 1000, "completion_tokens": 100, "input_tokens": 1000, "output_tokens": 100 });
    let says = |model: &str, response: Value| json!({ "match": { "model": model }, "response": response });
    let fails = |model: &str, chaos: Value| json!({ "match": { "model": model }, "response": { "content": GOOD }, "chaos": chaos });
    let error = |model: &str, status: u16, kind: &str, code: &str| {
        says(
            model,
            json!({ "error": { "message": "no", "type": kind, "code": code }, "status": status, "retryAfter": 7 }),
        )
    };
    let draws_none = |model: &str, status: u16, code: &str| {
        json!({ "match": { "model": model, "endpoint": "image" },
            "response": { "error": { "message": "no", "type": code, "code": code }, "status": status, "retryAfter": 7 } })
    };
    json!({ "fixtures": [
        says("good", json!({ "content": GOOD, "usage": usage })),
        says("cut", json!({ "content": "{\"language\":\"en\",\"ti", "finishReason": "length", "usage": usage })),
        says("filtered", json!({ "content": "no", "finishReason": "content_filter", "usage": usage })),
        says("refused", json!({ "content": "I will not.", "finishReason": "refusal", "usage": usage })),
        says("empty", json!({ "content": "", "usage": usage })),
        says("tool", json!({ "toolCalls": [{ "name": "publish", "arguments": "{}" }], "usage": usage })),
        says("misfit", json!({ "content": "{\"headline\":1}", "usage": usage })),
        json!({ "match": { "model": "second-try", "turnIndex": 0 }, "response": { "content": "Here you are!", "usage": usage } }),
        json!({ "match": { "model": "second-try", "turnIndex": 1 }, "response": { "content": GOOD, "usage": usage } }),
        error("error-inside", 200, "server_error", "late"),
        error("overloaded", 529, "overloaded_error", "overloaded"),
        error("limited", 429, "rate_limit_error", "rate_limit_exceeded"),
        error("no-credit", 429, "insufficient_quota", "insufficient_quota"),
        error("unknown-model", 404, "not_found_error", "model_not_found"),
        fails("dropped", json!({ "dropRate": 1 })),
        fails("malformed", json!({ "malformedRate": 1 })),
        fails("reset", json!({ "disconnectRate": 1 })),
        fails("chaos-limited", json!({ "rateLimitRate": 1 })),
        fails("stalled", json!({ "latencyMs": 30_000 })),
        says("draws", json!({ "image": { "b64Json": picture() } })),
        says("draws-a-script", json!({ "image": { "b64Json": Base64::encode_string(b"<svg onload='alert(1)'/>") } })),
        says("draws-half", json!({ "image": { "b64Json": &picture()[..2_000] } })),
        says("draws-too-much", json!({ "image": { "b64Json": "A".repeat(50 * 1024 * 1024) } })),
        json!({ "match": { "model": "draws-and-resets" }, "response": { "image": { "b64Json": "AA==" } },
            "chaos": { "disconnectRate": 1 } }),
        json!({ "match": { "model": "draws-slowly" }, "response": { "image": { "b64Json": "AA==" } },
            "chaos": { "latencyMs": 30_000 } }),
        says("draws-elsewhere", json!({ "image": { "url": "https://elsewhere.example/x.png" } })),
        draws_none("draws-nothing-of-it", 400, "moderation_blocked"),
        draws_none("draws-later", 429, "rate_limit_exceeded"),
        draws_none("draws-on-credit", 429, "insufficient_quota"),
    ] })
}

fn idea() -> Image {
    Image { prompt: "A tray of buns.".into(), alt: "Buns.".into(), drawn: None }
}

/// A picture in base64.
fn picture() -> String {
    let painting = block_on(Painter::Rehearsal.draw(&ports::NoHttp, &idea())).unwrap();
    Base64::encode_string(&painting.bytes)
}

#[derive(Default)]
struct Books(RefCell<Vec<Settlement>>);

#[async_trait::async_trait(?Send)]
impl Meter for Books {
    async fn known(&self, _: &Task) -> Result<Option<models::Known>, MeterError> {
        Ok(None)
    }

    async fn reserve(&self, call: &Call<'_>) -> Result<CallId, MeterError> {
        assert!(call.priced && call.cost_max > MicroUsd(0));
        Ok(CallId(call.task.sha256()))
    }

    async fn settle(&self, _: CallId, settlement: &Settlement) -> Result<(), MeterError> {
        self.0.borrow_mut().push(settlement.clone());
        Ok(())
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn task() -> Task {
    let brief = "[brand]\nname = \"B\"\nurl = \"https://b.example\"\none_line = \"A bakery.\"\n[facts]\naddress = \"14 Canal Street\"\n[goal]\ntext = \"Sell\"\ntimezone = \"UTC\"\nstart = \"2027-01-01\"\n";
    let entry = Entry { slot: 1, channel: "stage".into(), pillar: "p".into(), angle: "a".into() };
    let strategy = Strategy {
        positioning: "p".into(),
        pillars: vec![Pillar { name: "p".into(), why: "w".into() }],
        channel_mix: Vec::new(),
        cadence: "c".into(),
        calendar: vec![entry.clone()],
        measures: Vec::new(),
    };
    tasks::generate(Writing {
        campaign_id: "c".into(),
        brief: Brief::parse(brief).unwrap(),
        strategy,
        entry,
        language: "en".into(),
        limits: Limits { text_graphemes_max: 300, title_graphemes_max: 60 },
        pass: 0,
        previous: None,
        learnings: Vec::new(),
    })
}

/// One scenario at one server: what came of it, and what the books say.
fn play(
    url: &str,
    provider: &str,
    model: &str,
    key: &str,
    timeouts: Timeouts,
) -> (Result<Content, AskError>, Vec<Settlement>) {
    let base_url = if provider == "openai" { format!("{url}/v1") } else { url.to_string() };
    let settings = Settings {
        provider: provider.into(),
        base_url,
        key: Secret::new(key),
        name: model.into(),
        price_in: "2".into(),
        price_out: "10".into(),
        timeouts,
        ..Settings::default()
    };
    let model = from_settings(&settings).unwrap_or_else(|error| panic!("{error}"));
    let books = Books::default();
    // A client of its own: a connection that the server closed meanwhile belongs to another scenario.
    let http = NativeHttp::new().unwrap();
    let answer = block_on(ask::<Content>(model.as_ref(), &http, &books, &task()));
    (answer, books.0.into_inner())
}

/// The requests that the server has seen for a model, as it tells them.
fn seen(peer: &Peer, provider: &str, model: &str) -> Vec<Value> {
    let request = Request {
        method: "GET",
        url: format!("{}/__aimock/journal", peer.url),
        headers: vec![("authorization".into(), format!("Bearer {KEY}"))],
        body: Vec::new(),
        timeouts: PATIENT,
        response_bytes_max: 16 * 1024 * 1024,
    };
    let response = block_on(async { NativeHttp::new()?.send(request).await }).unwrap();
    let journal: Vec<Value> = serde_json::from_slice(&response.body).unwrap();
    let path = if provider == "openai" { "/v1/chat/completions" } else { "/v1/messages" };
    journal.into_iter().filter(|entry| entry["path"] == path && entry["body"]["model"] == model).collect()
}

/// Plays a scenario and holds the outcome, the number of calls and the books to what they must be.
fn check(
    peer: &Peer,
    provider: &str,
    model: &str,
    expect: &[Outcome],
    fits: impl Fn(&Result<Content, AskError>) -> bool,
) {
    let (answer, settled) = play(&peer.url, provider, model, KEY, PATIENT);
    let context = format!("{provider} {model}: {answer:?} {settled:?}");
    assert!(fits(&answer), "{context}");
    assert_eq!(settled.iter().map(|settlement| settlement.outcome).collect::<Vec<_>>(), expect, "{context}");
    assert_eq!(seen(peer, provider, model).len(), expect.len(), "{context}");
    if let Err(error) = &answer {
        assert!(!error.to_string().contains(KEY), "{context}");
    }
}

fn is(expect: impl Fn(&ModelError) -> bool) -> impl Fn(&Result<Content, AskError>) -> bool {
    move |answer| matches!(answer, Err(AskError::Model(error)) if expect(error))
}

#[test]
fn both_wires_answer_and_fail_in_every_known_way() {
    let Some(peer) = Peer::start() else { return };
    for provider in ["openai", "anthropic"] {
        let check = |model: &str, expect: &[Outcome], fits: &dyn Fn(&Result<Content, AskError>) -> bool| {
            check(&peer, provider, model, expect, fits)
        };
        let good = |answer: &Result<Content, AskError>| {
            answer.as_ref().is_ok_and(|content| content.text == "14 Canal Street.")
        };
        check("good", &[Outcome::Answered], &good);
        check("second-try", &[Outcome::Misfit, Outcome::Answered], &good);
        check("misfit", &[Outcome::Misfit, Outcome::Misfit], &|answer| {
            matches!(answer, Err(AskError::Unusable { .. }))
        });
        check("cut", &[Outcome::Length], &is(|error| matches!(error, ModelError::Length { spent: Some(_) })));
        let refused = if provider == "openai" { "filtered" } else { "refused" };
        check(refused, &[Outcome::Refused], &is(|error| matches!(error, ModelError::Refused { spent: Some(_), .. })));
        check("empty", &[Outcome::Unusable], &is(|error| matches!(error, ModelError::Unusable { spent: Some(_), .. })));
        check("tool", &[Outcome::Unusable], &is(|error| matches!(error, ModelError::Unusable { spent: Some(_), .. })));
        check(
            "error-inside",
            &[Outcome::Unusable],
            &is(|error| matches!(error, ModelError::Unusable { spent: None, .. })),
        );
        check(
            "malformed",
            &[Outcome::Unusable],
            &is(|error| matches!(error, ModelError::Unusable { spent: None, .. })),
        );
        check("limited", &[Outcome::RateLimited], &is(|error| error.retry() == Retry::Wait { after_s: Some(7) }));
        check("chaos-limited", &[Outcome::RateLimited], &is(|error| error.retry() == Retry::Wait { after_s: Some(1) }));
        check("overloaded", &[Outcome::Overloaded], &is(|error| matches!(error, ModelError::Overloaded { .. })));
        check(
            "dropped",
            &[Outcome::Overloaded],
            &is(|error| matches!(error, ModelError::Overloaded { after_s: None })),
        );
        check("reset", &[Outcome::NoAnswer], &is(|error| matches!(error, ModelError::NoAnswer { .. })));
        check(
            "unknown-model",
            &[Outcome::BadRequest],
            &is(|error| matches!(error, ModelError::BadRequest { status: 404, .. })),
        );
    }
    check(&peer, "openai", "no-credit", &[Outcome::QuotaSpent], is(|error| *error == ModelError::QuotaSpent));
}

#[test]
fn money_is_settled_at_what_the_server_counts_and_at_the_maximum_where_nobody_knows() {
    let Some(peer) = Peer::start() else { return };
    for provider in ["openai", "anthropic"] {
        let settled = |model: &str| play(&peer.url, provider, model, KEY, PATIENT).1.remove(0);
        for model in ["good", "cut", "empty"] {
            let settlement = settled(model);
            assert_eq!(
                (settlement.spent.cost, settlement.estimated),
                (MicroUsd(2_000 + 1_000), false),
                "{provider} {model}"
            );
            assert!(settlement.spent.request_id.is_some(), "{provider} {model}");
        }
        for model in ["reset", "malformed"] {
            let settlement = settled(model);
            assert!(
                settlement.estimated && settlement.spent.cost > MicroUsd(3_000),
                "{provider} {model}: {settlement:?}"
            );
        }
        assert_eq!(settled("limited").spent.cost, MicroUsd(0));
    }
}

#[test]
fn the_server_understands_the_request_as_it_is_meant() {
    let Some(peer) = Peer::start() else { return };
    for provider in ["openai", "anthropic"] {
        play(&peer.url, provider, "second-try", KEY, PATIENT).0.unwrap();
        let calls = seen(&peer, provider, "second-try");
        let roles = |call: &Value| -> Vec<String> {
            call["body"]["messages"]
                .as_array()
                .unwrap()
                .iter()
                .map(|turn| turn["role"].as_str().unwrap().to_string())
                .collect()
        };
        assert_eq!(roles(&calls[0]), ["system", "user"], "{provider}");
        assert_eq!(roles(&calls[1]), ["system", "user", "assistant", "user"], "{provider}");
        let last = calls[1]["body"]["messages"][3]["content"].to_string();
        assert!(last.contains("complaint") && last.contains("JSON"), "{last}");
    }
}

#[test]
fn a_wrong_key_is_said_to_be_wrong_and_costs_nothing() {
    let Some(peer) = Peer::start() else { return };
    for provider in ["openai", "anthropic"] {
        let (answer, settled) = play(&peer.url, provider, "good", "sk-wrong", PATIENT);
        assert_eq!(answer, Err(AskError::Model(ModelError::Auth { status: 401 })), "{provider}");
        assert_eq!((settled[0].outcome, settled[0].spent.cost), (Outcome::Auth, MicroUsd(0)));
        assert!(answer.unwrap_err().to_string().contains("`model_key`"));
    }
}

#[test]
fn a_stalled_server_is_given_up_and_may_have_cost_the_maximum() {
    let Some(peer) = Peer::start() else { return };
    for provider in ["openai", "anthropic"] {
        let (answer, settled) = play(&peer.url, provider, "stalled", KEY, IMPATIENT);
        assert!(matches!(answer, Err(AskError::Model(ModelError::NoAnswer { .. }))), "{provider}: {answer:?}");
        assert!(settled[0].estimated && settled[0].spent.cost > MicroUsd(0), "{provider}");
    }
}

#[test]
fn nobody_at_the_address_is_told_from_silence() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for provider in ["openai", "anthropic"] {
        let (answer, settled) = play(&format!("http://{free}"), provider, "good", KEY, PATIENT);
        assert!(matches!(answer, Err(AskError::Model(ModelError::Unreachable { .. }))), "{provider}: {answer:?}");
        assert_eq!((settled[0].spent.cost, settled[0].estimated), (MicroUsd(0), false));
    }
}

/// A server that answers one request with these bytes and hangs up: for what aimock cannot do.
fn one_answer(bytes: &'static str) -> (String, std::thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line.trim().is_empty() {
                break;
            }
        }
        reader.read_exact(&mut vec![0; length]).unwrap();
        stream.write_all(bytes.as_bytes()).unwrap();
    });
    (url, serving)
}

#[test]
fn a_body_that_breaks_off_is_no_answer() {
    for provider in ["openai", "anthropic"] {
        let (url, serving) = one_answer(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n{\"choices\":[{\"mess",
        );
        let (answer, settled) = play(&url, provider, "good", KEY, PATIENT);
        serving.join().unwrap();
        assert!(matches!(answer, Err(AskError::Model(ModelError::NoAnswer { .. }))), "{provider}: {answer:?}");
        assert!(settled[0].estimated);
    }
}

#[test]
fn a_rate_limit_without_a_time_says_none() {
    let (url, serving) =
        one_answer("HTTP/1.1 429 Too Many Requests\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}");
    let (answer, _) = play(&url, "openai", "good", KEY, PATIENT);
    serving.join().unwrap();
    assert_eq!(answer, Err(AskError::Model(ModelError::RateLimited { after_s: None })));
}

// Its `/api/embed` answers in the form of Ollama's older `/api/embeddings`, so that wire has no peer here.
#[test]
fn vectors_come_in_order_from_openais_wire() {
    let Some(peer) = Peer::start() else { return };
    let texts = ["rye bread".to_string(), "rye bread".to_string(), "a night shift".to_string()];
    let prices = Prices { input: MicroUsd(1_000_000), ..Prices::default() };
    let (base_url, model) = (format!("{}/v1", peer.url), "text-embedding-3-small".to_string());
    let kind = ProviderKind::OpenAi;
    let offer = Offer {
        kind,
        base_url,
        key: Secret::new(KEY),
        model,
        prices,
        timeouts: PATIENT,
        llm: std::rc::Rc::new(ports::NoLlm),
    };
    let embedder = Embedder::of(offer).unwrap();
    let found = block_on(embedder.embed(&NativeHttp::new().unwrap(), &texts)).unwrap();
    let [one, same, other] = found.vectors.as_slice() else { panic!("{} vectors", found.vectors.len()) };
    assert!(domain::memory::cosine(one, same) > 0.999);
    assert!(domain::memory::cosine(one, other) < domain::memory::cosine(one, same));
    assert!(found.spent.is_none_or(|spent| spent.cost <= embedder.cost_max(&texts)));
}

/// What a model of the server makes of an idea.
fn paint(url: &str, model: &str, key: &str, timeouts: Timeouts) -> Result<Painting, ModelError> {
    let (kind, base_url) = (ProviderKind::OpenAi, format!("{url}/v1"));
    let offer = Offer {
        kind,
        base_url,
        key: Secret::new(key),
        model: model.into(),
        prices: Prices::default(),
        timeouts,
        llm: std::rc::Rc::new(ports::NoLlm),
    };
    let painter = Painter::of(offer, PicturePrice { each: MicroUsd(40_000), ..PicturePrice::default() }).unwrap();
    block_on(painter.draw(&NativeHttp::new().unwrap(), &idea()))
}

#[test]
fn a_picture_is_drawn_by_openais_wire_and_what_is_none_is_not_kept() {
    let Some(peer) = Peer::start() else { return };
    let found = paint(&peer.url, "draws", KEY, PATIENT).unwrap();
    assert_eq!((found.drawn.width, found.drawn.model.as_str()), (384, "openai/draws"));
    let unusable = |model: &str, part: &str| match paint(&peer.url, model, KEY, PATIENT) {
        Err(ModelError::Unusable { reason, .. }) => assert!(reason.contains(part), "{model}: {reason}"),
        other => panic!("{model}: {other:?}"),
    };
    unusable("draws-a-script", "neither PNG");
    unusable("draws-half", "cut off");
    unusable("draws-too-much", "");
    unusable("draws-elsewhere", "no address is followed");
    let failed = |model: &str| paint(&peer.url, model, KEY, PATIENT).unwrap_err();
    assert!(matches!(failed("draws-nothing-of-it"), ModelError::Refused { .. }), "{:?}", failed("draws-nothing-of-it"));
    assert_eq!(failed("draws-later"), ModelError::RateLimited { after_s: Some(7) });
    assert_eq!(failed("draws-on-credit"), ModelError::QuotaSpent);
    assert!(matches!(failed("draws-and-resets"), ModelError::NoAnswer { .. }));
    assert!(matches!(paint(&peer.url, "draws-slowly", KEY, IMPATIENT), Err(ModelError::NoAnswer { .. })));
    assert_eq!(paint(&peer.url, "draws", "sk-wrong", PATIENT), Err(ModelError::Auth { status: 401 }));
}

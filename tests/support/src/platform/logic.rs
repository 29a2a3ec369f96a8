//! What the platform decides, without sockets, files or a clock.

use std::collections::VecDeque;
use std::path::PathBuf;

use domain::{Content, Image};
use ports::Entropy;
use ports::native::SeededEntropy;
use serde::{Deserialize, Serialize};

use super::{Fault, Garble, When};

/// What kind of platform it is.
#[derive(Clone, Debug)]
pub struct Options {
    /// The token that it wants.
    pub token: String,
    /// Whether a second POST with a known key is answered as the first, and makes no second post.
    pub honours_keys: bool,
    /// Whether posts can be looked up by their key.
    pub offers_look_up: bool,
    /// How long after it was taken a look-up does not see a post yet, in milliseconds.
    pub index_lag_ms: i64,
    /// Seed of what is left to chance.
    pub seed: u64,
    /// Faults of POSTs by chance, each with how many in a thousand it hits; none beyond them.
    pub faults: Vec<(u32, Fault)>,
    /// Faults of look-ups, likewise.
    pub look_up_faults: Vec<(u32, Fault)>,
    /// The file that every post is appended to before it is answered; what it holds at the start is remembered.
    pub log: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            token: "t0ken".into(),
            honours_keys: true,
            offers_look_up: true,
            index_lag_ms: 0,
            seed: 1,
            faults: Vec::new(),
            look_up_faults: Vec::new(),
            log: None,
        }
    }
}

/// A post that was taken; a line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// The platform's id of it.
    pub id: String,
    /// The sender's key.
    pub key: String,
    /// Of what it says, by the platform's own reckoning.
    pub content_sha256: String,
    /// When, Unix milliseconds.
    pub at: i64,
}

/// A request that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// `POST` or `GET`.
    pub method: String,
    /// The key that it was about; empty if it had none.
    pub key: String,
    /// What happened to it.
    pub fault: Fault,
}

/// A request.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// `POST`, `GET`.
    pub method: String,
    /// `/posts`, `/posts/{key}`.
    pub path: String,
    /// The header.
    pub authorization: String,
    /// The header.
    pub idempotency_key: String,
    /// The body.
    pub body: Vec<u8>,
}

/// What the client gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// An answer.
    Answer(Answer),
    /// An answer that breaks off after its body's first bytes.
    Cut(Answer),
    /// An answer whose body does not end for [`HUGE_BYTES`].
    Huge,
    /// An end without an answer.
    Reset,
    /// No connection.
    Unreachable,
    /// Nothing, until the platform is released; then this call is answered as any other.
    StallThenServe,
    /// Nothing, until the platform is released; then this.
    StallThenAnswer(Answer),
}

/// Length of a huge body in bytes: 10 GB.
pub const HUGE_BYTES: u64 = 10_000_000_000;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: String,
}

impl Answer {
    fn json(status: u16, body: &serde_json::Value) -> Self {
        Self { status, headers: vec![("content-type".into(), "application/json".into())], body: body.to_string() }
    }

    fn code(status: u16, code: &str) -> Self {
        Self::json(status, &serde_json::json!({ "code": code }))
    }

    fn text(status: u16, body: &str) -> Self {
        Self { status, headers: vec![("content-type".into(), "text/html".into())], body: body.into() }
    }
}

/// The POST's body, as far as the platform reads it.
#[derive(Deserialize)]
struct Post {
    key: String,
    language: String,
    title: String,
    text: String,
    image: Option<Image>,
    content_sha256: String,
}

/// The platform.
pub struct Logic {
    options: Options,
    chance: SeededEntropy,
    script: VecDeque<Fault>,
    look_up_script: VecDeque<Fault>,
    accepted: Vec<Accepted>,
    /// How many of them [`Logic::take_fresh`] has given out.
    logged: usize,
    late: Vec<Accepted>,
    seen: Vec<Seen>,
}

impl Logic {
    /// A platform that remembers these posts.
    pub fn new(options: Options, remembered: Vec<Accepted>) -> Self {
        Self {
            chance: SeededEntropy::new(options.seed),
            options,
            script: VecDeque::new(),
            look_up_script: VecDeque::new(),
            logged: remembered.len(),
            accepted: remembered,
            late: Vec::new(),
            seen: Vec::new(),
        }
    }

    /// What happens to the next POSTs, one each; chance decides again after that.
    pub fn script(&mut self, faults: impl IntoIterator<Item = Fault>) {
        self.script.extend(faults);
    }

    /// What happens to the next look-ups, one each.
    pub fn script_look_ups(&mut self, faults: impl IntoIterator<Item = Fault>) {
        self.look_up_script.extend(faults);
    }

    /// Every post that was taken, in order.
    pub fn accepted(&self) -> &[Accepted] {
        &self.accepted
    }

    /// Every request that arrived, in order.
    pub fn seen(&self) -> &[Seen] {
        &self.seen
    }

    /// The posts that were taken since the last call: what is to be logged before anything is answered.
    pub fn take_fresh(&mut self) -> Vec<Accepted> {
        let fresh = self.accepted[self.logged..].to_vec();
        self.logged = self.accepted.len();
        fresh
    }

    /// Takes what a slow accept has put off until now.
    pub fn settle(&mut self, now_ms: i64) {
        self.late.sort_by_key(|post| post.at);
        let due = self.late.iter().take_while(|post| post.at <= now_ms).count();
        for post in self.late.drain(..due).collect::<Vec<_>>() {
            self.accept(post);
        }
    }

    /// What happens to a request.
    pub fn react(&mut self, call: &Call, now_ms: i64) -> Reaction {
        self.settle(now_ms);
        let is_post = call.method == "POST";
        let fault = self.next_fault(is_post);
        let key = if is_post { call.idempotency_key.clone() } else { key_of(&call.path).unwrap_or_default() };
        self.seen.push(Seen { method: call.method.clone(), key, fault: fault.clone() });
        // A look-up takes nothing, so before and after are the same.
        let serve = |logic: &mut Self, when| match when {
            When::Before => None,
            When::After => Some(logic.serve(call, now_ms)),
        };
        match fault {
            Fault::None => Reaction::Answer(self.serve(call, now_ms)),
            Fault::TooMany { retry_after_s } => {
                let mut answer = Answer::code(429, "too_many");
                answer.headers.extend(retry_after_s.map(|s| ("retry-after".to_string(), s.to_string())));
                Reaction::Answer(answer)
            }
            Fault::Broken { status, when } => {
                serve(self, when);
                Reaction::Answer(Answer::text(status, "<h1>It broke</h1>"))
            }
            Fault::Reset { when } => {
                serve(self, when);
                Reaction::Reset
            }
            Fault::Stall { when } => serve(self, when).map_or(Reaction::StallThenServe, Reaction::StallThenAnswer),
            Fault::SlowAccept { after_ms } => {
                self.put_off(call, now_ms, after_ms);
                Reaction::Reset
            }
            Fault::Garbled { how, when } => {
                serve(self, when);
                garbled(how)
            }
            Fault::Says { status, headers, body } => Reaction::Answer(Answer { status, headers, body }),
            Fault::Unreachable => Reaction::Unreachable,
        }
    }

    /// Answers as the contract says.
    pub fn serve(&mut self, call: &Call, now_ms: i64) -> Answer {
        if call.authorization != format!("Bearer {}", self.options.token) {
            return Answer::code(401, "unauthorized");
        }
        match (call.method.as_str(), call.path.as_str()) {
            ("POST", "/posts") => match self.read(call, now_ms) {
                Ok(post) => self.take(post),
                Err(answer) => answer,
            },
            ("GET", path) if self.options.offers_look_up => match key_of(path) {
                Some(key) => self.look_up(&key, now_ms),
                None => Answer::code(404, "no_such_path"),
            },
            _ => Answer::text(404, "<h1>Not found</h1>"),
        }
    }

    fn read(&self, call: &Call, at: i64) -> Result<Accepted, Answer> {
        let post: Post = serde_json::from_slice(&call.body).map_err(|_| Answer::code(400, "unreadable"))?;
        if post.key.is_empty() || post.key != call.idempotency_key {
            return Err(Answer::code(400, "key"));
        }
        let content = Content { language: post.language, title: post.title, text: post.text, image: post.image };
        if content.sha256() != post.content_sha256 {
            return Err(Answer::code(422, "content_sha256"));
        }
        Ok(Accepted { id: String::new(), key: post.key, content_sha256: post.content_sha256, at })
    }

    fn take(&mut self, post: Accepted) -> Answer {
        let known = self.accepted.iter().find(|known| self.options.honours_keys && known.key == post.key);
        match known {
            Some(known) if known.content_sha256 != post.content_sha256 => Answer::code(409, "duplicate"),
            Some(known) => named(200, known),
            None => named(201, &self.accept(post)),
        }
    }

    /// Takes a post, unless its key is known and keys count.
    fn accept(&mut self, post: Accepted) -> Accepted {
        let known = self.accepted.iter().find(|known| self.options.honours_keys && known.key == post.key);
        if let Some(known) = known {
            return known.clone();
        }
        let post = Accepted { id: format!("p{}", self.accepted.len() + 1), ..post };
        self.accepted.push(post.clone());
        post
    }

    fn put_off(&mut self, call: &Call, now_ms: i64, after_ms: i64) {
        let is_allowed = call.authorization == format!("Bearer {}", self.options.token);
        if let Ok(post) = self.read(call, now_ms + after_ms)
            && call.method == "POST"
            && is_allowed
        {
            self.late.push(post);
        }
    }

    fn look_up(&self, key: &str, now_ms: i64) -> Answer {
        let seen = |post: &&Accepted| post.key == key && post.at + self.options.index_lag_ms <= now_ms;
        self.accepted.iter().find(seen).map_or_else(|| Answer::code(404, "not_found"), |post| named(200, post))
    }

    fn next_fault(&mut self, is_post: bool) -> Fault {
        let (script, faults) = if is_post {
            (&mut self.script, &self.options.faults)
        } else {
            (&mut self.look_up_script, &self.options.look_up_faults)
        };
        if let Some(fault) = script.pop_front() {
            return fault;
        }
        if faults.is_empty() {
            return Fault::None;
        }
        let mut draw = self.chance.below(1_000);
        for (per_thousand, fault) in faults {
            match draw.checked_sub(u64::from(*per_thousand)) {
                Some(rest) => draw = rest,
                None => return fault.clone(),
            }
        }
        Fault::None
    }
}

fn named(status: u16, post: &Accepted) -> Answer {
    let url = format!("https://platform.example/{}", post.id);
    Answer::json(status, &serde_json::json!({ "id": post.id, "url": url, "key": post.key }))
}

fn garbled(how: Garble) -> Reaction {
    match how {
        Garble::NotJson => Reaction::Answer(Answer::text(200, "<html><h1>Thank you!</h1></html>")),
        Garble::Truncated => {
            Reaction::Cut(Answer::json(200, &serde_json::json!({ "id": "p1", "url": "https://platform.example/p1" })))
        }
        Garble::WrongId => {
            let other = serde_json::json!({ "id": "p0", "url": "https://platform.example/p0", "key": "another" });
            Reaction::Answer(Answer::json(200, &other))
        }
        Garble::Huge => Reaction::Huge,
    }
}

/// The key in `/posts/{key}`, percent-decoded.
fn key_of(path: &str) -> Option<String> {
    let encoded = path.strip_prefix("/posts/").filter(|key| !key.is_empty() && !key.contains('/'))?;
    let mut bytes = Vec::new();
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

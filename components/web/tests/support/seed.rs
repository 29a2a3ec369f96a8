//! A made-up workspace with campaigns in every stage and posts in every state, made the way the steps make them.

use domain::{Brief, Content, Decision, Drawn, Image, JobState, LearningState, Mode, Step, calendar};
use futures::executor::block_on;
use models::drawing::Painter;
use ports::native::{NativeDb, SeededEntropy, SettableClock};
use ports::{Clock, NoHttp, NoWake, Ports};
use serde_json::{Value, json};
use serve::{App, Method, Request, Settings, session};
use store::campaign::NewCampaign;
use store::job::{Arm, Claimed, Finish};
use store::learning::trial::{self, Due};
use store::learning::{self, NewLearning};
use store::people::workspace;
use store::stage::StageEntry;
use store::{approval, campaign, job, migrate, post, stage, strategy};

/// 1 March 2027, 08:00 UTC.
pub const NOW_MS: i64 = 1_803_888_000_000;
/// The owner's password.
pub const PASSWORD: &str = "four unrelated plain words";
/// What claims the install.
pub const SETUP_TOKEN: &str = "made-up-setup-token";
/// The rule that stands.
pub const RULE: &str = "rule-1";
const MODEL: &str = "rehearsal/rehearsal-1";

/// Everything a request needs, and the owner's cookie.
pub struct World {
    /// The database.
    pub db: NativeDb,
    /// Pinned.
    pub clock: SettableClock,
    entropy: SeededEntropy,
    settings: Settings,
    /// `sid=…`
    pub cookie: String,
}

impl World {
    /// A fresh install.
    pub fn fresh() -> Self {
        Self::fresh_in(NativeDb::in_memory().unwrap())
    }

    fn fresh_in(db: NativeDb) -> Self {
        let world = Self::over(db, NOW_MS, 7);
        block_on(migrate::ensure(&world.db)).unwrap();
        world
    }

    /// Over a database that is there, at this time. Another seed makes other ids.
    pub fn over(db: NativeDb, now_ms: i64, seed: u64) -> Self {
        Self {
            db,
            clock: SettableClock::at(now_ms),
            entropy: SeededEntropy::new(seed),
            settings: Settings::of(&[("setup_token", SETUP_TOKEN), ("model_hosts", "https://models.example")]),
            cookie: String::new(),
        }
    }

    /// One that Ada has claimed.
    pub fn claimed() -> Self {
        Self::fresh().claim_it()
    }

    fn claim_it(self) -> Self {
        let mut world = self;
        let owner = session::Owner {
            email: "ada@nightshift.example",
            name: "Ada Okafor",
            password: PASSWORD,
            workspace: "Night Shift Bakery",
        };
        let request = Self::request(Method::POST, "/setup/x");
        let cookie = block_on(session::claim(world.app(), &request, SETUP_TOKEN, owner)).unwrap();
        world.cookie = cookie.split(';').next().unwrap().into();
        world
    }

    /// What a handler works with.
    pub fn app(&self) -> App<'_> {
        let ports = Ports { db: &self.db, http: &NoHttp, clock: &self.clock, entropy: &self.entropy, wake: &NoWake };
        App { ports, settings: &self.settings }
    }

    /// A browser's request, from our own page.
    pub fn request(method: Method, target: &str) -> Request {
        Request::new(method, target)
            .unwrap()
            .with_header("host", "localhost:3000")
            .with_header("origin", "http://localhost:3000")
            .with_header("sec-fetch-site", "same-origin")
    }

    /// The first workspace's id.
    pub fn workspace_id(&self) -> String {
        block_on(workspace::first(&self.db)).unwrap().id
    }

    fn pinned(&self) -> Option<i64> {
        self.clock.pinned_ms()
    }

    fn create(&self, id: &str, name: &str, mode: Mode, brief: &Brief) {
        let workspace_id = self.workspace_id();
        let new = NewCampaign {
            workspace_id: &workspace_id,
            id,
            name,
            mode,
            time_lapse: false,
            budget_micro_usd: 5_000_000,
            brief,
            actor: &self.owner(),
        };
        block_on(campaign::create(&self.db, self.pinned(), &new)).unwrap();
    }

    fn owner(&self) -> String {
        let members = block_on(store::people::member::list(&self.db, &self.workspace_id())).unwrap();
        members[0].user_id.clone()
    }

    fn claim(&self, step: Step) -> Vec<Claimed> {
        block_on(job::claim(&self.db, self.pinned(), step, 50, 60_000)).unwrap()
    }

    fn finish(&self, job: &Claimed, state: JobState, artifact: Option<Value>, reason: Option<&str>) {
        let mut finish = Finish::of(job, state);
        finish.artifact = artifact;
        finish.reason = reason.map(Into::into);
        finish.after_ms = Some(0);
        block_on(job::finish(&self.db, self.pinned(), &[finish])).unwrap();
    }

    /// The strategist's work for a campaign.
    fn plan(&self, campaign_id: &str, brief: &Brief) {
        for job in self.claim(Step::Strategize) {
            if job.campaign_id.as_deref() == Some(campaign_id) {
                self.finish(&job, JobState::Done, Some(plan(brief)), None);
            } else {
                self.finish(&job, JobState::Ready, None, None);
            }
        }
    }

    fn approve_plan(&self, campaign_id: &str) {
        let workspace_id = self.workspace_id();
        let of = strategy::Version { workspace_id: &workspace_id, campaign_id, version: 1 };
        let owner = self.owner();
        let decided = strategy::decide(&self.db, self.pinned(), of, Decision::Approve, None, &owner);
        assert!(block_on(decided).unwrap());
    }

    fn write(&self, slots: &[usize], pass: usize) {
        for job in self.claim(Step::Generate) {
            let slot = slot_of(&job);
            self.remind(&job);
            if slots.contains(&slot) {
                let content = self.drawn(&job, slot, content(slot, pass));
                let artifact = json!({ "content": content.canonical(), "sha256": content.sha256(), "model": MODEL,
                    "no_picture": (slot == 10).then_some("the model gave no complete answer: the connection was reset") });
                self.finish(&job, JobState::Done, Some(artifact), None);
            } else {
                self.finish(&job, JobState::Ready, None, None);
            }
        }
    }

    /// With its picture drawn, where it has an idea; of one there is the idea alone, and one is called a model's.
    fn drawn(&self, job: &Claimed, slot: usize, content: Content) -> Content {
        let Some(image) = content.image.clone().filter(|_| slot != 5) else { return content };
        let painting = block_on(Painter::Rehearsal.draw(&NoHttp, &image)).unwrap();
        let is_a_models = slot == 9;
        let (provider, model, cost) =
            if is_a_models { ("openai", "gpt-image-1", 42_440) } else { ("rehearsal", "rehearsal-1", 0) };
        let drawn = Drawn { model: format!("{provider}/{model}"), ..painting.drawn };
        let (us, cost_id) = (self.workspace_id(), format!("drawing:{}:{}", job.id, job.fence));
        let reservation = store::cost::Reservation {
            workspace_id: &us,
            id: &cost_id,
            campaign_id: job.campaign_id.as_deref(),
            job_id: &job.id,
            fence: job.fence,
            step: Step::Generate,
            provider,
            model,
            provider_id: None,
            stands_in_for: None,
            micro_usd: cost,
            input_sha256: "an idea",
            prompt: "drawing-1",
            for_ms: 60_000,
        };
        block_on(store::cost::reserve(&self.db, self.pinned(), &reservation)).unwrap();
        let new = store::picture::NewPicture {
            workspace_id: &us,
            cost_id: &cost_id,
            drawn: &drawn,
            bytes: painting.bytes,
            spent_micro_usd: cost,
            input_tokens: None,
            output_tokens: None,
            request_id: None,
        };
        block_on(store::picture::keep(&self.db, self.pinned(), new)).unwrap();
        Content { image: Some(Image { drawn: Some(drawn), ..image }), ..content }
    }

    /// Whoever writes is reminded of what was said before.
    fn remind(&self, job: &Claimed) {
        let us = self.workspace_id();
        if block_on(store::memory::recalled(&self.db, &us, &job.id)).unwrap().is_some() {
            return;
        }
        let one = |id: &str| store::memory::Reminded { memory_id: id.into(), score: 49_180, tokens: 90 };
        let new = store::memory::Recall {
            workspace_id: &us,
            job_id: &job.id,
            fence: job.fence,
            query: "night nurses",
            tokens_max: 2_400,
            entries: &[one("approval:remembered"), one("version:remembered")],
            meaning: None,
        };
        block_on(store::memory::recall(&self.db, self.pinned(), &new)).unwrap();
    }

    /// What a campaign before this one taught.
    fn remembered(&self) {
        let sql = "insert into memory (workspace_id, id, kind, mode, about, text, before, by, at)
            values (?1, ?2, ?3, 'performance', 'stage / Small comforts / For nurses after the night shift', ?4, ?5, ?6, ?7)";
        let after = "Open at night\nYour shift ends. Ours is warm.\nCome by at 14 Canal Street.";
        let before = "Open at night\nElevate your nights!\nCome by at 14 Canal Street.";
        let rows: [(&str, &str, &str, Option<&str>); 2] = [
            (
                "approval:remembered",
                "sent_back",
                "No exclamation marks, please: nobody shouts at people who come off a night shift.",
                None,
            ),
            ("version:remembered", "edited", after, Some(before)),
        ];
        for (at, (id, kind, text, before)) in (1..).zip(rows) {
            let (us, owner) = (self.workspace_id(), self.owner());
            let at = self.clock_ms() - at * 3_600_000;
            let parameters = [us.into(), id.into(), kind.into(), text.into(), before.into(), owner.into(), at.into()];
            self.db.run(sql, &parameters).unwrap();
        }
    }

    fn clock_ms(&self) -> i64 {
        Clock::now_ms(&self.clock)
    }

    fn review(&self, slots: &[usize], verdict: &str, scores: [u8; 6], findings: &Value) {
        for job in self.claim(Step::Review) {
            if slots.contains(&slot_of(&job)) {
                let [hook, clarity, voice, evidence, call_to_action, platform_fit] = scores;
                let scores = json!({ "hook": hook, "clarity": clarity, "voice": voice, "evidence": evidence,
                                     "call_to_action": call_to_action, "platform_fit": platform_fit });
                let artifact = json!({ "verdict": verdict, "reason": "the invented number stays", "revisions_max": 3, "reviews": [
                    { "reviewer": "structure", "verdict": "approve", "scores": null, "findings": [], "model": null },
                    { "reviewer": "editor", "verdict": verdict, "scores": scores, "findings": findings, "model": MODEL } ] });
                self.finish(&job, JobState::Done, Some(artifact), None);
            } else {
                self.finish(&job, JobState::Ready, None, None);
            }
        }
    }

    fn approve(&self, campaign_id: &str, slots: &[usize]) {
        let workspace_id = self.workspace_id();
        for post in block_on(post::list(&self.db, &workspace_id, campaign_id, None, 200)).unwrap() {
            if slots.contains(&usize::try_from(post.slot).unwrap()) {
                let new = approval::NewApproval {
                    workspace_id: &workspace_id,
                    id: &format!("approval-{}", post.id),
                    post_id: &post.id,
                    version: post.version,
                    content_sha256: &post.current.as_ref().unwrap().sha256,
                    channel_id: &post.channel_id,
                    due_at: post.due_at,
                    decision: Decision::Approve,
                    comment: None,
                    actor: &self.owner(),
                };
                assert!(block_on(approval::decide(&self.db, self.pinned(), &new)).unwrap());
            }
        }
    }

    /// Sends what is due: to the stage, or where `lost`, to where nobody can tell.
    fn publish(&self, mode: Mode, lost: &[usize]) {
        for job in self.claim(Step::Publish) {
            let arm = Arm { job: &job, call_ms: 5_000, quiet_ms: 10_000 };
            block_on(job::arm(&self.db, self.pinned(), arm)).unwrap().unwrap();
            if lost.contains(&slot_of(&job)) {
                self.finish(&job, JobState::Unknown, None, Some("the connection broke off while it was being sent"));
                self.clock.advance(60_000);
                let looked = block_on(job::claim_unknown(&self.db, self.pinned(), 10, 60_000)).unwrap();
                self.finish(
                    &looked[0],
                    JobState::NeedsHuman,
                    None,
                    Some("the platform does not say whether it arrived"),
                );
                continue;
            }
            self.put_on_stage(&job, mode);
        }
    }

    fn put_on_stage(&self, job: &Claimed, mode: Mode) {
        let (workspace_id, post_id) = (self.workspace_id(), job.post_id.clone().unwrap());
        let post = block_on(post::find(&self.db, &workspace_id, &post_id)).unwrap().unwrap();
        let current = post.current.unwrap();
        let entry = StageEntry {
            workspace_id,
            mode,
            key: job.id.clone(),
            campaign_id: post.campaign_id,
            post_id,
            channel_id: post.channel_id,
            language: current.content.language.clone(),
            title: current.content.title.clone(),
            text: current.content.text.clone(),
            image: current.content.image.clone(),
            content_sha256: current.sha256,
            planned_at: post.due_at,
            published_at: self.clock.now_ms(),
        };
        block_on(stage::put(&self.db, &entry)).unwrap();
        let folder = if mode == Mode::Rehearsal { "rehearsal" } else { "stage" };
        let mut finish = Finish::of(job, JobState::Done);
        finish.ext_url = Some(format!("/{folder}/home/{}", job.id));
        finish.artifact = Some(json!({ "known_by": "answer" }));
        block_on(job::finish(&self.db, self.pinned(), &[finish])).unwrap();
    }

    /// A workspace in full swing: campaigns `planning`, `waiting`, `open`, `bakery` and `finished`.
    pub fn full() -> Self {
        Self::full_in(NativeDb::in_memory().unwrap())
    }

    /// The same, in a database that lasts.
    pub fn full_in(db: NativeDb) -> Self {
        let mut world = Self::fresh_in(db).claim_it();
        let brief = brief("2027-03-02", 5, 2);
        world.perform();
        world.remembered();
        world.finished();
        world.bakery(&brief);
        world.second_channel_and_template();
        world.earned();
        world.learnings();
        world.create("open", "Ramadan hours, three posts", Mode::Rehearsal, &brief);
        world.plan("open", &brief);
        world.create("planning", "Summer: the night market", Mode::Performance, &brief);
        // Days have passed: Ada's session of then is over.
        let request = Self::request(Method::POST, "/sign-in");
        let signed_in = block_on(session::sign_in(world.app(), &request, "ada@nightshift.example", PASSWORD)).unwrap();
        world.cookie = signed_in.cookie().split(';').next().unwrap().into();
        world
    }

    /// Learnings in every state, and their pairs.
    fn learnings(&self) {
        let (us, owner) = (self.workspace_id(), self.owner());
        for (id, statement, pairs) in LEARNINGS {
            let new = NewLearning { workspace_id: &us, id, statement, channel_id: None, actor: &owner };
            block_on(learning::create(&self.db, Some(NOW_MS - 2 * DAY_MS), &new)).unwrap();
            for (n, result) in (0_i64..).zip(pairs.chars()) {
                self.tried(id, NOW_MS - 40 * DAY_MS + n * DAY_MS, result);
            }
        }
        let moved = learning::put(&self.db, self.pinned(), (&us, "question", 1), LearningState::Retired, &owner);
        assert!(block_on(moved).unwrap());
    }

    /// A pair of a learning comes to this.
    fn tried(&self, learning_id: &str, at: i64, result: char) {
        let due = Due { workspace_id: self.workspace_id(), learning_id: learning_id.into() };
        let id = block_on(trial::begin(&self.db, Some(at), &due)).unwrap().expect("there is a past");
        let (result, first, second) = match result {
            'w' => ("win", "first", "second"),
            'l' => ("loss", "second", "first"),
            _ => ("tie", "first", "first"),
        };
        let artifact = json!({ "result": result, "with_first": first, "with_second": second, "with": content(1, 1).canonical(),
            "without": content(1, 0).canonical(), "writer": MODEL, "judge": if result == "tie" { MODEL } else { "openai/judge-1" },
            "reason": "It says at once whom it is for." });
        let lease = "update job set state = 'leased', fence = 1, lease_until = ?2 where id = ?1";
        self.db.run(lease, &[id.as_str().into(), at.into()]).unwrap();
        let sql =
            "insert into outcome (workspace_id, job_id, fence, state, at, artifact) values (?1, ?2, 1, 'done', ?3, ?4)";
        let parameters = [due.workspace_id.into(), id.into(), at.into(), artifact.to_string().into()];
        self.db.run(sql, &parameters).unwrap();
    }

    /// The workspace performs: what is approved goes out.
    fn perform(&self) {
        let (id, owner) = (self.workspace_id(), self.owner());
        block_on(workspace::set_mode(&self.db, self.pinned(), &id, Mode::Performance, &owner)).unwrap();
    }

    /// One rule stands that was earned with the finished campaign, and another is offered.
    fn earned(&self) {
        let (us, owner) = (self.workspace_id(), self.owner());
        let policy = "insert into autonomy_policy (workspace_id, enabled, streak_needed, mean_tenths_min, cap_max, changed_by, updated_at)
            values (?1, 1, 1, 75, 3, ?2, ?3)";
        let at = self.clock.now_ms() - 86_400_000;
        self.db.run(policy, &[us.as_str().into(), owner.as_str().into(), at.into()]).unwrap();
        let rule = "insert into autonomy_rule (workspace_id, id, channel_id, pillar, mode, cap_per_day, streak, accepted_by, accepted_at)
            values (?1, ?2, 'stage', ?3, 'performance', 2, 12, ?4, ?5)";
        let of = [us.as_str().into(), RULE.into(), PILLARS[1].into(), owner.as_str().into(), at.into()];
        self.db.run(rule, &of).unwrap();
    }

    /// Where else posts could go, and what is written often.
    fn second_channel_and_template(&self) {
        let us = self.workspace_id();
        let sql = "insert into channel (workspace_id, id, name, platform, created_at) values (?1, 'blog', 'blog', 'stage', 1)";
        self.db.run(sql, &[us.as_str().into()]).unwrap();
        // One that rests, and one that the clock jumps over at the end of March.
        for (id, days, time) in [("s", &[2_i8, 4][..], "12:15"), ("n", &[7], "02:30"), ("r", &[5], "18:00")] {
            let slots: Vec<_> = days
                .iter()
                .map(|day| domain::weekly::WeeklySlot::parse(*day, time, "Europe/Berlin").unwrap())
                .collect();
            let of = (us.as_str(), "blog", id);
            block_on(store::weekly_slot::add(&self.db, self.pinned(), of, &slots, &self.owner())).unwrap();
        }
        let rests = (us.as_str(), "blog", "r-5", 1);
        block_on(store::weekly_slot::set_enabled(&self.db, self.pinned(), rests, false, &self.owner())).unwrap();
        let words =
            store::template::Words { name: "Tonight", title: "{{product}}, {{date}}", text: "Open {{fact.hours}}." };
        block_on(store::template::create(&self.db, self.pinned(), (&us, "offer"), words, &self.owner())).unwrap();
    }

    /// Ten posts, one in each state that there is.
    fn bakery(&self, brief: &Brief) {
        self.create("bakery", "Sixty night boxes a week", Mode::Rehearsal, brief);
        self.plan("bakery", brief);
        self.approve_plan("bakery");
        let passes = json!([{ "rule": "hook", "severity": "minor", "quote": "Your shift ends", "advice": "Good; keep it that short." }]);
        let weak = json!([
            { "rule": "invented_number", "severity": "blocker", "quote": "over 200 nurses", "advice": "No fact says so. Take it out, or ask for the fact." },
            { "rule": "voice", "severity": "major", "quote": "elevate your nights", "advice": "The brand is kind and wry, and does not elevate anything." } ]);
        self.write(&[1, 2, 3, 4, 5, 6, 8, 9, 10], 0);
        self.review(&[3, 4], "revise", [5, 7, 5, 4, 6, 7], &weak);
        self.review(&[1, 2, 5, 6, 9, 10], "approve", [8, 9, 8, 9, 7, 8], &passes);
        self.write(&[3, 4], 1);
        self.review(&[3], "approve", [8, 8, 9, 9, 8, 8], &passes);
        self.review(&[4], "revise", [6, 7, 6, 4, 7, 7], &weak);
        for _ in 0..2 {
            self.write(&[4], 1);
            self.review(&[4], "revise", [7, 8, 7, 4, 7, 7], &weak);
        }
        self.approve("bakery", &[1, 2, 6]);
        // Post 1 goes out; of post 2 nobody knows; post 5 misses its time.
        self.clock.set(due(self, "bakery-1"));
        self.publish(Mode::Rehearsal, &[]);
        self.clock.set(due(self, "bakery-2"));
        self.publish(Mode::Rehearsal, &[2]);
        self.clock.set(due(self, "bakery-5") + calendar::GRACE_MS + 1);
        block_on(store::sweep::sweep(&self.db, self.pinned())).unwrap();
    }

    /// A performance that is over, with both of its posts on the public stage.
    fn finished(&self) {
        let brief = brief("2027-03-02", 2, 1);
        self.create("finished", "Open at night: the first week", Mode::Performance, &brief);
        self.plan("finished", &brief);
        self.approve_plan("finished");
        self.write(&[1, 2], 1);
        self.review(&[1, 2], "approve", [9, 9, 8, 9, 8, 9], &json!([]));
        self.approve("finished", &[1, 2]);
        for id in ["finished-1", "finished-2"] {
            self.clock.set(due(self, id));
            self.publish(Mode::Performance, &[]);
        }
        self.clock.set(NOW_MS);
    }
}

fn due(world: &World, post_id: &str) -> i64 {
    block_on(post::find(&world.db, &world.workspace_id(), post_id)).unwrap().unwrap().due_at
}

fn slot_of(job: &Claimed) -> usize {
    job.post_id.as_deref().unwrap().rsplit('-').next().unwrap().parse().unwrap()
}

/// The bakery's brief.
pub fn brief(start: &str, posts_per_week: u32, weeks: u32) -> Brief {
    Brief::parse(&format!(
        r#"
        [brand]
        name = "Night Shift Bakery"
        url = "https://nightshift.example"
        one_line = "A bakery that opens at 22:00 and sells out by 04:00, for people who work nights."
        audience = ["nurses and doctors on night duty", "taxi and tram drivers"]
        voice = ["short sentences", "kind", "wry"]
        [facts]
        hours = "Tuesday to Saturday, 22:00 to 04:00"
        address = "14 Canal Street"
        prices = {{ rye_loaf = "4.80 EUR", night_box = "11.50 EUR" }}
        [claims]
        allowed = ["open at night", "baked while you wait"]
        required = ["14 Canal Street"]
        banned = ["gluten-free", "healthy"]
        [goal]
        text = "Sell 60 night boxes a week to hospital staff by the end of April."
        posts_per_week = {posts_per_week}
        weeks = {weeks}
        timezone = "Europe/Berlin"
        start = "{start}"
        "#
    ))
    .unwrap()
}

const DAY_MS: i64 = 86_400_000;
/// Statements, and what their pairs came to: a win, a loss, a tie.
const LEARNINGS: [(&str, &str, &str); 5] = [
    ("street", "Name the street in the last line, before the address.", "wwtwlwwtwwwtww"),
    ("moving", "Speak of the tram, for half of our readers take it home.", "wltwtw"),
    ("elevate", "Use larger words than a baker would.", "llltllll"),
    ("question", "Open with a question.", ""),
    ("hours", "Say until when we are open.", ""),
];

const ANGLES: [&str; 5] = [
    "What is in a night box, and what it costs",
    "Why the ovens go on when others sleep",
    "The way from the hospital, in four minutes",
    "What sells out first, and when",
    "A regular: the tram driver and the rye loaf",
];
const PILLARS: [&str; 3] = ["Bread at night", "For those on duty", "The neighbourhood"];

fn plan(brief: &Brief) -> Value {
    let slots = calendar::slots(&brief.goal).unwrap();
    let calendar: Vec<Value> = slots
        .iter()
        .enumerate()
        .map(|(at, slot)| json!({ "slot": slot.ordinal, "channel": "stage", "pillar": PILLARS[at % 3], "angle": ANGLES[at % 5] }))
        .collect();
    let timed: Vec<Value> = slots
        .iter()
        .map(|slot| {
            json!({ "ordinal": slot.ordinal, "local": slot.local.to_string(), "due_at": slot.due_at,
                            "expires_at": slot.due_at + calendar::GRACE_MS, "language": "en" })
        })
        .collect();
    let strategy = json!({
        "positioning": "For people who work while the city sleeps, Night Shift Bakery is the one place where bread is still warm at three in the morning. It asks for nothing but a knock on the door of 14 Canal Street.",
        "pillars": [
            { "name": PILLARS[0], "why": "Open 22:00 to 04:00: nobody else is." },
            { "name": PILLARS[1], "why": "Nurses, doctors, drivers: the brief names them." },
            { "name": PILLARS[2], "why": "14 Canal Street, a short walk from the wards." } ],
        "channel_mix": [{ "channel": "stage", "percent": 100, "why": "The only channel that is connected." }],
        "cadence": "A post on five days a week, at changing times, so that every shift meets one.",
        "calendar": calendar,
        "measures": ["Night boxes sold a week, counted at the till", "Badges shown"],
    });
    json!({ "strategy": strategy.to_string(), "slots": json!(timed).to_string(), "sha256": "0".repeat(64) })
}

/// What the copywriter wrote for a slot: a weak first pass, and a better one.
pub fn content(slot: usize, pass: usize) -> Content {
    let angle = ANGLES[(slot - 1) % 5];
    let text = if pass == 0 {
        "Your shift ends at three. Ours is just warm.\n\nJoin over 200 nurses who elevate your nights with a night box for 11.50 EUR: rye, two buns and something sweet for the tram.\n\n14 Canal Street, Tuesday to Saturday, until we sell out. https://nightshift.example"
    } else {
        "Your shift ends at three. Ours is just warm.\n\nA night box is 11.50 EUR: rye, two buns and something sweet for the tram home. Knock twice; we are the ones with the light on.\n\n14 Canal Street, Tuesday to Saturday, 22:00 to 04:00. https://nightshift.example"
    };
    let image = (slot % 4 == 1).then(|| Image {
        prompt: "A paper box on an empty tram seat at night, seen from above. Street light through the window, the rest is dark; no people, no writing.".into(),
        alt: "A small paper box on an empty tram seat at night.".into(),
        drawn: None,
    });
    Content { language: "en".into(), title: angle.into(), text: text.into(), image }
}

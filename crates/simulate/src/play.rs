//! One run: a world, some campaigns, and everything that can go wrong, until nothing is left to do.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use domain::autonomy::AutonomyPolicy;
use domain::chain::{Chain, Risk, Rules};
use domain::policy::{Policy, PolicyKind, Round};
use domain::{Brief, Mode, Step};
use engine::{Limits, Work, drain, tick};
use ports::native::NativeDb;
use ports::{Clock, DbError, Entropy, Http, Ports};
use steps::{Channels, Generate, Models, Publish, Review, StoreShelf, Strategize};
use store::learning::{self, NewLearning};
use store::{autonomy, campaign, channel, policy, review_rule};

use crate::check;
use crate::executor::{Task, World};
use crate::model::SimModel;
use crate::people::{Person, Waits, open_states, waiting};
use crate::platform::Platform;
use crate::world_ports::{Holders, Sabotage, SimClock, SimDb, SimEntropy, SimHttp, SimWake};

/// What a run did.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Posts that there were.
    pub posts: u64,
    /// Posts that went out.
    pub published: u64,
    /// Workers that died.
    pub crashes: u64,
    /// Moves of jobs, `ready>leased` …
    pub moves: Vec<String>,
}

/// What a run is made of.
pub(crate) struct Run {
    pub(crate) world: Rc<World>,
    pub(crate) db: Rc<NativeDb>,
    pub(crate) platform: Rc<Platform>,
    pub(crate) calls: Rc<Cell<i64>>,
    pub(crate) oracle: &'static str,
    sabotage: &'static [Sabotage],
    cut_off: (i64, i64),
    woken: Rc<RefCell<Vec<String>>>,
    holders: Rc<Holders>,
    /// What went wrong in a way that no fault explains.
    errors: Rc<RefCell<Vec<String>>>,
}

/// 1 March 2027, 08:00 UTC: a week before New York's clocks go forward.
const START_MS: i64 = 1_803_888_000_000;
/// A run that is not over after so many rounds is stuck.
const ROUNDS_MAX: u32 = 3_000;
/// From then on nothing goes wrong any more, so that the run can come to its end.
const ROUNDS_WITH_FAULTS: u32 = 250;
/// How long the platform may work on after a client has given up, in milliseconds.
const SETTLE_MS: u64 = 60_000;

/// Trials of learnings that a workspace may begin in a day.
const TRIALS_A_DAY: i64 = 5;

/// Plays a seed, and leaves the database as it was. An error is a broken rule, in words.
pub fn play(seed: u64, db: &Rc<NativeDb>, sabotage: &'static [Sabotage]) -> Result<Report, String> {
    let text = |error: DbError| error.to_string();
    // One connection for all seeds: preparing the statements costs more than running them.
    db.run("begin", &[]).map_err(text)?;
    let played = play_on(seed, db, sabotage);
    db.run("rollback", &[]).map_err(text)?;
    played
}

fn play_on(seed: u64, db: &Rc<NativeDb>, sabotage: &'static [Sabotage]) -> Result<Report, String> {
    let text = |error: DbError| error.to_string();
    let world = World::new(seed, START_MS);
    let oracle = ["keyed", "search", "nobody"][usize::try_from(world.below(3)).unwrap_or(0)];
    world.crash_permille.set(world.below(25));
    let cut_off_at = i64::try_from(world.below(3_600_000)).unwrap_or(0);
    let run = Rc::new(Run {
        platform: Rc::new(Platform::new(world.clone(), oracle == "keyed", SETTLE_MS)),
        db: db.clone(),
        calls: Rc::default(),
        oracle,
        sabotage,
        cut_off: (cut_off_at, cut_off_at + i64::try_from(world.below(1_200_000)).unwrap_or(0)),
        woken: Rc::default(),
        holders: Rc::default(),
        errors: Rc::default(),
        world,
    });
    run.set_up().map_err(text)?;
    run.go()?;
    check::rules(&run)?;
    check::report(&run).map_err(text)
}

impl Run {
    /// A task of one worker or person, with ports of its own.
    fn ports_and(self: &Rc<Self>, use_them: impl AsyncFnOnce(&Ports<'_>) + 'static) -> Task {
        let run = self.clone();
        let skew_ms = i64::try_from(run.world.below(600_000)).unwrap_or(0) - 300_000;
        let worker = run.holders.new_worker();
        Box::pin(async move {
            let db = SimDb {
                world: run.world.clone(),
                db: run.db.clone(),
                sabotage: run.sabotage,
                holders: run.holders.clone(),
                worker,
            };
            let http = SimHttp { world: run.world.clone(), platform: run.platform.clone() };
            let clock = SimClock { world: run.world.clone(), skew_ms };
            let entropy = SimEntropy(run.world.clone());
            let wake = SimWake { woken: run.woken.clone(), world: run.world.clone() };
            let ports = Ports { db: &db, http: &http as &dyn Http, clock: &clock, entropy: &entropy, wake: &wake };
            use_them(&ports).await;
        })
    }

    /// Two workspaces, each with a relay and one or two small campaigns.
    fn set_up(self: &Rc<Self>) -> Result<(), DbError> {
        let second = "insert into workspace (id, name, slug, created_at, mode) values ('w2', 'Second', 'second', 0, 'performance')";
        self.db.run(second, &[])?;
        self.db.run("update workspace set mode = 'performance' where mode = 'rehearsal'", &[])?;
        let rows = self.db.run("select id from workspace", &[])?;
        let workspaces: Vec<String> = rows.iter().map(|row| row.text("id")).collect::<Result<_, _>>()?;
        let clock = SimClock { world: self.world.clone(), skew_ms: 0 };
        let entropy = SimEntropy(self.world.clone());
        for user in PEOPLE {
            let sql = "insert into user (id, email, name, password_hash, created_at) values (?1, ?1, ?1, '-', 0)";
            self.db.run(sql, &[user.into()])?;
        }
        for workspace_id in &workspaces {
            for (user, role) in PEOPLE.iter().zip(["owner", "admin", "approver"]) {
                let sql = "insert into member (workspace_id, user_id, role, created_at) values (?1, ?2, ?3, 0)";
                self.db.run(sql, &[workspace_id.into(), (*user).into(), role.into()])?;
            }
            now(channel::create(
                self.db.as_ref(),
                clock.pinned_ms(),
                workspace_id,
                ("relay", "relay", "relay"),
                "ada",
            ))?;
            if self.world.below(4) == 0 {
                self.learnings(workspace_id, &clock)?;
            }
            if self.world.below(4) > 0 {
                self.asks_together(workspace_id, &clock)?;
            }
            // In some workspaces rules can be earned; there more is published, so that one is.
            let relaxes = self.world.below(8) == 0;
            if relaxes {
                let policy = AutonomyPolicy { enabled: true, streak_needed: 1, mean_tenths_min: 60, cap_max: 2 };
                now(autonomy::set(self.db.as_ref(), clock.pinned_ms(), (workspace_id, 0), &policy, PEOPLE[0]))?;
            }
            for _ in 0..=self.world.below(2) {
                self.campaign(workspace_id, relaxes, &clock, &entropy)?;
            }
        }
        Ok(())
    }

    /// Whatever the risk, the quick chain: one call for three reviewers.
    fn asks_together(&self, workspace_id: &str, clock: &dyn Clock) -> Result<(), DbError> {
        let mut rules = Rules::default();
        rules.chains = vec![Chain { risk: Risk::High, ..rules.chain("", Risk::Low) }];
        now(review_rule::set(self.db.as_ref(), clock.pinned_ms(), (workspace_id, 0), &rules, PEOPLE[0])).map(|_| ())
    }

    /// Two learnings to try, with less money than all of their trials may want.
    fn learnings(&self, workspace_id: &str, clock: &dyn Clock) -> Result<(), DbError> {
        let at = clock.pinned_ms();
        for (name, statement) in [("call", "End with the one thing to do next."), ("tone", "Speak as at the door.")] {
            let id = &format!("{workspace_id}-{name}");
            let new = NewLearning { workspace_id, id, statement, channel_id: None, actor: "person" };
            now(learning::create(self.db.as_ref(), at, &new))?;
        }
        let (trials, micro_usd) = (TRIALS_A_DAY, i64::try_from(self.world.below(4_000)).unwrap_or(0));
        now(learning::limit::set(self.db.as_ref(), at, (workspace_id, 0), (trials, micro_usd), "person")).map(|_| ())
    }

    fn campaign(
        &self,
        workspace_id: &str,
        relaxes: bool,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> Result<(), DbError> {
        let kind = self.world.below(10);
        let (mode, time_lapse) = match kind {
            0..7 => (Mode::Performance, false),
            7..9 => (Mode::Rehearsal, true),
            _ => (Mode::Rehearsal, false),
        };
        let posts = if relaxes { 6 + self.world.below(4) } else { 1 + self.world.below(3) };
        let brief = brief(posts, if kind == 6 { "stage" } else { "relay" });
        let id = store::id::new(clock, entropy);
        let new = campaign::NewCampaign {
            workspace_id,
            id: &id,
            name: "A campaign",
            mode,
            time_lapse,
            budget_micro_usd: if self.world.below(12) == 0 { 500 } else { 1_000_000 },
            brief: &brief,
            actor: "person",
        };
        now(campaign::create(self.db.as_ref(), clock.pinned_ms(), &new))?;
        if !relaxes && self.world.below(3) > 0 {
            let of = (workspace_id, Some(id.as_str()), 0);
            now(policy::set(self.db.as_ref(), clock.pinned_ms(), of, &some_policy(&self.world), PEOPLE[0]))?;
        }
        Ok(())
    }

    fn go(self: &Rc<Self>) -> Result<(), String> {
        let text = |error: DbError| error.to_string();
        for round in 0..ROUNDS_MAX {
            // Again and again: a pause that was on its way may come after the first one's end.
            if round > 0 && round.is_multiple_of(ROUNDS_WITH_FAULTS) {
                self.world.faults.set(false);
                self.pause_all(false);
                self.switch(Mode::Performance);
            }
            let waits = waiting(&self.db).map_err(text)?;
            if !self.world.faults.get() && waits.is_empty() && self.world.is_idle() && self.is_over().map_err(text)? {
                return Ok(());
            }
            if self.world.faults.get() && waits.is_empty() && self.is_over().map_err(text)? {
                self.world.faults.set(false);
            }
            self.start_workers();
            self.start_people(waits);
            self.world.run_for(self.until_what_is_next().map_err(text)?);
            if let Some(complaint) = self.holders.complaint() {
                return Err(complaint);
            }
            if let Some(error) = self.errors.borrow().first() {
                return Err(error.clone());
            }
        }
        Err(format!("stuck: not over after {ROUNDS_MAX} rounds: {}", check::open_jobs(self).map_err(text)?))
    }

    fn is_over(&self) -> Result<bool, DbError> {
        let sql = format!(
            "select (select count(*) from job where state in ({})) + (select count(*) from cost where state = 'reserved')
                + (select count(*) from campaign where stage not in ('finished', 'cancelled')) as n",
            open_states()
        );
        self.db.run(&sql, &[])?.first().map_or(Ok(true), |row| Ok(row.int("n")? == 0))
    }

    /// Ticks and drains: those that were woken, and some that were not.
    fn start_workers(self: &Rc<Self>) {
        let woken: Vec<String> = self.woken.borrow_mut().drain(..).collect();
        for step in woken.iter().take(12).filter_map(|step| step.parse().ok()) {
            self.start_drain(step);
        }
        for _ in 0..=self.world.below(2) {
            let errors = self.errors.clone();
            let woken = self.woken.clone();
            self.world.spawn(self.ports_and(async move |ports| match tick(ports).await {
                Ok((_, steps)) => woken.borrow_mut().extend(steps.iter().map(ToString::to_string)),
                Err(DbError::Busy) => {}
                Err(error) => errors.borrow_mut().push(format!("tick: {error}")),
            }));
        }
        if self.world.fault(300) {
            self.start_drain(Step::ALL[usize::try_from(self.world.below(4)).unwrap_or(0)]);
        }
    }

    fn start_drain(self: &Rc<Self>, step: Step) {
        let run = self.clone();
        let model = SimModel { world: self.world.clone(), calls: self.calls.clone(), cut_off: self.cut_off };
        let batch = 1 + u32::try_from(self.world.below(4)).unwrap_or(0);
        self.world.spawn(self.ports_and(async move |ports| {
            let channels = run.channels();
            let shelf = StoreShelf { db: ports.db, clock: ports.clock };
            let (models, first_byte_ms) = (&Models::only(&model), 15_000);
            let work: Box<dyn Work> = match step {
                Step::Strategize => Box::new(Strategize { models, first_byte_ms }),
                Step::Generate => Box::new(Generate { models, first_byte_ms, channels: &channels }),
                Step::Review => Box::new(Review::new(models, first_byte_ms, &channels)),
                Step::Publish => Box::new(Publish { channels: &channels, shelf: &shelf }),
            };
            match drain(ports, work.as_ref(), Limits { batch, budget_ms: 20_000 }).await {
                Ok(_) | Err(DbError::Busy) => {}
                Err(error) => run.errors.borrow_mut().push(format!("{step}: {error}")),
            }
        }));
    }

    fn channels(&self) -> Channels {
        let oracle = self.oracle;
        Channels::from_variables(move |name| {
            Some(match name {
                "relay_url" => "https://platform.test".into(),
                "relay_oracle" => oracle.into(),
                "relay_timeout_ms" => "5000".into(),
                "relay_settle_ms" => SETTLE_MS.to_string(),
                "relay_token" => "token".into(),
                _ => return None,
            })
        })
    }

    fn start_people(self: &Rc<Self>, waits: Vec<Waits>) {
        for waits in waits {
            // Some take their time; now and then two see to the same thing at once.
            let times = match self.world.below(10) {
                0..4 if self.world.faults.get() => 0,
                9 => 2,
                _ => 1,
            };
            let waits = Rc::new(waits);
            for _ in 0..times {
                let (run, waits) = (self.clone(), waits.clone());
                self.world.spawn(self.ports_and(async move |ports| {
                    let person = run.person(ports);
                    if let Err(error) = person.see_to(&waits).await {
                        run.errors.borrow_mut().push(format!("a person: {error}"));
                    }
                }));
            }
        }
        if self.world.fault(15) {
            self.pause_all(self.world.below(2) == 0);
        }
        if self.world.fault(15) {
            self.switch(if self.world.below(2) == 0 { Mode::Rehearsal } else { Mode::Performance });
        }
        if self.world.fault(10) {
            self.another_policy();
        }
        if self.world.fault(200) {
            self.relax();
        }
        if self.world.fault(4) {
            let by_ms = i64::try_from(self.world.below(7_200_000)).unwrap_or(0) - 3_600_000;
            self.world.jump(by_ms);
        }
    }

    fn pause_all(self: &Rc<Self>, paused: bool) {
        let run = self.clone();
        self.world.spawn(self.ports_and(async move |ports| {
            for workspace_id in ["w2"] {
                if let Err(error) = run.person(ports).pause(workspace_id, paused).await {
                    run.errors.borrow_mut().push(format!("pausing: {error}"));
                }
            }
        }));
    }

    /// Somebody switches a workspace between rehearsal and performance.
    fn switch(self: &Rc<Self>, mode: Mode) {
        let run = self.clone();
        self.world.spawn(self.ports_and(async move |ports| {
            if let Err(error) = run.person(ports).switch("w2", mode).await {
                run.errors.borrow_mut().push(format!("switching: {error}"));
            }
        }));
    }

    /// Somebody changes a workspace's policy, or some campaign's.
    fn another_policy(self: &Rc<Self>) {
        let run = self.clone();
        self.world.spawn(self.ports_and(async move |ports| {
            if let Err(error) = run.person(ports).another_policy().await {
                run.errors.borrow_mut().push(format!("another policy: {error}"));
            }
        }));
    }

    /// Somebody lets rules stand where they were earned.
    fn relax(self: &Rc<Self>) {
        let run = self.clone();
        self.world.spawn(self.ports_and(async move |ports| {
            let workspaces = ports.db.execute("select workspace_id as id from autonomy_policy", &[]).await;
            let Ok(workspaces) = workspaces else { return };
            for row in workspaces.iter() {
                let relaxed = match row.text("id") {
                    Ok(workspace_id) => run.person(ports).relax(&workspace_id).await,
                    Err(error) => Err(error),
                };
                if let Err(error) = relaxed {
                    run.errors.borrow_mut().push(format!("relaxing: {error}"));
                }
            }
        }));
    }

    fn person<'a>(&'a self, ports: &Ports<'a>) -> Person<'a> {
        Person {
            world: &self.world,
            db: ports.db,
            clock: ports.clock,
            entropy: ports.entropy,
            platform: &self.platform,
        }
    }

    /// How long until something is due; now and then the host is down for longer. Milliseconds.
    fn until_what_is_next(&self) -> Result<i64, DbError> {
        let rows = self.db.run(
            "select min(at) as at from (
                select min(run_at) as at from job where state = 'ready' union all
                select min(run_at) from job where state = 'unknown' union all
                select min(lease_until) from job where state in ('leased', 'armed', 'reconciling') union all
                select min(expires_at) from cost where state = 'reserved' union all
                select min(expires_at) from post where expires_at is not null)",
            &[],
        )?;
        let next = rows.first().map_or(Ok(None), |row| row.opt_int("at"))?;
        let gap_ms = next.map_or(0, |at| (at - self.world.now_ms()).max(0));
        let outage_ms = if self.world.fault(8) { 6 * 3_600_000 } else { 1_500 };
        Ok(gap_ms + i64::try_from(self.world.below(outage_ms)).unwrap_or(0))
    }
}

/// The people: an owner, an admin, an approver.
pub(crate) const PEOPLE: [&str; 3] = ["ann", "ben", "cyd"];

/// Any policy that these people can satisfy.
pub(crate) fn some_policy(world: &World) -> Policy {
    let round = |needed, people: &[&str]| Round { needed, people: people.iter().map(ToString::to_string).collect() };
    let (kind, rounds) = match world.below(6) {
        0 => (PolicyKind::None, vec![]),
        1 => (PolicyKind::One, vec![round(1, &[])]),
        2 => (PolicyKind::Group, vec![round(2, &[])]),
        3 => (PolicyKind::Group, vec![round(2, &PEOPLE[..2])]),
        4 => (PolicyKind::Group, vec![round(3, &[])]),
        _ => (PolicyKind::InternalThenClient, vec![round(1, &PEOPLE[..2]), round(1, &PEOPLE[2..])]),
    };
    // Three of three must be able to approve what one of them has written.
    Policy { kind, rounds, author_may_approve: true, ..Policy::default() }
}

/// Runs a future that never waits.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => unreachable!("the native database never waits"),
    }
}

fn brief(posts: u64, channel: &str) -> Brief {
    let text = format!(
        "[brand]\nname = \"Night Shift Bakery\"\nurl = \"https://nightshift.example\"\n\
        one_line = \"A bakery that opens at 22:00 for people who work nights.\"\naudience = [\"nurses\"]\n\
        voice = [\"kind\"]\n\
        [facts]\nhours = \"Tuesday to Saturday, 22:00 to 04:00\"\naddress = \"14 Canal Street\"\n\
        [claims]\nallowed = [\"open at night\"]\nrequired = [\"open at night\"]\nbanned = [\"cheapest\"]\n\
        [goal]\ntext = \"Sell night boxes to hospital staff.\"\nchannels = [\"{channel}\"]\nposts_per_week = {posts}\n\
        weeks = 1\ntimezone = \"America/New_York\"\nstart = \"2027-03-12\"\n"
    );
    match Brief::parse(&text) {
        Ok(brief) => brief,
        Err(complaints) => unreachable!("the simulation's own brief: {complaints:?}"),
    }
}

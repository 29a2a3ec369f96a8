//! The ports of a simulated world: each await in them is a place where a worker may be delayed, paused or killed.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use ports::native::NativeDb;
use ports::{Clock, Db, DbError, Entropy, Http, HttpError, Request, Response, Rows, Value, Wake};

use crate::executor::World;
use crate::platform::Platform;

/// A statement whose protection is taken out: this text becomes that.
#[derive(Clone, Copy, Debug)]
pub struct Sabotage {
    /// Must stand in a statement.
    pub from: &'static str,
    /// Stands there instead.
    pub to: &'static str,
}

/// The database, shared by all workers of a world.
pub struct SimDb {
    pub(crate) world: Rc<World>,
    pub(crate) db: Rc<NativeDb>,
    pub(crate) sabotage: &'static [Sabotage],
    pub(crate) holders: Rc<Holders>,
    pub(crate) worker: u64,
}

/// Who holds which job, seen from outside: a result may count only if its worker was the last to claim the job.
#[derive(Default)]
pub struct Holders {
    workers: Cell<u64>,
    by_job: RefCell<BTreeMap<String, u64>>,
    complaint: RefCell<Option<String>>,
}

impl Holders {
    /// A number for one more worker.
    pub fn new_worker(&self) -> u64 {
        self.workers.set(self.workers.get() + 1);
        self.workers.get()
    }

    /// The first result that counted and should not have.
    pub fn complaint(&self) -> Option<String> {
        self.complaint.borrow().clone()
    }

    fn see(&self, worker: u64, sql: &str, rows: &Rows) {
        let claims = sql.contains("set state = 'leased', fence") || sql.contains("set state = 'reconciling', fence");
        let column = if claims { "id" } else { "job_id" };
        if !claims && !sql.starts_with("insert into outcome") {
            return;
        }
        for job in rows.iter().filter_map(|row| row.text(column).ok()) {
            if claims {
                self.by_job.borrow_mut().insert(job, worker);
            } else if self.by_job.borrow().get(&job).is_some_and(|holder| *holder != worker) {
                let complaint = format!("a result for {job} counted although another worker had claimed it since");
                self.complaint.borrow_mut().get_or_insert(complaint);
            }
        }
    }
}

#[async_trait::async_trait(?Send)]
impl Db for SimDb {
    async fn execute(&self, sql: &str, parameters: &[Value]) -> Result<Rows, DbError> {
        self.world.pause(self.delay_ms()).await;
        if self.world.fault(3) {
            return Err(DbError::Busy);
        }
        let rows = if self.sabotage.is_empty() {
            self.db.run(sql, parameters)
        } else {
            let sabotaged = self.sabotage.iter().fold(sql.to_string(), |sql, cut| sql.replace(cut.from, cut.to));
            self.db.run(&sabotaged, parameters)
        };
        if let Ok(rows) = &rows {
            self.holders.see(self.worker, sql, rows);
        }
        // Committed; whether the worker lives to know is another matter.
        self.world.pause(self.delay_ms()).await;
        rows
    }
}

impl SimDb {
    /// Mostly nothing; now and then the worker stands still for seconds or minutes.
    fn delay_ms(&self) -> i64 {
        if self.world.fault(4) {
            i64::try_from(self.world.below(400_000)).unwrap_or(0)
        } else {
            i64::try_from(self.world.below(3)).unwrap_or(0)
        }
    }
}

/// The platform, over a network that loses, delays and repeats.
pub struct SimHttp {
    pub(crate) world: Rc<World>,
    pub(crate) platform: Rc<Platform>,
}

#[async_trait::async_trait(?Send)]
impl Http for SimHttp {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let world = &self.world;
        let give_up_ms = i64::from(request.timeouts.total_ms());
        if world.fault(40) {
            world.pause(5).await;
            return Err(HttpError::NotSent("connection refused".into()));
        }
        // On its way: it arrives even if the client dies now.
        let arrived: Rc<RefCell<Option<Result<Response, HttpError>>>> = Rc::default();
        let late = world.fault(60);
        let travel_ms =
            if late { give_up_ms + i64::try_from(world.below(self.platform.settle_ms)).unwrap_or(0) / 2 } else { 20 };
        let (platform, answer, in_flight) = (self.platform.clone(), arrived.clone(), world.clone());
        world.spawn(async move {
            in_flight.travel(travel_ms).await;
            *answer.borrow_mut() = Some(platform.handle(&request));
        });
        world.pause(if late { give_up_ms } else { travel_ms + 1 + i64::try_from(world.below(200)).unwrap_or(0) }).await;
        // Now and then the worker stands still with the answer in its hands.
        if world.fault(20) {
            world.pause(i64::try_from(world.below(600_000)).unwrap_or(0)).await;
        }
        let answer = arrived.borrow_mut().take();
        match answer {
            Some(answer) => answer,
            None => Err(HttpError::Unknown("no answer in time".into())),
        }
    }
}

/// The database's clock decides; the worker's own is apart by some minutes.
pub struct SimClock {
    pub(crate) world: Rc<World>,
    pub(crate) skew_ms: i64,
}

impl Clock for SimClock {
    fn now_ms(&self) -> i64 {
        self.world.now_ms() + self.skew_ms
    }

    fn pinned_ms(&self) -> Option<i64> {
        Some(self.world.now_ms())
    }

    fn monotonic_ms(&self) -> i64 {
        self.world.elapsed_ms()
    }
}

/// Chance, by the world's seed.
pub struct SimEntropy(pub(crate) Rc<World>);

impl Entropy for SimEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }
}

/// Wake-ups that are lost, delayed and doubled.
pub struct SimWake {
    pub(crate) woken: Rc<RefCell<Vec<String>>>,
    pub(crate) world: Rc<World>,
}

#[async_trait::async_trait(?Send)]
impl Wake for SimWake {
    async fn wake(&self, step: &str) {
        if self.world.fault(200) {
            return;
        }
        let times = if self.world.fault(100) { 3 } else { 1 };
        for _ in 0..times {
            self.woken.borrow_mut().push(step.into());
        }
    }
}

//! A seeded scheduler with a clock of its own: which task goes on, when, and whether it dies first.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What a task is.
pub type Task = Pin<Box<dyn Future<Output = ()>>>;

/// The simulated time, the source of chance, and the tasks that are to start.
pub struct World {
    rng: RefCell<ChaCha8Rng>,
    /// Milliseconds since the run began; never goes back.
    elapsed_ms: Cell<i64>,
    /// The database's clock is this much ahead: it may jump.
    offset_ms: Cell<i64>,
    timers: RefCell<BinaryHeap<Reverse<Timer>>>,
    timer_count: Cell<u64>,
    tasks: RefCell<Vec<(Task, Arc<Flag>)>>,
    new_tasks: RefCell<Vec<Task>>,
    /// The task that is being polled shall die.
    crash: Cell<bool>,
    /// Whether faults happen at all; off while a run is brought to its end.
    pub faults: Cell<bool>,
    /// In thousandths: how often a task dies at an await.
    pub crash_permille: Cell<u64>,
    /// Crashes so far.
    pub crashes: Cell<u64>,
}

struct Timer {
    at_ms: i64,
    order: u64,
    waker: Waker,
}

impl PartialEq for Timer {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}
impl Eq for Timer {}
impl PartialOrd for Timer {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Timer {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at_ms, self.order).cmp(&(other.at_ms, other.order))
    }
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl World {
    /// A world with this seed, whose database's clock stands at `start_ms`.
    pub fn new(seed: u64, start_ms: i64) -> Rc<Self> {
        Rc::new(Self {
            rng: RefCell::new(ChaCha8Rng::seed_from_u64(seed)),
            elapsed_ms: Cell::new(0),
            offset_ms: Cell::new(start_ms),
            timers: RefCell::default(),
            timer_count: Cell::new(0),
            tasks: RefCell::default(),
            new_tasks: RefCell::default(),
            crash: Cell::new(false),
            faults: Cell::new(true),
            crash_permille: Cell::new(0),
            crashes: Cell::new(0),
        })
    }

    /// A number in `0..bound`.
    pub fn below(&self, bound: u64) -> u64 {
        self.rng.borrow_mut().next_u64() % bound.max(1)
    }

    /// True so many times in a thousand, while faults happen.
    pub fn fault(&self, permille: u64) -> bool {
        self.faults.get() && self.below(1000) < permille
    }

    /// Random bytes.
    pub fn fill(&self, bytes: &mut [u8]) {
        self.rng.borrow_mut().fill_bytes(bytes);
    }

    /// The database's time, Unix milliseconds.
    pub fn now_ms(&self) -> i64 {
        self.elapsed_ms.get() + self.offset_ms.get()
    }

    /// Time since the run began.
    pub fn elapsed_ms(&self) -> i64 {
        self.elapsed_ms.get()
    }

    /// The database's clock jumps.
    pub fn jump(&self, by_ms: i64) {
        self.offset_ms.set(self.offset_ms.get() + by_ms);
    }

    /// Starts a task.
    pub fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        self.new_tasks.borrow_mut().push(Box::pin(task));
    }

    /// An await at which anything may happen: others go on, time passes, this task dies.
    pub fn pause(self: &Rc<Self>, for_ms: i64) -> Pause {
        Pause { world: self.clone(), until_ms: self.elapsed_ms() + for_ms, registered: false, mortal: true }
    }

    /// Time on the wire: what is under way arrives, whoever dies.
    pub fn travel(self: &Rc<Self>, for_ms: i64) -> Pause {
        Pause { mortal: false, ..self.pause(for_ms) }
    }

    /// Whether anybody is still at something.
    pub fn is_idle(&self) -> bool {
        self.tasks.borrow().is_empty() && self.new_tasks.borrow().is_empty()
    }

    /// Lets the tasks go on for so long, in an order that chance decides. Those that are not done then go on later.
    pub fn run_for(&self, length_ms: i64) {
        let end_ms = self.elapsed_ms() + length_ms;
        loop {
            for task in self.new_tasks.take() {
                self.tasks.borrow_mut().push((task, Arc::new(Flag(AtomicBool::new(true)))));
            }
            if let Some((mut task, flag)) = self.take_runnable() {
                flag.0.store(false, Ordering::Relaxed);
                let waker = Waker::from(flag.clone());
                let ended = task.as_mut().poll(&mut Context::from_waker(&waker)).is_ready();
                if !(self.crash.take() || ended) {
                    self.tasks.borrow_mut().push((task, flag));
                }
            } else if !self.fire_timer(end_ms) {
                self.elapsed_ms.set(end_ms);
                return;
            }
        }
    }

    fn take_runnable(&self) -> Option<(Task, Arc<Flag>)> {
        let mut tasks = self.tasks.borrow_mut();
        let runnable: Vec<usize> = (0..tasks.len()).filter(|index| tasks[*index].1.0.load(Ordering::Relaxed)).collect();
        if runnable.is_empty() {
            return None;
        }
        let index = runnable[usize::try_from(self.below(runnable.len() as u64)).unwrap_or(0)];
        Some(tasks.swap_remove(index))
    }

    /// Wakes whoever waits for the next timer, if it comes before then.
    fn fire_timer(&self, end_ms: i64) -> bool {
        let mut timers = self.timers.borrow_mut();
        if timers.peek().is_none_or(|Reverse(timer)| timer.at_ms > end_ms) {
            return false;
        }
        if let Some(Reverse(timer)) = timers.pop() {
            self.elapsed_ms.set(self.elapsed_ms.get().max(timer.at_ms));
            timer.waker.wake();
        }
        true
    }
}

/// See [`World::pause`].
pub struct Pause {
    world: Rc<World>,
    until_ms: i64,
    registered: bool,
    mortal: bool,
}

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.registered && self.world.elapsed_ms() >= self.until_ms {
            return Poll::Ready(());
        }
        if !self.registered && self.mortal && self.world.fault(self.world.crash_permille.get()) {
            self.world.crashes.set(self.world.crashes.get() + 1);
            self.world.crash.set(true);
            return Poll::Pending;
        }
        self.registered = true;
        let order = self.world.timer_count.get();
        self.world.timer_count.set(order + 1);
        let timer = Timer { at_ms: self.until_ms, order, waker: context.waker().clone() };
        self.world.timers.borrow_mut().push(Reverse(timer));
        Poll::Pending
    }
}

//! Jobs: how many a second, durably; and how long a claim takes when few or very many wait.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use domain::Step;
use engine::{Limits, Outcome, Work, drain};
use ports::native::{NativeDb, NativeHttp, SeededEntropy, SystemClock};
use ports::{NoWake, Ports};
use store::job::{Claimed, claim};

/// Jobs that do nothing.
const JOBS: u32 = 20_000;

/// Fills a database with ready no-op jobs, spread over ten workspaces.
pub fn fill(db: &NativeDb, count: u32) -> Result<()> {
    db.run(
        "insert into workspace (id, name, slug, created_at)
        select 'w' || value, 'W', 'w' || value, 0 from json_each('[0,1,2,3,4,5,6,7,8,9]') where true on conflict do nothing",
        &[],
    )?;
    db.run("begin immediate", &[])?;
    db.run(
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < ?1)
        insert into job (workspace_id, id, step, run_at, created_at, updated_at)
        select 'w' || (i % 10), 'noop:' || hex(randomblob(6)) || i, 'generate', 0, 0, 0 from n",
        &[i64::from(count).into()],
    )?;
    db.run("commit", &[])?;
    Ok(())
}

fn fresh(folder: &std::path::Path) -> Result<NativeDb> {
    let db = NativeDb::open(&folder.join("sqlite_db.db"))?;
    ready(store::migrate::ensure(&db)).context("migrating")?;
    Ok(db)
}

/// No-op jobs through claim, work and finish, committed with synchronous FULL.
pub fn native() -> Result<()> {
    println!("no-op jobs a second, native, durable (WAL, synchronous FULL), claimed and finished by the batch");
    for batch in [1_u32, 16, 64, 256] {
        let folder = tempfile::tempdir()?;
        let db = fresh(folder.path())?;
        let jobs = if batch == 1 { JOBS / 10 } else { JOBS };
        fill(&db, jobs)?;
        let (http, clock, entropy) = (NativeHttp::new()?, SystemClock::start(), SeededEntropy::new(1));
        let ports = Ports { db: &db, http: &http, clock: &clock, entropy: &entropy, wake: &NoWake };
        let start = Instant::now();
        let drained = ready(drain(&ports, &Noop, Limits { batch, budget_ms: 600_000 }))?;
        let second = start.elapsed().as_secs_f64();
        anyhow::ensure!(drained.finished == jobs as usize, "{} of {jobs} jobs were finished", drained.finished);
        println!("  {batch:>4} at a time  {:>8.0} jobs/s", f64::from(jobs) / second);
    }
    Ok(())
}

/// The time of a claim of eight with 1,000 and with 1,000,000 jobs waiting.
pub fn claims() -> Result<()> {
    println!("\ntime of a claim of 8, median of 200");
    let mut medians = Vec::new();
    for waiting in [1_000_u32, 1_000_000] {
        let folder = tempfile::tempdir()?;
        let db = fresh(folder.path())?;
        // So many wait all the time: what is claimed comes on top.
        fill(&db, waiting + 8 * 210)?;
        let mut times: Vec<Duration> = Vec::new();
        for round in 0..210 {
            let start = Instant::now();
            let claimed = ready(claim(&db, None, Step::Generate, 8, 60_000))?;
            anyhow::ensure!(claimed.len() == 8, "{} jobs were claimed", claimed.len());
            if round >= 10 {
                times.push(start.elapsed());
            }
        }
        times.sort_unstable();
        let median = times[times.len() / 2];
        println!("  {waiting:>9} waiting  {:>7.3} ms", median.as_secs_f64() * 1e3);
        medians.push(median.as_secs_f64());
    }
    println!("  ratio {:.2}", medians[1] / medians[0]);
    Ok(())
}

/// Runs a future that never waits.
fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => unreachable!("the native database never waits"),
    }
}

struct Noop;

#[async_trait::async_trait(?Send)]
impl Work for Noop {
    fn step(&self) -> Step {
        Step::Generate
    }

    fn lease_ms(&self) -> i64 {
        600_000
    }

    async fn work(&self, _ports: &Ports<'_>, _job: &Claimed, _deadline_ms: i64) -> Outcome {
        Outcome::Done(serde_json::Value::Null)
    }
}

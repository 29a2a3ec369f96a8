//! A step's runner: claims up to so many jobs, works them side by side within a time budget, records each as it
//! ends, and wakes whoever is next.

use domain::{JobState, Step};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use ports::{DbError, Ports};
use store::job::{self, Claimed, Finish};

use crate::Outcome;
use crate::group::Group;

/// The work of one step.
#[async_trait::async_trait(?Send)]
pub trait Work {
    /// Which step.
    fn step(&self) -> Step;

    /// How long a claim holds, in milliseconds: longer than one job's work can take, time-outs summed.
    fn lease_ms(&self) -> i64;

    /// Works one job. `deadline_ms` is on the ports' monotonic clock: calls must end by then.
    async fn work(&self, ports: &Ports<'_>, job: &Claimed, deadline_ms: i64) -> Outcome;
}

/// How much one call may take on.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most jobs at a time.
    pub batch: u32,
    /// How long the call may take, in milliseconds.
    pub budget_ms: i64,
}

impl Default for Limits {
    /// 8 jobs within 20 s: under the 30 s after which Fermyon Cloud ends a handler.
    fn default() -> Self {
        Self { batch: 8, budget_ms: 20_000 }
    }
}

/// What one call did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drained {
    /// Jobs claimed.
    pub claimed: usize,
    /// Results that counted; the others came too late.
    pub finished: usize,
}

/// How long a paused job rests before it is looked at again, in milliseconds.
const PAUSED_MS: i64 = 15_000;

/// Works a step's queue until it is empty or half the budget is gone, then wakes every step that has work.
pub async fn drain(ports: &Ports<'_>, work: &dyn Work, limits: Limits) -> Result<Drained, DbError> {
    let start_ms = ports.clock.monotonic_ms();
    let deadline_ms = start_ms + limits.budget_ms;
    let mut drained = Drained::default();
    // A claim takes on what may last as long as a call: only while there is time for one.
    while ports.clock.monotonic_ms() - start_ms <= limits.budget_ms / 2 {
        let jobs = claim(ports, work, limits.batch).await?;
        if jobs.is_empty() {
            break;
        }
        drained.claimed += jobs.len();
        drained.finished += work_all(ports, work, &jobs, deadline_ms).await?;
    }
    if drained.claimed > 0 {
        for step in job::steps_with_work(ports.db, ports.clock.pinned_ms()).await? {
            ports.wake.wake(step.as_str()).await;
        }
    }
    Ok(drained)
}

async fn claim(ports: &Ports<'_>, work: &dyn Work, limit: u32) -> Result<Vec<Claimed>, DbError> {
    let pinned_ms = ports.clock.pinned_ms();
    let mut jobs = Vec::new();
    if work.step() == Step::Publish {
        jobs = job::claim_unknown(ports.db, pinned_ms, limit, work.lease_ms()).await?;
    }
    let room = limit.saturating_sub(u32::try_from(jobs.len()).unwrap_or(limit));
    if room > 0 {
        jobs.extend(job::claim(ports.db, pinned_ms, work.step(), room, work.lease_ms()).await?);
    }
    Ok(jobs)
}

/// Works the jobs side by side; what ends at the same moment is recorded by one statement.
async fn work_all(ports: &Ports<'_>, work: &dyn Work, jobs: &[Claimed], deadline_ms: i64) -> Result<usize, DbError> {
    let group = Group::new(ports.db);
    let grouped = Ports { db: &group, ..*ports };
    let at_work: FuturesUnordered<_> = jobs
        .iter()
        .map(async |job| {
            let outcome = if job.paused && job.state == JobState::Leased {
                Outcome::Wait { reason: "paused".into(), after_ms: PAUSED_MS, blocked_until: None }
            } else {
                work.work(&grouped, job, deadline_ms).await
            };
            outcome.finish(job, ports.entropy)
        })
        .collect();
    let mut ended = at_work.ready_chunks(jobs.len());
    let mut finished = 0;
    while let Some(chunk) = group.next(&mut ended).await {
        let finishes: Vec<Finish> = chunk.into_iter().flatten().collect();
        if !finishes.is_empty() {
            finished += record(ports, finishes).await?;
        }
    }
    Ok(finished)
}

/// Records the results together; if one of them cannot be, each by itself, so that it harms no other.
async fn record(ports: &Ports<'_>, finishes: Vec<Finish>) -> Result<usize, DbError> {
    let pinned_ms = ports.clock.pinned_ms();
    match job::finish(ports.db, pinned_ms, &finishes).await {
        Ok(counted) => return Ok(counted.len()),
        Err(DbError::Full) => return Err(DbError::Full),
        Err(_) => {}
    }
    let mut finished = 0;
    for finish in finishes {
        let single = job::finish(ports.db, pinned_ms, std::slice::from_ref(&finish)).await;
        match single {
            Ok(counted) => finished += counted.len(),
            Err(DbError::Busy | DbError::Full) => single.map(|_| ())?,
            Err(error) => {
                eprintln!("job {} could not be recorded as {}: {error}", finish.job_id, finish.state);
                finished += give_up(ports, finish, &error).await?;
            }
        }
    }
    Ok(finished)
}

/// What the database refuses to take ends as a failure that a person sees, not as an endless retry. What may be out
/// stays as it is: the sweep makes it unknown.
async fn give_up(ports: &Ports<'_>, finish: Finish, error: &DbError) -> Result<usize, DbError> {
    if finish.ext_id.is_some() || finish.state == JobState::Unknown {
        return Ok(0);
    }
    let dead = Finish {
        state: JobState::Dead,
        reason: Some(format!("what the step made was refused: {error}")),
        artifact: None,
        after_ms: None,
        run_at: None,
        free: false,
        ..finish
    };
    Ok(job::finish(ports.db, ports.clock.pinned_ms(), &[dead]).await?.len())
}

//! The tick: ends what has run out, seals history and finds every step that has work. Any number may run at once.

use domain::{Decision, Step};
use ports::{DbError, Ports};
use store::approval::{self, NewApproval, Ruled};
use store::job;
use store::learning::{trial, watch};
use store::sweep::{self, Swept};
use store::{autonomy, idempotency, people, reminder, seal};

/// One tick in so many also clears away what nobody needs any more; at a tick a second, that is once a minute.
const HOUSEKEEPING_IN: u64 = 60;

/// One tick. Gives what it swept and whom to wake.
pub async fn tick(ports: &Ports<'_>) -> Result<(Swept, Vec<Step>), DbError> {
    let pinned_ms = ports.clock.pinned_ms();
    let swept = sweep::sweep(ports.db, pinned_ms).await?;
    approve_by_rule(ports).await?;
    begin_trials(ports).await?;
    let steps = job::steps_with_work(ports.db, pinned_ms).await?;
    // Work does not wait for the seal: what is not sealed now, the next tick seals.
    if let Err(error) = seal::seal(ports.db, ports.clock.now_ms()).await {
        eprintln!("history could not be sealed: {error}");
    }
    if ports.entropy.below(HOUSEKEEPING_IN) == 0 {
        people::session::sweep(ports.db, pinned_ms).await?;
        people::sign_in::sweep(ports.db, pinned_ms).await?;
        people::half_sign_in::sweep(ports.db, pinned_ms).await?;
        idempotency::sweep(ports.db, pinned_ms).await?;
        reminder::remind(ports.db, pinned_ms).await?;
        propose_learnings(ports).await?;
    }
    Ok((swept, steps))
}

/// Most posts that one tick approves by the standing rule, and by rules that were earned.
const RULED_MAX: u32 = 50;

/// Where a policy asks for nobody, its standing rule approves what has passed review, and where a rule was earned, that
/// one does, within its cap: through the same door as people, and on exactly what was read. Whoever was quicker has won.
async fn approve_by_rule(ports: &Ports<'_>) -> Result<(), DbError> {
    let pinned_ms = ports.clock.pinned_ms();
    let ruled = approval::ruled(ports.db, pinned_ms, RULED_MAX).await?;
    let mut all: Vec<(String, Ruled)> = ruled.into_iter().map(|ruled| (approval::RULE.into(), ruled)).collect();
    all.extend(autonomy::approvable(ports.db, pinned_ms, RULED_MAX).await?);
    for (actor, ruled) in all {
        let id = store::id::new(ports.clock, ports.entropy);
        let new = NewApproval {
            workspace_id: &ruled.workspace_id,
            id: &id,
            post_id: &ruled.post_id,
            version: ruled.version,
            content_sha256: &ruled.content_sha256,
            channel_id: &ruled.channel_id,
            due_at: ruled.due_at,
            decision: Decision::Approve,
            comment: None,
            actor: &actor,
        };
        match approval::decide(ports.db, pinned_ms, &new).await {
            Ok(_) | Err(DbError::Refused(_) | DbError::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Most trials that one tick begins.
const TRIALS_MAX: u32 = 4;

/// Begins trials of learnings where limits have room. Whoever was quicker has begun them.
async fn begin_trials(ports: &Ports<'_>) -> Result<(), DbError> {
    let pinned_ms = ports.clock.pinned_ms();
    for due in trial::due(ports.db, pinned_ms, TRIALS_MAX).await? {
        match trial::begin(ports.db, pinned_ms, &due).await {
            Ok(_) | Err(DbError::Refused(_) | DbError::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Most workspaces that are looked at for learnings at a time.
const WATCHED_MAX: u32 = 4;

/// Proposes what people and reviewers kept saying, where something was seen since.
pub async fn propose_learnings(ports: &Ports<'_>) -> Result<usize, DbError> {
    let pinned_ms = ports.clock.pinned_ms();
    let mut proposed = 0;
    for workspace_id in watch::wanted(ports.db, WATCHED_MAX).await? {
        watch::looked(ports.db, &workspace_id).await?;
        let seen = watch::seen(ports.db, pinned_ms, &workspace_id).await?;
        for proposal in domain::learning::signals::proposals(&seen) {
            let id = store::id::new(ports.clock, ports.entropy);
            let new = (workspace_id.as_str(), id.as_str());
            proposed += usize::from(watch::propose(ports.db, pinned_ms, new, &proposal).await?);
        }
    }
    Ok(proposed)
}

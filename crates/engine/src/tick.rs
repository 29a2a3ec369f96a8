//! The tick: ends what has run out, seals history and finds every step that has work. Any number may run at once.

use domain::Step;
use ports::{DbError, Ports};
use store::job::{self, Swept};
use store::{idempotency, people, seal};

/// One tick in so many also clears away what nobody needs any more; at a tick a second, that is once a minute.
const HOUSEKEEPING_IN: u64 = 60;

/// One tick. Gives what it swept and whom to wake.
pub async fn tick(ports: &Ports<'_>) -> Result<(Swept, Vec<Step>), DbError> {
    let pinned_ms = ports.clock.pinned_ms();
    let swept = job::sweep(ports.db, pinned_ms).await?;
    let steps = job::steps_with_work(ports.db, pinned_ms).await?;
    // Work does not wait for the seal: what is not sealed now, the next tick seals.
    if let Err(error) = seal::seal(ports.db, ports.clock.now_ms()).await {
        eprintln!("history could not be sealed: {error}");
    }
    if ports.entropy.below(HOUSEKEEPING_IN) == 0 {
        people::session::sweep(ports.db, pinned_ms).await?;
        people::sign_in::sweep(ports.db, pinned_ms).await?;
        idempotency::sweep(ports.db, pinned_ms).await?;
    }
    Ok((swept, steps))
}

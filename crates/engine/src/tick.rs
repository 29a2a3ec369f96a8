//! The tick: ends what has run out and finds every step that has work. Any number may run at once.

use domain::Step;
use ports::{DbError, Ports};
use store::job::{self, Swept};

/// One tick. Gives what it swept and whom to wake.
pub async fn tick(ports: &Ports<'_>) -> Result<(Swept, Vec<Step>), DbError> {
    let pinned_ms = ports.clock.pinned_ms();
    let swept = job::sweep(ports.db, pinned_ms).await?;
    let steps = job::steps_with_work(ports.db, pinned_ms).await?;
    Ok((swept, steps))
}

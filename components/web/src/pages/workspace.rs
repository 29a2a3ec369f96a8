//! The stop-everything switch.

use serve::{Problem, Reply};
use store::people::workspace;

use crate::routes::Call;
use crate::visit::Visit;

/// Stops everything before it is armed, or lets it go on.
pub async fn pause(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let form = request.form().await?;
    let paused = match form.required("paused")? {
        "1" => true,
        "0" => false,
        _ => return Err(Problem::invalid("paused", "must be 0 or 1")),
    };
    let (db, pinned_ms) = (app.ports.db, app.ports.clock.pinned_ms());
    workspace::set_paused(db, pinned_ms, &visit.workspace.id, paused, &visit.caller.actor).await?;
    // What came due while all was stopped need not wait for the tick.
    let reply = Reply::see_other("/");
    Ok(if paused { reply } else { reply.waking(domain::Step::ALL) })
}

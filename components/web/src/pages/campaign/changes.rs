//! `/campaigns/{id}/events`: tells an open page that something changed.

use serve::{Problem, Reply};
use store::campaign;

use crate::live;
use crate::routes::Call;
use crate::visit::Visit;

/// The stream.
pub async fn events(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let (app, id) = (call.app, call.id());
    if campaign::find(app.ports.db, &visit.workspace.id, id).await?.is_none() {
        return Err(Problem::NotFound { what: "campaign", id: id.into() });
    }
    live::changes(app, call.request, &visit.workspace.id, Some(id)).await
}

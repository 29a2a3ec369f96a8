//! `/campaigns/{id}/events`: tells an open page that something changed. The page asks for its parts itself.

use ports::Db;
use serve::events::{self, Event, EventSource};
use serve::{Problem, Reply};
use store::{campaign, event};

use crate::routes::Call;
use crate::visit::Visit;

/// Most lines of history that are read at once.
const EVENTS_MAX: u32 = 200;

struct Changes {
    workspace_id: String,
    campaign_id: String,
    seq: i64,
}

#[async_trait::async_trait(?Send)]
impl EventSource for Changes {
    async fn next(&mut self, db: &dyn Db) -> Result<Vec<Event>, Problem> {
        let lines = event::after(db, &self.workspace_id, Some(&self.campaign_id), self.seq, EVENTS_MAX).await?;
        let Some(last) = lines.last() else { return Ok(Vec::new()) };
        self.seq = last.seq;
        Ok(vec![Event { id: last.seq, name: "changed".into(), data: last.kind.clone() }])
    }
}

/// The stream.
pub async fn events(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let id = call.id();
    let (db, workspace_id) = (app.ports.db, &visit.workspace.id);
    if campaign::find(db, workspace_id, id).await?.is_none() {
        return Err(Problem::NotFound { what: "campaign", id: id.into() });
    }
    let seq = match events::resume(request)? {
        Some(seq) => seq,
        None => event::last_seq(db, workspace_id).await?,
    };
    Ok(Reply::events(Changes { workspace_id: workspace_id.clone(), campaign_id: id.into(), seq }))
}

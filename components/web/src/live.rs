//! Tells an open page that something changed. The page asks for its parts itself.

use ports::Db;
use serve::events::{Event, EventSource};
use serve::{App, Problem, Reply, Request, events};
use store::event;

/// Most lines of history that are read at once.
const EVENTS_MAX: u32 = 200;

struct Changes {
    workspace_id: String,
    campaign_id: Option<String>,
    seq: i64,
}

#[async_trait::async_trait(?Send)]
impl EventSource for Changes {
    async fn next(&mut self, db: &dyn Db) -> Result<Vec<Event>, Problem> {
        let campaign_id = self.campaign_id.as_deref();
        let lines = event::after(db, &self.workspace_id, campaign_id, self.seq, EVENTS_MAX).await?;
        let Some(last) = lines.last() else { return Ok(Vec::new()) };
        self.seq = last.seq;
        Ok(vec![Event { id: last.seq, name: "changed".into(), data: last.kind.clone() }])
    }
}

/// The stream of a workspace's changes, or of one campaign's.
pub async fn changes(
    app: App<'_>,
    request: &Request,
    workspace_id: &str,
    campaign_id: Option<&str>,
) -> Result<Reply, Problem> {
    let seq = match events::resume(request)? {
        Some(seq) => seq,
        None => event::last_seq(app.ports.db, workspace_id).await?,
    };
    let (workspace_id, campaign_id) = (workspace_id.into(), campaign_id.map(Into::into));
    Ok(Reply::events(Changes { workspace_id, campaign_id, seq }))
}

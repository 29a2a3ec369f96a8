//! History: in order, and as it happens.

use ports::Db;
use serde::Serialize;
use serve::cursor::{LIMIT_MAX, Page};
use serve::events::{self, EventSource};
use serve::{Problem, Reply, StatusCode};
use store::{campaign, event};

use crate::call::Call;
use crate::instant::rfc3339;

#[derive(Serialize)]
struct View {
    seq: i64,
    at: String,
    campaign_id: Option<String>,
    subject: String,
    kind: String,
    actor: String,
    data: serde_json::Value,
}

impl From<event::Event> for View {
    fn from(event: event::Event) -> Self {
        Self {
            seq: event.seq,
            at: rfc3339(event.at),
            campaign_id: event.campaign_id,
            subject: event.subject,
            kind: event.kind,
            actor: event.actor,
            data: event.data,
        }
    }
}

#[derive(Serialize)]
struct Events {
    items: Vec<View>,
    /// To be sent as `after`; none when nothing newer has happened yet.
    next: Option<i64>,
}

/// `GET /events?after=&campaign=`. Here the cursor is the number of a line, which a client may keep for good.
pub async fn list(call: Call<'_>) -> Result<Reply, Problem> {
    let page = Page::of(call.request, 1)?;
    let after = call.request.query("after").map_or(Ok(0), |text| text.parse().map_err(|_| Problem::InvalidCursor))?;
    let campaign_id = of_campaign(&call).await?;
    let mut rows = event::after(call.db(), call.workspace_id(), campaign_id, after, page.limit + 1).await?;
    let more = rows.len() > page.limit as usize;
    rows.truncate(page.limit as usize);
    let next = rows.last().filter(|_| more).map(|event| event.seq);
    Reply::json(StatusCode::OK, &Events { items: rows.into_iter().map(View::from).collect(), next })
}

async fn of_campaign<'a>(call: &Call<'a>) -> Result<Option<&'a str>, Problem> {
    let Some(id) = call.request.query("campaign") else { return Ok(None) };
    match campaign::find(call.db(), call.workspace_id(), id).await? {
        Some(_) => Ok(Some(id)),
        None => Err(Problem::NotFound { what: "campaign", id: id.into() }),
    }
}

/// Everything that happens in a workspace, or in one campaign, from a line on.
struct History {
    workspace_id: String,
    campaign_id: Option<String>,
    seq: i64,
}

#[async_trait::async_trait(?Send)]
impl EventSource for History {
    async fn next(&mut self, db: &dyn Db) -> Result<Vec<events::Event>, Problem> {
        let rows = event::after(db, &self.workspace_id, self.campaign_id.as_deref(), self.seq, LIMIT_MAX).await?;
        self.seq = rows.last().map_or(self.seq, |event| event.seq);
        rows.into_iter()
            .map(|event| {
                let (id, name) = (event.seq, event.kind.clone());
                let data =
                    serde_json::to_string(&View::from(event)).map_err(|error| Problem::Internal(error.into()))?;
                Ok(events::Event { id, name, data })
            })
            .collect()
    }
}

/// `GET /events/stream`: from `Last-Event-ID` on, or from `?after=`, or from now on.
pub async fn stream(call: Call<'_>) -> Result<Reply, Problem> {
    let campaign_id = of_campaign(&call).await?.map(Into::into);
    let seq = match events::resume(call.request)? {
        Some(seq) => seq,
        None => event::last_seq(call.db(), call.workspace_id()).await?,
    };
    Ok(Reply::events(History { workspace_id: call.workspace_id().into(), campaign_id, seq }))
}

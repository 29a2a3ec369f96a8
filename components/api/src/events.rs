//! History: searched, in order, as it happens, and as a file.

use ports::Db;
use serde::Serialize;
use serve::cursor::{LIMIT_MAX, Page};
use serve::events::{self, EventSource};
use serve::history::{self as wire, Asked, Format, View};
use serve::{Problem, Reply, StatusCode};
use store::{event, history};

use crate::call::Call;

#[derive(Serialize)]
struct Events {
    items: Vec<View>,
    /// To be sent as `after`, or as `before` where the newest come first; none on the last page.
    next: Option<i64>,
}

/// Every line, unless something else is asked for.
async fn asked(call: &Call<'_>) -> Result<Asked, Problem> {
    let asked = Asked::of(call.request, None, true)?;
    asked.check(call.db(), call.workspace_id()).await?;
    Ok(asked)
}

fn number(call: &Call<'_>, name: &str) -> Result<Option<i64>, Problem> {
    call.request.query(name).map(|text| text.parse().map_err(|_| Problem::InvalidCursor)).transpose()
}

/// `GET /events?after=&campaign=…`. Here the cursor is the number of a line, which a client may keep for good.
pub async fn list(call: Call<'_>) -> Result<Reply, Problem> {
    let page = Page::of(call.request, 1)?;
    let (asked, limit) = (asked(&call).await?, page.limit + 1);
    let (after, before) = (number(&call, "after")?, number(&call, "before")?);
    let mut rows = match (call.request.query("order"), after) {
        (None | Some("oldest"), _) if before.is_some() => {
            return Err(Problem::invalid("before", "goes with `order=newest`"));
        }
        (None | Some("oldest"), after) => {
            history::after(call.db(), call.workspace_id(), &asked.filter(), after.unwrap_or(0), limit).await?
        }
        (Some("newest"), None) => {
            history::newest(call.db(), call.workspace_id(), &asked.filter(), before, limit).await?
        }
        (Some("newest"), Some(_)) => return Err(Problem::invalid("after", "goes with `order=oldest`")),
        (Some(_), _) => return Err(Problem::invalid("order", "must be `oldest` or `newest`")),
    };
    let more = rows.len() > page.limit as usize;
    rows.truncate(page.limit as usize);
    let next = rows.last().filter(|_| more).map(|line| line.seq);
    Reply::json(StatusCode::OK, &Events { items: rows.into_iter().map(View::from).collect(), next })
}

/// `GET /events/export.csv`.
pub async fn csv(call: Call<'_>) -> Result<Reply, Problem> {
    Ok(wire::export(call.workspace_id(), asked(&call).await?, Format::Csv))
}

/// `GET /events/export.json`.
pub async fn json(call: Call<'_>) -> Result<Reply, Problem> {
    Ok(wire::export(call.workspace_id(), asked(&call).await?, Format::Json))
}

/// Everything that happens in a workspace, or in one campaign, from a line on.
struct History {
    workspace_id: String,
    asked: Asked,
    seq: i64,
}

#[async_trait::async_trait(?Send)]
impl EventSource for History {
    async fn next(&mut self, db: &dyn Db) -> Result<Vec<events::Event>, Problem> {
        let rows = history::after(db, &self.workspace_id, &self.asked.filter(), self.seq, LIMIT_MAX).await?;
        self.seq = rows.last().map_or(self.seq, |line| line.seq);
        rows.into_iter()
            .map(|line| {
                let (id, name) = (line.seq, line.kind.clone());
                let data = serde_json::to_string(&View::from(line)).map_err(|error| Problem::Internal(error.into()))?;
                Ok(events::Event { id, name, data })
            })
            .collect()
    }
}

/// `GET /events/stream`: from `Last-Event-ID` on, or from `?after=`, or from now on.
pub async fn stream(call: Call<'_>) -> Result<Reply, Problem> {
    let asked = asked(&call).await?;
    let seq = match events::resume(call.request)? {
        Some(seq) => seq,
        None => event::last_seq(call.db(), call.workspace_id()).await?,
    };
    Ok(Reply::events(History { workspace_id: call.workspace_id().into(), asked, seq }))
}

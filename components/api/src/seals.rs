//! The seal over history: the chain, and what is hashed, so that anybody can check it with a program of their own.

use domain::seal::Seal;
use serde::Serialize;
use serve::cursor::Page;
use serve::{Problem, Reply, StatusCode};
use store::seal;

use crate::call::Call;
use crate::instant::rfc3339;

#[derive(Serialize)]
struct View {
    #[serde(flatten)]
    seal: Seal,
    sealed_at: String,
}

#[derive(Serialize)]
struct Seals {
    workspace_id: String,
    /// Every event up to this one is sealed, whichever workspace it is of.
    sealed_to: i64,
    items: Vec<View>,
    next: Option<i64>,
}

fn after(call: &Call<'_>) -> Result<i64, Problem> {
    call.request.query("after").map_or(Ok(i64::MIN), |text| text.parse().map_err(|_| Problem::InvalidCursor))
}

/// `GET /seals?after=`. The cursor is the number of a seal.
pub async fn list(call: Call<'_>) -> Result<Reply, Problem> {
    let page = Page::of(call.request, 1)?;
    // Read first: whatever was sealed until then is in the list.
    let sealed_to = seal::sealed_to(call.db()).await?;
    let mut rows = seal::after(call.db(), call.workspace_id(), after(&call)?, page.limit + 1).await?;
    let more = rows.len() > page.limit as usize;
    rows.truncate(page.limit as usize);
    let next = rows.last().filter(|_| more).map(|seal| seal.number);
    let view = |seal: Seal| View { sealed_at: rfc3339(seal.at), seal };
    let items = rows.into_iter().map(view).collect();
    Reply::json(StatusCode::OK, &Seals { workspace_id: call.workspace_id().into(), sealed_to, items, next })
}

#[derive(Serialize)]
struct Text {
    seq: i64,
    line: String,
}

#[derive(Serialize)]
struct Lines {
    items: Vec<Text>,
    next: Option<i64>,
}

/// `GET /seals/lines?after=`. The cursor is the number of an event.
pub async fn lines(call: Call<'_>) -> Result<Reply, Problem> {
    let page = Page::of(call.request, 1)?;
    let mut rows = seal::lines(call.db(), call.workspace_id(), after(&call)?, page.limit + 1).await?;
    let more = rows.len() > page.limit as usize;
    rows.truncate(page.limit as usize);
    let next = rows.last().filter(|_| more).map(|text| text.seq);
    let items = rows.into_iter().map(|text| Text { seq: text.seq, line: text.line }).collect();
    Reply::json(StatusCode::OK, &Lines { items, next })
}

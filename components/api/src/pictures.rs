//! Pictures: the bytes of one, and having one drawn.

use domain::Step;
use serde::Deserialize;
use serve::{Problem, Reply, StatusCode, pictures};
use store::picture;

use crate::call::Call;
use crate::posts;

/// `GET /pictures/{sha256}`: as it is.
pub async fn show(call: Call<'_>) -> Result<Reply, Problem> {
    pictures::reply(call.app, call.request, call.workspace_id(), call.id()).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    /// The version whose idea is to be drawn.
    version: i64,
}

/// `POST /posts/{id}/drawings`: it voids what was approved; the picture comes with the next version.
pub async fn draw(call: Call<'_>) -> Result<Reply, Problem> {
    let sent: New = call.request.json()?;
    posts::find(&call).await?;
    if !pictures::are_drawn(call.app, call.workspace_id()).await? {
        return Err(pictures::nobody_draws());
    }
    let (of, id) = ((call.workspace_id(), call.id(), sent.version), serve::id(call.app));
    if !picture::want(call.db(), call.pinned_ms(), of, &id, call.actor()).await? {
        return Err(Problem::WrongState);
    }
    Ok(posts::detail(&call, call.id(), StatusCode::ACCEPTED).await?.waking(&[Step::Generate]))
}

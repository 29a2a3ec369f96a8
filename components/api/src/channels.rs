//! Channels: connected accounts.

use serde::Serialize;
use serve::cursor::Page;
use serve::{Problem, Reply};
use store::channel::{self, Channel};

use crate::call::Call;
use crate::instant::{opt_rfc3339, rfc3339};
use crate::list;

#[derive(Serialize)]
struct View {
    id: String,
    name: String,
    platform: String,
    config: serde_json::Value,
    paused: bool,
    /// The platform asked us to wait until then.
    blocked_until: Option<String>,
    created_at: String,
}

/// `GET /channels`.
pub async fn list(call: Call<'_>) -> Result<Reply, Problem> {
    let page = Page::of(call.request, 1)?;
    let after = page.after.as_ref().map(|key| key[0].as_str());
    let channels = channel::list(call.db(), call.workspace_id(), after, page.limit + 1).await?;
    let now_ms = call.app.ports.clock.now_ms();
    let view = |channel: Channel| View {
        id: channel.id,
        name: channel.name,
        platform: channel.platform,
        config: channel.config,
        paused: channel.paused,
        blocked_until: opt_rfc3339(Some(channel.blocked_until).filter(|until| *until > now_ms)),
        created_at: rfc3339(channel.created_at),
    };
    list::reply(channels, &page, |channel| vec![channel.name.clone()], view)
}

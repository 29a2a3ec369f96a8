//! Commands: what a person tells an agent to do, and what became of it.

use domain::command::{Candidate, Meant, meant, takes, words};
use domain::{AgentRole, Step};
use serde::{Deserialize, Serialize};
use serve::{Problem, Reply, StatusCode};
use store::command::{self, NewCommand, Target};

use super::role;
use crate::call::Call;
use crate::instant::rfc3339;
use crate::list;

#[derive(Serialize)]
struct View {
    id: String,
    text: String,
    campaign_id: String,
    post_id: Option<String>,
    version: i64,
    user_id: String,
    at: String,
}

impl From<command::Command> for View {
    fn from(command: command::Command) -> Self {
        Self {
            id: command.id,
            text: command.text,
            campaign_id: command.campaign_id,
            post_id: command.post_id,
            version: command.version,
            user_id: command.user_id,
            at: rfc3339(command.at),
        }
    }
}

/// `GET /agents/{id}/commands`: what it was told, the newest first.
pub async fn list(call: Call<'_>) -> Result<Reply, Problem> {
    let (page, after) = list::by_time(&call)?;
    let rows = command::list(call.db(), call.workspace_id(), role(&call)?, after.as_ref(), page.limit + 1).await?;
    list::reply(rows, &page, |row| list::of_key(row.key()), View::from)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    text: String,
    post_id: Option<String>,
    campaign_id: Option<String>,
    /// As the caller saw it; none: the current one.
    version: Option<i64>,
}

/// `POST /agents/{id}/commands`: tells it to do something again. Who names no post, or no campaign, must say in the
/// words which one is meant.
pub async fn create(call: Call<'_>) -> Result<Reply, Problem> {
    let role = role(&call)?;
    let sent: Sent = call.request.json()?;
    if takes(role).is_none() {
        return Err(Problem::invalid("agent", REFUSAL));
    }
    let text = words(&sent.text).map_err(|complaint| Problem::invalid("text", complaint))?;
    let targets = command::targets(call.db(), call.workspace_id(), role).await?;
    for (what, id) in [("post", &sent.post_id), ("campaign", &sent.campaign_id)] {
        let Some(id) = id else { continue };
        if !command::exists(call.db(), call.workspace_id(), id).await? {
            return Err(Problem::NotFound { what, id: id.clone() });
        }
    }
    let target = chosen(&call, &targets, &sent)?;
    let id = serve::id(call.app);
    let new = NewCommand {
        workspace_id: call.workspace_id(),
        id: &id,
        role,
        text,
        campaign_id: &target.campaign_id,
        post_id: target.post_id.as_deref(),
        version: sent.version.unwrap_or(target.version),
        actor: call.actor(),
    };
    command::give(call.db(), call.pinned_ms(), &new).await?;
    let view = View {
        id: id.clone(),
        text: text.into(),
        campaign_id: target.campaign_id.clone(),
        post_id: target.post_id.clone(),
        version: new.version,
        user_id: call.actor().into(),
        at: rfc3339(call.app.ports.clock.now_ms()),
    };
    let step = if role == AgentRole::Copywriter { Step::Generate } else { Step::Strategize };
    Ok(Reply::json(StatusCode::CREATED, &view)?.waking(&[step]))
}

/// What can be commanded, for whoever tries something else.
const REFUSAL: &str = "takes no commands; tell the copywriter to write a post again, or the strategist to plan again";

fn chosen<'a>(call: &Call<'_>, targets: &'a [Target], sent: &Sent) -> Result<&'a Target, Problem> {
    if sent.post_id.is_some() || sent.campaign_id.is_some() {
        let is_it = |one: &&Target| {
            sent.post_id.as_ref().is_none_or(|id| one.post_id.as_ref() == Some(id))
                && sent.campaign_id.as_ref().is_none_or(|id| one.campaign_id == *id)
        };
        let mut found = targets.iter().filter(is_it);
        return match (found.next(), found.next()) {
            (Some(one), None) => Ok(one),
            (Some(_), Some(_)) => {
                Err(Problem::invalid("post_id", "is missing: the campaign has several posts that can go back"))
            }
            (None, _) => Err(Problem::WrongState),
        };
    }
    let now_ms = call.app.ports.clock.now_ms();
    let candidates: Vec<Candidate<'_>> = targets.iter().map(|one| candidate(one, now_ms)).collect();
    match meant(&sent.text, &candidates) {
        Meant::One(at) => Ok(&targets[at]),
        Meant::Unclear if targets.is_empty() => Err(Problem::WrongState),
        Meant::Unclear => Err(Problem::invalid("post_id", "is missing, and the words do not say which one is meant")),
    }
}

fn candidate(target: &Target, now_ms: i64) -> Candidate<'_> {
    let channel = target.channel.as_deref().unwrap_or_default();
    Candidate::of(target.planned_local.as_deref(), &target.timezone, channel, now_ms)
}

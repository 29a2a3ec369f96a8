//! `/campaigns/{id}`: one campaign, live. Its parts can be asked for one by one, and are rendered here alike.

mod alerts;
mod changes;
mod consistency;
mod costs;
mod decisions;
mod head;
mod history;
mod new_post;
pub mod plan;
mod plan_diff;
pub mod post_acts;
mod posts;
mod put_away;
pub mod rewrite;
mod runs;

pub use changes::events;
pub use decisions::{Seen, approve_all, budget, cancel, decide_plan, decide_post, pause, retry, revision};
pub use new_post::{create as add_post, show as new_post};
pub use posts::passes_of;
pub use put_away::{archive, duplicate};
pub use rewrite::add_elsewhere;

use domain::{Action, Brief};
use maud::{Markup, html};
use serve::{App, Problem, Reply, StatusCode};
use store::campaign::{self, Campaign};
use store::event;

use crate::elements::badge;
use crate::elements::form::Typed;
use crate::layout::{self, Nav};
use crate::notice;
use crate::routes::Call;
use crate::visit::{Names, Visit, html as page};

/// A campaign that somebody looks at.
pub struct Sight<'a> {
    /// How to ask for more.
    pub app: App<'a>,
    /// Who looks.
    pub visit: &'a Visit,
    /// What at.
    pub campaign: Campaign,
    /// With all its facts.
    pub brief: Brief,
    /// Names of those who act.
    pub names: Names,
}

impl<'a> Sight<'a> {
    /// Of this campaign.
    pub async fn of(app: App<'a>, visit: &'a Visit, id: &str) -> Result<Self, Problem> {
        let (campaign, brief) = campaign::find_with_brief(app.ports.db, &visit.workspace.id, id)
            .await?
            .ok_or_else(|| Problem::NotFound { what: "campaign", id: id.into() })?;
        let names = Names::of(app, &visit.workspace.id).await?;
        Ok(Self { app, visit, campaign, brief, names })
    }

    /// Whether this button is worth showing: permitted, and the campaign is not over.
    pub fn may(&self, action: Action) -> bool {
        self.visit.may(action) && self.campaign.finished_at.is_none()
    }

    /// Where this campaign is.
    pub fn path(&self) -> String {
        format!("/campaigns/{}", self.campaign.id)
    }
}

/// The parts of the page that can be asked for again.
const PARTS: &[&str] = &["head", "alerts", "strategy", "posts", "cost", "runs", "history"];

async fn part(sight: &Sight<'_>, name: &str, typed: &Typed) -> Result<Markup, Problem> {
    match name {
        "head" => Ok(head::part(sight)),
        "alerts" => alerts::part(sight).await,
        "strategy" => plan::part(sight, typed).await,
        "posts" => posts::part(sight).await,
        "cost" => costs::part(sight).await,
        "runs" => runs::part(sight).await,
        "history" => history::part(sight).await,
        other => Err(Problem::NotFound { what: "part", id: other.into() }),
    }
}

/// The page.
pub async fn show(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let id = call.id();
    let sight = Sight::of(app, visit, id).await?;
    Ok(page(render(&sight, &notice::done(request), &Typed::default()).await?))
}

/// One part of it, without a page around.
pub async fn fragment(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, .. } = call;
    let (id, name) = (call.id(), call.second());
    let sight = Sight::of(app, visit, id).await?;
    Ok(Reply::html(StatusCode::OK, part(&sight, name, &Typed::default()).await?.into_string()))
}

async fn render(sight: &Sight<'_>, said: &Markup, typed: &Typed) -> Result<String, Problem> {
    let campaign = &sight.campaign;
    // Read first: what changes while the page is made is told by the stream.
    let seq = event::last_seq(sight.app.ports.db, &campaign.workspace_id).await?;
    let mut parts = Vec::new();
    for name in PARTS {
        let live = html! { live-part id=(name) src={ (sight.path()) "/fragment/" (name) } { (part(sight, name, typed).await?) } };
        parts.push(live);
    }
    let [head, alerts, strategy, posts, cost, runs, history] = &parts[..] else { return Ok(String::new()) };
    let body = html! {
        live-page events={ (sight.path()) "/events?after=" (seq) } {
            (said)
            @if campaign.mode == domain::Mode::Rehearsal { (badge::rehearsal_note(campaign.time_lapse)) }
            (head)
            (alerts)
            div.columns {
                div { (strategy) (posts) }
                div.aside {
                    (head::brief(sight))
                    (consistency::section(sight).await?)
                    (cost)
                    (runs)
                    (history)
                }
            }
        }
    };
    Ok(layout::page(sight.visit, Nav::Campaigns, &campaign.name, &body))
}

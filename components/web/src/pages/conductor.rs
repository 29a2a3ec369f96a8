//! `/`: the whole workspace at a glance, live: the switch above, the players at the left, what was and is due in the
//! middle, what came of it and what needs a person at the right.

mod aside;
mod players;
mod quick;
mod switch;
mod timeline;

pub use aside::sheet;
pub use players::acts;
pub use quick::{pause_agent, role, wake_agent};
pub use switch::switch;

use maud::{Markup, html};
use serve::{App, Problem, Reply, StatusCode};
use store::{campaign, event};

use crate::layout::{self, Nav};
use crate::routes::Call;
use crate::visit::{Visit, html as page};
use crate::{live, notice};

/// A workspace that somebody looks at.
struct Sight<'a> {
    app: App<'a>,
    visit: &'a Visit,
    now_ms: i64,
    /// Whose timeline it is; none: every campaign's.
    campaign: Option<String>,
}

/// The parts of the page that can be asked for again.
const PARTS: &[&str] = &["switch", "players", "timeline", "attention", "figures"];

async fn part(sight: &Sight<'_>, name: &str) -> Result<Markup, Problem> {
    match name {
        "switch" => switch::part(sight).await,
        "players" => players::part(sight).await,
        "timeline" => timeline::part(sight).await,
        "attention" => aside::attention(sight).await,
        "figures" => aside::figures(sight).await,
        other => Err(Problem::NotFound { what: "part", id: other.into() }),
    }
}

async fn sight<'a>(call: &Call<'a>, visit: &'a Visit) -> Result<Sight<'a>, Problem> {
    let campaign = call.request.query("campaign").filter(|id| !id.is_empty());
    if let Some(id) = campaign {
        let found = campaign::find(call.app.ports.db, &visit.workspace.id, id).await?;
        found.ok_or_else(|| Problem::NotFound { what: "campaign", id: id.into() })?;
    }
    Ok(Sight { app: call.app, visit, now_ms: call.app.ports.clock.now_ms(), campaign: campaign.map(Into::into) })
}

/// The page.
pub async fn show(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let sight = sight(&call, visit).await?;
    // Read first: what changes while the page is made is told by the stream.
    let seq = event::last_seq(call.app.ports.db, &visit.workspace.id).await?;
    let mut parts = Vec::new();
    for name in PARTS {
        let shown = part(&sight, name).await?;
        let of = sight.campaign.as_ref().filter(|_| *name == "timeline").map(|id| format!("?campaign={id}"));
        parts.push(
            html! { live-part id=(name) src={ "/conductor/fragment/" (name) (of.unwrap_or_default()) } { (shown) } },
        );
    }
    let [switch, players, timeline, attention, figures] = &parts[..] else { return Err(call.request.no_route()) };
    let body = html! {
        div.head { h1 { "Conductor" } }
        live-page events={ "/events?after=" (seq) } {
            (notice::done(call.request))
            (switch)
            div.conductor {
                section.players aria-labelledby="players-title" { h2.as-h3 #players-title { "Players" } (players) }
                section aria-labelledby="timeline-title" {
                    h2.as-h3 #timeline-title { "Timeline" }
                    (timeline::chooser(&sight).await?)
                    (timeline)
                }
                div.right { (attention) (figures) }
            }
            (quick::bar(visit))
        }
    };
    Ok(page(layout::page(visit, Nav::Conductor, "Conductor", &body)))
}

/// One part of it, without a page around.
pub async fn fragment(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    Ok(Reply::html(StatusCode::OK, part(&sight(&call, visit).await?, call.id()).await?.into_string()))
}

/// `/events`: tells an open page that something changed in the workspace.
pub async fn events(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    live::changes(call.app, call.request, &visit.workspace.id, None).await
}

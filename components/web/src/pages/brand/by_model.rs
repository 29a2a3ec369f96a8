//! `/brand/readings/{id}`: somebody else's text, read by a model. What plain rules find is there at once; what the model finds
//! is added when it has read.

use domain::ReadingState;
use maud::{Markup, html};
use serve::readings;
use serve::{Problem, Reply, StatusCode};
use store::event;
use store::reading::Reading;

use super::copied::{Choice, choose};
use super::wizard::{Sheet, frame};
use crate::elements::cost;
use crate::notice;
use crate::routes::Call;
use crate::visit::{Visit, html as page};

/// The page.
pub async fn show(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    // Read first: what changes while the page is made is told by the stream.
    let seq = event::last_seq(call.app.ports.db, &visit.workspace.id).await?;
    let shown = shown(call, visit).await?;
    let body = html! {
        live-page events={ "/events?after=" (seq) } {
            live-part id="reading" src={ "/brand/readings/" (call.id()) "/fragment" } { (shown) }
        }
    };
    Ok(page(frame(visit, Sheet::Choose(false), &body)))
}

/// What changes of it.
pub async fn fragment(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    Ok(Reply::html(StatusCode::OK, shown(call, visit).await?.into_string()))
}

async fn shown(call: Call<'_>, visit: &Visit) -> Result<Markup, Problem> {
    let found = readings::find(call.app, &visit.workspace.id, call.id()).await?;
    let current = store::brand::current(call.app.ports.db, &visit.workspace.id).await?;
    let base = current.map_or(0, |found| found.version).to_string();
    let (facts, left_out) = readings::facts(&found);
    let hidden = vec![("base", base.as_str()), ("reading", found.id.as_str())];
    Ok(html! {
        (said(&found))
        (choose(visit, &Choice { hidden, facts: &facts, left_out, offered: false }))
    })
}

/// How far the model is.
fn said(found: &Reading) -> Markup {
    let model = found.model.as_deref().unwrap_or("the model");
    html! {
        @match found.state {
            ReadingState::Waiting => p.notice.wait role="status" { "A model reads the text. What it finds is added here; without a script, load this page again in a moment. What plain rules find is here already, and you may go on with that." },
            ReadingState::Done => p.notice.good role="status" { "Read by " (model) ", for " (cost::dollars(found.micro_usd)) ": " (found.facts.len()) @if found.facts.len() == 1 { " fact stands" } @else { " facts stand" } " in the text." },
            ReadingState::Failed => (notice::failed(&format!("No model has read it: {}. What plain rules find is here", found.reason.as_deref().unwrap_or("nobody knows why")))),
        }
    }
}

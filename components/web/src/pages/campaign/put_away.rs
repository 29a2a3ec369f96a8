//! Putting a campaign away, taking it back, and beginning another one like it.

use domain::{Action, Step, calendar};
use maud::{Markup, html};
use serve::{App, Problem, Reply, copies};
use store::campaign;

use super::{Sight, render, revision};
use crate::elements::form::{Typed, act, csrf};
use crate::notice;
use crate::routes::Call;
use crate::visit::Visit;

/// The two acts, for whoever may write.
pub fn acts(sight: &Sight<'_>) -> Markup {
    let campaign = &sight.campaign;
    let seen = campaign.revision.to_string();
    html! {
        @if sight.visit.may(Action::Write) {
            (copy(sight))
            @match campaign.archived_at {
                Some(_) => (act(&sight.visit.caller, &format!("{}/archive", sight.path()), "slim", "Take it back", &[("archived", "0"), ("revision", &seen)])),
                None => details.ask id="ask-archive" {
                    summary.button.slim { "Put away" }
                    form method="post" action={ (sight.path()) "/archive" } {
                        p { "Lists leave it out, and nothing of it runs: what waits for its time will miss it. You can take it back." }
                        (csrf(&sight.visit.caller))
                        input type="hidden" name="archived" value="1";
                        input type="hidden" name="revision" value=(seen);
                        button.button.main-act type="submit" { "Put it away" }
                    }
                },
            }
        }
    }
}

fn copy(sight: &Sight<'_>) -> Markup {
    html! {
        details.ask id="ask-copy" {
            summary.button.slim { "Duplicate" }
            form method="post" action={ (sight.path()) "/copies" } {
                p { "The same goal and facts, planned anew from another day on. Nothing of this campaign changes." }
                (csrf(&sight.visit.caller))
                div.field { label for="copy-start" { "First day" } input.control #copy-start type="date" name="start" required value=(tomorrow(sight.app, &sight.campaign.timezone)); }
                div.field {
                    label for="copy-name" { "Name " span.soft.small { "(optional)" } }
                    input.control #copy-name name="name" maxlength="200" autocomplete="off" placeholder={ (sight.campaign.name) ", again" };
                }
                button.button.main-act type="submit" { "Plan it anew" }
            }
        }
    }
}

fn tomorrow(app: App<'_>, zone: &str) -> String {
    let now = calendar::wall_time(app.ports.clock.now_ms(), zone).ok();
    now.and_then(|now| now.date().tomorrow().ok()).map_or_else(String::new, |day| day.to_string())
}

/// Puts it away, or takes it back. Refused while something is being sent.
pub async fn archive(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let form = request.form().await?;
    let (of, seen) = ((visit.workspace.id.as_str(), call.id()), Some(revision(&form)?));
    let (db, at, actor) = (app.ports.db, app.ports.clock.pinned_ms(), visit.caller.actor.as_str());
    let away = form.required("archived")? == "1";
    let changed = if away {
        campaign::archive(db, at, of, seen, actor).await
    } else {
        campaign::unarchive(db, at, of, seen, actor).await
    };
    match changed.map_err(Problem::from) {
        Ok(true) => {
            let done = if away { "archived" } else { "unarchived" };
            Ok(Reply::see_other(&format!("/campaigns/{}?done={done}", call.id())))
        }
        Ok(false) => again(app, visit, call.id(), Problem::Stale).await,
        Err(problem) => again(app, visit, call.id(), problem).await,
    }
}

async fn again(app: App<'_>, visit: &Visit, id: &str, problem: Problem) -> Result<Reply, Problem> {
    if matches!(problem, Problem::Invalid(_)) {
        return Err(problem); // to be mended with all that was typed
    }
    let sight = Sight::of(app, visit, id).await?;
    let page = render(&sight, &notice::failed(&problem.to_string()), &Typed::default()).await?;
    Ok(problem.into_reply_with("text/html; charset=utf-8", page))
}

/// Begins another campaign with the same brief, from another day on.
pub async fn duplicate(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let form = request.form().await?;
    let sight = Sight::of(app, visit, call.id()).await?;
    let of = (&sight.campaign, sight.brief.clone());
    match copies::begin(app, &visit.caller, of, form.required("start")?, form.get("name")).await {
        Ok(id) => Ok(Reply::see_other(&format!("/campaigns/{id}?done=created")).waking(&[Step::Strategize])),
        Err(problem @ Problem::Invalid(_)) => again(app, visit, call.id(), problem).await,
        Err(other) => Err(other),
    }
}

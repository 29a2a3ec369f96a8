//! One learning: its words, its evidence pair by pair, and what a person may make of it.

use domain::learning::{Preference, TrialResult};
use domain::{Action, LearningState, MicroUsd};
use maud::{Markup, html};
use serve::{Form, Problem, Reply};
use store::channel;
use store::learning::trial::{self, Trial};
use store::learning::{self, Learning};

use super::{LABELS, acts, channel_of, effect, named, origin, sent_words, state, words};
use crate::elements::badge::{Tone, badge};
use crate::elements::form::{Typed, csrf, summary};
use crate::elements::time;
use crate::layout::{self, Nav};
use crate::notice;
use crate::refused::Refused;
use crate::routes::Call;
use crate::visit::{Visit, html as page};

/// Most pairs on the page; the API has all.
const PAIRS_SHOWN_MAX: u32 = 100;

async fn find(call: &Call<'_>, visit: &Visit) -> Result<Learning, Problem> {
    let found = learning::find(call.app.ports.db, &visit.workspace.id, call.id()).await?;
    found.ok_or_else(|| Problem::NotFound { what: "learning", id: call.id().into() })
}

/// The page.
pub async fn show(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    Ok(page(render(&call, visit, &Typed::default(), &notice::done(call.request)).await?))
}

async fn render(call: &Call<'_>, visit: &Visit, typed: &Typed, said: &Markup) -> Result<String, Problem> {
    let found = find(call, visit).await?;
    let trials = trial::list(call.app.ports.db, &visit.workspace.id, &found.id, None, PAIRS_SHOWN_MAX).await?;
    let channels = channel::names(call.app.ports.db, &visit.workspace.id).await?;
    let body = html! {
        div.head { div {
            p.crumb { a href="/agents" { "Agents" } " " a href="/learnings" { "Learnings" } }
            h1 { (found.statement) }
        } }
        (said)
        (summary(typed, LABELS))
        div.card.learning {
            p { (state(&found)) @if let Some((_, name)) = &found.channel { " " span.soft { "for " (name) " alone" } } }
            (effect(&found))
            p.soft.small { (origin(&found)) }
            (acts(visit, &found))
        }
        section.section aria-labelledby="pairs-title" {
            h2.above #pairs-title { "Its pairs" }
            @if trials.is_empty() { p.soft { "None yet. It is tried on tasks of finished campaigns." } }
            @for trial in &trials { (pair(trial, found.edition, call.app.ports.clock.now_ms())) }
        }
        @if visit.may(Action::Write) {
            section.section aria-labelledby="edit-title" {
                h2.above #edit-title { "Say it in other words" }
                p.soft { "Its evidence begins anew: what was said of the old words does not hold for the new ones." }
                form.fields method="post" action={ "/learnings/" (found.id) } {
                    (csrf(&visit.caller))
                    input type="hidden" name="revision" value=(found.revision);
                    (words(typed, &found.statement))
                    (channel_of(typed, found.channel.as_ref().map_or("", |(_, name)| name), &channels))
                    div.acts { button.button type="submit" { "Save" } }
                }
            }
        }
    };
    Ok(layout::page(visit, Nav::Agents, &found.statement, &body))
}

fn pair(found: &Trial, edition: i64, now_ms: i64) -> Markup {
    html! {
        details.more {
            summary {
                "Pair " (found.n) " " (result(found.result)) " "
                span.soft.small { (time::ago(found.started_at, now_ms)) @if found.edition != edition { ", of earlier words" } }
            }
            p.small {
                @if let Some(reason) = &found.reason { (crate::pages::sign_in::sentence(reason)) " " }
                @if let Some((first, second)) = found.said { (said(first, second)) " " }
                @if let Some(writer) = &found.writer { "Written by " (writer) ". " }
                @if let Some(judge) = &found.judge {
                    @if found.said.is_none() { "No judge was needed. " }
                    @else if found.writer.as_ref() == Some(judge) { "Judged by the model that wrote it, for no other is set up. " }
                    @else { "Judged by " (judge) ". " }
                }
                "Cost: " (MicroUsd(found.micro_usd)) ". The task: " a href={ "/posts/" (found.post_id) } { (found.post_id) } "."
            }
            @if let Some((with, without)) = &found.contents {
                div.pair {
                    @for (label, content) in [("With it", with), ("Without it", without)] {
                        div.card.flat {
                            h3 { (label) }
                            p { b { (content.title) } }
                            p.lines { (content.text) }
                        }
                    }
                }
            }
        }
    }
}

fn result(result: Option<TrialResult>) -> Markup {
    match result {
        None => badge(Tone::Busy, "Under way"),
        Some(TrialResult::Win) => badge(Tone::Good, "Better with it"),
        Some(TrialResult::Loss) => badge(Tone::Bad, "Better without it"),
        Some(TrialResult::Tie) => badge(Tone::Quiet, "Decided nothing"),
        Some(TrialResult::Failed) => badge(Tone::Quiet, "Could not be judged"),
    }
}

/// What the judge said in each order.
fn said(with_first: Preference, with_second: Preference) -> String {
    let word = |said: Preference, with: Preference| match said {
        Preference::Neither => "neither",
        one if one == with => "the one with it",
        _ => "the one without it",
    };
    format!(
        "Read first, the judge preferred {}; read second, {}.",
        word(with_first, Preference::First),
        word(with_second, Preference::Second)
    )
}

fn revision(sent: &Form) -> Result<i64, Problem> {
    sent.required("revision")?.parse().map_err(|_| Problem::Stale)
}

/// Says it in other words.
pub async fn change(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let sent = call.request.form().await?;
    find(&call, visit).await?;
    let changed = async {
        let (text, channel_id) = sent_words(&call, visit, &sent).await?;
        let at = (visit.workspace.id.as_str(), call.id(), revision(&sent)?);
        let words = (text.as_str(), channel_id.as_deref());
        let (db, pinned_ms) = (call.app.ports.db, call.app.ports.clock.pinned_ms());
        let edited = learning::edit(db, pinned_ms, at, words, &visit.caller.actor).await.map_err(named)?;
        if edited { Ok(()) } else { Err(Problem::Stale) }
    };
    match changed.await {
        Ok(()) => Ok(Reply::see_other(&format!("/learnings/{}?done=learning-changed", call.id()))),
        Err(problem) => refused(&call, visit, sent, problem).await,
    }
}

async fn refused(call: &Call<'_>, visit: &Visit, sent: Form, problem: Problem) -> Result<Reply, Problem> {
    let back = Refused::of(sent, problem)?;
    let again = render(call, visit, &back.typed, &back.said).await?;
    Ok(back.on(again))
}

/// Adopts it, retires it, or lets it be tried from the beginning.
pub async fn put(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let sent = call.request.form().await?;
    let found = find(&call, visit).await?;
    let changed = async {
        let to: LearningState =
            sent.required("state")?.parse().map_err(|_| Problem::invalid("state", "is no state of a learning"))?;
        if !found.state.by_hand().any(|state| state == to) {
            return Err(Problem::Stale);
        }
        let at = (visit.workspace.id.as_str(), call.id(), revision(&sent)?);
        let (db, pinned_ms) = (call.app.ports.db, call.app.ports.clock.pinned_ms());
        let moved = learning::put(db, pinned_ms, at, to, &visit.caller.actor).await?;
        if moved { Ok(to) } else { Err(Problem::Stale) }
    };
    let done = match changed.await {
        Ok(LearningState::Adopted) => "adopted",
        Ok(LearningState::Proposed) => "again",
        Ok(_) => "retired",
        Err(problem) => return refused(&call, visit, sent, problem).await,
    };
    Ok(Reply::see_other(&format!("/learnings/{}?done=learning-{done}", call.id())))
}

//! `/settings/providers`: which models write, plan and judge; their keys, and what they cost.

mod forms;
mod prices;

use domain::{Action, CheckVerdict, ProviderKind};
use maud::{Markup, html};
use serve::providers::{self, Sent, SentPrice, TRIED_BY};
use serve::{App, Form, Problem, Reply};
use store::price;
use store::provider::{self, Provider};

use super::{Section, frame};
use crate::elements::badge::{self, Tone};
use crate::elements::form::{Typed, act};
use crate::elements::time;
use crate::notice;
use crate::routes::Call;
use crate::visit::{Visit, html as page};

/// One of the page's forms.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Connect,
    Change,
    Price,
}

/// A form that was refused and comes back: which one, of which provider, what was typed, and what else is to be said.
#[derive(Default)]
struct Back {
    form: Option<(Which, String)>,
    typed: Typed,
    fresh: Typed,
    said: String,
}

impl Back {
    fn new(form: Which, of: &str, sent: Form, problem: &Problem) -> Self {
        let said = if problem.complaints().is_empty() { problem.to_string() } else { String::new() };
        Self { form: Some((form, of.into())), typed: Typed::of(sent, problem), said, ..Self::default() }
    }

    fn is(&self, form: Which, of: &str) -> bool {
        self.form.as_ref().is_some_and(|(which, id)| *which == form && id == of)
    }

    /// What was typed in this form; in all others nothing was.
    fn of(&self, form: Which, of: &str) -> &Typed {
        if self.is(form, of) { &self.typed } else { &self.fresh }
    }

    /// Why, where no field is wrong.
    fn said(&self, form: Which, of: &str) -> Markup {
        html! { @if self.is(form, of) && !self.said.is_empty() { (notice::failed(&format!("{}. What you typed is still here", self.said))) } }
    }
}

/// Where the page is.
const HERE: &str = "/settings/providers";

/// The page.
pub async fn show(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    Ok(page(render(call.app, visit, &notice::done(call.request), &Back::default()).await?))
}

/// Connects a provider.
pub async fn connect(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let sent = call.request.form().await?;
    let kind = sent.get("kind").unwrap_or_default();
    let made = match read(&sent) {
        Ok(read) => providers::connect(call.app, &visit.caller, kind, &read).await,
        Err(problem) => Err(problem),
    };
    match made {
        Ok(_) => Ok(Reply::see_other(&format!("{HERE}?done=provider-connected"))),
        Err(problem) => refused(call.app, visit, (Which::Connect, ""), sent, problem).await,
    }
}

/// The page once more, with what was typed where it was typed; or the problem, where no typing mends it.
async fn refused(
    app: App<'_>,
    visit: &Visit,
    (form, of): (Which, &str),
    sent: Form,
    problem: Problem,
) -> Result<Reply, Problem> {
    if !matches!(problem, Problem::Invalid(_) | Problem::Stale | Problem::AlreadyExists) {
        return Err(problem);
    }
    let again = render(app, visit, &html! {}, &Back::new(form, of, sent, &problem)).await?;
    Ok(problem.into_reply_with("text/html; charset=utf-8", again))
}

fn read(sent: &Form) -> Result<Sent<'_>, Problem> {
    let number = |field: &str| match sent.get(field) {
        None | Some("") => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| Problem::invalid(field, "must be a whole number")),
    };
    Ok(Sent {
        name: sent.get("name"),
        base_url: sent.get("base_url"),
        models: sent.get("models").map(|text| text.lines().collect()),
        image_model: sent.get("image_model"),
        key: sent.get("key"),
        turn: number("turn")?,
        at_once_max: number("at_once_max")?,
        paused: None,
    })
}

/// Changes a provider, to the revision that was seen; an empty key leaves the old one.
pub async fn change(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let sent = call.request.form().await?;
    let done = match read(&sent) {
        Ok(read) => changed(call, visit, &sent, &read).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(()) => Ok(Reply::see_other(&format!("{HERE}?done=provider-changed"))),
        Err(problem) => refused(call.app, visit, (Which::Change, call.id()), sent, problem).await,
    }
}

async fn changed(call: Call<'_>, visit: &Visit, sent: &Form, what: &Sent<'_>) -> Result<(), Problem> {
    providers::find(call.app, &visit.caller, call.id()).await?;
    let revision = sent.get("seen").and_then(|text| text.parse::<i64>().ok()).ok_or(Problem::Stale)?;
    providers::change(call.app, &visit.caller, (call.id(), revision), what).await
}

/// Lets a provider rest, or be asked again.
pub async fn pause(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let sent = call.request.form().await?;
    let paused = match sent.required("paused")? {
        "1" => true,
        "0" => false,
        _ => return Err(Problem::invalid("paused", "must be 0 or 1")),
    };
    changed(call, visit, &sent, &Sent { paused: Some(paused), ..Sent::default() }).await?;
    Ok(Reply::see_other(&format!("{HERE}?done=provider-{}", if paused { "paused" } else { "resumed" })))
}

/// Asks the strategist to try a provider.
pub async fn check(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    providers::want_check(call.app, &visit.caller, call.id()).await?;
    Ok(Reply::see_other(&format!("{HERE}?done=provider-check")).waking(TRIED_BY))
}

/// Disconnects a provider, and forgets its key.
pub async fn remove(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    providers::remove(call.app, &visit.caller, call.id()).await?;
    Ok(Reply::see_other(&format!("{HERE}?done=provider-removed")))
}

/// Sets what a model costs from now on.
pub async fn set_price(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let sent = call.request.form().await?;
    let field = |name: &str| sent.get(name).unwrap_or_default();
    let price = SentPrice {
        model: field("model"),
        input_usd: field("input_usd"),
        cached_usd: field("cached_usd"),
        output_usd: field("output_usd"),
        picture_usd: field("picture_usd"),
        since: None,
        source: field("source"),
    };
    match providers::set_price(call.app, &visit.caller, call.id(), &price).await {
        Ok(_) => Ok(Reply::see_other(&format!("{HERE}?done=provider-priced"))),
        Err(problem) => refused(call.app, visit, (Which::Price, call.id()), sent, problem).await,
    }
}

async fn render(app: App<'_>, visit: &Visit, said: &Markup, back: &Back) -> Result<String, Problem> {
    let all = provider::list(app.ports.db, &visit.workspace.id).await?;
    let now_ms = app.ports.clock.now_ms();
    let set = price::current(app.ports.db, app.ports.clock.pinned_ms(), &visit.workspace.id).await?;
    let allowed = forms::Allowed { hosts: providers::hosts(app), models: providers::hosts_models(app) };
    let body = html! {
        section.section aria-labelledby="models-title" {
            div.top {
                h2 #models-title { "Models" }
                p.soft { "Who plans, writes and judges. The first that is ready answers; the next stands in when it has no room or does not answer in time, and history says so. An agent can be given a model of its own, on its page." }
            }
            @if all.is_empty() { (operators(app)) }
            @else {
                ul.channels role="list" {
                    @for one in &all { li { (card(visit, one, &prices::table(visit, one, &set, back), now_ms, back)) } }
                }
            }
        }
        @if visit.may(Action::Administer) { (forms::connect(visit, &allowed, back.of(Which::Connect, ""))) }
    };
    Ok(frame(visit, Section::Models, said, &body))
}

/// Who answers while nobody is connected.
fn operators(app: App<'_>) -> Markup {
    let provider = app.settings.get("model_provider").unwrap_or_else(|| "rehearsal".into());
    html! {
        div.card.flat {
            @if provider == "rehearsal" {
                p { (badge::model("rehearsal")) }
                p { "No provider is connected, so the rehearsal model plays: built in, without network, key or cost. Its words are not a language model's." }
            } @else {
                p { strong { (provider) } @if let Some(name) = app.settings.get("model_name") { ", " (name) } }
                p { "Set up by whoever runs Rondo, for every workspace that connects none of its own." }
                @if let Some(model) = app.settings.get("model_image").filter(|model| !model.is_empty()) { p.soft.small { "Pictures are drawn by " (model) "." } }
                @if let Some(model) = app.settings.get("model_embedding").filter(|model| !model.is_empty()) { p.soft.small { "Memory is found by its meaning with " (model) "." } }
            }
        }
    }
}

fn card(visit: &Visit, one: &Provider, prices: &Markup, now_ms: i64, back: &Back) -> Markup {
    let title = format!("provider-{}", one.id);
    html! {
        article.card.channel aria-labelledby=(title) {
            div.top {
                h3 id=(title) { (one.name) }
                @if one.paused { (badge::toned(Tone::Wait, "Paused")) }
                @else if one.blocked_until > now_ms { (badge::toned(Tone::Wait, "Asked us to wait")) }
                @else if let Some(check) = &one.check { (verdict(check.verdict)) }
                @else { (badge::toned(Tone::Quiet, "Never tried")) }
            }
            p.soft { (one.kind.label()) }
            (facts(one, now_ms))
            details.more open[back.is(Which::Price, &one.id)] { summary { "What they cost" } (prices) }
            @if visit.may(Action::Administer) { (acts(visit, one, back)) }
        }
    }
}

fn verdict(verdict: CheckVerdict) -> Markup {
    let (tone, words) = match verdict {
        CheckVerdict::Reached => (Tone::Good, "Works"),
        CheckVerdict::KeyWrong => (Tone::Bad, "Key not taken"),
        CheckVerdict::ModelUnknown => (Tone::Bad, "Model unknown"),
        CheckVerdict::Quota => (Tone::Bad, "No credit left"),
        CheckVerdict::Busy => (Tone::Wait, "Busy"),
        CheckVerdict::TimedOut => (Tone::Bad, "Timed out"),
        CheckVerdict::Unreachable => (Tone::Bad, "Not reached"),
        CheckVerdict::Failed => (Tone::Bad, "Does not work"),
    };
    badge::toned(tone, words)
}

fn facts(one: &Provider, now_ms: i64) -> Markup {
    html! {
        dl.facts {
            dt { "Address" } dd { @if one.kind.is_the_host() { "None; Spin itself is asked" } @else { (one.base_url) } }
            dt { "Models" } dd { (one.models.join(", ")) }
            dt { "Key" }
            dd {
                @if let Some(at) = one.key_at { "Set " (time::ago(at, now_ms)) "; it is sealed, and nobody is shown it again" }
                @else if one.kind == ProviderKind::Ollama { "None; a machine of your own wants none" }
                @else if one.kind.is_the_host() { "None; Spin itself wants none" }
                @else { "None" }
            }
            dt { "Turn" } dd { (one.turn) ", " (one.at_once_max) " calls at a time" }
            @if one.blocked_until > now_ms { dt { "Asked us to wait" } dd { "until " (time::at(one.blocked_until, "UTC")) " UTC" } }
            dt { "Last try" }
            dd {
                @if one.check_wanted_at.is_some() { "Waits for the strategist. Load this page again in a moment." }
                @else if let Some(check) = &one.check { (check.says) " " span.soft { "(" (time::ago(check.at, now_ms)) ")" } }
                @else { "Never tried" }
            }
        }
    }
}

fn acts(visit: &Visit, one: &Provider, back: &Back) -> Markup {
    let path = |act: &str| format!("{HERE}/{}/{act}", one.id);
    let seen = one.revision.to_string();
    let (paused, label) = if one.paused { ("0", "Let it answer") } else { ("1", "Pause") };
    html! {
        div.acts {
            (act(&visit.caller, &path("check"), "slim", "Try it", &[]))
            (act(&visit.caller, &path("pause"), "slim", label, &[("paused", paused), ("seen", &seen)]))
            (forms::change(visit, one, back))
            details.ask {
                summary.button.slim.grave { "Disconnect" }
                form method="post" action=(path("removal")) {
                    (crate::elements::form::csrf(&visit.caller))
                    p { "Its key is forgotten at once. Agents that asked it ask whoever’s turn is first." }
                    div.acts { button.button.grave type="submit" { "Disconnect it" } }
                }
            }
        }
    }
}

//! `/settings/channels`: where posts go. Connect a channel, pause it, rename it, and see whether it works.

pub mod slots;

use domain::{Action, Step, channel as rules};
use maud::{Markup, html};
use serve::{App, Problem, Reply};
use store::channel::{self, CHANNELS_MAX, Change, Channel};

use crate::elements::form::{Field, Typed, act, csrf, summary};
use crate::elements::{badge, time};
use crate::mend;
use crate::notice;
use crate::pages::settings::{Section, frame};
use crate::pages::sign_in::sentence;
use crate::routes::Call;
use crate::visit::{Visit, html as page};

/// Where the page is.
const HERE: &str = "/settings/channels";

/// The page.
pub async fn show(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    Ok(page(render(call.app, visit, &notice::done(call.request), &Typed::default()).await?))
}

/// Connects a channel.
pub async fn connect(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let sent = request.form().await?;
    match connected(app, visit, sent.get("name"), sent.get("platform")).await {
        Ok(()) => Ok(Reply::see_other(&format!("{HERE}?done=connected"))),
        Err(problem @ Problem::Invalid(_)) => {
            let again = render(app, visit, &html! {}, &Typed::with(sent, problem.complaints())).await?;
            Ok(problem.into_reply_with("text/html; charset=utf-8", again))
        }
        Err(problem) => Err(problem),
    }
}

async fn connected(app: App<'_>, visit: &Visit, name: Option<&str>, platform: Option<&str>) -> Result<(), Problem> {
    let invalid = |field: &'static str| move |complaint: String| Problem::invalid(field, complaint);
    let name = rules::name(name.unwrap_or_default()).map_err(invalid("name"))?;
    let platform = rules::connectable(platform.unwrap_or_default()).map_err(invalid("platform"))?;
    let (db, id) = (app.ports.db, serve::id(app));
    let new = (id.as_str(), name, platform);
    let created = channel::create(db, app.ports.clock.pinned_ms(), &visit.workspace.id, new, &visit.caller.actor).await;
    match created.map_err(Problem::from) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Problem::invalid("name", format!("is one too many: {CHANNELS_MAX} channels are the most"))),
        Err(Problem::AlreadyExists) => Err(Problem::invalid("name", "is taken by another channel")),
        Err(problem) => Err(problem),
    }
}

/// Stops sending to a channel, or lets it go on.
pub async fn pause(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let form = call.request.form().await?;
    let paused = match form.required("paused")? {
        "1" => true,
        "0" => false,
        _ => return Err(Problem::invalid("paused", "must be 0 or 1")),
    };
    changed(call, visit, form.get("seen"), Change { name: None, paused: Some(paused) }).await?;
    let reply = Reply::see_other(&format!("{HERE}?done={}", if paused { "channel-paused" } else { "channel-resumed" }));
    // What waited for it need not wait for the tick.
    Ok(if paused { reply } else { reply.waking(&[Step::Publish]) })
}

/// Gives a channel another name.
pub async fn rename(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let form = call.request.form().await?;
    let name =
        rules::name(form.get("name").unwrap_or_default()).map_err(|complaint| Problem::invalid("name", complaint))?;
    match changed(call, visit, form.get("seen"), Change { name: Some(name), paused: None }).await {
        Ok(()) => Ok(Reply::see_other(&format!("{HERE}?done=channel-renamed"))),
        Err(Problem::Stale) => {
            let now = channel::find(call.app.ports.db, &visit.workspace.id, call.id()).await?;
            let now = now.ok_or_else(|| Problem::NotFound { what: "channel", id: call.id().into() })?;
            Ok(mend::stale(call.request, visit, &[("name", &now.name)]).await)
        }
        Err(problem) => Err(problem),
    }
}

/// Changes the channel that the path names, if it is still as the form saw it.
async fn changed(call: Call<'_>, visit: &Visit, seen: Option<&str>, change: Change<'_>) -> Result<(), Problem> {
    let (db, workspace_id, id) = (call.app.ports.db, visit.workspace.id.as_str(), call.id());
    if channel::find(db, workspace_id, id).await?.is_none() {
        return Err(Problem::NotFound { what: "channel", id: id.into() });
    }
    let revision = seen.and_then(|text| text.parse::<i64>().ok()).ok_or(Problem::Stale)?;
    let (pinned_ms, actor) = (call.app.ports.clock.pinned_ms(), visit.caller.actor.as_str());
    let is_changed = channel::change(db, pinned_ms, (workspace_id, id, revision), change, actor).await?;
    if is_changed { Ok(()) } else { Err(Problem::Stale) }
}

/// Asks the publisher to try a channel.
pub async fn check(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let (app, id) = (call.app, call.id());
    if !channel::want_check(app.ports.db, app.ports.clock.pinned_ms(), (&visit.workspace.id, id)).await? {
        return Err(Problem::NotFound { what: "channel", id: id.into() });
    }
    Ok(Reply::see_other(&format!("{HERE}?done=channel-check")).waking(&[Step::Publish]))
}

async fn render(app: App<'_>, visit: &Visit, said: &Markup, typed: &Typed) -> Result<String, Problem> {
    let channels = channel::list(app.ports.db, &visit.workspace.id, None, CHANNELS_MAX).await?;
    let now_ms = app.ports.clock.now_ms();
    let body = html! {
        section.section aria-labelledby="channels-title" {
            div.top {
                h2 #channels-title { "Channels" }
                p.soft { "Where posts go. Briefs name a channel; what it needs to send, its address and its token, the operator sets, and no page shows it." }
                @if visit.may(Action::Administer) {
                    p.soft.small { "To try a channel is to ask the other side whether it is there and takes the token. Nothing is published by it." }
                }
            }
            ul.channels role="list" { @for one in &channels { li { (card(visit, one, now_ms)) } } }
        }
        @if visit.may(Action::Administer) { (connect_form(visit, typed)) }
    };
    Ok(frame(visit, Section::Channels, said, &body))
}

fn card(visit: &Visit, one: &Channel, now_ms: i64) -> Markup {
    let title = format!("channel-{}", one.id);
    html! {
        article.card.channel aria-labelledby=(title) {
            div.top {
                h2 id=(title) { (one.name) }
                (badge::channel(one.paused, one.blocked_until > now_ms, one.last_error.is_some()))
            }
            p.soft { (platform(&one.platform)) }
            p.soft.small { (pictures(&one.platform)) }
            (facts(one, now_ms))
            p { a.button.slim href={ (HERE) "/" (one.id) "/slots" } { "Weekly slots" span.unseen { " of " (one.name) } } }
            @if visit.may(Action::Administer) { (acts(visit, one)) }
        }
    }
}

fn platform(name: &str) -> &str {
    if name == rules::STAGE {
        return "The stage: Rondo's own page, with its feeds. It needs no account.";
    }
    rules::CONNECTABLE.iter().find(|(known, _)| *known == name).map_or(name, |(_, words)| words)
}

/// What becomes of a post's picture there.
fn pictures(platform: &str) -> &'static str {
    match platform {
        "relay" => "Pictures: your endpoint is sent the idea and the picture’s SHA-256; the words are what goes out.",
        _ => "Pictures: none. This channel takes no pictures; the words go out alone.",
    }
}

fn facts(one: &Channel, now_ms: i64) -> Markup {
    html! {
        dl.facts {
            dt { "Last published" }
            dd { @if let Some(at) = one.published_at { (time::ago(at, now_ms)) } @else { "Nothing yet" } }
            @if one.blocked_until > now_ms {
                dt { "Asked us to wait" } dd { "until " (time::at(one.blocked_until, "UTC")) " UTC" }
            }
            @if let Some((reason, at)) = &one.last_error {
                dt { "Went wrong" } dd { (sentence(reason)) " " span.soft { "(" (time::ago(*at, now_ms)) ")" } }
            }
            dt { "Last try" }
            dd {
                @if one.check_wanted_at.is_some() { "Waits for the publisher. Load this page again in a moment." }
                @else if let Some(check) = &one.check {
                    (badge::check(check.passed)) " " (check.says) " " span.soft { "(" (time::ago(check.at, now_ms)) ")" }
                } @else { "Never tried" }
            }
        }
    }
}

fn acts(visit: &Visit, one: &Channel) -> Markup {
    let path = |act: &str| format!("{HERE}/{}/{act}", one.id);
    let seen = one.revision.to_string();
    let (paused, label) = if one.paused { ("0", "Let it go on") } else { ("1", "Pause") };
    let field = format!("name-{}", one.id);
    html! {
        div.acts {
            (act(&visit.caller, &path("check"), "slim", "Try it", &[]))
            (act(&visit.caller, &path("pause"), "slim", label, &[("paused", paused), ("seen", &seen)]))
            details.ask {
                summary.button.slim { "Rename" }
                form method="post" action=(path("name")) {
                    (csrf(&visit.caller))
                    input type="hidden" name="seen" value=(seen);
                    div.field {
                        label for=(field) { "New name" }
                        p.hint id={ (field) "-hint" } { "New briefs name it so. Posts that are on their way find it all the same." }
                        input.control id=(field) name="name" type="text" required maxlength=(rules::NAME_CHARS_MAX) value=(one.name)
                            autocomplete="off" aria-describedby={ (field) "-hint" };
                    }
                    div.acts { button.button type="submit" { "Rename" } }
                }
            }
        }
    }
}

fn connect_form(visit: &Visit, typed: &Typed) -> Markup {
    html! {
        section.section aria-labelledby="connect" {
            div.top { h2 #connect { "Connect a channel" } }
            (summary(typed, &[("name", "Name"), ("platform", "Platform")]))
            form.card.fields method="post" action=(HERE) {
                (csrf(&visit.caller))
                (Field::new("name", "Name").hint("As briefs will name it, such as “Company blog”.").show(typed))
                div.field {
                    label for="platform" { "Platform" }
                    p.hint #platform-hint { "The stage is here already." }
                    select.control #platform name="platform" aria-describedby="platform-hint" {
                        @for (name, words) in rules::CONNECTABLE { option value=(name) selected[typed.has("platform", name)] { (words) } }
                    }
                }
                p.soft.small { "The endpoint's address and token are the variables " code { "relay_url" } ", " code { "relay_token" } " and " code { "relay_oracle" } ", which whoever runs Rondo sets. Then try the channel above." }
                div.acts { button.button.main-act type="submit" { "Connect" } }
            }
        }
    }
}

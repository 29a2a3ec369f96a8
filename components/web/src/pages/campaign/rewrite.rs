//! Rewriting a post at the press of a button: each sends it back with a comment, and the next version is reviewed like
//! any other; or adds the same post for another channel.

use domain::{Action, PostState, Step, calendar};
use jiff::civil::DateTime;
use maud::{Markup, html};
use serve::by_hand::{self, When};
use serve::{Form, Problem, Reply, weekly_slots};
use store::channel::{self, CHANNELS_MAX, Channel};
use store::post::{self, Post};

use super::post_acts;
use crate::elements::form::csrf;
use crate::routes::Call;
use crate::visit::Visit;

/// What the buttons say, and the comment that each sends.
const WISHES: &[(&str, &str)] = &[
    ("Shorter", "Make it shorter: keep the fact and what to do next, leave out the rest."),
    ("Warmer", "Make it warmer and friendlier."),
    ("Plainer", "Make it plain and sober."),
];

/// The buttons, where the post can be sent back. `channels`: those of the workspace.
pub fn acts(visit: &Visit, post: &Post, channels: &[Channel]) -> Markup {
    let open = matches!(post.state, PostState::AwaitingApproval | PostState::Scheduled | PostState::NeedsPerson);
    let can_rewrite = open && visit.may(Action::Approve);
    let can_repeat = visit.may(Action::Write) && channels.iter().any(|channel| channel.id != post.channel_id);
    if post.current.is_none() || !(can_rewrite || can_repeat) {
        return html! {};
    }
    html! {
        section.section aria-labelledby="rewrite-title" {
            h2.as-h3 #rewrite-title { "Have it rewritten" }
            @if can_rewrite && post.state == PostState::Scheduled { p.small.soft { "It is approved. A new version ends that: it is reviewed, and waits for approval again." } }
            @else if can_rewrite { p.small.soft { "The copywriter writes a new version, which is reviewed and waits for approval like any other." } }
            div.acts {
                @if can_rewrite {
                    @for (label, comment) in WISHES { (wish(visit, post, label, comment)) }
                    (own_words(visit, post))
                }
                @if can_repeat { (elsewhere(visit, post, channels)) }
            }
        }
    }
}

fn send_back(visit: &Visit, post: &Post) -> Markup {
    html! {
        (csrf(&visit.caller))
        input type="hidden" name="seen" value=(post_acts::seen(post));
        input type="hidden" name="decision" value="send_back";
    }
}

fn wish(visit: &Visit, post: &Post, label: &str, comment: &str) -> Markup {
    html! {
        form method="post" action={ "/posts/" (post.id) "/decision" } {
            (send_back(visit, post))
            input type="hidden" name="comment" value=(comment);
            button.button type="submit" { (label) }
        }
    }
}

fn own_words(visit: &Visit, post: &Post) -> Markup {
    let id = format!("wish-{}", post.slot);
    html! {
        details.ask id={ "ask-" (id) } {
            summary.button { "In your own words" }
            form method="post" action={ "/posts/" (post.id) "/decision" } {
                (send_back(visit, post))
                div.field { label for=(id) { "What should the next version be like?" } textarea.control id=(id) name="comment" required {} }
                button.button.main-act type="submit" { "Rewrite it so" }
            }
        }
    }
}

fn elsewhere(visit: &Visit, post: &Post, channels: &[Channel]) -> Markup {
    let others: Vec<&Channel> = channels.iter().filter(|channel| channel.id != post.channel_id).collect();
    let id = format!("elsewhere-{}", post.slot);
    html! {
            details.ask id={ "ask-" (id) } {
                summary.button { "For another channel" }
                form method="post" action={ "/posts/" (post.id) "/elsewhere" } {
                    p.small { "This post stays as it is. A new one on the same is written for the other channel." }
                    (csrf(&visit.caller))
                    div.field {
                        label for=(id) { "Channel" }
                        select.control id=(id) name="channel" required { @for channel in &others { option value=(channel.name) { (channel.name) } } }
                    }
                    div.field {
                        label for={ (id) "-time" } { "Date and time in " (post.timezone) }
                        input.control id={ (id) "-time" } type="datetime-local" name="local" required value=(post.planned_local.get(..16).unwrap_or_default());
                    }
                    div.acts {
                        button.button.main-act type="submit" name="slot" value="chosen" { "Write it for that channel" }
                        @if others.iter().any(|channel| channel.has_slots) { (post_acts::next_slot()) }
                    }
                }
            }
    }
}

/// The channels that [`acts`] offers.
pub async fn channels(app: serve::App<'_>, visit: &Visit) -> Result<Vec<Channel>, Problem> {
    Ok(channel::list(app.ports.db, &visit.workspace.id, None, CHANNELS_MAX).await?)
}

/// Adds a post that says the same on another channel.
pub async fn add_elsewhere(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let form = request.form().await?;
    let missing = || Problem::NotFound { what: "post", id: call.id().into() };
    let post = post::find(app.ports.db, &visit.workspace.id, call.id()).await?.ok_or_else(missing)?;
    let channel = form.required("channel")?;
    let added = match time(app, visit, &form, channel, &post.timezone).await {
        Ok(time) => by_hand::add_elsewhere(app, &visit.caller, &post, channel, time.when()).await,
        Err(problem) => Err(problem),
    };
    match added {
        Ok(id) => Ok(Reply::see_other(&format!("/posts/{id}?done=post-added")).waking(&[Step::Generate])),
        Err(problem) => crate::pages::post::refused(app, visit, call.id(), None, problem).await,
    }
}

/// When a new post shall go out.
pub enum NewTime {
    /// A wall time, as it is stored, and its instant.
    Chosen(String, i64),
    /// One of these free slots.
    Free(Vec<(i64, String)>),
}

impl NewTime {
    /// As it is asked for.
    pub fn when(&self) -> When<'_> {
        match self {
            Self::Chosen(local, due_at) => When::At(local, *due_at),
            Self::Free(free) => When::FirstFree(free),
        }
    }
}

/// What a form says of the time of a new post on this channel: the next free slot, or a wall time.
pub async fn time(
    app: serve::App<'_>,
    visit: &Visit,
    form: &Form,
    channel: &str,
    zone: &str,
) -> Result<NewTime, Problem> {
    if form.get("slot") == Some("next") {
        let of = weekly_slots::Of::Named(channel);
        return Ok(NewTime::Free(weekly_slots::next(app, &visit.workspace.id, of, zone).await?));
    }
    let (local, due_at) = chosen(form.required("local")?, zone, app.ports.clock.now_ms())?;
    Ok(NewTime::Chosen(local, due_at))
}

/// The wall time that a person chose, as it is stored, and its instant; it must exist and lie ahead.
fn chosen(local: &str, zone: &str, now_ms: i64) -> Result<(String, i64), Problem> {
    let local: DateTime = local.parse().map_err(|_| Problem::invalid("local", "is no date and time"))?;
    let due_at = calendar::chosen_instant(local, zone, now_ms);
    due_at.map(|due_at| (local.to_string(), due_at)).map_err(|error| Problem::invalid("local", error.to_string()))
}

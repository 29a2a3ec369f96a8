//! What a person can do with a post: approve, edit, send back, reject, hold, move. Each form carries what was seen.

use domain::{Action, PostState};
use maud::{Markup, html};
use store::post::Post;

use crate::elements::form::csrf;
use crate::visit::Visit;

/// What was seen, in one field: post, version, hash, time and channel. An approval binds to exactly this.
pub fn seen(post: &Post) -> String {
    let sha256 = post.current.as_ref().map_or("", |current| current.sha256.as_str());
    format!("{} {} {} {} {}", post.id, post.version, sha256, post.due_at, post.channel_id)
}

/// The acts that are possible now.
pub fn acts(visit: &Visit, campaign_goes_on: bool, post: &Post) -> Markup {
    possible(visit, campaign_goes_on, post, false)
}

/// The same with their keys, where the page is about one post.
pub fn acts_with_keys(visit: &Visit, campaign_goes_on: bool, post: &Post) -> Markup {
    possible(visit, campaign_goes_on, post, true)
}

fn possible(visit: &Visit, campaign_goes_on: bool, post: &Post, keys: bool) -> Markup {
    if !campaign_goes_on {
        return html! {};
    }
    let (write, decide) = (visit.may(Action::Write), visit.may(Action::Approve));
    let written = post.current.is_some();
    let open = matches!(post.state, PostState::AwaitingApproval | PostState::Scheduled | PostState::NeedsPerson);
    let editable = open || matches!(post.state, PostState::InReview | PostState::Writing | PostState::Missed);
    let movable = matches!(post.state, PostState::AwaitingApproval | PostState::Scheduled | PostState::Missed);
    html! {
        div.acts id={ "act-" (post.slot) } {
            @if decide && written && post.state == PostState::AwaitingApproval { (approve(visit, post, keys)) }
            @if write && written && editable { a.button data-key=[keys.then_some("e")] href={ "/posts/" (post.id) "/edit" } { "Edit" } }
            @if decide && written && open { (send_back(visit, post, keys)) (reject(visit, post)) }
            @if write && open && written { (hold(visit, post, keys)) }
            @if write && movable { (another_time(visit, post)) }
        }
    }
}

fn decision(visit: &Visit, post: &Post, decision: &str) -> Markup {
    html! {
        (csrf(&visit.caller))
        input type="hidden" name="seen" value=(seen(post));
        input type="hidden" name="decision" value=(decision);
    }
}

fn approve(visit: &Visit, post: &Post, keys: bool) -> Markup {
    html! {
        form method="post" action={ "/posts/" (post.id) "/decision" } {
            (decision(visit, post, "approve"))
            button.button.main-act type="submit" data-key=[keys.then_some("a")] { "Approve" span.unseen { " post " (post.slot) } }
        }
    }
}

fn send_back(visit: &Visit, post: &Post, keys: bool) -> Markup {
    let id = format!("back-{}", post.slot);
    html! {
        details.ask id={ "ask-" (id) } {
            summary.button data-key=[keys.then_some("r")] { "Send back" }
            form method="post" action={ "/posts/" (post.id) "/decision" } {
                (decision(visit, post, "send_back"))
                div.field { label for=(id) { "What should be different?" } textarea.control id=(id) name="comment" required {} }
                button.button.main-act type="submit" { "Send back with this comment" }
            }
        }
    }
}

fn reject(visit: &Visit, post: &Post) -> Markup {
    let id = format!("reject-{}", post.slot);
    html! {
        details.ask id={ "ask-" (id) } {
            summary.button { "Reject" }
            form method="post" action={ "/posts/" (post.id) "/decision" } {
                p { "It is dropped for good; its place in the calendar stays empty." }
                (decision(visit, post, "reject"))
                div.field { label for=(id) { "Why? " span.soft.small { "(optional)" } } textarea.control id=(id) name="comment" {} }
                button.button.grave type="submit" { "Reject it for good" }
            }
        }
    }
}

fn hold(visit: &Visit, post: &Post, keys: bool) -> Markup {
    let (label, value) = if post.held { ("Release", "0") } else { ("Hold", "1") };
    let revision = post.revision.to_string();
    html! {
        form method="post" action={ "/posts/" (post.id) "/hold" } {
            (csrf(&visit.caller))
            input type="hidden" name="held" value=(value);
            input type="hidden" name="revision" value=(revision);
            button.button type="submit" data-key=[keys.then_some("h")] { (label) }
        }
    }
}

fn another_time(visit: &Visit, post: &Post) -> Markup {
    let id = format!("time-{}", post.slot);
    html! {
        details.ask id={ "ask-" (id) } {
            summary.button { "Another time" }
            form method="post" action={ "/posts/" (post.id) "/time" } {
                (csrf(&visit.caller))
                input type="hidden" name="revision" value=(post.revision);
                div.field {
                    label for=(id) { "Date and time in " (post.timezone) }
                    input.control id=(id) type="datetime-local" name="local" required value=(post.planned_local.get(..16).unwrap_or_default());
                }
                p.small.soft { "An approval holds for one time; another time needs another approval." }
                div.acts { button.button.main-act type="submit" name="slot" value="chosen" { "Move it" } @if post.has_slots { (next_slot()) } }
            }
        }
    }
}

/// The button that asks for the first weekly slot of the channel that is free, instead of a time.
pub fn next_slot() -> Markup {
    html! { button.button type="submit" name="slot" value="next" formnovalidate { "Next free slot" } }
}

/// A person says what became of a send whose outcome nobody else can know.
pub fn resolve(visit: &Visit, job_id: &str) -> Markup {
    let id = format!("url-{}", job_id.replace(|c: char| !c.is_ascii_alphanumeric(), "-"));
    html! {
        div.acts {
            details.ask id={ "ask-live-" (id) } {
                summary.button { "It is live" }
                form method="post" action={ "/jobs/" (job_id) "/resolution" } {
                    (csrf(&visit.caller))
                    input type="hidden" name="answer" value="live";
                    div.field {
                        label for=(id) { "Its address there " span.soft.small { "(optional)" } }
                        input.control id=(id) type="url" name="ext_url" placeholder="https://" autocomplete="off";
                    }
                    button.button.main-act type="submit" { "It is live" }
                }
            }
            details.ask id={ "ask-not-" (id) } {
                summary.button { "It is not" }
                form method="post" action={ "/jobs/" (job_id) "/resolution" } {
                    p { "It will be sent again. If it did go out after all, it will be there twice: look once more." }
                    (csrf(&visit.caller))
                    input type="hidden" name="answer" value="not_live";
                    button.button.grave type="submit" { "It is not there: send it again" }
                }
            }
        }
    }
}

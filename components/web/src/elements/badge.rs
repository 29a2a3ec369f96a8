//! A state in a word, with a mark whose shape says it too.

use domain::{Mode, PostState, Stage};
use maud::{Markup, html};

/// How a badge looks: its class and the shape of its mark.
#[derive(Clone, Copy)]
pub enum Tone {
    /// At rest.
    Quiet,
    /// Preparing.
    Busy,
    /// Waits for a person.
    Wait,
    /// Performing, or well done.
    Good,
    /// Needs attention.
    Bad,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::Busy => "busy",
            Self::Wait => "wait",
            Self::Good => "good",
            Self::Bad => "bad",
        }
    }

    /// A path in a square of ten: circle, arc, hourglass, tick, cross.
    fn mark(self) -> &'static str {
        match self {
            Self::Quiet => "M5 2a3 3 0 1 0 0 6a3 3 0 1 0 0-6z",
            Self::Busy => "M8.5 5a3.5 3.5 0 1 1-1.2-2.6",
            Self::Wait => "M2 1h6L5 5l3 4H2l3-4z",
            Self::Good => "M1.5 5.5L4 8l4.5-6",
            Self::Bad => "M2 2l6 6M8 2L2 8",
        }
    }
}

/// A word with its mark.
pub fn badge(tone: Tone, word: &str) -> Markup {
    html! { span class={ "badge " (tone.class()) } { (mark(tone)) (word) } }
}

/// The mark alone, for where the word is elsewhere.
fn mark(tone: Tone) -> Markup {
    html! {
        svg.mark viewBox="0 0 10 10" aria-hidden="true" {
            path d=(tone.mark()) fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" {}
        }
    }
}

/// Where a post is, in a person's words.
pub fn post_word(state: PostState) -> &'static str {
    match state {
        PostState::Writing => "Being written",
        PostState::InReview => "In review",
        PostState::AwaitingApproval => "Waits for approval",
        PostState::Scheduled => "Scheduled",
        PostState::Publishing => "Being sent",
        PostState::Published => "Published",
        PostState::Missed => "Missed",
        PostState::NeedsPerson => "Needs a person",
        PostState::Rejected => "Rejected",
        PostState::Cancelled => "Cancelled",
    }
}

/// A reason that names states, in the words of the page.
pub fn in_words(reason: &str) -> String {
    let named = PostState::ALL.iter().filter(|state| state.as_str().contains('_'));
    named.fold(reason.to_string(), |text, state| {
        text.replace(state.as_str(), &format!("“{}”", post_word(*state).to_lowercase()))
    })
}

fn tone_of(state: PostState) -> Tone {
    match state {
        PostState::Writing | PostState::InReview | PostState::Publishing => Tone::Busy,
        PostState::AwaitingApproval => Tone::Wait,
        PostState::Scheduled | PostState::Published => Tone::Good,
        PostState::Missed | PostState::NeedsPerson => Tone::Bad,
        PostState::Rejected | PostState::Cancelled => Tone::Quiet,
    }
}

/// Where a post is, as a mark and a word.
pub fn post_in_short(state: PostState) -> Markup {
    html! { span.state { (mark(tone_of(state))) (post_word(state)) } }
}

/// Where a post is.
pub fn post(state: PostState, held: bool) -> Markup {
    html! {
        (badge(tone_of(state), post_word(state)))
        @if held { " " (badge(Tone::Wait, "Held")) }
    }
}

/// How far a campaign is.
pub fn stage(stage: Stage, paused: bool) -> Markup {
    let (tone, word) = match stage {
        Stage::Planning => (Tone::Busy, "Planning"),
        Stage::StrategyApproval => (Tone::Wait, "Plan waits for approval"),
        Stage::Producing => (Tone::Busy, "Producing"),
        Stage::Finished => (Tone::Good, "Finished"),
        Stage::Cancelled => (Tone::Quiet, "Cancelled"),
    };
    html! {
        (badge(tone, word))
        @if paused { " " (badge(Tone::Wait, "Paused")) }
    }
}

/// Whether what a campaign publishes leaves the building.
pub fn mode(mode: Mode, time_lapse: bool) -> Markup {
    match mode {
        Mode::Rehearsal => html! {
            span.badge.play { "Rehearsal" @if time_lapse { " · time-lapse" } }
        },
        Mode::Performance => html! { span.badge.live { "Performance" } },
    }
}

/// Whether a channel sends.
pub fn channel(paused: bool, blocked: bool, failed: bool) -> Markup {
    match (paused, blocked, failed) {
        (true, ..) => badge(Tone::Wait, "Paused"),
        (false, true, _) => badge(Tone::Wait, "Asked us to wait"),
        (false, false, true) => badge(Tone::Bad, "Failed last"),
        (false, false, false) => badge(Tone::Good, "Ready"),
    }
}

/// These words, in this tone.
pub fn toned(tone: Tone, words: &str) -> Markup {
    badge(tone, words)
}

/// Whether a try passed.
pub fn check(passed: bool) -> Markup {
    if passed { badge(Tone::Good, "Works") } else { badge(Tone::Bad, "Does not work") }
}

/// A verdict, a strategy's state: good, or not yet.
pub fn verdict(verdict: domain::Verdict) -> Markup {
    match verdict {
        domain::Verdict::Approve => badge(Tone::Good, "Passes"),
        domain::Verdict::Revise => badge(Tone::Wait, "To be revised"),
        domain::Verdict::Reject => badge(Tone::Bad, "Rejected"),
    }
}

/// A plan's state.
pub fn plan(state: &str) -> Markup {
    match state {
        "approved" => badge(Tone::Good, "Approved"),
        "sent_back" => badge(Tone::Quiet, "Sent back"),
        _ => badge(Tone::Wait, "Waits for approval"),
    }
}

/// Stands wherever a rehearsal is looked at.
pub fn rehearsal_note(time_lapse: bool) -> Markup {
    html! {
        p.rehearsal-note {
            b { "REHEARSAL" }
            span {
                "Nothing leaves the building: posts go to a stage that only members see."
                @if time_lapse { " Played in time-lapse: slots come due as fast as the work allows, in order." }
            }
        }
    }
}

/// Which model spoke. The rehearsal model is never passed off as another.
pub fn model(model: &str) -> Markup {
    if model.contains("rehearsal") {
        html! { span.badge.play title=(model) { "rehearsal model" } }
    } else {
        html! { "model " (model) }
    }
}

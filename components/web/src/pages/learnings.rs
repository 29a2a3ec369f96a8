//! `/learnings`: what may make posts better, what its pairs came to, and what is told to the copywriter.

use domain::learning::proof::{ADOPTED_WRONGLY_MAX, PAIRS_MAX, WINDOW};
use domain::learning::{
    MICRO_USD_A_DAY_MAX, Origin, STATEMENT_CHARS_MAX, TRIALS_A_DAY_MAX, USES_BETWEEN_TRIALS, statement,
};
use domain::price::usd;
use domain::{Action, LearningState, MicroUsd};
use maud::{Markup, html};
use serve::{Form, Problem, Reply};
use store::channel;
use store::learning::{self, Learning, NewLearning, limit, wording};
use store::page::Key;

use crate::elements::badge::{Tone, badge};
use crate::elements::form::{Control, Field, Typed, act, csrf, summary};
use crate::elements::{empty, interval};
use crate::layout::{self, Nav};
use crate::notice;
use crate::paged;
use crate::refused::Refused;
use crate::routes::Call;
use crate::visit::{Visit, html as page};

mod one;

pub use one::{change, put, show};

/// Labels of what can be wrong.
const LABELS: &[(&str, &str)] = &[
    ("statement", "What to heed"),
    ("channel", "For"),
    ("trials_a_day", "Trials in 24 hours"),
    ("usd_a_day", "US dollars in 24 hours"),
];

/// All of them.
pub async fn list(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    Ok(page(all(call, visit, &Typed::default(), &notice::done(call.request)).await?))
}

async fn all(call: Call<'_>, visit: &Visit, typed: &Typed, said: &Markup) -> Result<String, Problem> {
    let (db, pinned_ms) = (call.app.ports.db, call.app.ports.clock.pinned_ms());
    let (wanted, after) = paged::by_time(call.request)?;
    let after = after.as_ref().map(|key| (key.at, key.id.as_str()));
    let mut rows = learning::list(db, &visit.workspace.id, after, wanted.limit + 1).await?;
    let next = paged::cut(&mut rows, wanted.limit, |row| paged::of_key(Key { at: row.created_at, id: row.id.clone() }));
    let limit = limit::find(db, pinned_ms, &visit.workspace.id).await?;
    let channels = channel::names(db, &visit.workspace.id).await?;
    let body = html! {
        div.head { div {
            p.crumb { a href="/agents" { "Agents" } }
            h1 { "Learnings" }
            p.lead { "What may make posts better, from what people changed and said and from what reviewers keep scoring low. The copywriter is told only what proved itself." }
        } }
        (said)
        (summary(typed, LABELS))
        @if rows.is_empty() {
            (empty::state("Nothing was learned yet", "As soon as people change or send back the same thing in two posts, or reviewers keep scoring something low, it is proposed here and tried on tasks of finished campaigns. You can also write down yourself what you believe helps.", None))
        }
        @for (title, states) in SECTIONS {
            @let these: Vec<&Learning> = rows.iter().filter(|row| states.contains(&row.state)).collect();
            @if !these.is_empty() {
                section.section aria-label=(title) {
                    h2.above { (title) }
                    ul.tiles role="list" { @for row in these { li { (card(visit, row)) } } }
                }
            }
        }
        (paged::more("/learnings?cursor=", next.as_deref(), "Older learnings"))
        (method())
        @if visit.may(Action::Write) {
            section.section aria-labelledby="new-title" {
                h2.above #new-title { "Write one down" }
                form.fields method="post" action="/learnings" {
                    (csrf(&visit.caller))
                    (words(typed, ""))
                    (channel_of(typed, "", &channels))
                    div.acts { button.button.main-act type="submit" { "Let it be tried" } }
                }
            }
        }
        (limits(visit, &limit, typed))
    };
    Ok(layout::page(visit, Nav::Agents, "Learnings", &body))
}

const SECTIONS: [(&str, &[LearningState]); 4] = [
    ("Told to the copywriter", &[LearningState::Adopted]),
    ("Being tried", &[LearningState::Trying]),
    ("Waiting to be tried", &[LearningState::Proposed]),
    ("Dropped and retired", &[LearningState::Dropped, LearningState::Retired]),
];

/// A state as people read it.
fn state(found: &Learning) -> Markup {
    match found.state {
        LearningState::Proposed => badge(Tone::Quiet, "Proposed"),
        LearningState::Trying => badge(Tone::Busy, "Being tried"),
        LearningState::Adopted if found.by_hand => badge(Tone::Good, "Adopted by hand"),
        LearningState::Adopted => badge(Tone::Good, "Adopted"),
        LearningState::Dropped => badge(Tone::Bad, "Dropped"),
        LearningState::Retired => badge(Tone::Quiet, "Retired"),
    }
}

fn card(visit: &Visit, found: &Learning) -> Markup {
    html! {
        article.card.learning {
            h3.statement { a href={ "/learnings/" (found.id) } { (found.statement) } }
            p { (state(found)) @if let Some((_, name)) = &found.channel { " " span.soft { "for " (name) " alone" } } }
            (effect(found))
            p.soft.small { (origin(found)) }
            (acts(visit, found))
        }
    }
}

/// The bar, and the same in words.
fn effect(found: &Learning) -> Markup {
    let tally = found.tally;
    html! {
        (interval::bar(tally))
        p.small {
            (interval::words(tally)) "."
            @if tally.ties > 0 { " " (tally.ties) " decided nothing." }
            @if let Some(reason) = &found.reason { " " strong { (crate::pages::sign_in::sentence(reason)) } }
            @if found.uses > 0 { " Used in " (found.uses) @if found.uses == 1 { " version." } @else { " versions." } }
        }
    }
}

/// Where it comes from, with the way to each place.
fn origin(found: &Learning) -> Markup {
    html! {
        @match found.origin {
            Origin::Edits => "From what people changed",
            Origin::Comments => "From what people said",
            Origin::Reviews => "From what reviewers scored low",
            Origin::Person => "Written down by hand",
        }
        @for (at, source) in found.sources.iter().enumerate() {
            @if at == 0 { ": " } @else { ", " }
            a href={ "/posts/" (source.post_id) } { (source.post_id) }
        }
        @match found.words_of() {
            wording::PERSON if found.origin == Origin::Person => {}
            wording::PERSON => { ". In a person’s words" }
            wording::RULES => { ". In the words of a rule" }
            model => { ". In the words of " (model) }
        }
        "."
        @if let Some(rule) = found.rule_statement.as_ref().filter(|rule| **rule != found.statement) { " The rule says: “" (rule) "”" }
    }
}

/// What this person may make of it.
fn acts(visit: &Visit, found: &Learning) -> Markup {
    let (path, revision) = (format!("/learnings/{}/state", found.id), found.revision.to_string());
    html! {
        @if visit.may(Action::Approve) {
            div.acts {
                @for to in found.state.by_hand() {
                    @let label = match to {
                        LearningState::Adopted => "Adopt by hand",
                        LearningState::Retired => "Retire",
                        _ => "Try again",
                    };
                    (act(&visit.caller, &path, "slim", label, &[("state", to.as_str()), ("revision", &revision)]))
                }
            }
        }
    }
}

/// How it is proved.
fn method() -> Markup {
    let wrongly = interval::percent(ADOPTED_WRONGLY_MAX);
    html! {
        details.more { summary { "How it is proved" }
            ol {
                li { "What a rule saw people change or say again and again is put into one sentence by a model before its first pair, if the day’s limit holds that. What it may not say is refused, and the rule’s words stay." }
                li { "A task of a finished campaign is written twice by the copywriter's model: with the learning, and without. Neither version goes anywhere." }
                li { "What the checks would stop loses at once. Else a judge, by another model where two are set up, reads the two in both orders and is not told which is which. It counts only if the judge prefers the same one both times." }
                li { "After every pair, the interval holds the true share of wins, however often one looks: it is a confidence sequence, not a test that is repeated. Above one half: adopted. Below: dropped. Without a proof after " (PAIRS_MAX) " pairs, or as soon as none is possible: dropped." }
                li { "A learning that does not help is adopted in at most " (wrongly) " of cases." }
                li { "An adopted one is tried again after every " (USES_BETWEEN_TRIALS) " uses, and dropped when it lost more than half of its last " (WINDOW) " decided pairs." }
            }
        }
    }
}

fn words(typed: &Typed, initial: &str) -> Markup {
    let hint =
        format!("One sentence, {STATEMENT_CHARS_MAX} characters at most, such as: “Name the street in the last line.”");
    Field::new("statement", "What to heed").hint(&hint).initial(initial).show(typed)
}

/// For all channels, or for one.
fn channel_of(typed: &Typed, now: &str, channels: &[String]) -> Markup {
    let (chosen, error) = (typed.value_or("channel", now), typed.complaint("channel"));
    html! {
        div.field {
            label for="channel" { "For" }
            p.hint #channel-hint { "For posts on one channel, it is tried on that channel’s tasks alone." }
            select.control #channel name="channel" aria-invalid=[error.map(|_| "true")] aria-describedby={ @if error.is_some() { "channel-error " } "channel-hint" } {
                option value="" selected[chosen.is_empty()] { "Posts on all channels" }
                @for name in channels { option value=(name) selected[chosen == name] { "Posts on " (name) " alone" } }
            }
            @if let Some(error) = error { p.error #channel-error { span { "The channel " (error) "." } } }
            (typed.theirs("channel", (now, if now.is_empty() { "all channels" } else { now })))
        }
    }
}

/// What a form says: the statement, and the channel's id where it is for one alone.
async fn sent_words(call: &Call<'_>, visit: &Visit, sent: &Form) -> Result<(String, Option<String>), Problem> {
    let text = statement(sent.get("statement").unwrap_or_default());
    let text = text.map_err(|complaint| Problem::invalid("statement", complaint))?;
    let name = sent.get("channel").unwrap_or_default();
    if name.is_empty() {
        return Ok((text, None));
    }
    let found = channel::by_name(call.app.ports.db, &visit.workspace.id, name).await?;
    Ok((text, Some(found.ok_or_else(|| Problem::invalid("channel", "is none of this workspace"))?)))
}

fn limits(visit: &Visit, limit: &limit::Limit, typed: &Typed) -> Markup {
    let (trials, money) = (limit.trials_a_day.to_string(), usd(MicroUsd(limit.micro_usd_a_day)));
    html! {
        section.section aria-labelledby="limit-title" {
            h2.above #limit-title { "What trying may cost" }
            p {
                "In the last 24 hours: " (limit.trials) " of " (limit.trials_a_day) " trials, " (MicroUsd(limit.spent_micro_usd)) " of " (MicroUsd(limit.micro_usd_a_day)) ". "
                @if limit.micro_usd_a_day == 0 { "Only what costs nothing is tried. " }
                "A trial is paid from what is left of the budget of the campaign whose task it repeats."
            }
            @if visit.may(Action::Administer) {
                form.fields method="post" action="/learnings/limits" {
                    (csrf(&visit.caller))
                    input type="hidden" name="revision" value=(limit.revision);
                    (Field::new("trials_a_day", "Trials in 24 hours").hint("Four calls of a model each, and one more for the words of a proposal. 0: nothing is tried.").control(Control::Number(0, TRIALS_A_DAY_MAX)).initial(&trials).show(typed))
                    (Field::new("usd_a_day", "US dollars in 24 hours").hint("0: only what costs nothing is tried.").initial(&money).show(typed))
                    div.acts { button.button type="submit" { "Save the limits" } }
                }
            }
        }
    }
}

/// Sends a refused form back, with what was typed.
async fn refused(call: Call<'_>, visit: &Visit, sent: Form, problem: Problem) -> Result<Reply, Problem> {
    let back = Refused::of(sent, problem)?;
    let again = all(call, visit, &back.typed, &back.said).await?;
    Ok(back.on(again))
}

/// Writes one down.
pub async fn create(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let (sent, id) = (call.request.form().await?, serve::id(call.app));
    let made = async {
        let (text, channel_id) = sent_words(&call, visit, &sent).await?;
        let new = NewLearning {
            workspace_id: &visit.workspace.id,
            id: &id,
            statement: &text,
            channel_id: channel_id.as_deref(),
            actor: &visit.caller.actor,
        };
        learning::create(call.app.ports.db, call.app.ports.clock.pinned_ms(), &new).await.map_err(named)
    };
    match made.await {
        Ok(()) => Ok(Reply::see_other("/learnings?done=learning-made")),
        Err(problem) => refused(call, visit, sent, problem).await,
    }
}

/// The same words twice are told beside the field.
fn named(error: ports::DbError) -> Problem {
    match Problem::from(error) {
        Problem::AlreadyExists => Problem::invalid("statement", "says what another learning says"),
        problem => problem,
    }
}

/// Sets how much may be tried.
pub async fn set_limits(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let sent = call.request.form().await?;
    let set = async {
        let revision: i64 = sent.required("revision")?.parse().map_err(|_| Problem::Stale)?;
        let trials = sent.get("trials_a_day").unwrap_or_default().trim().parse::<u32>().ok();
        let trials = trials.filter(|trials| *trials <= TRIALS_A_DAY_MAX);
        let trials = trials.ok_or_else(|| {
            Problem::invalid("trials_a_day", format!("must be a whole number from 0 to {TRIALS_A_DAY_MAX}"))
        })?;
        let money = sent.get("usd_a_day").unwrap_or_default().trim().trim_start_matches('$').parse::<f64>();
        let money = money
            .ok()
            .map(|money| (money * 1e6).round())
            .filter(|money| (0.0..=MICRO_USD_A_DAY_MAX as f64).contains(money));
        let money = money.ok_or_else(|| {
            let most = usd(MicroUsd(MICRO_USD_A_DAY_MAX));
            Problem::invalid("usd_a_day", format!("must be an amount from 0 to {most}, such as `0.50`"))
        })?;
        let at = (visit.workspace.id.as_str(), revision);
        let (db, pinned_ms) = (call.app.ports.db, call.app.ports.clock.pinned_ms());
        let is_set = limit::set(db, pinned_ms, at, (trials.into(), money as i64), &visit.caller.actor).await?;
        if is_set { Ok(()) } else { Err(Problem::Stale) }
    };
    match set.await {
        Ok(()) => Ok(Reply::see_other("/learnings?done=learning-limits")),
        Err(problem) => refused(call, visit, sent, problem).await,
    }
}

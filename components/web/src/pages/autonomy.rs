//! `/autonomy`: rules that approve what people approved again and again; what could be relaxed, what was, and what
//! ended it.

use domain::autonomy::{AutonomyPolicy, CAP_MAX, Fault, MEAN_TENTHS_MIN, STREAK_MAX, STREAK_MIN};
use domain::{Action, Mode};
use maud::{Markup, html};
use serve::{Form, Problem, Reply};
use store::autonomy::{self, Offer, Rule, Scope};

use crate::elements::form::{Control, Field, Typed, act, choice, csrf, summary};
use crate::elements::{badge, empty, time};
use crate::layout::{self, Nav};
use crate::notice;
use crate::refused::Refused;
use crate::routes::Call;
use crate::visit::{Names, Visit, html as page};

/// The page.
pub async fn show(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    Ok(page(render(&call, visit, &Typed::default(), &notice::done(call.request)).await?))
}

/// Sets what a rule needs, or turns rules off.
pub async fn set(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let form = call.request.form().await?;
    let revision: i64 = form.required("revision")?.parse().map_err(|_| Problem::Stale)?;
    match changed(&call, visit, &form, revision).await {
        Ok(()) => Ok(Reply::see_other("/autonomy?done=autonomy")),
        Err(problem) => {
            let back = Refused::of(form, problem)?;
            let again = render(&call, visit, &back.typed, &back.said).await?;
            Ok(back.on(again))
        }
    }
}

async fn changed(call: &Call<'_>, visit: &Visit, form: &Form, revision: i64) -> Result<(), Problem> {
    let number = |name: &'static str| {
        let text = form.get(name).unwrap_or_default().trim();
        text.parse::<u32>().map_err(|_| Problem::invalid(name, "is no whole number"))
    };
    let policy = AutonomyPolicy {
        enabled: form.get("enabled") == Some("1"),
        streak_needed: number("streak_needed")?,
        mean_tenths_min: number("mean_tenths_min")?,
        cap_max: number("cap_max")?,
    };
    let complaints = policy.complaints();
    if !complaints.is_empty() {
        return Err(Problem::Invalid(complaints));
    }
    let (db, pinned_ms) = (call.app.ports.db, call.app.ports.clock.pinned_ms());
    let at = (visit.workspace.id.as_str(), revision);
    let is_set = autonomy::set(db, pinned_ms, at, &policy, &visit.caller.actor).await?;
    if is_set { Ok(()) } else { Err(Problem::Stale) }
}

/// Lets a rule stand that is offered now.
pub async fn accept(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let form = call.request.form().await?;
    let mode: Mode = form.required("mode")?.parse().map_err(|_| Problem::invalid("mode", "is not known"))?;
    let scope =
        Scope { channel_id: form.required("channel_id")?.into(), pillar: form.required("pillar")?.into(), mode };
    let cap: u32 =
        form.required("cap_per_day")?.parse().map_err(|_| Problem::invalid("cap_per_day", "is no number"))?;
    let (db, clock) = (call.app.ports.db, call.app.ports.clock);
    let id = store::id::new(clock, call.app.ports.entropy);
    let of = (visit.workspace.id.as_str(), id.as_str());
    let stands = autonomy::accept(db, clock.pinned_ms(), of, (&scope, cap), &visit.caller.actor).await?;
    if stands { Ok(Reply::see_other("/autonomy?done=rule-stands")) } else { Err(Problem::Stale) }
}

/// Takes a rule back. Repeating it changes nothing.
pub async fn take_back(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let (db, pinned_ms) = (call.app.ports.db, call.app.ports.clock.pinned_ms());
    let of = (visit.workspace.id.as_str(), call.id());
    let found = autonomy::rule_of(db, pinned_ms, of).await?;
    found.ok_or_else(|| Problem::NotFound { what: "rule", id: call.id().into() })?;
    autonomy::take_back(db, pinned_ms, of, &visit.caller.actor).await?;
    Ok(Reply::see_other("/autonomy?done=rule-ended"))
}

/// What is offered to whoever looks, as a line on other pages.
pub async fn told(call: &Call<'_>, visit: &Visit) -> Result<Markup, Problem> {
    if !visit.may(Action::Administer) {
        return Ok(html! {});
    }
    let offers = autonomy::offers(call.app.ports.db, &visit.workspace.id).await?;
    Ok(html! {
        @if let Some(first) = offers.first() {
            div.notice role="status" {
                p {
                    (first.streak) " posts about “" (first.scope.pillar) "” on " (first.channel_name)
                    " were approved in a row, and none was changed. A rule could approve the next ones. "
                    a href="/autonomy" { "Look at it" }
                }
            }
        }
    })
}

async fn render(call: &Call<'_>, visit: &Visit, typed: &Typed, said: &Markup) -> Result<String, Problem> {
    let (db, clock, workspace_id) = (call.app.ports.db, call.app.ports.clock, visit.workspace.id.as_str());
    let kept = autonomy::find(db, workspace_id).await?;
    let offers = autonomy::offers(db, workspace_id).await?;
    let rules = autonomy::rules(db, clock.pinned_ms(), workspace_id).await?;
    let names = Names::of(call.app, workspace_id).await?;
    let (stand, ended): (Vec<&Rule>, Vec<&Rule>) = rules.iter().partition(|rule| rule.revoked_at.is_none());
    let now_ms = clock.now_ms();
    let body = html! {
        div.head { div {
            p.crumb { a href="/approvals" { "Approvals" } }
            h1 { "Earned rules" }
            p.lead { "Where the copywriter’s posts were approved again and again, and nobody changed a word, a rule can approve the next ones: on that channel, about that pillar, so many a day. The first fault ends it." }
        } }
        (said)
        @if kept.policy.enabled { (offered(visit, &offers, &kept.policy)) }
        section.section aria-labelledby="rules-title" {
            div.top { h2 #rules-title { "Rules that stand" } }
            @if stand.is_empty() {
                (empty::state("None", if kept.policy.enabled { "Every post waits for a person." } else { "Earned rules are off: every post waits for a person." }, None))
            } @else {
                ul.tiles role="list" { @for rule in &stand { li.card { (standing(visit, rule, &names, now_ms)) } } }
            }
        }
        @if !ended.is_empty() {
            section.section aria-labelledby="ended-title" {
                div.top { h2 #ended-title { "Rules that ended" } }
                ul { @for rule in &ended { li { (end(rule, &names, now_ms)) } } }
            }
        }
        (what_it_needs(visit, typed, &kept))
    };
    Ok(layout::page(visit, Nav::Approvals, "Earned rules", &body))
}

fn where_it_counts(scope: &Scope, channel: &str) -> Markup {
    html! {
        b { "“" (scope.pillar) "” on " (channel) } " "
        (badge::badge(badge::Tone::Quiet, match scope.mode { Mode::Rehearsal => "rehearsal", Mode::Performance => "performance" }))
    }
}

fn offered(visit: &Visit, offers: &[Offer], policy: &AutonomyPolicy) -> Markup {
    html! {
        @if !offers.is_empty() {
            section.section aria-labelledby="offers-title" {
                div.top { h2 #offers-title { "Could be relaxed" } }
                ul.tiles role="list" {
                    @for (at, offer) in offers.iter().enumerate() {
                        li.card {
                            p { (where_it_counts(&offer.scope, &offer.channel_name)) }
                            p.soft { (in_a_row(offer.streak)) ", none edited, each at " (tenths(policy.mean_tenths_min)) " or above." }
                            @if visit.may(Action::Administer) { (accepting(visit, offer, at, policy)) }
                            @else { p.small.soft { "Owners and admins can let a rule approve the next ones." } }
                        }
                    }
                }
            }
        }
    }
}

fn accepting(visit: &Visit, offer: &Offer, at: usize, policy: &AutonomyPolicy) -> Markup {
    let id = format!("cap-{at}");
    html! {
        form.fields method="post" action="/autonomy/rules" {
            (csrf(&visit.caller))
            input type="hidden" name="channel_id" value=(offer.scope.channel_id);
            input type="hidden" name="pillar" value=(offer.scope.pillar);
            input type="hidden" name="mode" value=(offer.scope.mode);
            div.field {
                label for=(id) { "At most, in a day" }
                input.control id=(id) name="cap_per_day" type="number" inputmode="numeric" min="1" max=(policy.cap_max) value="1" required autocomplete="off";
            }
            div.acts { button.button type="submit" { "Let a rule approve them" } }
        }
    }
}

fn standing(visit: &Visit, rule: &Rule, names: &Names, now_ms: i64) -> Markup {
    html! {
        p { (where_it_counts(&rule.scope, &rule.channel_name)) }
        dl.facts {
            dt { "Approved in the last day" } dd { (rule.approved_today) " of " (rule.cap_per_day) }
            dt { "Approved in all" } dd { (rule.approved) }
            dt { "Earned by" } dd { (in_a_row(rule.streak)) }
            dt { "Accepted" } dd { "by " (names.name(&rule.accepted_by)) ", " (time::ago(rule.accepted_at, now_ms)) }
        }
        @if visit.may(Action::Approve) { (act(&visit.caller, &format!("/autonomy/rules/{}/end", rule.id), "quiet", "Take it back", &[])) }
    }
}

fn end(rule: &Rule, names: &Names, now_ms: i64) -> Markup {
    let fault = rule.reason.as_deref().and_then(|reason| reason.parse::<Fault>().ok());
    html! {
        (where_it_counts(&rule.scope, &rule.channel_name)) ": "
        (fault.map_or("earned rules were turned off", Fault::told))
        @if let Some(at) = rule.revoked_at { ", " (time::ago(at, now_ms)) }
        @match rule.revoked_by.as_deref() { None | Some("conductor") => {}, Some(who) => { ", by " (names.name(who)) } }
        ". It approved " (rule.approved) "."
    }
}

fn what_it_needs(visit: &Visit, typed: &Typed, kept: &autonomy::Kept) -> Markup {
    let policy = &kept.policy;
    let (streak, mean, cap) =
        (policy.streak_needed.to_string(), policy.mean_tenths_min.to_string(), policy.cap_max.to_string());
    let labels = [("streak_needed", "Approvals in a row"), ("mean_tenths_min", "Mean score"), ("cap_max", "A day")];
    html! {
        section.section aria-labelledby="needs-title" {
            div.top { h2 #needs-title { "What a rule needs" } }
            ul {
                li { "It approves only what the copywriter wrote and nobody changed, with a passing review, where any one person may approve, and what is assigned to nobody." }
                li { "It never approves what speaks of health, money, law or children." }
                li { "What was earned in rehearsal counts for no performance." }
                li { "A post sent back, dropped or changed, one that could not be published, or one of which nobody knows: each ends the rule of its scope at once. What it approved and has not gone out waits for a person again." }
            }
            @if visit.may(Action::Administer) {
                (summary(typed, &labels))
                form.fields method="post" action="/autonomy" {
                    (csrf(&visit.caller))
                    input type="hidden" name="revision" value=(kept.revision);
                    (choice("checkbox", ("enabled", "1"), ("Offer rules", "Off, no rule stands, and none is offered."),
                        if typed.is_fresh() { policy.enabled } else { typed.has("enabled", "1") }))
                    (Field::new("streak_needed", labels[0].1).hint("Without an edit, a rejection or a fault between them.").control(Control::Number(STREAK_MIN, STREAK_MAX)).initial(&streak).show(typed))
                    (Field::new("mean_tenths_min", labels[1].1).hint("Of each of them, in tenths: 80 is 8.0.").control(Control::Number(MEAN_TENTHS_MIN, 100)).initial(&mean).show(typed))
                    (Field::new("cap_max", labels[2].1).hint("Most approvals in 24 hours that one rule may have.").control(Control::Number(1, CAP_MAX)).initial(&cap).show(typed))
                    div.acts { button.button.main-act type="submit" { "Save" } }
                }
            } @else {
                p { @if policy.enabled { "Rules are offered after " (policy.streak_needed) " approvals in a row at " (tenths(policy.mean_tenths_min)) " or above." } @else { "Earned rules are off." } }
            }
        }
    }
}

fn in_a_row(streak: i64) -> String {
    if streak == 1 { "1 approval".into() } else { format!("{streak} approvals in a row") }
}

fn tenths(number: u32) -> String {
    format!("{}.{}", number / 10, number % 10)
}

//! `/campaigns`: what there is, how far it is, and what waits for me.

use domain::PostState;
use maud::{Markup, PreEscaped, html};
use serve::{Problem, Reply};
use store::campaign::{self, Campaign};

use crate::elements::{badge, cost, progress, stage_strip, time};
use crate::layout::{self, Nav};
use crate::paged;
use crate::routes::Call;
use crate::visit::{Visit, html as page};

/// The list, the newest first.
pub async fn list(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let (wanted, after) = paged::by_time(request)?;
    let away = request.query("archived") == Some("1");
    let mut campaigns = if away {
        campaign::archived(app.ports.db, &visit.workspace.id, after.as_ref(), wanted.limit + 1).await?
    } else {
        campaign::list(app.ports.db, &visit.workspace.id, after.as_ref(), wanted.limit + 1).await?
    };
    let next = paged::cut(&mut campaigns, wanted.limit, |last| paged::of_key(last.key()));
    let body = html! {
        div.head {
            h1 { @if away { "Put away" } @else { "Campaigns" } }
            @if visit.may(domain::Action::Write) && !campaigns.is_empty() { a.button.main-act href="/campaigns/new" data-key="n" { "New campaign" } }
        }
        @if away && campaigns.is_empty() { p.card { "Nothing is put away." } }
        @else if campaigns.is_empty() && after.is_none() { (empty(visit)) }
        @else {
            (tally(&campaigns))
            ul.campaigns role="list" { @for one in &campaigns { li { (card(one, app.ports.clock.now_ms())) } } }
            @if let Some(next) = next { p.gap { a.button href={ "/campaigns?cursor=" (next) @if away { "&archived=1" } } rel="next" { "Older campaigns" } } }
        }
        p.small.gap {
            @if away { a href="/campaigns" { "To the campaigns" } } @else { a href="/campaigns?archived=1" { "Put away" } }
            " · " a href="/templates" { "Templates" } " · " a href="/imports" { "Posts from elsewhere" } " · " a href="/export" { "Export" }
        }
    };
    Ok(page(layout::page(visit, Nav::Campaigns, "Campaigns", &body)))
}

/// What waits for me, over all campaigns of the page.
fn tally(campaigns: &[Campaign]) -> Markup {
    let sum = |state| campaigns.iter().map(|one| stage_strip::count(one, &[state])).sum::<i64>();
    let plans = campaigns.iter().filter(|one| one.stage == domain::Stage::StrategyApproval).count();
    let first = |has: &dyn Fn(&Campaign) -> bool| campaigns.iter().find(|one| has(one)).map(|one| one.id.clone());
    let (approvals, people) = (sum(PostState::AwaitingApproval), sum(PostState::NeedsPerson));
    let entry = |count: i64, words: &str, at: Option<String>, part: &str| {
        html! { @if let (1.., Some(id)) = (count, at) { li { a href={ "/campaigns/" (id) "#" (part) } { b { (count) } (words) } } } }
    };
    html! {
        @if plans > 0 || approvals > 0 || people > 0 {
            h2.unseen { "What waits for you" }
            ul.tally role="list" {
                (entry(i64::try_from(plans).unwrap_or(0), if plans == 1 { "plan to approve" } else { "plans to approve" },
                    first(&|one| one.stage == domain::Stage::StrategyApproval), "strategy"))
                (entry(approvals, if approvals == 1 { "post to approve" } else { "posts to approve" },
                    first(&|one| stage_strip::count(one, &[PostState::AwaitingApproval]) > 0), "posts"))
                (entry(people, if people == 1 { "post needs a person" } else { "posts need a person" },
                    first(&|one| stage_strip::count(one, &[PostState::NeedsPerson]) > 0), "alerts"))
            }
        }
    }
}

fn card(one: &Campaign, now_ms: i64) -> Markup {
    html! {
        article.card.campaign {
            div.row { (badge::mode(one.mode, one.time_lapse)) (badge::stage(one.stage, one.paused)) }
            div {
                h2 { a href={ "/campaigns/" (one.id) } { (one.name) } }
                p.goal { (one.goal) }
            }
            p.meta {
                @if let Some(waits) = waits(one) { span.waits { (waits) } }
                span { "Changed " (time::ago(one.updated_at, now_ms)) }
            }
            div.side {
                (progress::bar(one))
                span { (cost::dollars(one.spent_micro_usd)) " of " (cost::dollars(one.budget_micro_usd)) " spent" }
            }
        }
    }
}

/// What a campaign waits for, in words.
fn waits(one: &Campaign) -> Option<String> {
    let count = |state| stage_strip::count(one, &[state]);
    let mut waits = Vec::new();
    if one.reason.is_some() {
        waits.push("planning needs you".to_string());
    }
    if one.stage == domain::Stage::StrategyApproval {
        waits.push("the plan waits for approval".into());
    }
    match count(PostState::AwaitingApproval) {
        0 => {}
        1 => waits.push("1 post to approve".into()),
        more => waits.push(format!("{more} posts to approve")),
    }
    match count(PostState::NeedsPerson) {
        0 => {}
        1 => waits.push("1 needs a person".into()),
        more => waits.push(format!("{more} need a person")),
    }
    (!waits.is_empty()).then(|| super::sign_in::sentence(&waits.join(", ")).trim_end_matches('.').to_string())
}

/// How to begin, before there is anything.
pub fn empty(visit: &Visit) -> Markup {
    html! {
        section.empty {
            // Five lines of a score, and a theme that comes back.
            (PreEscaped(r##"<svg class="score-line" viewBox="0 0 300 60" aria-hidden="true"><g stroke="currentColor" stroke-width="1"><path d="M0 14h300M0 22h300M0 30h300M0 38h300M0 46h300"/></g><g fill="#fbbf24"><circle cx="40" cy="42" r="5"/><circle cx="75" cy="34" r="5"/><circle cx="110" cy="26" r="5"/><circle cx="145" cy="18" r="5"/><circle cx="180" cy="26" r="5"/><circle cx="215" cy="34" r="5"/><circle cx="250" cy="42" r="5"/></g></svg>"##))
            h2 { "Begin with one goal" }
            p { "Write what you want to achieve and the facts that may be used. Rondo does the rest, and asks you twice: before anything is written, and before anything goes out." }
            ol.steps role="list" {
                li { b { "Plan" } span { "A strategy with themes and a calendar. You approve it or send it back." } }
                li { b { "Write and review" } span { "Each post is written, scored and revised until it is good enough." } }
                li { b { "Approve" } span { "You approve exact words for an exact time. An edit voids it." } }
                li { b { "Publish" } span { "On time, once, and never silently lost." } }
            }
            p { "Start with a " strong { "rehearsal" } ": the whole campaign for real, with nothing leaving the building and its cost known beforehand." }
            @if visit.may(domain::Action::Write) {
                div.acts {
                    a.button.main-act href="/campaigns/new" { "Write a goal" }
                    a.button href="/brand" { "Say what you speak for" }
                    a.button href="/campaigns/new?from=file" { "Use a brief file" }
                }
            }
        }
    }
}

//! `/posts/{id}`: one post in full; and what people do with it.

mod drawn;
mod edit;

pub use drawn::{draw, picture, remove as remove_picture};
pub use edit::{edit, save};

use domain::chain::Rules;
use domain::{Action, Decision, Finding, JobState, Mode, Step, calendar};
use jiff::civil::DateTime;
use maud::{Markup, html};
use serve::fields::check_comment;
use serve::{App, Problem, Reply, Request, weekly_slots};
use store::approval::{self, Approval};
use store::job_list::{self, Filter, Resolution};
use store::page::Key;
use store::people::member;
use store::post::{self, Post, Version};
use store::review::{self, Review};
use store::{campaign, comment, memory, policy, review_rule};

use super::approvals::pane;
use super::campaign::{post_acts, rewrite};
use crate::elements::preview::{self, Poster};
use crate::elements::{agent as element, badge, comments, diff, passes, picture, scores, time, words};
use crate::layout::{self, Nav};
use crate::mend;
use crate::notice;
use crate::paged;
use crate::pages::campaign::{Seen, decide_post, passes_of, revision};
use crate::routes::Call;
use crate::visit::{Names, Visit, html as page};

/// Most versions, reviews and decisions that the page shows.
const ROWS_MAX: u32 = 200;
/// Most comments that the page shows at once.
const COMMENTS_MAX: u32 = 100;

async fn find(app: App<'_>, visit: &Visit, id: &str) -> Result<Post, Problem> {
    let found = post::find(app.ports.db, &visit.workspace.id, id).await?;
    found.ok_or_else(|| Problem::NotFound { what: "post", id: id.into() })
}

/// The page. `?version=` shows an older one.
pub async fn show(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let id = call.id();
    let post = find(app, visit, id).await?;
    let wanted = request.query("version").and_then(|text| text.parse().ok()).unwrap_or(post.version);
    let (_, after) = paged::by_time(request)?;
    Ok(page(render(app, visit, &post, (wanted, after), &notice::done(request)).await?))
}

/// `wanted`: the version. `after`: where the comments begin.
async fn render(
    app: App<'_>,
    visit: &Visit,
    post: &Post,
    (wanted, after): (i64, Option<Key>),
    said: &Markup,
) -> Result<String, Problem> {
    let (db, workspace_id) = (app.ports.db, visit.workspace.id.as_str());
    let campaign = campaign::find_with_brief(db, workspace_id, &post.campaign_id).await?;
    let (campaign, brief) =
        campaign.ok_or_else(|| Problem::NotFound { what: "campaign", id: post.campaign_id.clone() })?;
    let versions = post::versions(db, workspace_id, &post.id, None, ROWS_MAX).await?;
    let reviews = review::list(db, workspace_id, &post.id, None, ROWS_MAX).await?;
    let (rules, costs) =
        (review_rule::find(db, workspace_id).await?.rules, review::costs(db, workspace_id, &post.id).await?);
    let decisions = approval::list(db, workspace_id, &post.id, None, ROWS_MAX).await?;
    let deciders = decisions.iter().map(|one| one.user_id.as_str());
    let names = Names::of(app, workspace_id).await?.with_rules(app, workspace_id, deciders).await?;
    let filter = Filter { campaign_id: Some(&campaign.id), state: Some(JobState::NeedsHuman) };
    let asked = job_list::list(db, workspace_id, filter, None, ROWS_MAX).await?;
    let asked = asked.iter().find(|job| job.post_id.as_deref() == Some(&post.id));
    let members = member::list(db, workspace_id).await?;
    let people: Vec<(String, String)> = members.into_iter().map(|one| (one.user_id, one.name)).collect();
    let mut said_of_it = comment::list(db, workspace_id, &post.id, after.as_ref(), COMMENTS_MAX + 1).await?;
    let later = paged::cut(&mut said_of_it, COMMENTS_MAX, |one| paged::of_key(one.key()));
    let policy = policy::effective(db, workspace_id, &post.campaign_id).await?.unwrap_or_default();
    let channels = rewrite::channels(app, visit).await?;
    let is_drawn = drawn::is_wanted(app, visit, post).await?;
    let reminders = memory::of_post(db, workspace_id, &post.id, ROWS_MAX).await?;
    let title = post.current.as_ref().map_or(post.angle.as_str(), |current| current.content.title.as_str());
    let shown = versions.iter().position(|version| version.version == wanted);
    let body = html! {
        (said)
        @if campaign.mode == Mode::Rehearsal { (badge::rehearsal_note(campaign.time_lapse)) }
        div.head { div {
            p.crumb { a href="/campaigns" { "Campaigns" } " / " a href={ "/campaigns/" (campaign.id) "#posts" } { (campaign.name) } " / Post " (post.slot) }
            h1 { (title) }
            div.row.gap { (badge::post(post.state, post.held)) span.soft { (time::planned(&post.planned_local, post.due_at, &post.timezone)) " (" (post.timezone) ") on " (post.channel_name) } }
        } }
        @if let Some(job) = asked { div.notice.bad role="alert" {
            h2 { "Did it go out?" }
            p { "It was being sent when the connection broke off. Look on the platform, then say which it is. It is never sent again on a guess." }
            @if visit.may(Action::Approve) { (post_acts::resolve(visit, &job.id)) }
        } }
        @else if let Some(reason) = &post.reason { div.notice.bad { p { (super::sign_in::sentence(&badge::in_words(reason))) } } }
        section.decide #act {
            (pane::who_approves(post, &policy, &decisions, &names))
            (post_acts::acts_with_keys(visit, campaign.finished_at.is_none(), post))
        }
        div.columns {
            div {
                section.section #words {
                    @if let Some(at) = shown { (version((post, &brief.brand.name), &versions, at, (&reviews, &rules), &names)) }
                    @else { p.card { "Nothing is written yet. It is to be about: " (post.angle) } }
                }
                @if campaign.finished_at.is_none() { (drawn::acts(visit, post, is_drawn)) (rewrite::acts(visit, post, &channels)) }
                @if versions.len() > 1 && !reviews.is_empty() {
                    @let all = passes_of(&versions, &reviews, &names);
                    section.section aria-labelledby="versions-title" {
                        div.top { h2 #versions-title { "Passes" } a href="/review" { "What a version must reach" } }
                        (passes::strip(&post.id, &all, wanted))
                        (passes::dimensions(&all, &rules, &costs))
                    }
                }
                @if after.is_some() { p.small { a href={ "/posts/" (post.id) "#comments" } { "From the first comment on" } } }
                (comments::thread(visit, &post.id, &said_of_it, &people, &names, &post.timezone))
                (paged::more(&format!("/posts/{}?cursor=", post.id), later.as_deref(), "Later comments"))
            }
            div.aside { (about(post)) (super::memory::reminders(&reminders, (Step::Generate, wanted), "What the copywriter was reminded of")) (super::memory::reminders(&reminders, (Step::Review, wanted), "What its reviewers were reminded of")) (decided(&decisions, post, &names)) }
        }
    };
    Ok(layout::page(visit, Nav::Campaigns, title, &body))
}

/// One version: its words, what was found in them, what its reviewers said, and what it changed.
fn version(
    (post, brand): (&Post, &str),
    versions: &[Version],
    at: usize,
    (reviews, rules): (&[Review], &Rules),
    names: &Names,
) -> Markup {
    let shown = &versions[at];
    let mut of_it: Vec<&Review> = reviews.iter().filter(|review| review.version == shown.version).collect();
    // The last word first, then the others in the order of the alphabet, as they are kept.
    of_it.sort_by_key(|review| (!review.counts, review.reviewer.clone()));
    let found: Vec<&Finding> = of_it.iter().flat_map(|review| &review.findings).collect();
    html! {
        @if shown.version != post.version {
            p.notice.wait { "This is version " (shown.version) ", an older one. " a href={ "/posts/" (post.id) "#words" } { "To version " (post.version) ", the newest" } }
        }
        (preview::post(&post.platform, Poster { name: brand, when: &pane::planned_in_short(post) }, &shown.content))
        p.words-meta {
            span { "Version " (shown.version) " by " (names.name(&shown.author)) }
            span { (time::at(shown.created_at, &post.timezone)) }
            @if let Some(model) = &shown.model { span { (badge::model(model)) } }
            span title=(shown.sha256) { "SHA-256 " code { (shown.sha256.get(..12).unwrap_or_default()) } }
        }
        (picture::about(shown.content.image.as_ref(), shown.picture_micro_usd))
        (picture::missing(shown.no_picture.as_deref(), shown.content.image.as_ref()))
        @if let Some(before) = versions.get(at + 1) {
            details.more { summary { "What changed since version " (before.version) } (diff::sides((&format!("Version {}", before.version), &before.content), (&format!("Version {}", shown.version), &shown.content))) }
        }
        @if found.iter().any(|finding| finding.at.is_some()) {
            details.more open { summary { "Where the findings are" } (words::highlighted(&shown.content, &found)) }
        }
        @for review in &of_it { (said_by(review, rules)) }
        @if of_it.iter().any(|review| review.by_the_writer) {
            p.soft.small.gap { "Judged by the model that wrote it. With a second provider, or another model for its reviewers, somebody else judges: " a href="/agents" { "Agents" } ", " a href="/settings/providers" { "Models" } "." }
        }
        @if of_it.is_empty() { p.soft.gap { "No reviewer has judged this version yet." } }
    }
}

/// What one reviewer said; the director's word with its reasons.
fn said_by(review: &Review, rules: &Rules) -> Markup {
    let is_director = review.reviewer == "director";
    let title = match review.reviewer.as_str() {
        "director" => "Verdict".into(),
        "structure" => "Structural checks".into(),
        other => other.parse().map_or_else(|_| other.into(), |role| element::role(role).to_string()),
    };
    html! {
        div.gap.card.flat {
            div.row {
                h2.as-h3 { (title) } (badge::verdict(review.verdict))
                @if let Some(model) = &review.model { span.soft.small { (badge::model(model)) } }
                @if let Some(prompt) = &review.prompt { span.soft.small { code { (prompt) } } }
            }
            @if is_director {
                p.soft.small { "By a fixed rule, from everything below: " a href="/review" { "what a version must reach" } "." }
                @if !review.notes.is_empty() { ul.small { @for reason in &review.notes { li { (reason) } } } }
            } @else {
                @if !review.marks.is_empty() { (scores::marks(&review.marks, rules)) }
                (words::findings(&review.findings))
                @for quote in &review.notes { p.soft.small { "Thrown away, for the version does not say it: " q { (quote) } } }
            }
        }
    }
}

fn about(post: &Post) -> Markup {
    html! {
        section aria-labelledby="about-title" {
            h2 #about-title { "About this post" }
            dl.facts.card.flat {
                dt { "About" } dd { (post.angle) }
                dt { "Pillar" } dd { (post.pillar) }
                dt { "Channel" } dd { (post.channel_name) @if post.platform != post.channel_name { " (" (post.platform) ")" } }
                dt { "Language" } dd { (post.language) }
                @if let Some(comment) = &post.comment { dt { "Comment" } dd { (comment) } }
                @if let Some(at) = post.published_at { dt { "Published" } dd { (time::at(at, &post.timezone)) } }
                @if let Some(url) = &post.ext_url { dt { "Address" } dd { a href=(url) { @if url.starts_with('/') { "Read it on the stage" } @else { (url) } } } }
            }
        }
    }
}

fn decided(decisions: &[Approval], post: &Post, names: &Names) -> Markup {
    html! {
        section aria-labelledby="decisions-title" {
            h2 #decisions-title { "Decisions" }
            @if decisions.is_empty() { p.soft.small { "Nobody has decided yet." } }
            ol.history role="list" {
                @for one in decisions {
                    li {
                        @match one.decision { Decision::Approve => "Approved", Decision::SendBack => "Sent back", Decision::Reject => "Rejected" }
                        " version " (one.version) @if one.revoked_at.is_some() { " (void since)" }
                        @if let Some(comment) = &one.comment { ": “" (comment) "”" }
                        br;
                        span.by { (one.user_name.as_deref().unwrap_or_else(|| names.name(&one.user_id))) " · " (time::at(one.at, &post.timezone)) }
                    }
                }
            }
            p.small { a href={ "/history?post=" (post.id) } { "This post's whole history" } }
        }
    }
}

/// Where a person came from: the campaign's list, or this post's own page.
fn back_to(request: &Request, post: &Post, done: &str) -> Reply {
    if request.header("referer").is_some_and(|referer| referer.contains("/approvals")) {
        return Reply::see_other(&format!("/approvals?done={done}"));
    }
    if request.header("referer").is_some_and(|referer| referer.contains("/calendar")) {
        return Reply::see_other(&format!(
            "/calendar?at={}&done={done}",
            post.planned_local.get(..10).unwrap_or_default()
        ));
    }
    let from_post = request.header("referer").is_some_and(|referer| referer.contains("/posts/"));
    Reply::see_other(&if from_post {
        format!("/posts/{}?done={done}", post.id)
    } else {
        format!("/campaigns/{}?done={done}#post-{}", post.campaign_id, post.slot)
    })
}

/// Approves, sends back or rejects exactly what was seen.
pub async fn decide(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let id = call.id();
    let form = request.form().await?;
    let seen = Seen::parse(form.required("seen")?)?;
    let decision: Decision =
        form.required("decision")?.parse().map_err(|_| Problem::invalid("decision", "is not known"))?;
    let comment = check_comment(form.get("comment"), decision)?;
    let post = find(app, visit, id).await?;
    if seen.post_id != post.id {
        return Err(Problem::invalid("seen", "names another post"));
    }
    match (decide_post(app, visit, &seen, decision, comment).await, decision) {
        (Ok(()), Decision::Approve) => Ok(back_to(request, &post, "approved").waking(&[Step::Publish])),
        (Ok(()), Decision::SendBack) => Ok(back_to(request, &post, "sent-back").waking(&[Step::Generate])),
        (Ok(()), Decision::Reject) => Ok(back_to(request, &post, "rejected").waking(&[Step::Publish])),
        (Err(problem), _) => refused(app, visit, id, comment, problem).await,
    }
}

/// The post as it is now, with what could not be done, and the comment that was typed.
pub async fn refused(
    app: App<'_>,
    visit: &Visit,
    id: &str,
    comment: Option<&str>,
    problem: Problem,
) -> Result<Reply, Problem> {
    if matches!(problem, Problem::Invalid(_)) {
        // To be mended where it was typed, which is one of many places on this page.
        return Err(problem);
    }
    let post = find(app, visit, id).await?;
    let said = match comment {
        Some(comment) => notice::failed(&format!("{problem}. Your comment was: {comment}")),
        None => notice::failed(&problem.to_string()),
    };
    let page = render(app, visit, &post, (post.version, None), &said).await?;
    Ok(problem.into_reply_with("text/html; charset=utf-8", page))
}

async fn change(
    app: App<'_>,
    visit: &Visit,
    (id, revision): (&str, i64),
    change: post::Change<'_>,
) -> Result<(), Problem> {
    let at = (visit.workspace.id.as_str(), id, revision);
    let changed = post::change(app.ports.db, app.ports.clock.pinned_ms(), at, &change, &visit.caller.actor).await?;
    if changed { Ok(()) } else { Err(Problem::Stale) }
}

/// Holds it back, or lets it go.
pub async fn hold(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let id = call.id();
    let form = request.form().await?;
    let held = form.required("held")? == "1";
    let post = find(app, visit, id).await?;
    match change(app, visit, (id, revision(&form)?), post::Change { held: Some(held), ..Default::default() }).await {
        Ok(()) => Ok(back_to(request, &post, if held { "held" } else { "released" }).waking(&[Step::Publish])),
        Err(problem) => refused(app, visit, id, None, problem).await,
    }
}

/// Gives it the first weekly slot of its channel that no other post holds.
async fn to_next_free_slot(call: Call<'_>, visit: &Visit, post: &Post, revision: i64) -> Result<Reply, Problem> {
    let (app, workspace_id) = (call.app, visit.workspace.id.as_str());
    let of = weekly_slots::Of::Post { channel_id: &post.channel_id, post_id: &post.id };
    let at = (workspace_id, post.id.as_str(), revision);
    let moved = match weekly_slots::next(app, workspace_id, of, &post.timezone).await {
        Ok(free) => {
            let pinned_ms = app.ports.clock.pinned_ms();
            let moved = post::move_to_free_slot(app.ports.db, pinned_ms, at, &free, &visit.caller.actor).await;
            moved.map_err(Problem::from)
        }
        Err(problem) => Err(problem),
    };
    let now = find(app, visit, &post.id).await?;
    match moved {
        Ok(true) => Ok(back_to(call.request, &now, "next-slot")),
        Ok(false) if now.revision != revision => Ok(mend::stale(call.request, visit, &[]).await),
        Ok(false) => refused(app, visit, &post.id, None, weekly_slots::taken()).await,
        Err(problem) => refused(app, visit, &post.id, None, problem).await,
    }
}

/// Gives it another time, which must exist and lie ahead.
pub async fn reschedule(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let id = call.id();
    let form = request.form().await?;
    let post = find(app, visit, id).await?;
    if form.get("slot") == Some("next") {
        return to_next_free_slot(call, visit, &post, revision(&form)?).await;
    }
    let local = form.required("local")?.parse::<DateTime>();
    let chosen = local.map_err(|_| Problem::invalid("local", "is no date and time")).and_then(|local| {
        let due_at = calendar::chosen_instant(local, &post.timezone, app.ports.clock.now_ms());
        due_at.map(|due_at| (local, due_at)).map_err(|error| Problem::invalid("local", error.to_string()))
    });
    let moved = match chosen {
        Ok((local, due_at)) => {
            let planned = Some((&*local.to_string(), due_at));
            let change_to = post::Change { planned, ..Default::default() };
            change(app, visit, (id, revision(&form)?), change_to).await
        }
        Err(problem) => Err(problem),
    };
    match moved {
        Ok(()) => Ok(back_to(request, &post, "rescheduled")),
        Err(Problem::Stale) => {
            let now = post.planned_local.get(..16).unwrap_or_default();
            Ok(mend::stale(request, visit, &[("local", now)]).await)
        }
        Err(problem) => refused(app, visit, id, None, problem).await,
    }
}

/// A person says what became of a send whose outcome nobody else can know.
pub async fn resolve(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let job_id = call.id();
    let form = request.form().await?;
    let missing = || Problem::NotFound { what: "job", id: job_id.into() };
    let job = job_list::find(app.ports.db, &visit.workspace.id, job_id).await?.ok_or_else(missing)?;
    let post = find(app, visit, &job.post_id.ok_or_else(missing)?).await?;
    let is_live = form.required("answer")? == "live";
    let ext_url = form.get("ext_url").map(str::trim).filter(|text| !text.is_empty() && is_live);
    let is_web = |text: &str| url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if ext_url.is_some_and(|text| !is_web(text)) {
        let problem = Problem::invalid("ext_url", format!("`{}` is no web address", ext_url.unwrap_or_default()));
        return refused(app, visit, &post.id, None, problem).await;
    }
    let id = serve::id(app);
    let new =
        Resolution { workspace_id: &visit.workspace.id, job_id, id: &id, is_live, ext_url, actor: &visit.caller.actor };
    job_list::resolve(app.ports.db, app.ports.clock.pinned_ms(), &new).await?;
    Ok(back_to(request, &post, if is_live { "live" } else { "again" }).waking(&[Step::Publish]))
}

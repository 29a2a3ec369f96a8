//! What waits, in full: as its platform shows it, what changed, scores and findings, what was said, and the decision.

use domain::PostState;
use domain::policy::{Policy, PolicyKind};
use maud::{Markup, html};
use serve::{App, Problem};
use store::approval::{self, Approval};
use store::inbox::{Waiting, WaitingFor};
use store::post::{self, Post};
use store::{campaign, comment, people::member, policy, review};

use super::{Places, talk, title};
use crate::elements::preview::{self, Poster};
use crate::elements::{badge, comments, diff, picture, scores, time, words};
use crate::pages::campaign::{Sight, passes_of, plan, post_acts};
use crate::routes::Call;
use crate::visit::{Names, Visit};

/// Most versions, reviews, comments and decisions that the pane shows; the post's own page has the rest.
const ROWS_MAX: u32 = 40;

/// The pane.
pub(super) async fn show(
    call: &Call<'_>,
    visit: &Visit,
    names: &Names,
    row: &Waiting,
    places: &Places<'_>,
) -> Result<Markup, Problem> {
    let inside = match &row.what {
        WaitingFor::Strategy => strategy(call.app, visit, row).await?,
        WaitingFor::Post { post_id, .. } => of_post(call.app, visit, names, post_id).await?,
    };
    Ok(html! {
        article.pane id="pane" tabindex="-1" aria-label=(title(row)) {
            (step(places))
            (inside)
        }
    })
}

fn step(places: &Places<'_>) -> Markup {
    let link = |row: &Waiting| format!("/approvals?for={}&item={}#pane", places.word, row.id);
    html! {
        p.step {
            span { @if let Some(before) = places.before { a data-key="k" href=(link(before)) { "← " (title(before)) } } }
            span { @if let Some(after) = places.after { a data-key="j" href=(link(after)) { (title(after)) " →" } } }
        }
    }
}

async fn strategy(app: App<'_>, visit: &Visit, row: &Waiting) -> Result<Markup, Problem> {
    let sight = Sight::of(app, visit, &row.campaign_id).await?;
    let plan = plan::to_decide(&sight, row.version).await?;
    let people = member::list(app.ports.db, &visit.workspace.id).await?;
    Ok(html! {
        header {
            p.soft { a href={ "/campaigns/" (row.campaign_id) } { (row.campaign_name) } }
            h2 { "The plan, version " (row.version) }
        }
        (plan)
        (talk::reassign(visit, &format!("/campaigns/{}/strategy/{}/assignment", row.campaign_id, row.version), row.assigned_to.as_deref(), &people))
    })
}

async fn of_post(app: App<'_>, visit: &Visit, names: &Names, post_id: &str) -> Result<Markup, Problem> {
    let (db, workspace_id) = (app.ports.db, visit.workspace.id.as_str());
    let missing = || Problem::NotFound { what: "post", id: post_id.into() };
    let post = post::find(db, workspace_id, post_id).await?.ok_or_else(missing)?;
    let (campaign, brief) =
        campaign::find_with_brief(db, workspace_id, &post.campaign_id).await?.ok_or_else(missing)?;
    let versions = post::versions(db, workspace_id, post_id, None, ROWS_MAX).await?;
    let reviews = review::list(db, workspace_id, post_id, None, ROWS_MAX).await?;
    let decisions = approval::list(db, workspace_id, post_id, None, ROWS_MAX).await?;
    let deciders = decisions.iter().map(|one| one.user_id.as_str());
    let names = &names.clone().with_rules(app, workspace_id, deciders).await?;
    let said = comment::list(db, workspace_id, post_id, None, ROWS_MAX).await?;
    let members = member::list(db, workspace_id).await?;
    let policy = policy::effective(db, workspace_id, &post.campaign_id).await?.unwrap_or_default();
    let people: Vec<(String, String)> = members.iter().map(|one| (one.user_id.clone(), one.name.clone())).collect();
    let heading = post.current.as_ref().map_or(post.angle.as_str(), |current| current.content.title.as_str());
    let when = planned_in_short(&post);
    Ok(html! {
        header {
            p.soft { a href={ "/campaigns/" (campaign.id) "#posts" } { (campaign.name) } " / " a href={ "/posts/" (post.id) } { "Post " (post.slot) } }
            h2 { (heading) }
            div.row { (badge::post(post.state, post.held)) (badge::mode(campaign.mode, campaign.time_lapse))
                span.soft { "on " (post.channel_name) ", " (time::planned(&post.planned_local, post.due_at, &post.timezone)) " (" (post.timezone) ")" } }
        }
        @if let Some(reason) = &post.reason { div.notice.bad { p { (crate::pages::sign_in::sentence(&badge::in_words(reason))) } } }
        (who_approves(&post, &policy, &decisions, names))
        (post_acts::acts_with_keys(visit, campaign.finished_at.is_none(), &post))
        @match &post.current {
            Some(current) => {
                (preview::post(&post.platform, Poster { name: &brief.brand.name, when: &when }, &current.content))
                (picture::about(current.content.image.as_ref(), current.picture_micro_usd))
                (picture::missing(current.no_picture.as_deref(), current.content.image.as_ref()))
                @if let [newest, before, ..] = &versions[..] {
                    details.more open {
                        summary { "What changed since version " (before.version) }
                        (diff::sides((&format!("Version {}, {}", before.version, names.name(&before.author)), &before.content),
                                     (&format!("Version {}, {}", newest.version, names.name(&newest.author)), &newest.content)))
                    }
                }
                div.post-parts.wide {
                    div { h3 { "What the reviewers found" }
                        (words::findings(reviews.iter().filter(|review| review.version == post.version).flat_map(|review| &review.findings))) }
                    @if let Some(scores) = &current.scores { div { h3 { "Scores" } (scores::bars(scores)) } }
                }
            },
            None => p.card { "Nothing is written yet. It is to be about: " (post.angle) },
        }
        @if versions.len() > 1 { (crate::elements::passes::strip(&post.id, &passes_of(&versions, &reviews, names), post.version)) }
        (talk::reassign(visit, &format!("/posts/{}/assignment", post.id), post.assigned_to.as_deref(), &members))
        (comments::thread(visit, &post.id, &said, &people, names, &post.timezone))
    })
}

/// `29 Mar, 09:30`: how a platform would write it.
pub fn planned_in_short(post: &Post) -> String {
    post.planned_local
        .parse::<jiff::civil::DateTime>()
        .map_or_else(|_| post.planned_local.clone(), |local| local.strftime("%-d %b, %H:%M").to_string())
}

/// Whose approval there is, and whose is missing.
pub fn who_approves(post: &Post, policy: &Policy, decisions: &[Approval], names: &Names) -> Markup {
    let standing: Vec<&Approval> = decisions
        .iter()
        .filter(|one| {
            one.decision == domain::Decision::Approve && one.revoked_at.is_none() && one.version == post.version
        })
        .collect();
    let round_name = |at: usize| match (policy.kind, at) {
        (PolicyKind::InternalThenClient, 0) => "Ours",
        (PolicyKind::InternalThenClient, _) => "Then the client",
        _ => "Approval",
    };
    html! {
        @if matches!(post.state, PostState::AwaitingApproval) && policy.kind != PolicyKind::One || !standing.is_empty() {
            div.who-approves {
                @if policy.kind == PolicyKind::None { p { "Nobody need look: the standing rule approves what has passed review." } }
                @else {
                    p { b { (post.given) " of " (post.needed) " approvals." } " It is scheduled when all are there, each of exactly this version, channel and time." }
                    ul { @for (at, round) in policy.rounds.iter().enumerate() {
                        li { (round_name(at)) ": " (round.needed) " of "
                            @if round.people.is_empty() { "everyone who may approve" }
                            @else { (round.people.iter().map(|one| names.name(one)).collect::<Vec<_>>().join(", ")) } }
                    } }
                }
                @for one in &standing { p { "✓ " (one.user_name.as_deref().unwrap_or_else(|| names.name(&one.user_id))) ", " (time::at(one.at, &post.timezone)) } }
            }
        }
    }
}

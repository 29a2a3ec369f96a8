//! A campaign's posts: a line each, opened in place; and one button for all that passed review.

use domain::{Action, PostState};
use maud::{Markup, html};
use serve::Problem;
use store::post::{self, Current, Post};
use store::review::{self, Review};

use super::{Sight, post_acts};
use crate::elements::passes::{self, Pass};
use crate::elements::{badge, diff, form, picture, scores, time, words};

/// All of them, by slot.
pub async fn part(sight: &Sight<'_>) -> Result<Markup, Problem> {
    let campaign = &sight.campaign;
    let mut posts: Vec<Post> = Vec::new();
    loop {
        let after = posts.last().map(|post| post.slot);
        let page =
            post::list(sight.app.ports.db, &campaign.workspace_id, &campaign.id, after, store::page::LIMIT_MAX).await?;
        let more = page.len() >= store::page::LIMIT_MAX as usize;
        posts.extend(page);
        if !more {
            break;
        }
    }
    if posts.is_empty() {
        return Ok(html! {});
    }
    let mut lines = Vec::new();
    for post in &posts {
        lines.push(line(sight, post).await?);
    }
    Ok(html! {
        section.section aria-labelledby="posts-title" {
            div.top { h2 #posts-title { "Posts" } span.soft { (posts.len()) " in all, times of " (campaign.timezone) }
                @if sight.may(Action::Write) && campaign.archived_at.is_none() { a.button.slim href={ (sight.path()) "/posts/new" } { "Add a post" } }
            }
            (approve_all(sight, &posts))
            ol.posts role="list" { @for line in &lines { li { (line) } } }
        }
    })
}

/// What can be approved at once: reviewed, not held, not past its time.
fn approvable<'a>(sight: &Sight<'_>, posts: &'a [Post]) -> Vec<&'a Post> {
    let now_ms = sight.app.ports.clock.now_ms();
    posts
        .iter()
        .filter(|post| post.state == PostState::AwaitingApproval && !post.held && post.current.is_some())
        .filter(|post| sight.campaign.time_lapse || post.due_at > now_ms)
        .collect()
}

fn approve_all(sight: &Sight<'_>, posts: &[Post]) -> Markup {
    let ready = approvable(sight, posts);
    html! {
        @if !ready.is_empty() && sight.may(Action::Approve) {
            div.notice.wait {
                p {
                    @if ready.len() == 1 { "1 post has passed review and waits for your approval." }
                    @else { (ready.len()) " posts have passed review and wait for your approval." }
                    " You approve exactly what you see here; if one changes in the meantime, it is left out and waits again."
                }
                @if ready.len() > 1 {
                    form method="post" action={ (sight.path()) "/approvals" } {
                        (form::csrf(&sight.visit.caller))
                        @for post in &ready { input type="hidden" name="seen" value=(post_acts::seen(post)); }
                        button.button.main-act type="submit" { "Approve all " (ready.len()) " reviewed posts" }
                    }
                }
            }
        }
    }
}

async fn line(sight: &Sight<'_>, post: &Post) -> Result<Markup, Problem> {
    let title = post.current.as_ref().map_or(post.angle.as_str(), |current| current.content.title.as_str());
    let waits = matches!(post.state, PostState::AwaitingApproval | PostState::NeedsPerson);
    Ok(html! {
        details.post id={ "post-" (post.slot) } {
            summary {
                div {
                    h3 { span.unseen { "Post " (post.slot) ": " } (title) }
                    p.meta {
                        (time::planned(&post.planned_local, post.due_at, &post.timezone))
                        span { (post.channel_name) } span { (post.pillar) }
                        @if post.revisions > 0 { span { "revised " (times(post.revisions)) } }
                    }
                }
                div.row {
                    @if let Some(scores) = post.current.as_ref().and_then(|current| current.scores.as_ref()) {
                        span.mean { (scores::mean(scores)) small { "mean" } }
                    }
                    (badge::post(post.state, post.held))
                }
            }
            div.sheet-of-post {
                @if waits { (full(sight, post).await?) } @else { (brief(sight, post)) }
                @if let Some(reason) = &post.reason { p.small { strong { "Why: " } (badge::in_words(reason)) } }
                (post_acts::acts(sight.visit, sight.campaign.finished_at.is_none(), post))
                p.small { a href={ "/posts/" (post.id) } { "Everything about this post" } }
            }
        }
    })
}

/// `once`, `3 times`
fn times(count: i64) -> String {
    if count == 1 { "once".into() } else { format!("{count} times") }
}

/// The words and their scores.
fn brief(sight: &Sight<'_>, post: &Post) -> Markup {
    html! {
        @match &post.current {
            Some(current) => div.post-parts.wide[current.scores.is_some()] {
                div { (words::preview(&current.content)) (written_by(sight, post, current)) }
                @if let Some(scores) = &current.scores { div { (scores::bars(scores)) } }
            },
            None => p.soft { "Nothing is written yet. It is to be about: " (post.angle) },
        }
        @if let Some(url) = &post.ext_url { p { a href=(url) { "See it where it was published" } } }
    }
}

fn written_by(sight: &Sight<'_>, post: &Post, current: &Current) -> Markup {
    html! {
        p.words-meta {
            span { "Version " (post.version) " by " (sight.names.name(&current.author)) }
            @if let Some(model) = &current.model { span { (badge::model(model)) } }
        }
        (picture::about(current.content.image.as_ref(), current.picture_micro_usd))
        (picture::missing(current.no_picture.as_deref(), current.content.image.as_ref()))
    }
}

/// What a decision needs: words, scores, findings with quotes, and how it came to this version.
async fn full(sight: &Sight<'_>, post: &Post) -> Result<Markup, Problem> {
    let Some(current) = &post.current else { return Ok(brief(sight, post)) };
    let (db, workspace_id) = (sight.app.ports.db, &sight.campaign.workspace_id);
    let versions = post::versions(db, workspace_id, &post.id, None, VERSIONS_MAX).await?;
    let reviews = review::list(db, workspace_id, &post.id, None, VERSIONS_MAX).await?;
    let passes: Vec<Pass> = passes_of(&versions, &reviews, &sight.names);
    let now: Vec<&Review> = reviews.iter().filter(|review| review.version == post.version).collect();
    Ok(html! {
        @if passes.len() > 1 { (passes::strip(&post.id, &passes, post.version)) }
        div.post-parts.wide {
            div {
                (words::preview(&current.content))
                (written_by(sight, post, current))
                @if let Some(before) = versions.get(1) {
                    details.more id={ "diff-" (post.slot) } {
                        summary { "What changed since version " (before.version) }
                        (diff::words(&before.content, &current.content))
                    }
                }
            }
            div.stack {
                @if let Some(scores) = &current.scores { (scores::bars(scores)) }
                (words::findings(now.iter().flat_map(|review| &review.findings)))
            }
        }
    })
}

/// Most versions, and reviews, that the list shows of a post; its own page shows more.
const VERSIONS_MAX: u32 = 40;

/// The passes of a post, the oldest first.
pub fn passes_of(versions: &[post::Version], reviews: &[Review], names: &crate::visit::Names) -> Vec<Pass> {
    let pass = |version: &post::Version| {
        let of_it = || reviews.iter().filter(|review| review.version == version.version);
        Pass {
            version: version.version,
            author: names.name(&version.author).into(),
            scores: of_it().find_map(|review| review.scores),
            findings: of_it().map(|review| review.findings.len()).sum(),
            marks: of_it()
                .filter(|review| review.reviewer != "director")
                .flat_map(|review| review.marks.clone())
                .collect(),
            verdict: of_it().find(|review| review.counts).map(|review| review.verdict),
        }
    };
    versions.iter().rev().map(pass).collect()
}

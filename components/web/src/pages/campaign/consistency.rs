//! Whether the posts agree with each other.

use domain::PostState;
use domain::consistency::{Disagreement, Kind, POSTS_MAX, Place, Said, across};
use maud::{Markup, html};
use serve::Problem;
use store::post;

use super::Sight;

/// How many are shown at once; the rest opens.
const SHOWN: usize = 5;

/// Each disagreement with both places; a word where all agree, nothing where there are not two.
pub async fn section(sight: &Sight<'_>) -> Result<Markup, Problem> {
    let campaign = &sight.campaign;
    let most = u32::try_from(POSTS_MAX).unwrap_or(u32::MAX);
    let posts = post::list(sight.app.ports.db, &campaign.workspace_id, &campaign.id, None, most).await?;
    let counts = |state: PostState| !matches!(state, PostState::Rejected | PostState::Cancelled);
    let said: Vec<Said<'_>> = posts
        .iter()
        .filter(|post| counts(post.state))
        .filter_map(|post| {
            let content = &post.current.as_ref()?.content;
            Some(Said { post_id: &post.id, slot: post.slot, content })
        })
        .collect();
    let found = across(&said, &sight.brief);
    if said.len() < 2 {
        return Ok(html! {});
    }
    if found.is_empty() {
        return Ok(html! {
            section aria-labelledby="consistency-title" {
                h2 #consistency-title { "Do the posts agree?" }
                p.soft.small { "Yes: in " (said.len()) " posts no price, date, name or claim is said in two ways." }
            }
        });
    }
    let found = gathered(&found);
    let (shown, rest) = found.split_at(found.len().min(SHOWN));
    Ok(html! {
        section aria-labelledby="consistency-title" {
            h2 #consistency-title { "Do the posts agree?" }
            ul.history role="list" { @for all in shown { (line(all)) } }
            @if !rest.is_empty() {
                details.more id="consistency-rest" {
                    summary { (rest.len()) " more" }
                    ul.history role="list" { @for all in rest { (line(all)) } }
                }
            }
        }
    })
}

/// What one post says otherwise than others in the same way is said once.
fn gathered(found: &[Disagreement]) -> Vec<Vec<&Disagreement>> {
    let mut all: Vec<Vec<&Disagreement>> = Vec::new();
    for one in found {
        let is_alike = |first: &Disagreement| {
            (first.kind, &first.one.post_id, &first.advice) == (one.kind, &one.one.post_id, &one.advice)
        };
        match all.iter_mut().find(|group| is_alike(group[0])) {
            Some(group) => group.push(one),
            None => all.push(vec![one]),
        }
    }
    all
}

fn line(all: &[&Disagreement]) -> Markup {
    let Some(first) = all.first() else { return html! {} };
    html! {
        li {
            strong { (word(first.kind)) } " · " (place(&first.one)) " and "
            @for (at, one) in all.iter().enumerate() { @if at > 0 { ", " } (place(&one.other)) }
            br;
            span.by { (first.advice) }
        }
    }
}

fn place(place: &Place) -> Markup {
    html! { a href={ "/posts/" (place.post_id) } { "Post " (place.slot) } }
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Price => "Price",
        Kind::Date => "Date or time",
        Kind::Name => "Name",
        Kind::Url => "Address",
        Kind::CallToAction => "What to do next",
        Kind::Same => "The same twice",
    }
}

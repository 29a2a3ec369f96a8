//! A post's picture: its bytes, and what people do with it: have it drawn, have it drawn again, take it out.

use domain::{Action, Content, PostState, Step};
use maud::{Markup, html};
use serve::{App, Problem, Reply, pictures};
use store::picture;
use store::post::{self, Post};

use super::{find, refused};
use crate::elements::form::csrf;
use crate::routes::Call;
use crate::visit::Visit;

/// Its bytes.
pub async fn picture(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    pictures::reply(call.app, call.request, &visit.workspace.id, call.id()).await
}

/// Whether the page has to offer anything of it; else nobody is asked who draws.
pub(super) async fn is_wanted(app: App<'_>, visit: &Visit, post: &Post) -> Result<bool, Problem> {
    Ok(is_open(visit, post) && pictures::are_drawn(app, &visit.workspace.id).await?)
}

fn is_open(visit: &Visit, post: &Post) -> bool {
    use PostState::{AwaitingApproval, InReview, NeedsPerson, Scheduled};
    let has_idea = post.current.as_ref().is_some_and(|current| current.content.image.is_some());
    let open = matches!(post.state, InReview | AwaitingApproval | Scheduled | NeedsPerson);
    has_idea && open && visit.may(Action::Write)
}

/// The buttons. `is_drawn`: somebody draws for this workspace.
pub(super) fn acts(visit: &Visit, post: &Post, is_drawn: bool) -> Markup {
    let image = post.current.as_ref().and_then(|current| current.content.image.as_ref());
    let has_picture = image.is_some_and(|image| image.drawn.is_some());
    if !is_open(visit, post) || !(is_drawn || has_picture) {
        return html! {};
    }
    let form = |path: &str, label: &str| {
        html! {
            form method="post" action={ "/posts/" (post.id) (path) } {
                (csrf(&visit.caller))
                input type="hidden" name="base" value=(post.version);
                button.button type="submit" { (label) }
            }
        }
    };
    html! {
        section.section aria-labelledby="picture-title" {
            h2.as-h3 #picture-title { "The picture" }
            @if post.state == PostState::Scheduled { p.small.soft { "The post is approved as it is. Another picture, or none, ends that: the new version is reviewed, and waits for approval again." } }
            @else { p.small.soft { "The words stay as they are. The new version is reviewed, and waits for approval like any other." } }
            div.acts {
                @if is_drawn { (form("/drawings", if has_picture { "Draw it again" } else { "Draw the picture" })) }
                @if has_picture { (form("/picture/removal", "Take the picture out")) }
            }
        }
    }
}

/// Has the newest version's idea drawn; it comes with the next version.
pub async fn draw(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let (post, base) = seen(call, visit).await?;
    if !pictures::are_drawn(call.app, &visit.workspace.id).await? {
        return refused(call.app, visit, &post.id, None, Problem::WrongState).await;
    }
    let (ports, id) = (&call.app.ports, serve::id(call.app));
    let of = (visit.workspace.id.as_str(), post.id.as_str(), base);
    match picture::want(ports.db, ports.clock.pinned_ms(), of, &id, &visit.caller.actor).await.map_err(Problem::from) {
        Ok(true) => Ok(Reply::see_other(&format!("/posts/{}?done=picture-wanted", post.id)).waking(&[Step::Generate])),
        Ok(false) => refused(call.app, visit, &post.id, None, Problem::WrongState).await,
        Err(problem) => refused(call.app, visit, &post.id, None, problem).await,
    }
}

/// Takes the picture out of the newest version; its idea stays.
pub async fn remove(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let (post, base) = seen(call, visit).await?;
    let content = post.current.as_ref().map(|current| current.content.in_words());
    let saved = match content {
        Some(content) => saved(call.app, visit, (&post.id, base), &content).await,
        None => Err(Problem::WrongState),
    };
    match saved {
        Ok(()) => Ok(Reply::see_other(&format!("/posts/{}?done=picture-removed", post.id)).waking(&[Step::Review])),
        Err(problem) => refused(call.app, visit, &post.id, None, problem).await,
    }
}

async fn saved(app: App<'_>, visit: &Visit, (id, base): (&str, i64), content: &Content) -> Result<(), Problem> {
    let of = (visit.workspace.id.as_str(), id, base);
    let edited = post::edit(app.ports.db, app.ports.clock.pinned_ms(), of, content, &visit.caller.actor).await?;
    edited.map(|_| ()).ok_or(Problem::WrongState)
}

/// The post, and the version that the form was about.
async fn seen(call: Call<'_>, visit: &Visit) -> Result<(Post, i64), Problem> {
    let sent = call.request.form().await?;
    let base = sent.required("base")?.parse().map_err(|_| Problem::Stale)?;
    Ok((find(call.app, visit, call.id()).await?, base))
}

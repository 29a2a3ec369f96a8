//! The dashboard: HTML pages, the stage with its feeds, and the files of `static/`. This file is the route table.
//!
//! Pages work without script; scripts only refresh what changed. GET changes nothing; every change by cookie is
//! checked by `serve::caller` before a handler sees it.

#![cfg_attr(target_arch = "wasm32", expect(unsafe_code, reason = "spin-sdk's export macro writes it"))]

mod assets;
mod elements;
mod layout;
mod notice;
mod pages;
mod static_files;
mod visit;

use domain::Mode;
use pages::stage::Form;
use pages::{campaign, campaigns, new_campaign, post, problems, settings, setup, sign_in, stage, workspace};
use serve::{App, Method, Problem, Reply, Request};

#[cfg(target_arch = "wasm32")]
#[spin_sdk::http_component]
async fn handle(request: spin_sdk::http::IncomingRequest, out: spin_sdk::http::ResponseOutparam) {
    serve::spin::answer_with(request, out, problems::reply, answer).await;
}

/// Answers a request; a problem becomes a page, and whoever is not signed in is shown the door.
pub async fn answer(app: App<'_>, request: &Request) -> Result<Reply, Problem> {
    match route(app, request).await {
        Err(Problem::Unauthorized { .. }) if request.method == Method::GET => {
            let query = request.raw_query();
            let wanted = if query.is_empty() { request.path.clone() } else { format!("{}?{query}", request.path) };
            let next: String = url::form_urlencoded::byte_serialize(wanted.as_bytes()).collect();
            Ok(Reply::see_other(&format!("/sign-in?next={next}")))
        }
        Err(problem) => Ok(problems::reply(problem)),
        reply => reply,
    }
}

async fn route(app: App<'_>, request: &Request) -> Result<Reply, Problem> {
    let segments = request.segments();
    match (&request.method, segments.as_slice()) {
        (&Method::GET, ["static", file @ ..]) => static_files::file(request, file),

        (&Method::GET, ["setup", token]) => setup::show(app, token).await,
        (&Method::POST, ["setup", token]) => setup::submit(app, request, token).await,
        (&Method::GET, ["sign-in"]) => sign_in::show(app, request).await,
        (&Method::POST, ["sign-in"]) => sign_in::submit(app, request).await,
        (&Method::POST, ["sign-out"]) => sign_in::sign_out(app, request).await,

        (&Method::GET, [] | ["campaigns"]) => campaigns::list(app, request).await,
        (&Method::POST, ["campaigns"]) => new_campaign::create(app, request).await,
        (&Method::GET, ["campaigns", "new"]) => new_campaign::show(app, request).await,
        (&Method::GET, ["campaigns", id]) => campaign::show(app, request, id).await,
        (&Method::GET, ["campaigns", id, "fragment", part]) => campaign::fragment(app, request, id, part).await,
        (&Method::GET, ["campaigns", id, "events"]) => campaign::events(app, request, id).await,
        (&Method::POST, ["campaigns", id, "strategy", version, "decision"]) => {
            campaign::decide_plan(app, request, id, version).await
        }
        (&Method::POST, ["campaigns", id, "approvals"]) => campaign::approve_all(app, request, id).await,
        (&Method::POST, ["campaigns", id, "pause"]) => campaign::pause(app, request, id).await,
        (&Method::POST, ["campaigns", id, "budget"]) => campaign::budget(app, request, id).await,
        (&Method::POST, ["campaigns", id, "cancellation"]) => campaign::cancel(app, request, id).await,

        (&Method::GET, ["posts", id]) => post::show(app, request, id).await,
        (&Method::GET, ["posts", id, "edit"]) => post::edit(app, request, id).await,
        (&Method::POST, ["posts", id, "versions"]) => post::save(app, request, id).await,
        (&Method::POST, ["posts", id, "decision"]) => post::decide(app, request, id).await,
        (&Method::POST, ["posts", id, "hold"]) => post::hold(app, request, id).await,
        (&Method::POST, ["posts", id, "time"]) => post::reschedule(app, request, id).await,
        (&Method::POST, ["jobs", id, "resolution"]) => post::resolve(app, request, id).await,
        (&Method::POST, ["jobs", id, "retry"]) => campaign::retry(app, request, id).await,

        (&Method::POST, ["workspace", "pause"]) => workspace::pause(app, request).await,
        (&Method::GET, ["settings"]) => settings::show(app, request).await,
        (&Method::POST, ["settings", "tokens"]) => settings::create_token(app, request).await,
        (&Method::POST, ["settings", "tokens", id, "revocation"]) => settings::revoke_token(app, request, id).await,
        (&Method::GET, ["problems"]) => Ok(problems::list()),
        (&Method::GET, ["problems", slug]) => problems::show(slug),

        (&Method::GET, [folder @ ("stage" | "rehearsal"), slug, rest @ ..]) => {
            let mode = if *folder == "stage" { Mode::Performance } else { Mode::Rehearsal };
            match rest {
                [] => stage::show(app, request, mode, slug).await,
                ["atom.xml"] => stage::feed(app, request, (mode, slug), Form::Atom).await,
                ["feed.json"] => stage::feed(app, request, (mode, slug), Form::Json).await,
                [key] => stage::entry(app, request, (mode, slug), key).await,
                _ => Err(request.no_route()),
            }
        }
        (_, segments) => Err(allowed(segments).map_or_else(|| request.no_route(), |allow| request.not_allowed(allow))),
    }
}

/// Which methods a path has, for those who use another.
fn allowed(segments: &[&str]) -> Option<&'static str> {
    match segments {
        ["setup", _] | ["sign-in"] | ["campaigns"] => Some("GET, POST"),
        [] | ["static", ..] | ["settings"] | ["problems"] | ["problems", _] | ["stage" | "rehearsal", _] => Some("GET"),
        ["stage" | "rehearsal", _, _] | ["campaigns", _] | ["posts", _] | ["posts", _, "edit"] => Some("GET"),
        ["campaigns", _, "events"] | ["campaigns", _, "fragment", _] => Some("GET"),
        ["sign-out"] | ["workspace", "pause"] | ["settings", "tokens"] | ["settings", "tokens", _, "revocation"] => {
            Some("POST")
        }
        ["campaigns", _, "approvals" | "pause" | "budget" | "cancellation"] => Some("POST"),
        ["campaigns", _, "strategy", _, "decision"] | ["jobs", _, "resolution" | "retry"] => Some("POST"),
        ["posts", _, "versions" | "decision" | "hold" | "time"] => Some("POST"),
        _ => None,
    }
}

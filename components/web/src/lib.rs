//! The dashboard: HTML pages, the stage with its feeds, and the files of `static/`. `routes.rs` is the route table.
//!
//! Pages work without script; scripts only refresh what changed. GET changes nothing; every change by cookie is
//! checked by `serve::caller` before a handler sees it.

#![cfg_attr(target_arch = "wasm32", expect(unsafe_code, reason = "spin-sdk's export macro writes it"))]

mod assets;
mod compressed;
pub mod elements;
mod kept;
mod layout;
mod live;
mod mend;
mod notice;
mod paged;
mod pages;
mod refused;
pub mod routes;
mod static_files;
mod visit;

use serve::{App, Method, Problem, Reply, Request};

#[cfg(target_arch = "wasm32")]
#[spin_sdk::http_component]
async fn handle(request: spin_sdk::http::IncomingRequest, out: spin_sdk::http::ResponseOutparam) {
    serve::spin::answer_with(request, out, pages::problems::reply, answer).await;
}

/// Answers a request; a problem becomes a page, and whoever is not signed in is shown the door.
pub async fn answer(app: App<'_>, request: &Request) -> Result<Reply, Problem> {
    match routes::answer(app, request).await {
        Err(Problem::Unauthorized { .. }) if request.method == Method::GET => {
            let query = request.raw_query();
            let wanted = if query.is_empty() { request.path.clone() } else { format!("{}?{query}", request.path) };
            let next: String = url::form_urlencoded::byte_serialize(wanted.as_bytes()).collect();
            Ok(Reply::see_other(&format!("/sign-in?next={next}")))
        }
        Err(problem) => Ok(kept::or_problem(app, request, problem).await),
        Ok(reply) => Ok(compressed::for_browser(request, reply)),
    }
}

//! The public JSON API. `routes.rs` is the route table; each resource has its own module.

#![cfg_attr(target_arch = "wasm32", expect(unsafe_code, reason = "spin-sdk's export macro writes it"))]

mod account;
mod agents;
mod approvals;
mod autonomy;
mod brand;
mod call;
mod campaigns;
mod channels;
mod comments;
mod conductor;
mod consistency;
mod costs;
mod events;
mod exports;
mod health;
mod imports;
mod instant;
mod jobs;
mod learnings;
mod list;
mod members;
mod memory;
mod openapi;
mod pictures;
mod policies;
mod posts;
mod providers;
mod review_rules;
mod routes;
mod runs;
mod seals;
mod setup;
mod strategies;
mod templates;
#[cfg(test)]
mod tests;
mod tokens;
mod versions;
mod weekly_slots;
mod workspace;

use serve::{App, BODY_BYTES_MAX, Problem, Reply, Request, caller, idempotency};

use call::Call;
use routes::{Operation, Run};

/// Answers one request.
#[cfg(target_arch = "wasm32")]
#[spin_sdk::http_component]
async fn handle(request: spin_sdk::http::IncomingRequest, out: spin_sdk::http::ResponseOutparam) {
    serve::spin::answer(request, out, route).await;
}

/// Finds the operation, asks who calls and whether they may, then lets it answer. A POST with an `Idempotency-Key`
/// is executed once.
pub async fn route(app: App<'_>, request: &Request) -> Result<Reply, Problem> {
    let segments = request.segments();
    let Some((resource, names)) = segments.strip_prefix(&["api", "v1"]).and_then(routes::find) else {
        return Err(request.no_route());
    };
    let Some(operation) = resource.operations.iter().find(|operation| operation.method == request.method.as_str())
    else {
        return Err(request.not_allowed(resource.allow));
    };
    if request.body.len() > BODY_BYTES_MAX {
        return Err(Problem::TooLarge { bytes_max: BODY_BYTES_MAX });
    }
    match operation.run {
        Run::Open(answer) => {
            known_query(request, operation)?;
            answer(app, request).await
        }
        Run::Member(action, answer) => {
            let caller = caller::of(app, request).await?;
            caller.may(action)?;
            known_query(request, operation)?;
            let call = Call { app, request, caller: &caller, names: &names };
            idempotency::once(app, &caller, request, async || answer(call).await).await
        }
    }
}

/// A misspelt filter must not show everything.
fn known_query(request: &Request, operation: &Operation) -> Result<(), Problem> {
    let unknown = request.query_pairs().iter().find(|(name, _)| !operation.query.contains(&name.as_str()));
    unknown.map_or(Ok(()), |(name, _)| {
        let complaint = match operation.query {
            [] => "this takes no query".into(),
            known => format!("known in the query: {}", known.join(", ")),
        };
        Err(Problem::UnknownField { field: name.clone(), complaint })
    })
}

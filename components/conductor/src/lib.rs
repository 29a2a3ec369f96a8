//! The tick, `POST /wake/conductor`: ends what has run out and wakes every step that has work.
#![cfg(target_arch = "wasm32")]
#![expect(unsafe_code, reason = "spin-sdk's export macros write it")]

use serde_json::json;
use serve::{App, Method, Problem, Reply, Request, StatusCode};
use spin_sdk::http::{IncomingRequest, ResponseOutparam};
use spin_sdk::{http_component, redis_component};

#[http_component]
async fn on_request(request: IncomingRequest, out: ResponseOutparam) {
    serve::spin::answer(request, out, tick).await;
}

#[redis_component]
async fn on_message(_message: Vec<u8>) -> anyhow::Result<()> {
    serve::spin::run(sweep).await;
    Ok(())
}

async fn tick(app: App<'_>, request: &Request) -> Result<Reply, Problem> {
    if request.segments() != ["wake", "conductor"] {
        return Err(request.no_route());
    }
    if request.method != Method::POST {
        return Err(request.not_allowed("POST"));
    }
    serve::wake::authorize(app, request).await?;
    let (swept, steps) = engine::tick(&app.ports).await?;
    let woken: Vec<&str> = steps.iter().map(|step| step.as_str()).collect();
    let answer = json!({
        "woken": woken,
        "swept": {
            "leased": swept.leased, "armed": swept.armed, "reconciling": swept.reconciling,
            "missed": swept.missed, "reservations": swept.reservations,
        },
    });
    Ok(Reply::json(StatusCode::OK, &answer)?.waking(&steps))
}

async fn sweep(app: App<'_>) {
    match engine::tick(&app.ports).await {
        Ok((_, steps)) => {
            for step in steps {
                app.ports.wake.wake(step.as_str()).await;
            }
        }
        Err(error) => eprintln!("conductor: {error}; the next tick tries again"),
    }
}

//! Sends posts: the publisher's step, woken by HTTP or Redis. The only component that reaches a platform.
#![cfg(target_arch = "wasm32")]
#![expect(unsafe_code, reason = "spin-sdk's export macros write it")]

use domain::Step;
use serve::App;
use spin_sdk::http::{IncomingRequest, ResponseOutparam};
use spin_sdk::{http_component, redis_component};
use steps::{Channels, Publish, StepSettings, StoreShelf};

#[http_component]
async fn on_request(request: IncomingRequest, out: ResponseOutparam) {
    serve::spin::step(request, out, Step::Publish, drain).await;
}

#[redis_component]
async fn on_message(_message: Vec<u8>) -> anyhow::Result<()> {
    serve::spin::run(drain).await;
    Ok(())
}

async fn drain(app: App<'_>) {
    let variable = |name: &str| app.settings.get(name);
    let settings = StepSettings::from_variables(variable);
    let channels = Channels::from_variables(variable);
    let shelf = StoreShelf { db: app.ports.db, clock: app.ports.clock };
    if let Err(error) = channels.try_wanted(&app.ports, &shelf).await {
        eprintln!("publish: the channels could not be tried: {error}");
    }
    let work = Publish { channels: &channels, shelf: &shelf };
    if let Err(error) = engine::drain(&app.ports, &work, settings.limits).await {
        eprintln!("publish: {error}; the next tick finds what is left");
    }
}

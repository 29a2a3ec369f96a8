//! Judges posts: the editor's step, woken by HTTP or Redis.
#![cfg(target_arch = "wasm32")]
#![expect(unsafe_code, reason = "spin-sdk's export macros write it")]

use domain::Step;
use ports::spin::SpinLlm;
use serve::App;
use spin_sdk::http::{IncomingRequest, ResponseOutparam};
use spin_sdk::{http_component, redis_component};
use steps::{Channels, Models, Review, StepSettings};

#[http_component]
async fn on_request(request: IncomingRequest, out: ResponseOutparam) {
    serve::spin::step(request, out, Step::Review, drain).await;
}

#[redis_component]
async fn on_message(_message: Vec<u8>) -> anyhow::Result<()> {
    serve::spin::run(drain).await;
    Ok(())
}

async fn drain(app: App<'_>) {
    let variable = |name: &str| app.settings.get(name);
    let settings = StepSettings::from_variables(variable);
    let first_byte_ms = settings.model_first_byte_ms();
    let models = Models::from_variables(variable, first_byte_ms, SpinLlm);
    let channels = Channels::from_variables(variable);
    let work = Review::new(&models, first_byte_ms, &channels);
    if let Err(error) = engine::drain(&app.ports, &work, settings.limits).await {
        eprintln!("review: {error}; the next tick finds what is left");
    }
}

//! What every component that answers HTTP shares: requests, replies, problems, callers, sessions, the shell.
//!
//! A component hands its route table to `spin::answer`:
//!
//! ```ignore
//! #[http_component]
//! async fn handle(request: IncomingRequest, out: ResponseOutparam) {
//!     serve::spin::answer(request, out, route).await;
//! }
//!
//! async fn route(app: App<'_>, request: &Request) -> Result<Reply, Problem> {
//!     let caller = serve::caller::of(app, request).await?; // who it is; a forged form ends here
//!     match (&request.method, request.segments().as_slice()) {
//!         (&Method::GET, ["api", "v1", "campaigns"]) => campaigns::list(app, &caller, request).await,
//!         …
//!     }
//! }
//! ```
//! All else here runs and is tested natively.

pub mod by_hand;
pub mod caller;
mod cookie;
pub mod copies;
pub mod cursor;
mod decided;
pub mod events;
pub mod export;
pub mod fields;
mod form;
pub mod history;
pub mod idempotency;
pub mod importing;
pub mod joining;
mod json;
pub mod oidc;
pub mod password;
pub mod password_reset;
mod path;
pub mod pictures;
pub mod pieces;
pub mod problem;
pub mod providers;
pub mod readings;
mod reply;
mod request;
pub mod revision;
pub mod second_step;
mod security_headers;
pub mod session;
mod settings;
mod setup;
#[cfg(target_arch = "wasm32")]
pub mod spin;
#[cfg(test)]
mod testing;
pub mod tokens;
pub mod totp;
pub mod wake;
pub mod weekly_slots;
pub mod workspaces;

pub use caller::{Caller, Via};
pub use decided::decided_by;
pub use form::{File, Form};
pub use http::{Method, StatusCode};
pub use problem::Problem;
pub use reply::{Body, Reply};
pub use request::{BODY_BYTES_MAX, Request};
pub use security_headers::secured;
pub use settings::{Settings, VARIABLES, Variable};

use ports::Ports;

/// What a handler works with.
#[derive(Clone, Copy)]
pub struct App<'a> {
    /// The world outside.
    pub ports: Ports<'a>,
    /// What the operator set.
    pub settings: &'a Settings,
}

/// A new id.
pub fn id(app: App<'_>) -> String {
    store::id::new(app.ports.clock, app.ports.entropy)
}

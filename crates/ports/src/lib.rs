//! What Rondo needs of the world outside, as traits. Each has a Spin side (`spin`) and a native side
//! (`native`), so that everything below `components/` runs, is tested and is simulated without Spin.

mod clock;
mod db;
mod entropy;
mod http;
mod llm;
mod wake;

#[cfg(not(target_arch = "wasm32"))]
pub mod native;
#[cfg(target_arch = "wasm32")]
pub mod spin;

pub use clock::Clock;
pub use db::{Db, DbError, Row, Rows, Value};
pub use entropy::Entropy;
pub use http::{Http, HttpError, NoHttp, Request, Response, Timeouts};
pub use llm::{Inferred, Llm, LlmError, NoLlm, Vectors};
pub use wake::{HttpWake, NoWake, Wake};

/// The whole outside world, as one step or one request sees it.
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    /// One connection, opened once a request: opening is what a read costs.
    pub db: &'a dyn Db,
    /// Outbound HTTP.
    pub http: &'a dyn Http,
    /// The time.
    pub clock: &'a dyn Clock,
    /// Randomness.
    pub entropy: &'a dyn Entropy,
    /// Tells a step that it has work.
    pub wake: &'a dyn Wake,
}

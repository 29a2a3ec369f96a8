//! The only crate that publishes: one file a platform, one conformance test for all.
//!
//! A channel has three acts. [`Channel::prepare`] comes before the point of no return and may be repeated.
//! [`Channel::send`] comes after it: exactly one mutating request, and no retry inside. When nobody knows what
//! came of it, [`Channel::reconcile`] finds out once the quiet period is over. Whoever calls keeps the record:
//! nothing here remembers anything.

mod channel;
mod publication;
pub mod registry;
pub mod relay;
mod retry_after;
mod secret;
pub mod stage;

pub use channel::{Channel, Found, Oracle, Prepared, Rejection, SendError, Sent};
pub use publication::Publication;
pub use registry::{Unusable, channel};
pub use relay::Relay;
pub use secret::{Secret, Secrets};
pub use stage::{Shelf, Shelved, Stage};

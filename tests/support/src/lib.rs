//! What tests need of the world outside.

pub mod oidc_provider;
pub mod platform;

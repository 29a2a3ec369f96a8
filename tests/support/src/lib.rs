//! What tests need of the world outside.

pub mod platform;

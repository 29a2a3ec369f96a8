//! Runs real components on the runner, and looks at it from outside.

mod chaining;
mod client;
mod files;
mod http;
mod llm;
mod outbound;
mod redis;
mod start;
mod stop;
mod stores;
mod support;

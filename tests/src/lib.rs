//! What every suite shares: the app as a child process, a client of its API, and the peers that may be there.

pub mod app;
pub mod brief;
pub mod browser;
pub mod build;
pub mod campaign;
pub mod database;
pub mod http;
pub mod output;
pub mod peer;
pub mod repository;

//! A platform that speaks the relay's contract, misbehaves as it is told, and keeps a record of every post that it
//! took: the other side of "never twice, never lost".
//!
//! What it decides is in one pure struct ([`Logic`]). [`Platform`] puts a real HTTP server around it, for tests of
//! the built app; [`InProcess`] is the same behind [`ports::Http`], without sockets or waiting, for simulation.

mod fault;
mod in_process;
mod journal;
mod logic;
mod server;

pub use fault::{Fault, Garble, When};
pub use in_process::InProcess;
pub use logic::{Accepted, Answer, Call, Logic, Options, Reaction, Seen};
pub use server::Platform;

#[cfg(test)]
mod tests;

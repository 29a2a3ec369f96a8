//! Workspaces, the people and programs in them, and how they prove who they are.

pub mod api_token;
pub mod claim;
pub mod install;
pub mod member;
pub mod session;
pub mod sign_in;
pub mod user;
pub mod workspace;

#[cfg(test)]
mod testing;

//! Workspaces, the people and programs in them, and how they prove who they are.

pub mod api_token;
pub mod claim;
pub mod half_sign_in;
pub mod identity;
pub mod install;
pub mod invitation;
pub mod member;
pub mod password_reset;
pub mod session;
pub mod sign_in;
pub mod totp;
pub mod user;
pub mod workspace;

#[cfg(test)]
mod testing;

//! The pages: each file answers one resource.

pub mod agents;
pub mod campaign;
pub mod campaigns;
pub mod channels;
pub mod conductor;
pub mod gallery;
pub mod history;
pub mod new_campaign;
pub mod post;
pub mod problems;
pub mod settings;
pub mod setup;
pub mod sign_in;
pub mod stage;
pub mod workspace;

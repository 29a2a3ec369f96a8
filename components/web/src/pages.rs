//! The pages: each file answers one resource.

pub mod agents;
pub mod approvals;
pub mod brand;
pub mod calendar;
pub mod campaign;
pub mod campaigns;
pub mod channels;
pub mod conductor;
pub mod elsewhere;
pub mod export;
pub mod gallery;
pub mod history;
pub mod import;
pub mod invitation;
pub mod new_campaign;
pub mod password_reset;
pub mod post;
pub mod problems;
pub mod review;
pub mod second_step;
pub mod settings;
pub mod setup;
pub mod sign_in;
pub mod stage;
pub mod templates;
pub mod workspace;

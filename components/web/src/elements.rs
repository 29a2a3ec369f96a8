//! What pages are made of: each file is one thing on screen.

pub mod agent;
pub mod badge;
pub mod chart;
pub mod comments;
pub mod cost;
pub mod device;
pub mod diff;
pub mod empty;
pub mod form;
pub mod help;
pub mod interval;
pub mod passes;
pub mod picture;
pub mod preview;
pub mod progress;
pub mod qr;
pub mod scores;
pub mod stage_strip;
pub mod time;
pub mod words;

//! What each step of the pipeline does with a job. Components wrap these, and so do the tests and the simulation:
//! nothing here knows Spin.

mod asking;
mod choosing;
mod drawing;
mod generate;
mod learn;
mod meaning;
mod picturing;
mod publish;
mod reading;
mod remembering;
mod review;
mod settings;
mod shelf;
mod strategize;
mod wording;

pub use choosing::Models;
pub use generate::Generate;
pub use publish::{Channels, Publish};
pub use review::Review;
pub use settings::StepSettings;
pub use shelf::StoreShelf;
pub use strategize::Strategize;

//! What the runner itself says while the app runs.

use std::fmt::Arguments;

/// Something that the reader should look at, although the app goes on.
pub fn warn(message: Arguments) {
    eprintln!("warning: {message}");
}

/// Something that happened, for the reader's information.
pub fn note(message: Arguments) {
    eprintln!("{message}");
}

//! A person's decision, bound to exactly what they saw.

use crate::words::words;

words! {
    /// What a person decides of a strategy or of a post's version.
    pub enum Decision {
        /// Go on with exactly this.
        Approve = "approve",
        /// Write it again, with my comment.
        SendBack = "send_back",
        /// Never mind; drop it.
        Reject = "reject",
    }
}

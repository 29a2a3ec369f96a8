//! One approved version on its way to one channel.

use domain::{Content, Mode};

use crate::Rejection;

/// One approved version on its way to one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// The tenant.
    pub workspace_id: String,
    /// The job's id: the idempotency key, and what the post is looked up by.
    pub key: String,
    /// The campaign.
    pub campaign_id: String,
    /// The post.
    pub post_id: String,
    /// Its version, counted from 1.
    pub version: i64,
    /// The channel's row.
    pub channel_id: String,
    /// Rehearsal or performance.
    pub mode: Mode,
    /// When it was to go out, Unix milliseconds UTC.
    pub planned_at_ms: i64,
    /// What it says.
    pub content: Content,
    /// Lower-case hex SHA-256 of the content, as it was approved.
    pub content_sha256: String,
}

/// Longest key in bytes: what the strictest known platforms take is 255.
pub const KEY_BYTES_MAX: usize = 128;

impl Publication {
    /// A text that stands for this publication alone, for platforms that keep a slug or a reference.
    pub fn marker(&self) -> String {
        format!("rondo-{}", self.key)
    }

    /// Refuses a key that cannot stand in a header and a path, and content that is not what was approved.
    pub(crate) fn check(&self) -> Result<(), Rejection> {
        let refuse = |reason: &str| Err(Rejection { reason: reason.into() });
        let key = self.key.as_str();
        if key.is_empty() || key.len() > KEY_BYTES_MAX || key.bytes().any(|byte| !byte.is_ascii_graphic()) {
            return refuse("the key must have 1 to 128 visible ASCII characters");
        }
        // A path of dots would name the collection, not the post, however it is encoded.
        if key.bytes().all(|byte| byte == b'.') {
            return refuse("the key must not be dots alone");
        }
        if self.content.sha256() != self.content_sha256 {
            return refuse("the content is not the one that was approved: its hash differs");
        }
        Ok(())
    }
}

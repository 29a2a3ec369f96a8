//! The stage: the channel that needs nobody. Its platform is our own database, behind [`Shelf`].
//!
//! A rehearsal's entries and a performance's are apart by their mode and bear the time that was planned. Putting
//! an entry is one statement, and idempotent by its key, so an unknown outcome is cleared up by looking.

use domain::check::Limits;
use domain::{Content, Mode};
use ports::{DbError, Ports, Timeouts};

use crate::channel::fits;
use crate::{Channel, Found, Oracle, Prepared, Publication, Rejection, SendError, Sent};

/// Where the stage keeps its entries; the store's side of it knows the table.
#[async_trait::async_trait(?Send)]
pub trait Shelf {
    /// Puts an entry, unless one with this workspace and key is there; gives what is there then.
    async fn put(&self, entry: &Publication) -> Result<Shelved, DbError>;

    /// The entry with this key, if any.
    async fn find(&self, workspace_id: &str, key: &str) -> Result<Option<Shelved>, DbError>;
}

/// What stands on the shelf under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shelved {
    /// The stage's id of the entry.
    pub id: String,
    /// Where it is seen, as a path of the app or a whole URL; none if nowhere.
    pub url: Option<String>,
    /// Its content's hash.
    pub content_sha256: String,
    /// The stage it stands on.
    pub mode: Mode,
}

/// What the stage carries. Ours to choose: more than any social network's, less than a page.
pub const LIMITS: Limits = Limits { text_graphemes_max: 3_000, title_graphemes_max: 120 };

/// One statement in a database waits at most the busy time-out, 5 s (rusqlite's default, which Spin keeps). A
/// stage makes no HTTP request; these are for whoever adds them up.
pub const TIMEOUTS: Timeouts = Timeouts { connect_ms: 0, first_byte_ms: 5_000, between_bytes_ms: 0 };

/// Twice the busy time-out: a statement that was in flight has ended by then.
pub const QUIET_MS: i64 = 10_000;

/// After a busy database, in seconds.
const BUSY_AFTER_S: u32 = 2;
/// After a full disk, in seconds: somebody has to make room.
const FULL_AFTER_S: u32 = 60;

/// Nothing is ever published under it: what a look for nothing looks for.
pub(crate) const CHECK_KEY: &str = "rondo-check";

/// The stage.
pub struct Stage<'a> {
    /// Where its entries are.
    pub shelf: &'a dyn Shelf,
}

#[async_trait::async_trait(?Send)]
impl Channel for Stage<'_> {
    fn platform(&self) -> &'static str {
        "stage"
    }

    fn limits(&self) -> Limits {
        LIMITS
    }

    fn oracle(&self) -> Oracle {
        Oracle::Keyed
    }

    fn quiet_ms(&self) -> i64 {
        QUIET_MS
    }

    fn timeouts(&self) -> Timeouts {
        TIMEOUTS
    }

    fn validate(&self, content: &Content) -> Result<(), Rejection> {
        fits(content, &LIMITS)
    }

    async fn check(&self, _ports: &Ports<'_>) -> Result<String, String> {
        match self.shelf.find("", CHECK_KEY).await {
            Ok(_) => Ok("The stage is there, and can be read.".into()),
            Err(error) => Err(format!("The stage cannot be read: {error}.")),
        }
    }

    async fn prepare(&self, _ports: &Ports<'_>, publication: &Publication) -> Result<Prepared, SendError> {
        let rejected = |rejection: Rejection| SendError::Rejected { reason: rejection.reason };
        publication.check().map_err(rejected)?;
        self.validate(&publication.content).map_err(rejected)?;
        let body = publication.content.canonical().into_bytes();
        Ok(Prepared { publication: publication.clone(), body })
    }

    async fn send(&self, _ports: &Ports<'_>, prepared: &Prepared) -> Sent {
        let publication = &prepared.publication;
        match self.shelf.put(publication).await {
            Ok(shelved) => match ours(publication, shelved) {
                Ok((ext_id, ext_url)) => Sent::Done { ext_id, ext_url },
                Err(reason) => Sent::Unknown { reason },
            },
            Err(error) => not_put(&error),
        }
    }

    async fn reconcile(&self, _ports: &Ports<'_>, publication: &Publication) -> Found {
        match self.shelf.find(&publication.workspace_id, &publication.key).await {
            Ok(Some(shelved)) => match ours(publication, shelved) {
                Ok((ext_id, ext_url)) => Found::Live { ext_id, ext_url },
                Err(reason) => Found::NotSure { reason },
            },
            Ok(None) => Found::Absent,
            Err(error) => Found::NotSure { reason: error.to_string() },
        }
    }
}

/// What is under our key must be what we meant to put there.
fn ours(publication: &Publication, shelved: Shelved) -> Result<(String, Option<String>), String> {
    if shelved.content_sha256 != publication.content_sha256 || shelved.mode != publication.mode {
        return Err(format!("something else stands on the stage under the key {}", publication.key));
    }
    Ok((shelved.id, shelved.url))
}

/// One statement is atomic: where the database says why it refused, nothing was written.
fn not_put(error: &DbError) -> Sent {
    let reason = error.to_string();
    match error {
        DbError::Busy => Sent::NotSent { reason, after_s: Some(BUSY_AFTER_S) },
        DbError::Full => Sent::NotSent { reason, after_s: Some(FULL_AFTER_S) },
        DbError::Refused(_) => Sent::Rejected { reason },
        DbError::Conflict(_) | DbError::Other(_) | DbError::Column { .. } => Sent::Unknown { reason },
    }
}

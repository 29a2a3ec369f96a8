//! The stage's shelf in our own database.

use channels::{Publication, Shelf, Shelved};
use domain::Mode;
use ports::{Clock, Db, DbError};
use store::stage::{self, Placed, StageEntry};
use store::step_input;

/// The shelf.
pub struct StoreShelf<'a> {
    /// Where it is.
    pub db: &'a dyn Db,
    /// When an entry is put there.
    pub clock: &'a dyn Clock,
}

#[async_trait::async_trait(?Send)]
impl Shelf for StoreShelf<'_> {
    async fn put(&self, entry: &Publication) -> Result<Shelved, DbError> {
        let new = StageEntry {
            workspace_id: entry.workspace_id.clone(),
            mode: entry.mode,
            key: entry.key.clone(),
            campaign_id: entry.campaign_id.clone(),
            post_id: entry.post_id.clone(),
            channel_id: entry.channel_id.clone(),
            language: entry.content.language.clone(),
            title: entry.content.title.clone(),
            text: entry.content.text.clone(),
            image: entry.content.image.clone(),
            content_sha256: entry.content_sha256.clone(),
            planned_at: entry.planned_at_ms,
            published_at: self.clock.now_ms(),
        };
        match stage::put(self.db, &new).await? {
            Placed::New => self.shelved(&new).await,
            Placed::Already(there) => self.shelved(&there).await,
        }
    }

    async fn find(&self, workspace_id: &str, key: &str) -> Result<Option<Shelved>, DbError> {
        match stage::find(self.db, workspace_id, key).await? {
            Some(entry) => self.shelved(&entry).await.map(Some),
            None => Ok(None),
        }
    }
}

impl StoreShelf<'_> {
    async fn shelved(&self, entry: &StageEntry) -> Result<Shelved, DbError> {
        let slug = step_input::slug(self.db, &entry.workspace_id).await?;
        let stage = match entry.mode {
            Mode::Rehearsal => "rehearsal",
            Mode::Performance => "stage",
        };
        Ok(Shelved {
            id: entry.key.clone(),
            url: Some(format!("/{stage}/{slug}/{}", entry.key)),
            content_sha256: entry.content_sha256.clone(),
            mode: entry.mode,
        })
    }
}

//! Keeps count of the work in progress, so that a stop can wait for it.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// More work than this at once cannot be counted; it is far above what instances can be made.
const WORK_MAX: u32 = 1 << 20;

pub struct Running {
    places: Arc<Semaphore>,
    ended: watch::Sender<bool>,
}

/// Work in progress, until it is dropped.
pub type Work = Option<OwnedSemaphorePermit>;

impl Default for Running {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(WORK_MAX as usize)), ended: watch::Sender::new(false) }
    }
}

impl Running {
    pub fn begin(&self) -> Work {
        self.places.clone().try_acquire_owned().ok()
    }

    /// Waits until nothing is in progress.
    pub async fn finished(&self) {
        // The semaphore is never closed, so there is no error to see.
        let _ = self.places.acquire_many(WORK_MAX).await;
    }

    /// Tells all work that is still in progress to give up.
    pub fn end(&self) {
        self.ended.send_replace(true);
    }

    /// Waits until work has to give up.
    pub async fn ended(&self) {
        let mut ended = self.ended.subscribe();
        let _ = ended.wait_for(|ended| *ended).await;
    }
}

//! What the page and its streams are fed with.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use workbeat::WorkerHandle;

use crate::snapshot::{Extent, Snapshot, WorkerSnapshot};

/// The most streams at a time.
pub(crate) const MOST_STREAMS: usize = 64;

/// Writes further metrics.
pub(crate) type Render = Arc<dyn Fn() -> String + Send + Sync>;

/// A worker, under the name that it is shown by.
pub(crate) struct NamedWorker {
    pub(crate) name: String,
    pub(crate) handle: WorkerHandle,
}

/// The workers, and the newest snapshot of them. All streams share it, so that a snapshot is made
/// for a moment and not for a reader, and none while nobody reads.
pub(crate) struct Feed {
    pub(crate) workers: Vec<NamedWorker>,
    pub(crate) actions: bool,
    pub(crate) extent: Extent,
    pub(crate) refresh: Duration,
    pub(crate) render: Option<Render>,
    pub(crate) streams: Arc<Semaphore>,
    pub(crate) newest: Mutex<Option<(Instant, Arc<str>)>>,
}

impl Feed {
    /// A snapshot of now, as JSON.
    pub(crate) fn fresh(&self) -> Arc<str> {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        self.renew(&mut newest)
    }

    /// One that is not older than half the time between two. Who waits for one that is being made
    /// takes that.
    pub(crate) fn recent(&self) -> Arc<str> {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((made, json)) = &*newest
            && made.elapsed() < self.refresh / 2
        {
            return Arc::clone(json);
        }
        self.renew(&mut newest)
    }

    fn renew(&self, newest: &mut Option<(Instant, Arc<str>)>) -> Arc<str> {
        let json = self.json();
        *newest = Some((Instant::now(), Arc::clone(&json)));
        json
    }

    fn json(&self) -> Arc<str> {
        let workers = self
            .workers
            .iter()
            .map(|worker| WorkerSnapshot::of(&worker.name, worker.handle.status(), self.extent));
        let snapshot = Snapshot {
            actions: self.actions,
            workers: workers.collect(),
        };
        // Names and numbers, which serialize.
        serde_json::to_string(&snapshot).unwrap_or_default().into()
    }

    /// Waits until every worker has ended; for ever if there is none.
    pub(crate) async fn ended(&self) {
        if self.workers.is_empty() {
            return std::future::pending().await;
        }
        join_all(self.workers.iter().map(|worker| worker.handle.ended())).await;
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.workers.iter().map(|worker| &worker.name).collect();
        f.debug_struct("Feed")
            .field("workers", &names)
            .field("actions", &self.actions)
            .finish_non_exhaustive()
    }
}

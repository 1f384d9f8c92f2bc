//! Changes on their way to the data file.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::watch;
use workbeat_local::engine::Timestamp;

use super::database::Database;
use super::schema::Write;
use crate::error::{ServerError, ServerErrorKind};
use crate::service::Mark;

/// What was changed could not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotKept;

/// Takes changes in order, and tells when they are on the disk.
///
/// Its thread owns the data file. [`close`](Self::close), or the drop, waits for it: then
/// everything that was appended is on the disk, and the file is free.
#[derive(Debug)]
pub(crate) struct Journal {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Shared {
    queue: Mutex<Queue>,
    /// There is something in the queue, or there will be nothing more.
    ready: Condvar,
    progress: watch::Sender<Progress>,
}

#[derive(Debug, Default)]
struct Queue {
    writes: Vec<Write>,
    now: Timestamp,
    /// What was appended last.
    last: Mark,
    /// What the thread took last.
    taken: Mark,
    closing: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    committed: Mark,
    failed: bool,
}

impl Journal {
    /// Starts the thread that writes.
    pub(crate) fn new(database: Database) -> Result<Self, ServerError> {
        let shared = Arc::new(Shared {
            queue: Mutex::new(Queue::default()),
            ready: Condvar::new(),
            progress: watch::Sender::new(Progress::default()),
        });
        let written = shared.clone();
        let thread = std::thread::Builder::new()
            .name("workbeat-data".to_owned())
            .spawn(move || written.write_all(&database))
            .map_err(|error| {
                let what = "the thread that writes the data file cannot be started";
                ServerError::new(ServerErrorKind::Data, what).with_source(error)
            })?;
        let thread = Mutex::new(Some(thread));
        Ok(Self { shared, thread })
    }

    /// Appends a change, or only that the time has gone on.
    pub(crate) fn append(&self, write: Option<Write>, now: Timestamp) -> Mark {
        let mut queue = self.shared.lock();
        queue.last.0 = queue.last.0.saturating_add(1);
        queue.now = now.max(queue.now);
        // After a failure nothing is written any more, and nobody is told that it was.
        if !self.shared.progress.borrow().failed {
            queue.writes.extend(write);
        }
        self.shared.ready.notify_one();
        queue.last
    }

    /// The mark of what was appended last.
    pub(crate) fn last(&self) -> Mark {
        self.shared.lock().last
    }

    /// Waits until everything up to a mark is on the disk.
    ///
    /// # Errors
    ///
    /// It could not be written.
    pub(crate) async fn kept(&self, mark: Mark) -> Result<(), NotKept> {
        let mut progress = self.shared.progress.subscribe();
        let reached = progress.wait_for(|progress| progress.committed >= mark || progress.failed);
        match reached.await {
            Ok(progress) if progress.committed >= mark => Ok(()),
            _ => Err(NotKept),
        }
    }

    /// Writes what is left, and frees the file. It blocks for one commit at the most.
    pub(crate) fn close(&self) {
        self.shared.lock().closing = true;
        self.shared.ready.notify_one();
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the thread that writes the data file panicked");
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Commits whatever has queued up, over and over, until it is closed.
    fn write_all(&self, database: &Database) {
        // However this ends: who waits for what was not written is told.
        let _failed = OnDrop(|| self.progress.send_modify(|progress| progress.failed = true));
        while let Some((writes, now, mark)) = self.next() {
            if let Err(error) = database.commit(&writes, now) {
                tracing::error!(%error, "the data file cannot be written");
                return;
            }
            self.progress
                .send_modify(|progress| progress.committed = mark);
        }
    }

    /// Waits for changes, and takes all there are; `None` after the last one.
    fn next(&self) -> Option<(Vec<Write>, Timestamp, Mark)> {
        let idle = |queue: &mut Queue| queue.taken == queue.last && !queue.closing;
        let waited = self.ready.wait_while(self.lock(), idle);
        let mut queue = waited.unwrap_or_else(PoisonError::into_inner);
        if queue.taken == queue.last {
            return None;
        }
        queue.taken = queue.last;
        let writes = std::mem::take(&mut queue.writes);
        Some((writes, queue.now, queue.last))
    }
}

struct OnDrop<F: Fn()>(F);

impl<F: Fn()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[cfg(test)]
#[path = "journal_tests.rs"]
mod tests;

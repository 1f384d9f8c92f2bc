//! A worker that runs beside a test.

use tokio::task::JoinHandle;
use workbeat::worker::{DrainReport, RunError};
use workbeat::{Worker, WorkerHandle};

/// A worker that was spawned, and its handle.
#[derive(Debug)]
pub struct Spawned {
    /// Steers it.
    pub handle: WorkerHandle,
    /// Its run.
    pub run: JoinHandle<Result<DrainReport, RunError>>,
}

/// Spawns the run of `worker`.
#[must_use]
pub fn spawn(worker: Worker) -> Spawned {
    Spawned {
        handle: worker.handle(),
        run: tokio::spawn(worker.run()),
    }
}

impl Spawned {
    /// Drains the worker and gives its report.
    ///
    /// # Panics
    ///
    /// When the run panicked or ended with an error.
    pub async fn drain(self) -> DrainReport {
        self.handle.drain();
        self.end().await
    }

    /// Waits for the end of the run.
    ///
    /// # Panics
    ///
    /// When the run panicked or ended with an error.
    pub async fn end(self) -> DrainReport {
        let ended = self.run.await.expect("the run must not panic");
        ended.expect("the run must not end with an error")
    }
}

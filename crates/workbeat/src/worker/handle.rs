//! How an application looks at its worker and steers it.

use std::sync::Arc;

use super::control::{Control, Phase, Shutdown, Steering};
use super::status::{WorkerState, WorkerStatus};

/// Looks at a [`Worker`](super::Worker) and steers it, from anywhere in the application.
///
/// Handles are cheap to clone. Dropping them all changes nothing.
///
/// ```
/// use workbeat::prelude::*;
/// use workbeat::worker::WorkerState;
/// use workbeat_local::LocalService;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let worker = Worker::builder(LocalService::new())
///     .task_list("greetings")
///     .activity_fn("greet", "1.0", async |name: String| Ok::<_, ActivityError>(name))
///     .build()?;
/// let handle = worker.handle();
/// let running = tokio::spawn(worker.run());
///
/// assert!(handle.ready().await);
/// handle.pause();
/// assert_eq!(handle.status().state, WorkerState::Paused);
/// handle.resume();
///
/// handle.drain();
/// let report = running.await??;
/// assert!(report.is_clean(), "{report}");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct WorkerHandle {
    steering: Arc<Steering>,
}

impl WorkerHandle {
    pub(crate) fn new(steering: Arc<Steering>) -> Self {
        Self { steering }
    }

    /// A snapshot of what the worker does now.
    #[must_use]
    pub fn status(&self) -> WorkerStatus {
        WorkerStatus::of(&self.steering)
    }

    /// What the worker is about now, without the tasks that it holds: cheap, however many there
    /// are.
    #[must_use]
    pub fn state(&self) -> WorkerState {
        WorkerState::of(&self.steering)
    }

    /// Waits until the worker has registered its activity types and polls. False if its run
    /// ended before.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost if the future is dropped.
    pub async fn ready(&self) -> bool {
        let mut phase = self.steering.phase.subscribe();
        let reached = phase.wait_for(|phase| matches!(phase, Phase::Running | Phase::Ended));
        reached.await.is_ok_and(|phase| *phase == Phase::Running)
    }

    /// Waits until the worker's run has ended or was dropped.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost if the future is dropped.
    pub async fn ended(&self) {
        let mut phase = self.steering.phase.subscribe();
        // The sender lives in the handle.
        let _ = phase.wait_for(|phase| *phase == Phase::Ended).await;
    }

    /// Starts no more polls. What runs goes on, and what a poll under way brings still runs.
    pub fn pause(&self) {
        self.steering
            .control
            .send_modify(|control| control.paused = true);
    }

    /// Polls again after [`pause`](Self::pause).
    pub fn resume(&self) {
        self.steering
            .control
            .send_modify(|control| control.paused = false);
    }

    /// Begins a graceful shutdown: no new polls, and `run` returns when everything has ended,
    /// or at the drain deadline. **Call it once**: the second call is the impatient one and
    /// [stops at once](Self::stop).
    ///
    /// Running activities see [`draining`](crate::ActivityContext::draining); their heartbeats
    /// and their outcomes work throughout. Shortly before the deadline what is left is failed
    /// with `WORKBEAT_WORKER_DRAINING` and aborted.
    pub fn drain(&self) {
        self.steering.control.send_modify(Control::drain);
    }

    /// Begins a graceful shutdown if none has begun, and says whether it did. It is never the
    /// impatient call, and a [`drain`](Self::drain) after it is the first: so whoever else may drain
    /// the worker, a page or a supervisor, takes nothing from those who count on `drain`.
    pub fn begin_drain(&self) -> bool {
        let mut begins = false;
        self.steering
            .control
            .send_modify(|control| begins = control.begin_drain());
        begins
    }

    /// Ends the run at once: every activity's token fires and its future is dropped, nothing
    /// more is sent, and the report lists every task that got no answer.
    pub fn stop(&self) {
        self.steering
            .control
            .send_modify(|control| control.shutdown = Shutdown::Stop);
    }
}

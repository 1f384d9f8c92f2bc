//! The worker: polls, runs activities, heartbeats for them, answers, drains.

mod body;
mod build_error;
mod builder;
#[cfg(feature = "config")]
mod config;
mod control;
mod drain;
mod erased;
mod handle;
mod identity;
mod live;
mod polls;
mod recent;
mod registration;
mod registry;
mod report;
mod run;
mod settings;
mod status;
mod supervisor;
mod surroundings;
mod task_source;
mod under_way;

use std::fmt;
use std::future::Future;
use std::sync::Arc;

pub use build_error::BuildError;
pub use builder::WorkerBuilder;
#[cfg(feature = "config")]
pub use config::{ActivityConfig, ConfigError, WorkerConfig};
pub use handle::WorkerHandle;
pub(crate) use polls::Polled;
pub use recent::{EndedActivity, TaskEnd};
pub(crate) use registry::Registry;
pub use report::{
    DrainReport, OutcomeCounts, RunError, RunErrorKind, RunningOn, Unanswered, UnansweredTask,
};
pub(crate) use settings::Settings;
pub use settings::UnknownType;
pub use status::{RunningActivity, ServiceStatus, WorkerState, WorkerStatus};
pub use task_source::TaskSource;

#[cfg(feature = "testing")]
pub(crate) use erased::{ErasedActivity, Keep, Typed, Untyped};
#[cfg(feature = "testing")]
pub(crate) use supervisor::Supervised;
#[cfg(feature = "testing")]
pub(crate) use surroundings::Surroundings;

use self::control::{EndGuard, ServiceShown, Steering};
use self::run::Running;
use self::task_source::SourceSettings;
use crate::panic::discard;
use crate::service::ActivityService;

/// Polls a service for activity tasks and runs them, inside the application that owns it.
///
/// It starts no runtime, installs no signal handler and sets no subscriber. Build it, take a
/// [`handle`](Self::handle), and spawn [`run`](Self::run) wherever you like.
///
/// ```no_run
/// use workbeat::prelude::*;
///
/// # async fn example(service: impl workbeat::service::ActivityService) -> Result<(), Box<dyn std::error::Error>> {
/// async fn greet(name: String) -> Result<String, ActivityError> {
///     Ok(format!("Hello, {name}!"))
/// }
///
/// let worker = Worker::builder(service)
///     .task_list("greetings")
///     .activity_fn("greet", "1.0", greet)
///     .build()?;
/// let handle = worker.handle();
/// let running = tokio::spawn(worker.run());
///
/// // ... when the application shuts down:
/// handle.drain();
/// let report = running.await??;
/// assert!(report.is_clean());
/// # Ok(())
/// # }
/// ```
#[must_use = "a worker does nothing until it is run"]
pub struct Worker {
    sources: Vec<SourceSettings>,
    registry: Registry,
    settings: Settings,
    steering: Arc<Steering>,
    ended: EndGuard,
}

impl Worker {
    /// Begins to build a worker for `service`.
    pub fn builder(service: impl ActivityService) -> WorkerBuilder {
        WorkerBuilder::new(Arc::new(service))
    }

    fn new(sources: Vec<SourceSettings>, registry: Registry, settings: Settings) -> Self {
        let shown = sources.iter().map(ServiceShown::of);
        let steering = Arc::new(Steering::new(
            settings.slots,
            settings.heartbeat_budget.clone(),
            shown.collect(),
            registry.types().cloned().collect(),
        ));
        Self {
            sources,
            registry,
            settings,
            ended: EndGuard(Arc::clone(&steering)),
            steering,
        }
    }

    /// Takes a handle with which the application looks at the worker and steers it.
    pub fn handle(&self) -> WorkerHandle {
        WorkerHandle::new(Arc::clone(&self.steering))
    }

    /// Runs until the worker is drained or stopped through its [`handle`](Self::handle).
    ///
    /// The future is `Send`; it must be polled within a tokio runtime with time enabled.
    ///
    /// # Errors
    ///
    /// [`RunError`] when an activity type cannot be registered, or the first polls of a task list are
    /// refused: in the first minute, and after it while nothing else works. A worker that runs on
    /// another of its services by then, or whose polls of another task list succeed, says so in an
    /// error in the log and goes on. Polls of a task list that has been polled never end the run.
    ///
    /// # Cancel safety
    ///
    /// The future may be dropped, in a `select!` for instance. Then every activity's token
    /// fires and its future is dropped, polls and heartbeats stop, and nothing is sent any more:
    /// the service will end the tasks by a timeout, and a task that a poll was just bringing is
    /// lost to one as well. To lose nothing, [drain](WorkerHandle::drain) instead.
    #[must_use = "a worker runs only while this future is polled: await it, or spawn it"]
    #[expect(clippy::manual_async_fn, reason = "that it is `Send` is a promise")]
    pub fn run(self) -> impl Future<Output = Result<DrainReport, RunError>> + Send {
        async move {
            // The runtime is that of whoever polls this future.
            let mut running = Running::new(self);
            let ended = running.run().await;
            // It holds values of the application's, whose drop may panic.
            discard(running);
            ended
        }
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

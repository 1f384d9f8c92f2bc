//! A worker that runs beside a test.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::timeout;
use workbeat::worker::{DrainReport, RunError, RunningActivity, WorkerBuilder};
use workbeat::{Worker, WorkerHandle};
use workbeat_local::{ActivityHandle, ActivityOutcome, LocalService, StartActivity};

use crate::{FaultyService, eventually};

/// The task list of these tests.
pub const LIST: &str = "list";

/// How long a run may take to end, in tokio's time.
const LIMIT: Duration = Duration::from_secs(3_600);

/// An activity to start, in the task list of these tests.
pub fn start(name: &str) -> StartActivity {
    StartActivity::new(name, "1.0").task_list(LIST)
}

/// The embedded service, and the one that misbehaves around it.
#[derive(Clone, Debug)]
pub struct Stage {
    /// Where activities are started and watched.
    pub local: LocalService,
    /// What the worker talks to.
    pub service: FaultyService<LocalService>,
}

impl Stage {
    /// A fresh service.
    #[must_use]
    pub fn new() -> Self {
        Self::over(LocalService::new())
    }

    /// Over this service.
    #[must_use]
    pub fn over(local: LocalService) -> Self {
        let service = FaultyService::new(local.clone());
        Self { local, service }
    }

    /// A worker that polls the task list of these tests, one poll at a time.
    pub fn worker(&self) -> WorkerBuilder {
        Worker::builder(self.service.clone())
            .task_list(LIST)
            .max_concurrent_polls(1)
    }

    /// Starts an activity.
    ///
    /// # Panics
    ///
    /// When the service does not take it.
    #[must_use]
    pub fn start(&self, activity: StartActivity) -> ActivityHandle {
        self.local
            .start(activity)
            .expect("the service must take it")
    }
}

impl Default for Stage {
    fn default() -> Self {
        Self::new()
    }
}

/// How long an activity may take to end, in tokio's time.
const LONGEST: Duration = Duration::from_secs(2 * 24 * 3_600);

/// Waiting for the end of an activity, with a limit.
///
/// Without one a worker that goes on heartbeating keeps paused time running for ever.
pub trait Ended {
    /// Waits until it is closed, and says how.
    ///
    /// # Panics
    ///
    /// When it is not closed within two days of tokio's time.
    fn ended(&self) -> impl Future<Output = ActivityOutcome> + Send;
}

impl Ended for ActivityHandle {
    async fn ended(&self) -> ActivityOutcome {
        let ended = timeout(LONGEST, self.outcome()).await;
        ended.expect("the activity must end")
    }
}

/// A worker that was spawned, and its handle.
#[derive(Debug)]
pub struct Spawned {
    /// Steers it.
    pub handle: WorkerHandle,
    /// Its run.
    pub run: JoinHandle<Result<DrainReport, RunError>>,
}

/// Builds a worker and spawns its run.
///
/// # Panics
///
/// When the worker's settings are wrong.
#[must_use]
pub fn run(worker: WorkerBuilder) -> Spawned {
    spawn(worker.build().expect("the settings must be right"))
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
    /// Waits until the worker holds `tasks` tasks, and gives them.
    pub async fn holds(&self, tasks: usize) -> Vec<RunningActivity> {
        let what = format!("the worker holds {tasks} tasks");
        eventually(&what, || self.handle.status().running.len() == tasks).await;
        self.handle.status().running
    }

    /// Drains the worker and gives its report.
    ///
    /// # Panics
    ///
    /// When the run panicked, ended with an error or did not end.
    pub async fn drain(self) -> DrainReport {
        self.handle.drain();
        self.end().await
    }

    /// Waits for the end of the run.
    ///
    /// # Panics
    ///
    /// When the run panicked, ended with an error or did not end.
    pub async fn end(self) -> DrainReport {
        self.outcome()
            .await
            .expect("the run must not end with an error")
    }

    /// Waits for the end of the run, which may be an error.
    ///
    /// # Errors
    ///
    /// That of the run.
    ///
    /// # Panics
    ///
    /// When the run panicked or did not end.
    pub async fn outcome(self) -> Result<DrainReport, RunError> {
        let ended = timeout(LIMIT, self.run).await;
        ended
            .expect("the run must end")
            .expect("the run must not panic")
    }
}

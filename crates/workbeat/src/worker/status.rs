//! A snapshot of a worker.

use std::fmt;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::Instant;

use super::control::{Phase, ServiceShown, Shutdown, Steering};
use super::recent::EndedActivity;
use super::report::OutcomeCounts;
use crate::heartbeat::HeartbeatBudgetStatus;
use crate::service::{ActivityType, Redacted, TaskToken, WorkflowExecution};
use crate::task::{StopReason, TaskRecord};

/// What a worker does at one moment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WorkerStatus {
    /// Running, paused, draining.
    pub state: WorkerState,
    /// The activity types that the worker is registered for, by name and version, in order. Tasks
    /// of other types can come too.
    pub activity_types: Vec<ActivityType>,
    /// How many activities can run at once.
    pub slots: usize,
    /// How many slots are held, by tasks and by polls.
    pub slots_held: usize,
    /// How many polls are under way.
    pub polls: usize,
    /// The tasks in the worker, oldest first.
    pub running: Vec<RunningActivity>,
    /// How the tasks before them ended.
    pub outcomes: OutcomeCounts,
    /// The last 50 of those, newest first.
    pub recent: Vec<EndedActivity>,
    /// How many heartbeats may go out, and how many are wanted. Workers that share a budget show
    /// the same.
    pub heartbeats: HeartbeatBudgetStatus,
    /// The services that it takes tasks from, the first one first. `heartbeats` is the first one's.
    pub services: Vec<ServiceStatus>,
}

/// One of the services that a worker takes tasks from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServiceStatus {
    /// What it is called, and a number behind it if another is called so too.
    pub name: String,
    /// The task lists that are polled there.
    pub task_lists: Vec<String>,
    /// Whether it is polled when the worker polls: its activity types are registered, or need not be.
    /// One that was down when the worker began is not yet, and one that refused them never is. It says
    /// nothing of what the [worker](WorkerStatus::state) is about: it stays true while that is paused
    /// or drains, and when it has ended.
    pub is_polled: bool,
    /// How many heartbeats may go to it, and how many are wanted.
    pub heartbeats: HeartbeatBudgetStatus,
}

impl ServiceStatus {
    fn of(service: &ServiceShown) -> Self {
        Self {
            name: service.name.to_string(),
            task_lists: service.task_lists.iter().map(ToString::to_string).collect(),
            is_polled: service.open.load(Ordering::Relaxed),
            heartbeats: service.budget.status(),
        }
    }
}

/// What a worker is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WorkerState {
    /// Its run was not polled yet.
    NotStarted,
    /// It registers its activity types.
    Starting,
    /// It polls.
    Running,
    /// It starts no polls until it is resumed.
    Paused,
    /// It takes no new tasks and waits for those that run.
    Draining,
    /// Its run has ended or was dropped.
    Ended,
}

/// One task in a worker. `Debug` does not show the progress.
#[derive(Clone)]
#[non_exhaustive]
pub struct RunningActivity {
    /// The service's name of the task; it tells tasks with the same activity id apart.
    pub task_token: TaskToken,
    /// Which activity it is.
    pub activity_type: ActivityType,
    /// What the decider calls it.
    pub activity_id: String,
    /// The workflow that waits for it.
    pub workflow: WorkflowExecution,
    /// The task list that brought it.
    pub task_list: String,
    /// The [name](ServiceStatus::name) of the service that it came from, if the worker has several.
    pub service: Option<String>,
    /// How long it has been in the worker, which can be longer than the activity runs.
    pub running_for: Duration,
    /// Whether its activity has not begun: as many as the
    /// [limit of its type](super::WorkerBuilder::activity_limit) allows run already. It holds its
    /// slot and heartbeats meanwhile.
    pub waits_for_limit: bool,
    /// What it last reported.
    pub last_progress: Option<String>,
    /// How long ago the last heartbeat that the service accepted went out.
    pub since_last_heartbeat: Option<Duration>,
    /// Whether the budget has no room for its heartbeats. It still runs; if no heartbeat is
    /// accepted for a whole timeout, its token fires with
    /// [`HeartbeatLost`](StopReason::HeartbeatLost).
    pub let_go: bool,
    /// How much is left until its start-to-close timeout, if that is known.
    pub time_left: Option<Duration>,
    /// Why it was told to stop, if it was.
    pub stop_reason: Option<StopReason>,
}

impl WorkerState {
    pub(crate) fn of(steering: &Steering) -> Self {
        let control = *steering.control.borrow();
        match (*steering.phase.borrow(), control.shutdown, control.paused) {
            (Phase::NotStarted, ..) => Self::NotStarted,
            (Phase::Ended, ..) => Self::Ended,
            (Phase::Starting, ..) => Self::Starting,
            (Phase::Running, Shutdown::No, false) => Self::Running,
            (Phase::Running, Shutdown::No, true) => Self::Paused,
            (Phase::Running, Shutdown::Drain | Shutdown::Stop, _) => Self::Draining,
        }
    }

    /// The state in a word or two.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotStarted => "not started",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Draining => "draining",
            Self::Ended => "ended",
        }
    }
}

impl fmt::Display for WorkerState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl WorkerStatus {
    pub(crate) fn of(steering: &Steering) -> Self {
        let now = Instant::now();
        let free = steering.slots.available_permits();
        Self {
            state: WorkerState::of(steering),
            activity_types: steering.activity_types.clone(),
            slots: steering.slots_total,
            slots_held: steering.slots_total.saturating_sub(free),
            polls: steering.polls.load(Ordering::Relaxed),
            running: steering
                .live
                .records()
                .iter()
                .map(|record| RunningActivity::of(record, now))
                .collect(),
            outcomes: steering.live.counts(),
            recent: steering.live.recent(now),
            heartbeats: steering.budget.status(),
            services: steering.services.iter().map(ServiceStatus::of).collect(),
        }
    }
}

impl RunningActivity {
    fn of(record: &TaskRecord, now: Instant) -> Self {
        Self {
            task_token: record.task.token.clone(),
            activity_type: record.task.activity_type.clone(),
            activity_id: record.task.activity_id.to_string(),
            workflow: record.task.workflow.clone(),
            task_list: record.task_list().name.to_string(),
            service: record.source().label.as_deref().map(str::to_owned),
            running_for: record.age(now),
            waits_for_limit: record.waits_for_limit(),
            last_progress: record.details(),
            since_last_heartbeat: record
                .last_heartbeat()
                .map(|at| now.saturating_duration_since(at)),
            let_go: record.let_go(),
            time_left: record
                .deadline()
                .map(|deadline| deadline.saturating_duration_since(now)),
            stop_reason: record.stop().worst(),
        }
    }
}

impl fmt::Debug for RunningActivity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningActivity")
            .field("task_token", &self.task_token)
            .field("activity_type", &self.activity_type)
            .field("activity_id", &self.activity_id)
            .field("workflow", &self.workflow)
            .field("task_list", &self.task_list)
            .field("service", &self.service)
            .field("running_for", &self.running_for)
            .field("waits_for_limit", &self.waits_for_limit)
            .field("last_progress", &Redacted(self.last_progress.as_deref()))
            .field("since_last_heartbeat", &self.since_last_heartbeat)
            .field("let_go", &self.let_go)
            .field("time_left", &self.time_left)
            .field("stop_reason", &self.stop_reason)
            .finish()
    }
}

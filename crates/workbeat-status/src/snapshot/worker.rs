//! One worker.

use std::cmp::Reverse;
use std::time::Duration;

use serde::Serialize;
use workbeat::HeartbeatBudgetStatus;
use workbeat::worker::{OutcomeCounts, RunningActivity, ServiceStatus, WorkerStatus};

use super::Extent;
use super::activity::ActivitySnapshot;
use super::ended::EndedSnapshot;

/// A worker, the most urgent of what it runs, and the last of what it ran.
#[derive(Debug, Serialize)]
pub(crate) struct WorkerSnapshot {
    name: String,
    state: &'static str,
    slots: usize,
    slots_held: usize,
    polls: usize,
    /// How many activities run, those that are not shown included.
    running_count: usize,
    stopping_count: usize,
    waiting_count: usize,
    running: Vec<ActivitySnapshot>,
    outcomes: OutcomesSnapshot,
    recent: Vec<EndedSnapshot>,
    /// Those of the first service.
    heartbeats: HeartbeatsSnapshot,
    /// Each of several; none if there is one alone.
    services: Vec<ServiceSnapshot>,
}

/// One of several services that a worker takes tasks from.
#[derive(Debug, Serialize)]
struct ServiceSnapshot {
    name: String,
    task_lists: Vec<String>,
    is_polled: bool,
    heartbeats: HeartbeatsSnapshot,
}

#[derive(Debug, Serialize)]
struct OutcomesSnapshot {
    completed: u64,
    failed: u64,
    canceled: u64,
    closed: u64,
    handed_on: u64,
}

#[derive(Debug, Serialize)]
struct HeartbeatsSnapshot {
    rate: Option<f64>,
    measured: f64,
    demand: f64,
    stretch: Option<f64>,
    let_go: usize,
    throttled: u64,
}

impl WorkerSnapshot {
    pub(crate) fn of(name: &str, status: WorkerStatus, extent: Extent) -> Self {
        let running_count = status.running.len();
        let stopping = |running: &&RunningActivity| running.stop_reason.is_some();
        let waiting = |running: &&RunningActivity| running.waits_for_limit;
        Self {
            name: name.to_owned(),
            state: status.state.as_str(),
            slots: status.slots,
            slots_held: status.slots_held,
            polls: status.polls,
            running_count,
            stopping_count: status.running.iter().filter(stopping).count(),
            waiting_count: status.running.iter().filter(waiting).count(),
            running: most_urgent(status.running, extent.rows)
                .into_iter()
                .map(|running| ActivitySnapshot::of(running, extent.progress))
                .collect(),
            outcomes: status.outcomes.into(),
            recent: status.recent.iter().map(EndedSnapshot::of).collect(),
            heartbeats: status.heartbeats.into(),
            services: several(status.services),
        }
    }
}

/// These, unless there is one alone.
fn several(services: Vec<ServiceStatus>) -> Vec<ServiceSnapshot> {
    if services.len() < 2 {
        return Vec::new();
    }
    services.into_iter().map(ServiceSnapshot::from).collect()
}

/// So many of them: those that were told to stop, then those with the least time left, then the
/// oldest.
fn most_urgent(mut running: Vec<RunningActivity>, rows: usize) -> Vec<RunningActivity> {
    let urgency = |running: &RunningActivity| {
        (
            running.stop_reason.is_none(),
            running.time_left.unwrap_or(Duration::MAX),
            Reverse(running.running_for),
        )
    };
    if running.len() > rows {
        running.select_nth_unstable_by_key(rows, urgency);
        running.truncate(rows);
    }
    running.sort_by_key(urgency);
    running
}

impl From<ServiceStatus> for ServiceSnapshot {
    fn from(status: ServiceStatus) -> Self {
        Self {
            name: status.name,
            task_lists: status.task_lists,
            is_polled: status.is_polled,
            heartbeats: status.heartbeats.into(),
        }
    }
}

impl From<OutcomeCounts> for OutcomesSnapshot {
    fn from(counts: OutcomeCounts) -> Self {
        Self {
            completed: counts.completed,
            failed: counts.failed,
            canceled: counts.canceled,
            closed: counts.closed,
            handed_on: counts.handed_on,
        }
    }
}

impl From<HeartbeatBudgetStatus> for HeartbeatsSnapshot {
    fn from(status: HeartbeatBudgetStatus) -> Self {
        Self {
            rate: status.rate,
            measured: status.measured,
            demand: status.demand,
            stretch: status.stretch,
            let_go: status.let_go,
            throttled: status.throttled,
        }
    }
}

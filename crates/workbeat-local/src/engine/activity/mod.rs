//! An open activity inside an execution.

mod lifecycle;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use workbeat::service::{ActivityType, Timeout};

use super::event::ActivityTaskTimeoutType;
use super::ids::EventId;
use super::payload::Payload;
use super::task_list::{Place, TaskListKey};
use super::time::Timestamp;
use super::wire;

/// An activity from its scheduling to its end. Once it is closed, the history alone knows it.
///
/// Its input stays in the history too, so that its row is small: each heartbeat writes it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Activity {
    pub(super) activity_id: Arc<str>,
    #[serde(with = "wire::activity_type")]
    pub(super) activity_type: ActivityType,
    pub(super) task_list: TaskListKey,
    pub(super) timeouts: ActivityTimeouts,
    pub(super) scheduled_at: Timestamp,
    /// The last `ActivityTaskCancelRequested` event.
    pub(super) cancel_requested: Option<EventId>,
    pub(super) state: ActivityState,
}

/// Where an open activity stands.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum ActivityState {
    /// It waits in its task list.
    Scheduled { place: Place },
    /// A worker has it.
    Started {
        started_event_id: EventId,
        started_at: Timestamp,
        /// When its last heartbeat came.
        heartbeat_at: Option<Timestamp>,
        /// What the last heartbeat carried.
        details: Option<Payload>,
    },
}

impl Activity {
    /// Its `ActivityTaskStarted` event, or 0 as SWF writes it when there is none.
    pub(super) fn started_event_id(&self) -> EventId {
        match self.state {
            ActivityState::Scheduled { .. } => 0,
            ActivityState::Started {
                started_event_id, ..
            } => started_event_id,
        }
    }
}

impl Activity {
    /// When a timeout passes, unless it is `NONE` or does not count yet, or no more.
    pub(super) fn deadline(&self, timeout_type: ActivityTaskTimeoutType) -> Option<Timestamp> {
        let (waits, started) = match self.state {
            ActivityState::Scheduled { .. } => (true, None),
            ActivityState::Started {
                started_at,
                heartbeat_at,
                ..
            } => (
                false,
                Some((started_at, heartbeat_at.unwrap_or(started_at))),
            ),
        };
        let timeouts = &self.timeouts;
        let (from, timeout) = match timeout_type {
            ActivityTaskTimeoutType::ScheduleToStart => (
                waits.then_some(self.scheduled_at),
                timeouts.schedule_to_start,
            ),
            ActivityTaskTimeoutType::ScheduleToClose => {
                (Some(self.scheduled_at), timeouts.schedule_to_close)
            }
            ActivityTaskTimeoutType::StartToClose => (
                started.map(|(started_at, _)| started_at),
                timeouts.start_to_close,
            ),
            ActivityTaskTimeoutType::Heartbeat => {
                (started.map(|(_, heard_at)| heard_at), timeouts.heartbeat)
            }
        };
        Some(from? + timeout.duration()?)
    }
}

/// The four timeouts of one activity, all of them decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ActivityTimeouts {
    /// How long it may wait for a worker.
    #[serde(with = "wire::required_timeout")]
    pub schedule_to_start: Timeout,
    /// How long it may take altogether.
    #[serde(with = "wire::required_timeout")]
    pub schedule_to_close: Timeout,
    /// How long it may run.
    #[serde(with = "wire::required_timeout")]
    pub start_to_close: Timeout,
    /// The longest time between two heartbeats.
    #[serde(with = "wire::required_timeout")]
    pub heartbeat: Timeout,
}

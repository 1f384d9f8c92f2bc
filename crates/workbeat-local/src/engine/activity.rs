//! An open activity inside an execution.

use std::sync::Arc;

use workbeat::service::{ActivityType, Timeout};

use super::ids::EventId;
use super::payload::Payload;
use super::task_list::{Place, TaskListKey};
use super::time::Timestamp;

/// An activity from its scheduling to its end. Once it is closed, the history alone knows it.
#[derive(Debug)]
pub(super) struct Activity {
    pub(super) activity_id: Arc<str>,
    pub(super) activity_type: ActivityType,
    pub(super) input: Option<Payload>,
    pub(super) task_list: TaskListKey,
    pub(super) timeouts: ActivityTimeouts,
    pub(super) scheduled_at: Timestamp,
    /// The last `ActivityTaskCancelRequested` event.
    pub(super) cancel_requested: Option<EventId>,
    pub(super) state: ActivityState,
}

/// Where an open activity stands.
#[derive(Debug)]
pub(super) enum ActivityState {
    /// It waits in its task list.
    Scheduled { place: Place },
    /// A worker has it.
    Started {
        started_event_id: EventId,
        started_at: Timestamp,
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

/// The four timeouts of one activity, all of them decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActivityTimeouts {
    /// How long it may wait for a worker.
    pub schedule_to_start: Timeout,
    /// How long it may take altogether.
    pub schedule_to_close: Timeout,
    /// How long it may run.
    pub start_to_close: Timeout,
    /// The longest time between two heartbeats.
    pub heartbeat: Timeout,
}

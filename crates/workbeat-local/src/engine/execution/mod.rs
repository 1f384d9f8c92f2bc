//! A workflow execution: what it is, what is open in it, and its history.

mod close;
mod configuration;
mod page;
mod record;
mod start;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use workbeat::service::WorkflowExecution;

use super::activity::Activity;
use super::child::Child;
use super::decision_task::Decisions;
use super::event::{EventAttributes, HistoryEvent};
use super::ids::{DomainKey, EventId, WorkflowType};
use super::limits;
use super::payload::Payload;
use super::time::Timestamp;
use super::timer::Timer;
use super::{wire, words};

pub(super) use configuration::{Configuration, Overrides, Unsettled};
pub(super) use page::{HistoryPage, page_token, read_page_token};
pub(super) use start::Start;

/// One run of a workflow, open or closed.
///
/// As JSON it is what it says of itself; what is open in it, and its history, are rows of
/// their own.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Execution {
    pub(super) domain: DomainKey,
    #[serde(with = "wire::workflow_execution")]
    pub(super) id: WorkflowExecution,
    pub(super) workflow_type: WorkflowType,
    pub(super) configuration: Configuration,
    pub(super) tag_list: Vec<Arc<str>>,
    /// Who started it, if it is a child.
    pub(super) parent: Option<Parent>,
    pub(super) started_at: Timestamp,
    pub(super) closed: Option<Closed>,
    /// Whether its cancellation was ever requested.
    pub(super) cancel_requested: bool,
    /// The `DecisionTaskCompleted` event with what its decider last said it wants to keep.
    pub(super) latest_context_event_id: Option<EventId>,
    /// When its last activity was scheduled.
    pub(super) latest_activity_task_at: Option<Timestamp>,
    pub(super) decisions: Decisions,
    /// The open activities, by their `ActivityTaskScheduled` events.
    #[serde(skip)]
    pub(super) activities: BTreeMap<EventId, Activity>,
    /// The open activities by the decider's names for them.
    #[serde(skip)]
    pub(super) activity_ids: BTreeMap<Arc<str>, EventId>,
    /// The open timers, by their `TimerStarted` events.
    #[serde(skip)]
    pub(super) timers: BTreeMap<EventId, Timer>,
    /// The open timers by the decider's names for them.
    #[serde(skip)]
    pub(super) timer_ids: BTreeMap<Arc<str>, EventId>,
    /// The open children, by their `StartChildWorkflowExecutionInitiated` events.
    #[serde(skip)]
    pub(super) children: BTreeMap<EventId, Child>,
    #[serde(skip)]
    history: Vec<HistoryEvent>,
}

/// The execution that started a child.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Parent {
    #[serde(with = "wire::workflow_execution")]
    pub(super) execution: WorkflowExecution,
    /// Its `StartChildWorkflowExecutionInitiated` event.
    pub(super) initiated_event_id: EventId,
}

/// When and how an execution was closed.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Closed {
    pub(super) at: Timestamp,
    pub(super) status: CloseStatus,
}

words::words! {
    /// How an execution was closed.
    CloseStatus {
        /// Its decider completed it.
        Completed = "COMPLETED",
        /// Its decider failed it.
        Failed = "FAILED",
        /// Its decider canceled it.
        Canceled = "CANCELED",
        /// It was terminated.
        Terminated = "TERMINATED",
        /// Another run of the same workflow id goes on in its place.
        ContinuedAsNew = "CONTINUED_AS_NEW",
        /// It took too long.
        TimedOut = "TIMED_OUT",
    }
}

impl Execution {
    /// Whether it goes on.
    pub(super) fn is_open(&self) -> bool {
        self.closed.is_none()
    }

    /// Writes an event into the history.
    fn append(&mut self, timestamp: Timestamp, attributes: EventAttributes) -> EventId {
        let event_id = self.next_event_id();
        self.history.push(HistoryEvent {
            event_id,
            timestamp,
            attributes,
        });
        event_id
    }

    /// Puts an event that was kept back into its place; answers whether it is the next one.
    pub(super) fn put_back(&mut self, event: HistoryEvent) -> bool {
        let is_next = event.event_id == self.next_event_id();
        self.history.push(event);
        is_next
    }

    /// The id that the next event will have.
    pub(super) fn next_event_id(&self) -> EventId {
        EventId::try_from(self.history.len())
            .unwrap_or(EventId::MAX)
            .saturating_add(1)
    }

    /// Whether the history can take so many events more, and one that ends it.
    pub(super) fn has_room_for(&self, events: usize) -> bool {
        self.history.len().saturating_add(events) < limits::HISTORY_EVENTS
    }

    /// One event of the history.
    pub(super) fn event(&self, event_id: EventId) -> Option<&HistoryEvent> {
        let at = usize::try_from(event_id).ok()?.checked_sub(1)?;
        self.history.get(at)
    }

    /// What its decider last said it wants to keep.
    pub(super) fn latest_execution_context(&self) -> Option<&Payload> {
        match &self.event(self.latest_context_event_id?)?.attributes {
            EventAttributes::DecisionTaskCompleted(completed) => {
                completed.execution_context.as_ref()
            }
            _ => None,
        }
    }

    pub(super) fn history(&self) -> &[HistoryEvent] {
        &self.history
    }
}

//! A workflow execution: its history and its open activities.

use std::collections::BTreeMap;
use std::sync::Arc;

use workbeat::service::WorkflowExecution;

use super::activity::Activity;
use super::event::{ChildPolicy, EventAttributes, HistoryEvent};
use super::ids::{DomainKey, EventId};
use super::limits;
use super::time::Timestamp;

/// One run of a workflow, open or closed.
#[derive(Debug)]
pub(super) struct Execution {
    pub(super) domain: DomainKey,
    pub(super) id: WorkflowExecution,
    pub(super) child_policy: ChildPolicy,
    /// The task list of its decision tasks.
    pub(super) task_list: Arc<str>,
    pub(super) open: bool,
    /// The decision task that waits for its decider: its `DecisionTaskScheduled` event.
    pub(super) decision_task: Option<EventId>,
    /// The open activities, by their `ActivityTaskScheduled` events.
    pub(super) activities: BTreeMap<EventId, Activity>,
    /// The open activities by the decider's names for them.
    pub(super) activity_ids: BTreeMap<Arc<str>, EventId>,
    history: Vec<HistoryEvent>,
}

impl Execution {
    pub(super) fn new(
        domain: DomainKey,
        id: WorkflowExecution,
        child_policy: ChildPolicy,
        task_list: Arc<str>,
    ) -> Self {
        Self {
            domain,
            id,
            child_policy,
            task_list,
            open: true,
            decision_task: None,
            activities: BTreeMap::new(),
            activity_ids: BTreeMap::new(),
            history: Vec::new(),
        }
    }

    /// Writes an event into the history.
    pub(super) fn record(
        &mut self,
        timestamp: Timestamp,
        attributes: impl Into<EventAttributes>,
    ) -> EventId {
        let event_id = self.next_event_id();
        self.history.push(HistoryEvent {
            event_id,
            timestamp,
            attributes: attributes.into(),
        });
        event_id
    }

    /// The id that the next event will have.
    pub(super) fn next_event_id(&self) -> EventId {
        EventId::try_from(self.history.len()).unwrap_or(EventId::MAX - 1) + 1
    }

    /// Whether the history can take so many events more, and one that ends it.
    pub(super) fn has_room_for(&self, events: usize) -> bool {
        self.history.len().saturating_add(events) < limits::HISTORY_EVENTS
    }

    pub(super) fn history(&self) -> &[HistoryEvent] {
        &self.history
    }
}

//! How an event gets into a history, and how a history that is full ends its execution.

use std::sync::Arc;

use crate::engine::core::Engine;
use crate::engine::event::{
    EventAttributes, WorkflowExecutionTerminated, WorkflowExecutionTerminatedCause,
};
use crate::engine::execution::Execution;
use crate::engine::ids::EventId;
use crate::engine::rows::Row;

impl Engine {
    /// The execution of a run, to change it.
    pub(in crate::engine) fn execution_mut(&mut self, run_id: &str) -> Option<&mut Execution> {
        let execution = self.executions.get_mut(run_id)?;
        let run_id = &execution.id.run_id;
        self.changes.mark(|| Row::Execution(run_id.clone()));
        Some(execution)
    }

    /// The execution of a run, if it is open.
    pub(in crate::engine) fn open(&self, run_id: &str) -> Option<&Execution> {
        self.executions.get(run_id).filter(|found| found.is_open())
    }

    /// Writes an event into the history of an open run. `None` if the run is closed, or was
    /// closed just now because its history is full.
    ///
    /// An event that a decider must see asks for a decision task; it is scheduled when the
    /// call has done all that it does, so that the events of one call stand together.
    pub(in crate::engine) fn record(
        &mut self,
        run_id: &Arc<str>,
        event: impl Into<EventAttributes>,
    ) -> Option<EventId> {
        if !self.make_room(run_id, 1) {
            return None;
        }
        let attributes = event.into();
        if attributes.calls_for_decision() {
            self.want_decision(run_id);
        }
        self.append(run_id, attributes)
    }

    /// Whether an open execution's history can take so many events more.
    ///
    /// If it cannot, the execution is terminated with cause `EVENT_LIMIT_EXCEEDED`, as SWF
    /// does it; that event is the 25,000th at the latest. A group of events that belong
    /// together is never written in part.
    pub(in crate::engine) fn make_room(&mut self, run_id: &Arc<str>, events: usize) -> bool {
        let Some(execution) = self.open(run_id) else {
            return false;
        };
        if execution.has_room_for(events) {
            return true;
        }
        let child_policy = execution.configuration.child_policy;
        let terminated = WorkflowExecutionTerminated {
            reason: None,
            details: None,
            child_policy,
            cause: Some(WorkflowExecutionTerminatedCause::EventLimitExceeded),
        };
        self.close_execution(run_id, terminated);
        false
    }

    /// Writes an event into a history that has room for it: there is always room for the last.
    pub(super) fn append(
        &mut self,
        run_id: &Arc<str>,
        attributes: EventAttributes,
    ) -> Option<EventId> {
        let now = self.now;
        // The row of the execution says nothing of its history, so it stays as it is.
        let execution = self.executions.get_mut(run_id)?;
        let event_id = execution.append(now, attributes);
        self.changes.mark(|| Row::Event(run_id.clone(), event_id));
        Some(event_id)
    }
}

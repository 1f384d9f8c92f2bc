//! The end of an execution: what it takes with it, what becomes of its children, and how
//! long it is kept.

use std::sync::Arc;
use std::time::Duration;

use super::{CloseStatus, Closed, Execution};
use crate::engine::core::Engine;
use crate::engine::deadlines::Deadline;
use crate::engine::effect::Effect;
use crate::engine::event::{
    ChildPolicy, EventAttributes, HistoryEvent, WorkflowExecutionTimedOut,
    WorkflowExecutionTimeoutType,
};
use crate::engine::ids::{ActivityKey, EventId};
use crate::engine::rows::Row;
use crate::engine::time::Timestamp;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How an event closes an execution, and the policy that it applies to the children.
///
/// Children feel the end of their parent only if it was terminated or timed out.
fn closing(event: &EventAttributes) -> Option<(CloseStatus, Option<ChildPolicy>)> {
    Some(match event {
        EventAttributes::WorkflowExecutionCompleted(_) => (CloseStatus::Completed, None),
        EventAttributes::WorkflowExecutionFailed(_) => (CloseStatus::Failed, None),
        EventAttributes::WorkflowExecutionCanceled(_) => (CloseStatus::Canceled, None),
        EventAttributes::WorkflowExecutionContinuedAsNew(_) => (CloseStatus::ContinuedAsNew, None),
        EventAttributes::WorkflowExecutionTerminated(it) => {
            (CloseStatus::Terminated, Some(it.child_policy))
        }
        EventAttributes::WorkflowExecutionTimedOut(it) => {
            (CloseStatus::TimedOut, Some(it.child_policy))
        }
        _ => return None,
    })
}

impl Engine {
    /// Closes an open execution, and with it whatever is open in it; the event that says so.
    pub(in crate::engine) fn close_execution(
        &mut self,
        run_id: &Arc<str>,
        event: impl Into<EventAttributes>,
    ) -> Option<EventId> {
        let attributes = event.into();
        let (status, child_policy) = closing(&attributes)?;
        self.open(run_id)?;
        let now = self.now;
        let event_id = self.append(run_id, attributes.clone())?;
        self.drop_decision_task(run_id);
        let execution = self.execution_mut(run_id)?;
        execution.closed = Some(Closed { at: now, status });
        execution.activity_ids.clear();
        execution.timer_ids.clear();
        let (domain, workflow_id) = (execution.domain, execution.id.workflow_id.clone());
        let activities = std::mem::take(&mut execution.activities);
        let timers = std::mem::take(&mut execution.timers);
        let children = std::mem::take(&mut execution.children);
        if let Some(domain) = self.domains.get_mut(domain) {
            domain.open.remove(&workflow_id);
        }
        if let Some(execution) = self.executions.get(run_id) {
            self.visibility.place(execution);
        }
        self.deadlines
            .clear(&Deadline::ExecutionTimeout(run_id.clone()));
        for started_event_id in timers.into_keys() {
            self.let_timer_go(run_id, started_event_id);
        }
        let event = HistoryEvent {
            event_id,
            timestamp: now,
            attributes,
        };
        for (scheduled_event_id, activity) in activities {
            let key = ActivityKey::new(run_id.clone(), scheduled_event_id);
            self.let_activity_go(key, &activity, event.clone());
        }
        for (initiated_event_id, child) in children {
            self.mark_child(run_id, initiated_event_id);
            if let Some(policy) = child_policy {
                let child = child.execution.run_id;
                self.effects
                    .push_back(Effect::ApplyChildPolicy { child, policy });
            }
        }
        self.tell_parent(run_id, &event.attributes);
        self.set_retention(run_id);
        Some(event_id)
    }

    /// The whole execution took too long.
    pub(in crate::engine) fn time_out_execution(&mut self, run_id: &Arc<str>) {
        let Some(execution) = self.open(run_id) else {
            return;
        };
        let child_policy = execution.configuration.child_policy;
        let timeout_type = WorkflowExecutionTimeoutType::StartToClose;
        let timed_out = WorkflowExecutionTimedOut {
            timeout_type,
            child_policy,
        };
        self.close_execution(run_id, timed_out);
    }

    /// Sets when a closed execution is forgotten: after its domain's retention, which may be
    /// nothing.
    pub(in crate::engine) fn set_retention(&mut self, run_id: &Arc<str>) {
        if self.settings.keep_closed {
            return;
        }
        if let Some(at) = self
            .executions
            .get(run_id)
            .and_then(|it| self.kept_until(it))
        {
            let deadline = Deadline::Retention(run_id.clone());
            self.deadlines.set(deadline, at);
        }
    }

    fn kept_until(&self, execution: &Execution) -> Option<Timestamp> {
        let domain = self.domains.get(execution.domain)?;
        Some(execution.closed?.at + DAY.saturating_mul(domain.retention_days()))
    }

    /// Forgets a closed execution, and its history.
    pub(in crate::engine) fn forget_execution(&mut self, run_id: &Arc<str>) {
        let Some(execution) = self.executions.remove(run_id) else {
            return;
        };
        self.visibility.forget(&execution);
        self.changes.mark(|| Row::Execution(run_id.clone()));
        for event in execution.history() {
            self.changes
                .mark(|| Row::Event(run_id.clone(), event.event_id));
        }
    }
}

//! Child executions: how one is started, what its parent learns of it, and what its parent's
//! end does to it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use workbeat::service::WorkflowExecution;

use super::core::Engine;
use super::effect::Effect;
use super::event::{
    ChildPolicy, ChildWorkflowExecutionCanceled, ChildWorkflowExecutionCompleted,
    ChildWorkflowExecutionFailed, ChildWorkflowExecutionStarted, ChildWorkflowExecutionTerminated,
    ChildWorkflowExecutionTimedOut, EventAttributes, StartChildWorkflowExecutionFailed,
    StartChildWorkflowExecutionFailedCause, WorkflowExecutionCancelRequested,
    WorkflowExecutionCancelRequestedCause, WorkflowExecutionTerminated,
    WorkflowExecutionTerminatedCause,
};
use super::execution::{Parent, Start};
use super::ids::{EventId, WorkflowType};
use super::payload::Payload;
use super::rows::Row;
use super::wire;

/// An open child, as its parent knows it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Child {
    /// The run that is open: another one after it was continued as new.
    #[serde(with = "wire::workflow_execution")]
    pub(super) execution: WorkflowExecution,
    pub(super) workflow_type: WorkflowType,
    /// Its `ChildWorkflowExecutionStarted` event.
    pub(super) started_event_id: EventId,
}

/// A child that was initiated and is still to be started.
#[derive(Debug)]
pub(super) struct ChildStart {
    pub(super) start: Start,
    pub(super) control: Option<Payload>,
    pub(super) decision_task_completed_event_id: EventId,
}

impl ChildStart {
    /// Whether it is to be a child of this run.
    pub(super) fn is_of(&self, parent: &str) -> bool {
        let of = self.start.parent.as_ref();
        of.is_some_and(|of| *of.execution.run_id == *parent)
    }
}

impl Engine {
    /// Children that were initiated and are still to be started.
    pub(super) fn children_to_start(&self) -> impl Iterator<Item = &ChildStart> {
        self.effects.iter().filter_map(|effect| match effect {
            Effect::StartChild(child) => Some(&**child),
            _ => None,
        })
    }

    /// Starts a child that was initiated, unless its workflow id is taken by now.
    pub(super) fn start_child(&mut self, child: ChildStart) {
        let ChildStart { start, control, .. } = child;
        let Some(Parent {
            execution: parent,
            initiated_event_id,
        }) = start.parent.clone()
        else {
            return;
        };
        let (workflow_id, workflow_type) = (start.workflow_id.clone(), start.workflow_type.clone());
        let domain = self.domains.get(start.domain);
        if domain.is_some_and(|domain| domain.open.contains_key(&workflow_id)) {
            let failed = StartChildWorkflowExecutionFailed {
                workflow_type,
                cause: StartChildWorkflowExecutionFailedCause::WorkflowAlreadyRunning,
                workflow_id,
                initiated_event_id,
                decision_task_completed_event_id: child.decision_task_completed_event_id,
                control,
            };
            self.record(&parent.run_id, failed);
            return;
        }
        let run_id = self.next_run_id();
        let execution = WorkflowExecution::new(workflow_id, run_id.clone());
        self.start_execution(&run_id, start);
        let started = ChildWorkflowExecutionStarted {
            workflow_execution: execution.clone(),
            workflow_type: workflow_type.clone(),
            initiated_event_id,
        };
        // A parent that closed meanwhile, by its own decision, has no children any more.
        let Some(started_event_id) = self.record(&parent.run_id, started) else {
            return;
        };
        let child = Child {
            execution,
            workflow_type,
            started_event_id,
        };
        self.keep_child(&parent.run_id, initiated_event_id, child);
    }

    /// Keeps an open child with its parent.
    fn keep_child(&mut self, parent: &Arc<str>, initiated_event_id: EventId, child: Child) {
        if let Some(execution) = self.executions.get_mut(parent) {
            execution.children.insert(initiated_event_id, child);
            self.mark_child(parent, initiated_event_id);
        }
    }

    pub(super) fn mark_child(&mut self, parent: &Arc<str>, initiated_event_id: EventId) {
        self.changes
            .mark(|| Row::Child(parent.clone(), initiated_event_id));
    }

    /// Another run goes on in the place of a child that was continued as new.
    pub(super) fn follow_child(&mut self, parent: &Parent, next: &WorkflowExecution) {
        let (id, parent) = (parent.initiated_event_id, &parent.execution.run_id);
        if let Some(execution) = self.executions.get_mut(parent)
            && let Some(child) = execution.children.get_mut(&id)
        {
            child.execution = next.clone();
            self.mark_child(parent, id);
        }
    }

    /// Tells the parent of a run, if it is open, how the run was closed.
    ///
    /// Of a run that was continued as new it is not told: the child goes on.
    pub(super) fn tell_parent(&mut self, run_id: &Arc<str>, event: &EventAttributes) {
        let parent = self.executions.get(run_id).and_then(|it| it.parent.clone());
        let Some(Parent {
            execution,
            initiated_event_id,
        }) = parent
        else {
            return;
        };
        if matches!(event, EventAttributes::WorkflowExecutionContinuedAsNew(_)) {
            return;
        }
        let parent = execution.run_id;
        let child = self.executions.get_mut(&parent);
        let Some(child) = child.and_then(|it| it.children.remove(&initiated_event_id)) else {
            return;
        };
        self.mark_child(&parent, initiated_event_id);
        if let Some(event) = child.closed_by(initiated_event_id, event) {
            self.record(&parent, event);
        }
    }

    /// The parent of an open child was terminated, or timed out.
    pub(super) fn apply_child_policy(&mut self, child: &Arc<str>, policy: ChildPolicy) {
        let Some(execution) = self.open(child) else {
            return;
        };
        match policy {
            ChildPolicy::Terminate => {
                let terminated = WorkflowExecutionTerminated {
                    reason: None,
                    details: None,
                    child_policy: execution.configuration.child_policy,
                    cause: Some(WorkflowExecutionTerminatedCause::ChildPolicyApplied),
                };
                self.close_execution(child, terminated);
            }
            ChildPolicy::RequestCancel => {
                let parent = execution.parent.as_ref();
                let requested = WorkflowExecutionCancelRequested {
                    external_workflow_execution: parent.map(|it| it.execution.clone()),
                    external_initiated_event_id: 0,
                    cause: Some(WorkflowExecutionCancelRequestedCause::ChildPolicyApplied),
                };
                self.request_cancel_execution(child, requested);
            }
            ChildPolicy::Abandon => {}
        }
    }
}

impl Child {
    /// What the parent's history says of the event that closed its child.
    fn closed_by(
        self,
        initiated_event_id: EventId,
        event: &EventAttributes,
    ) -> Option<EventAttributes> {
        let Self {
            execution: workflow_execution,
            workflow_type,
            started_event_id,
        } = self;
        Some(match event {
            EventAttributes::WorkflowExecutionCompleted(it) => ChildWorkflowExecutionCompleted {
                workflow_execution,
                workflow_type,
                result: it.result.clone(),
                initiated_event_id,
                started_event_id,
            }
            .into(),
            EventAttributes::WorkflowExecutionFailed(it) => ChildWorkflowExecutionFailed {
                workflow_execution,
                workflow_type,
                reason: it.reason.clone(),
                details: it.details.clone(),
                initiated_event_id,
                started_event_id,
            }
            .into(),
            EventAttributes::WorkflowExecutionTimedOut(it) => ChildWorkflowExecutionTimedOut {
                workflow_execution,
                workflow_type,
                timeout_type: it.timeout_type,
                initiated_event_id,
                started_event_id,
            }
            .into(),
            EventAttributes::WorkflowExecutionCanceled(it) => ChildWorkflowExecutionCanceled {
                workflow_execution,
                workflow_type,
                details: it.details.clone(),
                initiated_event_id,
                started_event_id,
            }
            .into(),
            EventAttributes::WorkflowExecutionTerminated(_) => ChildWorkflowExecutionTerminated {
                workflow_execution,
                workflow_type,
                initiated_event_id,
                started_event_id,
            }
            .into(),
            _ => return None,
        })
    }
}

//! Signals and cancel requests that one execution sends to another.

use std::sync::Arc;

use workbeat::service::WorkflowExecution;

use super::core::Engine;
use super::event::{
    ExternalWorkflowExecutionCancelRequested, ExternalWorkflowExecutionSignaled,
    RequestCancelExternalWorkflowExecutionFailed,
    RequestCancelExternalWorkflowExecutionFailedCause, SignalExternalWorkflowExecutionFailed,
    SignalExternalWorkflowExecutionFailedCause, WorkflowExecutionCancelRequested,
    WorkflowExecutionSignaled,
};
use super::ids::{DomainKey, EventId};
use super::payload::Payload;

/// A request that was initiated and is still to reach its execution.
#[derive(Debug)]
pub(super) struct ExternalRequest {
    pub(super) domain: DomainKey,
    pub(super) from: WorkflowExecution,
    pub(super) workflow_id: Arc<str>,
    pub(super) run_id: Option<Arc<str>>,
    pub(super) control: Option<Payload>,
    pub(super) initiated_event_id: EventId,
    pub(super) decision_task_completed_event_id: EventId,
    pub(super) asks: Asks,
}

/// What a request asks of the other execution.
#[derive(Debug)]
pub(super) enum Asks {
    /// To take a signal.
    Signal {
        signal_name: Arc<str>,
        input: Option<Payload>,
    },
    /// To cancel.
    Cancel,
}

impl Engine {
    /// Brings a request to its execution, if that is open, and tells the sender how it went.
    pub(super) fn reach(&mut self, request: ExternalRequest) {
        let sender = request.from.run_id.clone();
        let open = self.open_run_in(request.domain, &request.workflow_id);
        let wanted = request.run_id.as_ref();
        let reached = open.filter(|open| wanted.is_none_or(|wanted| wanted == open));
        let Some(run_id) = reached else {
            self.not_reached(&sender, request);
            return;
        };
        let workflow_execution = WorkflowExecution::new(request.workflow_id, run_id.clone());
        let initiated_event_id = request.initiated_event_id;
        let from = Some(request.from);
        match request.asks {
            Asks::Signal { signal_name, input } => {
                let signaled = WorkflowExecutionSignaled {
                    signal_name,
                    input,
                    external_workflow_execution: from,
                    external_initiated_event_id: initiated_event_id,
                };
                self.record(&run_id, signaled);
                let signaled = ExternalWorkflowExecutionSignaled {
                    workflow_execution,
                    initiated_event_id,
                };
                self.record(&sender, signaled);
            }
            Asks::Cancel => {
                let requested = WorkflowExecutionCancelRequested {
                    external_workflow_execution: from,
                    external_initiated_event_id: initiated_event_id,
                    cause: None,
                };
                self.request_cancel_execution(&run_id, requested);
                let requested = ExternalWorkflowExecutionCancelRequested {
                    workflow_execution,
                    initiated_event_id,
                };
                self.record(&sender, requested);
            }
        }
    }

    fn not_reached(&mut self, sender: &Arc<str>, request: ExternalRequest) {
        let ExternalRequest {
            workflow_id,
            run_id,
            control,
            initiated_event_id,
            decision_task_completed_event_id,
            ..
        } = request;
        match request.asks {
            Asks::Signal { .. } => {
                let failed = SignalExternalWorkflowExecutionFailed {
                    workflow_id,
                    run_id,
                    cause:
                        SignalExternalWorkflowExecutionFailedCause::UnknownExternalWorkflowExecution,
                    initiated_event_id,
                    decision_task_completed_event_id,
                    control,
                };
                self.record(sender, failed);
            }
            Asks::Cancel => {
                let failed = RequestCancelExternalWorkflowExecutionFailed {
                    workflow_id,
                    run_id,
                    cause: RequestCancelExternalWorkflowExecutionFailedCause::UnknownExternalWorkflowExecution,
                    initiated_event_id,
                    decision_task_completed_event_id,
                    control,
                };
                self.record(sender, failed);
            }
        }
    }

    /// Writes down that an open execution is asked to cancel. Its decider sees to it.
    pub(super) fn request_cancel_execution(
        &mut self,
        run_id: &Arc<str>,
        requested: WorkflowExecutionCancelRequested,
    ) {
        self.record(run_id, requested);
        if let Some(execution) = self.execution_mut(run_id) {
            execution.cancel_requested = true;
        }
    }

    /// The open run of a workflow id.
    pub(super) fn open_run_in(&self, domain: DomainKey, workflow_id: &str) -> Option<Arc<str>> {
        self.domains.get(domain)?.open.get(workflow_id).cloned()
    }
}

//! The decision `ContinueAsNewWorkflowExecution`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use workbeat::service::{Timeout, WorkflowExecution};

use super::{CarryOut, Decided, DecisionFailure, DecisionOutcome};
use crate::engine::core::Engine;
use crate::engine::event::{
    ChildPolicy, ContinueAsNewWorkflowExecutionFailed,
    ContinueAsNewWorkflowExecutionFailedCause as Cause, WorkflowExecutionContinuedAsNew,
};
use crate::engine::execution::{Configuration, Overrides, Start};
use crate::engine::ids::{DomainKey, WorkflowType};
use crate::engine::payload::Payload;
use crate::engine::wire;

/// Close the execution and start another run of its workflow id in its place, so that no
/// history grows without end.
///
/// What is `None` is filled in from the defaults of the type, and not from the run that ends.
/// If that run is a child, the new one is in its place: the parent notices nothing.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContinueAsNewWorkflowExecution {
    /// What to give the new run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Payload>,
    /// How long it may take. `NONE` is a year.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub execution_start_to_close_timeout: Option<Timeout>,
    /// The task list of its decision tasks.
    #[serde(
        default,
        with = "wire::optional_task_list",
        skip_serializing_if = "Option::is_none"
    )]
    pub task_list: Option<String>,
    /// The priority of its decision tasks; higher first.
    #[serde(
        default,
        with = "wire::priority",
        skip_serializing_if = "Option::is_none"
    )]
    pub task_priority: Option<i32>,
    /// How long each of its decision tasks may take.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub task_start_to_close_timeout: Option<Timeout>,
    /// What becomes of its children when it is terminated or times out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub child_policy: Option<ChildPolicy>,
    /// Tags to find it by; at most five.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag_list: Option<Vec<String>>,
    /// The version of the workflow type that goes on; if none, the same one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow_type_version: Option<String>,
    /// The role under which it may run Lambda functions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lambda_role: Option<String>,
}

impl CarryOut for ContinueAsNewWorkflowExecution {
    const CLOSES: bool = true;

    fn carry_out(mut self, engine: &mut Engine, decided: &Decided) -> DecisionOutcome {
        let run_id = &decided.run_id;
        let Some(execution) = engine.open(run_id) else {
            return DecisionOutcome::done(None);
        };
        let decision_task_completed_event_id = decided.completed;
        let (domain, workflow_id) = (execution.domain, execution.id.workflow_id.clone());
        let (parent, name) = (
            execution.parent.clone(),
            execution.workflow_type.name.clone(),
        );
        let version = self.workflow_type_version.take().map(Into::into);
        let version = version.unwrap_or_else(|| execution.workflow_type.version.clone());
        let workflow_type = WorkflowType::new(name, version);
        let configuration = match self.settle(engine, domain, &workflow_type, decided) {
            Ok(configuration) => configuration,
            Err(cause) => {
                let failed = ContinueAsNewWorkflowExecutionFailed {
                    cause,
                    decision_task_completed_event_id,
                };
                let event_id = engine.record(run_id, failed);
                let failure = DecisionFailure::ContinueAsNewWorkflowExecution(cause);
                return DecisionOutcome::failed(event_id, failure);
            }
        };
        let tags = self.tag_list.unwrap_or_default();
        let tag_list: Vec<Arc<str>> = tags.into_iter().map(Into::into).collect();
        let next = engine.next_run_id();
        let continued = WorkflowExecutionContinuedAsNew {
            input: self.input.clone(),
            decision_task_completed_event_id,
            new_execution_run_id: next.clone(),
            execution_start_to_close_timeout: Some(configuration.execution_start_to_close),
            task_list: configuration.task_list.clone(),
            task_priority: configuration.task_priority,
            task_start_to_close_timeout: Some(configuration.task_start_to_close),
            child_policy: configuration.child_policy,
            tag_list: tag_list.clone(),
            workflow_type: workflow_type.clone(),
            lambda_role: configuration.lambda_role.clone(),
        };
        let event_id = engine.close_execution(run_id, continued);
        if let Some(parent) = &parent {
            let execution = WorkflowExecution::new(workflow_id.clone(), next.clone());
            engine.follow_child(parent, &execution);
        }
        let start = Start {
            domain,
            workflow_id,
            workflow_type,
            configuration,
            tag_list,
            input: self.input,
            parent,
            continued_execution_run_id: Some(run_id.clone()),
        };
        engine.start_execution(&next, start);
        DecisionOutcome::done(event_id)
    }
}

impl ContinueAsNewWorkflowExecution {
    /// The configuration of the new run, or why it cannot go on.
    fn settle(
        &mut self,
        engine: &Engine,
        domain: DomainKey,
        workflow_type: &WorkflowType,
        decided: &Decided,
    ) -> Result<Configuration, Cause> {
        if decided.unhandled {
            return Err(Cause::UnhandledDecision);
        }
        let overrides = Overrides {
            task_list: self.task_list.take(),
            task_priority: self.task_priority,
            execution_start_to_close: self.execution_start_to_close_timeout,
            task_start_to_close: self.task_start_to_close_timeout,
            child_policy: self.child_policy,
            lambda_role: self.lambda_role.take(),
        };
        Ok(engine.configure(domain, workflow_type, &overrides)?)
    }
}

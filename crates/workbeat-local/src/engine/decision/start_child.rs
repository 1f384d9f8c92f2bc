//! The decision `StartChildWorkflowExecution`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use workbeat::service::Timeout;

use super::{CarryOut, Decided, DecisionFailure, DecisionOutcome};
use crate::engine::child::ChildStart;
use crate::engine::core::Engine;
use crate::engine::effect::Effect;
use crate::engine::event::{
    ChildPolicy, StartChildWorkflowExecutionFailed,
    StartChildWorkflowExecutionFailedCause as Cause, StartChildWorkflowExecutionInitiated,
};
use crate::engine::execution::{Configuration, Overrides, Parent, Start};
use crate::engine::ids::{DomainKey, WorkflowType};
use crate::engine::payload::Payload;
use crate::engine::{limits, wire};

/// Start a child execution.
///
/// What is `None` is filled in from the defaults of its type. The child starts when the
/// decision task is done, and `ChildWorkflowExecutionStarted` says so; if its workflow id is
/// taken then, `StartChildWorkflowExecutionFailed` with `WORKFLOW_ALREADY_RUNNING` does. Each
/// other failure is known at once, and its event has 0 as `initiatedEventId`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StartChildWorkflowExecution {
    /// Which workflow to run.
    pub workflow_type: WorkflowType,
    /// What to call it; unique among the open executions of the domain.
    pub workflow_id: String,
    /// What the decider notes for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<Payload>,
    /// What to give it.
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
    /// What becomes of its own children when it is terminated or times out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub child_policy: Option<ChildPolicy>,
    /// Tags to find it by; at most five.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag_list: Option<Vec<String>>,
    /// The role under which it may run Lambda functions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lambda_role: Option<String>,
}

impl CarryOut for StartChildWorkflowExecution {
    fn carry_out(mut self, engine: &mut Engine, decided: &Decided) -> DecisionOutcome {
        let run_id = &decided.run_id;
        let Some(parent) = engine.open(run_id) else {
            return DecisionOutcome::done(None);
        };
        let (domain, parent) = (parent.domain, parent.id.clone());
        let workflow_id: Arc<str> = std::mem::take(&mut self.workflow_id).into();
        let decision_task_completed_event_id = decided.completed;
        let configuration = match self.settle(engine, domain, run_id) {
            Ok(configuration) => configuration,
            Err(cause) => {
                let failed = StartChildWorkflowExecutionFailed {
                    workflow_type: self.workflow_type,
                    cause,
                    workflow_id,
                    initiated_event_id: 0,
                    decision_task_completed_event_id,
                    control: self.control,
                };
                let event_id = engine.record(run_id, failed);
                let failure = DecisionFailure::StartChildWorkflowExecution(cause);
                return DecisionOutcome::failed(event_id, failure);
            }
        };
        let tags = self.tag_list.unwrap_or_default();
        let tag_list: Vec<Arc<str>> = tags.into_iter().map(Into::into).collect();
        let initiated = StartChildWorkflowExecutionInitiated {
            workflow_id: workflow_id.clone(),
            workflow_type: self.workflow_type.clone(),
            control: self.control.clone(),
            input: self.input.clone(),
            execution_start_to_close_timeout: Some(configuration.execution_start_to_close),
            task_list: configuration.task_list.clone(),
            task_priority: configuration.task_priority,
            decision_task_completed_event_id,
            child_policy: configuration.child_policy,
            task_start_to_close_timeout: Some(configuration.task_start_to_close),
            tag_list: tag_list.clone(),
            lambda_role: configuration.lambda_role.clone(),
        };
        let event_id = engine.record(run_id, initiated);
        if let Some(initiated_event_id) = event_id {
            let start = Start {
                domain,
                workflow_id,
                workflow_type: self.workflow_type,
                configuration,
                tag_list,
                input: self.input,
                parent: Some(Parent {
                    execution: parent,
                    initiated_event_id,
                }),
                continued_execution_run_id: None,
            };
            let child = ChildStart {
                start,
                control: self.control,
                decision_task_completed_event_id,
            };
            engine
                .effects
                .push_back(Effect::StartChild(Box::new(child)));
        }
        DecisionOutcome::done(event_id)
    }
}

impl StartChildWorkflowExecution {
    /// The child's configuration, or why it cannot be started.
    fn settle(
        &mut self,
        engine: &Engine,
        domain: DomainKey,
        parent: &str,
    ) -> Result<Configuration, Cause> {
        let overrides = Overrides {
            task_list: self.task_list.take(),
            task_priority: self.task_priority,
            execution_start_to_close: self.execution_start_to_close_timeout,
            task_start_to_close: self.task_start_to_close_timeout,
            child_policy: self.child_policy,
            lambda_role: self.lambda_role.take(),
        };
        let configuration = engine.configure(domain, &self.workflow_type, &overrides)?;
        // Those of this decision task that are still to be started count already.
        let children = engine.open(parent).map_or(0, |it| it.children.len());
        let starting = engine
            .children_to_start()
            .filter(|child| child.is_of(parent));
        if children.saturating_add(starting.count()) >= limits::OPEN_CHILDREN {
            return Err(Cause::OpenChildrenLimitExceeded);
        }
        let open = engine.domains.get(domain).map_or(0, |it| it.open.len());
        if open.saturating_add(engine.children_to_start().count()) >= limits::OPEN_WORKFLOWS {
            return Err(Cause::OpenWorkflowsLimitExceeded);
        }
        Ok(configuration)
    }
}

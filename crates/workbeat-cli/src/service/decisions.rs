//! Decision tasks: taking one, and answering it.

use std::time::Duration;

use aws_sdk_swf::config::retry::RetryConfig;
use aws_sdk_swf::config::timeout::TimeoutConfig;
use aws_sdk_swf::types::{
    ActivityType, CancelWorkflowExecutionDecisionAttributes,
    CompleteWorkflowExecutionDecisionAttributes, Decision as SdkDecision, DecisionType,
    FailWorkflowExecutionDecisionAttributes, RequestCancelActivityTaskDecisionAttributes,
    ScheduleActivityTaskDecisionAttributes,
};

use super::capture::Captured;
use super::executions::task_list;
use super::{Fault, Service};
use crate::decider::{ACTIVITY_ID, Decision, Plan};
use crate::history::Event;

/// SWF holds a poll for 60 s; its answer needs time too.
const POLL_READ_TIMEOUT: Duration = Duration::from_secs(75);

/// A decision task.
pub(crate) struct DecisionTask {
    token: String,
    /// The whole history.
    pub(crate) history: Vec<Event>,
}

impl Service {
    /// Waits for a decision task on a task list. `None` when none came for a minute.
    ///
    /// It is one request: the caller decides whether to try again.
    pub(crate) async fn poll_for_decision(
        &self,
        list: &str,
        identity: &str,
    ) -> Result<Option<DecisionTask>, Fault> {
        let mut history = Vec::new();
        let mut page = None;
        loop {
            let captured = Captured::default();
            let once = aws_sdk_swf::config::Builder::new()
                .retry_config(RetryConfig::disabled())
                .timeout_config(
                    TimeoutConfig::builder()
                        .connect_timeout(Duration::from_secs(5))
                        .read_timeout(POLL_READ_TIMEOUT)
                        .disable_operation_timeout()
                        .disable_operation_attempt_timeout()
                        .build(),
                );
            let answer = self
                .client
                .poll_for_decision_task()
                .domain(&self.domain)
                .set_task_list(task_list(list))
                .identity(identity)
                .set_next_page_token(page)
                .customize()
                .interceptor(captured.clone())
                .config_override(once)
                .send()
                .await
                .map_err(|error| self.fault("PollForDecisionTask", &error))?;
            let token = answer.task_token;
            if token.is_empty() {
                return Ok(None);
            }
            history.extend(captured.events());
            page = answer.next_page_token.filter(|token| !token.is_empty());
            if page.is_none() {
                return Ok(Some(DecisionTask { token, history }));
            }
        }
    }

    /// Answers a decision task.
    pub(crate) async fn respond_decision(
        &self,
        task: &DecisionTask,
        decision: Option<Decision>,
    ) -> Result<(), Fault> {
        let decisions: Vec<_> = decision.and_then(to_sdk).into_iter().collect();
        let responded = self
            .client
            .respond_decision_task_completed()
            .task_token(&task.token)
            .set_decisions(Some(decisions))
            .send();
        match responded.await {
            Ok(_) => Ok(()),
            Err(error) => {
                let fault = self.fault("RespondDecisionTaskCompleted", &error);
                // The task timed out, the execution was closed, or the answer to the same
                // request got lost. Whatever it was, the next look at the history tells.
                if fault.is_unknown() {
                    Ok(())
                } else {
                    Err(fault)
                }
            }
        }
    }
}

/// A decision as the SDK has it. Each member that its builders ask for is there.
fn to_sdk(decision: Decision) -> Option<SdkDecision> {
    let builder = SdkDecision::builder();
    let builder = match decision {
        Decision::ScheduleActivityTask(plan) => builder
            .decision_type(DecisionType::ScheduleActivityTask)
            .schedule_activity_task_decision_attributes(schedule(&plan)?),
        Decision::RequestCancelActivityTask => builder
            .decision_type(DecisionType::RequestCancelActivityTask)
            .request_cancel_activity_task_decision_attributes(
                RequestCancelActivityTaskDecisionAttributes::builder()
                    .activity_id(ACTIVITY_ID)
                    .build()
                    .ok()?,
            ),
        Decision::CompleteWorkflowExecution { result } => builder
            .decision_type(DecisionType::CompleteWorkflowExecution)
            .complete_workflow_execution_decision_attributes(
                CompleteWorkflowExecutionDecisionAttributes::builder()
                    .set_result(result)
                    .build(),
            ),
        Decision::FailWorkflowExecution { reason, details } => builder
            .decision_type(DecisionType::FailWorkflowExecution)
            .fail_workflow_execution_decision_attributes(
                FailWorkflowExecutionDecisionAttributes::builder()
                    .reason(reason)
                    .set_details(details)
                    .build(),
            ),
        Decision::CancelWorkflowExecution { details } => builder
            .decision_type(DecisionType::CancelWorkflowExecution)
            .cancel_workflow_execution_decision_attributes(
                CancelWorkflowExecutionDecisionAttributes::builder()
                    .set_details(details)
                    .build(),
            ),
    };
    builder.build().ok()
}

fn schedule(plan: &Plan) -> Option<ScheduleActivityTaskDecisionAttributes> {
    let activity_type = ActivityType::builder()
        .name(&plan.activity_type.name)
        .version(&plan.activity_type.version)
        .build()
        .ok()?;
    ScheduleActivityTaskDecisionAttributes::builder()
        .activity_type(activity_type)
        .activity_id(ACTIVITY_ID)
        .set_input(plan.input().map(str::to_owned))
        .set_task_list(plan.task_list.as_deref().and_then(task_list))
        .set_heartbeat_timeout(plan.heartbeat_timeout.clone())
        .set_schedule_to_start_timeout(plan.schedule_to_start_timeout.clone())
        .set_schedule_to_close_timeout(plan.schedule_to_close_timeout.clone())
        .set_start_to_close_timeout(plan.start_to_close_timeout.clone())
        .set_task_priority(plan.task_priority.clone())
        .build()
        .ok()
}

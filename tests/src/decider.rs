//! A test that stands as the decider of its workflows, through the real `aws-sdk-swf`.

#![allow(clippy::unwrap_used, reason = "a helper of a test may unwrap too")]

use aws_sdk_swf::Client;
use aws_sdk_swf::operation::poll_for_activity_task::PollForActivityTaskOutput;
use aws_sdk_swf::operation::poll_for_decision_task::PollForDecisionTaskOutput;
use aws_sdk_swf::types::{
    ActivityType, ChildPolicy, CompleteWorkflowExecutionDecisionAttributes, Decision, DecisionType,
    EventType, HistoryEvent, RequestCancelActivityTaskDecisionAttributes,
    ScheduleActivityTaskDecisionAttributes, TaskList, WorkflowExecution, WorkflowType,
};

use crate::sdk::sdk_client;

/// The domain of a [`Decider`].
pub const DOMAIN: &str = "tests";
/// The task list of its decisions.
pub const DECISIONS: &str = "decisions";
/// The task list of its activities.
pub const FILES: &str = "files";
/// How long its activities may wait, run, and go without a heartbeat, in seconds.
pub const TIMEOUT: &str = "300";

/// Starts workflows and decides what they do, call by call.
#[derive(Clone, Debug)]
pub struct Decider {
    client: Client,
}

impl Decider {
    /// A decider with a domain, a workflow type `order` and an activity type `pack` in it, on a
    /// server that does not know them yet.
    pub async fn register(url: &str) -> Self {
        let client = sdk_client(url);
        let domain = client.register_domain().name(DOMAIN);
        let domain = domain.workflow_execution_retention_period_in_days("1");
        domain.send().await.unwrap();
        let order = client.register_workflow_type().domain(DOMAIN);
        let order = order
            .name("order")
            .version("1")
            .default_task_list(task_list(DECISIONS))
            .default_task_start_to_close_timeout("NONE")
            .default_execution_start_to_close_timeout("31536000")
            .default_child_policy(ChildPolicy::Terminate);
        order.send().await.unwrap();
        let pack = client.register_activity_type().domain(DOMAIN);
        let pack = pack
            .name("pack")
            .version("1")
            .default_task_list(task_list(FILES))
            .default_task_schedule_to_start_timeout(TIMEOUT)
            .default_task_schedule_to_close_timeout("NONE")
            .default_task_start_to_close_timeout(TIMEOUT)
            .default_task_heartbeat_timeout(TIMEOUT);
        pack.send().await.unwrap();
        Self { client }
    }

    /// A decider on a server that knows all of this already.
    #[must_use]
    pub fn over(client: Client) -> Self {
        Self { client }
    }

    /// Its client.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Starts a workflow.
    pub async fn start(&self, workflow_id: &str) -> WorkflowExecution {
        let order = WorkflowType::builder().name("order").version("1").build();
        let start = self.client.start_workflow_execution().domain(DOMAIN);
        let start = start.workflow_id(workflow_id).workflow_type(order.unwrap());
        let run = start.send().await.unwrap();
        let execution = WorkflowExecution::builder().workflow_id(workflow_id);
        execution.run_id(run.run_id().unwrap()).build().unwrap()
    }

    /// Starts a workflow, and schedules one activity of the same name in it.
    pub async fn start_activity(&self, workflow_id: &str) -> WorkflowExecution {
        let execution = self.start(workflow_id).await;
        self.decide(vec![schedule(workflow_id)]).await;
        execution
    }

    /// Waits for the next decision task, and decides.
    pub async fn decide(&self, decisions: Vec<Decision>) -> PollForDecisionTaskOutput {
        let task = self.poll_for_decision().await;
        let respond = self.client.respond_decision_task_completed();
        let respond = respond.task_token(task.task_token());
        let respond = respond.set_decisions(Some(decisions));
        respond.send().await.unwrap();
        task
    }

    /// Waits for the next decision task. It fails if there is none for as long as a poll is held.
    pub async fn poll_for_decision(&self) -> PollForDecisionTaskOutput {
        let poll = self.client.poll_for_decision_task().domain(DOMAIN);
        let task = poll.task_list(task_list(DECISIONS)).send().await.unwrap();
        assert_ne!(task.task_token(), "", "there was no decision task");
        task
    }

    /// Polls as a worker does; the token is empty if nothing came.
    pub async fn poll(&self) -> PollForActivityTaskOutput {
        let poll = self.client.poll_for_activity_task().domain(DOMAIN);
        let poll = poll.task_list(task_list(FILES)).identity("a test");
        poll.send().await.unwrap()
    }

    /// Heartbeats; answers whether it is asked to cancel.
    pub async fn heartbeat(&self, token: &str, details: &str) -> bool {
        let beat = self.client.record_activity_task_heartbeat();
        let beat = beat.task_token(token).details(details);
        beat.send().await.unwrap().cancel_requested()
    }

    /// The whole history.
    pub async fn history(&self, execution: &WorkflowExecution) -> Vec<HistoryEvent> {
        let history = self.client.get_workflow_execution_history();
        let history = history.domain(DOMAIN).execution(execution.clone());
        let pages = history.into_paginator().items().send();
        pages.collect::<Result<_, _>>().await.unwrap()
    }

    /// The types of the last events, the last one last.
    pub async fn last(&self, execution: &WorkflowExecution, count: usize) -> Vec<EventType> {
        let history = self.history(execution).await;
        let last = &history[history.len() - count..];
        last.iter()
            .map(|event| event.event_type().clone())
            .collect()
    }
}

/// The task list of this name.
#[must_use]
pub fn task_list(name: &str) -> TaskList {
    TaskList::builder().name(name).build().unwrap()
}

/// Schedules an activity of the type `pack`.
#[must_use]
pub fn schedule(activity_id: &str) -> Decision {
    let pack = ActivityType::builder().name("pack").version("1").build();
    let schedule = ScheduleActivityTaskDecisionAttributes::builder()
        .activity_id(activity_id)
        .activity_type(pack.unwrap())
        .input("\"a folder\"");
    Decision::builder()
        .decision_type(DecisionType::ScheduleActivityTask)
        .schedule_activity_task_decision_attributes(schedule.build().unwrap())
        .build()
        .unwrap()
}

/// Asks for the cancellation of an activity.
#[must_use]
pub fn request_cancel(activity_id: &str) -> Decision {
    let cancel = RequestCancelActivityTaskDecisionAttributes::builder().activity_id(activity_id);
    Decision::builder()
        .decision_type(DecisionType::RequestCancelActivityTask)
        .request_cancel_activity_task_decision_attributes(cancel.build().unwrap())
        .build()
        .unwrap()
}

/// Completes the workflow.
#[must_use]
pub fn complete() -> Decision {
    let complete = CompleteWorkflowExecutionDecisionAttributes::builder().build();
    Decision::builder()
        .decision_type(DecisionType::CompleteWorkflowExecution)
        .complete_workflow_execution_decision_attributes(complete)
        .build()
        .unwrap()
}

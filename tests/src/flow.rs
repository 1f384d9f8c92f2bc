//! One workflow execution with one activity, decided by a test through the real SDK.

use std::time::Duration;

use aws_sdk_swf::Client;
use aws_sdk_swf::types::builders::ScheduleActivityTaskDecisionAttributesBuilder;
use aws_sdk_swf::types::{
    ActivityType, ChildPolicy, Decision, DecisionType, EventType, HistoryEvent,
    RequestCancelActivityTaskDecisionAttributes, ScheduleActivityTaskDecisionAttributes, TaskList,
    WorkflowExecution, WorkflowType,
};
use tokio::time::{sleep, timeout};

use crate::{DOMAIN, LIST, SwfStage};

/// How long something may take, in real time.
const SOON: Duration = Duration::from_secs(300);

/// The workflow type of these tests.
const FLOW: &str = "flow";

/// A workflow execution, and the test as its decider.
#[derive(Clone, Debug)]
pub struct Flow {
    client: Client,
    workflow_id: String,
    run_id: String,
}

/// An activity to schedule: in the task list of these tests, without timeouts.
///
/// # Panics
///
/// When a name is missing.
#[must_use]
pub fn scheduled(name: &str) -> ScheduleActivityTaskDecisionAttributesBuilder {
    let activity_type = ActivityType::builder().name(name).version("1.0");
    ScheduleActivityTaskDecisionAttributes::builder()
        .activity_type(activity_type.build().expect("name and version"))
        .activity_id("activity")
        .task_list(list(LIST))
        .heartbeat_timeout("NONE")
        .schedule_to_start_timeout("NONE")
        .schedule_to_close_timeout("NONE")
        .start_to_close_timeout("NONE")
}

fn list(name: &str) -> TaskList {
    TaskList::builder().name(name).build().expect("a name")
}

impl SwfStage {
    /// Starts a workflow execution and schedules an activity in it.
    pub async fn schedule(&self, activity: ScheduleActivityTaskDecisionAttributesBuilder) -> Flow {
        flow_on(&self.client, activity).await
    }
}

/// Starts a workflow execution through `client` and schedules an activity in it.
///
/// # Panics
///
/// When the service does not take it.
pub async fn flow_on(
    client: &Client,
    activity: ScheduleActivityTaskDecisionAttributesBuilder,
) -> Flow {
    let flow = Flow::start(client.clone()).await;
    flow.schedule(activity).await;
    flow
}

impl Flow {
    async fn start(client: Client) -> Self {
        let register = client.register_workflow_type().domain(DOMAIN);
        if let Err(error) = register.name(FLOW).version("1.0").send().await {
            let error = error.into_service_error();
            assert!(error.is_type_already_exists_fault(), "{error:?}");
        }
        let workflow_id = format!("flow-{}", fastrand::u64(..));
        let flow = WorkflowType::builder().name(FLOW).version("1.0").build();
        let start = client
            .start_workflow_execution()
            .domain(DOMAIN)
            .workflow_id(&workflow_id)
            .workflow_type(flow.expect("name and version"))
            // Each has its decisions to itself.
            .task_list(list(&workflow_id))
            .execution_start_to_close_timeout("31536000")
            .task_start_to_close_timeout("NONE")
            .child_policy(ChildPolicy::Terminate);
        let started = start.send().await.expect("the service must take it");
        Self {
            run_id: started.run_id.expect("a run id"),
            client,
            workflow_id,
        }
    }

    /// Schedules an activity in the execution, with the next decision task.
    ///
    /// # Panics
    ///
    /// When the service does not take it.
    pub async fn schedule(&self, activity: ScheduleActivityTaskDecisionAttributesBuilder) {
        let activity = activity.build().expect("type and id");
        let decision = Decision::builder()
            .decision_type(DecisionType::ScheduleActivityTask)
            .schedule_activity_task_decision_attributes(activity);
        let decision = decision.build().expect("a decision");
        self.decide(vec![decision]).await;
    }

    fn execution(&self) -> WorkflowExecution {
        let execution = WorkflowExecution::builder()
            .workflow_id(&self.workflow_id)
            .run_id(&self.run_id);
        execution.build().expect("both ids")
    }

    /// Takes the next decision task and answers it.
    async fn decide(&self, decisions: Vec<Decision>) {
        let token = timeout(SOON, async {
            loop {
                let poll = self.client.poll_for_decision_task().domain(DOMAIN);
                let poll = poll.task_list(list(&self.workflow_id)).send().await;
                let task = poll.expect("the poll must be answered");
                if !task.task_token.is_empty() {
                    return task.task_token;
                }
            }
        });
        let token = token.await.expect("a decision task in time");
        let respond = self.client.respond_decision_task_completed();
        let respond = respond.task_token(token).set_decisions(Some(decisions));
        respond.send().await.expect("the decisions must be taken");
    }

    /// Asks for the activity's cancellation.
    ///
    /// # Panics
    ///
    /// When the service does not take it.
    pub async fn request_cancel(&self) {
        let signal = self
            .client
            .signal_workflow_execution()
            .domain(DOMAIN)
            .workflow_id(&self.workflow_id)
            .signal_name("decide");
        signal.send().await.expect("the signal must be taken");
        let cancel = RequestCancelActivityTaskDecisionAttributes::builder().activity_id("activity");
        let decision = Decision::builder()
            .decision_type(DecisionType::RequestCancelActivityTask)
            .request_cancel_activity_task_decision_attributes(cancel.build().expect("an id"));
        self.decide(vec![decision.build().expect("a decision")])
            .await;
    }

    /// Terminates the workflow execution.
    ///
    /// # Panics
    ///
    /// When the service does not take it.
    pub async fn terminate(&self) {
        let terminate = self.client.terminate_workflow_execution().domain(DOMAIN);
        let terminate = terminate.workflow_id(&self.workflow_id).send().await;
        terminate.expect("it must be terminated");
    }

    /// The history so far.
    ///
    /// # Panics
    ///
    /// When the service does not give it.
    pub async fn history(&self) -> Vec<HistoryEvent> {
        let history = self.client.get_workflow_execution_history().domain(DOMAIN);
        let history = history.execution(self.execution()).send().await;
        history.expect("the history").events
    }

    /// How many events of this type there are.
    pub async fn count(&self, event_type: &EventType) -> usize {
        let history = self.history().await;
        let of_type = history
            .iter()
            .filter(|event| event.event_type == *event_type);
        of_type.count()
    }

    /// Waits for an event of one of these types, and gives it.
    ///
    /// # Panics
    ///
    /// When there is none in time.
    pub async fn event(&self, types: &[EventType]) -> HistoryEvent {
        let found = timeout(SOON, async {
            loop {
                let history = self.history().await;
                let found = history
                    .into_iter()
                    .find(|event| types.contains(&event.event_type));
                match found {
                    Some(event) => return event,
                    None => sleep(Duration::from_millis(10)).await,
                }
            }
        });
        match found.await {
            Ok(event) => event,
            Err(_) => panic!("there was no event {types:?}: {:?}", self.types().await),
        }
    }

    async fn types(&self) -> Vec<EventType> {
        let history = self.history().await;
        history.into_iter().map(|event| event.event_type).collect()
    }

    /// Waits until a worker has taken the activity.
    pub async fn started(&self) {
        self.event(&[EventType::ActivityTaskStarted]).await;
    }

    /// Waits until the activity is closed, and gives the event that says how.
    pub async fn closed(&self) -> HistoryEvent {
        self.event(&[
            EventType::ActivityTaskCompleted,
            EventType::ActivityTaskFailed,
            EventType::ActivityTaskTimedOut,
            EventType::ActivityTaskCanceled,
        ])
        .await
    }
}

/// What an event that closes an activity says, in short.
#[must_use]
pub fn said(event: &HistoryEvent) -> String {
    let text = |text: Option<&str>| text.unwrap_or("nothing").to_owned();
    if let Some(event) = &event.activity_task_completed_event_attributes {
        return format!("completed: {}", text(event.result()));
    }
    if let Some(event) = &event.activity_task_failed_event_attributes {
        return format!(
            "failed: {}: {}",
            text(event.reason()),
            text(event.details())
        );
    }
    if let Some(event) = &event.activity_task_timed_out_event_attributes {
        return format!("{}: {}", event.timeout_type, text(event.details()));
    }
    if let Some(event) = &event.activity_task_canceled_event_attributes {
        return format!("canceled: {}", text(event.details()));
    }
    event.event_type.to_string()
}

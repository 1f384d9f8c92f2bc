//! The smallest decider there is, through the SDK: it schedules one activity.

use std::error::Error;

use aws_sdk_swf::Client;
use aws_sdk_swf::types::{
    ActivityType, ChildPolicy, CompleteWorkflowExecutionDecisionAttributes, Decision, DecisionType,
    EventType, HistoryEvent, ScheduleActivityTaskDecisionAttributes, TaskList, WorkflowType,
};

/// The workflow type of what the examples start.
const WORKFLOW: &str = "one-activity";

/// Starts a workflow of one activity, version `1.0`, decides for it until the activity is closed,
/// completes the workflow, and gives the event that closed the activity.
///
/// The activity type must be registered: its worker does that before it is ready.
///
/// # Errors
///
/// What the service answers, and a text if it does not schedule the activity.
pub async fn carry_out(
    client: &Client,
    domain: &str,
    task_list: &str,
    activity: &str,
    input: &str,
) -> Result<HistoryEvent, Box<dyn Error + Send + Sync>> {
    carry_out_in(1, client, domain, task_list, activity, input).await
}

/// The same, in up to so many attempts: one that failed or timed out is followed by another, in the
/// same workflow and with the same activity id.
///
/// # Errors
///
/// As for [`carry_out`].
pub async fn carry_out_in(
    attempts: usize,
    client: &Client,
    domain: &str,
    task_list: &str,
    activity: &str,
    input: &str,
) -> Result<HistoryEvent, Box<dyn Error + Send + Sync>> {
    // Its own, so that nobody else decides for this workflow.
    let workflow_id = format!("{activity}-{}", std::process::id());
    let decisions = named(&workflow_id)?;
    register(client, domain).await?;
    client
        .start_workflow_execution()
        .domain(domain)
        .workflow_id(&workflow_id)
        .workflow_type(
            WorkflowType::builder()
                .name(WORKFLOW)
                .version("1.0")
                .build()?,
        )
        .task_list(decisions.clone())
        .execution_start_to_close_timeout("3600")
        .task_start_to_close_timeout("60")
        .child_policy(ChildPolicy::Terminate)
        .send()
        .await?;
    let mut scheduled = 0;
    loop {
        let poll = client.poll_for_decision_task().domain(domain);
        let task = poll.task_list(decisions.clone()).send().await?;
        if task.task_token.is_empty() {
            continue; // the poll was held for its time, and nothing came
        }
        let closed = task.events.iter().filter(|event| closes(event));
        let closed: Vec<_> = closed.collect();
        let last = closed.last().filter(|_| closed.len() == scheduled);
        let ended = last.filter(|last| scheduled == attempts || !may_be_tried_again(last));
        let decision = match (last, ended) {
            (_, Some(_)) => Some(complete()?),
            (None, _) if scheduled > 0 => None, // it runs
            _ => {
                scheduled += 1;
                Some(schedule(activity, task_list, input)?)
            }
        };
        let respond = client.respond_decision_task_completed();
        let respond = respond.task_token(&task.task_token);
        respond
            .set_decisions(decision.map(|one| vec![one]))
            .send()
            .await?;
        match ended {
            Some(event) if event.event_type == EventType::ScheduleActivityTaskFailed => {
                return Err(format!("not scheduled: {event:?}").into());
            }
            Some(event) => return Ok((*event).clone()),
            None => {}
        }
    }
}

fn named(task_list: &str) -> Result<TaskList, Box<dyn Error + Send + Sync>> {
    Ok(TaskList::builder().name(task_list).build()?)
}

async fn register(client: &Client, domain: &str) -> Result<(), Box<dyn Error + Send + Sync>> {
    let register = client.register_workflow_type().domain(domain);
    let registered = register.name(WORKFLOW).version("1.0").send().await;
    match registered.map_err(aws_sdk_swf::error::SdkError::into_service_error) {
        Err(error) if !error.is_type_already_exists_fault() => Err(error.into()),
        _ => Ok(()),
    }
}

fn closes(event: &HistoryEvent) -> bool {
    matches!(
        event.event_type,
        EventType::ActivityTaskCompleted
            | EventType::ActivityTaskFailed
            | EventType::ActivityTaskTimedOut
            | EventType::ActivityTaskCanceled
            | EventType::ScheduleActivityTaskFailed
    )
}

fn may_be_tried_again(closed: &HistoryEvent) -> bool {
    matches!(
        closed.event_type,
        EventType::ActivityTaskFailed | EventType::ActivityTaskTimedOut
    )
}

fn schedule(
    activity: &str,
    task_list: &str,
    input: &str,
) -> Result<Decision, Box<dyn Error + Send + Sync>> {
    // The other two timeouts are as the worker registered them.
    let attributes = ScheduleActivityTaskDecisionAttributes::builder()
        .activity_type(
            ActivityType::builder()
                .name(activity)
                .version("1.0")
                .build()?,
        )
        .activity_id(activity)
        .task_list(named(task_list)?)
        .schedule_to_start_timeout("3600")
        .schedule_to_close_timeout("NONE")
        .input(input)
        .build()?;
    let decision = Decision::builder()
        .decision_type(DecisionType::ScheduleActivityTask)
        .schedule_activity_task_decision_attributes(attributes);
    Ok(decision.build()?)
}

fn complete() -> Result<Decision, Box<dyn Error + Send + Sync>> {
    let attributes = CompleteWorkflowExecutionDecisionAttributes::builder().build();
    let decision = Decision::builder()
        .decision_type(DecisionType::CompleteWorkflowExecution)
        .complete_workflow_execution_decision_attributes(attributes);
    Ok(decision.build()?)
}

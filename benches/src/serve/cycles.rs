//! Cycles of poll, heartbeat, complete, and what they cost a server.

use aws_sdk_swf::Client;
use aws_sdk_swf::types::{
    ActivityType, ChildPolicy, Decision, DecisionType, ScheduleActivityTaskDecisionAttributes,
    TaskList, WorkflowType,
};
use tokio::time::Instant;

use crate::figures::Figures;
use crate::sdk::{Server, client};
use crate::sides::{count, runtime};

/// The domain of all of this.
pub(super) const DOMAIN: &str = "bench";

/// The workflow type and the activity type, and their task lists.
const NAME: &str = "serve";

/// How many cycles, and how their activities are scheduled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cycles {
    pub(super) cycles: u64,
    pub(super) an_execution: u64,
}

impl Cycles {
    /// Schedules the activities on a fresh server, and measures the cycles.
    pub(super) fn run(&self, server: &Server) -> crate::Result<Figures> {
        runtime(1)?.block_on(async {
            let client = client(server.url());
            register(&client).await?;
            let mut scheduled = 0;
            while scheduled < self.cycles {
                let activities = self.an_execution.min(self.cycles - scheduled);
                start_execution(&client, &format!("order-{scheduled}")).await?;
                schedule(&client, activities).await?;
                scheduled += activities;
            }
            let (began, cpu_before) = (Instant::now(), server.cpu()?);
            for _ in 0..self.cycles {
                cycle(&client).await?;
            }
            let cycles = count(self.cycles);
            let used = (server.cpu()? - cpu_before).as_secs_f64();
            Ok(Figures::default()
                .with("cycle_us", used * 1e6 / cycles)
                .with("cycles_per_s", cycles / began.elapsed().as_secs_f64()))
        })
    }
}

/// Makes the domain and the types.
pub(super) async fn register(client: &Client) -> crate::Result<()> {
    let domain = client.register_domain().name(DOMAIN);
    let domain = domain.workflow_execution_retention_period_in_days("1");
    domain.send().await?;
    let workflow = client.register_workflow_type().domain(DOMAIN);
    let workflow = workflow
        .name(NAME)
        .version("1.0")
        .default_task_list(list("decisions")?);
    let workflow = workflow.default_child_policy(ChildPolicy::Terminate);
    let workflow = workflow.default_task_start_to_close_timeout("300");
    let workflow = workflow.default_execution_start_to_close_timeout("86400");
    workflow.send().await?;
    let activity = client.register_activity_type().domain(DOMAIN);
    activity.name(NAME).version("1.0").send().await?;
    Ok(())
}

/// Starts an execution of this id, and gives its run.
pub(super) async fn start_execution(client: &Client, id: &str) -> crate::Result<String> {
    let workflow_type = WorkflowType::builder().name(NAME).version("1.0").build()?;
    let start = client.start_workflow_execution().domain(DOMAIN);
    let start = start.workflow_id(id).workflow_type(workflow_type);
    let started = start.task_list(list("decisions")?).send().await?;
    let run_id = started.run_id().ok_or("the execution has no run id")?;
    Ok(run_id.to_owned())
}

/// Decides for the execution that waits: so many activities.
async fn schedule(client: &Client, activities: u64) -> crate::Result<()> {
    let poll = client.poll_for_decision_task().domain(DOMAIN);
    let task = poll.task_list(list("decisions")?).send().await?;
    let decisions = (0..activities)
        .map(decision)
        .collect::<crate::Result<_>>()?;
    let respond = client.respond_decision_task_completed();
    let respond = respond
        .task_token(task.task_token())
        .set_decisions(Some(decisions));
    respond.send().await?;
    Ok(())
}

fn decision(number: u64) -> crate::Result<Decision> {
    let activity_type = ActivityType::builder().name(NAME).version("1.0").build()?;
    let attributes = ScheduleActivityTaskDecisionAttributes::builder()
        .activity_type(activity_type)
        .activity_id(number.to_string())
        .task_list(list("activities")?)
        .input("\"hello world\"")
        .heartbeat_timeout("3600")
        .schedule_to_start_timeout("3600")
        .schedule_to_close_timeout("3600")
        .start_to_close_timeout("3600");
    let decision = Decision::builder()
        .decision_type(DecisionType::ScheduleActivityTask)
        .schedule_activity_task_decision_attributes(attributes.build()?);
    Ok(decision.build()?)
}

async fn cycle(client: &Client) -> crate::Result<()> {
    let poll = client.poll_for_activity_task().domain(DOMAIN);
    let task = poll
        .task_list(list("activities")?)
        .identity("bench")
        .send()
        .await?;
    let token = task.task_token();
    if token.is_empty() {
        return Err("a poll came back empty".into());
    }
    let heartbeat = client.record_activity_task_heartbeat().task_token(token);
    heartbeat.details("half way").send().await?;
    let complete = client.respond_activity_task_completed().task_token(token);
    complete.result("\"hello world\"").send().await?;
    Ok(())
}

fn list(name: &str) -> crate::Result<TaskList> {
    Ok(TaskList::builder().name(name).build()?)
}

//! `workbeat start`.

use serde_json::json;

use super::follow::{Deciding, Follow, Until};
use super::interrupts::Interrupts;
use super::{ending, new_activity, wait};
use crate::args::Start;
use crate::history::{Outcome, TypeName};
use crate::output::{Output, escape};
use crate::problem::{Problem, ProblemKind};
use crate::service::{ExecutionId, NewExecution, Service, connect_to_start};

/// Starts an activity, and follows it unless it is left to itself.
pub(crate) async fn run(start: &Start, output: &mut Output) -> Result<u8, Problem> {
    let input = match &start.input {
        Some(source) => Some(source.read(start.raw_input)?),
        None => None,
    };
    let service = connect_to_start(&start.connection, output).await?;
    let (activity_type, defaults) = new_activity::find_type(&service, &start.activity_type).await?;
    let plan = new_activity::plan(start, activity_type.clone(), &defaults, input.as_deref())?;
    let new = new_activity::execution(start, &plan, &defaults)?;
    let mut interrupts = Interrupts::from_keyboard();
    let run_id = tokio::select! {
        begun = begin(&service, &new) => begun?,
        () = interrupts.next() => return Err(Problem::new(
            ProblemKind::Interrupted,
            "left while the execution was being started",
            format!("it may have begun: `workbeat show {}`", new.workflow_id),
        )),
    };
    let execution = ExecutionId {
        run_id,
        workflow_id: new.workflow_id,
    };
    let id = escape(&execution.workflow_id);
    output.note(&format!("started {activity_type} as workflow {id}"));

    let mut follow = Follow {
        service: &service,
        execution: &execution,
        deciding: Deciding::Always(new.decision_task_list),
        until: Until::Closed,
        cancel_on_interrupt: true,
    };
    if !start.detach {
        let ended = wait::to_its_end(&service, &execution, &follow, &mut interrupts, output);
        return Ok(ended.await?.exit_code());
    }
    follow.until = Until::Scheduled;
    let history = follow.run(&mut interrupts, output).await?;
    if let Some(outcome) = Outcome::of(&history) {
        ending::print(&service, &execution, &history, &outcome, output);
        return Ok(outcome.exit_code());
    }
    detached(&execution, &activity_type, output);
    Ok(0)
}

/// Starts the execution. What it needs is registered when it turns out not to be there.
async fn begin(service: &Service, new: &NewExecution) -> Result<String, Problem> {
    let mut registered = false;
    loop {
        let fault = match service.start_execution(new).await {
            Ok(run_id) => return Ok(run_id),
            Err(fault) => fault,
        };
        match fault.code() {
            "UnknownResourceFault" if !registered && !fault.is_unknown_domain() => {
                service.register_workflow_type().await?;
                registered = true;
            }
            "WorkflowExecutionAlreadyStartedFault" => return started_already(service, new).await,
            "TypeDeprecatedFault" => {
                return Err(Problem::new(
                    ProblemKind::Refused,
                    "the workflow type workbeat.start/1 is deprecated in this domain",
                    "undeprecate it (UndeprecateWorkflowType), or use another --domain",
                ));
            }
            _ => return Err(fault.into()),
        }
    }
}

/// An execution with this workflow id is open. It may be this very one: when the answer gets lost,
/// the request is sent again. The task list of its decision tasks tells, which nobody else has.
async fn started_already(service: &Service, new: &NewExecution) -> Result<String, Problem> {
    let open = service.find(&new.workflow_id, None).await?;
    let task_list = service.decision_task_list(&open.id()).await?;
    if task_list.as_ref() == Some(&new.decision_task_list) {
        return Ok(open.run_id);
    }
    Err(Problem::new(
        ProblemKind::Refused,
        format!("workflow `{}` is open already", new.workflow_id),
        format!(
            "give another --workflow-id, or wait for this one: `workbeat wait {}`",
            new.workflow_id
        ),
    ))
}

fn detached(execution: &ExecutionId, activity_type: &TypeName, output: &mut Output) {
    if output.json() {
        output.document(&json!({
            "workflowId": execution.workflow_id,
            "runId": execution.run_id,
            "activityType": activity_type,
            "status": "open",
        }));
        return;
    }
    output.payload(&execution.workflow_id);
    output.note(&format!(
        "scheduled; it stays open until `workbeat wait {}` has its result",
        escape(&execution.workflow_id)
    ));
}

//! `workbeat cancel`.

use serde_json::json;

use super::follow::{Deciding, Follow, Until};
use super::interrupts::Interrupts;
use super::{finding, wait};
use crate::args::Cancel;
use crate::decider;
use crate::history::{Outcome, status_words};
use crate::output::{Output, escape};
use crate::problem::Problem;
use crate::service::{ExecutionId, ExecutionRecord, connect};

/// Asks for the cancellation of an execution, and sees to it that the activity is asked.
pub(crate) async fn run(cancel: &Cancel, output: &mut Output) -> Result<u8, Problem> {
    let service = connect(&cancel.connection, output).await?;
    let record = finding::find_open(&service, &cancel.execution, "cancel").await?;
    let task_list = finding::decision_task_list(&service, &record).await?;
    let execution = record.id();
    service.request_cancel(&execution).await?;
    let mut interrupts = Interrupts::from_keyboard();

    if cancel.wait {
        // What follows says how the request fares.
        output.note("waiting for the end");
        let follow = Follow {
            service: &service,
            execution: &execution,
            deciding: finding::always(task_list),
            until: Until::Closed,
            cancel_on_interrupt: false,
        };
        let outcome =
            wait::to_its_end(&service, &execution, &follow, &mut interrupts, output).await?;
        // That it is canceled is what was wanted.
        return Ok(match outcome {
            Outcome::Canceled { .. } => 0,
            outcome => outcome.exit_code(),
        });
    }
    let Some(task_list) = task_list else {
        return Ok(requested(&record, output));
    };
    let follow = Follow {
        service: &service,
        execution: &execution,
        deciding: Deciding::IfNobodyElse(task_list),
        until: Until::CancelReached,
        cancel_on_interrupt: false,
    };
    let history = follow.run(&mut interrupts, output).await?;
    reached(&execution, Outcome::of(&history).as_ref(), output);
    Ok(0)
}

/// It is for the workflow's decider to react.
fn requested(record: &ExecutionRecord, output: &mut Output) -> u8 {
    debug_assert!(!decider::is_our_type(&record.workflow_type));
    if output.json() {
        output.document(&json!({
            "workflowId": record.workflow_id,
            "runId": record.run_id,
            "status": "open",
            "cancelRequested": true,
            "withActivity": false,
        }));
    } else {
        output.line(&format!(
            "cancellation of {} requested; the decider of {} must react",
            escape(&record.workflow_id),
            escape(&record.workflow_type.to_string()),
        ));
    }
    0
}

/// The request is with the activity, or nothing is left to cancel.
fn reached(execution: &ExecutionId, outcome: Option<&Outcome>, output: &mut Output) {
    if output.json() {
        output.document(&json!({
            "workflowId": execution.workflow_id,
            "runId": execution.run_id,
            "status": outcome.map_or("open", Outcome::status),
            "cancelRequested": true,
            "withActivity": outcome.is_none(),
        }));
        return;
    }
    let id = escape(&execution.workflow_id);
    output.line(&match outcome {
        None => format!(
            "cancellation of {id} requested; the worker learns it with the next heartbeat, and \
             `workbeat wait {id}` what becomes of it"
        ),
        Some(outcome) => format!("{id} is {}", status_words(outcome.status())),
    });
}

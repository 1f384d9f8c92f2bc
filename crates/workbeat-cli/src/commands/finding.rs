//! The execution that a command is about.

use super::follow::Deciding;
use crate::args::Execution;
use crate::decider;
use crate::history::status_words;
use crate::problem::{Problem, ProblemKind};
use crate::service::{ExecutionId, ExecutionRecord, Fault, Service};

/// The execution that is named on the command line.
pub(crate) async fn find(
    service: &Service,
    execution: &Execution,
) -> Result<ExecutionRecord, Problem> {
    service
        .find(&execution.workflow_id, execution.run_id.as_deref())
        .await
}

/// The execution that is named on the command line, which must be open for what is to be done.
pub(crate) async fn find_open(
    service: &Service,
    execution: &Execution,
    what: &str,
) -> Result<ExecutionRecord, Problem> {
    let record = find(service, execution).await?;
    if record.status == "open" {
        return Ok(record);
    }
    Err(Problem::new(
        ProblemKind::NotFound,
        format!(
            "workflow `{}` is not open: it is {}",
            record.workflow_id,
            status_words(record.status)
        ),
        format!("there is nothing to {what}"),
    ))
}

/// An execution that was there is not known any more: it was closed, and its end with it.
pub(crate) async fn gone(service: &Service, execution: &ExecutionId, fault: Fault) -> Problem {
    match service.keeps_histories().await {
        Ok(false) => Problem::new(
            ProblemKind::NotFound,
            format!(
                "workflow `{}` is closed, and how it ended is not known: domain `{}` keeps no \
                 histories (its retention is NONE)",
                execution.workflow_id,
                service.domain()
            ),
            if service.is_local() {
                "use a domain with a retention, in the worker too: `workbeat start --domain` \
                 registers one that is not there, with 30 days"
            } else {
                "use a domain with a retention, in the worker too: --domain and --register-domain \
                 register one with 30 days"
            },
        ),
        _ => fault.into(),
    }
}

/// The task list to decide on, if the execution is of the kind that this program decides for.
pub(crate) async fn decision_task_list(
    service: &Service,
    record: &ExecutionRecord,
) -> Result<Option<String>, Problem> {
    if !decider::is_our_type(&record.workflow_type) || record.status != "open" {
        return Ok(None);
    }
    Ok(service.decision_task_list(&record.id()).await?)
}

/// Deciding always, where this program decides.
pub(crate) fn always(task_list: Option<String>) -> Deciding {
    task_list.map_or(Deciding::Others, Deciding::Always)
}

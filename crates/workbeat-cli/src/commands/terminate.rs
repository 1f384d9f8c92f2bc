//! `workbeat terminate`.

use serde_json::json;

use super::finding;
use crate::args::Terminate;
use crate::output::{Output, escape};
use crate::problem::Problem;
use crate::service::connect;

/// Terminates an execution.
pub(crate) async fn run(terminate: &Terminate, output: &mut Output) -> Result<u8, Problem> {
    let service = connect(&terminate.connection, output).await?;
    let record = finding::find_open(&service, &terminate.execution, "terminate").await?;
    let execution = record.id();
    let reason = terminate.reason.as_deref();
    if let Err(fault) = service.terminate(&execution, reason).await {
        // When the answer gets lost and the request is sent again, there is nothing open.
        let again = service.find(&execution.workflow_id, Some(&execution.run_id));
        if !fault.is_unknown() || again.await?.status != "terminated" {
            return Err(fault.into());
        }
    }
    if output.json() {
        output.document(&json!({
            "workflowId": execution.workflow_id,
            "runId": execution.run_id,
            "status": "terminated",
        }));
    } else {
        output.line(&format!("terminated {}", escape(&execution.workflow_id)));
    }
    Ok(0)
}

//! `POST /_workbeat/cancel`

use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;

use crate::http::{Answer, Refusal, json};
use crate::service::Shared;

/// Which execution is meant.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wanted {
    region: String,
    domain: String,
    workflow_id: String,
    run_id: String,
}

/// Requests the cancellation of an execution, as SWF's `RequestCancelWorkflowExecution` does, for
/// the server's own page: no fault comes here.
pub(crate) async fn cancel(shared: &Arc<Shared>, body: &[u8]) -> Result<Answer, Refusal> {
    let wanted: Wanted = serde_json::from_slice(body).map_err(|_| {
        Refusal::invalid("send {\"region\": .., \"domain\": .., \"workflowId\": .., \"runId\": ..}")
    })?;
    let (_, _, regions) = shared.look(|region, _| region == wanted.region);
    // A call would make it.
    if !regions.contains(&true) {
        return Err(Refusal::invalid("there is nothing in this region"));
    }
    let input = json!({
        "domain": wanted.domain, "workflowId": wanted.workflow_id, "runId": wanted.run_id,
    });
    let (mark, called) = shared.call(&wanted.region, "RequestCancelWorkflowExecution", &input);
    shared.kept(mark).await?;
    // It never waits: the operation is no poll.
    called?;
    Ok(json("{}\n".to_owned()))
}

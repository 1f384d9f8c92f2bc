//! Whatever answers at the adapter's endpoint.

use arbitrary::{Result, Unstructured};
use serde_json::json;

use self::canned::{Canned, PAYLOAD, TOKEN, check};
use crate::odd;

#[path = "../../crates/workbeat-swf/tests/any_answer/canned.rs"]
mod canned;

/// Every call of the adapter meets the same answer, or the same failure: each ends, with an
/// error that is short, of a kind that fits, and shows nothing that was the user's.
pub fn adapter_errors(data: &[u8]) {
    let mut u = Unstructured::new(data);
    let Ok(canned) = canned(&mut u) else { return };
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(check(&canned));
}

fn canned(u: &mut Unstructured<'_>) -> Result<Canned> {
    Ok(match u.int_in_range(0..=31)? {
        0 => Canned::TimedOut,
        1 => Canned::Lost(odd::text(u)?),
        2 => Canned::NotMade(odd::text(u)?),
        _ => {
            let usual = [200, 200, 400, 400, 401, 403, 404, 407, 413, 429, 500, 503];
            let status = if u.ratio(3, 4)? {
                *u.choose(&usual)?
            } else {
                u.int_in_range(0..=999)?
            };
            let names = [
                "x-amzn-errortype",
                "x-amzn-requestid",
                "content-type",
                "retry-after",
            ];
            let mut headers = Vec::new();
            for _ in 0..u.int_in_range(0..=2)? {
                headers.push(((*u.choose(&names)?).to_owned(), code(u)?));
            }
            let body = body(u)?;
            Canned::Answer {
                status,
                headers,
                body,
            }
        }
    })
}

fn body(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    Ok(match u.int_in_range(0..=7)? {
        0 => odd::bytes(u)?,
        1 => odd::json(u, 3)?.to_string().into_bytes(),
        2 => {
            let (text, id) = (message(u)?, u.int_in_range(-2..=6)?);
            let started = json!({"scheduledEventId": u.int_in_range(-2..=6)?});
            let scheduled = json!({
                "activityType": {"name": text, "version": text}, "activityId": text,
                "taskList": {"name": text}, "decisionTaskCompletedEventId": 4,
                "scheduleToCloseTimeout": odd::text(u)?, "heartbeatTimeout": odd::text(u)?,
            });
            let event = json!({
                "eventId": id, "eventTimestamp": u.arbitrary::<f64>()?,
                "eventType": "ActivityTaskStarted",
                "activityTaskStartedEventAttributes": started,
                "activityTaskScheduledEventAttributes": scheduled,
            });
            let answer = json!({
                "taskToken": text, "activityId": text, "startedEventId": id,
                "workflowExecution": {"workflowId": text, "runId": text},
                "activityType": {"name": text, "version": text}, "input": odd::json(u, 1)?,
                "cancelRequested": odd::json(u, 1)?, "nextPageToken": text, "events": [event],
                "configuration": {"defaultTaskHeartbeatTimeout": odd::text(u)?},
            });
            answer.to_string().into_bytes()
        }
        _ => {
            let name = u.choose(&["message", "Message", "__Message"])?;
            let error = json!({"__type": code(u)?, *name: message(u)?});
            error.to_string().into_bytes()
        }
    })
}

/// The name of an error.
fn code(u: &mut Unstructured<'_>) -> Result<String> {
    const CODES: [&str; 14] = [
        "UnknownResourceFault",
        "OperationNotPermittedFault",
        "LimitExceededFault",
        "TypeAlreadyExistsFault",
        "DomainDeprecatedFault",
        "ThrottlingException",
        "AccessDeniedException",
        "ValidationException",
        "ExpiredTokenException",
        "UnrecognizedClientException",
        "InvalidSignatureException",
        "UnknownOperationException",
        "ServiceUnavailable",
        "InternalFailure",
    ];
    if u.ratio(1, 6)? {
        return odd::text(u);
    }
    let code = u.choose(&CODES)?;
    let prefix = u.choose(&["", "com.amazonaws.swf.base.model#", "a#b#"])?;
    Ok(format!("{prefix}{code}"))
}

/// A message that may quote what was sent.
fn message(u: &mut Unstructured<'_>) -> Result<String> {
    const PIECES: [&str; 14] = [
        TOKEN,
        PAYLOAD,
        "Unknown execution: ",
        "Unknown activity",
        "Unknown domain: ",
        "Value '",
        "' at '",
        "taskToken",
        "result",
        "' failed to satisfy constraint: ",
        "Member must have length less than or equal to 1024",
        "Member must ",
        "; ",
        "\n",
    ];
    let mut message = String::new();
    for _ in 0..u.int_in_range(0..=12)? {
        if u.ratio(1, 8)? {
            message.push_str(&odd::text(u)?);
        } else {
            message.push_str(u.choose(&PIECES)?);
        }
    }
    Ok(message)
}

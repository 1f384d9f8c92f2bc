//! How an execution ended, for the person or the program that waited.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::history::{Event, Outcome, TypeName, took};
use crate::output::{Output, duration, escape, rfc3339};
use crate::service::{ExecutionId, Service};

/// The end of an execution as one JSON document.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EndingDocument<'a> {
    domain: &'a str,
    workflow_id: &'a str,
    run_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    activity_type: Option<TypeName>,
    status: &'a str,
    /// The result, if it is JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Box<RawValue>>,
    /// The result, if it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    result_text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_run_id: Option<&'a str>,
    start_timestamp: Option<String>,
    close_timestamp: Option<String>,
    exit_code: u8,
}

/// Prints how an execution ended.
pub(crate) fn print(
    service: &Service,
    execution: &ExecutionId,
    history: &[Event],
    outcome: &Outcome,
    output: &mut Output,
) {
    if output.json() {
        output.document(&document(service, execution, history, outcome));
    } else {
        say(history, outcome, output);
    }
}

fn document<'a>(
    service: &'a Service,
    execution: &'a ExecutionId,
    history: &'a [Event],
    outcome: &'a Outcome,
) -> EndingDocument<'a> {
    let scheduled = history
        .iter()
        .find(|event| event.kind() == "ActivityTaskScheduled");
    let at = |event: Option<&Event>| event.map(|event| rfc3339(event.timestamp()));
    let mut document = EndingDocument {
        domain: service.domain(),
        workflow_id: &execution.workflow_id,
        run_id: &execution.run_id,
        activity_type: scheduled.and_then(|event| event.type_name("activityType")),
        status: outcome.status(),
        result: None,
        result_text: None,
        reason: None,
        details: None,
        timeout_type: None,
        cause: None,
        new_run_id: None,
        start_timestamp: at(history.first()),
        close_timestamp: at(history.last()),
        exit_code: outcome.exit_code(),
    };
    match outcome {
        Outcome::Completed { result } => {
            document.result = result
                .as_ref()
                .and_then(|text| RawValue::from_string(text.clone()).ok());
            if document.result.is_none() {
                document.result_text = result.as_deref();
            }
        }
        Outcome::Failed { reason, details } | Outcome::Terminated { reason, details } => {
            document.reason = reason.as_deref();
            document.details = details.as_deref();
        }
        Outcome::NotScheduled { cause } => document.cause = Some(cause),
        Outcome::TimedOut { timeout, details } => {
            document.timeout_type = timeout.as_deref();
            document.details = details.as_deref();
        }
        Outcome::Canceled { details } => document.details = details.as_deref(),
        Outcome::ContinuedAsNew { run_id } => document.new_run_id = run_id.as_deref(),
    }
    document
}

fn say(history: &[Event], outcome: &Outcome, output: &mut Output) {
    let took = duration(took(history));
    let line = match outcome {
        Outcome::Completed { .. } => format!("completed in {took}"),
        Outcome::Failed { reason, .. } => match reason {
            Some(reason) => format!("failed: {}", escape(reason)),
            None => "failed, without a reason".to_owned(),
        },
        Outcome::NotScheduled { cause } => not_scheduled(cause),
        Outcome::TimedOut { timeout, .. } => timed_out(timeout.as_deref()),
        Outcome::Canceled { .. } => format!("canceled after {took}"),
        Outcome::Terminated { reason, .. } => match reason {
            Some(reason) => format!("terminated: {}", escape(reason)),
            None => "terminated".to_owned(),
        },
        Outcome::ContinuedAsNew { run_id } => format!(
            "went on as a new execution, run {}",
            escape(run_id.as_deref().unwrap_or("unknown"))
        ),
    };
    output.note(&line);
    match outcome {
        Outcome::Completed {
            result: Some(result),
        } => output.payload(result),
        Outcome::Failed { details, .. } | Outcome::Terminated { details, .. } => {
            note_details("details", details.as_deref(), output);
        }
        Outcome::Canceled { details } => note_details("details", details.as_deref(), output),
        Outcome::TimedOut { details, .. } => {
            note_details("its last heartbeat said", details.as_deref(), output);
        }
        _ => {}
    }
}

fn note_details(what: &str, details: Option<&str>, output: &mut Output) {
    if let Some(details) = details {
        output.note(&format!("  {what}: {}", escape(details)));
    }
}

fn timed_out(timeout: Option<&str>) -> String {
    match timeout {
        Some("HEARTBEAT") => "timed out: no heartbeat came within the heartbeat timeout",
        Some("START_TO_CLOSE") => "timed out: it ran longer than start-to-close allows",
        Some("SCHEDULE_TO_START") => "timed out: no worker took it; does one poll its task list?",
        Some("SCHEDULE_TO_CLOSE") => "timed out: it took longer than schedule-to-close allows",
        Some(_) => "timed out",
        None => "timed out: the workflow was open longer than it may be",
    }
    .to_owned()
}

fn not_scheduled(cause: &str) -> String {
    let why = match cause {
        "ACTIVITY_TYPE_DOES_NOT_EXIST" => "there is no such activity type",
        "ACTIVITY_TYPE_DEPRECATED" => "the activity type is deprecated",
        "DEFAULT_TASK_LIST_UNDEFINED" => "the type has no task list: name one with --task-list",
        "OPERATION_NOT_PERMITTED" => "it is not permitted; the IAM policy decides",
        _ => "",
    };
    if why.is_empty() {
        format!("the activity could not be scheduled: {}", escape(cause))
    } else {
        format!(
            "the activity could not be scheduled: {why} ({})",
            escape(cause)
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::args::Format;
    use crate::history::example::History;
    use crate::output::tests::Paper;

    fn shown(format: Format, history: &History) -> (u8, String, String) {
        let (out, err) = (Paper::default(), Paper::default());
        let mut output = Output::to(format, out.clone(), err.clone());
        let execution = ExecutionId {
            workflow_id: "w".to_owned(),
            run_id: "r".to_owned(),
        };
        let outcome = Outcome::of(history.events()).unwrap();
        let service = crate::service::for_tests();
        print(
            &service,
            &execution,
            history.events(),
            &outcome,
            &mut output,
        );
        (outcome.exit_code(), out.text(), err.text())
    }

    fn completed(result: &str) -> History {
        History::running()
            .activity("Completed", json!({"result": result}))
            .event("WorkflowExecutionCompleted", json!({"result": result}))
    }

    #[test]
    fn a_result_is_all_that_stdout_gets() {
        let result = "{\"width\": 1.50}";
        let (code, out, err) = shown(Format::Text, &completed(result));
        assert_eq!((code, out.as_str()), (0, "{\"width\": 1.50}\n"));
        assert_eq!(err, "completed in 1.0s\n");
    }

    #[test]
    fn a_result_is_json_in_json_if_it_is_some() {
        let (_, out, err) = shown(Format::Json, &completed("{\"width\": 1.50}"));
        assert!(out.contains("\"result\":{\"width\": 1.50}"), "{out}");
        assert_eq!(err, "");
        let document: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(document["status"], "completed");
        assert_eq!(document["activityType"]["name"], "resize");
        assert_eq!(document["workflowId"], "w");
        assert_eq!(document["startTimestamp"], "2023-11-14T22:13:21.500Z");

        let (_, out, _) = shown(Format::Json, &completed("plain words"));
        let document: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(document["resultText"], "plain words");
        assert_eq!(document["result"], Value::Null);
    }

    #[test]
    fn a_failure_says_why_on_stderr() {
        let failed = json!({"reason": "no disk\u{1b}[2J", "details": "sda1"});
        let history = History::running()
            .activity("Failed", failed.clone())
            .event("WorkflowExecutionFailed", failed);
        let (code, out, err) = shown(Format::Text, &history);
        assert_eq!((code, out.as_str()), (1, ""));
        assert_eq!(err, "failed: no disk\\u001b[2J\n  details: sda1\n");
    }

    #[test]
    fn a_timeout_says_which_and_what_the_last_heartbeat_said() {
        let history = History::running()
            .activity(
                "TimedOut",
                json!({"timeoutType": "HEARTBEAT", "details": "[3,8]"}),
            )
            .plain("WorkflowExecutionFailed");
        let (code, _, err) = shown(Format::Text, &history);
        assert_eq!(code, 4);
        assert!(err.contains("no heartbeat came"), "{err}");
        assert!(err.contains("its last heartbeat said: [3,8]"), "{err}");
    }
}

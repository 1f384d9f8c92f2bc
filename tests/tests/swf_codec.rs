//! The payloads of other frameworks over HTTP: the real SDK stands in the place of their deciders,
//! and the worker runs on the adapter.

use std::time::Duration;

use aws_sdk_swf::types::HistoryEvent;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::timeout;
use workbeat::codec::{FlowJava, Simpleflow};
use workbeat::middleware::{ActivityCall, Next};
use workbeat::prelude::*;
use workbeat_tests::{Spawned, SwfStage, run, scheduled};

const SOON: Duration = Duration::from_secs(300);

#[derive(Deserialize)]
struct Measure {
    files: Vec<String>,
    #[serde(default)]
    recursive: bool,
}

#[derive(Serialize)]
struct Sum {
    bytes: u64,
    skipped: Vec<String>,
}

/// Adds up sizes; a file that is not there fails it.
async fn measure(input: Measure) -> Result<Sum, ActivityError> {
    if let Some(missing) = input.files.iter().find(|file| file.contains("missing")) {
        return Err(ActivityError::failed("NO_SUCH_FILE").with_details(missing));
    }
    let bytes = if input.recursive { 17 } else { 5 };
    let skipped = input.files;
    Ok(Sum { bytes, skipped })
}

/// Who asks, from the id of the workflow.
async fn caller(call: ActivityCall, next: Next) -> Result<Option<String>, ActivityError> {
    if call.ctx.workflow().workflow_id.is_empty() {
        return Err(ActivityError::failed("NOBODY"));
    }
    next.run(call).await
}

async fn start(stage: &SwfStage) -> Spawned {
    let parameters = ["files", "recursive"];
    let java = FlowJava::new().parameters(parameters);
    let worker = run(stage
        .worker()
        .middleware_fn(caller)
        .activity_fn("Archive.measure", "1.0", measure)
        .activity_codec(
            "Archive.measure",
            "1.0",
            java.result_class("com.example.Sum"),
        )
        .activity_fn("archive.measure", "1.0", measure)
        .activity_codec(
            "archive.measure",
            "1.0",
            Simpleflow::new().parameters(parameters),
        ));
    assert!(timeout(SOON, worker.handle.ready()).await.expect("in time"));
    worker
}

/// Result, or reason and details.
fn payloads(event: &HistoryEvent) -> (Option<&str>, Option<(&str, Value)>) {
    let completed = event.activity_task_completed_event_attributes();
    let failed = event.activity_task_failed_event_attributes();
    let failed = failed.and_then(|failed| {
        let details = serde_json::from_str(failed.details()?).ok()?;
        Some((failed.reason()?, details))
    });
    (completed.and_then(|completed| completed.result()), failed)
}

#[tokio::test]
async fn deciders_of_flow_for_java_and_of_simpleflow_are_understood_and_understand() {
    let stage = SwfStage::new().await;
    let worker = start(&stage).await;
    let ended = async |name: &str, input: &str| {
        let flow = stage.schedule(scheduled(name).input(input)).await;
        timeout(SOON, flow.closed()).await.expect("in time")
    };

    let call = r#"["[Ljava.lang.Object;",[["java.util.ArrayList",["a.txt"]],true]]"#;
    let event = ended("Archive.measure", call).await;
    let result = r#"["com.example.Sum",{"bytes":17,"skipped":["java.util.ArrayList",["a.txt"]]}]"#;
    assert_eq!(payloads(&event), (Some(result), None));
    let call = r#"["[Ljava.lang.Object;",[["java.util.ArrayList",["missing"]]]]"#;
    let event = ended("Archive.measure", call).await;
    let throwable = json!({ "message": "missing", "stackTrace": [] });
    let details = json!(["java.lang.RuntimeException", throwable]);
    assert_eq!(payloads(&event), (None, Some(("NO_SUCH_FILE", details))));

    let call = r#"{"args":[["a.txt"]],"kwargs":{"recursive":true}}"#;
    let event = ended("archive.measure", call).await;
    let result = r#"{"bytes":17,"skipped":["a.txt"]}"#;
    assert_eq!(payloads(&event), (Some(result), None));
    let call = r#"{"args":[["missing"]],"kwargs":{}}"#;
    let event = ended("archive.measure", call).await;
    let details = json!({ "error": "NO_SUCH_FILE", "message": "missing", "traceback": [] });
    assert_eq!(payloads(&event), (None, Some(("NO_SUCH_FILE", details))));

    // The framework's own failures too.
    let event = ended("Archive.measure", "no call").await;
    let (_, failed) = payloads(&event);
    let (reason, details) = failed.expect("it failed");
    assert!(reason.starts_with("WORKBEAT_INPUT_INVALID: "), "{reason}");
    assert!(
        details[1]["message"]
            .as_str()
            .is_some_and(|message| message.contains("no array"))
    );

    worker.handle.drain();
    let report = timeout(SOON, worker.end()).await.expect("no hang");
    assert!(report.is_clean());
}

//! The page, and what it asks for.

use serde_json::json;
use workbeat_server::LocalServer;

use crate::client::{header, once, post, register, swf};

async fn stage() -> (LocalServer, String) {
    let server = LocalServer::builder().start().await.unwrap();
    register(&server).await;
    let named = r#""domain": "tests", "name": "order", "version": "1""#;
    let kept = format!("{{{named}, \"defaultChildPolicy\": \"TERMINATE\"}}");
    let registered = once(&server, swf("RegisterWorkflowType", &kept)).await;
    assert_eq!(registered.status, 200, "{registered:?}");
    let start = json!({
        "domain": "tests", "workflowId": "order-1",
        "workflowType": {"name": "order", "version": "1"}, "taskList": {"name": "list"},
        "executionStartToCloseTimeout": "60", "taskStartToCloseTimeout": "60",
        "input": "a".repeat(1_000),
    });
    let started = once(&server, swf("StartWorkflowExecution", &start.to_string())).await;
    let run_id = started.json()["runId"].as_str().unwrap().to_owned();
    (server, run_id)
}

fn get(path: &str, headers: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n")
}

#[tokio::test]
async fn a_browser_gets_a_page_that_nobody_can_frame_and_that_runs_its_own_scripts_alone() {
    let server = LocalServer::builder().start().await.unwrap();
    let page = once(&server, get("/", "Accept: text/html,*/*\r\n")).await;
    assert!(page.body.starts_with("<!DOCTYPE html>"), "{page:?}");
    let mut answers = vec![page];
    for file in ["page.css", "parts.js", "page.js", "icon.svg"] {
        let path = format!("/_workbeat/{file}");
        assert!(answers[0].body.contains(&format!("\".{path}\"")), "{file}");
        answers.push(once(&server, get(&path, "")).await);
    }
    for answer in &answers {
        assert_eq!(answer.status, 200);
        let policy = header(&answer.head, "content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"));
        assert!(policy.ends_with("frame-ancestors 'none'"));
        assert_eq!(
            header(&answer.head, "x-content-type-options"),
            Some("nosniff")
        );
        assert_eq!(header(&answer.head, "x-frame-options"), Some("DENY"));
    }
}

#[tokio::test]
async fn executions_and_the_end_of_a_history_are_told() {
    let (server, run_id) = stage().await;
    let told = once(&server, get("/_workbeat/executions", "")).await.json();
    assert_eq!(told["count"], 1);
    let execution = &told["executions"][0];
    assert_eq!(execution["region"], "us-east-1");
    assert_eq!(execution["domain"], "tests");
    assert_eq!(execution["execution"]["runId"], *run_id);
    assert_eq!(execution["executionStatus"], "OPEN");
    let path = format!("/_workbeat/history/us-east-1/{run_id}");
    let told = once(&server, get(&path, "")).await.json();
    assert_eq!(told["workflowId"], "order-1");
    assert_eq!(told["count"], 2);
    let event = &told["events"][0];
    assert_eq!(event["eventType"], "WorkflowExecutionStarted");
    let input = &event["workflowExecutionStartedEventAttributes"]["input"];
    assert_eq!(*input, format!("{}…", "a".repeat(300)));
    for unknown in ["us-east-1/nothing", "eu-west-1/", ""] {
        let path = format!("/_workbeat/history/{unknown}");
        assert_eq!(
            once(&server, get(&path, "")).await.json(),
            json!({"events": null})
        );
    }
}

#[tokio::test]
async fn cancellation_is_requested_by_the_page_and_by_no_other() {
    let (server, run_id) = stage().await;
    let mut wanted = json!({
        "region": "us-east-1", "domain": "tests", "workflowId": "order-1", "runId": run_id,
    });
    let cancel = "/_workbeat/cancel";
    let foreign = "Origin: http://evil.example\r\n";
    let refused = once(&server, post(cancel, foreign, &wanted.to_string())).await;
    assert_eq!(refused.status, 403);
    let read = once(&server, get(cancel, "")).await;
    assert_eq!(read.status, 405);
    let requested = || async {
        let told = once(&server, get("/_workbeat/executions", "")).await.json();
        told["executions"][0]["cancelRequested"].clone()
    };
    assert_eq!(requested().await, false);
    let done = once(&server, post(cancel, "", &wanted.to_string())).await;
    assert_eq!(done.status, 200, "{done:?}");
    assert_eq!(requested().await, true);

    assert_eq!(
        once(&server, post(cancel, "", "{}")).await.fault(),
        "ValidationException"
    );
    wanted["runId"] = "nothing".into();
    let unknown = once(&server, post(cancel, "", &wanted.to_string())).await;
    assert_eq!(unknown.fault(), "UnknownResourceFault");
    // No region comes of it.
    wanted["region"] = "eu-west-1".into();
    let nowhere = once(&server, post(cancel, "", &wanted.to_string())).await;
    assert_eq!(nowhere.fault(), "ValidationException");
}

//! `workbeat list` and `workbeat show`.

use serde_json::Value;

use crate::kit::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn executions_are_listed_by_what_one_asks_for() {
    let stage = Stage::with_worker().await;
    let start = [
        "start",
        "resize",
        "--input",
        "{}",
        "--workflow-id",
        "small",
        "--tag",
        "blue",
    ];
    stage.done(&start).await;
    stage
        .done(&["start", "patient", "--detach", "--workflow-id", "long"])
        .await;
    stage
        .run(&["start", "break", "--workflow-id", "broken"])
        .await;

    let ids = async |arguments: &[&str]| -> Vec<String> {
        let listed = stage.json(&[&["list"], arguments].concat()).await;
        let executions = listed["executions"].as_array().unwrap();
        let ids = executions
            .iter()
            .map(|execution| execution["workflowId"].as_str().unwrap());
        ids.map(str::to_owned).collect()
    };
    assert_eq!(ids(&[]).await, ["broken", "long", "small"]);
    assert_eq!(ids(&["--open"]).await, ["long"]);
    assert_eq!(ids(&["--closed"]).await, ["broken", "small"]);
    assert_eq!(ids(&["--type", "resize"]).await, ["small"]);
    assert_eq!(ids(&["--type", "resize/2.0"]).await, [""; 0]);
    assert_eq!(ids(&["--type", "workbeat.start"]).await.len(), 3);
    assert_eq!(ids(&["--tag", "blue"]).await, ["small"]);
    assert_eq!(ids(&["--limit", "1"]).await, ["broken"]);

    let text = stage.done(&["list"]).await;
    let lines: Vec<_> = text.lines().collect();
    assert!(
        lines[0].starts_with("WORKFLOW ID  TYPE         STATUS"),
        "{text}"
    );
    assert!(lines[1].contains("break/1.0    failed"), "{text}");
    assert!(lines[2].contains("patient/1.0  open"), "{text}");
    assert!(lines[3].contains("resize/1.0   completed"), "{text}");
    assert!(lines[3].ends_with("blue"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_activity_that_timed_out_did_so_everywhere() {
    let stage = Stage::with_worker().await;
    let start = [
        "start",
        "stubborn",
        "--start-to-close",
        "1s",
        "--workflow-id",
        "late",
    ];
    assert_eq!(stage.run(&start).await.code, Some(4));
    stage
        .run(&["start", "break", "--workflow-id", "broken"])
        .await;

    let listed = stage.json(&["list"]).await;
    assert_eq!(listed["executions"][0]["status"], "failed");
    assert_eq!(listed["executions"][1]["status"], "timedOut");
    let text = stage.done(&["list"]).await;
    assert!(text.contains("stubborn/1.0  timed out"), "{text}");
    let text = stage.done(&["show", "late"]).await;
    assert!(text.contains("status    timed out\n"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_list_says_so_aside() {
    let stage = Stage::with_worker().await;
    let ran = stage.run(&["list"]).await;
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), ""));
    assert!(
        ran.err.contains("nothing in domain `workbeat`"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("in the last 24h\n"), "{}", ran.err);
    let listed = stage.json(&["list"]).await;
    assert_eq!(listed["executions"], Value::Array(Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_is_shown_in_words_and_in_swfs_own_shape() {
    let stage = Stage::with_worker().await;
    let start = [
        "start",
        "resize",
        "--input",
        "{\"steps\":1}",
        "--workflow-id",
        "job-7",
    ];
    stage.done(&start).await;

    let text = stage.done(&["show", "job-7"]).await;
    assert!(text.contains("type      resize/1.0\n"), "{text}");
    assert!(text.contains("status    completed\n"), "{text}");
    assert!(text.contains("Activity task scheduled"), "{text}");
    assert!(
        text.contains("result {\"steps\":1,\"width\":640}"),
        "{text}"
    );

    let history = stage.json(&["show", "job-7"]).await;
    let events = history["events"].as_array().unwrap();
    assert_eq!(events[0]["eventId"], 1);
    assert_eq!(events[0]["eventType"], "WorkflowExecutionStarted");
    assert!(events[0]["eventTimestamp"].is_f64(), "{}", events[0]);
    let attributes = &events[0]["workflowExecutionStartedEventAttributes"];
    assert_eq!(attributes["workflowType"]["name"], "workbeat.start");
    let last = events.last().unwrap();
    assert_eq!(last["eventType"], "WorkflowExecutionCompleted");

    let missing = stage.run(&["show", "job-8"]).await;
    assert_eq!(missing.code, Some(3), "{missing:?}");
}

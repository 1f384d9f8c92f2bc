//! A service, or something in its place, that answers what no service would: the worker goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use workbeat::Backoff;
use workbeat::prelude::*;
use workbeat_swf::SwfService;
use workbeat_tests::{DOMAIN, Reply, Wire, eventually, millis, run, sdk_client};

async fn work(input: Option<String>) -> Result<String, ActivityError> {
    Ok(input.unwrap_or_default())
}

fn task(change: impl FnOnce(&mut serde_json::Value)) -> String {
    let mut task = serde_json::json!({
        "taskToken": "token",
        "activityId": "activity",
        "startedEventId": 1,
        "workflowExecution": {"workflowId": "flow", "runId": "run"},
        "activityType": {"name": "work", "version": "1.0"},
        "input": "\"hello\"",
    });
    change(&mut task);
    task.to_string()
}

/// Each as the answer of a poll, with status 200.
fn answers() -> Vec<String> {
    let deep = "[".repeat(100_000);
    vec![
        "no json".to_owned(),
        "<html><body>Please sign in to this network</body></html>".to_owned(),
        String::new(),
        "null".to_owned(),
        "[]".to_owned(),
        "\u{0}\u{0}\u{0}".to_owned(),
        task(|_| ())[..40].to_owned(),
        format!("{{\"taskToken\": {deep}"),
        task(|task| task["taskToken"] = 7.into()),
        task(|task| task["taskToken"] = "".into()),
        task(|task| task["startedEventId"] = "first".into()),
        task(|task| task["startedEventId"] = (-1).into()),
        task(|task| drop(task["activityType"].take())),
        task(|task| task["activityType"] = serde_json::json!({})),
        task(|task| task["activityType"]["name"] = "\u{1b}[2J".repeat(1_000).into()),
        task(|task| drop(task["workflowExecution"].take())),
        task(|task| task["input"] = "{".repeat(100_000).into()),
        task(|task| task["input"] = "a".repeat(20_000_000).into()),
        task(|task| task["more"] = "a".repeat(20_000_000).into()),
    ]
}

#[tokio::test]
async fn a_worker_goes_on_after_answers_that_no_service_would_give() {
    let answers = answers();
    let count = answers.len();
    let polls = Arc::new(AtomicUsize::new(0));
    let polled = polls.clone();
    let wire = Wire::start(move |request| match request.operation.as_str() {
        "PollForActivityTask" => {
            let at = polled.fetch_add(1, Ordering::Relaxed);
            match answers.get(at) {
                Some(answer) => Reply::ok(answer),
                None if at == count => Reply::ok(&task(|task| task["input"] = "\"last\"".into())),
                None => Reply::Hang,
            }
        }
        _ => Reply::ok("{}"),
    })
    .await;
    let service = SwfService::builder(sdk_client(wire.url()), DOMAIN).build();
    let worker = Worker::builder(service)
        .task_list("list")
        .max_concurrent_polls(1)
        .poll_backoff(Backoff::new(millis(1), millis(2)))
        .drain_deadline(millis(500))
        .activity_fn("work", "1.0", work);
    let worker = run(worker);
    eventually("the last task is done", || {
        let done = wire.requests("RespondActivityTaskCompleted");
        done.iter()
            .any(|request| request.body["result"] == "\"last\"")
    })
    .await;
    eventually("it polls again", || {
        polls.load(Ordering::Relaxed) > count + 1
    })
    .await;
    worker.holds(0).await;
    let report = worker.drain().await;
    assert_eq!(report.unanswered.len(), 0, "{report}");
    // Whoever reads the report on a terminal is not played a trick on.
    assert!(!format!("{report} {report:?}").contains('\u{1b}'));
}

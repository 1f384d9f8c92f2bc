//! What an attempt finds of the one before it, through the adapter for Amazon SWF: on a server of
//! this machine, and on one that answers as it is told.

use aws_sdk_swf::types::EventType;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use workbeat::ActivityService;
use workbeat::prelude::*;
use workbeat::service::{
    ActivityTask, ActivityType, PreviousAttempt, ServiceErrorKind, TaskToken, WorkflowExecution,
};
use workbeat_swf::SwfService;
use workbeat_tests::{
    DOMAIN, Reply, Request, SwfStage, Wire, hears, millis, run, scheduled, sdk_config,
};

const HISTORY: &str = "GetWorkflowExecutionHistory";

#[tokio::test]
async fn over_http_a_killed_and_a_failed_attempt_leave_their_progress() {
    let stage = SwfStage::new().await;
    let (say, mut said) = mpsc::unbounded_channel();
    let copy = move |ctx: ActivityContext| {
        let say = say.clone();
        async move {
            let previous = ctx.previous_progress::<u32>().await?;
            ctx.report(previous.unwrap_or(0) + 7);
            let _ = say.send(previous);
            match previous {
                None => ctx.until_stopped(std::future::pending()).await?,
                Some(_) => Err::<(), _>(ActivityError::failed("AGAIN")),
            }
        }
    };
    let copy = workbeat::activity_fn("copy", "1.0", copy)
        .with_options(ActivityOptions::new().heartbeat_interval(millis(50)));
    let worker = stage.worker().previous_progress(true);
    let worker = run(worker.progress_in_failures(true).activity(copy));
    let attempt = || scheduled("copy").heartbeat_timeout("NONE");

    // Its worker beats; that it is lost to another timeout comes to the same.
    let flow = stage.schedule(attempt().start_to_close_timeout("2")).await;
    assert_eq!(hears(&mut said).await, None);
    flow.event(&[EventType::ActivityTaskTimedOut]).await;
    flow.schedule(attempt()).await;
    assert_eq!(hears(&mut said).await, Some(7), "by the last heartbeat");
    flow.event(&[EventType::ActivityTaskFailed]).await;
    flow.schedule(attempt()).await;
    assert_eq!(hears(&mut said).await, Some(14), "by the failure");
    assert!(worker.drain().await.is_clean());
}

fn service(wire: &Wire) -> SwfService {
    let client = aws_sdk_swf::Client::from_conf(sdk_config(wire.url(), "us-east-1").build());
    SwfService::new(client, DOMAIN)
}

fn task() -> ActivityTask {
    let workflow = WorkflowExecution::new("flow", "run");
    let activity_type = ActivityType::new("copy", "1.0");
    ActivityTask::new(
        TaskToken::new("t"),
        "copy-1",
        activity_type,
        workflow,
        2_500,
    )
}

fn event(id: i64, name: &str, attributes: &Value) -> Value {
    let member = format!("a{}EventAttributes", &name[1..]);
    let mut event = json!({ "eventId": id, "eventTimestamp": 1.0, "eventType": name });
    event[member] = attributes.clone();
    event
}

fn schedule(id: i64) -> Value {
    let attributes = json!({
        "activityId": "copy-1",
        "activityType": { "name": "copy", "version": "1.0" },
        "decisionTaskCompletedEventId": 4,
        "taskList": { "name": "list" },
    });
    event(id, "ActivityTaskScheduled", &attributes)
}

fn start(id: i64, of: i64) -> Value {
    event(
        id,
        "ActivityTaskStarted",
        &json!({ "scheduledEventId": of }),
    )
}

fn time_out(id: i64, of: i64, details: &str) -> Value {
    let attributes = json!({
        "timeoutType": "HEARTBEAT",
        "scheduledEventId": of,
        "startedEventId": of + 1,
        "details": details,
    });
    event(id, "ActivityTaskTimedOut", &attributes)
}

fn page(events: &[Value], next: Option<&str>) -> Reply {
    let mut page = json!({ "events": events });
    if let Some(next) = next {
        page["nextPageToken"] = next.into();
    }
    Reply::Answer(200, page.to_string())
}

#[tokio::test]
async fn the_history_is_read_from_its_end_in_the_largest_pages_until_the_attempt_is_found() {
    let wire = Wire::start(
        |request: &Request| match request.body["nextPageToken"].as_str() {
            None => page(&[start(2_500, 2_499), schedule(2_499)], Some("2")),
            Some("2") => page(&[time_out(1_200, 1_000, "half")], Some("3")),
            Some("3") => page(&[schedule(1_000)], Some("4")),
            Some(other) => panic!("nobody needs the page {other}"),
        },
    )
    .await;
    let found = service(&wire).previous_attempt(&task()).await.unwrap();
    let expected = PreviousAttempt::TimedOut(Some("half".to_owned()));
    assert_eq!(found, Some(expected));
    let requests = wire.requests(HISTORY);
    assert_eq!(requests.len(), 3);
    for request in requests {
        assert_eq!(request.body["maximumPageSize"], 1_000);
        assert_eq!(request.body["reverseOrder"], true);
        assert_eq!(request.body["execution"]["runId"], "run");
    }
}

/// The service's third page is throttled for a while, longer than the SDK tries.
#[tokio::test]
async fn under_a_throttle_only_the_page_that_failed_is_asked_for_again() {
    let throttled = Reply::fault(400, "ThrottlingException", "Rate exceeded");
    let mut refusals = 4;
    let wire = Wire::start(
        move |request: &Request| match request.body["nextPageToken"].as_str() {
            None => page(&[start(2_500, 2_499), schedule(2_499)], Some("2")),
            Some("2") => page(&[time_out(1_200, 1_000, "half")], Some("3")),
            Some(_) if refusals > 0 => {
                refusals -= 1;
                throttled.clone()
            }
            Some(_) => page(&[schedule(1_000)], None),
        },
    )
    .await;
    let found = service(&wire).previous_attempt(&task()).await.unwrap();
    assert_eq!(found.unwrap().details(), Some("half"));
    let tokens = wire.requests(HISTORY);
    let tokens = tokens.iter().map(|request| &request.body["nextPageToken"]);
    let first = tokens.filter(|token| token.is_null()).count();
    assert_eq!((first, wire.count(HISTORY)), (1, 7));
}

#[tokio::test]
async fn a_history_that_does_not_show_the_own_start_yet_is_no_answer() {
    let wire =
        Wire::start(|_| page(&[time_out(1_200, 1_000, "half"), schedule(1_000)], None)).await;
    let error = service(&wire).previous_attempt(&task()).await.unwrap_err();
    assert_eq!(error.kind(), ServiceErrorKind::Unavailable, "asked again");
}

#[tokio::test]
async fn a_history_that_never_ends_is_given_up() {
    let mut pages = 0;
    let wire = Wire::start(move |_| {
        pages += 1;
        // Each is earlier than the last, and there is always one more.
        let first = 1_000_000 - pages;
        if pages == 1 {
            return page(&[start(2_500, 2_499)], Some("more"));
        }
        page(&[time_out(first, first - 1, "another")], Some("more"))
    })
    .await;
    let error = service(&wire).previous_attempt(&task()).await.unwrap_err();
    assert_eq!(error.kind(), ServiceErrorKind::Invalid, "not asked again");
    assert!(wire.count(HISTORY) <= 100, "{}", wire.count(HISTORY));
}

#[tokio::test]
async fn a_refusal_names_the_permission_and_says_what_else_can_be_done() {
    let denied = Reply::fault(400, "OperationNotPermittedFault", "no");
    let wire = Wire::start(move |_| denied.clone()).await;
    let error = service(&wire).previous_attempt(&task()).await.unwrap_err();
    assert_eq!(error.kind(), ServiceErrorKind::NotPermitted);
    let says = error.message();
    assert!(says.contains("`swf:GetWorkflowExecutionHistory`"), "{says}");
    assert!(says.contains("previous progress"), "{says}");
}

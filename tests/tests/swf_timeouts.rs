//! Where the adapter finds a task's timeouts, and what that costs in calls.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use workbeat::ActivityService;
use workbeat::service::{
    ActivityTask, ActivityType, ServiceErrorKind, TaskTimeouts, TaskToken, Timeout,
    WorkflowExecution,
};
use workbeat_swf::{SwfService, Timeouts};
use workbeat_tests::{DOMAIN, Reply, Request, Wire, millis, sdk_config, seconds};

const HISTORY: &str = "GetWorkflowExecutionHistory";
const DESCRIBE: &str = "DescribeActivityType";

fn service(wire: &Wire, timeouts: Timeouts) -> SwfService {
    let client = aws_sdk_swf::Client::from_conf(sdk_config(wire.url(), "us-east-1").build());
    SwfService::builder(client, DOMAIN)
        .timeouts(timeouts)
        .build()
}

fn task(name: &str, started_event_id: i64) -> ActivityTask {
    let workflow = WorkflowExecution::new("flow", "run");
    let activity_type = ActivityType::new(name, "1.0");
    ActivityTask::new(
        TaskToken::new("t"),
        "1",
        activity_type,
        workflow,
        started_event_id,
    )
}

fn scheduled(id: i64, at: f64) -> Value {
    json!({
        "eventId": id,
        "eventTimestamp": at,
        "eventType": "ActivityTaskScheduled",
        "activityTaskScheduledEventAttributes": {
            "activityId": id.to_string(),
            "activityType": { "name": "a", "version": "1.0" },
            "decisionTaskCompletedEventId": 4,
            "taskList": { "name": "list" },
            "heartbeatTimeout": "30",
            "startToCloseTimeout": "NONE",
            "scheduleToCloseTimeout": "100",
        },
    })
}

fn started(id: i64, of: i64, at: f64) -> Value {
    json!({
        "eventId": id,
        "eventTimestamp": at,
        "eventType": "ActivityTaskStarted",
        "activityTaskStartedEventAttributes": { "scheduledEventId": of },
    })
}

fn page(events: &[Value], next: Option<&str>) -> Reply {
    let mut page = json!({ "events": events });
    if let Some(next) = next {
        page["nextPageToken"] = next.into();
    }
    Reply::Answer(200, page.to_string())
}

#[tokio::test]
async fn declared_asks_for_nothing() {
    let wire = Wire::start(|_| Reply::Close).await;
    let service = service(&wire, Timeouts::Declared);
    assert!(!service.capabilities().task_timeouts);
    let known = service.timeouts(&task("a", 6)).await.unwrap();
    assert_eq!(known, TaskTimeouts::default());
}

#[tokio::test]
async fn from_the_history_they_are_the_task_s_own_and_its_end_is_asked_for_first() {
    let script = |request: &Request| match request.body["nextPageToken"].as_str() {
        None => page(
            &[started(9, 5, 1_009.0), started(8, 6, 1_008.5)],
            Some("more"),
        ),
        Some(_) => page(
            &[scheduled(6, 1_000.0), scheduled(5, 999.0)],
            Some("still more"),
        ),
    };
    let wire = Wire::start(script).await;
    let service = service(&wire, Timeouts::FromHistory);
    assert!(service.capabilities().task_timeouts);
    let known = service.timeouts(&task("a", 8)).await.unwrap();
    // Of 100 s from schedule to close the wait took 8.5 s.
    let expected = TaskTimeouts::default()
        .heartbeat(seconds(30))
        .start_to_close(millis(91_500))
        .waited(millis(8_500));
    assert_eq!(known, expected);
    let asked = wire.requests(HISTORY);
    assert_eq!(asked.len(), 2, "it stops when it has found them");
    assert_eq!(asked[0].body["reverseOrder"], true);
    assert_eq!(asked[0].body["domain"], DOMAIN);
    assert_eq!(asked[0].body["execution"]["runId"], "run");
    assert_eq!(asked[1].body["nextPageToken"], "more");
}

#[tokio::test]
async fn a_history_that_does_not_hold_the_events_leaves_them_unknown() {
    for (events, next) in [
        (vec![], None),
        (vec![started(9, 5, 1.0)], None),
        // What comes now is older than what is looked for.
        (vec![scheduled(7, 1.0), scheduled(5, 1.0)], Some("more")),
    ] {
        let wire = Wire::start(move |_| page(&events, next)).await;
        let known = service(&wire, Timeouts::FromHistory)
            .timeouts(&task("a", 8))
            .await;
        assert_eq!(known.unwrap(), TaskTimeouts::default());
        assert_eq!(wire.count(HISTORY), 1);
    }
}

#[tokio::test]
async fn what_is_refused_or_throttled_is_an_error_that_says_so() {
    let denied = Reply::fault(400, "OperationNotPermittedFault", "no");
    let throttled = Reply::fault(400, "ThrottlingException", "Rate exceeded");
    for (reply, kind) in [
        (denied, ServiceErrorKind::NotPermitted),
        (throttled, ServiceErrorKind::Throttled),
    ] {
        let wire = Wire::start(move |_| reply.clone()).await;
        for (timeouts, action) in [
            (Timeouts::FromHistory, HISTORY),
            (Timeouts::FromType, DESCRIBE),
        ] {
            let error = service(&wire, timeouts).timeouts(&task("a", 8)).await;
            let error = error.unwrap_err();
            assert_eq!(error.kind(), kind);
            let says = format!("`swf:{action}`");
            let names_it = error.message().contains(&says);
            assert_eq!(names_it, kind == ServiceErrorKind::NotPermitted, "{error}");
        }
    }
}

fn described(heartbeat: &str) -> String {
    json!({
        "typeInfo": {
            "activityType": { "name": "a", "version": "1.0" },
            "status": "REGISTERED",
            "creationDate": 1.0,
        },
        "configuration": {
            "defaultTaskHeartbeatTimeout": heartbeat,
            "defaultTaskStartToCloseTimeout": "300",
        },
    })
    .to_string()
}

#[tokio::test]
async fn from_the_type_they_are_asked_for_once_however_many_tasks_come_at_once() {
    let wire = Wire::start(|_| Reply::After(millis(50), 200, described("NONE"))).await;
    let service = service(&wire, Timeouts::FromType);
    assert!(service.capabilities().task_timeouts);
    let tasks: Vec<_> = (0..10).map(|at| task("a", at)).collect();
    let known = join_all(tasks.iter().map(|task| service.timeouts(task))).await;
    for known in known {
        let known = known.unwrap();
        assert_eq!(known.heartbeat, Some(Timeout::None));
        assert_eq!(known.start_to_close, Some(Duration::from_secs(300).into()));
    }
    service.clone().timeouts(&task("a", 11)).await.unwrap();
    assert_eq!(wire.count(DESCRIBE), 1);
    service.timeouts(&task("b", 12)).await.unwrap();
    assert_eq!(wire.count(DESCRIBE), 2);
}

#[tokio::test]
async fn a_type_that_could_not_be_asked_for_is_asked_for_again() {
    let mut first = true;
    let wire = Wire::start(move |_| {
        if std::mem::take(&mut first) {
            Reply::fault(400, "ThrottlingException", "Rate exceeded")
        } else {
            Reply::Answer(200, described("10"))
        }
    })
    .await;
    let service = service(&wire, Timeouts::FromType);
    let error = service.timeouts(&task("a", 8)).await.unwrap_err();
    assert_eq!(error.kind(), ServiceErrorKind::Throttled);
    let known = service.timeouts(&task("a", 8)).await.unwrap();
    assert_eq!(known.heartbeat, Some(seconds(10).into()));
}

//! An activity's way through the server, with the real aws-sdk-swf as decider and as worker.

#![allow(clippy::unwrap_used, reason = "a helper of a test may unwrap too")]

use std::time::Duration;

use aws_sdk_swf::types::EventType;
use workbeat_server::LocalServer;
use workbeat_tests::decider::{DOMAIN, Decider, complete, request_cancel, schedule};

async fn stage() -> (LocalServer, Decider) {
    let server = LocalServer::builder().start().await.unwrap();
    let decider = Decider::register(&server.url()).await;
    (server, decider)
}

#[tokio::test]
async fn an_activity_is_started_heartbeats_and_is_canceled() {
    let (_server, decider) = stage().await;
    let execution = decider.start_activity("order-1").await;
    let task = decider.poll().await;
    assert_eq!(task.activity_id(), "order-1");
    assert_eq!(task.input(), Some("\"a folder\""));
    assert_eq!(task.workflow_execution().unwrap(), &execution);
    assert!(!decider.heartbeat(task.task_token(), "1 of 2").await);

    let signal = decider.client().signal_workflow_execution().domain(DOMAIN);
    let signal = signal.workflow_id("order-1").signal_name("stop");
    signal.send().await.unwrap();
    decider.decide(vec![request_cancel("order-1")]).await;
    assert!(decider.heartbeat(task.task_token(), "2 of 2").await);

    let canceled = decider.client().respond_activity_task_canceled();
    let canceled = canceled.task_token(task.task_token()).details("cleaned up");
    canceled.send().await.unwrap();
    let history = decider.history(&execution).await;
    let event = history
        .iter()
        .find_map(|event| event.activity_task_canceled_event_attributes());
    assert_eq!(event.unwrap().details(), Some("cleaned up"));

    decider.decide(vec![complete()]).await;
    let last = decider.last(&execution, 1).await;
    assert_eq!(last, [EventType::WorkflowExecutionCompleted]);
}

#[tokio::test]
async fn a_poll_that_waits_gets_its_task_at_once() {
    let (_server, decider) = stage().await;
    let worker = tokio::spawn({
        let decider = decider.clone();
        async move { decider.poll().await }
    });
    let waiting = tokio::spawn({
        let decider = decider.clone();
        async move { decider.decide(vec![schedule("a")]).await }
    });
    // Both are long polls of 60 s: that this test ends shows that they woke.
    decider.start("order-1").await;
    waiting.await.unwrap();
    assert_eq!(worker.await.unwrap().activity_id(), "a");
}

#[tokio::test]
async fn a_day_that_is_skipped_fires_every_timeout_in_order() {
    let (server, decider) = stage().await;
    let execution = decider.start_activity("order-1").await;
    let task = decider.poll().await;
    decider.heartbeat(task.task_token(), "half").await;
    let day = Duration::from_secs(24 * 60 * 60);
    server.advance(day).await.unwrap();

    let history = decider.history(&execution).await;
    let timed_out = history
        .iter()
        .find(|event| event.event_type() == &EventType::ActivityTaskTimedOut)
        .unwrap();
    let attributes = timed_out.activity_task_timed_out_event_attributes();
    assert_eq!(attributes.unwrap().details(), Some("half"));
    let started = history
        .iter()
        .find(|event| event.event_type() == &EventType::ActivityTaskStarted)
        .unwrap();
    let after = timed_out.event_timestamp().as_secs_f64() - started.event_timestamp().as_secs_f64();
    assert!((300.0..302.0).contains(&after), "{after}");
    let late = decider.client().record_activity_task_heartbeat();
    let late = late.task_token(task.task_token()).send().await;
    let error = late.unwrap_err().into_service_error();
    assert!(error.is_unknown_resource_fault(), "{error:?}");
}

#[tokio::test]
async fn a_reset_ends_polls_and_forgets_everything() {
    let (server, decider) = stage().await;
    decider.start_activity("order-1").await;
    let task = decider.poll().await;
    server.reset().await.unwrap();

    let late = decider.client().respond_activity_task_completed();
    let late = late.task_token(task.task_token()).send().await;
    assert!(late.is_err());
    let again = Decider::register(&server.url()).await;
    again.start_activity("order-1").await;
    assert_ne!(again.poll().await.task_token(), task.task_token());
}

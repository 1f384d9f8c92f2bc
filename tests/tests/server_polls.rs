//! Long polls: clients that go away, servers that stop, tasks that go to nobody.

#![allow(clippy::unwrap_used, reason = "a helper of a test may unwrap too")]

use std::time::Duration;

use aws_sdk_swf::Client;
use aws_sdk_swf::types::EventType;
use workbeat_server::LocalServer;
use workbeat_tests::decider::{DOMAIN, Decider, FILES, schedule, task_list};
use workbeat_tests::eventually;

async fn stage(faults: Option<&str>) -> (LocalServer, Decider) {
    let mut options = LocalServer::builder();
    if let Some(faults) = faults {
        options = options.faults(faults.parse().unwrap());
    }
    let server = options.start().await.unwrap();
    let decider = Decider::register(&server.url()).await;
    (server, decider)
}

/// Polls, and goes away once the poll waits in the server.
async fn poll_and_go_away(server: &LocalServer, decider: &Decider) {
    let poll = tokio::spawn({
        let decider = decider.clone();
        async move { decider.poll().await }
    });
    eventually("the poll waits", || server.parked_polls() == 1).await;
    poll.abort();
    let _ = poll.await;
}

#[tokio::test]
async fn a_client_that_goes_away_takes_its_poll_with_it() {
    let (server, decider) = stage(None).await;
    poll_and_go_away(&server, &decider).await;
    eventually("the poll is withdrawn", || server.parked_polls() == 0).await;
    decider.start_activity("order-1").await;
    assert_eq!(decider.poll().await.activity_id(), "order-1");
}

#[tokio::test]
async fn a_phantom_poll_takes_a_task_that_nobody_works_on() {
    let (server, decider) = stage(Some("phantom=1")).await;
    poll_and_go_away(&server, &decider).await;
    eventually("the poll is a phantom", || server.parked_polls() == 0).await;
    let execution = decider.start_activity("order-1").await;
    let last = decider.last(&execution, 1).await;
    assert_eq!(last, [EventType::ActivityTaskStarted]);
    server.advance(Duration::from_secs(3_600)).await.unwrap();
    let last = decider.last(&execution, 2).await;
    assert_eq!(last[0], EventType::ActivityTaskTimedOut);
}

#[tokio::test]
async fn a_stop_ends_the_polls_of_both_kinds_empty() {
    let (server, decider) = stage(None).await;
    let worker = tokio::spawn({
        let decider = decider.clone();
        async move { decider.poll().await }
    });
    let other = decider.client().poll_for_decision_task().domain(DOMAIN);
    let other = tokio::spawn(other.task_list(task_list("others")).send());
    eventually("both polls wait", || server.parked_polls() == 2).await;
    server.stop().await;
    assert_eq!(worker.await.unwrap().task_token(), "");
    assert_eq!(other.await.unwrap().unwrap().task_token(), "");
}

#[tokio::test]
async fn a_poll_ends_empty_when_it_was_held_long_enough() {
    let options = LocalServer::builder().poll_hold(Duration::from_millis(50));
    let server = options.start().await.unwrap();
    let decider = Decider::register(&server.url()).await;
    assert_eq!(decider.poll().await.task_token(), "");
}

#[tokio::test]
async fn a_task_goes_to_the_poll_that_came_first_and_once() {
    let (server, decider) = stage(None).await;
    let mut polls = Vec::new();
    for n in 1..=3 {
        let client: &Client = decider.client();
        let poll = client.poll_for_activity_task().domain(DOMAIN);
        polls.push(tokio::spawn(poll.task_list(task_list(FILES)).send()));
        eventually("the poll waits", || server.parked_polls() == n).await;
    }
    decider.start("order-1").await;
    decider
        .decide(vec![schedule("a"), schedule("b"), schedule("c")])
        .await;
    let mut ids = Vec::new();
    for poll in polls {
        ids.push(poll.await.unwrap().unwrap().activity_id().to_owned());
    }
    assert_eq!(ids, ["a", "b", "c"]);
}

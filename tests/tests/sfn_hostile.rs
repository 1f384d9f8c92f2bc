//! A worker on AWS Step Functions when what it is told, or what answers, is not as it should be.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use tokio_util::sync::CancellationToken;
use workbeat::prelude::*;
use workbeat::service::{ActivityService, PollRequest, TaskToken};
use workbeat::worker::{RunErrorKind, WorkerBuilder};
use workbeat::{Backoff, FailureCode};
use workbeat_sfn::{SfnService, SfnServiceBuilder};
use workbeat_tests::{Reply, States, TaskEnded, eventually, eventually_some, millis, run};

const POLL: &str = "GetActivityTask";
const SUCCESS: &str = "SendTaskSuccess";

fn service(states: &States) -> SfnServiceBuilder {
    SfnService::builder(states.client())
}

fn worker_on(service: SfnServiceBuilder, task_list: &str) -> WorkerBuilder {
    Worker::builder(service.build())
        .task_list(task_list)
        .max_concurrent_polls(1)
        .poll_backoff(Backoff::new(millis(10), millis(20)))
}

async fn ended(states: &States, token: &str) -> TaskEnded {
    eventually_some("the task ends", || states.ended(token)).await
}

/// A poll that brings this task.
fn brings(token: &str, input: &str) -> Reply {
    Reply::ok(&json!({"taskToken": token, "input": input}).to_string())
}

#[tokio::test]
async fn a_poll_that_is_withdrawn_while_its_activity_is_found_out_does_not_begin() {
    let states = States::start().await;
    for reply in [None, Some(Reply::Hang)] {
        states.create("pack");
        let withdraw = CancellationToken::new();
        let hangs = reply.is_some();
        if let Some(reply) = reply {
            states.next("ListActivities", reply);
        } else {
            withdraw.cancel();
        }
        let service = service(&states).build();
        let request = PollRequest::new("pack", "tests").withdraw(withdraw.clone());
        let polled = tokio::spawn(async move { service.poll(request).await });
        if hangs {
            let asked = || states.wire().count("ListActivities") > 0;
            eventually("the activity is looked up", asked).await;
            withdraw.cancel();
        }
        assert!(polled.await.unwrap().unwrap().is_none());
    }
    assert_eq!(states.wire().count(POLL), 0);
}

#[tokio::test]
async fn two_activities_of_one_name_cannot_be_one_task_list() {
    let states = States::start().await;
    let other = States::arn("pack").replace("us-east-1", "eu-west-1");
    let told = |arns: [&str; 2]| {
        let builder = service(&states);
        arns.into_iter()
            .fold(builder, SfnServiceBuilder::activity_arn)
    };
    states.create("pack");
    let nothing = async || Ok::<_, ActivityError>(());
    let worker = worker_on(told([&States::arn("pack"), &other]), "pack");
    let worker = run(worker.activity_fn("pack", "1.0", nothing));
    let error = worker.outcome().await.unwrap_err();
    assert!(matches!(error.kind(), RunErrorKind::Poll { .. }), "{error}");
    let said = format!("{error:?}");
    assert!(said.contains("have the same name") && said.contains(&other));
    // The same one twice is no mistake.
    let same = States::arn("pack");
    let service = told([&same, &same]).build();
    let polled = service.poll(PollRequest::new("pack", "tests")).await;
    assert!(polled.unwrap().is_none());
}

#[tokio::test]
async fn an_outcome_gets_through_whatever_stands_between() {
    let states = States::start().await;
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let work = move || {
        counted.fetch_add(1, Ordering::Relaxed);
        async { Ok::<_, ActivityError>("done") }
    };
    for reply in [
        Reply::Close,
        Reply::Answer(502, "<html>bad gateway</html>".to_owned()),
        Reply::fault(500, "InternalFailure", "an error"),
        Reply::fault(400, "ThrottlingException", "Rate exceeded"),
        Reply::fault(400, "ExpiredTokenException", "expired"),
    ] {
        states.next(SUCCESS, reply);
    }
    let builder = service(&states).create_activities();
    let worker = run(worker_on(builder, "work").activity_fn("work", "1.0", work));
    let token = states.schedule("work", "{}");
    let done = TaskEnded::Succeeded("\"done\"".to_owned());
    assert_eq!(ended(&states, &token).await, done);
    let report = worker.drain().await;
    assert!(report.is_clean(), "{report}");
    assert_eq!(runs.load(Ordering::Relaxed), 1);
    assert_eq!(states.wire().count(SUCCESS), 6);
}

#[tokio::test]
async fn polls_go_on_whatever_stands_between_and_while_the_activity_is_gone() {
    let states = States::start().await;
    let work = async || Ok::<_, ActivityError>(1);
    let builder = service(&states).create_activities();
    let worker = run(worker_on(builder, "work").activity_fn("work", "1.0", work));
    eventually("it polls", || states.wire().count(POLL) > 0).await;
    for reply in [
        Reply::fault(400, "ActivityDoesNotExist", "deleted"),
        Reply::Close,
        Reply::Answer(200, "<html>welcome to the hotel</html>".to_owned()),
        Reply::Answer(503, String::new()),
        Reply::ok("{\"taskToken\":null,\"input\":\"{}\"}"),
        Reply::ok("{\"taskToken\":\"\"}"),
        Reply::ok("{}"),
        Reply::fault(400, "ActivityWorkerLimitExceeded", "too many"),
    ] {
        states.next(POLL, reply);
    }
    let token = states.schedule("work", "{}");
    let done = TaskEnded::Succeeded("1".to_owned());
    assert_eq!(ended(&states, &token).await, done);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test]
async fn a_token_is_given_back_as_it_came() {
    let states = States::start().await;
    let work = async |text: String| Ok::<_, ActivityError>(text);
    let builder = service(&states).create_activities();
    let worker = run(worker_on(builder, "work").activity_fn("work", "1.0", work));
    for token in [
        "\"quoted\" \\ / + = % \u{1} \n".to_owned(),
        "größe 🦀\u{feff}".to_owned(),
        "x".repeat(2_048),
    ] {
        states.next(POLL, brings(&token, "\"in\""));
        let done = TaskEnded::Succeeded("\"in\"".to_owned());
        assert_eq!(ended(&states, &token).await, done);
    }
    assert!(worker.drain().await.is_clean());
}

#[tokio::test]
async fn a_task_that_is_handed_out_twice_has_one_outcome() {
    let states = States::start().await;
    let work = async || Ok::<_, ActivityError>(1);
    states.next(POLL, brings("twice", "{}"));
    states.next(POLL, brings("twice", "{}"));
    let builder = service(&states).create_activities();
    let worker = run(worker_on(builder, "work").activity_fn("work", "1.0", work));
    eventually("both are answered", || states.wire().count(SUCCESS) == 2).await;
    worker.holds(0).await;
    let report = worker.drain().await;
    assert!(report.is_clean());
    assert_eq!((report.outcomes.completed, report.outcomes.closed), (1, 1));
}

#[tokio::test]
async fn errors_and_causes_are_as_long_as_they_may_be_and_no_longer() {
    let states = States::start().await;
    let fail = async |(reason, details): (String, String)| {
        Err::<(), _>(ActivityError::failed(reason).with_details(details))
    };
    let builder = service(&states).create_activities();
    let worker = run(worker_on(builder, "fail").activity_fn("fail", "1.0", fail));
    let units = |text: &str| text.encode_utf16().count();
    for (reason, details, is_cut) in [
        ("x".repeat(256), "y".repeat(32_511), (false, false)),
        ("x".repeat(257), "y".repeat(32_512), (true, true)),
        ("ü".repeat(256), "🦀".repeat(16_255), (false, false)),
        ("🦀".repeat(128), "🦀".repeat(16_256), (false, true)),
        ("🦀".repeat(129), "ü".repeat(32_511), (true, false)),
        (
            format!("C: {}", "ü".repeat(253)),
            "y".repeat(32_511),
            (false, false),
        ),
    ] {
        let token = states.schedule("fail", &json!([reason, details]).to_string());
        let TaskEnded::Failed { error, cause } = ended(&states, &token).await else {
            panic!("it fails");
        };
        let (error, cause) = (error.unwrap(), cause.unwrap());
        assert!(units(&error) <= 256 && units(&cause) <= 32_768);
        let cut = (error.ends_with("...[cut]"), cause.ends_with("...[cut]"));
        assert_eq!(cut, is_cut, "{} {}", units(&error), units(&cause));
        assert!(is_cut.1 || cause.ends_with(&details));
    }
    assert!(worker.drain().await.is_clean());
}

#[tokio::test]
async fn a_result_of_the_most_bytes_is_sent_and_of_one_more_is_a_failure() {
    let states = States::start().await;
    let work = async |length: usize| Ok::<_, ActivityError>("x".repeat(length));
    let builder = service(&states).create_activities();
    let worker = run(worker_on(builder, "work").activity_fn("work", "1.0", work));
    let token = states.schedule("work", "262142");
    let TaskEnded::Succeeded(output) = ended(&states, &token).await else {
        panic!("it succeeds");
    };
    assert_eq!(output.len(), 262_144);
    let token = states.schedule("work", "262143");
    let TaskEnded::Failed { error, .. } = ended(&states, &token).await else {
        panic!("it fails");
    };
    let code = FailureCode::ResultTooLarge.as_str();
    assert_eq!(error.as_deref(), Some(code));
    assert!(worker.drain().await.is_clean());
}

#[tokio::test]
async fn an_input_that_is_deeply_nested_or_no_json_fails_its_task_and_nothing_else() {
    let states = States::start().await;
    let work = async |input: Vec<u8>| Ok::<_, ActivityError>(input.len());
    let builder = service(&states).create_activities();
    let worker = run(worker_on(builder, "work").activity_fn("work", "1.0", work));
    for input in ["", "no JSON", "{}", "null", &"[".repeat(100_000)] {
        let token = states.schedule("work", input);
        let TaskEnded::Failed { error, .. } = ended(&states, &token).await else {
            panic!("it fails");
        };
        let error = error.unwrap();
        assert!(error.starts_with("WORKBEAT_INPUT_"), "{error}");
    }
    let token = states.schedule("work", "[1]");
    let done = TaskEnded::Succeeded("1".to_owned());
    assert_eq!(ended(&states, &token).await, done);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test]
async fn a_deeply_nested_result_is_json_all_the_same() {
    let states = States::start().await;
    let service = service(&states).build();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let token = TaskToken::new("deep");
    service.complete(&token, Some(&deep)).await.unwrap();
    assert_eq!(states.ended("deep"), Some(TaskEnded::Succeeded(deep)));
}

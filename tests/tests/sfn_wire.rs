//! The adapter for AWS Step Functions, through the real SDK, against a stand-in on loopback.

use std::sync::{Arc, Mutex};

use tokio::sync::Notify;
use tracing::Level;
use workbeat::prelude::*;
use workbeat::service::{ActivityService, PollRequest, ServiceErrorKind, TaskToken};
use workbeat::worker::{RunErrorKind, WorkerBuilder};
use workbeat::{CompletionClient, FailureCode, StopReason, activity_fn};
use workbeat_sfn::{CANCELED, SfnService, SfnServiceBuilder};
use workbeat_tests::{Events, Reply, States, TaskEnded, eventually, eventually_some, millis, run};

const BEAT: &str = "SendTaskHeartbeat";

fn service(states: &States) -> SfnServiceBuilder {
    SfnService::builder(states.client())
}

fn worker_on(service: SfnServiceBuilder, task_list: &str) -> WorkerBuilder {
    Worker::builder(service.build())
        .task_list(task_list)
        .max_concurrent_polls(1)
}

async fn ended(states: &States, token: &str) -> TaskEnded {
    eventually_some("the task ends", || states.ended(token)).await
}

fn failed(error: &str, cause: Option<&str>) -> TaskEnded {
    let mut ended = TaskEnded::Failed {
        error: Some(error.to_owned()),
        cause: None,
    };
    if let TaskEnded::Failed { cause: said, .. } = &mut ended {
        *said = cause.map(str::to_owned);
    }
    ended
}

fn quick() -> ActivityOptions {
    ActivityOptions::new().heartbeat_interval(millis(20))
}

#[tokio::test]
async fn an_activity_runs_as_on_any_service() {
    let states = States::start().await;
    let go = Arc::new(Notify::new());
    let waits = Arc::clone(&go);
    let double = activity_fn("double", "1.0", move |number: u32, ctx: ActivityContext| {
        let waits = Arc::clone(&waits);
        async move {
            ctx.report("half way");
            waits.notified().await;
            Ok::<_, ActivityError>(number * 2)
        }
    });
    let builder = service(&states).create_activities();
    let worker = worker_on(builder, "double").activity(double.with_options(quick()));
    let worker = run(worker.identity("4711@host with a long:name"));
    let token = states.schedule("double", "21");
    eventually("it heartbeats", || states.wire().count(BEAT) > 2).await;

    let shown = worker.handle.status().running;
    assert_eq!(shown[0].last_progress.as_deref(), Some("\"half way\""));
    go.notify_one();
    assert_eq!(
        ended(&states, &token).await,
        TaskEnded::Succeeded("42".to_owned())
    );
    assert!(worker.drain().await.is_clean());

    assert_eq!(states.wire().count("CreateActivity"), 1);
    let poll = &states.wire().requests("GetActivityTask")[0].body;
    assert_eq!(poll["activityArn"], States::arn("double"));
    assert_eq!(poll["workerName"], "4711@host-with-a-long-name");
    let beats = states.wire().requests(BEAT);
    assert_eq!(beats[0].body, serde_json::json!({"taskToken": token}));
    assert!(states.wire().count("SendTaskFailure") == 0);
}

#[tokio::test]
async fn the_context_shows_what_step_functions_tells_and_nothing_else() {
    let states = States::start().await;
    states.create("look");
    let look = async |ctx: ActivityContext| {
        Ok::<_, ActivityError>(vec![
            ctx.workflow().workflow_id.to_string(),
            ctx.workflow().run_id.to_string(),
            ctx.activity_id().to_owned(),
            ctx.idempotency_key(),
        ])
    };
    let worker = run(worker_on(service(&states), "look").activity_fn("look", "1.0", look));
    let token = states.schedule("look", "{}");
    let TaskEnded::Succeeded(output) = ended(&states, &token).await else {
        panic!("it succeeds");
    };
    let seen: Vec<String> = serde_json::from_str(&output).unwrap();
    let id = seen[2].as_str();
    assert_eq!(id.len(), 32);
    assert_eq!(seen, ["", "", id, &format!("/{id}")]);
    assert!(!output.contains(&token));
    assert!(worker.drain().await.is_clean());
}

#[tokio::test]
async fn each_word_that_a_task_is_closed_fires_the_token_and_nothing_is_sent() {
    let states = States::start().await;
    let stopped: Arc<Mutex<Vec<Option<StopReason>>>> = Arc::default();
    let seen = Arc::clone(&stopped);
    let linger = activity_fn("linger", "1.0", move |ctx: ActivityContext| {
        let seen = Arc::clone(&seen);
        async move {
            let reason = ctx.stopped().await;
            seen.lock().unwrap().push(Some(reason));
            Err::<(), _>(ActivityError::canceled("gave up"))
        }
    });
    let builder = service(&states).create_activities();
    let worker = run(worker_on(builder, "linger").activity(linger.with_options(quick())));
    for (count, code) in [
        (1, "TaskTimedOut"),
        (2, "TaskDoesNotExist"),
        (3, "InvalidToken"),
    ] {
        let token = states.schedule("linger", "{}");
        worker.holds(1).await;
        states.close(&token, code);
        worker.holds(0).await;
        let stopped = stopped.lock().unwrap().clone();
        assert_eq!(stopped, vec![Some(StopReason::TaskClosed); count], "{code}");
    }
    let report = worker.drain().await;
    assert!(report.is_clean());
    assert_eq!(report.outcomes.closed, 3);
    for outcome in ["SendTaskSuccess", "SendTaskFailure"] {
        assert_eq!(states.wire().count(outcome), 0);
    }
}

#[tokio::test]
async fn a_result_that_comes_when_the_task_is_closed_is_counted_as_such() {
    let states = States::start().await;
    let go = Arc::new(Notify::new());
    let waits = Arc::clone(&go);
    let work = move || {
        let waits = Arc::clone(&waits);
        async move {
            waits.notified().await;
            Ok::<_, ActivityError>(())
        }
    };
    let builder = service(&states).create_activities();
    let worker = run(worker_on(builder, "work").activity_fn("work", "1.0", work));
    let token = states.schedule("work", "{}");
    worker.holds(1).await;
    states.close(&token, "TaskTimedOut");
    go.notify_one();
    worker.holds(0).await;
    let report = worker.drain().await;
    assert_eq!(
        (report.outcomes.closed, report.outcomes.closed_with_result),
        (1, 1)
    );
}

#[tokio::test]
async fn failures_have_the_code_as_their_error_and_the_rest_as_their_cause() {
    let states = States::start().await;
    let fail = async |how: String| {
        Err::<(), _>(match how.as_str() {
            "code" => ActivityError::failed("DISK_FULL").with_details("on /tmp"),
            "sentence" => ActivityError::failed("DISK_FULL: no room").with_details("on /tmp"),
            "long" => ActivityError::failed("x".repeat(300)).with_details("y".repeat(40_000)),
            "canceled" => ActivityError::canceled("for no reason"),
            _ => std::io::Error::other("broken").into(),
        })
    };
    let builder = service(&states).create_activities();
    let worker = run(worker_on(builder, "fail").activity_fn("fail", "1.0", fail));
    for (how, expected) in [
        ("code", failed("DISK_FULL", Some("on /tmp"))),
        ("sentence", failed("DISK_FULL", Some("no room\non /tmp"))),
        ("error", failed("std::io::error::Error", Some("broken"))),
        (
            "canceled",
            failed(
                "WORKBEAT_CANCELED_WITHOUT_REQUEST",
                Some(
                    "the activity said that it was canceled, but nobody had requested it\nfor no reason",
                ),
            ),
        ),
    ] {
        let token = states.schedule("fail", &format!("\"{how}\""));
        assert_eq!(ended(&states, &token).await, expected, "{how}");
    }
    let token = states.schedule("fail", "\"long\"");
    let TaskEnded::Failed {
        error: Some(error),
        cause: Some(cause),
    } = ended(&states, &token).await
    else {
        panic!("it fails");
    };
    assert_eq!(error.len(), 256);
    assert!(cause.len() <= 32_768 && cause.ends_with("...[cut]"));
    assert!(worker.drain().await.is_clean());
}

#[tokio::test]
async fn a_result_must_be_json_and_fit_and_without_one_it_is_null() {
    let states = States::start().await;
    let echo = async |input: Option<String>, _: ActivityContext| {
        Ok::<_, ActivityError>(match input.as_deref() {
            Some("\"plain\"") => Some("plain".to_owned()),
            Some("\"large\"") => Some(format!("\"{}\"", "ü".repeat(131_072))),
            Some("\"nothing\"") => None,
            _ => input,
        })
    };
    let builder = service(&states).create_activities();
    let worker = run(worker_on(builder, "echo").untyped_activity_fn(echo));
    for (input, output) in [("{\"a\":1}", "{\"a\":1}"), ("\"nothing\"", "null")] {
        let token = states.schedule("echo", input);
        let succeeded = TaskEnded::Succeeded(output.to_owned());
        assert_eq!(ended(&states, &token).await, succeeded);
    }
    for (input, code, words) in [
        ("\"plain\"", FailureCode::OutcomeRejected, "no JSON at line"),
        (
            "\"large\"",
            FailureCode::ResultTooLarge,
            "262146 bytes, the limit is 262144",
        ),
    ] {
        let token = states.schedule("echo", input);
        let TaskEnded::Failed {
            error: Some(error),
            cause: Some(cause),
        } = ended(&states, &token).await
        else {
            panic!("it fails");
        };
        assert_eq!(error, code.as_str());
        assert!(cause.contains(words), "{cause}");
    }
    assert_eq!(states.wire().count("SendTaskSuccess"), 2);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test]
async fn what_a_drain_cannot_wait_for_fails_with_an_error_that_can_be_retried() {
    let states = States::start().await;
    let forever = async || std::future::pending::<Result<(), ActivityError>>().await;
    let builder = service(&states).create_activities();
    let worker = worker_on(builder, "forever").activity_fn("forever", "1.0", forever);
    let worker = run(worker.drain_deadline(millis(500)));
    let token = states.schedule("forever", "{}");
    worker.holds(1).await;
    assert!(worker.drain().await.is_clean());
    assert_eq!(
        ended(&states, &token).await,
        failed(
            "WORKBEAT_WORKER_DRAINING",
            Some("the worker shut down before the activity ended")
        )
    );
}

#[tokio::test]
async fn polls_that_are_empty_at_once_are_not_spun_on() {
    let states = States::start().await;
    states.hold_no_polls();
    let builder = service(&states).create_activities();
    let nothing = async || Ok::<_, ActivityError>(());
    let worker = run(worker_on(builder, "nothing").activity_fn("nothing", "1.0", nothing));
    eventually("some polls are made", || {
        states.wire().count("GetActivityTask") > 5
    })
    .await;
    let polls = states.wire().requests("GetActivityTask");
    for pair in polls.windows(2) {
        let apart = pair[1].at - pair[0].at;
        // From where the worker stands they are 200 ms apart.
        assert!(apart > millis(100), "{apart:?}");
    }
    assert!(worker.drain().await.is_clean());
}

#[tokio::test]
async fn heartbeats_are_not_retried_by_the_sdk_and_a_throttle_is_seen() {
    let states = States::start().await;
    let client = workbeat_tests::states_config(states.wire().url())
        .retry_config(aws_sdk_sfn::config::retry::RetryConfig::standard())
        .build();
    let service = SfnService::new(aws_sdk_sfn::Client::from_conf(client));
    let throttled = || Reply::fault(400, "ThrottlingException", "Rate exceeded");
    states.next(BEAT, throttled());
    let token = TaskToken::new("token");
    let error = service.heartbeat(&token, None).await.unwrap_err();
    assert_eq!(error.kind(), ServiceErrorKind::Throttled);
    assert_eq!(states.wire().count(BEAT), 1);
    // An outcome is.
    states.next("SendTaskSuccess", throttled());
    service.complete(&token, None).await.unwrap();
    assert_eq!(states.wire().count("SendTaskSuccess"), 2);
}

#[tokio::test]
async fn the_arn_of_an_activity_is_told_made_created_or_looked_up_once() {
    let states = States::start().await;
    for name in ["a", "b", "c"] {
        states.create(name);
    }
    let polled = async |service: SfnServiceBuilder| {
        let service = service.build();
        for _ in 0..2 {
            let polled = service.poll(PollRequest::new("c", "tests")).await;
            assert!(polled.unwrap().is_none());
        }
    };
    let counts = || {
        let count = |operation| states.wire().count(operation);
        (count("CreateActivity"), count("ListActivities"))
    };
    polled(service(&states).activity_arn(States::arn("c"))).await;
    polled(service(&states).account("123456789012")).await;
    assert_eq!(counts(), (0, 0));
    polled(service(&states).create_activities()).await;
    assert_eq!(counts(), (1, 0));
    // The stand-in has one activity a page.
    polled(service(&states)).await;
    assert_eq!(counts(), (1, 3));
    // It is there with other tags.
    let there = Reply::fault(400, "ActivityAlreadyExists", "with other tags");
    states.next("CreateActivity", there);
    polled(service(&states).create_activities()).await;
    assert_eq!(counts(), (2, 6));
}

#[tokio::test]
async fn a_mistake_in_the_settings_ends_the_run_and_says_how_to_mend_it() {
    let states = States::start().await;
    states.create("other");
    let denied = |operation| {
        states.next(
            operation,
            Reply::fault(400, "AccessDeniedException", "User: me is not authorized"),
        );
    };
    let nothing = async || Ok::<_, ActivityError>(());
    let mistake = async |service: SfnServiceBuilder, task_list: &str| {
        let worker = worker_on(service, task_list).activity_fn("pack", "1.0", nothing);
        let error = worker.build().unwrap().run().await.unwrap_err();
        assert!(matches!(error.kind(), RunErrorKind::Poll { .. }), "{error}");
        format!("{error:?}")
    };
    let said = mistake(service(&states), "pack").await;
    assert!(said.contains("there is no activity `pack`") && said.contains("create_activities"));
    let said = mistake(service(&states).account("123456789012"), "pack").await;
    assert!(said.contains("there is no activity `arn:aws:states:us-east-1:123456789012:"));
    let said = mistake(service(&states).activity_arn("pack"), "pack").await;
    assert!(said.contains("`pack` is no ARN of an activity"), "{said}");
    let said = mistake(service(&states).create_activities(), "pack it").await;
    assert!(said.contains("no activity can have the name"), "{said}");
    denied("ListActivities");
    let said = mistake(service(&states), "pack").await;
    assert!(said.contains("states:ListActivities") && said.contains("`account`"));
    denied("CreateActivity");
    let said = mistake(service(&states).create_activities(), "pack").await;
    assert!(said.contains("states:CreateActivity") && said.contains("activity:pack"));
    denied("GetActivityTask");
    let said = mistake(service(&states).activity_arn(States::arn("other")), "other").await;
    assert!(said.contains("states:GetActivityTask") && said.contains(&States::arn("other")));
}

#[tokio::test]
async fn a_task_list_can_be_of_an_activity_with_another_name_and_version() {
    let states = States::start().await;
    let builder = service(&states)
        .create_activities()
        .version("3.0")
        .activity_type("pack-staging", "pack", "2.0");
    let which = |version: &'static str| move || async move { Ok::<_, ActivityError>(version) };
    let worker = worker_on(builder, "pack-staging")
        .task_list("pack")
        .activity_fn("pack", "2.0", which("2.0"))
        .activity_fn("pack", "3.0", which("3.0"));
    let worker = run(worker);
    for (task_list, version) in [("pack-staging", "\"2.0\""), ("pack", "\"3.0\"")] {
        let token = states.schedule(task_list, "{}");
        let expected = TaskEnded::Succeeded(version.to_owned());
        assert_eq!(ended(&states, &token).await, expected);
    }
    assert!(worker.drain().await.is_clean());
}

#[tokio::test]
async fn a_task_that_was_handed_on_is_ended_by_its_token() {
    let states = States::start().await;
    let client = CompletionClient::new(service(&states).build());
    let (done, given_up) = (TaskToken::new("done"), TaskToken::new("given up"));
    assert!(
        !client
            .heartbeat(&done, "progress")
            .await
            .unwrap()
            .cancel_requested
    );
    client.complete(&done, &42).await.unwrap();
    client.cancel(&given_up, "no more").await.unwrap();
    assert_eq!(
        states.ended("done"),
        Some(TaskEnded::Succeeded("42".into()))
    );
    assert_eq!(
        states.ended("given up"),
        Some(failed(CANCELED, Some("no more")))
    );
    let error = client.complete(&done, &42).await.unwrap_err();
    assert!(error.to_string().contains("closed"), "{error}");
}

#[tokio::test]
async fn neither_payload_nor_token_is_logged() {
    let events = Events::capture();
    let states = States::start().await;
    let speak = activity_fn("speak", "1.0", async |_: String, ctx: ActivityContext| {
        ctx.report("secret-progress");
        tokio::time::sleep(millis(100)).await;
        Ok::<_, ActivityError>("secret-result")
    });
    let builder = service(&states).create_activities();
    let worker = run(worker_on(builder, "speak").activity(speak.with_options(quick())));
    let lost = Reply::fault(
        400,
        "ValidationException",
        "Value 's3cret-token' at 'taskToken'",
    );
    states.next("SendTaskSuccess", lost);
    let token = states.schedule("speak", "\"secret-input\"");
    ended(&states, &token).await;
    assert!(worker.drain().await.is_clean());
    let shown = events.all().into_iter();
    // At TRACE the SDK logs whole answers.
    let ours = shown.filter(|event| !event.target.starts_with("aws_smithy_runtime"));
    for event in ours {
        let all = format!("{} {}", event.text, event.within);
        assert!(!all.contains("secret-") && !all.contains("s3cret"), "{all}");
    }
    assert!(events.count(Level::WARN, "") > 0);
}

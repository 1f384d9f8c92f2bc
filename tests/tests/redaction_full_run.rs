//! One full run with a secret in everything that is a secret: worker, adapter, SDK and server,
//! everything that any thread of the process logs, at TRACE, and every `Debug`, error text and
//! report on the way.
//!
//! It is alone in its process, because it looks at all threads.

#![allow(clippy::unwrap_used, reason = "a helper of a test may unwrap too")]

use std::error::Error;
use std::fmt::Debug;
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tracing::Level;
use workbeat::completion::CompletionClient;
use workbeat::prelude::*;
use workbeat::service::TaskToken;
use workbeat::worker::UnknownType;
use workbeat::{WorkerHandle, activity_fn};
use workbeat_server::LocalServer;
use workbeat_swf::SwfService;
use workbeat_tests::{
    DOMAIN, Events, Flow, Reply, SwfStage, Wire, eventually, millis, run, said, scheduled,
    sdk_client, seconds,
};

/// One for each place, so that a leak says where it comes from.
const SECRETS: [&str; 12] = [
    "s3cret-input",
    "s3cret-result",
    "s3cret-progress",
    "s3cret-failure-details",
    "s3cret-cancel-details",
    "s3cret-source-of-an-error",
    "s3cret-panic",
    "s3cret-undecodable-input",
    "s3cret-handed-on-progress",
    "s3cret-handed-on-result",
    "s3cret-quoted-by-the-service",
    "s3cret-sent-by-a-stranger",
];

/// Where the AWS SDK logs whole requests and answers, at TRACE alone. It does so by itself, as
/// the guide says; whoever turns TRACE on can leave this one target out.
const OF_THE_SDK: &str = "aws_smithy_runtime";

/// The tokens of all tasks that an activity began with.
static TOKENS: Mutex<Vec<TaskToken>> = Mutex::new(Vec::new());

fn tokens() -> Vec<TaskToken> {
    TOKENS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
}

#[derive(Deserialize)]
struct Input {
    how: String,
    secret: String,
}

/// Ends in every way, with a secret in everything that it says.
async fn speak(input: Input, ctx: ActivityContext) -> Result<String, ActivityError> {
    let token = ctx.task_token().clone();
    TOKENS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(token);
    // In the same words in which it came.
    let Input { how, secret } = input;
    ctx.report((&secret, "s3cret-progress"));
    match how.as_str() {
        // Over the limits of details and of a result.
        "huge progress" => ctx.report("s3cret-progress".repeat(1_000)),
        "huge result" => return Ok("s3cret-result".repeat(10_000)),
        "fails" => {
            return Err(ActivityError::failed("CODE").with_details("s3cret-failure-details"));
        }
        "errs" => return Err(std::io::Error::other("s3cret-source-of-an-error").into()),
        "panics" => panic!("s3cret-panic"),
        "says canceled" => return Err(ActivityError::canceled("s3cret-cancel-details")),
        "hands on" => return Err(ActivityError::handed_on()),
        "is cancelled" => {
            ctx.stopped().await;
            return Err(ActivityError::canceled("s3cret-cancel-details"));
        }
        "is stopped" => {
            ctx.stopped().await;
        }
        "stays" => std::future::pending().await,
        _ => {}
    }
    // Some heartbeats carry the progress.
    tokio::time::sleep(millis(100)).await;
    Ok("s3cret-result".to_owned())
}

fn shows_nothing(what: &str, text: &str) {
    for secret in SECRETS {
        assert!(!text.contains(secret), "{what} shows {secret}: {text}");
    }
    for token in tokens() {
        assert!(
            !text.contains(token.expose()),
            "{what} shows a token: {text}"
        );
    }
}

fn debug_shows_nothing(what: &str, value: &impl Debug) {
    shows_nothing(what, &format!("{value:?} {value:#?}"));
}

/// An error, as `main` prints it and as a log line has it.
fn error_shows_nothing(error: &impl Error) {
    shows_nothing("an error", &format!("{error} {error:?}"));
}

fn input(how: &str) -> String {
    serde_json::json!({"how": how, "secret": "s3cret-input"}).to_string()
}

async fn schedule(stage: &SwfStage, how: &str) -> Flow {
    let activity = scheduled("speak").input(input(how));
    stage.schedule(activity.heartbeat_timeout("60")).await
}

/// Every way in which an activity ends, on a server that goes wrong now and then.
async fn every_outcome(stage: &SwfStage) {
    let options = ActivityOptions::new().heartbeat_interval(millis(20));
    let worker = stage
        .worker()
        .activity(activity_fn("speak", "1.0", speak).with_options(options))
        .unknown_type(UnknownType::LeaveToOthers)
        .drain_deadline(seconds(2));
    let worker = run(worker);
    assert!(worker.handle.ready().await);
    for (how, expected) in [
        ("completes", "completed: \"s3cret-result\""),
        ("huge progress", "completed: \"s3cret-result\""),
        ("huge result", "failed: "),
        ("fails", "failed: CODE: s3cret-failure-details"),
        ("errs", "failed: "),
        ("panics", "failed: "),
        ("says canceled", "failed: "),
        ("is cancelled", "canceled: s3cret-cancel-details"),
    ] {
        let flow = schedule(stage, how).await;
        flow.started().await;
        if how == "is cancelled" {
            let running = worker.holds(1).await.remove(0);
            debug_shows_nothing("a running activity", &running);
            debug_shows_nothing("the status", &worker.handle.status());
            flow.request_cancel().await;
        }
        stage
            .server
            .set_faults("throttle=0.3,unavailable=0.1".parse().unwrap());
        eventually("it has ended", || worker.handle.status().running.is_empty()).await;
        stage.server.set_faults("latency=0s".parse().unwrap());
        let said = said(&flow.closed().await);
        assert!(said.starts_with(expected), "{how}: {said}");
    }
    for raw in [
        "{\"how\": \"s3cret-undecodable-input\"",
        "\"s3cret-undecodable-input\"",
        "[]",
    ] {
        let flow = stage.schedule(scheduled("speak").input(raw)).await;
        assert!(said(&flow.closed().await).starts_with("failed: "), "{raw}");
    }

    // Its workflow is closed under it.
    let flow = schedule(stage, "is stopped").await;
    worker.holds(1).await;
    flow.terminate().await;
    worker.holds(0).await;

    // Its time is up, and the details of the last heartbeat are in the history.
    let flow = scheduled("speak").input(input("is stopped"));
    let flow = stage.schedule(flow.start_to_close_timeout("60")).await;
    worker.holds(1).await;
    stage.server.advance(seconds(61)).await.unwrap();
    let event = flow.closed().await;
    assert!(
        said(&event).starts_with("START_TO_CLOSE"),
        "{}",
        said(&event)
    );
    worker.holds(0).await;

    handed_on(stage, &worker.handle).await;

    // What the drain cannot answer is in its report.
    stage
        .server
        .deny("RespondActivityTaskFailed".parse().unwrap());
    let _unknown = stage
        .schedule(scheduled("unknown").input("\"s3cret-input\""))
        .await;
    let _stays = schedule(stage, "stays").await;
    worker.holds(1).await;
    let handle = worker.handle.clone();
    let report = worker.drain().await;
    assert!(!report.is_clean(), "{report}");
    let shown = format!("{report} {report:?} {report:#?}");
    for task in &report.unanswered {
        assert!(!shown.contains(task.token.expose()), "{shown}");
    }
    shows_nothing("the drain report", &report.to_string());
    debug_shows_nothing("the drain report", &report);
    debug_shows_nothing("the handle", &handle);
}

/// A task that is handed on, to another process that goes wrong first.
async fn handed_on(stage: &SwfStage, worker: &WorkerHandle) {
    let flow = stage
        .schedule(scheduled("speak").input(input("hands on")))
        .await;
    flow.started().await;
    eventually("it is handed on", || {
        worker.status().outcomes.handed_on == 1
    })
    .await;
    let service = stage.service().build();
    let token = tokens().pop().unwrap();
    let client = CompletionClient::new(service).give_up_after(seconds(200));
    debug_shows_nothing("the client", &client);
    stage.server.set_faults("throttle=0.3".parse().unwrap());
    client
        .heartbeat(&token, "s3cret-handed-on-progress")
        .await
        .unwrap();
    client
        .complete(&token, "s3cret-handed-on-result")
        .await
        .unwrap();
    stage.server.set_faults("latency=0s".parse().unwrap());
    let again = client
        .complete(&token, "s3cret-handed-on-result")
        .await
        .unwrap_err();
    error_shows_nothing(&again);
    let large = client
        .complete(&token, &"s3cret-handed-on-result".repeat(5_000))
        .await;
    error_shows_nothing(&large.unwrap_err());
    assert!(said(&flow.closed().await).contains("s3cret-handed-on-result"));
}

/// A service that quotes what it rejects, as AWS does.
async fn a_service_that_quotes() {
    let rejected = "1 validation error detected: Value 's3cret-quoted-by-the-service' at 'result' \
                    failed to satisfy constraint: Member must have length less than or equal to 1";
    let mut polls = 0;
    let wire = Wire::start(move |request| match request.operation.as_str() {
        "PollForActivityTask" => {
            polls += 1;
            if polls > 3 {
                return Reply::After(millis(50), 200, "{}".to_owned());
            }
            let how = ["completes", "fails", "is cancelled"][polls - 1];
            let task = serde_json::json!({
                "taskToken": format!("s3cret-token-{polls}"),
                "activityId": "activity",
                "startedEventId": 1,
                "workflowExecution": {"workflowId": "flow", "runId": "run"},
                "activityType": {"name": "speak", "version": "1.0"},
                "input": input(how),
            });
            Reply::ok(&task.to_string())
        }
        "RegisterActivityType" => Reply::ok(""),
        _ => Reply::fault(
            400,
            "com.amazon.coral.validate#ValidationException",
            rejected,
        ),
    })
    .await;
    let options = ActivityOptions::new().heartbeat_interval(millis(20));
    let service = SwfService::builder(sdk_client(wire.url()), DOMAIN).build();
    let worker = Worker::builder(service)
        .task_list("list")
        .activity(activity_fn("speak", "1.0", speak).with_options(options))
        .drain_deadline(seconds(2));
    let worker = run(worker);
    eventually("all of them were rejected", || {
        wire.count("RespondActivityTaskCompleted") > 0
            && wire.count("RespondActivityTaskFailed") > 1
            && wire.count("RecordActivityTaskHeartbeat") > 1
    })
    .await;
    let report = worker.drain().await;
    shows_nothing("the drain report", &report.to_string());
    let service = SwfService::builder(sdk_client(wire.url()), DOMAIN).build();
    let client = CompletionClient::new(service);
    let error = client
        .complete(&TaskToken::new("s3cret-token-1"), "s3cret-result")
        .await;
    error_shows_nothing(&error.unwrap_err());
}

/// What a stranger sends is refused, and neither logged nor sent back.
async fn a_stranger(server: &LocalServer) {
    let secret = "s3cret-sent-by-a-stranger";
    let long = secret.repeat(5_000);
    for (operation, body) in [
        (
            "RespondActivityTaskCompleted",
            format!(r#"{{"taskToken": "t", "result": "{secret}"#),
        ),
        (
            "RespondActivityTaskCompleted",
            format!(r#"{{"taskToken": "t", "result": ["{secret}"]}}"#),
        ),
        (
            "RespondActivityTaskCompleted",
            format!(r#"{{"taskToken": "t", "result": "{long}"}}"#),
        ),
        (
            "RespondActivityTaskCompleted",
            format!(r#"{{"taskToken": "{secret}"}}"#),
        ),
        (
            "RespondActivityTaskFailed",
            format!(r#"{{"taskToken": "t", "details": {{"a": "{secret}"}}}}"#),
        ),
        (
            "RecordActivityTaskHeartbeat",
            format!(r#"{{"taskToken": "{secret}", "details": "{secret}"}}"#),
        ),
        (
            "RecordActivityTaskHeartbeat",
            format!(r#"{{"{secret}": "{secret}"}}"#),
        ),
        (
            "SignalWorkflowExecution",
            format!(
                r#"{{"domain": "tests", "workflowId": "w", "signalName": "s", "input": "{secret}"}}"#
            ),
        ),
        (
            "StartWorkflowExecution",
            format!(r#"{{"domain": "tests", "input": "{secret}"}}"#),
        ),
        (
            "RespondDecisionTaskCompleted",
            format!(
                r#"{{"taskToken": "t", "decisions": [{{"decisionType": "Rest"}}], "executionContext": "{secret}"}}"#
            ),
        ),
        ("PollForActivityTask", secret.to_owned()),
    ] {
        let request = format!(
            "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             X-Amz-Target: SimpleWorkflowService.{operation}\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential=s3cret-sent-by-a-stranger/20261125/us-east-1/swf/aws4_request, Signature=s3cret-sent-by-a-stranger\r\n\
             X-Amz-Security-Token: s3cret-sent-by-a-stranger\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut socket = tokio::net::TcpStream::connect(server.local_addr())
            .await
            .unwrap();
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
        shows_nothing("an answer", &answer);
    }
}

/// A data file that was damaged, with payloads in it.
async fn a_damaged_file(file: &std::path::Path) {
    let whole = std::fs::read(file).unwrap();
    let place = whole.len() / 2;
    let mut damaged = whole.clone();
    damaged[4_096..place].fill(b'x');
    for bytes in [&whole[..place], &damaged] {
        std::fs::write(file, bytes).unwrap();
        let opened = LocalServer::builder().data(file).start().await;
        error_shows_nothing(&opened.unwrap_err());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_run_logs_and_shows_nothing_of_a_payload_or_a_token() {
    let events = Events::capture_everywhere();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.redb");
    let stage = SwfStage::with(LocalServer::builder().poll_hold(millis(200)).data(&file)).await;
    every_outcome(&stage).await;
    a_stranger(&stage.server).await;
    debug_shows_nothing("the server", &stage.server);
    stage.server.stop().await;
    a_damaged_file(&file).await;
    a_service_that_quotes().await;

    let tokens = tokens();
    assert!(tokens.len() > 12, "{}", tokens.len());
    let all = events.all();
    for target in [
        "workbeat::",
        "workbeat_server::",
        "workbeat_swf",
        OF_THE_SDK,
    ] {
        let logged = all.iter().filter(|event| event.target.starts_with(target));
        assert!(logged.count() > 0, "nothing was logged by {target}");
    }
    let mut of_the_sdk = 0;
    for event in &all {
        if event.level == Level::TRACE && event.target.starts_with(OF_THE_SDK) {
            of_the_sdk += 1;
            continue;
        }
        let what = format!("{} of {}", event.level, event.target);
        shows_nothing(&what, &event.text);
        shows_nothing(&what, &event.within);
    }
    for span in events.spans() {
        shows_nothing("a span", &span);
    }
    // Otherwise this looks at less than it says.
    assert!(
        all.len() - of_the_sdk > 1_000,
        "{} of {}",
        all.len(),
        of_the_sdk
    );
}

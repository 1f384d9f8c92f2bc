//! Codecs between activities and the service: where they stand, what they cost when they cannot,
//! and what is sent of an outcome that has to fit.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use workbeat::codec::{Codec, CodecError, Failure, FlowJava, Json, Simpleflow};
use workbeat::completion::CompletionErrorKind;
use workbeat::middleware::{ActivityCall, Next};
use workbeat::prelude::*;
use workbeat::service::{ServiceErrorKind, ServiceLimits};
use workbeat::testing::ActivityTest;
use workbeat::worker::UnknownType;
use workbeat::{CompletionClient, FailureCode, activity_fn};
use workbeat_tests::{Ended, Fault, Operation, Stage, code, forever, run, seconds, start};

/// Turns every text around.
#[derive(Clone, Default)]
struct Reverse {
    failures: Arc<AtomicUsize>,
}

fn reversed(text: &str) -> String {
    text.chars().rev().collect()
}

impl Codec for Reverse {
    fn decode_input(&self, payload: String) -> Result<String, CodecError> {
        if payload == "panic" {
            panic!("on purpose");
        }
        let refused = payload == "refuse";
        let error = || CodecError::new("it is refused").with_source("because");
        (!refused).then(|| reversed(&payload)).ok_or_else(error)
    }

    fn encode_result(&self, json: String) -> Result<String, CodecError> {
        match json.as_str() {
            "\"refuse\"" => Err(CodecError::new("it is refused")),
            "\"panic\"" => panic!("on purpose"),
            _ => Ok(reversed(&json)),
        }
    }

    fn encode_failure(&self, failure: Failure) -> Result<Failure, CodecError> {
        self.failures.fetch_add(1, Ordering::Relaxed);
        let details = reversed(&failure.details.unwrap_or_default());
        Ok(Failure::new(failure.reason).with_details(details))
    }

    fn encode_cancel_details(&self, details: String) -> Result<String, CodecError> {
        Ok(reversed(&details))
    }
}

async fn echo(value: Value) -> Result<Value, ActivityError> {
    Ok(value)
}

#[tokio::test(start_paused = true)]
async fn it_stands_next_to_the_wire_and_middleware_sees_json() {
    let stage = Stage::new();
    let worker = run(stage
        .worker()
        .codec(Reverse::default())
        .middleware_fn(async |call: ActivityCall, next: Next| {
            assert_eq!(call.input.as_deref(), Some("[1,2]"));
            let ended = next.run(call).await?;
            assert_eq!(ended.as_deref(), Some("[1,2]"));
            Ok::<_, ActivityError>(ended)
        })
        .activity_fn("echo", "1.0", echo));
    let outcome = stage.start(start("echo").raw_input("]2,1[")).ended().await;
    assert_eq!(outcome.raw_result(), Some("]2,1["), "{outcome}");
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn untyped_activities_have_it_too_and_what_is_absent_stays_so() {
    let stage = Stage::new();
    let untyped = async |input: Option<String>, _: ActivityContext| {
        Ok::<_, ActivityError>(input.filter(|input| input != "nothing"))
    };
    let worker = run(stage
        .worker()
        .codec(Reverse::default())
        .untyped_activity_fn(untyped)
        .activity_fn("none", "1.0", async |input: Option<u32>| {
            assert_eq!(input, None);
            Ok::<_, ActivityError>(())
        }));
    let outcome = stage.start(start("any").raw_input("abc")).ended().await;
    assert_eq!(outcome.raw_result(), Some("abc"));
    let outcome = stage.start(start("any").raw_input("gnihton")).ended().await;
    assert_eq!(outcome.raw_result(), None);
    assert_eq!(outcome.to_string(), "completed");
    let outcome = stage.start(start("none")).ended().await;
    assert_eq!(outcome.raw_result(), Some("llun"));
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn one_type_can_have_another_or_none() {
    let stage = Stage::new();
    let worker = run(stage
        .worker()
        .activity_codec("plain", "1.0", Json)
        .activity_codec("python", "1.0", Simpleflow::new())
        .codec(Reverse::default())
        .activity_fn("reverse", "1.0", echo)
        .activity_fn("plain", "1.0", echo)
        .activity_fn("python", "1.0", echo));
    let results = [
        ("reverse", "}1:\"a\"{", "}1:\"a\"{"),
        ("plain", "{\"a\":1}", "{\"a\":1}"),
        ("python", "{\"args\":[],\"kwargs\":{\"a\":1}}", "{\"a\":1}"),
    ];
    for (name, input, result) in results {
        let outcome = stage.start(start(name).raw_input(input)).ended().await;
        assert_eq!(outcome.raw_result(), Some(result), "{name}");
    }
    assert!(worker.drain().await.is_clean());
    let worker = stage.worker().activity_fn("plain", "1.0", echo);
    let mistake = worker
        .activity_codec("plane", "1.0", Json)
        .build()
        .unwrap_err();
    assert_eq!(
        mistake.to_string(),
        "`.activity_codec(...)` names `plane 1.0`, which is not registered"
    );
}

#[tokio::test(start_paused = true)]
async fn what_it_cannot_do_is_a_failure_with_a_code() {
    let stage = Stage::new();
    let worker = run(stage
        .worker()
        .codec(Reverse::default())
        .activity_fn("echo", "1.0", echo));
    let cases = [
        (
            "refuse",
            FailureCode::InputInvalid,
            "it is refused: because",
        ),
        ("panic", FailureCode::Panic, "on purpose"),
        (
            "\"esufer\"",
            FailureCode::ResultNotSerializable,
            "it is refused",
        ),
        ("\"cinap\"", FailureCode::Panic, "on purpose"),
    ];
    for (input, expected, details) in cases {
        let outcome = stage.start(start("echo").raw_input(input)).ended().await;
        assert_eq!(code(&outcome), Some(expected), "{input}");
        assert_eq!(outcome.details(), Some(&*reversed(details)));
    }
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn every_failure_goes_through_it_also_the_frameworks_own() {
    let stage = Stage::new();
    let codec = Reverse::default();
    let failed = activity_fn("failed", "1.0", async || {
        Err::<(), _>(ActivityError::failed("DISK").with_details("full"))
    });
    let large = activity_fn("large", "1.0", async || {
        Ok::<_, ActivityError>("x".repeat(40_000))
    });
    let worker = run(stage
        .worker()
        .codec(codec.clone())
        .unknown_type(UnknownType::Fail)
        .drain_deadline(seconds(10))
        .activity(failed)
        .activity(large)
        .activity_fn("forever", "1.0", forever));
    let outcome = stage.start(start("failed")).ended().await;
    assert_eq!(
        (outcome.reason(), outcome.details()),
        (Some("DISK"), Some("lluf"))
    );
    let outcome = stage.start(start("large")).ended().await;
    assert_eq!(code(&outcome), Some(FailureCode::ResultTooLarge));
    assert_eq!(outcome.details(), Some(""));
    let outcome = stage.start(start("unknown")).ended().await;
    assert_eq!(code(&outcome), Some(FailureCode::UnknownActivityType));
    assert!(
        outcome
            .details()
            .unwrap()
            .ends_with(&reversed("registered:"))
    );
    assert_eq!(codec.failures.load(Ordering::Relaxed), 3);
    let left = stage.start(start("forever"));
    worker.holds(1).await;
    worker.handle.drain();
    let outcome = left.ended().await;
    assert_eq!(code(&outcome), Some(FailureCode::WorkerDraining));
    assert_eq!(codec.failures.load(Ordering::Relaxed), 4);
    assert_eq!(worker.end().await.outcomes.failed, 4);
}

#[tokio::test(start_paused = true)]
async fn the_loop_of_the_worker_never_waits_for_it() {
    /// Notes in which task it encodes.
    #[derive(Clone, Default)]
    struct Whereabouts(Arc<std::sync::Mutex<Vec<Option<tokio::task::Id>>>>);

    impl Codec for Whereabouts {
        fn decode_input(&self, payload: String) -> Result<String, CodecError> {
            Ok(payload)
        }

        fn encode_result(&self, json: String) -> Result<String, CodecError> {
            Ok(json)
        }

        fn encode_failure(&self, failure: Failure) -> Result<Failure, CodecError> {
            self.0.lock().unwrap().push(tokio::task::try_id());
            Ok(failure)
        }
    }

    let stage = Stage::new();
    let codec = Whereabouts::default();
    let worker = run(stage
        .worker()
        .codec(codec.clone())
        .unknown_type(UnknownType::Fail)
        .drain_deadline(seconds(10))
        .activity_fn("forever", "1.0", forever));
    let unknown = stage.start(start("unknown")).ended().await;
    assert_eq!(code(&unknown), Some(FailureCode::UnknownActivityType));
    let left = [(); 3].map(|()| stage.start(start("forever")));
    worker.holds(3).await;
    let run = worker.run.id();
    worker.handle.drain();
    for left in left {
        assert_eq!(code(&left.ended().await), Some(FailureCode::WorkerDraining));
    }
    let tasks = codec.0.lock().unwrap().clone();
    assert_eq!(tasks.len(), 4);
    assert!(!tasks.contains(&Some(run)));
    assert!(worker.end().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn one_whose_drop_panics_harms_nobody() {
    #[derive(Default)]
    struct Bomb(Arc<AtomicUsize>);

    impl Codec for Bomb {
        fn decode_input(&self, payload: String) -> Result<String, CodecError> {
            Ok(payload)
        }

        fn encode_result(&self, json: String) -> Result<String, CodecError> {
            Ok(json)
        }
    }

    impl Drop for Bomb {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
            panic!("on purpose");
        }
    }

    let stage = Stage::new();
    let dropped = Arc::new(AtomicUsize::new(0));
    let worker = run(stage
        .worker()
        .codec(Bomb(Arc::clone(&dropped)))
        .activity_codec("echo", "1.0", Bomb(Arc::clone(&dropped)))
        .activity_fn("echo", "1.0", echo)
        .activity_fn("other", "1.0", echo));
    for name in ["echo", "other"] {
        let outcome = stage.start(start(name).raw_input("1")).ended().await;
        assert_eq!(outcome.raw_result(), Some("1"));
    }
    assert!(worker.drain().await.is_clean());
    assert_eq!(dropped.load(Ordering::Relaxed), 2);
}

#[tokio::test(start_paused = true)]
async fn an_activity_without_input_passes_over_what_it_cannot_decode() {
    let stage = Stage::new();
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let see = {
        let seen = Arc::clone(&seen);
        move |call: ActivityCall, next: Next| {
            seen.lock().unwrap().push(call.input.clone());
            next.run(call)
        }
    };
    let worker = run(stage
        .worker()
        .codec(Reverse::default())
        .middleware_fn(see)
        .activity_fn("none", "1.0", async || Ok::<_, ActivityError>(1))
        .activity_fn("echo", "1.0", echo));
    for input in ["refuse", "]1["] {
        let outcome = stage.start(start("none").raw_input(input)).ended().await;
        assert_eq!(outcome.raw_result(), Some("1"), "{outcome}");
    }
    let seen = seen.lock().unwrap().clone();
    assert_eq!(seen, [None, Some("[1]".to_owned())]);
    let outcome = stage.start(start("echo").raw_input("refuse")).ended().await;
    assert_eq!(code(&outcome), Some(FailureCode::InputInvalid));
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn the_details_of_a_cancellation_go_through_it_and_progress_does_not() {
    let stage = Stage::new();
    let wait = async |ctx: ActivityContext| {
        ctx.report("waiting");
        ctx.stopped().await;
        Err::<(), _>(ActivityError::canceled("half way"))
    };
    let worker = run(stage
        .worker()
        .codec(Reverse::default())
        .activity_fn("wait", "1.0", wait));
    let activity = stage.start(start("wait").heartbeat_timeout(seconds(3)));
    worker.holds(1).await;
    activity.request_cancel().unwrap();
    let outcome = activity.ended().await;
    assert_eq!(outcome.details(), Some("yaw flah"));
    let beats = stage.service.calls(Operation::Heartbeat);
    assert!(
        beats
            .iter()
            .any(|beat| beat.text.as_deref() == Some("\"waiting\""))
    );
    assert!(worker.drain().await.is_clean());
}

/// Writes everything twice.
struct Twice;

impl Codec for Twice {
    fn decode_input(&self, payload: String) -> Result<String, CodecError> {
        Ok(payload)
    }

    fn encode_result(&self, json: String) -> Result<String, CodecError> {
        Ok(json.repeat(2))
    }

    fn encode_failure(&self, failure: Failure) -> Result<Failure, CodecError> {
        let details = failure.details.unwrap_or_default();
        Ok(Failure::new(failure.reason).with_details(details.repeat(2)))
    }
}

#[tokio::test(start_paused = true)]
async fn the_limits_are_of_what_is_sent() {
    let result = async |length: usize| Ok::<_, ActivityError>("x".repeat(length));
    let result = |length: usize| {
        let test = ActivityTest::new(activity_fn("result", "1.0", result)).input(length);
        test.codec(Twice).run()
    };
    // Two quotation marks a copy.
    let outcome = result(32_768 / 2 - 2).await;
    outcome.assert_result_text(&format!("\"{}\"", "x".repeat(16_382)).repeat(2));
    let outcome = result(32_768 / 2 - 1).await;
    outcome.assert_failed_with(FailureCode::ResultTooLarge);
    let reason = outcome.reason().unwrap();
    assert!(
        reason.contains("32770") && reason.contains("32768"),
        "{reason}"
    );

    let fails = activity_fn("fails", "1.0", async || {
        Err::<(), _>(ActivityError::failed("DISK").with_details("x".repeat(30_000)))
    });
    let outcome = ActivityTest::new(fails).codec(Twice).run().await;
    let details = outcome.details().unwrap();
    let (first, second) = details.split_at(details.len() / 2);
    assert_eq!(first, second, "it was cut after it was encoded");
    assert!(
        (29_000..=32_768).contains(&details.len()),
        "{}",
        details.len()
    );
    assert!(first.ends_with("...[cut]"));
}

#[tokio::test(start_paused = true)]
async fn flow_for_java_can_read_details_that_had_to_be_cut() {
    let fails = activity_fn("fails", "1.0", async || {
        Err::<(), _>(ActivityError::failed("DISK").with_details("\u{1}\"".repeat(30_000)))
    });
    let test = ActivityTest::new(fails).codec(FlowJava::new());
    let limits = ServiceLimits::default().details(1_000);
    let outcome = test.service_limits(limits).run().await;
    let details = outcome.details().unwrap();
    assert!((500..=1_000).contains(&details.len()), "{}", details.len());
    let (class, throwable): (String, Value) = serde_json::from_str(details).unwrap();
    assert_eq!(class, "java.lang.RuntimeException");
    assert!(throwable["message"].as_str().unwrap().ends_with("...[cut]"));
}

#[tokio::test(start_paused = true)]
async fn an_outcome_that_is_rejected_with_encoded_details_is_not_offered_for_ever() {
    let stage = Stage::new();
    let invalid = Fault::Error(ServiceErrorKind::Invalid);
    stage.service.always(Operation::Fail, invalid);
    let worker =
        run(stage
            .worker()
            .codec(FlowJava::new())
            .activity_fn("fails", "1.0", async || {
                Err::<(), _>(ActivityError::failed("DISK").with_details("full"))
            }));
    let _open = stage.start(start("fails"));
    let rejected = || stage.service.calls(Operation::Fail).len();
    workbeat_tests::eventually("it is given up", || {
        worker.handle.status().running.is_empty() && rejected() > 0
    })
    .await;
    assert!(rejected() <= 3, "{}", rejected());
    assert_eq!(worker.drain().await.unanswered.len(), 1);
}

#[derive(Deserialize)]
struct Measure {
    files: Vec<String>,
    #[serde(default)]
    recursive: bool,
}

#[derive(Serialize)]
struct Sum {
    bytes: u64,
    skipped: Vec<String>,
}

async fn measure(measure: Measure) -> Result<Sum, ActivityError> {
    let Measure { files, recursive } = measure;
    let bytes = if recursive { 17 } else { 0 };
    let skipped = files;
    Ok(Sum { bytes, skipped })
}

#[tokio::test(start_paused = true)]
async fn one_activity_serves_deciders_in_java_and_in_python() {
    let java = FlowJava::new()
        .parameters(["files", "recursive"])
        .result_class("com.example.Sum");
    let python = Simpleflow::new().parameters(["files", "recursive"]);
    let test = || ActivityTest::new(activity_fn("measure", "1.0", measure));

    let call = r#"["[Ljava.lang.Object;",[["java.util.ArrayList",["a.txt"]],true]]"#;
    let outcome = test().codec(java).input_text(call).run().await;
    outcome.assert_result_text(
        r#"["com.example.Sum",{"bytes":17,"skipped":["java.util.ArrayList",["a.txt"]]}]"#,
    );

    let call = r#"{"args":[["a.txt"]],"kwargs":{"recursive":true}}"#;
    let outcome = test().codec(python.clone()).input_text(call).run().await;
    outcome.assert_result_text(r#"{"bytes":17,"skipped":["a.txt"]}"#);
    let call = r#"{"args":[["a.txt"]],"kwargs":{}}"#;
    let outcome = test().codec(python).input_text(call).run().await;
    outcome.assert_completed(json!({ "bytes": 0, "skipped": ["a.txt"] }));
}

#[tokio::test(start_paused = true)]
async fn a_completion_client_writes_with_the_codec_of_its_worker() {
    let stage = Stage::new();
    let tokens = Arc::new(std::sync::Mutex::new(Vec::new()));
    let hand_on = {
        let tokens = Arc::clone(&tokens);
        move |ctx: ActivityContext| {
            tokens.lock().unwrap().push(ctx.task_token().clone());
            async { Err::<(), _>(ActivityError::handed_on()) }
        }
    };
    let worker = run(stage
        .worker()
        .codec(Reverse::default())
        .activity_fn("ask", "1.0", hand_on));
    let client = CompletionClient::new(stage.service.clone()).codec(Reverse::default());
    let ask = async || {
        let activity = stage.start(start("ask"));
        let token = workbeat_tests::eventually_some("a token", || tokens.lock().unwrap().pop());
        (activity, token.await)
    };

    let (activity, token) = ask().await;
    client.complete(&token, &(1, 2)).await.unwrap();
    assert_eq!(activity.ended().await.raw_result(), Some("]2,1["));

    let (activity, token) = ask().await;
    let error = client.complete(&token, "refuse").await.unwrap_err();
    assert_eq!(error.kind(), CompletionErrorKind::NotSerializable);
    let error = client.complete(&token, "panic").await.unwrap_err();
    assert_eq!(error.kind(), CompletionErrorKind::NotSerializable);
    assert_eq!(
        error.to_string(),
        "the codec panicked at the result: on purpose"
    );
    let failed = ActivityError::failed("NO").with_details("never");
    client.fail(&token, failed).await.unwrap();
    assert_eq!(activity.ended().await.details(), Some("reven"));
    assert!(worker.drain().await.is_clean());
}

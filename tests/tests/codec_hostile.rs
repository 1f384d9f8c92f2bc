//! Codecs that fail where they can, and payloads that nobody would write: each task ends, its slot
//! is free, and no log shows what it carried.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tracing::Level;
use workbeat::codec::{Codec, CodecError, Failure, FlowJava, Simpleflow};
use workbeat::prelude::*;
use workbeat::service::ServiceLimits;
use workbeat::testing::ActivityTest;
use workbeat::{FailureCode, activity_fn};
use workbeat_tests::{Ended, Events, Stage, code, rest, run, seconds, start};

/// Where a codec fails, and how.
#[derive(Clone, Copy, Debug)]
struct Failing {
    input: bool,
    result: bool,
    failure: bool,
    cancel: bool,
    panics: bool,
}

const NOWHERE: Failing = Failing {
    input: false,
    result: false,
    failure: false,
    cancel: false,
    panics: false,
};

impl Failing {
    fn at<T>(self, fails: bool, payload: T) -> Result<T, CodecError> {
        assert!(!fails || !self.panics, "the codec knows a secret");
        let error = || CodecError::new("it says a secret").with_source("secret");
        (!fails).then_some(payload).ok_or_else(error)
    }
}

impl Codec for Failing {
    fn decode_input(&self, payload: String) -> Result<String, CodecError> {
        self.at(self.input, payload)
    }

    fn encode_result(&self, json: String) -> Result<String, CodecError> {
        self.at(self.result, json)
    }

    fn encode_failure(&self, failure: Failure) -> Result<Failure, CodecError> {
        self.at(self.failure, failure)
    }

    fn encode_cancel_details(&self, details: String) -> Result<String, CodecError> {
        self.at(self.cancel, details)
    }
}

/// No log, and nothing that a worker shows, has it.
fn assert_kept(events: &Events) {
    for event in events.all() {
        assert!(!event.text.contains("secret"), "{event:?}");
    }
    for span in events.spans() {
        assert!(!span.contains("secret"), "{span}");
    }
}

#[tokio::test(start_paused = true)]
async fn wherever_it_fails_the_task_ends_and_the_slot_is_free() {
    let events = Events::capture();
    let fails = async |how: String, ctx: ActivityContext| match how.as_str() {
        "fail" => Err(ActivityError::failed("DISK").with_details("a secret")),
        "wait" => {
            ctx.stopped().await;
            Err(ActivityError::canceled("a secret"))
        }
        _ => Ok("a secret"),
    };
    for bits in 0..32_u8 {
        let has = |bit: u8| bits & (1 << bit) != 0;
        let codec = Failing {
            input: has(0),
            result: has(1),
            failure: has(2),
            cancel: has(3),
            panics: has(4),
        };
        let stage = Stage::new();
        let worker = run(stage
            .worker()
            .slots(1)
            .codec(codec)
            .activity_fn("fails", "1.0", fails));
        let begin = |how: &str| stage.start(start("fails").raw_input(format!("\"{how}\"")));
        let failed = |outcome: &workbeat_local::ActivityOutcome, because| {
            let expected = if codec.failure {
                FailureCode::FailureNotEncodable
            } else if codec.panics {
                FailureCode::Panic
            } else {
                because
            };
            assert_eq!(code(outcome), Some(expected), "{codec:?}");
        };

        let outcome = begin("give").ended().await;
        match (codec.input, codec.result) {
            (true, _) => failed(&outcome, FailureCode::InputInvalid),
            (false, true) => failed(&outcome, FailureCode::ResultNotSerializable),
            (false, false) => assert_eq!(outcome.raw_result(), Some("\"a secret\"")),
        }
        let outcome = begin("fail").ended().await;
        match (codec.input, codec.failure) {
            (true, _) => failed(&outcome, FailureCode::InputInvalid),
            (false, true) => failed(&outcome, FailureCode::FailureNotEncodable),
            (false, false) => assert_eq!(outcome.reason(), Some("DISK")),
        }
        let activity = begin("wait");
        if !codec.input {
            worker.holds(1).await;
            activity.request_cancel().unwrap();
        }
        let outcome = activity.ended().await;
        if codec.input {
            failed(&outcome, FailureCode::InputInvalid);
        } else {
            let details = (!codec.cancel).then_some("a secret");
            assert_eq!(outcome.to_string(), "was canceled");
            assert_eq!(outcome.details(), details, "{codec:?}");
        }
        assert!(worker.drain().await.is_clean(), "{codec:?}");
    }
    assert_kept(&events);
}

#[tokio::test(start_paused = true)]
async fn a_reason_that_it_cannot_encode_is_in_the_log() {
    for panics in [false, true] {
        let events = Events::capture_from(Level::WARN);
        let stage = Stage::new();
        let codec = Failing {
            failure: true,
            cancel: true,
            panics,
            ..NOWHERE
        };
        let fails = async |length: usize| {
            let reason = format!("DISK{}", "!".repeat(length));
            Err::<(), _>(ActivityError::failed(reason).with_details("secret"))
        };
        let wait = async |ctx: ActivityContext| {
            ctx.stopped().await;
            Err::<(), _>(ActivityError::canceled("secret"))
        };
        let worker = run(stage
            .worker()
            .codec(codec)
            .activity_fn("wait", "1.0", wait)
            .activity_fn("fails", "1.0", fails));
        let activity = start("fails").raw_input("0").workflow_id("mine");
        let outcome = stage.start(activity).ended().await;
        assert_eq!(code(&outcome), Some(FailureCode::FailureNotEncodable));
        assert_eq!(outcome.details(), None);
        assert!(!outcome.reason().unwrap().contains("DISK"));
        let why = if panics {
            "the codec panicked at why the activity failed"
        } else {
            "the codec cannot encode why the activity failed"
        };
        let [told] = &events.matching(Level::WARN, why)[..] else {
            panic!("it is told once: {:?}", events.all());
        };
        assert!(told.text.contains("reason=DISK "), "{told:?}");
        assert!(told.text.contains("[redacted, 6 bytes]"), "{told:?}");
        assert!(told.within.contains("mine"), "{told:?}");

        // No longer than another reason is.
        stage.start(start("fails").raw_input("9000")).ended().await;
        let told = events.matching(Level::WARN, why);
        assert!(told[1].text.contains("DISK!!"), "{told:?}");
        assert!(told[1].text.len() < 500, "{told:?}");

        let activity = stage.start(start("wait").heartbeat_timeout(seconds(3)));
        worker.holds(1).await;
        activity.request_cancel().unwrap();
        assert_eq!(activity.ended().await.details(), None);
        let told = events.matching(Level::WARN, "the details of a cancellation");
        assert_eq!(told.len(), 1, "{:?}", events.all());
        assert_kept(&events);
        assert!(worker.drain().await.is_clean());
    }
}

/// Makes the same of everything: too long a text.
struct Large(Arc<AtomicUsize>);

impl Large {
    fn text(&self) -> String {
        self.0.fetch_add(1, Ordering::Relaxed);
        "x".repeat(40_000)
    }
}

impl Codec for Large {
    fn decode_input(&self, payload: String) -> Result<String, CodecError> {
        Ok(payload)
    }

    fn encode_result(&self, _: String) -> Result<String, CodecError> {
        Ok(self.text())
    }

    fn encode_failure(&self, failure: Failure) -> Result<Failure, CodecError> {
        Ok(Failure::new(failure.reason).with_details(self.text()))
    }

    fn encode_cancel_details(&self, _: String) -> Result<String, CodecError> {
        Ok(self.text())
    }
}

#[tokio::test(start_paused = true)]
async fn what_never_fits_is_left_out_after_a_few_tries_and_that_is_told() {
    let events = Events::capture_from(Level::WARN);
    let stage = Stage::new();
    let tries = Arc::new(AtomicUsize::new(0));
    let wait = async |ctx: ActivityContext| {
        ctx.stopped().await;
        Err::<(), _>(ActivityError::canceled("secret"))
    };
    let worker = run(stage
        .worker()
        .codec(Large(Arc::clone(&tries)))
        .activity_fn("wait", "1.0", wait)
        .activity_fn("rest", "1.0", rest));
    let outcome = stage.start(start("rest").raw_input("1")).ended().await;
    assert_eq!(code(&outcome), Some(FailureCode::ResultTooLarge));
    assert_eq!(outcome.details(), None);
    assert_eq!(events.matching(Level::WARN, "no details fit").len(), 1);
    let activity = stage.start(start("wait").heartbeat_timeout(seconds(3)));
    worker.holds(1).await;
    activity.request_cancel().unwrap();
    let outcome = activity.ended().await;
    assert_eq!(outcome.to_string(), "was canceled");
    assert_eq!(outcome.details(), None);
    assert_eq!(events.matching(Level::WARN, "no details fit").len(), 2);
    assert!(tries.load(Ordering::Relaxed) < 20);
    assert!(worker.drain().await.is_clean());
    assert_kept(&events);
}

/// What an activity is given, in every shape.
#[derive(Debug, Deserialize, Serialize, PartialEq)]
struct Odd {
    big: u64,
    bigger: i128,
    text: String,
    #[serde(default)]
    missing: Option<u8>,
    choice: Choice,
}

#[derive(Debug, Deserialize, Serialize, PartialEq)]
enum Choice {
    Nothing,
    Named { a: (u8, Option<u8>) },
}

async fn odd(odd: Odd) -> Result<Odd, ActivityError> {
    Ok(odd)
}

#[tokio::test(start_paused = true)]
async fn odd_payloads_are_read_to_the_last_digit_or_refused_without_being_shown() {
    let json = r#"{"big":18446744073709551615,"bigger":-170141183460469231731687303715884105728,"text":"\ud83d\ude00\u0000","missing":null,"choice":{"Named":{"a":[1,null]}}}"#;
    let expected = Odd {
        big: u64::MAX,
        bigger: i128::MIN,
        text: "\u{1f600}\0".to_owned(),
        missing: None,
        choice: Choice::Named { a: (1, None) },
    };
    let expected = serde_json::to_string(&expected).unwrap();
    let python = format!(r#"{{"args":[{json}],"kwargs":{{}},"meta":null}}"#);
    let java = format!(r#"["[Ljava.lang.Object;",[["com.example.Odd",{json}]]]"#);
    let test = || ActivityTest::new(activity_fn("odd", "1.0", odd));
    test()
        .input_text(json)
        .run()
        .await
        .assert_result_text(&expected);
    let outcome = test()
        .codec(Simpleflow::new())
        .input_text(python)
        .run()
        .await;
    outcome.assert_result_text(&expected);
    let codec = FlowJava::new().results_as_they_are();
    let outcome = test().codec(codec).input_text(java).run().await;
    outcome.assert_result_text(&expected);

    let deep = "[".repeat(16_000);
    for odd in [
        "",
        "null",
        "{}",
        "[]",
        "\u{feff}{}",
        r#""\ud800""#,
        r#"{"big":-1}"#,
        r#"{"big":1e400}"#,
        r#"{"big":18446744073709551616}"#,
        r#"{"secret":1,"secret":2}"#,
        &deep,
    ] {
        for payload in [
            odd.to_owned(),
            format!(r#"{{"args":[{odd}],"kwargs":{{}}}}"#),
            format!(r#"{{"args":null,"kwargs":{odd}}}"#),
            format!(r#"{{"args":[],"kwargs":{{"secret":{odd}}}}}"#),
            format!(r#"["[Ljava.lang.Object;",[{odd}]]"#),
            format!(
                r#"["[Ljava.lang.Object;",[["java.util.ArrayList",[["java.util.TreeMap",{{"a":["[I",{odd}]}}]]]]]"#
            ),
        ] {
            for test in [
                test(),
                test().codec(Simpleflow::new()),
                test().codec(Simpleflow::new().parameters(["big", "text"])),
                test().codec(FlowJava::new()),
                test().codec(FlowJava::new().parameters(["big"])),
            ] {
                let outcome = test.input_text(payload.clone()).run().await;
                outcome.assert_failed_with(FailureCode::InputInvalid);
                let reason = outcome.reason().unwrap();
                assert!(!reason.contains("secret"), "{reason}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_flow_made_stays_as_it_is_unless_it_must_be_cut() {
    const THROWABLE: &str = r#"["com.example.DiskFull",{"message":"full","cause":["java.io.IOException",{"message":"no space","stackTrace":[]}],"stackTrace":[["java.lang.StackTraceElement",{"methodName":"a"}]]}]"#;
    let fails = || {
        activity_fn("fails", "1.0", async || {
            Err::<(), _>(ActivityError::failed("DISK").with_details(THROWABLE))
        })
    };
    let outcome = ActivityTest::new(fails())
        .codec(FlowJava::new())
        .run()
        .await;
    assert_eq!(outcome.details(), Some(THROWABLE));
    let test = ActivityTest::new(fails()).codec(FlowJava::new());
    let outcome = test
        .service_limits(ServiceLimits::default().details(160))
        .run()
        .await;
    let (class, cut): (String, Value) = serde_json::from_str(outcome.details().unwrap()).unwrap();
    assert_eq!(class, "java.lang.RuntimeException");
    assert!(cut["message"].as_str().unwrap().ends_with("...[cut]"));
}

//! Nothing of an input, a result, details, progress or a token is logged, at any level.

#![allow(clippy::unwrap_used, reason = "a helper of a test may unwrap too")]

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::sleep;
use workbeat::activity_fn;
use workbeat::prelude::*;
use workbeat::service::ServiceErrorKind;
use workbeat::worker::UnknownType;
use workbeat_tests::{Ended, Events, Fault, Operation, Stage, run, start};

/// Stands in everything that must not be logged.
const SECRET: &str = "hunter2";

#[derive(Debug, Deserialize, Serialize)]
struct Credentials {
    password: String,
}

/// Ends in every way, with a secret in everything that it says.
async fn work(
    (how, secret): (String, Credentials),
    ctx: ActivityContext,
) -> Result<Credentials, ActivityError> {
    let password = secret.password.clone();
    if how == "huge report" {
        ctx.report(password.repeat(2_000));
        ctx.report_text(password.repeat(2_000));
    } else {
        ctx.report(&secret);
    }
    sleep(Duration::from_secs(5)).await;
    match how.as_str() {
        "fails" => Err(ActivityError::failed("code").with_details(password)),
        "errs" => Err(std::io::Error::other(password).into()),
        "panics" => panic!("the password is {password}"),
        "huge" => Ok(Credentials {
            password: password.repeat(10_000),
        }),
        "stops" => {
            ctx.stopped().await;
            Err(ActivityError::canceled(password))
        }
        "says canceled" => Err(ActivityError::canceled(password)),
        _ => Ok(secret),
    }
}

async fn every_way_to_end(stage: &Stage) -> Vec<String> {
    let options = ActivityOptions::new().heartbeat_interval(Duration::from_secs(1));
    let worker = run(stage
        .worker()
        .activity(activity_fn("work", "1.0", work).with_options(options)));
    let secret = Credentials {
        password: SECRET.to_owned(),
    };
    let mut tokens = Vec::new();
    for how in [
        "completes",
        "fails",
        "errs",
        "panics",
        "huge",
        "stops",
        "says canceled",
        "huge report",
    ] {
        let activity = stage.start(start("work").input(&(how, &secret)).unwrap());
        worker.holds(1).await;
        let debug = format!("{:?} {:?}", worker.handle, worker.handle.status());
        assert!(!debug.contains(SECRET), "{debug}");
        if how == "stops" {
            activity.request_cancel().unwrap();
        }
        let outcome = activity.ended().await;
        let debug = format!("{outcome:?} {outcome} {activity:?}");
        assert!(!debug.contains(SECRET), "{debug}");
        worker.holds(0).await;
    }
    for input in [
        Some(format!("{{\"not\": \"{SECRET}\"}}")),
        Some(SECRET.to_owned()),
        None,
    ] {
        let mut activity = start("work");
        if let Some(input) = input {
            activity = activity.raw_input(input);
        }
        stage.start(activity).ended().await;
    }
    let unknown = start("unknown").raw_input(SECRET);
    stage.start(unknown).ended().await;
    for operation in [Operation::Heartbeat, Operation::Complete, Operation::Fail] {
        for call in stage.service.calls(operation) {
            tokens.push(call.token.unwrap().expose().to_owned());
        }
    }
    let report = worker.drain().await;
    assert!(!format!("{report:?} {report}").contains(SECRET));
    tokens
}

/// Nothing that was logged shows the secret or a token, and something was logged at all.
fn nothing_shows(events: &Events, tokens: &[String]) {
    let all = events.all();
    assert!(all.len() > 50, "{}", all.len());
    let spans = events.spans();
    assert!(spans.iter().any(|span| span.starts_with("activity")));
    let texts = all.iter().map(|event| &event.text).chain(&spans);
    for text in texts {
        assert!(!text.contains(SECRET), "{text}");
        for token in tokens {
            assert!(!text.contains(token.as_str()), "{text}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_of_a_payload_is_logged_when_all_goes_well() {
    let events = Events::capture();
    let tokens = every_way_to_end(&Stage::new()).await;
    assert!(tokens.len() > 20 && tokens.iter().all(|token| token.len() > 8));
    nothing_shows(&events, &tokens);
}

#[tokio::test(start_paused = true)]
async fn nothing_of_a_payload_is_logged_when_calls_go_wrong() {
    for kind in [
        ServiceErrorKind::Throttled,
        ServiceErrorKind::Unavailable,
        ServiceErrorKind::NotPermitted,
        ServiceErrorKind::Invalid,
    ] {
        let events = Events::capture();
        let stage = Stage::new();
        // A service may quote what it rejects.
        let message = format!("1 validation error: value '{SECRET}' failed");
        stage.service.says(message);
        for operation in [
            Operation::Heartbeat,
            Operation::Complete,
            Operation::Fail,
            Operation::Cancel,
            Operation::Timeouts,
        ] {
            let mut calls = 0;
            stage.service.script(operation, move |_| {
                calls += 1;
                (calls % 2 == 1).then_some(Fault::Error(kind))
            });
        }
        let tokens = every_way_to_end(&stage).await;
        if kind == ServiceErrorKind::Invalid {
            nothing_shows(&events, &tokens);
        } else {
            // What these say is about the caller, and worth a log line.
            let tokens_only = events.all();
            for token in tokens {
                assert!(!tokens_only.iter().any(|event| event.text.contains(&token)));
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_of_a_payload_is_logged_by_what_is_left_unanswered() {
    let events = Events::capture();
    let stage = Stage::new();
    for operation in [Operation::Complete, Operation::Fail] {
        stage.service.always(operation, Fault::Hang);
    }
    let worker = run(stage
        .worker()
        .unknown_type(UnknownType::LeaveToOthers)
        .drain_deadline(Duration::from_secs(20))
        .activity_fn("work", "1.0", work));
    let secret = Credentials {
        password: SECRET.to_owned(),
    };
    let work = start("work").input(&("completes", &secret)).unwrap();
    let _ = stage.start(work);
    let _ = stage.start(start("unknown").raw_input(SECRET));
    worker.holds(1).await;
    let report = worker.drain().await;
    assert_eq!(report.unanswered.len(), 2);
    let shown = format!("{report:?} {report}");
    assert!(!shown.contains(SECRET));
    for task in &report.unanswered {
        assert!(!shown.contains(task.token.expose()));
        assert!(events.all().iter().all(|event| {
            !event.text.contains(SECRET) && !event.text.contains(task.token.expose())
        }));
    }
}

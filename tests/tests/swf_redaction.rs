//! What the adapter keeps out of the logs and out of `Debug`.

use std::sync::Arc;

use tokio::sync::Notify;
use tracing::Level;
use workbeat::activity_fn;
use workbeat::prelude::*;
use workbeat_server::Faults;
use workbeat_tests::{Events, Logged, SwfStage, eventually, millis, run, said, scheduled};

const SECRETS: [&str; 4] = [
    "secret-input",
    "secret-result",
    "secret-details",
    "secret-progress",
];

/// At TRACE the SDK logs whole answers; the guide says so.
fn of_the_sdk(event: &Logged) -> bool {
    event.target.starts_with("aws_smithy_runtime")
}

#[tokio::test]
async fn neither_payload_nor_token_is_logged_also_when_calls_fail() {
    let events = Events::capture();
    let stage = SwfStage::new().await;
    let options = ActivityOptions::new().heartbeat_interval(millis(20));
    let go = Arc::new(Notify::new());
    let waits = Arc::clone(&go);
    let speak = activity_fn("speak", "1.0", move |how: String, ctx: ActivityContext| {
        let waits = Arc::clone(&waits);
        async move {
            ctx.report("secret-progress");
            waits.notified().await;
            if how == "secret-input" {
                Ok("secret-result")
            } else {
                Err(ActivityError::failed("its own").with_details("secret-details"))
            }
        }
    });
    let worker = run(stage.worker().activity(speak.with_options(options)));
    assert!(worker.handle.ready().await);
    for (input, expected) in [
        ("\"secret-input\"", "completed: \"secret-result\""),
        ("\"fail\"", "failed: its own: secret-details"),
    ] {
        let flow = stage.schedule(scheduled("speak").input(input)).await;
        flow.started().await;
        let running = worker.holds(1).await.remove(0);
        let failed = events.count(Level::WARN, "");
        stage.server.set_faults(Faults::default().throttle(0.5));
        eventually("something failed", || {
            events.count(Level::WARN, "") > failed
        })
        .await;
        go.notify_one();
        eventually("it has ended", || worker.handle.status().running.is_empty()).await;
        stage.server.set_faults(Faults::default());
        assert_eq!(said(&flow.closed().await), expected);
        let token = running.task_token.expose();
        let secrets = SECRETS.iter().copied().chain([token]);
        for secret in secrets {
            let leaks = events.matching(Level::TRACE, secret);
            assert!(leaks.iter().all(of_the_sdk), "{leaks:?}");
            for level in [Level::ERROR, Level::WARN, Level::INFO, Level::DEBUG] {
                assert_eq!(events.count(level, secret), 0, "at {level}");
            }
        }
    }
    assert!(worker.drain().await.is_clean());
}

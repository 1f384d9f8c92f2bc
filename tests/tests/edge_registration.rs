//! The edge case 46: many activity types, and a service that throttles their registration.

use tokio::time::Instant;
use tracing::Level;
use workbeat::activity_fn;
use workbeat::prelude::*;
use workbeat::service::ServiceErrorKind;
use workbeat::worker::RunErrorKind;
use workbeat_tests::{Ended, Events, Fault, Operation, Stage, run, start};

const TYPES: usize = 500;

async fn nothing() -> Result<(), ActivityError> {
    Ok(())
}

/// Amazon SWF's throttle of RegisterActivityType: a bucket of 200 calls, refilled by 60 a second.
fn throttle() -> impl FnMut() -> bool {
    let (mut left, mut filled) = (200.0_f64, Instant::now());
    move || {
        let now = Instant::now();
        left = 200.0_f64.min(left + (now - filled).as_secs_f64() * 60.0);
        filled = now;
        let throttled = left < 1.0;
        if !throttled {
            left -= 1.0;
        }
        throttled
    }
}

#[tokio::test(start_paused = true)]
async fn case_46_hundreds_of_types_under_a_throttle_are_paced_and_start_up_succeeds() {
    let events = Events::capture();
    let stage = Stage::new();
    let mut throttled = throttle();
    stage.service.script(Operation::Register, move |_| {
        throttled().then_some(Fault::Error(ServiceErrorKind::Throttled))
    });
    let worker = (0..TYPES).fold(stage.worker(), |worker, at| {
        worker.activity(activity_fn(format!("type-{at}"), "1.0", nothing))
    });
    let began = Instant::now();
    let worker = run(worker);
    assert!(worker.handle.ready().await);
    assert!(began.elapsed().as_secs() < 120, "{:?}", began.elapsed());

    // A throttled type did not send the worker back to the start: each was accepted once.
    let calls = stage.service.calls(Operation::Register);
    assert_eq!(calls.iter().filter(|call| call.accepted).count(), TYPES);
    assert!(calls.len() <= 2 * TYPES, "{} calls", calls.len());
    // One at a time.
    assert!(
        calls
            .windows(2)
            .all(|two| two[0].ended <= Some(two[1].began))
    );
    assert_eq!(events.count(Level::WARN, "not registered yet"), 1);

    let last = stage.start(start(&format!("type-{}", TYPES - 1)));
    assert_eq!(last.ended().await.to_string(), "completed");
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_46_a_quota_of_types_that_is_used_up_ends_the_run_and_names_the_type() {
    let stage = Stage::new();
    stage.service.script(Operation::Register, |_| {
        Some(Fault::Error(ServiceErrorKind::LimitExceeded))
    });
    let worker = run(stage
        .worker()
        .activity(activity_fn("one-more", "1.0", nothing)));
    let error = worker.outcome().await.unwrap_err();
    let RunErrorKind::Registration(activity_type) = error.kind() else {
        panic!("{error}")
    };
    assert_eq!(activity_type.to_string(), "one-more 1.0");
    assert_eq!(stage.service.calls(Operation::Register).len(), 1);
}

//! A worker with a seed does the same things at the same times in every run.

use std::time::Duration;

use tokio::runtime::Builder;
use tokio::time::{Instant, sleep};
use workbeat::prelude::*;
use workbeat::service::ServiceErrorKind;
use workbeat_local::LocalService;
use workbeat_tests::{Ended, Fault, Operation, Stage, run, start};

const OPERATIONS: [Operation; 7] = [
    Operation::Poll,
    Operation::Heartbeat,
    Operation::Complete,
    Operation::Fail,
    Operation::Cancel,
    Operation::Register,
    Operation::Timeouts,
];

/// When each call of each kind began in a run under faults, and for which task.
fn calls_under_faults(seed: u64) -> Vec<String> {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let began = Instant::now();
        let local = LocalService::builder().seed(1).build().expect("a service");
        let stage = Stage::over(local);
        for operation in OPERATIONS {
            let mut calls = 0;
            stage.service.script(operation, move |_| {
                calls += 1;
                (calls % 3 == 1).then_some(Fault::Error(ServiceErrorKind::Throttled))
            });
        }
        let worker = stage
            .worker()
            .seed(seed)
            .activity_fn("sleep", "1.0", async |secs: u64| {
                sleep(Duration::from_secs(secs)).await;
                Ok::<_, ActivityError>(())
            });
        let spawned = run(worker);
        let activities: Vec<_> = (0..20)
            .map(|secs| {
                let activity = start("sleep").heartbeat_timeout(Duration::from_secs(3));
                stage.start(activity.input(&secs).expect("JSON"))
            })
            .collect();
        for activity in &activities {
            activity.ended().await;
        }
        let _report = spawned.drain().await;
        let calls = OPERATIONS
            .into_iter()
            .flat_map(|operation| stage.service.calls(operation));
        calls
            .map(|call| {
                let token = call.token.as_ref().map(|token| token.expose().to_owned());
                format!("{:?} {:?} {token:?}", call.began - began, call.operation)
            })
            .collect()
    })
}

#[test]
fn the_same_seed_gives_the_same_calls_at_the_same_times() {
    let first = calls_under_faults(7);
    assert!(first.len() > 100, "{}", first.len());
    for _ in 0..5 {
        assert_eq!(calls_under_faults(7), first);
    }
    assert_ne!(calls_under_faults(8), first);
}

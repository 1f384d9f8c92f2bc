//! What a claim check counts as of no use is what the service has definitely not taken.

use tokio::time::sleep;
use workbeat::prelude::*;
use workbeat::service::ServiceErrorKind;
use workbeat_claim_check::{ClaimCheck, ObjectStorePayloads, Payloads};
use workbeat_local::{LocalService, StartActivity};
use workbeat_tests::{Fault, FaultyService, Operation, run, seconds};

#[tokio::test(start_paused = true)]
async fn a_result_whose_answer_was_lost_is_not_counted_as_unused() {
    let local = LocalService::new();
    let faulty = FaultyService::new(local.clone());
    let payloads = Payloads::new(ObjectStorePayloads::in_memory());
    let service = ClaimCheck::new(faulty.clone(), payloads.clone());
    // A definite refusal first, which must not be taken for a lost answer.
    let throttled = Fault::Error(ServiceErrorKind::Throttled);
    faulty.next(Operation::Complete, 1, throttled);
    faulty.next(Operation::Complete, 1, Fault::LostAnswer);
    let work = async || Ok::<_, ActivityError>("long".repeat(10_000));
    let worker = run(Worker::builder(service.clone())
        .task_list("list")
        .activity_fn("work", "1.0", work));
    let start = StartActivity::new("work", "1.0").task_list("list");
    let outcome = local.start(start).unwrap().outcome().await;
    assert!(worker.drain().await.is_clean());
    assert_eq!(faulty.count(Operation::Complete), 3);
    assert_eq!(service.counts().unused, 0);
    let result = payloads.resolve(outcome.raw_result().unwrap()).await;
    assert_eq!(result.unwrap().len(), 40_002);
}

#[tokio::test(start_paused = true)]
async fn progress_is_counted_as_unused_when_newer_progress_was_accepted_and_not_before() {
    let local = LocalService::new();
    let faulty = FaultyService::new(local.clone());
    let payloads = Payloads::new(ObjectStorePayloads::in_memory());
    let service = ClaimCheck::new(faulty.clone(), payloads);
    let (shows, fails) = (service.clone(), faulty.clone());
    let work = move |ctx: ActivityContext| {
        let (shows, fails) = (shows.clone(), fails.clone());
        async move {
            ctx.report("a".repeat(40_000));
            sleep(seconds(5)).await;
            let down = Fault::Error(ServiceErrorKind::Unavailable);
            fails.always(Operation::Heartbeat, down);
            ctx.report("b".repeat(40_000));
            sleep(seconds(10)).await;
            let before = shows.counts().unused;
            fails.mend(Operation::Heartbeat);
            sleep(seconds(10)).await;
            Ok::<_, ActivityError>((before, shows.counts().unused))
        }
    };
    let work = workbeat::activity_fn("work", "1.0", work)
        .with_options(ActivityOptions::new().heartbeat_interval(seconds(1)));
    let worker = run(Worker::builder(service).task_list("list").activity(work));
    let start = StartActivity::new("work", "1.0")
        .task_list("list")
        .heartbeat_timeout(seconds(60));
    let outcome = local.start(start).unwrap().outcome().await;
    assert_eq!(outcome.raw_result(), Some("[0,1]"), "{outcome}");
    assert!(worker.drain().await.is_clean());
}

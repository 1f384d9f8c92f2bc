//! Progress that is too large for the service.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_delays_no_heartbeat_that_carries_progress() {
    let stage = Stage::new();
    let work = async |ctx: ActivityContext| {
        ctx.report(large("a"));
        sleep(Duration::from_secs(5)).await;
        ctx.report(large("b")); // cannot be stored
        sleep(Duration::from_secs(60)).await;
        Err::<(), _>(ActivityError::failed("DONE"))
    };
    let work = workbeat::activity_fn("work", "1.0", work).with_options(beats());
    let worker = stage.worker().activity(work).build().unwrap();
    let handle = worker.handle();
    let running = tokio::spawn(worker.run());
    let activity = stage.local.start(start()).unwrap();
    while stage.memory.keys().is_empty() {
        sleep(Duration::from_millis(1)).await;
    }
    stage.memory.always(Some(Fault::Hangs));
    let outcome = activity.outcome().await;
    assert_eq!(
        outcome.reason(),
        Some("DONE"),
        "its heartbeat timeout is 10 s: {outcome}"
    );
    assert!(stage.service.counts().progress_late > 10);
    handle.drain();
    assert!(running.await.unwrap().unwrap().is_clean());
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_does_not_wait_for_the_store_and_the_next_one_carries_what_was_stored() {
    let stage = Stage::new();
    let activity = stage.local.start(start()).unwrap();
    let request = PollRequest::new("list", "test");
    let task = stage.service.poll(request).await.unwrap().unwrap();
    let large = large("a");
    for _ in 0..2 {
        let heartbeat = stage.service.heartbeat(&task.token, Some(&large));
        // It is answered at its first poll.
        heartbeat.now_or_never().expect("no wait").unwrap();
        while stage.memory.keys().is_empty() {
            tokio::task::yield_now().await;
        }
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }
    let counts = stage.service.counts();
    assert_eq!((counts.progress_late, counts.referred), (1, 1));
    assert_eq!(stage.memory.puts.load(Ordering::Relaxed), 1);
    let outcome = activity.outcome().await;
    assert!(
        matches!(outcome, ActivityOutcome::TimedOut { .. }),
        "{outcome}"
    );
    assert_eq!(
        stage
            .payloads
            .resolve(outcome.details().unwrap())
            .await
            .unwrap(),
        large
    );
}

#[tokio::test(start_paused = true)]
async fn large_progress_that_cannot_be_stored_leaves_the_small_one_that_the_service_has() {
    let stage = Stage::new();
    stage.memory.always(Some(Fault::Hangs));
    let activity = stage.local.start(start()).unwrap();
    let request = PollRequest::new("list", "test");
    let task = stage.service.poll(request).await.unwrap().unwrap();
    let heartbeat = async |details: &str| {
        let heartbeat = stage.service.heartbeat(&task.token, Some(details));
        heartbeat.await.expect("it is accepted");
    };
    heartbeat("7").await;
    heartbeat(&large("a")).await;
    heartbeat(&large("b")).await;
    assert_eq!(activity.outcome().await.details(), Some("7"));
}

#[tokio::test(start_paused = true)]
async fn uploads_of_progress_are_bounded_while_the_store_hangs() {
    let stage = Stage::new();
    stage.memory.always(Some(Fault::Hangs));
    let puts = || stage.memory.puts.load(Ordering::Relaxed);
    let heartbeat = async |token: &str, number: usize| {
        let details = format!("{}{number}", large("a"));
        let token = TaskToken::new(token);
        let _ = stage.service.heartbeat(&token, Some(&details)).await;
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    };
    for number in 0..20 {
        heartbeat("one", number).await;
    }
    assert_eq!(puts(), 1, "one at once for a task");
    for number in 0..200 {
        heartbeat(&format!("task {number}"), 100 + number).await;
    }
    assert_eq!(puts(), 64, "so many for all tasks");
    // They are given up in the end, and an outcome has always had its turn.
    stage.memory.next(Fault::Slow(Duration::ZERO));
    stage.payloads.store(&large("o")).await.unwrap();
    sleep(Duration::from_secs(61)).await;
    heartbeat("one", 20).await;
    assert_eq!(puts(), 66);
}

#[tokio::test(start_paused = true)]
async fn progress_that_stays_is_stored_once_and_that_which_is_superseded_is_counted() {
    let stage = Stage::new();
    let work = async |ctx: ActivityContext| {
        for letter in ["a", "b", "c"] {
            ctx.report(large(letter));
            sleep(Duration::from_secs(5)).await;
        }
        Ok::<_, ActivityError>(())
    };
    let work = workbeat::activity_fn("work", "1.0", work).with_options(beats());
    stage.run(stage.worker().activity(work), start()).await;
    assert_eq!(stage.memory.puts.load(Ordering::Relaxed), 3);
    let counts = stage.service.counts();
    assert_eq!((counts.referred, counts.unused), (3, 3), "{counts:?}");
}

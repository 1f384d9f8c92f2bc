//! What an attempt finds that another left in the store.

use super::*;

#[tokio::test(start_paused = true)]
async fn progress_in_a_failure_that_looks_like_a_reference_comes_back_as_it_was() {
    for details in ["disk full".to_owned(), large("d")] {
        let stage = Stage::new();
        let looks = serde_json::json!({ "workbeat.claim-check": 1, "mine": true });
        let reported = looks.clone();
        let work = move |ctx: ActivityContext| {
            let (looks, details) = (reported.clone(), details.clone());
            async move {
                let previous = ctx.previous_progress::<serde_json::Value>().await?;
                if let Some(previous) = previous {
                    return Ok::<_, ActivityError>(previous);
                }
                ctx.report(looks);
                Err(ActivityError::failed("FULL").with_details(details))
            }
        };
        let worker = || {
            let worker = stage.worker().activity_fn("work", "1.0", work.clone());
            worker.previous_progress(true).progress_in_failures(true)
        };
        let start = || start().workflow_id("flow").activity_id("work-1");
        let first = stage.run(worker(), start()).await;
        assert_eq!(first.reason(), Some("FULL"), "{first}");
        let second = stage.run(worker(), start()).await;
        let found = stage.payloads.resolve(second.raw_result().unwrap()).await;
        let found: serde_json::Value = serde_json::from_str(&found.unwrap()).unwrap();
        assert_eq!(found, looks);
    }
}

#[tokio::test(start_paused = true)]
async fn details_of_a_failure_that_have_expired_are_no_error_for_the_next_attempt() {
    let stage = Stage::new();
    let input = |first: bool| {
        let start = start().workflow_id("flow").activity_id("work-1");
        start.raw_input(first.to_string())
    };
    let work = async |first: bool, ctx: ActivityContext| {
        if first {
            return Err(ActivityError::failed("LONG").with_details(large("d")));
        }
        let previous = ctx.previous_progress::<String>().await?;
        Ok::<_, ActivityError>(previous)
    };
    let worker = || {
        let worker = stage.worker().activity_fn("work", "1.0", work);
        worker.previous_progress(true)
    };
    let first = stage.run(worker(), input(true)).await;
    stored(first.details());
    stage.memory.entries.lock().unwrap().clear();
    let second = stage.run(worker(), input(false)).await;
    assert_eq!(second.raw_result(), Some("null"), "{second}");
}

/// Reports large progress, and is killed or `ends`; then another attempt says what it found, after
/// that became of all that was stored.
async fn found_after(stage: &Stage, ends: bool, fate: Fate) -> (ActivityOutcome, ActivityOutcome) {
    let attempts = Arc::new(AtomicU32::new(0));
    let work = move |ctx: ActivityContext| {
        let first = attempts.fetch_add(1, Ordering::Relaxed) == 0;
        async move {
            let previous = ctx.previous_progress::<String>().await?;
            if !first {
                return Ok::<_, ActivityError>(previous.unwrap_or_default());
            }
            ctx.report(large("p"));
            sleep(Duration::from_secs(5)).await;
            if ends {
                return Err(ActivityError::failed("FULL").with_details("disk full"));
            }
            std::future::pending().await
        }
    };
    let builder = || {
        let work = workbeat::activity_fn("work", "1.0", work.clone()).with_options(beats());
        let worker = stage.worker().activity(work).previous_progress(true);
        worker.progress_in_failures(true)
    };
    let start = || start().workflow_id("flow").activity_id("work-1");
    let worker = builder().build().expect("a worker");
    let running = tokio::spawn(worker.run());
    let activity = stage.local.start(start()).expect("it starts");
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(6) {
        sleep(Duration::from_millis(100)).await;
    }
    running.abort();
    let _ = running.await; // else a poll of its takes the next attempt
    let first = activity.outcome().await;
    stage.memory.suffers(fate);
    (first, stage.run(builder(), start()).await)
}

#[tokio::test(start_paused = true)]
async fn a_killed_attempt_leaves_its_large_progress() {
    let stage = Stage::new();
    let (first, second) = found_after(&stage, false, Fate::Kept).await;
    assert!(matches!(first, ActivityOutcome::TimedOut { .. }), "{first}");
    stored(first.details());
    let previous = stage.payloads.resolve(second.raw_result().unwrap()).await;
    assert_eq!(previous.unwrap(), format!("\"{}\"", large("p")));
}

#[tokio::test(start_paused = true)]
async fn a_failed_attempt_leaves_its_large_progress_and_its_details_can_be_read() {
    let stage = Stage::new();
    let (first, second) = found_after(&stage, true, Fate::Kept).await;
    let envelope = ProgressEnvelope::read(first.details().unwrap()).expect("an envelope");
    assert_eq!(envelope.details.as_deref(), Some("disk full"));
    stored(Some(&envelope.progress));
    let previous = stage.payloads.resolve(second.raw_result().unwrap()).await;
    assert_eq!(previous.unwrap(), format!("\"{}\"", large("p")));
    // It is what the failure leads to.
    assert_eq!(stage.service.counts().unused, 0);
}

#[tokio::test(start_paused = true)]
async fn progress_that_has_expired_or_is_corrupt_is_none_for_the_next_attempt_and_no_error() {
    let fates = [Fate::Expired, Fate::Spoilt].into_iter();
    for (fate, ends) in fates.flat_map(|fate| [(fate, false), (fate, true)]) {
        let stage = Stage::new();
        let (first, second) = found_after(&stage, ends, fate).await;
        assert!(first.details().is_some(), "{first}");
        assert_eq!(second.raw_result(), Some("\"\""), "nothing: {second}");
    }
}

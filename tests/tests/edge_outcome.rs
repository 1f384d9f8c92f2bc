//! The edge cases of outcomes on their way to the service: 28 to 32 and 37.

use tokio::time::{Instant, sleep};
use tracing::Level;
use workbeat::prelude::*;
use workbeat::service::{ActivityService, ServiceErrorKind};
use workbeat::worker::Unanswered;
use workbeat::{FailureCode, activity_fn};
use workbeat_local::ActivityOutcome;
use workbeat_tests::{
    Ended, Events, Fault, Operation, Stage, eventually, millis, run, seconds, start,
};

const LIMIT: usize = 32_768;

const TRANSIENT: [ServiceErrorKind; 4] = [
    ServiceErrorKind::Throttled,
    ServiceErrorKind::Unavailable,
    ServiceErrorKind::LimitExceeded,
    // A permission can be mended while the task waits.
    ServiceErrorKind::NotPermitted,
];

fn utf16(text: &str) -> usize {
    text.encode_utf16().count()
}

/// How many outcomes the worker sent.
fn outcomes(stage: &Stage) -> [usize; 3] {
    [Operation::Complete, Operation::Fail, Operation::Cancel]
        .map(|operation| stage.service.count(operation))
}

/// Reason and details of a failure.
fn failed(outcome: ActivityOutcome) -> (String, Option<String>) {
    match outcome {
        ActivityOutcome::Failed {
            reason, details, ..
        } => (
            reason.expect("a reason"),
            details.map(|details| details.as_str().to_owned()),
        ),
        other => panic!("it {other}"),
    }
}

/// Ends as it is told: with a result, a failure or an acknowledged cancellation.
async fn end(how: String, ctx: ActivityContext) -> Result<String, ActivityError> {
    match how.as_str() {
        "complete" => Ok("done".to_owned()),
        "fail" => Err(ActivityError::failed("disk full").with_details("sda1")),
        _ => {
            ctx.stopped().await;
            Err(ActivityError::canceled("cleaned up"))
        }
    }
}

/// The three ways to end, and the call of each.
const ENDINGS: [(&str, Operation); 3] = [
    ("complete", Operation::Complete),
    ("fail", Operation::Fail),
    ("cancel", Operation::Cancel),
];

#[tokio::test(start_paused = true)]
async fn case_28_a_transient_error_is_retried_with_backoff_while_heartbeats_go_on() {
    for kind in TRANSIENT {
        for (how, operation) in ENDINGS {
            let events = Events::capture();
            let stage = Stage::new();
            stage.service.next(operation, 9, Fault::Error(kind));
            let worker = run(stage.worker().activity_fn("end", "1.0", end));
            let end = start("end").input(how).unwrap();
            let activity = stage.start(end.heartbeat_timeout(seconds(3)));
            worker.holds(1).await;
            activity.request_cancel().unwrap();
            let outcome = activity.ended().await.to_string();
            let wanted = ["completed", "failed: disk full", "was canceled"];
            assert!(wanted.contains(&outcome.as_str()), "{kind}: it {outcome}");

            let calls = stage.service.calls(operation);
            assert_eq!(calls.len(), 10);
            assert_eq!(outcomes(&stage).iter().sum::<usize>(), 10);
            for (tries, pair) in calls.windows(2).enumerate() {
                let whole = seconds(10).min(millis(100) * 2_u32.pow(tries as u32));
                let gap = pair[1].began - pair[0].began;
                assert!(gap >= whole / 2 && gap <= whole + millis(1), "{gap:?}");
            }
            let (first, last) = (calls[0].began, calls[9].began);
            let beats = stage.service.calls(Operation::Heartbeat);
            let meanwhile = beats
                .iter()
                .filter(|beat| beat.began > first && beat.began < last);
            let wanted = ((last - first).as_secs() - 1) as usize;
            assert!(meanwhile.count() >= wanted, "{kind}, {how}");
            let report = worker.drain().await;
            assert!(report.is_clean(), "{report}");
            // Who is warned that it is not accepted hears that it is.
            let refused = events.count(Level::WARN, "the outcome is not accepted yet");
            let accepted = events.matching(Level::WARN, "the outcome is accepted now");
            assert_eq!(accepted.len(), 1, "{kind}, {how}");
            assert!(accepted[0].text.contains("tries=10"), "{accepted:?}");
            assert!(refused > 0, "{kind}, {how}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn case_28_a_call_that_hangs_or_panics_is_given_up_and_the_task_is_kept_alive() {
    for fault in [Fault::Hang, Fault::Panic] {
        let stage = Stage::new();
        stage.service.next(Operation::Complete, 3, fault);
        let worker = run(stage.worker().activity_fn("end", "1.0", end));
        let end = start("end").input("complete").unwrap();
        let activity = stage.start(end.heartbeat_timeout(seconds(3)));
        let outcome = activity.ended().await;
        assert_eq!(outcome.result::<String>().unwrap(), "done");
        assert_eq!(outcomes(&stage), [4, 0, 0]);
        let report = worker.drain().await;
        assert!(report.is_clean(), "{report}");
        assert_eq!(report.outcomes.completed, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn case_28_it_is_tried_until_the_service_says_that_the_task_is_closed() {
    let events = Events::capture();
    let stage = Stage::new();
    let unavailable = Fault::Error(ServiceErrorKind::Unavailable);
    stage.service.always(Operation::Complete, unavailable);
    let worker = run(stage.worker().activity_fn("end", "1.0", end));
    let end = start("end").input("complete").unwrap();
    let activity = stage.start(end.heartbeat_timeout(seconds(3)));
    worker.holds(1).await;
    sleep(seconds(300)).await;
    let tries = stage.service.count(Operation::Complete);
    assert!(tries >= 30, "{tries}");
    // A heartbeat learns it; the outcome is not sent any more.
    activity.terminate_workflow("enough").unwrap();
    let closed = Instant::now();
    eventually("it is given up", || {
        worker.handle.status().outcomes.closed == 1
    })
    .await;
    assert!(closed.elapsed() <= seconds(11), "{:?}", closed.elapsed());
    assert!(worker.handle.status().running.is_empty());
    assert!(stage.service.count(Operation::Complete) <= tries + 1);
    // What was known of it is forgotten while the worker goes on.
    eventually("it is forgotten", || events.open_tasks() == 0).await;
    let report = worker.drain().await;
    assert!(report.is_clean(), "{report}");
}

#[tokio::test(start_paused = true)]
async fn case_28_it_is_tried_until_the_drain_deadline_ends_it() {
    let stage = Stage::new();
    let unavailable = Fault::Error(ServiceErrorKind::Unavailable);
    stage.service.always(Operation::Complete, unavailable);
    let worker = run(stage
        .worker()
        .drain_deadline(seconds(20))
        .activity_fn("end", "1.0", end));
    let activity = stage.start(start("end").input("complete").unwrap());
    eventually("it is sent", || {
        stage.service.count(Operation::Complete) > 3
    })
    .await;
    let token = stage.service.calls(Operation::Complete)[0].token.clone();
    let began = Instant::now();
    let tries = stage.service.count(Operation::Complete);
    let report = worker.drain().await;
    let took = began.elapsed();
    assert!((seconds(19)..=seconds(20)).contains(&took), "{took:?}");
    assert!(stage.service.count(Operation::Complete) > tries);
    assert_eq!(report.unanswered.len(), 1);
    let unanswered = &report.unanswered[0];
    assert_eq!(unanswered.why, Unanswered::DrainDeadline);
    assert_eq!(unanswered.activity_id, activity.activity_id());
    assert_eq!(Some(&unanswered.token), token.as_ref());
    // Another process can still answer with it.
    let answer = stage.local.complete(&unanswered.token, Some("1"));
    answer.await.unwrap();
    assert_eq!(activity.ended().await.to_string(), "completed");
}

#[tokio::test(start_paused = true)]
async fn case_29_applied_with_the_answer_lost_and_sent_again_is_counted_as_already_closed() {
    for (how, operation) in ENDINGS {
        let events = Events::capture();
        let stage = Stage::new();
        stage.service.next(operation, 1, Fault::LostAnswer);
        let worker = run(stage.worker().activity_fn("end", "1.0", end));
        let end = start("end").input(how).unwrap();
        let activity = stage.start(end.heartbeat_timeout(seconds(600)));
        worker.holds(1).await;
        // Too late for the other two.
        let _ = activity.request_cancel();
        activity.ended().await;
        eventually("it is learned", || {
            worker.handle.status().outcomes.closed == 1
        })
        .await;
        sleep(seconds(300)).await;
        let calls = stage.service.calls(operation);
        let errors: Vec<_> = calls.iter().map(|call| call.error).collect();
        let (lost, closed) = (ServiceErrorKind::Unavailable, ServiceErrorKind::TaskClosed);
        assert_eq!(errors, [Some(lost), Some(closed)], "{how}");
        assert_eq!(outcomes(&stage).iter().sum::<usize>(), 2, "{how}");
        assert_eq!(events.open_tasks(), 0, "{how}");
        let report = worker.drain().await;
        assert!(report.is_clean(), "{report}");
        assert_eq!(report.outcomes.closed, 1);
        assert_eq!(report.outcomes.closed_after_lost_answer, 1);
        assert_eq!(report.outcomes.closed_with_result, 0);
        assert_eq!(events.count(Level::INFO, "was probably accepted"), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn case_30_a_rejected_result_is_not_retried_and_the_failure_says_what_was_rejected() {
    let stage = Stage::new();
    let invalid = Fault::Error(ServiceErrorKind::Invalid);
    stage.service.always(Operation::Complete, invalid);
    let worker = run(stage.worker().activity_fn("end", "1.0", end));
    let activity = stage.start(start("end").input("complete").unwrap());
    let (reason, details) = failed(activity.ended().await);
    assert_eq!(FailureCode::of(&reason), Some(FailureCode::OutcomeRejected));
    assert!(reason.contains("completed"), "{reason}");
    assert!(
        details.unwrap().contains("injected"),
        "what the service said"
    );
    assert_eq!(outcomes(&stage), [1, 1, 0]);
    let report = worker.drain().await;
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.outcomes.failed, 1);
}

#[tokio::test(start_paused = true)]
async fn case_30_when_everything_is_rejected_it_ends_and_the_report_says_so() {
    let stage = Stage::new();
    for operation in [Operation::Complete, Operation::Fail] {
        let invalid = Fault::Error(ServiceErrorKind::Invalid);
        stage.service.always(operation, invalid);
    }
    let worker = run(stage.worker().slots(1).activity_fn("end", "1.0", end));
    let _ = stage.start(start("end").input("complete").unwrap());
    eventually("it is sent", || {
        stage.service.count(Operation::Complete) == 1
    })
    .await;
    sleep(seconds(300)).await;
    assert!(stage.service.count(Operation::Fail) <= 3);
    stage.service.mend(Operation::Complete);
    let next = stage.start(start("end").input("complete").unwrap());
    assert_eq!(next.ended().await.to_string(), "completed");
    let report = worker.drain().await;
    assert_eq!(report.unanswered.len(), 1);
    assert_eq!(report.unanswered[0].why, Unanswered::Rejected);
}

async fn repeat((text, times): (String, usize)) -> Result<String, ActivityError> {
    Ok(text.repeat(times))
}

#[tokio::test(start_paused = true)]
async fn case_31_a_result_over_the_limit_fails_with_its_size_and_the_limit() {
    for (text, units) in [("x", 1), ("ü", 1), ("🦀", 2)] {
        let stage = Stage::new();
        let worker = run(stage.worker().activity_fn("repeat", "1.0", repeat));
        let times = LIMIT / units;
        let repeat = start("repeat").input(&(text, times)).unwrap();
        let (reason, _) = failed(stage.start(repeat).ended().await);
        assert_eq!(FailureCode::of(&reason), Some(FailureCode::ResultTooLarge));
        // With the two quotes of JSON.
        assert!(
            reason.contains("32770") && reason.contains("32768"),
            "{reason}"
        );
        assert_eq!(outcomes(&stage), [0, 1, 0], "nothing truncated was tried");
        assert!(worker.drain().await.is_clean());
    }
}

#[tokio::test(start_paused = true)]
async fn case_31_a_result_at_the_limit_is_sent_whole() {
    for (text, units) in [("x", 1), ("ü", 1), ("🦀", 2)] {
        let stage = Stage::new();
        let worker = run(stage.worker().activity_fn("repeat", "1.0", repeat));
        let times = (LIMIT - 2) / units;
        let repeat = start("repeat").input(&(text, times)).unwrap();
        let outcome = stage.start(repeat).ended().await;
        assert_eq!(outcome.result::<String>().unwrap(), text.repeat(times));
        assert_eq!(outcomes(&stage), [1, 0, 0]);
        assert!(worker.drain().await.is_clean());
    }
}

#[tokio::test(start_paused = true)]
async fn case_32_long_reasons_and_details_are_cut_at_a_character_and_accepted_at_once() {
    for character in ["x", "ü", "語", "🦀"] {
        let stage = Stage::new();
        let worker = run(stage.worker().activity_fn(
            "fail",
            "1.0",
            async |character: String, ctx: ActivityContext| {
                let (reason, details) = (character.repeat(500), character.repeat(40_000));
                if ctx.activity_id() == "cancel" {
                    ctx.stopped().await;
                    return Err(ActivityError::canceled(format!("d{details}")));
                }
                Err::<(), _>(
                    ActivityError::failed(format!("r{reason}")).with_details(format!("d{details}")),
                )
            },
        ));
        let fail = || start("fail").input(character).unwrap();
        let (reason, details) = failed(stage.start(fail()).ended().await);
        let canceled = stage.start(fail().activity_id("cancel"));
        worker.holds(1).await;
        canceled.request_cancel().unwrap();
        let ActivityOutcome::Canceled {
            details: Some(said),
            ..
        } = canceled.ended().await
        else {
            panic!("it was to be canceled");
        };
        for (text, first, limit) in [
            (reason.as_str(), 'r', 256),
            (details.unwrap().as_str(), 'd', LIMIT),
            (said.as_str(), 'd', LIMIT),
        ] {
            let length = utf16(text);
            assert!(
                length <= limit && length >= limit - 1,
                "{length} of {limit}"
            );
            let kept = text.strip_suffix("...[cut]").expect("a marker");
            let whole = kept.strip_prefix(first).expect("from its beginning");
            assert_eq!(whole.replace(character, ""), "");
        }
        assert_eq!(outcomes(&stage), [0, 1, 1], "at the first try");
        assert!(worker.drain().await.is_clean());
    }
}

#[tokio::test(start_paused = true)]
async fn case_32_reason_and_details_at_the_limit_are_sent_whole() {
    let stage = Stage::new();
    let worker = run(stage.worker().activity_fn("fail", "1.0", async || {
        let error = ActivityError::failed("🦀".repeat(128));
        Err::<(), _>(error.with_details("ü".repeat(LIMIT)))
    }));
    let (reason, details) = failed(stage.start(start("fail")).ended().await);
    assert_eq!(reason, "🦀".repeat(128));
    assert_eq!(details, Some("ü".repeat(LIMIT)));
    assert!(worker.drain().await.is_clean());
}

/// Waits for the token, says why it fired and after how long.
async fn outlast(ctx: ActivityContext) -> Result<(String, u128), ActivityError> {
    let began = Instant::now();
    let reason = ctx.stopped().await.to_string();
    Ok((reason, began.elapsed().as_millis()))
}

#[tokio::test(start_paused = true)]
async fn case_37_past_its_known_start_to_close_the_token_fires_and_a_result_is_still_offered() {
    let mut stage = Stage::new();
    stage.service = stage.service.tells_no_timeouts();
    let options = ActivityOptions::new().start_to_close_timeout(seconds(50));
    let outlast = activity_fn("outlast", "1.0", outlast).with_options(options);
    let worker = run(stage.worker().activity(outlast));
    // What was known is wrong: whoever started it gave it more time.
    let activity = stage.start(start("outlast").start_to_close_timeout(seconds(600)));
    let outcome = activity.ended().await;
    let (reason, after) = outcome.result::<(String, u128)>().unwrap();
    assert_eq!((reason.as_str(), after), ("timed out", 50_000));
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_37_a_start_to_close_that_the_service_tells_fires_too_and_the_service_decides() {
    let events = Events::capture();
    let stage = Stage::new();
    let worker = run(stage.worker().activity_fn("outlast", "1.0", outlast));
    let activity = stage.start(start("outlast").start_to_close_timeout(seconds(55)));
    let outcome = activity.ended().await.to_string();
    assert_eq!(outcome, "timed out: START_TO_CLOSE");
    eventually("the result is offered", || outcomes(&stage) == [1, 0, 0]).await;
    assert_eq!(events.count(Level::INFO, "timed out"), 1);
    let report = worker.drain().await;
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.outcomes.closed, 1);
    assert_eq!(report.outcomes.closed_with_result, 1);
    assert_eq!(events.count(Level::WARN, "the result came too late"), 1);
}

#[tokio::test(start_paused = true)]
async fn case_37_what_the_service_tells_of_a_task_holds_over_what_its_type_declares() {
    let none = workbeat::service::Timeout::None;
    let declared = seconds(50);
    for (told, fires) in [
        (seconds(20).into(), Some(20)),
        (seconds(90).into(), Some(90)),
        (none, None),
    ] {
        let stage = Stage::new();
        let options = ActivityOptions::new()
            .start_to_close_timeout(declared)
            // So that no heartbeat learns it first.
            .heartbeat_interval(seconds(3_600));
        let activity = activity_fn("listen", "1.0", async |ctx: ActivityContext| {
            tokio::time::timeout(seconds(200), ctx.stopped()).await?;
            Ok::<_, ActivityError>(())
        });
        let worker = run(stage.worker().activity(activity.with_options(options)));
        let began = Instant::now();
        let _ = stage.start(start("listen").start_to_close_timeout(told));
        let mut fired = None;
        for second in 1..=100 {
            tokio::time::sleep_until(began + seconds(second) + millis(1)).await;
            let sent = outcomes(&stage).iter().sum::<usize>() > 0;
            if sent {
                fired.get_or_insert(second);
            }
        }
        assert_eq!(fired, fires, "told {told:?}");
        worker.handle.stop();
        let _ = worker.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn case_37_an_activity_that_gives_up_then_has_failed_and_says_why() {
    let mut stage = Stage::new();
    stage.service = stage.service.tells_no_timeouts();
    let options = ActivityOptions::new().start_to_close_timeout(seconds(50));
    let activity = activity_fn("wait", "1.0", async |ctx: ActivityContext| {
        ctx.until_stopped(std::future::pending::<()>()).await?;
        Ok::<_, ActivityError>(())
    });
    let worker = run(stage.worker().activity(activity.with_options(options)));
    let (reason, _) = failed(stage.start(start("wait")).ended().await);
    assert_eq!(FailureCode::of(&reason), Some(FailureCode::Stopped));
    assert!(reason.contains("timed out"), "{reason}");
    assert!(worker.drain().await.is_clean());
}

//! The edge cases of heartbeats: 9 to 17, 19 and 20, as far as timing goes.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tracing::Level;
use workbeat::activity_fn;
use workbeat::prelude::*;
use workbeat::service::{ActivityService, ServiceErrorKind};
use workbeat_local::ActivityOutcome;
use workbeat_local::engine::ActivityTaskTimeoutType;
use workbeat_tests::{
    Call, Ended, Events, Fault, Operation, Stage, eventually, hears, millis, run, seconds, start,
};

const INTERVAL: Duration = Duration::from_secs(1);

/// Sleeps and never looks at its context.
async fn rest(millis: u64) -> Result<&'static str, ActivityError> {
    sleep(Duration::from_millis(millis)).await;
    Ok("rested")
}

/// Ends well after so many milliseconds, and says what it was told meanwhile.
async fn tell(millis: u64, ctx: ActivityContext) -> Result<Option<String>, ActivityError> {
    sleep(Duration::from_millis(millis)).await;
    Ok(ctx.stop_reason().map(|reason| reason.to_string()))
}

/// When each call began, since the first poll that was answered.
fn times(stage: &Stage, calls: &[Call]) -> Vec<Duration> {
    let polls = stage.service.calls(Operation::Poll);
    let zero = polls[0].ended.expect("the first poll was answered");
    calls.iter().map(|call| call.began - zero).collect()
}

#[tokio::test(start_paused = true)]
async fn case_09_an_activity_that_never_looks_survives_its_timeout_that_the_service_tells() {
    let stage = Stage::new();
    let worker = run(stage.worker().activity_fn("rest", "1.0", rest));
    let rest = start("rest").input(&10_000).unwrap();
    let activity = stage.start(rest.heartbeat_timeout(seconds(2)));
    let outcome = activity.ended().await;
    assert_eq!(outcome.result::<String>().unwrap(), "rested");

    let beats = stage.service.calls(Operation::Heartbeat);
    let times = times(&stage, &beats);
    // A third of the timeout: from the start, and well inside of it ever after.
    assert!(times[0] <= millis(667), "{times:?}");
    for pair in times.windows(2) {
        assert!(pair[1] - pair[0] <= millis(670), "{times:?}");
    }
    assert!(times.last().unwrap() >= &seconds(9), "{times:?}");
    assert!(beats.len() <= 20, "no more than needed: {times:?}");
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_09_an_activity_that_never_looks_survives_its_timeout_that_it_declares() {
    let mut stage = Stage::new();
    stage.service = stage.service.tells_no_timeouts();
    let options = ActivityOptions::new().heartbeat_timeout(seconds(2));
    let worker = run(stage
        .worker()
        .activity(activity_fn("rest", "1.0", rest).with_options(options)));
    let rest = start("rest").input(&10_000).unwrap();
    let activity = stage.start(rest.heartbeat_timeout(seconds(2)));
    assert_eq!(activity.ended().await.to_string(), "completed");
    assert_eq!(stage.service.count(Operation::Timeouts), 0);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_09_the_service_is_asked_again_for_the_timeouts_when_it_did_not_say() {
    let stage = Stage::new();
    let unavailable = Fault::Error(ServiceErrorKind::Unavailable);
    stage.service.next(Operation::Timeouts, 3, unavailable);
    let worker = run(stage.worker().activity_fn("rest", "1.0", rest));
    let rest = start("rest").input(&10_000).unwrap();
    let activity = stage.start(rest.heartbeat_timeout(seconds(2)));
    assert_eq!(activity.ended().await.to_string(), "completed");
    assert_eq!(stage.service.count(Operation::Timeouts), 4);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_10_without_a_heartbeat_timeout_it_heartbeats_every_ten_seconds() {
    let stage = Stage::new();
    let worker = run(stage.worker().activity_fn("rest", "1.0", rest));
    let activity = stage.start(start("rest").input(&60_500).unwrap());
    assert_eq!(activity.ended().await.to_string(), "completed");
    let times = times(&stage, &stage.service.calls(Operation::Heartbeat));
    assert_eq!(times, [10, 20, 30, 40, 50, 60].map(seconds));
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_10_the_default_cadence_can_be_set_and_a_cancellation_comes_with_it() {
    let stage = Stage::new();
    let worker = run(stage.worker().heartbeat_interval(seconds(4)).activity_fn(
        "wait",
        "1.0",
        async |ctx: ActivityContext| {
            ctx.until_stopped(std::future::pending::<()>()).await?;
            Ok::<_, ActivityError>(())
        },
    ));
    let activity = stage.start(start("wait"));
    worker.holds(1).await;
    let began = Instant::now();
    sleep(seconds(5)).await;
    activity.request_cancel().unwrap();
    assert_eq!(activity.ended().await.to_string(), "was canceled");
    let learned = began.elapsed();
    assert!((seconds(7)..=seconds(8)).contains(&learned), "{learned:?}");
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_13_a_throttled_or_failed_heartbeat_is_retried_before_the_deadline() {
    for fault in [
        Fault::Error(ServiceErrorKind::Throttled),
        Fault::Error(ServiceErrorKind::LimitExceeded),
        Fault::Error(ServiceErrorKind::Unavailable),
        Fault::Panic,
        Fault::LostAnswer,
    ] {
        let stage = Stage::new();
        let what = format!("{fault:?}");
        stage.service.next(Operation::Heartbeat, 3, fault);
        let worker = run(stage.worker().activity_fn("tell", "1.0", tell));
        let tell = start("tell").input(&60_000).unwrap();
        let activity = stage.start(tell.heartbeat_timeout(seconds(30)));
        let outcome = activity.ended().await;
        assert_eq!(outcome.result::<Option<String>>().unwrap(), None, "{what}");

        let beats = stage.service.calls(Operation::Heartbeat);
        let times = times(&stage, &beats);
        assert!(beats[3].accepted, "{what}");
        assert!(times[3] < seconds(20), "{what}: {times:?}");
        // Not at once either: a service that is throttled wants fewer calls.
        assert!(times[1] - times[0] >= millis(100), "{what}: {times:?}");
        assert!(
            times[3] - times[2] > times[1] - times[0],
            "{what}: {times:?}"
        );
        assert!(worker.drain().await.is_clean());
    }
}

#[tokio::test(start_paused = true)]
async fn case_14_unheard_for_a_whole_timeout_the_token_fires_and_a_result_is_still_offered() {
    let stage = Stage::new();
    let options = ActivityOptions::new().heartbeat_timeout(seconds(6));
    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let activity = activity_fn("work", "1.0", move |ctx: ActivityContext| {
        let told = told.clone();
        async move {
            let reason = ctx.stopped().await;
            told.send((reason, Instant::now()))?;
            sleep(seconds(1)).await;
            Ok::<_, ActivityError>("all the same")
        }
    });
    let worker = run(stage.worker().activity(activity.with_options(options)));
    // What the worker holds for known is not what the service has: it is a presumption.
    let activity = stage.start(start("work").heartbeat_timeout(seconds(600)));
    let unavailable = Fault::Error(ServiceErrorKind::Unavailable);
    worker.holds(1).await;
    // An answer takes its time, in which the timeout runs: what counts is when the call began.
    let slow = Fault::Slow(millis(300));
    stage.service.always(Operation::Heartbeat, slow);
    let beats = || stage.service.calls(Operation::Heartbeat);
    eventually("two heartbeats", || {
        beats().get(1).is_some_and(|beat| beat.accepted)
    })
    .await;
    let accepted = beats()[1].began;
    stage.service.always(Operation::Heartbeat, unavailable);

    let (reason, at) = hears(&mut heard).await;
    assert_eq!(reason, StopReason::HeartbeatLost);
    assert_eq!(at - accepted, seconds(6));
    assert!(
        stage.service.count(Operation::Heartbeat) > 4,
        "it kept trying"
    );
    let outcome = activity.ended().await;
    assert_eq!(outcome.result::<String>().unwrap(), "all the same");
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_14_a_result_after_a_lost_heartbeat_that_the_service_gave_up_is_counted_as_closed() {
    let events = Events::capture();
    let stage = Stage::new();
    let worker = run(stage.worker().activity_fn("tell", "1.0", tell));
    let hang = Fault::Hang;
    stage.service.always(Operation::Heartbeat, hang);
    let tell = start("tell").input(&10_000).unwrap();
    let activity = stage.start(tell.heartbeat_timeout(seconds(6)));
    let outcome = activity.ended().await;
    let timed_out = ActivityTaskTimeoutType::Heartbeat;
    assert!(
        matches!(outcome, ActivityOutcome::TimedOut { timeout_type, .. } if timeout_type == timed_out)
    );
    eventually("it is offered", || {
        stage.service.count(Operation::Complete) == 1
    })
    .await;
    let offered = stage.service.calls(Operation::Complete);
    assert_eq!(offered[0].text.as_deref(), Some("\"heartbeat lost\""));
    let report = worker.drain().await;
    assert!(report.is_clean(), "{report}");
    assert_eq!((report.outcomes.closed, report.outcomes.completed), (1, 0));
    assert_eq!(report.outcomes.closed_with_result, 1);
    assert_eq!(report.outcomes.closed_after_lost_answer, 0);
    // Whoever looks at warnings alone sees both what was lost and that it was in vain.
    let lost = events.matching(Level::WARN, "no heartbeat was accepted");
    assert_eq!(lost.len(), 1, "{lost:?}");
    for told in ["unheard_for=6s", "last=\"unavailable\"", "let_go=false"] {
        assert!(lost[0].text.contains(told), "{told}: {lost:?}");
    }
    assert!(!lost[0].text.contains("failed_tries=0"), "{lost:?}");
    assert_eq!(events.count(Level::WARN, "the result came too late"), 1);
}

#[tokio::test(start_paused = true)]
async fn case_14_an_activity_that_gives_up_after_a_lost_heartbeat_has_failed_not_canceled() {
    let stage = Stage::new();
    let options = ActivityOptions::new().heartbeat_timeout(seconds(6));
    let activity = activity_fn("work", "1.0", async |ctx: ActivityContext| {
        ctx.until_stopped(std::future::pending::<()>()).await?;
        Ok::<_, ActivityError>(())
    });
    let worker = run(stage.worker().activity(activity.with_options(options)));
    stage.service.always(Operation::Heartbeat, Fault::Hang);
    let outcome = stage.start(start("work")).ended().await;
    let text = outcome.to_string();
    assert!(text.starts_with("failed: WORKBEAT_STOPPED"), "{text}");
    assert!(text.contains("heartbeat lost"), "{text}");
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_15_when_the_task_is_closed_the_token_fires_heartbeats_stop_and_nothing_is_sent() {
    for (kind, reason) in [
        (ServiceErrorKind::TaskClosed, "task closed"),
        (ServiceErrorKind::UnknownResource, "task closed"),
        (ServiceErrorKind::WorkflowClosed, "workflow closed"),
    ] {
        for ending in ["completes", "fails", "says canceled", "panics"] {
            let events = Events::capture();
            let stage = Stage::new();
            let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
            let worker =
                run(stage
                    .worker()
                    .activity_fn("work", "1.0", move |ctx: ActivityContext| {
                        let told = told.clone();
                        async move {
                            let _ = told.send(ctx.stopped().await.to_string());
                            sleep(seconds(5)).await;
                            match ending {
                                "completes" => Ok(()),
                                "fails" => Err(ActivityError::failed("no")),
                                "says canceled" => Err(ActivityError::canceled("yes")),
                                _ => panic!("at the end"),
                            }
                        }
                    }));
            let closed = Fault::Error(kind);
            stage.service.script(Operation::Heartbeat, {
                let mut beats = 0;
                move |_| {
                    beats += 1;
                    (beats == 3).then(|| closed.clone())
                }
            });
            let _ = stage.start(start("work").heartbeat_timeout(seconds(3)));
            assert_eq!(hears(&mut heard).await, reason);
            eventually("it ends", || worker.handle.status().outcomes.closed == 1).await;
            assert_eq!(stage.service.count(Operation::Heartbeat), 3, "{ending}");
            for outcome in [Operation::Complete, Operation::Fail, Operation::Cancel] {
                assert_eq!(stage.service.count(outcome), 0, "{kind}, {ending}");
            }
            let report = worker.drain().await;
            assert!(report.is_clean(), "{report}");
            let in_vain = u64::from(ending == "completes");
            assert_eq!(report.outcomes.closed_with_result, in_vain, "{ending}");
            let warned = events.count(Level::WARN, "the result came too late");
            assert_eq!(warned as u64, in_vain, "{ending}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn case_15_the_embedded_service_says_which_of_task_and_workflow_is_closed() {
    let stage = Stage::new();
    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let worker = run(stage.worker().heartbeat_interval(INTERVAL).activity_fn(
        "work",
        "1.0",
        move |ctx: ActivityContext| {
            let told = told.clone();
            async move {
                told.send((ctx.stopped().await, Instant::now()))?;
                Ok::<_, ActivityError>(())
            }
        },
    ));
    // Another process that has the token ends the task.
    let activity = stage.start(start("work"));
    eventually("a heartbeat", || {
        stage.service.count(Operation::Heartbeat) == 1
    })
    .await;
    let token = stage.service.calls(Operation::Heartbeat)[0].token.clone();
    let token = token.unwrap();
    let ended = Instant::now();
    stage.local.complete(&token, None).await.unwrap();
    let (reason, at) = hears(&mut heard).await;
    assert_eq!(reason, StopReason::TaskClosed);
    assert!(at - ended <= INTERVAL);
    assert_eq!(activity.ended().await.to_string(), "completed");

    let activity = stage.start(start("work"));
    worker.holds(1).await;
    activity.terminate_workflow("no longer wanted").unwrap();
    let (reason, _) = hears(&mut heard).await;
    assert_eq!(reason, StopReason::WorkflowClosed);
    let report = worker.drain().await;
    assert_eq!(report.outcomes.closed, 2);
    assert_eq!(stage.service.count(Operation::Complete), 0);
}

#[tokio::test(start_paused = true)]
async fn case_16_a_forbidden_heartbeat_is_reported_and_is_no_cancellation() {
    for kind in [ServiceErrorKind::NotPermitted, ServiceErrorKind::Invalid] {
        let events = Events::capture();
        let stage = Stage::new();
        stage
            .service
            .always(Operation::Heartbeat, Fault::Error(kind));
        let worker = run(stage.worker().activity_fn("tell", "1.0", tell));
        let activity = stage.start(start("tell").input(&60_000).unwrap());
        let outcome = activity.ended().await;
        assert_eq!(outcome.result::<Option<String>>().unwrap(), None);
        let warnings = events.matching(Level::WARN, "refuses the heartbeat");
        assert_eq!(warnings.len(), 1, "once a row, not once a heartbeat");
        assert!(warnings[0].text.contains(kind.as_str()));
        let beats = stage.service.count(Operation::Heartbeat);
        assert!((5..=6).contains(&beats), "it may be mended: {beats}");
        assert!(worker.drain().await.is_clean());
    }
}

#[tokio::test(start_paused = true)]
async fn case_17_a_heartbeat_call_that_hangs_does_not_hold_up_the_next() {
    for timeout in [1, 2, 3, 10, 30, 60, 600] {
        let stage = Stage::new();
        stage.service.next(Operation::Heartbeat, 1, Fault::Hang);
        let worker = run(stage.worker().activity_fn("tell", "1.0", tell));
        let tell = start("tell").input(&(timeout * 3_000)).unwrap();
        let activity = stage.start(tell.heartbeat_timeout(seconds(timeout)));
        let outcome = activity.ended().await;
        let told = outcome.result::<Option<String>>();
        assert_eq!(told.unwrap(), None, "{timeout} s: {outcome}");
        assert!(worker.drain().await.is_clean());
    }
}

#[tokio::test(start_paused = true)]
async fn case_17_a_hanging_call_does_not_cost_a_task_whose_interval_is_more_than_half_its_timeout()
{
    let stage = Stage::new();
    stage.service.next(Operation::Heartbeat, 1, Fault::Hang);
    let options = ActivityOptions::new()
        .heartbeat_timeout(seconds(10))
        .heartbeat_interval(seconds(6));
    let worker = run(stage
        .worker()
        .activity(activity_fn("tell", "1.0", tell).with_options(options)));
    let tell = start("tell").input(&30_000).unwrap();
    let activity = stage.start(tell.heartbeat_timeout(seconds(10)));
    let outcome = activity.ended().await;
    let told = outcome.result::<Option<String>>();
    assert_eq!(told.expect("the task must live"), None);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_17_a_hanging_call_of_one_task_does_not_hold_up_those_of_others() {
    let stage = Stage::new();
    let worker = run(stage.worker().activity_fn("tell", "1.0", tell));
    let tell = |id: &str| {
        let tell = start("tell").input(&20_000).unwrap();
        stage.start(tell.activity_id(id).heartbeat_timeout(seconds(3)))
    };
    let first = tell("first");
    eventually("a heartbeat", || {
        stage.service.count(Operation::Heartbeat) == 1
    })
    .await;
    let stuck = stage.service.calls(Operation::Heartbeat)[0].token.clone();
    stage.service.script(Operation::Heartbeat, move |beat| {
        (beat.token == stuck).then_some(Fault::Hang)
    });
    let others: Vec<_> = (0..50).map(|n| tell(&n.to_string())).collect();
    for other in others {
        let outcome = other.ended().await;
        assert_eq!(outcome.result::<Option<String>>().unwrap(), None);
    }
    assert_eq!(first.ended().await.to_string(), "timed out: HEARTBEAT");
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_19_no_heartbeat_is_sent_after_the_outcome_was_accepted() {
    let stage = Stage::new();
    let options = ActivityOptions::new().heartbeat_interval(millis(50));
    let activity = activity_fn("rest", "1.0", rest).with_options(options);
    let worker = run(stage.worker().activity(activity));
    // The outcome takes its time, and heartbeats take theirs: they could cross.
    let slow = |time| move |_: &Call| Some(Fault::Slow(millis(time)));
    stage.service.script(Operation::Complete, slow(75));
    stage.service.script(Operation::Heartbeat, slow(20));
    let activities: Vec<_> = (0..60_u64)
        .map(|n| stage.start(start("rest").input(&(n * 7)).unwrap()))
        .collect();
    for activity in activities {
        assert_eq!(activity.ended().await.to_string(), "completed");
    }
    sleep(seconds(60)).await;
    let beats = stage.service.calls(Operation::Heartbeat);
    assert!(beats.len() > 100, "{}", beats.len());
    for outcome in stage.service.calls(Operation::Complete) {
        let accepted = outcome.ended.unwrap();
        for beat in beats.iter().filter(|beat| beat.token == outcome.token) {
            // What goes out while the outcome is under way could reach the service after it.
            assert!(beat.began <= outcome.began, "a heartbeat was sent after");
            assert!(beat.ended.unwrap() <= accepted, "one was still under way");
        }
    }
    assert!(beats.iter().all(|beat| beat.error.is_none()), "one crossed");
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_19_a_heartbeat_that_is_under_way_ends_when_the_outcome_is_accepted() {
    let stage = Stage::new();
    let options = ActivityOptions::new().heartbeat_interval(millis(50));
    let activity = activity_fn("rest", "1.0", rest).with_options(options);
    let worker = run(stage.worker().activity(activity));
    // It would reach the service long after the outcome, which would say that it is closed.
    let slow = Fault::Slow(millis(500));
    stage.service.always(Operation::Heartbeat, slow);
    let activity = stage.start(start("rest").input(&70).unwrap());
    assert_eq!(activity.ended().await.to_string(), "completed");
    sleep(seconds(60)).await;
    let beats = stage.service.calls(Operation::Heartbeat);
    let outcome = stage.service.calls(Operation::Complete).remove(0);
    assert_eq!(beats.len(), 1);
    assert_eq!(beats[0].ended, outcome.ended);
    assert_eq!((beats[0].accepted, beats[0].error), (false, None));
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_20_an_activity_that_ends_before_its_first_interval_sends_no_heartbeat() {
    let stage = Stage::new();
    let worker = run(stage.worker().activity_fn("rest", "1.0", rest));
    for millis in [0, 1, 500, 799] {
        let rest = start("rest").input(&millis).unwrap();
        let activity = stage.start(rest.heartbeat_timeout(seconds(3)));
        assert_eq!(activity.ended().await.to_string(), "completed");
    }
    sleep(seconds(60)).await;
    assert_eq!(stage.service.count(Operation::Heartbeat), 0);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn an_interval_of_50_ms_is_kept_exactly() {
    let stage = Stage::new();
    let options = ActivityOptions::new().heartbeat_interval(millis(50));
    let activity = activity_fn("rest", "1.0", rest).with_options(options);
    let worker = run(stage.worker().activity(activity));
    let activity = stage.start(start("rest").input(&1_020).unwrap());
    activity.ended().await;
    let times = times(&stage, &stage.service.calls(Operation::Heartbeat));
    let wanted: Vec<_> = (1..=20).map(|n| millis(n * 50)).collect();
    assert_eq!(times, wanted);
    assert!(worker.drain().await.is_clean());
}

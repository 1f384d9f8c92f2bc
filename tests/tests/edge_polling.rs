//! The edge cases of polling: 1 to 6 and 8.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};
use tracing::Level;
use workbeat::Backoff;
use workbeat::prelude::*;
use workbeat::service::{ServiceErrorKind, TaskToken};
use workbeat::worker::RunErrorKind;
use workbeat_local::ActivityOutcome;
use workbeat_tests::{
    Call, Delicate, Ended, Events, Fault, Operation, Stage, eventually, millis, run, start,
};

const MINUTE: Duration = Duration::from_secs(60);

/// Every error after which a later poll may succeed.
const TRANSIENT: [ServiceErrorKind; 3] = [
    ServiceErrorKind::Throttled,
    ServiceErrorKind::LimitExceeded,
    ServiceErrorKind::Unavailable,
];

/// Every error that a wrong setting or a missing permission makes.
const REFUSALS: [ServiceErrorKind; 3] = [
    ServiceErrorKind::UnknownResource,
    ServiceErrorKind::NotPermitted,
    ServiceErrorKind::Invalid,
];

async fn nothing() -> Result<(), ActivityError> {
    Ok(())
}

/// The time from the end of each call to the beginning of the next.
fn gaps(calls: &[Call]) -> Vec<Duration> {
    calls
        .windows(2)
        .map(|pair| pair[1].began - pair[0].ended.expect("the earlier call has ended"))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn case_01_an_empty_poll_starts_nothing_is_no_error_and_the_next_follows_at_once() {
    let events = Events::capture();
    let stage = Stage::new();
    let worker = run(stage.worker().activity_fn("nothing", "1.0", nothing));
    sleep(10 * MINUTE + millis(1)).await;

    let polls = stage.service.calls(Operation::Poll);
    assert_eq!(polls.len(), 11);
    assert_eq!(gaps(&polls), [Duration::ZERO; 10]);
    assert!(polls[..10].iter().all(|poll| poll.accepted));
    assert!(worker.handle.status().running.is_empty());
    assert_eq!(events.count(Level::WARN, ""), 0, "{:?}", events.all());
    assert_eq!(events.count(Level::ERROR, ""), 0, "{:?}", events.all());
    let report = worker.drain().await;
    assert!(report.is_clean());
    assert_eq!(report.outcomes, workbeat::worker::OutcomeCounts::default());
}

#[tokio::test(start_paused = true)]
async fn case_01_a_task_whose_token_is_empty_is_an_empty_poll() {
    let stage = Stage::new();
    stage.service.next(Operation::Poll, 20, Fault::NoToken);
    let worker = run(stage.worker().activity_fn("nothing", "1.0", nothing));
    sleep(Duration::from_secs(10)).await;
    for none in [Operation::Complete, Operation::Fail, Operation::Heartbeat] {
        assert_eq!(stage.service.count(none), 0);
    }
    let polls = stage.service.calls(Operation::Poll);
    let least = gaps(&polls[..20]).into_iter().min().unwrap();
    assert!(least >= millis(100), "{least:?}");
    let report = worker.drain().await;
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.outcomes, workbeat::worker::OutcomeCounts::default());
}

#[tokio::test(start_paused = true)]
async fn case_02_a_service_that_answers_empty_at_once_is_not_spun_on() {
    let stage = Stage::new();
    stage.service.always(Operation::Poll, Fault::Empty);
    let worker = run(stage.worker().activity_fn("nothing", "1.0", nothing));
    sleep(MINUTE).await;

    let polls = stage.service.calls(Operation::Poll);
    let least = gaps(&polls).into_iter().min().unwrap();
    assert!(least >= millis(100), "{least:?}");
    // It is not given up either: there may be work at any time.
    assert!((60..=601).contains(&polls.len()), "{}", polls.len());
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_02_a_task_is_followed_by_the_next_poll_without_any_wait() {
    let stage = Stage::new();
    let worker = run(stage.worker().activity_fn("nothing", "1.0", nothing));
    let began = Instant::now();
    for _ in 0..20 {
        let activity = stage.start(start("nothing"));
        activity.ended().await;
    }
    assert!(began.elapsed() < millis(100), "{:?}", began.elapsed());
    assert!(worker.drain().await.is_clean());
}

/// The most polls in flight and slots held at once: a task holds its slot from when `began` says
/// that it began until its outcome was accepted.
fn most_at_once(stage: &Stage, began: &HashMap<TaskToken, Instant>) -> i32 {
    let mut changes = Vec::new();
    for poll in stage.service.calls(Operation::Poll) {
        changes.push((poll.began, 1));
        changes.extend(poll.ended.map(|ended| (ended, -1)));
    }
    for outcome in stage.service.calls(Operation::Complete) {
        changes.push((began[&outcome.token.expect("its token")], 1));
        changes.extend(outcome.ended.map(|ended| (ended, -1)));
    }
    // At one instant what ends comes first: a poll becomes a task, a free slot brings a poll.
    changes.sort_unstable();
    let totals = changes.iter().scan(0, |total, (_, change)| {
        *total += change;
        Some(*total)
    });
    totals.max().unwrap_or(0)
}

#[tokio::test(start_paused = true)]
async fn case_03_slots_held_and_polls_in_flight_together_never_exceed_the_slots() {
    const SLOTS: usize = 3;
    let stage = Stage::new();
    let began = Arc::new(Mutex::new(HashMap::new()));
    let begin = Arc::clone(&began);
    let worker = run(stage
        .worker()
        .slots(SLOTS)
        .max_concurrent_polls(8)
        .activity_fn("work", "1.0", move |millis: u64, ctx: ActivityContext| {
            let token = ctx.task_token().clone();
            begin.lock().unwrap().insert(token, Instant::now());
            async move {
                sleep(Duration::from_millis(millis)).await;
                Ok::<_, ActivityError>(())
            }
        }));
    // Until its outcome is accepted a task holds its slot.
    let slow = Fault::Slow(millis(5));
    stage.service.always(Operation::Complete, slow);
    let activities: Vec<_> = (0..30_u64)
        .map(|n| stage.start(start("work").input(&(n % 7 * 20 + 1)).unwrap()))
        .collect();
    for activity in &activities {
        activity.ended().await;
    }
    eventually("idle, every slot polls", || {
        stage.service.under_way(Operation::Poll) == SLOTS
    })
    .await;
    let began = began.lock().unwrap().clone();
    assert_eq!(began.len(), 30);
    assert_eq!(most_at_once(&stage, &began), SLOTS as i32);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_03_with_all_slots_busy_no_poll_is_out() {
    let stage = Stage::new();
    let gate = Arc::new(Semaphore::new(0));
    let wait = Arc::clone(&gate);
    let worker = run(stage.worker().slots(2).max_concurrent_polls(5).activity_fn(
        "wait",
        "1.0",
        move || {
            let gate = Arc::clone(&wait);
            async move {
                gate.acquire().await?.forget();
                Ok::<_, ActivityError>(())
            }
        },
    ));
    let activities = [(); 3].map(|()| stage.start(start("wait")));
    worker.holds(2).await;
    let polls = stage.service.count(Operation::Poll);
    for _ in 0..1_000 {
        sleep(Duration::from_secs(1)).await;
        assert_eq!(stage.service.under_way(Operation::Poll), 0);
    }
    assert_eq!(stage.service.count(Operation::Poll), polls);
    let status = worker.handle.status();
    assert_eq!((status.slots, status.slots_held, status.polls), (2, 2, 0));
    assert_eq!(stage.local.pending("list").unwrap(), 1);

    gate.add_permits(3);
    for activity in activities {
        let outcome = activity.ended().await;
        assert!(matches!(outcome, ActivityOutcome::Completed { .. }));
    }
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_04_a_freed_slot_brings_a_new_poll_within_100_ms() {
    let stage = Stage::new();
    let worker = run(stage
        .worker()
        .slots(1)
        .activity_fn("work", "1.0", async |seconds: u64| {
            sleep(Duration::from_secs(seconds)).await;
            Ok::<_, ActivityError>(())
        }));
    for seconds in [1, 70, 3_600] {
        let activity = stage.start(start("work").input(&seconds).unwrap());
        activity.ended().await;
        sleep(millis(200)).await;
        let freed = stage.service.calls(Operation::Complete).pop().unwrap();
        let freed = freed.ended.unwrap();
        let poll = stage.service.calls(Operation::Poll).pop().unwrap();
        let waited = poll.began.checked_duration_since(freed);
        assert!(waited.is_some_and(|wait| wait <= millis(100)), "{waited:?}");
    }
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_04_a_freed_slot_brings_no_poll_while_a_backoff_is_in_force() {
    let stage = Stage::new();
    let worker = run(stage
        .worker()
        .slots(2)
        .poll_backoff(Backoff::new(MINUTE, MINUTE))
        .activity_fn("work", "1.0", async || {
            sleep(Duration::from_secs(1)).await;
            Ok::<_, ActivityError>(())
        }));
    eventually("it polls", || stage.service.count(Operation::Poll) == 1).await;
    let throttled = Fault::Error(ServiceErrorKind::Throttled);
    stage.service.always(Operation::Poll, throttled);
    stage.start(start("work")).ended().await;
    let freed = Instant::now();
    stage.service.mend(Operation::Poll);
    eventually("the backoff ends", || {
        stage.service.count(Operation::Poll) == 3
    })
    .await;
    let polls = stage.service.calls(Operation::Poll);
    assert!(polls[1].error.is_some() && polls[1].began < freed);
    let waited = polls[2].began - polls[1].began;
    assert!(
        (MINUTE / 2..=MINUTE + millis(1)).contains(&waited),
        "{waited:?}"
    );
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_05_transient_errors_back_off_exponentially_with_jitter_up_to_a_cap() {
    for kind in TRANSIENT {
        let stage = Stage::new();
        stage.service.always(Operation::Poll, Fault::Error(kind));
        let worker = run(stage.worker().activity_fn("nothing", "1.0", nothing));
        sleep(20 * MINUTE).await;

        let gaps = gaps(&stage.service.calls(Operation::Poll));
        let mut shares = Vec::new();
        for (tries, gap) in gaps.iter().enumerate() {
            let whole = Duration::from_secs(30).min(millis(200) * 2_u32.pow(tries.min(10) as u32));
            let share = gap.as_secs_f64() / whole.as_secs_f64();
            assert!((0.5..1.02).contains(&share), "{kind}: {gap:?} of {whole:?}");
            shares.push((share * 100.0) as u32);
        }
        // Twenty minutes at 15 s to 30 s each: it never stops trying.
        assert!((40..=90).contains(&gaps.len()), "{kind}: {}", gaps.len());
        shares.sort_unstable();
        shares.dedup();
        assert!(shares.len() > 5, "{kind}: no jitter in {gaps:?}");
        assert!(worker.drain().await.is_clean());
    }
}

#[tokio::test(start_paused = true)]
async fn case_05_any_poll_that_succeeds_resets_the_backoff_be_it_with_a_task_or_empty() {
    for empty in [false, true] {
        let stage = Stage::new();
        let throttled = || Fault::Error(ServiceErrorKind::Throttled);
        stage.service.next(Operation::Poll, 8, throttled());
        if empty {
            stage.service.next(Operation::Poll, 1, Fault::Empty);
        } else {
            let _ = stage.start(start("nothing"));
            stage
                .service
                .next(Operation::Poll, 1, Fault::Slow(Duration::ZERO));
        }
        stage.service.next(Operation::Poll, 2, throttled());
        let worker = run(stage.worker().activity_fn("nothing", "1.0", nothing));
        eventually("it recovers", || stage.service.count(Operation::Poll) == 12).await;
        let gaps = gaps(&stage.service.calls(Operation::Poll));
        assert!(gaps[7] >= Duration::from_secs(12), "{gaps:?}");
        assert!(gaps[9] >= millis(100) && gaps[9] <= millis(201), "{gaps:?}");
        assert!(
            gaps[10] >= millis(200) && gaps[10] <= millis(401),
            "{gaps:?}"
        );
        assert!(worker.drain().await.is_clean());
    }
}

#[tokio::test(start_paused = true)]
async fn case_05_a_poll_whose_answer_was_lost_counts_as_a_lost_connection() {
    let stage = Stage::over(
        workbeat_local::LocalService::builder()
            .poll_hold(millis(1))
            .build()
            .unwrap(),
    );
    stage.service.always(Operation::Poll, Fault::LostAnswer);
    let worker = run(stage.worker().activity_fn("nothing", "1.0", nothing));
    sleep(MINUTE).await;
    let polls = stage.service.count(Operation::Poll);
    assert!((6..=15).contains(&polls), "{polls}");
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn case_06_a_refusal_at_start_up_is_an_error_that_says_what_to_mend() {
    for kind in REFUSALS {
        let stage = Stage::new();
        stage.service.always(Operation::Poll, Fault::Error(kind));
        let worker = run(stage.worker().activity_fn("nothing", "1.0", nothing));
        let began = Instant::now();
        let error = worker.outcome().await.unwrap_err();
        assert_eq!(began.elapsed(), Duration::ZERO, "{kind}");
        let task_list = "list".to_owned();
        assert_eq!(*error.kind(), RunErrorKind::Poll { task_list });
        let text = error.to_string();
        for hint in ["`list`", "name", "domain", "permission"] {
            assert!(text.contains(hint), "{kind}: {text}");
        }
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(source, format!("{kind}: injected"));
        assert!(error.report().is_clean());
    }
}

#[tokio::test(start_paused = true)]
async fn case_06_a_refused_registration_is_an_error_that_says_what_to_mend() {
    for kind in REFUSALS {
        let stage = Stage::new();
        stage
            .service
            .always(Operation::Register, Fault::Error(kind));
        let worker = run(stage.worker().activity_fn("nothing", "1.0", nothing));
        let error = worker.outcome().await.unwrap_err();
        assert!(matches!(error.kind(), RunErrorKind::Registration(_)));
        let text = error.to_string();
        assert!(text.contains("`nothing 1.0`"), "{text}");
        assert!(text.contains("register_types(false)"), "{text}");
        assert_eq!(stage.service.count(Operation::Poll), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn case_06_one_refused_task_list_does_not_cut_off_what_another_brought() {
    let stage = Stage::new();
    let refusal_comes = Duration::from_secs(5);
    stage.service.script(Operation::Poll, move |poll| {
        let wrong = poll.text.as_deref() == Some("wrong");
        wrong.then_some(Fault::Error(ServiceErrorKind::UnknownResource))
    });
    let activity = stage.start(start("work"));
    let worker =
        run(stage
            .worker()
            .task_list("wrong")
            .activity_fn("work", "1.0", move || async move {
                sleep(refusal_comes).await;
                Ok::<_, ActivityError>(())
            }));
    let error = worker.outcome().await.unwrap_err();
    let task_list = "wrong".to_owned();
    assert_eq!(*error.kind(), RunErrorKind::Poll { task_list });
    assert_eq!(error.report().outcomes.completed, 1);
    assert_eq!(activity.try_outcome().unwrap().to_string(), "completed");
}

#[tokio::test(start_paused = true)]
async fn case_06_a_refusal_later_is_an_event_and_a_capped_backoff_and_never_a_dead_loop() {
    for kind in REFUSALS {
        let events = Events::capture();
        let stage = Stage::new();
        let worker = run(stage.worker().activity_fn("nothing", "1.0", nothing));
        stage.start(start("nothing")).ended().await;
        stage.service.always(Operation::Poll, Fault::Error(kind));
        sleep(61 * MINUTE).await;

        let refused = stage.service.calls(Operation::Poll);
        let refused = refused.iter().filter(|poll| poll.error.is_some()).count();
        assert!((120..=250).contains(&refused), "{kind}: {refused}");
        assert_eq!(events.count(Level::WARN, "the poll failed"), refused);
        assert_eq!(events.count(Level::WARN, kind.as_str()), refused);

        stage.service.mend(Operation::Poll);
        let mended = Instant::now();
        let outcome = stage.start(start("nothing")).ended().await;
        assert_eq!(outcome.to_string(), "completed");
        assert!(mended.elapsed() <= Duration::from_secs(31));
        assert!(worker.drain().await.is_clean());
    }
}

#[tokio::test(start_paused = true)]
async fn case_08_a_panic_in_a_poll_touches_no_running_activity_and_polling_goes_on() {
    let stage = Stage::new();
    let worker = run(stage
        .worker()
        .activity_fn("nothing", "1.0", nothing)
        .activity_fn("work", "1.0", async || {
            sleep(Duration::from_secs(60)).await;
            Ok::<_, ActivityError>("done")
        }));
    let timeout = Duration::from_secs(3);
    let activity = stage.start(start("work").heartbeat_timeout(timeout));
    stage.service.script(Operation::Poll, {
        let mut polls = 0;
        move |_| {
            polls += 1;
            (2..=6).contains(&polls).then_some(Fault::Panic)
        }
    });
    worker.holds(1).await;
    eventually("polls panicked", || {
        stage.service.count(Operation::Poll) >= 7
    })
    .await;
    assert_eq!(worker.handle.status().running[0].stop_reason, None);
    let other = stage.start(start("nothing")).ended().await;
    assert_eq!(other.to_string(), "completed");
    assert_eq!(activity.ended().await.result::<String>().unwrap(), "done");
    let report = worker.drain().await;
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.outcomes.completed, 2);
}

#[tokio::test(start_paused = true)]
async fn case_08_a_panic_of_the_loop_itself_touches_no_running_activity_and_polling_goes_on() {
    // Events are walled off; what the loop itself must survive is a span of a poll.
    let left = Arc::new(AtomicUsize::new(0));
    let panics_left = Arc::clone(&left);
    let startled = Delicate::to(move |of| {
        let one = |left: usize| left.checked_sub(1);
        let (set, fetch) = (Ordering::SeqCst, Ordering::SeqCst);
        of.is_span() && of.name() == "poll" && panics_left.fetch_update(set, fetch, one).is_ok()
    });
    let stage = Stage::new();
    let worker = run(stage
        .worker()
        .activity_fn("nothing", "1.0", nothing)
        .activity_fn("work", "1.0", async || {
            sleep(Duration::from_secs(60)).await;
            Ok::<_, ActivityError>("done")
        }));
    let timeout = Duration::from_secs(3);
    let activity = stage.start(start("work").heartbeat_timeout(timeout));
    worker.holds(1).await;
    left.store(5, Ordering::SeqCst);
    // Ends the poll in flight, after which come those that panic.
    stage.start(start("nothing")).ended().await;
    eventually("the loop panicked", || startled.panics() == 5).await;
    stage.start(start("nothing")).ended().await;
    assert_eq!(activity.ended().await.result::<String>().unwrap(), "done");
    let report = worker.drain().await;
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.outcomes.completed, 3);
}

#[tokio::test(start_paused = true)]
async fn case_08_a_subscriber_that_panics_when_a_task_begins_costs_no_task() {
    let (spans, begins) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let startled = Delicate::to(move |of| {
        let heard = match of.name() {
            "activity" => &spans,
            _ if of.is_event() && of.target() == "workbeat::worker::run" => &begins,
            _ => return false,
        };
        *of.level() != Level::INFO && heard.fetch_add(1, Ordering::SeqCst) == 0
    });
    let stage = Stage::new();
    let worker = run(stage.worker().activity_fn("nothing", "1.0", nothing));
    for _ in 0..3 {
        let activity = stage.start(start("nothing"));
        activity.ended().await.result::<()>().unwrap();
    }
    let report = worker.drain().await;
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.outcomes.completed, 3);
    assert_eq!(startled.panics(), 2);
}

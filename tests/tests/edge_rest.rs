//! The edge cases 47 and 48, and what else a worker promises.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tracing::Level;
use workbeat::prelude::*;
use workbeat::service::ServiceErrorKind;
use workbeat::worker::{DrainReport, RunError, WorkerState};
use workbeat::{Backoff, NoInput, activity_fn};
use workbeat_local::engine::EventAttributes;
use workbeat_local::{ActivityHandle, StartActivity};
use workbeat_tests::{Ended, Events, Fault, LIST, Operation, Stage, run, seconds, start};

fn is_send<T>(value: T) -> T
where
    T: Future<Output = Result<DrainReport, RunError>> + Send + 'static,
{
    value
}

async fn nothing() -> Result<(), ActivityError> {
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_run_is_send_and_can_be_spawned() {
    let stage = Stage::new();
    let worker = stage.worker().activity_fn("nothing", "1.0", nothing);
    let worker = worker.build().unwrap();
    let handle = worker.handle();
    assert_eq!(handle.status().state, WorkerState::NotStarted);
    let run = tokio::spawn(is_send(worker.run()));
    stage.start(start("nothing")).ended().await;
    handle.drain();
    assert!(run.await.unwrap().unwrap().is_clean());
    assert_eq!(handle.status().state, WorkerState::Ended);
}

#[tokio::test(start_paused = true)]
async fn case_47_two_tasks_with_the_same_activity_id_do_not_mix() {
    let stage = Stage::new();
    let options = ActivityOptions::new().heartbeat_interval(seconds(1));
    let activity = activity_fn("work", "1.0", async |name: String, ctx: ActivityContext| {
        assert_eq!(ctx.activity_id(), "the-same");
        ctx.report(&name);
        if name == "canceled" {
            ctx.until_stopped(std::future::pending::<()>()).await?;
        }
        sleep(seconds(20)).await;
        Ok::<_, ActivityError>((name, ctx.is_stopped(), ctx.idempotency_key()))
    });
    let worker = run(stage.worker().activity(activity.with_options(options)));
    let [one, canceled, two] = ["one", "canceled", "two"].map(|name| {
        let work = start("work").input(name).unwrap();
        stage.start(work.activity_id("the-same"))
    });
    worker.holds(3).await;
    sleep(seconds(5)).await;
    canceled.request_cancel().unwrap();
    assert_eq!(canceled.ended().await.to_string(), "was canceled");
    let mut keys = Vec::new();
    for (handle, name) in [(&one, "one"), (&two, "two")] {
        let outcome = handle.ended().await;
        let (said, stopped, key) = outcome.result::<(String, bool, String)>().unwrap();
        assert_eq!((said.as_str(), stopped), (name, false));
        keys.push(key);
    }
    assert_ne!(keys[0], keys[1]);
    let mut details = HashMap::<_, Vec<_>>::new();
    for beat in stage.service.calls(Operation::Heartbeat) {
        let said = details.entry(beat.token.unwrap()).or_default();
        said.push(beat.text.unwrap());
    }
    assert_eq!(details.len(), 3);
    for mut said in details.into_values() {
        said.dedup();
        assert_eq!(said.len(), 1, "{said:?}");
    }
    assert!(worker.drain().await.is_clean());
}

/// The identity that the history has.
fn identity(activity: &ActivityHandle) -> String {
    let history = activity.history();
    let mut started = history.iter().filter_map(|event| match &event.attributes {
        EventAttributes::ActivityTaskStarted(started) => started.identity.clone(),
        _ => None,
    });
    started.next().expect("an identity").to_string()
}

#[tokio::test(start_paused = true)]
async fn case_48_an_identity_over_256_characters_is_cut_at_a_character() {
    for character in ["x", "ü", "🦀"] {
        let stage = Stage::new();
        let whole = format!("w{}", character.repeat(300));
        let worker = run(stage
            .worker()
            .identity(whole.clone())
            .activity_fn("nothing", "1.0", nothing));
        let activity = stage.start(start("nothing"));
        assert_eq!(activity.ended().await.to_string(), "completed");
        let identity = identity(&activity);
        let length = identity.encode_utf16().count();
        assert!((255..=256).contains(&length), "{length}");
        let kept = identity.strip_suffix("...[cut]").unwrap_or(&identity);
        assert!(whole.starts_with(kept));
        assert!(worker.drain().await.is_clean());
    }
}

#[tokio::test(start_paused = true)]
async fn case_48_an_identity_of_256_characters_is_kept_and_the_default_names_the_process() {
    let stage = Stage::new();
    let whole = "🦀".repeat(128);
    let worker = run(stage
        .worker()
        .identity(whole.clone())
        .activity_fn("nothing", "1.0", nothing));
    let activity = stage.start(start("nothing"));
    activity.ended().await;
    assert_eq!(identity(&activity), whole);
    assert!(worker.drain().await.is_clean());

    let worker = run(stage.worker().activity_fn("nothing", "1.0", nothing));
    let activity = stage.start(start("nothing"));
    activity.ended().await;
    let process = format!("{}@", std::process::id());
    assert!(identity(&activity).starts_with(&process));
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn an_untyped_handler_serves_names_that_are_known_only_at_run_time() {
    let stage = Stage::new();
    let worker = run(stage
        .worker()
        .activity_fn("nothing", "1.0", nothing)
        .untyped_activity_fn(|input: Option<String>, ctx: ActivityContext| async move {
            let activity_type = ctx.activity_type().to_string();
            match &*ctx.activity_type().name {
                "echo" => Ok(input),
                "wait" => {
                    ctx.until_stopped(std::future::pending::<()>()).await?;
                    Ok(None)
                }
                _ => Err(ActivityError::failed(format!(
                    "no script for {activity_type}"
                ))),
            }
        }));
    // As text, not as JSON.
    let echo = stage.start(start("echo").raw_input("not { JSON"));
    echo.ended().await;
    let sent = stage.service.calls(Operation::Complete);
    assert_eq!(sent[0].text.as_deref(), Some("not { JSON"));
    let absent = stage.start(start("echo"));
    absent.ended().await;
    assert_eq!(stage.service.calls(Operation::Complete)[1].text, None);

    let other = stage.start(start("other")).ended().await.to_string();
    assert_eq!(other, "failed: no script for other 1.0");
    let known = stage.start(start("nothing")).ended().await;
    assert_eq!(known.to_string(), "completed");
    let wait = stage.start(start("wait").heartbeat_timeout(seconds(3)));
    worker.holds(1).await;
    sleep(seconds(10)).await;
    wait.request_cancel().unwrap();
    assert_eq!(wait.ended().await.to_string(), "was canceled");
    assert!(worker.drain().await.is_clean());
}

/// A worker with a limit of two for `work`, which says how many ran at once at most.
fn limited(stage: &Stage) -> (workbeat_tests::Spawned, Arc<AtomicUsize>) {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&most);
    let worker = run(stage
        .worker()
        .activity_fn("nothing", "1.0", nothing)
        .activity_fn("work", "1.0", move |ctx: ActivityContext| {
            let (now, most) = (Arc::clone(&now), Arc::clone(&most));
            async move {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                let rested = ctx.until_stopped(sleep(seconds(10))).await;
                now.fetch_sub(1, Ordering::SeqCst);
                rested?;
                Ok::<_, ActivityError>(())
            }
        })
        .activity_limit("work", "1.0", 2));
    (worker, seen)
}

#[tokio::test(start_paused = true)]
async fn never_more_than_its_limit_of_a_type_run_and_those_that_wait_heartbeat() {
    let stage = Stage::new();
    let (worker, most) = limited(&stage);
    let work = || stage.start(start("work").heartbeat_timeout(seconds(3)));
    let activities: Vec<_> = (0..7).map(|_| work()).collect();
    worker.holds(7).await;
    let began = Instant::now();
    // Others are not held up.
    let other = stage.start(start("nothing")).ended().await;
    assert_eq!(other.to_string(), "completed");
    assert!(began.elapsed() < seconds(1));
    for activity in activities {
        assert_eq!(activity.ended().await.to_string(), "completed");
    }
    assert!(began.elapsed() >= seconds(39));
    assert_eq!(most.load(Ordering::SeqCst), 2);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn a_task_that_waits_for_the_limit_of_its_type_can_be_cancelled_and_gives_its_slot_back() {
    let stage = Stage::new();
    let (worker, most) = limited(&stage);
    let work = || stage.start(start("work").heartbeat_timeout(seconds(3)));
    let running = [work(), work()];
    worker.holds(2).await;
    let waiting = work();
    worker.holds(3).await;
    waiting.request_cancel().unwrap();
    assert_eq!(waiting.ended().await.to_string(), "was canceled");
    worker.holds(2).await;
    for activity in running {
        assert_eq!(activity.ended().await.to_string(), "completed");
    }
    // The limit is as it was.
    let next = [work(), work(), work()];
    for activity in next {
        assert_eq!(activity.ended().await.to_string(), "completed");
    }
    assert_eq!(most.load(Ordering::SeqCst), 2);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn the_status_says_what_runs_since_when_and_what_was_last_heard_of_it() {
    let stage = Stage::new();
    let options = ActivityOptions::new()
        .heartbeat_interval(seconds(4))
        .start_to_close_timeout(seconds(100));
    let activity = activity_fn("work", "1.0", async |ctx: ActivityContext| {
        ctx.report("first");
        sleep(seconds(9)).await;
        ctx.report("second");
        ctx.stopped().await;
        sleep(seconds(10)).await;
        Ok::<_, ActivityError>(())
    });
    let worker = run(stage
        .worker()
        .slots(5)
        .activity(activity.with_options(options)));
    assert!(worker.handle.ready().await);
    let activity = stage.start(start("work"));
    let began = Instant::now();
    worker.holds(1).await;
    let status = worker.handle.status();
    assert_eq!(status.state, WorkerState::Running);
    assert_eq!((status.slots, status.slots_held, status.polls), (5, 2, 1));
    let running = &status.running[0];
    assert_eq!(running.activity_type.to_string(), "work 1.0");
    assert_eq!(running.activity_id, activity.activity_id());
    assert_eq!(&running.workflow, activity.workflow());
    assert_eq!(running.task_list, "list");
    assert_eq!(running.since_last_heartbeat, None);
    assert_eq!(running.stop_reason, None);

    tokio::time::sleep_until(began + seconds(10)).await;
    let running = worker.handle.status().running.remove(0);
    let slack = Duration::from_millis(5);
    let about = |found: Duration, wanted: Duration| found.abs_diff(wanted) <= slack;
    assert!(about(running.running_for, seconds(10)), "{running:?}");
    assert!(about(running.since_last_heartbeat.unwrap(), seconds(2)));
    assert!(about(running.time_left.unwrap(), seconds(90)));
    // Reported, though not sent yet.
    assert_eq!(running.last_progress.as_deref(), Some("\"second\""));

    activity.request_cancel().unwrap();
    tokio::time::sleep_until(began + seconds(13)).await;
    let running = worker.handle.status().running.remove(0);
    assert_eq!(running.stop_reason, Some(StopReason::CancelRequested));
    activity.ended().await;
    worker.holds(0).await;
    let status = worker.handle.status();
    assert_eq!((status.outcomes.completed, status.slots_held), (1, 1));
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn an_idempotency_key_is_the_same_when_the_activity_of_a_run_is_delivered_again() {
    let stage = Stage::new();
    let keys = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&keys);
    let worker = run(stage
        .worker()
        .activity_fn("work", "1.0", move |ctx: ActivityContext| {
            seen.lock().unwrap().push((
                ctx.idempotency_key(),
                ctx.task_token().clone(),
                ctx.started_event_id(),
            ));
            async { Err::<(), _>(ActivityError::failed("again, please")) }
        }));
    // The decider schedules it again, with the same activity id in the same run; then another
    // one, and then the same in another run.
    for (workflow, id) in [("one", "a"), ("one", "a"), ("one", "b"), ("two", "a")] {
        let work = start("work").workflow_id(workflow).activity_id(id);
        stage.start(work).ended().await;
    }
    let keys = keys.lock().unwrap().clone();
    assert_eq!(keys[0].0, keys[1].0);
    assert_ne!(keys[0].1, keys[1].1, "another task");
    assert_ne!(keys[0].2, keys[1].2);
    assert_ne!(keys[0].0, keys[2].0);
    assert_ne!(keys[0].0, keys[3].0);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn a_deadline_is_known_where_it_is_declared_or_the_service_tells_it() {
    let stage = Stage::new();
    let work = async |ctx: ActivityContext| {
        sleep(seconds(10)).await;
        let left = ctx.time_left().map(|left| left.as_secs_f64().round());
        let deadline = ctx.deadline().map(|at| at - Instant::now());
        assert_eq!(ctx.time_left(), deadline);
        Ok::<_, ActivityError>(left)
    };
    let declared = ActivityOptions::new().start_to_close_timeout(seconds(100));
    let worker = run(stage
        .worker()
        .activity(activity_fn("declared", "1.0", work).with_options(declared))
        .activity_fn("told", "1.0", work));
    assert!(worker.handle.ready().await);
    for (activity, left) in [
        (start("declared"), Some(90.0)),
        (start("told"), None),
        (
            start("told").start_to_close_timeout(seconds(50)),
            Some(40.0),
        ),
        (
            start("told").schedule_to_close_timeout(seconds(30)),
            Some(20.0),
        ),
    ] {
        let outcome = stage.start(activity).ended().await;
        assert_eq!(outcome.result::<Option<f64>>().unwrap(), left);
    }
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn a_worker_with_as_few_slots_as_task_lists_polls_them_all() {
    let stage = Stage::new();
    let worker = run(stage
        .worker()
        .task_list("other")
        .slots(2)
        .max_concurrent_polls(5)
        .activity_fn("nothing", "1.0", nothing));
    let began = Instant::now();
    for _ in 0..20 {
        for task_list in ["list", "other", "other", "list"] {
            let nothing = start("nothing").task_list(task_list);
            stage.start(nothing).ended().await;
        }
    }
    // Neither list waits for the other one's idle poll.
    assert!(began.elapsed() < seconds(1), "{:?}", began.elapsed());
    let polled = stage.service.calls(Operation::Poll);
    for task_list in ["list", "other"] {
        let polls = polled
            .iter()
            .filter(|poll| poll.text.as_deref() == Some(task_list));
        let under_way = polls.filter(|poll| poll.ended.is_none()).count();
        assert_eq!(under_way, 1, "{task_list}");
    }
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn a_task_list_that_backs_off_does_not_hold_up_another() {
    let stage = Stage::new();
    stage.service.script(Operation::Poll, |poll| {
        let bad = poll.text.as_deref() == Some("bad");
        bad.then_some(Fault::Error(ServiceErrorKind::Throttled))
    });
    let hour = seconds(3_600);
    let worker = run(stage
        .worker()
        .task_list("bad")
        .slots(2)
        .poll_backoff(Backoff::new(hour, hour))
        .activity_fn("nothing", "1.0", nothing));
    for _ in 0..10 {
        let began = Instant::now();
        stage.start(start("nothing")).ended().await;
        assert_eq!(began.elapsed(), Duration::ZERO);
        sleep(seconds(100)).await;
    }
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn durations_that_mean_never_overflow_nothing() {
    let stage = Stage::new();
    let options = ActivityOptions::new()
        .heartbeat_timeout(Duration::MAX)
        .start_to_close_timeout(Duration::MAX)
        .cancel_grace(Duration::MAX);
    let activity = activity_fn("work", "1.0", async |ctx: ActivityContext| {
        ctx.stopped().await;
        sleep(seconds(600)).await;
        Ok::<_, ActivityError>(())
    });
    let never = workbeat::service::Timeout::None;
    let worker = run(stage
        .worker()
        .register_types(false)
        .drain_deadline(Duration::MAX)
        .poll_backoff(Backoff::new(Duration::MAX, Duration::MAX))
        .activity(activity.with_options(options)));
    let activity = stage.start(start("work").heartbeat_timeout(never));
    worker.holds(1).await;
    activity.request_cancel().unwrap();
    let throttled = Fault::Error(ServiceErrorKind::Throttled);
    stage.service.always(Operation::Poll, throttled);
    sleep(seconds(70)).await;
    worker.handle.drain();
    assert_eq!(activity.ended().await.to_string(), "completed");
    assert!(worker.end().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn a_declared_task_list_that_the_worker_does_not_poll_is_warned_about() {
    let events = Events::capture();
    let stage = Stage::new();
    let declares = |task_list: &str| ActivityOptions::new().task_list(task_list);
    let ours = activity_fn("ours", "1.0", async || Ok::<_, ActivityError>(()));
    let others = activity_fn("others", "1.0", async || Ok::<_, ActivityError>(()));
    let builder = stage.worker().activity(ours.with_options(declares(LIST)));
    let worker = run(builder.activity(others.with_options(declares("elsewhere"))));
    assert!(worker.handle.ready().await);
    assert_eq!(
        events.count(Level::WARN, "does not poll"),
        1,
        "{:?}",
        events.all()
    );
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn an_activity_without_input_is_started_as_it_declares_itself() {
    let stage = Stage::new();
    let bare = || activity_fn("bare", "1.0", async || Ok::<_, ActivityError>(7));
    let worker = run(stage.worker().activity(bare()));
    let start = StartActivity::of(&bare(), &NoInput)
        .unwrap()
        .task_list(LIST);
    let outcome = stage.start(start).ended().await;
    assert_eq!(outcome.result::<u32>().unwrap(), 7);
    assert!(worker.drain().await.is_clean());
}

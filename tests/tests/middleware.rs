//! Middleware stands around activities: what it is given, what it can do, and that nothing of it
//! gets past the walls that an activity has.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::time::{Instant, sleep};
use workbeat::middleware::{ActivityCall, CallResult, Middleware, Next, middleware_fn};
use workbeat::prelude::*;
use workbeat::testing::ActivityTest;
use workbeat::worker::BuildError;
use workbeat::{FailureCode, StopReason, activity_fn};
use workbeat_tests::{
    Ended, OnDrop, Operation, Stage, code, eventually, forever, rest, run, seconds, start,
};

/// What happened, in its order.
#[derive(Clone, Default)]
struct Diary(Arc<Mutex<Vec<String>>>);

impl Diary {
    fn write(&self, line: impl Into<String>) {
        self.0.lock().expect("no panic").push(line.into());
    }

    fn lines(&self) -> Vec<String> {
        self.0.lock().expect("no panic").clone()
    }
}

/// Writes down when it is entered and left.
struct Named(&'static str, Diary);

impl Middleware for Named {
    async fn around(&self, call: ActivityCall, next: Next) -> CallResult {
        let Self(name, diary) = self;
        diary.write(format!("{name} in"));
        let ended = next.run(call).await;
        diary.write(format!("{name} out"));
        ended
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_is_the_outermost_and_a_types_own_is_inside_of_all() {
    let stage = Stage::new();
    let diary = Diary::default();
    let named = |name| Named(name, diary.clone());
    let work = {
        let diary = diary.clone();
        move || {
            diary.write("work");
            async { Ok::<_, ActivityError>(7) }
        }
    };
    let worker = run(stage
        .worker()
        .activity_middleware("one", "1.0", named("own"))
        .middleware(named("first"))
        .middleware(named("second"))
        .activity_middleware("one", "1.0", named("own, too"))
        .activity_fn("one", "1.0", work.clone())
        .activity_fn("other", "1.0", work));
    let outcome = stage.start(start("one")).ended().await;
    assert_eq!(outcome.result::<u32>().unwrap(), 7);
    let inside = ["first in", "second in", "own in", "own, too in", "work"];
    let outside = ["own, too out", "own out", "second out", "first out"];
    assert_eq!(diary.lines(), [&inside[..], &outside[..]].concat());
    diary.0.lock().unwrap().clear();
    stage.start(start("other")).ended().await;
    let all = ["first in", "second in", "work", "second out", "first out"];
    assert_eq!(diary.lines(), all);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn it_stands_around_untyped_activities_too() {
    let stage = Stage::new();
    let diary = Diary::default();
    let worker = run(stage
        .worker()
        .middleware(Named("all", diary.clone()))
        .untyped_activity_fn(async |input, _: ActivityContext| Ok::<_, ActivityError>(input)));
    let outcome = stage
        .start(start("any").raw_input("as it is"))
        .ended()
        .await;
    assert_eq!(outcome.raw_result(), Some("as it is"));
    assert_eq!(diary.lines(), ["all in", "all out"]);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn it_denies_before_the_activity_runs() {
    let stage = Stage::new();
    let ran = Arc::new(AtomicBool::new(false));
    let work = {
        let ran = Arc::clone(&ran);
        move || {
            ran.store(true, Ordering::Relaxed);
            async { Ok::<_, ActivityError>(()) }
        }
    };
    let worker = run(stage
        .worker()
        .middleware_fn(async |_, _| {
            let denied = ActivityError::failed("DENIED").with_details("no token");
            Err::<Option<String>, _>(denied)
        })
        .activity_fn("work", "1.0", work));
    let outcome = stage
        .start(start("work").raw_input("no JSON"))
        .ended()
        .await;
    assert_eq!(outcome.reason(), Some("DENIED"));
    assert_eq!(outcome.details(), Some("no token"));
    assert!(!ran.load(Ordering::Relaxed));
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn it_changes_what_goes_in_and_what_comes_out() {
    let stage = Stage::new();
    fn reversed(text: &str) -> String {
        text.chars().rev().collect()
    }

    let worker = run(stage
        .worker()
        .middleware_fn(async |mut call: ActivityCall, next: Next| {
            call.input = call.input.as_deref().map(reversed);
            let ended = next.run(call).await;
            ended.map(|result| result.as_deref().map(reversed))
        })
        .activity_fn("add", "1.0", async |(a, b): (u32, u32)| {
            Ok::<_, ActivityError>(a + b)
        }));
    let outcome = stage.start(start("add").raw_input("]03,21[")).ended().await;
    assert_eq!(outcome.raw_result(), Some("24"));
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn it_sees_a_failure_and_can_make_something_else_of_it() {
    let seen = Arc::new(Mutex::new(None));
    let mend = {
        let seen = Arc::clone(&seen);
        middleware_fn(move |call, next: Next| {
            let seen = Arc::clone(&seen);
            async move {
                match next.run(call).await {
                    Err(error) if error.reason() == Some("EMPTY") => {
                        *seen.lock().unwrap() = error.details().map(str::to_owned);
                        Ok::<_, ActivityError>(Some("[]".to_owned()))
                    }
                    ended => ended,
                }
            }
        })
    };
    let list = activity_fn("list", "1.0", async || {
        Err::<Vec<u32>, _>(ActivityError::failed("EMPTY").with_details("nothing there"))
    });
    let outcome = ActivityTest::new(list).middleware(mend).run().await;
    outcome.assert_result_text("[]");
    assert_eq!(seen.lock().unwrap().as_deref(), Some("nothing there"));
}

#[tokio::test(start_paused = true)]
async fn it_sees_an_acknowledgement_and_the_token_while_it_waits() {
    let stage = Stage::new();
    let diary = Diary::default();
    let watch = {
        let diary = diary.clone();
        move |call: ActivityCall, next: Next| {
            let diary = diary.clone();
            async move {
                let ctx = call.ctx.clone();
                let ended = next.run(call).await;
                let canceled = ended.as_ref().is_err_and(ActivityError::is_canceled);
                diary.write(format!("{:?}, canceled: {canceled}", ctx.stop_reason()));
                ended
            }
        }
    };
    let wait = async |ctx: ActivityContext| {
        ctx.until_stopped(forever()).await??;
        Ok::<_, ActivityError>(())
    };
    let worker = run(stage
        .worker()
        .middleware_fn(watch)
        .activity_fn("wait", "1.0", wait));
    let activity = stage.start(start("wait").heartbeat_timeout(seconds(3)));
    worker.holds(1).await;
    activity.request_cancel().unwrap();
    assert_eq!(activity.ended().await.to_string(), "was canceled");
    assert_eq!(diary.lines(), ["Some(CancelRequested), canceled: true"]);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn an_acknowledgement_of_its_own_needs_a_request_too() {
    let stage = Stage::new();
    let worker = run(stage
        .worker()
        .middleware_fn(async |_, _| Err::<Option<String>, _>(ActivityError::canceled("never mind")))
        .activity_fn("rest", "1.0", rest));
    let outcome = stage.start(start("rest").raw_input("1")).ended().await;
    assert_eq!(code(&outcome), Some(FailureCode::CanceledWithoutRequest));
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn it_can_hand_the_task_on() {
    let stage = Stage::new();
    let worker = run(stage
        .worker()
        .middleware_fn(async |_, _| Err::<Option<String>, _>(ActivityError::handed_on()))
        .activity_fn("rest", "1.0", rest));
    let _open = stage.start(start("rest").raw_input("1"));
    let status = || worker.handle.status().outcomes.handed_on;
    eventually("it is handed on", || status() == 1).await;
    assert_eq!(stage.service.calls(Operation::Complete).len(), 0);
    assert_eq!(stage.service.calls(Operation::Fail).len(), 0);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_it_fails_the_task_and_the_worker_goes_on() {
    let stage = Stage::new();
    let worker = run(stage
        .worker()
        .middleware_fn(async |call: ActivityCall, next: Next| {
            assert_ne!(call.input.as_deref(), Some("1"), "before");
            let two = call.input.as_deref() == Some("2");
            let ended = next.run(call).await;
            assert!(!two, "after");
            ended
        })
        .activity_fn("rest", "1.0", rest));
    for (input, says) in [("1", "before"), ("2", "after")] {
        let outcome = stage.start(start("rest").raw_input(input)).ended().await;
        assert_eq!(code(&outcome), Some(FailureCode::Panic), "{input}");
        assert!(outcome.details().unwrap().contains(says));
    }
    let outcome = stage.start(start("rest").raw_input("3")).ended().await;
    assert_eq!(outcome.result::<String>().unwrap(), "rested");
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn it_is_dropped_with_the_activity_when_the_grace_is_over() {
    let stage = Stage::new();
    let dropped = [(); 2].map(|()| Arc::new(AtomicBool::new(false)));
    let [outer, inner] = dropped.clone();
    let guard = move |call: ActivityCall, next: Next| {
        let guard = OnDrop(Arc::clone(&outer));
        async move {
            let _guard = guard;
            next.run(call).await
        }
    };
    let stubborn = activity_fn("stubborn", "1.0", move || {
        let guard = OnDrop(Arc::clone(&inner));
        async move {
            let _guard = guard;
            forever().await
        }
    });
    let grace = ActivityOptions::new().cancel_grace(seconds(5));
    let worker = run(stage
        .worker()
        .middleware_fn(guard)
        .activity(stubborn.with_options(grace)));
    let activity = stage.start(start("stubborn").heartbeat_timeout(seconds(3)));
    worker.holds(1).await;
    activity.request_cancel().unwrap();
    assert_eq!(activity.ended().await.to_string(), "was canceled");
    assert!(dropped.iter().all(|dropped| dropped.load(Ordering::SeqCst)));
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn heartbeats_go_on_while_it_waits() {
    let stage = Stage::new();
    let worker = run(stage
        .worker()
        .middleware_fn(async |call, next: Next| {
            sleep(seconds(100)).await;
            next.run(call).await
        })
        .activity_fn("rest", "1.0", rest));
    let activity = start("rest").raw_input("1").heartbeat_timeout(seconds(10));
    let outcome = stage.start(activity).ended().await;
    assert_eq!(outcome.result::<String>().unwrap(), "rested");
    assert!(stage.service.calls(Operation::Heartbeat).len() >= 20);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn it_begins_when_there_is_a_place_under_the_limit() {
    let stage = Stage::new();
    let inside = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let count = {
        let (inside, most) = (Arc::clone(&inside), Arc::clone(&most));
        move |call: ActivityCall, next: Next| {
            let (inside, most) = (Arc::clone(&inside), Arc::clone(&most));
            async move {
                let now = inside.fetch_add(1, Ordering::SeqCst) + 1;
                most.fetch_max(now, Ordering::SeqCst);
                let ended = next.run(call).await;
                inside.fetch_sub(1, Ordering::SeqCst);
                ended
            }
        }
    };
    let worker = run(stage
        .worker()
        .activity_limit("rest", "1.0", 2)
        .middleware_fn(count)
        .activity_fn("rest", "1.0", rest));
    let activities: Vec<_> = (0..6)
        .map(|_| stage.start(start("rest").raw_input("1")))
        .collect();
    for activity in activities {
        activity.ended().await;
    }
    assert_eq!(most.load(Ordering::SeqCst), 2);
    assert!(worker.drain().await.is_clean());
}

/// Who asks.
#[derive(Debug, PartialEq)]
struct Caller(&'static str);

#[tokio::test(start_paused = true)]
async fn a_value_reaches_the_activity_also_in_blocking_code_and_in_spawned_tasks() {
    let activity = activity_fn("who", "1.0", async |ctx: ActivityContext| {
        let blocking = ctx.run_blocking(|ctx| ctx.extension::<Caller>().map(|caller| caller.0));
        let blocking = blocking.await;
        let spawned = tokio::spawn({
            let ctx = ctx.clone();
            async move { ctx.extension::<Caller>().map(|caller| caller.0) }
        });
        let spawned = spawned.await?;
        let other = ctx.extension::<u32>().is_some();
        Ok::<_, ActivityError>((blocking, spawned, other))
    });
    let ann = middleware_fn(async |call, next: Next| {
        call.ctx.set_extension(Caller("nobody"));
        call.ctx.set_extension(Caller("ann"));
        next.run(call).await
    });
    let outcome = ActivityTest::new(activity).middleware(ann).run().await;
    outcome.assert_completed((Some("ann"), Some("ann"), false));
}

#[tokio::test(start_paused = true)]
async fn a_value_whose_drop_panics_harms_nobody() {
    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("on purpose");
        }
    }

    let stage = Stage::new();
    let worker = run(stage
        .worker()
        .middleware_fn(async |call, next: Next| {
            call.ctx.set_extension(Bomb);
            next.run(call).await
        })
        .activity_fn("rest", "1.0", rest));
    for _ in 0..3 {
        let outcome = stage.start(start("rest").raw_input("1")).ended().await;
        assert_eq!(outcome.result::<String>().unwrap(), "rested");
    }
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn a_drop_of_the_run_drops_it_and_nothing_is_sent() {
    let stage = Stage::new();
    let dropped = Arc::new(AtomicBool::new(false));
    let guard = {
        let dropped = Arc::clone(&dropped);
        move |call: ActivityCall, next: Next| {
            let guard = OnDrop(Arc::clone(&dropped));
            async move {
                let _guard = guard;
                next.run(call).await
            }
        }
    };
    let worker = run(stage
        .worker()
        .middleware_fn(guard)
        .activity_fn("forever", "1.0", forever));
    let _activity = stage.start(start("forever"));
    worker.holds(1).await;
    worker.run.abort();
    eventually("it is dropped", || dropped.load(Ordering::SeqCst)).await;
    assert_eq!(stage.service.calls(Operation::Fail).len(), 0);
}

#[tokio::test(start_paused = true)]
async fn in_a_test_of_an_activity_it_measures_paused_time() {
    let took = Arc::new(Mutex::new(None));
    let timing = {
        let took = Arc::clone(&took);
        middleware_fn(move |call, next: Next| {
            let took = Arc::clone(&took);
            async move {
                let began = Instant::now();
                let ended = next.run(call).await;
                *took.lock().unwrap() = Some(began.elapsed());
                ended
            }
        })
    };
    let hours = activity_fn("rest", "1.0", rest);
    let test = ActivityTest::new(hours).input(7_200).middleware(timing);
    test.run().await.assert_completed("rested");
    assert_eq!(*took.lock().unwrap(), Some(seconds(7_200)));
}

#[tokio::test(start_paused = true)]
async fn what_names_an_activity_that_is_not_there_is_a_mistake() {
    let stage = Stage::new();
    let pass = || middleware_fn(async |call, next: Next| next.run(call).await);
    let worker = stage.worker().activity_fn("rest", "1.0", rest);
    let mistake = worker
        .activity_middleware("rest", "1.1", pass())
        .build()
        .unwrap_err();
    assert_eq!(
        mistake.to_string(),
        "`.activity_middleware(...)` names `rest 1.1`, which is not registered"
    );
    assert!(matches!(mistake, BuildError::SettingOfUnknown { .. }));
}

#[tokio::test(start_paused = true)]
async fn a_presumption_that_the_heartbeat_is_lost_is_seen_in_it_and_the_result_still_sent() {
    let activity = activity_fn("rest", "1.0", rest);
    let seen = Arc::new(Mutex::new(None));
    let watch = {
        let seen = Arc::clone(&seen);
        middleware_fn(move |call: ActivityCall, next: Next| {
            let seen = Arc::clone(&seen);
            async move {
                let ctx = call.ctx.clone();
                let ended = next.run(call).await;
                *seen.lock().unwrap() = ctx.stop_reason();
                ended
            }
        })
    };
    let run = ActivityTest::new(activity)
        .input(5)
        .middleware(watch)
        .start();
    run.stop(StopReason::HeartbeatLost);
    run.outcome().await.assert_completed("rested");
    assert_eq!(*seen.lock().unwrap(), Some(StopReason::HeartbeatLost));
}

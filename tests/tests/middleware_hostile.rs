//! Middleware and layers that do their worst: the task ends all the same, and its slot is free.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use tokio::time::{sleep, timeout};
use tower::Service;
use tower::layer::layer_fn;
use workbeat::FailureCode;
use workbeat::middleware::{ActivityCall, CallError, CallResult, CallService, Middleware, Next};
use workbeat::prelude::*;
use workbeat_tests::{
    Ended, OnDrop, Operation, Spawned, Stage, code, eventually, forever, rest, run, seconds, start,
};

/// The one slot is free: a task that comes now is run.
async fn still_works(stage: &Stage, worker: Spawned) {
    let outcome = stage.start(start("plain").raw_input("1")).ended().await;
    assert_eq!(outcome.result::<String>().expect("a text"), "rested");
    let report = worker.drain().await;
    assert!(report.is_clean(), "{report}");
}

/// Says when it is dropped, and panics then.
struct Bomb(Arc<AtomicUsize>);

impl Drop for Bomb {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
        panic!("on purpose");
    }
}

impl Middleware for Bomb {
    async fn around(&self, call: ActivityCall, next: Next) -> CallResult {
        next.run(call).await
    }
}

#[tokio::test(start_paused = true)]
async fn several_whose_drop_panics_harm_nobody() {
    let stage = Stage::new();
    let dropped = Arc::new(AtomicUsize::new(0));
    let bomb = || Bomb(Arc::clone(&dropped));
    let bombs = layer_fn(|inner: CallService| {
        let bomb = Arc::new(bomb());
        tower::service_fn(move |call| {
            let _ = &bomb;
            inner.clone().call(call)
        })
    });
    let with_bomb = || {
        let bomb = bomb();
        move |input: u32| {
            let _ = &bomb;
            async move { Ok::<_, ActivityError>(input) }
        }
    };
    let worker = stage
        .worker()
        .middleware(bomb())
        .middleware(bomb())
        .layer(bombs)
        .activity_middleware("one", "1.0", bomb())
        .activity_middleware("one", "1.0", bomb())
        .activity_fn("one", "1.0", with_bomb())
        .activity_fn("two", "1.0", with_bomb());
    let worker = run(worker);
    for name in ["one", "two"] {
        let outcome = stage.start(start(name).raw_input("1")).ended().await;
        assert_eq!(outcome.raw_result(), Some("1"));
    }
    assert!(worker.drain().await.is_clean());
    assert_eq!(dropped.load(Ordering::SeqCst), 7);
}

#[tokio::test(start_paused = true)]
async fn a_call_of_what_comes_next_can_be_dropped_half_way() {
    let stage = Stage::new();
    let gone = Arc::new(AtomicBool::new(false));
    let guarded = {
        let gone = Arc::clone(&gone);
        move || {
            let guard = OnDrop(Arc::clone(&gone));
            async move {
                let _guard = guard;
                forever().await
            }
        }
    };
    let seen = Arc::clone(&gone);
    let worker = run(stage
        .worker()
        .slots(1)
        .middleware_fn(move |call: ActivityCall, next: Next| {
            let seen = Arc::clone(&seen);
            async move {
                if call.ctx.activity_type().name.as_ref() == "plain" {
                    return next.run(call).await;
                }
                let late = timeout(seconds(20), next.run(call)).await;
                assert!(late.is_err() && seen.load(Ordering::SeqCst));
                sleep(seconds(20)).await;
                Ok(Some("\"gave up\"".to_owned()))
            }
        })
        .activity_fn("guarded", "1.0", guarded)
        .activity_fn("plain", "1.0", rest));
    let activity = stage.start(start("guarded").heartbeat_timeout(seconds(3)));
    let outcome = activity.ended().await;
    assert_eq!(outcome.result::<String>().unwrap(), "gave up");
    assert!(stage.service.count(Operation::Heartbeat) > 30);
    still_works(&stage, worker).await;
}

#[tokio::test(start_paused = true)]
async fn it_may_swallow_a_stop_or_work_on_after_it_and_heartbeats_go_on() {
    let stage = Stage::new();
    let wait = async |ctx: ActivityContext| {
        ctx.until_stopped(forever()).await??;
        Ok::<_, ActivityError>(())
    };
    let worker = run(stage
        .worker()
        .slots(1)
        .middleware_fn(async |call: ActivityCall, next: Next| {
            let name = call.ctx.activity_type().name.clone();
            let ended = next.run(call).await;
            match &*name {
                "swallowed" => Ok(Some("null".to_owned())),
                "cleaned" => {
                    sleep(seconds(100)).await;
                    ended
                }
                "failed" => Err(ActivityError::failed("CLEANING")),
                _ => ended,
            }
        })
        .activity_fn("swallowed", "1.0", wait)
        .activity_fn("cleaned", "1.0", wait)
        .activity_fn("failed", "1.0", wait)
        .activity_fn("plain", "1.0", rest));
    for (name, end) in [
        ("swallowed", "completed"),
        ("cleaned", "was canceled"),
        ("failed", "failed: CLEANING"),
    ] {
        let activity = stage.start(start(name).heartbeat_timeout(seconds(3)));
        worker.holds(1).await;
        activity.request_cancel().unwrap();
        assert!(
            activity.ended().await.to_string().starts_with(end),
            "{name}"
        );
    }
    assert!(stage.service.count(Operation::Heartbeat) > 33);
    still_works(&stage, worker).await;
}

#[tokio::test(start_paused = true)]
async fn it_may_go_on_after_the_task_is_closed_and_nothing_is_sent_then() {
    let stage = Stage::new();
    let over = Arc::new(AtomicBool::new(false));
    let wait = async |ctx: ActivityContext| {
        ctx.stopped().await;
        Ok::<_, ActivityError>(1)
    };
    let end = Arc::clone(&over);
    let worker = run(stage
        .worker()
        .slots(1)
        .middleware_fn(move |call: ActivityCall, next: Next| {
            let end = Arc::clone(&end);
            async move {
                let ended = next.run(call).await;
                sleep(seconds(100)).await;
                end.store(true, Ordering::SeqCst);
                ended
            }
        })
        .activity_fn("wait", "1.0", wait)
        .activity_fn("plain", "1.0", rest));
    let activity = stage.start(start("wait").heartbeat_timeout(seconds(3)));
    worker.holds(1).await;
    activity.terminate_workflow("enough").unwrap();
    eventually("its stop is seen", || {
        let running = worker.handle.status().running;
        running
            .iter()
            .all(|activity| activity.stop_reason.is_some())
    })
    .await;
    let beats = stage.service.count(Operation::Heartbeat);
    eventually("it ended", || over.load(Ordering::SeqCst)).await;
    assert_eq!(stage.service.count(Operation::Heartbeat), beats);
    assert_eq!(stage.service.count(Operation::Complete), 0);
    still_works(&stage, worker).await;
}

#[tokio::test(start_paused = true)]
async fn one_that_never_ends_is_cut_by_the_drain_and_told() {
    let stage = Stage::new();
    let worker = run(stage
        .worker()
        .drain_deadline(seconds(10))
        .middleware_fn(async |_, _: Next| {
            forever().await?;
            Ok::<_, ActivityError>(None)
        })
        .activity_fn("rest", "1.0", rest));
    let activity = stage.start(start("rest").raw_input("1").heartbeat_timeout(seconds(3)));
    worker.holds(1).await;
    let beats = || stage.service.count(Operation::Heartbeat);
    eventually("it heartbeats", || beats() > 20).await;
    let report = worker.drain().await;
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.outcomes.failed, 1);
    assert_eq!(
        code(&activity.ended().await),
        Some(FailureCode::WorkerDraining)
    );
}

#[tokio::test(start_paused = true)]
async fn what_it_runs_in_a_task_of_its_own_can_outlive_the_task_and_changes_nothing() {
    let stage = Stage::new();
    let ended = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&ended);
    let worker = run(stage
        .worker()
        .slots(1)
        .middleware_fn(move |call: ActivityCall, next: Next| {
            let count = Arc::clone(&count);
            async move {
                if call.input.as_deref() == Some("1") {
                    return next.run(call).await;
                }
                tokio::spawn(async move {
                    let ended = next.run(call).await;
                    count.fetch_add(1, Ordering::SeqCst);
                    ended
                });
                Err(ActivityError::failed("IMPATIENT"))
            }
        })
        .activity_fn("plain", "1.0", rest));
    let activity = start("plain").raw_input("50").heartbeat_timeout(seconds(3));
    let outcome = stage.start(activity).ended().await;
    assert_eq!(outcome.reason(), Some("IMPATIENT"));
    let beats = stage.service.count(Operation::Heartbeat);
    eventually("the other ended", || ended.load(Ordering::SeqCst) == 1).await;
    assert_eq!(stage.service.count(Operation::Heartbeat), beats);
    assert_eq!(stage.service.count(Operation::Complete), 0);
    still_works(&stage, worker).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_no_json_comes_out_as_it_is_and_what_is_too_large_is_told() {
    let stage = Stage::new();
    let worker = run(stage
        .worker()
        .middleware_fn(async |call: ActivityCall, _: Next| {
            let length = call.input.as_deref().and_then(|input| input.parse().ok());
            Ok::<_, ActivityError>(Some("{".repeat(length.unwrap_or(0))))
        })
        .activity_fn("rest", "1.0", rest));
    let result = async |input: &str| stage.start(start("rest").raw_input(input)).ended().await;
    assert_eq!(result("3").await.raw_result(), Some("{{{"));
    assert_eq!(result("0").await.raw_result(), Some(""));
    let largest = result("32768").await;
    assert_eq!(largest.raw_result().map(str::len), Some(32_768));
    let outcome = result("32769").await;
    assert_eq!(code(&outcome), Some(FailureCode::ResultTooLarge));
    assert!(worker.drain().await.is_clean());
}

/// Where a layer does its worst.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Worst {
    NeverReady,
    PanicsReady,
    PanicsCall,
    PanicsInFuture,
    NeverEnds,
    DropsTheCall,
}

/// A layered service that does its worst for all but the activity `plain`.
#[derive(Clone)]
struct Hostile(Worst, CallService);

impl Service<ActivityCall> for Hostile {
    type Response = Option<String>;
    type Error = CallError;
    type Future = futures_util::future::BoxFuture<'static, Result<Option<String>, CallError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), CallError>> {
        match self.0 {
            // Without a waker too.
            Worst::NeverReady => Poll::Pending,
            Worst::PanicsReady => panic!("on purpose"),
            _ => Poll::Ready(Ok(())),
        }
    }

    fn call(&mut self, call: ActivityCall) -> Self::Future {
        let worst = self.0;
        assert_ne!(worst, Worst::PanicsCall, "on purpose");
        let inner = self.1.call(call);
        Box::pin(async move {
            match worst {
                Worst::PanicsInFuture => panic!("on purpose"),
                Worst::NeverEnds => std::future::pending().await,
                Worst::DropsTheCall => {
                    drop(inner);
                    Ok(None)
                }
                _ => inner.await,
            }
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_layer_that_panics_or_drops_the_call_ends_the_task_and_frees_the_slot() {
    for worst in [
        Worst::PanicsReady,
        Worst::PanicsCall,
        Worst::PanicsInFuture,
        Worst::DropsTheCall,
    ] {
        let stage = Stage::new();
        let worker = run(stage
            .worker()
            .slots(1)
            .activity_layer("hit", "1.0", layer_fn(move |inner| Hostile(worst, inner)))
            .activity_fn("hit", "1.0", rest)
            .activity_fn("plain", "1.0", rest));
        for _ in 0..3 {
            let outcome = stage.start(start("hit").raw_input("1")).ended().await;
            if worst == Worst::DropsTheCall {
                assert_eq!(outcome.to_string(), "completed");
            } else {
                assert_eq!(code(&outcome), Some(FailureCode::Panic), "{worst:?}");
            }
        }
        still_works(&stage, worker).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_layer_that_never_goes_on_heartbeats_is_stopped_and_cut() {
    for worst in [Worst::NeverReady, Worst::NeverEnds] {
        let stage = Stage::new();
        let layer = move || layer_fn(move |inner| Hostile(worst, inner));
        let grace = ActivityOptions::new().cancel_grace(seconds(5));
        let hit = workbeat::activity_fn("hit", "1.0", rest).with_options(grace);
        let worker = run(stage
            .worker()
            .slots(1)
            .drain_deadline(seconds(10))
            .activity_layer("hit", "1.0", layer())
            .activity(hit)
            .activity_fn("plain", "1.0", rest));
        let hit = || start("hit").raw_input("1").heartbeat_timeout(seconds(3));

        let canceled = stage.start(hit());
        worker.holds(1).await;
        canceled.request_cancel().unwrap();
        assert_eq!(
            canceled.ended().await.to_string(),
            "was canceled",
            "{worst:?}"
        );

        let closed = stage.start(hit());
        worker.holds(1).await;
        closed.terminate_workflow("enough").unwrap();
        let outcome = stage.start(start("plain").raw_input("1")).ended().await;
        assert_eq!(outcome.result::<String>().unwrap(), "rested");

        let left = stage.start(hit());
        worker.holds(1).await;
        let before = stage.service.count(Operation::Heartbeat);
        let beats = || stage.service.count(Operation::Heartbeat) - before;
        eventually("it heartbeats", || beats() > 20).await;
        assert!(worker.drain().await.is_clean());
        assert_eq!(code(&left.ended().await), Some(FailureCode::WorkerDraining));
    }
}

/// A service whose copies panic as they are made, but for the first.
struct Fragile(CallService, Arc<AtomicUsize>);

impl Clone for Fragile {
    fn clone(&self) -> Self {
        let made = self.1.fetch_add(1, Ordering::SeqCst);
        assert!(made > 1, "on purpose");
        Self(self.0.clone(), Arc::clone(&self.1))
    }
}

impl Service<ActivityCall> for Fragile {
    type Response = Option<String>;
    type Error = CallError;
    type Future = <CallService as Service<ActivityCall>>::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), CallError>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, call: ActivityCall) -> Self::Future {
        self.0.call(call)
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_whose_clone_panics_fails_that_task_alone() {
    let stage = Stage::new();
    let made = Arc::new(AtomicUsize::new(0));
    let fragile = layer_fn(move |inner| Fragile(inner, Arc::clone(&made)));
    let worker = run(stage
        .worker()
        .slots(1)
        .layer(fragile)
        .activity_fn("plain", "1.0", rest));
    for _ in 0..2 {
        let outcome = stage.start(start("plain").raw_input("1")).ended().await;
        assert_eq!(code(&outcome), Some(FailureCode::Panic));
    }
    still_works(&stage, worker).await;
}

#[tokio::test(start_paused = true)]
async fn a_call_that_a_layer_kept_runs_again_after_the_task_and_nothing_is_sent_for_it() {
    let stage = Stage::new();
    let kept = Arc::new(Mutex::new(None));
    let keeps = {
        let kept = Arc::clone(&kept);
        layer_fn(move |mut inner: CallService| {
            let kept = Arc::clone(&kept);
            tower::service_fn(move |call: ActivityCall| {
                *kept.lock().unwrap() = Some(inner.call(call.clone()));
                inner.call(call)
            })
        })
    };
    let worker = run(stage
        .worker()
        .slots(1)
        .activity_layer("hit", "1.0", keeps)
        .activity_fn("hit", "1.0", rest)
        .activity_fn("plain", "1.0", rest));
    let outcome = stage.start(start("hit").raw_input("1")).ended().await;
    assert_eq!(outcome.result::<String>().unwrap(), "rested");
    let call = kept.lock().unwrap().take().expect("it was kept");
    assert_eq!(call.await.unwrap().as_deref(), Some("\"rested\""));
    assert_eq!(stage.service.count(Operation::Complete), 1);
    still_works(&stage, worker).await;
}

//! Real layers of tower's around activities.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tokio::time::Instant;
use tower::limit::{ConcurrencyLimitLayer, RateLimitLayer};
use tower::timeout::TimeoutLayer;
use tower::{Service, ServiceBuilder};
use workbeat::FailureCode;
use workbeat::middleware::{ActivityCall, CallService, Next};
use workbeat::prelude::*;
use workbeat_tests::{
    Ended, Operation, Stage, code, eventually, forever, rest, run, seconds, start,
};

#[tokio::test(start_paused = true)]
async fn a_limit_of_concurrency_is_one_for_all_types_and_what_waits_heartbeats() {
    let stage = Stage::new();
    let worker = run(stage
        .worker()
        .layer(ConcurrencyLimitLayer::new(2))
        .activity_fn("one", "1.0", rest)
        .activity_fn("other", "1.0", rest));
    let began = Instant::now();
    let activities: Vec<_> = ["one", "other", "one", "other", "one", "other"]
        .map(|name| start(name).raw_input("10").heartbeat_timeout(seconds(3)))
        .map(|activity| stage.start(activity))
        .into();
    for activity in activities {
        assert_eq!(activity.ended().await.result::<String>().unwrap(), "rested");
    }
    assert_eq!(began.elapsed().as_secs(), 30);
    assert!(stage.service.calls(Operation::Heartbeat).len() > 20);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn one_for_a_type_leaves_the_others_alone() {
    let stage = Stage::new();
    let worker = run(stage
        .worker()
        .activity_layer("one", "1.0", ConcurrencyLimitLayer::new(1))
        .activity_fn("one", "1.0", rest)
        .activity_fn("other", "1.0", rest));
    let began = Instant::now();
    let [first, second] = [(); 2].map(|()| stage.start(start("one").raw_input("10")));
    let others = [(); 5].map(|()| stage.start(start("other").raw_input("10")));
    for other in &others {
        other.ended().await;
    }
    first.ended().await;
    assert_eq!(began.elapsed().as_secs(), 10);
    second.ended().await;
    assert_eq!(began.elapsed().as_secs(), 20);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_reaches_what_waits_until_its_layer_is_ready() {
    let stage = Stage::new();
    let worker = run(stage
        .worker()
        .layer(ConcurrencyLimitLayer::new(1))
        .activity_fn("forever", "1.0", forever));
    let first = stage.start(start("forever"));
    worker.holds(1).await;
    let second = stage.start(start("forever").heartbeat_timeout(seconds(3)));
    worker.holds(2).await;
    second.request_cancel().unwrap();
    let outcome = second.ended().await;
    assert_eq!(outcome.to_string(), "was canceled");
    let says = "stopped before it began: it waited for a layer";
    assert_eq!(outcome.details(), Some(says));
    worker.holds(1).await;
    first.terminate_workflow("enough").unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_timeout_drops_the_activity_and_fails_the_task() {
    let stage = Stage::new();
    let worker = run(stage
        .worker()
        .layer(TimeoutLayer::new(seconds(5)))
        .activity_fn("rest", "1.0", rest));
    let outcome = stage.start(start("rest").raw_input("10")).ended().await;
    assert_eq!(outcome.to_string(), "failed: error");
    assert_eq!(outcome.details(), Some("request timed out"));
    let outcome = stage.start(start("rest").raw_input("4")).ended().await;
    assert_eq!(outcome.result::<String>().unwrap(), "rested");
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn an_error_of_the_activity_comes_through_a_layer_that_boxes_errors() {
    let stage = Stage::new();
    let fails = async |how: String| match how.as_str() {
        "failed" => Err::<(), _>(ActivityError::failed("DISK").with_details("full")),
        "canceled" => Err(ActivityError::canceled("never mind")),
        _ => Err(ActivityError::handed_on()),
    };
    let worker = run(stage
        .worker()
        .layer(TimeoutLayer::new(seconds(5)))
        .layer(ConcurrencyLimitLayer::new(5))
        .layer(TimeoutLayer::new(seconds(5)))
        .activity_fn("fails", "1.0", fails));
    let start = |how: &str| stage.start(start("fails").input(how).unwrap());
    let outcome = start("failed").ended().await;
    assert_eq!(outcome.reason(), Some("DISK"));
    assert_eq!(outcome.details(), Some("full"));
    let outcome = start("canceled").ended().await;
    assert_eq!(code(&outcome), Some(FailureCode::CanceledWithoutRequest));
    let _open = start("handed on");
    let handed_on = || worker.handle.status().outcomes.handed_on;
    eventually("it is handed on", || handed_on() == 1).await;
    assert!(worker.drain().await.is_clean());
}

/// An error of a layer's, above that of the activity.
#[derive(Debug)]
struct Above(Box<dyn std::error::Error + Send + Sync>);

impl std::fmt::Display for Above {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("something below")
    }
}

impl std::error::Error for Above {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.0)
    }
}

#[tokio::test(start_paused = true)]
async fn it_comes_through_from_below_another_error_too() {
    let stage = Stage::new();
    let fails = async |acknowledge: bool| {
        Err::<(), _>(match acknowledge {
            true => ActivityError::canceled("never mind"),
            false => ActivityError::failed("DISK").with_details("full"),
        })
    };
    let above = ServiceBuilder::new()
        .map_err(|error: tower::BoxError| Above(error))
        .layer(TimeoutLayer::new(seconds(5)))
        .into_inner();
    let worker = run(stage
        .worker()
        .layer(above)
        .activity_fn("fails", "1.0", fails));
    let outcome = stage.start(start("fails").raw_input("false")).ended().await;
    assert_eq!(outcome.reason(), Some("DISK"));
    assert_eq!(outcome.details(), Some("full"));
    let outcome = stage.start(start("fails").raw_input("true")).ended().await;
    assert_eq!(code(&outcome), Some(FailureCode::CanceledWithoutRequest));
    assert!(worker.drain().await.is_clean());
}

/// An error of a layer's own.
#[derive(Debug)]
struct Refused;

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not today")
    }
}

impl std::error::Error for Refused {}

/// Refuses every call, early or late.
#[derive(Clone)]
struct Refuse {
    late: bool,
}

impl Service<ActivityCall> for Refuse {
    type Response = Option<String>;
    type Error = Refused;
    type Future = std::future::Ready<Result<Option<String>, Refused>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Refused>> {
        Poll::Ready(self.late.then_some(()).ok_or(Refused))
    }

    fn call(&mut self, _: ActivityCall) -> Self::Future {
        std::future::ready(Err(Refused))
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_of_a_layers_own_is_named_by_its_type() {
    let stage = Stage::new();
    let refuse = |late| tower::layer::layer_fn(move |_: CallService| Refuse { late });
    let worker = run(stage
        .worker()
        .activity_layer("early", "1.0", refuse(false))
        .activity_layer("late", "1.0", refuse(true))
        .activity_fn("early", "1.0", rest)
        .activity_fn("late", "1.0", rest));
    for name in ["early", "late"] {
        let outcome = stage.start(start(name).raw_input("1")).ended().await;
        assert_eq!(outcome.reason(), Some("tower_layers::Refused"), "{name}");
        assert_eq!(outcome.details(), Some("not today"));
    }
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn a_service_that_cannot_be_cloned_fits_with_a_buffer_around_it() {
    let stage = Stage::new();
    let buffered = ServiceBuilder::new()
        .buffer(10)
        .layer(RateLimitLayer::new(1, seconds(10)))
        .into_inner();
    let worker = run(stage
        .worker()
        .layer(buffered)
        .activity_fn("rest", "1.0", rest));
    let began = Instant::now();
    let activities = [(); 3].map(|()| stage.start(start("rest").raw_input("1")));
    for activity in activities {
        assert_eq!(activity.ended().await.result::<String>().unwrap(), "rested");
    }
    assert!(began.elapsed() >= seconds(20), "{:?}", began.elapsed());
    assert!(worker.drain().await.is_clean());
}

/// Counts calls of `call`, and panics if one comes before it was ready.
#[derive(Clone)]
struct Strict<S> {
    inner: S,
    ready: bool,
    calls: Arc<AtomicUsize>,
}

impl<S: Service<ActivityCall>> Service<ActivityCall> for Strict<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        let ready = self.inner.poll_ready(cx);
        self.ready = ready.is_ready();
        ready
    }

    fn call(&mut self, call: ActivityCall) -> S::Future {
        assert!(
            std::mem::take(&mut self.ready),
            "called before it was ready"
        );
        self.calls.fetch_add(1, Ordering::SeqCst);
        self.inner.call(call)
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_is_called_when_it_is_ready_and_middleware_keeps_its_order() {
    let stage = Stage::new();
    let calls = Arc::new(AtomicUsize::new(0));
    let strict = {
        let calls = Arc::clone(&calls);
        tower::layer::layer_fn(move |inner: CallService| Strict {
            inner,
            ready: false,
            calls: Arc::clone(&calls),
        })
    };
    let before = Arc::clone(&calls);
    let worker = run(stage
        .worker()
        .middleware_fn(move |call: ActivityCall, next: Next| {
            let before = before.load(Ordering::SeqCst);
            call.ctx.set_extension(before);
            next.run(call)
        })
        .layer(strict)
        .middleware_fn(async |mut call: ActivityCall, next: Next| {
            let before = call.ctx.extension::<usize>().map(|before| *before);
            call.input = Some(format!("{}", before.unwrap_or(99)));
            next.run(call).await
        })
        .activity_fn("echo", "1.0", async |number: u32| {
            Ok::<_, ActivityError>(number)
        }));
    for number in 0..3 {
        let outcome = stage.start(start("echo")).ended().await;
        assert_eq!(outcome.result::<u32>().unwrap(), number);
    }
    assert_eq!(calls.load(Ordering::SeqCst), 3);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test]
async fn a_layer_may_run_the_activity_again() {
    let stage = Stage::new();
    let twice = tower::layer::layer_fn(|mut inner: CallService| {
        tower::service_fn(move |call: ActivityCall| {
            let (first, second) = (inner.call(call.clone()), inner.call(call));
            async move {
                let first = first.await?;
                let second = second.await?;
                assert_eq!(first, second);
                Ok::<_, workbeat::middleware::CallError>(second)
            }
        })
    });
    let ran = Arc::new(AtomicUsize::new(0));
    let count = {
        let ran = Arc::clone(&ran);
        move || {
            ran.fetch_add(1, Ordering::SeqCst);
            async { Ok::<_, ActivityError>(7) }
        }
    };
    let worker = run(stage
        .worker()
        .layer(twice)
        .activity_fn("count", "1.0", count));
    let outcome = stage.start(start("count")).ended().await;
    assert_eq!(outcome.result::<u32>().unwrap(), 7);
    assert_eq!(ran.load(Ordering::SeqCst), 2);
    assert!(worker.drain().await.is_clean());
}

//! A recorder is the application's code: it can panic, look at the worker, and come late.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use std::time::Duration;

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit, set_default_local_recorder,
};
use workbeat::WorkerHandle;
use workbeat::prelude::*;
use workbeat::service::ServiceErrorKind;
use workbeat_tests::{Ended, Fault, Operation, Stage, rest, run, seconds, spawn, start};

use crate::figures::Figures;

/// Does the same wherever it is called.
#[derive(Clone)]
struct Called(Arc<dyn Fn(&'static str) + Send + Sync>);

/// Its handles.
struct Told(Called);

impl CounterFn for Told {
    fn increment(&self, _: u64) {
        (self.0.0)("told");
    }
    fn absolute(&self, _: u64) {
        (self.0.0)("told");
    }
}

impl GaugeFn for Told {
    fn increment(&self, _: f64) {
        (self.0.0)("told");
    }
    fn decrement(&self, _: f64) {
        (self.0.0)("told");
    }
    fn set(&self, _: f64) {
        (self.0.0)("told");
    }
}

impl HistogramFn for Told {
    fn record(&self, _: f64) {
        (self.0.0)("told");
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        (self.0.0)("dropped");
    }
}

impl Recorder for Called {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {
        (self.0)("described");
    }
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {
        (self.0)("described");
    }
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {
        (self.0)("described");
    }
    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        (self.0)("registered");
        Counter::from_arc(Arc::new(Told(self.clone())))
    }
    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        (self.0)("registered");
        Gauge::from_arc(Arc::new(Told(self.clone())))
    }
    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        (self.0)("registered");
        Histogram::from_arc(Arc::new(Told(self.clone())))
    }
}

/// Runs tasks through each kind of trouble that the metrics hear of.
async fn everything_ends(stage: &Stage, ready: impl FnOnce(WorkerHandle)) {
    let worker = stage
        .worker()
        .slots(2)
        .activity_fn("rest", "1.0", rest)
        .activity_fn("cancel", "1.0", async |ctx: ActivityContext| {
            ctx.until_stopped(std::future::pending::<()>()).await
        });
    let worker = worker.build().expect("the settings are right");
    ready(worker.handle());
    let worker = spawn(worker);
    let outage = Fault::Error(ServiceErrorKind::Unavailable);
    stage.service.next(Operation::Poll, 2, outage.clone());
    stage.service.next(Operation::Complete, 2, outage.clone());
    stage.service.next(Operation::Heartbeat, 2, outage);
    for _ in 0..3 {
        let resting = start("rest").heartbeat_timeout(seconds(3));
        let resting = stage.start(resting.input(&9).expect("a number"));
        assert_eq!(resting.ended().await.to_string(), "completed");
        let unknown = stage.start(start("unknown")).ended().await.to_string();
        assert!(unknown.contains("WORKBEAT_UNKNOWN"), "{unknown}");
    }
    let canceled = stage.start(start("cancel").heartbeat_timeout(seconds(3)));
    worker.holds(1).await;
    canceled.request_cancel().expect("it is open");
    assert_eq!(canceled.ended().await.to_string(), "was canceled");
    let _left = stage.start(start("rest").input(&600).expect("a number"));
    worker.holds(1).await;
    let report = worker.drain().await;
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.outcomes.completed, 3);
    assert_eq!(report.outcomes.canceled, 1);
    assert_eq!(report.outcomes.failed, 4);
}

/// Everything ends with a recorder that panics whenever it is called for `what`.
async fn meets_a_panic(what: &'static str) {
    let panics = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&panics);
    let called = Called(Arc::new(move |called| {
        if called == what && !std::thread::panicking() {
            count.fetch_add(1, Ordering::SeqCst);
            panic!("the recorder is out of order");
        }
    }));
    let _guard = set_default_local_recorder(&called);
    everything_ends(&Stage::new(), |_| ()).await;
    assert!(panics.load(Ordering::SeqCst) > 15, "{what}");
}

#[tokio::test(start_paused = true)]
async fn every_task_ends_though_each_figure_meets_a_panic() {
    meets_a_panic("told").await;
}

#[tokio::test(start_paused = true)]
async fn every_task_ends_though_each_handle_that_is_taken_meets_a_panic() {
    meets_a_panic("registered").await;
}

#[tokio::test(start_paused = true)]
async fn every_task_ends_though_each_description_meets_a_panic() {
    meets_a_panic("described").await;
}

#[tokio::test(start_paused = true)]
async fn every_task_ends_though_each_handle_that_is_dropped_meets_a_panic() {
    meets_a_panic("dropped").await;
}

#[test]
fn a_recorder_may_look_at_the_worker_wherever_it_is_called() {
    let (done, ended) = mpsc::channel();
    // On a thread of its own: a lock that is held would hold it for ever.
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build();
        let handle = Arc::new(OnceLock::<WorkerHandle>::new());
        let (looks, at) = (Arc::new(Mutex::new(0)), Arc::clone(&handle));
        let count = Arc::clone(&looks);
        let called = Called(Arc::new(move |_| {
            if let Some(handle) = at.get() {
                let _ = handle.status();
                *count.lock().unwrap() += 1;
            }
        }));
        let _guard = set_default_local_recorder(&called);
        runtime.unwrap().block_on(async {
            let ready = |worker| drop(handle.set(worker));
            everything_ends(&Stage::new(), ready).await;
        });
        let looks = *looks.lock().unwrap();
        done.send(looks).unwrap();
    });
    let looks = ended.recv_timeout(Duration::from_secs(120));
    assert!(looks.expect("it must end") > 100);
}

#[tokio::test(start_paused = true)]
async fn a_recorder_may_come_after_the_worker_was_built() {
    let stage = Stage::new();
    let worker = stage.worker().activity_fn("rest", "1.0", rest).build();
    let mut figures = Figures::record();
    let worker = spawn(worker.unwrap());
    stage.start(start("rest").input(&1).unwrap()).ended().await;
    let _ = worker.drain().await;
    assert_eq!(figures.sum("workbeat_tasks_total", &[]), 1.0);
}

#[tokio::test(start_paused = true)]
async fn without_a_recorder_all_is_as_ever() {
    let stage = Stage::new();
    let worker = run(stage.worker().activity_fn("rest", "1.0", rest));
    stage.start(start("rest").input(&1).unwrap()).ended().await;
    assert!(worker.drain().await.is_clean());
}

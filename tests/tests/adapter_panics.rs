//! An adapter that panics when it is called, before there is a future to poll.
//!
//! With `#[async_trait]` that cannot happen; with a trait method written by hand, as in a
//! layer around another adapter, it can.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::sleep;
use workbeat::Worker;
use workbeat::prelude::*;
use workbeat::service::{
    ActivityService, ActivityTask, HeartbeatAnswer, PollRequest, ServiceCapabilities, ServiceError,
    ServiceLimits, TaskToken,
};
use workbeat_local::LocalService;
use workbeat_tests::{Ended, LIST, Spawned, eventually, run, start};

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, ServiceError>> + Send + 'a>>;

/// Under this name, polls never come back and panic when they are dropped.
const DROPPED_POLLS: &str = "dropped polls";

/// Is counted, and panics, when it is dropped.
struct Bomb(Arc<Mutex<HashMap<&'static str, usize>>>);

impl Drop for Bomb {
    fn drop(&mut self) {
        *self
            .0
            .lock()
            .expect("nothing")
            .entry(DROPPED_POLLS)
            .or_default() += 1;
        panic!("a poll panics when it is dropped");
    }
}

/// Panics in the first few calls of each kind.
#[derive(Clone)]
struct Eager {
    inner: LocalService,
    panics: Arc<Mutex<HashMap<&'static str, usize>>>,
}

impl Eager {
    fn new(panics: &[(&'static str, usize)]) -> Self {
        Self {
            inner: LocalService::new(),
            panics: Arc::new(Mutex::new(panics.iter().copied().collect())),
        }
    }

    fn called(&self, operation: &'static str) {
        let mut panics = self.panics.lock().expect("nothing panics under it");
        let left = panics.entry(operation).or_default();
        let panics_now = *left > 0;
        *left = left.saturating_sub(1);
        drop(panics);
        assert!(!panics_now, "{operation} panics when it is called");
    }
}

impl ActivityService for Eager {
    fn poll<'a, 'b>(&'a self, request: PollRequest) -> Answer<'b, Option<ActivityTask>>
    where
        'a: 'b,
        Self: 'b,
    {
        self.called("poll");
        if self
            .panics
            .lock()
            .is_ok_and(|panics| panics.contains_key(DROPPED_POLLS))
        {
            let bomb = Bomb(Arc::clone(&self.panics));
            return Box::pin(async move {
                let _bomb = bomb;
                std::future::pending().await
            });
        }
        self.inner.poll(request)
    }

    fn heartbeat<'a, 't, 'd, 'b>(
        &'a self,
        token: &'t TaskToken,
        details: Option<&'d str>,
    ) -> Answer<'b, HeartbeatAnswer>
    where
        'a: 'b,
        't: 'b,
        'd: 'b,
        Self: 'b,
    {
        self.called("heartbeat");
        self.inner.heartbeat(token, details)
    }

    fn complete<'a, 't, 'd, 'b>(
        &'a self,
        token: &'t TaskToken,
        result: Option<&'d str>,
    ) -> Answer<'b, ()>
    where
        'a: 'b,
        't: 'b,
        'd: 'b,
        Self: 'b,
    {
        self.called("complete");
        self.inner.complete(token, result)
    }

    fn fail<'a, 't, 'r, 'd, 'b>(
        &'a self,
        token: &'t TaskToken,
        reason: Option<&'r str>,
        details: Option<&'d str>,
    ) -> Answer<'b, ()>
    where
        'a: 'b,
        't: 'b,
        'r: 'b,
        'd: 'b,
        Self: 'b,
    {
        self.called("fail");
        self.inner.fail(token, reason, details)
    }

    fn cancel<'a, 't, 'd, 'b>(
        &'a self,
        token: &'t TaskToken,
        details: Option<&'d str>,
    ) -> Answer<'b, ()>
    where
        'a: 'b,
        't: 'b,
        'd: 'b,
        Self: 'b,
    {
        self.called("cancel");
        self.inner.cancel(token, details)
    }

    fn name(&self) -> &str {
        self.called("name");
        self.inner.name()
    }

    fn limits(&self) -> ServiceLimits {
        self.called("limits");
        self.inner.limits()
    }

    fn capabilities(&self) -> ServiceCapabilities {
        self.called("capabilities");
        self.inner.capabilities()
    }
}

impl Drop for Eager {
    fn drop(&mut self) {
        self.called("drop");
    }
}

async fn rest(seconds: u64) -> Result<(), ActivityError> {
    sleep(Duration::from_secs(seconds)).await;
    Ok(())
}

fn worker(service: &Eager) -> Spawned {
    let options = ActivityOptions::new().heartbeat_timeout(Duration::from_secs(10));
    let rest = workbeat::activity_fn("rest", "1.0", rest).with_options(options);
    run(Worker::builder(service.clone())
        .task_list(LIST)
        .activity(rest))
}

/// Runs an activity of so many seconds against a service that panics; how it ended.
async fn outcome(panics: &[(&'static str, usize)], seconds: u64) -> String {
    let service = Eager::new(panics);
    let worker = worker(&service);
    let rest = start("rest").input(&seconds).expect("a number");
    let limit = Duration::from_secs(600);
    let activity = service.inner.start(rest.schedule_to_close_timeout(limit));
    let outcome = activity.expect("it starts").ended().await;
    let report = worker.drain().await;
    assert!(report.is_clean(), "{report}");
    outcome.to_string()
}

#[tokio::test(start_paused = true)]
async fn case_08_polls_that_panic_when_they_are_called_do_not_end_the_polling() {
    assert_eq!(outcome(&[("poll", 5)], 1).await, "completed");
}

#[tokio::test(start_paused = true)]
async fn case_13_heartbeats_that_panic_when_they_are_called_do_not_end_the_heartbeats() {
    assert_eq!(outcome(&[("heartbeat", 3)], 60).await, "completed");
}

#[tokio::test(start_paused = true)]
async fn case_28_outcomes_that_panic_when_they_are_called_are_sent_again() {
    assert_eq!(outcome(&[("complete", 3)], 1).await, "completed");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_panics_when_it_is_asked_what_it_can_do_costs_no_task() {
    assert_eq!(outcome(&[("capabilities", 5)], 1).await, "completed");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_panics_when_the_worker_is_built_is_built_in_all_the_same() {
    assert_eq!(outcome(&[("name", 5), ("limits", 5)], 1).await, "completed");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_panics_when_its_limits_are_asked_for_ends_no_run() {
    let service = Eager::new(&[]);
    let worker = worker(&service);
    // The builder has asked already; the run, which has not begun, asks again.
    let panics = Arc::clone(&service.panics);
    panics.lock().expect("nothing").insert("limits", 1);
    let rest = start("rest").input(&1).expect("a number");
    let activity = service.inner.start(rest).expect("it starts");
    assert_eq!(activity.ended().await.to_string(), "completed");
    assert!(worker.drain().await.is_clean());
    assert_eq!(panics.lock().expect("nothing")["limits"], 0);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_panics_when_it_is_dropped_costs_no_report() {
    let service = Eager::new(&[("drop", 0)]);
    let worker = worker(&service);
    let panics = Arc::clone(&service.panics);
    let rest = start("rest").input(&1).expect("a number");
    let activity = service.inner.start(rest).expect("it starts");
    assert_eq!(activity.ended().await.to_string(), "completed");
    std::mem::forget(service);
    panics.lock().expect("nothing").insert("drop", 1);
    assert!(worker.drain().await.is_clean());
    assert_eq!(panics.lock().expect("nothing")["drop"], 0);
}

/// A worker whose three polls never come back and panic when they are dropped; how many were.
fn bombs() -> (Worker, impl Fn() -> usize) {
    let service = Eager::new(&[(DROPPED_POLLS, 0)]);
    let dropped = Arc::clone(&service.panics);
    let worker = Worker::builder(service)
        .task_list(LIST)
        .max_concurrent_polls(3)
        .activity_fn("rest", "1.0", rest)
        .build()
        .expect("it is all there");
    let dropped = move || dropped.lock().expect("nothing")[DROPPED_POLLS];
    (worker, dropped)
}

#[tokio::test(start_paused = true)]
async fn polls_that_panic_when_they_are_dropped_cost_no_report() {
    let (worker, dropped) = bombs();
    let handle = worker.handle();
    let running = tokio::spawn(worker.run());
    eventually("it polls", || handle.status().polls == 3).await;
    handle.stop();
    let report = running.await.expect("no panic").unwrap();
    assert_eq!(report.polls_given_up, 3);
    assert_eq!(dropped(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_run_can_be_dropped_whose_polls_panic_when_they_are() {
    let (worker, dropped) = bombs();
    let handle = worker.handle();
    let mut running = Box::pin(worker.run());
    let polls = eventually("it polls", || handle.status().polls == 3);
    tokio::select! {
        ended = &mut running => panic!("it has ended: {ended:?}"),
        () = polls => {}
    }
    drop(running);
    assert_eq!(dropped(), 3);
}

//! What `#[activity]` makes, at run time.

#![allow(
    clippy::needless_pass_by_value,
    reason = "the functions are written as users write them"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use std::{fmt, io};

use serde::{Deserialize, Serialize};
use workbeat::prelude::*;
use workbeat::service::Timeout;
use workbeat_local::{ActivityOutcome, LocalService, StartActivity};
use workbeat_tests::spawn;

/// Doubles a number, for what it
/// is worth.
///
/// This is a second paragraph.
#[activity(
    name = "double-it",
    version = "2.1",
    heartbeat_timeout = "1m 30s",
    heartbeat_interval = "500ms",
    start_to_close_timeout = "none",
    schedule_to_start_timeout = "365days",
    schedule_to_close_timeout = "2h",
    task_list = "numbers",
    priority = -5,
    cancel_grace = "1.5s"
)]
async fn double(number: u32, ctx: ActivityContext) -> Result<u32, ActivityError> {
    ctx.check_stopped()?;
    Ok(number * 2)
}

#[activity(description = "says what it is told to")]
async fn echo(text: String) -> Result<String, ActivityError> {
    Ok(text)
}

#[derive(Debug)]
struct DiskFull;

impl fmt::Display for DiskFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the disk is full")
    }
}

impl std::error::Error for DiskFull {}

#[activity]
async fn fill_disk(ctx: &ActivityContext) -> Result<(), DiskFull> {
    ctx.report("filling");
    Err(DiskFull)
}

#[activity]
async fn r#loop() -> io::Result<&'static str> {
    Ok("around")
}

#[derive(Debug, Deserialize, Serialize, PartialEq)]
struct Range {
    from: u32,
    to: u32,
}

#[activity(blocking)]
fn sum(ctx: ActivityContext, Range { from, to }: Range) -> io::Result<(u32, String)> {
    Ok(((from..to).sum(), ctx.activity_id().to_owned()))
}

#[derive(Default)]
struct Counter {
    count: AtomicU32,
}

impl Counter {
    /// Adds to the count.
    #[activity(version = "3.0", heartbeat_timeout = "10s")]
    async fn add(&self, more: u32) -> Result<u32, ActivityError> {
        Ok(self.count.fetch_add(more, Ordering::SeqCst) + more)
    }

    #[activity(blocking)]
    fn reset(self: Arc<Self>) -> Result<u32, ActivityError> {
        Ok(self.count.swap(0, Ordering::SeqCst))
    }
}

#[test]
fn every_attribute_becomes_an_option() {
    assert_eq!(Double.name(), "double-it");
    assert_eq!(Double.version(), "2.1");
    let expected = ActivityOptions::new()
        .description("Doubles a number, for what it is worth.")
        .heartbeat_timeout(Duration::from_secs(90))
        .heartbeat_interval(Duration::from_millis(500))
        .start_to_close_timeout(Timeout::None)
        .schedule_to_start_timeout(Duration::from_secs(365 * 24 * 60 * 60))
        .schedule_to_close_timeout(Duration::from_secs(2 * 60 * 60))
        .task_list("numbers")
        .priority(-5)
        .cancel_grace(Duration::from_millis(1_500));
    assert_eq!(Double.options(), expected);
}

#[test]
fn without_attributes_the_function_gives_the_name_and_nothing_is_set() {
    assert_eq!((FillDisk.name(), FillDisk.version()), ("fill_disk", "1.0"));
    assert_eq!((Loop.name(), Loop.version()), ("loop", "1.0"));
    assert_eq!(FillDisk.options(), ActivityOptions::new());
}

#[test]
fn a_description_that_is_given_is_taken() {
    let options = ActivityOptions::new().description("says what it is told to");
    assert_eq!(Echo.options(), options);
}

#[test]
fn a_method_gives_an_activity_with_its_options() {
    let counter = Arc::new(Counter::default());
    let activity = counter.add_activity();
    assert_eq!((activity.name(), activity.version()), ("add", "3.0"));
    let expected = ActivityOptions::new()
        .description("Adds to the count.")
        .heartbeat_timeout(Duration::from_secs(10));
    assert_eq!(activity.options(), expected);
    assert_eq!(Counter::reset_activity(&counter).name(), "reset");
}

#[tokio::test]
async fn functions_and_methods_stay_callable_as_written() {
    assert_eq!(echo("hello".to_owned()).await.unwrap(), "hello");
    assert_eq!(r#loop().await.unwrap(), "around");
    let counter = Arc::new(Counter::default());
    assert_eq!(counter.add(3).await.unwrap(), 3);
    assert_eq!(counter.reset().unwrap(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_worker_runs_all_forms() {
    let service = LocalService::new();
    let counter = Arc::new(Counter::default());
    let worker = Worker::builder(service.clone())
        .task_list("list")
        .activity(Double)
        .activity(Echo)
        .activity(FillDisk)
        .activity(Loop)
        .activity(Sum)
        .activity(counter.add_activity())
        .activity(counter.reset_activity())
        .build()
        .unwrap();
    let worker = spawn(worker);
    let outcome = async |activity: StartActivity| {
        let activity = service.start(activity.task_list("list")).unwrap();
        activity.outcome().await
    };
    let start = |name: &str, version: &str| StartActivity::new(name, version);

    let doubled = outcome(start("double-it", "2.1").input(&21).unwrap()).await;
    assert_eq!(doubled.result::<u32>().unwrap(), 42);
    let echoed = outcome(start("echo", "1.0").input("hello").unwrap()).await;
    assert_eq!(echoed.result::<String>().unwrap(), "hello");
    let range = Range { from: 1, to: 5 };
    let summed = start("sum", "1.0")
        .input(&range)
        .unwrap()
        .activity_id("sum-1");
    let summed = outcome(summed).await;
    assert_eq!(
        summed.result::<(u32, String)>().unwrap(),
        (10, "sum-1".to_owned())
    );
    let looped = outcome(start("loop", "1.0").input(&range).unwrap()).await;
    assert_eq!(looped.result::<String>().unwrap(), "around");
    let failed = outcome(start("fill_disk", "1.0")).await;
    let ActivityOutcome::Failed { reason, .. } = failed else {
        panic!("{failed}");
    };
    assert!(format!("{reason:?}").contains("DiskFull"), "{reason:?}");

    // The worker's activities and the test share one counter.
    let added = outcome(start("add", "3.0").input(&3).unwrap()).await;
    assert_eq!(added.result::<u32>().unwrap(), 3);
    assert_eq!(counter.count.load(Ordering::SeqCst), 3);
    let reset = outcome(start("reset", "1.0")).await;
    assert_eq!(reset.result::<u32>().unwrap(), 3);
    assert!(worker.drain().await.is_clean());
}

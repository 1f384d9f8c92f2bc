//! Where only warnings are logged, each still says what it is about.

use std::sync::atomic::{AtomicU32, Ordering};

use tokio::time::{Instant, sleep, timeout};
use tracing::Level;
use workbeat::prelude::*;
use workbeat::service::ServiceErrorKind;
use workbeat::worker::UnknownType;
use workbeat_claim_check::{
    ClaimCheck, Digest, PayloadStore, Payloads, StoreError, StoreErrorKind, async_trait,
};
use workbeat_local::{LocalService, StartActivity};
use workbeat_tests::{Ended, Events, Fault, Operation, Stage, eventually, run, seconds, start};

async fn work(how: String, ctx: ActivityContext) -> Result<(), ActivityError> {
    match how.as_str() {
        "fails" => return Err(ActivityError::failed("NO")),
        "ends" => return Ok(()),
        "reports" => {
            ctx.report("long".repeat(10_000));
            ctx.stopped().await;
            return Ok(());
        }
        _ => {}
    }
    sleep(seconds(60)).await;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn each_warning_about_a_task_names_its_activity_and_its_workflow() {
    let events = Events::capture_from(Level::WARN);
    let stage = Stage::new();
    let refused = Fault::Error(ServiceErrorKind::NotPermitted);
    stage.service.always(Operation::Heartbeat, refused);
    let throttled = Fault::Error(ServiceErrorKind::Throttled);
    stage.service.next(Operation::Fail, 1, throttled);
    let worker = run(stage
        .worker()
        .unknown_type(UnknownType::LeaveToOthers)
        .drain_deadline(seconds(10))
        .activity_fn("work", "1.0", work));
    let begin = |name: &str, how: &str| {
        let named = start(name)
            .activity_id(how)
            .workflow_id(format!("of {how}"));
        let named = named.heartbeat_timeout(seconds(if how == "reports" { 30 } else { 600 }));
        stage.start(named.input(how).unwrap())
    };
    begin("work", "fails").ended().await;
    begin("work", "reports").ended().await;
    let late = "the result came too late";
    eventually("its result is late", || {
        events.count(Level::WARN, late) == 1
    })
    .await;
    let _ = begin("unknown", "unknown");
    let _ = begin("work", "rests");
    stage.service.always(
        Operation::Complete,
        Fault::Error(ServiceErrorKind::Unavailable),
    );
    let _ = begin("work", "ends");
    eventually("an outcome waits", || {
        stage.service.count(Operation::Complete) > 1
    })
    .await;
    let report = worker.drain().await;
    assert_eq!(report.unanswered.len(), 2, "{report}");
    let ended = events.matching(Level::WARN, "the worker ends");
    assert_eq!(ended.len(), 1);
    assert!(ended[0].text.contains("2 unanswered"), "{ended:?}");
    let cut = events.matching(Level::WARN, "only the reserve");
    assert_eq!(cut.len(), 2, "{cut:?}");
    assert!(cut.iter().all(|event| event.text.contains("reserve=2s")));

    for (about, how) in [
        ("the outcome is not accepted yet", "fails"),
        ("the activity ended", "fails"),
        ("the progress is too large", "reports"),
        ("refuses the heartbeat", "reports"),
        ("leaves the task to others", "unknown"),
        ("the outcome is accepted now", "fails"),
        ("no heartbeat was accepted", "reports"),
        (late, "reports"),
        ("the activity has not ended", "rests"),
        ("the outcome is not accepted yet", "ends"),
        ("the task is not answered", "ends"),
    ] {
        let warned = events.matching(Level::WARN, about);
        let name = if how == "unknown" { how } else { "work" };
        for field in [
            format!("activity_type={name} "),
            format!("activity_id={how} "),
            format!("workflow_id=of {how} "),
        ] {
            let named = warned.iter().any(|event| event.within.contains(&field));
            assert!(named, "{field}: {about}: {:?}", events.all());
        }
    }
    assert!(events.all().iter().all(|event| event.level <= Level::WARN));
}

#[tokio::test(start_paused = true)]
async fn an_activity_in_a_task_list_that_nobody_polls_is_said_once_for_each_list() {
    let events = Events::capture_from(Level::WARN);
    let service = LocalService::new();
    let worker = Worker::builder(service.clone())
        .task_list("files")
        .activity_fn("work", "1.0", async |_: String| Ok::<_, ActivityError>(()));
    let worker = run(worker);
    let put = |list: &str| {
        let activity = StartActivity::new("work", "1.0").task_list(list);
        service.start(activity.raw_input("\"secret\"")).unwrap()
    };
    put("files").outcome().await;
    let waits = put("filez");
    put("filez");
    put("closed").request_cancel().unwrap();
    // Its worker comes late, but in time.
    put("late");
    let late = Worker::builder(service.clone())
        .task_list("late")
        .activity_fn("work", "1.0", async |_: String| Ok::<_, ActivityError>(()));
    sleep(seconds(4)).await;
    let late = run(late);
    let began = Instant::now();
    let warned = || events.matching(Level::WARN, "that nobody polls");
    // Somebody waits, so its time passes.
    let waited = timeout(seconds(600), waits.outcome()).await;
    assert!(waited.is_err());
    assert_eq!(began.elapsed(), seconds(600));
    let [event] = &warned()[..] else {
        panic!("{:?}", events.all());
    };
    for field in [
        "task_list=filez ",
        "activity_type=work 1.0 ",
        "waiting=2 ",
        r#"polled="files", "late""#,
    ] {
        assert!(event.text.contains(field), "{field}: {event:?}");
    }
    assert!(!event.text.contains("secret"), "{event:?}");
    put("filez");
    sleep(seconds(600)).await;
    assert_eq!(warned().len(), 1);
    assert!(worker.drain().await.is_clean());
    assert!(late.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn polling_again_after_an_outage_is_said_once() {
    let events = Events::capture_from(Level::WARN);
    let stage = Stage::new();
    let worker =
        run(stage
            .worker()
            .activity_fn("work", "1.0", async || Ok::<_, ActivityError>(())));
    eventually("it polls", || stage.service.count(Operation::Poll) == 1).await;
    for outages in 1..=2 {
        let unavailable = Fault::Error(ServiceErrorKind::Unavailable);
        stage.service.always(Operation::Poll, unavailable);
        // The poll that is under way already goes well.
        stage.start(start("work")).ended().await;
        sleep(seconds(600)).await;
        let again = || events.matching(Level::WARN, "a poll succeeded again");
        assert_eq!(again().len(), outages - 1);
        assert!(events.count(Level::WARN, "the poll failed") > outages);

        stage.service.mend(Operation::Poll);
        for _ in 0..3 {
            stage.start(start("work")).ended().await;
        }
        assert_eq!(again().len(), outages, "{:?}", events.all());
        assert!(again()[outages - 1].text.contains("task_list=list"));
    }
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn polls_that_fail_together_are_warned_about_once_and_a_drain_does_not_poll_again() {
    let events = Events::capture();
    let stage = Stage::new();
    let worker =
        run(stage
            .worker()
            .max_concurrent_polls(3)
            .activity_fn("work", "1.0", async || Ok::<_, ActivityError>(())));
    eventually("it polls", || stage.service.count(Operation::Poll) == 3).await;
    let unavailable = Fault::LateError(seconds(1), ServiceErrorKind::Unavailable);
    stage.service.always(Operation::Poll, unavailable);
    sleep(seconds(600)).await;
    let polls = stage.service.calls(Operation::Poll);
    let failed = polls.iter().filter(|poll| poll.error.is_some()).count();
    let warned = events.matching(Level::WARN, "the poll failed");
    assert!(warned.len() > 10, "{}", warned.len());
    assert_eq!(failed, warned.len() * 3);
    assert_eq!(
        events.count(Level::DEBUG, "the poll failed"),
        failed - warned.len()
    );
    assert!(
        warned.iter().all(|event| event.text.contains("wait=")),
        "{warned:?}"
    );

    stage.service.mend(Operation::Poll);
    let before = stage.service.count(Operation::Poll);
    eventually("a poll is out", || {
        stage.service.count(Operation::Poll) > before
    })
    .await;
    // Those that are out end well, and it polls no more.
    assert!(worker.drain().await.is_clean());
    assert_eq!(events.count(Level::WARN, "succeeded again"), 0);
}

/// A store of payloads that is down for a while.
#[derive(Default)]
struct Outage(AtomicU32);

#[async_trait]
impl PayloadStore for Outage {
    async fn put(&self, _: &str, _: Vec<u8>) -> Result<(), StoreError> {
        self.asked().map(|_| ())
    }

    async fn get(&self, _: &str, _: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.asked().map(|_| Some(b"7".to_vec()))
    }
}

impl Outage {
    fn asked(&self) -> Result<u32, StoreError> {
        let asked = self.0.fetch_add(1, Ordering::Relaxed);
        if asked < 5 {
            return Err(StoreError::new(StoreErrorKind::Unavailable, "down"));
        }
        Ok(asked)
    }
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_the_store_of_inputs_is_said_once_for_a_task_and_so_is_its_end() {
    let events = Events::capture_from(Level::WARN);
    let local = LocalService::new();
    let service = ClaimCheck::new(local.clone(), Payloads::new(Outage::default()));
    let work = async |input: u32| Ok::<_, ActivityError>(input);
    let worker = run(Worker::builder(service)
        .task_list("list")
        .activity_fn("work", "1.0", work));
    let digest = Digest::of(b"7");
    let input = format!(r#"{{"workbeat.claim-check":1,"sha256":"{digest}","size":1}}"#);
    let start = StartActivity::new("work", "1.0")
        .task_list("list")
        .raw_input(input);
    let outcome = local.start(start).unwrap().outcome().await;
    assert_eq!(outcome.raw_result(), Some("7"), "{outcome}");
    assert!(worker.drain().await.is_clean());
    assert_eq!(events.count(Level::WARN, "not answered yet"), 1);
    let again = events.matching(Level::WARN, "is answered now");
    assert_eq!(again.len(), 1);
    assert!(again[0].within.contains("activity_type=work"), "{again:?}");
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_the_store_of_progress_is_said_once_and_so_is_its_end() {
    let events = Events::capture_from(Level::WARN);
    let local = LocalService::new();
    let service = ClaimCheck::new(local.clone(), Payloads::new(Outage::default()));
    let work = async |ctx: ActivityContext| {
        ctx.report("long".repeat(10_000));
        sleep(seconds(60)).await;
        Ok::<_, ActivityError>(())
    };
    let work = workbeat::activity_fn("work", "1.0", work)
        .with_options(ActivityOptions::new().heartbeat_interval(seconds(1)));
    let worker = run(Worker::builder(service.clone())
        .task_list("list")
        .activity(work));
    let start = StartActivity::new("work", "1.0")
        .task_list("list")
        .heartbeat_timeout(seconds(10));
    let _ = local.start(start).unwrap().outcome().await;
    assert!(worker.drain().await.is_clean());
    assert!(service.counts().progress_late >= 5);
    assert_eq!(events.count(Level::WARN, "progress cannot be stored"), 1);
    assert_eq!(events.count(Level::WARN, "progress is stored again"), 1);
}

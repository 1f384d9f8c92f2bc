//! The figures of a worker with several services say which of them.

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::sleep;
use workbeat::HeartbeatBudget;
use workbeat::metrics::ALL;
use workbeat::service::ServiceErrorKind;
use workbeat::worker::{TaskSource, WorkerBuilder};
use workbeat_tests::{Ended, Fault, LIST, Operation, Stage, eventually, rest, run, seconds, start};

use crate::figures::Figures;

const FIRST: (&str, &str) = ("service", "service");
const SECOND: (&str, &str) = ("service", "service 2");

/// A worker on both, which polls the same task list of each.
fn both(one: &Stage, two: &Stage) -> WorkerBuilder {
    one.worker()
        .source(TaskSource::new(two.service.clone()).task_list(LIST))
        .activity_fn("rest", "1.0", rest)
}

#[tokio::test(start_paused = true)]
async fn two_task_lists_of_one_name_share_no_series() {
    let mut figures = Figures::record();
    let (one, two) = (Stage::new(), Stage::new());
    let resting = |stage: &Stage| stage.start(start("rest").input(&9).unwrap());
    // That of the second waits for longer, and another for not at all.
    let mut tasks = vec![resting(&two)];
    sleep(seconds(4)).await;
    tasks.push(resting(&one));
    sleep(seconds(3)).await;
    let worker = run(both(&one, &two));
    worker.holds(2).await;
    tasks.push(resting(&two));
    for task in tasks {
        task.ended().await;
    }
    assert!(worker.drain().await.is_clean());

    let polls = |figures: &mut Figures, service| {
        let tasks = [("task_list", LIST), ("outcome", "task"), service];
        figures.sum("workbeat_polls_total", &tasks)
    };
    assert_eq!(polls(&mut figures, FIRST), 1.0);
    assert_eq!(polls(&mut figures, SECOND), 2.0);
    let waited = "workbeat_schedule_to_start_seconds";
    let first = figures.times(waited, &[("task_list", LIST), FIRST]);
    assert_eq!(first, [3_000]);
    let second = figures.times(waited, &[("task_list", LIST), SECOND]);
    assert_eq!(second, [7_000, 0]);
}

#[tokio::test(start_paused = true)]
async fn heartbeats_are_counted_where_they_went() {
    let mut figures = Figures::record();
    let (one, two) = (Stage::new(), Stage::new());
    let worker = run(both(&one, &two));
    let unavailable = Fault::Error(ServiceErrorKind::Unavailable);
    two.service.always(Operation::Heartbeat, unavailable);
    let resting = |stage: &Stage| {
        let activity = start("rest").heartbeat_timeout(seconds(30));
        stage.start(activity.input(&100).unwrap())
    };
    let (kept, _lost) = (resting(&one), resting(&two));
    worker.holds(2).await;
    kept.ended().await;
    worker.handle.stop();
    let _ = worker.end().await;

    for (service, stage) in [(FIRST, &one), (SECOND, &two)] {
        let beats = stage.service.count(Operation::Heartbeat) as f64;
        assert!(beats > 2.0);
        let sent = figures.sum("workbeat_heartbeats_sent_total", &[service]);
        assert_eq!(sent, beats, "{service:?}");
    }
    let answered = "workbeat_heartbeats_answered_total";
    for (service, accepted) in [(FIRST, true), (SECOND, false)] {
        let all = figures.sum(answered, &[service]);
        assert!(all > 2.0, "{service:?}");
        let outcome = if accepted { "accepted" } else { "failed" };
        let with = [service, ("outcome", outcome)];
        assert_eq!(figures.sum(answered, &with), all, "{service:?}");
    }
    let lost = "workbeat_heartbeats_lost_total";
    assert_eq!(figures.sum(lost, &[("activity_type", "rest"), FIRST]), 0.0);
    assert_eq!(figures.sum(lost, &[("activity_type", "rest"), SECOND]), 1.0);
}

#[tokio::test(start_paused = true)]
async fn what_a_budget_has_no_room_for_is_counted_with_its_service() {
    let mut figures = Figures::record();
    let (one, two) = (Stage::new(), Stage::new());
    let source = TaskSource::new(two.service.clone())
        .task_list(LIST)
        .heartbeat_budget(HeartbeatBudget::new(0.1));
    let worker = one.worker().source(source);
    let worker = run(worker.activity_fn("rest", "1.0", async || rest(600).await));
    let task = |stage: &Stage| stage.start(start("rest").heartbeat_timeout(seconds(10)));
    let _tasks: Vec<_> = (0..9).map(|_| (task(&one), task(&two))).collect();
    eventually("some are let go", || {
        worker.handle.status().services[1].heartbeats.let_go > 0
    })
    .await;
    let let_go = "workbeat_heartbeats_let_go_total";
    assert!(figures.sum(let_go, &[SECOND]) > 0.0);
    assert_eq!(figures.sum(let_go, &[FIRST]), 0.0);
    worker.handle.stop();
    let _ = worker.end().await;
}

#[tokio::test(start_paused = true)]
async fn all_series_of_each_service_are_there_when_the_worker_begins_to_run() {
    let mut figures = Figures::record();
    let (one, two) = (Stage::new(), Stage::new());
    let worker = run(both(&one, &two));
    assert!(worker.handle.ready().await);
    let at_first: BTreeSet<_> = figures.series().keys().cloned().collect();
    let mut services: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for (name, labels) in &at_first {
        let metric = ALL.iter().find(|metric| metric.name == name).unwrap();
        let declared: BTreeSet<_> = metric.labels.iter().map(|label| label.name).collect();
        let told: BTreeSet<_> = labels.keys().map(String::as_str).collect();
        assert_eq!(told, declared, "{name}");
        if let Some(service) = labels.get("service") {
            services.entry(name).or_default().insert(service.as_str());
        }
    }
    for (name, of) in &services {
        assert_eq!(*of, [FIRST.1, SECOND.1].into(), "{name}");
    }
    let named: Vec<_> = services.into_keys().map(String::as_str).collect();
    assert_eq!(
        named,
        [
            "workbeat_heartbeats_answered_total",
            "workbeat_heartbeats_late_total",
            "workbeat_heartbeats_let_go_total",
            "workbeat_heartbeats_lost_total",
            "workbeat_heartbeats_sent_total",
            "workbeat_polls_total",
            "workbeat_schedule_to_start_seconds",
        ]
    );
    for stage in [&one, &two] {
        let resting = start("rest").input(&30).unwrap();
        stage.start(resting).ended().await;
    }
    let _ = worker.drain().await;
    let at_last: BTreeSet<_> = figures.series().keys().cloned().collect();
    assert_eq!(at_last, at_first);
}

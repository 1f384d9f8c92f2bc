//! Every metric of the table moves, with every value of each of its labels.

use tokio::time::{advance, sleep};
use workbeat::HeartbeatBudget;
use workbeat::metrics::{ALL, Label};
use workbeat::prelude::*;
use workbeat::service::ServiceErrorKind;
use workbeat::worker::{TaskSource, UnknownType, WorkerBuilder};
use workbeat_tests::{
    Ended, Fault, LIST, Operation, Stage, eventually, forever, millis, rest, run, seconds,
    stage_that_keeps_polls, start,
};

use crate::figures::Figures;

fn error(kind: ServiceErrorKind) -> Fault {
    Fault::Error(kind)
}

/// A worker of these tests: it rests, or ends when it is told to.
fn worker(stage: &Stage) -> WorkerBuilder {
    stage
        .worker()
        .activity_fn("rest", "1.0", rest)
        .activity_fn("forever", "1.0", forever)
        .activity_fn("stop", "1.0", async |ctx: ActivityContext| {
            ctx.until_stopped(std::future::pending::<()>()).await
        })
        .activity_fn("hand on", "1.0", async || {
            Err::<(), _>(ActivityError::handed_on())
        })
}

/// The same with a second service, which has nothing to do.
fn with_another(worker: WorkerBuilder) -> WorkerBuilder {
    worker.source(TaskSource::new(Stage::new().service).task_list(LIST))
}

fn resting(time: u64) -> workbeat_local::StartActivity {
    let activity = start("rest").heartbeat_timeout(seconds(60));
    activity.input(&time).expect("a number")
}

/// Polls, outcomes that are accepted at once or later, and a clean drain.
async fn good_days(figures: &mut Figures) {
    let stage = Stage::new();
    stage
        .service
        .next(Operation::Poll, 1, error(ServiceErrorKind::Throttled));
    stage
        .service
        .next(Operation::Poll, 1, error(ServiceErrorKind::Unavailable));
    let worker = run(worker(&stage));
    // Longer than a poll is held.
    sleep(seconds(100)).await;
    for kind in [
        ServiceErrorKind::Throttled,
        ServiceErrorKind::Unavailable,
        ServiceErrorKind::NotPermitted,
        ServiceErrorKind::LimitExceeded,
    ] {
        stage.service.next(Operation::Complete, 1, error(kind));
    }
    stage.start(resting(1)).ended().await;
    stage
        .service
        .next(Operation::Complete, 1, Fault::LostAnswer);
    stage.start(resting(1)).ended().await;
    stage
        .start(start("rest").raw_input("no number"))
        .ended()
        .await;
    let canceled = stage.start(start("stop").heartbeat_timeout(seconds(9)));
    worker.holds(1).await;
    canceled.request_cancel().expect("it is open");
    canceled.ended().await;
    let _handed_on = stage.start(start("hand on"));
    eventually("it is handed on", || {
        worker.handle.status().outcomes.handed_on == 1
    })
    .await;
    figures.look();
    let report = worker.drain().await;
    assert!(report.is_clean(), "{report}");
}

/// Heartbeats of every fate, and tasks that the service closes. It is one of two services.
async fn bad_days(figures: &mut Figures) {
    let stage = Stage::new();
    let worker = run(with_another(worker(&stage)));
    for kind in [
        ServiceErrorKind::Throttled,
        ServiceErrorKind::Unavailable,
        ServiceErrorKind::NotPermitted,
    ] {
        stage.service.next(Operation::Heartbeat, 1, error(kind));
    }
    stage.start(resting(200)).ended().await;

    let outage = error(ServiceErrorKind::Unavailable);
    stage.service.always(Operation::Heartbeat, outage);
    stage
        .start(start("stop").heartbeat_timeout(seconds(9)))
        .ended()
        .await;
    stage.service.mend(Operation::Heartbeat);
    worker.holds(0).await;

    // The activity ends because it is told that all is over; another comes to a result.
    for activity in [start("stop").heartbeat_timeout(seconds(60)), resting(200)] {
        let closed = stage.start(activity);
        worker.holds(1).await;
        closed.terminate_workflow("enough").expect("it is open");
        worker.holds(0).await;
    }

    // Nothing ran for five seconds in which a heartbeat was due.
    let late = stage.start(start("stop").heartbeat_timeout(seconds(30)));
    worker.holds(1).await;
    sleep(seconds(8)).await;
    advance(seconds(5)).await;
    sleep(seconds(1)).await;
    drop(late);
    figures.look();
    worker.handle.stop();
    let _ = worker.end().await;
}

/// More heartbeats than the budget of one of two services has room for.
async fn busy_days(figures: &mut Figures) {
    let stage = Stage::new();
    let worker = worker(&stage).heartbeat_budget(HeartbeatBudget::new(0.1));
    let worker = run(with_another(worker));
    for _ in 0..9 {
        let _forever = stage.start(start("forever").heartbeat_timeout(seconds(10)));
    }
    eventually("some are let go", || {
        worker.handle.status().heartbeats.let_go > 0
    })
    .await;
    figures.look();
    worker.handle.stop();
    let _ = worker.end().await;
}

/// Drains that cannot answer everything.
async fn last_days(figures: &mut Figures) {
    let stage = stage_that_keeps_polls();
    let worker = worker(&stage)
        .unknown_type(UnknownType::LeaveToOthers)
        .drain_deadline(seconds(20));
    let worker = run(worker);
    let _unknown = stage.start(start("unknown"));
    stage
        .service
        .next(Operation::Complete, 1, error(ServiceErrorKind::Invalid));
    stage
        .service
        .next(Operation::Fail, 2, error(ServiceErrorKind::Invalid));
    let _rejected = stage.start(resting(1));
    sleep(seconds(5)).await;
    let outage = error(ServiceErrorKind::Unavailable);
    stage.service.always(Operation::Fail, outage);
    let _cut_off = stage.start(resting(600));
    worker.holds(1).await;
    eventually("it polls", || worker.handle.status().polls == 1).await;
    worker.handle.drain();
    sleep(millis(10)).await;
    figures.look();
    let report = worker.end().await;
    assert!(!report.is_clean(), "{report}");
}

#[tokio::test(start_paused = true)]
async fn every_metric_moves_with_every_value_of_its_labels() {
    let mut figures = Figures::record();
    good_days(&mut figures).await;
    bad_days(&mut figures).await;
    busy_days(&mut figures).await;
    last_days(&mut figures).await;

    let series = figures.series();
    let mut still = Vec::new();
    for metric in ALL {
        let moved = |is: &dyn Fn(&str, &str) -> bool| {
            series.iter().any(|((name, labels), moved)| {
                let with = |(label, value): (&String, &String)| is(label, value);
                *moved && name == metric.name && labels.iter().any(with)
            })
        };
        if metric.labels.is_empty()
            && series.get(&(metric.name.to_owned(), [].into())) != Some(&true)
        {
            still.push(metric.name.to_owned());
        }
        for Label { name, values, .. } in metric.labels {
            if !moved(&|label, _| label == *name) {
                still.push(format!("{} by {name}", metric.name));
            }
            for value in *values {
                if !moved(&|label, is| label == *name && is == *value) {
                    still.push(format!("{} {name}={value}", metric.name));
                }
            }
        }
    }
    assert_eq!(still, Vec::<String>::new(), "these never moved");
}

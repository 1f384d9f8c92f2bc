//! Single figures, exact in paused time.

use tokio::time::sleep;
use workbeat::prelude::*;
use workbeat_tests::{Ended, LIST, Stage, eventually, rest, run, seconds, start};

use crate::figures::Figures;

const TASKS: &str = "workbeat_tasks_total";
const SLOTS: &str = "workbeat_slots";

#[tokio::test(start_paused = true)]
async fn a_task_is_counted_once_and_its_times_are_exact() {
    let mut figures = Figures::record();
    let stage = Stage::new();
    // It waits in its task list for seven seconds.
    let resting = stage.start(start("rest").input(&9).unwrap());
    sleep(seconds(7)).await;
    let worker = run(stage.worker().slots(3).activity_fn("rest", "1.0", rest));
    worker.holds(1).await;
    assert_eq!(figures.sum(SLOTS, &[("state", "task")]), 1.0);
    eventually("it polls again", || worker.handle.status().polls == 1).await;
    assert_eq!(figures.sum(SLOTS, &[("state", "poll")]), 1.0);
    assert_eq!(figures.sum(SLOTS, &[("state", "free")]), 1.0);
    resting.ended().await;
    worker.holds(0).await;
    assert_eq!(figures.sum(SLOTS, &[("state", "task")]), 0.0);
    assert_eq!(figures.sum(SLOTS, &[]), 3.0);
    let _ = worker.drain().await;

    let of_type = [("activity_type", "rest"), ("version", "1.0")];
    assert_eq!(figures.sum(TASKS, &of_type), 1.0);
    assert_eq!(figures.sum(TASKS, &[("outcome", "completed")]), 1.0);
    let execution = figures.times("workbeat_execution_seconds", &of_type);
    assert_eq!(execution, [9_000]);
    let of_list = [("task_list", LIST)];
    let waited = figures.times("workbeat_schedule_to_start_seconds", &of_list);
    assert_eq!(waited, [7_000]);
    let tasks = [("task_list", LIST), ("outcome", "task")];
    assert_eq!(figures.sum("workbeat_polls_total", &tasks), 1.0);
    assert_eq!(figures.sum(SLOTS, &[]), 0.0, "it has ended");
    assert_eq!(figures.sum("workbeat_workers_draining", &[]), 0.0);
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_is_counted_when_it_is_heard_and_again_when_it_is_acknowledged() {
    let mut figures = Figures::record();
    let stage = Stage::new();
    let worker = stage
        .worker()
        .activity_fn("clean up", "1.0", async |ctx: ActivityContext| {
            let stopped = ctx.until_stopped(std::future::pending::<()>()).await;
            sleep(seconds(4)).await;
            stopped
        })
        .activity_fn("ignore", "1.0", async || rest(60).await);
    let worker = run(worker);
    let canceled = stage.start(start("clean up").heartbeat_timeout(seconds(30)));
    let ignored = stage.start(start("ignore").heartbeat_timeout(seconds(30)));
    worker.holds(2).await;
    canceled.request_cancel().expect("it is open");
    ignored.request_cancel().expect("it is open");
    assert_eq!(canceled.ended().await.to_string(), "was canceled");
    assert_eq!(ignored.ended().await.to_string(), "completed");
    let _ = worker.drain().await;

    let requested = "workbeat_cancellations_requested_total";
    let acknowledged = "workbeat_cancellations_acknowledged_total";
    for (name, was) in [("clean up", 1.0), ("ignore", 0.0)] {
        let of_type = [("activity_type", name)];
        assert_eq!(figures.sum(requested, &of_type), 1.0);
        assert_eq!(figures.sum(acknowledged, &of_type), was);
    }
    let took = figures.times("workbeat_cancellation_seconds", &[]);
    assert_eq!(took, [4_000]);
}

#[tokio::test(start_paused = true)]
async fn workers_of_one_process_add_up() {
    let mut figures = Figures::record();
    // A service each, so that each has a task.
    let stages = [Stage::new(), Stage::new()];
    let resting = stages
        .each_ref()
        .map(|stage| stage.start(start("rest").input(&600).unwrap()));
    let worker = |stage: &Stage, slots| {
        let worker = stage.worker().slots(slots);
        run(worker.activity_fn("rest", "1.0", rest))
    };
    let (three, four) = (worker(&stages[0], 3), worker(&stages[1], 4));
    three.holds(1).await;
    four.holds(1).await;
    eventually("both poll again", || {
        [&three, &four].map(|worker| worker.handle.status().polls) == [1, 1]
    })
    .await;
    for (state, slots) in [("task", 2.0), ("poll", 2.0), ("free", 3.0)] {
        assert_eq!(figures.sum(SLOTS, &[("state", state)]), slots, "{state}");
    }
    three.handle.drain();
    sleep(seconds(1)).await;
    assert_eq!(figures.sum("workbeat_workers_draining", &[]), 1.0);
    let _ = three.end().await;
    four.handle.stop();
    let _ = four.end().await;
    drop(resting);
    assert_eq!(figures.sum(SLOTS, &[]), 0.0);
    assert_eq!(figures.sum("workbeat_workers_draining", &[]), 0.0);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_dropped_takes_its_slots_along() {
    let mut figures = Figures::record();
    let stage = Stage::new();
    let worker = run(stage.worker().slots(5).activity_fn("rest", "1.0", rest));
    let _resting = stage.start(start("rest").input(&600).unwrap());
    worker.holds(1).await;
    assert_eq!(figures.sum(SLOTS, &[]), 5.0);
    worker.handle.drain();
    sleep(seconds(1)).await;
    worker.run.abort();
    eventually("it is gone", || worker.run.is_finished()).await;
    sleep(seconds(1)).await;
    for state in ["task", "poll", "free"] {
        assert_eq!(figures.sum(SLOTS, &[("state", state)]), 0.0, "{state}");
    }
    assert_eq!(figures.sum("workbeat_workers_draining", &[]), 0.0);
}

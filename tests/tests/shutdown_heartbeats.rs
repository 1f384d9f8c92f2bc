//! When a run ends, the heartbeats of what it held end with it.

use std::time::Duration;

use tokio::time::sleep;
use workbeat::prelude::*;
use workbeat_tests::{Operation, eventually, forever, millis, run, stage_that_keeps_polls, start};

#[tokio::test(start_paused = true)]
async fn nothing_beats_for_what_a_stop_has_aborted_while_the_run_still_ends() {
    // The poll that is under way does not come back at once, so the run takes a little to end.
    let stage = stage_that_keeps_polls();
    let _activity = stage.start(start("forever").heartbeat_timeout(Duration::from_secs(30)));
    let options = ActivityOptions::new().heartbeat_interval(millis(5));
    let activity = workbeat::activity_fn("forever", "1.0", forever).with_options(options);
    let worker = run(stage.worker().activity(activity));
    let running = || worker.handle.status().running.len() == 1;
    eventually("the activity runs", running).await;
    sleep(millis(100)).await;
    let before = stage.service.count(Operation::Heartbeat);
    assert!(before >= 10, "{before}");

    worker.handle.stop();
    let report = worker.end().await;
    assert_eq!(report.unanswered.len(), 1);
    let after = stage.service.count(Operation::Heartbeat);
    assert_eq!(after, before, "heartbeats for an activity that was aborted");
}

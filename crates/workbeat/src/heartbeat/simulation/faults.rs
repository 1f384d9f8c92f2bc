//! Short timeouts while many calls fail.

use super::*;

/// How many of `tasks` tasks with this timeout are lost in a minute.
fn lost(tasks: u64, timeout: Duration, faults: (u64, u64), seed: u64) -> usize {
    let mut stage = Stage::new(1, &HeartbeatBudget::learning());
    stage.latency = millis(10);
    stage.random = fastrand::Rng::with_seed(seed);
    stage.faults = faults;
    for _ in 0..tasks {
        stage.begin(0, Some(timeout));
    }
    stage.pass(seconds(60));
    stage.lost().len()
}

#[test]
fn a_timeout_of_two_seconds_is_seldom_missed_while_two_calls_of_five_go_wrong() {
    for (what, faults, at_most) in [
        ("refused", (400, 0), 0),
        ("refused or not answered", (200, 200), 10),
        ("not answered", (0, 400), 20),
    ] {
        let lost = lost(500, seconds(2), faults, 1);
        println!("{what}: {lost} of 500 tasks are lost in a minute");
        assert!(lost <= at_most, "{what}: {lost}");
    }
}

/// A call that takes many times as long as all before it is not cut off for good.
#[test]
fn a_service_that_grows_slow_is_given_more_time() {
    let mut stage = Stage::new(1, &HeartbeatBudget::learning());
    stage.latency = millis(10);
    for _ in 0..100 {
        stage.begin(0, Some(seconds(4)));
    }
    stage.pass(seconds(60));
    stage.latency = millis(500);
    stage.pass(seconds(120));
    assert_eq!(stage.lost().len(), 0);
}

//! Short timeouts while many calls fail.

use super::*;

/// How many of `tasks` tasks with this timeout are lost in a minute.
fn lost(tasks: u64, timeout: Duration, faults: Faults, seed: u64) -> usize {
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
    for (what, refused, hanging, at_most) in [
        ("refused", 400, 0, 0),
        ("refused or not answered", 200, 200, 10),
        ("not answered", 0, 400, 20),
    ] {
        let faults = Faults {
            refused,
            hanging,
            throttled: 0,
        };
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

/// Somebody else has the account's calls: one of five is throttled, however few are sent.
#[test]
fn throttling_that_does_not_follow_the_rate_costs_next_to_no_task_of_a_worker_with_few() {
    let faults = Faults {
        refused: 100,
        hanging: 100,
        throttled: 200,
    };
    // Nearly half of all calls come to nothing, and some for as long as they may take.
    for tasks in [30, 60] {
        let lost: usize = (0..20)
            .map(|seed| lost(tasks, seconds(5), faults, seed))
            .sum();
        println!("{lost} of 20 times {tasks} tasks are lost in a minute");
        assert!(lost <= 5, "{lost} of 20 times {tasks}");
    }
}

//! What throttling leaves behind when it is over.

use super::*;

/// The service takes no call for a while, as when another process used up the account's rate.
fn refuse(stage: &mut Stage, time: Duration) {
    let bucket = stage.bucket.as_mut().unwrap();
    let refill = std::mem::replace(&mut bucket.refill, 0.0);
    bucket.tokens = 0.0;
    stage.pass(time);
    stage.bucket.as_mut().unwrap().refill = refill;
}

/// A stage with so many tasks, whose service takes 400 calls a second.
fn stage(budget: &HeartbeatBudget, tasks: u64, timeout: u64) -> Stage {
    let mut stage = Stage::new(1, budget).throttling(400.0, 400.0);
    stage.latency = millis(20);
    begin(&mut stage, tasks, timeout);
    stage
}

fn begin(stage: &mut Stage, tasks: u64, timeout: u64) {
    for _ in 0..tasks {
        stage.begin(0, Some(seconds(timeout)));
    }
}

#[test]
fn a_service_that_takes_no_call_for_a_few_seconds_costs_no_task() {
    for ceiling in [None, Some(400.0)] {
        for refused in [500, 1_000, 2_000, 3_000] {
            let budget = ceiling.map_or_else(HeartbeatBudget::learning, HeartbeatBudget::new);
            let mut stage = stage(&budget, 1_000, 10);
            stage.pass(seconds(60));
            refuse(&mut stage, millis(refused));
            let after = budget.status();
            stage.pass(seconds(60));
            assert_eq!(stage.lost().len(), 0, "{refused} ms: {after:?}");
            assert_eq!(budget.status().stretch, None, "{refused} ms");
        }
    }
}

#[test]
fn after_a_long_refusal_the_rate_is_back_before_the_timeouts_are_over() {
    for ceiling in [None, Some(400.0)] {
        let budget = ceiling.map_or_else(HeartbeatBudget::learning, HeartbeatBudget::new);
        let mut stage = stage(&budget, 1_000, 60);
        stage.pass(seconds(100));
        refuse(&mut stage, seconds(20));
        let after = budget.status();
        assert!(after.rate.is_some_and(|rate| rate < 100.0), "{after:?}");
        stage.pass(seconds(100));
        assert_eq!(stage.lost().len(), 0, "{after:?}");
    }
}

#[test]
fn somebody_else_who_takes_nearly_all_of_the_rate_is_forgotten_when_he_is_gone() {
    let budget = HeartbeatBudget::learning();
    let mut stage = stage(&budget, 1_000, 60);
    stage.pass(seconds(100));
    stage.bucket.as_mut().unwrap().refill = 3.0;
    stage.bucket.as_mut().unwrap().tokens = 0.0;
    stage.pass(seconds(20));
    let low = budget.status();
    assert!(low.rate.is_some_and(|rate| rate < 15.0), "{low:?}");
    stage.bucket.as_mut().unwrap().refill = 400.0;
    stage.pass(seconds(100));
    assert_eq!(stage.lost().len(), 0, "{low:?}");
}

#[test]
fn what_a_quiet_worker_learned_from_one_throttled_call_costs_no_task_later() {
    let budget = HeartbeatBudget::learning();
    let mut stage = stage(&budget, 60, 10);
    stage.pass(seconds(60));
    refuse(&mut stage, millis(500));
    let low = budget.status();
    assert!(low.rate.is_some_and(|rate| rate < 15.0), "{low:?}");
    stage.pass(seconds(20));
    begin(&mut stage, 200, 10);
    stage.pass(seconds(60));
    assert_eq!(stage.lost().len(), 0, "{:?}", budget.status());
}

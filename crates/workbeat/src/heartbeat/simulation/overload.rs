//! More than any schedule can serve: the rule holds, and no task more is lost than must be.

use super::*;

/// Starts tasks of one timeout, one each `apart`.
fn start(stage: &mut Stage, tasks: u64, timeout: u64, apart: Duration) -> Vec<Name> {
    let begin = |_| {
        let name = stage.begin(0, Some(seconds(timeout)));
        stage.pass(apart);
        name
    };
    (0..tasks).map(begin).collect()
}

#[test]
fn with_equal_timeouts_no_task_more_is_lost_than_must_be() {
    // A heartbeat at the very deadline is too late, so 10 calls a second carry 99 tasks of 10 s.
    for (rate, timeout, tasks) in [(160.0, 10, 2_000), (10.0, 10, 110), (1.0, 60, 90)] {
        for apart in [Duration::ZERO, millis(1)] {
            let budget = HeartbeatBudget::new(rate);
            let mut stage = Stage::new(1, &budget);
            let names = start(&mut stage, tasks, timeout, apart);
            stage.pass(seconds(timeout * 12));
            let carried = (rate * timeout as f64) as u64 - 1;
            let lost = stage.lost();
            assert_eq!(
                lost.len() as u64,
                tasks - carried,
                "{rate} {timeout} {apart:?}"
            );
            // The oldest are kept.
            let kept = &names[..usize::try_from(carried).unwrap()];
            assert!(kept.iter().all(|name| !lost.contains(name)));
        }
    }
}

#[test]
fn latency_costs_the_bound_only_what_it_takes_of_the_timeout() {
    let budget = HeartbeatBudget::new(160.0);
    let mut stage = Stage::new(1, &budget);
    stage.latency = millis(100);
    start(&mut stage, 2_000, 10, Duration::ZERO);
    stage.pass(seconds(300));
    let kept = 2_000 - stage.lost().len();
    // Of 10 s at most 100 ms and a timer's grain, and as much again for the first round.
    assert!((1_560..=1_584).contains(&kept), "{kept}");
}

#[test]
fn with_mixed_timeouts_the_shortest_are_let_go_first_and_of_them_the_youngest() {
    let budget = HeartbeatBudget::new(20.0);
    let mut stage = Stage::new(1, &budget);
    let short = start(&mut stage, 30, 2, Duration::ZERO);
    let long = start(&mut stage, 150, 10, Duration::ZERO);
    stage.pass(seconds(60));
    // The long ones need 15 calls a second; five are left for the short ones, which want 15.
    let lost = stage.lost();
    assert!(long.iter().all(|name| !lost.contains(name)));
    let kept = short.iter().take_while(|name| !lost.contains(name)).count();
    assert!((7..=9).contains(&kept), "{kept}");
    assert_eq!(lost.len(), 30 - kept, "the youngest are lost");
}

#[test]
fn a_task_let_go_is_said_so_presumed_lost_only_when_its_timeout_has_passed_and_never_lost_unsaid() {
    let budget = HeartbeatBudget::new(10.0);
    let mut stage = Stage::new(1, &budget);
    start(&mut stage, 150, 10, Duration::ZERO);
    stage.pass(seconds(5));
    let let_go = stage.tasks.iter().filter(|(_, task)| task.let_go);
    let let_go: BTreeSet<_> = let_go.map(|(name, _)| *name).collect();
    assert_eq!(let_go.len(), 51);
    assert_eq!(budget.status().let_go, 51);
    assert!(stage.tasks.values().all(|task| !task.presumed));
    stage.pass(seconds(60));
    assert_eq!(stage.lost(), let_go);
    let presumed = stage.tasks.iter().filter(|(_, task)| task.presumed);
    let presumed: BTreeSet<_> = presumed.map(|(name, _)| *name).collect();
    assert_eq!(presumed, let_go);
    // They are over, so nobody waits for room.
    assert_eq!(budget.status().let_go, 0);
    assert_eq!(budget.status().let_go_ever, 51);
    assert!(stage.tasks.values().all(|task| !task.let_go));
}

#[test]
fn when_tasks_end_in_time_those_let_go_are_served_again() {
    let budget = HeartbeatBudget::new(10.0);
    let mut stage = Stage::new(1, &budget);
    let names = start(&mut stage, 150, 10, Duration::ZERO);
    stage.pass(seconds(2));
    for name in &names[..80] {
        stage.end(*name);
    }
    stage.pass(seconds(100));
    assert_eq!(stage.lost().len(), 0);
    assert_eq!(budget.status().let_go, 0);
    assert!(stage.tasks.values().all(|task| !task.let_go));
}

#[test]
fn when_the_rate_rises_in_time_those_let_go_are_served_again() {
    // The service takes 10 a second, then 40; the budget follows it.
    let budget = HeartbeatBudget::new(40.0);
    let mut stage = Stage::new(1, &budget).throttling(10.0, 10.0);
    start(&mut stage, 200, 30, Duration::ZERO);
    stage.pass(seconds(20));
    assert!(budget.status().stretch.is_some());
    stage.bucket.as_mut().unwrap().refill = 40.0;
    stage.pass(seconds(300));
    assert_eq!(stage.lost().len(), 0);
    assert_eq!(budget.status().let_go, 0);
}

#[test]
fn the_rule_holds_across_workers() {
    let budget = HeartbeatBudget::new(10.0);
    let mut stage = Stage::new(2, &budget);
    let mut names = Vec::new();
    for task in 0..150 {
        names.push(stage.begin(task % 2, Some(seconds(10))));
        stage.pass(millis(1));
    }
    stage.pass(seconds(100));
    let lost = stage.lost();
    assert_eq!(lost, names[99..].iter().copied().collect());
}

#[test]
fn calls_that_are_left_over_go_to_tasks_that_are_let_go() {
    // Room for one task and a half.
    let budget = HeartbeatBudget::new(0.15);
    let mut stage = Stage::new(1, &budget);
    let names = start(&mut stage, 3, 10, Duration::ZERO);
    stage.pass(seconds(9));
    let beats: u32 = names[1..].iter().map(|name| stage.tasks[name].beats).sum();
    assert_eq!(beats, 1, "what was in the bucket");
    stage.pass(seconds(200));
    assert_eq!(stage.lost().len(), 2);
    assert!(!stage.lost().contains(&names[0]));
}

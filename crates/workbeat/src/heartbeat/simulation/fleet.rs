//! Fifty workers in processes of their own, with fifty thousand tasks, share an account's quota.

use std::sync::OnceLock;

use super::*;

/// What Amazon SWF takes from an account.
const QUOTA: f64 = 160.0;

const WORKERS: u32 = 50;
const TASKS: usize = 50_000;

/// With this timeout the tasks need all but a tenth of the quota.
fn timeout() -> Duration {
    Duration::from_secs_f64(TASKS as f64 / QUOTA * 1.1)
}

/// How many heartbeats were sent, and how many of them throttled, in two timeouts after all tasks
/// began within one. None may be lost.
fn run(budgets: &[HeartbeatBudget], worker_of: fn(usize) -> usize) -> (u64, u64) {
    let mut stage = Stage::apart(budgets).throttling(2_000.0, QUOTA);
    stage.latency = millis(20);
    for task in 0..TASKS {
        // In no order.
        stage.begin(worker_of(task * 7_919 % TASKS), Some(timeout()));
        if task % 100 == 0 {
            stage.pass(timeout() * 100 / TASKS as u32);
        }
    }
    let (calls, throttled) = (stage.calls, stage.throttled);
    stage.pass(timeout() * 2);
    let budgets = budgets.iter().map(HeartbeatBudget::status);
    assert_eq!(stage.lost().len(), 0, "{:?}", budgets.collect::<Vec<_>>());
    (stage.calls - calls, stage.throttled - throttled)
}

/// What a scheduler sends that has all tasks and knows the quota.
fn central() -> u64 {
    static CALLS: OnceLock<u64> = OnceLock::new();
    *CALLS.get_or_init(|| {
        let (calls, throttled) = run(&[HeartbeatBudget::new(QUOTA)], |_| 0);
        assert_eq!(throttled, 0);
        calls
    })
}

fn learning() -> Vec<HeartbeatBudget> {
    let learning = |_| HeartbeatBudget::learning_among(WORKERS);
    (0..WORKERS).map(learning).collect()
}

/// None of them loses a task, and they send within a tenth of what a central scheduler sends.
fn learns(worker_of: fn(usize) -> usize) {
    let (calls, throttled) = run(&learning(), worker_of);
    let central = central();
    println!("{calls} heartbeats, {throttled} of them throttled; a central scheduler: {central}");
    assert!(calls <= central + central / 10, "{calls} of {central}");
}

#[test]
fn a_share_each_is_as_good_as_a_central_scheduler() {
    let share = QUOTA / f64::from(WORKERS);
    let budgets: Vec<_> = (0..WORKERS).map(|_| HeartbeatBudget::new(share)).collect();
    let (calls, throttled) = run(&budgets, |task| task % 50);
    let central = central();
    assert_eq!(throttled, 0);
    assert!(calls.abs_diff(central) < central / 100, "{calls} {central}");
}

#[test]
fn what_they_have_alike_is_learned() {
    learns(|task| task % 50);
}

#[test]
fn what_they_have_from_a_few_to_two_thousand_is_learned() {
    // The n-th of them has n parts.
    learns(|task| {
        let part = (task % 1_275) as f64;
        (((8.0 * part + 1.0).sqrt() - 1.0) / 2.0) as usize
    });
}

#[test]
fn one_that_has_half_of_all_learns_it_too() {
    learns(|task| if task % 2 == 0 { 0 } else { task % 49 + 1 });
}

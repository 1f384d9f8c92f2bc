//! What fits the rate is kept, whatever the mix.

use proptest::prelude::*;

use super::*;

/// Starts so many tasks of each timeout, all at once, on one worker.
fn start(stage: &mut Stage, mix: &[(usize, u64)]) {
    for &(tasks, timeout) in mix {
        for _ in 0..tasks {
            stage.begin(0, Some(seconds(timeout)));
        }
    }
}

#[test]
fn fifty_tasks_of_a_second_beside_nine_thousand_of_a_hundred_lose_none() {
    let budget = HeartbeatBudget::new(160.0);
    let mut stage = Stage::new(1, &budget).throttling(20.0, 160.0);
    stage.latency = millis(20);
    start(&mut stage, &[(9_000, 100), (50, 1)]);
    stage.pass(seconds(250));
    assert_eq!(stage.lost().len(), 0);
    assert_eq!(stage.throttled, 0);
    let stretch = budget.status().stretch.unwrap();
    assert!((0.87..0.95).contains(&stretch), "{stretch}");
}

#[test]
fn a_thousand_tasks_of_ten_seconds_lose_none() {
    let budget = HeartbeatBudget::new(160.0);
    let mut stage = Stage::new(1, &budget).throttling(20.0, 160.0);
    stage.latency = millis(50);
    start(&mut stage, &[(1_000, 10)]);
    stage.pass(seconds(300));
    assert_eq!((stage.lost().len(), stage.throttled), (0, 0));
}

#[test]
fn what_fits_at_normal_intervals_is_not_changed() {
    let timeouts = [(10, 3), (100, 30)];
    let counts = [None, Some(160.0)].map(|rate| {
        let budget = rate.map_or_else(HeartbeatBudget::learning, HeartbeatBudget::new);
        let mut stage = Stage::new(1, &budget);
        start(&mut stage, &timeouts);
        stage.pass(seconds(300));
        assert_eq!(budget.status().stretch, None);
        stage.calls
    });
    // Only a burst of equal moments is spread a little.
    assert!(counts[0].abs_diff(counts[1]) < counts[0] / 50, "{counts:?}");
}

#[test]
fn the_thousand_and_the_mix_lose_none_where_the_rate_must_be_learned() {
    for mix in [&[(1_000, 10)][..], &[(9_000, 100), (30, 1)]] {
        let budget = HeartbeatBudget::learning();
        let mut stage = Stage::new(1, &budget).throttling(2_000.0, 160.0);
        stage.latency = millis(20);
        start(&mut stage, mix);
        stage.pass(seconds(250));
        assert_eq!(stage.lost().len(), 0, "{mix:?}");
        let part = stage.throttled as f64 / stage.calls as f64;
        assert!(part < 0.03, "{} of {}", stage.throttled, stage.calls);
    }
}

#[test]
fn nine_tenths_of_a_rate_that_must_be_learned_lose_none() {
    let budget = HeartbeatBudget::learning();
    let mut stage = Stage::new(1, &budget).throttling(100.0, 50.0);
    stage.latency = millis(20);
    start(&mut stage, &[(450, 10)]);
    stage.pass(seconds(900));
    assert_eq!(stage.lost().len(), 0, "{:?}", budget.status());
    assert!(stage.throttled < stage.calls / 50, "{}", stage.throttled);
}

#[test]
fn a_rate_that_halves_in_the_middle_and_returns_loses_none() {
    for budget in [HeartbeatBudget::new(160.0), HeartbeatBudget::learning()] {
        let mut stage = Stage::new(1, &budget).throttling(160.0, 160.0);
        stage.latency = millis(20);
        start(&mut stage, &[(300, 10), (600, 60)]);
        stage.pass(seconds(60));
        stage.bucket.as_mut().unwrap().refill = 80.0;
        stage.pass(seconds(120));
        let low = budget.status();
        assert!(low.rate.is_some_and(|rate| rate < 100.0), "{low:?}");
        stage.bucket.as_mut().unwrap().refill = 160.0;
        stage.pass(seconds(120));
        assert_eq!(stage.lost().len(), 0, "{:?}", budget.status());
        let back = budget.status().rate;
        assert!(back.is_none_or(|rate| rate > 110.0), "{back:?}");
    }
}

#[test]
fn workers_that_share_a_budget_stay_within_it_together() {
    let budget = HeartbeatBudget::new(160.0);
    let mut stage = Stage::new(3, &budget).throttling(20.0, 160.0);
    stage.latency = millis(20);
    for task in 0..1_400 {
        // Very unevenly spread.
        let worker = [0, 0, 0, 0, 0, 1, 2][task % 7];
        stage.begin(worker, Some(seconds(10)));
    }
    stage.pass(seconds(120));
    assert_eq!((stage.lost().len(), stage.throttled), (0, 0));
    // A worker that ends leaves its share to the others.
    stage.schedules.pop();
    stage.tasks.retain(|(worker, _), _| *worker < 2);
    stage.answers.retain(|_, ((worker, _), _)| *worker < 2);
    assert_eq!(budget.status().tasks, 1_200);
    stage.pass(seconds(60));
    assert_eq!(stage.lost().len(), 0);
}

#[test]
fn tasks_that_come_and_go_all_the_time_are_kept() {
    let budget = HeartbeatBudget::new(160.0);
    let mut stage = Stage::new(1, &budget).throttling(20.0, 160.0);
    stage.latency = millis(20);
    let mut random = fastrand::Rng::with_seed(3);
    let mut running = Vec::new();
    for _ in 0..3_000 {
        for _ in 0..random.usize(0..20) {
            let timeout = [2, 10, 10, 60][random.usize(0..4)];
            running.push(stage.begin(0, Some(seconds(timeout))));
        }
        while running.len() > 600 {
            let name = running.swap_remove(random.usize(0..running.len()));
            stage.end(name);
        }
        stage.pass(millis(100));
    }
    assert_eq!((stage.lost().len(), stage.throttled), (0, 0));
    assert!(budget.status().stretch.is_some());
}

#[test]
fn a_task_without_a_timeout_beats_with_what_the_others_leave() {
    let budget = HeartbeatBudget::new(10.0);
    let mut stage = Stage::new(1, &budget);
    start(&mut stage, &[(60, 10)]);
    let free: Vec<_> = (0..500).map(|_| stage.begin(0, None)).collect();
    stage.pass(seconds(600));
    assert_eq!(stage.lost().len(), 0);
    assert_eq!(budget.status().let_go, 0);
    // The rate leaves them a third: more than three calls a second.
    let beats = free.iter().map(|name| stage.tasks[name].beats);
    assert!(beats.clone().sum::<u32>() > 1_500);
    assert!(beats.min().unwrap() > 0, "none is forgotten");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]

    /// Whatever the mix, as long as it is within nine tenths of what the rate can carry.
    #[test]
    fn no_mix_within_the_rate_loses_a_task(
        rate in 5.0..100.0_f64,
        parts in prop::collection::vec((1_u64..3_600, 1..10_u32), 1..6),
        load in 0.1..0.9_f64,
        workers in 1_usize..4,
        together in any::<bool>(),
    ) {
        let budget = HeartbeatBudget::new(rate);
        let mut stage = Stage::new(workers, &budget).throttling(rate / 5.0 + 5.0, rate);
        stage.latency = millis(5);
        let whole: u32 = parts.iter().map(|(_, part)| part).sum();
        let mut random = fastrand::Rng::with_seed(11);
        let mut longest = 0;
        for (timeout, part) in parts {
            let calls = rate * load * f64::from(part) / f64::from(whole);
            let tasks = ((calls * timeout as f64) as usize).min(3_000);
            longest = longest.max(timeout);
            for _ in 0..tasks {
                let worker = random.usize(0..workers);
                stage.begin(worker, Some(seconds(timeout)));
                if !together {
                    stage.pass(millis(random.u64(0..10)));
                }
            }
        }
        stage.pass(seconds(longest * 2).min(seconds(200)).max(seconds(30)));
        prop_assert_eq!(stage.lost().len(), 0, "{:?}", budget.status());
        prop_assert_eq!(stage.throttled, 0);
        prop_assert_eq!(budget.status().let_go_ever, 0);
    }
}

//! Tasks that leave take nothing from those that stay.

use proptest::prelude::*;

use super::*;

/// Ends the tasks of one timeout that beat last, but for so many.
fn leave_but(stage: &mut Stage, timeout: Duration, stay: usize) {
    let tasks = stage.tasks.iter();
    let mut alike: Vec<_> = tasks
        .filter(|(_, task)| task.timeout == Some(timeout))
        .map(|(name, task)| (task.alive, *name))
        .collect();
    alike.sort();
    for (_, name) in alike.into_iter().skip(stay) {
        stage.end(name);
    }
}

#[test]
fn the_one_whose_turn_was_next_is_kept_when_all_others_of_its_timeout_leave() {
    for stay in [1, 2, 7] {
        let budget = HeartbeatBudget::new(10.0);
        let mut stage = Stage::new(1, &budget).throttling(7.0, 10.0);
        stage.latency = millis(20);
        for (tasks, timeout) in [(80, 10), (30, 20)] {
            for _ in 0..tasks {
                stage.begin(0, Some(seconds(timeout)));
            }
        }
        stage.pass(seconds(100));
        leave_but(&mut stage, seconds(20), stay);
        stage.pass(seconds(100));
        assert_eq!((stage.lost().len(), stage.throttled), (0, 0), "{stay}");
    }
}

#[test]
fn those_that_gave_way_come_back_without_taking_the_calls_of_those_with_a_timeout() {
    let budget = HeartbeatBudget::new(10.0);
    let mut stage = Stage::new(1, &budget).throttling(7.0, 10.0);
    stage.latency = millis(20);
    for _ in 0..97 {
        stage.begin(0, Some(seconds(10)));
    }
    for _ in 0..400 {
        stage.begin(0, None);
    }
    stage.pass(seconds(200));
    // Room for those without a timeout, all of them long overdue.
    leave_but(&mut stage, seconds(10), 60);
    stage.pass(seconds(60));
    assert_eq!(stage.lost().len(), 0, "{:?}", budget.status());
    let free = stage.tasks.values().filter(|task| task.timeout.is_none());
    assert!(free.map(|task| task.beats).sum::<u32>() > 150);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    /// Whoever leaves, and however many at once, as long as what was there was within what the
    /// rate can carry.
    #[test]
    fn whoever_leaves_nobody_who_stays_is_lost(
        rate in 2.0..60.0_f64,
        parts in prop::collection::vec((2_u64..400, 1..10_u32), 1..5),
        load in 0.4..0.95_f64,
        leaves in prop::collection::vec((0_usize..5, 0.0..1.0_f64, any::<bool>(), 0_u64..60_000), 1..8),
    ) {
        let budget = HeartbeatBudget::new(rate);
        let mut stage = Stage::new(2, &budget).throttling(rate / 5.0 + 5.0, rate);
        stage.latency = millis(5);
        let whole: u32 = parts.iter().map(|(_, part)| part).sum();
        let mut random = fastrand::Rng::with_seed(5);
        for (timeout, part) in &parts {
            let calls = rate * load * f64::from(*part) / f64::from(whole);
            for _ in 0..((calls * *timeout as f64) as usize).min(1_500) {
                stage.begin(random.usize(0..2), Some(seconds(*timeout)));
            }
        }
        stage.pass(seconds(120));
        for (class, part, latest, wait) in leaves {
            let timeout = seconds(parts[class % parts.len()].0);
            let alike = stage.tasks.iter().filter(|(_, task)| task.timeout == Some(timeout));
            let alike: Vec<_> = alike.map(|(name, _)| *name).collect();
            if latest {
                leave_but(&mut stage, timeout, (alike.len() as f64 * part) as usize);
            } else {
                for name in alike {
                    if random.f64() < part {
                        stage.end(name);
                    }
                }
            }
            stage.pass(millis(wait));
        }
        stage.pass(seconds(400));
        prop_assert_eq!(stage.lost().len(), 0, "{:?}", budget.status());
        prop_assert_eq!(stage.throttled, 0);
        prop_assert_eq!(budget.status().let_go_ever, 0);
    }
}

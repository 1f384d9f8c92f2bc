use tokio::time::Instant;

use super::*;

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Sends as fast as the rate allows until `end`, at most `most` calls a second; the service
/// has a bucket of `depth` that `refill` fills. Gives how many calls it accepted and throttled.
fn run(
    rate: &mut Rate,
    start: Moment,
    length: Duration,
    most: f64,
    depth: f64,
    refill: impl Fn(Duration) -> f64,
) -> (u32, u32) {
    let (mut accepted, mut throttled) = (0, 0);
    let (mut bucket, mut wanted) = (depth, 0.0);
    for milli in 0..u64::try_from(length.as_millis()).unwrap() {
        let now = start + millis(milli);
        bucket = depth.min(bucket + refill(millis(milli)) / 1_000.0);
        wanted += most / 1_000.0;
        rate.settle(now);
        while wanted >= 1.0 && rate.is_ready() {
            wanted -= 1.0;
            rate.take(now);
            if bucket >= 1.0 {
                bucket -= 1.0;
                accepted += 1;
                rate.accept(now, now);
            } else {
                throttled += 1;
                rate.throttle(now, now);
            }
        }
        wanted = wanted.min(most);
    }
    (accepted, throttled)
}

#[test]
fn a_ceiling_is_kept_with_a_small_burst() {
    let start = Moment::from(Instant::now());
    let mut rate = Rate::new(Some(160.0));
    let (accepted, _) = run(&mut rate, start, millis(10_000), 1e6, 1e9, |_| 0.0);
    assert!((1_600..=1_608).contains(&accepted), "{accepted}");
}

#[test]
fn the_bucket_says_when_it_holds_a_call() {
    let start = Moment::from(Instant::now());
    let mut rate = Rate::new(Some(0.5));
    rate.settle(start);
    rate.take(start);
    rate.take(start);
    assert!(!rate.is_ready());
    let ready = rate.ready_at().unwrap();
    assert!(ready >= start + millis(2_000) && ready < start + millis(2_001));
    rate.settle(ready);
    assert!(rate.is_ready() && !rate.is_full());
    let full = rate.full_at().unwrap();
    rate.settle(full);
    assert!(rate.is_full());
}

#[test]
fn without_a_limit_nothing_is_held_back() {
    let start = Moment::from(Instant::now());
    let mut rate = Rate::new(None);
    for _ in 0..1_000 {
        rate.settle(start);
        assert!(rate.is_ready());
        rate.take(start);
    }
    assert_eq!(rate.limit(), None);
}

#[test]
fn the_first_throttle_cuts_what_was_sent_and_a_burst_of_them_cuts_once() {
    let start = Moment::from(Instant::now());
    let mut rate = Rate::new(None);
    let mut now = start;
    for _ in 0..3_000 {
        now = now + millis(5);
        rate.settle(now);
        rate.take(now);
    }
    for _ in 0..50 {
        rate.throttle(now, now);
    }
    let limit = rate.limit().unwrap();
    assert!((95.0..105.0).contains(&limit), "{limit}");
    assert_eq!(rate.throttled(), 50);
    // Calls that were out already say nothing of the new rate.
    assert!(!rate.throttle(now.before(millis(1)), now + millis(1_500)));
    assert!(rate.throttle(now + millis(1_200), now + millis(1_500)));
}

#[test]
fn the_first_throttle_in_a_burst_cuts_what_the_tasks_want_in_the_long_run() {
    let now = Moment::from(Instant::now());
    for (wanted, left) in [(300.0, 150.0), (1e6, 500.0), (0.0, 10.0)] {
        let mut rate = Rate::new(None);
        rate.needs(0.0, wanted);
        rate.settle(now);
        for milli in 0..1_000 {
            rate.take(now + millis(milli));
        }
        assert!(rate.throttle(now + millis(999), now + millis(1_000)));
        let limit = rate.limit().unwrap();
        assert!((limit / left - 1.0).abs() < 0.02, "{wanted}: {limit}");
    }
}

#[test]
fn a_service_with_a_bucket_of_its_own_is_followed_closely() {
    let start = Moment::from(Instant::now());
    let mut rate = Rate::new(None);
    let length = millis(600_000);
    let (accepted, throttled) = run(&mut rate, start, length, 400.0, 2_000.0, |_| 160.0);
    let possible = 2_000.0 + 160.0 * 600.0;
    assert!(f64::from(accepted) > possible * 0.93, "{accepted}");
    assert!(f64::from(throttled) < possible * 0.02, "{throttled}");
}

#[test]
fn a_ceiling_that_is_not_reached_for_a_while_is_reached_again() {
    let start = Moment::from(Instant::now());
    let mut rate = Rate::new(Some(160.0));
    let halved = |past: Duration| if past < millis(60_000) { 80.0 } else { 200.0 };
    run(&mut rate, start, millis(60_000), 400.0, 100.0, halved);
    let low = rate.limit().unwrap();
    assert!((55.0..95.0).contains(&low), "{low}");
    run(
        &mut rate,
        start + millis(60_000),
        millis(90_000),
        400.0,
        100.0,
        |_| 200.0,
    );
    assert_eq!(rate.limit(), Some(160.0));
}

#[test]
fn what_bounds_nothing_any_more_is_forgotten() {
    let start = Moment::from(Instant::now());
    let mut rate = Rate::new(None);
    run(&mut rate, start, millis(15_000), 100.0, 500.0, |_| 50.0);
    assert!(rate.limit().is_some());
    run(
        &mut rate,
        start + millis(10_000),
        millis(120_000),
        20.0,
        500.0,
        |_| 50.0,
    );
    assert_eq!(rate.limit(), None);
}

#[test]
fn no_throttling_ends_all_calls() {
    let start = Moment::from(Instant::now());
    let mut rate = Rate::new(None);
    run(&mut rate, start, millis(60_000), 400.0, 0.0, |_| 0.0);
    assert_eq!(rate.limit(), Some(LEAST_RATE));
}

#[test]
fn however_many_workers_are_said_to_share_it_the_end_of_throttling_is_soon_heard_of() {
    let start = Moment::from(Instant::now());
    for workers in [2, 1_000, u32::MAX] {
        let mut rate = Rate::new(None).among(workers);
        rate.needs(5.0, 15.0);
        run(&mut rate, start, millis(1_800_000), 15.0, 0.0, |_| 0.0);
        let again = start + millis(1_800_000);
        run(&mut rate, again, millis(20_000), 15.0, 100.0, |_| 160.0);
        let limit = rate.limit();
        assert!(
            limit.is_none_or(|limit| limit >= 5.0),
            "{workers}: {limit:?}"
        );
    }
}

#[test]
fn a_rate_stays_one_whatever_happens_to_it() {
    let start = Moment::from(Instant::now());
    for (ceiling, workers) in [
        (None, u32::MAX),
        (Some(1.1e-8), 1),
        (Some(f64::MAX), 1),
        (Some(f64::MAX), u32::MAX),
    ] {
        let mut rate = Rate::new(ceiling).among(workers);
        let mut now = start;
        for (round, needed) in [0.0, 1e-9, 1.0, 1e12, 0.0].into_iter().enumerate() {
            rate.needs(needed, needed * 3.0);
            // The time stands still, runs, jumps, and goes back.
            for ahead in [0, 1, 700, 40_000_000_000, 5] {
                let sent = now;
                now = now + millis(ahead);
                rate.settle(now);
                rate.take(now);
                if round % 2 == 0 {
                    rate.throttle(sent, now);
                }
                rate.accept(now, sent);
                let fits = |limit: f64| limit > 0.0 && !limit.is_nan();
                assert!(rate.limit().is_none_or(fits), "{rate:?}");
                assert!(!rate.tokens.is_nan() && !rate.level.is_nan(), "{rate:?}");
                let ready = rate.ready_at();
                assert!(ready.is_none_or(|at| at >= start), "{rate:?}");
                let _ = rate.full_at();
            }
        }
    }
}

#[test]
fn calls_are_counted_in_a_window_that_slides() {
    let start = Moment::from(Instant::now());
    let mut window = Window::new(Duration::from_secs(1));
    for milli in 0..5_000 {
        window.count(start + millis(milli));
    }
    let rate = window.rate(start + millis(5_000));
    assert!((950.0..1_050.0).contains(&rate), "{rate}");
    assert!(window.rate(start + millis(60_000)) < 20.0);
}

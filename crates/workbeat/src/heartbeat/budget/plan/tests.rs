use super::super::super::Pace;
use super::*;
use crate::service::Timeout;
use crate::task::TaskKey;
use tokio::time::Instant;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn class(interval: Duration, timeout: Timeout) -> ClassKey {
    ClassKey::new(&Pace::new(Some(interval), Some(timeout), interval), false)
}

fn seat(key: u64) -> Seat {
    Seat::new(TaskKey(key), 0)
}

fn at(now: Moment) -> Turn {
    Turn::Normal {
        at: now,
        unjittered: now,
    }
}

/// Another worker hands out a turn; before its owner hears of it, its task wants none and then
/// one again.
#[test]
fn a_turn_that_is_handed_out_twice_before_its_worker_hears_of_it_is_one_heartbeat() {
    let now = Moment::from(Instant::now());
    let mut plan = Plan::new(None);
    let owner = plan.join();
    let key = class(seconds(10), seconds(30).into());
    let ticket = plan.enter(owner, seat(1), key, now);
    for turn in [at(now), Turn::Away, at(now)] {
        plan.want(ticket, None, now, turn);
        plan.run(now);
    }
    assert_eq!(plan.orders(owner).len(), 1);
    assert_eq!(plan.orders(owner), []);
}

#[test]
fn a_rate_of_next_to_nothing_and_intervals_of_years_can_be_counted_with() {
    let now = Moment::from(Instant::now());
    let mut plan = Plan::new(Some(2e-8));
    let owner = plan.join();
    let years = seconds(10 * 365 * 24 * 60 * 60);
    for (task, interval) in [(0, years)]
        .into_iter()
        .chain((1..100).map(|task| (task, Duration::from_millis(10))))
    {
        let key = class(interval, Timeout::None);
        let ticket = plan.enter(owner, seat(task), key, now);
        plan.want(ticket, None, now, at(now));
    }
    plan.run(now);
    assert!(plan.next_for(owner).is_some());
    plan.run(now + years);
    assert!(plan.figures(now).stretch > 1.0);
}

#[test]
fn a_timeout_of_nothing_spoils_no_sum() {
    let now = Moment::from(Instant::now());
    let mut plan = Plan::new(Some(1.0));
    let owner = plan.join();
    for (task, timeout) in [Duration::ZERO, seconds(10), seconds(10)]
        .into_iter()
        .enumerate()
    {
        let key = class(seconds(3), timeout.into());
        let ticket = plan.enter(owner, seat(task as u64), key, now);
        plan.want(ticket, None, now, at(now));
    }
    plan.run(now);
    let figures = plan.figures(now);
    assert_eq!(figures.let_go, 1);
    assert!(
        figures.demand.is_finite() && figures.stretch.is_finite(),
        "{figures:?}"
    );
}

#[test]
fn who_has_a_timeout_comes_before_who_has_nothing_to_lose_however_long_that_one_waits() {
    let start = Moment::from(Instant::now());
    let mut plan = Plan::new(Some(10.0));
    let owner = plan.join();
    let paces = [Timeout::None, seconds(10).into()].map(|timeout| class(seconds(3), timeout));
    for (task, key) in paces.into_iter().enumerate() {
        let ticket = plan.enter(owner, seat(task as u64), key, start);
        plan.want(ticket, None, start, Turn::Exact(start));
    }
    // Now the one is long overdue, and the other has a second left.
    let now = start + seconds(9);
    plan.run(now);
    let beats = plan.orders(owner).into_iter().map(|order| match order {
        Order::Beat(seat, _) => seat.key.0,
        other => panic!("{other:?}"),
    });
    assert_eq!(beats.collect::<Vec<_>>(), [1, 0]);
}

/// When a worker whose tasks want to beat at these milliseconds is to be woken.
fn woken(rate: Option<f64>, interval: Duration, wanted: &[u64]) -> Duration {
    let now = Moment::from(Instant::now());
    let mut plan = Plan::new(rate);
    let owner = plan.join();
    let key = class(interval, (interval * 3).into());
    for (task, after) in wanted.iter().enumerate() {
        let ticket = plan.enter(owner, seat(task as u64), key, now);
        let turn = at(now + Duration::from_millis(*after));
        plan.want(ticket, None, now, turn);
    }
    plan.next_for(owner).unwrap().saturating_since(now)
}

#[test]
fn who_is_due_waits_for_those_who_are_due_a_little_later() {
    let millis = Duration::from_millis;
    let interval = seconds(10);
    assert_eq!(woken(None, interval, &[100]), millis(100), "alone");
    assert_eq!(woken(None, interval, &[100, 103, 119, 121]), millis(119));
    assert_eq!(woken(None, interval, &[100, 121]), millis(100));
    // A 500th of the interval, and 20 ms at most.
    assert_eq!(woken(None, seconds(1), &[100, 101, 102, 103]), millis(102));
    assert_eq!(woken(None, seconds(100), &[100, 120, 121]), millis(120));
}

#[test]
fn a_turn_of_its_own_waits_for_nobody() {
    let now = Moment::from(Instant::now());
    let mut plan = Plan::new(None);
    let owner = plan.join();
    let key = class(seconds(10), seconds(30).into());
    for (task, turn) in [
        (0, Turn::Exact(now + seconds(1))),
        (1, at(now + Duration::from_millis(1_010))),
    ] {
        let ticket = plan.enter(owner, seat(task), key, now);
        plan.want(ticket, None, now, turn);
    }
    assert_eq!(plan.next_for(owner), Some(now + seconds(1)));
}

#[test]
fn stretched_turns_are_evenly_spaced_and_wait_for_nobody() {
    // A rate at which a turn is every half second; all are due already.
    let first = woken(Some(2.0), seconds(10), &[0; 40]);
    assert!(first < Duration::from_millis(900), "{first:?}");
    let now = Moment::from(Instant::now());
    let mut plan = Plan::new(Some(2.0));
    let owner = plan.join();
    let key = class(seconds(10), seconds(30).into());
    for task in 0..40 {
        let ticket = plan.enter(owner, seat(task), key, now);
        plan.want(ticket, None, now, at(now + Duration::from_millis(task)));
    }
    let mut time = now;
    for _ in 0..10 {
        time = plan.next_for(owner).unwrap().max(time);
        plan.run(time);
        assert!(plan.orders(owner).len() <= 2, "no batch");
    }
}

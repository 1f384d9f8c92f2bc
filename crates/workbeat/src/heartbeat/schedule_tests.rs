use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// The first that a schedule gives.
const SEAT: Seat = Seat {
    key: TaskKey(1),
    at: 0,
};

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn pace(interval: u64, timeout: Option<u64>) -> Pace {
    Pace::fixed(millis(interval), timeout.map(millis))
}

fn schedule() -> Schedule<()> {
    let budget = super::super::HeartbeatBudget::learning();
    Schedule::new(
        budget.join(std::sync::Arc::default()),
        fastrand::Rng::with_seed(1),
    )
}

fn beats(due: &[(Seat, Due)]) -> Vec<Seat> {
    due.iter()
        .filter(|(_, due)| matches!(due, Due::Beat { .. }))
        .map(|(key, _)| *key)
        .collect()
}

#[test]
fn nothing_is_due_before_the_first_interval() {
    let start = Instant::now();
    let mut schedule = schedule();
    schedule.insert(SEAT.key, (), pace(1_000, Some(3_000)), start);
    assert_eq!(schedule.due(start + millis(999)), []);
    assert_eq!(beats(&schedule.due(start + millis(1_000))), [SEAT]);
}

#[test]
fn a_beat_under_way_is_not_sent_twice() {
    let start = Instant::now();
    let mut schedule = schedule();
    schedule.insert(SEAT.key, (), pace(1_000, None), start);
    assert_eq!(beats(&schedule.due(start + millis(1_000))), [SEAT]);
    assert_eq!(schedule.due(start + millis(5_000)), []);
    assert_eq!(schedule.next_wake(), None);
}

#[test]
fn the_cadence_counts_from_when_a_beat_went_out() {
    let start = Instant::now();
    let mut schedule = schedule();
    schedule.insert(SEAT.key, (), pace(1_000, None), start);
    schedule.due(start + millis(1_000));
    schedule.answered(SEAT, Beaten::Accepted, start + millis(1_300));
    assert_eq!(schedule.next_wake(), Some(start + millis(2_000)));
}

#[test]
fn a_failed_beat_is_tried_again_long_before_the_next_interval() {
    let start = Instant::now();
    let mut schedule = schedule();
    schedule.insert(SEAT.key, (), pace(1_000, Some(3_000)), start);
    schedule.due(start + millis(1_000));
    schedule.answered(SEAT, Beaten::Failed, start + millis(1_010));
    assert!(schedule.next_wake().unwrap() < start + millis(1_100));
}

#[test]
fn an_outage_that_ends_shortly_before_the_timeout_loses_nothing() {
    let start = Instant::now();
    let mut schedule = schedule();
    schedule.insert(SEAT.key, (), pace(1_000, Some(3_000)), start);
    let mut tries = 0;
    while let Some(at) = schedule
        .next_wake()
        .filter(|at| *at < start + millis(2_900))
    {
        assert_eq!(beats(&schedule.due(at)), [SEAT]);
        schedule.answered(SEAT, Beaten::Failed, at);
        tries += 1;
    }
    assert!(schedule.next_wake().unwrap() < start + millis(2_950));
    assert!(tries < 40, "{tries}");
}

#[test]
fn a_lost_heartbeat_is_said_once_and_beats_go_on() {
    let start = Instant::now();
    let mut schedule = schedule();
    schedule.insert(SEAT.key, (), pace(1_000, Some(3_000)), start);
    schedule.due(start + millis(1_000));
    let due = schedule.due(start + millis(3_000));
    assert_eq!(due, [(SEAT, Due::HeartbeatLost)]);
    schedule.answered(SEAT, Beaten::Failed, start + millis(3_100));
    assert_eq!(beats(&schedule.due(start + millis(4_100))), [SEAT]);
}

#[test]
fn what_is_presumed_lost_is_tried_several_times_in_any_timeout_though_every_call_hangs() {
    let start = Instant::now();
    let mut schedule = schedule();
    schedule.insert(SEAT.key, (), pace(5_000, Some(15_000)), start);
    let mut tries = Vec::new();
    while tries.len() < 40 {
        let now = schedule.next_wake().unwrap();
        for (_, due) in schedule.due(now) {
            if let Due::Beat { .. } = due {
                tries.push(now);
                let call_timeout = schedule.begins(SEAT, now).unwrap();
                schedule.answered(SEAT, Beaten::Failed, now + call_timeout);
            }
        }
    }
    let lost = start + millis(15_000);
    let blind: Vec<_> = tries.into_iter().filter(|at| *at >= lost).collect();
    for three in blind.windows(4) {
        assert!(three[3] - three[0] < millis(15_000), "{three:?}");
    }
}

#[test]
fn a_closed_task_beats_no_more() {
    let start = Instant::now();
    let mut schedule = schedule();
    schedule.insert(SEAT.key, (), pace(1_000, Some(3_000)), start);
    schedule.set_close(SEAT, Some(start + millis(9_000)));
    schedule.due(start + millis(1_000));
    schedule.answered(SEAT, Beaten::Closed, start + millis(1_001));
    assert_eq!(schedule.due(start + millis(100_000)), []);
}

#[test]
fn while_an_outcome_is_under_way_only_a_near_timeout_is_worth_a_beat() {
    let start = Instant::now();
    let mut schedule = schedule();
    schedule.insert(SEAT.key, (), pace(1_000, Some(4_000)), start);
    schedule.hold(SEAT);
    assert_eq!(schedule.due(start + millis(2_999)), []);
    assert_eq!(beats(&schedule.due(start + millis(3_000))), [SEAT]);
}

#[test]
fn a_beat_held_back_goes_out_when_it_is_let_go() {
    let start = Instant::now();
    let mut schedule = schedule();
    schedule.insert(SEAT.key, (), pace(1_000, None), start);
    schedule.hold(SEAT);
    assert_eq!(schedule.due(start + millis(5_000)), []);
    schedule.release(SEAT, start + millis(5_000));
    let due = schedule.due(start + millis(5_000));
    assert!(
        matches!(
            due[..],
            [(
                SEAT,
                Due::Beat {
                    late: Duration::ZERO
                }
            )]
        ),
        "{due:?}"
    );
}

#[test]
fn a_beat_that_did_not_start_before_the_outcome_waits() {
    let start = Instant::now();
    let mut schedule = schedule();
    schedule.insert(SEAT.key, (), pace(1_000, Some(4_000)), start);
    assert_eq!(beats(&schedule.due(start + millis(1_000))), [SEAT]);
    schedule.hold(SEAT);
    assert_eq!(schedule.begins(SEAT, start + millis(1_001)), None);
    assert_eq!(schedule.due(start + millis(2_999)), []);
    assert_eq!(beats(&schedule.due(start + millis(3_000))), [SEAT]);
    assert!(schedule.begins(SEAT, start + millis(3_000)).is_some());
    schedule.remove(SEAT);
    assert_eq!(schedule.begins(SEAT, start + millis(3_000)), None);
}

#[test]
fn a_call_that_waited_for_its_turn_has_what_is_left_from_then() {
    let start = Instant::now();
    let mut schedule = schedule();
    schedule.insert(SEAT.key, (), pace(6_000, Some(10_000)), start);
    schedule.due(start + millis(6_000));
    let began = start + millis(8_000);
    assert_eq!(schedule.begins(SEAT, began), Some(millis(1_000)));
    schedule.answered(SEAT, Beaten::Accepted, began + millis(500));
    // The next one does not move with it.
    assert_eq!(schedule.next_wake(), Some(start + millis(12_000)));
}

#[test]
fn a_call_leaves_time_for_one_more_before_the_timeout() {
    let start = Instant::now();
    let mut schedule = schedule();
    schedule.insert(SEAT.key, (), pace(6_000, Some(10_000)), start);
    let due = schedule.due(start + millis(6_000));
    let late = Duration::ZERO;
    assert_eq!(due, [(SEAT, Due::Beat { late })]);
    let call_timeout = schedule.begins(SEAT, start + millis(6_000));
    assert_eq!(call_timeout, Some(millis(2_000)));
}

#[test]
fn a_shorter_timeout_learned_later_brings_the_next_beat_forward() {
    let start = Instant::now();
    let mut schedule = schedule();
    schedule.insert(SEAT.key, (), pace(10_000, None), start);
    schedule.set_pace(SEAT, pace(500, Some(1_500)), start);
    assert_eq!(schedule.next_wake(), Some(start + millis(500)));
}

#[test]
fn a_beat_whose_driver_ended_is_tried_again_soon() {
    let start = Instant::now();
    let mut schedule = schedule();
    schedule.insert(SEAT.key, (), pace(1_000, Some(3_000)), start);
    schedule.due(start + millis(1_000));
    schedule.calls_lost(start + millis(1_100));
    assert!(schedule.next_wake().unwrap() < start + millis(1_200));
}

#[test]
fn deadline_and_grace_are_said_once_each() {
    let start = Instant::now();
    let mut schedule = schedule();
    schedule.insert(SEAT.key, (), pace(60_000, None), start);
    schedule.set_close(SEAT, Some(start + millis(100)));
    schedule.set_grace(SEAT, start + millis(200));
    assert_eq!(schedule.due(start + millis(150)), [(SEAT, Due::TimedOut)]);
    assert_eq!(
        schedule.due(start + millis(250)),
        [(SEAT, Due::GraceExpired)]
    );
    assert_eq!(schedule.due(start + millis(300)), []);
}

#[test]
fn a_removed_task_leaves_nothing_behind() {
    let start = Instant::now();
    let mut schedule = schedule();
    schedule.insert(SEAT.key, (), pace(1_000, Some(3_000)), start);
    schedule.remove(SEAT);
    assert_eq!(schedule.next_wake(), None);
    schedule.answered(SEAT, Beaten::Accepted, start);
    assert_eq!(schedule.next_wake(), None);
}

/// One step of a random run.
#[derive(Clone, Debug)]
enum Step {
    Insert(u64, Option<u64>),
    Remove(usize),
    Hold(usize, bool),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (1_u64..2_000, proptest::option::of(3_u64..6_000)).prop_map(|(i, t)| Step::Insert(i, t)),
        (0_usize..20).prop_map(Step::Remove),
        (0_usize..20, any::<bool>()).prop_map(|(key, held)| Step::Hold(key, held)),
        (0_u64..3_000).prop_map(Step::Wait),
    ]
}

proptest! {
    /// A service that accepts at once: whoever wakes when the schedule says so never lets a
    /// heartbeat timeout pass, never beats sooner than the interval, and never for a task that
    /// left.
    #[test]
    fn whoever_follows_the_schedule_misses_no_heartbeat(steps in prop::collection::vec(step(), 1..60)) {
        let mut now = Instant::now();
        let mut schedule = schedule();
        let mut alive: BTreeMap<Seat, (Instant, Pace)> = BTreeMap::new();
        let mut next_key = 0;
        for step in steps {
            match step {
                Step::Insert(interval, timeout) => {
                    let timeout = timeout.map(|timeout| timeout.max(interval + 1));
                    let key = TaskKey(next_key);
                    next_key += 1;
                    let seat = schedule.insert(key, (), pace(interval, timeout), now);
                    alive.insert(seat, (now, pace(interval, timeout)));
                }
                Step::Remove(index) => {
                    if let Some(&seat) = alive.keys().nth(index) {
                        alive.remove(&seat);
                        schedule.remove(seat);
                    }
                }
                Step::Hold(index, held) => {
                    if let Some(&seat) = alive.keys().nth(index) {
                        if held {
                            schedule.hold(seat);
                        } else {
                            schedule.release(seat, now);
                        }
                    }
                }
                Step::Wait(wait) => {
                    let end = now + millis(wait);
                    while let Some(wake) = schedule.next_wake().filter(|wake| *wake <= end) {
                        now = now.max(wake);
                        for (seat, due) in schedule.due(now) {
                            prop_assert!(matches!(due, Due::Beat { .. }), "{seat:?}: {due:?}");
                            let (last, pace) = alive.get_mut(&seat).expect("a task that left beats");
                            prop_assert!(now - *last >= pace.interval(), "too soon");
                            if let Some(timeout) = pace.timeout() {
                                prop_assert!(now - *last < timeout, "too late");
                            }
                            *last = now;
                            schedule.answered(seat, Beaten::Accepted, now);
                        }
                    }
                    now = end;
                }
            }
        }
    }
}

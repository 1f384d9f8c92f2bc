use proptest::prelude::*;

use super::*;

fn plan(task_lists: usize, polls_each: usize) -> PollPlan {
    let backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(10));
    PollPlan::new(task_lists, polls_each, backoff, fastrand::Rng::with_seed(3))
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[test]
fn an_empty_poll_that_was_held_is_followed_at_once() {
    let start = Instant::now();
    let mut plan = plan(1, 1);
    plan.started(0);
    let later = start + Duration::from_secs(60);
    plan.ended(0, Polled::Empty, start, later);
    assert!(plan.next(later).is_some());
}

#[test]
fn an_empty_poll_that_came_back_at_once_is_not_spun_on() {
    let start = Instant::now();
    let mut plan = plan(1, 1);
    plan.started(0);
    plan.ended(0, Polled::Empty, start, start);
    assert_eq!(plan.next(start + millis(199)), None);
    assert_eq!(plan.next_wake(start), Some(start + millis(200)));
    assert!(plan.next(start + millis(200)).is_some());
}

#[test]
fn a_task_is_followed_by_the_next_poll_at_once() {
    let start = Instant::now();
    let mut plan = plan(1, 1);
    plan.started(0);
    plan.ended(0, Polled::Task, start, start);
    assert!(plan.next(start).is_some());
}

#[test]
fn errors_back_off_further_and_further_until_a_poll_succeeds() {
    let mut now = Instant::now();
    let mut plan = plan(1, 1);
    let mut waits = Vec::new();
    for _ in 0..5 {
        plan.started(0);
        plan.ended(0, Polled::Failed(ServiceErrorKind::Throttled), now, now);
        assert_eq!(plan.next(now), None);
        let until = plan.next_wake(now).unwrap();
        waits.push(until - now);
        now = until;
    }
    assert!(waits[4] > waits[0] * 4, "{waits:?}");
    plan.started(0);
    plan.ended(0, Polled::Task, now, now);
    plan.started(0);
    plan.ended(0, Polled::Failed(ServiceErrorKind::Unavailable), now, now);
    assert!(plan.next_wake(now).unwrap() - now <= millis(100));
}

#[test]
fn polls_that_fail_together_back_off_once() {
    let now = Instant::now();
    let mut plan = plan(1, 4);
    for _ in 0..4 {
        plan.started(0);
    }
    let waits = [0; 4].map(|_| {
        let throttled = Polled::Failed(ServiceErrorKind::Throttled);
        let Meaning::Failed { wait, together } = plan.ended(0, throttled, now, now) else {
            panic!("it failed");
        };
        (wait, together)
    });
    let wait = plan.next_wake(now).unwrap() - now;
    assert!(wait <= millis(100));
    assert_eq!(
        waits,
        [false, true, true, true].map(|together| (wait, together))
    );
}

#[test]
fn a_refusal_is_a_mistake_in_the_settings_only_before_the_first_success() {
    let now = Instant::now();
    let mut plan = plan(1, 1);
    plan.started(0);
    let unavailable = Polled::Failed(ServiceErrorKind::Unavailable);
    let refused = Polled::Failed(ServiceErrorKind::NotPermitted);
    assert!(failed_first(plan.ended(0, unavailable, now, now)));
    plan.started(0);
    assert_eq!(plan.ended(0, refused, now, now), Meaning::Refused);
    plan.started(0);
    plan.ended(0, Polled::Empty, now, now);
    plan.started(0);
    assert!(failed_first(plan.ended(0, refused, now, now)));
}

/// Whether a poll failed, and not together with another.
fn failed_first(meaning: Meaning) -> bool {
    matches!(
        meaning,
        Meaning::Failed {
            together: false,
            ..
        }
    )
}

#[test]
fn the_end_of_an_outage_is_told_once_and_how_long_it_was() {
    let start = Instant::now();
    let mut plan = plan(1, 1);
    let throttled = Polled::Failed(ServiceErrorKind::Throttled);
    let after = Duration::from_secs(2);
    let ends = [
        (Polled::Empty, Some(Meaning::Polled)),
        (throttled, None),
        (throttled, None),
        (Polled::Empty, Some(Meaning::PolledAgain { after })),
        (Polled::Task, Some(Meaning::Polled)),
    ];
    for (at, (polled, meaning)) in (0..).zip(ends) {
        let now = start + Duration::from_secs(at);
        plan.started(0);
        let ended = plan.ended(0, polled, now, now);
        match meaning {
            Some(meaning) => assert_eq!(ended, meaning),
            None => assert!(failed_first(ended), "{ended:?}"),
        }
    }
}

#[test]
fn a_second_poll_of_a_list_leaves_a_slot_for_each_list_that_nobody_polls() {
    let now = Instant::now();
    let mut plan = plan(3, 2);
    assert_eq!(
        plan.next(now),
        Some(NextPoll {
            list: 0,
            free_slots: 1
        })
    );
    plan.started(0);
    plan.started(1);
    plan.started(2);
    assert_eq!(
        plan.next(now),
        Some(NextPoll {
            list: 0,
            free_slots: 1
        })
    );
    plan.ended(1, Polled::Failed(ServiceErrorKind::Throttled), now, now);
    assert_eq!(
        plan.next(now),
        Some(NextPoll {
            list: 0,
            free_slots: 2
        })
    );
}

proptest! {
    #[test]
    fn polls_of_a_list_never_exceed_its_number(
        ends in prop::collection::vec((0_usize..3, 0_u8..3, 0_u64..500), 0..200)
    ) {
        let mut now = Instant::now();
        let mut plan = plan(3, 2);
        let mut polls = [0_usize; 3];
        for (list, end, wait) in ends {
            while let Some(next) = plan.next(now) {
                plan.started(next.list);
                polls[next.list] += 1;
                prop_assert!(polls[next.list] <= 2);
            }
            prop_assert_eq!(plan.under_way(), polls.iter().sum::<usize>());
            if polls[list] > 0 {
                let polled = [Polled::Task, Polled::Empty, Polled::Failed(ServiceErrorKind::Throttled)];
                polls[list] -= 1;
                plan.ended(list, polled[usize::from(end)], now, now);
            }
            now += millis(wait);
        }
    }
}

#[test]
fn a_list_that_is_closed_is_not_polled_and_takes_no_slot() {
    let mut plan = plan(2, 2);
    let now = Instant::now();
    plan.set_closed(1, true);
    for free_slots in [1, 1] {
        let next = plan.next(now).unwrap();
        assert_eq!((next.list, next.free_slots), (0, free_slots));
        plan.started(0);
    }
    assert_eq!(plan.next(now), None);
    plan.set_closed(1, false);
    assert_eq!(plan.next(now).map(|next| next.list), Some(1));
}

use proptest::prelude::*;

use super::super::{HEARTBEATS, HEARTBEATS_OF_AN_EXECUTION, POLLS, RESPONSES};
use super::*;

pub(crate) fn question(groups: &[(u64, u64)]) -> Question {
    let quota = |operation, rate| Quota {
        operation,
        of: operation,
        rate,
    };
    let group = |(activities, timeout): &(u64, u64)| Group {
        name: None,
        activities: *activities,
        timeout: Duration::from_secs(*timeout),
    };
    Question {
        groups: groups.iter().map(group).collect(),
        duration: None,
        slots: 100,
        in_one_execution: None,
        margin: 0.1,
        heartbeats: quota("heartbeat", HEARTBEATS),
        of_an_execution: quota("of an execution", HEARTBEATS_OF_AN_EXECUTION),
        polls: quota("poll", POLLS),
        once_a_task: vec![quota("respond", RESPONSES)],
    }
}

#[test]
fn fifty_thousand_of_six_minutes_fit_and_are_stretched() {
    let plan = Plan::of(&question(&[(50_000, 360)]));
    assert_eq!(plan.verdict, Verdict::Fits);
    assert_eq!(
        plan.heartbeats.intervals,
        [Some(Duration::from_millis(312_500))]
    );
    assert_eq!(plan.quota_of_normal_intervals, 926);
    assert_eq!(
        (plan.workers, plan.idle_polls, plan.task_lists),
        (500, 1_000, 1)
    );
    assert!((plan.rate_of_a_worker - 0.32).abs() < 1e-9);
    assert_eq!(plan.activities_that_fit, 51_840);
    assert!(!plan.can_learn);
}

#[test]
fn what_does_not_fit_says_what_would() {
    let plan = Plan::of(&question(&[(50_000, 90)]));
    assert_eq!(plan.verdict, Verdict::LetsGo);
    assert_eq!(plan.heartbeats.lost(), 50_000 - 14_399);
    assert_eq!(plan.quotas[0].smallest_quota, 618);
    assert_eq!(plan.timeouts_that_fit, [Duration::from_secs(348)]);
    assert_eq!(plan.activities_that_fit, 12_960);
}

#[test]
fn the_steps_from_roomy_to_lost() {
    for (activities, verdict) in [
        (1_440, Verdict::Fits),
        (1_441, Verdict::Tight),
        (1_520, Verdict::Tight),
        (1_521, Verdict::TooTight),
        (1_599, Verdict::TooTight),
        (1_600, Verdict::LetsGo),
    ] {
        let plan = Plan::of(&question(&[(activities, 10)]));
        assert_eq!(plan.verdict, verdict, "{activities}");
    }
}

#[test]
fn workers_may_learn_where_it_is_known_to_keep_every_task() {
    let learns = |activities, timeout, slots| {
        let asked = question(&[(activities, timeout)]);
        Plan::of(&Question { slots, ..asked }).can_learn
    };
    assert!(learns(49_500, 344, 1_000));
    assert!(!learns(50_000, 344, 1_000), "less than a tenth is to spare");
    assert!(!learns(1_400, 10, 29), "timeouts are short against a share");
}

#[test]
fn short_activities_run_out_of_other_quotas() {
    let mut short = question(&[(5_000, 60)]);
    short.duration = Some(Duration::from_secs(10));
    let plan = Plan::of(&short);
    assert_eq!(plan.verdict, Verdict::OtherQuota);
    let respond = plan.quotas.iter().find(|it| it.operation == "respond");
    let respond = respond.unwrap();
    assert_eq!((respond.needed, respond.smallest_quota), (500.0, 556));
}

#[test]
fn polls_of_idle_workers_count_whether_or_not_it_is_known_how_long_tasks_last() {
    let asked = question(&[(25_000, 360)]);
    let plan = Plan::of(&Question { slots: 1, ..asked });
    assert_eq!((plan.workers, plan.idle_polls), (25_000, 25_000));
    let polls = plan.quotas.iter().find(|it| it.operation == "poll");
    assert!((polls.unwrap().needed - 416.7).abs() < 0.1);
    assert_eq!(plan.verdict, Verdict::OtherQuota);
}

#[test]
fn activities_that_end_before_their_first_heartbeat_need_none_unless_others_send_some() {
    let mut short = question(&[(300, 10), (5, 3)]);
    short.duration = Some(Duration::from_secs(2));
    let plan = Plan::of(&short);
    assert_eq!(plan.silent, [true, false]);
    let need = 300.0 / 10.0 + 5.0 / 3.0;
    let kept_for = "a budget keeps calls for who will send none";
    assert!((plan.heartbeats.need - need).abs() < 1e-9, "{kept_for}");
    assert_eq!(plan.heartbeats.intervals[0], None);
    assert!(plan.heartbeats.intervals[1].is_some());
    short.duration = Some(Duration::from_secs(3));
    assert!(Plan::of(&short).heartbeats.need > 30.0, "some send one");
    short.duration = Some(Duration::from_millis(100));
    let plan = Plan::of(&short);
    assert!(!plan.beats());
    assert_eq!((plan.heartbeats.lost(), plan.cancellation()), (0, None));
}

#[test]
fn what_a_worker_gets_must_carry_its_part() {
    let groups = [(1_000, 10), (4_000, 180), (10_000, 600)];
    let of = |slots| {
        let asked = question(&groups);
        Plan::of(&Question { slots, ..asked })
    };
    let small = of(30);
    assert_eq!((small.workers, small.verdict), (500, Verdict::SmallShares));
    assert!(!small.verdict.keeps_every_task() && !small.fits());
    let slots = small.slots_that_share.unwrap();
    assert!(slots > 30);
    let enough = of(slots);
    assert_eq!(
        (enough.verdict, enough.slots_that_share),
        (Verdict::Fits, None)
    );
    let one = of(15_000);
    assert_eq!((one.workers, one.verdict), (1, Verdict::Fits));
}

#[test]
fn one_execution_has_a_quota_of_its_own() {
    let mut one = question(&[(1_000, 1), (10, 60)]);
    one.heartbeats.rate = 10_000.0;
    one.in_one_execution = Some(1_000);
    let plan = Plan::of(&one);
    assert_eq!(plan.verdict, Verdict::OtherQuota);
    let calls = plan.quotas.last().unwrap().needed;
    assert!((calls - 3_333.3).abs() < 0.1, "{calls}");
    one.in_one_execution = Some(1_001);
    assert!(!Plan::of(&one).executions.unwrap().fits);
}

proptest! {
    /// Each way out that is named is one.
    #[test]
    fn what_is_advised_fits(
        groups in prop::collection::vec((1_u64..100_000, 1_u64..40_000), 1..6),
        margin in 0.05..0.5_f64,
    ) {
        let mut asked = question(&groups);
        asked.margin = margin;
        // One worker has all of the quota.
        asked.slots = 1_000_000;
        let plan = Plan::of(&asked);

        let mut raised = asked.clone();
        raised.heartbeats.rate = plan.quotas[0].smallest_quota as f64;
        prop_assert!(Plan::of(&raised).fits());

        raised.heartbeats.rate = plan.quota_of_normal_intervals as f64;
        let normal = Plan::of(&raised).heartbeats.intervals;
        let expected: Vec<_> = asked.groups.iter().map(|group| Some(group.interval())).collect();
        prop_assert_eq!(normal, expected);

        let mut longer = asked.clone();
        for (group, timeout) in longer.groups.iter_mut().zip(&plan.timeouts_that_fit) {
            group.timeout = *timeout;
        }
        prop_assert!(Plan::of(&longer).fits());
        prop_assert!(plan.verdict.keeps_every_task() || !plan.fits());
    }

    #[test]
    fn as_many_as_are_said_to_fit_do(activities in 1_u64..1_000_000, timeout in 1_u64..40_000) {
        let of = |activities| {
            let asked = question(&[(activities, timeout)]);
            Plan::of(&Question { slots: 10_000, ..asked })
        };
        let most = of(activities).activities_that_fit;
        if most > 0 {
            prop_assert!(of(most).fits());
        }
        prop_assert!(!of(most + 1).fits());
    }
}

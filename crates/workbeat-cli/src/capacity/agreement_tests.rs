//! The plan says of a worker what a worker does.

use std::time::Duration;

use tokio_util::task::AbortOnDropHandle;
use workbeat::prelude::*;
use workbeat::{HeartbeatBudget, HeartbeatBudgetStatus};
use workbeat_local::{ActivityOutcome, LocalService, StartActivity};

use super::plan::tests::question;
use super::{Group, Heartbeats, Plan, Question};

const RATE: f64 = 2.0;

/// How long an activity lasts that ends before its first heartbeat.
const BRIEF: Duration = Duration::from_secs(5);

async fn brief() -> Result<(), ActivityError> {
    tokio::time::sleep(BRIEF).await;
    Ok(())
}

async fn forever() -> Result<(), ActivityError> {
    std::future::pending().await
}

/// Whether a worker would send, stretch and let go as planned. It rounds timeouts and intervals to a
/// 128th, and counts off each timeout what calls take; those let go are not in its demand.
fn agrees(status: &HeartbeatBudgetStatus, planned: &Heartbeats) -> bool {
    if planned.lost() > 0 {
        return status.let_go as u64 == planned.lost();
    }
    let stretch = status.stretch.unwrap_or(0.0);
    (status.demand / planned.demand - 1.0).abs() < 0.01
        && (stretch - planned.stretch).abs() < 0.05
        && (stretch > 0.0) == (planned.stretch > 0.0)
        && status.let_go == 0
}

/// Gives a worker these activities, under a rate of two calls a second, and waits until it does as planned.
async fn worker_does(groups: &[Group], planned: &Heartbeats) {
    let service = LocalService::new();
    let worker = Worker::builder(service.clone())
        .task_list("any")
        .slots(100)
        .activity_fn("forever", "1.0", forever)
        .heartbeat_budget(HeartbeatBudget::new(RATE))
        .build()
        .unwrap();
    let handle = worker.handle();
    let _running = AbortOnDropHandle::new(tokio::spawn(worker.run()));
    assert!(handle.ready().await);
    for group in groups {
        for _ in 0..group.activities {
            let activity = StartActivity::new("forever", "1.0").task_list("any");
            let activity = activity.heartbeat_timeout(group.timeout);
            service.start(activity).unwrap();
        }
    }
    // It asks for the timeouts once a task runs.
    let agreeing = async {
        while !agrees(&handle.status().heartbeats, planned) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let agreed = tokio::time::timeout(Duration::from_secs(5), agreeing).await;
    let status = handle.status().heartbeats;
    assert!(agreed.is_ok(), "{planned:?} is planned: {status:?}");
}

fn groups(said: &[(u64, u64)]) -> Vec<Group> {
    let group = |(activities, timeout): &(u64, u64)| Group {
        name: None,
        activities: *activities,
        timeout: Duration::from_secs(*timeout),
    };
    said.iter().map(group).collect()
}

#[tokio::test(start_paused = true)]
async fn intervals_stretch_and_who_is_let_go_are_as_a_worker_has_them() {
    let cases: [&[(u64, u64)]; 6] = [
        &[(1, 2)],
        &[(3, 30)],
        &[(5, 600), (1, 7)],
        &[(15, 10)],
        &[(5, 10), (60, 200), (3, 3_600)],
        &[(25, 10), (10, 100)],
    ];
    for said in cases {
        let groups = groups(said);
        worker_does(&groups, &Heartbeats::of(&groups, RATE)).await;
    }
}

/// Many that are over before their first heartbeat, beside a few that are not: a budget that has no
/// calls for all of them lets the shortest timeouts go.
#[tokio::test(start_paused = true)]
async fn who_ends_before_the_first_heartbeat_has_a_place_in_the_budget() {
    let mut asked = question(&[(5, 3), (300, 60)]);
    asked.heartbeats.rate = 4.0;
    let plan = Plan::of(&Question {
        duration: Some(BRIEF),
        ..asked
    });
    assert_eq!(plan.heartbeats.let_go, [5, 0]);

    let service = LocalService::new();
    let worker = Worker::builder(service.clone())
        .task_list("any")
        .slots(1_000)
        .activity_fn("forever", "1.0", forever)
        .activity_fn("brief", "1.0", brief)
        .heartbeat_budget(HeartbeatBudget::new(4.0))
        .build()
        .unwrap();
    let handle = worker.handle();
    let _running = AbortOnDropHandle::new(tokio::spawn(worker.run()));
    assert!(handle.ready().await);
    let start = |name, timeout| {
        let activity = StartActivity::new(name, "1.0").task_list("any");
        let activity = activity.heartbeat_timeout(Duration::from_secs(timeout));
        service.start(activity).unwrap()
    };
    let long: Vec<_> = (0..5).map(|_| start("forever", 3)).collect();
    let more = async {
        loop {
            for _ in 0..60 {
                start("brief", 60);
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    let all = futures_util::future::join_all(long.iter().map(|activity| activity.outcome()));
    let outcomes = tokio::select! {
        outcomes = tokio::time::timeout(Duration::from_secs(60), all) => outcomes,
        () = more => unreachable!("it goes on"),
    };
    for outcome in outcomes.expect("they are lost") {
        assert!(
            matches!(outcome, ActivityOutcome::TimedOut { .. }),
            "{outcome}"
        );
    }
}

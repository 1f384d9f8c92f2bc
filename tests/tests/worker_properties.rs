//! The whole worker against the embedded service, with calls that go wrong at random: what
//! must always hold, does.

use std::time::Duration;

use proptest::prelude::*;
use tokio::runtime::Builder;
use tokio::time::sleep;
use workbeat::activity_fn;
use workbeat::prelude::*;
use workbeat::service::ServiceErrorKind;
use workbeat::worker::{DrainReport, OutcomeCounts};
use workbeat_local::engine::EventAttributes;
use workbeat_local::{ActivityHandle, ActivityOutcome};
use workbeat_tests::{Call, Events, Fault, Operation, Stage, eventually, run, start};

/// How an activity of a run behaves, and what happens to it. Times are in milliseconds.
#[derive(Clone, Debug)]
struct Plan {
    starts: u64,
    lasts: u64,
    ending: u8,
    listens: bool,
    heartbeat_timeout: Option<u64>,
    cancels: Option<u64>,
    terminates: Option<u64>,
}

/// What a run is like.
#[derive(Clone, Debug)]
struct Scene {
    activities: Vec<Plan>,
    slots: usize,
    limit: usize,
    /// Of a thousand calls, how many go wrong.
    faults: u64,
    seed: u64,
    drains: u64,
    drain_deadline: u64,
    keeps_polls: bool,
    stops: bool,
}

fn plan() -> impl Strategy<Value = Plan> {
    (
        0..20_000_u64,
        0..15_000_u64,
        0..5_u8,
        any::<bool>(),
        prop::option::of(500..10_000_u64),
        prop::option::weighted(0.3, 0..20_000_u64),
        prop::option::weighted(0.1, 0..20_000_u64),
    )
        .prop_map(
            |(starts, lasts, ending, listens, heartbeat_timeout, cancels, terminates)| Plan {
                starts,
                lasts,
                ending,
                listens,
                heartbeat_timeout,
                cancels,
                terminates,
            },
        )
}

fn scene() -> impl Strategy<Value = Scene> {
    (
        prop::collection::vec(plan(), 1..12),
        1..6_usize,
        1..4_usize,
        prop::sample::select(vec![0, 50, 200, 500]),
        any::<u64>(),
        0..40_000_u64,
        0..100_000_u64,
        any::<bool>(),
        prop::bool::weighted(0.1),
    )
        .prop_map(
            |(
                activities,
                slots,
                limit,
                faults,
                seed,
                drains,
                drain_deadline,
                keeps_polls,
                stops,
            )| {
                Scene {
                    activities,
                    slots,
                    limit,
                    faults,
                    seed,
                    drains,
                    drain_deadline,
                    keeps_polls,
                    stops,
                }
            },
        )
}

/// A small generator, so that a run is the same again (splitmix64).
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % sides
    }
}

fn fault(operation: Operation, dice: &mut Dice) -> Fault {
    let kind = match dice.throw(5) {
        0 => ServiceErrorKind::Throttled,
        1 => ServiceErrorKind::Unavailable,
        2 => ServiceErrorKind::LimitExceeded,
        3 if operation != Operation::Poll => ServiceErrorKind::NotPermitted,
        _ if operation != Operation::Poll => ServiceErrorKind::Invalid,
        _ => ServiceErrorKind::Throttled,
    };
    match dice.throw(8) {
        0 => Fault::Slow(Duration::from_millis(dice.throw(12_000))),
        1 => Fault::Panic,
        // A poll whose answer is lost loses its task, and no worker can know.
        2 if operation != Operation::Poll => Fault::LostAnswer,
        3 if operation != Operation::Poll => Fault::Hang,
        2 => Fault::Empty,
        _ => Fault::Error(kind),
    }
}

/// What came of a run.
struct Seen {
    report: DrainReport,
    activities: Vec<(Plan, ActivityHandle)>,
    stage: Stage,
}

async fn work(
    (lasts, ending, listens): (u64, u8, bool),
    ctx: ActivityContext,
) -> Result<u64, ActivityError> {
    ctx.report(lasts);
    let resting = sleep(Duration::from_millis(lasts));
    if listens {
        ctx.until_stopped(resting).await?;
    } else {
        resting.await;
    }
    match ending {
        0 => Err(ActivityError::failed("failed")),
        1 => Err(ActivityError::canceled("canceled")),
        2 => panic!("panicked"),
        _ => Ok(lasts),
    }
}

async fn play(scene: Scene) -> Seen {
    let mut stage = Stage::new();
    if scene.keeps_polls {
        stage.service = stage.service.keeps_polls();
    }
    for (n, operation) in (0..).zip([
        Operation::Poll,
        Operation::Heartbeat,
        Operation::Complete,
        Operation::Fail,
        Operation::Cancel,
        Operation::Timeouts,
    ]) {
        let mut dice = Dice(scene.seed.wrapping_add(n));
        let faults = scene.faults;
        stage.service.script(operation, move |_| {
            (dice.throw(1_000) < faults).then(|| fault(operation, &mut dice))
        });
    }
    let options = ActivityOptions::new().cancel_grace(Duration::from_secs(4));
    let worker = run(stage
        .worker()
        .slots(scene.slots)
        .max_concurrent_polls(3)
        .drain_deadline(Duration::from_millis(scene.drain_deadline))
        .activity(activity_fn("work", "1.0", work))
        .activity(activity_fn("limited", "1.0", work).with_options(options))
        .activity_limit("limited", "1.0", scene.limit));

    let mut directing = tokio::task::JoinSet::new();
    for (n, plan) in scene.activities.into_iter().enumerate() {
        let stage = stage.clone();
        directing.spawn(async move {
            sleep(Duration::from_millis(plan.starts)).await;
            let name = if n % 2 == 0 { "work" } else { "limited" };
            let input = (plan.lasts, plan.ending, plan.listens);
            let mut activity = start(name)
                .input(&input)
                .expect("it serializes")
                .activity_id(n.to_string());
            if let Some(timeout) = plan.heartbeat_timeout {
                activity = activity.heartbeat_timeout(Duration::from_millis(timeout));
            }
            let activity = stage.start(activity);
            let cancels = async {
                let Some(cancels) = plan.cancels else { return };
                sleep(Duration::from_millis(cancels)).await;
                // Late is late.
                let _ = activity.request_cancel();
            };
            let terminates = async {
                let Some(terminates) = plan.terminates else {
                    return;
                };
                sleep(Duration::from_millis(terminates)).await;
                let _ = activity.terminate_workflow("by the test");
            };
            futures_util::join!(cancels, terminates);
            (plan, activity)
        });
    }
    sleep(Duration::from_millis(scene.drains)).await;
    if scene.stops {
        worker.handle.stop();
    }
    let report = worker.drain().await;
    let activities = directing.join_all().await;
    Seen {
        report,
        activities,
        stage,
    }
}

fn was_started(activity: &ActivityHandle) -> bool {
    let history = activity.history();
    history
        .iter()
        .any(|event| matches!(event.attributes, EventAttributes::ActivityTaskStarted(_)))
}

fn check(seen: &Seen) -> Result<(), TestCaseError> {
    let Seen {
        report,
        activities,
        stage,
    } = seen;
    // Every started activity is answered for, closed by the service's word, or listed: once.
    let started = activities
        .iter()
        .filter(|(_, activity)| was_started(activity));
    let OutcomeCounts {
        completed,
        failed,
        canceled,
        closed,
        ..
    } = report.outcomes;
    let answered = completed + failed + canceled + closed;
    let listed = report.unanswered.len() as u64;
    prop_assert_eq!(answered + listed, started.count() as u64, "{}", report);
    prop_assert!(report.still_running.is_empty(), "{:?}", report);
    for (plan, activity) in activities {
        let is_listed = report
            .unanswered
            .iter()
            .any(|task| task.activity_id == activity.activity_id());
        let closed = activity.try_outcome();
        prop_assert!(
            closed.is_some() || is_listed || !was_started(activity),
            "{:?}",
            plan
        );
        // Nothing is canceled that nobody wanted canceled.
        if let Some(ActivityOutcome::Canceled { requested, .. }) = closed {
            prop_assert!(requested, "{:?}", plan);
        }
    }
    let outcomes: Vec<Call> = [Operation::Complete, Operation::Fail, Operation::Cancel]
        .into_iter()
        .flat_map(|operation| stage.service.calls(operation))
        .filter(|call| call.accepted)
        .collect();
    let beats = stage.service.calls(Operation::Heartbeat);
    for outcome in &outcomes {
        let same = outcomes.iter().filter(|other| other.token == outcome.token);
        prop_assert_eq!(same.count(), 1, "at most one is accepted");
        let accepted = outcome.ended.expect("it was accepted");
        let late = beats
            .iter()
            .any(|beat| beat.token == outcome.token && beat.began > accepted);
        prop_assert!(!late, "a heartbeat after an accepted outcome");
    }
    prop_assert_eq!(outcomes.len() as u64, completed + failed + canceled);
    Ok(())
}

fn in_paused_time<T>(future: impl Future<Output = T>) -> T {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    runtime.expect("a runtime").block_on(future)
}

proptest! {
    #[test]
    fn whatever_goes_wrong_every_started_activity_is_answered_for_or_listed(scene in scene()) {
        // The panics are meant; their messages would fill the screen.
        let events = Events::capture();
        let seen = in_paused_time(async {
            let seen = play(scene).await;
            eventually("no task is remembered", || events.open_tasks() == 0).await;
            seen
        });
        check(&seen)?;
    }

    #[test]
    fn when_nothing_goes_wrong_and_there_is_time_the_report_is_clean(scene in scene()) {
        let mut scene = scene;
        scene.faults = 0;
        scene.stops = false;
        scene.drain_deadline = 1_000_000;
        let seen = in_paused_time(play(scene));
        prop_assert!(seen.report.is_clean(), "{}", seen.report);
        check(&seen)?;
    }
}

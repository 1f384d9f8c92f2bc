//! One worker that takes tasks from two services, with one set of slots and one scheduler of
//! heartbeats.

use std::sync::{Arc, Mutex};

use tokio::time::{Instant, sleep};
use tracing::Level;
use workbeat::prelude::*;
use workbeat::service::ServiceErrorKind;
use workbeat::worker::{BuildError, RunErrorKind, TaskSource, WorkerBuilder, WorkerState};
use workbeat::{HeartbeatBudget, StopReason, activity_fn};
use workbeat_sfn::SfnService;
use workbeat_tests::{
    Ended, Events, Fault, LIST, Operation, Stage, States, SwfStage, TaskEnded, eventually,
    eventually_some, forever, rest, run, said, scheduled, seconds, start,
};

/// A worker on both, which polls the same task list of each.
fn both(one: &Stage, two: &Stage) -> WorkerBuilder {
    one.worker()
        .source(TaskSource::new(two.service.clone()).task_list(LIST))
}

/// What a service that is down answers: nothing, but to a poll that it is not there.
const DOWN: [(Operation, Fault); 4] = [
    (Operation::Poll, Fault::Error(ServiceErrorKind::Unavailable)),
    (Operation::Heartbeat, Fault::Hang),
    (Operation::Complete, Fault::Hang),
    (Operation::Fail, Fault::Hang),
];

#[tokio::test(start_paused = true)]
async fn tasks_of_both_run_and_each_is_answered_where_it_came_from() {
    let (one, two) = (Stage::new(), Stage::new());
    let echo = async |text: String| Ok::<_, ActivityError>(text);
    let worker = run(both(&one, &two).activity_fn("echo", "1.0", echo));
    let of = |stage: &Stage, text: &str| stage.start(start("echo").input(&text).expect("JSON"));
    let tasks = [of(&one, "one"), of(&two, "two"), of(&one, "three")];
    for (task, text) in tasks.iter().zip(["one", "two", "three"]) {
        assert_eq!(task.ended().await.result::<String>().unwrap(), text);
    }
    assert_eq!(one.service.count(Operation::Complete), 2);
    assert_eq!(two.service.count(Operation::Complete), 1);
    for stage in [&one, &two] {
        assert_eq!(stage.service.count(Operation::Register), 1);
    }
    let report = worker.drain().await;
    assert!(report.is_clean());
    assert_eq!(report.outcomes.completed, 3);
}

#[tokio::test(start_paused = true)]
async fn slots_are_shared_and_never_exceeded() {
    let (one, two) = (Stage::new(), Stage::new());
    let running = Arc::new(Mutex::new((0_usize, 0_usize)));
    let counted = Arc::clone(&running);
    let count = activity_fn("count", "1.0", move || {
        let counted = Arc::clone(&counted);
        async move {
            {
                let mut running = counted.lock().unwrap();
                running.0 += 1;
                running.1 = running.1.max(running.0);
            }
            sleep(seconds(1)).await;
            counted.lock().unwrap().0 -= 1;
            Ok::<_, ActivityError>(())
        }
    });
    let worker = run(both(&one, &two).slots(3).activity(count));
    let tasks: Vec<_> = (0..20)
        .map(|at| if at % 2 == 0 { &one } else { &two })
        .map(|stage| stage.start(start("count")))
        .collect();
    for task in &tasks {
        task.ended().await;
        let status = worker.handle.status();
        assert!(status.slots_held <= 3, "{status:?}");
    }
    assert_eq!(running.lock().unwrap().1, 3);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_down_holds_up_no_poll_no_heartbeat_and_no_answer_of_the_other() {
    let (one, two) = (Stage::new(), Stage::new());
    let events = Events::capture();
    let options = ActivityOptions::new().heartbeat_timeout(seconds(30));
    let long = activity_fn("long", "1.0", async || rest(600).await).with_options(options);
    let worker = run(both(&one, &two)
        .activity(long)
        .activity_fn("rest", "1.0", async || rest(1).await));
    // Each has a task when the first goes down.
    let (lost, kept) = (one.start(start("long")), two.start(start("long")));
    worker.holds(2).await;
    for (operation, fault) in DOWN {
        one.service.always(operation, fault);
    }
    for _ in 0..20 {
        let began = Instant::now();
        let ended = two.start(start("rest")).ended().await;
        assert_eq!(ended.result::<String>().unwrap(), "rested");
        assert!(began.elapsed() < seconds(2), "{:?}", began.elapsed());
    }
    assert_eq!(kept.ended().await.result::<String>().unwrap(), "rested");
    assert_eq!(events.count(Level::WARN, "no heartbeat was accepted"), 1);
    // When it is back it is polled again, and told of what is done.
    for (operation, _) in DOWN {
        one.service.mend(operation);
    }
    let ended = one.start(start("rest")).ended().await;
    assert_eq!(ended.result::<String>().unwrap(), "rested");
    let report = worker.drain().await;
    assert!(report.is_clean(), "{report}");
    drop(lost);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_down_at_the_start_is_served_when_it_is_back() {
    let (one, two) = (Stage::new(), Stage::new());
    let unavailable = Fault::Error(ServiceErrorKind::Unavailable);
    one.service.always(Operation::Register, unavailable);
    let worker = run(both(&one, &two).activity_fn("rest", "1.0", async || rest(1).await));
    assert!(worker.handle.ready().await);
    two.start(start("rest")).ended().await;
    let polled = || {
        let services = worker.handle.status().services;
        let polled = services.iter().map(|service| service.is_polled);
        polled.collect::<Vec<_>>()
    };
    assert_eq!(polled(), [false, true]);
    assert_eq!(one.service.count(Operation::Poll), 0);
    one.service.mend(Operation::Register);
    eventually("the first is polled too", || polled() == [true, true]).await;
    one.start(start("rest")).ended().await;
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn a_drain_ends_though_a_service_was_never_there() {
    let (one, two) = (Stage::new(), Stage::new());
    one.service.always(Operation::Register, Fault::Hang);
    let worker = run(both(&one, &two).activity_fn("rest", "1.0", async || rest(1).await));
    assert!(worker.handle.ready().await);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn a_drain_waits_for_the_tasks_of_both() {
    let (one, two) = (Stage::new(), Stage::new());
    let worker = run(both(&one, &two).activity_fn("rest", "1.0", async || rest(20).await));
    let tasks = [one.start(start("rest")), two.start(start("rest"))];
    worker.holds(2).await;
    let report = worker.drain().await;
    assert!(report.is_clean());
    assert_eq!(report.outcomes.completed, 2);
    for task in tasks {
        task.ended().await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_word_of_one_service_that_a_task_is_closed_stops_that_task_alone() {
    let (one, two) = (Stage::new(), Stage::new());
    let stopped: Arc<Mutex<Vec<StopReason>>> = Arc::default();
    let seen = Arc::clone(&stopped);
    let linger = activity_fn("linger", "1.0", move |ctx: ActivityContext| {
        let seen = Arc::clone(&seen);
        async move {
            let reason = ctx.stopped().await;
            seen.lock().unwrap().push(reason);
            Err::<(), _>(ActivityError::canceled("gave up"))
        }
    });
    let options = ActivityOptions::new().heartbeat_interval(seconds(1));
    let worker = run(both(&one, &two).activity(linger.with_options(options)));
    let (open, _closed) = (one.start(start("linger")), two.start(start("linger")));
    worker.holds(2).await;
    let closed = Fault::Error(ServiceErrorKind::TaskClosed);
    two.service.always(Operation::Heartbeat, closed);
    worker.holds(1).await;
    assert_eq!(*stopped.lock().unwrap(), [StopReason::TaskClosed]);
    for outcome in [Operation::Complete, Operation::Fail, Operation::Cancel] {
        assert_eq!(two.service.count(outcome), 0, "nobody waits for it");
    }
    open.request_cancel().expect("it is open");
    assert_eq!(open.ended().await.details(), Some("gave up"));
    let report = worker.drain().await;
    assert_eq!((report.outcomes.canceled, report.outcomes.closed), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn each_service_has_a_budget_of_its_own() {
    let (one, two) = (Stage::new(), Stage::new());
    let budgets = [HeartbeatBudget::new(1.0), HeartbeatBudget::new(100.0)];
    let options = ActivityOptions::new().heartbeat_timeout(seconds(90));
    let long = activity_fn("long", "1.0", async || rest(600).await).with_options(options);
    let source = TaskSource::new(two.service.clone())
        .task_list(LIST)
        .heartbeat_budget(budgets[1].clone());
    let worker = one.worker().heartbeat_budget(budgets[0].clone());
    let worker = run(worker
        .source(source)
        .max_concurrent_polls(10)
        .activity(long));
    let tasks: Vec<_> = (0..60)
        .map(|at| if at < 40 { &one } else { &two })
        .map(|stage| stage.start(start("long")))
        .collect();
    worker.holds(60).await;
    let status = worker.handle.status();
    let services = &status.services;
    assert_eq!(services[0].heartbeats.tasks, 40);
    assert_eq!(services[1].heartbeats.tasks, 20);
    assert_eq!(services[0].heartbeats.rate, Some(1.0));
    sleep(seconds(300)).await;
    let first = one.service.count(Operation::Heartbeat);
    let second = two.service.count(Operation::Heartbeat);
    assert!(
        first <= 305,
        "{first} in 300 s, of a budget of one a second"
    );
    assert!(
        second > 150,
        "{second}: those of the other are not stretched"
    );
    for task in &tasks {
        assert_eq!(task.ended().await.result::<String>().unwrap(), "rested");
    }
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn a_mistake_in_the_settings_of_either_ends_the_run() {
    let (one, two) = (Stage::new(), Stage::new());
    let denied = Fault::Error(ServiceErrorKind::NotPermitted);
    two.service.always(Operation::Poll, denied.clone());
    let worker = run(both(&one, &two).activity_fn("forever", "1.0", forever));
    let error = worker.run.await.unwrap().unwrap_err();
    assert!(matches!(error.kind(), RunErrorKind::Poll { .. }), "{error}");
    two.service.mend(Operation::Poll);
    two.service.always(Operation::Register, denied);
    let worker = run(both(&one, &two).activity_fn("forever", "1.0", forever));
    let error = worker.run.await.unwrap().unwrap_err();
    assert!(
        matches!(error.kind(), RunErrorKind::Registration(_)),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_service_that_refuses_late_ends_no_run_of_a_worker_that_runs_on_another() {
    let events = Events::capture();
    let (one, two) = (Stage::new(), Stage::new());
    let unavailable = Fault::Error(ServiceErrorKind::Unavailable);
    one.service.always(Operation::Register, unavailable);
    let worker = run(both(&one, &two).activity_fn("rest", "1.0", async || rest(1).await));
    assert!(worker.handle.ready().await);
    sleep(seconds(2 * 3_600)).await;
    let denied = Fault::Error(ServiceErrorKind::NotPermitted);
    one.service.always(Operation::Register, denied);
    let said = "the service refused an activity type and is not polled";
    eventually("the refusal is told", || {
        events.count(Level::ERROR, said) == 1
    })
    .await;
    assert_eq!(events.count(Level::ERROR, "\"service\""), 1);
    two.start(start("rest")).ended().await;
    let services = worker.handle.status().services;
    assert_eq!(
        (services[0].is_polled, services[1].is_polled),
        (false, true)
    );
    assert_eq!(one.service.count(Operation::Poll), 0);
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn a_task_list_that_is_refused_late_is_tried_again_while_another_is_polled() {
    let events = Events::capture();
    let (one, two) = (Stage::new(), Stage::new());
    let unavailable = Fault::Error(ServiceErrorKind::Unavailable);
    one.service.always(Operation::Poll, unavailable);
    let worker = run(both(&one, &two).activity_fn("rest", "1.0", async || rest(1).await));
    two.start(start("rest")).ended().await;
    sleep(seconds(2 * 3_600)).await;
    let denied = Fault::Error(ServiceErrorKind::NotPermitted);
    one.service.always(Operation::Poll, denied);
    sleep(seconds(600)).await;
    assert_eq!(events.count(Level::ERROR, "the task list is refused"), 1);
    two.start(start("rest")).ended().await;
    one.service.mend(Operation::Poll);
    one.start(start("rest")).ended().await;
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn a_late_refusal_ends_the_run_where_nothing_else_works() {
    let (one, two) = (Stage::new(), Stage::new());
    let unavailable = || Fault::Error(ServiceErrorKind::Unavailable);
    let denied = || Fault::Error(ServiceErrorKind::NotPermitted);
    for operation in [Operation::Register, Operation::Poll] {
        for stage in [&one, &two] {
            stage.service.always(operation, unavailable());
        }
        let worker = run(both(&one, &two).activity_fn("forever", "1.0", forever));
        sleep(seconds(2 * 3_600)).await;
        assert_ne!(worker.handle.status().state, WorkerState::Ended);
        two.service.always(operation, denied());
        let error = worker.outcome().await.unwrap_err();
        assert_eq!(error.service(), Some("service 2"), "{error}");
        one.service.mend(operation);
        two.service.mend(operation);
    }
}

#[test]
fn a_source_is_set_right_or_the_build_says_why() {
    let stage = Stage::new();
    let build = |source: TaskSource| {
        let worker = stage.worker().slots(2).source(source);
        worker.activity_fn("forever", "1.0", forever).build()
    };
    let source = || TaskSource::new(stage.service.clone());
    assert!(build(source().task_list("a")).is_ok());
    let nothing = build(source()).unwrap_err();
    assert_eq!(
        nothing.to_string(),
        "no task list of `service 2` to poll; add one to its source with `TaskSource::task_list`"
    );
    let first = Worker::builder(stage.service.clone()).source(source().task_list("a"));
    let first = first.activity_fn("forever", "1.0", forever).build();
    assert_eq!(first.unwrap_err(), BuildError::NoTaskList);
    let too_few = build(source().task_list("a").task_list("b"));
    let (slots, task_lists) = (2, 3);
    assert_eq!(
        too_few.unwrap_err(),
        BuildError::TooFewSlots { slots, task_lists }
    );
    let named = build(source().task_list("a:b")).unwrap_err();
    assert!(matches!(named, BuildError::InvalidName { .. }), "{named}");
    let rate = build(
        source()
            .task_list("a")
            .heartbeat_budget(HeartbeatBudget::new(0.0)),
    );
    let first = stage
        .worker()
        .activity_fn("forever", "1.0", forever)
        .heartbeat_budget(HeartbeatBudget::new(0.0))
        .build();
    let rate = rate.unwrap_err();
    assert_eq!(rate, BuildError::HeartbeatRate("0.0".to_owned()));
    assert_eq!(rate, first.unwrap_err());
}

#[tokio::test(start_paused = true)]
async fn status_and_warnings_say_which_service() {
    let events = Events::capture();
    let (one, two) = (Stage::new(), Stage::new());
    let worker = run(both(&one, &two)
        .activity_fn("forever", "1.0", forever)
        .activity_fn("rest", "1.0", async || rest(1).await));
    for stage in [&two, &one] {
        stage.start(start("rest")).ended().await;
        worker.holds(0).await;
    }
    let recent = worker.handle.status().recent;
    let services: Vec<_> = recent.iter().map(|of| of.service.as_deref()).collect();
    assert_eq!(services, [Some("service"), Some("service 2")]);
    let task = two.start(start("forever"));
    let running = worker.holds(1).await;
    assert_eq!(running[0].service.as_deref(), Some("service 2"));
    let status = worker.handle.status();
    let names: Vec<_> = status.services.iter().map(|of| of.name.as_str()).collect();
    assert_eq!(names, ["service", "service 2"]);
    assert_eq!(status.services[1].task_lists, [LIST]);
    let unavailable = Fault::Error(ServiceErrorKind::Unavailable);
    two.service.next(Operation::Poll, 1, unavailable);
    eventually("a failed poll is said", || {
        events.count(Level::WARN, "service 2") > 0
    })
    .await;
    worker.handle.stop();
    drop(task);
}

#[tokio::test(start_paused = true)]
async fn a_warning_that_heartbeats_are_let_go_says_of_which_service() {
    let events = Events::capture();
    let (one, two) = (Stage::new(), Stage::new());
    let options = ActivityOptions::new().heartbeat_timeout(seconds(10));
    let long = activity_fn("long", "1.0", forever).with_options(options);
    let worker = both(&one, &two).heartbeat_budget(HeartbeatBudget::new(1.0));
    let worker = run(worker.max_concurrent_polls(10).activity(long));
    let tasks: Vec<_> = (0..50).map(|_| one.start(start("long"))).collect();
    worker.holds(50).await;
    let said = || events.matching(Level::WARN, "than the budget has room for");
    eventually("tasks are let go", || !said().is_empty()).await;
    assert!(
        said()[0].text.contains("service=\"service\""),
        "{:?}",
        said()
    );
    worker.handle.stop();
    drop(tasks);
}

/// Amazon SWF's protocol and Step Functions', by their SDKs, in one worker.
#[tokio::test]
async fn amazon_swf_and_step_functions_side_by_side() {
    let (swf, states) = (SwfStage::new().await, States::start().await);
    let sfn = SfnService::builder(states.client()).create_activities();
    let double = async |number: u32| Ok::<_, ActivityError>(number * 2);
    let worker = swf
        .worker()
        .source(TaskSource::new(sfn.build()).task_list("double"))
        .activity_fn("double", "1.0", double);
    let worker = run(worker);
    assert!(worker.handle.ready().await);
    let token = states.schedule("double", "21");
    let flow = swf.schedule(scheduled("double").input("4")).await;
    assert_eq!(said(&flow.closed().await), "completed: 8");
    let ended = eventually_some("the state ends", || states.ended(&token)).await;
    assert_eq!(ended, TaskEnded::Succeeded("42".to_owned()));
    let services = worker.handle.status().services;
    let names: Vec<_> = services.iter().map(|of| of.name.as_str()).collect();
    assert_eq!(names, ["Amazon SWF", "AWS Step Functions"]);
    let report = worker.drain().await;
    assert!(report.is_clean());
    assert_eq!(report.outcomes.completed, 2);
}

//! Decisions: what they record, and why an activity is not scheduled.

use workbeat::service::ActivityType;
use workbeat_local::engine::{
    CompleteWorkflowExecution, DecisionFailure, FaultKind, RegisterActivityType, Resource,
    ScheduleActivityTask, ScheduleActivityTaskFailedCause as Cause, Settings,
    StartWorkflowExecution, WorkflowType,
};

use crate::kit::{DOMAIN, World, activity, attributes, decide, millis, pack};

#[test]
fn an_activity_is_scheduled_by_a_whole_decision_cycle() {
    let mut world = World::new();
    let workflow = world.start(activity("a"));
    assert_eq!(
        world.names(&workflow),
        [
            "WorkflowExecutionStarted",
            "DecisionTaskScheduled",
            "DecisionTaskStarted",
            "DecisionTaskCompleted",
            "ActivityTaskScheduled",
        ]
    );
    let scheduled = attributes!(world.last(&workflow), ActivityTaskScheduled);
    assert_eq!(scheduled.decision_task_completed_event_id, 4);
}

#[test]
fn a_second_decision_has_a_cycle_of_its_own() {
    let mut world = World::new();
    let workflow = world.start(activity("a"));
    let decided = world.decide("flow", vec![activity("b").into(), activity("c").into()]);
    assert_eq!(decided.decision_task_completed_event_id, 8);
    let events: Vec<_> = decided
        .outcomes
        .iter()
        .map(|outcome| outcome.event_id)
        .collect();
    assert_eq!(events, [9, 10]);
    assert_eq!(world.names(&workflow).len(), 10);
}

#[test]
fn the_events_of_one_decision_task_stand_before_the_starts_that_they_bring() {
    let mut world = World::new();
    world.park();
    let workflow = world.workflow("flow");
    world.decide("flow", vec![activity("a").into(), activity("b").into()]);
    let expected = [
        "ActivityTaskScheduled",
        "ActivityTaskScheduled",
        "ActivityTaskStarted",
    ];
    assert_eq!(world.names(&workflow)[4..], expected);
}

#[test]
fn the_defaults_of_the_type_are_filled_in_where_the_decision_does_not_say() {
    let mut world = World::new();
    world.ok(RegisterActivityType {
        domain: DOMAIN.into(),
        name: "scan".into(),
        version: "2".into(),
        default_task_list: Some("scans".into()),
        default_task_priority: Some(7),
        default_task_start_to_close_timeout: millis(1_000),
        default_task_heartbeat_timeout: millis(200),
        default_task_schedule_to_start_timeout: millis(3_000),
        default_task_schedule_to_close_timeout: millis(4_000),
        ..Default::default()
    });
    let scan = ScheduleActivityTask {
        heartbeat_timeout: millis(50),
        ..ScheduleActivityTask::new(ActivityType::new("scan", "2"), "a")
    };
    let workflow = world.start(scan);
    let scheduled = attributes!(world.last(&workflow), ActivityTaskScheduled);
    assert_eq!(&*scheduled.task_list, "scans");
    assert_eq!(scheduled.task_priority, Some(7));
    assert_eq!(scheduled.start_to_close_timeout, millis(1_000));
    assert_eq!(scheduled.schedule_to_start_timeout, millis(3_000));
    assert_eq!(scheduled.schedule_to_close_timeout, millis(4_000));
    assert_eq!(scheduled.heartbeat_timeout, millis(50));
}

#[test]
fn an_activity_that_cannot_be_scheduled_is_an_event_with_its_cause() {
    let mut world = World::new();
    let workflow = world.workflow("flow");
    let unknown = ScheduleActivityTask::new(ActivityType::new("pack", "2.0"), "a");
    let decided = world.decide("flow", vec![unknown.into()]);
    let cause = Cause::ActivityTypeDoesNotExist;
    assert_eq!(
        decided.outcomes[0].failure,
        Some(DecisionFailure::ScheduleActivityTask(cause))
    );
    let failed = attributes!(world.last(&workflow), ScheduleActivityTaskFailed);
    assert_eq!(failed.cause, cause);
    assert_eq!(failed.decision_task_completed_event_id, 4);
}

#[test]
fn every_default_that_is_missing_has_a_cause_of_its_own() {
    let mut world = World::new();
    world.ok(RegisterActivityType {
        domain: DOMAIN.into(),
        name: "bare".into(),
        version: "1".into(),
        ..Default::default()
    });
    world.workflow("flow");
    let bare = ScheduleActivityTask::new(ActivityType::new("bare", "1"), "a");
    let mut full = bare.clone();
    full.task_list = Some("files".into());
    full.schedule_to_close_timeout = millis(1);
    full.schedule_to_start_timeout = millis(1);
    full.start_to_close_timeout = millis(1);
    full.heartbeat_timeout = millis(1);
    type Drop = fn(&mut ScheduleActivityTask);
    let missing: [(Drop, Cause); 5] = [
        (|it| it.task_list = None, Cause::DefaultTaskListUndefined),
        (
            |it| it.heartbeat_timeout = None,
            Cause::DefaultHeartbeatTimeoutUndefined,
        ),
        (
            |it| it.start_to_close_timeout = None,
            Cause::DefaultStartToCloseTimeoutUndefined,
        ),
        (
            |it| it.schedule_to_start_timeout = None,
            Cause::DefaultScheduleToStartTimeoutUndefined,
        ),
        (
            |it| it.schedule_to_close_timeout = None,
            Cause::DefaultScheduleToCloseTimeoutUndefined,
        ),
    ];
    for (drop, cause) in missing {
        let mut decision = full.clone();
        drop(&mut decision);
        let decided = world.decide("flow", vec![decision.into()]);
        let failure = Some(DecisionFailure::ScheduleActivityTask(cause));
        assert_eq!(decided.outcomes[0].failure, failure);
    }
    assert_eq!(
        world.decide("flow", vec![full.into()]).outcomes[0].failure,
        None
    );
}

#[test]
fn lenient_settings_make_up_the_type_and_what_it_does_not_say() {
    let mut world = World::with(Settings::default().lenient_types(true));
    let unknown = ScheduleActivityTask::new(ActivityType::new("new", "1"), "a");
    let workflow = world.start(unknown);
    let scheduled = attributes!(world.last(&workflow), ActivityTaskScheduled);
    assert_eq!(&*scheduled.task_list, "default");
    assert_eq!(
        scheduled.heartbeat_timeout,
        Some(workbeat::service::Timeout::None)
    );
}

#[test]
fn an_activity_id_is_unique_among_the_open_activities_only() {
    let mut world = World::new();
    let workflow = world.start(activity("a"));
    let decided = world.decide("flow", vec![activity("a").into()]);
    let cause = Cause::ActivityIdAlreadyInUse;
    assert_eq!(
        decided.outcomes[0].failure,
        Some(DecisionFailure::ScheduleActivityTask(cause))
    );
    let token = world.take().token;
    world.complete(&token).unwrap();
    assert_eq!(
        world.decide("flow", vec![activity("a").into()]).outcomes[0].failure,
        None
    );
    assert_eq!(world.engine.open_activities(&workflow.run_id).len(), 1);
}

#[test]
fn completing_the_execution_must_be_the_last_decision() {
    let mut world = World::new();
    let workflow = world.workflow("flow");
    let complete = || {
        CompleteWorkflowExecution {
            result: Some("done".into()),
        }
        .into()
    };
    let fault = world.err(decide("flow", vec![complete(), activity("a").into()]));
    assert_eq!(fault.kind(), FaultKind::Validation);
    assert_eq!(
        world.names(&workflow).len(),
        2,
        "a refused request leaves no trace"
    );

    world.decide("flow", vec![activity("a").into(), complete()]);
    let completed = attributes!(world.last(&workflow), WorkflowExecutionCompleted);
    assert_eq!(completed.decision_task_completed_event_id, 4);
    assert_eq!(completed.result.unwrap().as_str(), "done");
    assert_eq!(world.engine.is_open(&workflow.run_id), Some(false));
    let fault = world.err(decide("flow", vec![]));
    assert_eq!(
        fault.kind(),
        FaultKind::UnknownResource(Resource::Execution)
    );
}

#[test]
fn a_workflow_id_is_unique_among_the_open_executions_only() {
    let mut world = World::new();
    let first = world.workflow("flow");
    let start = StartWorkflowExecution {
        domain: DOMAIN.into(),
        workflow_id: "flow".into(),
        workflow_type: WorkflowType::new("flow", "1.0"),
        ..Default::default()
    };
    let fault = world.err(start.clone());
    assert_eq!(fault.kind(), FaultKind::WorkflowExecutionAlreadyStarted);
    world.decide("flow", vec![CompleteWorkflowExecution::default().into()]);
    assert_ne!(world.ok(start).run_id, first.run_id);
}

#[test]
fn a_task_brings_what_the_decider_passed_in() {
    let mut world = World::new();
    let mut decision = activity("a");
    decision.input = Some("the input".into());
    decision.control = Some("a note".into());
    let workflow = world.start(decision);
    let task = world.take();
    assert_eq!(task.input.as_deref(), Some("the input"));
    assert_eq!(task.activity_type, pack());
    assert_eq!(task.workflow, workflow);
    assert_eq!(task.started_event_id, 6);
    let started = attributes!(world.last(&workflow), ActivityTaskStarted);
    assert_eq!(started.identity.as_deref(), Some("tester"));
    assert_eq!(started.scheduled_event_id, 5);
}

//! Decisions about the execution itself: timers, markers, closing it, Lambda; each with every
//! cause for which it can fail here.

use std::time::Duration;

use workbeat::service::Timeout;
use workbeat_local::engine::{
    CancelTimer, CancelTimerFailedCause, CancelWorkflowExecution,
    CancelWorkflowExecutionFailedCause, ChildPolicy, CompleteWorkflowExecution,
    CompleteWorkflowExecutionFailedCause, ContinueAsNewWorkflowExecution,
    ContinueAsNewWorkflowExecutionFailedCause as NotContinued, Decision, DecisionFailure,
    DeprecateWorkflowType, FailWorkflowExecution, FailWorkflowExecutionFailedCause, RecordMarker,
    RegisterWorkflowType, RequestCancelWorkflowExecution, ScheduleLambdaFunction,
    ScheduleLambdaFunctionFailedCause, Settings, StartLambdaFunctionFailedCause, StartTimer,
    StartTimerFailedCause, WorkflowType,
};

use crate::kit::{DOMAIN, World, attributes, millis};

fn timer(timer_id: &str, after: u64) -> Decision {
    StartTimer {
        timer_id: timer_id.into(),
        control: Some("c".into()),
        start_to_fire_timeout: Duration::from_millis(after).into(),
    }
    .into()
}

fn cancel_timer(timer_id: &str) -> Decision {
    CancelTimer {
        timer_id: timer_id.into(),
    }
    .into()
}

/// Why the one decision could not be carried out.
fn failure(world: &mut World, decision: impl Into<Decision>) -> Option<DecisionFailure> {
    world.decide("flow", vec![decision.into()]).outcomes[0].failure
}

#[test]
fn timers_fire_in_the_order_of_their_times_then_of_their_starts_and_once() {
    let mut world = World::new();
    let workflow = world.workflow("flow");
    let timers = vec![
        timer("c", 300),
        timer("b", 100),
        timer("a", 100),
        timer("now", 0),
    ];
    world.decided(timers);
    world.pass(1_000);
    let fired: Vec<_> = world
        .history(&workflow)
        .into_iter()
        .filter(|event| event.event_type() == "TimerFired")
        .map(|event| {
            let timestamp = event.timestamp;
            let fired = attributes!(event, TimerFired);
            (
                fired.timer_id.to_string(),
                fired.started_event_id,
                timestamp,
            )
        })
        .collect();
    let order: Vec<_> = fired
        .iter()
        .map(|(id, started, _)| (&**id, *started))
        .collect();
    assert_eq!(order, [("now", 8), ("b", 6), ("a", 7), ("c", 5)]);
    assert!(fired.is_sorted_by_key(|(.., at)| *at));
    assert_eq!(world.next_deadline(), None);
    world.decider();
    world.park_decider();
}

#[test]
fn a_timer_that_is_canceled_does_not_fire_and_its_id_is_free() {
    let mut world = World::new();
    let workflow = world.workflow("flow");
    world.decided(vec![timer("t", 100), cancel_timer("t"), timer("t", 200)]);
    let history = world.history(&workflow);
    let canceled = attributes!(history[5].clone(), TimerCanceled);
    assert_eq!((&*canceled.timer_id, canceled.started_event_id), ("t", 5));
    world.pass(1_000);
    assert_eq!(
        world
            .names(&workflow)
            .iter()
            .filter(|it| **it == "TimerFired")
            .count(),
        1
    );
}

#[test]
fn a_timer_is_not_started_for_its_id_or_their_number() {
    let mut world = World::new();
    let workflow = world.workflow("flow");
    world.decided(
        (0..1_000)
            .map(|number| timer(&number.to_string(), 60_000))
            .collect(),
    );
    let cause = StartTimerFailedCause::TimerIdAlreadyInUse;
    assert_eq!(
        failure(&mut world, timer("7", 1)),
        Some(DecisionFailure::StartTimer(cause))
    );
    let failed = attributes!(world.last(&workflow), StartTimerFailed);
    assert_eq!((failed.cause, &*failed.timer_id), (cause, "7"));
    let cause = StartTimerFailedCause::OpenTimersLimitExceeded;
    assert_eq!(
        failure(&mut world, timer("more", 1)),
        Some(DecisionFailure::StartTimer(cause))
    );
    assert_eq!(failure(&mut world, cancel_timer("7")), None);
    assert_eq!(failure(&mut world, timer("more", 1)), None);
}

#[test]
fn a_timer_that_is_not_open_cannot_be_canceled() {
    let mut world = World::new();
    let workflow = world.workflow("flow");
    world.decided(vec![timer("t", 10)]);
    world.pass(10);
    let cause = CancelTimerFailedCause::TimerIdUnknown;
    let expected = Some(DecisionFailure::CancelTimer(cause));
    assert_eq!(failure(&mut world, cancel_timer("t")), expected);
    let failed = attributes!(world.last(&workflow), CancelTimerFailed);
    assert_eq!(failed.cause, cause);
    world.decider();
}

#[test]
fn a_marker_is_recorded_and_asks_for_nothing() {
    let mut world = World::new();
    let workflow = world.workflow("flow");
    let marker = RecordMarker {
        marker_name: "a: b".into(),
        details: Some("d".into()),
    };
    world.decided(vec![marker.clone().into(), marker.into()]);
    let recorded = attributes!(world.last(&workflow), MarkerRecorded);
    assert_eq!(&*recorded.marker_name, "a: b");
    assert_eq!(recorded.decision_task_completed_event_id, 4);
    world.park_decider();
}

#[test]
fn an_execution_closes_as_its_decider_says() {
    let mut world = World::new();
    let workflow = world.workflow("flow");
    let result = Some("r".into());
    world.decided(vec![CompleteWorkflowExecution { result }.into()]);
    let completed = attributes!(world.last(&workflow), WorkflowExecutionCompleted);
    assert_eq!(completed.result, Some("r".into()));

    let workflow = world.workflow("flow");
    let failed = FailWorkflowExecution {
        reason: Some("why".into()),
        details: Some("d".into()),
    };
    world.decided(vec![timer("t", 10), failed.into()]);
    let failed = attributes!(world.last(&workflow), WorkflowExecutionFailed);
    assert_eq!(failed.reason.as_deref(), Some("why"));
    assert_eq!(world.engine.next_deadline(), None, "the timer is gone");

    let workflow = world.workflow("flow");
    world.ok(RequestCancelWorkflowExecution {
        domain: DOMAIN.into(),
        workflow_id: "flow".into(),
        run_id: None,
    });
    let details = Some("d".into());
    world.decided(vec![CancelWorkflowExecution { details }.into()]);
    let canceled = attributes!(world.last(&workflow), WorkflowExecutionCanceled);
    assert_eq!(canceled.details, Some("d".into()));
    assert_eq!(world.engine.is_open(&workflow.run_id), Some(false));
}

#[test]
fn an_execution_is_not_closed_over_what_its_decider_has_not_seen() {
    let closing: [(Decision, &str); 4] = [
        (
            CompleteWorkflowExecution::default().into(),
            "CompleteWorkflowExecutionFailed",
        ),
        (
            FailWorkflowExecution::default().into(),
            "FailWorkflowExecutionFailed",
        ),
        (
            CancelWorkflowExecution::default().into(),
            "CancelWorkflowExecutionFailed",
        ),
        (
            ContinueAsNewWorkflowExecution::default().into(),
            "ContinueAsNewWorkflowExecutionFailed",
        ),
    ];
    for (decision, event) in closing {
        let mut world = World::new();
        let workflow = world.workflow("flow");
        let task = world.decider();
        world.signal("flow");
        world.answer(&task, vec![decision.clone()]);
        let failed = world.last(&workflow);
        assert_eq!(failed.event_type(), event);
        let json = serde_json::to_value(&failed).unwrap();
        assert!(json.to_string().contains("UNHANDLED_DECISION"), "{json}");
        // Now it has seen the signal.
        world.decided(vec![decision]);
        assert_eq!(world.engine.is_open(&workflow.run_id), Some(false));
    }
    // The words are those of the contract.
    let causes = [
        CompleteWorkflowExecutionFailedCause::UnhandledDecision.as_str(),
        FailWorkflowExecutionFailedCause::UnhandledDecision.as_str(),
        CancelWorkflowExecutionFailedCause::UnhandledDecision.as_str(),
    ];
    assert_eq!(causes, ["UNHANDLED_DECISION"; 3]);
}

#[test]
fn what_the_decisions_themselves_bring_about_does_not_keep_an_execution_open() {
    let mut world = World::new();
    let workflow = world.workflow("flow");
    let decisions = vec![
        cancel_timer("unknown"),
        CompleteWorkflowExecution::default().into(),
    ];
    world.decided(decisions);
    assert_eq!(
        world.last(&workflow).event_type(),
        "WorkflowExecutionCompleted"
    );
}

#[test]
fn a_run_is_not_continued_without_a_type_or_with_something_undefined() {
    let mut world = World::new();
    let workflow = world.workflow("flow");
    let mut next = ContinueAsNewWorkflowExecution {
        workflow_type_version: Some("2.0".into()),
        ..Default::default()
    };
    let failed = |cause| Some(DecisionFailure::ContinueAsNewWorkflowExecution(cause));
    let missing = failed(NotContinued::WorkflowTypeDoesNotExist);
    assert_eq!(failure(&mut world, next.clone()), missing);
    world.ok(RegisterWorkflowType {
        domain: DOMAIN.into(),
        name: "flow".into(),
        version: "2.0".into(),
        ..Default::default()
    });
    let undefined = failed(NotContinued::DefaultExecutionStartToCloseTimeoutUndefined);
    assert_eq!(failure(&mut world, next.clone()), undefined);
    next.execution_start_to_close_timeout = millis(1_000);
    let undefined = failed(NotContinued::DefaultTaskListUndefined);
    assert_eq!(failure(&mut world, next.clone()), undefined);
    next.task_list = Some("mine".into());
    let undefined = failed(NotContinued::DefaultTaskStartToCloseTimeoutUndefined);
    assert_eq!(failure(&mut world, next.clone()), undefined);
    next.task_start_to_close_timeout = Some(Timeout::None);
    let undefined = failed(NotContinued::DefaultChildPolicyUndefined);
    assert_eq!(failure(&mut world, next.clone()), undefined);
    let event = attributes!(world.last(&workflow), ContinueAsNewWorkflowExecutionFailed);
    assert_eq!(event.cause, NotContinued::DefaultChildPolicyUndefined);
    next.child_policy = Some(ChildPolicy::Abandon);
    let workflow_type = WorkflowType::new("flow", "2.0");
    assert_eq!(failure(&mut world, next), None);
    let continued = attributes!(world.last(&workflow), WorkflowExecutionContinuedAsNew);
    assert_eq!(continued.workflow_type, workflow_type);

    world.ok(DeprecateWorkflowType {
        domain: DOMAIN.into(),
        workflow_type,
    });
    let deprecated = failed(NotContinued::WorkflowTypeDeprecated);
    let next = ContinueAsNewWorkflowExecution::default();
    assert_eq!(failure(&mut world, next), deprecated);
}

#[test]
fn a_lambda_function_fails_for_want_of_a_role_or_of_lambda() {
    let mut world = World::new();
    let workflow = world.workflow("flow");
    let lambda = || ScheduleLambdaFunction {
        id: "f".into(),
        name: "resize".into(),
        ..Default::default()
    };
    let cause = StartLambdaFunctionFailedCause::AssumeRoleFailed;
    let expected = Some(DecisionFailure::StartLambdaFunction(cause));
    assert_eq!(failure(&mut world, lambda()), expected);
    let failed = attributes!(world.last(&workflow), StartLambdaFunctionFailed);
    let scheduled = failed.scheduled_event_id.expect("it was scheduled");
    let index = usize::try_from(scheduled).unwrap() - 1;
    let scheduled = world.history(&workflow).swap_remove(index);
    assert_eq!(scheduled.event_type(), "LambdaFunctionScheduled");
    world.decider();

    let mut world = World::with(Settings::default());
    let workflow = world.started("flow", |start| start.lambda_role = Some("arn:role".into()));
    let cause = ScheduleLambdaFunctionFailedCause::LambdaServiceNotAvailableInRegion;
    let expected = Some(DecisionFailure::ScheduleLambdaFunction(cause));
    assert_eq!(failure(&mut world, lambda()), expected);
    let failed = attributes!(world.last(&workflow), ScheduleLambdaFunctionFailed);
    assert_eq!((&*failed.id, failed.cause), ("f", cause));
    world.decider();
}

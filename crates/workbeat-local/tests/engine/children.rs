//! Children: how they start and fail to, what their parents learn, and what a parent's end
//! does to them.

use workbeat::service::{Timeout, WorkflowExecution};
use workbeat_local::engine::{
    CancelWorkflowExecution, ChildPolicy, CompleteWorkflowExecution,
    ContinueAsNewWorkflowExecution, Decision, DecisionFailure, DeprecateWorkflowType,
    EventAttributes, FailWorkflowExecution, RegisterWorkflowType, StartChildWorkflowExecution,
    StartChildWorkflowExecutionFailedCause as Cause, TerminateWorkflowExecution,
    WorkflowExecutionCancelRequestedCause, WorkflowExecutionTerminatedCause, WorkflowType,
};

use crate::kit::{DOMAIN, World, YEAR, attributes, flow, millis};

fn child(workflow_id: &str) -> StartChildWorkflowExecution {
    StartChildWorkflowExecution {
        workflow_type: flow(),
        workflow_id: workflow_id.into(),
        ..Default::default()
    }
}

/// A parent with one child, which has started.
fn family(world: &mut World) -> (WorkflowExecution, WorkflowExecution) {
    let parent = world.workflow("parent");
    world.decide("parent", vec![child("child").into()]);
    let run_id = world.engine.open_run(DOMAIN, "child").expect("it started");
    (parent, WorkflowExecution::new("child", run_id))
}

fn failure(world: &mut World, decision: impl Into<Decision>) -> Option<DecisionFailure> {
    world.decide("parent", vec![decision.into()]).outcomes[0].failure
}

fn terminate(workflow_id: &str) -> TerminateWorkflowExecution {
    TerminateWorkflowExecution {
        domain: DOMAIN.into(),
        workflow_id: workflow_id.into(),
        ..Default::default()
    }
}

#[test]
fn a_child_may_have_no_timeout_and_ends_after_a_year_all_the_same() {
    let mut world = World::new();
    world.started("parent", |start| {
        start.child_policy = Some(ChildPolicy::Abandon);
    });
    let mut decision = child("child");
    decision.execution_start_to_close_timeout = Some(Timeout::None);
    world.decide("parent", vec![decision.into()]);
    let run_id = world.engine.open_run(DOMAIN, "child").expect("it started");
    let decision = ContinueAsNewWorkflowExecution {
        execution_start_to_close_timeout: Some(Timeout::None),
        ..Default::default()
    };
    world.decide("child", vec![decision.into()]);
    let next = world.engine.open_run(DOMAIN, "child").expect("it goes on");
    assert_ne!(next, run_id);
    let workflow = WorkflowExecution::new("child", next.clone());
    let started = world.history(&workflow).remove(0);
    let started = attributes!(started, WorkflowExecutionStarted);
    assert_eq!(
        started.execution_start_to_close_timeout,
        Some(Timeout::None)
    );
    world.pass(u64::try_from(YEAR.as_millis()).unwrap() - 1);
    assert_eq!(world.engine.is_open(&next), Some(true));
    world.pass(1);
    assert_eq!(
        world.last(&workflow).event_type(),
        "WorkflowExecutionTimedOut"
    );
}

#[test]
fn a_child_starts_after_the_decisions_and_knows_its_parent() {
    let mut world = World::new();
    let parent = world.workflow("parent");
    let mut decision = child("child");
    decision.input = Some("in".into());
    decision.control = Some("c".into());
    decision.tag_list = Some(vec!["t".into()]);
    let second = child("second");
    world.decide("parent", vec![decision.into(), second.into()]);
    let expected = [
        "StartChildWorkflowExecutionInitiated",
        "StartChildWorkflowExecutionInitiated",
        "ChildWorkflowExecutionStarted",
        "ChildWorkflowExecutionStarted",
        "DecisionTaskScheduled",
    ];
    assert_eq!(world.names(&parent)[4..], expected);
    let history = world.history(&parent);
    let EventAttributes::ChildWorkflowExecutionStarted(started) = &history[6].attributes else {
        panic!("no child")
    };
    assert_eq!(started.initiated_event_id, 5);
    let first = world.history(&started.workflow_execution).remove(0);
    let begun = attributes!(first, WorkflowExecutionStarted);
    assert_eq!(begun.parent_workflow_execution, Some(parent));
    assert_eq!(begun.parent_initiated_event_id, 5);
    assert_eq!(begun.input, Some("in".into()));
    assert_eq!(begun.tag_list, ["t".into()]);
}

#[test]
fn a_parent_learns_how_its_child_ended() {
    let closing: [(Decision, &str); 3] = [
        (
            CompleteWorkflowExecution::default().into(),
            "ChildWorkflowExecutionCompleted",
        ),
        (
            FailWorkflowExecution::default().into(),
            "ChildWorkflowExecutionFailed",
        ),
        (
            CancelWorkflowExecution::default().into(),
            "ChildWorkflowExecutionCanceled",
        ),
    ];
    for (decision, event) in closing {
        let mut world = World::new();
        let (parent, run) = family(&mut world);
        world.decide("child", vec![decision]);
        let closed = world.last(&parent);
        assert_eq!(closed.event_type(), event);
        let json = serde_json::to_value(&closed).unwrap();
        let member = json.as_object().unwrap().values().find(|it| it.is_object());
        let member = member.expect("its attributes");
        assert_eq!(member["initiatedEventId"], 5);
        assert_eq!(member["startedEventId"], 6);
        assert_eq!(member["workflowExecution"]["runId"], *run.run_id);
        // It asks for a decision, and the id is free.
        assert_eq!(world.decider().workflow, parent);
        assert_eq!(failure_of_start(&mut world, "child"), None);
    }

    let mut world = World::new();
    let (parent, _) = family(&mut world);
    world.ok(terminate("child"));
    assert_eq!(
        world.last(&parent).event_type(),
        "ChildWorkflowExecutionTerminated"
    );

    let mut world = World::new();
    let parent = world.workflow("parent");
    let mut short = child("child");
    short.execution_start_to_close_timeout = millis(100);
    world.decide("parent", vec![short.into()]);
    world.pass(100);
    let timed_out = attributes!(world.last(&parent), ChildWorkflowExecutionTimedOut);
    assert_eq!(timed_out.timeout_type.as_str(), "START_TO_CLOSE");
}

/// Whether another child of this id fails, after a decision task that somebody else took.
fn failure_of_start(world: &mut World, workflow_id: &str) -> Option<String> {
    let mut start = crate::kit::start(workflow_id);
    start.task_list = Some("elsewhere".into());
    world.apply(start).err().map(|fault| fault.to_string())
}

#[test]
fn a_child_whose_id_is_taken_is_initiated_and_then_fails() {
    let mut world = World::new();
    let parent = world.workflow("parent");
    world.workflow("child");
    let mut decision = child("child");
    decision.control = Some("c".into());
    world.decide("parent", vec![decision.into()]);
    let failed = attributes!(world.last(&parent), StartChildWorkflowExecutionFailed);
    assert_eq!(failed.cause, Cause::WorkflowAlreadyRunning);
    assert_eq!(failed.initiated_event_id, 5);
    assert_eq!(failed.control, Some("c".into()));
}

#[test]
fn a_child_is_not_initiated_without_a_type_or_with_something_undefined() {
    let mut world = World::new();
    let parent = world.workflow("parent");
    let mut decision = child("child");
    decision.workflow_type = WorkflowType::new("bare", "1.0");
    let failed = |cause| Some(DecisionFailure::StartChildWorkflowExecution(cause));
    let missing = failed(Cause::WorkflowTypeDoesNotExist);
    assert_eq!(failure(&mut world, decision.clone()), missing);
    let event = attributes!(world.last(&parent), StartChildWorkflowExecutionFailed);
    assert_eq!(
        (event.cause, event.initiated_event_id),
        (Cause::WorkflowTypeDoesNotExist, 0)
    );
    world.ok(RegisterWorkflowType {
        domain: DOMAIN.into(),
        name: "bare".into(),
        version: "1.0".into(),
        ..Default::default()
    });
    let undefined = failed(Cause::DefaultExecutionStartToCloseTimeoutUndefined);
    assert_eq!(failure(&mut world, decision.clone()), undefined);
    decision.execution_start_to_close_timeout = millis(1_000);
    let undefined = failed(Cause::DefaultTaskListUndefined);
    assert_eq!(failure(&mut world, decision.clone()), undefined);
    decision.task_list = Some("mine".into());
    let undefined = failed(Cause::DefaultTaskStartToCloseTimeoutUndefined);
    assert_eq!(failure(&mut world, decision.clone()), undefined);
    decision.task_start_to_close_timeout = Some(Timeout::None);
    let undefined = failed(Cause::DefaultChildPolicyUndefined);
    assert_eq!(failure(&mut world, decision.clone()), undefined);
    decision.child_policy = Some(ChildPolicy::Abandon);
    assert_eq!(failure(&mut world, decision.clone()), None);
    world.ok(DeprecateWorkflowType {
        domain: DOMAIN.into(),
        workflow_type: decision.workflow_type.clone(),
    });
    let deprecated = failed(Cause::WorkflowTypeDeprecated);
    assert_eq!(failure(&mut world, decision), deprecated);
}

#[test]
fn an_execution_has_at_most_1000_open_children() {
    let mut world = World::new();
    let parent = world.workflow("parent");
    let children = |from: usize, to: usize| {
        let decision = |number: usize| child(&format!("child-{number}")).into();
        (from..to).map(decision).collect::<Vec<Decision>>()
    };
    world.decide("parent", children(0, 600));
    let outcomes = world.decide("parent", children(600, 1_001)).outcomes;
    let (last, others) = outcomes.split_last().unwrap();
    assert!(others.iter().all(|outcome| outcome.failure.is_none()));
    let cause = Cause::OpenChildrenLimitExceeded;
    let expected = DecisionFailure::StartChildWorkflowExecution(cause);
    assert_eq!(last.failure, Some(expected));
    world.ok(terminate("child-7"));
    assert_eq!(failure(&mut world, child("one-more")), None);
    // All of them go with it.
    world.ok(terminate("parent"));
    assert_eq!(world.engine.open_run(DOMAIN, "child-8"), None);
    assert_eq!(world.engine.is_open(&parent.run_id), Some(false));
    assert_eq!(world.engine.next_deadline(), None);
}

#[test]
fn a_terminated_parent_does_to_its_children_what_its_policy_says() {
    let mut world = World::new();
    let (_, run) = family(&mut world);
    world.ok(terminate("parent"));
    let terminated = attributes!(world.last(&run), WorkflowExecutionTerminated);
    let applied = WorkflowExecutionTerminatedCause::ChildPolicyApplied;
    assert_eq!(terminated.cause, Some(applied));

    let mut world = World::new();
    let (parent, run) = family(&mut world);
    let mut asked = terminate("parent");
    asked.child_policy = Some(ChildPolicy::RequestCancel);
    world.ok(asked);
    let requested = attributes!(world.last(&run), WorkflowExecutionCancelRequested);
    let applied = WorkflowExecutionCancelRequestedCause::ChildPolicyApplied;
    assert_eq!(requested.cause, Some(applied));
    assert_eq!(requested.external_workflow_execution, Some(parent));
    assert_eq!(world.engine.is_open(&run.run_id), Some(true));

    let mut world = World::new();
    let (_, run) = family(&mut world);
    let mut abandoned = terminate("parent");
    abandoned.child_policy = Some(ChildPolicy::Abandon);
    world.ok(abandoned);
    assert_eq!(world.names(&run).len(), 2, "it notices nothing");
    assert_eq!(world.engine.is_open(&run.run_id), Some(true));
}

#[test]
fn a_parent_that_times_out_applies_its_policy_and_one_that_completes_does_not() {
    let mut world = World::new();
    world.started("parent", |start| {
        start.execution_start_to_close_timeout = millis(1_000);
        start.child_policy = Some(ChildPolicy::RequestCancel);
    });
    world.decide("parent", vec![child("child").into()]);
    let run_id = world.engine.open_run(DOMAIN, "child").unwrap();
    let run = WorkflowExecution::new("child", run_id);
    world.pass(1_000);
    let requested = world.last(&run);
    assert_eq!(requested.event_type(), "WorkflowExecutionCancelRequested");

    let mut world = World::new();
    let (_, run) = family(&mut world);
    world.decide("parent", vec![CompleteWorkflowExecution::default().into()]);
    assert_eq!(world.engine.is_open(&run.run_id), Some(true));
    // Nobody is left to be told.
    world.decide("child", vec![CompleteWorkflowExecution::default().into()]);
}

#[test]
fn termination_goes_down_through_all_generations_however_many() {
    let mut world = World::new();
    world.workflow("0");
    for number in 0..2_000 {
        let (parent, next) = (number.to_string(), (number + 1).to_string());
        world.decide(&parent, vec![child(&next).into()]);
    }
    world.ok(terminate("0"));
    assert_eq!(world.engine.open_run(DOMAIN, "2000"), None);
}

#[test]
fn a_child_that_is_continued_as_new_stays_a_child() {
    let mut world = World::new();
    let (parent, _) = family(&mut world);
    let next = ContinueAsNewWorkflowExecution::default();
    world.decide("child", vec![next.into()]);
    assert_eq!(
        world.last(&parent).event_type(),
        "ChildWorkflowExecutionStarted"
    );
    let run_id = world.engine.open_run(DOMAIN, "child").unwrap();
    let run = WorkflowExecution::new("child", run_id);
    let first = world.history(&run).remove(0);
    let started = attributes!(first, WorkflowExecutionStarted);
    assert_eq!(started.parent_workflow_execution.as_ref(), Some(&parent));
    assert_eq!(started.parent_initiated_event_id, 5);
    world.decide("child", vec![CompleteWorkflowExecution::default().into()]);
    let completed = attributes!(world.last(&parent), ChildWorkflowExecutionCompleted);
    assert_eq!(completed.workflow_execution, run);
    assert_eq!(
        (completed.initiated_event_id, completed.started_event_id),
        (5, 6)
    );

    let mut world = World::new();
    let (_, _) = family(&mut world);
    let next = ContinueAsNewWorkflowExecution::default();
    world.decide("child", vec![next.into()]);
    world.ok(terminate("parent"));
    assert_eq!(world.engine.open_run(DOMAIN, "child"), None);
}

#[test]
fn a_child_that_is_initiated_with_its_parents_last_decision_starts_all_the_same() {
    let mut world = World::new();
    let parent = world.workflow("parent");
    let decisions = vec![
        child("child").into(),
        CompleteWorkflowExecution::default().into(),
    ];
    world.decide("parent", decisions);
    assert_eq!(
        world.last(&parent).event_type(),
        "WorkflowExecutionCompleted"
    );
    assert!(world.engine.open_run(DOMAIN, "child").is_some());
}

#[test]
fn a_domain_has_at_most_100000_open_executions() {
    let mut world = World::new();
    world.workflow("parent");
    for number in 1..workbeat_local::engine::limits::OPEN_WORKFLOWS {
        world.ok(crate::kit::start(&number.to_string()));
    }
    let fault = world.err(crate::kit::start("one-more"));
    assert_eq!(
        fault.type_name(),
        "com.amazonaws.swf.base.model#LimitExceededFault"
    );
    let cause = Cause::OpenWorkflowsLimitExceeded;
    let expected = DecisionFailure::StartChildWorkflowExecution(cause);
    assert_eq!(failure(&mut world, child("child")), Some(expected));
    world.ok(terminate("7"));
    assert_eq!(failure(&mut world, child("child")), None);
}

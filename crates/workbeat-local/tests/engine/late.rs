//! Calls that come too late, and tokens that name nothing.

use workbeat::service::TaskToken;
use workbeat_local::engine::{
    CompleteWorkflowExecution, FaultKind, RecordActivityTaskHeartbeat, Resource,
    RespondActivityTaskCanceled, RespondActivityTaskCompleted, RespondActivityTaskFailed,
    TerminateWorkflowExecution,
};

use crate::kit::{DOMAIN, OnWire, World, activity, attributes, on_wire};

/// The four calls that a worker makes with a token.
fn calls(token: &TaskToken) -> [OnWire; 4] {
    let token = || token.clone();
    [
        on_wire(RecordActivityTaskHeartbeat {
            task_token: token(),
            details: None,
        }),
        on_wire(RespondActivityTaskCompleted {
            task_token: token(),
            result: None,
        }),
        on_wire(RespondActivityTaskFailed {
            task_token: token(),
            reason: None,
            details: None,
        }),
        on_wire(RespondActivityTaskCanceled {
            task_token: token(),
            details: None,
        }),
    ]
}

#[test]
fn a_call_for_a_closed_task_names_its_scheduled_event() {
    let mut world = World::new();
    let workflow = world.start(activity("a"));
    let token = world.take().token;
    world.complete(&token).unwrap();
    for call in calls(&token) {
        let fault = world.call(&call).unwrap_err();
        assert_eq!(fault.kind(), FaultKind::UnknownResource(Resource::Activity));
        assert_eq!(
            fault.type_name(),
            "com.amazonaws.swf.base.model#UnknownResourceFault"
        );
        assert_eq!(fault.message(), "Unknown activity, scheduledEventId = 5");
    }
    assert_eq!(
        world.names(&workflow).len(),
        8,
        "a late call leaves no trace"
    );
}

#[test]
fn a_call_for_a_task_of_a_closed_execution_names_the_execution() {
    let mut world = World::new();
    let workflow = world.start(activity("a"));
    let token = world.take().token;
    world.decide("flow", vec![CompleteWorkflowExecution::default().into()]);
    for call in calls(&token) {
        let fault = world.call(&call).unwrap_err();
        assert_eq!(
            fault.kind(),
            FaultKind::UnknownResource(Resource::Execution)
        );
        let run_id = &workflow.run_id;
        let execution = format!("WorkflowExecution=[workflowId=flow, runId={run_id}]");
        assert_eq!(fault.message(), format!("Unknown execution: {execution}"));
    }
}

#[test]
fn a_terminated_execution_takes_its_waiting_tasks_and_its_clocks_with_it() {
    let mut world = World::new();
    let mut decision = activity("a");
    decision.schedule_to_close_timeout = crate::kit::millis(1_000);
    let workflow = world.start(decision);
    let terminate = TerminateWorkflowExecution {
        domain: DOMAIN.into(),
        workflow_id: "flow".into(),
        reason: Some("enough".into()),
        ..Default::default()
    };
    world.ok(terminate.clone());
    let terminated = attributes!(world.last(&workflow), WorkflowExecutionTerminated);
    assert_eq!(terminated.reason.as_deref(), Some("enough"));
    assert_eq!(terminated.cause.unwrap().as_str(), "OPERATOR_INITIATED");
    assert_eq!(world.next_deadline(), None);
    world.park();
    let fault = world.err(terminate);
    assert_eq!(fault.message(), "Unknown execution, workflowId = flow");
}

#[test]
fn a_token_that_this_service_did_not_make_is_no_closed_task() {
    let mut world = World::new();
    world.start(activity("a"));
    for call in calls(&TaskToken::new("made up")) {
        assert_eq!(world.call(&call).unwrap_err().kind(), FaultKind::Validation);
    }
}

#[test]
fn a_token_can_be_guessed_neither_before_the_start_nor_for_another_task() {
    let mut world = World::new();
    world.start(activity("a"));
    let token = world.take().token;
    assert!(token.expose().len() <= 1_024);
    let other = token.expose().replace(".5.", ".6.");
    assert_ne!(other, token.expose());
    for call in calls(&TaskToken::new(other)) {
        assert_eq!(world.call(&call).unwrap_err().kind(), FaultKind::Validation);
    }
}

//! Signals and cancel requests from one execution to another.

use workbeat_local::engine::{
    CompleteWorkflowExecution, Decision, EventAttributes, RequestCancelExternalWorkflowExecution,
    RequestCancelExternalWorkflowExecutionFailedCause, SignalExternalWorkflowExecution,
    SignalExternalWorkflowExecutionFailedCause,
};

use crate::kit::{World, attributes};

fn signal(workflow_id: &str) -> SignalExternalWorkflowExecution {
    SignalExternalWorkflowExecution {
        workflow_id: workflow_id.into(),
        signal_name: "go".into(),
        input: Some("in".into()),
        control: Some("c".into()),
        ..Default::default()
    }
}

fn cancel(workflow_id: &str) -> RequestCancelExternalWorkflowExecution {
    RequestCancelExternalWorkflowExecution {
        workflow_id: workflow_id.into(),
        control: Some("c".into()),
        ..Default::default()
    }
}

#[test]
fn a_signal_reaches_the_other_execution_and_the_sender_learns_of_it() {
    let mut world = World::new();
    let (from, to) = (world.workflow("from"), world.workflow("to"));
    let mut by_run = signal("to");
    by_run.run_id = Some(to.run_id.to_string());
    world.decide("from", vec![by_run.into()]);
    let history = world.history(&from);
    let EventAttributes::SignalExternalWorkflowExecutionInitiated(initiated) =
        &history[4].attributes
    else {
        panic!("not initiated")
    };
    assert_eq!(initiated.run_id, Some(to.run_id.clone()));
    assert_eq!(initiated.decision_task_completed_event_id, 4);
    let sent = attributes!(world.last(&from), ExternalWorkflowExecutionSignaled);
    assert_eq!(
        (&sent.workflow_execution, sent.initiated_event_id),
        (&to, 5)
    );
    let signaled = attributes!(world.last(&to), WorkflowExecutionSignaled);
    assert_eq!(signaled.external_workflow_execution.as_ref(), Some(&from));
    assert_eq!(signaled.external_initiated_event_id, 5);
    assert_eq!(signaled.input, Some("in".into()));
    // Both deciders have something to see.
    world.decider();
    world.decider();
}

#[test]
fn a_cancel_request_reaches_the_other_execution_and_the_sender_learns_of_it() {
    let mut world = World::new();
    let (from, to) = (world.workflow("from"), world.workflow("to"));
    world.decide("from", vec![cancel("to").into()]);
    let sent = attributes!(world.last(&from), ExternalWorkflowExecutionCancelRequested);
    assert_eq!(
        (&sent.workflow_execution, sent.initiated_event_id),
        (&to, 5)
    );
    let requested = attributes!(world.last(&to), WorkflowExecutionCancelRequested);
    assert_eq!(requested.external_workflow_execution, Some(from));
    assert_eq!(requested.external_initiated_event_id, 5);
    assert_eq!(requested.cause, None);
}

#[test]
fn what_is_sent_to_an_execution_that_is_not_open_fails() {
    let mut world = World::new();
    let from = world.workflow("from");
    let closed = world.workflow("to");
    world.decide("to", vec![CompleteWorkflowExecution::default().into()]);
    let again = world.workflow("to");
    let mut to_closed = signal("to");
    to_closed.run_id = Some(closed.run_id.to_string());
    for decision in [signal("nobody"), to_closed] {
        let run_id = decision.run_id.clone();
        world.decide("from", vec![decision.into()]);
        let failed = attributes!(world.last(&from), SignalExternalWorkflowExecutionFailed);
        let cause = SignalExternalWorkflowExecutionFailedCause::UnknownExternalWorkflowExecution;
        assert_eq!(failed.cause, cause);
        assert_eq!(failed.run_id.as_deref(), run_id.as_deref());
        assert_eq!(failed.control, Some("c".into()));
        assert_eq!(
            failed.initiated_event_id,
            failed.decision_task_completed_event_id + 1
        );
    }
    let mut to_closed = cancel("to");
    to_closed.run_id = Some(closed.run_id.to_string());
    for decision in [cancel("nobody"), to_closed] {
        world.decide("from", vec![decision.into()]);
        let failed = attributes!(
            world.last(&from),
            RequestCancelExternalWorkflowExecutionFailed
        );
        let cause =
            RequestCancelExternalWorkflowExecutionFailedCause::UnknownExternalWorkflowExecution;
        assert_eq!(failed.cause, cause);
        assert_eq!(
            failed.initiated_event_id,
            failed.decision_task_completed_event_id + 1
        );
    }
    assert_eq!(world.names(&again).len(), 2);
}

#[test]
fn an_execution_can_signal_itself_and_send_with_its_last_decision() {
    let mut world = World::new();
    let (from, to) = (world.workflow("from"), world.workflow("to"));
    world.decide("from", vec![signal("from").into()]);
    let names = world.names(&from);
    let expected = [
        "SignalExternalWorkflowExecutionInitiated",
        "WorkflowExecutionSignaled",
        "ExternalWorkflowExecutionSignaled",
        "DecisionTaskScheduled",
    ];
    assert_eq!(names[4..], expected);
    let decisions: Vec<Decision> = vec![
        signal("to").into(),
        CompleteWorkflowExecution::default().into(),
    ];
    world.decide("from", decisions);
    assert_eq!(world.last(&to).event_type(), "WorkflowExecutionSignaled");
    assert_eq!(world.last(&from).event_type(), "WorkflowExecutionCompleted");
}

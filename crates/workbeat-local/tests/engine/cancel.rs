//! Cancellation before the start, after it, and without being asked.

use workbeat_local::engine::{
    DecisionFailure, FaultKind, RequestCancelActivityTask, RequestCancelActivityTaskFailedCause,
    RespondActivityTaskCanceled, Settings,
};

use crate::kit::{World, activity, attributes};

#[test]
fn a_cancellation_before_the_start_closes_the_task_and_no_poll_gets_it() {
    let mut world = World::new();
    let workflow = world.start(activity("a"));
    world.request_cancel("a");
    let expected = [
        "ActivityTaskCancelRequested",
        "ActivityTaskCanceled",
        "DecisionTaskScheduled",
    ];
    assert_eq!(world.names(&workflow)[8..], expected);
    let canceled = attributes!(world.last(&workflow), ActivityTaskCanceled);
    assert_eq!(
        (canceled.scheduled_event_id, canceled.started_event_id),
        (5, 0)
    );
    assert_eq!(canceled.latest_cancel_requested_event_id, Some(9));
    world.park();
}

#[test]
fn an_activity_can_be_scheduled_and_canceled_in_one_decision_task() {
    let mut world = World::new();
    world.park();
    let workflow = world.workflow("flow");
    let cancel = RequestCancelActivityTask {
        activity_id: "a".into(),
    };
    world.decide("flow", vec![activity("a").into(), cancel.into()]);
    assert_eq!(world.last(&workflow).event_type(), "ActivityTaskCanceled");
    assert_eq!(world.answers(), [], "the poll still waits");
}

#[test]
fn a_cancellation_after_the_start_shows_in_the_answers_to_heartbeats() {
    let mut world = World::new();
    let workflow = world.start(activity("a"));
    let token = world.take().token;
    assert_eq!(world.beat(&token, None), Ok(false));
    world.request_cancel("a");
    assert_eq!(world.beat(&token, None), Ok(true));
    assert_eq!(world.beat(&token, None), Ok(true));
    let requested = attributes!(world.last(&workflow), ActivityTaskCancelRequested);
    assert_eq!(&*requested.activity_id, "a");
    assert_eq!(requested.decision_task_completed_event_id, 9);

    let details = Some("cleaned up".into());
    world.ok(RespondActivityTaskCanceled {
        task_token: token,
        details,
    });
    let canceled = attributes!(world.last(&workflow), ActivityTaskCanceled);
    assert_eq!(
        (canceled.scheduled_event_id, canceled.started_event_id),
        (5, 6)
    );
    assert_eq!(canceled.latest_cancel_requested_event_id, Some(10));
    assert_eq!(canceled.details.unwrap().as_str(), "cleaned up");
}

#[test]
fn a_second_request_is_the_latest() {
    let mut world = World::new();
    let workflow = world.start(activity("a"));
    let token = world.take().token;
    world.request_cancel("a");
    let latest = world.request_cancel("a").outcomes[0].event_id;
    world.ok(RespondActivityTaskCanceled {
        task_token: token,
        details: None,
    });
    let canceled = attributes!(world.last(&workflow), ActivityTaskCanceled);
    assert_eq!(canceled.latest_cancel_requested_event_id, Some(latest));
}

#[test]
fn a_worker_may_ignore_a_cancellation() {
    let mut world = World::new();
    let workflow = world.start(activity("a"));
    let token = world.take().token;
    world.request_cancel("a");
    world.complete(&token).unwrap();
    assert_eq!(world.last(&workflow).event_type(), "ActivityTaskCompleted");
}

#[test]
fn an_unknown_activity_id_cannot_be_canceled() {
    let mut world = World::new();
    let workflow = world.start(activity("a"));
    let token = world.take().token;
    world.complete(&token).unwrap();
    for unknown in ["b", "a"] {
        let decided = world.request_cancel(unknown);
        let cause = RequestCancelActivityTaskFailedCause::ActivityIdUnknown;
        let failure = DecisionFailure::RequestCancelActivityTask(cause);
        assert_eq!(decided.outcomes[0].failure, Some(failure));
        let failed = attributes!(world.last(&workflow), RequestCancelActivityTaskFailed);
        assert_eq!((&*failed.activity_id, failed.cause), (unknown, cause));
    }
}

#[test]
fn a_cancellation_that_nobody_asked_for_is_accepted_and_shows() {
    let mut world = World::new();
    let workflow = world.start(activity("a"));
    let task_token = world.take().token;
    world.ok(RespondActivityTaskCanceled {
        task_token,
        details: None,
    });
    let canceled = attributes!(world.last(&workflow), ActivityTaskCanceled);
    assert_eq!(canceled.latest_cancel_requested_event_id, None);
}

#[test]
fn strict_settings_refuse_a_cancellation_that_nobody_asked_for() {
    let mut world = World::with(Settings::default().strict_cancel(true));
    world.start(activity("a"));
    let respond = RespondActivityTaskCanceled {
        task_token: world.take().token,
        details: None,
    };
    assert_eq!(world.err(respond.clone()).kind(), FaultKind::Validation);
    world.request_cancel("a");
    world.ok(respond);
}

//! Nothing that is the user's shows in `Debug`.

use workbeat_local::engine::{
    Decide, RecordActivityTaskHeartbeat, Request, RespondActivityTaskCanceled,
    RespondActivityTaskCompleted, RespondActivityTaskFailed,
};

use crate::kit::{World, activity, decide, millis};

#[test]
fn no_payload_and_no_token_shows_in_a_request_an_answer_an_event_or_a_notice() {
    let mut world = World::new();
    let secret = || Some("s3cret".into());
    let mut decision = activity("a");
    decision.input = secret();
    decision.control = secret();
    decision.heartbeat_timeout = millis(10);
    let workflow = world.workflow("flow");
    let request: Decide = decide("flow", vec![decision.into()]);
    let mut shown = format!("{request:?}");
    world.ok(request);
    let task = world.take();
    shown += &format!("{task:?}");
    let token = || task.token.clone();
    let requests: [Request; 4] = [
        RecordActivityTaskHeartbeat {
            task_token: token(),
            details: secret(),
        }
        .into(),
        RespondActivityTaskCompleted {
            task_token: token(),
            result: secret(),
        }
        .into(),
        RespondActivityTaskFailed {
            task_token: token(),
            reason: None,
            details: secret(),
        }
        .into(),
        RespondActivityTaskCanceled {
            task_token: token(),
            details: secret(),
        }
        .into(),
    ];
    for request in requests {
        shown += &format!("{request:?}");
        shown += &format!("{:?}", world.apply(request));
    }
    shown += &format!("{:?}", world.history(&workflow));
    shown += &format!("{:?}", world.engine);
    shown += &format!("{:?}", world.engine.take_notices());
    assert!(shown.contains("Payload(6 characters)"));
    assert!(!shown.contains("s3cret"));
    assert!(!shown.contains(task.token.expose()));
}

//! Nothing that is the user's shows in `Debug`.

use std::fmt::Debug;

use workbeat_local::engine::{
    Decide, Operation, RecordActivityTaskHeartbeat, RespondActivityTaskCanceled,
    RespondActivityTaskCompleted, RespondActivityTaskFailed,
};

use crate::kit::{World, activity, decide, millis};

fn apply<O: Operation<Answer: Debug> + Debug>(world: &mut World, operation: O) -> String {
    let shown = format!("{operation:?}");
    format!("{shown}{:?}", world.apply(operation))
}

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
    let beat = RecordActivityTaskHeartbeat {
        task_token: token(),
        details: secret(),
    };
    shown += &apply(&mut world, beat);
    let completed = RespondActivityTaskCompleted {
        task_token: token(),
        result: secret(),
    };
    shown += &apply(&mut world, completed);
    let failed = RespondActivityTaskFailed {
        task_token: token(),
        reason: None,
        details: secret(),
    };
    shown += &apply(&mut world, failed);
    let canceled = RespondActivityTaskCanceled {
        task_token: token(),
        details: secret(),
    };
    shown += &apply(&mut world, canceled);
    shown += &format!("{:?}", world.history(&workflow));
    shown += &format!("{:?}", world.engine);
    shown += &format!("{:?}", world.engine.take_notices());
    assert!(shown.contains("Payload(6 characters)"));
    assert!(!shown.contains("s3cret"));
    assert!(!shown.contains(task.token.expose()));
}

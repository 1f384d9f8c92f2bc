//! The engine as a wire sees it: names, JSON, and the faults of form.

use serde_json::json;
use workbeat_local::engine::{
    Answered, Decision, FaultKind, RequestCancelActivityTask, activity_task_text,
};

use crate::kit::{DOMAIN, World, activity, millis, on_wire, poll_of};

#[test]
fn an_operation_that_swf_does_not_have_is_unknown_and_so_is_the_built_in_decider() {
    let mut world = World::new();
    for name in [
        "",
        "Decide",
        "registerDomain",
        "SimpleWorkflowService.RegisterDomain",
    ] {
        let fault = world.engine.call(name, &json!({}), world.now).unwrap_err();
        assert_eq!(fault.kind(), FaultKind::UnknownOperation);
        let type_name = "com.amazon.coral.service#UnknownOperationException";
        assert_eq!(fault.type_name(), type_name);
    }
}

#[test]
fn a_parked_poll_and_a_task_answer_as_the_wire_has_them() {
    let mut world = World::new();
    let poll = on_wire(poll_of("files"));
    assert_eq!(poll.1["taskList"], json!({"name": "files"}));
    assert!(matches!(world.call(&poll), Ok(Answered::Parked(_))));
    assert_eq!(activity_task_text(None), r#"{"startedEventId":0}"#);

    let mut world = World::new();
    world.start(activity("a"));
    let Ok(Answered::Done(task)) = world.call(&poll) else {
        panic!("no task")
    };
    let task: serde_json::Value = serde_json::from_str(&task).unwrap();
    assert_eq!(
        task["activityType"],
        json!({"name": "pack", "version": "1.0"})
    );
    assert_eq!(task["workflowExecution"]["workflowId"], "flow");
    let complete = json!({"taskToken": task["taskToken"], "result": "done"});
    let complete = ("RespondActivityTaskCompleted", complete);
    assert_eq!(world.call(&complete), Ok(Answered::Done(String::new())));
}

#[test]
fn a_decision_has_its_type_and_its_attributes_on_the_wire_and_reads_back() {
    let mut schedule = activity("a");
    schedule.heartbeat_timeout = millis(30_000);
    schedule.task_priority = Some(7);
    let json = serde_json::to_value(Decision::from(schedule)).unwrap();
    assert_eq!(
        json,
        json!({
            "decisionType": "ScheduleActivityTask",
            "scheduleActivityTaskDecisionAttributes": {
                "activityType": {"name": "pack", "version": "1.0"},
                "activityId": "a",
                "heartbeatTimeout": "30",
                "taskPriority": "7",
            }
        })
    );
    assert!(matches!(
        serde_json::from_value(json),
        Ok(Decision::ScheduleActivityTask(_))
    ));
    let activity_id = "a".to_owned();
    let mut json =
        serde_json::to_value(Decision::from(RequestCancelActivityTask { activity_id })).unwrap();
    json["decisionType"] = json!("ScheduleActivityTask");
    assert!(serde_json::from_value::<Decision>(json).is_err());
}

#[test]
fn a_member_that_is_not_of_its_form_is_refused_without_its_value() {
    let mut world = World::new();
    let register = |timeout: serde_json::Value| {
        let input = json!({
            "domain": DOMAIN, "name": "t", "version": "1", "defaultTaskHeartbeatTimeout": timeout,
        });
        ("RegisterActivityType", input)
    };
    let fault = world.call(&register(json!("s3cret"))).unwrap_err();
    assert_eq!(fault.kind(), FaultKind::Validation);
    assert!(!fault.message().contains("s3cret"));
    let fault = world.call(&register(json!({"s3cret": 1}))).unwrap_err();
    assert_eq!(fault.kind(), FaultKind::Serialization);
    assert!(!fault.message().contains("s3cret"));
    assert!(world.call(&register(json!(null))).is_ok());
}

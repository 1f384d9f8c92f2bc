//! Lengths, names and quotas.

use std::time::Duration;

use workbeat::service::TaskToken;
use workbeat_local::engine::{
    Decision, DecisionFailure, FaultKind, Operation, Payload, RecordActivityTaskHeartbeat,
    RegisterActivityType, RegisterDomain, RespondActivityTaskCanceled,
    RespondActivityTaskCompleted, RespondActivityTaskFailed,
    ScheduleActivityTaskFailedCause as Cause, StartWorkflowExecution, WorkflowType, limits,
};

use crate::kit::{DOMAIN, LIST, World, activity, attributes, decide, millis, poll_of};

/// So many characters that take two UTF-16 units each.
fn wide(units: usize) -> String {
    "\u{1f980}".repeat(units / 2)
}

fn refused<O: Operation<Answer: std::fmt::Debug>>(world: &mut World, request: O, member: &str) {
    let fault = world.err(request);
    assert_eq!(fault.kind(), FaultKind::Validation);
    let named = [format!("'{member}'"), format!(".{member}'")];
    let told = named.iter().any(|member| fault.message().contains(member));
    assert!(told, "{fault}");
}

#[test]
fn what_a_worker_says_has_a_length_limit_in_utf_16_units() {
    let mut world = World::new();
    world.start(activity("a"));
    let token = world.take().token;
    let beat = |details: String| RecordActivityTaskHeartbeat {
        task_token: token.clone(),
        details: Some(details.into()),
    };
    world.ok(beat(wide(2_048)));
    refused(&mut world, beat(wide(2_050)), "details");

    let too_long = || Some(Payload::from("x".repeat(32_769)));
    let task_token = || token.clone();
    let completed = RespondActivityTaskCompleted {
        task_token: task_token(),
        result: too_long(),
    };
    refused(&mut world, completed, "result");
    let canceled = RespondActivityTaskCanceled {
        task_token: task_token(),
        details: too_long(),
    };
    refused(&mut world, canceled, "details");
    let failed = |reason: usize, details| RespondActivityTaskFailed {
        task_token: task_token(),
        reason: Some("x".repeat(reason)),
        details,
    };
    refused(&mut world, failed(257, None), "reason");
    refused(&mut world, failed(256, too_long()), "details");
    refused(&mut world, calls_with("x".repeat(1_025)), "taskToken");
    refused(&mut world, calls_with(String::new()), "taskToken");
    // None of it closed the task.
    world.ok(failed(256, Some(wide(32_768).into())));
}

fn calls_with(token: String) -> RespondActivityTaskCompleted {
    RespondActivityTaskCompleted {
        task_token: TaskToken::new(token),
        result: None,
    }
}

#[test]
fn what_a_poll_says_has_a_length_limit() {
    let mut world = World::new();
    let mut poll = poll_of(LIST);
    poll.identity = Some("x".repeat(256));
    world.ok(poll.clone());
    poll.identity = Some("x".repeat(257));
    refused(&mut world, poll, "identity");
    refused(&mut world, poll_of(&"x".repeat(257)), "taskList.name");
    refused(&mut world, poll_of("a/b"), "taskList.name");
}

#[test]
fn a_malformed_decision_refuses_the_whole_request() {
    let mut world = World::new();
    let workflow = world.workflow("flow");
    let mut too_long = activity("a");
    too_long.input = Some("x".repeat(32_769).into());
    let mut too_late = activity("a");
    too_late.heartbeat_timeout = Some((limits::TIMEOUT + Duration::from_secs(1)).into());
    for (decision, member) in [
        (too_long, "input"),
        (too_late, "heartbeatTimeout"),
        (activity("arn"), "activityId"),
        (activity("a|b"), "activityId"),
        (activity(&"x".repeat(257)), "activityId"),
    ] {
        let decisions: Vec<Decision> = vec![activity("fine").into(), decision.into()];
        refused(&mut world, decide("flow", decisions), member);
    }
    assert_eq!(world.names(&workflow).len(), 2);
}

#[test]
fn the_names_of_types_and_domains_follow_the_rules() {
    let mut world = World::new();
    let register = |name: &str, version: &str| RegisterActivityType {
        domain: DOMAIN.into(),
        name: name.into(),
        version: version.into(),
        ..Default::default()
    };
    world.ok(register(&"n".repeat(256), &"v".repeat(64)));
    refused(&mut world, register("", "1"), "name");
    refused(&mut world, register("a:b", "1"), "name");
    refused(&mut world, register("a", &"v".repeat(65)), "version");
    let described = RegisterActivityType {
        description: Some(wide(1_026)),
        ..register("a", "1")
    };
    refused(&mut world, described, "description");
    refused(
        &mut world,
        RegisterDomain {
            name: "arn".into(),
            ..Default::default()
        },
        "name",
    );
    let start = StartWorkflowExecution {
        domain: DOMAIN.into(),
        workflow_id: "w\u{7}".into(),
        workflow_type: WorkflowType::new("flow", "1.0"),
        ..Default::default()
    };
    refused(&mut world, start, "workflowId");
}

#[test]
fn an_execution_has_at_most_1000_open_activities() {
    let mut world = World::new();
    world.workflow("flow");
    let decisions = (0..1_001)
        .map(|number| activity(&number.to_string()).into())
        .collect();
    let decided = world.decide("flow", decisions);
    let (last, others) = decided.outcomes.split_last().unwrap();
    assert!(others.iter().all(|outcome| outcome.failure.is_none()));
    let failure = DecisionFailure::ScheduleActivityTask(Cause::OpenActivitiesLimitExceeded);
    assert_eq!(last.failure, Some(failure));
    let token = world.take().token;
    world.complete(&token).unwrap();
    assert_eq!(
        world
            .decide("flow", vec![activity("one more").into()])
            .outcomes[0]
            .failure,
        None
    );
}

#[test]
fn a_task_list_has_at_most_1000_pollers() {
    let mut world = World::new();
    let first = world.park();
    for _ in 1..1_000 {
        world.park();
    }
    assert_eq!(world.err(poll_of(LIST)).kind(), FaultKind::LimitExceeded);
    world.ok(poll_of("elsewhere"));
    world.engine.withdraw(first);
    world.park();
}

#[test]
fn there_are_at_most_100_domains() {
    let mut world = World::new();
    let register = |number: usize| RegisterDomain {
        name: format!("domain-{number}"),
        ..Default::default()
    };
    for number in 1..100 {
        world.ok(register(number));
    }
    assert_eq!(world.err(register(100)).kind(), FaultKind::LimitExceeded);
}

/// Fills a history up to so many events, with decisions that cannot be carried out.
fn fill(world: &mut World, run_id: &str, events: usize) {
    loop {
        let left = events - world.engine.history(run_id).map_or(0, <[_]>::len);
        // A decision cycle is three events, so up to three more than one are left over.
        let Some(failures) = left.checked_sub(3).filter(|failures| *failures > 0) else {
            assert_eq!(left, 0, "it does not add up");
            return;
        };
        let failures = if failures > 1_003 { 1_000 } else { failures };
        let decisions = (0..failures).map(|_| activity("open").into()).collect();
        world.decide("flow", decisions);
    }
}

#[test]
fn an_execution_whose_history_is_full_is_terminated_by_the_25000th_event() {
    let mut world = World::new();
    let workflow = world.start(activity("open"));
    let token = world.take().token;
    fill(&mut world, &workflow.run_id, 24_999);
    let fault = world.err(decide("flow", vec![]));
    assert_eq!(fault.message(), "Unknown execution, workflowId = flow");
    let last = world.last(&workflow);
    assert_eq!(last.event_id, 25_000);
    let terminated = attributes!(last, WorkflowExecutionTerminated);
    assert_eq!(
        terminated.cause.map(|cause| cause.as_str()),
        Some("EVENT_LIMIT_EXCEEDED")
    );
    assert!(
        world
            .beat(&token, None)
            .unwrap_err()
            .message()
            .starts_with("Unknown execution")
    );
}

#[test]
fn events_that_belong_together_are_not_written_in_part() {
    let mut world = World::new();
    let workflow = world.start(activity("open"));
    fill(&mut world, &workflow.run_id, 24_990);
    let decisions = (0..10).map(|_| activity("open").into()).collect();
    world.err(decide("flow", decisions));
    assert_eq!(world.last(&workflow).event_id, 24_991);
}

#[test]
fn a_full_history_has_no_room_for_a_timeout_either() {
    let mut world = World::new();
    let mut decision = activity("open");
    decision.heartbeat_timeout = millis(10);
    let workflow = world.start(decision);
    world.take();
    fill(&mut world, &workflow.run_id, 24_999);
    world.pass(10);
    let last = world.last(&workflow);
    assert_eq!(
        (last.event_id, last.event_type()),
        (25_000, "WorkflowExecutionTerminated")
    );
    assert_eq!(world.next_deadline(), None);
}

#[test]
fn a_poll_passes_over_a_task_whose_history_is_full() {
    let mut world = World::new();
    let full = world.start(activity("open"));
    fill(&mut world, &full.run_id, 24_999);
    world.workflow("other");
    world.decide("other", vec![activity("next").into()]);
    assert_eq!(&*world.take().activity_id, "next");
    assert_eq!(world.engine.is_open(&full.run_id), Some(false));
}

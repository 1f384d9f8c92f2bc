//! Decision tasks: when one is scheduled, who gets it, what it shows, and how it ends.

use std::time::Duration;

use workbeat::service::{TaskToken, Timeout};
use workbeat_local::engine::{
    CompleteWorkflowExecution, DecisionTaskTimeoutType, FaultKind, HistoryEvent, Notice,
    PolledForDecision, RecordMarker, Resource, Settings, StartTimer,
};

use crate::kit::{
    DECIDERS, DOMAIN, World, activity, answer, attributes, millis, poll_for_decision,
};

fn ids(events: &[HistoryEvent]) -> Vec<i64> {
    events.iter().map(|event| event.event_id).collect()
}

fn marker(name: &str) -> workbeat_local::engine::Decision {
    RecordMarker {
        marker_name: name.into(),
        details: None,
    }
    .into()
}

#[test]
fn a_start_schedules_a_decision_task_and_an_answer_without_decisions_no_other() {
    let mut world = World::new();
    let workflow = world.workflow("flow");
    let task = world.decider();
    assert_eq!(task.workflow, workflow);
    assert_eq!(
        (task.started_event_id, task.previous_started_event_id),
        (3, 0)
    );
    assert_eq!(ids(&task.events), [1, 2, 3]);
    world.answer(&task, Vec::new());
    world.park_decider();
    let completed = attributes!(world.last(&workflow), DecisionTaskCompleted);
    assert_eq!(
        (completed.scheduled_event_id, completed.started_event_id),
        (2, 3)
    );
}

#[test]
fn events_before_the_start_show_in_the_task_and_events_after_it_make_another() {
    let mut world = World::new();
    let workflow = world.workflow("flow");
    world.signal("flow");
    let task = world.decider();
    assert_eq!(ids(&task.events), [1, 2, 3, 4], "the signal is in it");
    world.signal("flow");
    world.signal("flow");
    world.park_decider();
    world.answer(&task, vec![marker("m")]);
    let expected = [
        "DecisionTaskStarted",
        "WorkflowExecutionSignaled",
        "WorkflowExecutionSignaled",
        "DecisionTaskCompleted",
        "MarkerRecorded",
        "DecisionTaskScheduled",
        "DecisionTaskStarted",
    ];
    assert_eq!(world.names(&workflow)[3..], expected);
}

#[test]
fn a_poll_that_waits_gets_the_task_and_one_that_waits_too_long_gets_none() {
    let mut world = World::with(Settings::default().poll_hold(Duration::from_secs(1)));
    let first = world.park_decider();
    let second = world.park_decider();
    let workflow = world.workflow("flow");
    world.pass(1_000);
    let answers: Vec<_> = world
        .engine
        .take_notices()
        .into_iter()
        .filter_map(|notice| match notice {
            Notice::DecisionPollAnswered { poll, task } => Some((poll, task)),
            _ => None,
        })
        .map(|(poll, task)| (poll, task.map(|task| task.workflow)))
        .collect();
    assert_eq!(answers, [(first, Some(workflow)), (second, None)]);
}

#[test]
fn a_poll_that_its_client_left_keeps_its_place_or_gives_it_up() {
    let mut world = World::new();
    let phantom = world.park_decider();
    assert!(world.engine.abandon(phantom, true));
    let workflow = world.workflow("flow");
    assert_eq!(world.last(&workflow).event_type(), "DecisionTaskStarted");
    assert!(!world.engine.withdraw(phantom), "it is gone");

    let mut world = World::new();
    let poll = world.park_decider();
    assert!(world.engine.abandon(poll, false));
    world.workflow("flow");
    world.decider();
}

#[test]
fn the_higher_priority_is_decided_first() {
    let mut world = World::new();
    for (workflow_id, priority) in [("low", None), ("high", Some(5)), ("lowest", Some(-1))] {
        world.started(workflow_id, |start| start.task_priority = priority);
    }
    let order: Vec<_> = (0..3)
        .map(|_| world.decider().workflow.workflow_id.to_string())
        .collect();
    assert_eq!(order, ["high", "low", "lowest"]);
}

#[test]
fn an_activity_and_a_decider_may_poll_lists_of_the_same_name() {
    let mut world = World::new();
    world.started("flow", |start| start.task_list = Some("files".into()));
    world.park();
    let poll = poll_for_decision("files");
    assert!(matches!(world.ok(poll), PolledForDecision::Task(_)));
}

#[test]
fn a_decision_task_that_is_not_answered_in_time_times_out_and_comes_again() {
    let mut world = World::new();
    let workflow = world.started("flow", |start| {
        start.task_start_to_close_timeout = millis(500);
    });
    let late = world.decider();
    world.pass(500);
    let timed_out = attributes!(world.last(&workflow), DecisionTaskTimedOut);
    assert_eq!(
        timed_out.timeout_type,
        DecisionTaskTimeoutType::StartToClose
    );
    assert_eq!(
        (timed_out.scheduled_event_id, timed_out.started_event_id),
        (2, 3)
    );
    let fault = world.err(answer(&late, Vec::new()));
    let resource = Resource::Decision;
    assert_eq!(fault.kind(), FaultKind::UnknownResource(resource));
    assert_eq!(fault.message(), "Unknown decision, scheduledEventId = 2");

    let again = world.decider();
    assert_eq!(
        again.previous_started_event_id, 0,
        "nothing was decided yet"
    );
    world.answer(&again, Vec::new());
    world.signal("flow");
    let next = world.decider();
    assert_eq!(next.previous_started_event_id, again.started_event_id);
    assert_eq!(
        world.next_deadline(),
        Some(world.now + Duration::from_millis(500))
    );
}

#[test]
fn an_answer_that_comes_twice_or_after_the_end_is_for_a_task_that_is_closed() {
    let mut world = World::new();
    let workflow = world.workflow("flow");
    let task = world.decider();
    world.answer(&task, Vec::new());
    let fault = world.err(answer(&task, Vec::new()));
    assert_eq!(fault.message(), "Unknown decision, scheduledEventId = 2");
    world.signal("flow");
    world.decided(vec![CompleteWorkflowExecution::default().into()]);
    let fault = world.err(answer(&task, Vec::new()));
    let run_id = &workflow.run_id;
    let execution = format!("WorkflowExecution=[workflowId=flow, runId={run_id}]");
    assert_eq!(fault.message(), format!("Unknown execution: {execution}"));
}

#[test]
fn a_token_of_an_activity_or_of_nobody_is_none_of_a_decision_task() {
    let mut world = World::new();
    world.start(activity("a"));
    let mut answer = workbeat_local::engine::RespondDecisionTaskCompleted {
        task_token: world.take().token,
        ..Default::default()
    };
    assert_eq!(world.err(answer.clone()).kind(), FaultKind::Validation);
    answer.task_token = TaskToken::new("made up");
    assert_eq!(world.err(answer).kind(), FaultKind::Validation);
    world.signal("flow");
    let beat = world.decider().token;
    assert_eq!(
        world.beat(&beat, None).unwrap_err().kind(),
        FaultKind::Validation
    );
}

#[test]
fn a_malformed_answer_is_refused_as_a_whole() {
    let mut world = World::new();
    let workflow = world.workflow("flow");
    let task = world.decider();
    let complete = || CompleteWorkflowExecution::default().into();
    let fault = world.err(answer(&task, vec![marker("m"), complete(), complete()]));
    assert_eq!(fault.message(), "Close must be last decision in list");
    let timer = StartTimer {
        timer_id: "t".into(),
        control: None,
        start_to_fire_timeout: Timeout::None,
    };
    let fault = world.err(answer(&task, vec![marker("m"), timer.into()]));
    assert!(fault.message().contains("startToFireTimeout"), "{fault}");
    assert_eq!(world.last(&workflow).event_type(), "DecisionTaskStarted");
    world.answer(&task, vec![complete()]);
}

#[test]
fn the_events_of_a_task_come_in_pages_in_either_order() {
    let mut world = World::new();
    world.workflow("flow");
    for _ in 0..6 {
        world.signal("flow");
    }
    for (reverse, expected) in [
        (false, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        (true, [9, 8, 7, 6, 5, 4, 3, 2, 1]),
    ] {
        let mut world = World::new();
        world.workflow("flow");
        (0..6).for_each(|_| world.signal("flow"));
        let mut poll = poll_for_decision(DECIDERS);
        poll.maximum_page_size = Some(4);
        poll.reverse_order = Some(reverse);
        let mut events = Vec::new();
        let mut tokens = Vec::new();
        loop {
            let PolledForDecision::Task(task) = world.ok(poll.clone()) else {
                panic!("no task")
            };
            assert_eq!(task.started_event_id, 9);
            events.extend(ids(&task.events));
            tokens.push(task.token);
            poll.next_page_token = task.next_page_token;
            if poll.next_page_token.is_none() {
                break;
            }
            // What comes meanwhile is not of this task.
            world.signal("flow");
        }
        assert_eq!(events, expected);
        assert_eq!(tokens.len(), 3);
        assert!(tokens.windows(2).all(|two| two[0] == two[1]));
    }
}

#[test]
fn a_page_token_holds_for_as_long_as_its_task_and_in_its_own_order() {
    let mut world = World::new();
    world.workflow("flow");
    let mut poll = poll_for_decision(DECIDERS);
    poll.maximum_page_size = Some(2);
    let PolledForDecision::Task(task) = world.ok(poll.clone()) else {
        panic!("no task")
    };
    poll.next_page_token = task.next_page_token.clone();
    let mut other = poll.clone();
    other.reverse_order = Some(true);
    assert_eq!(world.err(other).message(), "Invalid token");
    world.answer(&task, Vec::new());
    assert_eq!(world.err(poll.clone()).message(), "Invalid token");
    poll.next_page_token = Some("made up".into());
    assert_eq!(world.err(poll).message(), "Invalid token");
}

#[test]
fn a_task_can_begin_where_the_last_one_that_was_decided_started() {
    let mut world = World::new();
    world.workflow("flow");
    world.decided(vec![marker("m")]);
    world.signal("flow");
    let mut poll = poll_for_decision(DECIDERS);
    poll.start_at_previous_started_event = Some(true);
    let PolledForDecision::Task(task) = world.ok(poll) else {
        panic!("no task")
    };
    assert_eq!(task.previous_started_event_id, 3);
    assert_eq!(ids(&task.events), [3, 4, 5, 6, 7, 8]);
}

#[test]
fn a_decider_can_move_the_decision_tasks_to_another_list_for_good() {
    let mut world = World::new();
    let workflow = world.workflow("flow");
    let task = world.decider();
    let mut moved = answer(&task, Vec::new());
    moved.task_list = Some("sticky".into());
    moved.execution_context = Some("kept".into());
    world.ok(moved);
    let completed = attributes!(world.last(&workflow), DecisionTaskCompleted);
    assert_eq!(completed.task_list.as_deref(), Some("sticky"));
    assert_eq!(completed.execution_context, Some("kept".into()));
    for _ in 0..2 {
        world.signal("flow");
        world.park_decider();
        let PolledForDecision::Task(task) = world.ok(poll_for_decision("sticky")) else {
            panic!("no task")
        };
        world.answer(&task, Vec::new());
    }
}

#[test]
fn a_list_for_a_while_ends_when_a_task_waits_there_for_too_long() {
    let mut world = World::new();
    let workflow = world.workflow("flow");
    let task = world.decider();
    let mut moved = answer(&task, Vec::new());
    moved.task_list = Some("sticky".into());
    moved.task_list_schedule_to_start_timeout = millis(1_000);
    world.ok(moved);
    world.signal("flow");
    let scheduled = world.history(&workflow).pop().unwrap();
    let scheduled = attributes!(scheduled, DecisionTaskScheduled);
    assert_eq!(scheduled.schedule_to_start_timeout, millis(1_000));
    assert_eq!(&*scheduled.task_list, "sticky");
    world.pass(1_000);
    let timed_out = attributes!(world.last(&workflow), DecisionTaskTimedOut);
    assert_eq!(
        timed_out.timeout_type,
        DecisionTaskTimeoutType::ScheduleToStart
    );
    assert_eq!(timed_out.started_event_id, 0);
    world.decider();
}

#[test]
fn an_activity_that_ends_asks_for_a_decision_of_whoever_decides() {
    let mut world = World::new();
    let workflow = world.workflow("flow");
    world.decided(vec![activity("a").into()]);
    world.park_decider();
    let task = world.take();
    world.complete(&task.token).unwrap();
    // The first poll waits in vain no more.
    assert!(matches!(
        world.engine.take_notices()[..],
        [.., Notice::DecisionPollAnswered { task: Some(_), .. }]
    ));
    assert_eq!(world.last(&workflow).event_type(), "DecisionTaskStarted");
}

#[test]
fn the_built_in_decider_takes_the_task_that_waits_and_none_that_another_has() {
    let mut world = World::new();
    let workflow = world.workflow("flow");
    world.decider();
    let fault = world.err(crate::kit::decide("flow", vec![marker("m")]));
    assert_eq!(fault.kind(), FaultKind::Validation);
    assert_eq!(world.names(&workflow).len(), 3);
    assert_eq!(world.engine.open_run(DOMAIN, "flow"), Some(workflow.run_id));
}

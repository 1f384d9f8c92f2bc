use proptest::prelude::*;

use super::*;
use crate::service::{TaskToken, WorkflowExecution};

const OWN: [(i64, AttemptEvent<'static>); 2] = [
    (
        92,
        AttemptEvent::Started {
            scheduled_event_id: 91,
        },
    ),
    (91, scheduled("copy-1")),
];

const fn scheduled(activity_id: &'static str) -> AttemptEvent<'static> {
    AttemptEvent::Scheduled {
        activity_id,
        name: "copy",
        version: "1",
    }
}

const fn timed_out(scheduled: i64, details: Option<&'static str>) -> AttemptEvent<'static> {
    AttemptEvent::TimedOut {
        scheduled_event_id: scheduled,
        details,
    }
}

const fn failed(scheduled: i64, details: &'static str) -> AttemptEvent<'static> {
    failed_for(scheduled, "disk full", details)
}

const fn failed_for(
    scheduled: i64,
    reason: &'static str,
    details: &'static str,
) -> AttemptEvent<'static> {
    AttemptEvent::Failed {
        scheduled_event_id: scheduled,
        reason: Some(reason),
        details: Some(details),
    }
}

/// What is found behind the task's own events.
fn found(events: &[(i64, AttemptEvent<'_>)]) -> Option<PreviousAttempt> {
    let task = ActivityTask::new(
        TaskToken::new("t"),
        "copy-1",
        ActivityType::new("copy", "1"),
        WorkflowExecution::new("w", "r"),
        92,
    );
    let mut search = PreviousAttemptSearch::new(&task);
    for (event_id, event) in OWN.iter().chain(events) {
        if let ControlFlow::Break(found) = search.look(*event_id, *event) {
            return found;
        }
    }
    None
}

#[test]
fn a_failure_that_the_framework_made_without_progress_is_passed_over() {
    let reason = "WORKBEAT_WORKER_DRAINING: the worker drains";
    let before = [
        (40, timed_out(31, Some("page 900"))),
        (31, scheduled("copy-1")),
    ];
    let attempt = |details| {
        let last = [
            (60, failed_for(51, reason, details)),
            (51, scheduled("copy-1")),
        ];
        progress(&[&last[..], &before].concat())
    };
    assert_eq!(attempt("its deadline").as_deref(), Some("page 900"));
    let envelope = r#"{"workbeat.progress":1,"progress":"page 950"}"#;
    assert_eq!(attempt(envelope).as_deref(), Some("page 950"));
}

#[test]
fn a_history_without_the_own_start_says_nothing_yet() {
    let task = ActivityTask::new(
        TaskToken::new("t"),
        "copy-1",
        ActivityType::new("copy", "1"),
        WorkflowExecution::new("w", "r"),
        92,
    );
    let mut search = PreviousAttemptSearch::new(&task);
    let older = search.look(40, timed_out(31, Some("page 900")));
    assert_eq!(older, ControlFlow::Break(None));
    assert!(!search.has_begun());
    let _ = search.look(OWN[0].0, OWN[0].1);
    assert!(search.has_begun());
}

fn progress(events: &[(i64, AttemptEvent<'_>)]) -> Option<String> {
    found(events)?.progress()
}

#[test]
fn a_first_attempt_has_none_before_it() {
    assert_eq!(found(&[]), None);
}

#[test]
fn of_several_attempts_it_is_the_last_one_and_of_no_other_activity() {
    let events = [
        (90, timed_out(80, Some("another"))),
        (89, timed_out(70, Some("newer"))),
        (80, scheduled("copy-2")),
        (70, scheduled("copy-1")),
        (60, timed_out(50, Some("older"))),
        (50, scheduled("copy-1")),
    ];
    assert_eq!(progress(&events).as_deref(), Some("newer"));
}

#[test]
fn the_same_id_of_another_type_is_another_activity() {
    let another = AttemptEvent::Scheduled {
        activity_id: "copy-1",
        name: "copy",
        version: "2",
    };
    let events = [
        (90, timed_out(80, Some("of version 2"))),
        (80, another),
        (70, timed_out(60, Some("of version 1"))),
        (60, scheduled("copy-1")),
    ];
    assert_eq!(progress(&events).as_deref(), Some("of version 1"));
}

#[test]
fn one_that_timed_out_with_nothing_to_say_is_passed_over() {
    let events = [
        (90, timed_out(80, None)),
        (80, scheduled("copy-1")),
        (70, timed_out(60, Some("3"))),
        (60, scheduled("copy-1")),
    ];
    assert_eq!(progress(&events).as_deref(), Some("3"));
}

#[test]
fn one_whose_heartbeats_carried_empty_details_is_passed_over_too() {
    let events = [
        (90, timed_out(80, Some(""))),
        (80, scheduled("copy-1")),
        (70, timed_out(60, Some("3"))),
        (60, scheduled("copy-1")),
    ];
    assert_eq!(progress(&events).as_deref(), Some("3"));
}

#[test]
fn one_that_completed_or_was_canceled_leaves_nothing_to_resume() {
    let done = AttemptEvent::Done {
        scheduled_event_id: 80,
    };
    let events = [
        (90, done),
        (80, scheduled("copy-1")),
        (70, timed_out(60, Some("3"))),
        (60, scheduled("copy-1")),
    ];
    assert_eq!(found(&events), None);
}

#[test]
fn a_failure_has_progress_if_it_is_in_the_envelope() {
    let envelope = r#"{"workbeat.progress":1,"progress":"[1]"}"#;
    for (details, expected) in [
        ("disk full", None),
        ("{\"workbeat.progress\":2,\"progress\":\"[1]\"}", None),
        ("{\"progress\":\"[1]\"}", None),
        ("[1,\"2\"]", None),
        (envelope, Some("[1]")),
    ] {
        let events = [(90, failed(80, details)), (80, scheduled("copy-1"))];
        assert_eq!(progress(&events).as_deref(), expected, "{details}");
    }
}

#[test]
fn a_history_without_the_task_s_own_start_is_not_searched_to_its_beginning() {
    let task = ActivityTask::new(
        TaskToken::new("t"),
        "copy-1",
        ActivityType::new("copy", "1"),
        WorkflowExecution::new("w", "r"),
        92,
    );
    let mut search = PreviousAttemptSearch::new(&task);
    assert!(search.look(93, scheduled("copy-1")).is_continue());
    let older = search.look(90, timed_out(80, Some("3")));
    assert_eq!(older, ControlFlow::Break(None));
}

proptest! {
    #[test]
    fn an_envelope_is_read_back_as_it_was(progress in ".{0,40}", details in proptest::option::of(".{0,40}")) {
        let mut envelope = ProgressEnvelope::new(progress);
        envelope.details = details;
        prop_assert_eq!(ProgressEnvelope::read(&envelope.to_text()), Some(envelope));
    }
}

//! What every history must be, whatever was called.

use std::collections::BTreeMap;

use workbeat_local::engine::{EventAttributes as Event, HistoryEvent};

/// Checks the history of an execution that is open or not.
pub(crate) fn check(history: &[HistoryEvent], open: bool) {
    for (event, id) in history.iter().zip(1..) {
        assert_eq!(event.event_id, id, "event ids are dense");
    }
    assert!(
        history.is_sorted_by_key(|event| event.timestamp),
        "time went back"
    );
    check_decisions(history);
    check_activities(history);
    check_timers_and_children(history);
    check_end(history, open);
}

/// Whether an event closes an activity, and which.
pub(crate) fn closes(event: &HistoryEvent) -> Option<i64> {
    match &event.attributes {
        Event::ActivityTaskCompleted(it) => Some(it.scheduled_event_id),
        Event::ActivityTaskFailed(it) => Some(it.scheduled_event_id),
        Event::ActivityTaskCanceled(it) => Some(it.scheduled_event_id),
        Event::ActivityTaskTimedOut(it) => Some(it.scheduled_event_id),
        _ => None,
    }
}

/// At most one decision task is open at a time, and each answer belongs to it.
fn check_decisions(history: &[HistoryEvent]) {
    let (mut scheduled, mut started) = (None, None);
    for event in history {
        match &event.attributes {
            Event::DecisionTaskScheduled(_) => {
                assert_eq!(scheduled.replace(event.event_id), None, "two at once");
            }
            Event::DecisionTaskStarted(it) => {
                assert_eq!(Some(it.scheduled_event_id), scheduled);
                started = Some(event.event_id);
            }
            Event::DecisionTaskCompleted(it) => {
                assert_eq!(Some(it.scheduled_event_id), scheduled.take());
                assert_eq!(Some(it.started_event_id), started.take());
            }
            Event::DecisionTaskTimedOut(it) => {
                assert_eq!(Some(it.scheduled_event_id), scheduled.take());
                assert_eq!(it.started_event_id, started.take().unwrap_or(0));
            }
            _ => {}
        }
    }
}

/// What starts was scheduled, and what is scheduled starts and ends at most once.
fn check_activities(history: &[HistoryEvent]) {
    // The open activities, and whether they have started.
    let mut open = BTreeMap::new();
    for event in history {
        if let Some(scheduled) = closes(event) {
            assert!(open.remove(&scheduled).is_some(), "{event:?} ends nothing");
        }
        match &event.attributes {
            Event::ActivityTaskScheduled(_) => {
                open.insert(event.event_id, false);
            }
            Event::ActivityTaskStarted(it) => {
                let started = open.insert(it.scheduled_event_id, true);
                assert_eq!(started, Some(false), "{event:?} starts nothing");
            }
            _ => {}
        }
    }
}

/// A timer ends at most once, under its own name; a child starts before it ends.
fn check_timers_and_children(history: &[HistoryEvent]) {
    let (mut timers, mut children) = (BTreeMap::new(), BTreeMap::new());
    for event in history {
        let ended = match &event.attributes {
            Event::TimerStarted(it) => {
                timers.insert(event.event_id, it.timer_id.clone());
                None
            }
            Event::TimerFired(it) => {
                let timer = timers.remove(&it.started_event_id);
                assert_eq!(timer.as_ref(), Some(&it.timer_id), "{event:?}");
                None
            }
            Event::TimerCanceled(it) => {
                let timer = timers.remove(&it.started_event_id);
                assert_eq!(timer.as_ref(), Some(&it.timer_id), "{event:?}");
                None
            }
            Event::StartChildWorkflowExecutionInitiated(_) => {
                children.insert(event.event_id, false);
                None
            }
            Event::ChildWorkflowExecutionStarted(it) => {
                let started = children.insert(it.initiated_event_id, true);
                assert_eq!(started, Some(false), "{event:?} starts nothing");
                None
            }
            Event::ChildWorkflowExecutionCompleted(it) => Some(it.initiated_event_id),
            Event::ChildWorkflowExecutionFailed(it) => Some(it.initiated_event_id),
            Event::ChildWorkflowExecutionCanceled(it) => Some(it.initiated_event_id),
            Event::ChildWorkflowExecutionTerminated(it) => Some(it.initiated_event_id),
            Event::ChildWorkflowExecutionTimedOut(it) => Some(it.initiated_event_id),
            _ => None,
        };
        if let Some(initiated) = ended {
            assert_eq!(
                children.remove(&initiated),
                Some(true),
                "{event:?} ends nothing"
            );
        }
    }
}

/// What closes an execution is its last event.
fn check_end(history: &[HistoryEvent], open: bool) {
    const ENDS: [&str; 6] = [
        "WorkflowExecutionCompleted",
        "WorkflowExecutionFailed",
        "WorkflowExecutionCanceled",
        "WorkflowExecutionTerminated",
        "WorkflowExecutionTimedOut",
        "WorkflowExecutionContinuedAsNew",
    ];
    let end = history
        .iter()
        .position(|event| ENDS.contains(&event.event_type()));
    assert_eq!(end, (!open).then(|| history.len() - 1));
}

//! Whatever is called: histories are sound, no poll waits beside a task, and it makes no
//! difference in which steps time passes.

use std::collections::BTreeMap;

use proptest::prelude::*;
use workbeat_local::engine::{EventAttributes as Event, HistoryEvent};

use crate::run::Run;
use crate::steps::{Step, beginning, step};

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..Default::default() })]

    #[test]
    fn histories_are_sound_and_no_poll_waits_beside_a_task(
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let mut run = Run::new(false);
        for step in beginning().iter().chain(&steps) {
            run.take(step);
            run.check_waiting();
        }
        for run_id in run.engine.runs() {
            let history = run.engine.history(&run_id).expect("the run is known");
            for (event, id) in history.iter().zip(1..) {
                prop_assert_eq!(event.event_id, id);
            }
            prop_assert!(history.is_sorted_by_key(|event| event.timestamp), "time went back");
            check_decisions(history);
            check_activities(history);
            check_timers_and_children(history);
            check_end(history, run.engine.is_open(&run_id) == Some(true));
        }
    }

    #[test]
    fn many_small_steps_of_time_are_one_big_step_for_everything(
        steps in prop::collection::vec(step(), 1..90),
        grain in 1_u64..700,
    ) {
        let (mut big, mut small) = (Run::new(false), Run::new(false));
        for step in beginning().iter().chain(&steps) {
            let expected = big.take(step);
            match *step {
                Step::Pass(millis) if millis < 20_000 => {
                    let parts = (0..millis / grain).map(|_| grain).chain([millis % grain]);
                    let mut shown = Vec::new();
                    for part in parts {
                        // The last of it is the next deadline.
                        shown.pop();
                        shown.extend(small.take(&Step::Pass(part)));
                    }
                    prop_assert_eq!(shown, expected);
                }
                _ => prop_assert_eq!(small.take(step), expected),
            }
        }
        prop_assert_eq!(small.histories(), big.histories());
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
        if let Some(scheduled) = crate::kit::closes(event) {
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

//! An engine that was restored goes on as if nothing had happened.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::run::Run;
use crate::steps::{Step, beginning, step};

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_restored_engine_gives_the_same_answers_and_notices_from_there_on(
        steps in prop::collection::vec(step(), 1..90),
    ) {
        let (mut kept, mut restored) = (Run::new(false), Run::new(true));
        for step in beginning().iter().chain(&steps) {
            let expected = kept.take(step);
            prop_assert_eq!(restored.take(step), expected, "after {:?}", step);
        }
        for last in [Step::Restore, Step::Pass(200_000_000)] {
            let expected = kept.take(&last);
            prop_assert_eq!(restored.take(&last), expected);
            prop_assert_eq!(restored.histories(), kept.histories());
        }
    }

    #[test]
    fn whatever_is_called_nothing_panics_and_event_ids_stay_dense(
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let mut run = Run::new(false);
        for step in beginning().iter().chain(&steps) {
            run.take(step);
        }
        for run_id in run.engine.runs() {
            let history = run.engine.history(&run_id).expect("the run is known");
            for (event, id) in history.iter().zip(1..) {
                prop_assert_eq!(event.event_id, id);
            }
            prop_assert!(history.is_sorted_by_key(|event| event.timestamp), "time went back");
            check_decisions(history);
        }
    }
}

/// The properties are worth little if the random calls do not get far.
#[test]
fn the_random_calls_bring_about_nearly_every_event() {
    let mut runner = TestRunner::deterministic();
    let strategy = prop::collection::vec(step(), 60..120);
    let mut seen = BTreeMap::new();
    for _ in 0..250 {
        let steps = strategy.new_tree(&mut runner).expect("steps").current();
        let mut run = Run::new(false);
        for step in beginning().iter().chain(&steps) {
            run.take(step);
        }
        for run_id in run.engine.runs() {
            for event in run.engine.history(&run_id).unwrap_or_default() {
                *seen.entry(event.event_type()).or_insert(0) += 1;
            }
        }
    }
    // Of the 54, Lambda functions that run and what only a lack of permission brings about are
    // not to be had; a few others are rare.
    assert!(seen.len() >= 43, "{seen:#?}");
}

/// At most one decision task is open at a time, and each answer belongs to it.
fn check_decisions(history: &[workbeat_local::engine::HistoryEvent]) {
    use workbeat_local::engine::EventAttributes as Event;
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

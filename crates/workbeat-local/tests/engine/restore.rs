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

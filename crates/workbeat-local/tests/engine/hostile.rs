//! Every member of every operation, with every sort of value that does not belong there.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};
use workbeat_local::engine::{Engine, FaultKind, Settings, Timestamp};

use crate::any_input::{client, input_of, replace};
use crate::contract::{CONTRACT, declares, operations};
use crate::run::Run;
use crate::steps::{Step, beginning, step};

/// What stands where something else should. JSON's own reader takes no deeper nesting.
fn odd_values() -> Vec<Value> {
    let nested = |depth| (0..depth).fold(json!({}), |inner, _| json!({"domain": [inner]}));
    vec![
        Value::Null,
        json!(true),
        json!(0),
        json!(-1),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(-0.0),
        json!(f64::MAX),
        json!(""),
        json!("\0"),
        json!("99999999999"),
        json!("-99999999999"),
        json!("1e400"),
        json!("NONE"),
        json!("\u{202e}\u{10ffff}"),
        json!("€".repeat(32_769)),
        json!([]),
        json!([[[[]]]]),
        json!([null, 1, "a", {}]),
        json!({}),
        json!({"name": {"name": "text"}}),
        nested(60),
    ]
}

/// The ways to all values within one, the value itself among them.
fn ways(value: &Value, way: &[usize], found: &mut Vec<Vec<usize>>) {
    found.push(way.to_vec());
    let children: Vec<&Value> = match value {
        Value::Object(members) => members.values().collect(),
        Value::Array(elements) => elements.iter().collect(),
        _ => Vec::new(),
    };
    for (at, child) in children.into_iter().enumerate() {
        ways(child, &[way, &[at]].concat(), found);
    }
}

#[test]
fn a_wrong_value_at_any_place_of_any_operation_is_taken_or_refused_with_a_short_fault() {
    let mut checked = 0;
    let mut client = client();
    for (operation, ..) in operations(&CONTRACT) {
        let input = input_of(operation);
        let mut all = Vec::new();
        ways(&input, &[], &mut all);
        for way in all {
            for odd in odd_values() {
                let mut input = input.clone();
                replace(&mut input, &way, &odd);
                // Also while the clock goes back and forth.
                let now = Timestamp::from_millis(1_000_000 + checked % 3 * 500);
                if let Err(fault) = client.engine.call(operation, &input, now) {
                    assert_ne!(fault.kind(), FaultKind::UnknownOperation);
                    assert!(declares(operation, &fault), "{operation}: {fault}");
                    let length = fault.message().len();
                    assert!((1..8_192).contains(&length), "{operation}: {length} bytes");
                }
                client.engine.take_notices();
                checked += 1;
            }
        }
    }
    assert!(checked > 5_000, "{checked} inputs");
    client.pass(99_999_999_999_000);
}

#[test]
fn the_highest_numbers_in_damaged_rows_bring_nothing_down() {
    let mut run = Run::new(true);
    beginning().iter().for_each(|step| drop(run.take(step)));
    let mut rows = run.rows();
    let mut changed = 0;
    for (table, _, row) in &mut rows {
        let mut value: Value = serde_json::from_str(row).expect("a row is JSON");
        match table.as_str() {
            "runs" => value = json!(u64::MAX),
            "executions" => {
                let place = &mut value["decisions"]["task"]["state"]["Scheduled"]["place"];
                assert!(place.is_array(), "its decision task waits: {row}");
                place[1] = json!(u64::MAX);
            }
            _ => continue,
        }
        *row = value.to_string();
        changed += 1;
    }
    assert_eq!(changed, 2);
    let settings = Settings::default().track_changes(true);
    let engine = Engine::restore(settings, rows, Timestamp::default()).expect("numbers");
    let mut run = Run::over(engine, Timestamp::from_millis(2_000_000));
    let start = json!({
        "domain": "d", "workflowId": "w3", "workflowType": {"name": "flow", "version": "1"},
    });
    let started = run.take(&Step::Call("StartWorkflowExecution", start));
    assert!(started.concat().contains("runId"), "{started:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..Default::default() })]

    #[test]
    fn what_is_kept_grows_no_faster_than_what_was_sent(
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let mut run = Run::new(true);
        let mut most = 0;
        for step in beginning().iter().chain(&steps) {
            run.take(step);
            most += 4_096;
            if let Step::Call(_, input) | Step::WithActivityToken(_, _, input)
                | Step::Decide(_, input) = step
            {
                most += 8 * input.to_string().len();
            }
            prop_assert!(run.bytes_kept() <= most, "{} of {}", run.bytes_kept(), most);
        }
        // What is closed is forgotten in the end.
        let runs = |run: &Run| run.engine.runs().into_iter().collect::<BTreeSet<_>>();
        run.take(&Step::Pass(u64::MAX));
        prop_assert!(runs(&run).is_empty(), "{:?}", runs(&run));
    }

    #[test]
    fn a_row_that_was_changed_makes_an_engine_that_works_or_an_error_that_names_it(
        (steps, at, way, odd, after) in (
            prop::collection::vec(step(), 1..40),
            any::<prop::sample::Index>(),
            prop::collection::vec(any::<usize>(), 0..6),
            prop::sample::select(odd_values()),
            prop::collection::vec(step(), 1..40),
        ),
    ) {
        let mut run = Run::new(true);
        for step in beginning().iter().chain(&steps) {
            run.take(step);
        }
        let mut rows = run.rows();
        let at = at.index(rows.len());
        let mut value: Value = serde_json::from_str(&rows[at].2).expect("a row is JSON");
        replace(&mut value, &way, &odd);
        rows[at].2 = value.to_string();
        let (table, key) = (rows[at].0.clone(), rows[at].1.clone());
        let settings = Settings::default().seed(7).track_changes(true);
        let now = Timestamp::from_millis(1_200_000);
        match Engine::restore(settings, rows, now) {
            Err(error) => {
                let shown = error.to_string();
                prop_assert!(shown.contains(&table) || shown.contains(&key), "{}", shown);
                prop_assert!(shown.len() < 1_024, "{} bytes", shown.len());
            }
            Ok(mut engine) => {
                engine.take_notices();
                let mut run = Run::over(engine, now);
                after.iter().for_each(|step| drop(run.take(step)));
            }
        }
    }
}

//! No input, however odd, brings the engine down, or back what is the user's.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use workbeat_local::engine::{FaultKind, operation_names};

use crate::client::Client;
use crate::contract::{CONTRACT, declares, example};

/// Any JSON of a few levels.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "[0-9.NONEarn:/|-]{0,9}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let object = prop::collection::vec((".{0,8}", inner.clone()), 0..3);
        prop_oneof![
            prop::collection::vec(inner, 0..3).prop_map(Value::from),
            object.prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Replaces the value that `choices` lead to.
pub(crate) fn replace(value: &mut Value, choices: &[usize], by: &Value) {
    let children: Vec<&mut Value> = match value {
        Value::Object(members) => members.values_mut().collect(),
        Value::Array(elements) => elements.iter_mut().collect(),
        _ => Vec::new(),
    };
    match (choices.split_first(), children.len()) {
        (Some((choice, rest)), count) if count > 0 => {
            let child = children.into_iter().nth(choice % count);
            replace(child.expect("one of them"), rest, by);
        }
        _ => *value = by.clone(),
    }
}

/// An input of the operation in which every member is fine, and every text is `text`.
pub(crate) fn input_of(operation: &str) -> Value {
    let input = CONTRACT["operations"][operation]["input"].as_str();
    example(&CONTRACT, input.expect("an input"), true)
}

/// A client in whose world all that is called `text` exists.
pub(crate) fn client() -> Client {
    let mut client = Client::without_domain();
    for operation in [
        "RegisterDomain",
        "RegisterWorkflowType",
        "RegisterActivityType",
    ] {
        client.ok(operation, input_of(operation));
    }
    let mut start = input_of("StartWorkflowExecution");
    start["executionStartToCloseTimeout"] = json!("1000");
    client.ok("StartWorkflowExecution", start);
    client
}

proptest! {
    #[test]
    fn an_input_that_is_odd_in_one_place_is_taken_or_refused(
        (operation, choices, odd) in (
            prop::sample::select(operation_names()),
            prop::collection::vec(any::<usize>(), 0..6),
            any_json(),
        )
    ) {
        let mut input = input_of(operation);
        replace(&mut input, &choices, &odd);
        let mut client = client();
        let answer = client.engine.call(operation, &input, client.now);
        if let Err(fault) = answer {
            prop_assert_ne!(fault.kind(), FaultKind::UnknownOperation);
            prop_assert!(declares(operation, &fault), "{} answers {}", operation, fault);
        }
        client.pass(1_000_000_000);
    }

    #[test]
    fn what_is_the_users_is_in_no_fault(choices in prop::collection::vec(any::<usize>(), 0..6)) {
        for operation in ["RespondActivityTaskFailed", "RespondDecisionTaskCompleted"] {
            let mut input = input_of(operation);
            let secret = "s3cret".repeat(10_000);
            replace(&mut input, &choices, &json!(secret));
            let mut client = client();
            let fault = client.engine.call(operation, &input, client.now);
            let fault = fault.expect_err("the token is made up").to_string();
            // A word that had to be one of a few is shown, but never more than its beginning.
            prop_assert!(fault.len() < 2_000, "{}", fault);
            let word = fault.contains("enum value set");
            prop_assert!(word || !fault.contains("s3cret"), "{}", fault);
        }
    }
}

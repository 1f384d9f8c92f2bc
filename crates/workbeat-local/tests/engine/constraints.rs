//! Every constraint that the contract has for a request is kept by every operation.

use serde_json::{Value, json};
use workbeat_local::engine::FaultKind;

use crate::contract::{CONTRACT, declares, example, members, operations, requires, shape};
use crate::kit::World;

/// One change of a request: the member, and what stands in its place.
struct Change {
    path: Vec<Step>,
    /// `None`: the member is left out.
    value: Option<Value>,
}

/// A change that breaks a request, and how it is refused.
struct Break {
    change: Change,
    kind: FaultKind,
}

/// A step on the way to a member.
#[derive(Clone)]
enum Step {
    Member(String),
    Element,
}

impl Change {
    /// The member as a fault names it.
    fn member(&self) -> String {
        let steps = self.path.iter().map(|step| match step {
            Step::Member(member) => member.as_str(),
            Step::Element => "1.member",
        });
        steps.collect::<Vec<_>>().join(".")
    }

    fn apply(&self, input: &mut Value) {
        let (last, before) = self.path.split_last().expect("a path has steps");
        let mut at = input;
        for step in before {
            at = match step {
                Step::Member(member) => &mut at[member],
                Step::Element => &mut at[0],
            };
        }
        match (last, &self.value) {
            (Step::Member(member), Some(value)) => at[member] = value.clone(),
            (Step::Member(member), None) => {
                at.as_object_mut().expect("a structure").remove(member);
            }
            (Step::Element, value) => at[0] = value.clone().unwrap_or(Value::Null),
        }
    }
}

/// Every way to break a value of the shape `name`.
fn breaks(contract: &Value, name: &str, path: &[Step], found: &mut Vec<Break>) {
    let of = shape(contract, name);
    let mut with = |value: Value, kind| {
        let (path, value) = (path.to_vec(), Some(value));
        let change = Change { path, value };
        found.push(Break { change, kind });
    };
    if !path.is_empty() {
        let number = json!(7);
        let text = json!("x");
        let other = if of["type"] == "string" { number } else { text };
        with(other, FaultKind::Serialization);
    }
    let max = of["max"].as_u64();
    match of["type"].as_str() {
        Some("string") => {
            if of["enum"].is_array() {
                with(json!("UNHEARD_OF"), FaultKind::Validation);
            }
            if let Some(max) = max {
                // Also in characters of three bytes, and of two UTF-16 units.
                for (character, units) in [("1", 1), ("€", 1), ("\u{1f980}", 2)] {
                    let long = character.repeat(size(max) / units + 1);
                    with(json!(long), FaultKind::Validation);
                }
            }
            if of["min"].as_u64().is_some_and(|min| min > 0) {
                with(json!(""), FaultKind::Validation);
            }
        }
        Some("integer") => {
            with(json!(max.map(|max| max + 1)), FaultKind::Validation);
            with(json!(-1), FaultKind::Validation);
        }
        Some("list") => {
            let element = of["member"].as_str().expect("elements");
            if let Some(max) = max {
                let many = vec![example(contract, element, true); size(max) + 1];
                with(json!(many), FaultKind::Validation);
            }
            breaks(contract, element, &[path, &[Step::Element]].concat(), found);
        }
        Some("structure") => {
            for (member, inner) in members(of) {
                let path = [path, &[Step::Member(member.to_owned())]].concat();
                if requires(of, member) {
                    let (path, value) = (path.clone(), None);
                    let change = Change { path, value };
                    let kind = FaultKind::Validation;
                    found.push(Break { change, kind });
                }
                breaks(contract, inner, &path, found);
            }
        }
        _ => {}
    }
}

/// Every value of the shape `name` that is just within what constrains it.
fn extremes(contract: &Value, name: &str, path: &[Step], found: &mut Vec<Change>) {
    let of = shape(contract, name);
    let mut with = |value: Value| {
        let (path, value) = (path.to_vec(), Some(value));
        found.push(Change { path, value });
    };
    let max = of["max"].as_u64();
    match of["type"].as_str() {
        Some("string") => {
            let words = of["enum"].as_array().into_iter().flatten();
            words.for_each(|word| with(word.clone()));
            // The longest number of seconds is more than a year.
            if let Some(max) = max.filter(|_| !name.starts_with("Duration")) {
                with(json!("1".repeat(size(max))));
                // Numbers as text have digits alone, and tags have letters.
                if name != "TaskPriority" && name != "DurationInDays" {
                    with(json!("ü".repeat(size(max))));
                    let crabs = if name.contains("Tag") {
                        "ü"
                    } else {
                        "\u{1f980}"
                    };
                    with(json!(crabs.repeat(size(max) / 2)));
                }
            }
        }
        Some("integer") => {
            with(json!(max));
            with(of["min"].clone());
        }
        Some("list") => {
            let element = of["member"].as_str().expect("elements");
            let many = vec![example(contract, element, true); size(max.unwrap_or(9))];
            with(json!(many));
            extremes(contract, element, &[path, &[Step::Element]].concat(), found);
        }
        Some("structure") => {
            for (member, inner) in members(of) {
                let path = [path, &[Step::Member(member.to_owned())]].concat();
                extremes(contract, inner, &path, found);
            }
        }
        _ => {}
    }
}

fn size(max: u64) -> usize {
    usize::try_from(max).expect("a small number")
}

#[test]
fn every_constraint_of_every_operation_is_kept_and_named() {
    let mut world = World::new();
    let mut checked = 0;
    for (operation, input, _) in operations(&CONTRACT) {
        let mut all = Vec::new();
        breaks(&CONTRACT, input, &[], &mut all);
        for broken in all {
            let mut request = example(&CONTRACT, input, true);
            broken.change.apply(&mut request);
            let member = broken.change.member();
            let fault = world
                .engine
                .call(operation, &request, world.now)
                .expect_err(&format!("{operation} with a broken {member}"));
            assert_eq!(fault.kind(), broken.kind, "{operation}, {member}: {fault}");
            assert!(
                fault.message().contains(&format!("'{member}'")),
                "{operation}: {fault}"
            );
            checked += 1;
        }
    }
    assert!(checked > 700, "{checked} constraints");
}

#[test]
fn whatever_is_within_the_constraints_is_taken_as_far_as_its_form_goes() {
    let mut world = World::new();
    let mut checked = 0;
    for (operation, input, _) in operations(&CONTRACT) {
        let mut all = Vec::new();
        extremes(&CONTRACT, input, &[], &mut all);
        for change in all {
            let mut request = example(&CONTRACT, input, true);
            change.apply(&mut request);
            let member = change.member();
            if let Err(fault) = world.engine.call(operation, &request, world.now) {
                assert!(declares(operation, &fault), "{operation}: {fault}");
                assert_ne!(
                    fault.kind(),
                    FaultKind::Serialization,
                    "{operation}, {member}"
                );
                let named = fault.message().contains(&format!("'{member}'"));
                assert!(!named, "{operation}: {fault}");
            }
            checked += 1;
        }
    }
    assert!(checked > 200, "{checked} extremes");
}

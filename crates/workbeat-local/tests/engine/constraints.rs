//! Every constraint that the contract has for a request is kept by every operation.

use serde_json::{Value, json};
use workbeat_local::engine::FaultKind;

use crate::contract::{CONTRACT, example, members, operations, requires, shape};
use crate::kit::World;

/// One way to break a request: the member, and what it is broken with.
struct Break {
    path: Vec<Step>,
    /// `None`: the member is left out.
    value: Option<Value>,
    kind: FaultKind,
}

/// A step on the way to a member.
#[derive(Clone)]
enum Step {
    Member(String),
    Element,
}

impl Break {
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
        found.push(Break { path, value, kind });
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
                let long = "1".repeat(size(max) + 1);
                with(json!(long), FaultKind::Validation);
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
                    let (path, kind) = (path.clone(), FaultKind::Validation);
                    found.push(Break {
                        path,
                        value: None,
                        kind,
                    });
                }
                breaks(contract, inner, &path, found);
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
            broken.apply(&mut request);
            let member = broken.member();
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

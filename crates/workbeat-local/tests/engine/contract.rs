//! SWF's contract, as the tests read it: made of the public API model, beside the engine.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};
use workbeat_local::engine::Fault;

/// The contract of SWF's API, version 2012-01-25.
pub(crate) static CONTRACT: LazyLock<Value> = LazyLock::new(|| {
    let text = include_str!("../../src/engine/contract/contract.json");
    serde_json::from_str(text).expect("the contract is JSON")
});

/// The shape of this name.
pub(crate) fn shape<'a>(contract: &'a Value, name: &str) -> &'a Value {
    &contract["shapes"][name]
}

/// The members of a structure: their names, and the names of their shapes.
pub(crate) fn members(shape: &Value) -> impl Iterator<Item = (&str, &str)> {
    let members = shape["members"].as_object().into_iter().flatten();
    members.map(|(member, shape)| (member.as_str(), shape.as_str().expect("a shape's name")))
}

/// Whether a structure needs the member.
pub(crate) fn requires(shape: &Value, member: &str) -> bool {
    let required = shape["required"].as_array();
    required.is_some_and(|required| required.iter().any(|name| name == member))
}

/// A value that the shape takes: with every member, or with no more than it must have.
pub(crate) fn example(contract: &Value, name: &str, full: bool) -> Value {
    let shape = shape(contract, name);
    match shape["type"].as_str() {
        Some("structure") => {
            let members = members(shape).filter(|(member, _)| full || requires(shape, member));
            let examples = members.map(|(member, of)| (member.into(), example(contract, of, full)));
            Value::Object(examples.collect::<Map<_, _>>())
        }
        Some("list") => {
            let of = shape["member"].as_str().expect("a list has members");
            json!([example(contract, of, full)])
        }
        Some("integer" | "long") => json!(1),
        Some("boolean") => json!(true),
        Some("timestamp") => json!(1.5),
        Some("string") if shape["enum"].is_array() => shape["enum"][0].clone(),
        Some("string") if name.starts_with("Duration") || name == "TaskPriority" => json!("7"),
        Some("string") => json!("text"),
        other => panic!("{name} is of the type {other:?}"),
    }
}

/// The operations of the contract: their names, and their shapes for input and output.
pub(crate) fn operations(contract: &Value) -> impl Iterator<Item = (&str, &str, Option<&str>)> {
    let operations = contract["operations"].as_object().into_iter().flatten();
    operations.map(|(name, operation)| {
        let input = operation["input"].as_str().expect("an operation has input");
        (name.as_str(), input, operation["output"].as_str())
    })
}

/// Whether an operation declares the fault; what is not modelled, each can have.
pub(crate) fn declares(operation: &str, fault: &Fault) -> bool {
    let (namespace, name) = fault.type_name().split_once('#').expect("a qualified name");
    let declared = CONTRACT["operations"][operation]["errors"].as_array();
    let mut declared = declared.into_iter().flatten();
    namespace != "com.amazonaws.swf.base.model" || declared.any(|declared| declared == name)
}

/// What of `value` is not as the shape `name` has it: a member too many or too few, or a
/// value of another type, length or word.
pub(crate) fn departures(contract: &Value, name: &str, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    depart(contract, name, value, name, &mut found);
    found
}

fn depart(contract: &Value, name: &str, value: &Value, at: &str, found: &mut Vec<String>) {
    let of = shape(contract, name);
    let within = |size: u64| {
        let least = of["min"].as_u64().is_none_or(|min| size >= min);
        least && of["max"].as_u64().is_none_or(|max| size <= max)
    };
    let fits = match of["type"].as_str().expect("a shape has a type") {
        "structure" => match value.as_object() {
            None => false,
            Some(object) => {
                for (member, inner) in members(of) {
                    let at = format!("{at}.{member}");
                    match object.get(member) {
                        Some(value) => depart(contract, inner, value, &at, found),
                        None if requires(of, member) => found.push(format!("{at} is missing")),
                        None => {}
                    }
                }
                let unknown = |member: &&String| of["members"].get(member).is_none();
                let unknown = object.keys().filter(unknown);
                found.extend(unknown.map(|member| format!("{at}.{member} is unknown")));
                true
            }
        },
        "list" => match value.as_array() {
            None => false,
            Some(elements) => {
                let inner = of["member"].as_str().expect("a list has members");
                for (index, element) in elements.iter().enumerate() {
                    depart(contract, inner, element, &format!("{at}.{index}"), found);
                }
                within(elements.len() as u64)
            }
        },
        "string" => value.as_str().is_some_and(|text| {
            let words = of["enum"].as_array();
            let known = words.is_none_or(|words| words.iter().any(|word| word == text));
            known && within(text.encode_utf16().count() as u64)
        }),
        "integer" | "long" => value
            .as_i64()
            .is_some_and(|number| number < 0 || within(number.unsigned_abs())),
        "boolean" => value.is_boolean(),
        "timestamp" => value.is_number(),
        other => panic!("{name} is of the type {other}"),
    };
    if !fits {
        found.push(format!("{at} is {value}"));
    }
}

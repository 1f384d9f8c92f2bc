//! Inputs of operations by the shapes of SWF's contract: mostly right, and odd here and there.

use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use serde_json::{Map, Value, json};
use workbeat_local::engine::operation_names;

use crate::contract::{CONTRACT, members, requires, shape};
use crate::odd;

/// The names of all operations, always in the same order: the same bytes choose the same one.
pub static OPERATIONS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let mut names = operation_names();
    names.sort_unstable();
    names
});

/// An input of the operation; anything, if there is no such operation.
pub fn input(u: &mut Unstructured<'_>, operation: &str) -> Result<Value> {
    match CONTRACT["operations"][operation]["input"].as_str() {
        Some(name) => value(u, name, "", ""),
        None => odd::json(u, 3),
    }
}

/// A list of decisions.
pub fn decisions(u: &mut Unstructured<'_>) -> Result<Value> {
    let mut decisions = Vec::new();
    for _ in 0..u.int_in_range(0..=3)? {
        decisions.push(decision(u)?);
    }
    Ok(json!(decisions))
}

fn decision(u: &mut Unstructured<'_>) -> Result<Value> {
    if u.ratio(1, 40)? {
        return odd::json(u, 2);
    }
    let types = CONTRACT["shapes"]["DecisionType"]["enum"].as_array();
    let decision_type = u.choose(types.expect("the types of decisions"))?;
    let name = decision_type.as_str().expect("a name");
    let member = format!(
        "{}{}DecisionAttributes",
        name[..1].to_lowercase(),
        &name[1..]
    );
    let of = CONTRACT["shapes"]["Decision"]["members"][&member].as_str();
    let attributes = value(u, of.expect("its attributes"), &member, "")?;
    Ok(json!({"decisionType": name, member: attributes}))
}

/// A value of the shape `name`, for the member of `within`.
fn value(u: &mut Unstructured<'_>, name: &str, member: &str, within: &str) -> Result<Value> {
    if u.ratio(1, 100)? {
        return odd::json(u, 2);
    }
    if name == "DecisionList" {
        return decisions(u);
    }
    let of = shape(&CONTRACT, name);
    Ok(match of["type"].as_str() {
        Some("structure") => {
            let mut object = Map::new();
            for (inner, inner_name) in members(of) {
                let given = if requires(of, inner) {
                    u.ratio(60, 61)?
                } else {
                    u.ratio(1, 3)?
                };
                if given {
                    object.insert(inner.to_owned(), value(u, inner_name, inner, member)?);
                }
            }
            Value::Object(object)
        }
        Some("list") => {
            let inner = of["member"].as_str().expect("the shape of its elements");
            let mut elements = Vec::new();
            for _ in 0..u.int_in_range(0..=2)? {
                elements.push(value(u, inner, member, within)?);
            }
            Value::Array(elements)
        }
        Some("integer" | "long") => json!(u.int_in_range(0..=4)?),
        Some("boolean") => json!(u.arbitrary::<bool>()?),
        Some("timestamp") => json!(*u.choose(&[0.0, 1_000.0, 1_010.5, 2_000.0, 1e18, -1.0])?),
        _ if of["enum"].is_array() => u.choose(of["enum"].as_array().expect("words"))?.clone(),
        _ if name.starts_with("Duration") => {
            json!(u.choose(&["0", "1", "2", "5", "40", "600", "NONE", "31536000"])?)
        }
        _ if name == "TaskPriority" => json!(u.choose(&["0", "1", "-5", "2147483647"])?),
        _ => json!(text(u, member, within)?),
    })
}

/// A text that names something which may be there.
fn text(u: &mut Unstructured<'_>, member: &str, within: &str) -> Result<String> {
    let lower = member.to_lowercase();
    let words: &[&str] = match lower.as_str() {
        "domain" => &["d"],
        "name" => match within.to_lowercase().as_str() {
            "tasklist" | "defaulttasklist" => &["l0", "l1"],
            "activitytype" => &["pack", "bare"],
            "workflowtype" => &["flow", "bare"],
            _ => &["d", "flow", "pack", "bare", "new"],
        },
        "version" => &["1"],
        "workflowid" => &["w0", "w1", "w2", "w3"],
        "activityid" => &["a", "b"],
        "timerid" => &["t", "u"],
        "runid" => &[""],
        "resourcearn" => &["arn:aws:swf:us-east-1:123456789012:/domain/d"],
        "lambdarole" => &["arn:aws:iam::123456789012:role/r"],
        "workflowexecutionretentionperiodindays" => &["0", "1", "90", "NONE"],
        _ => &["x", "", "{\"a\": 1}"],
    };
    if u.ratio(1, 60)? {
        odd::text(u)
    } else {
        Ok((*u.choose(words)?).to_owned())
    }
}

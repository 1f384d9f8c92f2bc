//! Random calls that only look: lists, counts and descriptions, with every filter.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::steps::Step;

/// Any one filter beside the time, or none.
fn filter() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!({}),
        json!({"executionFilter": {"workflowId": "w1"}}),
        json!({"typeFilter": {"name": "flow"}}),
        json!({"tagFilter": {"tag": "tag"}}),
    ])
}

fn executions() -> impl Strategy<Value = Step> {
    let operations = [
        ("ListOpenWorkflowExecutions", "startTimeFilter"),
        ("CountOpenWorkflowExecutions", "startTimeFilter"),
        ("ListClosedWorkflowExecutions", "startTimeFilter"),
        ("ListClosedWorkflowExecutions", "closeTimeFilter"),
        ("CountClosedWorkflowExecutions", "closeTimeFilter"),
    ];
    let times = (0..1_020_u32, prop::option::of(1_000..1_020_u32));
    let asked = (
        prop::sample::select(operations.to_vec()),
        times,
        filter(),
        any::<bool>(),
    );
    asked.prop_map(
        |((operation, time), (oldest, latest), mut input, reverse)| {
            input["domain"] = json!("d");
            input[time] = json!({"oldestDate": oldest, "latestDate": latest});
            if operation.starts_with("List") {
                input["reverseOrder"] = json!(reverse);
                input["maximumPageSize"] = json!(2);
            }
            Step::Call(operation, input)
        },
    )
}

fn types() -> impl Strategy<Value = Step> {
    let operations = ["ListActivityTypes", "ListWorkflowTypes"];
    let statuses = ["REGISTERED", "DEPRECATED"];
    let asked = (
        prop::sample::select(operations.to_vec()),
        prop::sample::select(statuses.to_vec()),
    );
    asked.prop_map(|(operation, status)| {
        Step::Call(
            operation,
            json!({"domain": "d", "registrationStatus": status}),
        )
    })
}

fn pending() -> impl Strategy<Value = Step> {
    let operations = ["CountPendingActivityTasks", "CountPendingDecisionTasks"];
    let lists = ["l0", "l1"];
    let asked = (
        prop::sample::select(operations.to_vec()),
        prop::sample::select(lists.to_vec()),
    );
    asked.prop_map(|(operation, list)| {
        Step::Call(
            operation,
            json!({"domain": "d", "taskList": {"name": list}}),
        )
    })
}

pub(crate) fn look() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => executions(),
        2 => any::<usize>().prop_map(Step::Describe),
        1 => types(),
        1 => pending(),
    ]
}

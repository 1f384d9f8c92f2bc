//! Lists and counts of executions, by time and by one filter.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;
use workbeat_local::engine::{FaultKind, Resource};

use crate::client::Client;

/// Everything that was ever started.
fn ever() -> Value {
    json!({"oldestDate": 0})
}

/// A client with the workflows `flow` 1, `flow` 2 and `other` 1.
fn client() -> Client {
    let mut client = Client::new();
    for (name, version) in [("flow", "1"), ("flow", "2"), ("other", "1")] {
        client.register_workflow(name, version);
    }
    client
}

impl Client {
    fn register_workflow(&mut self, name: &str, version: &str) {
        let input = json!({
            "domain": "tests", "name": name, "version": version,
            "defaultTaskList": {"name": "deciders"},
            "defaultTaskStartToCloseTimeout": "NONE",
            "defaultExecutionStartToCloseTimeout": "31536000",
            "defaultChildPolicy": "TERMINATE",
        });
        self.ok("RegisterWorkflowType", input);
    }

    /// Starts an execution, one second after the one before it.
    fn start(&mut self, workflow_id: &str, flow: (&str, &str), tags: &[&str]) -> String {
        self.pass(1_000);
        let input = json!({
            "domain": "tests", "workflowId": workflow_id, "tagList": tags,
            "workflowType": {"name": flow.0, "version": flow.1},
        });
        let run = self.ok("StartWorkflowExecution", input);
        run["runId"].as_str().expect("a run id").to_owned()
    }

    fn terminate(&mut self, workflow_id: &str) {
        self.pass(1_000);
        let input = json!({"domain": "tests", "workflowId": workflow_id});
        self.ok("TerminateWorkflowExecution", input);
    }

    /// The workflow ids of a list, in its order; a count of the same must agree.
    fn listed(&mut self, state: &str, filters: &Value) -> Vec<String> {
        let mut input = filters.clone();
        input["domain"] = json!("tests");
        let count = self.ok(&format!("Count{state}WorkflowExecutions"), input.clone());
        let list = format!("List{state}WorkflowExecutions");
        let infos = self.ok(&list, input)["executionInfos"].clone();
        let infos = infos.as_array().expect("a list");
        assert_eq!(count, json!({"count": infos.len(), "truncated": false}));
        infos.iter().map(workflow_id).collect()
    }
}

fn workflow_id(info: &Value) -> String {
    let id = info["execution"]["workflowId"].as_str();
    id.expect("a workflow id").to_owned()
}

#[test]
fn open_executions_are_listed_the_newest_first_with_all_that_there_is_to_say() {
    let mut client = client();
    let run_id = client.start("a", ("flow", "1"), &["x", "y"]);
    client.start("b", ("other", "1"), &[]);
    let list = json!({"domain": "tests", "startTimeFilter": ever()});
    let infos = client.ok("ListOpenWorkflowExecutions", list)["executionInfos"].clone();
    assert_eq!(workflow_id(&infos[0]), "b");
    let expected = json!({
        "execution": {"workflowId": "a", "runId": run_id},
        "workflowType": {"name": "flow", "version": "1"},
        "startTimestamp": 1_001.0,
        "executionStatus": "OPEN",
        "tagList": ["x", "y"],
        "cancelRequested": false,
    });
    assert_eq!(infos[1], expected);
}

#[test]
fn a_closed_execution_moves_to_the_other_list_with_its_status_and_its_time() {
    let mut client = client();
    client.start("a", ("flow", "1"), &[]);
    client.start("b", ("flow", "1"), &[]);
    client.terminate("a");
    assert_eq!(
        client.listed("Open", &json!({"startTimeFilter": ever()})),
        ["b"]
    );
    let list = json!({"domain": "tests", "startTimeFilter": ever()});
    let infos = client.ok("ListClosedWorkflowExecutions", list)["executionInfos"].clone();
    let closed = &infos[0];
    assert_eq!(
        (&closed["executionStatus"], &closed["closeStatus"]),
        (&json!("CLOSED"), &json!("TERMINATED"))
    );
    assert_eq!(
        (&closed["startTimestamp"], &closed["closeTimestamp"]),
        (&json!(1_001.0), &json!(1_003.0))
    );
}

#[test]
fn a_list_is_narrowed_by_workflow_id_type_version_tag_or_close_status() {
    let mut client = client();
    client.start("a", ("flow", "1"), &["x"]);
    client.start("b", ("flow", "2"), &["x", "y"]);
    client.start("c", ("other", "1"), &[]);
    let cases = [
        (json!({"executionFilter": {"workflowId": "b"}}), vec!["b"]),
        (json!({"typeFilter": {"name": "flow"}}), vec!["b", "a"]),
        (
            json!({"typeFilter": {"name": "flow", "version": ""}}),
            vec!["b", "a"],
        ),
        (
            json!({"typeFilter": {"name": "flow", "version": "2"}}),
            vec!["b"],
        ),
        (json!({"tagFilter": {"tag": "x"}}), vec!["b", "a"]),
        (json!({"tagFilter": {"tag": "y"}}), vec!["b"]),
        (json!({"tagFilter": {"tag": "z"}}), vec![]),
        (json!({}), vec!["c", "b", "a"]),
    ];
    for (filter, expected) in &cases {
        let mut filters = filter.clone();
        filters["startTimeFilter"] = ever();
        assert_eq!(client.listed("Open", &filters), *expected, "{filter}");
    }
    for id in ["a", "b", "c"] {
        client.terminate(id);
    }
    for (filter, expected) in &cases {
        let mut filters = filter.clone();
        filters["startTimeFilter"] = ever();
        assert_eq!(client.listed("Closed", &filters), *expected, "{filter}");
    }
    for (status, expected) in [("TERMINATED", vec!["c", "b", "a"]), ("COMPLETED", vec![])] {
        let filters = json!({"closeTimeFilter": ever(), "closeStatusFilter": {"status": status}});
        assert_eq!(client.listed("Closed", &filters), expected);
    }
}

#[test]
fn both_ends_of_a_time_filter_count() {
    let mut client = client();
    for id in ["a", "b", "c", "d"] {
        client.start(id, ("flow", "1"), &[]); // at 1,001 s, 1,002 s and so on
    }
    let between = |oldest: f64, latest: f64| json!({"startTimeFilter": {"oldestDate": oldest, "latestDate": latest}});
    assert_eq!(
        client.listed("Open", &between(1_002.0, 1_003.0)),
        ["c", "b"]
    );
    assert_eq!(
        client.listed("Open", &between(1_002.001, 1_002.999)),
        [""; 0]
    );
    assert_eq!(client.listed("Open", &between(1_003.0, 1_002.0)), [""; 0]);
    let since = json!({"startTimeFilter": {"oldestDate": 1_003}});
    assert_eq!(client.listed("Open", &since), ["d", "c"]);
}

#[test]
fn closed_executions_come_in_the_order_of_the_time_that_is_asked_for() {
    let mut client = client();
    for id in ["a", "b", "c"] {
        client.start(id, ("flow", "1"), &[]);
    }
    for id in ["b", "c", "a"] {
        client.terminate(id); // at 1,004 s, 1,005 s and 1,006 s
    }
    assert_eq!(
        client.listed("Closed", &json!({"startTimeFilter": ever()})),
        ["c", "b", "a"]
    );
    assert_eq!(
        client.listed("Closed", &json!({"closeTimeFilter": ever()})),
        ["a", "c", "b"]
    );
    let until = json!({"closeTimeFilter": {"oldestDate": 0, "latestDate": 1_005}});
    assert_eq!(client.listed("Closed", &until), ["c", "b"]);
}

#[test]
fn filters_that_exclude_each_other_are_refused() {
    let mut client = client();
    let tag = json!({"tag": "x"});
    let flow = json!({"name": "flow"});
    for (state, filters) in [
        (
            "Open",
            json!({"startTimeFilter": ever(), "tagFilter": tag, "typeFilter": flow}),
        ),
        (
            "Closed",
            json!({"startTimeFilter": ever(), "tagFilter": tag, "closeStatusFilter": {"status": "FAILED"}}),
        ),
        (
            "Closed",
            json!({"startTimeFilter": ever(), "closeTimeFilter": ever()}),
        ),
        ("Closed", json!({})),
        ("Open", json!({})),
    ] {
        for verb in ["List", "Count"] {
            let mut input = filters.clone();
            input["domain"] = json!("tests");
            let operation = format!("{verb}{state}WorkflowExecutions");
            assert_eq!(
                client.err(&operation, input),
                FaultKind::Validation,
                "{filters}"
            );
        }
    }
    for state in ["Open", "Closed"] {
        let input = json!({"domain": "nowhere", "startTimeFilter": ever()});
        let unknown = client.err(&format!("List{state}WorkflowExecutions"), input);
        assert_eq!(unknown, FaultKind::UnknownResource(Resource::Domain));
    }
}

#[test]
fn pages_join_to_the_whole_in_either_order_also_among_executions_of_one_instant() {
    let mut client = client();
    for number in 0..7 {
        let input = json!({
            "domain": "tests", "workflowId": format!("w{number}"),
            "workflowType": {"name": "flow", "version": "1"},
        });
        client.ok("StartWorkflowExecution", input);
    }
    let mut list = json!({"domain": "tests", "startTimeFilter": ever(), "maximumPageSize": 3});
    let forward = client.pages("ListOpenWorkflowExecutions", &list, "executionInfos");
    assert_eq!(forward.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 1]);
    list["reverseOrder"] = json!(true);
    let backward = client.pages("ListOpenWorkflowExecutions", &list, "executionInfos");
    let forward: Vec<String> = forward.concat().iter().map(workflow_id).collect();
    let mut backward: Vec<String> = backward.concat().iter().map(workflow_id).collect();
    backward.reverse();
    assert_eq!(forward, backward);
    let mut all = forward;
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 7);
}

#[test]
fn a_page_follows_the_one_before_it_while_executions_come_and_go() {
    let mut client = client();
    for id in ["a", "b", "c", "d", "e"] {
        client.start(id, ("flow", "1"), &[]);
    }
    let mut list = json!({"domain": "tests", "startTimeFilter": ever(), "maximumPageSize": 2});
    let first = client.ok("ListOpenWorkflowExecutions", list.clone());
    client.start("f", ("flow", "1"), &[]);
    client.terminate("d"); // the last of the first page
    client.terminate("c");
    list["nextPageToken"] = first["nextPageToken"].clone();
    let rest = client.pages("ListOpenWorkflowExecutions", &list, "executionInfos");
    assert_eq!(
        rest.concat().iter().map(workflow_id).collect::<Vec<_>>(),
        ["b", "a"]
    );

    list["tagFilter"] = json!({"tag": "x"});
    let other = client.err("ListOpenWorkflowExecutions", list);
    assert_eq!(
        other,
        FaultKind::Validation,
        "a token is good for its own list only"
    );
}

#[test]
fn ten_thousand_executions_are_listed_one_by_one_in_good_time() {
    let mut client = client();
    for number in 0..10_000 {
        client.start(&format!("w{number}"), ("flow", "1"), &[]);
    }
    let began = Instant::now();
    let list = json!({"domain": "tests", "startTimeFilter": ever(), "maximumPageSize": 1});
    let pages = client.pages("ListOpenWorkflowExecutions", &list, "executionInfos");
    assert_eq!(pages.len(), 10_000);
    // If each page passed over all that come before it, this would take minutes.
    assert!(
        began.elapsed() < Duration::from_secs(30),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn an_execution_is_described_with_its_configuration_and_what_is_open_in_it() {
    let mut client = client();
    let run_id = client.start("a", ("flow", "1"), &["x"]);
    let execution = json!({"workflowId": "a", "runId": run_id});
    let describe = || json!({"domain": "tests", "execution": execution});
    let detail = client.ok("DescribeWorkflowExecution", describe());
    let configuration = json!({
        "taskStartToCloseTimeout": "NONE",
        "executionStartToCloseTimeout": "31536000",
        "taskList": {"name": "deciders"},
        "childPolicy": "TERMINATE",
    });
    assert_eq!(detail["executionConfiguration"], configuration);
    let counts = |decisions: u32| {
        json!({
            "openActivityTasks": 0, "openDecisionTasks": decisions, "openTimers": 0,
            "openChildWorkflowExecutions": 0, "openLambdaFunctions": 0,
        })
    };
    assert_eq!(detail["openCounts"], counts(1));
    assert_eq!(detail["executionInfo"]["tagList"], json!(["x"]));
    assert_eq!(detail.get("latestActivityTaskTimestamp"), None);

    client.terminate("a");
    let detail = client.ok("DescribeWorkflowExecution", describe());
    assert_eq!(detail["openCounts"], counts(0));
    assert_eq!(detail["executionInfo"]["closeStatus"], "TERMINATED");

    let unknown = json!({"domain": "tests", "execution": {"workflowId": "a", "runId": "r"}});
    let fault = client.fault("DescribeWorkflowExecution", unknown);
    let message = "Unknown execution: WorkflowExecution=[workflowId=a, runId=r]";
    assert_eq!(fault.message(), message);
}

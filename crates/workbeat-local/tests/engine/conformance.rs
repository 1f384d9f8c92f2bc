//! Whatever an operation answers is as the contract has it: [`Client`] holds every answer
//! against it, and here every operation answers something.

use serde_json::{Value, json};

use crate::client::Client;
use crate::contract::{CONTRACT, departures, operations};

const ARN: &str = "arn:aws:swf:us-east-1:123456789012:/domain/tests";

/// A decision and its attributes.
#[expect(
    clippy::needless_pass_by_value,
    reason = "so tests need no & at each json!"
)]
fn decision(name: &str, attributes: Value) -> Value {
    let (first, rest) = name.split_at(1);
    let member = format!("{}{rest}DecisionAttributes", first.to_lowercase());
    json!({"decisionType": name, member: attributes})
}

/// Everything that a decider can ask for and that does not close its execution.
fn decisions() -> Vec<Value> {
    let flow = json!({"name": "flow", "version": "1"});
    let pack = json!({"name": "pack", "version": "1"});
    let lambda = json!({"id": "l", "name": "function", "input": "i"});
    let unheard = json!({"workflowId": "unheard-of"});
    let signal = json!({"workflowId": "other", "signalName": "s", "input": "i", "control": "c"});
    let child = json!({
        "workflowType": flow, "workflowId": "child", "tagList": ["t"], "control": "c",
        "taskPriority": "2", "input": "i",
    });
    let schedule = json!({
        "activityType": pack, "activityId": "a", "input": "i", "control": "c", "taskPriority": "3",
    });
    let unknown = json!({"activityType": {"name": "none", "version": "1"}, "activityId": "b"});
    vec![
        decision("ScheduleActivityTask", schedule),
        decision("ScheduleActivityTask", unknown),
        decision(
            "RequestCancelActivityTask",
            json!({"activityId": "unheard-of"}),
        ),
        decision("RecordMarker", json!({"markerName": "m", "details": "d"})),
        decision(
            "StartTimer",
            json!({"timerId": "t", "startToFireTimeout": "5", "control": "c"}),
        ),
        decision(
            "StartTimer",
            json!({"timerId": "u", "startToFireTimeout": "5"}),
        ),
        decision(
            "StartTimer",
            json!({"timerId": "u", "startToFireTimeout": "5"}),
        ),
        decision("CancelTimer", json!({"timerId": "u"})),
        decision("CancelTimer", json!({"timerId": "unheard-of"})),
        decision("SignalExternalWorkflowExecution", signal.clone()),
        decision(
            "SignalExternalWorkflowExecution",
            json!({"workflowId": "no", "signalName": "s"}),
        ),
        decision(
            "RequestCancelExternalWorkflowExecution",
            json!({"workflowId": "other"}),
        ),
        decision("RequestCancelExternalWorkflowExecution", unheard),
        decision("StartChildWorkflowExecution", child.clone()),
        decision("StartChildWorkflowExecution", child),
        decision("ScheduleLambdaFunction", lambda),
    ]
}

/// Answers a decision task of the task list `deciders`.
fn decide(client: &mut Client, decisions: &[Value]) -> Value {
    let poll = json!({"domain": "tests", "taskList": {"name": "deciders"}, "identity": "decider"});
    let task = client.ok("PollForDecisionTask", poll);
    let answer = json!({
        "taskToken": task["taskToken"], "decisions": decisions, "executionContext": "context",
    });
    client.ok("RespondDecisionTaskCompleted", answer);
    task
}

fn register(client: &mut Client) {
    let mut flow = json!({
        "domain": "tests", "name": "flow", "version": "1", "description": "flows",
        "defaultTaskList": {"name": "deciders"}, "defaultTaskPriority": "1",
        "defaultTaskStartToCloseTimeout": "10", "defaultExecutionStartToCloseTimeout": "3600",
        "defaultChildPolicy": "REQUEST_CANCEL", "defaultLambdaRole": "arn:aws:iam::1:role/r",
    });
    client.ok("RegisterWorkflowType", flow.clone());
    flow["name"] = json!("other");
    flow["defaultTaskList"] = json!({"name": "elsewhere"});
    client.ok("RegisterWorkflowType", flow);
    let pack = json!({
        "domain": "tests", "name": "pack", "version": "1", "description": "packs",
        "defaultTaskList": {"name": "files"}, "defaultTaskPriority": "1",
        "defaultTaskHeartbeatTimeout": "5", "defaultTaskStartToCloseTimeout": "NONE",
        "defaultTaskScheduleToStartTimeout": "100", "defaultTaskScheduleToCloseTimeout": "NONE",
    });
    client.ok("RegisterActivityType", pack);
    client.ok(
        "TagResource",
        json!({"resourceArn": ARN, "tags": [{"key": "k", "value": "v"}]}),
    );
}

fn start(client: &mut Client, workflow_id: &str, name: &str) -> Value {
    let start = json!({
        "domain": "tests", "workflowId": workflow_id, "input": "i", "tagList": ["t"],
        "workflowType": {"name": name, "version": "1"}, "taskPriority": "5",
    });
    let run = client.ok("StartWorkflowExecution", start);
    json!({"workflowId": workflow_id, "runId": run["runId"]})
}

#[test]
fn every_answer_of_every_operation_is_as_the_contract_has_it() {
    let mut client = Client::new();
    register(&mut client);
    let other = start(&mut client, "other", "other");
    let main = start(&mut client, "main", "flow");
    let files = json!({"domain": "tests", "taskList": {"name": "files"}});
    let deciders = json!({"domain": "tests", "taskList": {"name": "deciders"}});
    client.ok("CountPendingDecisionTasks", deciders);
    decide(&mut client, &decisions());
    client.ok("CountPendingActivityTasks", files.clone());
    let describe = json!({"domain": "tests", "execution": main});
    client.ok("DescribeWorkflowExecution", describe.clone());

    let task = client.ok("PollForActivityTask", files);
    let beat = json!({"taskToken": task["taskToken"], "details": "half"});
    client.ok("RecordActivityTaskHeartbeat", beat);
    let signal = json!({"domain": "tests", "workflowId": "main", "signalName": "s", "input": "i"});
    client.ok("SignalWorkflowExecution", signal);
    let named = json!({"domain": "tests", "workflowId": "main"});
    client.ok("RequestCancelWorkflowExecution", named);
    client.pass(5_000); // the activity's heartbeat is late, and the timer fires
    let result = json!({"result": "done"});
    decide(
        &mut client,
        &[decision("CompleteWorkflowExecution", result)],
    );
    for execution in [main, other] {
        let history = json!({"domain": "tests", "execution": execution, "reverseOrder": true});
        client.ok("GetWorkflowExecutionHistory", history);
    }
    client.ok("DescribeWorkflowExecution", describe);

    let ever = json!({"oldestDate": 0});
    for state in ["Open", "Closed"] {
        let asked = json!({"domain": "tests", "startTimeFilter": ever});
        client.ok(&format!("List{state}WorkflowExecutions"), asked.clone());
        client.ok(&format!("Count{state}WorkflowExecutions"), asked);
    }
    for (sort, name) in [("Activity", "pack"), ("Workflow", "flow")] {
        let list = json!({"domain": "tests", "registrationStatus": "REGISTERED"});
        client.ok(&format!("List{sort}Types"), list);
        let member = format!("{}Type", sort.to_lowercase());
        let named = json!({"domain": "tests", member: {"name": name, "version": "1"}});
        client.ok(&format!("Deprecate{sort}Type"), named.clone());
        client.ok(&format!("Describe{sort}Type"), named);
    }
    client.ok("DescribeDomain", json!({"name": "tests"}));
    client.ok("ListDomains", json!({"registrationStatus": "REGISTERED"}));
    client.ok("ListTagsForResource", json!({"resourceArn": ARN}));

    let answering = operations(&CONTRACT).filter(|(_, _, output)| output.is_some());
    for (operation, ..) in answering {
        assert!(
            client.answered.contains(operation),
            "{operation} was not called"
        );
    }
}

#[test]
fn a_poll_that_ends_empty_answers_with_a_member_that_says_nothing() {
    // SWF has no other way to say that there is no task, and clients know it by the token.
    let activity = workbeat_local::engine::activity_task_text(None);
    let activity: Value = serde_json::from_str(&activity).expect("JSON");
    let missing = departures(&CONTRACT, "ActivityTask", &activity);
    assert!(
        missing.iter().all(|it| it.ends_with("is missing")),
        "{missing:?}"
    );
    let decision = workbeat_local::engine::decision_task_text(None);
    let decision: Value = serde_json::from_str(&decision).expect("JSON");
    let missing = departures(&CONTRACT, "DecisionTask", &decision);
    assert!(
        missing.iter().all(|it| it.ends_with("is missing")),
        "{missing:?}"
    );
}
